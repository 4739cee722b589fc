//! Plans: what to do, bound to a table, before any statement exists.
//!
//! Fields are indexes into [`Table::fields`], so a plan cannot name what the table does not show.

use crate::Table;
use sql::{Aggregate, ArithmeticOp, BinaryOp, Function, Moment, NullsOrder, Scalar};
use std::sync::Arc;

/// What a comparison looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A field.
    Field(usize),
    /// An aggregate, in HAVING only; without a field, of rows.
    Aggregate(Aggregate, Option<usize>),
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A value, converted to the field's type.
    Value(Scalar),
    /// The database's clock.
    Moment(Moment),
}

/// A condition on the rows of one table.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All of them; none is true.
    And(Vec<Condition>),
    /// One of them; none is false.
    Or(Vec<Condition>),
    /// Exactly one of the two.
    Xor(Box<Condition>, Box<Condition>),
    /// Not.
    Not(Box<Condition>),
    /// Comparison; with NULL on a side it is neither true nor false, as in SQL.
    Compare(Target, BinaryOp, Operand),
    /// One of the values.
    In(Target, Vec<Scalar>),
    /// Matches a pattern: `%` any text, `_` any sign, `\` makes the next sign plain.
    Like(Target, String),
    /// Matches a pattern without case.
    ILike(Target, String),
    /// Some related row meets a condition.
    Related(Box<Hop>),
    /// Is NULL.
    IsNull(Target),
    /// Lies between, both ends included.
    Between(Target, Operand, Operand),
}

/// The way from a row to the rows that are related to it: those of another table whose field equals this one's.
#[derive(Debug, Clone)]
pub struct Hop {
    /// Field of this table.
    pub field: usize,
    /// The other table.
    pub table: Arc<Table>,
    /// Its field.
    pub ref_field: usize,
    /// What one of its rows must meet. Holds that table's row filter already.
    pub condition: Option<Condition>,
}

/// Tables are the same when they lie in the same place.
impl PartialEq for Hop {
    fn eq(&self, other: &Hop) -> bool {
        let way = |hop: &Hop| (hop.field, hop.ref_field);
        way(self) == way(other)
            && self.table.native == other.table.native
            && self.condition == other.condition
    }
}

impl Condition {
    /// Both conditions, either of which may be absent.
    pub fn and(left: Option<Condition>, right: Option<Condition>) -> Option<Condition> {
        match (left, right) {
            (Some(left), Some(right)) => Some(Condition::And(vec![left, right])),
            (one, other) => one.or(other),
        }
    }
}

/// A column of the result.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// A field, under its name.
    Field(usize),
    /// An aggregate, under the given key.
    Aggregate {
        /// Function.
        function: Aggregate,
        /// Of which field; `None` of rows.
        field: Option<usize>,
        /// Key in the record, such as `SUM_salary`.
        key: String,
    },
}

/// One part of the order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderItem {
    /// Field.
    pub field: usize,
    /// Greatest first.
    pub descending: bool,
    /// Place of NULLs; `None` leaves it to the database.
    pub nulls: Option<NullsOrder>,
}

/// A read of one table.
#[derive(Debug, Clone)]
pub struct ReadPlan {
    /// Table.
    pub table: Arc<Table>,
    /// Columns of the result; at least one.
    pub columns: Vec<Column>,
    /// Which rows. Holds the row filter already.
    pub condition: Option<Condition>,
    /// Fields to group by.
    pub group: Vec<usize>,
    /// Which groups.
    pub having: Option<Condition>,
    /// Order.
    pub order: Vec<OrderItem>,
    /// Greatest number of rows.
    pub limit: Option<u64>,
    /// Rows left out at the start.
    pub offset: u64,
}

impl ReadPlan {
    /// Whether the columns are all fields of the table in their order.
    pub(crate) fn is_whole(&self) -> bool {
        let mut columns = self.columns.iter().enumerate();
        self.columns.len() == self.table.fields.len()
            && columns.all(|(i, column)| matches!(column, Column::Field(field) if *field == i))
    }
}

/// A read of one table through another: its rows, each as often as rows of the table between lead to it.
#[derive(Debug, Clone)]
pub struct PairedPlan {
    /// What is read; without groups and aggregates.
    pub read: ReadPlan,
    /// The table between.
    pub between: Arc<Table>,
    /// Which of its rows. Holds the row filter already.
    pub condition: Option<Condition>,
    /// Fields of the table between that follow the columns of the read; real columns.
    pub near: Vec<usize>,
    /// Fields of the table read and of the table between that are equal; real columns of the same native type.
    pub on: Vec<(usize, usize)>,
}

/// A read of rows, each with those of other tables that belong to it, in one statement.
#[derive(Debug, Clone)]
pub struct NestedPlan {
    /// The rows, with a limit and without groups and aggregates.
    pub read: ReadPlan,
    /// What belongs to each of them.
    pub lists: Vec<NestedList>,
}

/// Rows of another table that belong to a row.
#[derive(Debug, Clone)]
pub struct NestedList {
    /// Those rows, with a limit that holds for each row they belong to. Its columns are real columns of types that
    /// the database writes as JSON in the very form of an answer.
    pub read: ReadPlan,
    /// Fields of the row and of the other table that are equal; real columns of the same native type.
    pub on: Vec<(usize, usize)>,
}

/// What a field is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum NewValue {
    /// A value, converted to the field's type.
    Value(Scalar),
    /// What another field, or the field itself, holds before the change. Never in a new row.
    Field(usize),
    /// The database's clock.
    Moment(Moment),
    /// Arithmetic.
    Arithmetic(Box<NewValue>, ArithmeticOp, Box<NewValue>),
    /// A function.
    Call(Function, Vec<NewValue>),
}

impl NewValue {
    /// The value, when it is known before it is stored.
    pub fn value(&self) -> Option<&Scalar> {
        match self {
            NewValue::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl From<Scalar> for NewValue {
    fn from(value: Scalar) -> NewValue {
        NewValue::Value(value)
    }
}

/// A new row.
#[derive(Debug, Clone)]
pub struct InsertPlan {
    /// Table.
    pub table: Arc<Table>,
    /// Values by field.
    pub values: Vec<(usize, NewValue)>,
    /// Fields whose stored values are wanted: the identifier.
    pub returning: Vec<usize>,
    /// What the stored row must meet; otherwise nothing is stored and the write fails with
    /// [`crate::backend::outside_filter`].
    pub check: Option<Condition>,
}

/// A change of rows.
#[derive(Debug, Clone)]
pub struct UpdatePlan {
    /// Table.
    pub table: Arc<Table>,
    /// New values by field; at least one. Fields of the primary key are set to values only.
    pub values: Vec<(usize, NewValue)>,
    /// Which rows. Holds the row filter already.
    pub condition: Option<Condition>,
    /// What every changed row must meet afterwards, besides being one of the changed ones; otherwise nothing is
    /// stored and the write fails with [`crate::backend::outside_filter`].
    pub check: Option<Condition>,
}

/// A removal of rows.
#[derive(Debug, Clone)]
pub struct DeletePlan {
    /// Table.
    pub table: Arc<Table>,
    /// Which rows; `None` all. Holds the row filter already.
    pub condition: Option<Condition>,
}
