//! What the configuration of a service says of its server.

use crate::login::Login;
use crate::trust::Trust;
use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};
use files::{Address, PUBLIC_PATH, ROOT_FOLDER, TIMEOUT, setting};
use std::path::Path;

/// Port when none is given.
const PORT: u16 = 22;

/// The configuration of `sftp_file`.
pub(crate) const SPEC: ConfigSpec = ConfigSpec {
    groups: &[SERVER, PUBLIC_PATH, ROOT_FOLDER],
};

const SERVER: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::text("host", "Host", "SFTP server host name or IP address.")
    },
    ConfigField {
        kind: ConfigKind::Integer,
        default: ConfigDefault::Integer(PORT as i64),
        ..ConfigField::text("port", "Port", "SFTP server port number. Default is 22.")
    },
    ConfigField::text("username", "Username", "SFTP server username."),
    ConfigField {
        kind: ConfigKind::Secret,
        secret: true,
        ..ConfigField::text("password", "Password", "SFTP server user password.")
    },
    TIMEOUT,
    ConfigField {
        kind: ConfigKind::LongText,
        ..ConfigField::text(
            "host_fingerprint",
            "Host Finger Print",
            "Finger print of the public key of the host you are connecting to.",
        )
    },
    ConfigField {
        kind: ConfigKind::Secret,
        secret: true,
        ..ConfigField::text(
            "private_key",
            "Private Key",
            "Private key (string or path to local file)",
        )
    },
];

/// A server, and what is needed to use it.
pub(crate) struct Server {
    pub(crate) address: Address,
    pub(crate) trust: Trust,
    pub(crate) login: Login,
    /// The root folder as the configuration names it.
    pub(crate) root: String,
}

/// Reads a configuration. `data` is the folder of the instance's data, in which keys of servers are remembered.
///
/// Fails with 400 when the address or a fingerprint cannot be read.
pub(crate) fn server(config: &Map<String, Value>, data: &Path) -> Result<Server, Problem> {
    let own = |name: &str| setting(config, name).map(str::to_owned);
    // A password may begin or end with blanks.
    let password = config.get("password").and_then(Value::as_str);
    Ok(Server {
        address: Address::read(config, PORT)?,
        trust: Trust::read(setting(config, "host_fingerprint"), data)?,
        login: Login {
            user: own("username").unwrap_or_default(),
            password: password.filter(|text| !text.is_empty()).map(str::to_owned),
            key: own("private_key"),
        },
        // Relative ones begin where the server puts those who log in.
        root: own("container").unwrap_or_else(|| ".".into()),
    })
}
