//! A single value on its way into or out of a database.

/// A value to be bound, or one that was read. Dates and times travel as text in ISO order
/// (`2024-02-29`, `13:14:15`, `2024-02-29 13:14:15`); exact decimals as their digits.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Scalar {
    /// NULL.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64`.
    Uint(u64),
    /// A floating-point number.
    Float(f64),
    /// An exact decimal, as its digits.
    Decimal(String),
    /// Text, and everything that travels as text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Scalar {
    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Scalar::Null)
    }

    /// The value as text; `None` for NULL and for bytes that are not UTF-8.
    pub fn to_text(&self) -> Option<String> {
        Some(match self {
            Scalar::Null => return None,
            Scalar::Bool(b) => b.to_string(),
            Scalar::Int(n) => n.to_string(),
            Scalar::Uint(n) => n.to_string(),
            Scalar::Float(n) => n.to_string(),
            Scalar::Decimal(s) | Scalar::Text(s) => s.clone(),
            Scalar::Bytes(b) => std::str::from_utf8(b).ok()?.to_owned(),
        })
    }

    /// The value as a whole number, also from digits in text. `None` for everything else.
    pub fn to_int(&self) -> Option<i64> {
        match self {
            Scalar::Bool(b) => Some(i64::from(*b)),
            Scalar::Int(n) => Some(*n),
            Scalar::Uint(n) => i64::try_from(*n).ok(),
            Scalar::Float(n) if n.fract() == 0.0 => Some(*n as i64),
            Scalar::Decimal(s) | Scalar::Text(s) => s.parse().ok(),
            _ => None,
        }
    }
}

impl From<i64> for Scalar {
    fn from(n: i64) -> Scalar {
        Scalar::Int(n)
    }
}

impl From<bool> for Scalar {
    fn from(b: bool) -> Scalar {
        Scalar::Bool(b)
    }
}

impl From<&str> for Scalar {
    fn from(s: &str) -> Scalar {
        Scalar::Text(s.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(s: String) -> Scalar {
        Scalar::Text(s)
    }
}

impl<T: Into<Scalar>> From<Option<T>> for Scalar {
    fn from(value: Option<T>) -> Scalar {
        value.map_or(Scalar::Null, Into::into)
    }
}
