//! Reads of records through the cache of answers.
//!
//! What makes an answer: the path, the options, the form, and the rows that the caller may see of every table that
//! is opened for it. The tables are not known before the first read, which therefore notes them; later requests open
//! the same tables with their own caller, which checks the caller's rights anew, and find the answer by the row filters
//! in force. Where options hold a lookup (`{user.id}`), everything that lookups can name belongs to the key too.

use super::DatabaseService;
use crate::cache::{AnswerCache, Kept, OpenedTable, Writing};
use crate::engine::{Catalogue, Engine, Opened};
use crate::{Table, read};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use contract::{
    Body, ByteStream, Caller, Format, Map, Operation, Payload, Problem, Request, Response, Settings, Value,
    Verb, word,
};
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// About how many bytes the answers of one service take.
const MOST: usize = 32 * 1024 * 1024;
/// Larger answers are not kept.
const LARGEST: usize = 1024 * 1024;
/// How long answers are kept where the configuration does not say.
const DEFAULT_TTL: Duration = Duration::from_secs(18_000);
/// Options that do not change an answer's text: `_` is what browsers' libraries add against caches.
const IGNORED: &[&str] = &["_", "refresh", "file", "accept"];

/// The cache that a service is configured for, if any.
pub(super) fn configured(config: &Map<String, Value>, settings: &Settings) -> Option<Arc<AnswerCache>> {
    let keep_for = contract::cache_ttl(config, Some(DEFAULT_TTL))?;
    let quiet = Duration::from_secs(settings.request_timeout);
    Some(Arc::new(AnswerCache::new(keep_for, MOST, quiet)))
}

impl DatabaseService {
    /// Answers a GET of records or of a record.
    pub(super) async fn read(&self, operation: &Operation, request: &Request) -> Result<Response, Problem> {
        let Some(cache) = self.cache.as_ref().filter(|_| is_cacheable(request)) else {
            return run(&self.engine, operation, request).await;
        };
        let key = key(operation, request, &self.engine.settings);
        if !request.flag(&word::REFRESH)
            && let Some(tables) = cache.tables(&key)
            && let Some(full) = self.full_key(&key, &tables, request).await
            && let Some(kept) = cache.answer(&full)
        {
            return Ok(read::whole(kept.format, kept.text));
        }
        let generation = cache.generation();
        let noting = Arc::new(Noting {
            inner: self.engine.catalogue.clone(),
            opened: Mutex::default(),
            leads_out: AtomicBool::new(false),
        });
        let engine = Engine {
            catalogue: noting.clone(),
            ..self.engine.clone()
        };
        let response = run(&engine, operation, request).await?;
        if noting.leads_out.load(Ordering::Relaxed) {
            return Ok(response);
        }
        let tables = std::mem::take(&mut *noting.opened.lock());
        let Some(full) = self.full_key(&key, &tables, request).await else {
            return Ok(response);
        };
        let place = Place {
            cache: cache.clone(),
            generation,
            tables: (key, tables),
            key: full,
            format: request.format,
        };
        Ok(place.keep(response))
    }

    /// What a call means for the answers that are kept: any that may change rows or tables, routines included, makes
    /// them stale, and so does `refresh` of what is known of the tables. To be finished when the call has its answer.
    pub(super) fn writing(&self, operation: &Operation, request: &Request) -> Option<Writing<'_>> {
        let cache = self.cache.as_ref()?;
        let name = operation.endpoint.name;
        let changes = operation.verb != Verb::Get || matches!(name, "procedure" | "function");
        if !matches!(name, "records" | "record") && request.flag(&word::REFRESH) {
            cache.clear();
        }
        changes.then(|| cache.writing())
    }

    /// Forgets all answers.
    pub(super) fn forget_answers(&self) {
        if let Some(cache) = &self.cache {
            cache.clear();
        }
    }

    /// The key with the row filters that hold for the caller on these tables. `None` when one may not be opened: the
    /// read itself says so then.
    async fn full_key(&self, key: &str, tables: &[OpenedTable], request: &Request) -> Option<String> {
        let mut full = key.to_owned();
        for (name, verb) in tables {
            let opened = self.engine.catalogue.open(request, name, *verb).await.ok()?;
            let _ = write!(full, "|{:?} {:?}", opened.table.name, opened.condition);
        }
        Some(full)
    }
}

async fn run(engine: &Engine, operation: &Operation, request: &Request) -> Result<Response, Problem> {
    let table = operation.capture("table_name");
    match operation.endpoint.name {
        "record" => engine.read_one(request, table, operation.capture("id")).await,
        _ => engine.read(request, table).await,
    }
}

/// Whether an answer can be kept at all: nothing in a body, and a form that the engine writes as text.
fn is_cacheable(request: &Request) -> bool {
    matches!(request.payload, Payload::None) && request.format != Format::Other
}

