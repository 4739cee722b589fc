//! Documents of services: `_spec` of every service, and what the service of API documents answers.
//!
//! A document is made for its caller, and never kept: what costs something to find out is kept where it is found out,
//! in the snapshot and in the catalogues of databases, without anybody's rights.

use crate::Platform;
use crate::generation::Generation;
use crate::model::relations;
use crate::pipeline::unknown_service;
use crate::policy::{ServiceFacts, is_open};
use contract::{
    Body, Caller, Endpoint, Format, Kind, Map, Origin, Problem, Request, Response, Service, Value, Verb,
    Verbs, word,
};
use openapi::{Builder, Notation, Sight, Stored, Subject, Whole};
use serde_json::json;

/// Tables that a document describes at most; a request for more is told so.
const EXPANDED: usize = 1000;
/// The endpoint of the records of a table.
const RECORDS: &str = "records";

/// What a document is asked to be.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// A path per table.
    expand: bool,
    /// Only paths about this.
    pub(crate) resource: Option<String>,
    /// Names of tables as an extension.
    tables: bool,
    /// A list of operations.
    compact: bool,
    /// OpenAPI 3.1.
    newer: bool,
    /// YAML.
    yaml: bool,
}

impl Wish {
    fn of(request: &Request) -> Result<Wish, Problem> {
        let text = |word| request.text(word).filter(|text| !text.trim().is_empty());
        let newer = match text(&word::OPENAPI).as_deref().map(str::trim) {
            None => false,
            Some(version) if version.starts_with("3.0") => false,
            Some(version) if version.starts_with("3.1") => true,
            Some(_) => {
                return Err(Problem::bad_request(
                    "The parameter 'openapi' must be '3.0' or '3.1'.",
                ));
            }
        };
        let accept = request.header("accept").unwrap_or_default();
        let yaml = match text(&word::FORMAT).as_deref().map(str::trim) {
            None => accept.contains("yaml") || accept.contains("yml"),
            Some(name) if name.eq_ignore_ascii_case("json") => false,
            Some(name) if ["yaml", "yml"].iter().any(|yaml| name.eq_ignore_ascii_case(yaml)) => true,
            Some(_) => {
                return Err(Problem::bad_request(
                    "The parameter 'format' must be 'json' or 'yaml'.",
                ));
            }
        };
        Ok(Wish {
            expand: request.flag(&word::EXPAND_SCHEMA),
            resource: text(&word::RESOURCE_NAME).map(|name| name.trim().to_owned()),
            tables: request.flag(&word::TABLES),
            compact: request.flag(&word::COMPACT),
            newer,
            yaml,
        })
    }

    /// Whether the resource that is asked for can only be found among the tables, because no path is about it.
    fn names_a_table(&self, endpoints: &[Endpoint]) -> bool {
        let about = |resource: &String| {
            let resource = resource.to_lowercase();
            endpoints
                .iter()
                .any(|endpoint| format!("/{}", endpoint.path).contains(&resource))
        };
        self.resource.as_ref().is_some_and(|resource| !about(resource))
    }

    /// Whether a thing of this name is worth describing.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        let holds = |resource: &String| name.to_lowercase().contains(&resource.to_lowercase());
        self.resource.as_ref().is_none_or(holds)
    }

    /// The answer with a document, in the form that is wanted.
    fn answer(&self, mut document: Value, request: &Request) -> Result<Response, Problem> {
        if let Some(resource) = &self.resource {
            openapi::only(&mut document, resource);
        }
        if self.newer {
            openapi::upgrade(&mut document);
        }
        if self.compact {
            document = openapi::compact(&document);
        }
        if self.yaml {
            return Ok(Response {
                body: Body::Bytes {
                    media: "application/x-yaml; charset=utf-8".to_owned(),
                    bytes: openapi::yaml(&document)?.into(),
                },
                ..Response::value(Value::Null)
            });
        }
        match request.format {
            Format::Json => {
                // Whitespace would double a document of many tables.
                let text = match self.expand {
                    true => serde_json::to_vec(&document),
                    false => serde_json::to_vec_pretty(&document),
                };
                Ok(Response::json(text.map_err(Problem::internal)?.into()))
            }
            _ => Ok(Response::value(document)),
        }
    }
}

