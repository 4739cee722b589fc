//! Reading records: by filter, by identifiers, by one identifier.

mod answer;
mod by_filter;
mod by_id;
mod keyset;
mod nested;

pub(crate) use answer::{Meta, list, whole};
pub(crate) use by_id::not_found;

use crate::Table;
use crate::collect;
use crate::columns::{self, Absent, Columns};
use crate::engine::{Engine, Opened};
use crate::filter::{self, Binding, Ways};
use crate::ident::{Ident, records_of};
use crate::plan::{Condition, ReadPlan};
use crate::related::{Trail, Wanted};
use contract::{Map, Payload, Problem, Request, Response, Value, Verb, word};
use std::sync::Arc;

/// A read under way: the opened table and what the request asks of it.
pub(crate) struct Read<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) request: &'a Request,
    pub(crate) opened: Opened,
    pub(crate) identifier: Vec<usize>,
    pub(crate) columns: Columns,
    pub(crate) related: Vec<Wanted>,
}

impl Engine {
    /// Answers `GET _table/{table}`.
    pub async fn read(&self, request: &Request, table: &str) -> Result<Response, Problem> {
        let read = Read::open(self, request, table, Absent::All).await?;
        if let Some(ids) = Ident::of(request)? {
            return read.by_ids(ids).await;
        }
        if let Some(records) = records_of(request, &self.settings)
            && !records.is_empty()
        {
            return read
                .by_ids(records.into_iter().map(Ident::from_json).collect())
                .await;
        }
        read.by_filter().await
    }

    /// Answers `GET _table/{table}/{id}`.
    pub async fn read_one(&self, request: &Request, table: &str, id: &str) -> Result<Response, Problem> {
        let read = Read::open(self, request, table, Absent::All).await?;
        read.one(id).await
    }
}

impl<'a> Read<'a> {
    pub(crate) async fn open(
        engine: &'a Engine,
        request: &'a Request,
        table: &str,
        absent: Absent,
    ) -> Result<Read<'a>, Problem> {
        let opened = engine.catalogue.open(request, table, Verb::Get).await?;
        Read::of(engine, request, opened, absent)
    }

    pub(crate) fn of(
        engine: &'a Engine,
        request: &'a Request,
        opened: Opened,
        absent: Absent,
    ) -> Result<Read<'a>, Problem> {
        let identifier = columns::identifier(request, &opened.table)?;
        let mut columns = Columns::of(request, &opened.table, &identifier, absent)?;
        let strict = engine.catalogue.strict_relations();
        let related = Wanted::of(request, &opened.table, strict, &Trail::default())?;
        columns.ensure_keys(&opened.table, &related);
        Ok(Read {
            engine,
            request,
            opened,
            identifier,
            columns,
            related,
        })
    }

    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.opened.table
    }

    /// Whether rows must be built as values before they can be answered.
    pub(crate) fn needs_values(&self) -> bool {
        !self.related.is_empty()
            || self.request.format == contract::Format::Other
            || self.engine.catalogue.completes(self.table())
    }

    pub(crate) fn plan(&self, condition: Option<Condition>, limit: Option<u64>) -> ReadPlan {
        ReadPlan {
            table: self.table().clone(),
            columns: self.columns.columns.clone(),
            condition: Condition::and(condition, self.opened.condition.clone()),
            group: self.columns.group.clone(),
            having: None,
            order: Vec::new(),
            limit,
            offset: 0,
        }
    }

    /// Rows as values, with computed fields and relations.
    pub(crate) async fn values(&self, plan: &ReadPlan) -> Result<Vec<Map<String, Value>>, Problem> {
        let mut rows = collect::rows(&*self.engine.backend, plan).await?;
        self.complete(&mut rows).await?;
        Ok(rows)
    }

    /// Adds computed fields and relations.
    async fn complete(&self, rows: &mut [Map<String, Value>]) -> Result<(), Problem> {
        let table = self.table();
        self.engine.catalogue.complete(self.request, table, rows).await?;
        let trail = Trail::default();
        crate::related::attach(self.engine, self.request, table, &self.related, rows, &trail).await?;
        Ok(())
    }

    /// The request's own filter.
    pub(crate) async fn client_filter(&self) -> Result<Option<Condition>, Problem> {
        client_filter(self.engine, self.request, self.table()).await
    }

    pub(crate) fn having(&self) -> Result<Option<Condition>, Problem> {
        match self.request.text(&word::HAVING) {
            Some(text) if !self.columns.group.is_empty() => {
                let group = Some(self.columns.group.as_slice());
                let binding = binding(self.engine, self.request, self.table(), group, Ways::NONE);
                filter::parse(&text)?
                    .map(|parsed| binding.filter(&parsed))
                    .transpose()
            }
            _ => Ok(None),
        }
    }
}

/// The filter of a request, bound to a table.
pub(crate) async fn client_filter(
    engine: &Engine,
    request: &Request,
    table: &Table,
) -> Result<Option<Condition>, Problem> {
    if let Payload::Value(Value::Object(body)) = &request.payload
        && body
            .get(word::FILTER.name)
            .is_some_and(|f| !f.is_string() && !f.is_null())
    {
        return Err(Problem::bad_request(
            "The filter must be text in the filter language.",
        ));
    }
    let Some(text) = request.text(&word::FILTER) else {
        return Ok(None);
    };
    let Some(parsed) = filter::parse(&text)? else {
        return Ok(None);
    };
    let ways = filter::ways(engine, request, table, &parsed).await?;
    binding(engine, request, table, None, &ways)
        .filter(&parsed)
        .map(Some)
}

fn binding<'s>(
    engine: &'s Engine,
    request: &'s Request,
    table: &'s Table,
    group: Option<&'s [usize]>,
    ways: &'s Ways,
) -> Binding<'s> {
    Binding {
        table,
        caller: &request.caller,
        settings: &engine.settings,
        params: params(request),
        group,
        ways,
    }
}

/// The values for `:name`: `params[:name]=v` in the query, or the object `params` in the body.
fn params(request: &Request) -> Map<String, Value> {
    let mut params = match request.body_value(&word::PARAMS) {
        Some(Value::Object(map)) => map.clone(),
        _ => Map::new(),
    };
    for (name, value) in &request.params.0 {
        if let Some(key) = name.strip_prefix("params[").and_then(|k| k.strip_suffix(']')) {
            params.insert(key.to_owned(), Value::String(value.clone()));
        }
    }
    params
}
