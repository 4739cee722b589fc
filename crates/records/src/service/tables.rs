//! Lists of tables: `_table` and `_schema` without a table.

use super::DatabaseService;
use crate::{RawTableName, describe};
use contract::extras::TableExtra;
use contract::{Map, Problem, Request, Response, Value, Verb, word};
use serde_json::json;

/// Whether a list shows a table to the caller.
pub(super) fn visible(request: &Request, resource: &str, table: &str) -> bool {
    let component = format!("{resource}/{table}");
    request
        .caller
        .verbs(request.service.id, &component, &request.origin)
        .contains(Verb::Get)
}

/// The members of a list's entry that `fields` asks for; without it only the name. `as_list` gives the name alone.
pub(super) fn chosen(request: &Request, entry: Map<String, Value>) -> Value {
    if request.flag(&word::AS_LIST) {
        return entry.get("name").cloned().unwrap_or_default();
    }
    let fields = request.list(&word::FIELDS).unwrap_or_default();
    if fields.iter().any(|f| f == "*") {
        return Value::Object(entry);
    }
    let keep = |key: &str| {
        if fields.is_empty() {
            key == "name"
        } else {
            fields.iter().any(|f| f == key)
        }
    };
    Value::Object(entry.into_iter().filter(|(key, _)| keep(key)).collect())
}

/// The members of a description that `fields` asks for; without it, all.
pub(super) fn narrowed(request: &Request, description: Value) -> Value {
    let fields = request.list(&word::FIELDS).unwrap_or_default();
    match description {
        Value::Object(members) if !fields.is_empty() && !fields.iter().any(|f| f == "*") => members
            .into_iter()
            .filter(|(key, _)| fields.contains(key))
            .collect(),
        whole => whole,
    }
}

/// A list under its wrapper, or bare.
pub(super) fn wrapped(wrapper: Option<&str>, list: Vec<Value>) -> Value {
    match wrapper {
        Some(key) => json!({ key: list }),
        None => Value::Array(list),
    }
}

/// The name that a resource speaks of a table: records know it by its alias.
fn spoken<'t>(table: &'t RawTableName, extra: Option<&'t TableExtra>, resource: &str) -> &'t String {
    let alias = extra.and_then(|extra| extra.alias.as_ref());
    alias.filter(|_| resource != "_schema").unwrap_or(&table.public)
}

impl DatabaseService {
    /// The names of all tables below a resource.
    pub(super) async fn table_names(&self, resource: &str) -> Result<Vec<String>, Problem> {
        let tables = self.catalogue.tables(false).await?;
        let extras = self.catalogue.extras().await?;
        let names = tables
            .iter()
            .map(|table| spoken(table, extras.table(&table.public), resource).clone());
        Ok(names.collect())
    }

    /// Answers `GET _table`.
    pub(super) async fn tables(&self, request: &Request) -> Result<Response, Problem> {
        let list = self.listed(request, "_table").await?;
        Ok(Response::value(wrapped(
            request.wrapper(&self.engine.settings),
            list,
        )))
    }

    /// The entries of a list of tables, as far as the caller may see them.
    pub(super) async fn listed(&self, request: &Request, resource: &str) -> Result<Vec<Value>, Problem> {
        let tables = self.catalogue.tables(request.flag(&word::REFRESH)).await?;
        let extras = self.catalogue.extras().await?;
        let in_schema = resource == "_schema";
        // The name that this list speaks of a table, and its extras.
        let named: Vec<_> = tables
            .iter()
            .map(|table| {
                let extra = extras.table(&table.public);
                (spoken(table, extra, resource), table, extra)
            })
            .collect();
        let wanted = request.list(&word::IDS).filter(|ids| !ids.is_empty());
        let prefix = request
            .params
            .get(word::SCHEMA.name)
            .filter(|s| !s.is_empty())
            .map(|s| format!("{s}."));
        let entries = named.into_iter().filter(|(name, _, _)| {
            let asked = wanted
                .as_ref()
                .is_none_or(|ids| ids.iter().any(|id| id.eq_ignore_ascii_case(name)));
            asked && prefix.as_ref().is_none_or(|p| name.starts_with(p))
        });
        let entries = entries
            .filter(|(name, _, _)| visible(request, resource, name))
            .map(|(name, table, extra)| {
                let mut entry = describe::entry(name, table.is_view, in_schema, extra);
                let component = format!("{resource}/{name}");
                let verbs = request
                    .caller
                    .verbs(request.service.id, &component, &request.origin);
                entry.insert("access".into(), json!(verbs.names()));
                chosen(request, entry)
            });
        Ok(entries.collect())
    }
}
