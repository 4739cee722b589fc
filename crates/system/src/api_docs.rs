//! The service of API documents: type `swagger`. Anybody may ask; what is in a document is what the caller may do.

use crate::answer::list;
use async_trait::async_trait;
use contract::shape::{Object, Shape, member};
use contract::word::{
    AS_ACCESS_LIST, AS_LIST, COMPACT, EXPAND_SCHEMA, FILE, FORMAT, OPENAPI, REFRESH, RESOURCE_NAME, TABLES,
};
use contract::{
    Caller, Endpoint, Method, Operation, Origin, Problem, Request, Response, Service, Value, Verb, Word,
};
use platform::Platform;
use std::sync::{Arc, Weak};

const DOCUMENT: Shape = Shape::Object(&Object {
    name: "Document",
    members: &[
        member("openapi", Shape::Text, "Version of OpenAPI."),
        member("info", Shape::Any, "What the document is of."),
        member("paths", Shape::Any, "The paths and their operations."),
    ],
});

const ONE: &[&Word] = &[
    &EXPAND_SCHEMA,
    &TABLES,
    &COMPACT,
    &RESOURCE_NAME,
    &OPENAPI,
    &FORMAT,
    &REFRESH,
    &FILE,
];
const ALL: &[&Word] = &[
    &AS_LIST,
    &AS_ACCESS_LIST,
    &EXPAND_SCHEMA,
    &TABLES,
    &COMPACT,
    &RESOURCE_NAME,
    &OPENAPI,
    &FORMAT,
    &FILE,
];

static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "documents",
        path: "",
        methods: &[
            Method::new(Verb::Get, "get{S}", "Gives the document of all services.", ALL).gives(DOCUMENT),
        ],
    },
    Endpoint {
        name: "document",
        path: "{service_name}",
        methods: &[Method::new(
            Verb::Get,
            "get{S}ByService",
            "Gives the document of a service.",
            ONE,
        )
        .gives(DOCUMENT)],
    },
];

/// The service.
pub(crate) struct ApiDocs {
    /// Weak, because the platform holds its services.
    platform: Weak<Platform>,
}

impl ApiDocs {
    pub(crate) fn new(platform: Weak<Platform>) -> ApiDocs {
        ApiDocs { platform }
    }

    fn platform(&self) -> Result<Arc<Platform>, Problem> {
        let platform = self.platform.upgrade();
        platform.ok_or_else(|| Problem::unavailable("The instance is shutting down."))
    }
}

#[async_trait]
impl Service for ApiDocs {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, endpoint: &Endpoint, caller: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        match endpoint.name {
            "document" => self.platform()?.documented(caller).await,
            _ => Ok(Vec::new()),
        }
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        let platform = self.platform()?;
        if operation.endpoint.name == "document" {
            return platform
                .document(operation.capture("service_name"), &request)
                .await;
        }
        let as_components = request.flag(&AS_ACCESS_LIST);
        if !as_components && !request.flag(&AS_LIST) {
            return platform.documents(&request).await;
        }
        let components = ["", "*"].into_iter().filter(|_| as_components).map(str::to_owned);
        let names = platform.documented(&request.caller).await?;
        let entries = components.chain(names).map(Value::from);
        Ok(Response::value(list(
            &request,
            platform.settings(),
            entries.collect(),
        )))
    }

    async fn check(&self) -> Result<(), Problem> {
        self.platform().map(drop)
    }
}
