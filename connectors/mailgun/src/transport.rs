//! Handing mails over.

use crate::config::Account;
use crate::message;
use async_trait::async_trait;
use contract::Problem;
use messaging::{Mail, Transport, fault};
use outbound::{Trust, configured};
use reqwest::{Client, RequestBuilder};

/// User name that goes with every key.
const USER: &str = "api";

/// An account that mails are sent with.
pub(crate) struct Mailgun {
    client: Client,
    account: Account,
}

impl Mailgun {
    /// Connects to nothing yet.
    pub(crate) fn new(account: Account) -> Result<Mailgun, Problem> {
        let client = configured(Trust::Public)?.build().map_err(Problem::internal)?;
        Ok(Mailgun { client, account })
    }

    /// Sends a call; any success will do, because all that is wanted of the answer is its status.
    async fn call(&self, request: RequestBuilder) -> Result<(), Problem> {
        let answer = request.basic_auth(USER, Some(&self.account.key)).send().await;
        // The address says which domain: nothing for the log, where the cause is enough.
        let answer = answer.map_err(|error| unreachable(error.without_url()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(fault::answered(status.as_u16())),
        }
    }
}

fn unreachable(error: reqwest::Error) -> Problem {
    let problem = if error.is_timeout() {
        fault::late()
    } else {
        fault::away()
    };
    problem.with_source(error)
}

#[async_trait]
impl Transport for Mailgun {
    async fn send(&self, mail: &Mail) -> Result<(), Problem> {
        let form = message::form(mail)?;
        let Account { region, domain, .. } = &self.account;
        let address = format!("{region}/v3/{domain}/messages");
        self.call(self.client.post(address).multipart(form)).await
    }

    async fn check(&self) -> Result<(), Problem> {
        let Account { region, domain, .. } = &self.account;
        let address = format!("{region}/v4/domains/{domain}");
        self.call(self.client.get(address)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use kit::{Asked, RemoteServer, Reply};
    use messaging::{Attachment, Mailbox};
    use std::convert::Infallible;

    fn account(server: &RemoteServer) -> Account {
        Account {
            region: server.url(),
            domain: "mg.example.com".into(),
            key: "key-1".into(),
        }
    }

    fn mail() -> Mail {
        Mail {
            from: Some(Mailbox::new("desk@example.com", Some("The \"Desk\", É"))),
            reply_to: Some(Mailbox::new("answers@example.com", None)),
            to: vec![
                Mailbox::new("ann@example.com", Some("Ann")),
                Mailbox::new("bob@example.com", None),
            ],
            cc: vec![Mailbox::new("copy@example.com", None)],
            bcc: vec![Mailbox::new("blind@example.com", None)],
            subject: "Hi é".into(),
            text: Some("Text".into()),
            html: Some("<p>HTML</p>".into()),
            attachments: vec![Attachment {
                name: "a\"b.bin".into(),
                media: "application/x-thing".into(),
                bytes: Bytes::from_static(b"\x00\xff--"),
            }],
        }
    }

    /// The parts of a form: name, file name, media type and content.
    async fn parts(asked: &Asked) -> Vec<(String, String, String, Vec<u8>)> {
        let boundary = multer::parse_boundary(asked.header("content-type")).unwrap();
        let body = Bytes::from(asked.body.clone());
        let whole = futures_util::stream::once(async move { Ok::<_, Infallible>(body) });
        let mut form = multer::Multipart::new(whole, boundary);
        let mut parts = Vec::new();
        while let Some(part) = form.next_field().await.unwrap() {
            let name = part.name().unwrap().to_owned();
            let file = part.file_name().unwrap_or_default().to_owned();
            let media = part.content_type().map(ToString::to_string).unwrap_or_default();
            parts.push((name, file, media, part.bytes().await.unwrap().to_vec()));
        }
        parts
    }

    #[tokio::test]
    async fn a_mail_is_one_form_with_all_that_belongs_to_it() {
        let server = RemoteServer::start(|_| Reply::new(200, "application/json", "{\"id\":\"1\"}"));
        let transport = Mailgun::new(account(&server)).unwrap();
        transport.send(&mail()).await.unwrap();
        let asked = server.asked();
        let [call] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        assert_eq!(
            (call.method.as_str(), call.path()),
            ("POST", "/v3/mg.example.com/messages")
        );
        // "api:key-1"
        assert_eq!(call.header("authorization"), "Basic YXBpOmtleS0x");
        let parts = parts(call).await;
        let texts: Vec<(&str, String)> = parts
            .iter()
            .filter(|(_, file, ..)| file.is_empty())
            .map(|(name, _, _, content)| (name.as_str(), String::from_utf8(content.clone()).unwrap()))
            .collect();
        let expected = [
            ("from", "\"The \\\"Desk\\\", É\" <desk@example.com>"),
            ("subject", "Hi é"),
            ("to", "\"Ann\" <ann@example.com>"),
            ("to", "bob@example.com"),
            ("cc", "copy@example.com"),
            ("bcc", "blind@example.com"),
            ("h:Reply-To", "answers@example.com"),
            ("text", "Text"),
            ("html", "<p>HTML</p>"),
        ];
        assert_eq!(texts, expected.map(|(name, text)| (name, text.to_owned())));
        let (name, _, media, content) = parts.last().unwrap();
        assert_eq!(
            (name.as_str(), media.as_str()),
            ("attachment", "application/x-thing")
        );
        assert_eq!(content, b"\x00\xff--");
    }

    #[tokio::test]
    async fn what_is_refused_is_told_without_the_servers_words() {
        for (status, told) in [
            (400, 400),
            (401, 503),
            (404, 503),
            (429, 503),
            (500, 503),
            (302, 503),
        ] {
            let server = RemoteServer::start(move |_| {
                Reply::new(status, "text/plain", "secret words").with("location", "http://127.0.0.1:1/")
            });
            let transport = Mailgun::new(account(&server)).unwrap();
            let problem = transport.send(&mail()).await.unwrap_err();
            assert_eq!(problem.status(), told, "{status}");
            assert!(!problem.message.contains("secret"));
            assert!(transport.check().await.is_err());
        }
        let nobody = Mail { from: None, ..mail() };
        let server = RemoteServer::start(|_| Reply::new(200, "application/json", "{}"));
        let transport = Mailgun::new(account(&server)).unwrap();
        assert_eq!(transport.send(&nobody).await.unwrap_err().status(), 400);
        transport.check().await.unwrap();
        let asked = server.asked();
        assert_eq!(asked.len(), 1, "a mail without a sender is not handed over");
        assert_eq!(asked[0].target, "/v4/domains/mg.example.com");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told() {
        let mut nowhere = account(&RemoteServer::start(|_| Reply::default()));
        nowhere.region = format!("http://127.0.0.1:{}", kit::free_port());
        let problem = Mailgun::new(nowhere).unwrap().send(&mail()).await.unwrap_err();
        assert_eq!(problem.status(), 503);
    }
}
