//! One request, from its head and body to its answer.

use crate::console::Console;
use crate::forwarded::Source;
use crate::import::{self, Clock, Start};
use crate::inside::{FirstAdministrator, Inside};
use crate::read::target::{self, Target};
use crate::read::{arriving, body, verb};
use crate::write::answer::{self, Bodied};
use crate::write::wanted::{self, Shape, Wanted};
use crate::{cors, pages, published, request_id, setup};
use bytes::Bytes;
use contract::{Format, Kind, Origin, Params, Payload, Problem, RawBody, Settings, Value, Verb};
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use platform::Incoming;
use query::body::Notation;
use std::error::Error;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::{Instrument, Span};

/// Answers requests.
pub struct Door {
    inside: Arc<dyn Inside>,
    settings: Arc<Settings>,
    first: Option<Arc<dyn FirstAdministrator>>,
    console: Option<Console>,
    version: &'static str,
    continue_trace: Option<ContinueTrace>,
}

/// Makes a request's span go on with the trace that its headers tell of.
pub type ContinueTrace = fn(&Span, &HeaderMap);

impl Door {
    /// A door in front of `inside`. `version` is shown on the landing page.
    pub fn new(inside: Arc<dyn Inside>, settings: Arc<Settings>, version: &'static str) -> Door {
        Door {
            inside,
            settings,
            first: None,
            console: None,
            version,
            continue_trace: None,
        }
    }

    /// Opens `/setup` for the first administrator.
    #[must_use]
    pub fn with_setup(mut self, first: Arc<dyn FirstAdministrator>) -> Door {
        self.first = Some(first);
        self
    }

    /// Shows the console to browsers, at every address that is nothing else.
    #[must_use]
    pub fn with_console(mut self, console: Console) -> Door {
        self.console = Some(console);
        self
    }

    /// Lets requests go on with the traces of their callers.
    #[must_use]
    pub fn with_traces(mut self, continue_trace: ContinueTrace) -> Door {
        self.continue_trace = Some(continue_trace);
        self
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Answers a request. Never fails: what goes wrong becomes an envelope, also a panic (500) and a request that
    /// takes longer than the settings allow (504).
    pub async fn answer<B>(&self, request: Request<B>, peer: Option<IpAddr>) -> Response<Bodied>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let began = Instant::now();
        let (mut parts, body) = request.into_parts();
        let id = request_id::of(&parts.headers);
        let source = Source::of(&parts, peer, &self.settings);
        // What lies behind the door logs under the same id.
        let header = HeaderValue::from_str(&id).ok();
        if let Some(header) = &header {
            parts.headers.insert(&request_id::HEADER, header.clone());
        }
        let limit = Duration::from_secs(self.settings.request_timeout);
        let clock = Clock::start(limit);
        let span = self.span(&parts, &source);
        let work = self
            .respond(&parts, body, &source, &clock)
            .instrument(span.clone());
        let work = AssertUnwindSafe(work).catch_unwind();
        let ended = tokio::select! {
            biased;
            done = work => Some(done),
            () = clock.over() => None,
        };
        let mut response = match ended {
            Some(Ok(Ok(response))) => response,
            Some(Ok(Err(refusal))) => refusal.response(&id, &self.settings),
            Some(Err(panic)) => {
                let what = panic.downcast_ref::<String>().map(String::as_str);
                let what = what
                    .or_else(|| panic.downcast_ref::<&str>().copied())
                    .unwrap_or("no message");
                Refusal::from(Problem::internal(format!("panic: {what}"))).response(&id, &self.settings)
            }
            None => {
                let sentence = format!("The request was not finished within {} seconds.", limit.as_secs());
                Refusal::from(Problem::new(Kind::Timeout, sentence)).response(&id, &self.settings)
            }
        };
        span.record("http.response.status_code", response.status().as_u16());
        if response.status().is_server_error() {
            span.record("otel.status_code", "ERROR");
        }
        if self.settings.app_debug {
            let (status, milliseconds) = (response.status().as_u16(), began.elapsed().as_secs_f64() * 1000.0);
            tracing::info!(request = %id, method = %parts.method, path = parts.uri.path(), from = ?source.address, status, milliseconds, "request");
        }
        if !is_preflight(&parts) {
            cors::tell(&*self.inside, &self.settings, &parts, response.headers_mut()).await;
        }
        if let Some(header) = header {
            response.headers_mut().insert(&request_id::HEADER, header);
        }
        match parts.method == Method::HEAD {
            true => without_body(response),
            false => response,
        }
    }

