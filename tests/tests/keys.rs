//! Keys of several fields, unique fields that become plain again, and views that can be written, over HTTP on every kind
//! of database.

use kit::Client;
use scenarios::world::World;
use serde_json::{Value, json};

struct Subject<'w> {
    admin: &'w Client,
    service: &'static str,
}

impl Subject<'_> {
    async fn send(&self, verb: &str, path: &str, body: &Value) -> (u16, Value) {
        let sent = Some(body).filter(|body| !body.is_null());
        let answer = self
            .admin
            .call(verb, &format!("/api/v2/{}/{path}", self.service), sent)
            .await;
        (answer.status, answer.json())
    }

    async fn ok(&self, verb: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(verb, path, &body).await;
        assert_eq!(status, 200, "{}: {verb} {path} {body}: {answer}", self.service);
        answer
    }

    async fn get(&self, path: &str) -> Value {
        self.ok("GET", path, Value::Null).await
    }

    async fn relations(&self, table: &str) -> Vec<Value> {
        let listed = self.get(&format!("_schema/{table}/_related")).await;
        listed["resource"].as_array().cloned().unwrap_or_default()
    }
}

async fn each(test: impl AsyncFn(Subject<'_>, &World)) {
    let world = World::shared().await;
    for base in &world.bases {
        let subject = Subject {
            admin: &world.admin,
            service: base.service,
        };
        test(subject, &world).await;
    }
}

/// Floors of houses, and rooms that lie on them.
async fn houses(subject: &Subject<'_>, related: Value) {
    let floors = json!({"resource": [{"name": "floors", "field": [
        {"name": "house", "type": "string", "length": 10, "is_primary_key": true},
        {"name": "level", "type": "integer", "is_primary_key": true},
        {"name": "title", "type": "string", "allow_null": true}]}]});
    subject.ok("POST", "_schema", floors).await;
    let rooms = json!({"resource": [{"name": "rooms", "field": [
        {"name": "id", "type": "id"},
        {"name": "house", "type": "string", "length": 10, "allow_null": true},
        {"name": "level", "type": "integer", "allow_null": true},
        {"name": "name", "type": "string"}], "related": related}]});
    subject.ok("POST", "_schema", rooms).await;
}

#[tokio::test]
async fn keys_of_several_fields_are_made_described_and_dropped() {
    each(async |subject, _| {
        let key = json!({"type": "belongs_to", "field": "house,level", "ref_table": "floors",
                         "ref_field": "house,level", "ref_on_delete": "CASCADE"});
        houses(&subject, json!([key])).await;
        let made = subject.relations("rooms").await;
        assert_eq!(made.len(), 1, "{}: {made:?}", subject.service);
        let relation = |name: &str, kind: &str, table: &str| {
            json!({"name": name, "type": kind, "field": "house,level", "ref_table": table, "ref_field": "house,level",
                   "ref_on_delete": "CASCADE"})
        };
        let shown = |told: &Value| {
            let keys = ["name", "type", "field", "ref_table", "ref_field", "ref_on_delete"];
            keys.into_iter().map(|key| (key.to_owned(), told[key].clone())).collect::<Value>()
        };
        let expected = relation("floors_by_house_level", "belongs_to", "floors");
        assert_eq!(shown(&made[0]), expected, "{}", subject.service);
        let other = subject.relations("floors").await;
        assert_eq!(shown(&other[0]), relation("rooms_by_house_level", "has_many", "rooms"));
        let orphan = json!({"resource": [{"name": "x", "house": "A", "level": 9}]});
        assert_eq!(subject.send("POST", "_table/rooms", &orphan).await.0, 400);

        subject
            .ok("DELETE", "_schema/rooms/_related/floors_by_house_level", Value::Null)
            .await;
        assert_eq!(subject.relations("rooms").await, Vec::<Value>::new());
        subject
            .ok("POST", "_schema/rooms/_related", json!({"resource": [key]}))
            .await;
        assert_eq!(shown(&subject.relations("rooms").await[0]), expected);
        // One of its fields gives the key up.
        let plain = json!({"is_foreign_key": false});
        subject.ok("PATCH", "_schema/rooms/_field/level", plain).await;
        assert_eq!(subject.relations("rooms").await, Vec::<Value>::new());
        let wrong = json!({"resource": [{"type": "belongs_to", "field": "house,level", "ref_table": "floors",
                                         "ref_field": "house"}]});
        assert_eq!(subject.send("POST", "_schema/rooms/_related", &wrong).await.0, 400);
    })
    .await;
}

#[tokio::test]
async fn records_are_related_by_keys_of_several_fields() {
    each(async |subject, _| {
        let key = json!({"type": "belongs_to", "field": "house,level", "ref_table": "floors",
                         "ref_field": "house,level"});
        houses(&subject, json!([key])).await;
        let (up, down) = ("floors_by_house_level", "rooms_by_house_level");
        let floors = json!({"resource": [
            {"house": "A", "level": 1, "title": "A1", down: [{"name": "hall"}, {"name": "bath"}]},
            {"house": "A", "level": 2, "title": "A2"}, {"house": "B", "level": 1, "title": "B1"}]});
        subject.ok("POST", "_table/floors", floors).await;
        let read = subject
            .get(&format!(
                "_table/floors?related={down}&{down}.fields=name&{down}.order=id&order=title"
            ))
            .await;
        assert_eq!(
            read["resource"][0][down],
            json!([{"name": "hall"}, {"name": "bath"}])
        );
        assert_eq!(read["resource"][1][down], json!([]), "half a key is none");
        assert_eq!(read["resource"][2][down], json!([]));

        let room = json!({"resource": [{"name": "loft", up: {"house": "B", "level": 2, "title": "B2"}}]});
        let made = subject
            .ok("POST", &format!("_table/rooms?fields=*&related={up}"), room)
            .await;
        let made = &made["resource"][0];
        assert_eq!((&made["house"], &made["level"]), (&json!("B"), &json!(2)));
        assert_eq!(made[up]["title"], "B2");

        let bath = subject.get("_table/rooms?filter=name%3D%27bath%27").await["resource"][0]["id"].clone();
        let change = json!({"resource": [{"house": "A", "level": 2, down: [{"id": bath}]},
                                         {"house": "A", "level": 1, down: [{"name": "attic"}]}]});
        subject.ok("PATCH", "_table/floors", change).await;
        let moved = subject.get(&format!("_table/rooms/{bath}")).await;
        assert_eq!((&moved["house"], &moved["level"]), (&json!("A"), &json!(2)));
        let free = json!({"resource": [{"house": "A", "level": 2, down: [{"id": bath, "level": null}]}]});
        subject.ok("PATCH", "_table/floors", free).await;
        let freed = subject.get(&format!("_table/rooms/{bath}")).await;
        assert_eq!(freed["level"], Value::Null);

        // More keys than one expression of conditions may hold.
        let many: Vec<Value> = (0..1000).map(|i| json!({"house": "M", "level": i})).collect();
        subject
            .ok("POST", "_table/floors?rollback=true", json!({ "resource": many }))
            .await;
        let read = subject
            .get(&format!("_table/floors?related={down}&filter=house%3D%27M%27"))
            .await;
        assert_eq!(read["resource"].as_array().map(Vec::len), Some(1000));
    })
    .await;
}

#[tokio::test]
async fn unique_fields_become_plain_again() {
    each(async |subject, _| {
        let table = json!({"resource": [{"name": "marks", "field": [
            {"name": "id", "type": "id"},
            {"name": "code", "type": "string", "length": 20, "is_unique": true}]}]});
        subject.ok("POST", "_schema", table).await;
        let two = json!({"resource": [{"code": "a"}, {"code": "a"}]});
        assert_eq!(subject.send("POST", "_table/marks", &two).await.0, 400);
        let field = async || subject.get("_schema/marks/_field/code").await["is_unique"].clone();
        for _ in 0..2 {
            subject
                .ok("PATCH", "_schema/marks/_field/code", json!({"is_unique": false}))
                .await;
            assert_eq!(field().await, false, "{}", subject.service);
            subject.ok("POST", "_table/marks", two.clone()).await;
            subject.ok("DELETE", "_table/marks?force=true", Value::Null).await;
            // And the other way: an index made later goes as well.
            subject
                .ok("PATCH", "_schema/marks/_field/code", json!({"is_unique": true}))
                .await;
            assert_eq!(field().await, true, "{}", subject.service);
        }
    })
    .await;
}

#[tokio::test]
async fn views_are_written_where_the_database_lets_them() {
    each(async |subject, world| {
        match world
            .base(subject.service)
            .and_then(|base| base.database.as_ref())
        {
            Some(database) => {
                database.run("CREATE VIEW cheap AS SELECT id, name, price FROM supplies WHERE price < 5");
            }
            None => {
                let file = world.program.databases().join("demo.sqlite");
                let base = rusqlite::Connection::open(file).expect("a file");
                base.execute_batch(
                    "CREATE VIEW cheap AS SELECT id, name, price FROM supplies WHERE price < 5;
                     CREATE TRIGGER cheap_new INSTEAD OF INSERT ON cheap BEGIN
                       INSERT INTO supplies (name, price) VALUES (NEW.name, NEW.price); END;
                     CREATE TRIGGER cheap_change INSTEAD OF UPDATE ON cheap BEGIN
                       UPDATE supplies SET price = NEW.price WHERE id = OLD.id; END;",
                )
                .expect("a view");
            }
        }
        let new = json!({"resource": [{"name": "Nail", "price": 1}]});
        subject.ok("POST", "_table/cheap", new).await;
        let nail = "filter=name%3D%27Nail%27";
        let stored = subject.get(&format!("_table/supplies?{nail}")).await;
        assert_eq!(stored["resource"][0]["price"], json!(1), "{}", subject.service);
        let change = json!({"resource": [{"price": 2}]});
        subject.ok("PATCH", &format!("_table/cheap?{nail}"), change).await;
        let stored = subject.get(&format!("_table/supplies?{nail}")).await;
        assert_eq!(stored["resource"][0]["price"], json!(2), "{}", subject.service);

        let (status, answer) = subject
            .send(
                "POST",
                "_table/employee_summary",
                &json!({"resource": [{"emp_no": 1}]}),
            )
            .await;
        let told = &answer["error"]["context"]["resource"][0]["message"];
        assert_eq!(status, 400, "{}: {answer}", subject.service);
        let told = told.as_str().unwrap_or_default();
        assert!(
            told.contains("does not let this view or table be written"),
            "{told}"
        );
    })
    .await;
}
