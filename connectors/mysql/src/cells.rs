//! From the binary protocol's values to cells.

use driver::{Cell, Sink, padded};
use mysql_async::consts::ColumnType;
use mysql_async::{Column, Row, Value};
use sql::Scalar;
use std::borrow::Cow;

/// The number of the character set that means "bytes, not text".
const BINARY: u16 = 63;

/// How the values of one column become cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Text,
    Bytes,
    Decimal,
    Bits,
    Date,
    /// Digits of the fraction; `None` where the column does not tell.
    DateTime(Option<usize>),
    Time(Option<usize>),
    Plain,
}

impl Reading {
    fn of(column: &Column) -> Reading {
        let digits = Some(usize::from(column.decimals())).filter(|digits| *digits <= 6);
        match column.column_type() {
            ColumnType::MYSQL_TYPE_DECIMAL | ColumnType::MYSQL_TYPE_NEWDECIMAL => Reading::Decimal,
            ColumnType::MYSQL_TYPE_BIT => Reading::Bits,
            ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE => Reading::Date,
            ColumnType::MYSQL_TYPE_DATETIME | ColumnType::MYSQL_TYPE_TIMESTAMP => Reading::DateTime(digits),
            ColumnType::MYSQL_TYPE_TIME => Reading::Time(digits),
            // JSON is UTF-8 text, although it says that it is bytes.
            ColumnType::MYSQL_TYPE_JSON => Reading::Text,
            ColumnType::MYSQL_TYPE_GEOMETRY => Reading::Bytes,
            ColumnType::MYSQL_TYPE_STRING
            | ColumnType::MYSQL_TYPE_VAR_STRING
            | ColumnType::MYSQL_TYPE_VARCHAR
            | ColumnType::MYSQL_TYPE_ENUM
            | ColumnType::MYSQL_TYPE_SET
            | ColumnType::MYSQL_TYPE_TINY_BLOB
            | ColumnType::MYSQL_TYPE_MEDIUM_BLOB
            | ColumnType::MYSQL_TYPE_LONG_BLOB
            | ColumnType::MYSQL_TYPE_BLOB => {
                if column.character_set() == BINARY {
                    Reading::Bytes
                } else {
                    Reading::Text
                }
            }
            _ => Reading::Plain,
        }
    }
}

/// Pushes the rows of one result into a sink.
pub(crate) struct Reader {
    readings: Vec<Reading>,
    /// Dates and times are written here, so that a row of them allocates nothing.
    text: String,
}

impl Reader {
    /// A reader for the columns of a result.
    pub(crate) fn new(columns: &[Column]) -> Reader {
        Reader {
            readings: columns.iter().map(Reading::of).collect(),
            text: String::with_capacity(32),
        }
    }

    /// Pushes the cells of one row.
    pub(crate) fn push(&mut self, row: &Row, sink: &mut dyn Sink) {
        for (index, reading) in self.readings.iter().enumerate() {
            match row.as_ref(index) {
                None | Some(Value::NULL) => sink.cell(index, Cell::Null),
                Some(value) => {
                    self.text.clear();
                    cell(*reading, value, &mut self.text, |cell| sink.cell(index, cell));
                }
            }
        }
    }
}

