//! The two services: which endpoint is answered by whom.

use crate::answer::{list, no_session, success};
use crate::catalogue::FaceCatalogue;
use crate::face::Face;
use crate::instance::Instance;
use crate::read::{Absent, Reading};
use crate::source::SystemSource;
use crate::write::Writing;
use crate::{
    cache, completion, config_package, endpoints, environment, event, fetched, health, import, limit, login,
    metric, package, password, profile, register, request_log, restricted, root, script_type, service_type,
    session, trial, uploaded,
};
use async_trait::async_trait;
use contract::{
    Caller, Endpoint, NoServices, Operation, Origin, Payload, Problem, RecordShape, Request, Response,
    Service, Settings, Value, Verb,
};
use platform::Platform;
use records::ident::Ident;
use records::{Engine, Limits, SqlBackend};
use std::sync::{Arc, OnceLock, Weak};
use store::Entity;

/// Which of the two services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    System,
    User,
}

/// `system` or `user`.
pub(crate) struct SystemService {
    kind: Kind,
    instance: Instance,
    settings: Arc<Settings>,
    engine: OnceLock<Engine>,
}

impl SystemService {
    pub(crate) fn new(kind: Kind, platform: Weak<Platform>, settings: Arc<Settings>) -> SystemService {
        SystemService {
            kind,
            instance: Instance(platform),
            settings,
            engine: OnceLock::new(),
        }
    }

    fn engine(&self, platform: &Platform) -> &Engine {
        self.engine.get_or_init(|| Engine {
            backend: Arc::new(SqlBackend::new(Arc::new(SystemSource::new(platform.store())))),
            catalogue: Arc::new(FaceCatalogue {
                store: platform.store().as_ref().clone(),
                settings: self.settings.clone(),
            }),
            services: Arc::new(NoServices),
            limits: Limits {
                max_records: self.settings.max_records_returned,
                allow_upsert: false,
            },
            settings: self.settings.clone(),
        })
    }

