//! Random conditions: a database must find what the in-memory connector finds.

use super::probe::{Probe, field, ids};
use super::{Subject, Traits, memory_tables, rows};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use records::plan::Operand;
use records::{Condition, Scalar, Table, Target};
use sql::BinaryOp;
use std::sync::Arc;

pub(super) async fn conditions_find_what_memory_finds(s: Subject) {
    let memory = memory::Memory::new(memory_tables());
    let model = Subject {
        backend: Arc::new(memory),
        traits: Traits::default(),
    };
    rows::store(&model).await;
    let (here, there) = (s.table("items").await, model.table("items").await);
    for condition in sample(&there, 400) {
        let expected = ids(&*model.backend, &there, condition.clone()).await;
        assert_eq!(
            ids(&*s.backend, &here, condition.clone()).await,
            expected,
            "{condition:?}"
        );
    }
}

/// The same conditions on every run.
fn sample(table: &Table, count: usize) -> Vec<Condition> {
    let mut runner = TestRunner::deterministic();
    let strategy = conditions(table);
    let mut one = || {
        strategy
            .new_tree(&mut runner)
            .expect("conditions can be made")
            .current()
    };
    (0..count).map(|_| one()).collect()
}

/// Fields and values of their type. Text is only compared for equality: collations order it differently.
fn conditions(table: &Table) -> impl Strategy<Value = Condition> + use<> {
    let number = prop::sample::select(vec![-3i64, 0, 1, 5, 7, 40, 1200]).prop_map(Scalar::Int);
    let price = prop::sample::select(vec!["-2.50", "0.00", "0.05", "1.00", "7.50", "250.00"]);
    let made = prop::sample::select(vec!["1969-07-20", "2024-01-02", "2024-02-29", "2030-01-01"]);
    let name = prop::sample::select(vec![
        "anvil", "bolt", "100%", "a_b", r"a\b", "", "o'neil", "nobody",
    ]);
    let ordered = prop_oneof![
        values(Target::Field(field(table, "qty")), number.boxed()),
        values(
            Target::Field(field(table, "price")),
            price.prop_map(super::probe::decimal).boxed()
        ),
        values(
            Target::Field(field(table, "made")),
            made.prop_map(Scalar::from).boxed()
        ),
    ];
    let op = prop::sample::select(vec![
        BinaryOp::Eq,
        BinaryOp::Ne,
        BinaryOp::Lt,
        BinaryOp::Le,
        BinaryOp::Gt,
        BinaryOp::Ge,
    ]);
    let (text, flag) = (
        Target::Field(field(table, "name")),
        Target::Field(field(table, "flag")),
    );
    let pattern = prop::sample::select(vec!["a%", "%o%", r"a\_b", "a_b", r"%\%", "%", "_%l"]);
    let leaf = prop_oneof![
        (ordered.clone(), op).prop_map(|((target, mut values), op)| {
            let value = values.pop().unwrap_or_default();
            Condition::Compare(target, op, Operand::Value(value))
        }),
        ordered
            .clone()
            .prop_map(|(target, values)| Condition::In(target, values)),
        ordered.clone().prop_map(|(target, _)| Condition::IsNull(target)),
        ordered.prop_map(|(target, values)| {
            let end = |i: usize| Operand::Value(values.get(i).cloned().unwrap_or_default());
            Condition::Between(target, end(0), end(1))
        }),
        values(text, name.prop_map(Scalar::from).boxed()).prop_map(|(t, values)| Condition::In(t, values)),
        pattern.prop_map(move |pattern| Condition::Like(text, pattern.to_owned())),
        any::<bool>().prop_map(move |b| Condition::Compare(flag, BinaryOp::Eq, Operand::Value(b.into()))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::Or),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Condition::Xor(Box::new(a), Box::new(b))),
            inner.prop_map(|a| Condition::Not(Box::new(a))),
        ]
    })
}

/// A target with up to three values for it, now and then a NULL.
fn values(target: Target, one: BoxedStrategy<Scalar>) -> BoxedStrategy<(Target, Vec<Scalar>)> {
    let one = prop_oneof![9 => one, 1 => Just(Scalar::Null)];
    prop::collection::vec(one, 0..4)
        .prop_map(move |values| (target, values))
        .boxed()
}
