//! The filter language: `(age > 18) AND (name like 'J%')`.
//!
//! One comparison needs no parentheses; of two or more each stands in its own. Quotes are respected everywhere, and
//! nothing inside them is unescaped: a quote closes a value only where the value may end.

pub(crate) mod clock;
mod operand;
mod operator;
mod parse;
mod print;

pub use parse::{MAX_LENGTH, MAX_NESTING, parse};

use sql::Moment;

/// A condition as a client wrote it.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them; at least two.
    And(Vec<Filter>),
    /// One of them; at least two.
    Or(Vec<Filter>),
    /// Exactly one of the two.
    Xor(Box<Filter>, Box<Filter>),
    /// Not. `a NOR b` becomes the negation of `a OR b`.
    Not(Box<Filter>),
    /// A comparison with one value.
    Compare {
        /// Left side.
        field: FieldRef,
        /// How.
        op: Comparison,
        /// Right side.
        value: Operand,
        /// `field NOT op value`.
        negated: bool,
    },
    /// Membership in a list of at least one value.
    In {
        /// Left side.
        field: FieldRef,
        /// Values.
        values: Vec<Operand>,
        /// NOT IN.
        negated: bool,
    },
    /// IS NULL.
    Null {
        /// Left side.
        field: FieldRef,
        /// IS NOT NULL.
        negated: bool,
    },
    /// BETWEEN, both ends included.
    Between {
        /// Left side.
        field: FieldRef,
        /// Lower end.
        low: Operand,
        /// Upper end.
        high: Operand,
        /// NOT BETWEEN.
        negated: bool,
    },
}

/// The left side of a comparison, as written: a name, in HAVING also `SUM(salary)`, `COUNT(*)` or `SUM_salary`.
#[derive(Debug, Clone)]
pub struct FieldRef {
    /// Text without blanks at its ends; never empty.
    pub text: String,
    /// Byte offset in the filter.
    pub at: usize,
}

/// The place does not count: two filters that say the same are equal.
impl PartialEq for FieldRef {
    fn eq(&self, other: &FieldRef) -> bool {
        self.text == other.text
    }
}

/// How a field is compared with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`, `EQ`
    Eq,
    /// `!=`, `<>`, `NE`
    Ne,
    /// `<`, `LT`
    Lt,
    /// `<=`, `LTE`
    Le,
    /// `>`, `GT`
    Gt,
    /// `>=`, `GTE`
    Ge,
    /// `LIKE`: `%` and `_` in the value are the client's.
    Like,
    /// `ILIKE`: like LIKE, without case.
    ILike,
    /// `STARTS WITH`
    StartsWith,
    /// `ENDS WITH`
    EndsWith,
    /// `CONTAINS`
    Contains,
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A value: to be converted to the field's type and bound. `null` is text like any other.
    Text {
        /// Text; quotes around it are stripped, nothing in it is unescaped.
        text: String,
        /// Whether it stood in quotes.
        quoted: bool,
    },
    /// `:name`, colon included, as a whole operand without quotes. When no parameter has this name it is text.
    Param(String),
    /// The database's clock, `(NOW() - INTERVAL 1 DAY)`.
    Moment(Moment),
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
