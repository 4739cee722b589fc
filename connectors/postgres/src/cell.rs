//! Values on their way out: the server's binary form as cells, without an allocation per cell.

use crate::civil;
use driver::{Cell, padded};
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use tokio_postgres::types::{FromSql, Kind, Type};

/// The raw bytes of a value.
pub(crate) struct Raw<'a>(pub(crate) &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// How the bytes of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Text,
    Jsonb,
    Bytes,
    Bits,
    Uuid,
    Inet,
    Numeric,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
}

/// The form of a type; `None` when it must be read through a cast to text. A moment with time zone is shown in the
/// session's zone, which only the server can compute unless it is UTC.
pub(crate) fn form(ty: &Type, utc: bool) -> Option<Form> {
    Some(match *ty {
        Type::BOOL => Form::Bool,
        Type::INT2 => Form::Int2,
        Type::INT4 => Form::Int4,
        Type::INT8 => Form::Int8,
        Type::OID => Form::Oid,
        Type::FLOAT4 => Form::Float4,
        Type::FLOAT8 => Form::Float8,
        Type::TEXT
        | Type::VARCHAR
        | Type::BPCHAR
        | Type::NAME
        | Type::JSON
        | Type::UNKNOWN
        | Type::REFCURSOR => Form::Text,
        Type::JSONB => Form::Jsonb,
        Type::BYTEA => Form::Bytes,
        Type::BIT | Type::VARBIT => Form::Bits,
        Type::UUID => Form::Uuid,
        Type::INET | Type::CIDR => Form::Inet,
        Type::NUMERIC => Form::Numeric,
        Type::DATE => Form::Date,
        Type::TIME => Form::Time,
        Type::TIMETZ => Form::TimeTz,
        Type::TIMESTAMP => Form::Timestamp,
        Type::TIMESTAMPTZ if utc => Form::TimestampTz,
        _ => match ty.kind() {
            Kind::Enum(_) => Form::Text,
            Kind::Domain(base) => return form(base, utc),
            _ => return None,
        },
    })
}

/// Reads one value. `scratch` holds the text of values that are written out. `None` for bytes that do not have the
/// form of the type, which a server does not send.
pub(crate) fn cell<'a>(form: Form, raw: &'a [u8], scratch: &'a mut String) -> Option<Cell<'a>> {
    scratch.clear();
    let text = |raw: &'a [u8]| std::str::from_utf8(raw).ok().map(Cell::Text);
    Some(match form {
        Form::Bool => Cell::Bool(*raw.first()? != 0),
        Form::Int2 => Cell::Int(i16::from_be_bytes(raw.try_into().ok()?).into()),
        Form::Int4 => Cell::Int(i32::from_be_bytes(raw.try_into().ok()?).into()),
        Form::Int8 => Cell::Int(i64::from_be_bytes(raw.try_into().ok()?)),
        Form::Oid => Cell::Int(u32::from_be_bytes(raw.try_into().ok()?).into()),
        Form::Float4 => Cell::Float32(f32::from_be_bytes(raw.try_into().ok()?)),
        Form::Float8 => Cell::Float(f64::from_be_bytes(raw.try_into().ok()?)),
        Form::Text => return text(raw),
        // One byte of version, then the text.
        Form::Jsonb => return text(raw.get(1..)?),
        Form::Bytes => Cell::Bytes(raw),
        Form::Bits => return bits(raw, scratch),
        Form::Uuid => {
            uuid(raw.try_into().ok()?, scratch);
            Cell::Text(scratch)
        }
        Form::Inet => return inet(raw, scratch),
        Form::Numeric => return numeric(raw, scratch),
        Form::Date => {
            civil::date(i32::from_be_bytes(raw.try_into().ok()?), scratch);
            Cell::Text(scratch)
        }
        Form::Time => {
            civil::time(i64::from_be_bytes(raw.try_into().ok()?), scratch);
            Cell::Text(scratch)
        }
        Form::TimeTz => {
            let (time, zone) = raw.split_at_checked(8)?;
            civil::time(i64::from_be_bytes(time.try_into().ok()?), scratch);
            civil::zone(i32::from_be_bytes(zone.try_into().ok()?), scratch);
            Cell::Text(scratch)
        }
        Form::Timestamp | Form::TimestampTz => {
            let zone = if form == Form::TimestampTz { "+00" } else { "" };
            civil::timestamp(i64::from_be_bytes(raw.try_into().ok()?), zone, scratch);
            Cell::Text(scratch)
        }
    })
}

/// A value that the server wrote out as text, as the cell that its binary form would give.
pub(crate) fn text_cell<'a>(ty: &Type, text: Option<&'a str>) -> Cell<'a> {
    let Some(text) = text else { return Cell::Null };
    let number = match *ty {
        Type::BOOL => Some(Cell::Bool(text == "t")),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => text.parse().ok().map(Cell::Int),
        Type::FLOAT4 => text.parse().ok().map(Cell::Float32),
        Type::FLOAT8 => text.parse().ok().map(Cell::Float),
        Type::NUMERIC if text.ends_with(|sign: char| sign.is_ascii_digit()) => Some(Cell::Decimal(text)),
        _ => None,
    };
    number.unwrap_or(Cell::Text(text))
}

