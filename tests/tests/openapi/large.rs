//! What documents of a database of many tables cost, counted in statements and bytes.

use crate::documents::document;
use kit::Start;
use scenarios::wire::Wire;
use scenarios::world::World;
use serde_json::json;
use std::fmt::Write;

/// A few more than a document describes.
const TABLES: usize = 1010;
const DESCRIBED: u64 = 1000;

#[tokio::test]
async fn documents_of_many_tables_stay_cheap() {
    let Some(server) = kit::postgres() else { return };
    let database = server.database("many_tables");
    let mut sql = String::new();
    for n in 0..TABLES {
        let _ = writeln!(
            sql,
            "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, note TEXT, made DATE);"
        );
    }
    database.run(&sql);
    let wire = Wire::before(server.port()).await;
    let world = World::start(Vec::new(), Start::default()).await;
    let config = json!({"host": "127.0.0.1", "port": wire.port(), "database": database.name(),
                        "username": database.user(), "password": database.password()});
    let service =
        json!({"name": "many", "label": "many", "type": "pgsql", "is_active": true, "config": config});
    world.create("service", service).await;
    let spent = |what: &str, statements: u64, bytes: u64| {
        let passed = wire.passed();
        assert!(
            passed.statements <= statements && passed.bytes <= bytes,
            "{what}: {passed:?}"
        );
    };

    // The form that all tables have is known without looking at one.
    for path in [
        "many/_spec",
        "many/_spec?compact=true",
        "api_docs/many",
        "api_docs",
    ] {
        document(&world.admin, path).await;
    }
    spent("documents without tables", 0, 0);
    let named = document(&world.admin, "many/_spec?compact=true&tables=true").await;
    assert_eq!(named["x-dreamfactory-resources"]["count"], TABLES);
    assert!(named.to_string().len() < 40_000);
    // A connection, and the list.
    spent("names", 8, 256 * 1024);
    document(&world.admin, "many/_spec?resource_name=t1009").await;
    spent("one table", 4, 16 * 1024);

    let answer = world.admin.get("/api/v2/many/_spec?expand_schema=true").await;
    assert!(
        answer.body.len() < 24 * 1024 * 1024,
        "{} bytes",
        answer.body.len()
    );
    let full = answer.json();
    assert!(full["paths"].get("/_table/t999").is_some() && full["paths"].get("/_table/t1000").is_none());
    let warning = full["x-warning"].as_str().unwrap_or_default();
    assert!(warning.starts_with("10 tables are left out"), "{warning}");
    spent("all tables", DESCRIBED * 4, DESCRIBED * 4096);
    document(&world.admin, "many/_spec?expand_schema=true").await;
    document(&world.admin, "many/_spec?model=true&stock=true").await;
    spent("all tables again", 0, 0);
    document(&world.admin, "many/_spec?model=true").await;
    // Rows and their number, of a hundred tables.
    spent("rows", 400, 256 * 1024);
}
