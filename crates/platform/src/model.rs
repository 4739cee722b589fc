//! `_spec?model=true`: the tables of a service, their fields and relations, with a few rows of each.
//!
//! Rows and counts are read by ordinary calls of the caller, so that rights, row filters and limits are what they are
//! anywhere else.

use crate::documents::{Wish, table_endpoint};
use crate::policy::ServiceFacts;
use crate::{Incoming, Platform};
use contract::{
    Body, Caller, Format, Map, Origin, Params, Payload, Problem, RecordField, RecordShape, Request, Service,
    Value, Verb, word,
};
use serde_json::json;

/// Tables that a model describes at most.
const DESCRIBED: usize = 1000;
/// Tables whose rows are looked at, at most: a model must not read a whole database.
const SAMPLED: usize = 100;
/// Rows shown of a table.
const ROWS: &str = "3";

impl Platform {
    pub(crate) async fn model(
        &self,
        facts: &ServiceFacts,
        service: &dyn Service,
        request: &Request,
        wish: &Wish,
    ) -> Result<Value, Problem> {
        let description = facts.description.as_deref().unwrap_or_default();
        let mut model = json!({"service": facts.reference.name, "description": description});
        let Some(endpoint) = table_endpoint(service) else {
            model["error"] = json!("This service does not support schema introspection.");
            return Ok(model);
        };
        let may_read = |component: &str| {
            let caller: &Caller = &request.caller;
            caller
                .verbs(facts.reference.id, component, &request.origin)
                .contains(Verb::Get)
        };
        let component = |name: &str| endpoint.path.replace("{table_name}", name);
        let mut names = service.names(endpoint, &request.caller, &request.origin).await?;
        names.retain(|name| wish.is_about(name) && may_read(&component(name)));
        let found = names.len();
        names.truncate(DESCRIBED);
        let is_stock = request.flag(&word::STOCK);
        let (mut tables, mut relationships) = (Map::new(), Map::new());
        for (index, name) in names.into_iter().enumerate() {
            let Some(record) = service.record(endpoint, &name).await? else {
                continue;
            };
            let mut table = json!({"columns": columns(&record, may_read)});
            let relations = relations(&record, may_read, is_stock);
            if !is_stock {
                let chosen = record.fields.iter().filter(|field| !field.choices.is_empty());
                let values: Map<String, Value> = chosen
                    .map(|field| (field.name.clone(), json!(field.choices)))
                    .collect();
                table["enum_values"] = Value::Object(values);
                if index < SAMPLED
                    && let Ok((count, rows)) = self.sample(request, component(&name)).await
                {
                    table["row_count"] = count;
                    table["sample_data"] = rows;
                }
            }
            tables.insert(name.clone(), table);
            relationships.insert(name, relations);
        }
        if found > DESCRIBED {
            model["x-warning"] = json!(format!("The model describes {DESCRIBED} of {found} tables."));
        }
        model["tables"] = Value::Object(tables);
        model["relationships"] = Value::Object(relationships);
        model["patterns"] = json!([]);
        model["query_templates"] = json!([]);
        Ok(model)
    }

    /// The number of rows that the caller may see of a table, and the first of them.
    async fn sample(&self, request: &Request, path: String) -> Result<(Value, Value), Problem> {
        let params = [(word::LIMIT.name, ROWS), (word::INCLUDE_COUNT.name, "true")];
        let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let incoming = Incoming {
            verb: Verb::Get,
            service: request.service.name.clone(),
            path,
            trailing_slash: false,
            params: Params(params.into()),
            headers: Vec::new(),
            payload: Payload::None,
            origin: Origin::clone(&request.origin),
            format: Format::Other,
            base_url: request.base_url.clone(),
            peer: request.peer,
        };
        // Boxed, because the call comes back to the pipeline that this is a part of.
        let response = Box::pin(self.run_as(request.caller.clone(), incoming)).await?;
        let Body::Value(mut body) = response.body else {
            return Err(Problem::internal(
                "records that were asked for as a value came as something else",
            ));
        };
        let rows = body[&self.settings().resource_wrapper].take();
        Ok((body["meta"]["count"].take(), rows))
    }
}

fn columns(record: &RecordShape, may_read: impl Fn(&str) -> bool) -> Vec<Value> {
    let column = |field: &RecordField| {
        let mut column = json!({"name": field.name, "type": field.type_name});
        if field.is_key {
            column["pk"] = json!(true);
        }
        if field.required {
            column["required"] = json!(true);
        }
        if let Some((component, name)) = field
            .reference
            .as_ref()
            .filter(|(component, _)| may_read(component))
        {
            column["fk"] = json!(format!("{}.{name}", last(component)));
        }
        column
    };
    record.fields.iter().map(column).collect()
}

pub(crate) fn relations(record: &RecordShape, may_read: impl Fn(&str) -> bool, is_stock: bool) -> Value {
    let seen = record.relations.iter().filter(|relation| {
        may_read(&relation.component) && relation.junction.as_deref().is_none_or(&may_read)
    });
    let relation = seen.map(|relation| {
        let mut out = json!({
            "name": relation.name,
            "type": relation.kind,
            "field": relation.field,
            "ref_table": last(&relation.component),
            "ref_field": relation.ref_field,
            "junction_table": relation.junction.as_deref().map(last),
        });
        if !is_stock {
            out["usage"] = json!(format!("related={}", relation.name));
        }
        out
    });
    relation.collect()
}

/// The name at the end of a component.
fn last(component: &str) -> &str {
    component.split_once('/').map_or(component, |(_, name)| name)
}
