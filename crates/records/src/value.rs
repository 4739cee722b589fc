//! Values by the type of their field: client text and JSON in, cells out.

use crate::{Cell, Field, Kind, Scalar};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use contract::{Problem, Value, truthy};
use serde_json::Number;

/// A JSON value by the type of a field, for identifiers and comparisons. What is not of the type is refused.
pub fn from_json(field: &Field, value: &Value) -> Result<Scalar, Problem> {
    match value {
        Value::Null => Ok(Scalar::Null),
        Value::Bool(flag) => match field.kind {
            Kind::Boolean => Ok(boolean(field, *flag)),
            kind if kind.is_integer() => Err(wrong(field, "a valid integer")),
            _ if is_json(field) => Ok(Scalar::Text(flag.to_string())),
            kind if kind.is_text() => Ok(Scalar::Text(i32::from(*flag).to_string())),
            _ => Ok(Scalar::Int(i64::from(*flag))),
        },
        Value::Number(number) => from_number(field, number),
        Value::String(text) => from_text(field, text),
        Value::Array(list) => from_list(field, list, value),
        Value::Object(_) if is_document(field) => Ok(Scalar::Text(value.to_string())),
        Value::Object(_) => Err(wrong(field, "a single value")),
    }
}

/// A value of a record, converted for storing. Where the original platform stores what it can make of a value,
/// so does this: text that begins with no number is the decimal or floating-point number 0, a number other than 1
/// is false, and no text at all in a nullable truth value is NULL.
pub fn stored(field: &Field, value: &Value) -> Result<Scalar, Problem> {
    match (field.kind, value) {
        (Kind::Boolean, Value::String(text)) if text.is_empty() && field.column.allow_null => {
            Ok(Scalar::Null)
        }
        (Kind::Boolean, Value::Number(number)) => Ok(boolean(field, number.as_f64() == Some(1.0))),
        (Kind::Decimal | Kind::Float | Kind::Double, Value::String(text)) => {
            from_text(field, text).or_else(|_| from_text(field, leading_number(text)))
        }
        (kind, Value::Number(number)) if kind.is_integer() => match number.as_f64() {
            // The database says whether a fraction is refused or cut off.
            Some(n) if n.fract() != 0.0 && number.is_f64() => Ok(Scalar::Float(n)),
            _ => from_number(field, number),
        },
        (_, value) => from_json(field, value),
    }
}

/// The number that a text begins with; `0` when it begins with none.
fn leading_number(text: &str) -> &str {
    let text = text.trim_start();
    let sign = usize::from(text.starts_with(['+', '-']));
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if text[end..].starts_with('.') {
        fraction = digits(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return "0";
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    &text[..end]
}

/// Whether a column holds JSON.
fn is_json(field: &Field) -> bool {
    field.kind == Kind::Json || field.column.native.to_ascii_lowercase().starts_with("json")
}

/// Whether a column can hold a document: JSON, or text of any length, which is what JSON is in some databases.
fn is_document(field: &Field) -> bool {
    field.kind == Kind::Text || field.column.native == "text" || is_json(field)
}

/// Whether a column holds bytes, by its type or, where the type's name for clients says less, by its native type.
pub(crate) fn is_bytes(field: &Field) -> bool {
    field.kind == Kind::Binary || field.column.native == "bytea"
}

/// A list, for columns that hold several values.
fn from_list(field: &Field, list: &[Value], value: &Value) -> Result<Scalar, Problem> {
    let native = field.column.native.to_ascii_lowercase();
    if native.ends_with("[]") || (field.kind == Kind::Array && !native.starts_with("json")) {
        let mut text = String::new();
        array(list, &mut text);
        return Ok(Scalar::Text(text));
    }
    if native.starts_with("set(") && list.iter().all(|v| v.as_str().is_some_and(|s| !s.contains(','))) {
        let parts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        return Ok(Scalar::Text(parts.join(",")));
    }
    if is_document(field) {
        return Ok(Scalar::Text(value.to_string()));
    }
    Err(wrong(field, "a single value"))
}

/// A list in the text form of arrays: `{1,{2,NULL},"a b"}`.
fn array(list: &[Value], out: &mut String) {
    out.push('{');
    for (i, value) in list.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        match value {
            Value::Null => out.push_str("NULL"),
            Value::Array(inner) => array(inner, out),
            Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
            Value::String(_) | Value::Object(_) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                out.push('"');
                for sign in text.chars() {
                    if matches!(sign, '"' | '\\') {
                        out.push('\\');
                    }
                    out.push(sign);
                }
                out.push('"');
            }
        }
    }
    out.push('}');
}

