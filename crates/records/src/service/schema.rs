//! Descriptions: `_schema`.

use super::DatabaseService;
use super::tables::{narrowed, wrapped};
use crate::{Table, describe};
use contract::{Operation, Problem, Request, Response, Value, Verb, word};
use serde_json::json;

impl DatabaseService {
    /// Answers the paths below `_schema`.
    pub(super) async fn schema(&self, operation: &Operation, request: &Request) -> Result<Response, Problem> {
        if operation.endpoint.name == "schema_tables" {
            return self.schema_tables(request).await;
        }
        if request.flag(&word::REFRESH) {
            self.catalogue.forget();
        }
        let table = self.catalogue.existing(operation.capture("table_name")).await?;
        request.permit(&format!("_schema/{}", table.public), Verb::Get)?;
        let list = |all: Vec<Value>| Response::value(wrapped(request.wrapper(&self.engine.settings), all));
        match operation.endpoint.name {
            "schema_fields" => {
                let names = request.list(&word::IDS);
                let wanted = table
                    .fields
                    .iter()
                    .filter(|f| named(names.as_deref(), &f.column.name));
                Ok(list(
                    wanted
                        .map(|f| narrowed(request, describe::field(f, false)))
                        .collect(),
                ))
            }
            "schema_relations" => {
                let names = request.list(&word::IDS);
                let wanted = table
                    .all_relations()
                    .filter(|r| named(names.as_deref(), r.real_name()));
                Ok(list(
                    wanted
                        .map(|r| narrowed(request, describe::relation(r, request.service.id, false)))
                        .collect(),
                ))
            }
            "schema_field" => {
                let name = operation.capture("field_name");
                let field = table
                    .fields
                    .iter()
                    .find(|f| f.column.name.eq_ignore_ascii_case(name))
                    .ok_or_else(|| {
                        Problem::not_found(format!(
                            "Field '{name}' does not exist in table '{}'.",
                            table.public
                        ))
                    })?;
                Ok(Response::value(narrowed(request, describe::field(field, false))))
            }
            "schema_relation" => {
                let name = operation.capture("relationship_name");
                let by_name = |r: &&crate::Relation| r.real_name().eq_ignore_ascii_case(name);
                let relation = table.all_relations().find(by_name).ok_or_else(|| {
                    Problem::not_found(format!(
                        "Relationship '{name}' does not exist in table '{}'.",
                        table.public
                    ))
                })?;
                let description = describe::relation(relation, request.service.id, false);
                Ok(Response::value(narrowed(request, description)))
            }
            _ => Ok(Response::value(described(&table, request))),
        }
    }

    /// The list of tables; with `ids`, their whole descriptions.
    async fn schema_tables(&self, request: &Request) -> Result<Response, Problem> {
        let wrapper = request.wrapper(&self.engine.settings);
        let Some(names) = request.list(&word::IDS).filter(|ids| !ids.is_empty()) else {
            return Ok(Response::value(wrapped(
                wrapper,
                self.listed(request, "_schema").await?,
            )));
        };
        if request.flag(&word::REFRESH) {
            self.catalogue.forget();
        }
        let mut all = Vec::with_capacity(names.len());
        for name in &names {
            let table = self.catalogue.existing(name).await?;
            request.permit(&format!("_schema/{}", table.public), Verb::Get)?;
            all.push(described(&table, request));
        }
        Ok(Response::value(wrapped(wrapper, all)))
    }
}

fn named(names: Option<&[String]>, name: &str) -> bool {
    names.is_none_or(|names| names.is_empty() || names.iter().any(|n| n.eq_ignore_ascii_case(name)))
}

pub(super) fn described(table: &Table, request: &Request) -> Value {
    let component = format!("_schema/{}", table.public);
    let access = request
        .caller
        .verbs(request.service.id, &component, &request.origin)
        .0;
    let mut description = describe::table(table, request, false);
    if let Some(description) = description.as_object_mut() {
        description.insert("access".into(), json!(access));
    }
    narrowed(request, description)
}
