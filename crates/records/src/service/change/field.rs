//! Fields: which columns, keys and extras their definitions ask for.

use super::attributes::{flag, name, replace, text};
use super::column::Column;
use super::{DatabaseService, Definition};
use crate::catalogue::{formula, function_for, kind_named};
use crate::{Field, Table};
use contract::extras::{ExtraChange, FieldExtra, ServiceExtras};
use contract::{Problem, Request, Value};
use serde_json::json;
use sql::TableName;
use sql::ddl::{AlterStep, AlterTable, ColumnDef, ForeignKeyDef, IndexDef, SchemaDialect};
use std::collections::HashMap;
use std::sync::Arc;

/// The table that fields are planned for.
pub(super) struct Target<'a> {
    /// Real name.
    pub(super) public: &'a str,
    /// Where it lies, or will.
    pub(super) native: TableName,
    /// The table, when it is there.
    pub(super) table: Option<&'a Table>,
    pub(super) dialect: &'a dyn SchemaDialect,
    pub(super) extras: &'a ServiceExtras,
    /// Tables that definitions refer to, by name as written.
    pub(super) references: HashMap<String, (TableName, Option<Arc<Table>>)>,
}

/// What is to be done for fields.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) columns: Vec<ColumnDef>,
    pub(super) changes: Vec<AlterStep>,
    pub(super) indexes: Vec<IndexDef>,
    pub(super) foreign_keys: Vec<ForeignKeyDef>,
    pub(super) extras: Vec<ExtraChange>,
}

impl Plan {
    /// The plan as steps of a change: first what goes, then columns, then keys.
    pub(super) fn steps(self) -> Vec<AlterStep> {
        let mut steps = self.changes;
        steps.extend(self.columns.into_iter().map(AlterStep::AddColumn));
        steps.extend(self.indexes.into_iter().map(AlterStep::AddIndex));
        steps.extend(self.foreign_keys.into_iter().map(AlterStep::AddForeignKey));
        steps
    }
}

