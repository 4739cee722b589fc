//! Expressions, what the server sets, and lookups.

use super::subject::{id, subjects};
use contract::Verb::{Get, Patch, Post};
use records::Kind;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn expressions_of_the_small_grammar_are_stored() {
    for s in subjects().await {
        let made = json!({"resource": [{"name": {"expression": "UPPER('ann')"}, "kind": "k", "qty": 3, "price": "1.10",
                                        "made": {"expression": "CURRENT_DATE"}}]});
        let made = id(&s.ok(Post, "items", made).await, 0);
        let path = format!("items/{made}");
        let row = s.ok(Get, &path, Value::Null).await;
        assert_eq!(row["name"], "ANN", "{}", s.name);
        assert!(
            row["made"]
                .as_str()
                .is_some_and(|d| d.starts_with("20") && d.len() == 10),
            "{} {row}",
            s.name
        );
        let change = json!({"qty": {"expression": "qty + 1"}, "name": {"expression": {"value": "COALESCE(NULLIF(name, ?), ?)", "params": ["ANN", "it's"]}},
                            "price": {"expression": "price - 0.05"}});
        s.ok(Patch, &path, change).await;
        let row = s.ok(Get, &path, Value::Null).await;
        assert_eq!(row["qty"], 4, "{}", s.name);
        assert_eq!(row["name"], "it's", "{}", s.name);
        assert!(
            row["price"].as_f64().is_some_and(|p| (p - 1.05).abs() < 1e-9),
            "{} {row}",
            s.name
        );
        let earlier = json!({"resource": [{"made": {"expression": "CURRENT_DATE - INTERVAL 400 DAY"}}]});
        s.ok(Patch, "items?filter=qty=4", earlier).await;
        assert!(
            s.ok(Get, &path, Value::Null).await["made"].as_str() < row["made"].as_str(),
            "{}",
            s.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_other_expressions_are_refused() {
    for s in subjects().await {
        let made = id(
            &s.ok(Post, "items", json!({"resource": [{"name": "n", "kind": "k"}]}))
                .await,
            0,
        );
        let path = format!("items/{made}");
        for text in [
            "(SELECT email FROM authors)",
            "SLEEP(5)",
            "pg_sleep(5)",
            "name); DROP TABLE items; --",
            "secret_column",
            "name || 'x'",
            "load_file('/etc/passwd')",
            "qty + ?",
            "",
            "@@version",
        ] {
            for form in [json!(text), json!({"value": text})] {
                let change = json!({"name": {"expression": form}});
                let problem = s.refused(Patch, &path, change).await;
                assert_eq!(problem.status(), 400, "{} {text}", s.name);
                assert_eq!(
                    problem.message,
                    format!("SQL expression '{text}' is not permitted."),
                    "{}",
                    s.name
                );
            }
        }
        let key = json!({"resource": [{"code": {"expression": "'x'"}}]});
        s.refused(Post, "tags", key).await;
        let field = json!({"resource": [{"kind": "k", "name": {"expression": "kind"}}]});
        s.refused(Post, "items", field).await;
        for odd in [json!(null), json!(5), json!([]), json!({}), json!({"value": 5})] {
            s.refused(Patch, &path, json!({"name": {"expression": odd}}))
                .await;
        }
        assert_eq!(s.ok(Get, &path, Value::Null).await["name"], "n", "{}", s.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_sets_what_is_its_own() {
    for s in subjects().await {
        *s.tables.kinds.lock() = vec![
            ("kinds", "c_dt", Kind::TimestampOnUpdate),
            ("kinds", "c_int", Kind::UserIdOnCreate),
            ("kinds", "c_big", Kind::UserIdOnUpdate),
        ];
        let lie = json!({"resource": [{"c_text": "x {user.email} {nothing}", "c_dt": "1999-01-01 00:00:00", "c_int": 7, "c_big": 8}]});
        let made = id(&s.ok(Post, "kinds", lie).await, 0);
        let path = format!("kinds/{made}");
        let row = s.ok(Get, &path, Value::Null).await;
        assert_eq!(
            (&row["c_int"], &row["c_big"]),
            (&json!(42), &json!(42)),
            "{}",
            s.name
        );
        assert!(
            row["c_dt"].as_str().is_some_and(|t| t > "2020"),
            "{} {row}",
            s.name
        );
        assert_eq!(row["c_text"], "x ann@example.com {nothing}", "{}", s.name);
        // Set back behind the engine's back; a change renews it, a request that changes nothing does not.
        s.tables.kinds.lock().clear();
        s.ok(
            Patch,
            &path,
            json!({"c_dt": "1999-01-01 00:00:00", "c_int": 1, "c_big": 1}),
        )
        .await;
        *s.tables.kinds.lock() = vec![
            ("kinds", "c_dt", Kind::TimestampOnUpdate),
            ("kinds", "c_int", Kind::UserIdOnCreate),
            ("kinds", "c_big", Kind::UserIdOnUpdate),
        ];
        s.ok(Patch, &path, json!({"nothing": 1})).await;
        assert_eq!(s.ok(Get, &path, Value::Null).await["c_big"], 1, "{}", s.name);
        s.ok(Patch, &path, json!({"c_text": "y"})).await;
        let row = s.ok(Get, &path, Value::Null).await;
        assert_eq!(
            (&row["c_int"], &row["c_big"]),
            (&json!(1), &json!(42)),
            "{}",
            s.name
        );
        assert!(
            row["c_dt"].as_str().is_some_and(|t| t > "2020"),
            "{} {row}",
            s.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_converted_by_type() {
    for s in subjects().await {
        let store = async |record: Value| {
            let made = id(&s.ok(Post, "kinds", json!({ "resource": [record] })).await, 0);
            s.ok(Get, &format!("kinds/{made}"), Value::Null).await
        };
        for (sent, kept) in [
            (json!(true), json!(true)),
            (json!("on"), json!(true)),
            (json!(2), json!(false)),
            (json!(""), Value::Null),
        ] {
            assert_eq!(
                store(json!({"c_bool": sent})).await["c_bool"],
                kept,
                "{} {sent}",
                s.name
            );
        }
        for (sent, kept) in [
            (json!("123456789012.3456"), "123456789012.3456"),
            (json!("x"), "0"),
            (json!("12kg"), "12"),
            (json!(1.5), "1.5"),
        ] {
            let row = store(json!({"c_dec": sent})).await;
            assert_eq!(row["c_dec"].to_string(), kept, "{} {sent}", s.name);
        }
        if s.name != "postgres" {
            // There, what is no base64 is the server's own way of writing bytes.
            let bad = json!({"resource": [{"c_bin": "???"}]});
            assert_eq!(s.refused(Post, "kinds", bad).await.status(), 400, "{}", s.name);
        }
        let bytes = store(json!({"c_bin": "3q2+7w", "c_big": i64::MAX, "c_text": ["a", 1]})).await;
        assert_eq!(bytes["c_bin"], "3q2+7w==", "{}", s.name);
        assert_eq!(bytes["c_big"], json!(i64::MAX), "{}", s.name);
        for bad in [
            json!({"c_int": true}),
            json!({"c_int": "five"}),
            json!({"c_int": [1]}),
            json!({"c_date": {"a": 1}}),
        ] {
            assert_eq!(
                s.refused(Post, "kinds", json!({ "resource": [bad] }))
                    .await
                    .status(),
                400,
                "{} {bad}",
                s.name
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn types_of_one_vendor_go_in_and_out() {
    for s in subjects().await {
        let sent = match s.name {
            "postgres" => {
                json!({"list": [1, null, 3], "words": ["a b", "c\"d", "NULL"], "doc": {"k": [1, true]}, "span": "[1,5)",
                                 "host": "10.0.0.1", "pause": "1 day 02:00:00", "raw": "3q2+7w==",
                                 "code": "00000000-0000-0000-0000-00000000000a"})
            }
            "mariadb" => {
                json!({"small": 255, "big": 18446744073709551615u64, "bits": 5, "words": ["a", "c"], "year": 2024,
                                "doc": {"k": [1, true]}, "raw": "3q2+7w=="})
            }
            _ => continue,
        };
        let made = id(
            &s.ok(Post, "shapes", json!({"resource": [sent.clone()]})).await,
            0,
        );
        let row = s.ok(Get, &format!("shapes/{made}"), Value::Null).await;
        let shown = |name: &str| {
            row[name]
                .as_str()
                .map_or_else(|| row[name].to_string(), str::to_owned)
        };
        let expected: &[(&str, &str)] = match s.name {
            "postgres" => &[
                ("list", "{1,NULL,3}"),
                ("words", r#"{"a b","c\"d","NULL"}"#),
                ("span", "[1,5)"),
                ("host", "10.0.0.1"),
                ("pause", "1 day 02:00:00"),
                ("raw", "3q2+7w=="),
                ("code", "00000000-0000-0000-0000-00000000000a"),
            ],
            _ => &[
                ("small", "255"),
                ("big", "18446744073709551615"),
                ("bits", "5"),
                ("words", "a,c"),
                ("year", "2024"),
                ("raw", "3q2+7w=="),
            ],
        };
        for (name, text) in expected {
            assert_eq!(shown(name), *text, "{} {name} {row}", s.name);
        }
        let doc: Value = serde_json::from_str(&shown("doc")).expect("a document");
        assert_eq!(doc, sent["doc"], "{}", s.name);
        if s.name == "mariadb" {
            assert!(row["made"].as_str().is_some_and(|t| t > "2020"), "{row}");
            for bad in [
                json!({"small": 256}),
                json!({"small": -1}),
                json!({"words": ["z"]}),
            ] {
                assert_eq!(
                    s.refused(Post, "shapes", json!({"resource": [bad]}))
                        .await
                        .status(),
                    400,
                    "{bad}"
                );
            }
        }
    }
}
