//! The canonical text of a filter: what was parsed, printed and parsed again is the same filter. A tree made by
//! hand can hold values that no text has, such as one with both kinds of quotes before a comma.

use super::operand::{Place, closing_quote};
use super::{Comparison, FieldRef, Filter, Operand, clock};
use std::fmt;

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(parts) => joined(f, parts.iter(), " AND "),
            Filter::Or(parts) => joined(f, parts.iter(), " OR "),
            Filter::Xor(left, right) => joined(f, [&**left, &**right].into_iter(), " XOR "),
            Filter::Not(inner) => write!(f, "NOT ({inner})"),
            Filter::Compare {
                field,
                op,
                value,
                negated,
            } => {
                write!(f, "{}{} ", left(field, *negated), op.text())?;
                operand(f, value, Place::Alone { op: *op, open: false })
            }
            Filter::In {
                field,
                values,
                negated,
            } => {
                write!(f, "{}IN (", left(field, *negated))?;
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    operand(f, value, Place::List)?;
                }
                f.write_str(")")
            }
            Filter::Null { field, negated } => {
                write!(f, "{} IS {}NULL", field.text, if *negated { "NOT " } else { "" })
            }
            Filter::Between {
                field,
                low,
                high,
                negated,
            } => {
                write!(f, "{}BETWEEN ", left(field, *negated))?;
                operand(f, low, Place::Low)?;
                f.write_str(" AND ")?;
                operand(f, high, Place::High)
            }
        }
    }
}

fn joined<'f>(
    f: &mut fmt::Formatter<'_>,
    parts: impl Iterator<Item = &'f Filter>,
    word: &str,
) -> fmt::Result {
    for (i, part) in parts.enumerate() {
        if i > 0 {
            f.write_str(word)?;
        }
        write!(f, "({part})")?;
    }
    Ok(())
}

fn left(field: &FieldRef, negated: bool) -> String {
    format!("{}{}", field.text, if negated { " NOT " } else { " " })
}

fn operand(f: &mut fmt::Formatter<'_>, value: &Operand, place: Place) -> fmt::Result {
    match value {
        Operand::Text { text, quoted: true } => {
            let single = format!("'{text}'");
            // A value that holds its own quote where a value may end needs the other kind.
            if closing_quote(&single, 0, place) == Some(single.len() - 1) {
                f.write_str(&single)
            } else {
                write!(f, "\"{text}\"")
            }
        }
        Operand::Text { text, quoted: false } | Operand::Param(text) => f.write_str(text),
        Operand::Moment(moment) => clock::print(*moment, f),
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
