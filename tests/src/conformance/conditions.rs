//! Which rows meet a condition.

use super::Subject;
use super::probe::{On, Probe, decimal, field, ids, not, reading, xor};
use records::plan::Operand;
use records::{Condition, ReadPlan, Scalar, Table, Target};
use sql::BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
use sql::{Moment, TimeUnit};
use std::sync::Arc;

const ALL: &[i64] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

async fn expect(subject: &Subject, table: &Arc<Table>, cases: Vec<(Condition, &[i64])>) {
    for (condition, expected) in cases {
        assert_eq!(
            ids(&*subject.backend, table, condition.clone()).await,
            expected,
            "{condition:?}"
        );
    }
}

pub(super) async fn comparisons(s: Subject) {
    let items = s.table("items").await;
    let on = On(&items);
    expect(
        &s,
        &items,
        vec![
            (on.eq("name", "anvil"), &[1]),
            (on.eq("name", ""), &[10]),
            (on.eq("name", "o'neil"), &[8]),
            (on.eq("name", r"a\b"), &[7]),
            (on.eq("name", "日本"), &[9]),
            (on.is("kind", Ne, "sign"), &[1, 2, 3, 4, 8, 9, 10]),
            (on.eq("qty", 5), &[1, 6, 10]),
            (on.is("qty", Ne, 5), &[2, 3, 4, 7, 8, 11, 12]),
            (on.is("qty", Lt, 1), &[3, 7]),
            (on.is("qty", Le, 1), &[3, 7, 11]),
            (on.is("qty", Gt, 40), &[2]),
            (on.is("qty", Ge, 40), &[2, 4]),
            (on.eq("price", decimal("1.00")), &[5, 6, 11]),
            (on.eq("price", decimal("1")), &[5, 6, 11]),
            (on.is("price", Gt, decimal("7.49")), &[1, 4, 7]),
            (on.is("price", Lt, decimal("0")), &[12]),
            (on.eq("made", "2024-01-02"), &[1, 7, 10]),
            (on.is("made", Lt, "2024-01-01"), &[5, 12]),
            (on.is("made", Ge, "2024-02-29"), &[4, 8]),
            (on.eq("flag", true), &[1, 4, 7, 12]),
            (on.eq("flag", false), &[2, 6, 10]),
            (on.between("qty", 1, 5), &[1, 6, 10, 11, 12]),
            (on.between("qty", 5, 1), &[]),
            (not(on.between("qty", 1, 5)), &[2, 3, 4, 7, 8]),
            (on.between("price", decimal("0.05"), decimal("1")), &[2, 5, 6, 11]),
            (on.between("made", "2024-01-02", "2024-01-03"), &[1, 2, 7, 10]),
        ],
    )
    .await;
    assert_eq!(ids(&*s.backend, &items, None).await, ALL);
}

pub(super) async fn lists(s: Subject) {
    let items = s.table("items").await;
    let on = On(&items);
    let none: [i64; 0] = [];
    let with_null = || vec![Scalar::Int(5), Scalar::Null];
    expect(
        &s,
        &items,
        vec![
            (on.list("qty", none), &[]),
            (not(on.list("qty", none)), ALL),
            (on.list("qty", [5]), &[1, 6, 10]),
            (on.list("qty", [5, 0, 99]), &[1, 3, 6, 10]),
            (not(on.list("qty", [5, 0, 99])), &[2, 4, 7, 8, 11, 12]),
            (on.list("qty", 100..5100), &[2]),
            (not(on.list("qty", 0..5000)), &[7]),
            (
                on.list("name", ["bolt", "o'neil", "", "{a,b}", "\"", r"a\b", "a,b"]),
                &[2, 7, 8, 10],
            ),
            (on.list("made", ["2024-01-02", "2023-12-31"]), &[1, 5, 7, 10]),
            (on.list("price", [decimal("1"), decimal("-2.5")]), &[5, 6, 11, 12]),
            (on.list("flag", [false]), &[2, 6, 10]),
            (on.list("qty", with_null()), &[1, 6, 10]),
            (not(on.list("qty", with_null())), &[]),
            (on.list("qty", [Scalar::Null]), &[]),
        ],
    )
    .await;
}

