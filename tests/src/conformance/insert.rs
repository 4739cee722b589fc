//! New rows.

use super::Subject;
use super::probe::{On, Probe, field, ids, inserting, reading, refused, shown};
use contract::Kind;
use records::{InsertPlan, Scalar};
use std::collections::BTreeSet;
use std::sync::Arc;

fn author<'a>(email: &str, name: &str) -> Vec<(&'a str, Scalar)> {
    vec![("email", email.into()), ("name", name.into())]
}

const EVERYTHING: &[&str] = &["book_tags", "books", "authors", "tags"];

pub(super) async fn keys_come_back(s: Subject) {
    s.clear(EVERYTHING).await;
    let authors = s.table("authors").await;
    let first = s
        .insert(&authors, author("a@x", "Ann"))
        .await
        .expect("it is stored")[0]
        .to_int();
    let second = s
        .insert(&authors, author("b@x", "Ben"))
        .await
        .expect("it is stored")[0]
        .to_int();
    assert!(first.is_some() && second > first, "{first:?} {second:?}");
    let mut chosen = author("c@x", "Cid");
    chosen.push(("id", 1_000_000.into()));
    assert_eq!(
        s.insert(&authors, chosen).await.expect("it is stored")[0].to_int(),
        Some(1_000_000)
    );
    let tags = s.table("tags").await;
    let key = s
        .insert(&tags, vec![("code", "ü 1".into())])
        .await
        .expect("it is stored");
    assert_eq!(key, [Scalar::from("ü 1")]);
    let pairs = s.table("pairs").await;
    s.clear(&["pairs", "journal"]).await;
    let key = s
        .insert(&pairs, vec![("b", 2.into()), ("a", 1.into())])
        .await
        .expect("it is stored");
    assert_eq!(
        key.iter().map(Scalar::to_int).collect::<Vec<_>>(),
        [Some(1), Some(2)]
    );
    let journal = s.table("journal").await;
    assert_eq!(
        s.insert(&journal, vec![("n", 1.into())])
            .await
            .expect("it is stored"),
        []
    );
}

pub(super) async fn defaults_are_stored(s: Subject) {
    s.clear(EVERYTHING).await;
    s.clear(&["counters"]).await;
    let authors = s.table("authors").await;
    s.insert(&authors, author("a@x", "Ann"))
        .await
        .expect("it is stored");
    let plan = reading(&authors, &["email", "name", "status", "rating"]);
    assert_eq!(shown(&*s.backend, &plan).await, ["a@x Ann new -"]);
    let counters = s.table("counters").await;
    let key = s
        .insert(&counters, vec![])
        .await
        .expect("a row of defaults is stored");
    assert!(key[0].to_int().is_some());
    assert_eq!(shown(&*s.backend, &reading(&counters, &["n"])).await, ["7"]);
}

pub(super) async fn duplicates(s: Subject) {
    s.clear(EVERYTHING).await;
    s.clear(&["pairs"]).await;
    let authors = s.table("authors").await;
    let key = s
        .insert(&authors, author("a@x", "Ann"))
        .await
        .expect("it is stored");
    assert_eq!(
        refused(s.insert(&authors, author("a@x", "Ben")).await),
        Kind::BadRequest
    );
    let mut same = author("b@x", "Ben");
    same.push(("id", key[0].clone()));
    assert_eq!(refused(s.insert(&authors, same).await), Kind::BadRequest);
    assert_eq!(ids(&*s.backend, &authors, None).await.len(), 1);
    let pairs = s.table("pairs").await;
    let pair = |a: i64, b: i64| vec![("a", a.into()), ("b", b.into())];
    s.insert(&pairs, pair(1, 2)).await.expect("it is stored");
    s.insert(&pairs, pair(2, 1))
        .await
        .expect("half of a key may repeat");
    assert_eq!(refused(s.insert(&pairs, pair(1, 2)).await), Kind::BadRequest);
    // NULLs are no duplicates.
    let books = s.table("books").await;
    for title in ["one", "two"] {
        let book = vec![
            ("author_id", key[0].clone()),
            ("title", title.into()),
            ("isbn", Scalar::Null),
        ];
        s.insert(&books, book).await.expect("it is stored");
    }
}

pub(super) async fn missing_values(s: Subject) {
    s.clear(EVERYTHING).await;
    let authors = s.table("authors").await;
    let nulls = vec![("email", "a@x".into()), ("name", Scalar::Null)];
    assert_eq!(refused(s.insert(&authors, nulls).await), Kind::BadRequest);
    if s.traits.strict {
        assert_eq!(
            refused(s.insert(&authors, vec![("email", "a@x".into())]).await),
            Kind::BadRequest
        );
    }
    assert_eq!(ids(&*s.backend, &authors, None).await, [] as [i64; 0]);
}

