//! Values on their way in: binary for the plain types, text for everything else, so that the server parses it.

use bytes::{BufMut, BytesMut};
use sql::Scalar;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

/// A value does not fit the type that the server inferred for its placeholder.
#[derive(Debug)]
pub(crate) struct Unfit(&'static str);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the value is no {}", self.0)
    }
}

impl Unfit {
    /// The SQLSTATE that the server would have refused it with.
    pub(crate) fn state(&self) -> &'static str {
        match self.0 {
            "smallint" | "integer" | "bigint" | "real" => "22003",
            _ => "22P02",
        }
    }
}

impl Error for Unfit {}

/// A value to be sent, adapted to the type of its placeholder.
pub(crate) struct Bound<'a>(pub(crate) &'a Scalar);

// The driver writes parameters to its debug log; values do not belong there.
impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_null() { "NULL" } else { "…" })
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if self.0.is_null() {
            return Ok(IsNull::Yes);
        }
        match *ty {
            Type::BOOL => out.put_u8(u8::from(boolean(self.0)?)),
            Type::INT2 => out.put_i16(i16::try_from(integer(self.0)?).map_err(|_| Unfit("smallint"))?),
            Type::INT4 => out.put_i32(i32::try_from(integer(self.0)?).map_err(|_| Unfit("integer"))?),
            Type::INT8 => out.put_i64(integer(self.0)?),
            Type::FLOAT4 => out.put_f32(single(self.0)?),
            Type::FLOAT8 => out.put_f64(double(self.0)?),
            Type::BYTEA => match self.0 {
                Scalar::Bytes(bytes) => out.put_slice(bytes),
                other => put_bytes(&text(other)?, out),
            },
            Type::BIT | Type::VARBIT => out.put_slice(bits(self.0)?.as_bytes()),
            _ => out.put_slice(text(self.0)?.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, ty: &Type) -> Format {
        match *ty {
            Type::BOOL
            | Type::INT2
            | Type::INT4
            | Type::INT8
            | Type::FLOAT4
            | Type::FLOAT8
            | Type::BYTEA
            | Type::TEXT
            | Type::VARCHAR => Format::Binary,
            _ => Format::Text,
        }
    }

    to_sql_checked!();
}

fn text(value: &Scalar) -> Result<Cow<'_, str>, Unfit> {
    match value {
        Scalar::Text(text) | Scalar::Decimal(text) => Ok(Cow::Borrowed(text)),
        other => other.to_text().map(Cow::Owned).ok_or(Unfit("text")),
    }
}

/// Text for a column of bytes: the server's own `\\x…` form, else the text's bytes as they are.
fn put_bytes(text: &str, out: &mut BytesMut) {
    let digits = text
        .strip_prefix("\\x")
        .filter(|digits| digits.len() % 2 == 0)
        .map(str::as_bytes);
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let pair = |pair: &[u8]| Some(value(pair[0])? << 4 | value(pair[1])?);
    match digits.and_then(|digits| digits.chunks_exact(2).map(pair).collect::<Option<Vec<u8>>>()) {
        Some(bytes) => out.put_slice(&bytes),
        None => out.put_slice(text.as_bytes()),
    }
}

/// Yes and no in the forms that the server itself accepts.
fn boolean(value: &Scalar) -> Result<bool, Unfit> {
    match value {
        Scalar::Bool(flag) => Ok(*flag),
        Scalar::Int(0) | Scalar::Uint(0) => Ok(false),
        Scalar::Int(1) | Scalar::Uint(1) => Ok(true),
        Scalar::Text(text) | Scalar::Decimal(text) => match text.trim().to_ascii_lowercase().as_str() {
            "1" | "t" | "true" | "y" | "yes" | "on" => Ok(true),
            "0" | "f" | "false" | "n" | "no" | "off" => Ok(false),
            _ => Err(Unfit("boolean")),
        },
        _ => Err(Unfit("boolean")),
    }
}

