//! The configuration of a service type: one table that is documentation, form, validation and masking at once.

mod schema;

use crate::{Map, Problem, Value, truthy};
use serde_json::json;

/// What a secret looks like in an answer. Sent back unchanged, it leaves the stored secret as it is.
pub const MASK: &str = "**********";

/// The kind of a configuration field, which decides its form element and how input is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ConfigKind {
    /// One line of text.
    Text,
    /// Several lines of text.
    LongText,
    /// A whole number.
    Integer,
    /// A whole number of at least one; what is smaller is dropped for the default.
    Positive,
    /// Yes or no.
    Boolean,
    /// A set of verbs as the sum of their bits; see [`crate::Verb::bit`].
    Verbs,
    /// Text that is masked in answers.
    Password,
    /// Several lines of text that are masked in answers.
    Secret,
    /// One line of text that is masked in answers, and told as text.
    SecretText,
    /// One of several names, each with a label.
    Picklist(&'static [(&'static str, &'static str)]),
    /// One of several names, which are their own labels; the form's entries say which of them is the default.
    Names(&'static [&'static str]),
    /// Any of several names, each with a label.
    Several {
        /// What stands above them in a form.
        legend: &'static str,
        /// Columns of a form that they stand in.
        columns: u8,
        /// The names and their labels.
        values: &'static [(&'static str, &'static str)],
    },
    /// The name of an event, such as `db._table.{table_name}.get`.
    Event,
    /// A map from text to text.
    Object,
    /// A list of text.
    Array,
    /// The id of a record of the instance, by its resource: `role` or `app`.
    Record(&'static str),
    /// A list of objects with these members.
    Rows(&'static [ConfigField]),
}

impl ConfigKind {
    /// Whether answers show [`MASK`] instead of the value.
    pub fn is_masked(self) -> bool {
        matches!(
            self,
            ConfigKind::Password | ConfigKind::Secret | ConfigKind::SecretText
        )
    }
}

/// The value of a field that was not sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ConfigDefault {
    /// Null.
    None,
    /// Text.
    Text(&'static str),
    /// A number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
}

/// One field of a service type's configuration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConfigField {
    /// Key in `config`.
    pub name: &'static str,
    /// Label in a form.
    pub label: &'static str,
    /// Kind.
    pub kind: ConfigKind,
    /// Whether the service cannot be saved without it.
    pub required: bool,
    /// Value when absent.
    pub default: ConfigDefault,
    /// Whether it is encrypted at rest. Kinds that are secret are also masked in answers.
    pub secret: bool,
    /// Whether forms do not show it: it is kept and given back, but not in `config_schema`.
    pub hidden: bool,
    /// What it is for, as a sentence; empty where the label says it.
    pub description: &'static str,
    /// Whether forms may leave it null, where neither `required` nor the default says so.
    pub nullable: Option<bool>,
    /// The members of its entry in `config_schema`, where it does not have all of them.
    pub shown: Option<&'static [&'static str]>,
}

/// The configuration fields of a service type.
#[derive(Debug, Clone, Copy)]
pub struct ConfigSpec {
    /// Groups of fields in the order of the form; connectors share groups.
    pub groups: &'static [&'static [ConfigField]],
}

impl ConfigSpec {
    /// No configuration.
    pub const EMPTY: ConfigSpec = ConfigSpec { groups: &[] };

    /// All fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &'static ConfigField> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// `config_schema` of `/system/service_type`.
    pub fn schema(&self) -> Value {
        self.fields()
            .filter(|field| !field.hidden)
            .map(ConfigField::schema)
            .collect()
    }

    /// Reads `sent` over `stored`: unknown keys are ignored, values are brought to their kind, a mask sent back
    /// keeps the stored secret, absent keys keep the stored value or get the default.
    ///
    /// Fails with 400 naming the first field that is missing or unreadable.
    pub fn merge(
        &self,
        stored: Option<&Map<String, Value>>,
        sent: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Problem> {
        let mut merged = Map::new();
        for field in self.fields() {
            let old = stored.and_then(|s| s.get(field.name));
            let value = match sent.get(field.name) {
                Some(Value::String(text)) if text == MASK && field.kind.is_masked() => {
                    old.cloned().unwrap_or(Value::Null)
                }
                Some(value) => field.read(value)?,
                None => old.cloned().unwrap_or_else(|| field.default_value()),
            };
            let empty = value.is_null() || value.as_str() == Some("");
            if field.required && empty {
                return Err(Problem::bad_request(format!(
                    "The service's configuration needs '{}' ({}).",
                    field.name, field.label
                )));
            }
            merged.insert(field.name.into(), value);
        }
        Ok(merged)
    }

    /// One object of a list: its known members, each of its kind. What a store adds, such as `id`, is left out.
    fn read_row(members: &[ConfigField], row: &Map<String, Value>) -> Result<Map<String, Value>, Problem> {
        members
            .iter()
            .map(|member| {
                let value = match row.get(member.name) {
                    Some(value) => member.read(value)?,
                    None => member.default_value(),
                };
                if member.required && (value.is_null() || value == "") {
                    return Err(Problem::bad_request(format!(
                        "The service's configuration needs '{}' ({}).",
                        member.name, member.label
                    )));
                }
                Ok((member.name.to_owned(), value))
            })
            .collect()
    }

    /// Replaces the secrets that are set by [`MASK`].
    pub fn mask(&self, config: &mut Map<String, Value>) {
        for field in self.fields().filter(|f| f.kind.is_masked()) {
            if let Some(value) = config.get_mut(field.name)
                && !value.is_null()
            {
                *value = Value::String(MASK.into());
            }
        }
    }
}

impl ConfigField {
    /// A field that may be left out, without a default. Others are written as an update of it.
    pub const fn optional(
        name: &'static str,
        label: &'static str,
        kind: ConfigKind,
        description: &'static str,
    ) -> ConfigField {
        ConfigField {
            name,
            label,
            kind,
            required: false,
            default: ConfigDefault::None,
            secret: false,
            hidden: false,
            description,
            nullable: None,
            shown: None,
        }
    }

