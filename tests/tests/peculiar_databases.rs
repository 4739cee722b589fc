//! Databases as people have them: reserved words and blanks in names, keys of every type, two foreign keys to one
//! table, partitions, inheritance, generated columns and every type. Whatever is read can be written back, and is read
//! again as it was.

use kit::{Client, Start};
use scenarios::world::World;
use serde_json::{Map, Value, json};

/// A service over one of the databases in `tests/peculiar`.
struct Peculiar {
    world: World,
    service: &'static str,
}

impl Peculiar {
    /// One for each kind of database that is here.
    async fn all(start: impl Fn() -> Start) -> Vec<Peculiar> {
        let folder = kit::workspace().join("tests/peculiar");
        let mut all = Vec::new();
        for server in [kit::postgres(), kit::mariadb()].into_iter().flatten() {
            let service = server.engine().service_type();
            let database = server.database("peculiar");
            database.load(&folder.join(format!("{service}.sql")));
            let mut world = World::start(Vec::new(), start()).await;
            world.over(service, database).await;
            all.push(Peculiar { world, service });
        }
        let world = World::start(Vec::new(), start()).await;
        let file = world.program.databases().join("peculiar.sqlite");
        let sql = std::fs::read_to_string(folder.join("sqlite.sql")).expect("the schema is there");
        let database = rusqlite::Connection::open(file).expect("the data folder can be written");
        database.execute_batch(&sql).expect("the schema is valid");
        let config = json!({"database": "peculiar.sqlite"});
        let made =
            json!({"name": "lite", "label": "lite", "type": "sqlite", "is_active": true, "config": config});
        world.create("service", made).await;
        all.push(Peculiar {
            world,
            service: "lite",
        });
        all
    }

    fn client(&self) -> &Client {
        &self.world.admin
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let path = format!("/api/v2/{}/{path}", self.service);
        let answer = self.client().call(method, &path, body).await;
        assert!(
            answer.status < 500 || answer.status == 501,
            "{path}: {}",
            answer.text()
        );
        (answer.status, answer.json())
    }

    async fn ok(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.call(method, path, body).await;
        assert_eq!(status, 200, "{} {method} {path} {body:?}: {answer}", self.service);
        answer
    }

    async fn rows(&self, path: &str) -> Vec<Value> {
        let answer = self.ok("GET", path, None).await;
        answer["resource"].as_array().cloned().expect("a list")
    }
}

/// A name as it stands in a path or a query.
fn encoded(name: &str) -> String {
    let sign = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() || b == b'_' => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    name.bytes().map(sign).collect()
}

