//! What the configuration of a service says of its server.

use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};
use files::{Address, PUBLIC_PATH, ROOT_FOLDER, TIMEOUT, setting};
use outbound::Trust;
use rustls::ClientConfig;
use std::sync::Arc;

/// Port when none is given.
const PORT: u16 = 21;
/// Who logs in when the configuration names nobody.
const ANONYMOUS: &str = "anonymous";

/// The configuration of `ftp_file`.
pub(crate) const SPEC: ConfigSpec = ConfigSpec {
    groups: &[SERVER, PUBLIC_PATH, ROOT_FOLDER],
};

const SERVER: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::text("host", "Host", "FTP server host name or IP address.")
    },
    ConfigField {
        kind: ConfigKind::Integer,
        default: ConfigDefault::Integer(PORT as i64),
        ..ConfigField::text("port", "Port", "FTP server port number. Default is 21.")
    },
    ConfigField::text("username", "Username", "FTP server username."),
    ConfigField {
        kind: ConfigKind::Secret,
        secret: true,
        ..ConfigField::text("password", "Password", "FTP server user password.")
    },
    ConfigField {
        kind: ConfigKind::Boolean,
        default: ConfigDefault::Boolean(false),
        ..ConfigField::text("ssl", "SSL", "Check to enable SSL.")
    },
    TIMEOUT,
    ConfigField {
        kind: ConfigKind::Boolean,
        default: ConfigDefault::Boolean(true),
        ..ConfigField::text("passive", "Passive", "Check to enable passive mode")
    },
];

/// A server, and what is needed to use it.
pub(crate) struct Server {
    pub(crate) address: Address,
    pub(crate) user: String,
    pub(crate) password: String,
    /// How TLS is spoken; none when it is not wanted. Shared, so that data connections take sessions up again.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// Whether we make the data connections, and not the server.
    pub(crate) is_passive: bool,
    /// The root folder as the configuration names it; none for where the server puts those who log in.
    pub(crate) root: Option<String>,
}

/// Reads a configuration. Fails with 400 when the address or a text cannot be one.
pub(crate) fn server(config: &Map<String, Value>) -> Result<Server, Problem> {
    let line = |name: &str, text: &str| match text.chars().any(char::is_control) {
        true => Err(Problem::bad_request(format!(
            "The service's configuration field '{name}' must be one line."
        ))),
        false => Ok(text.to_owned()),
    };
    let flag = |name: &str| config.get(name).and_then(Value::as_bool);
    // A password may begin or end with blanks.
    let password = config.get("password").and_then(Value::as_str);
    let tls = match flag("ssl").unwrap_or(false) {
        true => Some(Arc::new(outbound::tls(Trust::Public)?)),
        false => None,
    };
    Ok(Server {
        address: Address::read(config, PORT)?,
        user: line("username", setting(config, "username").unwrap_or(ANONYMOUS))?,
        password: line("password", password.unwrap_or_default())?,
        tls,
        is_passive: flag("passive").unwrap_or(true),
        root: setting(config, "container")
            .map(|root| line("container", root))
            .transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn commands_are_one_line() {
        let read = |config: Value| server(config.as_object().unwrap());
        let server = read(json!({"host": "h"})).unwrap();
        assert_eq!((server.user.as_str(), server.is_passive), ("anonymous", true));
        for field in ["username", "password", "container"] {
            let mut config = json!({"host": "h"});
            config[field] = json!("a\r\nDELE b");
            assert_eq!(
                read(config).err().map(|problem| problem.status()),
                Some(400),
                "{field}"
            );
        }
    }
}
