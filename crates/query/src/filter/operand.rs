//! Values: quoted, bare, parameters and the clock.

use super::operator::{Logical, holds_condition, holds_logical, logical_at};
use super::{Comparison, Operand, clock};
use crate::ParseError;
use crate::scan::{is_blank, is_quote, skip_blanks, trim};

/// Where a value stands, which decides where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Alone after an operator. `open` says whether nothing but the end of the text can end it.
    Alone { op: Comparison, open: bool },
    /// In the list of IN.
    List,
    /// An end of BETWEEN, in a list.
    EndInList,
    /// The lower end of BETWEEN, before AND.
    Low,
    /// The upper end of BETWEEN, after AND.
    High,
}

impl Place {
    const fn is_list(self) -> bool {
        matches!(self, Place::List | Place::EndInList)
    }

    const fn is_end(self) -> bool {
        matches!(self, Place::EndInList | Place::Low | Place::High)
    }
}

/// What parentheses around a value are refused with.
const EXPRESSION: &str =
    "SQL expressions are not accepted as filter values; only NOW() and CURRENT_DATE with an INTERVAL.";

/// Reads the value at `at` and gives it with the offset after it.
pub(super) fn operand(text: &str, at: usize, place: Place) -> Result<(Operand, usize), ParseError> {
    let start = skip_blanks(text, at);
    if text.as_bytes().get(start).is_some_and(|b| is_quote(*b)) {
        if let Some(close) = closing_quote(text, start, place) {
            let inner = text[start + 1..close].to_owned();
            return Ok((
                Operand::Text {
                    text: inner,
                    quoted: true,
                },
                close + 1,
            ));
        }
        if !matches!(place, Place::Alone { open: true, .. }) {
            return Err(ParseError::new(
                "Invalid or unparsable filter request. A quoted value is not closed.",
                start,
            ));
        }
    }
    let end = bare_end(text, start, place)?;
    Ok((bare(trim(&text[start..end]), start, place)?, end))
}

/// The quote that closes the value opened at `open`: the first of its kind after which the value may end.
/// So `'O'Brien'` is one value, and `'x' AND …` ends at the second quote.
pub(super) fn closing_quote(text: &str, open: usize, place: Place) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = bytes[open];
    (open + 1..bytes.len()).filter(|i| bytes[*i] == quote).find(|i| {
        let next = skip_blanks(text, i + 1);
        match bytes.get(next) {
            None | Some(b')') => true,
            Some(b',') => place.is_list() || place.is_end(),
            Some(_) => place != Place::List && logical_at(text, next).is_some(),
        }
    })
}

/// Where a bare value ends. Parentheses in it must balance; quotes in it are ordinary text.
fn bare_end(text: &str, start: usize, place: Place) -> Result<usize, ParseError> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    for (i, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Ok(i),
            b')' => depth -= 1,
            b',' if depth == 0 && place.is_list() => return Ok(i),
            _ if depth == 0
                && place == Place::Low
                && matches!(logical_at(text, i), Some((Logical::And, _))) =>
            {
                return Ok(i);
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(ParseError::new(
            "Invalid or unparsable filter request. A parenthesis is not closed.",
            start,
        ));
    }
    Ok(bytes.len())
}

fn bare(value: &str, at: usize, place: Place) -> Result<Operand, ParseError> {
    let part = matches!(place, Place::Alone { op, .. } if op.is_part());
    if value.starts_with('(') && value.ends_with(')') && !part {
        return clock::parse(&value[1..value.len() - 1])
            .map(Operand::Moment)
            .ok_or_else(|| ParseError::new(EXPRESSION, at));
    }
    if holds_condition(value) || (place.is_end() && holds_logical(value)) {
        return Err(super::parse::several(at));
    }
    if place.is_end() && value.is_empty() {
        return Err(ParseError::new(
            "Invalid or unparsable filter request. BETWEEN needs two values.",
            at,
        ));
    }
    let name = value.strip_prefix(':').unwrap_or("");
    let sign = |b: u8| is_blank(b) || is_quote(b) || matches!(b, b'(' | b')' | b',');
    if !name.is_empty() && !name.bytes().any(sign) {
        return Ok(Operand::Param(value.to_owned()));
    }
    Ok(Operand::Text {
        text: value.to_owned(),
        quoted: false,
    })
}