impl Target<'_> {
    /// Plans definitions.
    pub(super) fn plan(&self, definitions: &[Definition]) -> Result<Plan, Problem> {
        let mut plan = Plan::default();
        let mut seen: Vec<String> = Vec::new();
        for definition in definitions {
            let name = name(definition)?;
            self.check_name(&name)?;
            let lower = name.to_lowercase();
            if seen.contains(&lower) {
                return Err(Problem::bad_request(format!("Field '{name}' is defined twice.")));
            }
            seen.push(lower);
            self.field(&name, definition, &mut plan)?;
        }
        self.check_extras(&plan)?;
        Ok(plan)
    }

    /// Names are quoted wherever they stand, so only what no database takes is refused.
    pub(super) fn check_name(&self, name: &str) -> Result<(), Problem> {
        let problem = |why: &str| Err(Problem::bad_request(format!("The name '{name}' {why}.")));
        if name.trim() != name || name.is_empty() {
            return problem("must not be empty or begin or end with a blank");
        }
        if name.chars().any(|c| c.is_control() || c == '/') {
            return problem("must not hold slashes or control characters");
        }
        if name.len() > self.dialect.max_name() {
            return problem("is too long");
        }
        Ok(())
    }

    fn current(&self, name: &str) -> Option<&Field> {
        let fields = &self.table?.fields;
        let exact = fields.iter().find(|f| f.column.name == name);
        exact.or_else(|| fields.iter().find(|f| f.column.name.eq_ignore_ascii_case(name)))
    }

    fn field(&self, name: &str, definition: &Definition, plan: &mut Plan) -> Result<(), Problem> {
        let current = self.current(name);
        let old_form = text(definition, "type")?.is_some_and(|t| t.eq_ignore_ascii_case("virtual"));
        let is_virtual = flag(definition, "is_virtual")?
            .unwrap_or_else(|| current.is_some_and(|f| f.extra.is_virtual))
            || old_form;
        match current {
            Some(field) if is_virtual != field.extra.is_virtual => {
                let why = if is_virtual {
                    "is a real one"
                } else {
                    "is a virtual one"
                };
                return Err(Problem::bad_request(format!(
                    "Field '{name}' {why} already. Drop it first."
                )));
            }
            _ if is_virtual => {
                let extra = self.extra(name, definition, None)?;
                plan.extras.push(ExtraChange::Field(FieldExtra {
                    is_virtual: true,
                    ..extra
                }));
                return Ok(());
            }
            _ => {}
        }
        let column = Column::read(name, definition, current, self.dialect)?;
        let kept_type = column.kept_type();
        let real = current.map_or(name, |f| f.column.name.as_str()).to_owned();
        self.keys(&real, definition, &column, current, plan)?;
        match current {
            Some(field) => {
                let change = column.changed(field, definition.get("default"));
                if !change.is_empty() {
                    plan.changes.push(AlterStep::AlterColumn(change));
                }
            }
            None => plan.columns.push(column.made(self.dialect)?),
        }
        let extra = self.extra(&real, definition, kept_type)?;
        plan.extras.push(ExtraChange::Field(extra));
        Ok(())
    }

    /// The extras of a field: those that are there, with what the definition says.
    fn extra(
        &self,
        field: &str,
        definition: &Definition,
        kept_type: Option<Option<String>>,
    ) -> Result<FieldExtra, Problem> {
        let current = self
            .extras
            .fields
            .iter()
            .find(|e| e.table == self.public && e.field == field);
        let mut extra = current.cloned().unwrap_or_else(|| FieldExtra {
            table: self.public.to_owned(),
            field: field.to_owned(),
            ..FieldExtra::default()
        });
        replace(definition, "alias", &mut extra.alias)?;
        replace(definition, "label", &mut extra.label)?;
        replace(definition, "description", &mut extra.description)?;
        extra.label = extra
            .label
            .filter(|label| *label != crate::catalogue::label(field));
        extra.alias = extra.alias.filter(|alias| alias != field);
        if let Some(alias) = &extra.alias {
            self.check_name(alias)?;
        }
        if let Some(picklist) = definition.get("picklist") {
            extra.picklist = read_picklist(field, picklist)?;
        }
        if let Some(validation) = definition.get("validation") {
            extra.validation = read_validation(field, validation)?;
        }
        if let Some(info) = definition.get("client_info") {
            extra.client_info = info.clone();
        }
        if let Some(function) = definition.get("db_function") {
            let old = function.as_object().filter(|f| !f.contains_key("use"));
            if let Some(aggregate) = old.and_then(|f| f.get("aggregate")).and_then(Value::as_bool) {
                extra.is_aggregate = aggregate;
            }
            if let Some(kind) = old.and_then(|f| f.get("type")).and_then(Value::as_str) {
                extra.extra_type = Some(kind.to_owned());
            }
            extra.db_function = read_functions(field, function)?;
        }
        if let Some(aggregate) = flag(definition, "is_aggregate")? {
            extra.is_aggregate = aggregate;
        }
        match kept_type {
            Some(kept) => extra.extra_type = kept,
            None if extra.is_virtual || flag(definition, "is_virtual")? == Some(true) => {
                let named = text(definition, "type")?.filter(|t| !t.eq_ignore_ascii_case("virtual"));
                if let Some(named) = named {
                    if kind_named(&named.to_lowercase()).is_none() {
                        return Err(Problem::bad_request(format!(
                            "The type of the virtual field '{field}' is not known."
                        )));
                    }
                    extra.extra_type = Some(named.to_lowercase());
                }
            }
            None => {}
        }
        Ok(extra)
    }

    /// What can only be told once all fields are known: functions name columns, aliases are nobody else's names.
    fn check_extras(&self, plan: &Plan) -> Result<(), Problem> {
        let mut columns: Vec<String> = plan.columns.iter().map(|c| c.name.clone()).collect();
        let fields = self
            .table
            .map(|table| table.fields.as_slice())
            .unwrap_or_default();
        let real = fields.iter().filter(|f| !f.extra.is_virtual);
        columns.extend(real.map(|f| f.column.name.clone()));
        for change in &plan.extras {
            let ExtraChange::Field(extra) = change else {
                continue;
            };
            for usage in ["SELECT", "FILTER", "INSERT", "UPDATE"] {
                if let Some(text) = function_for(&extra.db_function, usage) {
                    let formula = formula(text, &columns)?;
                    if usage != "INSERT" && usage != "UPDATE" && formula.takes_value() {
                        return Err(Problem::bad_request(format!(
                            "The function of field '{}' can use {{value}} only for INSERT and UPDATE.",
                            extra.field
                        )));
                    }
                }
            }
            if extra.is_virtual && function_for(&extra.db_function, "SELECT").is_none() {
                return Err(Problem::bad_request(format!(
                    "The virtual field '{}' needs a db_function for SELECT.",
                    extra.field
                )));
            }
            let Some(alias) = &extra.alias else { continue };
            let others = fields.iter().filter(|f| f.column.name != extra.field);
            let mut names = others
                .map(|f| f.name.as_str())
                .chain(plan.extras.iter().filter_map(|c| match c {
                    ExtraChange::Field(other) if other.field != extra.field => {
                        other.alias.as_deref().or(Some(other.field.as_str()))
                    }
                    _ => None,
                }));
            if names.any(|name| name.eq_ignore_ascii_case(alias)) {
                return Err(Problem::bad_request(format!(
                    "The alias '{alias}' is the name of another field of the table."
                )));
            }
        }
        Ok(())
    }
}

