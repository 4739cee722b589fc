//! The modifiers of lookups. Their documented names are those of PHP's functions, and so is what they do: letters
//! outside ASCII have no case, decoders skip what they do not know.

use std::fmt::Write;

/// Applies a modifier by name; `None` when there is none of this name.
pub(crate) fn apply(function: &str, value: &str) -> Option<String> {
    Some(match function {
        "strtoupper" => value.to_ascii_uppercase(),
        "strtolower" => value.to_ascii_lowercase(),
        "ucfirst" => first(value, |c| c.to_ascii_uppercase()),
        "lcfirst" => first(value, |c| c.to_ascii_lowercase()),
        "ucwords" => each_word(value),
        "urlencode" => encode(value, true),
        "rawurlencode" => encode(value, false),
        "urldecode" => decode(value, true),
        "rawurldecode" => decode(value, false),
        "base64_encode" => to_base64(value.as_bytes()),
        "base64_decode" => from_base64(value),
        "trim" => value
            .trim_matches(|c| matches!(c, ' ' | '\n' | '\r' | '\t' | '\u{b}' | '\0'))
            .to_owned(),
        _ => return None,
    })
}

fn first(value: &str, change: fn(&char) -> char) -> String {
    let mut chars = value.chars();
    chars
        .next()
        .map(|c| change(&c))
        .into_iter()
        .chain(chars)
        .collect()
}

fn each_word(value: &str) -> String {
    let mut begins = true;
    value
        .chars()
        .map(|c| {
            let out = if begins { c.to_ascii_uppercase() } else { c };
            begins = matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}' | '\u{b}');
            out
        })
        .collect()
}

fn encode(value: &str, form: bool) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b'~' if !form => out.push('~'),
            b' ' if form => out.push('+'),
            _ => write!(out, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
    }
    out
}

fn decode(value: &str, form: bool) -> String {
    let bytes = value.as_bytes();
    let digit = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        match (byte, digit(i + 1), digit(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 2;
            }
            (b'+', ..) if form => out.push(b' '),
            _ => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let bits =
            part.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for i in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= part.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

fn from_base64(value: &str) -> String {
    let (mut bits, mut count) = (0u32, 0);
    let mut out = Vec::with_capacity(value.len() / 4 * 3);
    for byte in value.bytes() {
        let Some(six) = SIGNS.iter().position(|sign| *sign == byte) else {
            continue;
        };
        bits = (bits << 6 | six as u32) & 0xfff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
