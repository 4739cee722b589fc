//! A call, whatever door it came through.

use crate::{Caller, Map, Problem, RawBody, RecordStream, Settings, Value, Verb, Word, truthy};
use bytes::Bytes;
use core::net::IpAddr;
use std::borrow::Cow;
use std::sync::Arc;

/// Where a call comes from. Requestor masks and limits look at this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A client, over HTTP.
    Api,
    /// A script, at a nesting depth from 1.
    Script {
        /// How many scripts are on the way.
        depth: u8,
    },
    /// A scheduled job, or a call that the instance makes for itself.
    Job,
    /// An AI tool call.
    Tool,
}

impl Origin {
    /// The bit of `requestor_mask`: API 1, SCRIPT 2.
    pub const fn bit(&self) -> u8 {
        match self {
            Origin::Api | Origin::Tool | Origin::Job => 1,
            Origin::Script { .. } => 2,
        }
    }
}

/// The cookie by which a browser shows that it began a login. It is no credential; of all cookies it alone reaches
/// services.
pub const LOGIN_COOKIE: &str = "dreamwright_login";

/// The service that a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRef {
    /// Primary key.
    pub id: i64,
    /// Name in the path.
    pub name: String,
}

/// Query parameters in the order they were sent; names are matched exactly, the first one wins.
#[derive(Debug, Clone, Default)]
pub struct Params(pub Vec<(String, String)>);

impl Params {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether `name` was sent at all.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// The body of a call after reading its media type.
#[derive(Debug, Clone, Default)]
pub enum Payload {
    /// No body, or one that is empty.
    #[default]
    None,
    /// JSON, form, XML or CSV, as a value.
    Value(Value),
    /// `text/plain`.
    Text(String),
    /// A form with files in it, or a file alone.
    Form(Form),
    /// New records, too many bytes of them to be held. Given to services that take them
    /// ([`crate::Service::takes_records`]).
    Records(RecordStream),
    /// The bytes as they were sent, whatever their media type. Given to services that take them
    /// ([`crate::Service::takes_bytes`]).
    Bytes(RawBody),
}

/// A form with files.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Its fields, as an object.
    pub fields: Map<String, Value>,
    /// Its files, in the order in which they were sent; never empty.
    pub files: Vec<Upload>,
}

/// A file that was sent.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Name of its field in the form; empty for a body that is a file.
    pub field: String,
    /// Its own name, as the client says: never a path to trust.
    pub name: String,
    /// Content.
    pub bytes: Bytes,
}

/// What the caller wants back. Decided by the door, so that rows can be encoded once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// JSON, also where nothing was asked.
    #[default]
    Json,
    /// Records as lines of JSON.
    Ndjson,
    /// Records as CSV.
    Csv,
    /// Anything else: the service answers with a value and the door converts it.
    Other,
}

impl Format {
    /// The media type of records that a service writes in this form itself; `None` where the door writes them.
    pub const fn media(self) -> Option<&'static str> {
        match self {
            Format::Json => Some("application/json"),
            Format::Ndjson => Some("application/x-ndjson"),
            Format::Csv => Some("text/csv; charset=UTF-8"),
            Format::Other => None,
        }
    }
}

/// One call.
#[derive(Debug, Clone)]
pub struct Request {
    /// The verb, after tunnelling.
    pub verb: Verb,
    /// The service.
    pub service: Arc<ServiceRef>,
    /// The decoded path below the service, without slashes at the ends.
    pub path: String,
    /// Whether the path ended with a slash (file services use it to mean a folder).
    pub trailing_slash: bool,
    /// Query parameters.
    pub params: Params,
    /// Headers that services may look at; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub payload: Payload,
    /// Who is calling.
    pub caller: Caller,
    /// Where the call comes from.
    pub origin: Origin,
    /// What the caller wants back.
    pub format: Format,
    /// `scheme://host[:port]` under which the caller reached us, for links.
    pub base_url: Arc<str>,
    /// The other end of the connection, where there is one.
    pub peer: Option<IpAddr>,
}

