//! The service: functions as resources.

use crate::config::{self, Config};
use crate::endpoints::ENDPOINTS;
use crate::envelope::{self, Answer};
use crate::headers::Heading;
use crate::schema::Schema;
use crate::wsdl::{Function, Version, Wsdl};
use crate::xml::{Element, is_name};
use crate::{document, source};
use async_trait::async_trait;
use contract::{
    BuildContext, Caller, Endpoint, Kind, Map, Operation, Origin, Payload, Problem, Request, Response,
    Service, ServiceRef, Settings, Tried, Value, Verb, word,
};
use outbound::{KeptAnswer, KeptAnswers};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Largest message that is read.
const MOST_ANSWER: u64 = 16 * 1024 * 1024;
/// The folder of descriptions, in that of the instance's data.
const FOLDER: &str = "storage/wsdl";

/// A SOAP service.
pub(crate) struct Soap {
    service: Arc<ServiceRef>,
    settings: Arc<Settings>,
    config: Config,
    client: Client,
    folder: PathBuf,
    kept: Option<KeptAnswers>,
    /// The description, read at its first use. Replaced by an empty one when it is to be read anew.
    wsdl: Mutex<Arc<OnceCell<Arc<Wsdl>>>>,
}

impl Soap {
    /// Does not connect.
    pub(crate) fn new(context: BuildContext) -> Result<Soap, Problem> {
        Ok(Soap {
            client: config::client(&context.config, &context.settings)?,
            kept: KeptAnswers::of(&context.config),
            config: Config::read(&context.config)?,
            service: context.service,
            settings: context.settings,
            folder: context.data.join(FOLDER),
            wsdl: Mutex::default(),
        })
    }

    async fn wsdl(&self) -> Result<Arc<Wsdl>, Problem> {
        let cell = Arc::clone(&self.wsdl.lock().unwrap_or_else(PoisonError::into_inner));
        let wsdl = cell.get_or_try_init(|| self.read());
        wsdl.await.map(Arc::clone)
    }

    async fn read(&self) -> Result<Arc<Wsdl>, Problem> {
        let config = &self.config;
        let mut wsdl = match config.wsdl.as_str() {
            "" => Wsdl {
                version: config.version,
                location: String::new(),
                functions: Vec::new(),
                schema: Schema::default(),
            },
            wsdl => source::read(&self.client, &self.folder, wsdl, config.version).await?,
        };
        if let Some(location) = &config.location {
            wsdl.location.clone_from(location);
        }
        Ok(Arc::new(wsdl))
    }

    fn list(&self, wsdl: &Wsdl, request: &Request) -> Response {
        let access = |function: &Function| {
            let verbs = request
                .caller
                .verbs(self.service.id, &function.name, &request.origin);
            let verbs = [Verb::Get, Verb::Post]
                .into_iter()
                .filter(move |verb| verbs.contains(*verb));
            verbs.map(Verb::as_str).collect::<Vec<_>>()
        };
        // Who may not call a function does not see it.
        let functions = wsdl
            .functions
            .iter()
            .filter(|function| !access(function).is_empty());
        let names = functions.clone().map(|function| json!(function.name));
        let list: Vec<Value> = if request.flag(&word::AS_ACCESS_LIST) {
            [json!(""), json!("*")].into_iter().chain(names).collect()
        } else if request.flag(&word::AS_LIST) {
            names.collect()
        } else {
            let entry = |function: &Function| {
                let (request_type, request_fields) = document::fields(wsdl, function, &function.input);
                let (response_type, response_fields) = document::fields(wsdl, function, &function.output);
                json!({
                    "name": function.name,
                    "description": function.description,
                    "requestType": request_type,
                    "requestFields": request_fields,
                    "responseType": response_type,
                    "responseFields": response_fields,
                    "access": access(function),
                })
            };
            functions.map(entry).collect()
        };
        Response::value(request.wrapped(list, &self.settings))
    }

