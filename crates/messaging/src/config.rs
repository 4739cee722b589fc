//! Configuration that all e-mail services share.

use contract::{ConfigDefault, ConfigField, ConfigKind};

/// The sender of mails that name none.
pub static SENDER: &[ConfigField] = &[
    ConfigField::text(
        "from_name",
        "From Name",
        "Name of the sender, where a mail names none.",
    ),
    ConfigField::text(
        "from_email",
        "From Email",
        "Address of the sender, where a mail names none.",
    ),
    ConfigField::text("reply_to_name", "Reply-To Name", "Name of whom answers go to."),
    ConfigField::text("reply_to_email", "Reply-To Email", "Address that answers go to."),
];

/// Values that every mail of the service can use. Their words are those that clients know from the original.
pub static PARAMETERS: &[ConfigField] = &[ConfigField {
    kind: ConfigKind::Rows(PARAMETER),
    ..ConfigField::text(
        "parameters",
        "Parameters",
        "Supply additional parameters to be replace in the email body.",
    )
}];

static PARAMETER: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::text("name", "Name", "")
    },
    ConfigField {
        kind: ConfigKind::LongText,
        ..ConfigField::text("value", "Value", "")
    },
    ConfigField {
        kind: ConfigKind::Boolean,
        default: ConfigDefault::Boolean(true),
        ..ConfigField::text("active", "Active", "")
    },
];
