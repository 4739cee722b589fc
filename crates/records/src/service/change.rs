//! Changes of the schema: `_schema` with POST, PUT, PATCH and DELETE.
//!
//! A change is planned whole before anything happens: definitions are read, names, types and functions checked. Then
//! the database changes, then the extras; afterwards the catalogue is forgotten, so that the next request sees all.

mod attributes;
mod column;
mod field;
mod keys;
mod relation;
mod table;

use super::DatabaseService;
use super::schema::described;
use super::tables::wrapped;
use crate::{Table, describe};
use contract::extras::ExtraChange;
use contract::{Map, Operation, Payload, Problem, Request, Response, Value, Verb, word};
use serde_json::json;
use sql::ddl::{AlterTable, SchemaChange};
use std::sync::Arc;

/// A definition in the body.
type Definition = Map<String, Value>;

impl DatabaseService {
    /// Answers the paths below `_schema` for all verbs but GET.
    pub(super) async fn change_schema(
        &self,
        operation: &Operation,
        request: &Request,
    ) -> Result<Response, Problem> {
        let done = self.changed(operation, request).await;
        self.catalogue.forget();
        done
    }

    async fn changed(&self, operation: &Operation, request: &Request) -> Result<Response, Problem> {
        let drops = operation.verb == Verb::Delete;
        match operation.endpoint.name {
            "schema_tables" if drops => self.drop_tables(request).await,
            "schema_tables" => self.write_tables(request).await,
            _ => {
                let table = self.catalogue.existing(operation.capture("table_name")).await?;
                request.permit(&format!("_schema/{}", table.public), operation.verb)?;
                self.change_table(operation, request, table).await
            }
        }
    }

    async fn change_table(
        &self,
        operation: &Operation,
        request: &Request,
        table: Arc<Table>,
    ) -> Result<Response, Problem> {
        let success = || Response::value(json!({ "success": true }));
        let field = operation.capture("field_name");
        let relation = operation.capture("relationship_name");
        match (operation.endpoint.name, operation.verb) {
            ("schema_table", Verb::Delete) => {
                self.drop_table(request, &table).await?;
                Ok(success())
            }
            ("schema_table", _) => self.write_table(request, &table).await,
            ("schema_fields", Verb::Delete) => {
                self.drop_fields(request, &table, &names(request)?).await?;
                Ok(success())
            }
            ("schema_fields", _) => {
                let definitions = definitions(request)?;
                let names = names_of(&definitions)?;
                self.write_fields(request, &table, &definitions).await?;
                let table = self.catalogue.existing(&table.public).await?;
                self.written(request, names, |name| {
                    let field = table
                        .fields
                        .iter()
                        .find(|f| f.column.name.eq_ignore_ascii_case(name));
                    field.map(|f| describe::field(f, false))
                })
            }
            ("schema_field", Verb::Delete) => {
                self.drop_fields(request, &table, &[field.to_owned()]).await?;
                Ok(success())
            }
            ("schema_field", _) => {
                let mut definition = definition(request)?;
                definition.insert("name".into(), json!(field));
                self.write_fields(request, &table, &[definition]).await?;
                Ok(success())
            }
            ("schema_relations", Verb::Delete) => {
                self.drop_relations(request, &table, &names(request)?).await?;
                Ok(success())
            }
            ("schema_relations", _) => {
                let names = self
                    .write_relations(request, &table, &definitions(request)?)
                    .await?;
                let table = self.catalogue.existing(&table.public).await?;
                self.written(request, names, |name| {
                    let relation = table.all_relations().find(|r| r.real_name() == name);
                    relation.map(|r| describe::relation(r, request.service.id, false))
                })
            }
            ("schema_relation", Verb::Delete) => {
                self.drop_relations(request, &table, &[relation.to_owned()])
                    .await?;
                Ok(success())
            }
            _ => {
                let mut definition = definition(request)?;
                definition.insert("name".into(), json!(relation));
                self.write_relations(request, &table, &[definition]).await?;
                Ok(success())
            }
        }
    }

