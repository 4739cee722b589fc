//! Groups, aggregates and HAVING.

use super::Subject;
use super::probe::{On, Probe, aggregate, by, field, reading, shown};
use records::plan::Operand;
use records::{Condition, OrderItem, ReadPlan, Scalar, Target};
use sql::Aggregate::{Avg, Count, Max, Min, Sum};
use sql::{BinaryOp, NullsOrder};

pub(super) async fn groups(s: Subject) {
    if !s.backend.capabilities().groups {
        return;
    }
    let items = s.table("items").await;
    let mut plan = ReadPlan {
        group: vec![field(&items, "kind")],
        order: vec![by(&items, "kind")],
        ..reading(&items, &["kind"])
    };
    assert_eq!(shown(&*s.backend, &plan).await, ["name", "part", "sign", "tool"]);
    plan.columns.extend([
        aggregate(&items, Count, None),
        aggregate(&items, Count, Some("qty")),
        aggregate(&items, Sum, Some("qty")),
        aggregate(&items, Avg, Some("id")),
        aggregate(&items, Min, Some("price")),
        aggregate(&items, Max, Some("made")),
    ]);
    assert_eq!(
        shown(&*s.backend, &plan).await,
        [
            "name 3 2 12 9 0 2025-05-05",
            "part 3 3 1240 3 0.05 2024-02-29",
            "sign 5 4 5 8.2 -2.5 2024-01-02",
            "tool 1 1 5 1 19.99 2024-01-02",
        ]
    );
    let paged = ReadPlan {
        limit: Some(2),
        offset: 1,
        ..plan
    };
    assert_eq!(shown(&*s.backend, &paged).await.len(), 2);
    // NULLs are one group.
    let flag = OrderItem {
        nulls: Some(NullsOrder::First),
        ..by(&items, "flag")
    };
    let mut flags = ReadPlan {
        group: vec![field(&items, "flag")],
        order: vec![flag],
        ..reading(&items, &["flag"])
    };
    flags.columns.push(aggregate(&items, Count, None));
    assert_eq!(shown(&*s.backend, &flags).await, ["- 5", "0 3", "1 4"]);
}

pub(super) async fn aggregates_over_everything(s: Subject) {
    if !s.backend.capabilities().groups {
        return;
    }
    let items = s.table("items").await;
    let columns = vec![
        aggregate(&items, Count, None),
        aggregate(&items, Sum, Some("price")),
        aggregate(&items, Max, Some("qty")),
    ];
    let all = ReadPlan {
        columns,
        ..reading(&items, &[])
    };
    assert_eq!(shown(&*s.backend, &all).await, ["12 278.04 1200"]);
    let none = ReadPlan {
        condition: Some(On(&items).eq("kind", "nothing")),
        ..all
    };
    assert_eq!(shown(&*s.backend, &none).await, ["0 - -"]);
}

pub(super) async fn having(s: Subject) {
    if !s.backend.capabilities().groups {
        return;
    }
    let items = s.table("items").await;
    let value = |value: Scalar| Operand::Value(value);
    let count = Target::Aggregate(Count, None);
    let sum = Target::Aggregate(Sum, Some(field(&items, "qty")));
    let many = Condition::Compare(count, BinaryOp::Gt, value(2.into()));
    for (having, expected) in [
        (many.clone(), "name part sign"),
        (Condition::Compare(count, BinaryOp::Eq, value(5.into())), "sign"),
        (
            Condition::Compare(sum, BinaryOp::Ge, value(Scalar::Float(11.5))),
            "name part",
        ),
        (
            Condition::And(vec![
                many,
                Condition::Compare(sum, BinaryOp::Lt, value(100.into())),
            ]),
            "name sign",
        ),
        (
            Condition::Between(sum, value(5.into()), value(12.into())),
            "name sign tool",
        ),
    ] {
        let plan = ReadPlan {
            group: vec![field(&items, "kind")],
            having: Some(having.clone()),
            order: vec![by(&items, "kind")],
            ..reading(&items, &["kind"])
        };
        assert_eq!(shown(&*s.backend, &plan).await.join(" "), expected, "{having:?}");
    }
}
