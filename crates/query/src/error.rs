//! Why a text was refused.

use std::error::Error;
use std::fmt;

/// A text that is not understood: one sentence for the caller, and the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The documented sentence.
    pub message: String,
    /// Byte offset in the text.
    pub at: usize,
}

impl ParseError {
    pub(crate) fn new(message: impl Into<String>, at: usize) -> ParseError {
        ParseError {
            message: message.into(),
            at,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ParseError {}
