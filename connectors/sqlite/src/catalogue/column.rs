//! Columns: declared types and defaults, as SQLite keeps them in text.

use records::{Kind, RawColumn};
use rusqlite::{Connection, Result};
use serde_json::{Value, json};

/// A table's columns in order and the columns of its primary key in key order.
pub(super) fn columns(connection: &Connection, table: &str) -> Result<(Vec<RawColumn>, Vec<String>)> {
    let mut statement = connection.prepare_cached(
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1, 'main') ORDER BY cid",
    )?;
    let mut rows = statement.query([table])?;
    let (mut columns, mut key) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        // 1: a virtual table's hidden argument; 2 and 3: computed by SQLite.
        let hidden: i64 = row.get(5)?;
        if hidden == 1 {
            continue;
        }
        let place: i64 = row.get(4)?;
        let name: String = row.get(0)?;
        if place > 0 {
            key.push((place, name.clone()));
        }
        let declared = Declared::read(&row.get::<_, Option<String>>(1)?.unwrap_or_default());
        let default: Option<String> = row.get(3)?;
        columns.push(declared.column(name, row.get(2)?, default.as_deref(), place > 0, hidden > 1));
    }
    key.sort_unstable();
    Ok((columns, key.into_iter().map(|(_, name)| name).collect()))
}

/// A declared type.
struct Declared {
    native: String,
    base: String,
    length: Option<i64>,
    scale: Option<i64>,
}

impl Declared {
    fn read(text: &str) -> Declared {
        let native = text.trim().to_lowercase();
        let (base, numbers) = match native.split_once('(') {
            Some((base, rest)) => (base.trim().to_owned(), rest.split(')').next().unwrap_or_default()),
            None => (native.clone(), ""),
        };
        let mut numbers = numbers.split(',').map(|number| number.trim().parse().ok());
        let (length, scale) = (numbers.next().flatten(), numbers.next().flatten());
        Declared {
            native,
            base,
            length,
            scale,
        }
    }

    /// The common mapping, then SQLite's own rule for types that it leaves: what names an integer is one. A column
    /// without a type is a string: its values go out as they are stored.
    fn kind(&self) -> Kind {
        match Kind::from_native(&self.native, self.length) {
            Kind::String => {
                let mut words = self.base.split_ascii_whitespace();
                let big = self.base.contains("big") || self.base.contains("int8");
                match words
                    .any(|word| word.trim_end_matches(char::is_numeric).ends_with("int") || word == "integer")
                {
                    true if self.base.ends_with("point") => Kind::String,
                    true if big => Kind::BigInt,
                    true => Kind::Integer,
                    false => Kind::String,
                }
            }
            kind => kind,
        }
    }

    fn column(
        self,
        name: String,
        not_null: bool,
        default: Option<&str>,
        in_key: bool,
        generated: bool,
    ) -> RawColumn {
        // SQLite itself makes the value only of a key of this one column, but clients know every integer of a key
        // as one that need not be given.
        let auto_increment = in_key && self.base == "integer";
        let kind = if auto_increment { Kind::Id } else { self.kind() };
        RawColumn {
            name,
            kind,
            length: self.length,
            precision: self.scale.and(self.length),
            scale: self.scale,
            default: default.map_or(Value::Null, |text| default_value(text, kind)),
            allow_null: !not_null,
            fixed_length: matches!(
                self.base.as_str(),
                "char" | "nchar" | "character" | "native character" | "binary"
            ),
            supports_multibyte: matches!(self.base.as_str(), "nchar" | "nvarchar" | "native character"),
            native: self.native,
            auto_increment,
            generated,
            is_index: false,
            comment: None,
        }
    }
}

/// A default as a value where it is a literal, as an expression where SQLite computes it.
fn default_value(text: &str, kind: Kind) -> Value {
    let text = text.trim();
    let literal = if text.eq_ignore_ascii_case("null") {
        Value::Null
    } else if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        json!(text.eq_ignore_ascii_case("true"))
    } else if let Some(quoted) = unquoted(text, '\'').or_else(|| unquoted(text, '"')) {
        json!(quoted)
    } else if let Some(number) = number(text) {
        number
    } else {
        return json!({ "expression": text });
    };
    fitting(literal, kind)
}

