//! A mail as SMTP carries it.

use contract::Problem;
use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};

/// Builds the message. 400 for what is no address, 500 without a sender.
pub(crate) fn build(mail: &messaging::Mail) -> Result<Message, Problem> {
    let from = mail.sender()?;
    let mut builder = Message::builder()
        .from(mailbox(from)?)
        .subject(mail.subject.clone());
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    for cc in &mail.cc {
        builder = builder.cc(mailbox(cc)?);
    }
    for bcc in &mail.bcc {
        builder = builder.bcc(mailbox(bcc)?);
    }
    let text = mail.text.clone().map(SinglePart::plain);
    let html = mail.html.clone().map(SinglePart::html);
    let built = match (text, html, mail.attachments.is_empty()) {
        (Some(text), None, true) => builder.singlepart(text),
        (None, Some(html), true) => builder.singlepart(html),
        (text, html, true) => builder.multipart(alternative(text, html)),
        (text, html, false) => {
            let mut mixed = MultiPart::mixed().multipart(alternative(text, html));
            for file in &mail.attachments {
                let media = ContentType::parse(&file.media).map_err(|_| {
                    Problem::bad_request(format!("'{}' is no media type of an attachment.", file.media))
                })?;
                mixed = mixed.singlepart(Attachment::new(file.name.clone()).body(file.bytes.to_vec(), media));
            }
            builder.multipart(mixed)
        }
    };
    built.map_err(|e| Problem::bad_request("The e-mail cannot be written as a message.").with_source(e))
}

fn alternative(text: Option<SinglePart>, html: Option<SinglePart>) -> MultiPart {
    let parts = MultiPart::alternative().build();
    // The last part is the one that readers prefer.
    text.into_iter().chain(html).fold(parts, MultiPart::singlepart)
}

fn mailbox(mailbox: &messaging::Mailbox) -> Result<Mailbox, Problem> {
    let address = mailbox
        .email
        .parse()
        .map_err(|_| Problem::bad_request(format!("Invalid email - '{}'.", mailbox.email)))?;
    Ok(Mailbox::new(mailbox.name.clone(), address))
}