    /// The request in a trace: the caller's, when it tells of one. Says nothing of the query, where credentials can
    /// stand.
    fn span(&self, parts: &Parts, source: &Source) -> Span {
        let span = tracing::info_span!(
            target: "trace",
            "request",
            otel.kind = "server",
            otel.name = %parts.method,
            http.request.method = %parts.method,
            url.path = parts.uri.path(),
            client.address = source.address.map(tracing::field::display),
            http.response.status_code = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        if !span.is_disabled()
            && let Some(continue_trace) = self.continue_trace
        {
            continue_trace(&span, &parts.headers);
        }
        span
    }

    async fn respond<B>(
        &self,
        parts: &Parts,
        body: B,
        source: &Source,
        clock: &Clock,
    ) -> Result<Response<Bodied>, Refusal>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let params = query::parameters::parse(parts.uri.query().unwrap_or(""))?;
        let target = target::parse(parts.uri.path(), &self.settings)?;
        let resource = match &target {
            Target::Service { name, path, .. } => {
                if path.is_empty() {
                    name
                } else {
                    path
                }
            }
            _ => "index",
        };
        let accept = text(&parts.headers, &header::ACCEPT);
        let wanted = wanted::decide(&params, accept, resource, &self.settings);
        self.go(target, parts, body, params, (&wanted, source, clock))
            .await
            .map_err(|refusal| refusal.wanting(wanted))
    }

