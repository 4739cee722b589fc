//! From text to tree. NOT binds before AND, AND before XOR, XOR before OR and NOR.

use super::operand::{Place, operand};
use super::operator::{Logical, Operator, logical_at, operator_at};
use super::{FieldRef, Filter, Operand};
use crate::ParseError;
use crate::scan::{is_blank, is_word_end, skip_blanks, starts_with, trim};

/// Greatest length of a filter in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// Greatest depth of nested parentheses and negations.
pub const MAX_NESTING: usize = 64;

/// Greatest height of a tree. XOR and NOR make trees higher without parentheses.
const MAX_HEIGHT: usize = 4 * MAX_NESTING;

const UNPARSABLE: &str = "Invalid or unparsable filter request.";

const UNWRAPPED: &str = "Filter value lists must be wrapped in parentheses.";

/// The refusal of two conditions of which one has no parentheses of its own.
pub(super) fn several(at: usize) -> ParseError {
    ParseError::new(
        format!("{UNPARSABLE} With several conditions, each must stand in parentheses."),
        at,
    )
}

/// Reads a filter. `None` for a text that is empty or blank, which is no condition.
///
/// Refuses what is longer than [`MAX_LENGTH`], nested deeper than [`MAX_NESTING`], unbalanced or ambiguous; never
/// reads a text as less than it says.
pub fn parse(text: &str) -> Result<Option<Filter>, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError::new(
            format!("{UNPARSABLE} It is longer than {MAX_LENGTH} bytes."),
            MAX_LENGTH,
        ));
    }
    let start = skip_blanks(text, 0);
    if start == text.len() {
        return Ok(None);
    }
    let mut parser = Parser {
        text,
        at: start,
        nesting: 0,
        parentheses: 0,
    };
    let node = parser.expression()?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.unexpected());
    }
    Ok(Some(node.filter))
}

/// A tree and its height.
struct Node {
    filter: Filter,
    height: usize,
}

impl Node {
    fn leaf(filter: Filter) -> Node {
        Node { filter, height: 1 }
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Parentheses and negations around the place.
    nesting: usize,
    /// Parentheses around the place.
    parentheses: usize,
}

impl Parser<'_> {
    fn blanks(&mut self) {
        self.at = skip_blanks(self.text, self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Why the parser cannot go on here.
    fn unexpected(&self) -> ParseError {
        match logical_at(self.text, self.at) {
            Some(_) => several(self.at),
            None => ParseError::new(UNPARSABLE, self.at),
        }
    }

    fn enter(&mut self) -> Result<(), ParseError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            Err(self.too_deep())
        } else {
            Ok(())
        }
    }

    fn too_deep(&self) -> ParseError {
        ParseError::new(
            format!("{UNPARSABLE} It is nested deeper than {MAX_NESTING} levels."),
            self.at,
        )
    }

    fn tall(&self, height: usize, filter: Filter) -> Result<Node, ParseError> {
        if height > MAX_HEIGHT {
            Err(self.too_deep())
        } else {
            Ok(Node { filter, height })
        }
    }

    /// Groups joined by logical words, or one comparison without parentheses.
    fn expression(&mut self) -> Result<Node, ParseError> {
        self.blanks();
        if self.is_group() {
            self.alternatives()
        } else {
            Ok(Node::leaf(self.comparison()?))
        }
    }

    /// Whether a group begins here: a parenthesis, perhaps after NOT.
    fn is_group(&self) -> bool {
        let mut at = self.at;
        while let Some(end) = not_at(self.text, at) {
            at = skip_blanks(self.text, end);
        }
        self.text.as_bytes().get(at) == Some(&b'(')
    }

    fn logical(&mut self, wanted: &[Logical]) -> Option<Logical> {
        let (logical, end) = logical_at(self.text, skip_blanks(self.text, self.at))?;
        if !wanted.contains(&logical) {
            return None;
        }
        self.at = end;
        Some(logical)
    }

    fn alternatives(&mut self) -> Result<Node, ParseError> {
        let mut parts = vec![self.exclusive()?];
        while let Some(logical) = self.logical(&[Logical::Or, Logical::Nor]) {
            parts.push(self.exclusive()?);
            if logical == Logical::Nor {
                let any = self.many(std::mem::take(&mut parts), Filter::Or)?;
                parts.push(self.tall(any.height + 1, Filter::Not(Box::new(any.filter)))?);
            }
        }
        self.many(parts, Filter::Or)
    }