    /// Creates and changes tables. One that fails does not stop the others; the only one of a request does.
    async fn write_tables(&self, request: &Request) -> Result<Response, Problem> {
        let definitions = definitions(request)?;
        let only = definitions.len() == 1;
        let mut slots = Vec::with_capacity(definitions.len());
        for definition in &definitions {
            let written = self.put_table(request, definition).await;
            self.catalogue.forget();
            match written {
                Ok(table) => slots.push(self.answered(request, &table).await?),
                Err(problem) if only => return Err(problem),
                Err(problem) => slots.push(slot(&problem)),
            }
        }
        Ok(self.list(request, slots))
    }

    /// Creates a table, or changes the one of that name. Gives its name.
    async fn put_table(&self, request: &Request, definition: &Definition) -> Result<String, Problem> {
        let name = attributes::text(definition, "name")?
            .ok_or_else(|| Problem::bad_request("Table schema received does not have a valid name."))?;
        let Some(table) = self.catalogue.table(&name).await? else {
            self.schema_permit(request, &name, request.verb)?;
            self.create_table(request, &name, definition).await?;
            return Ok(name);
        };
        self.schema_permit(request, &table.public, request.verb)?;
        if request.flag(&word::CHECK_EXIST) {
            return Err(Problem::bad_request(format!(
                "A table with name '{name}' already exist in the database."
            )));
        }
        self.alter_table(request, &table, definition).await?;
        Ok(table.public.clone())
    }

    async fn write_table(&self, request: &Request, table: &Arc<Table>) -> Result<Response, Problem> {
        self.alter_table(request, table, &definition(request)?).await?;
        self.catalogue.forget();
        Ok(Response::value(self.answered(request, &table.public).await?))
    }

    async fn drop_tables(&self, request: &Request) -> Result<Response, Problem> {
        let names = names(request)?;
        let only = names.len() == 1;
        let mut slots = Vec::with_capacity(names.len());
        for name in &names {
            let dropped = match self.catalogue.table(name).await? {
                Some(table) => match self.schema_permit(request, &table.public, Verb::Delete) {
                    Ok(()) => self.drop_table(request, &table).await,
                    Err(problem) => Err(problem),
                },
                None => Err(Problem::not_found(format!("Table '{name}' not found."))),
            };
            self.catalogue.forget();
            match dropped {
                Ok(()) => slots.push(json!({ "name": name })),
                Err(problem) if only => return Err(problem),
                Err(problem) => slots.push(slot(&problem)),
            }
        }
        Ok(self.list(request, slots))
    }

    async fn drop_table(&self, request: &Request, table: &Table) -> Result<(), Problem> {
        table::no_view(table)?;
        self.change(&SchemaChange::Drop(table.native.clone())).await?;
        let extras = vec![ExtraChange::DropTable(table.public.clone())];
        self.change_extras(request, extras).await
    }

    fn schema_permit(&self, request: &Request, table: &str, verb: Verb) -> Result<(), Problem> {
        request.permit(&format!("_schema/{table}"), verb).map(|_| ())
    }

    /// The name of a written table, or its description as `fields` asks for it.
    async fn answered(&self, request: &Request, name: &str) -> Result<Value, Problem> {
        if request.list(&word::FIELDS).is_none_or(|fields| fields.is_empty()) {
            return Ok(json!({ "name": name }));
        }
        let table = self.catalogue.existing(name).await?;
        Ok(described(&table, request))
    }

    /// The names of what was written, or its descriptions.
    fn written(
        &self,
        request: &Request,
        names: Vec<String>,
        describe: impl Fn(&str) -> Option<Value>,
    ) -> Result<Response, Problem> {
        let whole = request
            .list(&word::FIELDS)
            .is_some_and(|fields| !fields.is_empty());
        let list = names
            .into_iter()
            .filter_map(|name| match whole {
                true => describe(&name),
                false => Some(json!({ "name": name })),
            })
            .collect();
        Ok(self.list(request, list))
    }

