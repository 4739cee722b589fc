//! `import`: rows of CSV become a new table of a database service.
//!
//! All steps are ordinary calls of that service on behalf of the caller, so the caller needs the rights for them. The
//! rows are never in memory all at once: each is read when the service stores it.

use crate::answer::sent;
use crate::uploaded;
use contract::{
    Map, Origin, Params, Payload, Problem, RecordStream, Request, Response, Settings, Streamed,
    StreamedRecord, Value, Verb,
};
use futures_util::stream::{self, BoxStream, StreamExt};
use platform::{Incoming, Platform};
use query::body::Notation;
use records::ident::records_of;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Answers `POST import`: `service` and `resource` name where the rows go. They come as a file of a form, or as the
/// body itself. When a row is refused, the table is removed again.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let settings = platform.settings();
    let mut rows = rows(request, settings)?;
    let table = sent(request, "resource")
        .or_else(|| sent(request, "table"))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(unnamed);
    if table.contains('/') {
        return Err(Problem::bad_request("The name of a table cannot hold a slash."));
    }
    let target = Target {
        platform,
        request,
        service: sent(request, "service").unwrap_or_else(|| "db".to_owned()),
        table,
    };
    target.check().await?;
    let first = first(&mut rows).await?;
    target.create(first.record.iter().flat_map(Map::keys)).await?;
    let rows = stream::iter([Ok(first)]).chain(rows);
    if let Err(problem) = target.fill(RecordStream::new(rows)).await {
        target.remove().await;
        return Err(problem);
    }
    Ok(Response::value(json!({"resource": target.address()})))
}

/// The name of a table that was given none.
fn unnamed() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("import_{}", now.map_or(0, |since| since.as_secs()))
}

/// The rows that were sent: objects, all with the fields of the first.
fn rows(request: &Request, settings: &Settings) -> Result<BoxStream<'static, Streamed>, Problem> {
    if let Payload::Form(form) = &request.payload {
        let file = uploaded::file(form).ok_or_else(no_file)?;
        if uploaded::ending(file) != "csv" {
            return Err(Problem::bad_request(
                "Unsupported file type. Supported types are csv",
            ));
        }
        return Ok(stream::iter(Notation::Csv.records(file.bytes.clone(), settings)).boxed());
    }
    let media = request.header("content-type").unwrap_or_default();
    if Notation::of(media) != Some(Notation::Csv) {
        return Err(no_file());
    }
    match &request.payload {
        Payload::Records(records) => records.take().ok_or_else(no_file),
        _ => {
            let records = records_of(request, settings).ok_or_else(no_file)?;
            let record = |(index, record)| {
                let Value::Object(record) = record else {
                    return Err(no_file());
                };
                Ok(StreamedRecord {
                    number: index,
                    bytes: 0,
                    record: Ok(record),
                })
            };
            Ok(stream::iter((1..).zip(records).map(record)).boxed())
        }
    }
}

fn no_file() -> Problem {
    Problem::bad_request(
        "No import file supplied. Please upload a file, or send its text as the request's body with the content type \
         text/csv. Supported file type(s) is/are csv.",
    )
}

/// The first row, whose names are those of the columns.
async fn first(rows: &mut BoxStream<'static, Streamed>) -> Result<StreamedRecord, Problem> {
    let none = || Problem::bad_request("The CSV has no row under its header.");
    let mut first = rows.next().await.ok_or_else(none)??;
    let record = first.record?;
    if record.keys().any(|name| name.parse::<f64>().is_ok()) {
        return Err(Problem::bad_request(
            "First row in the uploaded CSV contains numeric value and cannot be used as field name. Please make sure \
             first row of your CSV file is the header row.",
        ));
    }
    if record.keys().any(String::is_empty) {
        return Err(Problem::bad_request(
            "First row in the uploaded CSV must name every field.",
        ));
    }
    first.record = Ok(record);
    Ok(first)
}

/// Where the rows go.
struct Target<'a> {
    platform: &'a Platform,
    request: &'a Request,
    service: String,
    table: String,
}

impl Target<'_> {
    /// Only databases have tables. Services that the caller may not know of are left to the pipeline's refusal.
    async fn check(&self) -> Result<(), Problem> {
        let policy = self.platform.store().policy().await?;
        let service = policy
            .services
            .iter()
            .find(|service| service.name.eq_ignore_ascii_case(&self.service))
            .filter(|service| self.request.caller.touches(service.id));
        let kind = service.and_then(|service| {
            let types = self.platform.types();
            types.iter().find(|kind| kind.name == service.kind)
        });
        match kind {
            Some(kind) if kind.group != "Database" => Err(Problem::bad_request(format!(
                "Importing resource(s) to service type group [{}] is not currently supported.",
                kind.group
            ))),
            _ => Ok(()),
        }
    }

    /// Makes the table: a text column for every name.
    async fn create(&self, names: impl Iterator<Item = &String>) -> Result<(), Problem> {
        let path = format!("_schema/{}", self.table);
        if self.call(Verb::Get, path, Payload::None).await.is_ok() {
            return Err(Problem::bad_request(format!(
                "Importing CSV data into existing DB table [{}] is not supported.",
                self.table
            )));
        }
        let fields: Vec<Value> = names
            .map(|name| json!({"name": name, "type": "string", "allow_null": true}))
            .collect();
        let table = json!({
            "name": self.table,
            "description": "Table created from CSV data import",
            "field": fields,
        });
        let wrapper = &self.platform.settings().resource_wrapper;
        let tables = Payload::Value(json!({ wrapper: [table] }));
        self.call(Verb::Post, "_schema".to_owned(), tables).await
    }

    async fn fill(&self, rows: RecordStream) -> Result<(), Problem> {
        let path = format!("_table/{}", self.table);
        self.call(Verb::Post, path, Payload::Records(rows)).await
    }

    /// Removes the table of an import that failed. Whoever may make tables but not remove them keeps an empty one.
    async fn remove(&self) {
        let path = format!("_schema/{}", self.table);
        if let Err(problem) = self.call(Verb::Delete, path, Payload::None).await {
            tracing::warn!(service = self.service, table = self.table, %problem, "the table of a failed import stays");
        }
    }

    /// A call of the service.
    async fn call(&self, verb: Verb, path: String, payload: Payload) -> Result<(), Problem> {
        let incoming = Incoming {
            verb,
            service: self.service.clone(),
            path,
            trailing_slash: false,
            params: Params(vec![("rollback".to_owned(), "true".to_owned())]),
            headers: Vec::new(),
            payload,
            origin: Origin::Api,
            format: contract::Format::Other,
            base_url: self.request.base_url.clone(),
            peer: None,
        };
        let caller = self.request.caller.clone();
        self.platform.run_as(caller, incoming).await.map(|_| ())
    }

    /// Where clients find the table.
    fn address(&self) -> String {
        let base = self.request.base_url.trim_end_matches('/');
        let prefix = &self.platform.settings().api_route_prefix;
        format!("{base}/{prefix}/v2/{}/_table/{}", self.service, self.table)
    }
}
