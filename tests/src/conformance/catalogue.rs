//! What a database tells of its tables.

use super::Subject;
use records::{Kind, RawColumn, RawTable};

async fn described(s: &Subject, public: &str) -> RawTable {
    let found = s.backend.describe(public).await.expect("the catalogue answers");
    found.unwrap_or_else(|| panic!("{public} is not there"))
}

pub(super) async fn lists_tables(s: Subject) {
    let listed = s.backend.tables().await.expect("the catalogue answers");
    let view = |public: &str| {
        let mut found = listed.iter().filter(|table| table.public == public);
        let table = found.next().unwrap_or_else(|| panic!("{public} is not listed"));
        assert!(found.next().is_none(), "{public} is listed twice");
        table.is_view
    };
    for table in [
        "items",
        "authors",
        "books",
        "tags",
        "book_tags",
        "counters",
        "journal",
        "odd \"table\" ü",
    ] {
        assert!(!view(table), "{table} is no view");
    }
    assert!(view("item_names"));
    assert!(
        s.backend
            .describe("nothing")
            .await
            .expect("the catalogue answers")
            .is_none()
    );
    assert!(
        s.backend
            .describe("")
            .await
            .expect("the catalogue answers")
            .is_none()
    );
    s.backend.check().await.expect("it answers");
}

fn column<'t>(table: &'t RawTable, name: &str) -> &'t RawColumn {
    let found = table.columns.iter().find(|column| column.name == name);
    found.unwrap_or_else(|| panic!("no column {name}"))
}

pub(super) async fn describes_columns(s: Subject) {
    let authors = described(&s, "authors").await;
    let names: Vec<&str> = authors
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["id", "email", "name", "status", "rating"]);
    let id = column(&authors, "id");
    // Whether a key of this kind may hold NULL is told differently by each database.
    assert!(id.kind.is_integer() && id.auto_increment, "{id:?}");
    let email = column(&authors, "email");
    assert_eq!(
        (email.kind, email.length, email.allow_null),
        (Kind::String, Some(60), false)
    );
    assert!(email.default.is_null() && !email.auto_increment);
    assert_eq!(column(&authors, "status").default, "new");
    assert!(column(&authors, "rating").allow_null);
    let price = described(&s, "items").await;
    let price = column(&price, "price");
    assert_eq!(
        (price.kind, price.precision, price.scale),
        (Kind::Decimal, Some(10), Some(2))
    );
    let kinds = described(&s, "kinds").await;
    // The original's mapping for one of the databases calls long text and bytes strings.
    for (name, allowed) in [
        ("c_bool", &[Kind::Boolean][..]),
        ("c_int", &[Kind::Integer]),
        ("c_big", &[Kind::BigInt]),
        ("c_double", &[Kind::Double]),
        ("c_text", &[Kind::Text, Kind::String]),
        ("c_bin", &[Kind::Binary, Kind::String]),
        ("c_date", &[Kind::Date]),
        ("c_time", &[Kind::Time]),
        ("c_dt", &[Kind::DateTime, Kind::Timestamp]),
    ] {
        assert!(
            allowed.contains(&column(&kinds, name).kind),
            "{name} is {:?}",
            column(&kinds, name).kind
        );
    }
    let view = described(&s, "item_names").await;
    assert!(view.name.is_view && view.columns.len() == 2 && view.primary_key.is_empty());
}

pub(super) async fn describes_keys(s: Subject) {
    assert_eq!(described(&s, "authors").await.primary_key, ["id"]);
    assert_eq!(described(&s, "tags").await.primary_key, ["code"]);
    assert_eq!(
        described(&s, "pairs").await.primary_key,
        ["a", "b"],
        "the order of the key, not of the columns"
    );
    assert_eq!(described(&s, "journal").await.primary_key, [] as [String; 0]);
    let authors = described(&s, "authors").await;
    assert!(authors.unique.iter().any(|unique| unique.columns == ["email"]));
    assert!(
        !authors
            .unique
            .iter()
            .any(|unique| unique.columns.contains(&"name".to_owned()))
    );
    let books = described(&s, "books").await;
    let key = &books.foreign_keys[0];
    assert_eq!(books.foreign_keys.len(), 1);
    assert_eq!(
        (&key.columns[..], &key.references[..]),
        (&["author_id".to_owned()][..], &["id".to_owned()][..])
    );
    assert_eq!(key.public, "authors");
    let marks = described(&s, "book_tags").await;
    assert_eq!(marks.primary_key, ["book_id", "tag_code"]);
    let cascading = marks
        .foreign_keys
        .iter()
        .find(|key| key.public == "books")
        .expect("it refers to books");
    assert_eq!(cascading.on_delete.to_uppercase(), "CASCADE");
}

pub(super) async fn describes_neighbours(s: Subject) {
    let books = described(&s, "books").await;
    let marks = books
        .neighbours
        .iter()
        .find(|table| table.public == "book_tags")
        .expect("book_tags refers to it");
    let to: Vec<&str> = marks.foreign_keys.iter().map(|key| key.public.as_str()).collect();
    assert!(
        to.contains(&"books") && to.contains(&"tags"),
        "all its keys are told: {to:?}"
    );
    assert!(
        marks
            .keys
            .iter()
            .any(|key| key.columns == ["book_id", "tag_code"])
    );
    assert!(
        !books.neighbours.iter().any(|table| table.public == "authors"),
        "books refers to authors, not back"
    );
    let authors = records::catalogue::table(&described(&s, "authors").await);
    assert!(authors.relation("books_by_author_id").is_some());
    let books = records::catalogue::table(&books);
    assert!(books.relation("authors_by_author_id").is_some());
    assert!(
        books.relation("tags_by_book_tags").is_some(),
        "{:?}",
        books.relations
    );
}

pub(super) async fn names_without_case(s: Subject) {
    for public in ["authors", "AUTHORS", "Authors"] {
        assert_eq!(described(&s, public).await.name.public, "authors");
    }
}
