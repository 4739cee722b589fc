//! Several records in one request, and rows that are named in unusual ways.

use super::subject::{id, subjects};
use contract::Verb::{Delete, Get, Patch, Post};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_large_batch_takes_few_statements_and_keeps_what_came_before_a_failure() {
    for s in subjects().await {
        let author = |n: usize| json!({"email": format!("{n}@x"), "name": "Ann"});
        let many: Vec<Value> = (0..100).map(author).collect();
        let (answer, statements) = s
            .statements_of(s.ok(Post, "authors", json!({ "resource": many })))
            .await;
        assert!(statements.is_none_or(|n| n <= 4), "{}: {statements:?}", s.name);
        for n in (0..100).step_by(33) {
            let row = s
                .ok(Get, &format!("authors/{}", id(&answer, n)), Value::Null)
                .await;
            assert_eq!(row["email"], json!(format!("{n}@x")), "{}", s.name);
        }

        let mut more: Vec<Value> = (100..140).map(author).collect();
        more[25] = author(3);
        let problem = s.refused(Post, "authors", json!({ "resource": more })).await;
        let context = problem.context.expect("a batch tells what failed");
        assert_eq!(context["error"], json!([25]), "{}", s.name);
        assert_eq!(s.count("authors").await, 125, "{}", s.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_undone_names_its_failure() {
    for s in subjects().await {
        let mut many: Vec<Value> = (0..30)
            .map(|n| json!({"email": format!("{n}@x"), "name": "Ann"}))
            .collect();
        let (_, statements) = s
            .statements_of(s.ok(Post, "authors?rollback=true", json!({"resource": many.clone()})))
            .await;
        assert!(statements.is_none_or(|n| n <= 4), "{}: {statements:?}", s.name);
        for (n, record) in many.iter_mut().enumerate() {
            record["email"] = json!(format!("new{n}@x"));
        }
        for (bad, kind) in [
            (json!({"email": "3@x", "name": "Ann"}), "duplicate"),
            (json!({"email": "v@x"}), "missing"),
        ] {
            many[17] = bad;
            let problem = s
                .refused(Post, "authors?rollback=true", json!({"resource": many}))
                .await;
            assert!(
                problem.message.ends_with("All changes rolled back."),
                "{}",
                problem.message
            );
            let context = problem.context.expect("a batch tells what failed");
            assert_eq!(context["error"], json!([17]), "{} {kind}", s.name);
            assert_eq!(
                context["resource"].as_array().map(Vec::len),
                Some(18),
                "{} {kind}",
                s.name
            );
            assert_eq!(s.count("authors").await, 30, "{} {kind}", s.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_a_key_and_with_two_are_written() {
    for s in subjects().await {
        let log = json!({"resource": [{"message": "a", "n": 1}, {"message": "b", "n": 1}]});
        assert_eq!(
            s.ok(Post, "journal", log).await,
            json!({"resource": [{}, {}]}),
            "{}",
            s.name
        );
        let changed = s
            .ok(
                Patch,
                "journal?filter=message='a'",
                json!({"resource": [{"n": 5}]}),
            )
            .await;
        assert_eq!(
            changed,
            json!({"resource": [{"message": "a", "n": 5}]}),
            "{}",
            s.name
        );
        assert_eq!(
            s.refused(Patch, "journal/1", json!({"n": 5})).await.status(),
            400,
            "{}",
            s.name
        );
        let by_field = s
            .ok(Patch, "journal/b?id_field=message&fields=*", json!({"n": 6}))
            .await;
        assert_eq!(by_field, json!({"message": "b", "n": 6}), "{}", s.name);

        let pairs = json!({"resource": [{"a": 1, "b": 2, "note": "x"}, {"a": 1, "b": 3, "note": "y"}]});
        s.ok(Post, "pairs", pairs).await;
        s.ok(Patch, "pairs/1,2", json!({"note": "by path"})).await;
        s.ok(
            Patch,
            "pairs",
            json!({"resource": [{"note": "by ids"}], "ids": [{"a": 1, "b": 3}]}),
        )
        .await;
        assert_eq!(
            s.rows("pairs?order=b&fields=note").await,
            json!([{"note": "by path"}, {"note": "by ids"}]),
            "{}",
            s.name
        );
        assert_eq!(
            s.refused(Delete, "pairs/1", Value::Null).await.status(),
            400,
            "{}",
            s.name
        );
        let gone = s.ok(Delete, "pairs/1,3?fields=*", Value::Null).await;
        assert_eq!(gone["note"], "by ids", "{}", s.name);
        assert_eq!(s.count("pairs").await, 1, "{}", s.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_shown_before_they_are_deleted_together() {
    for s in subjects().await {
        let made = json!({"resource": [{"email": "a@x", "name": "A"}, {"email": "b@x", "name": "B"}]});
        let made = s.ok(Post, "authors", made).await;
        let path = format!(
            "authors?ids={},{},9999&rollback=true&fields=name",
            id(&made, 0),
            id(&made, 1)
        );
        let problem = s.refused(Delete, &path, Value::Null).await;
        assert_eq!(
            problem.context.expect("it tells what failed")["error"],
            json!([2]),
            "{}",
            s.name
        );
        assert_eq!(s.count("authors").await, 2, "{}", s.name);
        let gone = s.ok(Delete, &path.replace(",9999", ""), Value::Null).await;
        assert_eq!(
            gone,
            json!({"resource": [{"name": "A"}, {"name": "B"}]}),
            "{}",
            s.name
        );
        assert_eq!(s.count("authors").await, 0, "{}", s.name);
    }
}
