//! Why the program does not start.

use contract::{Kind, Problem, Value};
use std::error::Error;
use std::fmt;

/// One sentence for whoever starts the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A value that was given cannot work. Exit code 2.
    Value(String),
    /// Something else is wrong. Exit code 1.
    State(String),
    /// An instance is not as its files say. Exit code 3.
    Differs(String),
}

impl Refusal {
    /// The exit code of the program.
    pub fn exit_code(&self) -> u8 {
        match self {
            Refusal::Value(_) => 2,
            Refusal::State(_) => 1,
            Refusal::Differs(_) => 3,
        }
    }

    /// A file or folder that cannot be used. The caller of the program may see paths: they are their own.
    pub(crate) fn io(what: &str, path: &std::path::Path, error: &std::io::Error) -> Refusal {
        Refusal::State(format!("{what} {} cannot be used: {error}.", path.display()))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Value(sentence) | Refusal::State(sentence) | Refusal::Differs(sentence) => {
                f.write_str(sentence)
            }
        }
    }
}

impl Error for Refusal {}

/// Whoever starts the program has the log anyway, so the causes are told.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        let mut sentence = problem.message.clone();
        let fields = problem
            .context
            .as_deref()
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let details = fields
            .flat_map(|(_, m)| m.as_array().into_iter().flatten())
            .filter_map(Value::as_str);
        for detail in details.filter(|d| !problem.message.contains(d)) {
            sentence.push(' ');
            sentence.push_str(detail);
        }
        let mut cause = problem.source.as_deref().map(|e| e as &dyn Error);
        while let Some(error) = cause {
            sentence.push_str(&format!(" ({error})"));
            cause = error.source();
        }
        match problem.kind {
            Kind::BadRequest => Refusal::Value(sentence),
            _ => Refusal::State(sentence),
        }
    }
}
