//! What was called, as text: service, path and parameters.

use crate::Incoming;
use contract::MASK;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::fmt::{self, Write};

/// Bytes that are kept without an allocation.
const SHORT: usize = 224;
/// Most bytes that are kept.
const LONGEST: usize = 1024;
/// What would end a value of a parameter, or cannot stand in an address.
const ENDS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'&')
    .add(b'#')
    .add(b'%')
    .add(b'+')
    .add(b'"')
    .add(b'<')
    .add(b'>');
/// Parts of names of parameters whose values are secrets.
const SECRETS: [&str; 7] = [
    "password",
    "secret",
    "token",
    "api_key",
    "apikey",
    "signature",
    "security_answer",
];
/// Such a parameter by its whole name, which is part of harmless ones: what resets a password.
const RESET_CODE: &str = "code";

/// What was called: `service/path?name=value`, cut where it is too long.
#[derive(Clone)]
pub struct Target {
    text: Text,
    /// Where the service's name ends.
    service: usize,
}

#[derive(Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "the usual one is the large one, and is there to save an allocation"
)]
enum Text {
    Short { bytes: [u8; SHORT], length: usize },
    Long(String),
}

impl Target {
    pub(super) fn of(call: &Incoming) -> Target {
        let mut target = Target {
            text: Text::Short {
                bytes: [0; SHORT],
                length: 0,
            },
            service: 0,
        };
        // Writing stops with an error where the text is long enough.
        let _ = target.write_str(&call.service);
        target.service = target.length();
        let _ = target.parts(call);
        target
    }

    fn parts(&mut self, call: &Incoming) -> fmt::Result {
        if !call.path.is_empty() {
            self.write_char('/')?;
            self.write_str(&call.path)?;
        }
        if call.trailing_slash {
            self.write_char('/')?;
        }
        for (number, (name, value)) in call.params.0.iter().enumerate() {
            self.write_char(if number == 0 { '?' } else { '&' })?;
            self.encoded(name)?;
            self.write_char('=')?;
            match is_secret(name) {
                true => self.write_str(MASK)?,
                false => self.encoded(value)?,
            }
        }
        Ok(())
    }

    fn encoded(&mut self, text: &str) -> fmt::Result {
        utf8_percent_encode(text, ENDS).try_for_each(|piece| self.write_str(piece))
    }

    /// The service's name.
    pub fn service(&self) -> &str {
        &self.as_str()[..self.service]
    }

    /// What follows the service's name and a slash.
    pub fn below(&self) -> &str {
        let rest = &self.as_str()[self.service..];
        rest.strip_prefix('/').unwrap_or(rest)
    }

    fn length(&self) -> usize {
        match &self.text {
            Text::Short { length, .. } => *length,
            Text::Long(text) => text.len(),
        }
    }

    fn as_str(&self) -> &str {
        match &self.text {
            // Only whole characters are written.
            Text::Short { bytes, length } => std::str::from_utf8(&bytes[..*length]).unwrap_or_default(),
            Text::Long(text) => text,
        }
    }
}

fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|part| super::contains(name, part)) || name == RESET_CODE
}

impl Write for Target {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = LONGEST - self.length();
        let kept = &more[..more.floor_char_boundary(room)];
        match &mut self.text {
            Text::Short { bytes, length } if *length + kept.len() <= SHORT => {
                bytes[*length..*length + kept.len()].copy_from_slice(kept.as_bytes());
                *length += kept.len();
            }
            Text::Short { .. } => {
                let mut text = String::with_capacity(LONGEST);
                text.push_str(self.as_str());
                text.push_str(kept);
                self.text = Text::Long(text);
            }
            Text::Long(text) => text.push_str(kept),
        }
        if kept.len() == more.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incoming::tests::call;
    use contract::{Params, Verb};

    fn target(path: &str, params: &[(&str, &str)]) -> Target {
        let mut call = call(Verb::Get, path);
        call.params = Params(
            params
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
        );
        Target::of(&call)
    }

    #[test]
    fn parameters_are_kept_and_secrets_are_not() {
        let params = [
            ("filter", "(a = 'x & y')"),
            ("new_Password", "hunter2"),
            ("limit", "5"),
        ];
        let short = target("db/_table/t", &params);
        assert_eq!(short.service(), "db");
        assert_eq!(
            short.below(),
            "_table/t?filter=(a%20=%20'x%20%26%20y')&new_Password=**********&limit=5"
        );
        assert_eq!(
            (target("db", &[]).service(), target("db", &[]).below()),
            ("db", "")
        );
    }

    #[test]
    fn long_ones_are_cut_between_characters() {
        for length in [SHORT - 4, SHORT, SHORT + 1, 600, 5000] {
            let long = "é".repeat(length);
            let kept = target(&format!("db/{long}"), &[("limit", "1")]);
            let text = kept.as_str();
            assert!(text.len() <= LONGEST && text.starts_with("db/é"), "{length}");
            assert_eq!(text.ends_with("?limit=1"), 2 * length + 11 <= LONGEST, "{length}");
        }
    }
}
