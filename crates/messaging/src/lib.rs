//! E-mail services: from a request and a template to a mail, whatever sends it in the end.
//!
//! Invariants: knows no protocol, no vendor and no database. Templates and attached files come from [`Surroundings`],
//! with the caller's rights; a mail leaves through a [`Transport`]. Placeholders are replaced once: a value can bring
//! in neither another placeholder nor markup. Private lookups never reach a mail.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod attachment;
mod compose;
mod config;
pub mod fault;
mod service;
mod shapes;

pub use attachment::too_large;
pub use config::{PARAMETERS, SENDER};
pub use service::EmailService;

use async_trait::async_trait;
use bytes::Bytes;
use contract::{Map, Problem, Request, Value};

/// An address with an optional name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// `local@domain`.
    pub email: String,
    /// Display name.
    pub name: Option<String>,
}

impl Mailbox {
    /// An address and a name as they are: what clients write is checked before.
    pub fn new(email: &str, name: Option<&str>) -> Mailbox {
        Mailbox {
            email: email.to_owned(),
            name: name.map(str::to_owned),
        }
    }
}

/// A file that goes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Content.
    pub bytes: Bytes,
}

/// A mail, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Sender; `None` when neither the request, the template, the service nor the instance names one.
    pub from: Option<Mailbox>,
    /// Where answers go.
    pub reply_to: Option<Mailbox>,
    /// Recipients; never empty.
    pub to: Vec<Mailbox>,
    /// Recipients of copies.
    pub cc: Vec<Mailbox>,
    /// Recipients of copies that nobody else sees.
    pub bcc: Vec<Mailbox>,
    /// Subject, one line.
    pub subject: String,
    /// Plain text.
    pub text: Option<String>,
    /// HTML.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<Attachment>,
}

impl Mail {
    /// The sender, without whom no server takes a mail. 400 when there is none.
    pub fn sender(&self) -> Result<&Mailbox, Problem> {
        self.from.as_ref().ok_or_else(|| {
            Problem::bad_request(
                "The e-mail has no sender: give it a 'from_email', or set one in its template, its service or MAIL_FROM_ADDRESS.",
            )
        })
    }
}

/// What sends mails.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Hands a mail over for delivery. Fails with a sentence that names no host and no credentials: 501 when nothing is
    /// configured that could send, 503 when the server is away, 400 when it refuses the mail.
    async fn send(&self, mail: &Mail) -> Result<(), Problem>;

    /// Whether a mail could be sent right now.
    async fn check(&self) -> Result<(), Problem>;
}

/// How a template is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateKey {
    /// By its name.
    Name(String),
    /// By its id.
    Id(i64),
}

/// What an e-mail service needs of the instance.
#[async_trait]
pub trait Surroundings: Send + Sync {
    /// The columns of a template, lists parsed; `None` when there is none.
    async fn template(&self, key: &TemplateKey) -> Result<Option<Map<String, Value>>, Problem>;

    /// A file of a file service, by the service's name and its path, read on behalf of the request's caller. 413 when
    /// it has more bytes than `most`.
    async fn file(&self, request: &Request, file: (&str, &str), most: usize) -> Result<Attachment, Problem>;
}
