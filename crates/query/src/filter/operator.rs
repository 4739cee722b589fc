//! The words and signs between a field and its value, and between conditions.

use super::Comparison;
use crate::scan::{is_blank, is_quote, is_word_end, is_word_start, skip_blanks, starts_with, words};

/// What stands after a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// One value follows.
    Compare(Comparison),
    /// A list follows.
    In,
    /// Two values follow.
    Between,
    /// Nothing follows.
    Null { negated: bool },
}

/// Signs, longer ones before their beginnings.
const SIGNS: [(&str, Comparison); 7] = [
    (">=", Comparison::Ge),
    ("<=", Comparison::Le),
    ("!=", Comparison::Ne),
    ("<>", Comparison::Ne),
    ("=", Comparison::Eq),
    (">", Comparison::Gt),
    ("<", Comparison::Lt),
];

const WORDS: [(&[&str], Operator); 13] = [
    (&["GTE"], Operator::Compare(Comparison::Ge)),
    (&["LTE"], Operator::Compare(Comparison::Le)),
    (&["NE"], Operator::Compare(Comparison::Ne)),
    (&["EQ"], Operator::Compare(Comparison::Eq)),
    (&["GT"], Operator::Compare(Comparison::Gt)),
    (&["LT"], Operator::Compare(Comparison::Lt)),
    (&["LIKE"], Operator::Compare(Comparison::Like)),
    (&["ILIKE"], Operator::Compare(Comparison::ILike)),
    (&["STARTS", "WITH"], Operator::Compare(Comparison::StartsWith)),
    (&["ENDS", "WITH"], Operator::Compare(Comparison::EndsWith)),
    (&["CONTAINS"], Operator::Compare(Comparison::Contains)),
    (&["IN"], Operator::In),
    (&["BETWEEN"], Operator::Between),
];

impl Comparison {
    /// The canonical word or sign.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Comparison::Eq => "=",
            Comparison::Ne => "!=",
            Comparison::Lt => "<",
            Comparison::Le => "<=",
            Comparison::Gt => ">",
            Comparison::Ge => ">=",
            Comparison::Like => "LIKE",
            Comparison::ILike => "ILIKE",
            Comparison::StartsWith => "STARTS WITH",
            Comparison::EndsWith => "ENDS WITH",
            Comparison::Contains => "CONTAINS",
        }
    }

    /// Whether the value is a part of a pattern, so that parentheses in it are ordinary text.
    pub(super) const fn is_part(self) -> bool {
        matches!(
            self,
            Comparison::StartsWith | Comparison::EndsWith | Comparison::Contains
        )
    }
}

/// The operator that begins at `at`, and the offset after it.
///
/// A word needs a blank before it and a value after it. A sign after it makes it a part of the field's name:
/// `made in = 5`.
pub(super) fn operator_at(text: &str, at: usize) -> Option<(Operator, usize)> {
    let bytes = text.as_bytes();
    let byte = *bytes.get(at)?;
    if is_sign(byte) {
        let (sign, comparison) = SIGNS.iter().find(|(sign, _)| starts_with(text, at, sign))?;
        return Some((Operator::Compare(*comparison), at + sign.len()));
    }
    if !byte.is_ascii_alphabetic() || at == 0 || !is_blank(bytes[at - 1]) {
        return None;
    }
    let (operator, end) = word_at(text, at)?;
    let next = bytes.get(skip_blanks(text, end));
    (!next.is_some_and(|b| is_sign(*b))).then_some((operator, end))
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'=' | b'<' | b'>' | b'!')
}

fn word_at(text: &str, at: usize) -> Option<(Operator, usize)> {
    for (negated, null) in [(false, &["IS", "NULL"][..]), (true, &["IS", "NOT", "NULL"])] {
        if let Some(end) = words(text, at, null).filter(|end| is_word_end(text, *end)) {
            return Some((Operator::Null { negated }, end));
        }
    }
    WORDS.iter().find_map(|(word, operator)| {
        let end = words(text, at, word)?;
        let next = *text.as_bytes().get(end)?;
        let bounded = is_blank(next) || next == b'(' || is_quote(next);
        let value = !matches!(text.as_bytes().get(skip_blanks(text, end)), None | Some(b')'));
        (bounded && value).then_some((*operator, end))
    })
}

/// A word between conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logical {
    And,
    Or,
    Xor,
    Nor,
}

/// The logical word or sign at `at`, and the offset after it.
pub(super) fn logical_at(text: &str, at: usize) -> Option<(Logical, usize)> {
    let found = [("&&", Logical::And), ("||", Logical::Or)].into_iter();
    if let Some((sign, logical)) = found.into_iter().find(|(sign, _)| starts_with(text, at, sign)) {
        return Some((logical, at + sign.len()));
    }
    if !is_word_start(text, at) {
        return None;
    }
    let words = [
        ("AND", Logical::And),
        ("OR", Logical::Or),
        ("XOR", Logical::Xor),
        ("NOR", Logical::Nor),
    ];
    words.into_iter().find_map(|(word, logical)| {
        let end = at + word.len();
        (starts_with(text, at, word) && is_word_end(text, end)).then_some((logical, end))
    })
}

/// Whether a bare value reads like a second condition: a logical word, and after it an operator.
pub(super) fn holds_condition(value: &str) -> bool {
    let Some(first) = (0..value.len()).find_map(|i| logical_at(value, i)) else {
        return false;
    };
    (first.1..value.len()).any(|i| match operator_at(value, i) {
        Some((Operator::In, end)) => value.as_bytes().get(skip_blanks(value, end)) == Some(&b'('),
        found => found.is_some(),
    })
}

/// Whether a bare value holds a logical word at all.
pub(super) fn holds_logical(value: &str) -> bool {
    (0..value.len()).any(|i| logical_at(value, i).is_some())
}
