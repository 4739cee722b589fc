//! Values in and out.

use super::{bound, database, source, source_with, text, texts};
use contract::Settings;
use driver::{Driver, Executor, FaultKind, Scalar, Statement};
use serde_json::json;
use sql::{Expr, Select, SelectItem, TableName};

const ALL_TYPES: &str = "
CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE TABLE all_types (
  id SERIAL PRIMARY KEY, c_bool BOOLEAN NULL, c_smallint SMALLINT NULL, c_int INT NULL, c_bigint BIGINT NULL,
  c_decimal NUMERIC(12,4) NULL, c_money MONEY NULL, c_real REAL NULL, c_double DOUBLE PRECISION NULL, c_char CHAR(10) NULL,
  c_varchar VARCHAR(100) NULL DEFAULT 'dflt', c_text TEXT NULL, c_bytea BYTEA NULL, c_date DATE NULL, c_time TIME NULL,
  c_timetz TIMETZ NULL, c_timestamp TIMESTAMP NULL, c_timestamptz TIMESTAMPTZ NULL, c_interval INTERVAL NULL,
  c_json JSON NULL, c_jsonb JSONB NULL, c_uuid UUID NULL, c_enum colour NULL, c_int_array INT[] NULL, c_inet INET NULL);
INSERT INTO all_types VALUES
(1, true, 32767, 2147483647, 9223372036854775807, 12345678.1234, 12.34, 1.5, 3.141592653589793, 'fixed', 'variable', 'text ünïcode', '\\xDEADBEEF', '2024-02-29', '13:14:15', '13:14:15+02', '2024-02-29 13:14:15', '2024-02-29 13:14:15+00', '1 day 02:03:04', '{\"a\": 1, \"b\": [true, null, \"x\"]}', '{\"a\": 1, \"b\": [true, null, \"x\"]}', '123e4567-e89b-12d3-a456-426614174000', 'green', '{1,2,3}', '10.1.2.3'),
(2, false, -32768, -2147483648, -9223372036854775808, -0.5, -1, -2.25, 1e-10, '', '', '', '', '1000-01-01', '00:00:00', '00:00:00+00', '1000-01-01 00:00:00', '1970-01-02 00:00:00+00', '0', '[]', '[]', NULL, 'red', '{}', '::1');
SELECT setval('all_types_id_seq', 3);";

/// Reads a table as the engine does: each column through `Expr::Read` with its native type.
async fn read_table(source: &dyn records::SqlSource, table: &str, order: &str) -> Vec<Vec<Scalar>> {
    let raw = source.describe(table).await.unwrap().unwrap();
    let item = |column: &records::RawColumn| SelectItem {
        expr: Expr::Read {
            column: column.name.clone(),
            native: column.native.clone(),
        },
        alias: Some(column.name.clone()),
    };
    let order = sql::OrderBy {
        expr: Expr::column(order),
        descending: false,
        nulls: None,
    };
    let select = Select {
        items: raw.columns.iter().map(item).collect(),
        from: TableName {
            ..raw.name.table.clone()
        },
        filter: None,
        group: vec![],
        having: None,
        order: vec![order],
        limit: Some(100),
        offset: 0,
    };
    driver::rows(source, sql::select(source.dialect(), &select))
        .await
        .unwrap()
}

#[tokio::test]
async fn all_types_come_out_as_the_original_shows_them() {
    let Some(database) = database(ALL_TYPES) else {
        return;
    };
    let rows = read_table(&source(&database), "all_types", "id").await;
    let text = Scalar::from;
    let decimal = |digits: &str| Scalar::Decimal(digits.into());
    let object = r#"{"a": 1, "b": [true, null, "x"]}"#;
    assert_eq!(
        rows[0],
        [
            Scalar::Int(1),
            Scalar::Bool(true),
            Scalar::Int(32767),
            Scalar::Int(2147483647),
            Scalar::Int(i64::MAX),
            decimal("12345678.1234"),
            text("$12.34"),
            Scalar::Float(1.5),
            Scalar::Float(std::f64::consts::PI),
            text("fixed     "),
            text("variable"),
            text("text ünïcode"),
            Scalar::Bytes(vec![0xde, 0xad, 0xbe, 0xef]),
            text("2024-02-29"),
            text("13:14:15"),
            text("13:14:15+02"),
            text("2024-02-29 13:14:15"),
            text("2024-02-29 13:14:15+00"),
            text("1 day 02:03:04"),
            text(object),
            text(object),
            text("123e4567-e89b-12d3-a456-426614174000"),
            text("green"),
            text("{1,2,3}"),
            text("10.1.2.3"),
        ]
    );
    assert_eq!(
        rows[1],
        [
            Scalar::Int(2),
            Scalar::Bool(false),
            Scalar::Int(-32768),
            Scalar::Int(-2147483648),
            Scalar::Int(i64::MIN),
            decimal("-0.5000"),
            text("-$1.00"),
            Scalar::Float(-2.25),
            Scalar::Float(1e-10),
            text("          "),
            text(""),
            text(""),
            Scalar::Bytes(vec![]),
            text("1000-01-01"),
            text("00:00:00"),
            text("00:00:00+00"),
            text("1000-01-01 00:00:00"),
            text("1970-01-02 00:00:00+00"),
            text("00:00:00"),
            text("[]"),
            text("[]"),
            Scalar::Null,
            text("red"),
            text("{}"),
            text("::1"),
        ]
    );
}