fn cell(reading: Reading, value: &Value, text: &mut String, give: impl FnOnce(Cell<'_>)) {
    match value {
        Value::NULL => give(Cell::Null),
        Value::Int(n) => give(Cell::Int(*n)),
        Value::UInt(n) => give(unsigned(*n)),
        Value::Float(n) => give(Cell::Float32(*n)),
        Value::Double(n) => give(Cell::Float(*n)),
        Value::Bytes(bytes) => match reading {
            Reading::Bits => give(bits(bytes)),
            Reading::Bytes => give(Cell::Bytes(bytes)),
            Reading::Decimal => give(Cell::Decimal(&utf8(bytes))),
            _ => give(Cell::Text(&utf8(bytes))),
        },
        Value::Date(year, month, day, hour, minute, second, micros) => {
            group(text, [(*year).into(), (*month).into(), (*day).into()], 4, '-');
            if let Reading::DateTime(digits) = reading {
                text.push(' ');
                group(text, [*hour, *minute, *second].map(u64::from), 2, ':');
                fraction(text, *micros, digits);
            }
            give(Cell::Text(text));
        }
        Value::Time(negative, days, hours, minutes, seconds, micros) => {
            if *negative {
                text.push('-');
            }
            let hours = u64::from(*days) * 24 + u64::from(*hours);
            group(text, [hours, (*minutes).into(), (*seconds).into()], 2, ':');
            let digits = if let Reading::Time(digits) = reading {
                digits
            } else {
                None
            };
            fraction(text, *micros, digits);
            give(Cell::Text(text));
        }
    }
}

/// Text as it is; what is not UTF-8 in it is replaced. The plain check comes first: mending takes several times as long.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

fn unsigned<'a>(n: u64) -> Cell<'a> {
    i64::try_from(n).map_or(Cell::Uint(n), Cell::Int)
}

/// BIT comes as up to eight bytes, the greatest first.
fn bits(bytes: &[u8]) -> Cell<'_> {
    if bytes.len() > 8 {
        return Cell::Bytes(bytes);
    }
    unsigned(bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

/// The fraction of a second as the column shows it; where it does not tell how, six digits unless it is zero.
fn fraction(text: &mut String, micros: u32, digits: Option<usize>) {
    let digits = digits.unwrap_or(if micros == 0 { 0 } else { 6 });
    if digits > 0 {
        text.push('.');
        padded(micros.into(), 6, text);
        text.truncate(text.len() - 6 + digits);
    }
}

/// The three parts of a date or a time, the first with at least so many digits.
fn group(text: &mut String, [first, second, third]: [u64; 3], width: usize, between: char) {
    padded(first, width, text);
    for part in [second, third] {
        text.push(between);
        padded(part, 2, text);
    }
}

/// The value to bind.
pub(crate) fn value(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::NULL,
        Scalar::Bool(b) => Value::Int(i64::from(b)),
        Scalar::Int(n) => Value::Int(n),
        Scalar::Uint(n) => Value::UInt(n),
        Scalar::Float(n) => Value::Double(n),
        Scalar::Decimal(text) | Scalar::Text(text) => Value::Bytes(text.into_bytes()),
        Scalar::Bytes(bytes) => Value::Bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(reading: Reading, value: Value) -> String {
        let mut shown = String::new();
        cell(reading, &value, &mut String::new(), |cell| {
            shown = format!("{cell:?}")
        });
        shown
    }

    #[test]
    fn dates_and_times_have_the_fraction_of_their_column() {
        let at = |micros| Value::Date(2024, 1, 2, 3, 4, 5, micros);
        assert_eq!(
            shown(Reading::DateTime(Some(0)), at(0)),
            r#"Text("2024-01-02 03:04:05")"#
        );
        assert_eq!(
            shown(Reading::DateTime(Some(3)), at(120_000)),
            r#"Text("2024-01-02 03:04:05.120")"#
        );
        assert_eq!(
            shown(Reading::DateTime(None), at(1)),
            r#"Text("2024-01-02 03:04:05.000001")"#
        );
        assert_eq!(shown(Reading::Date, at(0)), r#"Text("2024-01-02")"#);
        assert_eq!(
            shown(Reading::Date, Value::Date(0, 0, 0, 0, 0, 0, 0)),
            r#"Text("0000-00-00")"#
        );
        assert_eq!(
            shown(Reading::Time(Some(0)), Value::Time(true, 34, 22, 59, 59, 0)),
            r#"Text("-838:59:59")"#
        );
    }

    #[test]
    fn bits_are_numbers_and_bad_text_is_mended() {
        assert_eq!(shown(Reading::Bits, Value::Bytes(vec![1, 0])), "Int(256)");
        assert_eq!(
            shown(Reading::Bits, Value::Bytes(vec![255; 8])),
            format!("Uint({})", u64::MAX)
        );
        assert_eq!(
            shown(Reading::Text, Value::Bytes(vec![b'a', 0xff])),
            "Text(\"a\u{fffd}\")"
        );
    }
}
