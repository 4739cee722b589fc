//! A database as a service: its endpoints, its catalogue, and the engine behind them.

mod cached;
mod catalogue;
mod change;
mod endpoints;
mod peer;
mod routines;
mod schema;
mod tables;

use crate::cache::{AnswerCache, Writing};
use crate::engine::{Engine, Limits};
use crate::formats::{ClientFormats, Formatted};
use crate::routines::RoutineKind;
use crate::{Backend, SqlBackend, SqlSource, record_shape};
use async_trait::async_trait;
use catalogue::DatabaseCatalogue;
use contract::{
    BuildContext, Caller, Endpoint, Map, Operation, Origin, Problem, RecordShape, Request, Response, Service,
    ServiceRef, Value, Verb, word,
};
use driver::{Fault, FaultKind};
use routines::RoutineCatalogue;
use serde_json::json;
use std::sync::Arc;

pub(crate) use peer::Peer;

/// Greatest number of records where the service does not set its own.
const DEFAULT_MAX_RECORDS: u64 = 1000;

/// A service over a SQL database.
pub fn database(context: BuildContext, source: Arc<dyn SqlSource>) -> Result<Arc<dyn Service>, Problem> {
    Ok(Arc::new(DatabaseService::new(
        context,
        Arc::new(SqlBackend::new(source)),
    )))
}

/// A service over any backend.
pub struct DatabaseService {
    reference: Arc<ServiceRef>,
    engine: Engine,
    catalogue: Arc<DatabaseCatalogue>,
    routines: RoutineCatalogue,
    /// None where answers are not kept.
    cache: Option<Arc<AnswerCache>>,
}

impl DatabaseService {
    /// Wraps a backend. Does not connect.
    pub fn new(context: BuildContext, backend: Arc<dyn Backend>) -> DatabaseService {
        let number = |key: &str| context.config.get(key).and_then(Value::as_u64).filter(|n| *n > 0);
        let flag = |key: &str| context.config.get(key).and_then(Value::as_bool).unwrap_or(false);
        let limits = Limits {
            max_records: number("max_records")
                .unwrap_or(DEFAULT_MAX_RECORDS)
                .min(context.settings.max_records_returned),
            allow_upsert: flag("allow_upsert"),
        };
        let backend = match ClientFormats::of(&context.settings) {
            Some(formats) => Arc::new(Formatted::new(backend, formats)),
            None => backend,
        };
        let catalogue = Arc::new(DatabaseCatalogue::new(
            backend.clone(),
            context.settings.clone(),
            context.service.id,
            context.extras,
        ));
        let cache = cached::configured(&context.config, &context.settings);
        let engine = Engine {
            backend,
            catalogue: catalogue.clone(),
            services: context.services,
            limits,
            settings: context.settings,
        };
        DatabaseService {
            reference: context.service,
            engine,
            catalogue,
            routines: RoutineCatalogue::default(),
            cache,
        }
    }

    /// Forgets what is known of the schema where a problem says that somebody changed it behind our back, so that the
    /// next request reads it anew.
    fn note(&self, problem: &Problem) {
        if let Some(fault) = problem.source.as_ref().and_then(|s| s.downcast_ref::<Fault>())
            && matches!(fault.kind, FaultKind::NoTable | FaultKind::NoColumn)
        {
            self.catalogue.forget();
            self.forget_answers();
        }
    }

    async fn answer(&self, operation: &Operation, request: &Request) -> Result<Response, Problem> {
        let table = operation.capture("table_name");
        let id = operation.capture("id");
        let engine = &self.engine;
        match (operation.endpoint.name, operation.verb) {
            ("root", _) => self.root(request).await,
            ("tables", _) => self.tables(request).await,
            ("records" | "record", Verb::Get) => self.read(operation, request).await,
            ("records", Verb::Post) => engine.create(request, table).await,
            ("records", Verb::Delete) => engine.delete(request, table).await,
            ("records", verb) => engine.update(request, table, verb).await,
            ("record", Verb::Post) => Err(Problem::bad_request(
                "Create record by identifier not currently supported.",
            )),
            ("record", Verb::Delete) => engine.delete_one(request, table, id).await,
            ("record", verb) => engine.update_one(request, table, id, verb).await,
            ("procedures" | "procedure" | "functions" | "function", _) => {
                self.routines(operation, request).await
            }
            (_, Verb::Get) => self.schema(operation, request).await,
            _ => self.change_schema(operation, request).await,
        }
    }

