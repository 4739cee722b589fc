//! The rows of `items`, which the reading cases look at and no case changes.

use super::Subject;
use super::probe::Probe;
use records::Scalar;

/// Names of the columns, in the order of the cells.
pub(super) const COLUMNS: [&str; 7] = ["id", "name", "kind", "qty", "price", "made", "flag"];

type Item = (
    i64,
    Option<&'static str>,
    &'static str,
    Option<i64>,
    Option<&'static str>,
    Option<&'static str>,
    Option<bool>,
);

/// Text is lower case and plain where it is compared by more than equality, so that collations do not matter.
const ITEMS: [Item; 12] = [
    (
        1,
        Some("anvil"),
        "tool",
        Some(5),
        Some("19.99"),
        Some("2024-01-02"),
        Some(true),
    ),
    (
        2,
        Some("bolt"),
        "part",
        Some(1200),
        Some("0.05"),
        Some("2024-01-03"),
        Some(false),
    ),
    (3, None, "part", Some(0), None, None, None),
    (
        4,
        Some("chain"),
        "part",
        Some(40),
        Some("7.50"),
        Some("2024-02-29"),
        Some(true),
    ),
    (
        5,
        Some("100%"),
        "sign",
        None,
        Some("1.00"),
        Some("2023-12-31"),
        None,
    ),
    (6, Some("a_b"), "sign", Some(5), Some("1.00"), None, Some(false)),
    (
        7,
        Some(r"a\b"),
        "sign",
        Some(-3),
        Some("250.00"),
        Some("2024-01-02"),
        Some(true),
    ),
    (8, Some("o'neil"), "name", Some(7), None, Some("2025-05-05"), None),
    (9, Some("日本"), "name", None, None, None, None),
    (
        10,
        Some(""),
        "name",
        Some(5),
        Some("0.00"),
        Some("2024-01-02"),
        Some(false),
    ),
    (11, Some("axb"), "sign", Some(1), Some("1.00"), None, None),
    (
        12,
        Some("1000"),
        "sign",
        Some(2),
        Some("-2.50"),
        Some("1969-07-20"),
        Some(true),
    ),
];

/// The rows as cells.
pub(super) fn items() -> Vec<Vec<Scalar>> {
    let rows = ITEMS.iter().map(|(id, name, kind, qty, price, made, flag)| {
        let price = price.map_or(Scalar::Null, |digits| Scalar::Decimal(digits.to_owned()));
        vec![
            (*id).into(),
            (*name).into(),
            (*kind).into(),
            (*qty).into(),
            price,
            (*made).into(),
            (*flag).into(),
        ]
    });
    rows.collect()
}

/// Stores the rows.
pub(super) async fn store(subject: &Subject) {
    let table = subject.table("items").await;
    for row in items() {
        let values = COLUMNS.into_iter().zip(row).collect::<Vec<_>>();
        subject
            .insert(&table, values)
            .await
            .expect("the rows of the suite can be stored");
    }
}