fn from_number(field: &Field, number: &Number) -> Result<Scalar, Problem> {
    match field.kind {
        Kind::Boolean => Ok(boolean(field, number.as_f64() != Some(0.0))),
        kind if kind.is_integer() => whole(number).ok_or_else(|| wrong(field, "a valid integer")),
        Kind::Decimal | Kind::Money => Ok(Scalar::Decimal(plain_digits(&number.to_string()))),
        Kind::Float | Kind::Double => Ok(number.as_f64().map_or(Scalar::Null, Scalar::Float)),
        Kind::Binary => Err(wrong(field, "base64 text")),
        // As text, the year 0 would be taken for 2000.
        _ if is_year(field) => whole(number).ok_or_else(|| wrong(field, "a valid year")),
        _ if is_untyped(field) => Ok(whole_exactly(number).unwrap_or_else(|| {
            number
                .as_f64()
                .map_or_else(|| Scalar::Text(number.to_string()), Scalar::Float)
        })),
        _ => Ok(Scalar::Text(number.to_string())),
    }
}

/// Whether a column holds years, which some databases read differently from text and from numbers.
fn is_year(field: &Field) -> bool {
    field.column.native.to_ascii_lowercase().starts_with("year")
}

/// Whether a column was declared without a type, so that it keeps whatever it is given.
fn is_untyped(field: &Field) -> bool {
    field.column.native.is_empty() || field.column.native.eq_ignore_ascii_case("any")
}

fn whole_exactly(number: &Number) -> Option<Scalar> {
    let signed = number.as_i64().map(Scalar::Int);
    signed.or_else(|| number.as_u64().map(Scalar::Uint))
}

/// A whole number; the part after the point is cut off.
pub(crate) fn whole(number: &Number) -> Option<Scalar> {
    if let Some(exact) = whole_exactly(number) {
        return Some(exact);
    }
    let cut = number.as_f64()?.trunc();
    // Beyond this a floating-point number does not tell which whole number was meant.
    (cut.abs() <= 9_007_199_254_740_992.0).then_some(Scalar::Int(cut as i64))
}

/// A value written as text: in a filter, a path, a form, CSV, or JSON.
pub fn from_text(field: &Field, text: &str) -> Result<Scalar, Problem> {
    let blank = text.trim().is_empty();
    match field.kind {
        Kind::Boolean => Ok(boolean(field, truthy(text))),
        kind if kind.is_integer() => {
            if text.is_empty() && field.column.allow_null {
                return Ok(Scalar::Null);
            }
            integer(text).ok_or_else(|| wrong(field, "a valid integer"))
        }
        Kind::Decimal => {
            if blank && field.column.allow_null {
                return Ok(Scalar::Null);
            }
            decimal(text)
                .or_else(|| not_a_number(field, text))
                .map(Scalar::Decimal)
                .ok_or_else(|| wrong(field, "a valid decimal number"))
        }
        Kind::Float | Kind::Double => {
            if blank && field.column.allow_null {
                return Ok(Scalar::Null);
            }
            let number = text.trim().parse::<f64>().ok();
            number
                .map(Scalar::Float)
                .ok_or_else(|| wrong(field, "a valid number"))
        }
        Kind::Binary => from_base64(text)
            .map(Scalar::Bytes)
            .ok_or_else(|| wrong(field, "base64 text")),
        // What is no base64 may be the database's own way of writing bytes.
        _ if is_bytes(field) => {
            Ok(from_base64(text).map_or_else(|| Scalar::Text(text.to_owned()), Scalar::Bytes))
        }
        Kind::String if is_year(field) => Ok(integer(text).unwrap_or_else(|| Scalar::Text(text.to_owned()))),
        Kind::String | Kind::Text | Kind::Money => Ok(Scalar::Text(text.to_owned())),
        // Dates and the like: an empty text cannot be one.
        _ if text.is_empty() && field.column.allow_null => Ok(Scalar::Null),
        _ => Ok(Scalar::Text(text.to_owned())),
    }
}

/// Base64 with or without padding, also broken into lines.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let joined: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD_NO_PAD.decode(joined.trim_end_matches('=')).ok()
}

fn wrong(field: &Field, wanted: &str) -> Problem {
    Problem::bad_request(format!("Field '{}' must be {wanted}.", field.name))
}

