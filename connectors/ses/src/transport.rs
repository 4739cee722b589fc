//! Handing mails over.

use crate::config::Account;
use crate::message;
use crate::sign::{Call, Signer};
use async_trait::async_trait;
use chrono::Utc;
use contract::Problem;
use messaging::{Mail, Transport, fault};
use outbound::{Trust, configured};
use reqwest::{Client, Method};

const SEND: &str = "/v2/email/outbound-emails";
const ACCOUNT: &str = "/v2/email/account";

/// An account that mails are sent with.
pub(crate) struct Ses {
    client: Client,
    account: Account,
}

impl Ses {
    /// Connects to nothing yet.
    pub(crate) fn new(account: Account) -> Result<Ses, Problem> {
        let client = configured(Trust::Public)?.build().map_err(Problem::internal)?;
        Ok(Ses { client, account })
    }

    /// Makes a signed call; all that is wanted of the answer is its status.
    async fn call(&self, method: Method, path: &str, body: String) -> Result<(), Problem> {
        let Account {
            endpoint,
            region,
            key,
            secret,
        } = &self.account;
        let signer = Signer {
            key,
            secret,
            region,
            service: "ses",
        };
        let call = Call {
            method: method.as_str(),
            host: endpoint.split("://").last().unwrap_or_default(),
            path,
            body: body.as_bytes(),
        };
        let signed = signer.sign(&call, Utc::now());
        let request = self
            .client
            .request(method, format!("{endpoint}{path}"))
            .header("x-amz-date", signed.date)
            .header("authorization", signed.authorization)
            .header("content-type", "application/json")
            .body(body);
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(fault::answered(answer.status().as_u16())),
            Err(error) => Err(unreachable(error.without_url())),
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
impl Transport for Ses {
    async fn send(&self, mail: &Mail) -> Result<(), Problem> {
        let body = message::object(mail)?.to_string();
        self.call(Method::POST, SEND, body).await
    }

    async fn check(&self) -> Result<(), Problem> {
        self.call(Method::GET, ACCOUNT, String::new()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use chrono::{DateTime, NaiveDateTime};
    use kit::{Asked, RemoteServer, Reply};
    use messaging::{Attachment, Mailbox};
    use serde_json::{Value, json};

    fn account(server: &RemoteServer) -> Account {
        Account {
            endpoint: server.url(),
            region: "eu-west-1".into(),
            key: "KEY".into(),
            secret: "secret".into(),
        }
    }

    fn mail() -> Mail {
        Mail {
            from: Some(Mailbox::new("desk@example.com", Some("É"))),
            reply_to: Some(Mailbox::new("answers@example.com", None)),
            to: vec![Mailbox::new("ann@example.com", Some("A \"B\""))],
            cc: Vec::new(),
            bcc: vec![Mailbox::new("blind@example.com", None)],
            subject: "Hi é".into(),
            text: Some("Text".into()),
            html: None,
            attachments: vec![Attachment {
                name: "a.bin".into(),
                media: "application/x-thing".into(),
                bytes: Bytes::from_static(b"\x00\xff"),
            }],
        }
    }

    /// The signature that the server makes of what it was sent.
    fn expected(asked: &Asked) -> String {
        let moment = NaiveDateTime::parse_from_str(asked.header("x-amz-date"), "%Y%m%dT%H%M%SZ").unwrap();
        let signer = Signer {
            key: "KEY",
            secret: "secret",
            region: "eu-west-1",
            service: "ses",
        };
        let call = Call {
            method: &asked.method,
            host: asked.header("host"),
            path: asked.path(),
            body: &asked.body,
        };
        signer
            .sign(&call, DateTime::from_naive_utc_and_offset(moment, Utc))
            .authorization
    }

    #[tokio::test]
    async fn a_mail_is_one_signed_call() {
        let server = RemoteServer::start(|_| Reply::new(200, "application/json", "{\"MessageId\":\"1\"}"));
        let transport = Ses::new(account(&server)).unwrap();
        transport.send(&mail()).await.unwrap();
        transport.check().await.unwrap();
        let asked = server.asked();
        let [sent, checked] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        for call in [sent, checked] {
            assert_eq!(call.header("authorization"), expected(call));
        }
        assert_eq!((sent.method.as_str(), sent.target.as_str()), ("POST", SEND));
        assert_eq!(
            (checked.method.as_str(), checked.target.as_str()),
            ("GET", ACCOUNT)
        );
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(
            body,
            json!({
                "FromEmailAddress": "=?UTF-8?B?w4k=?= <desk@example.com>",
                "Destination": {
                    "ToAddresses": ["\"A \\\"B\\\"\" <ann@example.com>"],
                    "CcAddresses": [],
                    "BccAddresses": ["blind@example.com"],
                },
                "Content": {"Simple": {
                    "Subject": {"Data": "Hi é", "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": "Text", "Charset": "UTF-8"}},
                    "Attachments": [{"FileName": "a.bin", "ContentType": "application/x-thing",
                        "ContentDisposition": "ATTACHMENT", "RawContent": "AP8="}],
                }},
                "ReplyToAddresses": ["answers@example.com"],
            })
        );
    }

    #[tokio::test]
    async fn what_is_refused_is_told_without_the_servers_words() {
        for (status, told) in [(400, 400), (403, 503), (429, 503), (500, 503)] {
            let server = RemoteServer::start(move |_| Reply::new(status, "application/json", "secret words"));
            let problem = Ses::new(account(&server))
                .unwrap()
                .send(&mail())
                .await
                .unwrap_err();
            assert_eq!(problem.status(), told, "{status}");
            assert!(!problem.message.contains("secret"));
        }
    }
}
