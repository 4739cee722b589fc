//! What can go wrong with a server, and what is said of it.

use contract::{Kind, Problem};
use files::Failure;
use serde_json::json;
use std::error::Error;
use std::io::ErrorKind;
use suppaftp::{FtpError, Status};

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The server does not answer, or not as one should.
    Unreachable(Box<dyn Error + Send + Sync>),
    /// It does not speak TLS, or shows a certificate that is not trusted.
    Insecure(FtpError),
    /// It does not let us in.
    Login(FtpError),
    /// It has no such root folder.
    Root(FtpError),
}

impl Refusal {
    /// The problem for those who set the service up, who also learn which field is concerned.
    pub(crate) fn explained(self) -> Problem {
        let field = match self {
            Refusal::Unreachable(_) => "config.host",
            Refusal::Insecure(_) => "config.ssl",
            Refusal::Login(_) => "config.username",
            Refusal::Root(_) => "config.container",
        };
        let problem = Problem::from(Failure::from(self));
        let about = json!({field: [problem.message]});
        problem.with_context(about)
    }
}

impl From<FtpError> for Refusal {
    fn from(e: FtpError) -> Refusal {
        Refusal::Unreachable(e.into())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        let internal = |sentence: &str, e: FtpError| {
            Failure::Problem(Problem::new(Kind::Internal, sentence).with_source(e))
        };
        match refusal {
            Refusal::Unreachable(e) => Failure::Unavailable(e),
            Refusal::Insecure(e) => internal("The server of the storage cannot be spoken to securely.", e),
            Refusal::Login(e) => internal("The server of the storage refuses the login.", e),
            Refusal::Root(e) => {
                let sentence = "The root folder of the storage does not exist on its server.";
                Failure::Problem(Problem::unavailable(sentence).with_source(e))
            }
        }
    }
}

/// Why a step failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server says no, for whatever reason.
    Refused(FtpError),
    /// The connection is gone, or out of step.
    Lost(Box<dyn Error + Send + Sync>),
    /// Something else.
    Failed(Failure),
}

impl From<FtpError> for Fault {
    fn from(e: FtpError) -> Fault {
        match &e {
            FtpError::UnexpectedResponse(response) => match response.status {
                Status::ExceededStorage | Status::RequestedActionNotTaken => {
                    Fault::Failed(Failure::Full(e.into()))
                }
                Status::FileUnavailable
                | Status::RequestFileActionIgnored
                | Status::BadFilename
                | Status::BadCommand
                | Status::BadArguments
                | Status::NotImplemented
                | Status::NotImplementedParameter => Fault::Refused(e),
                _ => Fault::Lost(e.into()),
            },
            // A command that would have been two was not sent.
            FtpError::ConnectionError(cause) if cause.kind() == ErrorKind::InvalidInput => {
                Fault::Failed(Failure::Refused)
            }
            _ => Fault::Lost(e.into()),
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
        match fault {
            Fault::Refused(e) => {
                tracing::debug!(cause = %e, "an FTP server refused a command");
                Failure::Refused
            }
            Fault::Lost(e) => Failure::Unavailable(e),
            Fault::Failed(failure) => failure,
        }
    }
}