    /// The face that the records of an endpoint have.
    fn face_name(&self, endpoint: &Endpoint) -> &'static str {
        match (self.kind, head(endpoint)) {
            (Kind::User, "custom") => "own custom",
            (_, name) => name,
        }
    }

    /// Whether an app is asked for as a package.
    fn packs_app(&self, operation: &Operation, request: &Request) -> bool {
        let is_app = self.kind == Kind::System && operation.endpoint.path == "app/{id}";
        is_app && operation.verb == Verb::Get && crate::answer::sent_flag(request, "pkg")
    }

    /// The package that was sent to the resource of apps.
    fn app_package(&self, operation: &Operation, request: &Request) -> Option<Vec<u8>> {
        let Payload::Form(form) = &request.payload else {
            return None;
        };
        let file = uploaded::file(form)?;
        let is_app = self.kind == Kind::System && operation.endpoint.path == "app";
        let takes = is_app && operation.verb == Verb::Post;
        let is_package = matches!(uploaded::ending(file).as_str(), "zip" | "dfpkg");
        (takes && is_package).then(|| file.bytes.to_vec())
    }

    /// Fetches the file that a call names by its address, where one may be sent. Who may not bring packages in has none
    /// fetched.
    async fn fetch(&self, path: &str, request: &mut Request) -> Result<(), Problem> {
        let Some(url) = fetched::address(request) else {
            return Ok(());
        };
        match path {
            "import" => {}
            "app" | "package" => package::check(request)?,
            _ => return Ok(()),
        }
        request.payload = fetched::as_sent(&url, request, &self.settings).await?;
        Ok(())
    }

    async fn records(
        &self,
        platform: &Platform,
        operation: &Operation,
        request: &Request,
    ) -> Result<Response, Problem> {
        if self.kind == Kind::User {
            // Everybody may have settings, and nobody without a session.
            request.caller.user.as_ref().ok_or_else(no_session)?;
        }
        let name = head(operation.endpoint);
        let face = Face::find(self.face_name(operation.endpoint))
            .ok_or_else(|| Problem::not_found(format!("Resource '{name}' not found.")))?
            .seen_by(&request.caller);
        let engine = self.engine(platform);
        let id = match operation.endpoint.name {
            "record" => Some(identifier(face, operation)?),
            _ => None,
        };
        if operation.verb == Verb::Get {
            let reading = Reading::of(face, request, Absent::All)?;
            return match id {
                Some(id) => {
                    let mut record = reading.one(engine, &id).await?;
                    if face.name == "role" {
                        restricted::add_tabs(platform, request, &mut record).await?;
                    }
                    Ok(Response::value(shown(face, record)))
                }
                None => reading.list(engine).await,
            };
        }
        let entity = face
            .entity
            .ok_or_else(|| Problem::not_implemented(format!("'{name}' can only be read.")))?;
        let store = platform.store();
        let writing = Writing {
            platform,
            store,
            engine,
            settings: &self.settings,
            face,
            entity,
            request,
        };
        writing.check().await?;
        let id = match (&id, operation.verb) {
            (Some(name), Verb::Post) if name_of_event(face) => return writing.put(name).await,
            (Some(_), Verb::Post) => {
                return Err(Problem::bad_request(
                    "Create record by identifier not currently supported.",
                ));
            }
            (Some(id), _) => Some(writing.id(&Ident::Text(id.clone())).await?),
            (None, _) => None,
        };
        let completed = completion::completed(&writing, id).await?;
        let writing = match &completed {
            Some(request) => Writing { request, ..writing },
            None => writing,
        };
        match (operation.verb, id) {
            (Verb::Post, None) if trial::is_asked(&writing) => trial::answer(&writing).await,
            (Verb::Post, None) => writing.create().await,
            (Verb::Delete, None) => writing.delete().await,
            (Verb::Delete, Some(id)) => writing.delete_one(id).await,
            (_, Some(id)) if name == "app" && crate::answer::sent_flag(request, "regenerate") => {
                writing.regenerate(id).await
            }
            (_, Some(id)) => writing.update_one(id).await,
            (_, None) => writing.update().await,
        }
    }
}

impl SystemService {
    async fn limits(
        &self,
        platform: &Platform,
        operation: &Operation,
        request: &Request,
    ) -> Result<Response, Problem> {
        let face = Face::find("limit").ok_or_else(|| Problem::not_found("Resource 'limit' not found."))?;
        let id = match operation.capture("id") {
            "" => None,
            _ => Some(identifier(face, operation)?.parse().map_err(Problem::internal)?),
        };
        let writing = Writing {
            platform,
            store: platform.store(),
            engine: self.engine(platform),
            settings: &self.settings,
            face,
            entity: Entity::Limit,
            request,
        };
        if operation.verb != Verb::Get {
            writing.check().await?;
        }
        let limits = limit::Limits { platform, writing };
        match (operation.verb, id) {
            (Verb::Get, id) => limits.read(id).await,
            (Verb::Post, None) => limits.create().await,
            (Verb::Post, Some(_)) => Err(Problem::bad_request(
                "Create record by identifier not currently supported.",
            )),
            (Verb::Delete, id) => limits.delete(id).await,
            (_, id) => limits.update(id).await,
        }
    }
}

fn head(endpoint: &Endpoint) -> &'static str {
    endpoint.path.split('/').next().unwrap_or_default()
}

/// An identifier from the path. Where records have numbers, what is none identifies nothing.
fn identifier(face: &Face, operation: &Operation) -> Result<String, Problem> {
    let text = operation.capture("id");
    if face.key != "id" {
        return Ok(text.to_owned());
    }
    match text.parse::<i64>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) if face.name == "admin" => Err(Problem::not_found(format!(
            "Resource '{text}' not found for service 'admin'."
        ))),
        Err(_) => Err(Problem::not_found(format!(
            "Record with identifier '{text}' not found."
        ))),
    }
}

