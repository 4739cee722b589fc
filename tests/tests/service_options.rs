//! The options of a database service, on every database: how many records an answer has, whether a change may create,
//! and what is run on each connection.

use kit::Client;
use scenarios::world::{Base, World};
use serde_json::{Value, json};

/// Makes a service over a base's database with further options, and gives its stored configuration.
async fn service(world: &World, base: &Base, name: &str, more: Value) -> Value {
    let mut config = match &base.database {
        Some(database) => {
            json!({"host": database.host(), "port": database.port(), "database": database.name(),
                                 "username": database.user(), "password": database.password()})
        }
        None => json!({"database": "demo.sqlite"}),
    };
    for (option, value) in more.as_object().expect("an object") {
        config[option] = value.clone();
    }
    let made =
        json!({"name": name, "label": name, "type": base.service, "is_active": true, "config": config});
    world.create("service", made).await["config"].clone()
}

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(&format!("/api/v2/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn length(answer: &Value) -> usize {
    answer["resource"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn the_greatest_number_of_records_is_the_service_s() {
    let world = World::shared().await;
    for base in &world.bases {
        let name = format!("short_{}", base.service);
        service(&world, base, &name, json!({"max_records": 3})).await;
        let read = async |query: &str| {
            get(
                &world.admin,
                &format!("{name}/_table/employees?fields=emp_no&order=emp_no&{query}"),
            )
            .await
        };
        for more in ["", "limit=10", "limit=0", "limit=-1", "limit=abc"] {
            let page = read(more).await;
            assert_eq!(length(&page), 3, "{name} {more}");
            assert_eq!(page["meta"], json!({"count": 1000, "next": 3}), "{name} {more}");
        }
        assert_eq!(read("limit=2").await.get("meta"), None, "{name}");
        assert_eq!(length(&read("limit=2&offset=999").await), 1, "{name}");
        // Whoever names records gets all of them.
        for more in ["", "&continue=true"] {
            let named = read(&format!("ids=10001,10002,10003,10004,10005{more}")).await;
            assert_eq!(length(&named), 5, "{name}");
        }
        let zero = format!("zero_{}", base.service);
        let config = service(&world, base, &zero, json!({"max_records": 0})).await;
        assert_eq!(config["max_records"], 1000, "{name}");
    }
}

#[tokio::test]
async fn a_change_creates_where_it_may() {
    let world = World::shared().await;
    for base in &world.bases {
        let name = format!("upserting_{}", base.service);
        service(&world, base, &name, json!({"allow_upsert": true})).await;
        let record = json!({"name": "Xland"});
        for (verb, code) in [("PUT", "XA"), ("PATCH", "XB")] {
            let path = format!("_table/countries/{code}");
            let refused = world
                .admin
                .call(verb, &format!("/api/v2/{}/{path}", base.service), Some(&record))
                .await;
            assert_eq!(refused.status, 404, "{name}: {}", refused.text());
            let made = world
                .admin
                .call(verb, &format!("/api/v2/{name}/{path}"), Some(&record))
                .await;
            assert_eq!(made.json(), json!({ "code": code }), "{name}");
            assert_eq!(
                get(&world.admin, &format!("{name}/{path}?fields=name")).await,
                record
            );
        }
    }
}

#[tokio::test]
async fn statements_are_run_on_each_connection_and_change_nothing_of_the_catalogue() {
    let world = World::shared().await;
    for base in &world.bases {
        let name = format!("told_{}", base.service);
        let (statement, path, seen) = match base.service {
            "mysql" => (
                "SET time_zone = '+05:00'",
                "all_types/1?fields=c_timestamp",
                json!({"c_timestamp": "2024-02-29 18:14:15"}),
            ),
            "pgsql" => (
                "SET TimeZone = 'Asia/Tokyo'",
                "all_types/1?fields=c_timestamptz",
                json!({"c_timestamptz": "2024-02-29 22:14:15+09"}),
            ),
            _ => (
                "PRAGMA case_sensitive_like = 1",
                "supplies?filter=name%20like%20'anv%25'",
                json!({"resource": []}),
            ),
        };
        service(&world, base, &name, json!({"statements": [statement]})).await;
        assert_eq!(
            get(&world.admin, &format!("{name}/_table/{path}")).await,
            seen,
            "{name}"
        );
        let relations = get(&world.admin, &format!("{name}/_schema/supplies/_related")).await;
        assert_eq!(
            relations["resource"][0]["name"], "locations_by_supply_id",
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_statement_that_is_refused_is_told_as_a_matter_of_the_configuration() {
    let world = World::shared().await;
    for base in &world.bases {
        let name = format!("broken_{}", base.service);
        let statements = json!(["SELECT 1", "SELECT secret_word FROM nowhere_at_all"]);
        service(&world, base, &name, json!({"statements": statements})).await;
        let answer = world.admin.get(&format!("/api/v2/{name}/_table")).await;
        assert_eq!(answer.status, 503, "{name}: {}", answer.text());
        let told = answer.text();
        assert!(
            told.contains("its field 'statements' first of all"),
            "{name}: {told}"
        );
        assert!(
            !told.contains("nowhere_at_all") && !told.contains("secret_word"),
            "{name}: {told}"
        );
    }
}
