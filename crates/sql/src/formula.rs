//! Expressions that people attach to fields: function calls over columns, literals and `{value}`.
//!
//! They are kept with the schema, so their literals are written into the text, by [`crate::ddl::literal`]; what a
//! client writes into the field takes the place of `{value}` as a bound value.

use crate::Scalar;
use crate::ddl::NativeType;

/// A name of a function that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionName(String);

/// Functions, and beginnings of their names, that reach outside of the row: files, other servers, the server's own
/// state, time.
const REFUSED: &[&str] = &[
    "pg_",
    "lo_",
    "dblink",
    "xp_",
    "sp_",
    "sys_",
    "load_",
    "readfile",
    "writefile",
    "edit",
    "fts3_tokenizer",
    "sleep",
    "benchmark",
    "get_lock",
    "release_",
    "is_free_lock",
    "is_used_lock",
    "master_",
    "source_pos",
    "wait_",
    "query_to_",
    "table_to_",
    "schema_to_",
    "database_to_",
    "cursor_to_",
    "set_config",
    "current_setting",
    "setval",
    "nextval",
    "currval",
    "lastval",
    "txid_",
    "inet_",
    "randomblob",
    "zeroblob",
    "generate_series",
    "repeat",
    "user",
    "session_user",
    "system_user",
    "current_user",
    "database",
    "schema",
    "version",
    "exec",
    "execute",
    "eval",
    "http_",
    "httpuritype",
    "utl_",
    "dbms_",
    "openrowset",
    "opendatasource",
    "extractvalue",
    "updatexml",
    "xmltype",
    "xmlquery",
    "has_",
    "plpy",
    "copy",
];

impl FunctionName {
    /// Takes a name of letters, digits and underscores that is not refused.
    pub fn new(name: &str) -> Option<FunctionName> {
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let lower = name.to_ascii_lowercase();
        let refused = REFUSED.iter().any(|word| match word.strip_suffix('_') {
            Some(_) => lower.starts_with(word),
            None => lower == *word || (word.len() > 4 && lower.starts_with(word)),
        });
        (starts && plain && !refused && name.len() <= 64).then(|| FunctionName(name.to_owned()))
    }
}

/// A two-sided operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator(&'static str);

impl Operator {
    /// The known operators, by how people write them in capitals.
    pub fn parse(text: &str) -> Option<Operator> {
        const KNOWN: &[&str] = &[
            "+", "-", "*", "/", "%", "||", "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "LIKE", "NOT LIKE",
        ];
        let text = if text == "!=" { "<>" } else { text };
        KNOWN
            .iter()
            .find(|known| **known == text)
            .map(|known| Operator(known))
    }
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// A column.
    Column(String),
    /// What a client writes into the field.
    Value,
    /// That, once it is known: bound.
    Bound(Scalar),
    /// A literal of the expression's author.
    Literal(Scalar),
    /// `*`, in COUNT(*).
    Star,
    /// `CURRENT_DATE`, `CURRENT_TIME` or `CURRENT_TIMESTAMP`.
    Clock(&'static str),
    /// A call.
    Call {
        /// Function.
        name: FunctionName,
        /// DISTINCT before the arguments.
        distinct: bool,
        /// Arguments.
        arguments: Vec<Formula>,
    },
    /// Two sides.
    Binary(Box<Formula>, Operator, Box<Formula>),
    /// NOT.
    Not(Box<Formula>),
    /// A minus sign.
    Minus(Box<Formula>),
    /// IS NULL, or IS NOT NULL.
    IsNull(Box<Formula>, bool),
    /// CASE WHEN … THEN … ELSE … END.
    Case(Vec<(Formula, Formula)>, Option<Box<Formula>>),
    /// CAST(… AS type).
    Cast(Box<Formula>, NativeType),
}

impl Formula {
    /// The expression with `{value}` replaced.
    pub fn filled(&self, value: &Scalar) -> Formula {
        match self {
            Formula::Value => Formula::Bound(value.clone()),
            other => other.map(&mut |inner| inner.filled(value)),
        }
    }

