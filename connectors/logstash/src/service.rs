//! The service: calls that log, and the calls of others that are logged.

use crate::config::{Rule, context, rules, target};
use crate::entry::Entry;
use crate::level::{INFO, Level};
use crate::queue::Queue;
use crate::wire::Server;
use async_trait::async_trait;
use contract::event::LONGEST_CONTENT;
use contract::shape::{Object, SUCCESS, member};
use contract::{
    BuildContext, CallEvent, Caller, Endpoint, EventLog, EventNames, Method, Operation, Origin, Problem,
    Request, Response, Service, Shape, Value, Verb,
};
use serde_json::json;

static ENTRY: Object = Object {
    name: "LogEntry",
    members: &[
        member("level", Shape::Text, "Level, INFO when it is left out."),
        member("message", Shape::Text, "What is logged."),
    ],
};

const fn logging(verb: Verb, id: &'static str) -> Method {
    Method::new(verb, id, "Log a message.", &[])
        .takes(Shape::Object(&ENTRY))
        .gives(SUCCESS)
}

const LOGGING: &[Method] = &[
    logging(Verb::Post, "create{S}Entry"),
    logging(Verb::Put, "replace{S}Entry"),
];

static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "entry",
        path: "",
        methods: LOGGING,
    },
    Endpoint {
        name: "message",
        path: "{message}",
        methods: LOGGING,
    },
    Endpoint {
        name: "level",
        path: "{level}/{message*}",
        methods: LOGGING,
    },
];

/// A service that sends log entries.
pub(crate) struct Logstash {
    server: Server,
    queue: Queue,
    context: Vec<Vec<String>>,
    rules: Vec<Rule>,
}

impl Logstash {
    /// Connects to nothing. 400 when the configuration cannot be used.
    pub(crate) fn new(built: &BuildContext) -> Result<Logstash, Problem> {
        let server = Server::new(target(&built.config)?, &built.settings.app_name)?;
        Ok(Logstash {
            queue: Queue::new(server.clone()),
            server,
            context: context(&built.config),
            rules: rules(&built.config)?,
        })
    }

    fn push(&self, message: &str, level: Level, call: &CallEvent) {
        self.queue.push(Entry::new(message, level, &self.context, call));
    }
}

impl EventLog for Logstash {
    fn wants(&self, names: &EventNames) -> bool {
        self.rules.iter().any(|rule| names.fit(&rule.event))
    }

    fn take(&self, names: &EventNames, call: &CallEvent) {
        for rule in self.rules.iter().filter(|rule| names.fit(&rule.event)) {
            let message = rule.message.as_deref().unwrap_or(&names.special);
            self.push(message, rule.level, call);
        }
    }
}

#[async_trait]
impl Service for Logstash {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        let sent = |name: &str| {
            let value = request.object().and_then(|body| body.get(name));
            value.and_then(Value::as_str).map(str::to_owned)
        };
        let (level, message) = match operation.endpoint.name {
            "entry" => (sent("level"), sent("message")),
            "message" => (None, Some(operation.capture("message").to_owned())),
            _ => {
                let level = operation.capture("level").to_owned();
                (Some(level), Some(operation.capture("message").to_owned()))
            }
        };
        let level = level.filter(|level| !level.is_empty());
        let level = level.as_deref().map_or(Ok(INFO), Level::parse)?;
        let message = message.filter(|message| !message.trim().is_empty());
        let message = message.ok_or_else(|| Problem::bad_request("No message provided for logging"))?;
        if message.len() > LONGEST_CONTENT {
            return Err(Problem::bad_request(format!(
                "A log message may be {LONGEST_CONTENT} bytes long at most."
            )));
        }
        self.push(&message, level, &CallEvent::of(&request, &request.path));
        Ok(Response::value(json!({"success": true})))
    }

    fn event_log(&self) -> Option<&dyn EventLog> {
        Some(self)
    }

    async fn check(&self) -> Result<(), Problem> {
        self.server
            .check()
            .await
            .map_err(|error| Problem::unavailable("The log server cannot be reached.").with_source(error))
    }
}
