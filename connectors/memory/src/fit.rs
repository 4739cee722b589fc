//! Whether a value fits its column, and the form in which it is kept.

use crate::order::{exact, float};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use driver::{Fault, FaultKind};
use records::{Kind, RawColumn, Scalar};

/// The value as the column keeps it. NULL passes; whether it may is asked elsewhere.
pub(crate) fn fit(column: &RawColumn, value: Scalar) -> Result<Scalar, Fault> {
    if value.is_null() {
        return Ok(value);
    }
    kept(column, value).ok_or_else(|| {
        let message = format!("a value does not fit column {}", column.name);
        Fault::new(FaultKind::Value, message).with_detail(Some(column.name.clone()))
    })
}

fn kept(column: &RawColumn, value: Scalar) -> Option<Scalar> {
    match column.kind {
        Kind::Boolean => match (&value, value.to_int()) {
            (Scalar::Bool(flag), _) => Some(Scalar::Bool(*flag)),
            (_, Some(n @ (0 | 1))) => Some(Scalar::Bool(n == 1)),
            (Scalar::Text(text), _) => text.parse().ok().map(Scalar::Bool),
            _ => None,
        },
        Kind::BigInt => exact(&value)?.to_i64().map(Scalar::Int),
        kind if kind.is_integer() => {
            let n = exact(&value)?.to_i64()?;
            i32::try_from(n).ok().map(|n| Scalar::Int(i64::from(n)))
        }
        Kind::Decimal | Kind::Money => decimal(column, &value),
        Kind::Float | Kind::Double => float(&value).filter(|n| n.is_finite()).map(Scalar::Float),
        Kind::Binary => Some(match value {
            Scalar::Bytes(bytes) => Scalar::Bytes(bytes),
            other => Scalar::Bytes(other.to_text()?.into_bytes()),
        }),
        kind => {
            let text = value.to_text()?;
            let short = column
                .length
                .is_none_or(|length| text.chars().count() as i64 <= length);
            (is_form(kind, &text) && (short || !kind.is_text())).then_some(Scalar::Text(text))
        }
    }
}

fn decimal(column: &RawColumn, value: &Scalar) -> Option<Scalar> {
    let number = match value {
        Scalar::Float(n) => exact(&Scalar::Text(n.to_string()))?,
        other => exact(other)?,
    };
    let scale = column.scale.and_then(|scale| u32::try_from(scale).ok());
    let rounded = match scale {
        Some(scale) => number.rounded(scale)?,
        None => number,
    };
    let room = column
        .precision
        .map(|precision| precision - column.scale.unwrap_or(0));
    let fits = room.is_none_or(|room| rounded.whole_digits() as i64 <= room);
    fits.then(|| Scalar::Decimal(rounded.to_string()))
}

/// Whether text has the form of a date, a time, a document.
fn is_form(kind: Kind, text: &str) -> bool {
    let date_time = || {
        let text = text.replacen('T', " ", 1);
        NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").is_ok()
            || DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f%#z").is_ok()
            || is_date(&text)
    };
    match kind {
        Kind::Date => is_date(text),
        Kind::Time | Kind::TimeTz => NaiveTime::parse_from_str(text, "%H:%M:%S%.f").is_ok(),
        Kind::DateTime
        | Kind::Timestamp
        | Kind::TimestampTz
        | Kind::TimestampOnCreate
        | Kind::TimestampOnUpdate => date_time(),
        Kind::Json => serde_json::from_str::<serde_json::Value>(text).is_ok(),
        Kind::Uuid => {
            let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
            digits == 32 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        }
        _ => true,
    }
}

fn is_date(text: &str) -> bool {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}
