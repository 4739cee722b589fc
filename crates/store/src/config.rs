//! A service's configuration at rest: what is public as JSON in one column, what is secret sealed in another.

use crate::cipher::Cipher;
use crate::statements::Row;
use contract::{ConfigDefault, ConfigSpec, Map, Problem, ServiceType, Value};
use serde_json::json;

/// Where a service's secrets are kept; bound into what is sealed.
const PLACE: &str = "service.secrets";

/// What the store must know of service types.
pub trait ServiceTypes: Send + Sync {
    /// The configuration of a type; `None` when this build does not have it.
    fn config(&self, kind: &str) -> Option<ConfigSpec>;
}

impl ServiceTypes for Vec<ServiceType> {
    fn config(&self, kind: &str) -> Option<ConfigSpec> {
        self.iter().find(|t| t.name == kind).map(|t| t.config)
    }
}

/// The two columns of a configuration: `config` and `secrets`. Of a type that this build does not know everything is
/// a secret, because nothing tells what is not.
pub(crate) fn seal(
    cipher: &Cipher,
    spec: Option<ConfigSpec>,
    config: Map<String, Value>,
) -> Result<(String, Option<String>), Problem> {
    let is_secret = |name: &str| spec.is_none_or(|s| s.fields().any(|f| f.name == name && f.secret));
    let (secrets, open): (Map<_, _>, Map<_, _>) = config.into_iter().partition(|(name, _)| is_secret(name));
    let secrets = match secrets.is_empty() {
        true => None,
        false => Some(cipher.seal(PLACE, &Value::Object(secrets).to_string())?),
    };
    Ok((Value::Object(open).to_string(), secrets))
}

/// The configuration of a row of `service`, secrets in clear, fields that were never set at their default.
pub(crate) fn open(
    cipher: &Cipher,
    spec: Option<ConfigSpec>,
    row: &Row,
) -> Result<Map<String, Value>, Problem> {
    let parse = |text: &str| serde_json::from_str::<Map<String, Value>>(text).map_err(Problem::internal);
    let mut config = parse(&row.string("config"))?;
    if let Some(sealed) = row.text("secrets") {
        config.extend(parse(&cipher.open(PLACE, &sealed)?)?);
    }
    let Some(spec) = spec else { return Ok(config) };
    let mut complete = Map::new();
    for field in spec.fields() {
        let value = config.remove(field.name).unwrap_or_else(|| match field.default {
            ConfigDefault::None => Value::Null,
            ConfigDefault::Text(text) => json!(text),
            ConfigDefault::Integer(number) => json!(number),
            ConfigDefault::Boolean(flag) => json!(flag),
        });
        complete.insert(field.name.into(), value);
    }
    Ok(complete)
}
