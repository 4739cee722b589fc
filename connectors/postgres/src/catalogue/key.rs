//! Primary, unique and foreign keys of a table and of its neighbours.

use super::{Row, public_name, table_name, unexpected};
use crate::config::Schemas;
use driver::Fault;
use records::{RawForeignKey, RawNeighbour, RawUnique};
use serde_json::{Map, Value, json};

/// A key as the catalogue tells it.
pub(super) struct Key {
    relation: i64,
    schema: String,
    table: String,
    kind: Kind,
    key_schema: String,
    name: String,
    columns: Vec<String>,
    reference: Option<Reference>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    Unique,
    Foreign,
    /// A unique index that is no constraint.
    Index,
}

struct Reference {
    schema: String,
    table: String,
    columns: Vec<String>,
    on_update: &'static str,
    on_delete: &'static str,
}

impl Key {
    pub(super) fn read(row: &mut Row) -> Result<Key, Fault> {
        let (relation, schema, table) = (row.int()?, row.text()?, row.text()?);
        let kind = match row.text()?.as_str() {
            "p" => Kind::Primary,
            "u" => Kind::Unique,
            "f" => Kind::Foreign,
            _ => Kind::Index,
        };
        let (key_schema, name, columns) = (row.text()?, row.text()?, names(&row.text()?)?);
        let reference = match (row.optional_text(), row.optional_text()) {
            (Some(schema), Some(table)) if kind == Kind::Foreign => Some(Reference {
                schema,
                table,
                columns: names(&row.text()?)?,
                on_update: rule(&row.text()?),
                on_delete: rule(&row.text()?),
            }),
            _ => None,
        };
        Ok(Key {
            relation,
            schema,
            table,
            kind,
            key_schema,
            name,
            columns,
            reference,
        })
    }

    fn descriptor(&self) -> Value {
        let one_or_list = |names: &[String]| match names {
            [one] => json!(one),
            many => json!(many),
        };
        let reference = self.reference.as_ref();
        json!({
            "constraint_type": match self.kind {
                Kind::Primary => "PRIMARY KEY",
                Kind::Foreign => "FOREIGN KEY",
                Kind::Unique | Kind::Index => "UNIQUE",
            },
            "constraint_schema": self.key_schema,
            "constraint_name": self.name,
            "table_schema": self.schema,
            "table_name": self.table,
            "column_name": one_or_list(&self.columns),
            "referenced_table_schema": reference.map(|r| r.schema.as_str()),
            "referenced_table_name": reference.map(|r| r.table.as_str()),
            "referenced_column_name": reference.map(|r| one_or_list(&r.columns)),
            "update_rule": reference.map(|r| r.on_update),
            "delete_rule": reference.map(|r| r.on_delete),
        })
    }
}

/// A JSON array of names.
fn names(text: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(text).map_err(|_| unexpected())
}

fn rule(letter: &str) -> &'static str {
    match letter {
        "r" => "RESTRICT",
        "c" => "CASCADE",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => "NO ACTION",
    }
}

/// All keys around a table.
pub(super) struct Keys<'a> {
    table: i64,
    schemas: &'a Schemas,
    keys: Vec<Key>,
    /// Where the table lies; none when it has no key and nothing refers to it.
    own: Option<(String, String)>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(table: i64, schemas: &'a Schemas, keys: Vec<Key>) -> Keys<'a> {
        let own = keys
            .iter()
            .find(|key| key.relation == table)
            .map(|key| (key.schema.clone(), key.table.clone()));
        Keys {
            table,
            schemas,
            keys,
            own,
        }
    }

    fn of(&self, relation: i64) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| key.relation == relation)
    }

    pub(super) fn primary_key(&self) -> Vec<String> {
        self.of(self.table)
            .find(|key| key.kind == Kind::Primary)
            .map(|key| key.columns.clone())
            .unwrap_or_default()
    }

    pub(super) fn unique(&self) -> Vec<RawUnique> {
        let unique = self
            .of(self.table)
            .filter(|key| matches!(key.kind, Kind::Unique | Kind::Index));
        unique
            .map(|key| RawUnique {
                columns: key.columns.clone(),
            })
            .collect()
    }

    pub(super) fn foreign_keys(&self) -> Vec<RawForeignKey> {
        self.foreign_keys_of(self.table)
    }

    /// Keys that refer to a table which the service does not show are left out: no relation can lead there.
    fn foreign_keys_of(&self, relation: i64) -> Vec<RawForeignKey> {
        let visible = |schema: &str| match self.schemas {
            Schemas::All => true,
            Schemas::Only(shown) => shown == schema,
        };
        let references = self
            .of(relation)
            .filter_map(|key| key.reference.as_ref().map(|r| (key, r)));
        let references = references.filter(|(key, r)| visible(&key.schema) && visible(&r.schema));
        references
            .map(|(key, r)| RawForeignKey {
                columns: key.columns.clone(),
                table: table_name(&r.schema, &r.table),
                public: public_name(self.schemas, &r.schema, &r.table),
                references: r.columns.clone(),
                on_update: r.on_update.to_owned(),
                on_delete: r.on_delete.to_owned(),
            })
            .collect()
    }

    pub(super) fn neighbours(&self) -> Vec<RawNeighbour> {
        // Whatever a foreign key refers to has a key itself, so a table without keys has no neighbours.
        let Some((schema, table)) = &self.own else {
            return Vec::new();
        };
        let mut seen = Vec::new();
        let mut neighbours = Vec::new();
        for key in &self.keys {
            let refers = key
                .reference
                .as_ref()
                .is_some_and(|r| r.schema == *schema && r.table == *table);
            if !refers || seen.contains(&key.relation) {
                continue;
            }
            seen.push(key.relation);
            let foreign_keys = self.foreign_keys_of(key.relation);
            if foreign_keys.is_empty() {
                continue;
            }
            let unique = self.of(key.relation).filter(|key| key.kind != Kind::Foreign);
            neighbours.push(RawNeighbour {
                table: table_name(&key.schema, &key.table),
                public: public_name(self.schemas, &key.schema, &key.table),
                foreign_keys,
                keys: unique
                    .map(|key| RawUnique {
                        columns: key.columns.clone(),
                    })
                    .collect(),
            });
        }
        neighbours
    }

    /// A unique index that is no constraint is not among them.
    pub(super) fn constraints(&self) -> Map<String, Value> {
        let constraints = self.of(self.table).filter(|key| key.kind != Kind::Index);
        constraints
            .map(|key| (key.name.to_lowercase(), key.descriptor()))
            .collect()
    }
}