pub(super) async fn patterns(s: Subject) {
    let items = s.table("items").await;
    let on = On(&items);
    expect(
        &s,
        &items,
        vec![
            (on.like("name", "a%"), &[1, 6, 7, 11]),
            (on.like("name", "%n"), &[4]),
            (on.like("name", "%i%"), &[1, 4, 8]),
            (on.like("name", "a_b"), &[6, 7, 11]),
            (on.like("name", r"a\_b"), &[6]),
            (on.like("name", r"a\\b"), &[7]),
            (on.like("name", r"100\%"), &[5]),
            (on.like("name", "100%"), &[5, 12]),
            (on.like("name", "%'%"), &[8]),
            (on.like("name", "日_"), &[9]),
            (on.like("name", "bolt"), &[2]),
            (on.like("name", ""), &[10]),
            (on.like("name", "%"), &[1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
            (not(on.like("name", "a%")), &[2, 4, 5, 8, 9, 10, 12]),
            (on.like("qty", "%0%"), &[2, 3, 4]),
            (on.like("made", "2024-%"), &[1, 2, 4, 7, 10]),
        ],
    )
    .await;
}

pub(super) async fn null_logic(s: Subject) {
    let items = s.table("items").await;
    let on = On(&items);
    expect(
        &s,
        &items,
        vec![
            (on.null("qty"), &[5, 9]),
            (not(on.null("qty")), &[1, 2, 3, 4, 6, 7, 8, 10, 11, 12]),
            (not(on.eq("qty", 5)), &[2, 3, 4, 7, 8, 11, 12]),
            (not(not(on.eq("qty", 5))), &[1, 6, 10]),
            (on.eq("qty", Scalar::Null), &[]),
            (not(on.eq("qty", Scalar::Null)), &[]),
            (not(on.like("name", "%")), &[]),
            // True whatever the unknown part is.
            (
                Condition::Or(vec![on.eq("qty", 5), on.eq("kind", "sign")]),
                &[1, 5, 6, 7, 10, 11, 12],
            ),
            // False whatever the unknown part is, so its negation is true.
            (
                not(Condition::And(vec![on.eq("qty", 5), on.eq("kind", "sign")])),
                &[1, 2, 3, 4, 7, 8, 9, 10, 11, 12],
            ),
            // An unknown side makes XOR unknown.
            (xor(on.eq("qty", 5), on.eq("kind", "sign")), &[1, 7, 10, 11, 12]),
            (not(xor(on.eq("qty", 5), on.eq("kind", "sign"))), &[2, 3, 4, 6, 8]),
            (not(on.between("qty", 0, 5000)), &[7]),
        ],
    )
    .await;
}

pub(super) async fn combinations(s: Subject) {
    let items = s.table("items").await;
    let on = On(&items);
    let part = || on.eq("kind", "part");
    let tool = || on.eq("kind", "tool");
    let many = || on.is("qty", Gt, 10);
    expect(
        &s,
        &items,
        vec![
            (Condition::And(vec![]), ALL),
            (Condition::Or(vec![]), &[]),
            (not(Condition::Or(vec![])), ALL),
            (Condition::And(vec![part()]), &[2, 3, 4]),
            (Condition::And(vec![part(), many()]), &[2, 4]),
            (Condition::Or(vec![tool(), part(), many()]), &[1, 2, 3, 4]),
            (
                Condition::And(vec![Condition::Or(vec![tool(), part()]), many()]),
                &[2, 4],
            ),
            (
                Condition::Or(vec![tool(), Condition::And(vec![part(), many()])]),
                &[1, 2, 4],
            ),
            (
                not(Condition::Or(vec![tool(), part()])),
                &[5, 6, 7, 8, 9, 10, 11, 12],
            ),
            (xor(part(), many()), &[3]),
            (xor(xor(part(), tool()), many()), &[1, 3]),
            (
                Condition::And(vec![xor(part(), many()), Condition::Or(vec![])]),
                &[],
            ),
        ],
    )
    .await;
    let deep = (0..60).fold(tool(), |inner, _| {
        not(Condition::Or(vec![inner, Condition::Or(vec![])]))
    });
    assert_eq!(ids(&*s.backend, &items, deep).await, [1]);
    let long = Condition::Or((0..400).map(|n| on.eq("qty", n)).collect());
    assert_eq!(ids(&*s.backend, &items, long).await, [1, 3, 4, 6, 8, 10, 11, 12]);
}

pub(super) async fn clock(s: Subject) {
    let items = s.table("items").await;
    let made = Target::Field(field(&items, "made"));
    let now = |date_only, offset| Operand::Moment(Moment { date_only, offset });
    let dated: &[i64] = &[1, 2, 4, 5, 7, 8, 10, 12];
    for date_only in [true, false] {
        for unit in [
            TimeUnit::Year,
            TimeUnit::Month,
            TimeUnit::Week,
            TimeUnit::Day,
            TimeUnit::Hour,
        ] {
            // Long before all rows but the oldest, and after all of them.
            let years = |n: i64| match unit {
                TimeUnit::Year => n,
                TimeUnit::Month => n * 12,
                TimeUnit::Week => n * 52,
                TimeUnit::Day => n * 365,
                _ => n * 365 * 24,
            };
            let after = Condition::Compare(made, Gt, now(date_only, Some((years(-30), unit))));
            assert_eq!(
                ids(&*s.backend, &items, after).await,
                [1, 2, 4, 5, 7, 8, 10],
                "{unit:?}"
            );
            let before = Condition::Compare(made, Lt, now(date_only, Some((years(30), unit))));
            assert_eq!(ids(&*s.backend, &items, before).await, dated, "{unit:?}");
        }
        let short = [TimeUnit::Minute, TimeUnit::Second].map(|unit| now(date_only, Some((-1, unit))));
        for low in short.into_iter().chain([now(date_only, None)]) {
            let found = ids(
                &*s.backend,
                &items,
                Condition::Between(made, low.clone(), low.clone()),
            )
            .await;
            assert_eq!(found, [] as [i64; 0], "{low:?}");
        }
    }
    let eq = Condition::Compare(made, Eq, now(true, None));
    assert_eq!(ids(&*s.backend, &items, eq).await, [] as [i64; 0]);
}

pub(super) async fn counts(s: Subject) {
    let items = s.table("items").await;
    let plan = ReadPlan {
        condition: Some(On(&items).eq("kind", "sign")),
        limit: Some(2),
        offset: 1,
        ..reading(&items, &["id"])
    };
    assert_eq!(s.backend.count(&plan).await.expect("it counts"), 5);
    let grouped = ReadPlan {
        group: vec![field(&items, "kind")],
        ..plan
    };
    assert_eq!(s.backend.count(&grouped).await.expect("it counts"), 5);
}
