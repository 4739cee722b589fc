//! What can go wrong with a server, and what is said of it.

use contract::{Kind, Problem};
use files::Failure;
use outbound::Unreadable;
use reqwest::StatusCode;
use std::error::Error;

/// Why a step failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server cannot be reached, or the answer broke off.
    Unreachable(Box<dyn Error + Send + Sync>),
    /// It does not let us in.
    Login,
    /// It answers so.
    Answer(StatusCode),
    /// It answers what no server should.
    Odd(Box<dyn Error + Send + Sync>),
    /// Something else.
    Failed(Failure),
}

impl From<reqwest::Error> for Fault {
    fn from(e: reqwest::Error) -> Fault {
        Fault::Unreachable(e.without_url().into())
    }
}

impl From<Unreadable> for Fault {
    fn from(e: Unreadable) -> Fault {
        match e {
            Unreadable::TooLong(_) => {
                Problem::bad_request("The folder holds too many names to list them.").into()
            }
            Unreadable::Broken(e) => e.into(),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        Fault::Failed(failure)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Fault {
        Fault::Failed(Failure::Problem(problem))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        let answered = |status: StatusCode| format!("the WebDAV server answered {status}");
        match fault {
            Fault::Unreachable(e) => Failure::Unavailable(e),
            Fault::Login => {
                let sentence = "The server of the storage refuses the login.";
                Failure::Problem(Problem::new(Kind::Internal, sentence))
            }
            Fault::Answer(status) => match status {
                // The first is said of what would lie in a file.
                StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::CONFLICT => {
                    Failure::Missing
                }
                StatusCode::PRECONDITION_FAILED => Failure::Exists,
                StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED | StatusCode::LOCKED => {
                    Failure::Refused
                }
                StatusCode::INSUFFICIENT_STORAGE | StatusCode::PAYLOAD_TOO_LARGE => {
                    Failure::Full(answered(status).into())
                }
                StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
                | StatusCode::TOO_MANY_REQUESTS => Failure::Unavailable(answered(status).into()),
                status => Failure::Other(answered(status).into()),
            },
            Fault::Odd(e) => Failure::Other(e),
            Fault::Failed(failure) => failure,
        }
    }
}
