//! What can go wrong with a server, and what is said of it.

use contract::{Kind, Problem};
use files::Failure;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::StatusCode;
use serde_json::json;
use std::error::Error;

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The server does not answer, or not as one should.
    Unreachable(Box<dyn Error + Send + Sync>),
    /// It shows another key than it may.
    Stranger,
    /// The private key cannot be read.
    Key(Box<dyn Error + Send + Sync>),
    /// It does not let us in.
    Login,
    /// It has no such root folder.
    Root,
}

impl Refusal {
    /// The problem for those who set the service up, who also learn which field is concerned.
    pub(crate) fn explained(self) -> Problem {
        let field = match self {
            Refusal::Unreachable(_) => "config.host",
            Refusal::Stranger => "config.host_fingerprint",
            Refusal::Key(_) => "config.private_key",
            Refusal::Login => "config.username",
            Refusal::Root => "config.container",
        };
        let problem = Problem::from(Failure::from(self));
        let about = json!({field: [problem.message]});
        problem.with_context(about)
    }
}

impl From<russh::Error> for Refusal {
    fn from(e: russh::Error) -> Refusal {
        match e {
            russh::Error::UnknownKey => Refusal::Stranger,
            e => Refusal::Unreachable(e.into()),
        }
    }
}

impl From<SftpError> for Refusal {
    fn from(e: SftpError) -> Refusal {
        Refusal::Unreachable(e.into())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        let internal = |sentence: &str| Problem::new(Kind::Internal, sentence);
        Failure::Problem(match refusal {
            Refusal::Unreachable(source) => return Failure::Unavailable(source),
            Refusal::Stranger => {
                internal("The server of the storage shows another key than the one that is trusted.")
            }
            Refusal::Key(source) => internal(
                "The private key that the service's configuration names cannot be read with its password.",
            )
            .with_source(source),
            Refusal::Login => internal("The server of the storage refuses the login."),
            Refusal::Root => {
                Problem::unavailable("The root folder of the storage does not exist on its server.")
            }
        })
    }
}

/// Why a step failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server says so.
    Answer(StatusCode, SftpError),
    /// The connection is gone.
    Lost(SftpError),
    /// There is no connection, or the path leads out of the root, or the content did not come.
    Failed(Failure),
}

impl Fault {
    /// The server's word for it.
    pub(crate) fn code(&self) -> Option<StatusCode> {
        match self {
            Fault::Answer(code, _) => Some(*code),
            _ => None,
        }
    }
}

impl From<SftpError> for Fault {
    fn from(e: SftpError) -> Fault {
        match e {
            SftpError::Status(ref status) => match status.status_code {
                StatusCode::NoConnection | StatusCode::ConnectionLost => Fault::Lost(e),
                code => Fault::Answer(code, e),
            },
            SftpError::Limited(_) => Fault::Failed(Failure::Other(e.into())),
            e => Fault::Lost(e),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        Fault::Failed(refusal.into())
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
            Fault::Answer(StatusCode::NoSuchFile, _) => Failure::Missing,
            Fault::Answer(StatusCode::PermissionDenied, _) => Failure::Refused,
            Fault::Answer(_, e) => Failure::Other(e.into()),
            Fault::Lost(e) => Failure::Unavailable(e.into()),
            Fault::Failed(failure) => failure,
        }
    }
}
