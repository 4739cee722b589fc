//! Levels, as log libraries and syslog count them.

use contract::Problem;

/// A level: its name, its number in entries and its number in syslog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) number: u16,
    pub(crate) syslog: u8,
}

const fn level(name: &'static str, number: u16, syslog: u8) -> Level {
    Level { name, number, syslog }
}

/// The level of what names none.
pub(crate) const INFO: Level = level("INFO", 200, 6);

const LEVELS: [Level; 8] = [
    level("EMERGENCY", 600, 0),
    level("ALERT", 550, 1),
    level("CRITICAL", 500, 2),
    level("ERROR", 400, 3),
    level("WARNING", 300, 4),
    level("NOTICE", 250, 5),
    INFO,
    level("DEBUG", 100, 7),
];
/// Names that other libraries use.
const ALIASES: [(&str, &str); 3] = [("FATAL", "CRITICAL"), ("WARN", "WARNING"), ("TRACE", "DEBUG")];

impl Level {
    /// A level by its name, in any case. 400 when there is none.
    pub(crate) fn parse(name: &str) -> Result<Level, Problem> {
        let upper = name.trim().to_ascii_uppercase();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == upper);
        let known = alias.map_or(upper.as_str(), |(_, known)| known);
        let found = LEVELS.into_iter().find(|level| level.name == known);
        found.ok_or_else(|| Problem::bad_request(format!("Unknown log level [{upper}]")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_names_in_any_case() {
        assert_eq!(Level::parse("info").unwrap(), INFO);
        assert_eq!(Level::parse("fatal").unwrap().number, 500);
        assert_eq!(Level::parse("Trace").unwrap().syslog, 7);
        assert_eq!(
            Level::parse("loud").unwrap_err().message,
            "Unknown log level [LOUD]"
        );
    }
}
