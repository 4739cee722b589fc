//! Kept answers, over HTTP: rows are changed behind the program's back, so that an old answer can be told from a new
//! one.

use kit::{Answer, Client, Start};
use rusqlite::Connection;
use scenarios::world::{KEY, World, grant};
use serde_json::{Value, json};

const SERVICE: &str = "kept";
const SCHEMA: &str = "
    CREATE TABLE notes (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE parts (id INTEGER PRIMARY KEY, note_id INTEGER REFERENCES notes (id), owner TEXT NOT NULL);
    INSERT INTO notes VALUES (1, 'ann@example.com', 'a1'), (2, 'bob@example.com', 'b1'), (3, 'ann@example.com', 'a2');
    INSERT INTO parts VALUES (1, 1, 'ann@example.com'), (2, 1, 'bob@example.com'), (3, 2, 'bob@example.com');";

struct Kept {
    world: World,
    id: i64,
    database: Connection,
}

impl Kept {
    async fn start(cache: Value) -> Kept {
        let world = World::start(Vec::new(), Start::default()).await;
        let database = Connection::open(world.program.databases().join("kept.sqlite")).expect("a file");
        database.execute_batch(SCHEMA).expect("tables");
        let mut config = json!({"database": "kept.sqlite"});
        for (name, value) in cache.as_object().expect("an object") {
            config[name] = value.clone();
        }
        let service =
            json!({"name": SERVICE, "label": SERVICE, "type": "sqlite", "is_active": true, "config": config});
        let id = world.create("service", service).await["id"]
            .as_i64()
            .expect("an id");
        Kept { world, id, database }
    }

    fn behind(&self, sql: &str) {
        self.database.execute_batch(sql).expect("a statement");
    }

    async fn get(&self, path: &str) -> Value {
        get(&self.world.admin, path).await
    }

    /// The text of note 1 through the service.
    async fn text(&self, options: &str) -> Value {
        self.get(&format!("_table/notes/1?{options}")).await["text"].clone()
    }
}

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(&format!("/api/v2/{SERVICE}/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn on() -> Kept {
    Kept::start(json!({"cache_enabled": true, "cache_ttl": 3600})).await
}

#[tokio::test]
async fn answers_are_kept_until_refreshed_or_flushed() {
    let kept = on().await;
    assert_eq!(kept.text("").await, "a1");
    kept.behind("UPDATE notes SET text = 'new' WHERE id = 1");
    assert_eq!(kept.text("").await, "a1");
    assert_eq!(kept.text("fields=*&_=123").await, "a1", "the same question");
    assert_eq!(kept.text("fields=text").await, "new", "another question");
    assert_eq!(kept.text("refresh=true").await, "new");
    assert_eq!(kept.text("").await, "new", "a refresh renews");

    kept.behind("UPDATE notes SET text = 'newer' WHERE id = 1");
    assert_eq!(kept.text("").await, "new");
    let flushed = kept
        .world
        .admin
        .call("DELETE", "/api/v2/system/cache/kept", None)
        .await;
    assert_eq!(flushed.json(), json!({"success": true}));
    assert_eq!(kept.text("").await, "newer");
}

#[tokio::test]
async fn every_form_is_kept_apart() {
    let kept = on().await;
    let forms: &[(&str, &str)] = &[
        ("application/json", "{\"resource\":[{\"text\":\"a1\"}]}"),
        ("text/csv", "text\na1\n"),
        ("application/x-ndjson", "{\"text\":\"a1\"}\n"),
    ];
    let path = format!("/api/v2/{SERVICE}/_table/notes?fields=text&limit=1&order=id");
    for _ in 0..2 {
        for (media, expected) in forms {
            let answer = kept
                .world
                .admin
                .send("GET", &path, &[("Accept", media)], None)
                .await;
            let answer = answer.expect("an answer");
            assert_eq!(answer.text(), *expected);
            assert!(answer.header("content-type").starts_with(media), "{media}");
        }
        kept.behind("UPDATE notes SET text = 'new' WHERE id = 1");
    }
    let bare = kept
        .world
        .admin
        .send("GET", &path, &[("wrap", "false")], None)
        .await;
    assert_eq!(bare.expect("an answer").text(), "[{\"text\":\"new\"}]");
}

#[tokio::test]
async fn large_answers_are_kept_when_their_last_piece_has_left() {
    let kept = on().await;
    kept.behind(
        "WITH RECURSIVE n (i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 900)
         INSERT INTO notes SELECT i, 'x', hex(zeroblob(200)) FROM n",
    );
    let first = kept.get("_table/notes").await;
    assert!(first.to_string().len() > 300_000);
    kept.behind("DELETE FROM parts; DELETE FROM notes");
    assert_eq!(kept.get("_table/notes").await, first);
    assert_eq!(kept.get("_table/notes?refresh=1").await, json!({"resource": []}));
}

#[tokio::test]
async fn writes_through_the_service_end_what_is_kept() {
    let kept = on().await;
    let related = "_table/parts/3?related=notes_by_note_id";
    let text = |answer: Value| answer["notes_by_note_id"]["text"].clone();
    assert_eq!(text(kept.get(related).await), "b1");
    kept.behind("UPDATE notes SET text = 'b2' WHERE id = 2");
    assert_eq!(text(kept.get(related).await), "b1", "related rows are kept too");

    // Whatever is written, and wherever: the related table is another one.
    let writes: &[(&str, &str, Value)] = &[
        ("PATCH", "_table/notes/1", json!({"text": "other"})),
        (
            "POST",
            "_table/notes",
            json!({"resource": [{"id": 9, "owner": "x", "text": "y"}]}),
        ),
        ("DELETE", "_table/notes/9", Value::Null),
        // One that is refused may have done a part of its work.
        (
            "POST",
            "_table/notes",
            json!({"resource": [{"id": 1, "owner": "x", "text": "y"}]}),
        ),
    ];
    for (number, (verb, path, body)) in writes.iter().enumerate() {
        let now = format!("before {number}");
        kept.behind(&format!("UPDATE notes SET text = '{now}' WHERE id = 2"));
        let body = Some(body).filter(|b| !b.is_null());
        kept.world
            .admin
            .call(verb, &format!("/api/v2/{SERVICE}/{path}"), body)
            .await;
        assert_eq!(text(kept.get(related).await), json!(now), "{verb} {path}");
        kept.behind("UPDATE notes SET text = 'behind' WHERE id = 2");
        assert_eq!(text(kept.get(related).await), json!(now), "{verb} {path}");
    }
}

#[tokio::test]
async fn nothing_is_kept_with_a_time_of_zero_or_when_it_is_off() {
    for cache in [
        json!({"cache_enabled": true, "cache_ttl": 0}),
        json!({"cache_enabled": true}),
        json!({"cache_enabled": false, "cache_ttl": 3600}),
    ] {
        let kept = Kept::start(cache.clone()).await;
        assert_eq!(kept.text("").await, "a1");
        kept.behind("UPDATE notes SET text = 'new' WHERE id = 1");
        assert_eq!(kept.text("").await, "new", "{cache}");
    }
}

/// Clients of one role whose row filters name the user.
async fn users(kept: &Kept, names: &[&str]) -> Vec<Client> {
    let own = json!([{"name": "owner", "operator": "=", "value": "{user.email}"}]);
    let world = &kept.world;
    let grants = [
        grant(kept.id, "_table/notes/*", 1, json!([])),
        grant(kept.id, "_table/parts/*", 1, own),
    ];
    let role = world.role("readers", &grants).await;
    let app = json!({"name": "readers", "type": 0, "is_active": true, "role_id": role});
    let key = world.create("app", app).await["api_key"].clone();
    let mut clients = Vec::new();
    for name in names {
        clients.push(world.user(name).await.with(KEY, key.as_str().expect("a key")));
    }
    clients
}

#[tokio::test]
async fn callers_share_an_answer_only_when_they_see_the_same_rows() {
    let kept = on().await;
    let clients = users(&kept, &["ann", "bob"]).await;
    let (ann, bob) = (&clients[0], &clients[1]);
    let ids = |answer: Value, list: &str| -> Vec<i64> {
        let rows = answer[list].as_array().expect("a list").clone();
        rows.iter().filter_map(|row| row["id"].as_i64()).collect()
    };
    // Twice, so that the second is from the cache, whoever came first.
    for _ in 0..2 {
        assert_eq!(ids(get(ann, "_table/parts").await, "resource"), [1]);
        assert_eq!(ids(get(bob, "_table/parts").await, "resource"), [2, 3]);
        assert_eq!(ids(kept.get("_table/parts").await, "resource"), [1, 2, 3]);
        // The filter of a related table counts as well.
        let related = "_table/notes/1?related=parts_by_note_id";
        assert_eq!(ids(get(ann, related).await, "parts_by_note_id"), [1]);
        assert_eq!(ids(get(bob, related).await, "parts_by_note_id"), [2]);
        assert_eq!(ids(kept.get(related).await, "parts_by_note_id"), [1, 2]);
        // And what a caller writes with a lookup.
        let own = "_table/notes?filter=owner%3D%27{user.email}%27";
        assert_eq!(ids(get(ann, own).await, "resource"), [1, 3]);
        assert_eq!(ids(get(bob, own).await, "resource"), [2]);
        kept.behind("DELETE FROM parts WHERE id > 100");
    }
    // Without a filter of their own, users of one role share.
    assert_eq!(get(ann, "_table/notes/1").await["text"], "a1");
    kept.behind("UPDATE notes SET text = 'new' WHERE id = 1");
    assert_eq!(get(bob, "_table/notes/1").await["text"], "a1");
}

#[tokio::test]
async fn rights_are_checked_before_anything_kept_is_given() {
    let kept = on().await;
    let clients = users(&kept, &["ann"]).await;
    let ann = &clients[0];
    let related = format!("/api/v2/{SERVICE}/_table/notes/1?related=parts_by_note_id");
    assert_eq!(ann.get(&related).await.status, 200);
    assert_eq!(ann.get(&related).await.status, 200);
    let role = kept
        .world
        .admin
        .get("/api/v2/system/role?filter=name%3Dreaders&related=role_service_access_by_role_id")
        .await
        .json();
    let role = &role["resource"][0];
    let of_parts = role["role_service_access_by_role_id"]
        .as_array()
        .and_then(|all| all.iter().find(|a| a["component"] == "_table/parts/*"))
        .expect("the grant");
    let mut gone = of_parts.clone();
    gone["role_id"] = Value::Null;
    let change = json!({"role_service_access_by_role_id": [gone]});
    let path = format!("/api/v2/system/role/{}", role["id"]);
    let changed: Answer = kept.world.admin.call("PATCH", &path, Some(&change)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(ann.get(&related).await.status, 403);
}
