//! The verbs of the API and sets of them.

use std::fmt;

/// A verb of the API. `MERGE` is read as [`Verb::Patch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// Read. `HEAD` is read as a GET whose body the door leaves out.
    Get,
    /// Create, or a tunnel for another verb.
    Post,
    /// Update; for records the same as PATCH.
    Put,
    /// Update of the fields that are sent.
    Patch,
    /// Delete.
    Delete,
    /// What a browser asks before a cross-origin call.
    Options,
}

impl Verb {
    /// The five verbs a role can grant, in the order in which clients expect them.
    pub const GRANTABLE: [Verb; 5] = [Verb::Get, Verb::Post, Verb::Put, Verb::Patch, Verb::Delete];

    /// Reads a verb from text, in any case. `None` when it is not a verb of the API.
    pub fn parse(text: &str) -> Option<Verb> {
        Some(match text.to_ascii_uppercase().as_str() {
            "GET" | "HEAD" => Verb::Get,
            "POST" => Verb::Post,
            "PUT" => Verb::Put,
            "PATCH" | "MERGE" => Verb::Patch,
            "DELETE" => Verb::Delete,
            "OPTIONS" => Verb::Options,
            _ => return None,
        })
    }

    /// The bit of this verb in a role's `verb_mask`.
    pub const fn bit(self) -> u8 {
        match self {
            Verb::Get => 1,
            Verb::Post => 2,
            Verb::Put => 4,
            Verb::Patch => 8,
            Verb::Delete => 16,
            Verb::Options => 32,
        }
    }

    /// The grantable verb that has this bit; `None` for no bit, several, and those of other verbs.
    pub fn of_bit(mask: i64) -> Option<Verb> {
        Verb::GRANTABLE
            .into_iter()
            .find(|verb| i64::from(verb.bit()) == mask)
    }

    /// The upper-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Put => "PUT",
            Verb::Patch => "PATCH",
            Verb::Delete => "DELETE",
            Verb::Options => "OPTIONS",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of verbs: the `verb_mask` of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verbs(pub u8);

impl Verbs {
    /// GET, POST, PUT, PATCH and DELETE.
    pub const ALL: Verbs = Verbs(31);

    /// Whether the set holds `verb`.
    pub const fn contains(self, verb: Verb) -> bool {
        self.0 & verb.bit() != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both sets together.
    pub const fn union(self, other: Verbs) -> Verbs {
        Verbs(self.0 | other.0)
    }

    /// The names of the grantable verbs in the set, in the fixed order.
    pub fn names(self) -> Vec<&'static str> {
        Verb::GRANTABLE
            .into_iter()
            .filter(|v| self.contains(*v))
            .map(Verb::as_str)
            .collect()
    }
}