    async fn go<B>(
        &self,
        target: Target,
        parts: &Parts,
        body: B,
        params: Params,
        (wanted, source, clock): (&Wanted, &Source, &Clock),
    ) -> Result<Response<Bodied>, Refusal>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        if reads && let Some(page) = self.page(&target, parts, wanted.html).await {
            return Ok(page);
        }
        if reads && let Target::Page { path } = &target {
            let call = || self.call(parts, Verb::Get, params, wanted, source);
            if let Some(answer) = published::answer(&*self.inside, path, call, wanted, &self.settings).await {
                return Ok(answer);
            }
            // What is nothing else leads browsers to the console.
            let console = self.console.as_ref().filter(|_| wanted.html);
            if let Some(console) = console
                && let Some(page) = console.page(path, &parts.headers).await
            {
                return Ok(page);
            }
            return Err(Problem::not_found("There is nothing at this address.").into());
        }
        match target {
            Target::Service { .. } | Target::Index if is_preflight(parts) => {
                Ok(cors::preflight(&*self.inside, parts, wanted, &self.settings).await?)
            }
            Target::Service {
                name,
                path,
                trailing_slash,
            } => {
                let verb = verb::of(&parts.method, &parts.headers, &params)?;
                let call = self.call(parts, verb, params, wanted, source);
                let call = Incoming {
                    service: name,
                    path,
                    trailing_slash,
                    ..call
                };
                // What goes wrong before the pipeline is the client's, and needs no line in the log.
                let answer = self
                    .run(call, parts, body, clock)
                    .await
                    .map_err(Refusal::logged)?;
                let changed = !matches!(verb, Verb::Get | Verb::Options);
                Ok(answer::response(answer, wanted, changed, &self.settings))
            }
            Target::Nowhere | Target::Page { .. } => {
                Err(Problem::not_found("There is nothing at this address.").into())
            }
            Target::Setup if parts.method == Method::POST => {
                let media = text(&parts.headers, &header::CONTENT_TYPE).unwrap_or("");
                let sent = (media, self.bytes(parts, body).await?);
                Ok(setup::create(&params, sent, self.first.as_deref(), &self.settings).await?)
            }
            _ if !reads => Err(Refusal {
                allow: Some("GET, HEAD"),
                ..wrong_verb().into()
            }),
            Target::Index => {
                let call = self.call(parts, Verb::Get, params, wanted, source);
                Ok(answer::response(
                    self.inside.index(call).await?,
                    wanted,
                    false,
                    &self.settings,
                ))
            }
            Target::Status => {
                let status = self.inside.status(&source.base_url).await?;
                Ok(answer::response(
                    contract::Response::value(status),
                    wanted,
                    false,
                    &self.settings,
                ))
            }
            Target::Live => Ok(state("live")),
            Target::Ready => self
                .inside
                .ready()
                .await
                .map(|()| state("ready"))
                .map_err(Refusal::from),
            Target::Setup => Ok(setup::show(&params, self.first.as_deref()).await?),
            Target::Landing => Ok(pages::landing(&self.settings, self.version, wanted.html, &params)),
        }
    }

    /// What the console answers a read with, where there is one and the address is for it.
    async fn page(&self, target: &Target, parts: &Parts, html: bool) -> Option<Response<Bodied>> {
        let path = match target {
            Target::Landing if self.settings.landing_page.is_none() => "",
            Target::Setup => "setup",
            Target::Page { path } => path,
            _ => return None,
        };
        let console = self.console.as_ref()?;
        let file = console.file(path, &parts.headers).await;
        match file {
            None if html && console.has_page(path) => console.page(path, &parts.headers).await,
            file => file,
        }
    }

    fn call(&self, parts: &Parts, verb: Verb, params: Params, wanted: &Wanted, source: &Source) -> Incoming {
        let headers = parts.headers.iter();
        let headers = headers.map(|(name, value)| {
            let bytes = value.as_bytes();
            let value = std::str::from_utf8(bytes)
                .map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), str::to_owned);
            (name.as_str().to_owned(), value)
        });
        Incoming {
            verb,
            service: String::new(),
            path: String::new(),
            trailing_slash: false,
            params,
            headers: headers.collect(),
            payload: Payload::None,
            origin: Origin::Api,
            format: wanted.shape.map_or(Format::Other, Shape::format),
            base_url: Arc::clone(&source.base_url),
            peer: source.address,
        }
    }

    /// Runs a call of a service with the body: as a value, or as records that arrive while it runs.
    async fn run<B>(
        &self,
        mut call: Incoming,
        parts: &Parts,
        body: B,
        clock: &Clock,
    ) -> Result<contract::Response, Problem>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let media = text(&parts.headers, &header::CONTENT_TYPE).unwrap_or("");
        let inside = &*self.inside;
        if !body.is_end_stream()
            && call.verb != Verb::Get
            && inside.takes_bytes(&call.service, call.verb).await
        {
            let most = self.settings.max_upload_bytes;
            let unreadable = |e| unreadable(e, most);
            let mut body = limited(parts, body, most)?;
            let payload = |begun, rest| Payload::Bytes(arriving::bytes(begun, rest));
            return match import::start(&mut body).await.map_err(unreadable)? {
                Start::Whole(bytes) => {
                    if !bytes.is_empty() {
                        call.payload = Payload::Bytes(RawBody::whole(bytes));
                    }
                    inside.run(call).await
                }
                Start::Begun(begun) => {
                    import::run(inside, call, payload, (begun, body), clock, unreadable).await
                }
            };
        }
        let bytes = match Notation::of(media).filter(|_| call.verb == Verb::Post) {
            Some(notation) => {
                let most = self.settings.max_body_bytes;
                let unreadable = |e| unreadable(e, most);
                let mut body = limited(parts, body, most)?;
                let payload =
                    |begun, rest| Payload::Records(arriving::stream(notation, begun, rest, &self.settings));
                match import::start(&mut body).await.map_err(unreadable)? {
                    Start::Whole(bytes) => bytes,
                    Start::Begun(begun) => {
                        return import::run(inside, call, payload, (begun, body), clock, unreadable).await;
                    }
                }
            }
            None => self.bytes(parts, body).await?,
        };
        call.payload = body::parse(media, bytes, &self.settings).await?;
        self.inside.run(call).await
    }

    /// Reads the body up to the limit.
    async fn bytes<B>(&self, parts: &Parts, body: B) -> Result<Bytes, Problem>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let most = self.settings.max_body_bytes;
        let body = limited(parts, body, most)?;
        if body.is_end_stream() {
            return Ok(Bytes::new());
        }
        let collected = body.collect().await;
        collected
            .map(|all| all.to_bytes())
            .map_err(|e| unreadable(e, most))
    }
}

