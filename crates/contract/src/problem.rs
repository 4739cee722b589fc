//! What went wrong, as the caller is told it.

use serde_json::{Map, Value, json};
use std::error::Error;
use std::fmt;

/// The kinds of problem. The kind gives the HTTP status and the default `code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request is not understood or not allowed in this form.
    BadRequest,
    /// Nobody is logged in, or the login failed.
    Unauthorized,
    /// Somebody is known, and may not.
    Forbidden,
    /// The service, resource or record does not exist (or is hidden from the caller).
    NotFound,
    /// The verb is not one of the API's.
    MethodNotAllowed,
    /// The state of the data forbids it.
    Conflict,
    /// The record is not as the caller last saw it.
    Changed,
    /// The request is larger than the configured limit.
    TooLarge,
    /// A rate limit is exceeded.
    TooManyRequests,
    /// A fault of ours. The message never holds details; the log does.
    Internal,
    /// The connector cannot do this.
    NotImplemented,
    /// A server that we depend on is down or full; trying again later makes sense.
    Unavailable,
    /// The request did not finish in the configured time.
    Timeout,
}

impl Kind {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Kind::BadRequest => 400,
            Kind::Unauthorized => 401,
            Kind::Forbidden => 403,
            Kind::NotFound => 404,
            Kind::MethodNotAllowed => 405,
            Kind::Conflict => 409,
            Kind::Changed => 412,
            Kind::TooLarge => 413,
            Kind::TooManyRequests => 429,
            Kind::Internal => 500,
            Kind::NotImplemented => 501,
            Kind::Unavailable => 503,
            Kind::Timeout => 504,
        }
    }
}

/// A refusal or failure: one sentence for the caller, details for the log only.
///
/// `source` is written to the log and never reaches the caller.
pub struct Problem {
    /// What kind of problem.
    pub kind: Kind,
    /// One clear sentence for the caller. Plain text, no HTML entities, no SQL, no paths, no secrets.
    pub message: String,
    /// More for the caller in a documented shape: field map, batch results, exceeded limits.
    pub context: Option<Box<Value>>,
    /// The `code` of the envelope when it is not the status (1000 for batches).
    pub code: Option<Box<Value>>,
    /// Seconds after which trying again makes sense; becomes `Retry-After`.
    pub retry_after: Option<u32>,
    /// Extra headers of the answer, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The cause, for the log.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem of `kind` with a sentence for the caller.
    pub fn new(kind: Kind, message: impl Into<String>) -> Problem {
        Problem {
            kind,
            message: message.into(),
            context: None,
            code: None,
            retry_after: None,
            headers: Vec::new(),
            source: None,
        }
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Problem {
        Problem::new(Kind::BadRequest, message)
    }

    /// 401.
    pub fn unauthorized(message: impl Into<String>) -> Problem {
        Problem::new(Kind::Unauthorized, message)
    }

    /// 403.
    pub fn forbidden(message: impl Into<String>) -> Problem {
        Problem::new(Kind::Forbidden, message)
    }

    /// 404.
    pub fn not_found(message: impl Into<String>) -> Problem {
        Problem::new(Kind::NotFound, message)
    }

    /// 500. `source` goes to the log; the caller gets a fixed sentence.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Problem {
        let mut problem = Problem::new(
            Kind::Internal,
            "An internal error occurred. The server's log has the details.",
        );
        problem.source = Some(source.into());
        problem
    }

    /// 501.
    pub fn not_implemented(message: impl Into<String>) -> Problem {
        Problem::new(Kind::NotImplemented, message)
    }

    /// 503 with `Retry-After`.
    pub fn unavailable(message: impl Into<String>) -> Problem {
        let mut problem = Problem::new(Kind::Unavailable, message);
        problem.retry_after = Some(2);
        problem
    }

    /// Adds the cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Problem {
        self.source = Some(source.into());
        self
    }

    /// Adds context for the caller.
    #[must_use]
    pub fn with_context(mut self, context: Value) -> Problem {
        self.context = Some(Box::new(context));
        self
    }

    /// Sets the `code` of the envelope.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Value>) -> Problem {
        self.code = Some(Box::new(code.into()));
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.kind.status()
    }

    /// `{"code","context","message","status_code"}`: the inside of the envelope, and an entry of a batch.
    pub fn to_entry(&self) -> Value {
        let mut entry = Map::new();
        entry.insert(
            "code".into(),
            self.code
                .as_deref()
                .cloned()
                .unwrap_or_else(|| json!(self.status())),
        );
        entry.insert(
            "context".into(),
            self.context.as_deref().cloned().unwrap_or_default(),
        );
        entry.insert("message".into(), Value::String(self.message.clone()));
        entry.insert("status_code".into(), json!(self.status()));
        Value::Object(entry)
    }

    /// The documented envelope, `{"error":{…}}`.
    pub fn to_envelope(&self) -> Value {
        json!({ "error": self.to_entry() })
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|e| e as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_has_four_members_in_order() {
        let problem = Problem::not_found("Record with identifier '9' not found.");
        assert_eq!(
            problem.to_envelope().to_string(),
            r#"{"error":{"code":404,"context":null,"message":"Record with identifier '9' not found.","status_code":404}}"#
        );
    }

    #[test]
    fn the_source_of_an_internal_problem_stays_inside() {
        let problem = Problem::internal("password=hunter2");
        assert!(!problem.to_envelope().to_string().contains("hunter2"));
    }
}
