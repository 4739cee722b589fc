//! Databases of 20,000 tables, fewer where making them takes minutes: what a start, a first request, a list and a description cost, counted in statements,
//! bytes and memory. The budgets are what is needed and a little more.

use kit::{Client, Start};
use scenarios::wire::{Passed, Wire};
use scenarios::world::World;
use serde_json::{Value, json};
use std::fmt::Write;

const TABLES: usize = 20_000;
/// Tables in MariaDB, which makes a file for each: more than are kept.
const FEWER: usize = 2_500;
/// Tables that refer to `hub`, one in this many.
const REFERRING: usize = 20;
const WIDE: usize = 500;
/// Tables whose descriptions are kept at most.
const KEPT: usize = 2000;
const MEGABYTE: u64 = 1024 * 1024;

/// The statements that make the schema; `each` follows a number of tables.
fn schema(tables: usize, each: &str) -> String {
    let mut sql = String::from("CREATE TABLE hub (id INTEGER PRIMARY KEY);\n");
    let columns: Vec<String> = (1..WIDE).map(|n| format!("field_{n} VARCHAR(3)")).collect();
    let _ = writeln!(
        sql,
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, {});",
        columns.join(", ")
    );
    for n in 0..tables {
        let reference = if n % REFERRING == 0 {
            ", hub_id INTEGER REFERENCES hub (id)"
        } else {
            ""
        };
        let _ = writeln!(
            sql,
            "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL{reference});"
        );
        if n % 500 == 499 {
            sql.push_str(each);
        }
    }
    sql.push_str("INSERT INTO t1711 VALUES (1, 'one');\nINSERT INTO wide (id, field_1) VALUES (1, 'a');\n");
    sql
}

/// A service over such a database, and the way to it.
struct Large {
    world: World,
    admin: Client,
    service: &'static str,
    wire: Option<Wire>,
    tables: usize,
}

impl Large {
    async fn over(world: World, service: &'static str, config: Value, wire: Option<Wire>) -> Large {
        let made =
            json!({"name": "large", "label": "large", "type": service, "is_active": true, "config": config});
        world.create("service", made).await;
        let admin = world.admin.clone();
        Large {
            world,
            admin,
            service,
            wire,
            tables: TABLES,
        }
    }

    async fn get(&self, path: &str) -> (Value, u64) {
        let answer = self.admin.get(&format!("/api/v2/large/{path}")).await;
        assert_eq!(answer.status, 200, "{} {path}: {}", self.service, answer.text());
        (answer.json(), answer.body.len() as u64)
    }

    /// Checks what has passed to the database since the last look.
    fn spent(&self, what: &str, budget: Passed) {
        let Some(wire) = &self.wire else { return };
        let passed = wire.passed();
        assert!(
            passed.statements <= budget.statements && passed.bytes <= budget.bytes,
            "{what}: {passed:?}, and the budget is {budget:?}"
        );
    }

    /// Checks how much more memory the program has than before.
    fn grown(&self, what: &str, before: u64, megabytes: u64) {
        let grown = self.world.program.memory().saturating_sub(before) / MEGABYTE;
        kit::announce(&format!("{}: {grown} MiB more after {what}", self.service));
        assert!(
            grown <= megabytes,
            "{}: {grown} MiB more after {what}, and the budget is {megabytes}",
            self.service
        );
    }
}

const fn budget(statements: u64, bytes: u64) -> Passed {
    Passed { statements, bytes }
}

