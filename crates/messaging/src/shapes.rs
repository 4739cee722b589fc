//! What the bodies of an e-mail service hold.

use contract::shape::{Object, Shape, member};

const ADDRESS: Shape = Shape::Object(&Object {
    name: "EmailAddress",
    members: &[
        member("email", Shape::Text, "The address."),
        member("name", Shape::Maybe(&Shape::Text), "Name beside the address."),
    ],
});
const ADDRESSES: Shape = Shape::Either(&[Shape::List(&ADDRESS), Shape::Text]);

pub(crate) const MAIL: Shape = Shape::Object(&Object {
    name: "EmailRequest",
    members: &[
        member("template", Shape::Text, "Name of the template to begin with."),
        member("template_id", Shape::Integer, "Id of the template to begin with."),
        member("to", ADDRESSES, "Receivers."),
        member("cc", ADDRESSES, "Receivers of a copy."),
        member(
            "bcc",
            ADDRESSES,
            "Receivers of a copy that the others do not see.",
        ),
        member("subject", Shape::Text, "Subject."),
        member("body_text", Shape::Text, "The mail as plain text."),
        member("body_html", Shape::Text, "The mail as HTML."),
        member("from_name", Shape::Text, "Name of the sender."),
        member("from_email", Shape::Text, "Address of the sender."),
        member("reply_to_name", Shape::Text, "Name of who is answered."),
        member("reply_to_email", Shape::Text, "Address of who is answered."),
        member(
            "attachment",
            Shape::Any,
            "Files of a file service, or addresses of files.",
        ),
    ],
});

pub(crate) const SENT: Shape = Shape::Object(&Object {
    name: "EmailResponse",
    members: &[member(
        "count",
        Shape::Integer,
        "Number of e-mails that were sent.",
    )],
});
