//! The part of SQL that the engine uses, as a tree.

use crate::{Formula, Scalar};
use std::sync::Arc;

/// A table, with its schema where it is not the connection's default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableName {
    /// Schema; `None` for the default.
    pub schema: Option<String>,
    /// Table.
    pub name: String,
}

impl TableName {
    /// A table of the default schema.
    pub fn plain(name: impl Into<String>) -> TableName {
        TableName {
            schema: None,
            name: name.into(),
        }
    }
}

/// Two-sided operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// Arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// Functions that every dialect has under the same name and with the same meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Text in capitals.
    Upper,
    /// Text in small letters.
    Lower,
    /// Text without blanks at its ends.
    Trim,
    /// The first that is not NULL.
    Coalesce,
    /// NULL when both are equal, else the first.
    NullIf,
    /// The number without its sign.
    Abs,
    /// The number rounded.
    Round,
}

/// Aggregate functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// Number of rows, or of non-null values.
    Count,
    /// Sum.
    Sum,
    /// Mean.
    Avg,
    /// Least.
    Min,
    /// Greatest.
    Max,
}

/// Units of a time span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
    /// Years.
    Year,
}

/// The database's clock, moved by a span: the only expressions that a client's filter may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Only the date.
    pub date_only: bool,
    /// Span added to it (negative: taken away).
    pub offset: Option<(i64, TimeUnit)>,
}

/// Items of a SELECT as the text of one dialect, made by [`crate::items`] alone. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items(pub(crate) Arc<str>);

/// An expression that stands for itself in every dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstExpr {
    /// Always true.
    True,
    /// Always false.
    False,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column.
    Column(String),
    /// A column as it is read: cast to text where the driver cannot decode the native type (given in lower case).
    Read {
        /// Column.
        column: String,
        /// Native type as the catalogue tells it.
        native: String,
    },
    /// Columns that were rendered before, for the list of a SELECT.
    Items(Items),
    /// An expression turned into text, for LIKE on columns that are not text.
    AsText(Box<Expr>),
    /// A bound number that keeps its fraction where the dialect would take the type of the other side for it, as
    /// that of a sum of whole numbers.
    AsNumber(Box<Expr>),
    /// A bound value.
    Bind(Scalar),
    /// A bound value for a column: turned into its type where the column takes no text.
    Written {
        /// Value.
        value: Scalar,
        /// Native type of the column as the catalogue tells it.
        native: String,
    },
    /// Comparison.
    Binary(Box<Expr>, BinaryOp, Box<Expr>),
    /// All of them; none means true.
    And(Vec<Expr>),
    /// One of them; none means false.
    Or(Vec<Expr>),
    /// Exactly one of the two.
    Xor(Box<Expr>, Box<Expr>),
    /// Not.
    Not(Box<Expr>),
    /// Membership in a list of bound values; an empty list means false.
    In {
        /// Left side.
        expr: Box<Expr>,
        /// Values.
        values: Vec<Scalar>,
        /// NOT IN.
        negated: bool,
    },
    /// Pattern with `%` and `_`, `\` as the escape sign.
    Like {
        /// Left side.
        expr: Box<Expr>,
        /// Pattern, bound.
        pattern: String,
        /// NOT LIKE.
        negated: bool,
    },
    /// LIKE without case, whatever the collation.
    ILike {
        /// Left side.
        expr: Box<Expr>,
        /// Pattern, bound.
        pattern: String,
        /// NOT.
        negated: bool,
    },
    /// Membership in what a SELECT of one column gives.
    InSelect {
        /// Left side.
        expr: Box<Expr>,
        /// The SELECT.
        select: Box<Select>,
    },
    /// IS NULL.
    IsNull {
        /// Left side.
        expr: Box<Expr>,
        /// IS NOT NULL.
        negated: bool,
    },
    /// BETWEEN, both ends included.
    Between {
        /// Left side.
        expr: Box<Expr>,
        /// Lower end.
        low: Box<Expr>,
        /// Upper end.
        high: Box<Expr>,
        /// NOT BETWEEN.
        negated: bool,
    },
    /// An aggregate; without an argument, of rows.
    Aggregate(Aggregate, Option<Box<Expr>>),
    /// The database's clock.
    Moment(Moment),
    /// Arithmetic, in parentheses.
    Arithmetic(Box<Expr>, ArithmeticOp, Box<Expr>),
    /// A function of expressions.
    Call(Function, Vec<Expr>),
    /// An expression that stands in a field's extras.
    Formula(Box<Formula>),
    /// A constant.
    Const(ConstExpr),
}

