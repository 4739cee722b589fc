//! Values of every type on their way in and out, and what writes tell.
#![allow(clippy::unwrap_used)]

mod server;

use driver::{Cell, Driver, Executor, Flow, Scalar, Sink, Statement};
use server::{REFERENCE, changed, fresh, run, scalar, statement};
use std::any::Any;

fn text(text: &str) -> Scalar {
    Scalar::Text(text.into())
}

#[tokio::test]
async fn every_type_of_the_reference_comes_out_as_it_is_stored() {
    let Some((db, _database)) = fresh("types", REFERENCE).await else {
        return;
    };
    let rows = driver::rows(&db, Statement::fixed("SELECT * FROM all_types ORDER BY id"))
        .await
        .unwrap();
    let first = vec![
        Scalar::Int(1),
        Scalar::Int(127),
        Scalar::Int(1),
        Scalar::Int(32767),
        Scalar::Int(8_388_607),
        Scalar::Int(2_147_483_647),
        Scalar::Int(4_294_967_295),
        Scalar::Int(i64::MAX),
        Scalar::Decimal("12345678.1234".into()),
        Scalar::Float(1.5),
        Scalar::Float(std::f64::consts::PI),
        Scalar::Int(1),
        text("fixed"),
        text("variable"),
        text("text ünïcode"),
        text("long text"),
        Scalar::Bytes(vec![0, 255, 16]),
        Scalar::Bytes(vec![0xde, 0xad, 0xbe, 0xef]),
        text("2024-02-29"),
        text("13:14:15"),
        text("2024-02-29 13:14:15"),
        text("2024-02-29 13:14:15"),
        Scalar::Int(2024),
        text(r#"{"a": 1, "b": [true, null, "x"]}"#),
        text("123e4567-e89b-12d3-a456-426614174000"),
        text("green"),
        text("a,c"),
    ];
    assert_eq!(rows[0], first);
    assert_eq!(
        rows[1][18..22],
        [
            text("1000-01-01"),
            text("00:00:00"),
            text("1000-01-01 00:00:00"),
            text("1970-01-02 00:00:00")
        ]
    );
    assert!(rows[2][1..].iter().all(Scalar::is_null));
}

#[tokio::test]
async fn what_only_this_database_has_comes_out_too() {
    let Some((db, _database)) = fresh("own_types", "").await else {
        return;
    };
    db.batch(
        "SET SESSION sql_mode = '';
         CREATE TABLE t (big BIGINT UNSIGNED, bits BIT(64), few BIT(3), d DATE, dt DATETIME(3), ts DATETIME, \
           day TIME, past TIME(6), s SET('a','b'), e ENUM('x','y'), f FLOAT, g POINT, l LONGBLOB, u UUID, i INET6);
         INSERT INTO t VALUES (18446744073709551615, 18446744073709551615, 5, '0000-00-00', \
           '2024-01-02 03:04:05.120', '0000-00-00 00:00:00', '838:59:59', '-25:00:00.5', '', '', 0.1, \
           ST_GeomFromText('POINT(1 2)'), X'', '123e4567-e89b-12d3-a456-426614174000', '::1')",
    )
    .await
    .unwrap();
    let select = "SELECT big, bits, few, d, dt, ts, day, past, s, e, ST_AsText(g), l, u, i, 1 + 1.5, SUM(few), \
                  NOW(6) > '2020-01-01', f FROM t";
    let rows = driver::rows(&db, Statement::fixed(select)).await.unwrap();
    let expected = vec![
        Scalar::Uint(u64::MAX),
        Scalar::Uint(u64::MAX),
        Scalar::Int(5),
        text("0000-00-00"),
        text("2024-01-02 03:04:05.120"),
        text("0000-00-00 00:00:00"),
        text("838:59:59"),
        text("-25:00:00.500000"),
        text(""),
        text(""),
        text("POINT(1 2)"),
        Scalar::Bytes(Vec::new()),
        text("123e4567-e89b-12d3-a456-426614174000"),
        text("::1"),
        Scalar::Decimal("2.5".into()),
        Scalar::Decimal("5".into()),
        Scalar::Int(1),
        Scalar::Float(f64::from(0.1_f32)),
    ];
    assert_eq!(rows, [expected]);
}

#[tokio::test]
async fn values_go_in_exactly() {
    let sql = "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n BIGINT UNSIGNED, i BIGINT, d DECIMAL(38,10), \
               f DOUBLE, s VARCHAR(80), b BLOB, x BIT(1), at DATETIME(6))";
    let Some((db, _database)) = fresh("values", sql).await else {
        return;
    };
    let every: Vec<u8> = (0..=255).collect();
    let values = vec![
        Scalar::Uint(u64::MAX),
        Scalar::Int(i64::MIN),
        Scalar::Decimal("-1234567890123456789012345678.0123456789".into()),
        Scalar::Float(0.1 + 0.2),
        text("a\0'\"\\`%_ü🦀; DROP TABLE t"),
        Scalar::Bytes(every),
        Scalar::Bool(true),
        text("2024-02-29 01:02:03.000004"),
    ];
    let insert = "INSERT INTO t (n, i, d, f, s, b, x, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let written = db.write(statement(insert, values.clone())).await.unwrap();
    assert_eq!((written.rows, written.last_id), (1, Some(1)));
    let select = statement(
        "SELECT n, i, d, f, s, b, x, at FROM t WHERE id = ?",
        vec![Scalar::Int(1)],
    );
    let mut expected = values;
    expected[6] = Scalar::Int(1);
    assert_eq!(driver::rows(&db, select).await.unwrap(), [expected]);
    let nothing = db.write(statement(insert, vec![Scalar::Null; 8])).await.unwrap();
    assert_eq!(nothing.last_id, Some(2));
}

#[tokio::test]
async fn an_update_that_changes_nothing_has_found_its_rows() {
    let Some((db, _database)) = fresh("found", REFERENCE).await else {
        return;
    };
    assert_eq!(run(&db, "UPDATE supplies SET quantity = quantity").await, 2);
    let delete = statement(
        "DELETE FROM supplies WHERE id IN (?, ?)",
        vec![Scalar::Int(1), Scalar::Int(9)],
    );
    assert_eq!(db.write(delete).await.unwrap().rows, 1);
    // Statements that the server does not prepare are written all the same.
    assert_eq!(run(&db, "CREATE TABLE other (a INT)").await, 0);
    assert_eq!(run(&db, "LOCK TABLES other READ").await, 0);
}

#[tokio::test]
async fn the_session_is_as_configured() {
    let Some((_, database)) = fresh("session", "CREATE TABLE t (s VARCHAR(20))").await else {
        return;
    };
    let db = changed(
        &database,
        serde_json::json!({
            "collation": "utf8_unicode_ci", "timezone": "+05:00", "modes": "ANSI_QUOTES,NO_BACKSLASH_ESCAPES",
            "charset": "latin1", "statements": ["SET @mine = 'yes'", ""],
        }),
    );
    let settings = "SELECT CONCAT_WS(' ', @@collation_connection, @@time_zone, @@sql_mode, @mine, @@character_set_results)";
    assert_eq!(
        scalar(&db, settings).await,
        text("utf8mb4_unicode_ci +05:00 ANSI_QUOTES yes utf8mb4")
    );
    db.write(statement(
        "INSERT INTO t VALUES (?), (?)",
        vec![text("50%"), text("50x")],
    ))
    .await
    .unwrap();
    let like = statement("SELECT COUNT(*) FROM t WHERE s LIKE ?", vec![text(r"50\%")]);
    assert_eq!(driver::scalar(&db, like).await.unwrap(), Scalar::Int(1));
    let lax = changed(&database, serde_json::json!({"strict": false}));
    assert_eq!(
        scalar(&lax, "SELECT @@sql_mode").await,
        text("NO_ENGINE_SUBSTITUTION")
    );
}

/// Counts rows and stops or drains as told.
struct Counting {
    rows: usize,
    stop_at: usize,
    drained: usize,
}

impl Sink for Counting {
    fn cell(&mut self, _: usize, _: Cell<'_>) {}

    fn end_row(&mut self) -> Flow {
        self.rows += 1;
        match self.rows {
            n if n == self.stop_at => Flow::Stop,
            n if n % 1000 == 0 => Flow::Drain,
            _ => Flow::More,
        }
    }

    fn drain(&mut self) -> futures_util::future::BoxFuture<'_, ()> {
        self.drained += 1;
        Box::pin(tokio::task::yield_now())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

async fn counted(db: &dyn Executor, stop_at: usize) -> (usize, usize) {
    let sink = Box::new(Counting {
        rows: 0,
        stop_at,
        drained: 0,
    });
    let sink = db
        .read(Statement::fixed("SELECT seq FROM seq_1_to_5000"), sink)
        .await
        .unwrap();
    let sink = sink.into_any().downcast::<Counting>().unwrap();
    (sink.rows, sink.drained)
}

#[tokio::test]
async fn rows_stream_until_the_sink_has_enough() {
    let Some((db, _database)) = fresh("stream", "").await else {
        return;
    };
    assert_eq!(counted(&db, usize::MAX).await, (5000, 5));
    assert_eq!(counted(&db, 10).await, (10, 0));
    assert_eq!(scalar(&db, "SELECT 7").await, Scalar::Int(7));
    let transaction = db.begin().await.unwrap();
    assert_eq!(counted(&*transaction, 10).await, (10, 0));
    assert_eq!(scalar(&*transaction, "SELECT 8").await, Scalar::Int(8));
    transaction.commit().await.unwrap();
}
