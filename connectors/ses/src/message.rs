//! A mail as the object that the API takes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{Problem, Value};
use messaging::{Mail, Mailbox};
use serde_json::json;

/// The object of a mail. 400 without a sender.
pub(crate) fn object(mail: &Mail) -> Result<Value, Problem> {
    let from = mail.sender()?;
    let addresses = |mailboxes: &[Mailbox]| -> Vec<String> { mailboxes.iter().map(address).collect() };
    let part = |text: &str| json!({"Data": text, "Charset": "UTF-8"});
    let mut body = json!({});
    for (name, text) in [("Text", &mail.text), ("Html", &mail.html)] {
        if let Some(text) = text {
            body[name] = part(text);
        }
    }
    let mut content = json!({"Subject": part(&mail.subject), "Body": body});
    if !mail.attachments.is_empty() {
        let files = mail.attachments.iter().map(|file| {
            json!({
                "FileName": file.name,
                "ContentType": file.media,
                "ContentDisposition": "ATTACHMENT",
                "RawContent": STANDARD.encode(&file.bytes),
            })
        });
        content["Attachments"] = files.collect();
    }
    let mut object = json!({
        "FromEmailAddress": address(from),
        "Destination": {
            "ToAddresses": addresses(&mail.to),
            "CcAddresses": addresses(&mail.cc),
            "BccAddresses": addresses(&mail.bcc),
        },
        "Content": {"Simple": content},
    });
    if let Some(reply_to) = &mail.reply_to {
        object["ReplyToAddresses"] = json!([address(reply_to)]);
    }
    Ok(object)
}

/// `"Name" <local@domain>`; a name that is not plain ASCII is an encoded word, as the API asks for.
fn address(mailbox: &Mailbox) -> String {
    let Some(name) = &mailbox.name else {
        return mailbox.email.clone();
    };
    let name = match name.is_ascii() {
        true => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
        false => format!("=?UTF-8?B?{}?=", STANDARD.encode(name)),
    };
    format!("{name} <{}>", mailbox.email)
}
