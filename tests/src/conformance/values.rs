//! What is stored comes back as it was.

use super::Subject;
use super::probe::{On, Probe, decimal, ids, reading, refused, rows, text};
use contract::Kind;
use records::{ReadPlan, Scalar};

pub(super) async fn kinds_round_trip(s: Subject) {
    s.clear(&["kinds"]).await;
    let kinds = s.table("kinds").await;
    let mut cases: Vec<(&str, Scalar, &str)> = vec![
        ("c_bool", true.into(), "1"),
        ("c_bool", false.into(), "0"),
        ("c_int", i64::from(i32::MAX).into(), "2147483647"),
        ("c_int", i64::from(i32::MIN).into(), "-2147483648"),
        ("c_big", i64::MAX.into(), "9223372036854775807"),
        ("c_big", i64::MIN.into(), "-9223372036854775808"),
        ("c_dec", decimal("12.5"), "12.5"),
        ("c_dec", decimal("-0.0001"), "-0.0001"),
        ("c_dec", decimal("0"), "0"),
        ("c_double", Scalar::Float(0.1), "0.1"),
        ("c_double", Scalar::Float(-1234.5), "-1234.5"),
        (
            "c_bin",
            Scalar::Bytes(vec![0, 255, 39, 92, 0, 128]),
            "[0, 255, 39, 92, 0, 128]",
        ),
        ("c_bin", Scalar::Bytes(vec![]), "[]"),
        ("c_date", "2024-02-29".into(), "2024-02-29"),
        ("c_date", "0001-01-01".into(), "0001-01-01"),
        ("c_date", "9999-12-31".into(), "9999-12-31"),
        ("c_time", "13:14:15".into(), "13:14:15"),
        ("c_dt", "2024-02-29 23:59:59".into(), "2024-02-29 23:59:59"),
        ("c_dt", "1969-12-31 00:00:00".into(), "1969-12-31 00:00:00"),
    ];
    if s.traits.exact_decimals {
        cases.push(("c_dec", decimal("1234567890123456.7891"), "1234567890123456.7891"));
    }
    for (name, value, expected) in cases {
        let key = s.insert(&kinds, vec![(name, value.clone())]).await;
        let key = key.unwrap_or_else(|e| panic!("{name} {value:?}: {e:?}"))[0].clone();
        let plan = ReadPlan {
            condition: Some(On(&kinds).eq("id", key.clone())),
            ..reading(&kinds, &[name])
        };
        assert_eq!(text(&rows(&*s.backend, &plan).await[0][0]), expected, "{name}");
        if name != "c_double" && name != "c_bin" {
            let found = ids(&*s.backend, &kinds, On(&kinds).eq(name, value)).await;
            assert!(
                found.contains(&key.to_int().expect("a key")),
                "{name} = {expected} does not find it"
            );
        }
        // All other columns are NULL.
        let other = if name == "c_text" { "c_int" } else { "c_text" };
        let plan = ReadPlan {
            condition: plan.condition,
            ..reading(&kinds, &[other])
        };
        assert!(rows(&*s.backend, &plan).await[0][0].is_null());
    }
    let floats = [f64::MAX, f64::MIN_POSITIVE, 1.0 / 3.0];
    for number in floats {
        let key = s
            .insert(&kinds, vec![("c_double", Scalar::Float(number))])
            .await
            .expect("it is stored");
        let condition = Some(On(&kinds).eq("id", key[0].clone()));
        let plan = ReadPlan {
            condition,
            ..reading(&kinds, &["c_double"])
        };
        assert_eq!(rows(&*s.backend, &plan).await[0][0], Scalar::Float(number));
    }
}

pub(super) async fn text_is_kept(s: Subject) {
    s.clear(&["kinds"]).await;
    let kinds = s.table("kinds").await;
    let long = "ü".repeat(20_000);
    for written in [
        "",
        " both ends ",
        "line\nbreak\ttab\r\n",
        "o'neil \"said\" \\ `so`",
        "%_\\%",
        "ünïcödé 日本 🦀 \u{301}",
        "null",
        "1e5",
        "0012",
        "{a}",
        long.as_str(),
    ] {
        let key = s
            .insert(&kinds, vec![("c_text", written.into())])
            .await
            .expect("it is stored");
        let condition = Some(On(&kinds).eq("id", key[0].clone()));
        let plan = ReadPlan {
            condition,
            ..reading(&kinds, &["c_text"])
        };
        assert_eq!(rows(&*s.backend, &plan).await, [[Scalar::from(written)]]);
    }
    // A zero sign is kept or refused, never cut off.
    let zero = s.insert(&kinds, vec![("c_text", "a\0b".into())]).await;
    match zero {
        Ok(key) => {
            let condition = Some(On(&kinds).eq("id", key[0].clone()));
            let plan = ReadPlan {
                condition,
                ..reading(&kinds, &["c_text"])
            };
            assert_eq!(rows(&*s.backend, &plan).await, [[Scalar::from("a\0b")]]);
        }
        refusal => assert_eq!(refused(refusal), Kind::BadRequest),
    }
}

pub(super) async fn values_never_become_statements(s: Subject) {
    s.clear(&["kinds"]).await;
    let (kinds, items) = (s.table("kinds").await, s.table("items").await);
    for text in [
        "'; DROP TABLE kinds; --",
        "\"; DELETE FROM kinds; --",
        "\\'; DELETE FROM kinds; #",
        "$1",
        "?",
        ":p",
        "' OR '1'='1",
        "`) OR 1=1 --",
    ] {
        s.insert(&kinds, vec![("c_text", text.into())])
            .await
            .expect("it is stored");
        assert_eq!(
            ids(&*s.backend, &kinds, On(&kinds).eq("c_text", text))
                .await
                .len(),
            1,
            "{text}"
        );
        assert_eq!(
            ids(&*s.backend, &items, On(&items).eq("name", text)).await,
            [] as [i64; 0]
        );
        assert_eq!(
            ids(&*s.backend, &items, On(&items).list("name", [text, "x"])).await,
            [] as [i64; 0]
        );
        assert_eq!(
            ids(&*s.backend, &items, On(&items).like("name", text)).await,
            [] as [i64; 0]
        );
    }
    assert_eq!(ids(&*s.backend, &kinds, None).await.len(), 8);
}