/// The request's own key. Texts are written so that none can look like two.
fn key(operation: &Operation, request: &Request, settings: &Settings) -> String {
    let params = &request.params.0;
    let mut options: Vec<(String, &str, &str)> = params
        .iter()
        .filter(|(name, _)| !IGNORED.contains(&name.as_str()))
        .map(|(name, value)| (name.to_lowercase(), name.as_str(), value.as_str()))
        .collect();
    // All fields are what a read gives by itself. With a second option of that name the order would count.
    let is_fields = |name: &str| word::FIELDS.names().any(|n| n == name);
    if options.iter().filter(|(lower, ..)| is_fields(lower)).count() == 1 {
        options.retain(|(_, name, value)| !(is_fields(name) && *value == "*"));
    }
    // Of two options that differ by nothing or by case only, the first may count, so their order stays.
    options.sort_by(|a, b| a.0.cmp(&b.0));
    let options: Vec<(&str, &str)> = options.iter().map(|(_, name, value)| (*name, *value)).collect();
    let caller = &request.caller;
    let mut key = format!(
        "{:?}",
        (
            operation.endpoint.name,
            &operation.captures,
            &options,
            request.wrapper(settings),
            request.format,
            caller.role.as_ref().map(|role| role.id),
            caller.is_unrestricted(),
        )
    );
    let looks_up = |text: &str| text.contains('{');
    let captured = operation.captures.iter().map(|(_, value)| value.as_str());
    if params
        .iter()
        .map(|(_, value)| value.as_str())
        .chain(captured)
        .any(looks_up)
    {
        add_caller(&mut key, caller);
    }
    key
}

/// Adds all that a lookup can name.
fn add_caller(key: &mut String, caller: &Caller) {
    let mut lookups: Vec<_> = caller.lookups.iter().collect();
    lookups.sort();
    let session = caller.session.as_ref().map(|session| &session.token);
    let _ = write!(
        key,
        "{:?} {:?} {:?} {session:?} {lookups:?}",
        caller.user, caller.app, caller.role
    );
}

/// Notes which tables a read opens.
struct Noting {
    inner: Arc<dyn Catalogue>,
    opened: Mutex<Vec<OpenedTable>>,
    /// Whether one of them leads to another service, whose rights and writes are not known here.
    leads_out: AtomicBool,
}

#[async_trait]
impl Catalogue for Noting {
    async fn open(&self, request: &Request, name: &str, verb: Verb) -> Result<Opened, Problem> {
        let opened = self.inner.open(request, name, verb).await?;
        if !opened.table.remote.is_empty() {
            self.leads_out.store(true, Ordering::Relaxed);
        }
        let mut noted = self.opened.lock();
        if !noted.iter().any(|(n, v)| n == name && *v == verb) {
            noted.push((name.to_owned(), verb));
        }
        drop(noted);
        Ok(opened)
    }

    async fn shown_name(&self, real: &str) -> Result<String, Problem> {
        self.inner.shown_name(real).await
    }

    fn completes(&self, table: &Table) -> bool {
        self.inner.completes(table)
    }

    async fn complete(
        &self,
        request: &Request,
        table: &Table,
        rows: &mut [Map<String, Value>],
    ) -> Result<(), Problem> {
        self.inner.complete(request, table, rows).await
    }

    fn strict_relations(&self) -> bool {
        self.inner.strict_relations()
    }
}

/// Where an answer is to be kept.
struct Place {
    cache: Arc<AnswerCache>,
    generation: u64,
    tables: (String, Vec<OpenedTable>),
    key: String,
    format: Format,
}

impl Place {
    /// Keeps an answer, at once or when its last piece has left.
    fn keep(self, response: Response) -> Response {
        if response.status != 200 {
            return response;
        }
        let Response {
            status,
            headers,
            body,
        } = response;
        let body = match body {
            Body::Json(bytes) => Body::Json(self.store(bytes)),
            Body::Bytes { media, bytes } => Body::Bytes {
                media,
                bytes: self.store(bytes),
            },
            // As a value it would be encoded again by every answer.
            Body::Value(value) if self.format == Format::Json => {
                Body::Json(self.store(Bytes::from(value.to_string())))
            }
            Body::JsonStream(stream) => Body::JsonStream(self.gather(stream)),
            Body::Stream { media, stream } => Body::Stream {
                media,
                stream: self.gather(stream),
            },
            other => other,
        };
        Response {
            status,
            headers,
            body,
        }
    }

    fn store(self, text: Bytes) -> Bytes {
        if text.len() <= LARGEST {
            let kept = Kept {
                format: self.format,
                // A copy is as long as the text; what it was written into may be twice that.
                text: Bytes::copy_from_slice(&text),
            };
            self.cache.keep(self.generation, self.tables, (self.key, kept));
        }
        text
    }

    /// The same pieces; they are kept when all have come and they are not too many.
    fn gather(self, stream: ByteStream) -> ByteStream {
        let state = Some((stream, Some((self, BytesMut::new()))));
        ByteStream::new(stream::unfold(state, |state| async {
            let (mut stream, mut gathered) = state?;
            match stream.next().await {
                Some(Ok(piece)) => {
                    if let Some((_, text)) = &mut gathered {
                        text.extend_from_slice(&piece);
                    }
                    let fits = gathered.as_ref().is_some_and(|(_, text)| text.len() <= LARGEST);
                    gathered = gathered.filter(|_| fits);
                    Some((Ok(piece), Some((stream, gathered))))
                }
                Some(Err(problem)) => Some((Err(problem), None)),
                None => {
                    if let Some((place, text)) = gathered {
                        place.store(text.freeze());
                    }
                    None
                }
            }
        }))
    }
}