    /// Every column that it names, changed in place; `Err` with the first name that `rename` does not know.
    pub fn rename(&mut self, rename: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
        if let Formula::Column(name) = self {
            *name = rename(name).ok_or_else(|| name.clone())?;
            return Ok(());
        }
        let mut failed = None;
        *self = self.map(&mut |inner| {
            let mut inner = inner.clone();
            if let Err(name) = inner.rename(rename) {
                failed.get_or_insert(name);
            }
            inner
        });
        failed.map_or(Ok(()), Err)
    }

    /// Whether `{value}` stands in it.
    pub fn takes_value(&self) -> bool {
        let mut found = *self == Formula::Value;
        self.map(&mut |inner| {
            found |= inner.takes_value();
            inner.clone()
        });
        found
    }

    /// A copy with every direct part replaced.
    fn map(&self, change: &mut dyn FnMut(&Formula) -> Formula) -> Formula {
        let mut boxed = |inner: &Formula| Box::new(change(inner));
        match self {
            Formula::Binary(left, op, right) => Formula::Binary(boxed(left), *op, boxed(right)),
            Formula::Not(inner) => Formula::Not(boxed(inner)),
            Formula::Minus(inner) => Formula::Minus(boxed(inner)),
            Formula::IsNull(inner, negated) => Formula::IsNull(boxed(inner), *negated),
            Formula::Cast(inner, native) => Formula::Cast(boxed(inner), native.clone()),
            Formula::Case(branches, otherwise) => Formula::Case(
                branches
                    .iter()
                    .map(|(when, then)| (*boxed(when), *boxed(then)))
                    .collect(),
                otherwise.as_ref().map(|inner| boxed(inner)),
            ),
            Formula::Call {
                name,
                distinct,
                arguments,
            } => Formula::Call {
                name: name.clone(),
                distinct: *distinct,
                arguments: arguments.iter().map(|inner| *boxed(inner)).collect(),
            },
            leaf => leaf.clone(),
        }
    }

    /// Appends the text; `quote`, `literal` and `bind` write the parts that depend on the dialect.
    pub(crate) fn write(&self, out: &mut dyn FormulaWriter) {
        let mut around = |before: &str, inner: &Formula, after: &str| {
            out.push(before);
            inner.write(out);
            out.push(after);
        };
        match self {
            Formula::Column(name) => out.column(name),
            Formula::Value => out.push("NULL"),
            Formula::Bound(value) => out.bound(value),
            Formula::Literal(value) => out.literal(value),
            Formula::Star => out.push("*"),
            Formula::Clock(word) => out.push(word),
            Formula::Not(inner) => around("(NOT ", inner, ")"),
            Formula::Minus(inner) => around("(- ", inner, ")"),
            Formula::IsNull(inner, false) => around("(", inner, " IS NULL)"),
            Formula::IsNull(inner, true) => around("(", inner, " IS NOT NULL)"),
            Formula::Cast(inner, native) => {
                around("CAST(", inner, " AS ");
                out.push(native.text());
                out.push(")");
            }
            Formula::Binary(left, op, right) => {
                out.push("(");
                left.write(out);
                out.push(" ");
                out.push(op.0);
                out.push(" ");
                right.write(out);
                out.push(")");
            }
            Formula::Case(branches, otherwise) => {
                out.push("CASE");
                for (when, then) in branches {
                    out.push(" WHEN ");
                    when.write(out);
                    out.push(" THEN ");
                    then.write(out);
                }
                if let Some(otherwise) = otherwise {
                    out.push(" ELSE ");
                    otherwise.write(out);
                }
                out.push(" END");
            }
            Formula::Call {
                name,
                distinct,
                arguments,
            } => {
                out.push(&name.0);
                out.push(if *distinct { "(DISTINCT " } else { "(" });
                for (i, argument) in arguments.iter().enumerate() {
                    if i > 0 {
                        out.push(", ");
                    }
                    argument.write(out);
                }
                out.push(")");
            }
        }
    }
}

/// What writes a formula for a dialect.
pub(crate) trait FormulaWriter {
    /// Text of our own.
    fn push(&mut self, text: &str);
    /// A column.
    fn column(&mut self, name: &str);
    /// A value that is bound.
    fn bound(&mut self, value: &Scalar);
    /// A literal.
    fn literal(&mut self, value: &Scalar);
}
