//! Defaults: literals, and functions of a closed list.

use crate::Scalar;

/// The functions that a default may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultFunction {
    /// The time of the write, with so many digits of a second.
    Now(Option<u8>),
    /// Its date.
    Today,
    /// Its time of day.
    TimeOfDay,
    /// A fresh UUID.
    Uuid,
}

/// A default.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// A value.
    Literal(Scalar),
    /// A function.
    Function(DefaultFunction),
}

impl DefaultFunction {
    /// Reads a call as people write it in any of the databases; `None` for anything that is not on the list.
    pub fn parse(text: &str) -> Option<DefaultFunction> {
        let mut text = text.trim().to_ascii_lowercase();
        text.retain(|c| !c.is_ascii_whitespace());
        while let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
            text = inner.to_owned();
        }
        let (name, argument) = match text.split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
            None => (text.as_str(), None),
        };
        let digits = || argument.and_then(|a| a.parse::<u8>().ok()).filter(|n| *n <= 9);
        let bare = argument.is_none();
        let empty = argument == Some("");
        let word_or_call = bare || empty;
        Some(match name {
            "current_timestamp" | "localtimestamp" if word_or_call => DefaultFunction::Now(None),
            "current_timestamp" | "localtimestamp" | "now" if digits().is_some() => {
                DefaultFunction::Now(digits())
            }
            "now" | "getdate" | "sysdate" | "sysdatetime" | "getutcdate" if empty => {
                DefaultFunction::Now(None)
            }
            "datetime" if argument == Some("'now'") => DefaultFunction::Now(None),
            "current_date" | "curdate" if word_or_call => DefaultFunction::Today,
            "date" if argument == Some("'now'") => DefaultFunction::Today,
            "current_time" | "localtime" | "curtime" if word_or_call => DefaultFunction::TimeOfDay,
            "time" if argument == Some("'now'") => DefaultFunction::TimeOfDay,
            "uuid" | "gen_random_uuid" | "uuid_generate_v4" | "newid" if empty => DefaultFunction::Uuid,
            _ => return None,
        })
    }
}

impl DefaultValue {
    /// Reads an expression: a function of the list, a number, `'text'`, TRUE, FALSE or NULL; `None` for the rest.
    pub fn parse(text: &str) -> Option<DefaultValue> {
        let text = text.trim();
        if let Some(function) = DefaultFunction::parse(text) {
            return Some(DefaultValue::Function(function));
        }
        let scalar = match text.to_ascii_lowercase().as_str() {
            "null" => Scalar::Null,
            "true" => Scalar::Bool(true),
            "false" => Scalar::Bool(false),
            _ if is_number(text) => Scalar::Decimal(text.to_owned()),
            _ => Scalar::Text(unquoted(text)?),
        };
        Some(DefaultValue::Literal(scalar))
    }
}

/// Digits with an optional sign and fraction.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.len() <= 100 && part.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(fraction)
}

fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let single = inner.replace("''", "");
    (!single.contains(['\'', '\\', '\0'])).then(|| inner.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_the_list_is_read() {
        for (text, function) in [
            ("NOW()", DefaultFunction::Now(None)),
            ("(now ( ))", DefaultFunction::Now(None)),
            ("current_timestamp(6)", DefaultFunction::Now(Some(6))),
            ("CURRENT_DATE", DefaultFunction::Today),
            ("datetime('now')", DefaultFunction::Now(None)),
            ("UUID()", DefaultFunction::Uuid),
        ] {
            assert_eq!(DefaultFunction::parse(text), Some(function), "{text}");
        }
        for (text, value) in [
            ("-1.5", Scalar::Decimal("-1.5".into())),
            ("'it''s'", Scalar::Text("it's".into())),
            ("TRUE", Scalar::Bool(true)),
            ("null", Scalar::Null),
        ] {
            assert_eq!(
                DefaultValue::parse(text),
                Some(DefaultValue::Literal(value)),
                "{text}"
            );
        }
        for text in [
            "",
            "now(); drop table t",
            "pg_sleep(10)",
            "(select 1)",
            "'a' || 'b'",
            "'a\\'",
            "'",
            "1; --",
            "now",
            "0x41",
            "1e5",
            "uuid",
            "now())",
        ] {
            assert_eq!(DefaultValue::parse(text), None, "{text}");
        }
    }
}
