//! What a service is: a table of endpoints and one function that answers them.

use crate::{
    Caller, ConfigSpec, EventLog, Extras, Map, Origin, Problem, RecordShape, Request, Response, ServiceRef,
    Settings, Shape, Value, Verb, Word,
};
use async_trait::async_trait;
use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

/// One verb of an endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// The verb.
    pub verb: Verb,
    /// Name of the operation in documents. `{S}` stands for the service's name, `{One}` and `{Many}` for the last
    /// word of the endpoint's path: `get{S}{Many}` becomes `getSystemRoles`. Of two endpoints with the same names,
    /// the second is another form of the first, which documents leave out.
    pub id: &'static str,
    /// What it does, as a short sentence for documents.
    pub summary: &'static str,
    /// The words it understands.
    pub words: &'static [&'static Word],
    /// What the body holds; `None` where none is looked at.
    pub takes: Option<Shape>,
    /// What a good answer holds; `None` where every call is refused, so that documents and events leave it out.
    pub gives: Option<Shape>,
    /// Status of a good answer.
    pub status: u16,
    /// What an answer with 200 holds instead, where a parameter asks for no change.
    pub tells: Option<Shape>,
    /// Whether it is in the list of events. Not so what stands for another verb, and looking at what happened.
    pub event: bool,
}

impl Method {
    /// A method without a body that answers 200 with anything.
    pub const fn new(
        verb: Verb,
        id: &'static str,
        summary: &'static str,
        words: &'static [&'static Word],
    ) -> Method {
        Method {
            verb,
            id,
            summary,
            words,
            takes: None,
            gives: Some(Shape::Any),
            status: 200,
            tells: None,
            event: true,
        }
    }

    /// A method that exists to be refused with a sentence of its own.
    pub const fn refused(verb: Verb, summary: &'static str) -> Method {
        Method {
            gives: None,
            ..Method::new(verb, "", summary, &[])
        }
    }

    /// The same with a body.
    #[must_use]
    pub const fn takes(mut self, shape: Shape) -> Method {
        self.takes = Some(shape);
        self
    }

    /// The same with this answer.
    #[must_use]
    pub const fn gives(mut self, shape: Shape) -> Method {
        self.gives = Some(shape);
        self
    }

    /// The same, which can also answer 200 with this and change nothing.
    #[must_use]
    pub const fn or_tells(mut self, shape: Shape) -> Method {
        self.tells = Some(shape);
        self
    }

    /// The same, not in the list of events.
    #[must_use]
    pub const fn without_event(mut self) -> Method {
        self.event = false;
        self
    }

    /// The same, answering 201.
    #[must_use]
    pub const fn creates(mut self) -> Method {
        self.status = 201;
        self
    }
}

/// One endpoint of a service: a path with placeholders, and its verbs. Routing, refusals, components, event
/// names and documents are derived from it.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// Name by which the service's `call` tells endpoints apart.
    pub name: &'static str,
    /// Segments joined by `/`; `{x}` takes one segment, `{x*}` as last takes all that is left, and `{x*}/` the same of
    /// a call whose path ends with a slash. Empty is the root.
    pub path: &'static str,
    /// Its verbs.
    pub methods: &'static [Method],
}

impl Endpoint {
    /// The placeholders of the path in order, without braces.
    pub fn placeholders(&self) -> impl Iterator<Item = &'static str> {
        let segments = self.path.split('/');
        segments
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| name.trim_end_matches('*'))
    }
}

/// An endpoint that matched, with what its placeholders took.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The endpoint.
    pub endpoint: &'static Endpoint,
    /// The verb.
    pub verb: Verb,
    /// Placeholder values in order.
    pub captures: Vec<(&'static str, String)>,
}

impl Operation {
    /// What a placeholder took; empty when the endpoint has none of that name.
    pub fn capture(&self, name: &str) -> &str {
        self.captures
            .iter()
            .find(|(n, _)| *n == name)
            .map_or("", |(_, v)| v.as_str())
    }
}

