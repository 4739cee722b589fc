//! Changed and removed rows.

use super::Subject;
use super::probe::{On, Probe, by, changing, ids, not, reading, refused, shown};
use contract::Kind;
use records::{DeletePlan, ReadPlan, Scalar, Table, UpdatePlan};
use sql::BinaryOp::Gt;
use std::sync::Arc;

/// Three authors with ratings 1, 2 and none; gives the table and their ids.
async fn three(s: &Subject) -> (Arc<Table>, Vec<i64>) {
    s.clear(&["book_tags", "books", "authors", "tags"]).await;
    let authors = s.table("authors").await;
    for (email, rating) in [("a@x", Some(1)), ("b@x", Some(2)), ("c@x", None)] {
        let values = vec![
            ("email", email.into()),
            ("name", "Ann".into()),
            ("rating", rating.into()),
        ];
        s.insert(&authors, values).await.expect("it is stored");
    }
    let ids = ids(&*s.backend, &authors, None).await;
    (authors, ids)
}

async fn ratings(s: &Subject, authors: &Arc<Table>) -> String {
    let plan = ReadPlan {
        order: vec![by(authors, "id")],
        ..reading(authors, &["rating"])
    };
    shown(&*s.backend, &plan).await.join(" ")
}

pub(super) async fn updates_count_found_rows(s: Subject) {
    let (authors, key) = three(&s).await;
    let on = On(&authors);
    for (condition, rating, found, after) in [
        (Some(on.eq("id", key[0])), Scalar::Int(9), 1, "9 2 -"),
        // Found, though nothing changes.
        (Some(on.eq("id", key[0])), Scalar::Int(9), 1, "9 2 -"),
        (Some(on.eq("id", -1)), Scalar::Int(5), 0, "9 2 -"),
        (Some(on.is("rating", Gt, 1)), Scalar::Int(3), 2, "3 3 -"),
        (Some(on.null("rating")), Scalar::Int(4), 1, "3 3 4"),
        (None, Scalar::Null, 3, "- - -"),
    ] {
        let plan = changing(&authors, vec![("rating", rating)], condition);
        assert_eq!(
            s.backend.update(&plan).await.expect("it is changed"),
            found,
            "{:?}",
            plan.condition
        );
        assert_eq!(ratings(&s, &authors).await, after);
    }
    let both = vec![("name", "Zoë".into()), ("status", "old".into())];
    s.backend
        .update(&changing(&authors, both, on.eq("id", key[1])))
        .await
        .expect("it is changed");
    let plan = ReadPlan {
        condition: Some(on.eq("id", key[1])),
        ..reading(&authors, &["email", "name", "status"])
    };
    assert_eq!(shown(&*s.backend, &plan).await, ["b@x Zoë old"]);
}

pub(super) async fn updates_that_are_refused(s: Subject) {
    let (authors, key) = three(&s).await;
    let on = On(&authors);
    let books = s.table("books").await;
    let book = vec![("author_id", key[0].into()), ("title", "one".into())];
    s.insert(&books, book).await.expect("it is stored");
    let lost = changing(&books, vec![("author_id", 4711.into())], None);
    assert_eq!(refused(s.backend.update(&lost).await), Kind::BadRequest);
    let mut wrong = vec![
        changing(&authors, vec![("email", "a@x".into())], on.eq("id", key[1])),
        changing(&authors, vec![("name", Scalar::Null)], on.eq("id", key[1])),
        changing(
            &authors,
            vec![("id", (key[0] + 5000).into())],
            on.eq("id", key[0]),
        ),
    ];
    if s.traits.strict {
        wrong.push(changing(&authors, vec![("rating", "x".into())], None));
        wrong.push(changing(&authors, vec![("name", "x".repeat(21).into())], None));
    }
    for plan in wrong {
        assert_eq!(
            refused(s.backend.update(&plan).await),
            Kind::BadRequest,
            "{:?}",
            plan.values
        );
    }
    assert_eq!(ratings(&s, &authors).await, "1 2 -");
    // One of several rows breaks a rule: none is changed.
    let all = changing(
        &authors,
        vec![("email", "same@x".into()), ("rating", 7.into())],
        None,
    );
    assert_eq!(refused(s.backend.update(&all).await), Kind::BadRequest);
    assert_eq!(ratings(&s, &authors).await, "1 2 -");
}