pub(super) async fn lost_references(s: Subject) {
    s.clear(EVERYTHING).await;
    let books = s.table("books").await;
    let book = vec![("author_id", 4711.into()), ("title", "lost".into())];
    assert_eq!(refused(s.insert(&books, book).await), Kind::BadRequest);
    assert_eq!(ids(&*s.backend, &books, None).await, [] as [i64; 0]);
}

pub(super) async fn bad_values(s: Subject) {
    if !s.traits.strict {
        return;
    }
    s.clear(EVERYTHING).await;
    let authors = s.table("authors").await;
    for (name, value) in [
        ("rating", Scalar::from("many")),
        ("rating", Scalar::Int(1 << 40)),
        ("name", Scalar::from("x".repeat(21))),
    ] {
        let mut values = author("a@x", "Ann");
        values.retain(|(known, _)| *known != name);
        values.push((name, value));
        assert_eq!(
            refused(s.insert(&authors, values).await),
            Kind::BadRequest,
            "{name}"
        );
    }
    assert_eq!(ids(&*s.backend, &authors, None).await, [] as [i64; 0]);
    let kinds = s.table("kinds").await;
    for (name, value) in [
        ("c_date", "2024-13-01"),
        ("c_date", "soon"),
        ("c_dt", "2024-02-30 00:00:00"),
        ("c_time", "noon"),
    ] {
        assert_eq!(
            refused(s.insert(&kinds, vec![(name, value.into())]).await),
            Kind::BadRequest,
            "{value}"
        );
    }
}

/// A row that its own check hides is not stored.
pub(super) async fn checked(s: Subject) {
    s.clear(EVERYTHING).await;
    s.clear(&["journal", "pairs"]).await;
    let authors = s.table("authors").await;
    let plan = |email: &str, name: &str| InsertPlan {
        check: Some(On(&authors).eq("name", "Ann")),
        ..inserting(&authors, author(email, name))
    };
    let stored = s.backend.insert(&plan("a@x", "Ann")).await.expect("it is stored");
    assert!(stored[0].to_int().is_some());
    assert_eq!(
        refused(s.backend.insert(&plan("b@x", "Ben")).await),
        Kind::Forbidden
    );
    // Columns that were not sent are looked at as they are stored.
    let status = InsertPlan {
        check: Some(On(&authors).eq("status", "new")),
        ..plan("c@x", "Cid")
    };
    s.backend.insert(&status).await.expect("it is stored");
    // What is neither true nor false hides the row, too.
    let rating = InsertPlan {
        check: Some(On(&authors).eq("rating", 1)),
        ..plan("d@x", "Dan")
    };
    assert_eq!(refused(s.backend.insert(&rating).await), Kind::Forbidden);
    assert_eq!(ids(&*s.backend, &authors, None).await.len(), 2);
    // Nobody asks for the key, or there is none.
    let silent = InsertPlan {
        returning: vec![],
        ..plan("e@x", "Eve")
    };
    assert_eq!(refused(s.backend.insert(&silent).await), Kind::Forbidden);
    for (name, row) in [
        ("journal", vec![("n", Scalar::Int(1))]),
        ("pairs", vec![("a", 1.into()), ("b", 1.into())]),
    ] {
        let table = s.table(name).await;
        let last = row[0].0;
        for (value, allowed) in [(1, true), (2, false)] {
            let plan = InsertPlan {
                check: Some(On(&table).eq(last, value)),
                ..inserting(&table, row.clone())
            };
            let stored = s.backend.insert(&plan).await;
            if allowed {
                stored.unwrap_or_else(|e| panic!("{name}: {e}"));
                s.clear(&[name]).await;
            } else {
                assert_eq!(refused(stored), Kind::Forbidden);
            }
        }
        assert_eq!(
            shown(&*s.backend, &reading(&table, &[last])).await,
            [] as [String; 0]
        );
    }
    assert_eq!(field(&authors, "id"), authors.primary_key[0]);
}

pub(super) async fn many_at_once(s: Subject) {
    s.clear(EVERYTHING).await;
    let authors = s.table("authors").await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..24 {
        let (s, authors) = (s.clone(), Arc::clone(&authors));
        tasks.spawn(async move { s.insert(&authors, author(&format!("{n}@x"), "Ann")).await });
    }
    let stored = tasks
        .join_all()
        .await
        .into_iter()
        .map(|key| key.expect("it is stored")[0].to_int());
    assert_eq!(stored.collect::<BTreeSet<_>>().len(), 24);
    assert_eq!(ids(&*s.backend, &authors, None).await.len(), 24);
}
