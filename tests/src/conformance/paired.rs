//! Reads of one table through another.

use super::Subject;
use super::probe::{On, Probe, by, field, pairs, reading};
use records::{PairedPlan, ReadPlan, Scalar};
use sql::BinaryOp::Ne;

pub(super) async fn rows_come_through_a_table_between(s: Subject) {
    s.clear(&["book_tags", "books", "authors", "tags"]).await;
    let (authors, books) = (s.table("authors").await, s.table("books").await);
    let (tags, book_tags) = (s.table("tags").await, s.table("book_tags").await);
    let author = vec![("email", "a@x".into()), ("name", "Ann".into())];
    let author = s.insert(&authors, author).await.expect("it is stored").remove(0);
    let mut keys = Vec::new();
    for title in ["one", "two", "three"] {
        let book = vec![("author_id", author.clone()), ("title", title.into())];
        keys.push(s.insert(&books, book).await.expect("it is stored").remove(0));
    }
    for (code, label) in [("a", Some("first")), ("b", None), ("c", Some("last"))] {
        let tag = vec![("code", code.into()), ("label", label.into())];
        s.insert(&tags, tag).await.expect("it is stored");
    }
    for (book, tag) in [(0, "b"), (0, "a"), (1, "b"), (2, "c")] {
        let pair: Vec<(&str, Scalar)> = vec![("book_id", keys[book].clone()), ("tag_code", tag.into())];
        s.insert(&book_tags, pair).await.expect("it is stored");
    }
    let plan = PairedPlan {
        read: ReadPlan {
            order: vec![by(&tags, "code")],
            ..reading(&tags, &["code", "label"])
        },
        between: book_tags.clone(),
        condition: Some(On(&book_tags).is("book_id", Ne, keys[2].clone())),
        near: vec![field(&book_tags, "book_id")],
        on: vec![(field(&tags, "code"), field(&book_tags, "tag_code"))],
    };
    let line =
        |tag: &str, label: &str, book: usize| format!("{tag} {label} {}", super::probe::text(&keys[book]));
    let mut found = pairs(&*s.backend, &plan).await;
    found.sort();
    assert_eq!(
        found,
        [line("a", "first", 0), line("b", "-", 0), line("b", "-", 1)]
    );
    let one = PairedPlan {
        read: ReadPlan {
            condition: Some(On(&tags).eq("label", "first")),
            limit: Some(1),
            ..plan.read.clone()
        },
        condition: None,
        ..plan
    };
    assert_eq!(pairs(&*s.backend, &one).await, [line("a", "first", 0)]);
    let work = s.backend.begin().await.expect("it begins");
    assert_eq!(
        pairs(&*work, &one).await,
        [line("a", "first", 0)],
        "inside a unit of work"
    );
}
