//! From what `information_schema.columns` tells to a column of the catalogue.

use driver::Scalar;
use records::{Kind, RawColumn};
use serde_json::{Value, json};

/// The columns of `information_schema.columns` that [`column`] reads, in its order.
pub(crate) const SELECT: &str = "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COLUMN_DEFAULT, IS_NULLABLE, COLLATION_NAME, \
     COLUMN_KEY, EXTRA, COLUMN_COMMENT FROM information_schema.COLUMNS \
     WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";

/// One column. `quoted` says whether the server tells defaults as SQL (MariaDB) or as bare text (MySQL).
pub(crate) fn column(row: &[Scalar], quoted: bool) -> RawColumn {
    let text = |i: usize| row.get(i).and_then(Scalar::to_text).unwrap_or_default();
    let (base, native, extra) = (
        text(1).to_ascii_lowercase(),
        text(2),
        text(7).to_ascii_lowercase(),
    );
    let default = row.get(3).and_then(Scalar::to_text);
    let clock = default.as_deref().is_some_and(is_clock);
    let kind = match kind(&base, &native) {
        Kind::Timestamp if clock && extra.contains("on update") => Kind::TimestampOnUpdate,
        Kind::Timestamp if clock => Kind::TimestampOnCreate,
        kind => kind,
    };
    let generated = ["virtual generated", "stored generated", "persistent generated"];
    let generated = generated.iter().any(|word| extra.contains(word));
    let (length, precision, scale) = size(&base, &native);
    let collation = text(5).to_ascii_lowercase();
    RawColumn {
        name: text(0),
        kind,
        length,
        precision,
        scale,
        default: match default {
            Some(default) if !generated => default_value(kind, &default, quoted, &extra),
            _ => Value::Null,
        },
        allow_null: text(4).eq_ignore_ascii_case("yes"),
        fixed_length: matches!(base.as_str(), "char" | "binary"),
        supports_multibyte: ["utf", "ucs"].iter().any(|prefix| collation.starts_with(prefix)),
        auto_increment: extra.contains("auto_increment"),
        generated,
        is_index: text(6) == "MUL",
        comment: Some(text(8)).filter(|comment| !comment.is_empty()),
        native,
    }
}

/// The columns that the server itself takes for the primary key of a table that has none: those of its first unique
/// key without NULLs.
pub(crate) fn identifying(rows: &[Vec<Scalar>]) -> Vec<String> {
    let text = |row: &[Scalar], i: usize| row.get(i).and_then(Scalar::to_text).unwrap_or_default();
    rows.iter()
        .filter(|row| text(row, 6) == "PRI")
        .map(|row| text(row, 0))
        .collect()
}

/// The simple type. Differs from the common mapping where that would lose data: unsigned numbers stay numbers,
/// and of the numbers only `tinyint(1)` and `bit(1)`, which are how this database writes truth values, are
/// truth values.
pub(crate) fn kind(base: &str, native: &str) -> Kind {
    let length = number(native);
    match base {
        "tinyint" if length == Some(1) => Kind::Boolean,
        "tinyint" | "smallint" | "mediumint" | "int" => Kind::Integer,
        "bigint" => Kind::BigInt,
        "bit" => match length {
            None | Some(1) => Kind::Boolean,
            Some(2..=31) => Kind::Integer,
            Some(_) => Kind::BigInt,
        },
        _ => Kind::from_native(base, length),
    }
}

/// The first number in the parentheses of a native type.
fn number(native: &str) -> Option<i64> {
    parts(native).next()?.trim().parse().ok()
}

fn parts(native: &str) -> impl Iterator<Item = &str> {
    let inside = native
        .split_once('(')
        .and_then(|(_, rest)| rest.rsplit_once(')'))
        .map_or("", |(inside, _)| inside);
    inside.split(',')
}

/// Length, precision and scale as they stand in the native type; of a list of words, the longest.
fn size(base: &str, native: &str) -> (Option<i64>, Option<i64>, Option<i64>) {
    if matches!(base, "enum" | "set") {
        let longest = words(native).iter().map(|word| word.chars().count()).max();
        let longest = longest.and_then(|n| i64::try_from(n).ok());
        return (longest, longest, None);
    }
    let mut numbers = parts(native).map(|part| part.trim().parse::<i64>().ok());
    let first = numbers.next().flatten();
    match numbers.next().flatten() {
        Some(scale) => (first, first, Some(scale)),
        None => (first, None, None),
    }
}

/// The words of `enum('a','it''s')`.
fn words(native: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = native;
    while let Some((_, start)) = rest.split_once('\'') {
        let (word, after) = unquote(start);
        words.push(word);
        rest = after;
    }
    words
}

/// The text up to the closing quote, doubled quotes and backslashes resolved, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        let rest = &text[at + sign.len_utf8()..];
        match sign {
            '\'' if rest.starts_with('\'') => {
                signs.next();
                word.push('\'');
            }
            '\'' => return (word, rest),
            '\\' => match signs.next() {
                Some((_, 'n')) => word.push('\n'),
                Some((_, 'r')) => word.push('\r'),
                Some((_, 't')) => word.push('\t'),
                Some((_, '0')) => word.push('\0'),
                Some((_, other)) => word.push(other),
                None => {}
            },
            other => word.push(other),
        }
    }
    (word, "")
}

