//! Tables: creating one, and changing one that is there.

use super::attributes::{flag, objects, replace, text};
use super::field::Target;
use super::{DatabaseService, Definition};
use crate::catalogue::parts;
use crate::ddl::SchemaBackend;
use crate::{Field, Table};
use contract::extras::{ExtraChange, ServiceExtras, TableExtra};
use contract::{Problem, Request, Verb};
use sql::ddl::{AlterTable, ColumnDef, CreateTable, ForeignKeyDef, SchemaChange};
use std::collections::HashMap;
use std::sync::Arc;

/// Views are made and changed in the database itself.
pub(super) fn no_view(table: &Table) -> Result<(), Problem> {
    if !table.is_view {
        return Ok(());
    }
    Err(Problem::bad_request(format!(
        "'{}' is a view: it can only be changed in the database itself.",
        table.public
    )))
}

impl DatabaseService {
    /// What fields of a table are planned against.
    pub(super) async fn target<'a>(
        &self,
        backend: &'a dyn SchemaBackend,
        table: &'a Table,
        extras: &'a ServiceExtras,
        definitions: &[Definition],
    ) -> Result<Target<'a>, Problem> {
        Ok(Target {
            public: &table.public,
            native: table.native.clone(),
            table: Some(table),
            dialect: backend.dialect(),
            extras,
            references: self.references(backend, &table.public, definitions).await?,
        })
    }

    /// The tables that definitions refer to, the defined one left out.
    async fn references(
        &self,
        backend: &dyn SchemaBackend,
        own: &str,
        definitions: &[Definition],
    ) -> Result<HashMap<String, (sql::TableName, Option<Arc<Table>>)>, Problem> {
        let mut references = HashMap::new();
        for definition in definitions {
            let Some(name) = text(definition, "ref_table")? else {
                continue;
            };
            if name == own || references.contains_key(&name) {
                continue;
            }
            let known = self.catalogue.table(&name).await?;
            let native = known
                .as_ref()
                .map_or_else(|| backend.place(&name), |table| table.native.clone());
            references.insert(name, (native, known));
        }
        Ok(references)
    }

    pub(super) async fn create_table(
        &self,
        request: &Request,
        name: &str,
        definition: &Definition,
    ) -> Result<(), Problem> {
        let fields = objects(definition, "field")?.unwrap_or_default();
        if fields.is_empty() {
            return Err(Problem::bad_request(
                "No valid fields exist in the received table schema.",
            ));
        }
        let extras = self.catalogue.extras().await?;
        let backend = self.schema_backend()?;
        let target = Target {
            public: name,
            native: backend.place(name),
            table: None,
            dialect: backend.dialect(),
            extras: &extras,
            references: self.references(&*backend, name, &fields).await?,
        };
        target.check_name(name)?;
        let mut plan = target.plan(&fields)?;
        if plan.columns.is_empty() {
            return Err(Problem::bad_request("A table needs a field that is not virtual."));
        }
        let options = match text(definition, "options")? {
            Some(text) => Some(target.dialect.table_options(&text).ok_or_else(|| {
                Problem::bad_request("The options of the table are not understood by this database.")
            })?),
            None => None,
        };
        // Several fields of one key stand at the table; and a key that the database makes must be the only one.
        let keys: Vec<String> = plan
            .columns
            .iter()
            .filter(|c| c.primary_key)
            .map(|c| c.name.clone())
            .collect();
        let primary_key = if keys.len() > 1 {
            if plan.columns.iter().any(|c| c.auto_increment) {
                return Err(Problem::bad_request(
                    "A field of type id is the whole primary key: no other field can be part of it.",
                ));
            }
            plan.columns.iter_mut().for_each(|c| c.primary_key = false);
            keys
        } else {
            Vec::new()
        };
        let listed = objects(definition, "related")?.unwrap_or_default();
        plan.foreign_keys.extend(
            self.listed_keys(&*backend, &target, &plan.columns, &listed)
                .await?,
        );
        let changes = self.table_extras(name, definition, &extras)?;
        self.change(&SchemaChange::Create(CreateTable {
            table: target.native.clone(),
            columns: plan.columns,
            primary_key,
            indexes: plan.indexes,
            foreign_keys: plan.foreign_keys,
            options,
        }))
        .await?;
        // What an earlier table of this name left behind is not this one's.
        let mut all = vec![ExtraChange::DropTable(name.to_owned())];
        all.extend(changes);
        all.extend(plan.extras);
        self.change_extras(request, all).await?;
        self.write_listed_relations(request, name, definition).await
    }

    /// The foreign keys of several fields that a new table's definition lists among its relations.
    async fn listed_keys(
        &self,
        backend: &dyn SchemaBackend,
        target: &Target<'_>,
        columns: &[ColumnDef],
        listed: &[Definition],
    ) -> Result<Vec<ForeignKeyDef>, Problem> {
        let references = self.references(backend, target.public, listed).await?;
        let target = Target {
            references,
            native: target.native.clone(),
            ..*target
        };
        let mut keys = Vec::new();
        for relation in listed {
            let is = |key: &str| text(relation, key);
            let (Some(field), Some(table)) = (is("field")?, is("ref_table")?) else {
                continue;
            };
            let names = parts(&field);
            if flag(relation, "is_virtual")? == Some(true)
                || is("type")?.as_deref() != Some("belongs_to")
                || names.len() < 2
            {
                continue;
            }
            let real = |name: &String| {
                let found = columns.iter().find(|c| c.name.eq_ignore_ascii_case(name));
                found.map(|c| c.name.clone()).ok_or_else(|| {
                    Problem::bad_request(format!(
                        "Field '{name}' does not exist in table '{}'.",
                        target.public
                    ))
                })
            };
            let own = names.iter().map(real).collect::<Result<_, _>>()?;
            keys.push(target.foreign_key(own, &table, is("ref_field")?.as_deref(), relation)?);
        }
        Ok(keys)
    }

    /// Changes a table. PUT drops the fields that the definition does not list, when it lists any.
    pub(super) async fn alter_table(
        &self,
        request: &Request,
        table: &Arc<Table>,
        definition: &Definition,
    ) -> Result<(), Problem> {
        let fields = objects(definition, "field")?.unwrap_or_default();
        let extras = self.catalogue.extras().await?;
        let backend = self.schema_backend()?;
        let target = self.target(&*backend, table, &extras, &fields).await?;
        let mut plan = target.plan(&fields)?;
        let mut changes = self.table_extras(&table.public, definition, &extras)?;
        changes.append(&mut plan.extras);
        let mut steps = plan.steps();
        if request.verb == Verb::Put && !fields.is_empty() {
            let listed = |field: &Field| {
                fields.iter().any(|definition| {
                    let name = definition.get("name").and_then(|n| n.as_str());
                    name.is_some_and(|name| name.eq_ignore_ascii_case(&field.column.name))
                })
            };
            let unlisted: Vec<&Field> = table.fields.iter().filter(|f| !listed(f)).collect();
            let (drops, gone) = target.drops(&unlisted);
            steps.extend(drops);
            changes.extend(gone);
        }
        if !steps.is_empty() {
            no_view(table)?;
        }
        self.alter(AlterTable {
            table: table.native.clone(),
            steps,
        })
        .await?;
        self.change_extras(request, changes).await?;
        self.write_listed_relations(request, &table.public, definition)
            .await
    }

    /// The table's own extras, when the definition says something of them.
    fn table_extras(
        &self,
        name: &str,
        definition: &Definition,
        extras: &ServiceExtras,
    ) -> Result<Vec<ExtraChange>, Problem> {
        const KEYS: &[&str] = &["alias", "label", "plural", "name_field", "description"];
        if !KEYS.iter().any(|key| definition.contains_key(*key)) {
            return Ok(Vec::new());
        }
        let current = extras.tables.iter().find(|e| e.table == name);
        let mut extra = current.cloned().unwrap_or_else(|| TableExtra {
            table: name.to_owned(),
            ..TableExtra::default()
        });
        replace(definition, "alias", &mut extra.alias)?;
        replace(definition, "label", &mut extra.label)?;
        replace(definition, "plural", &mut extra.plural)?;
        replace(definition, "name_field", &mut extra.name_field)?;
        replace(definition, "description", &mut extra.description)?;
        let label = crate::catalogue::label(name);
        let shown = extra.label.clone().unwrap_or_else(|| label.clone());
        extra.plural = extra.plural.filter(|p| *p != crate::catalogue::plural(&shown));
        extra.label = extra.label.filter(|l| *l != label);
        extra.alias = extra.alias.filter(|alias| alias != name);
        if let Some(alias) = &extra.alias {
            if alias.chars().any(|c| c.is_control() || c == '/') {
                return Err(Problem::bad_request(format!(
                    "The alias '{alias}' must not hold slashes or control characters."
                )));
            }
            let taken = |e: &TableExtra| {
                e.table != name && e.alias.as_ref().is_some_and(|a| a.eq_ignore_ascii_case(alias))
            };
            if extras.tables.iter().any(taken) {
                return Err(Problem::bad_request(format!(
                    "The alias '{alias}' is the name of another table."
                )));
            }
        }
        Ok(vec![ExtraChange::Table(extra)])
    }
}
