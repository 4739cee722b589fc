//! Related records inside a record.

use super::subject::{Subject, id, subjects};
use contract::Verb::{Delete, Get, Patch, Post, Put};
use records::plan::Operand;
use records::{Condition, Scalar, Table, Target};
use serde_json::{Value, json};
use sql::BinaryOp;

fn one(record: Value) -> Value {
    json!({ "resource": [record] })
}

async fn author(s: &Subject, email: &str) -> i64 {
    id(
        &s.ok(Post, "authors", one(json!({"email": email, "name": "Ann"})))
            .await,
        0,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_every_kind_are_written_together() {
    for s in subjects().await {
        s.ok(Post, "tags", one(json!({"code": "old", "label": "Old"})))
            .await;
        let book = |title: &str| json!({"title": title, "TAGS_BY_BOOK_TAGS": [{"code": "old"}, {"code": title, "label": "L"}]});
        let made = json!({"email": "a@x", "name": "Ann", "books_by_author_id": [book("b1"), book("b2")]});
        let path = "authors?fields=*&related=books_by_author_id";
        let answer = s.ok(Post, path, one(made)).await;
        let books = &answer["resource"][0]["books_by_author_id"];
        assert_eq!(books.as_array().map(Vec::len), Some(2), "{}: {answer}", s.name);
        assert_eq!(books[1]["title"], "b2", "{}", s.name);
        assert_eq!(s.count("tags").await, 3, "{}", s.name);
        assert_eq!(s.count("book_tags").await, 4, "{}", s.name);

        // Belongs to: made first, then pointed at; named by its key it is changed and pointed at.
        let made = json!({"title": "b3", "authors_by_author_id": {"email": "b@x", "name": "Bob"}});
        let answer = s
            .ok(Post, "books?fields=*&related=authors_by_author_id", one(made))
            .await;
        assert_eq!(
            answer["resource"][0]["authors_by_author_id"]["name"], "Bob",
            "{}",
            s.name
        );
        let (b3, bob) = (id(&answer, 0), answer["resource"][0]["author_id"].clone());
        let first = id(&s.rows("authors?order=id").await, 0);
        let named = json!({"authors_by_author_id": {"id": first, "name": "Ann 2"}});
        let answer = s
            .ok(
                Patch,
                &format!("books/{b3}?fields=*&related=authors_by_author_id"),
                named,
            )
            .await;
        assert_eq!(answer["author_id"], first, "{}", s.name);
        assert_eq!(answer["authors_by_author_id"]["name"], "Ann 2", "{}", s.name);
        let named = json!({"authors_by_author_id": {"id": bob}});
        assert_eq!(
            s.ok(Put, &format!("books/{b3}?fields=author_id"), named).await["author_id"],
            bob
        );
        let nobody = json!({"authors_by_author_id": {"id": 9999}});
        assert_eq!(
            s.refused(Patch, &format!("books/{b3}"), nobody).await.status(),
            404,
            "{}",
            s.name
        );
        s.ok(
            Patch,
            &format!("books/{b3}"),
            json!({"authors_by_author_id": null, "title": "t"}),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn children_are_linked_changed_and_removed() {
    for s in subjects().await {
        let (ann, bob) = (author(&s, "a@x").await, author(&s, "b@x").await);
        let made = json!({"books_by_author_id": [{"title": "b1"}, {"title": "b2"}, {"title": "b3"}]});
        s.ok(Patch, &format!("authors/{ann}"), made).await;
        let books = s.rows("books?order=id").await;
        let [b1, b2, b3] = [0, 1, 2].map(|i| id(&books, i));
        // Linked by the key alone, changed with more; what is not mentioned stays.
        let moved = json!({"books_by_author_id": [{"id": b1}, {"id": b2, "title": "b2 of Bob"}]});
        s.ok(Patch, &format!("authors/{bob}"), moved).await;
        let expected = json!([{"author_id": bob, "title": "b1"}, {"author_id": bob, "title": "b2 of Bob"},
                              {"author_id": ann, "title": "b3"}]);
        assert_eq!(
            s.rows("books?order=id&fields=author_id,title").await,
            expected,
            "{}",
            s.name
        );
        // The field cannot be NULL: unlinking removes, if that is allowed.
        let unlinked = json!({"books_by_author_id": [{"id": b1, "author_id": null}]});
        let problem = s
            .refused(Patch, &format!("authors/{bob}"), unlinked.clone())
            .await;
        assert_eq!(problem.status(), 400, "{}", s.name);
        let path = format!("authors/{bob}?allow_related_delete=true");
        s.ok(Patch, &path, unlinked.clone()).await;
        assert_eq!(s.count("books").await, 2, "{}", s.name);
        assert_eq!(
            s.refused(Patch, &path, unlinked).await.status(),
            404,
            "{}",
            s.name
        );
        // A child of another parent is not taken from it.
        let foreign = json!({"books_by_author_id": [{"id": b3, "author_id": null}]});
        assert_eq!(s.refused(Patch, &path, foreign).await.status(), 404, "{}", s.name);
        let missing = json!({"books_by_author_id": [{"id": b2}, {"id": 9999}]});
        assert_eq!(
            s.refused(Patch, &format!("authors/{ann}"), missing)
                .await
                .status(),
            404,
            "{}",
            s.name
        );
        assert_eq!(
            s.rows(&format!("books?ids={b2}&fields=author_id")).await[0]["author_id"],
            bob,
            "{}",
            s.name
        );
        for nothing in [json!([]), Value::Null] {
            s.ok(
                Patch,
                &format!("authors/{bob}"),
                json!({"books_by_author_id": nothing}),
            )
            .await;
        }
        assert_eq!(s.count("books").await, 2, "{}", s.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn far_records_are_linked_and_unlinked() {
    for s in subjects().await {
        let ann = author(&s, "a@x").await;
        let tags = json!({"resource": [{"code": "a"}, {"code": "b"}, {"code": "c"}]});
        s.ok(Post, "tags", tags).await;
        let book =
            json!({"author_id": ann, "title": "t", "tags_by_book_tags": [{"code": "a"}, {"code": "a"}]});
        let book = id(&s.ok(Post, "books", one(book)).await, 0);
        let path = format!("books/{book}");
        let links = || async { s.rows("book_tags?order=tag_code&fields=tag_code").await };
        assert_eq!(links().await, json!([{"tag_code": "a"}]), "{}", s.name);
        let more = json!({"tags_by_book_tags": [{"code": "a"}, {"code": "b", "label": "B"}, {"code": "new", "label": "N"}]});
        s.ok(Patch, &path, more).await;
        assert_eq!(
            links().await,
            json!([{"tag_code": "a"}, {"tag_code": "b"}, {"tag_code": "new"}]),
            "{}",
            s.name
        );
        assert_eq!(s.ok(Get, "tags/b", Value::Null).await["label"], "B", "{}", s.name);
        let gone =
            json!({"tags_by_book_tags": [{"code": "a", "books.id": null}, {"code": "b", "tags.code": null}]});
        s.ok(Patch, &path, gone).await;
        assert_eq!(links().await, json!([{"tag_code": "new"}]), "{}", s.name);
        assert_eq!(s.count("tags").await, 4, "{}", s.name);
        let missing = json!({"tags_by_book_tags": [{"code": "nowhere"}]});
        assert_eq!(s.refused(Patch, &path, missing).await.status(), 404, "{}", s.name);
        // The rows between as children of their own, with a key of the client's making.
        let between = json!({"book_tags_by_book_id": [{"tag_code": "c"}, {"tag_code": "new"}]});
        s.ok(Patch, &path, between).await;
        assert_eq!(
            links().await,
            json!([{"tag_code": "c"}, {"tag_code": "new"}]),
            "{}",
            s.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_inside_leaves_nothing() {
    for s in subjects().await {
        let good = |n: usize| json!({"email": format!("{n}@x"), "name": "Ann", "books_by_author_id": [{"title": "t", "isbn": format!("i{n}")}]});
        let bad = json!({"email": "bad@x", "name": "Ann", "books_by_author_id": [{"title": "t", "isbn": "x"}, {"title": "u", "isbn": "x"}]});
        let batch = |n: usize| json!({"resource": [good(n), bad, good(n + 1)]});
        for (mode, stored) in [("", 1), ("?continue=true", 3), ("?rollback=true", 3)] {
            let before = s.count("authors").await as usize;
            let problem = s
                .refused(Post, &format!("authors{mode}"), batch(10 * (stored + before)))
                .await;
            let context = problem.context.expect("a batch tells what failed");
            assert_eq!(context["error"], json!([1]), "{} {mode}: {context}", s.name);
            let message = context["resource"][1]["message"].as_str().unwrap_or_default();
            assert!(
                message.starts_with("Failed to update many to one assignment.\n"),
                "{message}"
            );
            assert_eq!(s.count("authors").await as usize, stored, "{} {mode}", s.name);
            assert_eq!(s.count("books").await as usize, stored, "{} {mode}", s.name);
        }
        // Parents that were made before a record was refused are gone, too.
        let orphan = json!({"title": null, "authors_by_author_id": {"email": "z@x", "name": "Zoe"}});
        s.refused(Post, "books", one(orphan)).await;
        assert_eq!(s.count("authors").await, 3, "{}", s.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_children_take_few_statements() {
    for s in subjects().await {
        let books: Vec<Value> = (0..100)
            .map(|n| json!({"title": format!("t{n}"), "isbn": format!("{n}")}))
            .collect();
        let made = json!({"email": "a@x", "name": "Ann", "books_by_author_id": books});
        let (answer, statements) = s.statements_of(s.ok(Post, "authors", one(made))).await;
        assert!(statements.is_none_or(|n| n <= 4), "{}: {statements:?}", s.name);
        assert_eq!(s.count("books").await, 100, "{}", s.name);
        // All of them to another author: a look, a change, and the frame of the unit of work.
        let keys = s.rows("books?fields=id").await;
        let bob = author(&s, "b@x").await;
        let path = format!("authors/{bob}");
        let moved = s.ok(Patch, &path, json!({"books_by_author_id": keys}));
        let (_, statements) = s.statements_of(moved).await;
        assert!(statements.is_none_or(|n| n <= 4), "{}: {statements:?}", s.name);
        let ann = id(&answer, 0);
        assert_eq!(
            s.rows(&format!("books?filter=author_id={ann}")).await,
            json!([]),
            "{}",
            s.name
        );
        // Three levels, every level of one parent at once.
        let tags: Vec<Value> = (0..30)
            .map(|n| json!({"code": format!("t{n}"), "label": "x"}))
            .collect();
        let deep = json!({"email": "c@x", "name": "Cyd", "books_by_author_id": [{"title": "d", "tags_by_book_tags": tags}]});
        let (_, statements) = s.statements_of(s.ok(Post, "authors", one(deep))).await;
        assert!(statements.is_none_or(|n| n <= 8), "{}: {statements:?}", s.name);
        assert_eq!(s.count("book_tags").await, 30, "{}", s.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_rows_stored_together_are_their_own() {
    for s in subjects().await {
        let book = |n: usize| json!({"title": format!("{n}"), "tags_by_book_tags": [{"code": format!("{n}"), "label": "x"}]});
        let author = json!({"email": "a@x", "name": "Ann", "books_by_author_id": (0..20).map(book).collect::<Vec<_>>()});
        s.ok(Post, "authors", one(author)).await;
        let books = s.rows("books?fields=title&related=tags_by_book_tags").await;
        for book in books.as_array().expect("a list") {
            assert_eq!(book["tags_by_book_tags"][0]["code"], book["title"], "{}", s.name);
        }
        let many: Vec<Value> = (0..40)
            .map(|n| json!({"email": format!("m{n}@x"), "name": format!("{n}")}))
            .collect();
        let answer = s
            .ok(Post, "authors?rollback=true", json!({"resource": many}))
            .await;
        let ids: Vec<String> = (0..40).map(|n| id(&answer, n).to_string()).collect();
        let rows = s
            .rows(&format!("authors?ids={}&fields=name", ids.join(",")))
            .await;
        for (n, row) in rows.as_array().expect("a list").iter().enumerate() {
            assert_eq!(row["name"], n.to_string(), "{}", s.name);
        }
    }
}

fn shown_titles(table: &Table) -> Condition {
    let field = table.field("title").expect("books have titles");
    Condition::Compare(
        Target::Field(field),
        BinaryOp::Ne,
        Operand::Value(Scalar::from("hidden")),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_count_on_every_table() {
    for s in subjects().await {
        let ann = author(&s, "a@x").await;
        let books = json!({"books_by_author_id": [{"title": "seen"}, {"title": "hidden"}]});
        s.ok(Patch, &format!("authors/{ann}"), books).await;
        let rows = s.rows("books?order=id").await;
        let (seen, hidden) = (id(&rows, 0), id(&rows, 1));
        let path = format!("authors/{ann}?allow_related_delete=true");
        let with = |item: Value| json!({"books_by_author_id": [item]});

        s.tables.filters.lock().push(("books", shown_titles));
        for (item, status) in [
            (json!({"title": "hidden"}), 403),
            (json!({"id": seen, "title": "hidden"}), 403),
            (json!({"id": hidden, "title": "x"}), 404),
            (json!({"id": hidden}), 404),
            (json!({"id": hidden, "author_id": null}), 404),
        ] {
            let problem = s.refused(Patch, &path, with(item.clone())).await;
            assert_eq!(problem.status(), status, "{} {item}: {problem}", s.name);
        }
        s.tables.filters.lock().clear();
        assert_eq!(
            s.rows("books?order=id&fields=title").await,
            json!([{"title": "seen"}, {"title": "hidden"}]),
            "{}",
            s.name
        );

        for (verb, item) in [
            (Post, json!({"title": "new"})),
            (Patch, json!({"id": seen, "title": "changed"})),
            (Patch, json!({"id": seen})),
            (Delete, json!({"id": seen, "author_id": null})),
        ] {
            *s.tables.denied.lock() = vec![("books", verb)];
            let problem = s.refused(Patch, &path, with(item.clone())).await;
            assert_eq!(problem.status(), 403, "{} {verb} {item}: {problem}", s.name);
        }
        let tag = json!({"tags_by_book_tags": [{"code": "n", "label": "x"}]});
        for table in ["tags", "book_tags"] {
            *s.tables.denied.lock() = vec![(table, Post)];
            assert_eq!(
                s.refused(Patch, &format!("books/{seen}"), tag.clone())
                    .await
                    .status(),
                403,
                "{} {table}",
                s.name
            );
        }
        *s.tables.denied.lock() = vec![("authors", Post)];
        let parent = json!({"title": "t", "authors_by_author_id": {"email": "n@x", "name": "N"}});
        let problem = s.refused(Post, "books", one(parent)).await;
        let context = problem.context.expect("a batch tells what failed");
        assert_eq!(context["resource"][0]["status_code"], 403, "{}", s.name);
        s.tables.denied.lock().clear();
        for (table, count) in [("authors", 1), ("books", 2), ("tags", 0), ("book_tags", 0)] {
            assert_eq!(s.count(table).await, count, "{} {table}", s.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn depth_and_number_are_bounded() {
    for s in subjects().await {
        let mut deep = json!({"email": "a@x", "name": "Ann"});
        for n in 0..10 {
            deep = json!({"title": "t", "authors_by_author_id": deep});
            deep = json!({"email": format!("{n}@x"), "name": "Ann", "books_by_author_id": [deep]});
        }
        assert_eq!(
            s.refused(Post, "authors", one(deep)).await.status(),
            400,
            "{}",
            s.name
        );
        let books: Vec<Value> = (0..10_001).map(|_| json!({"title": "t"})).collect();
        let wide = json!({"email": "a@x", "name": "Ann", "books_by_author_id": books});
        assert_eq!(
            s.refused(Post, "authors", one(wide)).await.status(),
            400,
            "{}",
            s.name
        );
        for odd in [json!([1]), json!(["x"]), json!([[{"title": "t"}]]), json!([null])] {
            let made = json!({"email": "a@x", "name": "Ann", "books_by_author_id": odd});
            assert_eq!(
                s.refused(Post, "authors", one(made)).await.status(),
                400,
                "{} {odd}",
                s.name
            );
        }
        assert_eq!(s.count("authors").await, 0, "{}", s.name);
        let by_filter = json!({"resource": [{"books_by_author_id": [{"title": "t"}]}]});
        assert_eq!(
            s.refused(Patch, "authors?filter=id>0", by_filter).await.status(),
            400,
            "{}",
            s.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn upserts_write_what_is_inside() {
    for mut s in subjects().await {
        s.engine.limits.allow_upsert = true;
        let tag = json!({"code": "n", "label": "x", "book_tags_by_tag_code": []});
        s.ok(Put, "tags/n", tag).await;
        let between = json!({"resource": [{"book_id": 7, "tag_code": "n",
            "books_by_book_id": {"title": "t", "authors_by_author_id": {"email": "a@x", "name": "Ann"}}}]});
        // What the relation says of the field counts, not what was sent for it.
        s.ok(Put, "book_tags", between).await;
        assert_eq!(s.count("book_tags").await, 1, "{}", s.name);
        assert_eq!(s.count("books").await, 1, "{}", s.name);
        assert_eq!(s.count("authors").await, 1, "{}", s.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_child_is_made_changed_and_unlinked() {
    for s in subjects().await.into_iter().filter(|s| s.statements.is_some()) {
        let made = json!({"email": "a@x", "name": "Ann", "profiles_by_author_id": {"motto": "one"}});
        let ann = id(&s.ok(Post, "authors", one(made)).await, 0);
        let profile = id(&s.rows("profiles").await, 0);
        let path = format!("authors/{ann}");
        let changed = json!({"profiles_by_author_id": {"id": profile, "motto": "two"}});
        s.ok(Patch, &path, changed).await;
        let expected = json!([{"author_id": ann, "motto": "two"}]);
        assert_eq!(
            s.rows("profiles?fields=author_id,motto").await,
            expected,
            "{}",
            s.name
        );
        let second = json!({"profiles_by_author_id": {"motto": "three"}});
        assert_eq!(s.refused(Patch, &path, second).await.status(), 400, "{}", s.name);
        // SQLite's keys are not told as such, so that the relation is one of many there, and nothing is no order.
        let nothing = s
            .ok(Get, &format!("{path}?related=profiles_by_author_id"), Value::Null)
            .await;
        let has_one = nothing["profiles_by_author_id"].is_object();
        s.ok(Patch, &path, json!({"profiles_by_author_id": null})).await;
        let alone = s.rows("profiles?fields=author_id").await;
        assert_eq!(alone[0]["author_id"].is_null(), has_one, "{} {alone}", s.name);
    }
}
