//! Why no connection could be made, in words for whoever sets one up.

use std::io::{Error, ErrorKind};

/// Why no connection could be made. Says nothing of hosts, users or the driver's own text, so that it can be shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Trouble {
    /// One sentence.
    pub sentence: &'static str,
    /// The fields of the configuration that are concerned.
    pub fields: &'static [&'static str],
}

impl Trouble {
    /// No such host.
    pub const HOST: Trouble = Trouble {
        sentence: "The host name is not known.",
        fields: &["host"],
    };
    /// Nobody listens.
    pub const REFUSED: Trouble = Trouble {
        sentence: "Nothing accepts connections at this host and port.",
        fields: &["host", "port"],
    };
    /// Nobody answers.
    pub const SILENT: Trouble = Trouble {
        sentence: "The server did not answer in time: the host or port is wrong, or a firewall is in between.",
        fields: &["host", "port"],
    };
    /// What answers is no such server, or it hung up.
    pub const FOREIGN: Trouble = Trouble {
        sentence: "The connection was closed: what listens at this port may be a server of another kind.",
        fields: &["port"],
    };
    /// User or password are wrong.
    pub const CREDENTIALS: Trouble = Trouble {
        sentence: "The server refused the user name or the password.",
        fields: &["username", "password"],
    };
    /// The user may not come in from here.
    pub const NOT_ADMITTED: Trouble = Trouble {
        sentence: "The server does not admit this user from here.",
        fields: &["username"],
    };
    /// No such database.
    pub const DATABASE: Trouble = Trouble {
        sentence: "The database does not exist on this server.",
        fields: &["database"],
    };
    /// No such database for this user.
    pub const NO_ACCESS: Trouble = Trouble {
        sentence: "The database does not exist, or this user may not use it.",
        fields: &["database", "username"],
    };
    /// No room for another connection.
    pub const FULL: Trouble = Trouble {
        sentence: "The server has no room for another connection.",
        fields: &[],
    };

    /// The sentence for all encryption that failed; the field is named differently by each kind of server.
    pub const fn tls(fields: &'static [&'static str]) -> Trouble {
        Trouble {
            sentence: "No encrypted connection could be made that the configuration accepts.",
            fields,
        }
    }

    /// What an error of the operating system means for a connection; `None` where it says too little.
    pub fn of_io(error: &Error) -> Option<&'static Trouble> {
        Some(match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::NotFound => &Trouble::REFUSED,
            ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                &Trouble::SILENT
            }
            ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => {
                &Trouble::FOREIGN
            }
            // The standard library has no kind for it, and the resolver's own words vary.
            _ if error
                .to_string()
                .starts_with("failed to lookup address information") =>
            {
                &Trouble::HOST
            }
            _ => return None,
        })
    }
}
