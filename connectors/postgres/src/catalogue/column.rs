//! Columns: native types, simple types and defaults.

use super::Row;
use driver::Fault;
use records::{Kind, RawColumn};
use serde_json::{Value, json};

pub(super) fn column(row: &mut Row) -> Result<RawColumn, Fault> {
    let (name, native, base) = (row.text()?, row.text()?, row.optional_text());
    let (not_null, default, identity) = (row.flag()?, row.optional_text(), row.text()?);
    let (generated, comment) = (row.flag()?, row.optional_text());
    // A domain behaves as the type below it, and the server sends it so.
    let under = base.as_deref().unwrap_or(&native).to_lowercase();
    let (length, scale) = modifiers(&under);
    let kind = kind(&under, length);
    let serial = default
        .as_deref()
        .is_some_and(|text| text.starts_with("nextval("));
    Ok(RawColumn {
        kind,
        native: native.to_lowercase(),
        length,
        precision: length,
        scale,
        default: match default {
            Some(text) if !serial && !generated => value(&text, kind),
            _ => Value::Null,
        },
        allow_null: !not_null,
        fixed_length: under.starts_with("character(") || under.starts_with("bpchar("),
        supports_multibyte: false,
        auto_increment: serial || !identity.is_empty(),
        // An identity that is always made cannot be written either.
        generated: generated || identity == "a",
        is_index: false,
        name,
        comment,
    })
}

/// The numbers in the parentheses of a type; the first is both length and precision.
pub(crate) fn modifiers(native: &str) -> (Option<i64>, Option<i64>) {
    let inside = native
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(inside, _)| inside);
    let mut numbers = inside
        .unwrap_or_default()
        .split(',')
        .map(|number| number.trim().parse().ok());
    (numbers.next().flatten(), numbers.next().flatten())
}

/// The simple type of a native type in lower case. (Reference: database.md §4.5.)
pub(crate) fn kind(native: &str, length: Option<i64>) -> Kind {
    let base = native.split('(').next().unwrap_or_default().trim();
    let has = |part: &str| base.contains(part);
    let with_zone = native.ends_with("with time zone");
    match base {
        _ if native.contains('[') || has("char") || has("text") => Kind::String,
        // Several bits are text; the common mapping would make them a truth value.
        "bit" if length != Some(1) => Kind::String,
        _ if has("real") || has("float") || has("double") => Kind::Double,
        "integer" | "oid" | "serial" | "smallint" => Kind::Integer,
        _ if with_zone && base.starts_with("timestamp") => Kind::TimestampTz,
        _ if with_zone && base.starts_with("time") => Kind::TimeTz,
        _ => Kind::from_native(native, length),
    }
}

/// A default as the value it is; what is no literal is `{"expression": …}`.
pub(crate) fn value(text: &str, kind: Kind) -> Value {
    // The original tells this one as text.
    if text.eq_ignore_ascii_case("CURRENT_TIMESTAMP") {
        return json!("CURRENT_TIMESTAMP");
    }
    match literal(text) {
        Some(None) => Value::Null,
        Some(Some(plain)) => typed(plain, kind),
        None => json!({ "expression": text }),
    }
}

/// The text of a literal without its casts; `Some(None)` for NULL, `None` for an expression.
fn literal(text: &str) -> Option<Option<String>> {
    let text = text
        .strip_prefix('(')
        .and_then(|t| t.strip_suffix(')'))
        .unwrap_or(text);
    for (opening, escapes) in [("'", false), ("E'", true), ("B'", false)] {
        if let Some(quoted) = text.strip_prefix(opening) {
            let (plain, rest) = string(quoted, escapes)?;
            return is_cast(rest).then_some(Some(plain));
        }
    }
    let (plain, rest) = text.split_at(text.find("::").unwrap_or(text.len()));
    if !is_cast(rest) {
        return None;
    }
    match plain {
        "NULL" => Some(None),
        "true" | "false" => Some(Some(plain.to_owned())),
        _ => {
            let plain = plain.trim_start_matches('(').trim_end_matches(')');
            plain
                .parse::<f64>()
                .is_ok_and(f64::is_finite)
                .then(|| Some(plain.to_owned()))
        }
    }
}

/// Whether text is nothing or casts to a type.
fn is_cast(rest: &str) -> bool {
    let in_type = |sign: char| sign.is_alphanumeric() || "_ \".[](),:".contains(sign);
    rest.is_empty()
        || rest
            .strip_prefix("::")
            .is_some_and(|name| name.chars().all(in_type))
}

