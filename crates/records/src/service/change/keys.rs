//! Unique constraints, indexes and foreign keys that definitions ask for.

use super::Definition;
use super::attributes::{flag, text};
use super::column::Column;
use super::field::{Plan, Target};
use crate::catalogue::parts;
use crate::{Field, Table};
use contract::{Problem, Value};
use serde_json::json;
use sql::ddl::{AlterStep, ForeignKeyDef, IndexDef, Rule};

impl Target<'_> {
    /// Unique constraints, indexes and foreign keys of a field.
    pub(super) fn keys(
        &self,
        real: &str,
        definition: &Definition,
        column: &Column,
        current: Option<&Field>,
        plan: &mut Plan,
    ) -> Result<(), Problem> {
        self.indexes(real, column, current, plan)?;
        let wanted = flag(definition, "is_foreign_key")?;
        let table = text(definition, "ref_table")?;
        let existing = current.and_then(|f| f.reference.as_ref());
        let drop = |plan: &mut Plan| plan.changes.extend(current.and_then(|f| self.foreign_key_of(f)));
        if wanted == Some(false) {
            drop(plan);
            return Ok(());
        }
        let Some(table) = table else {
            let is_key = column.reference || wanted == Some(true);
            return match is_key && existing.is_none() {
                true => Err(Problem::bad_request(format!(
                    "Invalid schema detected - no table element for reference type of {real}."
                ))),
                false => Ok(()),
            };
        };
        let field = match text(definition, "ref_field")? {
            Some(field) => Some(field),
            None => text(definition, "ref_fields")?,
        };
        if let Some((old_table, old_field)) = existing {
            let same_field = field.as_ref().is_none_or(|f| f.eq_ignore_ascii_case(old_field));
            if old_table.eq_ignore_ascii_case(&table) && same_field {
                return Ok(());
            }
            drop(plan);
        }
        let key = self.foreign_key(vec![real.to_owned()], &table, field.as_deref(), definition)?;
        plan.foreign_keys.push(key);
        Ok(())
    }

    /// What a field is to be that it is not yet, and what it is no more.
    fn indexes(
        &self,
        real: &str,
        column: &Column,
        current: Option<&Field>,
        plan: &mut Plan,
    ) -> Result<(), Problem> {
        let is = |test: fn(&Field) -> bool| current.is_some_and(test);
        let in_key = column.primary_key || is(|f| f.is_primary_key);
        let is_unique = is(|f| f.is_unique);
        match column.unique {
            Some(true) if !is_unique && !in_key => {
                plan.indexes.push(self.index("undx", real, true));
                return Ok(());
            }
            Some(false) if is_unique && !in_key => {
                let name = self.unique_name(real).ok_or_else(|| {
                    Problem::bad_request(format!(
                        "What makes field '{real}' unique cannot be dropped here."
                    ))
                })?;
                plan.changes.push(drop_index(real, name));
            }
            _ => {}
        }
        match (column.index, is(|f| f.column.is_index)) {
            (Some(true), false) if !is(|f| f.is_primary_key) => {
                plan.indexes.push(self.index("ndx", real, false));
            }
            (Some(false), true) => plan.changes.push(drop_index(real, self.constraint("ndx", real))),
            _ => {}
        }
        Ok(())
    }

    /// A foreign key from columns to a table, by default to its primary key.
    pub(super) fn foreign_key(
        &self,
        columns: Vec<String>,
        table: &str,
        fields: Option<&str>,
        definition: &Definition,
    ) -> Result<ForeignKeyDef, Problem> {
        let (native, known) = match self.references.get(table) {
            Some((native, known)) => (native.clone(), known.as_deref()),
            None => (self.native.clone(), self.table),
        };
        let key = |table: &Table| -> Vec<String> {
            let names = table.primary_key.iter();
            names.map(|i| table.fields[*i].column.name.clone()).collect()
        };
        let real = |name: String| {
            let of = |table: &Table| {
                let mut fields = table.fields.iter();
                let found = fields.find(|f| f.column.name.eq_ignore_ascii_case(&name));
                found.map(|f| f.column.name.clone())
            };
            known.and_then(of).unwrap_or(name)
        };
        let references = match fields {
            // A name that holds a comma itself is only looked for where one field is asked for.
            Some(field) if columns.len() == 1 => vec![real(field.to_owned())],
            Some(fields) => parts(fields).into_iter().map(real).collect(),
            None => known
                .map(key)
                .filter(|key| key.len() == columns.len())
                .unwrap_or_else(|| vec!["id".into()]),
        };
        if references.len() != columns.len() {
            return Err(Problem::bad_request(
                "The keys of a relationship must have as many fields at one end as at the other.",
            ));
        }
        let rule = |key: &str| -> Result<Option<Rule>, Problem> {
            let Some(text) = text(definition, key)? else {
                return Ok(None);
            };
            Rule::parse(&text).map(Some).ok_or_else(|| {
                Problem::bad_request(format!(
                    "'{key}' must be NO ACTION, RESTRICT, CASCADE, SET NULL or SET DEFAULT."
                ))
            })
        };
        Ok(ForeignKeyDef {
            name: self.constraint("fk", &columns.join("_")),
            columns,
            table: native,
            references,
            on_update: rule("ref_on_update")?,
            on_delete: rule("ref_on_delete")?,
        })
    }

    fn index(&self, prefix: &str, column: &str, unique: bool) -> IndexDef {
        IndexDef {
            name: self.constraint(prefix, column),
            columns: vec![column.to_owned()],
            unique,
        }
    }

    /// The name of a constraint: `fk_{schema}_{table}_{field}`, cut where the database has shorter names.
    fn constraint(&self, prefix: &str, column: &str) -> String {
        let schema = self.native.schema.as_deref();
        let parts = [
            Some(prefix),
            schema,
            Some(self.native.name.as_str()),
            Some(column),
        ];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join("_");
        let max = self.dialect.max_name();
        if name.len() <= max {
            return name;
        }
        // FNV-1a: the same name must come out every time, on every machine.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut end = max.saturating_sub(17);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        format!("{}_{hash:016x}", &name[..end])
    }

    /// The step that drops the foreign key of a field, when it has one; of several fields, the whole key.
    pub(super) fn foreign_key_of(&self, field: &Field) -> Option<AlterStep> {
        let name = &field.column.name;
        field.reference.as_ref()?;
        let found = self.constraints().find(|c| {
            !c["referenced_table_name"].is_null() && columns_of(c).iter().any(|column| *column == name)
        });
        Some(match found {
            Some(constraint) => drop_foreign_key(constraint),
            None => AlterStep::DropForeignKey {
                columns: vec![name.clone()],
                name: self.constraint("fk", name),
            },
        })
    }

    /// The step that drops the foreign key over exactly these columns.
    pub(super) fn foreign_key_over(&self, columns: &[String]) -> Option<AlterStep> {
        let mut keys = self.constraints();
        keys.find(|c| !c["referenced_table_name"].is_null() && columns_of(c) == columns)
            .map(drop_foreign_key)
    }

    /// The name of what makes a column unique, as the database tells it.
    fn unique_name(&self, column: &str) -> Option<String> {
        let mut keys = self.constraints();
        let found = keys.find(|c| {
            let primary = c["constraint_type"] == json!("PRIMARY KEY") || c["constraint_type"] == json!("pk");
            let refers = c
                .get("referenced_table_name")
                .is_some_and(|table| !table.is_null());
            !primary && !refers && columns_of(c) == [column]
        });
        found.and_then(|c| c["constraint_name"].as_str().map(str::to_owned))
    }

    fn constraints(&self) -> impl Iterator<Item = &Value> {
        self.table
            .into_iter()
            .flat_map(|table| table.constraints.values())
    }
}

fn drop_index(column: &str, name: String) -> AlterStep {
    AlterStep::DropIndex {
        columns: vec![column.to_owned()],
        name,
    }
}

fn drop_foreign_key(constraint: &Value) -> AlterStep {
    let name = constraint["constraint_name"].as_str().unwrap_or_default();
    AlterStep::DropForeignKey {
        columns: columns_of(constraint).into_iter().map(str::to_owned).collect(),
        name: name.to_owned(),
    }
}

/// The columns of a constraint as it is described: one as text, several as a list.
fn columns_of(constraint: &Value) -> Vec<&str> {
    match &constraint["column_name"] {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}