fn too_large(most: u64) -> Problem {
    Problem::new(
        Kind::TooLarge,
        format!("The request's body is larger than {most} bytes."),
    )
}

fn unreadable(e: Box<dyn Error + Send + Sync>, most: u64) -> Problem {
    match e.is::<LengthLimitError>() {
        true => too_large(most),
        false => Problem::bad_request("The request's body could not be read.").with_source(e),
    }
}

/// The body up to a limit. A length that is announced and too large is refused before anything is read.
fn limited<B: Body>(parts: &Parts, body: B, most: u64) -> Result<Limited<B>, Problem> {
    let announced = text(&parts.headers, &header::CONTENT_LENGTH).and_then(|t| t.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large(most));
    }
    Ok(Limited::new(body, usize::try_from(most).unwrap_or(usize::MAX)))
}

/// A problem on its way out, with what is known of the form it should have.
struct Refusal {
    problem: Problem,
    wanted: Option<Wanted>,
    allow: Option<&'static str>,
    /// Whether its cause is in the log already.
    logged: bool,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal {
            problem,
            wanted: None,
            allow: None,
            logged: false,
        }
    }
}

impl Refusal {
    fn wanting(mut self, wanted: Wanted) -> Refusal {
        self.wanted.get_or_insert(wanted);
        self
    }

    /// A problem of a call: the pipeline has logged it.
    fn logged(problem: Problem) -> Refusal {
        Refusal {
            logged: true,
            ..problem.into()
        }
    }

    /// The envelope. Faults of ours that nobody logged are logged with their cause under the request's id.
    fn response(self, id: &str, settings: &Settings) -> Response<Bodied> {
        let problem = &self.problem;
        if !self.logged {
            log(problem, id);
        }
        let mut response = answer::problem(problem, self.wanted.as_ref(), settings);
        if let Some(allow) = self.allow {
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

fn log(problem: &Problem, id: &str) {
    let status = problem.status();
    let cause = problem.source.as_deref().map(causes);
    if status >= 500 {
        tracing::error!(request = id, status, cause, "{problem}");
    } else if cause.is_some() {
        tracing::debug!(request = id, status, cause, "{problem}");
    }
}

/// An error and what caused it, joined by colons.
fn causes(error: &(dyn Error + Send + Sync + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// Whether a browser asks before a cross-origin call.
fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn wrong_verb() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "This address can only be read.")
}

fn state(name: &str) -> Response<Bodied> {
    let value = Value::Object(contract::Map::from_iter([(
        "status".to_owned(),
        Value::from(name),
    )]));
    answer::whole(200, Shape::Json.media(), value.to_string())
}

pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The same head with an empty body, for HEAD. The length is that of the body that GET would have.
fn without_body(response: Response<Bodied>) -> Response<Bodied> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let empty = http_body_util::Empty::new()
        .map_err(|never| match never {})
        .boxed_unsync();
    Response::from_parts(parts, empty)
}