    /// One line of text that may be left out.
    pub const fn text(name: &'static str, label: &'static str, description: &'static str) -> ConfigField {
        ConfigField::optional(name, label, ConfigKind::Text, description)
    }

    fn default_value(&self) -> Value {
        match self.default {
            ConfigDefault::None => Value::Null,
            ConfigDefault::Text(text) => json!(text),
            ConfigDefault::Integer(number) => json!(number),
            ConfigDefault::Boolean(flag) => json!(flag),
        }
    }

    fn read(&self, value: &Value) -> Result<Value, Problem> {
        let wrong = |wanted: &str| {
            Problem::bad_request(format!(
                "The service's configuration field '{}' must be {wanted}.",
                self.name
            ))
        };
        if value.is_null() {
            return Ok(Value::Null);
        }
        Ok(match self.kind {
            ConfigKind::Text
            | ConfigKind::LongText
            | ConfigKind::Password
            | ConfigKind::Secret
            | ConfigKind::SecretText
            | ConfigKind::Event => match value {
                Value::String(_) => value.clone(),
                Value::Number(n) => json!(n.to_string()),
                _ => return Err(wrong("text")),
            },
            ConfigKind::Integer | ConfigKind::Positive | ConfigKind::Verbs | ConfigKind::Record(_) => {
                let number = match value {
                    Value::Number(n) if n.is_i64() => value.clone(),
                    Value::String(s) if s.trim().is_empty() => Value::Null,
                    Value::String(s) => json!(s.trim().parse::<i64>().map_err(|_| wrong("a whole number"))?),
                    _ => return Err(wrong("a whole number")),
                };
                let too_small = self.kind == ConfigKind::Positive && number.as_i64().is_none_or(|n| n < 1);
                if too_small { self.default_value() } else { number }
            }
            ConfigKind::Boolean => match value {
                Value::Bool(_) => value.clone(),
                Value::Number(n) => json!(n.as_f64() != Some(0.0)),
                Value::String(s) => json!(truthy(s)),
                _ => return Err(wrong("true or false")),
            },
            ConfigKind::Picklist(values) => match value {
                Value::String(s) if s.is_empty() => Value::Null,
                Value::String(s) if values.iter().any(|(name, _)| name == s) => value.clone(),
                _ => {
                    let names: Vec<_> = values.iter().map(|(name, _)| *name).collect();
                    return Err(wrong(&format!("one of {}", names.join(", "))));
                }
            },
            ConfigKind::Names(names) => match value {
                Value::String(s) if s.is_empty() => Value::Null,
                Value::String(s) if names.contains(&s.as_str()) => value.clone(),
                _ => return Err(wrong(&format!("one of {}", names.join(", ")))),
            },
            ConfigKind::Several { values, .. } => {
                let is_known = |one: &Value| values.iter().any(|(name, _)| one == name);
                match value {
                    Value::Array(list) if list.iter().all(is_known) => value.clone(),
                    _ => return Err(wrong("a list of the names that it offers")),
                }
            }
            ConfigKind::Object => match value {
                Value::Object(_) => value.clone(),
                Value::Array(list) if list.is_empty() => json!({}),
                _ => return Err(wrong("an object")),
            },
            ConfigKind::Array => match value {
                Value::Array(list) if list.iter().all(Value::is_string) => value.clone(),
                _ => return Err(wrong("a list of text")),
            },
            ConfigKind::Rows(members) => match value {
                Value::Array(list) => list
                    .iter()
                    .map(|row| {
                        let row = row.as_object().ok_or_else(|| wrong("a list of objects"))?;
                        ConfigSpec::read_row(members, row).map(Value::Object)
                    })
                    .collect::<Result<Value, Problem>>()?,
                _ => return Err(wrong("a list of objects")),
            },
        })
    }
}