/// Reads to the closing quote sign; gives the string and what follows it.
fn string(quoted: &str, escapes: bool) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut signs = quoted.char_indices();
    while let Some((i, sign)) = signs.next() {
        match sign {
            '\'' if quoted[i + 1..].starts_with('\'') => {
                signs.next();
                out.push('\'');
            }
            '\'' => return Some((out, &quoted[i + 1..])),
            // The server writes only the doubled backslash this way.
            '\\' if escapes => out.push(signs.next()?.1),
            _ => out.push(sign),
        }
    }
    None
}

fn typed(plain: String, kind: Kind) -> Value {
    match kind {
        Kind::Integer | Kind::BigInt => plain
            .trim()
            .parse::<i64>()
            .map_or_else(|_| json!(plain), |n| json!(n)),
        Kind::Decimal | Kind::Float | Kind::Double => match serde_json::from_str::<Value>(plain.trim()) {
            // Without the zeros that the definition may end with.
            Ok(Value::Number(number)) if number.is_f64() => json!(number.as_f64()),
            Ok(number @ Value::Number(_)) => number,
            _ => json!(plain),
        },
        Kind::Boolean => match plain.as_str() {
            "true" | "t" | "1" => json!(true),
            "false" | "f" | "0" => json!(false),
            _ => json!(plain),
        },
        _ => json!(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_types_have_simple_types() {
        for (native, expected) in [
            ("boolean", Kind::Boolean),
            ("smallint", Kind::Integer),
            ("bigint", Kind::BigInt),
            ("numeric(12,4)", Kind::Decimal),
            ("money", Kind::Money),
            ("real", Kind::Double),
            ("double precision", Kind::Double),
            ("character(10)", Kind::String),
            ("text", Kind::String),
            ("bytea", Kind::String),
            ("date", Kind::Date),
            ("time(3) without time zone", Kind::Time),
            ("time with time zone", Kind::TimeTz),
            ("timestamp without time zone", Kind::Timestamp),
            ("timestamp(3) with time zone", Kind::TimestampTz),
            ("interval", Kind::String),
            ("jsonb", Kind::String),
            ("uuid", Kind::Uuid),
            ("integer[]", Kind::String),
            ("bit(1)", Kind::Boolean),
            ("bit(8)", Kind::String),
            ("bit varying(8)", Kind::String),
        ] {
            assert_eq!(kind(native, modifiers(native).0), expected, "{native}");
        }
        assert_eq!(modifiers("numeric(12,4)"), (Some(12), Some(4)));
        assert_eq!(modifiers("text"), (None, None));
    }

    #[test]
    fn defaults_are_values_where_they_are_literals() {
        for (text, kind, expected) in [
            ("0", Kind::Integer, json!(0)),
            ("'-1'::integer", Kind::Integer, json!(-1)),
            ("(-7)", Kind::BigInt, json!(-7)),
            ("1.50", Kind::Decimal, json!(1.5)),
            ("(0)::numeric", Kind::Decimal, json!(0)),
            ("false", Kind::Boolean, json!(false)),
            ("B'1'::\"bit\"", Kind::Boolean, json!(true)),
            ("'dflt'::character varying", Kind::String, json!("dflt")),
            ("'it''s'::text", Kind::String, json!("it's")),
            ("E'a\\\\b'::text", Kind::String, json!("a\\b")),
            ("'{}'::jsonb", Kind::String, json!("{}")),
            ("'red'::public.colour", Kind::String, json!("red")),
            ("'5'::character varying(10)", Kind::String, json!("5")),
            ("NULL::character varying", Kind::String, Value::Null),
            ("CURRENT_TIMESTAMP", Kind::Timestamp, json!("CURRENT_TIMESTAMP")),
            ("now()", Kind::Timestamp, json!({"expression": "now()"})),
            (
                "('now'::text)::date",
                Kind::Date,
                json!({"expression": "('now'::text)::date"}),
            ),
            (
                "('a'::text || 'b'::text)",
                Kind::String,
                json!({"expression": "('a'::text || 'b'::text)"}),
            ),
            ("(1 + 2)", Kind::Integer, json!({"expression": "(1 + 2)"})),
            (
                "ARRAY[]::integer[]",
                Kind::String,
                json!({"expression": "ARRAY[]::integer[]"}),
            ),
            ("infinity", Kind::String, json!({"expression": "infinity"})),
        ] {
            assert_eq!(value(text, kind), expected, "{text}");
        }
    }
}
