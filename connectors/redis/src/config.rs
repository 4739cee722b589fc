//! Where the server of a cache service is.

use crate::server::Address;
use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};

/// Port of a server when the configuration names none.
const PORT: i64 = 6379;

/// Configuration of `cache_redis`.
pub(crate) const CACHE: ConfigSpec = ConfigSpec { groups: &[FIELDS] };

const FIELDS: &[ConfigField] = &[
    ConfigField {
        required: true,
        default: ConfigDefault::Text("127.0.0.1"),
        ..ConfigField::text("host", "Host", "IP Address/Hostname of your Redis server.")
    },
    ConfigField {
        default: ConfigDefault::Integer(PORT),
        ..ConfigField::optional("port", "Port", ConfigKind::Integer, "Redis Port number")
    },
    ConfigField {
        secret: true,
        ..ConfigField::optional("password", "Password", ConfigKind::Secret, "Redis Password")
    },
    ConfigField {
        default: ConfigDefault::Integer(0),
        ..ConfigField::optional("database_index", "Database Index", ConfigKind::Integer, "")
    },
    caching::DEFAULT_TTL,
    ConfigField::optional(
        "options",
        "Options",
        ConfigKind::Object,
        "An array of options for the Redis connection. For further details, see \
         <a>https://github.com/nrk/predis/wiki/Quick-tour#connection</a>",
    ),
];

/// The server of a service's configuration. 400 when a field cannot be used: an option that would be ignored might be
/// the one that was to encrypt the connection.
pub(crate) fn address(config: &Map<String, Value>) -> Result<Address, Problem> {
    let port = caching::number(config, "port").unwrap_or(PORT);
    let port = u16::try_from(port).ok().filter(|port| *port > 0);
    let database = caching::number(config, "database_index").unwrap_or_default();
    let mut address = Address {
        host: caching::text(config, "host").unwrap_or("127.0.0.1").to_owned(),
        port: port
            .ok_or_else(|| Problem::bad_request("The port of a Redis cache must be from 1 to 65535."))?,
        tls: false,
        database,
        username: None,
        password: caching::text(config, "password").map(str::to_owned),
    };
    if database < 0 {
        return Err(Problem::bad_request(
            "The database index of a Redis cache must not be negative.",
        ));
    }
    for (name, value) in config
        .get("options")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        match (name.as_str(), value.as_str().unwrap_or_default()) {
            ("scheme", "tcp" | "redis") => address.tls = false,
            ("scheme", "tls" | "rediss") => address.tls = true,
            ("username", user) => address.username = Some(user.to_owned()).filter(|user| !user.is_empty()),
            _ => {
                return Err(Problem::bad_request(
                    "The options of a Redis cache may hold 'scheme', which is 'tcp' or 'tls', and 'username'.",
                ));
            }
        }
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(config: Value) -> Result<Address, Problem> {
        address(config.as_object().unwrap())
    }

    #[test]
    fn options_are_known_or_refused() {
        let found =
            read(json!({"host": "h", "port": 7, "options": {"scheme": "tls", "username": "u"}})).unwrap();
        assert_eq!((found.host.as_str(), found.port, found.tls), ("h", 7, true));
        assert_eq!(found.username.as_deref(), Some("u"));
        for bad in [
            json!({"options": {"ssl": "true"}}),
            json!({"options": {"scheme": "unix"}}),
            json!({"port": 0}),
            json!({"database_index": -1}),
        ] {
            assert!(read(bad).is_err());
        }
    }
}
