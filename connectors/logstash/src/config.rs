//! Where logs go, what they hold, and which calls are logged.

use crate::level::{INFO, Level};
use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};

/// Configuration of `logstash`.
pub(crate) const LOGSTASH: ConfigSpec = ConfigSpec { groups: &[FIELDS] };

const FIELDS: &[ConfigField] = &[
    ConfigField {
        required: true,
        default: ConfigDefault::Text("127.0.0.1"),
        ..ConfigField::text(
            "host",
            "Host",
            "IP Address/Hostname that Logstash is listening on.",
        )
    },
    ConfigField {
        required: true,
        ..ConfigField::optional(
            "port",
            "Port",
            ConfigKind::Integer,
            "Port number that Logstash is listening on for inputs.",
        )
    },
    ConfigField {
        default: ConfigDefault::Text("gelf"),
        ..ConfigField::optional(
            "protocol",
            "Protocol/Format",
            ConfigKind::Picklist(&[
                ("gelf", "GELF (UDP)"),
                ("http", "HTTP"),
                ("tcp", "TCP"),
                ("udp", "UDP"),
            ]),
            "Network protocol/format that Logstash input is configured for.",
        )
    },
    ConfigField::optional(
        "context",
        "Log Context",
        ConfigKind::Several {
            legend: "Select data object(s) to capture",
            columns: 3,
            values: CONTEXT,
        },
        "Contextual data to capture with every log entry performed using this service.",
    ),
    ConfigField::optional(
        "service_event_map",
        "Service Event",
        ConfigKind::Rows(RULE),
        "Select event(s) to be logged.",
    ),
];

/// Parts of `_event` and `_platform` that entries can hold.
const CONTEXT: &[(&str, &str)] = &[
    ("_event.request", "Request All"),
    ("_event.request.content", "Request Content"),
    ("_event.request.content_type", "Request Content-Type"),
    ("_event.request.headers", "Request Headers"),
    ("_event.request.parameters", "Request Parameters"),
    ("_event.request.method", "Request Method"),
    ("_event.request.payload", "Request Payload"),
    ("_event.request.uri", "Request URI"),
    ("_event.request.service", "Request Service"),
    ("_event.request.resource", "Request Resource"),
    ("_event.resource", "API Resource"),
    ("_event.response", "Response All (for events only)"),
    (
        "_event.response.status_code",
        "Response Status Code (for events only)",
    ),
    ("_event.response.content", "Response Content (for events only)"),
    (
        "_event.response.content_type",
        "Response Content-Type (for events only)",
    ),
    ("_platform", "Platform All"),
    ("_platform.config", "Platform Config"),
    ("_platform.session", "Platform Session"),
    ("_platform.session.user", "Platform Session User"),
    ("_platform.session.api_key", "Platform Session API Key"),
];

const RULE: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::optional("event", "Event", ConfigKind::Event, "Select an Event.")
    },
    ConfigField {
        default: ConfigDefault::Text("INFO"),
        shown: Some(&["type", "name", "label", "allow_null", "default", "values"]),
        ..ConfigField::optional(
            "level",
            "Log Level",
            ConfigKind::Picklist(&[
                ("EMERGENCY", "EMERGENCY"),
                ("ALERT", "ALERT"),
                ("CRITICAL", "CRITICAL"),
                ("ERROR", "ERROR"),
                ("WARNING", "WARNING"),
                ("NOTICE", "NOTICE"),
                ("INFO", "INFO"),
                ("DEBUG", "DEBUG"),
            ]),
            "How loud it is.",
        )
    },
    ConfigField {
        shown: Some(&["type", "name", "label"]),
        ..ConfigField::optional("message", "Message", ConfigKind::LongText, "What is logged.")
    },
];

/// How entries travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Gelf,
    Http,
    Tcp,
    Udp,
}

/// Where entries go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) protocol: Protocol,
}

/// An event that is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) event: String,
    pub(crate) level: Level,
    pub(crate) message: Option<String>,
}

fn text<'a>(config: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let text = config.get(name).and_then(Value::as_str).map(str::trim);
    text.filter(|text| !text.is_empty())
}

/// Where entries go. 400 when that makes no sense.
pub(crate) fn target(config: &Map<String, Value>) -> Result<Target, Problem> {
    let protocol = match text(config, "protocol").unwrap_or("gelf") {
        "gelf" => Protocol::Gelf,
        "http" => Protocol::Http,
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        _ => {
            return Err(Problem::bad_request(
                "The protocol of a Logstash service must be gelf, http, tcp or udp.",
            ));
        }
    };
    let usual = if protocol == Protocol::Http { 8080 } else { 12202 };
    let port = config.get("port").and_then(Value::as_i64).unwrap_or(usual);
    let port = u16::try_from(port).ok().filter(|port| *port > 0);
    let host = text(config, "host").unwrap_or("127.0.0.1");
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if !host.chars().all(is_host) {
        return Err(Problem::bad_request(
            "The host of a Logstash service must be a name or an address.",
        ));
    }
    Ok(Target {
        host: host.to_owned(),
        port: port
            .ok_or_else(|| Problem::bad_request("The port of a Logstash service must be from 1 to 65535."))?,
        protocol,
    })
}

/// The parts that entries hold, as paths.
pub(crate) fn context(config: &Map<String, Value>) -> Vec<Vec<String>> {
    let names = config
        .get("context")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let paths = names.filter_map(|name| Some(name.as_str()?.split('.').map(str::to_owned).collect()));
    paths.collect()
}

/// The events that are logged. 400 for an unknown level.
pub(crate) fn rules(config: &Map<String, Value>) -> Result<Vec<Rule>, Problem> {
    let rows = config
        .get("service_event_map")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let rows = rows.filter_map(Value::as_object);
    rows.filter_map(|row| Some((row, text(row, "event")?)))
        .map(|(row, event)| {
            Ok(Rule {
                event: event.to_owned(),
                level: text(row, "level").map_or(Ok(INFO), Level::parse)?,
                message: text(row, "message").map(str::to_owned),
            })
        })
        .collect()
}