/// The literal as the column stores it: SQLite converts what stands in the definition.
fn fitting(literal: Value, kind: Kind) -> Value {
    match (&literal, kind) {
        (Value::Number(n), Kind::Boolean) => json!(n.as_f64() != Some(0.0)),
        (Value::Bool(b), kind) if kind != Kind::Boolean => json!(i64::from(*b)),
        (Value::Number(n), kind) if kind.is_text() => json!(n.to_string()),
        (Value::String(s), Kind::Boolean) => number(s).map_or(literal.clone(), |n| fitting(n, kind)),
        (Value::String(s), kind) if is_number(kind) => number(s).unwrap_or(literal),
        _ => literal,
    }
}

fn is_number(kind: Kind) -> bool {
    kind.is_integer() || matches!(kind, Kind::Decimal | Kind::Money | Kind::Float | Kind::Double)
}

/// What stands between quote signs, when the whole text is one quoted literal.
fn unquoted(text: &str, quote: char) -> Option<String> {
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let doubled = [quote, quote].iter().collect::<String>();
    let single = inner.replace(&doubled, "");
    (!single.contains(quote)).then(|| inner.replace(&doubled, &quote.to_string()))
}

fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text).trim_start();
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let signed = if text.starts_with('-') {
        format!("-{digits}")
    } else {
        digits.to_owned()
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        let value = i64::from_str_radix(hex, 16).ok()?;
        return Some(json!(if text.starts_with('-') { -value } else { value }));
    }
    signed.parse::<i64>().ok().map(|n| json!(n)).or_else(|| {
        let number = signed.parse::<f64>().ok()?;
        serde_json::Number::from_f64(number).map(Value::Number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_values_or_expressions() {
        for (text, kind, value) in [
            ("NULL", Kind::String, json!(null)),
            ("0", Kind::Integer, json!(0)),
            ("- 12", Kind::Integer, json!(-12)),
            ("1.50", Kind::Decimal, json!(1.5)),
            ("'1.50'", Kind::Decimal, json!(1.5)),
            ("0x1F", Kind::Integer, json!(31)),
            ("0", Kind::Boolean, json!(false)),
            ("TRUE", Kind::Boolean, json!(true)),
            ("'1'", Kind::Boolean, json!(true)),
            ("'dflt'", Kind::String, json!("dflt")),
            ("'it''s'", Kind::String, json!("it's")),
            ("''", Kind::String, json!("")),
            ("'a' || 'b'", Kind::String, json!({"expression": "'a' || 'b'"})),
            ("\"old\"", Kind::String, json!("old")),
            ("5", Kind::String, json!("5")),
            (
                "CURRENT_TIMESTAMP",
                Kind::DateTime,
                json!({"expression": "CURRENT_TIMESTAMP"}),
            ),
            ("x'00'", Kind::Binary, json!({"expression": "x'00'"})),
            ("'", Kind::String, json!({"expression": "'"})),
        ] {
            assert_eq!(default_value(text, kind), value, "{text}");
        }
    }

    #[test]
    fn declared_types_are_taken_apart() {
        let read = |text: &str| {
            let declared = Declared::read(text);
            (declared.kind(), declared.length, declared.scale)
        };
        assert_eq!(read("VARCHAR(40)"), (Kind::String, Some(40), None));
        assert_eq!(read("DECIMAL( 10 , 2 )"), (Kind::Decimal, Some(10), Some(2)));
        assert_eq!(read("TINYINT(1)"), (Kind::Boolean, Some(1), None));
        assert_eq!(read("UNSIGNED BIG INT"), (Kind::BigInt, None, None));
        assert_eq!(read("INT2"), (Kind::Integer, None, None));
        assert_eq!(read("INT UNSIGNED"), (Kind::Integer, None, None));
        assert_eq!(read("POINT"), (Kind::String, None, None));
        assert_eq!(read(""), (Kind::String, None, None));
        assert_eq!(read("JSON("), (Kind::String, None, None));
    }
}