fn read_picklist(field: &str, picklist: &Value) -> Result<Value, Problem> {
    match picklist {
        Value::Null | Value::Array(_) => Ok(picklist.clone()),
        Value::String(text) if text.trim().is_empty() => Ok(Value::Null),
        Value::String(text) => Ok(text.split(',').map(|part| json!(part.trim())).collect()),
        _ => Err(Problem::bad_request(format!(
            "The picklist of field '{field}' must be a list."
        ))),
    }
}

fn read_validation(field: &str, validation: &Value) -> Result<Value, Problem> {
    match validation {
        Value::Null => Ok(Value::Null),
        Value::Object(rules) if rules.is_empty() => Ok(Value::Null),
        Value::Array(rules) if rules.is_empty() => Ok(Value::Null),
        Value::Object(_) => {
            crate::validate::pattern(field, validation)?;
            Ok(validation.clone())
        }
        Value::String(text) if text.trim().is_empty() => Ok(Value::Null),
        _ => Err(Problem::bad_request(format!(
            "The validation of field '{field}' must be an object of rules."
        ))),
    }
}

/// Functions as a list, whatever form they were sent in.
fn read_functions(field: &str, functions: &Value) -> Result<Value, Problem> {
    let wrong = || {
        Problem::bad_request(format!(
            "The db_function of field '{field}' must be a list of objects with use and function."
        ))
    };
    let entry = |entry: &Value| match entry["function"].as_str() {
        Some(text) if !text.trim().is_empty() => Ok(entry.clone()),
        _ => Err(wrong()),
    };
    match functions {
        Value::Null => Ok(Value::Null),
        Value::Array(list) if list.is_empty() => Ok(Value::Null),
        Value::Array(list) => list.iter().map(entry).collect(),
        Value::Object(object) if object.is_empty() => Ok(Value::Null),
        Value::Object(object) if object.contains_key("use") => Ok(json!([entry(functions)?])),
        Value::Object(_) => {
            let entry = entry(functions)?;
            Ok(json!([{"use": ["SELECT"], "function": entry["function"], "function_type": "database"}]))
        }
        Value::String(text) => {
            Ok(json!([{"use": ["SELECT"], "function": text, "function_type": "database"}]))
        }
        _ => Err(wrong()),
    }
}

impl DatabaseService {
    /// Creates and changes fields of a table. Never drops one.
    pub(super) async fn write_fields(
        &self,
        request: &Request,
        table: &Table,
        definitions: &[Definition],
    ) -> Result<(), Problem> {
        let extras = self.catalogue.extras().await?;
        let backend = self.schema_backend()?;
        let target = self.target(&*backend, table, &extras, definitions).await?;
        let mut plan = target.plan(definitions)?;
        let extras = std::mem::take(&mut plan.extras);
        let steps = plan.steps();
        if !steps.is_empty() {
            super::table::no_view(table)?;
        }
        self.alter(AlterTable {
            table: table.native.clone(),
            steps,
        })
        .await?;
        self.change_extras(request, extras).await
    }

    /// Drops fields; names that the table does not have are no error.
    pub(super) async fn drop_fields(
        &self,
        request: &Request,
        table: &Table,
        names: &[String],
    ) -> Result<(), Problem> {
        let extras = self.catalogue.extras().await?;
        let backend = self.schema_backend()?;
        let target = self.target(&*backend, table, &extras, &[]).await?;
        let dropped: Vec<&Field> = table
            .fields
            .iter()
            .filter(|f| names.iter().any(|name| name.eq_ignore_ascii_case(&f.column.name)))
            .collect();
        let (steps, changes) = target.drops(&dropped);
        if !steps.is_empty() {
            super::table::no_view(table)?;
        }
        self.alter(AlterTable {
            table: table.native.clone(),
            steps,
        })
        .await?;
        self.change_extras(request, changes).await
    }
}

impl Target<'_> {
    /// The steps that take fields away, and what goes of the extras.
    pub(super) fn drops(&self, fields: &[&Field]) -> (Vec<AlterStep>, Vec<ExtraChange>) {
        let (mut steps, mut changes) = (Vec::new(), Vec::new());
        for field in fields {
            let name = &field.column.name;
            if !field.extra.is_virtual {
                // Two fields of one key drop it once.
                let key = self.foreign_key_of(field);
                steps.extend(key.filter(|step| !steps.contains(step)));
                steps.push(AlterStep::DropColumn(name.clone()));
            }
            changes.push(ExtraChange::DropField {
                table: self.public.to_owned(),
                field: name.clone(),
            });
        }
        (steps, changes)
    }
}
