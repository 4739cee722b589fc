//! Where a SOAP service is described, and what every call brings along.

use crate::wsdl::Version;
use contract::{ConfigField, ConfigKind, ConfigSpec, Map, Problem, Settings, Value};
use outbound::Trust;
use reqwest::{Client, Proxy};
use std::time::Duration;

/// Configuration of `soap`. Headers and options hold logins, so both are encrypted at rest.
pub(crate) const SPEC: ConfigSpec = ConfigSpec {
    groups: &[
        &[
            ConfigField::text(
                "wsdl",
                "WSDL URI",
                "This is the location of the WSDL file describing the SOAP connection, or null if not available.",
            ),
            ConfigField {
                kind: ConfigKind::Object,
                secret: true,
                ..ConfigField::text(
                    "options",
                    "Options",
                    "An array of options for the connection. For further options, see http://php.net/manual/en/soapclient.soapclient.php. For stream_context options, provide a JSON object string with the various options for the value.",
                )
            },
            ConfigField {
                kind: ConfigKind::Rows(HEADER),
                secret: true,
                shown: Some(COLUMN_AND_ITEMS),
                ..ConfigField::text(
                    "headers",
                    "Headers",
                    "An array of headers for the connection. For further info, see http://php.net/manual/en/class.soapheader.php. TIP: Select type \"WSSE\" and write \"password\", \"username\" into Name field if you want pass username and password into WSSE header.",
                )
            },
            ConfigField::text(
                "wsse_username_token",
                "WSSE Username Token",
                "WSSE Username Token",
            ),
        ],
        outbound::CACHE,
    ],
};

static HEADER: &[ConfigField] = &[
    ConfigField {
        shown: Some(&["label", "name", "type", "values"]),
        ..ConfigField::optional(
            "type",
            "Type",
            ConfigKind::Picklist(&[("generic", "Generic"), ("wsse", "WSSE")]),
            "",
        )
    },
    member("namespace", "Namespace", ConfigKind::Text),
    member("name", "Name", ConfigKind::Text),
    member("data", "Data", ConfigKind::Text),
    member("mustunderstand", "MustUnderstand", ConfigKind::Boolean),
    member("actor", "Actor", ConfigKind::Text),
];

const fn member(name: &'static str, label: &'static str, kind: ConfigKind) -> ConfigField {
    ConfigField {
        shown: Some(&["label", "name", "type"]),
        ..ConfigField::optional(name, label, kind, "")
    }
}

/// This list of objects is told of as a column as well.
const COLUMN_AND_ITEMS: &[&str] = &[
    "alias",
    "name",
    "label",
    "description",
    "native",
    "type",
    "length",
    "precision",
    "scale",
    "default",
    "required",
    "allow_null",
    "fixed_length",
    "supports_multibyte",
    "is_primary_key",
    "is_unique",
    "is_foreign_key",
    "ref_table",
    "ref_field",
    "ref_on_update",
    "ref_on_delete",
    "picklist",
    "validation",
    "db_function",
    "is_virtual",
    "is_aggregate",
    "items",
];

/// A header that is sent.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) data: String,
    pub(crate) must_understand: bool,
    pub(crate) actor: String,
}

/// A login in the headers, as WS-Security has it.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
    /// Name of the token in the message.
    pub(crate) token: String,
}

/// A configuration that was read.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) wsdl: String,
    pub(crate) version: Version,
    /// Where calls go, instead of where the description says.
    pub(crate) location: Option<String>,
    /// The namespace of functions where there is no description.
    pub(crate) uri: Option<String>,
    pub(crate) headers: Vec<Header>,
    pub(crate) login: Option<Login>,
}

impl Config {
    /// Fails with 400 when neither a description is named, nor what stands for it.
    pub(crate) fn read(config: &Map<String, Value>) -> Result<Config, Problem> {
        let options = options(config);
        let (mut user, mut password) = (None, None);
        let mut headers = Vec::new();
        let rows = config
            .get("headers")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for row in rows.filter_map(Value::as_object) {
            let field = |name: &str| text(row, name).unwrap_or_default();
            match (field("type").as_str(), field("name").as_str()) {
                ("wsse", "username") => user = Some(field("data")),
                ("wsse", "password") => password = Some(field("data")),
                ("wsse", _) | (_, "") => {}
                _ => headers.push(Header {
                    namespace: field("namespace"),
                    name: field("name"),
                    data: field("data"),
                    must_understand: row.get("mustunderstand") == Some(&Value::Bool(true)),
                    actor: field("actor"),
                }),
            }
        }
        let read = Config {
            wsdl: text(config, "wsdl").unwrap_or_default(),
            version: match text(&options, "soap_version").as_deref() {
                Some("2" | "SOAP_1_2" | "1.2") => Version::V12,
                _ => Version::V11,
            },
            location: text(&options, "location"),
            uri: text(&options, "uri"),
            headers,
            login: user.map(|user| Login {
                user,
                password: password.unwrap_or_default(),
                token: text(config, "wsse_username_token").unwrap_or_else(|| "UsernameToken-1".to_owned()),
            }),
        };
        if read.wsdl.is_empty() && (read.location.is_none() || read.uri.is_none()) {
            return Err(Problem::bad_request(
                "A SOAP service needs a WSDL, or the options 'location' and 'uri'.",
            ));
        }
        Ok(read)
    }
}

/// The client that the options ask for.
///
/// Fails with 400 for logins that cannot be made, and values that cannot be used.
pub(crate) fn client(config: &Map<String, Value>, settings: &Settings) -> Result<Client, Problem> {
    let options = options(config);
    let option = |name: &str| text(&options, name);
    if option("ntlm_username").is_some() {
        return Err(Problem::bad_request(
            "NTLM is no way to log in that SOAP services can use here.",
        ));
    }
    let mut builder = outbound::configured(Trust::Public)?
        .timeout(Duration::from_secs(settings.request_timeout))
        .redirect(outbound::same_server(5));
    if let Some(login) = option("login") {
        builder = builder.default_headers(outbound::basic(&login, &option("password").unwrap_or_default())?);
    }
    if let Some(agent) = option("user_agent") {
        builder = builder.user_agent(agent);
    }
    if let Some(seconds) = option("connection_timeout") {
        let seconds = seconds.parse().ok().filter(|seconds| *seconds > 0);
        let seconds = seconds.ok_or_else(|| {
            Problem::bad_request("The option 'connection_timeout' must be a number of seconds.")
        })?;
        builder = builder.connect_timeout(Duration::from_secs(seconds));
    }
    if let Some(host) = option("proxy_host") {
        let address = format!(
            "http://{host}:{}",
            option("proxy_port").unwrap_or_else(|| "8080".into())
        );
        let mut proxy = Proxy::all(&address)
            .map_err(|_| Problem::bad_request("The option 'proxy_host' is no name of a host."))?;
        if let Some(login) = option("proxy_login") {
            proxy = proxy.basic_auth(&login, &option("proxy_password").unwrap_or_default());
        }
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(Problem::internal)
}

/// Options by their names in lower case.
fn options(config: &Map<String, Value>) -> Map<String, Value> {
    let options = config.get("options").and_then(Value::as_object);
    let options = options.into_iter().flatten();
    options
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.clone()))
        .collect()
}

fn text(row: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match row.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}