/// `first` is the memory in MiB of a first request, `all` that of everything here.
async fn costs(mut large: Large, first: u64, all: u64) {
    large.world.program.restart("TERM");
    large.admin = large.world.program.admin().await;
    // A start looks at no database.
    large.spent("start", budget(0, 0));
    let before = large.world.program.memory();

    // A connection, the description of one table, and the read.
    assert_eq!(
        large.get("_table/t1711/1").await.0,
        json!({"id": 1, "name": "one"})
    );
    large.spent("first request", budget(12, 16 * 1024));
    large.grown("a first request", before, first);
    assert_eq!(large.get("_table/t1711").await.0["resource"][0]["id"], 1);
    large.spent("second request", budget(2, 4 * 1024));

    // The names, once, and in no more than they take.
    let (list, bytes) = large.get("_table?as_list=true").await;
    assert_eq!(list["resource"].as_array().map(Vec::len), Some(large.tables + 2));
    assert!(bytes < 300_000, "{bytes} bytes");
    large.spent("list", budget(2, 2 * MEGABYTE));
    large.get("_table").await;
    let (list, _) = large.get("_schema?fields=name,label").await;
    assert_eq!(list["resource"][0], json!({"name": "hub", "label": "Hub"}));
    large.get("?as_access_list=true").await;
    // The names of procedures and of functions, of which there are none.
    large.spent("further lists", budget(2, 1024));

    // A wide table, and one that a thousand others refer to.
    let (wide, bytes) = large.get("_schema/wide").await;
    assert_eq!(wide["field"].as_array().map(Vec::len), Some(WIDE));
    assert!(bytes < 400_000, "{bytes} bytes");
    large.spent("wide table", budget(6, 128 * 1024));
    let (row, _) = large.get("_table/wide/1").await;
    assert_eq!(row.as_object().map(serde_json::Map::len), Some(WIDE));
    large.spent("wide record", budget(2, 128 * 1024));
    let (hub, _) = large.get("_schema/hub").await;
    assert_eq!(
        hub["related"].as_array().map(Vec::len),
        Some(large.tables / REFERRING)
    );
    large.spent("hub", budget(6, 2 * MEGABYTE));

    // More tables than are kept.
    let described = KEPT + 100;
    for part in 0..described / 100 {
        let names: Vec<String> = (part * 100..(part + 1) * 100).map(|n| format!("t{n}")).collect();
        let (some, _) = large.get(&format!("_schema?ids={}", names.join(","))).await;
        assert_eq!(some["resource"].as_array().map(Vec::len), Some(100));
    }
    let statements = described as u64 * 4;
    large.spent("descriptions", budget(statements, described as u64 * 4096));
    if let Some(wire) = &large.wire {
        large.get("_schema/t2090").await;
        assert_eq!(wire.passed().statements, 0, "the latest are kept");
        large.get("_schema/t0").await;
        assert!(wire.passed().statements > 0, "not all are kept");
    }
    large.grown("everything", before, all);
}

/// Makes the schema in SQLite, which reads its whole catalogue for each table that is made: twenty thousand would take
/// a minute. So most are written into the catalogue as SQLite itself would write them; being empty, they share a page.
fn fill(database: &rusqlite::Connection) -> rusqlite::Result<()> {
    database.execute_batch("PRAGMA synchronous=OFF; PRAGMA writable_schema=ON; BEGIN;")?;
    let page = "SELECT rootpage FROM sqlite_schema WHERE name = 't0'";
    let listed = format!("INSERT INTO sqlite_schema VALUES ('table', ?1, ?1, ({page}), ?2)");
    let mut listed = database.prepare(&listed)?;
    for statement in schema(TABLES, "").lines() {
        let made = statement.strip_prefix("CREATE TABLE ");
        match made.and_then(|rest| rest.split(' ').next()) {
            Some(name) if !["hub", "wide", "t0", "t1711"].contains(&name) => {
                listed.execute([name, statement.trim_end_matches(';')])?;
            }
            _ => database.execute_batch(statement)?,
        }
    }
    database.execute_batch("COMMIT;")
}

#[tokio::test]
async fn sqlite() {
    let world = World::start(Vec::new(), Start::default()).await;
    let file = world.program.databases().join("large.sqlite");
    let database = rusqlite::Connection::open(file).expect("the data folder can be written");
    fill(&database).expect("a schema");
    drop(database);
    let large = Large::over(world, "sqlite", json!({"database": "large.sqlite"}), None).await;
    costs(large, 48, 160).await;
}

#[tokio::test]
async fn postgres() {
    let Some(server) = kit::postgres() else { return };
    let database = server.database("large");
    // A transaction holds a lock for each of its tables.
    database.run(&format!("BEGIN;\n{}COMMIT;", schema(TABLES, "COMMIT; BEGIN;\n")));
    let wire = Wire::before(server.port()).await;
    let world = World::start(Vec::new(), Start::default()).await;
    let config = json!({"host": "127.0.0.1", "port": wire.port(), "database": database.name(),
                        "username": database.user(), "password": database.password()});
    let large = Large::over(world, "pgsql", config, Some(wire)).await;
    costs(large, 16, 96).await;
}

#[tokio::test]
async fn mariadb() {
    let Some(server) = kit::mariadb() else { return };
    let database = server.database("large");
    database.run(&schema(FEWER, ""));
    let world = World::start(Vec::new(), Start::default()).await;
    let config = json!({"host": database.host(), "port": database.port(), "database": database.name(),
                        "username": database.user(), "password": database.password()});
    let mut large = Large::over(world, "mysql", config, None).await;
    large.tables = FEWER;
    costs(large, 16, 96).await;
}