/// What a caller may see of a service.
struct Seen<'a> {
    caller: &'a Caller,
    origin: &'a Origin,
    facts: &'a ServiceFacts,
}

impl Sight for Seen<'_> {
    fn verbs(&self, form: &str) -> Verbs {
        self.caller.reach(self.facts.reference.id, form, self.origin)
    }

    fn is_open(&self, path: &str, verb: Verb) -> bool {
        is_open(&self.facts.kind, path, verb)
    }
}

impl Platform {
    /// `GET {service}/_spec`, which the gate has let through.
    pub(crate) async fn specification(
        &self,
        generation: &Generation,
        facts: &ServiceFacts,
        request: &Request,
    ) -> Result<Response, Problem> {
        if request.flag(&word::REFRESH) {
            self.started(generation, facts)?.forget();
        }
        let wish = Wish::of(request)?;
        if request.flag(&word::MODEL) {
            let service = self.started(generation, facts)?;
            let model = self.model(facts, &*service, request, &wish).await?;
            return Wish {
                resource: None,
                compact: false,
                newer: false,
                ..wish
            }
            .answer(model, request);
        }
        let document = self.made(generation, facts, request, &wish).await?;
        wish.answer(document, request)
    }

    /// The document of one service, for the service of API documents. 403 when the caller has no right on the service,
    /// 404 when nobody has, because there is none.
    pub async fn document(&self, name: &str, request: &Request) -> Result<Response, Problem> {
        let wish = Wish::of(request)?;
        let generation = self.current.get().await?;
        let facts = generation.snapshot().service(name);
        // No service has the id 0: who may call all services may know that this one does not exist.
        let id = facts.map_or(0, |facts| facts.reference.id);
        if !request.caller.touches(id) {
            return Err(Problem::forbidden(format!(
                "You do not have access to API Docs for the requested service {name}."
            )));
        }
        let facts = facts.ok_or_else(|| unknown_service(name))?;
        if request.flag(&word::REFRESH)
            && let Ok(service) = self.started(&generation, facts)
        {
            service.forget();
        }
        let document = self.made(&generation, facts, request, &wish).await;
        // Of a type that this build does not have, nothing is known.
        let document = document.map_err(|problem| match problem.kind {
            Kind::Internal => undefined(facts).with_source(problem),
            _ => problem,
        })?;
        wish.answer(document, request)
    }

    /// The document of all services that the caller has a right on. A service whose document cannot be made is left
    /// out.
    pub async fn documents(&self, request: &Request) -> Result<Response, Problem> {
        let wish = Wish::of(request)?;
        let generation = self.current.get().await?;
        let mut whole = Whole::default();
        for facts in documented(&generation, &request.caller) {
            match self.made(&generation, facts, request, &wish).await {
                Ok(document) => {
                    let description = facts.description.as_deref().unwrap_or_default();
                    whole.add(&facts.reference.name, description, document);
                }
                Err(problem) => {
                    let (service, cause) = (&facts.reference.name, &problem.source);
                    tracing::debug!(service, ?cause, "no document can be made: {problem}");
                }
            }
        }
        wish.answer(whole.finish(), request)
    }

    /// The names of the services whose documents the caller can see.
    pub async fn documented(&self, caller: &Caller) -> Result<Vec<String>, Problem> {
        let generation = self.current.get().await?;
        let names = documented(&generation, caller).map(|facts| facts.reference.name.clone());
        Ok(names.collect())
    }

    /// The definition that people wrote for a service.
    pub(crate) async fn definition(&self, service: i64) -> Result<Option<Stored>, Problem> {
        let doc = self.store().service_doc(service).await?;
        Ok(doc.map(|doc| Stored {
            notation: match doc.is_yaml {
                true => Notation::Yaml,
                false => Notation::Json,
            },
            content: doc.content,
        }))
    }

