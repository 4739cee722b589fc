//! A mail as the form that the API takes.

use contract::Problem;
use messaging::{Mail, Mailbox};
use reqwest::multipart::{Form, Part};

/// The form of a mail. 400 without a sender, and for attachments of no media type.
pub(crate) fn form(mail: &Mail) -> Result<Form, Problem> {
    let from = mail.sender()?;
    let mut form = Form::new()
        .text("from", address(from))
        .text("subject", mail.subject.clone());
    for (name, mailboxes) in [("to", &mail.to), ("cc", &mail.cc), ("bcc", &mail.bcc)] {
        for mailbox in mailboxes {
            form = form.text(name, address(mailbox));
        }
    }
    if let Some(reply_to) = &mail.reply_to {
        form = form.text("h:Reply-To", address(reply_to));
    }
    for (name, text) in [("text", &mail.text), ("html", &mail.html)] {
        if let Some(text) = text {
            form = form.text(name, text.clone());
        }
    }
    for file in &mail.attachments {
        let part = Part::stream(file.bytes.clone())
            .file_name(file.name.clone())
            .mime_str(&file.media)
            .map_err(|_| {
                Problem::bad_request(format!("'{}' is no media type of an attachment.", file.media))
            })?;
        form = form.part("attachment", part);
    }
    Ok(form)
}

/// `"Name" <local@domain>`. Neither holds a control sign; that is a mailbox's invariant.
fn address(mailbox: &Mailbox) -> String {
    match &mailbox.name {
        None => mailbox.email.clone(),
        Some(name) => {
            let name = name.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{name}\" <{}>", mailbox.email)
        }
    }
}
