//! Configuration that all e-mail services share.

use contract::{ConfigDefault, ConfigField, ConfigKind};

const fn text(name: &'static str, label: &'static str, description: &'static str) -> ConfigField {
    ConfigField {
        name,
        label,
        kind: ConfigKind::Text,
        required: false,
        default: ConfigDefault::None,
        secret: false,
        description,
    }
}

/// The sender of mails that name none.
pub static SENDER: &[ConfigField] = &[
    text(
        "from_name",
        "From Name",
        "Name of the sender, where a mail names none.",
    ),
    text(
        "from_email",
        "From Email",
        "Address of the sender, where a mail names none.",
    ),
    text("reply_to_name", "Reply-To Name", "Name of whom answers go to."),
    text("reply_to_email", "Reply-To Email", "Address that answers go to."),
];

/// Values that every mail of the service can use.
pub static PARAMETERS: &[ConfigField] = &[ConfigField {
    kind: ConfigKind::Rows(PARAMETER),
    ..text(
        "parameters",
        "Parameters",
        "Supply additional parameters to be replaced in the email body.",
    )
}];

static PARAMETER: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..text("name", "Name", "Name of the placeholder.")
    },
    ConfigField {
        kind: ConfigKind::LongText,
        ..text("value", "Value", "What it is replaced by.")
    },
    ConfigField {
        kind: ConfigKind::Boolean,
        default: ConfigDefault::Boolean(true),
        ..text("active", "Active", "Whether it is used.")
    },
];