/// Whether a default is the time of the write: `CURRENT_TIMESTAMP`, `current_timestamp(6)`.
fn is_clock(default: &str) -> bool {
    let lower = default.to_ascii_lowercase();
    ["current_timestamp", "now("]
        .iter()
        .any(|word| lower.starts_with(word))
}

fn default_value(kind: Kind, default: &str, quoted: bool, extra: &str) -> Value {
    if is_clock(default) && (quoted || extra.contains("default_generated") || kind != Kind::String) {
        return json!({ "expression": default.to_ascii_uppercase().trim_end_matches("()") });
    }
    if !quoted {
        let generated = extra.contains("default_generated");
        return if generated {
            json!({ "expression": default })
        } else {
            literal(kind, default)
        };
    }
    if default.eq_ignore_ascii_case("null") {
        return Value::Null;
    }
    if let Some(start) = default.strip_prefix('\'') {
        return match unquote(start) {
            (word, "") => literal(kind, &word),
            _ => json!({ "expression": default }),
        };
    }
    match literal(kind, default) {
        Value::String(_) => json!({ "expression": default }),
        literal => literal,
    }
}

/// A literal as a value of the column's type; as text where it is none.
fn literal(kind: Kind, text: &str) -> Value {
    let bits = ["b'", "B'"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .and_then(|rest| rest.strip_suffix('\''));
    let whole = bits.map_or_else(
        || text.parse::<i64>().ok(),
        |bits| i64::from_str_radix(bits, 2).ok(),
    );
    match kind {
        Kind::Boolean => whole.map(|n| json!(n != 0)),
        _ if kind.is_integer() => whole
            .map(|n| json!(n))
            .or_else(|| text.parse::<u64>().ok().map(|n| json!(n))),
        Kind::Decimal | Kind::Float | Kind::Double | Kind::Money => number_value(text),
        _ => None,
    }
    .unwrap_or_else(|| json!(text))
}

fn number_value(text: &str) -> Option<Value> {
    let number = text.parse::<f64>().ok()?;
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return Some(json!(number as i64));
    }
    serde_json::Number::from_f64(number).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_map_without_losing_data() {
        for (base, native, expected) in [
            ("tinyint", "tinyint(1)", Kind::Boolean),
            ("tinyint", "tinyint(4)", Kind::Integer),
            ("int", "int(10) unsigned", Kind::Integer),
            ("int", "int unsigned", Kind::Integer),
            ("int", "int(1)", Kind::Integer),
            ("bigint", "bigint unsigned", Kind::BigInt),
            ("bit", "bit(1)", Kind::Boolean),
            ("bit", "bit(8)", Kind::Integer),
            ("bit", "bit(64)", Kind::BigInt),
            ("decimal", "decimal(12,4)", Kind::Decimal),
            ("double", "double", Kind::Double),
            ("float", "float unsigned", Kind::Float),
            ("json", "json", Kind::String),
            ("year", "year(4)", Kind::String),
            ("enum", "enum('a')", Kind::String),
            ("varbinary", "varbinary(16)", Kind::Binary),
            ("mediumtext", "mediumtext", Kind::Text),
            ("datetime", "datetime(3)", Kind::DateTime),
            ("time", "time", Kind::Time),
            ("point", "point", Kind::String),
            ("uuid", "uuid", Kind::Uuid),
        ] {
            assert_eq!(kind(base, native), expected, "{native}");
        }
    }

    #[test]
    fn sizes_stand_in_the_native_type() {
        assert_eq!(
            size("decimal", "decimal(12,4) unsigned"),
            (Some(12), Some(12), Some(4))
        );
        assert_eq!(size("char", "char(4)"), (Some(4), None, None));
        assert_eq!(size("enum", "enum('a','it''s','b,c')"), (Some(4), Some(4), None));
        assert_eq!(size("text", "text"), (None, None, None));
    }

    #[test]
    fn defaults_are_values_or_expressions() {
        let sql = |kind, text| default_value(kind, text, true, "");
        assert_eq!(sql(Kind::String, "NULL"), Value::Null);
        assert_eq!(sql(Kind::String, "'it''s \\\\ NULL'"), json!("it's \\ NULL"));
        assert_eq!(sql(Kind::String, "uuid()"), json!({"expression": "uuid()"}));
        assert_eq!(sql(Kind::Boolean, "1"), json!(true));
        assert_eq!(sql(Kind::Boolean, "b'0'"), json!(false));
        assert_eq!(sql(Kind::Integer, "b'101'"), json!(5));
        assert_eq!(sql(Kind::Decimal, "1.50"), json!(1.5));
        assert_eq!(sql(Kind::Decimal, "12.00"), json!(12));
        assert_eq!(sql(Kind::BigInt, "18446744073709551615"), json!(u64::MAX));
        assert_eq!(
            sql(Kind::TimestampOnCreate, "current_timestamp()"),
            json!({"expression": "CURRENT_TIMESTAMP"})
        );
        let bare = |kind, text, extra| default_value(kind, text, false, extra);
        assert_eq!(bare(Kind::String, "NULL", ""), json!("NULL"));
        assert_eq!(
            bare(Kind::String, "uuid()", "default_generated"),
            json!({"expression": "uuid()"})
        );
        assert_eq!(
            bare(Kind::DateTime, "CURRENT_TIMESTAMP(3)", ""),
            json!({"expression": "CURRENT_TIMESTAMP(3)"})
        );
        assert_eq!(bare(Kind::Integer, "7", ""), json!(7));
    }
}
