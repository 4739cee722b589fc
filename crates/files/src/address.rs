//! Where the server of a store is, as the configuration of a service names it.

use contract::{ConfigDefault, ConfigField, ConfigKind, Map, Problem, Value};
use std::time::Duration;

/// Time that a server has when the configuration gives it none.
const SECONDS: i64 = 90;
/// Longest time that a configuration may give a server.
const MOST_SECONDS: i64 = 600;

/// The configuration field `timeout`.
pub const TIMEOUT: ConfigField = ConfigField {
    kind: ConfigKind::Integer,
    default: ConfigDefault::Integer(SECONDS),
    ..ConfigField::text(
        "timeout",
        "Timeout",
        "Number of seconds before the connection will timeout. Default is 90 seconds.",
    )
};

/// The configuration field that names a root folder on a server.
pub const ROOT_FOLDER: &[ConfigField] = &[ConfigField::optional(
    "container",
    "Root folder",
    ConfigKind::LongText,
    "Enter a full path for a root folder.",
)];

/// A server that files lie on: `host`, `port` and `timeout` of a service's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Name or address in figures, in lower case.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Time to connect, and for each step.
    pub timeout: Duration,
}

impl Address {
    /// Reads an address; `port` is the one where none is given.
    ///
    /// Fails with 400 when there is no host, or it holds what no host can, or the port is none.
    pub fn read(config: &Map<String, Value>, port: u16) -> Result<Address, Problem> {
        let host = setting(config, "host").unwrap_or_default();
        let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']' | '%');
        if host.is_empty() || !host.chars().all(is_host) {
            return Err(Problem::bad_request(
                "The service's configuration field 'host' must be the name or the address of a server.",
            ));
        }
        let number = |name: &str| config.get(name).and_then(Value::as_i64);
        let port = match number("port") {
            None => port,
            Some(port) => u16::try_from(port).ok().filter(|port| *port > 0).ok_or_else(|| {
                Problem::bad_request("The service's configuration field 'port' must be from 1 to 65535.")
            })?,
        };
        let seconds = number("timeout")
            .filter(|seconds| *seconds > 0)
            .unwrap_or(SECONDS);
        let seconds = seconds.min(MOST_SECONDS).unsigned_abs();
        Ok(Address {
            host: host.trim_matches(['[', ']']).to_lowercase(),
            port,
            timeout: Duration::from_secs(seconds),
        })
    }
}

/// The text of a field of a service's configuration, when it holds more than blanks.
pub fn setting<'c>(config: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    let text = config.get(name).and_then(Value::as_str).map(str::trim);
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(config: Value) -> Result<Address, Problem> {
        Address::read(config.as_object().unwrap(), 22)
    }

    #[test]
    fn addresses_have_defaults_and_bounds() {
        let address = read(json!({"host": " Files.Example.COM ", "port": null})).unwrap();
        assert_eq!((address.host.as_str(), address.port), ("files.example.com", 22));
        assert_eq!(address.timeout, Duration::from_secs(90));
        let address = read(json!({"host": "[::1]", "port": 2022, "timeout": 100_000})).unwrap();
        assert_eq!((address.host.as_str(), address.port), ("::1", 2022));
        assert_eq!(address.timeout, Duration::from_secs(600));
        for wrong in [
            json!({}),
            json!({"host": ""}),
            json!({"host": "a b"}),
            json!({"host": "a\nb"}),
            json!({"host": "a", "port": 0}),
            json!({"host": "a", "port": 70_000}),
        ] {
            assert_eq!(read(wrong.clone()).unwrap_err().status(), 400, "{wrong}");
        }
    }
}
