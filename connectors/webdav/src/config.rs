//! What the configuration of a service says of its server.

use crate::auth::{Auth, Scheme};
use crate::place::Base;
use contract::{ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};
use files::{PUBLIC_PATH, setting};
use reqwest::Proxy;

/// What stands for the ways to log in, and for encodings.
const BASIC: i64 = 1;
const DIGEST: i64 = 2;
const NTLM: i64 = 4;
const IDENTITY: i64 = 1;
const DEFLATE: i64 = 2;
const GZIP: i64 = 4;

/// The configuration of `webdav_file`.
pub(crate) const SPEC: ConfigSpec = ConfigSpec {
    groups: &[SERVER, PUBLIC_PATH, ROOT],
};

const SERVER: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::text(
            "base_uri",
            "Base Uri",
            "WebDAV base uri. This should only be the host. No resource or prefixes. For example: http://example.com \
             Not http://example.com/somefolder .",
        )
    },
    ConfigField::text("username", "Username", "WebDAV server username."),
    ConfigField {
        kind: ConfigKind::Secret,
        secret: true,
        ..ConfigField::text("password", "Password", "WebDAV server user password.")
    },
    ConfigField::optional(
        "auth_type",
        "Auth Type",
        ConfigKind::Choice(&[
            (None, "None"),
            (Some(BASIC), "Basic"),
            (Some(DIGEST), "Digest"),
            (Some(NTLM), "NTLM"),
        ]),
        "Auth Type. Valid options are basic, digest, ntlm.",
    ),
    ConfigField::optional(
        "encoding",
        "Encoding",
        ConfigKind::Choice(&[
            (None, "None"),
            (Some(IDENTITY), "Identity"),
            (Some(DEFLATE), "Deflate"),
            (Some(GZIP), "Gzip"),
        ]),
        "Encoding. Valid options are identity, deflate, gzip.",
    ),
    ConfigField::text("proxy", "Proxy", "Optional proxy server if any."),
];

const ROOT: &[ConfigField] = &[ConfigField::optional(
    "container",
    "Root folder/Path prefix",
    ConfigKind::LongText,
    "Enter a path prefix for a root folder.",
)];

/// A server, and what is needed to use it.
pub(crate) struct Server {
    pub(crate) base: Base,
    pub(crate) auth: Auth,
    /// Encodings in which lists may come.
    pub(crate) deflate: bool,
    pub(crate) gzip: bool,
    pub(crate) proxy: Option<Proxy>,
}

/// Reads a configuration. Fails with 400 when an address cannot be one, or the way to log in is not known here.
pub(crate) fn server(config: &Map<String, Value>) -> Result<Server, Problem> {
    let number = |name: &str| config.get(name).and_then(Value::as_i64);
    // A password may begin or end with blanks.
    let password = config.get("password").and_then(Value::as_str).unwrap_or_default();
    let login = setting(config, "username").map(|user| (user.to_owned(), password.to_owned()));
    let scheme = match number("auth_type") {
        None => Scheme::Asked,
        Some(BASIC) => Scheme::Basic,
        Some(DIGEST) => Scheme::Digest,
        Some(_) => {
            return Err(Problem::bad_request(
                "Logins by NTLM are not supported; choose Basic or Digest for 'auth_type'.",
            ));
        }
    };
    let proxy = setting(config, "proxy").map(Proxy::all).transpose();
    let proxy = proxy.map_err(|e| {
        let sentence = "The service's configuration field 'proxy' must be an address like http://host:3128.";
        Problem::bad_request(sentence).with_source(e)
    })?;
    Ok(Server {
        base: Base::read(
            setting(config, "base_uri").unwrap_or_default(),
            setting(config, "container").unwrap_or_default(),
        )?,
        auth: Auth::new(login, scheme),
        deflate: number("encoding") == Some(DEFLATE),
        gzip: number("encoding") == Some(GZIP),
        proxy,
    })
}