/// How a path fits a table of endpoints.
#[derive(Debug)]
pub enum Route {
    /// An endpoint with this verb.
    Found(Operation),
    /// The path exists, the verb does not.
    WrongVerb(&'static Endpoint),
    /// No such path.
    Unknown,
}

/// Finds the endpoint for a verb and a decoded path, which may keep the slash at its end. Literal segments are compared
/// without case; the first endpoint of the table that fits wins, except that a path without placeholders never falls
/// through to one with them.
pub fn route(endpoints: &'static [Endpoint], verb: Verb, path: &str) -> Route {
    let mut wrong_verb = None;
    let (path, is_folder) = (path.trim_end_matches('/'), path.ends_with('/'));
    let (head, _) = cut(path);
    for endpoint in endpoints {
        if !may_begin(endpoint.path, head) || (endpoint.path.ends_with('/') && !is_folder) {
            continue;
        }
        if let Some(captures) = fit(endpoint.path, path) {
            if endpoint.methods.iter().any(|m| m.verb == verb) {
                let captures = captures
                    .into_iter()
                    .map(|(name, value)| (name, value.to_owned()))
                    .collect();
                return Route::Found(Operation {
                    endpoint,
                    verb,
                    captures,
                });
            }
            // A path that is written out is not another endpoint's identifier.
            if captures.is_empty() {
                return Route::WrongVerb(endpoint);
            }
            wrong_verb.get_or_insert(endpoint);
        }
    }
    wrong_verb.map_or(Route::Unknown, Route::WrongVerb)
}

/// Whether a pattern may fit a path with this first segment. Most of a service's do not.
fn may_begin(pattern: &str, head: &str) -> bool {
    let (pattern, head) = (pattern.as_bytes(), head.as_bytes());
    let is_head = |start: &[u8]| start.eq_ignore_ascii_case(head);
    pattern.starts_with(b"{")
        || (matches!(pattern.get(head.len()), None | Some(b'/'))
            && pattern.get(..head.len()).is_some_and(is_head))
}

/// What a pattern's placeholders take of a path; `None` when it does not fit.
fn fit<'p>(mut pattern: &'static str, path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
    let mut captures = Vec::new();
    let mut rest = path;
    while !pattern.is_empty() {
        let segment;
        (segment, pattern) = cut(pattern);
        if segment.is_empty() {
            continue;
        }
        if rest.is_empty() {
            return None;
        }
        let placeholder = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
        if let Some(name) = placeholder.and_then(|p| p.strip_suffix('*')) {
            captures.push((name, rest));
            return Some(captures);
        }
        let head;
        (head, rest) = cut(rest);
        match placeholder {
            Some(name) => captures.push((name, head)),
            None if segment.eq_ignore_ascii_case(head) => {}
            None => return None,
        }
    }
    rest.is_empty().then_some(captures)
}

/// The first segment of a path and what follows it. By hand, because the search for a char is made for longer texts.
fn cut(path: &str) -> (&str, &str) {
    let slash = path.bytes().position(|b| b == b'/');
    slash.map_or((path, ""), |at| (&path[..at], &path[at + 1..]))
}

/// What a service type is given to build a service.
pub struct BuildContext {
    /// Id and name.
    pub service: Arc<ServiceRef>,
    /// Configuration, complete, secrets in clear, lookups replaced.
    pub config: Map<String, Value>,
    /// Instance settings.
    pub settings: Arc<Settings>,
    /// The folder of the instance's data.
    pub data: PathBuf,
    /// Where extras of tables, fields and relations are kept.
    pub extras: Arc<dyn Extras>,
    /// The other services, for what leads from one to another.
    pub services: Arc<dyn Services>,
}

/// The services of an instance, as they run right now.
#[async_trait]
pub trait Services: Send + Sync {
    /// The running service of an id. 404 when there is none, 403 when it is deactivated, 500 when its type is not
    /// installed. Does not look at anybody's rights: who uses it asks for them, as for a call from outside.
    async fn running(&self, id: i64) -> Result<Arc<dyn Service>, Problem>;

    /// The definition that people wrote for a service: an OpenAPI document. `None` when there is none, and when it
    /// cannot be read.
    async fn definition(&self, _id: i64) -> Result<Option<Value>, Problem> {
        Ok(None)
    }
}

/// Knows no services: for one that stands alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoServices;

#[async_trait]
impl Services for NoServices {
    async fn running(&self, id: i64) -> Result<Arc<dyn Service>, Problem> {
        Err(Problem::not_found(format!(
            "There is no service with the id {id}."
        )))
    }
}

/// Builds a service. Must not connect: a database that is down must not keep its service from existing.
pub type ServiceFactory = Arc<dyn Fn(BuildContext) -> Result<Arc<dyn Service>, Problem> + Send + Sync>;

/// The group of service types that are told of calls; see [`Service::event_log`].
pub const LOG_GROUP: &str = "Log";

/// A type of service: what each connector exports.
#[derive(Clone)]
pub struct ServiceType {
    /// Name in `type`.
    pub name: &'static str,
    /// Label for people.
    pub label: &'static str,
    /// `Database`, `File`, …
    pub group: &'static str,
    /// What it is, as a sentence.
    pub description: &'static str,
    /// Whether only one service of it can exist.
    pub singleton: bool,
    /// The subscription that the original asks for (`subscription_required`), as its clients know it. Nothing is kept from
    /// anybody here.
    pub subscription: Option<&'static str>,
    /// Configuration.
    pub config: ConfigSpec,
    /// Factory.
    pub build: ServiceFactory,
}

/// Connections to a server, right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolState {
    /// Open ones.
    pub open: usize,
    /// Those of them that are in use.
    pub in_use: usize,
    /// At most.
    pub most: usize,
}

/// What a connection that was tried leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tried {
    /// The kind of server; empty where there is none.
    pub product: &'static str,
    /// Names of the tables and views that it shows, in order; empty where there are none.
    pub tables: Vec<String>,
    /// What else is worth knowing, as a sentence.
    pub note: Option<&'static str>,
}

