//! `config_schema`: what forms are made of.

use super::{ConfigDefault, ConfigField, ConfigKind};
use crate::{Map, Value};
use serde_json::json;

/// The members of a list of objects: no column stands behind it.
const OF_ROWS: &[&str] = &[
    "name",
    "label",
    "description",
    "type",
    "required",
    "allow_null",
    "items",
];

impl ConfigField {
    /// The field's entry. It is told of as a column, because forms are written for the columns of tables.
    pub(super) fn schema(&self) -> Value {
        let shown = match self.kind {
            ConfigKind::Rows(_) => self.shown.or(Some(OF_ROWS)),
            _ => self.shown,
        };
        let mut entry = self.column();
        if let Value::Object(more) = self.choices() {
            entry.extend(more);
        }
        if let Some(shown) = shown {
            entry.retain(|name, _| shown.contains(&name.as_str()));
        }
        Value::Object(entry)
    }

    fn column(&self) -> Map<String, Value> {
        let description = Some(self.description).filter(|text| !text.is_empty());
        let referred = match self.kind {
            ConfigKind::Record(resource) => Some(resource),
            _ => None,
        };
        let length = (self.kind == ConfigKind::Boolean).then_some(1);
        let column = json!({
            "alias": null,
            "name": self.name,
            "label": self.label,
            "description": description,
            "native": [],
            "type": self.type_name(),
            "length": length,
            "precision": null,
            "scale": null,
            "default": self.default_value(),
            "required": self.required,
            "allow_null": self.allows_null(),
            "fixed_length": false,
            "supports_multibyte": false,
            "is_primary_key": false,
            "is_unique": false,
            "is_foreign_key": referred.is_some(),
            "ref_table": referred,
            "ref_field": referred.map(|_| "id"),
            "ref_on_update": null,
            "ref_on_delete": null,
            "picklist": null,
            "validation": null,
            "db_function": null,
            "is_virtual": false,
            "is_aggregate": false,
        });
        match column {
            Value::Object(column) => column,
            _ => Map::new(),
        }
    }

    fn type_name(&self) -> &'static str {
        match self.kind {
            ConfigKind::Text | ConfigKind::SecretText => "string",
            ConfigKind::LongText | ConfigKind::Secret => "text",
            ConfigKind::Integer | ConfigKind::Positive => "integer",
            ConfigKind::Boolean => "boolean",
            ConfigKind::Verbs => "verb_mask",
            ConfigKind::Password => "password",
            ConfigKind::Picklist(_) | ConfigKind::Names(_) | ConfigKind::Record(_) => "picklist",
            ConfigKind::Several { .. } => "multi_picklist",
            ConfigKind::Event => "event_picklist",
            ConfigKind::Object => "object",
            ConfigKind::Array | ConfigKind::Rows(_) => "array",
        }
    }

    /// Where something stands for what was left out, null has no meaning.
    fn allows_null(&self) -> bool {
        let follows = !self.required && matches!(self.default, ConfigDefault::None | ConfigDefault::Text(""));
        self.nullable.unwrap_or(follows)
    }

    /// What there is to choose from, or what the parts are.
    fn choices(&self) -> Value {
        let labelled = |values: &[(&str, &str)]| -> Value {
            values
                .iter()
                .map(|(name, label)| json!({"label": label, "name": name}))
                .collect()
        };
        match self.kind {
            ConfigKind::Picklist(values) => json!({"values": labelled(values)}),
            ConfigKind::Names(names) => {
                let is_default =
                    |name: &str| matches!(self.default, ConfigDefault::Text(default) if default == name);
                let values = names
                    .iter()
                    .map(|name| json!({"name": name, "label": name, "default": is_default(name)}));
                json!({"values": values.collect::<Value>()})
            }
            ConfigKind::Several {
                legend,
                columns,
                values,
            } => json!({"columns": columns, "legend": legend, "values": labelled(values)}),
            ConfigKind::Array => json!({"items": "string"}),
            ConfigKind::Rows(members) => {
                json!({"items": members.iter().map(ConfigField::schema).collect::<Value>()})
            }
            ConfigKind::Object => {
                let side = |label: &str| json!({"label": label, "type": "string"});
                json!({"object": {"key": side("Name"), "value": side("Value")}})
            }
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_told_as_a_column_and_a_list_of_objects_as_itself() {
        static MEMBERS: &[ConfigField] = &[ConfigField {
            shown: Some(&["name", "type"]),
            ..ConfigField::optional("flag", "Flag", ConfigKind::Boolean, "")
        }];
        let flag = MEMBERS[0].schema();
        assert_eq!(flag, json!({"name": "flag", "type": "boolean"}));
        let rows = ConfigField::optional("rows", "Rows", ConfigKind::Rows(MEMBERS), "Some.");
        assert_eq!(
            rows.schema(),
            json!({"name": "rows", "label": "Rows", "description": "Some.", "type": "array", "required": false,
                   "allow_null": true, "items": [flag]})
        );
        let names = ConfigField {
            default: ConfigDefault::Text("b"),
            ..ConfigField::optional("names", "Names", ConfigKind::Names(&["a", "b"]), "")
        };
        let told = names.schema();
        assert_eq!(
            told["values"][1],
            json!({"name": "b", "label": "b", "default": true})
        );
        assert_eq!(
            (&told["allow_null"], &told["description"]),
            (&json!(false), &Value::Null)
        );
    }
}