/// Whatever the server writes as text, the decoder writes the same way.
#[tokio::test]
async fn binary_values_are_written_as_the_server_writes_them() {
    let Some(database) = database("") else { return };
    let source = source(&database);
    let cases: &[(&str, &[&str])] = &[
        (
            "numeric",
            &[
                "0",
                "0.00",
                "-0.5",
                "1e-20",
                "1e20",
                "9999.9999",
                "10000",
                "100000000",
                "0.0001",
                "12345678901234567890.123456789",
                "NaN",
                "Infinity",
                "-Infinity",
                "1e130000",
                "-99999999999999999999999999999999999999.5",
                "0.00010000",
            ],
        ),
        (
            "date",
            &[
                "2024-02-29",
                "0001-01-01",
                "0001-12-31 BC",
                "4713-01-01 BC",
                "5874897-12-31",
                "infinity",
                "-infinity",
                "1900-03-01",
            ],
        ),
        (
            "timestamp",
            &[
                "2025-01-02 03:04:05.678",
                "0044-03-15 12:00:00.5 BC",
                "294276-12-31 23:59:59.999999",
                "infinity",
                "-infinity",
                "1999-12-31 23:59:59.000001",
                "4713-01-01 00:00:00 BC",
            ],
        ),
        (
            "timestamptz",
            &[
                "2025-01-02 03:04:05+05:30",
                "0044-03-15 12:00:00+00 BC",
                "infinity",
                "-infinity",
            ],
        ),
        ("time", &["24:00:00", "23:59:59.5", "00:00:00.000001"]),
        (
            "timetz",
            &[
                "13:14:15-03:30",
                "13:14:15+12:34:56",
                "00:00:00+00",
                "24:00:00-15:59",
            ],
        ),
        ("float8", &["NaN", "Infinity", "-Infinity", "1e300", "0.1", "-0"]),
        ("uuid", &["00000000-0000-0000-0000-00000000000A"]),
        ("bit(9)", &["101001011"]),
        ("varbit", &["", "10100", "101001011"]),
        ("bpchar", &["a ", ""]),
        ("name", &["pg_class"]),
        ("oid", &["4294967295"]),
        (
            "inet",
            &[
                "10.1.2.3",
                "10.1.2.3/8",
                "0.0.0.0/0",
                "::1",
                "::",
                "fe80::1/64",
                "::ffff:1.2.3.4",
                "::1.2.3.4",
                "2001:db8:0:0:1:0:0:1",
            ],
        ),
        ("cidr", &["10.0.0.0/8", "10.1.2.3/32", "2001:db8::/32", "::1/128"]),
        ("jsonb", &["{\"b\": 1, \"a\": [1.50, \"é\"]}", "null"]),
    ];
    for (native, values) in cases {
        for value in *values {
            let both = format!("SELECT v, format('%s', v) FROM (SELECT CAST('{value}' AS {native}) AS v) q");
            let row = texts(&source, &both).await.swap_remove(0);
            let same = match *native {
                "float8" => {
                    row[0].parse::<f64>().unwrap().to_bits() == row[1].parse::<f64>().unwrap().to_bits()
                }
                _ => row[0] == row[1],
            };
            assert!(same, "{native} {value}: {} is not {}", row[0], row[1]);
        }
    }
}