/// A service: answers the calls of its endpoint table. Does not check permissions at the gate; the pipeline did.
/// Services of one engine may know each other by their type, which is why it is `Any`.
#[async_trait]
pub trait Service: Any + Send + Sync {
    /// The endpoint table.
    fn endpoints(&self) -> &'static [Endpoint];

    /// What the first placeholder of an endpoint's path can be right now, as far as the caller may see it: the names
    /// of tables. Empty where that is not known.
    async fn names(
        &self,
        endpoint: &Endpoint,
        caller: &Caller,
        origin: &Origin,
    ) -> Result<Vec<String>, Problem>;

    /// What the records at an endpoint look like; `name` is what its first placeholder stands for, and empty where it
    /// has none. `None` where that is not known, or nothing of that name exists. Nobody's rights are looked at.
    async fn record(&self, _endpoint: &Endpoint, _name: &str) -> Result<Option<RecordShape>, Problem> {
        Ok(None)
    }

    /// The OpenAPI document of its own paths and components, where its table of endpoints does not tell what they are. In
    /// it `{service.name}` stands for the service's name. `None` for all others.
    async fn definition(&self) -> Result<Option<Value>, Problem> {
        Ok(None)
    }

    /// Answers a call.
    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem>;

    /// Whether an operation takes records as a stream ([`crate::Payload::Records`]); others are given all of them at
    /// once as a value.
    fn takes_records(&self, _operation: &Operation) -> bool {
        false
    }

    /// Whether bodies of calls with this verb are given to it as they were sent ([`crate::Payload::Bytes`]), unread and
    /// up to the size of uploads. Asked before anybody knows who calls.
    fn takes_bytes(&self, _verb: Verb) -> bool {
        false
    }

    /// Answers a read of a path that its configuration makes public, without credentials; the request's caller is
    /// nobody. `None` for services that publish nothing, whatever their configuration.
    async fn published(&self, _request: Request) -> Option<Result<Response, Problem>> {
        None
    }

    /// What of its configuration was left blank and is known outside, asked for when the configuration is about to be
    /// saved: fields and their values. Fails like [`Service::try_connection`].
    async fn complete(&self) -> Result<Map<String, Value>, Problem> {
        Ok(Map::new())
    }

    /// Forgets what it keeps in memory of the world outside, such as the tables of a database; it is read anew when
    /// needed. Called when an administrator flushes the cache.
    fn forget(&self) {}

    /// What it wants to be told of the calls of all services. Asked only of services of the group [`LOG_GROUP`].
    fn event_log(&self) -> Option<&dyn EventLog> {
        None
    }

    /// The connections that it keeps open to a server; `None` when it keeps none.
    fn pool(&self) -> Option<PoolState> {
        None
    }

    /// Whether the service works right now. The problem says what is wrong in words for those who use it.
    async fn check(&self) -> Result<(), Problem>;

    /// Tries the connection, for those who set it up: the problem says in one sentence what is wrong, and its context
    /// which field of the configuration is concerned (`config.host`). Never a secret or a driver's text.
    async fn try_connection(&self) -> Result<Tried, Problem> {
        self.check().await.map(|()| Tried::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static GET: &[Method] = &[Method::new(Verb::Get, "", "", &[])];
    static TABLE: &[Endpoint] = &[
        Endpoint {
            name: "root",
            path: "",
            methods: GET,
        },
        Endpoint {
            name: "list",
            path: "_table",
            methods: GET,
        },
        Endpoint {
            name: "records",
            path: "_table/{table_name}",
            methods: GET,
        },
        Endpoint {
            name: "record",
            path: "_table/{table_name}/{id}",
            methods: GET,
        },
        Endpoint {
            name: "beyond",
            path: "_table/{table_name}/{id}/{rest*}",
            methods: GET,
        },
        Endpoint {
            name: "folder",
            path: "tree/{folder*}/",
            methods: GET,
        },
        Endpoint {
            name: "file",
            path: "tree/{file*}",
            methods: GET,
        },
    ];

    fn name(path: &str) -> String {
        match route(TABLE, Verb::Get, path) {
            Route::Found(op) => {
                let captures: Vec<_> = op.captures.iter().map(|(_, v)| v.as_str()).collect();
                format!("{} {}", op.endpoint.name, captures.join(","))
            }
            Route::WrongVerb(_) => "verb".into(),
            Route::Unknown => "unknown".into(),
        }
    }

    #[test]
    fn paths_find_their_endpoint() {
        assert_eq!(name(""), "root ");
        assert_eq!(name("_TABLE"), "list ");
        assert_eq!(name("_table/a b"), "records a b");
        assert_eq!(name("_table/a/1/2/3"), "beyond a,1,2/3");
        assert_eq!(name("_tables"), "unknown");
        assert_eq!(name("_table/a/"), "records a");
        assert_eq!(name("tree/a/b/"), "folder a/b");
        assert_eq!(name("tree/a/b"), "file a/b");
        assert!(matches!(route(TABLE, Verb::Post, "_table"), Route::WrongVerb(_)));
    }
}