/// What one record is shown as: of a setting its bare value.
fn shown(face: &Face, record: Value) -> Value {
    match (face.native, record) {
        ("system_custom" | "user_custom", Value::Object(mut setting)) => {
            setting.shift_remove("value").unwrap_or_default()
        }
        (_, record) => record,
    }
}

/// Whether records of this face can be created under the name in the path.
fn name_of_event(face: &Face) -> bool {
    face.name == "event_script"
}

#[async_trait]
impl Service for SystemService {
    fn endpoints(&self) -> &'static [Endpoint] {
        match self.kind {
            Kind::System => endpoints::SYSTEM,
            Kind::User => endpoints::USER,
        }
    }

    async fn names(
        &self,
        endpoint: &Endpoint,
        _caller: &Caller,
        _origin: &Origin,
    ) -> Result<Vec<String>, Problem> {
        Ok(endpoints::beside(self.endpoints(), endpoint))
    }

    async fn record(&self, endpoint: &Endpoint, _name: &str) -> Result<Option<RecordShape>, Problem> {
        Ok(Face::find(self.face_name(endpoint)).map(Face::record))
    }

    fn takes_records(&self, operation: &Operation) -> bool {
        operation.endpoint.name == "import"
    }

    async fn call(&self, operation: Operation, mut request: Request) -> Result<Response, Problem> {
        let platform = self.instance.platform()?;
        let administrator = self.kind == Kind::System;
        if administrator && operation.verb == Verb::Post {
            self.fetch(operation.endpoint.path, &mut request).await?;
        }
        match operation.endpoint.name {
            "root" => root::answer(self.endpoints(), &request, &self.settings),
            "session" => session::answer(&platform, &request, administrator).await,
            "callback" => login::come_back(&platform, &request, operation.capture("service")).await,
            "password" => password::answer(&platform, &request, administrator).await,
            "profile" => profile::answer(&platform, &request).await,
            "register" => register::answer(&platform, &request).await,
            "environment" => environment::answer(&platform, &request).await,
            "types" => service_type::all(&platform, &request).await,
            "type" => service_type::one(&platform, &request, operation.capture("id")).await,
            "caches" if operation.verb == Verb::Delete => cache::flush_all(&platform).await,
            "caches" => cache::all(&platform, &request).await,
            "cache of script" => Ok(success()),
            "cache" => cache::flush(&platform, operation.capture("service")).await,
            "events" => event::answer(&platform, &request).await,
            "script_types" => Ok(script_type::all(&platform, &request)),
            "script_type" => script_type::one(&request, operation.capture("id")),
            "request log" => request_log::answer(&platform, &request),
            "metrics" => metric::answer(&platform, &request).await,
            "health" => health::answer(&platform, &request).await,
            "import" => import::answer(&platform, &request).await,
            "config package" => config_package::answer(&platform, &request).await,
            "package" => package::answer(&platform, &request).await,
            "package file" => package::file(&platform, &request, operation.capture("file")).await,
            "limits" | "limit" => self.limits(&platform, &operation, &request).await,
            "limit counters" | "limit counter" => {
                let id = Some(operation.capture("id")).filter(|id| !id.is_empty());
                match operation.verb {
                    Verb::Delete => limit::reset(&platform, &request, id).await,
                    _ => limit::counters(&platform, &request, id).await,
                }
            }
            "constants" | "constant" => Ok(Response::value(list(&request, &self.settings, Vec::new()))),
            "record" if self.packs_app(&operation, &request) => {
                package::app::export(&platform, &request, operation.capture("id")).await
            }
            _ => match self.app_package(&operation, &request) {
                Some(bytes) => package::app::import(&platform, &request, bytes).await,
                None => {
                    request.payload = uploaded::as_records(request.payload, &self.settings)?;
                    self.records(&platform, &operation, &request).await
                }
            },
        }
    }

    async fn check(&self) -> Result<(), Problem> {
        self.instance.platform()?.store().check().await
    }
}