impl Request {
    /// The same call for another service and with other parameters, without a body.
    pub fn aimed_at(&self, service: Arc<ServiceRef>, params: Params) -> Request {
        Request {
            verb: self.verb,
            service,
            path: self.path.clone(),
            trailing_slash: self.trailing_slash,
            params,
            headers: self.headers.clone(),
            payload: Payload::None,
            caller: self.caller.clone(),
            origin: self.origin.clone(),
            format: self.format,
            base_url: Arc::clone(&self.base_url),
            peer: self.peer,
        }
    }

    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The body when it is an object; of a form its fields.
    pub fn object(&self) -> Option<&Map<String, Value>> {
        match &self.payload {
            Payload::Value(Value::Object(map)) => Some(map),
            Payload::Form(form) => Some(&form.fields),
            _ => None,
        }
    }

    /// The text of a word: the query first, then, for words that may stand there, the body. The word's name and
    /// aliases are tried in order; the first that was sent decides, even when it is empty. A list in the body
    /// is joined with commas.
    pub fn text(&self, word: &Word) -> Option<Cow<'_, str>> {
        for name in word.names() {
            if let Some(value) = self.params.get(name) {
                return Some(Cow::Borrowed(value));
            }
        }
        if let Some(body) = self.object().filter(|_| word.in_body) {
            for name in word.names() {
                match body.get(name) {
                    None | Some(Value::Null) => {}
                    Some(Value::String(s)) => return Some(Cow::Borrowed(s)),
                    Some(Value::Array(list)) => {
                        let parts: Vec<String> = list.iter().map(scalar_text).collect();
                        return Some(Cow::Owned(parts.join(",")));
                    }
                    Some(other) => return Some(Cow::Owned(scalar_text(other))),
                }
            }
        }
        None
    }

    /// The value of a word in the body alone.
    pub fn body_value(&self, word: &Word) -> Option<&Value> {
        word.names()
            .find_map(|name| self.object().and_then(|o| o.get(name)))
    }

    /// A yes-or-no word; absent is no.
    pub fn flag(&self, word: &Word) -> bool {
        self.text(word).is_some_and(|t| truthy(&t))
    }

    /// A comma-separated word: elements trimmed, empty ones at the ends left out.
    pub fn list(&self, word: &Word) -> Option<Vec<String>> {
        self.text(word).map(|text| {
            text.trim_matches(|c: char| c == ',' || c.is_whitespace())
                .split(',')
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect()
        })
    }

    /// A whole number; what is not one counts as absent.
    pub fn number(&self, word: &Word) -> Option<i64> {
        self.text(word).and_then(|t| t.trim().parse().ok())
    }

    /// The key under which a list is wrapped, or `None` for a bare list. The `wrap` parameter or header decides
    /// over the setting.
    pub fn wrapper<'s>(&self, settings: &'s Settings) -> Option<&'s str> {
        let asked = self.params.get("wrap").or_else(|| self.header("wrap"));
        let wrap = asked.map_or(settings.always_wrap_resources, truthy);
        wrap.then_some(settings.resource_wrapper.as_str())
    }

    /// A list under the key of [`Request::wrapper`], or bare.
    pub fn wrapped(&self, list: Vec<Value>, settings: &Settings) -> Value {
        match self.wrapper(settings) {
            None => Value::Array(list),
            Some(key) => Value::Object(Map::from_iter([(key.to_owned(), Value::Array(list))])),
        }
    }

    /// The row filter of a component that the gate has already let through by a longer or shorter path; without a
    /// grant of its own there is none.
    pub fn row_filter(&self, component: &str, verb: Verb) -> Option<Arc<crate::RowFilter>> {
        match self
            .caller
            .verdict(self.service.id, component, verb, &self.origin)
        {
            crate::Verdict::Allow { filter } => filter,
            crate::Verdict::Deny(_) => None,
        }
    }

    /// Checks a component inside this request's service; see [`Caller::permit`].
    pub fn permit(&self, component: &str, verb: Verb) -> Result<Option<Arc<crate::RowFilter>>, Problem> {
        self.caller.permit(
            (self.service.id, &self.service.name),
            component,
            verb,
            &self.origin,
        )
    }
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