    fn list(&self, request: &Request, list: Vec<Value>) -> Response {
        Response::value(wrapped(request.wrapper(&self.engine.settings), list))
    }

    /// Changes the database.
    async fn change(&self, change: &SchemaChange) -> Result<(), Problem> {
        self.schema_backend()?.change(change).await
    }

    /// Changes a table, when there is something to change.
    async fn alter(&self, alter: AlterTable) -> Result<(), Problem> {
        if alter.steps.is_empty() {
            return Ok(());
        }
        self.change(&SchemaChange::Alter(alter)).await
    }

    fn schema_backend(&self) -> Result<Box<dyn crate::ddl::SchemaBackend + '_>, Problem> {
        self.engine
            .backend
            .schema()
            .ok_or_else(|| Problem::bad_request("The schema of this service cannot be changed."))
    }

    async fn change_extras(&self, request: &Request, changes: Vec<ExtraChange>) -> Result<(), Problem> {
        let by = request.caller.user.as_ref().map(|user| user.id);
        self.catalogue.change_extras(by, changes).await
    }
}

/// A failed table among others.
fn slot(problem: &Problem) -> Value {
    json!({ "error": { "message": problem.message, "code": problem.status() } })
}

fn no_data(request: &Request) -> Problem {
    let what = match request.verb {
        Verb::Post => "create",
        Verb::Delete => "delete",
        _ => "update",
    };
    Problem::bad_request(format!("No data in schema {what} request."))
}

/// The definitions of the body: under `resource`, as a bare list, or the only one.
fn definitions(request: &Request) -> Result<Vec<Definition>, Problem> {
    let list = match &request.payload {
        Payload::Value(Value::Array(list)) => list.clone(),
        Payload::Value(Value::Object(object)) => match object.get("resource") {
            Some(Value::Array(list)) => list.clone(),
            Some(one @ Value::Object(_)) => vec![one.clone()],
            Some(_) => Vec::new(),
            None if object.is_empty() => Vec::new(),
            None => vec![Value::Object(object.clone())],
        },
        _ => Vec::new(),
    };
    if list.is_empty() {
        return Err(no_data(request));
    }
    list.into_iter()
        .map(|item| match item {
            Value::Object(definition) => Ok(definition),
            _ => Err(Problem::bad_request("Each definition must be an object.")),
        })
        .collect()
}

/// The one definition of the body.
fn definition(request: &Request) -> Result<Definition, Problem> {
    let mut definitions = definitions(request)?;
    match (definitions.pop(), definitions.is_empty()) {
        (Some(definition), true) if !definition.is_empty() => Ok(definition),
        (_, true) => Err(no_data(request)),
        _ => Err(Problem::bad_request(
            "This path takes one definition, not several.",
        )),
    }
}

fn names_of(definitions: &[Definition]) -> Result<Vec<String>, Problem> {
    definitions.iter().map(attributes::name).collect()
}

/// The names to delete: `ids`, or the body's list of names or of objects with names.
fn names(request: &Request) -> Result<Vec<String>, Problem> {
    if let Some(ids) = request.list(&word::IDS).filter(|ids| !ids.is_empty()) {
        return Ok(ids);
    }
    let list = match &request.payload {
        Payload::Value(Value::Array(list)) => list.as_slice(),
        Payload::Value(Value::Object(object)) => {
            let found = object.get("resource").and_then(Value::as_array);
            found.map(Vec::as_slice).unwrap_or_default()
        }
        _ => &[],
    };
    let name = |item: &Value| item.as_str().or_else(|| item["name"].as_str()).map(str::to_owned);
    let names: Option<Vec<String>> = list.iter().map(name).collect();
    match names {
        Some(names) if names.is_empty() => Err(no_data(request)),
        Some(names) => Ok(names),
        None => Err(Problem::bad_request("What is to be deleted is told by names.")),
    }
}
