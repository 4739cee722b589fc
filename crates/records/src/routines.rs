//! Stored procedures and functions: what is known of them, and what a database must be able to do with them.
//!
//! The rest is pure: [`arguments`] makes bound values of what a client sent, [`shape`] makes the answer of what the
//! database gave back.

pub mod arguments;
mod cast;
pub mod describe;
pub mod shape;

use crate::Kind;
use async_trait::async_trait;
use driver::{Cell, Fault, Flow, Scalar, Sink};
use serde_json::Value;
use sql::TableName;
use std::any::Any;

/// The two kinds of routines, each a resource of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoutineKind {
    /// `_proc`.
    Procedure,
    /// `_func`.
    Function,
}

impl RoutineKind {
    /// Both, in the order of lists.
    pub const ALL: [RoutineKind; 2] = [RoutineKind::Procedure, RoutineKind::Function];

    /// The resource in paths and components.
    pub const fn resource(self) -> &'static str {
        match self {
            RoutineKind::Procedure => "_proc",
            RoutineKind::Function => "_func",
        }
    }

    /// The word for messages, at the beginning of a sentence.
    pub const fn noun(self) -> &'static str {
        match self {
            RoutineKind::Procedure => "Procedure",
            RoutineKind::Function => "Function",
        }
    }
}

/// The direction of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A value goes in.
    In,
    /// A value comes out.
    Out,
    /// Both.
    InOut,
}

impl Mode {
    /// The name in descriptions.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::In => "IN",
            Mode::Out => "OUT",
            Mode::InOut => "INOUT",
        }
    }

    /// Whether a value goes in.
    pub const fn takes(self) -> bool {
        !matches!(self, Mode::Out)
    }

    /// Whether a value comes out.
    pub const fn gives(self) -> bool {
        !matches!(self, Mode::In)
    }
}

/// A parameter as the database tells it.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Name; `$2` for the second when the database has none.
    pub name: String,
    /// Direction.
    pub mode: Mode,
    /// Simple type by the connector's mapping.
    pub kind: Kind,
    /// Native type as the database writes it.
    pub native: String,
    /// Length.
    pub length: Option<i64>,
    /// Precision.
    pub precision: Option<i64>,
    /// Scale.
    pub scale: Option<i64>,
    /// Default as a value, or `{"expression": …}`; null for none.
    pub default: Value,
    /// Whether the database fills the parameter in when it is left out of the call.
    pub optional: bool,
    /// Whether it takes all arguments that are left, as one array.
    pub variadic: bool,
}

/// How a routine is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invocation {
    /// `CALL p(…)`.
    Call,
    /// `SELECT * FROM f(…)`.
    Table,
    /// `SELECT f(…)`.
    Value,
}

/// A procedure or function. Of an overloaded name there are several.
#[derive(Debug, Clone)]
pub struct Routine {
    /// Kind.
    pub kind: RoutineKind,
    /// Where it lies.
    pub native: TableName,
    /// Name for clients: `schema.name` outside the default schema, else the name.
    pub public: String,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// Simple type of the result, where it is a single value of a known type.
    pub returns: Option<Kind>,
    /// Native type of the result; empty for none.
    pub returns_native: String,
    /// How it is run.
    pub invocation: Invocation,
    /// Whether it may leave something behind in the session: temporary tables, settings, open transactions. The
    /// connection is cleaned before somebody else uses it.
    pub volatile: bool,
    /// Comment.
    pub comment: Option<String>,
}

impl Routine {
    /// The parameters that take a value.
    pub fn inputs(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|p| p.mode.takes())
    }

    /// The parameters that give a value.
    pub fn outputs(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|p| p.mode.gives())
    }
}

/// Rows with the names of their columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataSet {
    /// Names in order.
    pub columns: Vec<String>,
    /// Rows, a cell per column.
    pub rows: Vec<Vec<Scalar>>,
}

/// What an OUT or INOUT parameter gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A value.
    Value(Scalar),
    /// The rows of a cursor.
    Rows(DataSet),
}