    /// The service's resources, or the components that a role can grant.
    async fn root(&self, request: &Request) -> Result<Response, Problem> {
        let wrapper = request.wrapper(&self.engine.settings);
        let list: Vec<Value> = if request.flag(&word::AS_ACCESS_LIST) {
            let tables = self.catalogue.tables(request.flag(&word::REFRESH)).await?;
            let mut components = vec![json!(""), json!("*")];
            for resource in ["_schema", "_table"] {
                components.extend([json!(format!("{resource}/")), json!(format!("{resource}/*"))]);
                for table in tables
                    .iter()
                    .filter(|t| tables::visible(request, resource, &t.public))
                {
                    components.push(json!(format!("{resource}/{}/", table.public)));
                    components.push(json!(format!("{resource}/{}/*", table.public)));
                }
            }
            components.extend(
                self.routine_components(request)
                    .await?
                    .into_iter()
                    .map(Value::from),
            );
            components
        } else {
            let entry = |(name, class, label): (&str, &str, &str)| {
                let all = [
                    ("name", json!(name)),
                    ("class_name", json!(class)),
                    ("label", json!(label)),
                ];
                let mut entry: Map<String, Value> = all.map(|(k, v)| (k.to_owned(), v)).into_iter().collect();
                if request.flag(&word::INCLUDE_ACCESS) {
                    let verbs = request.caller.verbs(request.service.id, name, &request.origin);
                    entry.insert("access".into(), json!(verbs.names()));
                }
                entry
            };
            let resources = [
                ("_schema", "Schema", "Schema Table"),
                ("_table", "Table", "Data Table"),
            ];
            let resources = resources.iter().chain(self.routine_resources());
            resources
                .copied()
                .map(|r| tables::chosen(request, entry(r)))
                .collect()
        };
        Ok(Response::value(tables::wrapped(wrapper, list)))
    }
}

#[async_trait]
impl Service for DatabaseService {
    fn endpoints(&self) -> &'static [Endpoint] {
        match self.engine.backend.routines() {
            Some(_) => &endpoints::WITH_ROUTINES,
            None => endpoints::ENDPOINTS,
        }
    }

    async fn names(
        &self,
        endpoint: &Endpoint,
        caller: &Caller,
        origin: &Origin,
    ) -> Result<Vec<String>, Problem> {
        let head = endpoint.path.split('/').next().unwrap_or_default();
        let mut names = match endpoint.placeholders().next() {
            Some("table_name") => self.table_names(head).await?,
            Some("procedure_name") => self.routine_names(RoutineKind::Procedure).await?,
            Some("function_name") => self.routine_names(RoutineKind::Function).await?,
            _ => Vec::new(),
        };
        let verbs = |name: &str| caller.verbs(self.catalogue.service(), &format!("{head}/{name}"), origin);
        names.retain(|name| !verbs(name).is_empty());
        Ok(names)
    }

    async fn record(&self, endpoint: &Endpoint, name: &str) -> Result<Option<RecordShape>, Problem> {
        let table = match endpoint.path.split('/').next() {
            // Of the form that all tables have, nothing is known.
            _ if name.is_empty() => None,
            Some("_table") => self.catalogue.by_alias(name).await?,
            Some("_schema") => self.catalogue.table(name).await?,
            _ => None,
        };
        Ok(table.map(|table| record_shape(&table, |other| format!("_table/{other}"))))
    }

    fn takes_records(&self, operation: &Operation) -> bool {
        operation.endpoint.name == "records" && operation.verb == Verb::Post
    }

    fn forget(&self) {
        self.catalogue.forget();
        self.routines.forget();
        self.forget_answers();
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        let writing = self.writing(&operation, &request);
        let answer = self.answer(&operation, &request).await;
        // What failed on the way may still happen.
        if answer.as_ref().map_or_else(Problem::status, |_| 200) < 500 {
            writing.into_iter().for_each(Writing::finish);
        }
        if let Err(problem) = &answer {
            self.note(problem);
        }
        answer
    }

    fn pool(&self) -> Option<contract::PoolState> {
        self.engine.backend.pool()
    }

    async fn check(&self) -> Result<(), Problem> {
        self.engine.backend.check().await
    }

    async fn try_connection(&self) -> Result<contract::Tried, Problem> {
        self.engine.backend.try_connection().await
    }
}
