//! Short ways to ask a backend, and to write what is asked.

use super::Subject;
use contract::Problem;
use driver::Collect;
use records::plan::Operand;
use records::{
    Column, Condition, DeletePlan, InsertPlan, NewValue, OrderItem, PairedPlan, ReadPlan, Scalar, Session,
    Sink, Table, Target, UpdatePlan,
};
use sql::{Aggregate, BinaryOp};
use std::sync::Arc;

/// A table by name; panics when it is not there.
pub(super) trait Probe {
    /// The table for clients.
    async fn table(&self, public: &str) -> Arc<Table>;
    /// Stores a row; gives the primary key.
    async fn insert(&self, table: &Arc<Table>, values: Vec<(&str, Scalar)>) -> Result<Vec<Scalar>, Problem>;
    /// Removes all rows of tables, in this order.
    async fn clear(&self, tables: &[&str]);
}

impl Probe for Subject {
    async fn table(&self, public: &str) -> Arc<Table> {
        let found = self
            .backend
            .describe(public)
            .await
            .expect("the catalogue answers");
        Arc::new(records::catalogue::table(
            &found.unwrap_or_else(|| panic!("{public} is not there")),
        ))
    }

    async fn insert(&self, table: &Arc<Table>, values: Vec<(&str, Scalar)>) -> Result<Vec<Scalar>, Problem> {
        self.backend.insert(&inserting(table, values)).await
    }

    async fn clear(&self, tables: &[&str]) {
        for name in tables {
            let table = self.table(name).await;
            self.backend
                .delete(&DeletePlan {
                    table,
                    condition: None,
                })
                .await
                .expect("a table can be emptied");
        }
    }
}

/// A plan to store a row and give its primary key.
pub(super) fn inserting(table: &Arc<Table>, values: Vec<(&str, Scalar)>) -> InsertPlan {
    InsertPlan {
        table: Arc::clone(table),
        values: at(table, values),
        returning: table.primary_key.clone(),
        check: None,
    }
}

/// A plan to change rows.
pub(super) fn changing(
    table: &Arc<Table>,
    values: Vec<(&str, Scalar)>,
    condition: impl Into<Option<Condition>>,
) -> UpdatePlan {
    UpdatePlan {
        table: Arc::clone(table),
        values: at(table, values),
        condition: condition.into(),
        check: None,
    }
}

fn at(table: &Table, values: Vec<(&str, Scalar)>) -> Vec<(usize, NewValue)> {
    values
        .into_iter()
        .map(|(name, value)| (field(table, name), value.into()))
        .collect()
}

/// The index of a field; panics when there is none.
pub(super) fn field(table: &Table, name: &str) -> usize {
    table
        .field(name)
        .unwrap_or_else(|| panic!("{} has no field {name}", table.name))
}

/// A read of some fields.
pub(super) fn reading(table: &Arc<Table>, fields: &[&str]) -> ReadPlan {
    ReadPlan {
        table: Arc::clone(table),
        columns: fields
            .iter()
            .map(|name| Column::Field(field(table, name)))
            .collect(),
        condition: None,
        group: Vec::new(),
        having: None,
        order: Vec::new(),
        limit: None,
        offset: 0,
    }
}

/// A part of an order.
pub(super) fn by(table: &Table, name: &str) -> OrderItem {
    OrderItem {
        field: field(table, name),
        descending: false,
        nulls: None,
    }
}

/// An aggregate as a column.
pub(super) fn aggregate(table: &Table, function: Aggregate, name: Option<&str>) -> Column {
    let key = query::fields::aggregate_key(function, name);
    Column::Aggregate {
        function,
        field: name.map(|name| field(table, name)),
        key,
    }
}

/// The rows of a read.
pub(super) async fn rows<S: Session + ?Sized>(session: &S, plan: &ReadPlan) -> Vec<Vec<Scalar>> {
    let sink = session
        .read(plan, Box::<Collect>::default())
        .await
        .expect("the read succeeds");
    collected(sink)
}

fn collected(sink: Box<dyn Sink>) -> Vec<Vec<Scalar>> {
    sink.into_any()
        .downcast::<Collect>()
        .expect("the sink comes back")
        .rows
}

fn lines(rows: &[Vec<Scalar>]) -> Vec<String> {
    rows.iter()
        .map(|row| row.iter().map(text).collect::<Vec<_>>().join(" "))
        .collect()
}