    fn exclusive(&mut self) -> Result<Node, ParseError> {
        let mut left = self.conjunction()?;
        while self.logical(&[Logical::Xor]).is_some() {
            let right = self.conjunction()?;
            let height = left.height.max(right.height) + 1;
            left = self.tall(height, Filter::Xor(Box::new(left.filter), Box::new(right.filter)))?;
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Node, ParseError> {
        let mut parts = vec![self.negation()?];
        while self.logical(&[Logical::And]).is_some() {
            parts.push(self.negation()?);
        }
        self.many(parts, Filter::And)
    }

    /// The parts under one roof; a single part stays as it is.
    fn many(&self, mut parts: Vec<Node>, roof: fn(Vec<Filter>) -> Filter) -> Result<Node, ParseError> {
        if parts.len() == 1 {
            return parts.pop().ok_or_else(|| self.unexpected());
        }
        let height = parts.iter().map(|node| node.height).max().unwrap_or(0) + 1;
        self.tall(height, roof(parts.into_iter().map(|node| node.filter).collect()))
    }

    fn negation(&mut self) -> Result<Node, ParseError> {
        self.blanks();
        if !self.is_group() {
            return Err(if self.peek().is_some_and(|b| b != b')') {
                several(self.at)
            } else {
                self.unexpected()
            });
        }
        let Some(end) = not_at(self.text, self.at) else {
            return self.group();
        };
        self.enter()?;
        self.at = end;
        let inner = self.negation()?;
        self.nesting -= 1;
        self.tall(inner.height + 1, Filter::Not(Box::new(inner.filter)))
    }

    fn group(&mut self) -> Result<Node, ParseError> {
        self.enter()?;
        self.parentheses += 1;
        self.at += 1;
        let inner = self.expression()?;
        self.blanks();
        if self.peek() != Some(b')') {
            return Err(self.unexpected());
        }
        self.at += 1;
        self.parentheses -= 1;
        self.nesting -= 1;
        Ok(inner)
    }

    fn comparison(&mut self) -> Result<Filter, ParseError> {
        let start = self.at;
        let (operator, sign, end) = self.operator()?;
        let written = trim(&self.text[start..sign]);
        let null = matches!(operator, Operator::Null { .. });
        let (name, not) = if null {
            (written, false)
        } else {
            strip_not(written)
        };
        if name.is_empty() {
            return Err(ParseError::new(
                "Invalid or unparsable field in filter request: ''",
                start,
            ));
        }
        let field = FieldRef {
            text: name.to_owned(),
            at: start,
        };
        self.at = end;
        Ok(match operator {
            Operator::Compare(op) => {
                let value = self.operand(Place::Alone {
                    op,
                    open: self.parentheses == 0,
                })?;
                Filter::Compare {
                    field,
                    op,
                    value,
                    negated: not,
                }
            }
            Operator::In => Filter::In {
                field,
                values: self.list(Place::List)?,
                negated: not,
            },
            Operator::Between => {
                let (low, high) = self.ends()?;
                Filter::Between {
                    field,
                    low,
                    high,
                    negated: not,
                }
            }
            Operator::Null { negated } => Filter::Null { field, negated },
        })
    }

    /// The first operator from here on that is not inside parentheses, its offset and the offset after it.
    fn operator(&self) -> Result<(Operator, usize, usize), ParseError> {
        let bytes = self.text.as_bytes();
        let mut depth = 0usize;
        for (i, byte) in bytes.iter().enumerate().skip(self.at) {
            match byte {
                b'(' => depth += 1,
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                _ if depth == 0 => {
                    if let Some((operator, end)) = operator_at(self.text, i) {
                        return Ok((operator, i, end));
                    }
                }
                _ => {}
            }
        }
        Err(ParseError::new(UNPARSABLE, self.at))
    }

    fn operand(&mut self, place: Place) -> Result<Operand, ParseError> {
        let (value, end) = operand(self.text, self.at, place)?;
        self.at = end;
        Ok(value)
    }

    /// Values between parentheses, at least one.
    fn list(&mut self, place: Place) -> Result<Vec<Operand>, ParseError> {
        self.blanks();
        let unwrapped = ParseError::new(UNWRAPPED, self.at);
        if self.peek() != Some(b'(') {
            return Err(unwrapped);
        }
        self.at += 1;
        if self.text.as_bytes().get(skip_blanks(self.text, self.at)) == Some(&b')') {
            return Err(unwrapped);
        }
        let mut values = Vec::new();
        loop {
            values.push(self.operand(place)?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b')') => break,
                _ => return Err(unwrapped),
            }
        }
        self.at += 1;
        Ok(values)
    }

    /// The two ends of BETWEEN, as `2 and 4` or as `(2, 4)`.
    fn ends(&mut self) -> Result<(Operand, Operand), ParseError> {
        self.blanks();
        let start = self.at;
        if self.peek() == Some(b'(')
            && let Ok(values) = self.list(Place::EndInList)
            && let Ok([low, high]) = <[Operand; 2]>::try_from(values)
            && matches!(
                self.text.as_bytes().get(skip_blanks(self.text, self.at)),
                None | Some(b')')
            )
        {
            return Ok((low, high));
        }
        self.at = start;
        let low = self.operand(Place::Low)?;
        if self.logical(&[Logical::And]).is_none() {
            let message = format!("{UNPARSABLE} BETWEEN needs two values.");
            return Err(ParseError::new(message, self.at));
        }
        Ok((low, self.operand(Place::High)?))
    }
}

/// The offset after NOT, when it stands at `at` as a word.
fn not_at(text: &str, at: usize) -> Option<usize> {
    let end = at + "NOT".len();
    (starts_with(text, at, "NOT") && is_word_end(text, end)).then_some(end)
}

/// Takes NOT from the end of a field: `name not like …`.
fn strip_not(written: &str) -> (&str, bool) {
    let Some(at) = written.len().checked_sub("NOT".len()) else {
        return (written, false);
    };
    let negated = at > 0 && starts_with(written, at, "NOT") && is_blank(written.as_bytes()[at - 1]);
    if negated {
        (trim(&written[..at]), true)
    } else {
        (written, false)
    }
}