#[tokio::test]
async fn types_that_only_the_server_can_write_are_cast() {
    let statements = "CREATE DOMAIN posint AS integer CHECK (VALUE > 0); CREATE DOMAIN code AS char(4);
        CREATE DOMAIN ints AS integer[]; CREATE TYPE pair AS (a int, b text); CREATE TYPE mood AS ENUM ('ok');
        CREATE TABLE odd (a posint, b code, c ints, d pair, e int4range, f mood[], g point, h tsvector, i xml,
            j \"char\", k macaddr, l bit(1), m mood, n inet, o money);
        INSERT INTO odd VALUES (5, 'ab', '{1,2}', '(1,x)', '[1,5)', '{ok}', '(1,2)', 'a b', '<a/>', 'x',
            '08:00:2b:01:02:03', '1', 'ok', '10.0.0.1', 3)";
    let Some(database) = database(statements) else {
        return;
    };
    let source = source(&database);
    let text = Scalar::from;
    let expected = [
        Scalar::Int(5),
        text("ab  "),
        text("{1,2}"),
        text("(1,x)"),
        text("[1,5)"),
        text("{ok}"),
        text("(1,2)"),
        text("'a' 'b'"),
        text("<a/>"),
        text("x"),
        text("08:00:2b:01:02:03"),
        Scalar::Bool(true),
        text("ok"),
        text("10.0.0.1"),
        text("$3.00"),
    ];
    assert_eq!(read_table(&source, "odd", "a").await[0], expected);
    // The same without the dialect's help: aggregates have no native type to look at.
    let plain = driver::rows(&source, Statement::fixed("SELECT * FROM odd"))
        .await
        .unwrap();
    assert_eq!(plain[0], expected);
    let aggregates =
        "SELECT MIN(n), SUM(o), AVG(a), COUNT(*), MAX(c), SUM(CAST(a AS bigint)) FROM odd ORDER BY 1";
    let row = texts(&source, aggregates).await.swap_remove(0);
    assert_eq!(
        row,
        ["10.0.0.1", "$3.00", "5.0000000000000000", "1", "{1,2}", "5"]
    );
    // Rows keep their order, and an INSERT may give such a column back.
    let ordered = texts(
        &source,
        "SELECT inet '10.0.0.0' + i FROM generate_series(3, 1, -1) i ORDER BY 1 DESC",
    )
    .await;
    assert_eq!(ordered.concat(), ["10.0.0.3", "10.0.0.2", "10.0.0.1"]);
    let returned = texts(&source, "INSERT INTO odd (e) VALUES ('[7,9)') RETURNING e").await;
    assert_eq!(returned.concat(), ["[7,9)"]);
    assert_eq!(texts(&source, "SELECT COUNT(*) FROM odd").await.concat(), ["2"]);
}

#[tokio::test]
async fn values_go_in_as_the_column_needs_them() {
    let Some(database) = database(ALL_TYPES) else {
        return;
    };
    let source = source(&database);
    let columns: &[(&str, Scalar, &str)] = &[
        ("c_bool", "yes".into(), "true"),
        ("c_bool", Scalar::Int(0), "false"),
        ("c_smallint", " 7 ".into(), "7"),
        ("c_int", Scalar::Float(5.0), "5"),
        ("c_bigint", "9223372036854775807".into(), "9223372036854775807"),
        ("c_decimal", Scalar::Float(1.5), "1.5000"),
        ("c_decimal", Scalar::Decimal("0.12345".into()), "0.1235"),
        ("c_decimal", "1e3".into(), "1000.0000"),
        ("c_money", "12.34".into(), "$12.34"),
        ("c_real", Scalar::Float(0.1), "0.1"),
        ("c_double", "Infinity".into(), "inf"),
        ("c_char", "ab".into(), "ab        "),
        ("c_varchar", Scalar::Float(7.5), "7.5"),
        ("c_text", "naïve \"q\" \\ 😀".into(), "naïve \"q\" \\ 😀"),
        ("c_text", Scalar::Int(12), "12"),
        ("c_bytea", "hello".into(), "hello"),
        ("c_date", "01/02/2025".into(), "2025-01-02"),
        ("c_date", Scalar::Int(20_250_102), "2025-01-02"),
        ("c_time", "1:02".into(), "01:02:00"),
        (
            "c_timestamp",
            "2025-01-02T03:04:05+02:00".into(),
            "2025-01-02 03:04:05",
        ),
        (
            "c_timestamptz",
            "2025-01-02T03:04:05+02:00".into(),
            "2025-01-02 01:04:05+00",
        ),
        ("c_interval", "1 day".into(), "1 day"),
        ("c_json", "{\"k\":[1,2]}".into(), "{\"k\":[1,2]}"),
        ("c_jsonb", Scalar::Bool(true), "true"),
        (
            "c_uuid",
            "00000000-0000-0000-0000-00000000000A".into(),
            "00000000-0000-0000-0000-00000000000a",
        ),
        ("c_enum", "blue".into(), "blue"),
        ("c_int_array", "{4,NULL}".into(), "{4,NULL}"),
        ("c_inet", "10.0.0.0/8".into(), "10.0.0.0/8"),
        ("c_int", Scalar::Null, "∅"),
    ];
    for (column, value, expected) in columns {
        let insert = format!("INSERT INTO all_types (\"{column}\") VALUES ($1) RETURNING \"{column}\"");
        let rows = driver::rows(&source, bound(&insert, [value.clone()])).await;
        let stored = rows
            .unwrap_or_else(|e| panic!("{column} {value:?}: {e}"))
            .concat()
            .swap_remove(0);
        let shown = match (*column, stored) {
            ("c_real", Scalar::Float(n)) => (n as f32).to_string(),
            (_, stored) => stored.to_text().unwrap_or_else(|| "∅".into()),
        };
        assert_eq!(shown, *expected, "{column} {value:?}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_a_value_fault() {
    let Some(database) = database(ALL_TYPES) else {
        return;
    };
    let source = source(&database);
    for (column, value) in [
        ("c_int", Scalar::Int(2_147_483_648)),
        ("c_int", "five".into()),
        ("c_bigint", "9223372036854775808".into()),
        ("c_bool", "maybe".into()),
        ("c_decimal", "123456789012.5".into()),
        ("c_varchar", "x".repeat(101).into()),
        ("c_date", "2025-02-30".into()),
        ("c_time", "25:00:00".into()),
        ("c_json", "{broken".into()),
        ("c_uuid", "nope".into()),
        ("c_enum", "pink".into()),
        ("c_text", "a\0b".into()),
        ("c_text", Scalar::Bytes(vec![0xff])),
    ] {
        let insert = format!("INSERT INTO all_types (\"{column}\") VALUES ($1)");
        let fault = source.write(bound(&insert, [value.clone()])).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Value, "{column} {value:?}: {fault}");
    }
    assert_eq!(text(&source, "SELECT COUNT(*) FROM all_types").await, "2");
}

#[tokio::test]
async fn membership_takes_any_number_of_values() {
    let Some(database) = database(ALL_TYPES) else {
        return;
    };
    let source = source(&database);
    for (column, values, expected) in [
        (
            "id",
            vec![Scalar::Int(1), Scalar::Int(2), Scalar::Null, Scalar::from("7")],
            2,
        ),
        (
            "c_varchar",
            vec!["variable".into(), "a\"b\\".into(), "".into()],
            2,
        ),
        ("c_enum", vec!["red".into()], 1),
        ("c_bool", vec![Scalar::Bool(true)], 1),
        (
            "c_decimal",
            vec![Scalar::Decimal("-0.5".into()), Scalar::Float(1.0)],
            1,
        ),
        ("c_char", vec!["fixed".into()], 1),
        ("c_bytea", vec![Scalar::Bytes(vec![0xde, 0xad, 0xbe, 0xef])], 1),
        ("id", (1..100_000).map(Scalar::Int).collect(), 2),
    ] {
        let filter = Expr::In {
            expr: Box::new(Expr::column(column)),
            values,
            negated: false,
        };
        let count = SelectItem {
            expr: Expr::Aggregate(sql::Aggregate::Count, None),
            alias: None,
        };
        let select = Select {
            items: vec![count],
            from: TableName::plain("all_types"),
            filter: Some(filter),
            group: vec![],
            having: None,
            order: vec![],
            limit: None,
            offset: 0,
        };
        let found = driver::scalar(&source, sql::select(&postgres::DIALECT, &select))
            .await
            .unwrap();
        assert_eq!(found, Scalar::Int(expected), "{column}");
    }
}

#[tokio::test]
async fn the_session_is_set_up_as_configured() {
    let Some(database) = database("CREATE SCHEMA \"Sales\"; CREATE TABLE \"Sales\".t (a INT)") else {
        return;
    };
    let more = json!({
        "timezone": "Asia/Kolkata", "application_name": "from a test", "schema": "Sales",
        "statements": ["SET lock_timeout = 1234", "SET IntervalStyle = iso_8601"],
    });
    let settings = Settings {
        request_timeout: 7,
        ..Settings::default()
    };
    let source = source_with(&database, more, &settings);
    let moment = "SELECT timestamptz '2024-02-29 13:14:15+00', min(interval '1 day') FROM pg_class";
    assert_eq!(
        texts(&source, moment).await[0],
        ["2024-02-29 18:44:15+05:30", "P1D"]
    );
    for (name, expected) in [
        ("application_name", "from a test"),
        ("lock_timeout", "1234ms"),
        ("statement_timeout", "7s"),
        ("search_path", "\"Sales\""),
    ] {
        assert_eq!(text(&source, &format!("SHOW {name}")).await, expected);
    }
    source
        .batch("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
        .await
        .unwrap();
    assert_eq!(text(&source, "SELECT COUNT(*) FROM t").await, "2");
}