/// The rows of a read through a table between, as text.
pub(super) async fn pairs<S: Session + ?Sized>(session: &S, plan: &PairedPlan) -> Vec<String> {
    let sink = session
        .read_paired(plan, Box::<Collect>::default())
        .await
        .expect("the read succeeds");
    lines(&collected(sink))
}

/// The rows of a read as text, a row a line. Values that are equal are written the same, whatever their types.
pub(super) async fn shown<S: Session + ?Sized>(session: &S, plan: &ReadPlan) -> Vec<String> {
    lines(&rows(session, plan).await)
}

/// A value as text: `-` for NULL, 1 and 0 for truth, numbers without zeros at the end.
pub(super) fn text(value: &Scalar) -> String {
    match value {
        Scalar::Null => "-".to_owned(),
        Scalar::Bool(flag) => i32::from(*flag).to_string(),
        Scalar::Decimal(digits) if digits.contains('.') => {
            digits.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Scalar::Float(number) => format!("{}", (number * 1e9).round() / 1e9),
        Scalar::Bytes(bytes) => format!("{bytes:?}"),
        other => other.to_text().expect("it is text"),
    }
}

/// The identifiers of the rows that meet a condition, ascending. Counting must agree.
pub(super) async fn ids<S: Session + ?Sized>(
    session: &S,
    table: &Arc<Table>,
    condition: impl Into<Option<Condition>>,
) -> Vec<i64> {
    let condition = condition.into();
    let plan = ReadPlan {
        condition: condition.clone(),
        order: vec![by(table, "id")],
        ..reading(table, &["id"])
    };
    let found: Vec<i64> = rows(session, &plan)
        .await
        .iter()
        .map(|row| row[0].to_int().expect("an id is a number"))
        .collect();
    let counted = session.count(&plan).await.expect("counting succeeds");
    assert_eq!(counted, found.len() as u64, "count of {condition:?}");
    found
}

/// Writes conditions on the fields of a table by their names.
pub(super) struct On<'t>(pub(super) &'t Table);

impl On<'_> {
    pub(super) fn is(&self, name: &str, op: BinaryOp, value: impl Into<Scalar>) -> Condition {
        Condition::Compare(self.at(name), op, Operand::Value(value.into()))
    }

    pub(super) fn eq(&self, name: &str, value: impl Into<Scalar>) -> Condition {
        self.is(name, BinaryOp::Eq, value)
    }

    pub(super) fn list<T: Into<Scalar>>(&self, name: &str, values: impl IntoIterator<Item = T>) -> Condition {
        Condition::In(self.at(name), values.into_iter().map(Into::into).collect())
    }

    pub(super) fn like(&self, name: &str, pattern: &str) -> Condition {
        Condition::Like(self.at(name), pattern.to_owned())
    }

    pub(super) fn null(&self, name: &str) -> Condition {
        Condition::IsNull(self.at(name))
    }

    pub(super) fn between(&self, name: &str, low: impl Into<Scalar>, high: impl Into<Scalar>) -> Condition {
        Condition::Between(
            self.at(name),
            Operand::Value(low.into()),
            Operand::Value(high.into()),
        )
    }

    fn at(&self, name: &str) -> Target {
        Target::Field(field(self.0, name))
    }
}

/// NOT.
pub(super) fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

/// XOR.
pub(super) fn xor(left: Condition, right: Condition) -> Condition {
    Condition::Xor(Box::new(left), Box::new(right))
}

/// An exact decimal.
pub(super) fn decimal(digits: &str) -> Scalar {
    Scalar::Decimal(digits.to_owned())
}

/// The kind of a refusal, whose sentence must be one for people: no statement, no word of a driver.
pub(super) fn refused<T: std::fmt::Debug>(result: Result<T, Problem>) -> contract::Kind {
    let problem = result.expect_err("it is refused");
    let sentence = problem.message.to_uppercase();
    for word in [
        "INSERT ",
        "UPDATE ",
        "SELECT ",
        "SQLSTATE",
        "CONSTRAINT FAILED",
        "ERROR",
        "VALUES (",
    ] {
        assert!(
            !sentence.contains(word),
            "the message says too much: {}",
            problem.message
        );
    }
    problem.kind
}