/// Numbers where the column is one by its native type, a truth value elsewhere.
fn boolean(field: &Field, flag: bool) -> Scalar {
    let native = field.column.native.to_ascii_lowercase();
    if ["int", "num", "bit"].iter().any(|part| native.contains(part)) {
        Scalar::Int(i64::from(flag))
    } else {
        Scalar::Bool(flag)
    }
}

/// Digits with an optional sign and fraction; the fraction is cut off.
pub(crate) fn integer(text: &str) -> Option<Scalar> {
    let text = text.trim();
    if let Ok(n) = text.parse() {
        return Some(Scalar::Int(n));
    }
    let digits = decimal(text)?;
    let whole = digits.split('.').next().unwrap_or("");
    match whole.parse::<i64>() {
        Ok(n) => Some(Scalar::Int(n)),
        Err(_) if whole == "-" || whole.is_empty() => Some(Scalar::Int(0)),
        Err(_) => whole.parse::<u64>().ok().map(Scalar::Uint),
    }
}

/// The digits of a decimal number without an exponent; `None` when the text is not one.
pub(crate) fn decimal(text: &str) -> Option<String> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, ""));
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let dots = mantissa.bytes().filter(|b| *b == b'.').count();
    if digits == 0 || dots > 1 || digits + dots != mantissa.len() || mantissa.len() > 400 {
        return None;
    }
    if !exponent.is_empty() && exponent.parse::<i16>().ok().filter(|e| e.abs() <= 400).is_none() {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    Some(plain_digits(text))
}

/// `NaN` and infinity, for the columns that can hold them: those called `numeric`.
fn not_a_number(field: &Field, text: &str) -> Option<String> {
    let text = text.trim();
    let known = ["nan", "infinity", "-infinity"];
    let held = field.column.native.to_ascii_lowercase().starts_with("numeric");
    (held && known.iter().any(|name| text.eq_ignore_ascii_case(name))).then(|| text.to_owned())
}

/// Digits without an exponent: databases and exact arithmetic want them so.
pub(crate) fn plain_digits(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return text.to_owned();
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |m| ("-", m));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{before}{after}");
    let point = before.len() as i32 + exponent;
    if point <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    }
    let point = point as usize;
    if point >= digits.len() {
        return format!("{sign}{digits}{}", "0".repeat(point - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..point], &digits[point..])
}

/// How the cells of a column are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// By the cell's own type.
    Plain,
    /// As a truth value, also from numbers and letters.
    Boolean,
    /// As a number, also from digits in text.
    Number,
    /// As base64 text.
    Base64,
}

impl Shape {
    /// The shape of a field.
    pub fn of_field(field: &Field) -> Shape {
        if is_bytes(field) {
            Shape::Base64
        } else {
            Shape::of(field.kind)
        }
    }

    /// The shape of a simple type.
    pub fn of(kind: Kind) -> Shape {
        match kind {
            Kind::Boolean => Shape::Boolean,
            Kind::Binary => Shape::Base64,
            Kind::Decimal | Kind::Float | Kind::Double => Shape::Number,
            kind if kind.is_integer() => Shape::Number,
            _ => Shape::Plain,
        }
    }
}

/// A cell as a value, for answers that are not written row by row.
pub fn to_json(shape: Shape, cell: Cell<'_>) -> Value {
    match (shape, cell) {
        (shape, cell @ Cell::Unchecked(_)) => to_json(shape, cell.checked()),
        (_, Cell::Null) => Value::Null,
        (Shape::Boolean, cell) => Value::Bool(as_bool(cell)),
        (Shape::Base64, Cell::Bytes(bytes)) => Value::String(STANDARD.encode(bytes)),
        (Shape::Base64, Cell::Text(text)) => Value::String(STANDARD.encode(text)),
        (_, Cell::Bool(flag)) => Value::Bool(flag),
        (_, Cell::Int(n)) => Value::from(n),
        (_, Cell::Uint(n)) => Value::from(n),
        (_, Cell::Float(n)) => {
            Number::from_f64(n).map_or_else(|| Value::String(n.to_string()), Value::Number)
        }
        (_, Cell::Float32(n)) => {
            // Through its own shortest text, or 0.1 would become 0.10000000149011612.
            let shortest = n.to_string().parse::<f64>().ok().and_then(Number::from_f64);
            shortest.map_or_else(|| Value::String(n.to_string()), Value::Number)
        }
        (_, Cell::Decimal(text)) => number(text),
        (Shape::Number, Cell::Text(text)) if is_number(text) => number(text),
        (_, Cell::Text(text)) => Value::String(text.to_owned()),
        (_, Cell::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::String(text.to_owned()),
            Err(_) => Value::String(STANDARD.encode(bytes)),
        },
    }
}

