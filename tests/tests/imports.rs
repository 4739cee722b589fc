//! Imports over HTTP on real servers: bodies of CSV and NDJSON that are too large to be held.

use kit::{Answer, Client, Start};
use scenarios::world::{World, grant};
use serde_json::{Value, json};

const CSV: &str = "text/csv";
const NDJSON: &str = "application/x-ndjson";
/// Bodies beyond this are imports.
const HELD: usize = 1024 * 1024;

/// A service and the table of these tests in its database.
struct Target<'w> {
    world: &'w World,
    service: &'static str,
}

impl Target<'_> {
    async fn post(&self, client: &Client, options: &str, media: &str, body: &[u8]) -> Answer {
        let path = format!("/api/v2/{}/_table/items?{options}", self.service);
        let answer = client
            .send("POST", &path, &[("Content-Type", media)], Some(body))
            .await;
        answer.unwrap_or_else(|e| panic!("{path}: no answer: {e}"))
    }

    async fn import(&self, options: &str, media: &str, body: &[u8]) -> (u16, Value) {
        assert!(body.len() > HELD, "an import is more than what is held");
        let answer = self.post(&self.world.admin, options, media, body).await;
        (answer.status, answer.json())
    }

    async fn count(&self) -> i64 {
        let path = format!("/api/v2/{}/_table/items?count_only=true", self.service);
        self.world
            .admin
            .get(&path)
            .await
            .json()
            .as_i64()
            .expect("a count")
    }

    async fn item(&self, name: &str) -> Value {
        let path = format!("/api/v2/{}/_table/items?filter=name%3D'{name}'", self.service);
        let mut found = self.world.admin.get(&path).await.json()["resource"][0].take();
        found.as_object_mut().map(|item| item.remove("id"));
        found
    }

    async fn empty(&self) {
        let path = format!("/api/v2/{}/_table/items?force=true", self.service);
        let answer = self.world.admin.call("DELETE", &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

/// The program with the table `items` in every database.
async fn world() -> World {
    let world = World::shared().await;
    for base in &world.bases {
        let columns =
            "name VARCHAR(40) NOT NULL UNIQUE, quantity INTEGER NOT NULL, price DECIMAL(20,2), note TEXT";
        match (&base.database, base.service) {
            (Some(database), "pgsql") => {
                database.run(&format!("CREATE TABLE items (id SERIAL PRIMARY KEY, {columns})"))
            }
            (Some(database), _) => database.run(&format!(
                "CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, {})",
                columns.replace("TEXT", "LONGTEXT")
            )),
            (None, _) => {
                let file = world.program.databases().join("demo.sqlite");
                let sqlite = rusqlite::Connection::open(file).expect("the file is there");
                sqlite
                    .execute_batch(&format!("CREATE TABLE items (id INTEGER PRIMARY KEY, {columns})"))
                    .expect("a table");
                String::new()
            }
        };
    }
    world
}

fn targets(world: &World) -> Vec<Target<'_>> {
    let target = |base: &scenarios::world::Base| Target {
        world,
        service: base.service,
    };
    world.bases.iter().map(target).collect()
}

/// A text that makes a few rows more than what is held.
const FILLER: usize = 900;

/// CSV of `rows` rows after a header; `change` may put another line in the place of one.
fn csv(rows: usize, change: impl Fn(usize) -> Option<String>) -> Vec<u8> {
    let mut text = String::from("name,quantity,price,note\n");
    let filler = "x".repeat(FILLER);
    for n in 1..=rows {
        let line = change(n).unwrap_or_else(|| format!("item {n},{n},{n}.50,\"a \"\"{n}\"\"\n{filler}\""));
        text.push_str(&line);
        text.push('\n');
    }
    text.into_bytes()
}

fn ndjson(rows: usize) -> Vec<u8> {
    let mut text = String::new();
    for n in 1..=rows {
        let record =
            json!({"name": format!("item {n}"), "quantity": n, "price": null, "note": "y".repeat(FILLER)});
        text.push_str(&record.to_string());
        text.push('\n');
    }
    text.into_bytes()
}

#[tokio::test]
async fn large_bodies_are_stored_whole() {
    let world = world().await;
    for target in targets(&world) {
        let service = target.service;
        for options in ["", "rollback=true", "continue=true"] {
            let answer = target.import(options, CSV, &csv(2200, |_| None)).await;
            assert_eq!(
                answer,
                (200, json!({"success": true, "count": 2200})),
                "{service} {options}"
            );
            assert_eq!(target.count().await, 2200);
            let note = format!("a \"1987\"\n{}", "x".repeat(FILLER));
            let expected = json!({"name": "item 1987", "quantity": 1987, "price": 1987.5, "note": note});
            assert_eq!(target.item("item 1987").await, expected, "{service}");
            target.empty().await;
        }
        let answer = target.import("", NDJSON, &ndjson(1300)).await;
        assert_eq!(
            answer,
            (200, json!({"success": true, "count": 1300})),
            "{service}"
        );
        let expected = json!({"name": "item 7", "quantity": 7, "price": null, "note": "y".repeat(FILLER)});
        assert_eq!(target.item("item 7").await, expected, "{service}");
    }
}

#[tokio::test]
async fn small_bodies_answer_like_any_post() {
    let world = world().await;
    for target in targets(&world) {
        let admin = &world.admin;
        let answer = target
            .post(admin, "", CSV, b"name,quantity\na,1\nb,2\n")
            .await
            .json();
        assert_eq!(answer["resource"].as_array().map(Vec::len), Some(2), "{answer}");
        let body = b"{\"name\":\"c\",\"quantity\":1}\n{\"name\":\"d\",\"quantity\":2}\n";
        let answer = target.post(admin, "fields=name", NDJSON, body).await.json();
        assert_eq!(answer, json!({"resource": [{"name": "c"}, {"name": "d"}]}));
        let refused = target.post(admin, "", NDJSON, b"{}\nnot json\n").await;
        assert_eq!(refused.status, 400);
        assert_eq!(
            refused.message(),
            "Line 2 of the NDJSON is not valid JSON. (column 2)"
        );
    }
}

/// A row that no database takes, one that is a duplicate, and one that is no row.
fn damage(n: usize) -> Option<String> {
    match n {
        1250 => Some("item 1250,,1,no quantity".to_owned()),
        1600 => Some("item 7,1,1,again".to_owned()),
        1900 => Some("too,few".to_owned()),
        _ => None,
    }
}

#[tokio::test]
async fn refused_records_are_told_by_their_number() {
    let world = world().await;
    for target in targets(&world) {
        let service = target.service;
        let body = csv(2100, damage);
        let (status, answer) = target.import("", CSV, &body).await;
        let error = &answer["error"];
        assert_eq!(
            (status, &error["code"]),
            (400, &json!(1000)),
            "{service}: {answer}"
        );
        assert_eq!(
            (&error["context"]["count"], &error["context"]["failed"]),
            (&json!(1249), &json!(1))
        );
        assert_eq!(
            error["context"]["errors"][0]["record"], 1250,
            "{service}: {answer}"
        );
        let message = error["message"].as_str().unwrap_or_default();
        assert!(
            message.starts_with(
                "Batch Error: Not all requested records could be created. 1249 are stored. Record 1250: "
            ),
            "{message}"
        );
        assert_eq!(target.count().await, 1249);
        target.empty().await;

        let (status, answer) = target.import("continue=true", CSV, &body).await;
        let context = &answer["error"]["context"];
        let refused: Vec<_> = context["errors"]
            .as_array()
            .map(|all| all.iter().map(|e| e["record"].as_i64()).collect())
            .unwrap_or_default();
        assert_eq!(
            refused,
            [Some(1250), Some(1600), Some(1900)],
            "{service}: {answer}"
        );
        assert_eq!(
            (status, &context["count"], &context["failed"]),
            (400, &json!(2097), &json!(3))
        );
        assert_eq!(
            context["errors"][2]["message"],
            "Line 3798 of the CSV has 2 fields, but the header has 4."
        );
        assert_eq!(target.count().await, 2097);
        target.empty().await;
    }
}

#[tokio::test]
async fn all_or_nothing_is_nothing_when_a_record_is_refused() {
    let world = world().await;
    for target in targets(&world) {
        let service = target.service;
        // Refused by conversion, by the database within a batch, by the database for an earlier batch, by the reader.
        let cases: &[(usize, &str, i64, i64)] = &[
            (1250, "item 1250,,1,no quantity", 1250, 1250),
            (1600, "item 1599,1,1,again", 1600, 1600),
            (1600, "item 7,1,1,again", 1501, 1750),
            (1900, "too,few", 1900, 1900),
        ];
        for (at, line, first, last) in cases {
            let body = csv(2100, |n| (n == *at).then(|| (*line).to_owned()));
            let (status, answer) = target.import("rollback=true", CSV, &body).await;
            let told = &answer["error"]["context"]["errors"][0];
            let until = told["last_record"].as_i64().or(told["record"].as_i64());
            assert_eq!(
                (status, told["record"].as_i64(), until),
                (400, Some(*first), Some(*last)),
                "{service} {line}: {answer}"
            );
            let message = answer["error"]["message"].as_str().unwrap_or_default();
            assert!(message.contains("All changes rolled back."), "{message}");
            assert_eq!(target.count().await, 0, "{service} {line}");
        }
        let both = target
            .import("rollback=true&continue=true", CSV, &csv(2100, |_| None))
            .await;
        assert_eq!(both.0, 400);
    }
}

#[tokio::test]
async fn who_may_not_write_is_told_so_and_rows_are_checked() {
    let world = world().await;
    let sqlite = world.base("sqlite").expect("SQLite is always there").id;
    let filter = json!([{"name": "quantity", "operator": "<", "value": "1300"}]);
    let role = world
        .role("few", &[grant(sqlite, "_table/items/*", 3, filter)])
        .await;
    let few = world.key("few", &role).await;
    let role = world
        .role("readers", &[grant(sqlite, "_table/items/*", 1, json!([]))])
        .await;
    let reader = world.key("readers", &role).await;
    let target = Target {
        world: &world,
        service: "sqlite",
    };
    let body = csv(1500, |_| None);
    // The whole body is taken, so that the client sees the answer.
    for (client, status) in [(world.program.client(), 400), (reader, 401)] {
        let answer = target.post(&client, "", CSV, &body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let answer = target.post(&few, "", CSV, &body).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let context = &answer.json()["error"]["context"];
    assert_eq!(
        (&context["count"], &context["errors"][0]["record"]),
        (&json!(1299), &json!(1300))
    );
    assert_eq!(target.count().await, 1299);
    target.empty().await;
    assert_eq!(target.post(&few, "rollback=true", CSV, &body).await.status, 400);
    assert_eq!(target.count().await, 0);

    // Those who take no stream get what they always got.
    let elsewhere = [
        ("sqlite/_table/items/1", 400),
        ("sqlite/_table/nothing", 404),
        ("system/environment", 400),
        ("sqlite/_table", 400),
    ];
    for (path, status) in elsewhere {
        let path = format!("/api/v2/{path}");
        let answer = world
            .admin
            .send("POST", &path, &[("Content-Type", CSV)], Some(&body))
            .await;
        assert_eq!(answer.expect("an answer").status, status, "{path}");
    }
    let patch = world
        .admin
        .send(
            "PATCH",
            "/api/v2/sqlite/_table/items?id_field=name",
            &[("Content-Type", CSV)],
            Some(&body),
        )
        .await;
    assert_eq!(patch.expect("an answer").status, 400);
}

#[tokio::test]
async fn memory_does_not_grow_with_the_body() {
    let start = Start {
        environment: vec![("DW_MAX_BODY_BYTES".into(), (200 * HELD).to_string())],
        ..Start::default()
    };
    let world = World::start(Vec::new(), start).await;
    let file = world.program.databases().join("demo.sqlite");
    let sqlite = rusqlite::Connection::open(file).expect("the file is there");
    sqlite
        .execute_batch("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, note TEXT)")
        .expect("a table");
    let target = Target {
        world: &world,
        service: "sqlite",
    };
    let row = format!("name,{}\n", "z".repeat(40_000));
    let body = |rows: usize| format!("name,note\n{}", row.repeat(rows)).into_bytes();
    // What one batch needs is taken once.
    assert_eq!(target.import("", CSV, &body(100)).await.0, 200);
    let before = world.program.memory();
    let large = body(2500);
    assert!(large.len() > 95 * HELD);
    assert_eq!(
        target.import("", CSV, &large).await,
        (200, json!({"success": true, "count": 2500}))
    );
    let grown = world.program.memory().saturating_sub(before);
    assert!(
        grown <= 16 * 1024 * 1024,
        "{grown} bytes more for a body of {}",
        large.len()
    );

    // The way out is as narrow.
    for media in [NDJSON, CSV, "application/json"] {
        let path = "/api/v2/sqlite/_table/items?limit=1000&fields=note";
        let answer = world.admin.send("GET", path, &[("Accept", media)], None).await;
        assert!(answer.expect("an answer").body.len() > 39_000_000);
    }
    let grown = world.program.memory().saturating_sub(before);
    assert!(
        grown <= 16 * 1024 * 1024,
        "{grown} bytes more after answers of 40 MB"
    );
}