/// A change after which the caller's own filter would hide a row happens to no row.
pub(super) async fn checked_updates(s: Subject) {
    let (authors, key) = three(&s).await;
    let on = On(&authors);
    let checked = |rating: i64, condition| UpdatePlan {
        check: Some(on.is("rating", Gt, 0)),
        ..changing(&authors, vec![("rating", rating.into())], condition)
    };
    assert_eq!(
        s.backend
            .update(&checked(5, Some(on.eq("id", key[0]))))
            .await
            .expect("it is changed"),
        1
    );
    assert_eq!(
        s.backend
            .update(&checked(5, Some(on.eq("id", -1))))
            .await
            .expect("nothing is found"),
        0
    );
    assert_eq!(
        refused(s.backend.update(&checked(0, Some(on.eq("id", key[0])))).await),
        Kind::Forbidden
    );
    assert_eq!(
        refused(s.backend.update(&checked(-1, None)).await),
        Kind::Forbidden
    );
    assert_eq!(ratings(&s, &authors).await, "5 2 -");
    // One row of several would be hidden, by another column than the changed one.
    let status = UpdatePlan {
        check: Some(not(on.null("rating"))),
        ..changing(&authors, vec![("status", "old".into())], None)
    };
    assert_eq!(refused(s.backend.update(&status).await), Kind::Forbidden);
    assert_eq!(
        ids(&*s.backend, &authors, on.eq("status", "old")).await,
        [] as [i64; 0]
    );
    // A changed key is found again.
    let moved = UpdatePlan {
        check: Some(on.eq("email", "c@x")),
        ..changing(
            &authors,
            vec![("id", (key[2] + 5000).into())],
            on.eq("id", key[2]),
        )
    };
    assert_eq!(s.backend.update(&moved).await.expect("it is changed"), 1);
}

pub(super) async fn deletes(s: Subject) {
    let (authors, key) = three(&s).await;
    let on = On(&authors);
    let delete = |condition| DeletePlan {
        table: Arc::clone(&authors),
        condition,
    };
    assert_eq!(
        s.backend
            .delete(&delete(Some(on.eq("id", -1))))
            .await
            .expect("nothing is found"),
        0
    );
    assert_eq!(
        s.backend
            .delete(&delete(Some(on.is("rating", Gt, 1))))
            .await
            .expect("it is removed"),
        1
    );
    assert_eq!(ids(&*s.backend, &authors, None).await, [key[0], key[2]]);
    assert_eq!(s.backend.delete(&delete(None)).await.expect("all are removed"), 2);
    assert_eq!(ids(&*s.backend, &authors, None).await, [] as [i64; 0]);
}

pub(super) async fn deletes_that_are_refused(s: Subject) {
    let (authors, key) = three(&s).await;
    let (books, tags, marks) = (
        s.table("books").await,
        s.table("tags").await,
        s.table("book_tags").await,
    );
    let book = vec![("author_id", key[0].into()), ("title", "one".into())];
    let book = s.insert(&books, book).await.expect("it is stored")[0].clone();
    s.insert(&tags, vec![("code", "t".into())])
        .await
        .expect("it is stored");
    let mark = vec![("book_id", book), ("tag_code", "t".into())];
    s.insert(&marks, mark).await.expect("it is stored");
    for table in [&authors, &tags] {
        let plan = DeletePlan {
            table: Arc::clone(table),
            condition: None,
        };
        assert_eq!(
            refused(s.backend.delete(&plan).await),
            Kind::BadRequest,
            "{}",
            table.name
        );
    }
    assert_eq!(ids(&*s.backend, &authors, None).await, key);
    // Removing a book removes its marks.
    let plan = DeletePlan {
        table: Arc::clone(&books),
        condition: None,
    };
    assert_eq!(s.backend.delete(&plan).await.expect("it is removed"), 1);
    assert_eq!(
        shown(&*s.backend, &reading(&marks, &["tag_code"])).await,
        [] as [String; 0]
    );
}

pub(super) async fn composite_keys(s: Subject) {
    s.clear(&["pairs"]).await;
    let pairs = s.table("pairs").await;
    let on = On(&pairs);
    for (a, b) in [(1, 1), (1, 2), (2, 1)] {
        s.insert(&pairs, vec![("a", a.into()), ("b", b.into())])
            .await
            .expect("it is stored");
    }
    let key = records::Condition::And(vec![on.eq("a", 1), on.eq("b", 2)]);
    let plan = UpdatePlan {
        check: Some(on.eq("note", "x")),
        ..changing(&pairs, vec![("note", "x".into())], key.clone())
    };
    assert_eq!(s.backend.update(&plan).await.expect("it is changed"), 1);
    // A part of the key changes, and the check finds the rows under their new keys.
    let moved = UpdatePlan {
        check: Some(on.eq("a", 3)),
        ..changing(&pairs, vec![("a", 3.into())], on.eq("a", 1))
    };
    assert_eq!(s.backend.update(&moved).await.expect("they are changed"), 2);
    let order = vec![by(&pairs, "a"), by(&pairs, "b")];
    let all = ReadPlan {
        order,
        ..reading(&pairs, &["a", "b", "note"])
    };
    assert_eq!(shown(&*s.backend, &all).await, ["2 1 -", "3 1 -", "3 2 x"]);
}