fn integer(value: &Scalar) -> Result<i64, Unfit> {
    // Both ends of the range are exact as floating-point numbers; the upper one is the first that does not fit.
    const RANGE: std::ops::Range<f64> = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;
    match value {
        Scalar::Float(n) if n.fract() != 0.0 || !RANGE.contains(n) => Err(Unfit("whole number")),
        Scalar::Text(text) | Scalar::Decimal(text) => text.trim().parse().map_err(|_| Unfit("whole number")),
        Scalar::Uint(n) => i64::try_from(*n).map_err(|_| Unfit("bigint")),
        other => other.to_int().ok_or(Unfit("whole number")),
    }
}

fn double(value: &Scalar) -> Result<f64, Unfit> {
    match value {
        Scalar::Bool(flag) => Ok(f64::from(u8::from(*flag))),
        Scalar::Int(n) => Ok(*n as f64),
        Scalar::Uint(n) => Ok(*n as f64),
        Scalar::Float(n) => Ok(*n),
        Scalar::Decimal(text) | Scalar::Text(text) => {
            let number: f64 = text.trim().parse().map_err(|_| Unfit("number"))?;
            // Digits that become infinite are out of range; the word "Infinity" is meant.
            let overflow = number.is_infinite() && text.bytes().any(|b| b.is_ascii_digit());
            if overflow {
                Err(Unfit("number"))
            } else {
                Ok(number)
            }
        }
        _ => Err(Unfit("number")),
    }
}

fn single(value: &Scalar) -> Result<f32, Unfit> {
    let wide = double(value)?;
    let narrow = wide as f32;
    let lost = (narrow.is_infinite() && wide.is_finite()) || (narrow == 0.0 && wide != 0.0);
    if lost { Err(Unfit("real")) } else { Ok(narrow) }
}

fn bits(value: &Scalar) -> Result<Cow<'_, str>, Unfit> {
    match value {
        Scalar::Bool(flag) => Ok(Cow::Borrowed(if *flag { "1" } else { "0" })),
        other => text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: &Scalar, ty: &Type) -> Option<Vec<u8>> {
        let mut out = BytesMut::new();
        Bound(value).to_sql(ty, &mut out).ok().map(|_| out.to_vec())
    }

    #[test]
    fn values_adapt_to_the_placeholder() {
        assert_eq!(bytes(&Scalar::from("7"), &Type::INT2), Some(vec![0, 7]));
        assert_eq!(bytes(&Scalar::Int(1), &Type::BOOL), Some(vec![1]));
        assert_eq!(bytes(&Scalar::Int(1), &Type::NUMERIC), Some(b"1".to_vec()));
        assert_eq!(bytes(&Scalar::Bool(true), &Type::BIT), Some(b"1".to_vec()));
        assert_eq!(bytes(&Scalar::Float(5.0), &Type::INT4), Some(vec![0, 0, 0, 5]));
        assert_eq!(
            bytes(&Scalar::from("\\xDE0f"), &Type::BYTEA),
            Some(vec![0xde, 0x0f])
        );
        for plain in ["hello", "\\xABC", "\\xZZ", "\\xé9", "a\\b"] {
            assert_eq!(
                bytes(&Scalar::from(plain), &Type::BYTEA),
                Some(plain.as_bytes().to_vec())
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_here() {
        for (value, ty) in [
            (Scalar::Int(32_768), Type::INT2),
            (Scalar::Int(2_147_483_648), Type::INT4),
            (Scalar::Uint(u64::MAX), Type::INT8),
            (Scalar::Float(9.3e18), Type::INT8),
            (Scalar::Float(f64::NAN), Type::INT8),
            (Scalar::from("5.7"), Type::INT4),
            (Scalar::from("maybe"), Type::BOOL),
            (Scalar::Float(1e300), Type::FLOAT4),
            (Scalar::from("1e999"), Type::FLOAT8),
            (Scalar::Bytes(vec![0xff]), Type::TEXT),
        ] {
            assert_eq!(bytes(&value, &ty), None, "{value:?} as {ty}");
        }
    }
}
