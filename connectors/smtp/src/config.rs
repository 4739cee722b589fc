//! Where the server is and how it is spoken to.

use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Settings, Value};

/// Configuration of `smtp_email`.
pub(crate) const SMTP: ConfigSpec = ConfigSpec {
    groups: &[SERVER, messaging::PARAMETERS, messaging::SENDER],
};

/// Configuration of `local_email`.
pub(crate) const LOCAL: ConfigSpec = ConfigSpec {
    groups: &[messaging::SENDER],
};

static SERVER: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::text("host", "Host", "SMTP Host.")
    },
    ConfigField {
        default: ConfigDefault::Text("587"),
        ..ConfigField::text("port", "Port", "SMTP Port (default: 587).")
    },
    ConfigField::text(
        "encryption",
        "Encryption",
        "'tls' insists on STARTTLS, 'ssl' is TLS from the first byte, 'none' is none; empty: STARTTLS where offered.",
    ),
    ConfigField {
        secret: true,
        ..ConfigField::text("username", "Username", "SMTP Username.")
    },
    ConfigField {
        kind: ConfigKind::Password,
        secret: true,
        ..ConfigField::text("password", "Password", "SMTP Password.")
    },
];

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// STARTTLS where the server offers it.
    Opportunistic,
    /// STARTTLS, or nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None.
    Plain,
}

impl Encryption {
    fn parse(text: &str) -> Option<Encryption> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "" => Encryption::Opportunistic,
            "tls" | "starttls" => Encryption::StartTls,
            "ssl" | "smtps" => Encryption::Tls,
            "none" => Encryption::Plain,
            _ => return None,
        })
    }
}

/// A server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
    pub(crate) credentials: Option<(String, String)>,
}

/// The server of a service's configuration.
pub(crate) fn of_service(config: &Map<String, Value>) -> Result<Server, Problem> {
    let text = |name: &str| {
        let value = config.get(name).and_then(|value| match value {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        value.filter(|text| !text.is_empty())
    };
    let host = text("host").ok_or_else(|| Problem::bad_request("An SMTP service needs a host."))?;
    let port = match text("port") {
        None => 587,
        Some(port) => port
            .parse()
            .map_err(|_| Problem::bad_request("The port of an SMTP service must be from 1 to 65535."))?,
    };
    let encryption = Encryption::parse(&text("encryption").unwrap_or_default()).ok_or_else(|| {
        Problem::bad_request("The encryption of an SMTP service must be tls, ssl, none or empty.")
    })?;
    Ok(Server {
        host,
        port,
        encryption,
        credentials: text("username").map(|name| (name, text("password").unwrap_or_default())),
    })
}

/// The server of the instance's settings; `None` when they name none.
pub(crate) fn of_instance(settings: &Settings) -> Result<Option<Server>, Problem> {
    let Some(host) = settings.mail_host.clone().filter(|host| !host.trim().is_empty()) else {
        return Ok(None);
    };
    let user = settings.mail_username.clone();
    Ok(Some(Server {
        host,
        port: u16::try_from(settings.mail_port).map_err(Problem::internal)?,
        // The settings take these names only.
        encryption: Encryption::parse(&settings.mail_encryption).unwrap_or(Encryption::StartTls),
        credentials: user.map(|name| (name, settings.mail_password.clone().unwrap_or_default())),
    }))
}