impl Expr {
    /// A column by name.
    pub fn column(name: impl Into<String>) -> Expr {
        Expr::Column(name.into())
    }

    /// `column = value`, the value bound.
    pub fn eq(column: impl Into<String>, value: impl Into<Scalar>) -> Expr {
        Expr::Binary(
            Box::new(Expr::column(column)),
            BinaryOp::Eq,
            Box::new(Expr::Bind(value.into())),
        )
    }
}

/// Where NULLs go in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullsOrder {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

/// One part of ORDER BY.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    /// What to sort by.
    pub expr: Expr,
    /// Greatest first.
    pub descending: bool,
    /// Place of NULLs; `None` leaves it to the database.
    pub nulls: Option<NullsOrder>,
}

/// One part of the select list.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectItem {
    /// What.
    pub expr: Expr,
    /// Under which name; `None` leaves it unnamed.
    pub alias: Option<String>,
}

/// SELECT from one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// Select list; must not be empty.
    pub items: Vec<SelectItem>,
    /// Table.
    pub from: TableName,
    /// WHERE.
    pub filter: Option<Expr>,
    /// GROUP BY.
    pub group: Vec<Expr>,
    /// HAVING.
    pub having: Option<Expr>,
    /// ORDER BY.
    pub order: Vec<OrderBy>,
    /// LIMIT.
    pub limit: Option<u64>,
    /// OFFSET.
    pub offset: u64,
}

/// SELECT from one table, each row as often as rows of a table between lead to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Paired {
    /// The table that is led to. Its list names columns of `between` by their aliases.
    pub select: Select,
    /// The rows between. Every item has an alias, which no column of the other table may have.
    pub between: Select,
    /// Columns of the table and the aliases whose values they equal; must not be empty.
    pub on: Vec<(String, String)>,
}

/// SELECT from one table, each row with those of other tables that belong to it, counted and as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Nested {
    /// The rows. Every item has an alias.
    pub select: Select,
    /// How many items come first in the result; the others are for `lists`.
    pub shown: usize,
    /// What belongs to them; must not be empty.
    pub lists: Vec<NestedList>,
}

/// Rows that belong to a row.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedList {
    /// The rows. Every item has an alias: the name in the JSON.
    pub select: Select,
    /// Columns of its table and the aliases of the row's items whose values they equal; must not be empty.
    pub on: Vec<(String, String)>,
}

/// INSERT of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// Table.
    pub table: TableName,
    /// Columns and values; none inserts a row of defaults.
    pub values: Vec<(String, Expr)>,
    /// Columns to give back, where the dialect can.
    pub returning: Vec<SelectItem>,
}

/// INSERT of several rows with the same columns.
#[derive(Debug, Clone, PartialEq)]
pub struct InsertRows {
    /// Table.
    pub table: TableName,
    /// Columns; must not be empty.
    pub columns: Vec<String>,
    /// Values of each row, in the order of the columns; must not be empty.
    pub rows: Vec<Vec<Expr>>,
    /// Columns to give back, where the dialect can.
    pub returning: Vec<SelectItem>,
}

/// UPDATE.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// Table.
    pub table: TableName,
    /// Columns and new values; must not be empty.
    pub set: Vec<(String, Expr)>,
    /// WHERE.
    pub filter: Option<Expr>,
}

/// DELETE.
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// Table.
    pub table: TableName,
    /// WHERE; `None` empties the table.
    pub filter: Option<Expr>,
}
