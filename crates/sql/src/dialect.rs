//! What differs between databases, as data and a few functions. A dialect lives in its connector.

use crate::{Moment, Scalar};

/// How placeholders are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholders {
    /// `?`
    Question,
    /// `$1`, `$2`, …
    Dollar,
}

/// How the place of NULLs in an order is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// `NULLS FIRST`, `NULLS LAST`.
    Keyword,
    /// By sorting on `expr IS NULL` before.
    IsNullFirst,
}

/// How membership in a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InSet {
    /// `IN (?, ?, …)`, its length rounded up to a power of two by repeating the last value, so that few
    /// different statements arise.
    List,
    /// `= ANY($1)`, the values as one array in the database's text form.
    AnyArray,
}

/// Writes a name between two signs, which are doubled inside of it: what most dialects do to quote.
pub fn quoted(name: &str, sign: char, out: &mut String) {
    out.push(sign);
    if name.contains(sign) {
        for c in name.chars() {
            out.extend(std::iter::repeat_n(c, if c == sign { 2 } else { 1 }));
        }
    } else {
        out.push_str(name);
    }
    out.push(sign);
}

/// A dialect of SQL.
pub trait Dialect: Send + Sync {
    /// Name, for tests and logs.
    fn name(&self) -> &'static str;

    /// Appends an identifier, quoted, its own quote signs doubled.
    fn quote(&self, identifier: &str, out: &mut String);

    /// Placeholder style.
    fn placeholders(&self) -> Placeholders;

    /// Way of writing the place of NULLs.
    fn nulls(&self) -> Nulls;

    /// Way of writing membership.
    fn in_set(&self) -> InSet {
        InSet::List
    }

    /// Whether INSERT can give back columns (`RETURNING`).
    fn returning(&self) -> bool;

    /// Text of an INSERT without values: `DEFAULT VALUES` or `() VALUES ()`.
    fn default_row(&self) -> &'static str {
        "DEFAULT VALUES"
    }

    /// Text that stands for "no limit" where OFFSET needs a LIMIT; `None` where it does not.
    fn no_limit(&self) -> Option<&'static str> {
        None
    }

    /// Whether the dialect has a XOR operator; otherwise it is written with `<>`.
    fn xor(&self) -> bool {
        false
    }

    /// The text form of an array for [`InSet::AnyArray`].
    fn array(&self, _values: &[Scalar]) -> Scalar {
        Scalar::Null
    }

    /// A function to wrap a column in when it is read, for native types the driver cannot decode: the text before
    /// and after the quoted column, as in `("CAST(", " AS text)")`.
    fn read_as(&self, _native: &str) -> Option<(&'static str, &'static str)> {
        None
    }

    /// The counterpart of [`Dialect::read_as`]: what to wrap a bound value in for a column of a native type that takes
    /// no text, as in `("ST_GeomFromText(", ")")`.
    fn write_as(&self, _native: &str) -> Option<(&'static str, &'static str)> {
        None
    }

    /// The text that makes JSON objects separated by commas of the rows of a table of this name, as an aggregate;
    /// `None` where the database cannot.
    fn json_rows(&self, _quoted: &str) -> Option<String> {
        None
    }

    /// Whether [`Dialect::json_rows`] writes values of a native type in the very form of an answer, to the byte.
    fn json_writes(&self, _native: &str) -> bool {
        false
    }

    /// Text before and after an expression that turns it into text.
    fn as_text(&self) -> (&'static str, &'static str);

    /// Text before and after a bound number that is not to be taken for a whole one; empty where the value itself
    /// says what it is.
    fn as_number(&self) -> (&'static str, &'static str) {
        ("", "")
    }

    /// What follows a LIKE pattern to make `\` the escape sign; empty where it is already.
    fn like_escape(&self) -> &'static str {
        ""
    }

    /// The clock, moved by a span.
    fn moment(&self, moment: Moment) -> String;

    /// Text as a literal, for statements that cannot bind: quote signs doubled, and whatever else this database
    /// would not take as it stands.
    fn text_literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }

    /// A truth value as a literal.
    fn boolean_literal(&self, flag: bool) -> &'static str {
        if flag { "1" } else { "0" }
    }

    /// Whether the database refuses digits beyond a decimal's precision. What it would refuse is refused before it
    /// is sent, so that a refused row uses up no key.
    fn strict_decimals(&self) -> bool {
        false
    }

    /// Whether a column of whole numbers would keep a fraction; it is then cut off before it is bound. Elsewhere the
    /// database says what becomes of it.
    fn keeps_fractions(&self) -> bool {
        false
    }

    /// A query for the distance between keys that one INSERT of several rows makes, for databases that tell only
    /// the first of them. `None` where the keys come back by RETURNING or cannot be known.
    fn key_step(&self) -> Option<&'static str> {
        None
    }

    /// Greatest number of bound values in one statement.
    fn max_values(&self) -> usize;
}
