//! Reading through a face: the request is widened to what computed keys need, the answer narrowed to what was asked.

use crate::face::Face;
use crate::identified;
use contract::{Body, Format, Payload, Problem, Request, Response, Settings, Value, Verb, word};
use records::Engine;

/// What stands in for `fields` when it is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// All fields: reading.
    All,
    /// The identifier: writing.
    Identifier,
}

/// A read of a face.
pub(crate) struct Reading {
    face: &'static Face,
    request: Request,
    /// Keys that stay in a record; `None` for all.
    shown: Option<Vec<String>>,
}

impl Reading {
    /// Prepares a request for the record engine.
    pub(crate) fn of(face: &'static Face, request: &Request, absent: Absent) -> Result<Reading, Problem> {
        if request
            .list(&word::RELATED)
            .is_some_and(|names| names.iter().any(|name| name == "*"))
        {
            return Err(Problem::bad_request("Unknown relationship: *"));
        }
        let mut reading = Reading {
            face,
            request: request.clone(),
            shown: None,
        };
        reading.request.format = Format::Other;
        let grouped = request.text(&word::GROUP).is_some_and(|g| !g.trim().is_empty());
        let asked = match (request.list(&word::FIELDS), absent) {
            (None, Absent::Identifier) => Some(vec![face.key.to_owned()]),
            (asked, _) => asked,
        };
        if let Some(asked) = asked.filter(|_| !grouped) {
            reading.narrow(asked);
        }
        if request.flag(&word::AS_LIST) && request.text(&word::ID_FIELD).is_none() {
            reading.param(word::ID_FIELD.name, face.key);
        }
        if !grouped && request.text(&word::ORDER).is_none() {
            reading.param(word::ORDER.name, face.order);
        }
        if let Some(user) = &request.caller.user {
            reading.param("params[user_id]", &user.id.to_string());
        }
        Ok(reading)
    }

    fn param(&mut self, name: &str, value: &str) {
        self.request.params.0.push((name.to_owned(), value.to_owned()));
    }

    /// Turns the fields that were asked for into columns to read and keys to show.
    fn narrow(&mut self, asked: Vec<String>) {
        let mut columns: Vec<String> = asked
            .iter()
            .filter(|name| !self.face.is_computed(name))
            .cloned()
            .collect();
        if columns.iter().any(|name| name == "*") {
            self.set_fields(&columns);
            return;
        }
        let add = |list: &mut Vec<String>, name: &str| {
            if !list.iter().any(|n| n.eq_ignore_ascii_case(name)) {
                list.push(name.to_owned());
            }
        };
        // A service's configuration comes with all fields only; naming it gives what identifies it, as clients know.
        if self.face.name == "service" && columns.len() < asked.len() {
            add(&mut columns, "id");
            add(&mut columns, "type");
        }
        let mut shown: Vec<String> = if columns.is_empty() {
            asked
        } else {
            columns.clone()
        };
        self.face.always.iter().for_each(|name| add(&mut shown, name));
        shown.extend(self.face.links().map(|link| link.name.to_owned()));
        self.face.needs.iter().for_each(|name| add(&mut columns, name));
        if columns.is_empty() {
            columns.push(self.face.key.to_owned());
        }
        self.set_fields(&columns);
        self.shown = Some(shown);
    }

    fn set_fields(&mut self, columns: &[String]) {
        self.request
            .params
            .0
            .retain(|(name, _)| !word::FIELDS.names().any(|n| n == name));
        self.param(word::FIELDS.name, &columns.join(","));
    }

    /// Records by filter, identifiers, or all.
    pub(crate) async fn list(self, engine: &Engine) -> Result<Response, Problem> {
        let wrapper = engine.settings.resource_wrapper.clone();
        let by_identifier = identified::as_list(engine, self.face, &self.request).await?;
        let request = by_identifier.as_ref().unwrap_or(&self.request);
        match engine.read(request, self.face.name).await {
            Ok(mut response) => {
                if let Body::Value(value) = &mut response.body {
                    self.trim_list(value, &wrapper);
                }
                Ok(response)
            }
            Err(mut problem) => {
                if let Some(context) = &mut problem.context {
                    self.trim_list(context, &wrapper);
                }
                Err(problem)
            }
        }
    }

