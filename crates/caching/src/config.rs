//! Configuration that cache services share.

use contract::{ConfigDefault, ConfigField, ConfigKind, Map, Value};

/// How long entries are kept for which a call says nothing. The words are those that clients know from the original,
/// which counts seconds all the same, as we do.
pub const DEFAULT_TTL: ConfigField = ConfigField {
    default: ConfigDefault::Integer(300),
    ..ConfigField::optional(
        "default_ttl",
        "Default TTL",
        ConfigKind::Integer,
        "Time To Live - Time in minutes before the cached value expires",
    )
};

/// The text of a field, without blanks around it; `None` when nothing is left.
pub fn text<'a>(config: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let text = config.get(name).and_then(Value::as_str).map(str::trim);
    text.filter(|text| !text.is_empty())
}

/// The whole number of a field.
pub fn number(config: &Map<String, Value>, name: &str) -> Option<i64> {
    config.get(name).and_then(Value::as_i64)
}
