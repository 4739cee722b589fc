//! Changes of the schema: what is rebuilt loses nothing, and what is refused changes nothing.
#![allow(clippy::unwrap_used)]

use driver::{Driver, Executor, Fault, Statement};
use records::SqlSource;
use sql::ddl::{
    AlterStep, AlterTable, ColumnChange, ColumnDef, DefaultFunction, DefaultValue, ForeignKeyDef, IndexDef,
    NativeType, SchemaChange,
};
use sql::{Scalar, TableName};
use sqlite::{Open, Sqlite};
use tempfile::TempDir;

const TABLES: &str = "
    PRAGMA foreign_keys = ON;
    CREATE TABLE shelf (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TABLE book (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title VARCHAR(40) NOT NULL COLLATE NOCASE CHECK (length(title) > 0),
        shelf_id INTEGER REFERENCES shelf (id) ON DELETE CASCADE,
        pages INTEGER DEFAULT 10,
        note TEXT,
        words INTEGER GENERATED ALWAYS AS (pages * 300) STORED,
        CONSTRAINT title_and_shelf UNIQUE (title, shelf_id)
    );
    CREATE TABLE loan (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES book (id) ON DELETE CASCADE);
    CREATE TABLE log (what TEXT);
    CREATE INDEX by_pages ON book (pages);
    CREATE INDEX by_note ON book (note);
    CREATE INDEX long_ones ON book (title) WHERE pages > 100;
    CREATE TRIGGER watch AFTER UPDATE ON book BEGIN INSERT INTO log VALUES (old.title || '>' || new.title); END;
    CREATE VIEW titles AS SELECT b.title, s.name FROM book b LEFT JOIN shelf s ON s.id = b.shelf_id;
    INSERT INTO shelf VALUES (1, 'a'), (2, 'b');
    INSERT INTO book (id, title, shelf_id, pages, note) VALUES (1, 'One', 1, 5, 'x'), (2, 'Two', 2, NULL, NULL),
        (9, 'Nine', NULL, 9, 'y');
    INSERT INTO loan VALUES (1, 1), (2, 2);
    DELETE FROM book WHERE id = 9;";

async fn library() -> (TempDir, Sqlite) {
    let folder = TempDir::new().unwrap();
    let database = Sqlite::lazy(Open::new(folder.path().join("library.sqlite")));
    database.batch(TABLES).await.unwrap();
    (folder, database)
}

async fn alter(database: &Sqlite, steps: Vec<AlterStep>) -> Result<(), Fault> {
    let change = SchemaChange::Alter(AlterTable {
        table: TableName::plain("book"),
        steps,
    });
    database.schema().unwrap().change(&change).await
}

async fn texts(database: &Sqlite, text: &str) -> Vec<String> {
    let rows = driver::rows(database, Statement::fixed(text)).await.unwrap();
    let cell = |cell: &Scalar| cell.to_text().unwrap_or_else(|| "∅".into());
    rows.iter()
        .map(|row| row.iter().map(cell).collect::<Vec<_>>().join("|"))
        .collect()
}

async fn run(database: &Sqlite, text: &str) -> Result<(), Fault> {
    database.write(Statement::fixed(text)).await.map(|_| ())
}

fn column(name: &str, native: &str, allow_null: bool, default: Option<DefaultValue>) -> ColumnDef {
    ColumnDef {
        name: name.into(),
        native: NativeType::parse(native).unwrap(),
        allow_null,
        default,
        primary_key: false,
        auto_increment: false,
        renewed: false,
    }
}

const BOOKS: &str = "SELECT id, title, shelf_id, pages, note, words FROM book ORDER BY id";

/// Everything that must be as before: rows of all tables, rules, keys, triggers, views.
async fn check_sound(database: &Sqlite) {
    assert_eq!(
        texts(database, "SELECT * FROM loan ORDER BY id").await,
        ["1|1", "2|2"]
    );
    assert_eq!(
        texts(database, "SELECT * FROM titles ORDER BY title").await,
        ["One|a", "Two|b"]
    );
    run(database, "DELETE FROM log").await.unwrap();
    run(database, "UPDATE book SET title = 'Two' WHERE id = 2")
        .await
        .unwrap();
    assert_eq!(texts(database, "SELECT * FROM log").await, ["Two>Two"]);
    run(database, "INSERT INTO book (title) VALUES ('')")
        .await
        .unwrap_err();
    run(database, "INSERT INTO book (title, shelf_id) VALUES ('ONE', 1)")
        .await
        .unwrap_err();
    run(database, "INSERT INTO book (title, shelf_id) VALUES ('New', 77)")
        .await
        .unwrap_err();
    run(database, "INSERT INTO loan VALUES (3, 77)")
        .await
        .unwrap_err();
    // The number of the deleted row is not given out again.
    run(database, "INSERT INTO book (title) VALUES ('Ten')")
        .await
        .unwrap();
    assert_eq!(
        texts(database, "SELECT id, pages FROM book WHERE title = 'Ten'").await,
        ["10|10"]
    );
    // Foreign keys are enforced again, both ways.
    run(database, "DELETE FROM shelf WHERE id = 1").await.unwrap();
    assert_eq!(texts(database, "SELECT id FROM loan").await, ["2"]);
    assert!(texts(database, "PRAGMA foreign_key_check").await.is_empty());
    assert_eq!(texts(database, "PRAGMA integrity_check").await, ["ok"]);
    assert_eq!(
        texts(
            database,
            "SELECT name FROM sqlite_schema WHERE name LIKE '%rebuilt%'"
        )
        .await,
        [""; 0]
    );
}

#[tokio::test]
async fn a_changed_column_keeps_everything_else() {
    let (_folder, database) = library().await;
    let before = texts(&database, BOOKS).await;
    alter(
        &database,
        vec![AlterStep::AlterColumn(ColumnChange {
            name: "title".into(),
            native: NativeType::parse("varchar(80)"),
            ..ColumnChange::default()
        })],
    )
    .await
    .unwrap();
    assert_eq!(texts(&database, BOOKS).await, before);
    let table = database.describe("book").await.unwrap().unwrap();
    assert_eq!(table.columns[1].native, "varchar(80)");
    let indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    assert_eq!(
        texts(&database, indexes).await,
        ["by_note", "by_pages", "long_ones"]
    );
    check_sound(&database).await;
}

#[tokio::test]
async fn a_dropped_column_takes_its_index_along() {
    let (_folder, database) = library().await;
    alter(&database, vec![AlterStep::DropColumn("note".into())])
        .await
        .unwrap();
    let left = "SELECT id, title, shelf_id, pages, words FROM book ORDER BY id";
    assert_eq!(texts(&database, left).await, ["1|One|1|5|1500", "2|Two|2|∅|∅"]);
    let indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    assert_eq!(texts(&database, indexes).await, ["by_pages", "long_ones"]);
    check_sound(&database).await;
}

#[tokio::test]
async fn columns_and_keys_are_added() {
    let (_folder, database) = library().await;
    let steps = vec![
        AlterStep::AddColumn(column("plain", "integer", true, None)),
        AlterStep::AddColumn(column(
            "at",
            "timestamp",
            false,
            Some(DefaultValue::Function(DefaultFunction::Now(None))),
        )),
        AlterStep::AddColumn(column(
            "sly",
            "text",
            false,
            Some(DefaultValue::Literal("it's); DROP TABLE loan; --".into())),
        )),
        AlterStep::AddColumn(column("other_shelf", "integer", true, None)),
        AlterStep::AddForeignKey(ForeignKeyDef {
            name: "fk_book_other_shelf".into(),
            columns: vec!["other_shelf".into()],
            table: TableName::plain("shelf"),
            references: vec!["id".into()],
            on_update: None,
            on_delete: None,
        }),
        AlterStep::AddIndex(IndexDef {
            name: "undx \"odd\"".into(),
            columns: vec!["plain".into()],
            unique: true,
        }),
    ];
    alter(&database, steps).await.unwrap();
    assert_eq!(
        texts(&database, "SELECT DISTINCT sly, at IS NOT NULL FROM book").await,
        ["it's); DROP TABLE loan; --|1"]
    );
    let table = database.describe("book").await.unwrap().unwrap();
    assert!(
        table
            .foreign_keys
            .iter()
            .any(|key| key.columns == ["other_shelf"])
    );
    assert!(table.unique.iter().any(|unique| unique.columns == ["plain"]));
    run(
        &database,
        "INSERT INTO book (title, other_shelf) VALUES ('x', 99)",
    )
    .await
    .unwrap_err();
    alter(
        &database,
        vec![AlterStep::DropForeignKey {
            columns: vec!["other_shelf".into()],
            name: String::new(),
        }],
    )
    .await
    .unwrap();
    alter(&database, vec![AlterStep::DropColumn("other_shelf".into())])
        .await
        .unwrap();
    check_sound(&database).await;
}

#[tokio::test]
async fn what_others_need_is_not_dropped() {
    let (_folder, database) = library().await;
    let before = texts(&database, "SELECT sql FROM sqlite_schema ORDER BY rowid").await;
    let rows = texts(&database, BOOKS).await;
    let refused = |name: &'static str| alter(&database, vec![AlterStep::DropColumn(name.into())]);
    for (name, who) in [
        ("title", "long_ones|watch|titles"),
        ("shelf_id", "titles"),
        ("id", "primary key"),
    ] {
        let fault = refused(name).await.unwrap_err();
        let told = fault.detail.unwrap_or_default();
        assert!(
            who.split('|').any(|who| told.contains(who)),
            "{name}: {told} {}",
            fault.message
        );
    }
    // A generated column needs it.
    refused("pages").await.unwrap_err();
    let required = AlterStep::AlterColumn(ColumnChange {
        name: "note".into(),
        allow_null: Some(false),
        ..ColumnChange::default()
    });
    alter(&database, vec![required]).await.unwrap_err();
    let drop = SchemaChange::Drop(TableName::plain("book"));
    let fault = database.schema().unwrap().change(&drop).await.unwrap_err();
    assert!(fault.detail.unwrap().contains("'loan'"));
    assert_eq!(
        texts(&database, "SELECT sql FROM sqlite_schema ORDER BY rowid").await,
        before
    );
    assert_eq!(texts(&database, BOOKS).await, rows);
    check_sound(&database).await;
}