    /// One record.
    pub(crate) async fn one(&self, engine: &Engine, id: &str) -> Result<Value, Problem> {
        let response = engine.read_one(&self.request, self.face.name, id).await?;
        match response.body {
            Body::Value(mut row) => {
                self.trim(&mut row);
                Ok(row)
            }
            _ => Err(Problem::internal(
                "the record engine answered a face with something else than a value",
            )),
        }
    }

    fn trim_list(&self, body: &mut Value, wrapper: &str) {
        let rows = match body {
            Value::Array(rows) => Some(rows),
            Value::Object(body) => {
                // Clients of the system page by the count alone.
                if let Some(Value::Object(meta)) = body.get_mut("meta") {
                    meta.shift_remove("next");
                }
                body.get_mut(wrapper).and_then(Value::as_array_mut)
            }
            _ => None,
        };
        rows.into_iter().flatten().for_each(|row| self.trim(row));
    }

    fn trim(&self, row: &mut Value) {
        let (Some(shown), Value::Object(row)) = (&self.shown, row) else {
            return;
        };
        if !row.contains_key("status_code") {
            row.retain(|key, _| shown.iter().any(|name| name.eq_ignore_ascii_case(key)));
        }
    }
}

/// The same request as a GET of whole records by identifier: what a write answers with. `fields` and `related` stay,
/// with the options of relations; everything else of the write is gone.
pub(crate) fn as_read(request: &Request) -> Request {
    let mut read = request.clone();
    let text = |word| request.text(word).map(|text| text.into_owned());
    let own = [
        (word::FIELDS.name, text(&word::FIELDS)),
        (word::RELATED.name, text(&word::RELATED)),
    ];
    let options = request
        .params
        .0
        .iter()
        .filter(|(name, _)| name.contains("_by_") || name == "wrap")
        .cloned();
    read.params.0 = own
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), text?)))
        .chain(options)
        .collect();
    read.payload = Payload::None;
    read.verb = Verb::Get;
    read
}

/// Refuses what a write asks to be answered with when no record could be shown so.
pub(crate) async fn check_wish(
    engine: &Engine,
    face: &'static Face,
    request: &Request,
) -> Result<(), Problem> {
    let (mut read, _) = crate::limit::without_counters(&as_read(request));
    read.params.0.push((word::LIMIT.name.to_owned(), "1".to_owned()));
    let reading = Reading::of(face, &read, Absent::Identifier)?;
    reading.list(engine).await.map(|_| ())
}

/// The keys of all records that meet a request's filter.
pub(crate) async fn matching(
    engine: &Engine,
    face: &'static Face,
    request: &Request,
    settings: &Settings,
) -> Result<Vec<Value>, Problem> {
    let mut read = request.clone();
    let filter = request.text(&word::FILTER).map(|text| text.into_owned());
    read.payload = match request.body_value(&word::PARAMS) {
        Some(params) => Payload::Value(serde_json::json!({ "params": params })),
        None => Payload::None,
    };
    read.params.0.retain(|(name, _)| name.starts_with("params["));
    read.params
        .0
        .extend(filter.map(|text| (word::FILTER.name.to_owned(), text)));
    read.params
        .0
        .push((word::FIELDS.name.to_owned(), face.key.to_owned()));
    read.params.0.push(("wrap".to_owned(), "false".to_owned()));
    read.verb = Verb::Get;
    let response = Reading::of(face, &read, Absent::Identifier)?.list(engine).await?;
    let rows = match response.body {
        Body::Value(Value::Array(rows)) => rows,
        // With a count of what did not fit, a list is always wrapped.
        Body::Value(Value::Object(mut body)) => {
            match body.get_mut(&settings.resource_wrapper).map(Value::take) {
                Some(Value::Array(rows)) => rows,
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    };
    let key = |row: Value| match row {
        Value::Object(mut row) => row.shift_remove(face.key),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(key).collect())
}