fn names(list: &Value) -> Vec<String> {
    let names = list.as_array().into_iter().flatten();
    names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// The members of a record that are its key.
fn key(record: &Value, names: &[String]) -> Value {
    let parts = names.iter().map(|name| (name.clone(), record[name].clone()));
    Value::Object(parts.collect::<Map<_, _>>())
}

#[tokio::test]
async fn every_table_is_listed_described_and_read() {
    for db in Peculiar::all(Start::default).await {
        for table in db.rows("_table?fields=*").await {
            let name = encoded(table["name"].as_str().expect("a name"));
            // A view may be broken in the database itself.
            let (status, described) = db.call("GET", &format!("_schema/{name}"), None).await;
            if status == 404 && table["is_view"] == true {
                continue;
            }
            let path = format!("_table/{name}");
            db.ok(
                "GET",
                &format!("{path}?limit=2&include_count=true&include_schema=true"),
                None,
            )
            .await;
            for format in ["text/csv", "application/xml", "application/x-ndjson"] {
                db.client()
                    .get(&format!("/api/v2/{}/{path}?accept={format}", db.service))
                    .await;
            }
            for field in described["field"].as_array().into_iter().flatten() {
                let field = encoded(field["name"].as_str().expect("a name"));
                // Some types cannot be compared; that must be said.
                db.call(
                    "GET",
                    &format!("{path}?fields={field}&order={field}%20desc"),
                    None,
                )
                .await;
                db.call(
                    "GET",
                    &format!("{path}?fields={field},COUNT(*)&group={field}"),
                    None,
                )
                .await;
                db.call("GET", &format!("{path}?filter={field}%20contains%20a"), None)
                    .await;
                db.call("GET", &format!("{path}?filter={field}%20%3E%20zz"), None)
                    .await;
            }
            for relation in described["related"].as_array().into_iter().flatten() {
                let relation = relation["name"].as_str().expect("a name");
                db.call("GET", &format!("{path}?related={}", encoded(relation)), None)
                    .await;
            }
        }
    }
}

#[tokio::test]
async fn what_is_read_can_be_written_back() {
    for db in Peculiar::all(Start::default).await {
        for table in db.rows("_table?fields=*").await {
            let name = table["name"].as_str().expect("a name");
            let path = format!("_table/{}", encoded(name));
            let (_, described) = db.call("GET", &format!("_schema/{}", encoded(name)), None).await;
            let primary = names(&described["primary_key"]);
            // Files of the full-text index are tables, too, and nobody's to write.
            if primary.is_empty() || table["is_view"] == true || name.starts_with("search_") {
                continue;
            }
            // What the server sets by itself is not the client's.
            let renewed = |field: &&Value| {
                ["timestamp_on_create", "timestamp_on_update"].contains(&field["type"].as_str().unwrap_or(""))
            };
            let renewed: Vec<String> = described["field"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(renewed)
                .filter_map(|field| field["name"].as_str().map(str::to_owned))
                .collect();
            let plain = |record: &Value| {
                let mut record = record.clone();
                for name in &renewed {
                    record[name] = Value::Null;
                }
                record
            };
            for record in db.rows(&format!("{path}?limit=3")).await {
                let what = format!("{} {name} {record}", db.service);
                let body = json!({ "resource": [record] });
                let (status, answer) = db.call("PATCH", &format!("{path}?fields=*"), Some(&body)).await;
                assert_eq!(status, 200, "{what}: {answer}");
                assert_eq!(plain(&answer["resource"][0]), plain(&record), "{what}");
                let ids = json!({ "ids": [key(&record, &primary)] });
                let tunnelled = db.client().with("X-HTTP-Method", "GET");
                let again = tunnelled
                    .post(&format!("/api/v2/{}/{path}", db.service), &ids)
                    .await
                    .json();
                assert_eq!(plain(&again["resource"][0]), plain(&record), "{what}");
                // Where nothing refers to it, it can go and come again.
                let (status, _) = db.call("DELETE", &path, Some(&ids)).await;
                if status == 200 {
                    let answer = db.ok("POST", &format!("{path}?fields=*"), Some(&body)).await;
                    let numbered =
                        |field: &Value| field["auto_increment"] == true && field["required"] == false;
                    let mut stored = plain(&answer["resource"][0]);
                    for field in described["field"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter(|f| numbered(f))
                    {
                        let name = field["name"].as_str().expect("a name");
                        stored[name] = record[name].clone();
                    }
                    assert_eq!(stored, plain(&record), "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn decimals_keep_their_digits_on_every_road() {
    for db in Peculiar::all(Start::default).await {
        let (table, key, field) = match db.service {
            "pgsql" => ("types", "11111111-1111-1111-1111-111111111111", "n2"),
            "mysql" => ("types", "1", "d"),
            // SQLite's own numbers have 64 bits.
            _ => continue,
        };
        let digits = "98765432109876543210.0123456789";
        let path = format!("/api/v2/{}/_table/{table}/{key}", db.service);
        // As a JSON number, which is not one of 64 bits.
        let body = format!("{{\"{field}\":{digits}}}");
        let json = [("Content-Type", "application/json")];
        let changed = format!("{path}?fields={field}");
        let answer = db
            .client()
            .send("PATCH", &changed, &json, Some(body.as_bytes()))
            .await;
        let answer = answer.expect("an answer");
        assert_eq!(
            answer.text(),
            format!("{{\"{field}\":{digits}}}"),
            "{}",
            db.service
        );
        let text = db.client().get(&format!("{path}?fields={field}")).await.text();
        assert!(text.contains(digits), "{text}");
        let found = format!("_table/{table}?fields={field}&filter={field}%20%3D%20{digits}");
        let found = db
            .client()
            .get(&format!("/api/v2/{}/{found}", db.service))
            .await
            .text();
        assert!(found.contains(digits), "{found}");
    }
}

#[tokio::test]
async fn names_with_blanks_are_sorted_by() {
    for db in Peculiar::all(Start::default).await {
        let (table, field) = match db.service {
            "pgsql" => ("Employees", "Employee ID"),
            "mysql" => ("Order Details", "Product-ID"),
            _ => ("Employee", "EmployeeId"),
        };
        let path = format!("_table/{}", encoded(table));
        let up = db.rows(&format!("{path}?order={}", encoded(field))).await;
        let mut down = db.rows(&format!("{path}?order={}%20DESC", encoded(field))).await;
        assert_ne!(up, down, "{}", db.service);
        down.reverse();
        assert_eq!(up, down, "{}", db.service);
    }
}

#[tokio::test]
async fn dates_have_the_form_that_the_instance_was_given() {
    let environment = [
        ("DF_DB_DATE_FORMAT", "d.m.Y"),
        ("DF_DB_TIMESTAMP_FORMAT", "m/d/y h:i:s A"),
        ("DF_DB_DATETIME_FORMAT", "c"),
        ("DB_MAX_RECORDS_RETURNED", "4"),
    ];
    let start = || Start {
        environment: environment
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..Start::default()
    };
    for db in Peculiar::all(start).await {
        let (table, key, date, stamp) = match db.service {
            "pgsql" => ("types", "11111111-1111-1111-1111-111111111111", "d", "ts"),
            "mysql" => ("types", "1", "dt", "ts6"),
            _ => continue,
        };
        let one = format!("_table/{table}/{key}?fields={date},{stamp}");
        let record = json!({date: "31.12.2024", stamp: "12/31/24 11:30:00 PM"});
        assert_eq!(
            db.ok("PATCH", &one, Some(&record)).await,
            record,
            "{}",
            db.service
        );
        assert_eq!(db.ok("GET", &one, None).await, record, "{}", db.service);
        let listed = db
            .rows(&format!(
                "_table/{table}?fields={date}&filter={date}%20%3D%20'31.12.2024'"
            ))
            .await;
        assert_eq!(listed, [json!({date: "31.12.2024"})], "{}", db.service);
        // The database's own way of writing works still, and what is none of the form passes.
        let listed = db
            .rows(&format!(
                "_table/{table}?fields={stamp}&filter={stamp}%20%3E%20'2024-12-31'"
            ))
            .await;
        assert!(listed.contains(&json!({stamp: record[stamp]})), "{listed:?}");
        let (status, _) = db.call("PATCH", &one, Some(&json!({date: "32.12.2024"}))).await;
        assert_eq!(status, 400, "{}", db.service);
        let greatest = db
            .rows(&format!(
                "_table/{table}?group={date}&fields=MAX({date})&filter={date}%20is%20not%20null"
            ))
            .await;
        assert!(
            greatest.contains(&json!({format!("MAX_{date}"): "31.12.2024"})),
            "{greatest:?}"
        );
        let settings = db.client().get("/api/v2/system/environment").await.json();
        assert_eq!(settings["config"]["db"]["date_format"], "d.m.Y");
    }
}
