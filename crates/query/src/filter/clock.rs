//! `NOW() - INTERVAL 1 DAY`: the only expressions a value may hold.

use crate::scan::{is_quote, trim};
use sql::{Moment, TimeUnit};
use std::fmt::{self, Write};

const CLOCKS: [(&str, bool); 6] = [
    ("NOW()", false),
    ("CURRENT_TIMESTAMP()", false),
    ("CURRENT_TIMESTAMP", false),
    ("CURRENT_DATE()", true),
    ("CURRENT_DATE", true),
    ("CURDATE()", true),
];

const UNITS: [(&str, TimeUnit); 7] = [
    ("SECOND", TimeUnit::Second),
    ("MINUTE", TimeUnit::Minute),
    ("HOUR", TimeUnit::Hour),
    ("DAY", TimeUnit::Day),
    ("WEEK", TimeUnit::Week),
    ("MONTH", TimeUnit::Month),
    ("YEAR", TimeUnit::Year),
];

/// The text between the parentheses of a value as a moment; `None` for everything else.
pub(super) fn parse(text: &str) -> Option<Moment> {
    let text = trim(text);
    let (date_only, rest) = CLOCKS
        .iter()
        .find_map(|(name, date_only)| Some((*date_only, strip(text, name)?)))?;
    let rest = trim(rest);
    if rest.is_empty() {
        return Some(Moment {
            date_only,
            offset: None,
        });
    }
    let (sign, rest) = match rest.as_bytes()[0] {
        b'+' => (1, &rest[1..]),
        b'-' => (-1, &rest[1..]),
        _ => return None,
    };
    let rest = strip(trim(rest), "INTERVAL")?;
    if !rest.starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '\'' | '"')) {
        return None;
    }
    let (count, unit) = span(trim(rest))?;
    Some(Moment {
        date_only,
        offset: Some((i64::try_from(sign * i128::from(count)).ok()?, unit)),
    })
}

/// A moment at the start of a text, in further spellings, and where it ends.
pub(crate) fn leading(text: &str) -> Option<(Moment, usize)> {
    const FURTHER: [(&str, &str); 3] = [
        ("LOCALTIMESTAMP", "NOW()"),
        ("DATETIME('NOW')", "NOW()"),
        ("DATE('NOW')", "CURRENT_DATE"),
    ];
    let own = CLOCKS.iter().map(|(name, _)| (*name, *name));
    let (rest, clock) = own
        .chain(FURTHER)
        .find_map(|(name, clock)| Some((strip(text, name)?, clock)))?;
    if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '(') {
        return None;
    }
    let plain = parse(clock).map(|moment| (moment, text.len() - rest.len()));
    let Some(length) = interval(rest) else {
        return plain;
    };
    let moved = parse(&format!("{clock}{}", &rest[..length]))?;
    Some((moved, text.len() - rest.len() + length))
}

/// The length of `+ INTERVAL 1 DAY` at the start of a text; `None` when something else stands there.
fn interval(text: &str) -> Option<usize> {
    let blanks = |t: &str| t.len() - t.trim_start_matches(|c: char| c.is_ascii_whitespace()).len();
    let word = |t: &str| t.len() - t.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len();
    let mut at = blanks(text);
    if !text[at..].starts_with(['+', '-']) {
        return None;
    }
    at += 1;
    at += blanks(&text[at..]);
    strip(&text[at..], "INTERVAL")?;
    at += "INTERVAL".len();
    at += blanks(&text[at..]);
    let quoted = text[at..]
        .strip_prefix(['\'', '"'])
        .and_then(|inside| inside.find(['\'', '"']));
    let within = match quoted {
        Some(length) => &text[at + 1..at + 1 + length],
        None => "",
    };
    at += quoted.map_or_else(|| word(&text[at..]), |length| length + 2);
    // The unit stands inside the quotes or after them.
    if !within.trim().contains(' ') {
        at += blanks(&text[at..]);
        at += word(&text[at..]);
    }
    Some(at)
}

fn strip<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then_some(rest)
}

/// `1 DAY`, `'1 day'`, `'1' DAY`.
fn span(text: &str) -> Option<(i64, TimeUnit)> {
    let unquoted = match text.bytes().next() {
        Some(quote) if is_quote(quote) => {
            let (inner, rest) = text[1..].split_once(char::from(quote))?;
            format!("{inner} {rest}")
        }
        _ => text.to_owned(),
    };
    let mut words = unquoted.split_ascii_whitespace();
    let (count, unit) = (words.next()?, words.next()?.to_ascii_uppercase());
    if words.next().is_some() {
        return None;
    }
    let unit = UNITS
        .iter()
        .find(|(name, _)| unit == *name || unit.strip_suffix('S') == Some(name))?
        .1;
    Some((count.parse().ok()?, unit))
}

/// The canonical text, parentheses included.
pub(super) fn print(moment: Moment, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    out.write_str(if moment.date_only {
        "(CURRENT_DATE"
    } else {
        "(NOW()"
    })?;
    if let Some((count, unit)) = moment.offset {
        let name = UNITS
            .iter()
            .find(|(_, known)| *known == unit)
            .map_or("", |(name, _)| name);
        let sign = if count < 0 { '-' } else { '+' };
        // A count of i64::MIN can only be written with its sign inside.
        if count == i64::MIN {
            write!(out, " + INTERVAL {count} {name}")?;
        } else {
            write!(out, " {sign} INTERVAL {} {name}", count.unsigned_abs())?;
        }
    }
    out.write_char(')')
}