/// A string of bits; a single bit is a truth value.
fn bits<'a>(raw: &'a [u8], out: &'a mut String) -> Option<Cell<'a>> {
    let (length, bytes) = raw.split_at_checked(4)?;
    let length = usize::try_from(i32::from_be_bytes(length.try_into().ok()?)).ok()?;
    let bit = |i: usize| bytes.get(i / 8).map(|byte| byte >> (7 - i % 8) & 1 == 1);
    if length == 1 {
        return bit(0).map(Cell::Bool);
    }
    for i in 0..length {
        out.push(if bit(i)? { '1' } else { '0' });
    }
    Some(Cell::Text(out))
}

fn uuid(raw: [u8; 16], out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for (i, byte) in raw.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

/// A network address: family, bits of the mask, whether it is a network, length, bytes. (A cast to text would add
/// the mask of a single host.)
fn inet<'a>(raw: &'a [u8], out: &'a mut String) -> Option<Cell<'a>> {
    let ([_, mask, network, _], bytes) = raw.split_first_chunk()?;
    let whole = if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        write!(out, "{}", Ipv4Addr::from(bytes)).ok()?;
        32
    } else {
        let address = Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?);
        match (address.segments(), address.octets()) {
            // The server writes what only has a low part as an address of the older kind.
            ([0, 0, 0, 0, 0, 0, high, _], [.., a, b, c, d]) if high > 0 => {
                write!(out, "::{a}.{b}.{c}.{d}").ok()?
            }
            _ => write!(out, "{address}").ok()?,
        }
        128
    };
    if *mask != whole || *network != 0 {
        write!(out, "/{mask}").ok()?;
    }
    Some(Cell::Text(out))
}

/// An exact number: groups of four digits, the weight of the first group, sign and number of digits shown after
/// the point. What is no number (`NaN`, `Infinity`) is text.
fn numeric<'a>(raw: &'a [u8], out: &'a mut String) -> Option<Cell<'a>> {
    let word = |i: usize| Some(u16::from_be_bytes(raw.get(2 * i..2 * i + 2)?.try_into().ok()?));
    let groups = i32::from(word(0)?);
    let weight = i32::from(word(1)? as i16);
    match word(2)? {
        0x0000 => {}
        0x4000 => out.push('-'),
        0xc000 => return Some(Cell::Text("NaN")),
        0xd000 => return Some(Cell::Text("Infinity")),
        0xf000 => return Some(Cell::Text("-Infinity")),
        _ => return None,
    }
    let mut shown = usize::from(word(3)?);
    let group = |i: i32| match usize::try_from(i) {
        Ok(index) if i < groups => word(4 + index),
        _ => Some(0),
    };
    padded(group(0).filter(|_| weight >= 0).unwrap_or(0).into(), 1, out);
    for i in 1..=weight {
        padded(group(i)?.into(), 4, out);
    }
    if shown > 0 {
        out.push('.');
    }
    let mut i = weight + 1;
    while shown > 0 {
        padded(group(i)?.into(), 4, out);
        out.truncate(out.len() - 4_usize.saturating_sub(shown));
        shown = shown.saturating_sub(4);
        i += 1;
    }
    Some(Cell::Decimal(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: Form, raw: &[u8]) -> Option<String> {
        let mut scratch = String::new();
        cell(form, raw, &mut scratch).and_then(|cell| cell.to_scalar().to_text())
    }

    fn number(groups: &[u16], weight: i16, sign: u16, scale: u16) -> Option<String> {
        let mut words = vec![groups.len() as u16, weight as u16, sign, scale];
        words.extend(groups);
        read(
            Form::Numeric,
            &words.iter().flat_map(|w| w.to_be_bytes()).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn numbers_are_written_digit_by_digit() {
        for (groups, weight, sign, scale, text) in [
            (&[][..], 0, 0, 0, "0"),
            (&[][..], 0, 0, 2, "0.00"),
            (&[1234, 5678, 1234][..], 1, 0, 4, "12345678.1234"),
            (&[5000][..], -1, 0x4000, 1, "-0.5"),
            (&[1][..], 2, 0, 0, "100000000"),
            (&[1][..], -2, 0, 8, "0.00000001"),
            (&[7, 500][..], 0, 0, 3, "7.050"),
            (&[][..], 0, 0xc000, 0, "NaN"),
        ] {
            assert_eq!(number(groups, weight, sign, scale).as_deref(), Some(text));
        }
    }

    #[test]
    fn broken_bytes_give_nothing() {
        for form in [
            Form::Bool,
            Form::Int4,
            Form::Jsonb,
            Form::Bits,
            Form::Uuid,
            Form::Numeric,
            Form::Date,
            Form::TimeTz,
        ] {
            assert_eq!(read(form, &[]), None, "{form:?}");
        }
    }

    #[test]
    fn bits_and_identifiers() {
        assert_eq!(read(Form::Bits, &[0, 0, 0, 1, 0x80]).as_deref(), Some("true"));
        assert_eq!(
            read(Form::Bits, &[0, 0, 0, 9, 0xa5, 0x80]).as_deref(),
            Some("101001011")
        );
        let id = read(
            Form::Uuid,
            &[
                0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0,
            ],
        );
        assert_eq!(id.as_deref(), Some("123e4567-e89b-12d3-a456-426614174000"));
    }
}
