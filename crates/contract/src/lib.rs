//! The contract: the types that every floor of the house shares.
//!
//! Invariants: pure. No I/O, no runtime, no database crate, no HTTP crate. Everything here can be tested with
//! strings. The words, problem kinds, settings and configuration fields that people can see are tables in this
//! crate, and every list shown to them (parser, OpenAPI, console, `dreamwright config`) is derived from those tables.

mod cache;
mod caller;
mod config;
mod counters;
pub mod csv;
pub mod event;
pub mod extras;
pub mod media;
mod network;
mod problem;
mod raw;
mod records;
mod request;
mod response;
mod service;
pub mod settings;
pub mod shape;
mod verb;
pub mod word;

pub use cache::{BoundedCache, cache_ttl};
pub use caller::{
    Access, AppFacts, Caller, RoleFacts, RowCondition, RowFilter, SessionFacts, UserFacts, Verdict,
};
pub use config::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, MASK};
pub use counters::{Count, Counter, Counters, Outage};
pub use event::{CallEvent, EventLog, EventNames};
pub use extras::{Extras, NoExtras};
pub use network::{Networks, NotANetwork};
pub use problem::{Kind, Problem};
pub use raw::RawBody;
pub use records::{RecordStream, Streamed, StreamedRecord};
pub use request::{Form, Format, LOGIN_COOKIE, Origin, Params, Payload, Request, ServiceRef, Upload};
pub use response::{Body, ByteStream, Response};
pub use service::{
    BuildContext, Endpoint, LOG_GROUP, Method, NoServices, Operation, PoolState, Route, Service,
    ServiceFactory, ServiceType, Services, Tried, route,
};
pub use settings::Settings;
pub use shape::{FieldKind, Member, Object, RecordField, RecordRelation, RecordShape, Shape};
pub use verb::{Verb, Verbs};
pub use word::{Word, truthy};

/// JSON value; objects keep the order of their keys.
pub use serde_json::{Map, Value};