    async fn call_function(&self, name: &str, request: Request) -> Result<Response, Problem> {
        let wsdl = self.wsdl().await?;
        let arguments = arguments(&request)?;
        let undescribed;
        let function = match wsdl.function(name) {
            Some(function) => function,
            None if self.config.wsdl.is_empty() && is_name(name) => {
                undescribed =
                    Function::undescribed(name, self.config.uri.as_deref().unwrap_or_default(), &arguments);
                &undescribed
            }
            None => {
                return Err(Problem::not_found(format!(
                    "Function '{name}' does not exist on this service."
                )));
            }
        };
        let heading = Heading::of(&self.config, &request, &self.settings);
        let kept = self.kept.as_ref().filter(|_| request.verb == Verb::Get);
        let kept = kept.map(|kept| {
            let key = json!([function.name, arguments, heading.key()]);
            (kept, key.to_string())
        });
        if let Some((kept, key)) = &kept
            && let Some(found) = kept.get(key)
            && let Ok(result) = serde_json::from_slice(&found.bytes)
        {
            return Ok(Response::value(result));
        }
        let message = envelope::call(&wsdl, function, &arguments, &heading)?;
        let result = match self.exchange(&wsdl, function, message).await? {
            Answer::Result(result) => result,
            Answer::Fault(fault) => {
                let message = format!("{} [Fault code:{}]", fault.text, fault.code);
                return Ok(Response::refused(fault.status(), &message));
            }
        };
        if let Some((kept, key)) = kept {
            let answer = KeptAnswer {
                status: 200,
                media: String::new(),
                bytes: result.to_string().into(),
            };
            kept.keep(&key, answer);
        }
        Ok(Response::value(result))
    }

    async fn exchange(&self, wsdl: &Wsdl, function: &Function, message: String) -> Result<Answer, Problem> {
        let url = Url::parse(&wsdl.location)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.ok_or_else(|| {
            Problem::bad_request("The SOAP service's description names no address that can be called.")
        })?;
        let action = function.action.replace(['"', '\r', '\n'], "");
        let call = self.client.post(url);
        let call = match wsdl.version {
            Version::V11 => call
                .header(CONTENT_TYPE, "text/xml; charset=utf-8")
                .header("soapaction", format!("\"{action}\"")),
            Version::V12 => call.header(
                CONTENT_TYPE,
                format!("application/soap+xml; charset=utf-8; action=\"{action}\""),
            ),
        };
        let answer = call.body(message).send().await.map_err(unanswered)?;
        let status = answer.status();
        let bytes = outbound::read(answer, MOST_ANSWER).await;
        let bytes = bytes.map_err(|e| unreadable().with_source(e))?;
        if bytes.is_empty() && status.is_success() {
            return Ok(Answer::Result(json!({})));
        }
        let message = Element::read(&bytes);
        let message = message.map_err(|e| unreadable().with_source(format!("{status}: {e}")))?;
        envelope::read(wsdl, function, &message)
            .ok_or_else(|| unreadable().with_source(format!("{status}: no SOAP message")))
    }
}

/// The arguments of a call: the body, or of a read the parameters.
fn arguments(request: &Request) -> Result<Map<String, Value>, Problem> {
    if request.verb == Verb::Get {
        let pairs = request.params.0.iter();
        return Ok(pairs
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect());
    }
    match &request.payload {
        Payload::None => Ok(Map::new()),
        _ => request
            .object()
            .cloned()
            .ok_or_else(|| Problem::bad_request("The arguments of a function must be an object.")),
    }
}

fn unanswered(error: reqwest::Error) -> Problem {
    match error.is_timeout() {
        true => Problem::new(Kind::Timeout, "The SOAP server did not answer in time."),
        false => Problem::unavailable("The SOAP server cannot be reached."),
    }
    .with_source(error.without_url())
}

fn unreadable() -> Problem {
    Problem::unavailable("The SOAP server's answer cannot be read.")
}

#[async_trait]
impl Service for Soap {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn definition(&self) -> Result<Option<Value>, Problem> {
        Ok(Some(document::of(&*self.wsdl().await?)))
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        if operation.endpoint.name == "function" {
            return self.call_function(operation.capture("function"), request).await;
        }
        if request.flag(&word::REFRESH) {
            self.forget();
        }
        let wsdl = self.wsdl().await?;
        Ok(self.list(&wsdl, &request))
    }

    fn forget(&self) {
        *self.wsdl.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        if let Some(kept) = &self.kept {
            kept.clear();
        }
    }

    async fn check(&self) -> Result<(), Problem> {
        self.read().await.map(drop)
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        let read = self.read().await;
        let wsdl = read.map_err(|problem| {
            let about = json!({"config.wsdl": [problem.message]});
            problem.with_context(about)
        })?;
        let is_empty = wsdl.functions.is_empty() && !self.config.wsdl.is_empty();
        Ok(Tried {
            note: is_empty.then_some("The WSDL describes no functions."),
            ..Tried::default()
        })
    }
}