    /// The definition that people wrote, else the service's own, else the document that the endpoints make.
    async fn made(
        &self,
        generation: &Generation,
        facts: &ServiceFacts,
        request: &Request,
        wish: &Wish,
    ) -> Result<Value, Problem> {
        let kind = self.types().iter().find(|kind| kind.name == facts.kind);
        let subject = Subject {
            name: &facts.reference.name,
            label: &facts.label,
            description: facts.description.as_deref().unwrap_or_default(),
            group: kind.map_or("", |kind| kind.group),
            wrapper: &self.settings().resource_wrapper,
        };
        let sight = Seen {
            caller: &request.caller,
            origin: &request.origin,
            facts,
        };
        if let Some(stored) = self.definition(facts.reference.id).await? {
            return stored.document(&subject, &sight).ok_or_else(|| {
                tracing::warn!(service = subject.name, "the stored definition cannot be read");
                undefined(facts)
            });
        }
        let service = self.started(generation, facts)?;
        if let Some(definition) = service.definition().await? {
            return openapi::told(definition, &subject, &sight).ok_or_else(|| undefined(facts));
        }
        let mut builder = Builder::new(subject, &sight);
        let (mut warning, mut relationships) = (None, Map::new());
        let expands = wish.expand || wish.names_a_table(service.endpoints());
        for endpoint in service.endpoints() {
            match expands && is_of_tables(endpoint) {
                true => {
                    let found = (&mut builder, &mut relationships);
                    warning = expand(found, (&*service, facts.reference.id), endpoint, request, wish)
                        .await?
                        .or(warning)
                }
                false => builder.add(endpoint, service.record(endpoint, "").await?.as_ref()),
            }
        }
        let mut document = builder.finish();
        if let Some(warning) = warning {
            document["x-warning"] = json!(warning);
        }
        if expands {
            document["x-dreamfactory-relationships"] = Value::Object(relationships);
        }
        if wish.tables
            && let Some(tables) = table_endpoint(&*service)
        {
            let names = service.names(tables, &request.caller, &request.origin).await?;
            document["x-dreamfactory-resources"] =
                json!({"type": "tables", "count": names.len(), "tables": names});
        }
        Ok(document)
    }
}

fn undefined(facts: &ServiceFacts) -> Problem {
    let name = &facts.reference.name;
    Problem::unavailable(format!(
        "There are no defined API Docs for the requested service {name}."
    ))
}

/// The services that the caller has a right on, in the order of lists.
fn documented<'g>(generation: &'g Generation, caller: &Caller) -> impl Iterator<Item = &'g ServiceFacts> {
    let services = generation.snapshot().services().iter();
    services.filter(|facts| facts.is_active && caller.touches(facts.reference.id))
}

fn is_of_tables(endpoint: &Endpoint) -> bool {
    endpoint.placeholders().next() == Some("table_name")
}

/// The endpoint at which a service has the records of its tables.
pub(crate) fn table_endpoint(service: &dyn Service) -> Option<&'static Endpoint> {
    let gives_records = |endpoint: &&Endpoint| endpoint.name == RECORDS && is_of_tables(endpoint);
    service.endpoints().iter().find(gives_records)
}

/// Adds an endpoint once for every table that the caller may see, and its relations. What could not be done is told.
async fn expand(
    (builder, relationships): (&mut Builder<'_>, &mut Map<String, Value>),
    (service, id): (&dyn Service, i64),
    endpoint: &Endpoint,
    request: &Request,
    wish: &Wish,
) -> Result<Option<String>, Problem> {
    let mut names = service.names(endpoint, &request.caller, &request.origin).await?;
    if names.is_empty() {
        return Ok(Some("No tables found for this service.".to_owned()));
    }
    if names.iter().any(|name| wish.is_about(name)) {
        names.retain(|name| wish.is_about(name));
    }
    let may_read = |component: &str| {
        let verbs = request.caller.verbs(id, component, &request.origin);
        verbs.contains(Verb::Get)
    };
    let left_out = names.len().saturating_sub(EXPANDED);
    names.truncate(EXPANDED);
    for name in names {
        // A table that was dropped meanwhile is left out.
        if let Some(record) = service.record(endpoint, &name).await? {
            builder.add_for(endpoint, &name, &record);
            if endpoint.name == RECORDS {
                relationships.insert(name, relations(&record, may_read, true));
            }
        }
    }
    Ok((left_out > 0).then(|| {
        format!("{left_out} tables are left out: a document describes {EXPANDED} at most. Ask for some of them with 'resource_name'.")
    }))
}