/// What a call gave back.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Data sets in order.
    pub sets: Vec<DataSet>,
    /// The values of the OUT and INOUT parameters in order. Empty where the database gives them as a row of a data
    /// set instead.
    pub out: Vec<Given>,
    /// Whether there were more rows than the call allowed.
    pub truncated: bool,
}

/// One call, its arguments converted and ready to be bound.
#[derive(Debug)]
pub struct Call<'r> {
    /// What is called.
    pub routine: &'r Routine,
    /// A value per parameter; `None` for OUT parameters and for those that the database fills in.
    pub arguments: Vec<Option<Scalar>>,
    /// Greatest number of rows, all data sets together.
    pub max_rows: usize,
}

/// The routines of a database. Names are those for clients.
#[async_trait]
pub trait Routines: Send + Sync {
    /// The names of all routines of a kind that the database user may call, in any order, overloads once or more.
    async fn list(&self, kind: RoutineKind) -> Result<Vec<String>, Fault>;

    /// The routines of this name, matched exactly first and then without case; all of one spelling. Empty when
    /// there is none.
    async fn describe(&self, kind: RoutineKind, public: &str) -> Result<Vec<Routine>, Fault>;

    /// Calls a routine.
    async fn call(&self, call: &Call<'_>) -> Result<Outcome, Fault>;

    /// The kind of database, for messages; see [`crate::SqlSource::product`].
    fn product(&self) -> &'static str;
}

/// A sink for several data sets, up to a number of rows.
#[derive(Debug)]
pub struct Gather {
    sets: Vec<DataSet>,
    row: Vec<Scalar>,
    left: usize,
    truncated: bool,
}

impl Gather {
    /// An empty one.
    pub fn new(max_rows: usize) -> Gather {
        Gather {
            sets: Vec::new(),
            row: Vec::new(),
            left: max_rows,
            truncated: false,
        }
    }

    /// Begins the next data set; the rows that follow belong to it.
    pub fn begin(&mut self, columns: Vec<String>) {
        self.sets.push(DataSet {
            columns,
            rows: Vec::new(),
        });
    }

    /// How many more rows it takes.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Whether it was offered more rows than it takes.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// The data sets so far, which leave it.
    pub fn take(&mut self) -> Vec<DataSet> {
        std::mem::take(&mut self.sets)
    }

    /// What was gathered, without values of OUT parameters.
    pub fn outcome(self) -> Outcome {
        Outcome {
            sets: self.sets,
            out: Vec::new(),
            truncated: self.truncated,
        }
    }
}

impl Sink for Gather {
    fn cell(&mut self, _index: usize, cell: Cell<'_>) {
        self.row.push(cell.to_scalar());
    }

    fn end_row(&mut self) -> Flow {
        let row = std::mem::take(&mut self.row);
        if self.left == 0 {
            self.truncated = true;
            return Flow::Stop;
        }
        self.left -= 1;
        if let Some(set) = self.sets.last_mut() {
            set.rows.push(row);
        }
        Flow::More
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) fn parameter(name: &str, mode: Mode, kind: Kind) -> Parameter {
        Parameter {
            name: name.into(),
            mode,
            kind,
            native: kind.name().into(),
            length: None,
            precision: None,
            scale: None,
            default: Value::Null,
            optional: false,
            variadic: false,
        }
    }

    pub(crate) fn routine(kind: RoutineKind, name: &str, parameters: Vec<Parameter>) -> Routine {
        Routine {
            kind,
            native: TableName::plain(name),
            public: name.into(),
            parameters,
            returns: None,
            returns_native: String::new(),
            invocation: Invocation::Call,
            volatile: true,
            comment: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_beyond_the_limit_are_noticed_and_left() {
        let mut gather = Gather::new(2);
        for set in 0..2 {
            gather.begin(vec!["a".into()]);
            gather.cell(0, Cell::Int(set));
            assert_eq!(gather.end_row(), Flow::More);
        }
        gather.cell(0, Cell::Int(9));
        assert_eq!(gather.end_row(), Flow::Stop);
        let outcome = gather.outcome();
        assert!(outcome.truncated);
        assert_eq!(outcome.sets.iter().map(|s| s.rows.len()).sum::<usize>(), 2);
    }
}