/// A value as a cell.
pub fn cell(value: &Scalar) -> Cell<'_> {
    match value {
        Scalar::Null => Cell::Null,
        Scalar::Bool(flag) => Cell::Bool(*flag),
        Scalar::Int(n) => Cell::Int(*n),
        Scalar::Uint(n) => Cell::Uint(*n),
        Scalar::Float(n) => Cell::Float(*n),
        Scalar::Decimal(text) => Cell::Decimal(text),
        Scalar::Text(text) => Cell::Text(text),
        Scalar::Bytes(bytes) => Cell::Bytes(bytes),
    }
}

fn number(text: &str) -> Value {
    let short = without_trailing_zeros(text);
    if let Ok(n) = short.parse::<i64>() {
        return Value::from(n);
    }
    // Numbers keep their text, so that no digit is lost.
    let exact = short.parse::<Number>();
    exact.map_or_else(|_| Value::String(text.to_owned()), Value::Number)
}

/// Whether a cell counts as true.
pub fn as_bool(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Null => false,
        Cell::Bool(flag) => flag,
        Cell::Int(n) => n != 0,
        Cell::Uint(n) => n != 0,
        Cell::Float(n) => n != 0.0,
        Cell::Float32(n) => n != 0.0,
        Cell::Decimal(text) | Cell::Text(text) => truthy(text),
        Cell::Bytes(bytes) => bytes.iter().any(|b| *b != 0 && *b != b'0'),
        Cell::Unchecked(_) => as_bool(cell.checked()),
    }
}

/// `12.50` as `12.5`, `3.00` as `3`.
pub fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// Whether text is a JSON number.
pub fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let (whole, rest) = unsigned.split_at(unsigned.iter().take_while(|b| b.is_ascii_digit()).count());
    let leading_zero = whole.len() > 1 && whole[0] == b'0';
    let fraction_ok = match rest {
        [] => true,
        [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    !whole.is_empty() && !leading_zero && fraction_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_become_digits() {
        for (text, digits) in [
            ("1e3", "1000"),
            ("1.5e-3", "0.0015"),
            ("-12.34e1", "-123.4"),
            ("1E+2", "100"),
            ("7", "7"),
        ] {
            assert_eq!(plain_digits(text), digits);
        }
    }

    #[test]
    fn integers_are_cut_and_junk_is_refused() {
        assert_eq!(integer("18.7"), Some(Scalar::Int(18)));
        assert_eq!(integer("+5"), Some(Scalar::Int(5)));
        assert_eq!(integer("18446744073709551615"), Some(Scalar::Uint(u64::MAX)));
        for junk in ["abc", "1 or 1=1", "1;", "", "--1", "1e999", ".", "0x10"] {
            assert_eq!(integer(junk), None, "{junk}");
        }
    }

    #[test]
    fn the_number_at_the_start_of_a_text_counts() {
        for (text, number) in [
            ("x", "0"),
            ("", "0"),
            (" 12.5kg", "12.5"),
            ("-.5", "-.5"),
            ("1e3x", "1e3"),
            ("1e", "1"),
            (".", "0"),
            ("7.", "7."),
        ] {
            assert_eq!(leading_number(text), number, "{text}");
        }
    }

    #[test]
    fn lists_become_arrays() {
        let list = serde_json::json!([1, null, [true, "a\"b\\c"], "NULL", "x,y"]);
        let mut text = String::new();
        array(list.as_array().unwrap(), &mut text);
        assert_eq!(text, r#"{1,NULL,{true,"a\"b\\c"},"NULL","x,y"}"#);
    }

    #[test]
    fn base64_needs_no_padding() {
        assert_eq!(from_base64("3q2+7w=="), from_base64("3q2+\n7w"));
        assert_eq!(from_base64("hello"), None);
    }

    #[test]
    fn numbers_are_shown_short_and_exact() {
        assert_eq!(to_json(Shape::Number, Cell::Decimal("129.00")).to_string(), "129");
        assert_eq!(
            to_json(Shape::Number, Cell::Decimal("12345678.1234")).to_string(),
            "12345678.1234"
        );
        assert_eq!(to_json(Shape::Plain, Cell::Float32(0.1)).to_string(), "0.1");
        assert!(is_number("-0.5") && !is_number("01") && !is_number("1.") && !is_number("NaN"));
    }
}
