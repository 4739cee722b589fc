//! The configurations of the two service types.

use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec};

/// Configuration of `system`.
pub(crate) const SYSTEM: ConfigSpec = ConfigSpec {
    groups: &[&[DEFAULT_APP], MAILS],
};

/// Configuration of `user`.
pub(crate) const USER: ConfigSpec = ConfigSpec {
    groups: &[REGISTRATION, MAILS, ALTERNATE],
};

const fn id(name: &'static str, label: &'static str, description: &'static str) -> ConfigField {
    ConfigField::optional(name, label, ConfigKind::Integer, description)
}

const DEFAULT_APP: ConfigField = id(
    "default_app_id",
    "Default Application",
    "The app that a console opens first.",
);

const MAILS: &[ConfigField] = &[
    id(
        "invite_email_service_id",
        "Invite Email Service",
        "The e-mail service that sends invitations.",
    ),
    id(
        "invite_email_template_id",
        "Invite Email Template",
        "The e-mail template of invitations.",
    ),
    id(
        "password_email_service_id",
        "Password Reset Email Service",
        "The e-mail service that sends reset codes.",
    ),
    id(
        "password_email_template_id",
        "Password Reset Email Template",
        "The e-mail template of reset codes.",
    ),
];

const REGISTRATION: &[ConfigField] = &[
    ConfigField {
        kind: ConfigKind::Boolean,
        default: ConfigDefault::Boolean(false),
        ..id(
            "allow_open_registration",
            "Allow Open Registration",
            "Whether anybody may register as a user.",
        )
    },
    id(
        "open_reg_role_id",
        "Open Registration Role",
        "The role that registered users get for every app.",
    ),
    id(
        "open_reg_email_service_id",
        "Open Registration Email Service",
        "The e-mail service that sends confirmation codes; without one, registration asks for a password.",
    ),
    id(
        "open_reg_email_template_id",
        "Open Registration Email Template",
        "The e-mail template of confirmation codes.",
    ),
];

const ALTERNATE: &[ConfigField] = &[
    id(
        "alt_auth_db_service_id",
        "Alternate Auth Database",
        "A database service that also knows users.",
    ),
    ConfigField::text(
        "alt_auth_table",
        "Alternate Auth Table",
        "The table that holds those users.",
    ),
    ConfigField::text(
        "alt_auth_username_field",
        "Alternate Auth Username",
        "The field that holds their login name.",
    ),
    ConfigField::text(
        "alt_auth_password_field",
        "Alternate Auth Password",
        "The field that holds their password.",
    ),
    ConfigField::text(
        "alt_auth_email_field",
        "Alternate Auth Email",
        "The field that holds their e-mail address.",
    ),
    ConfigField::text(
        "alt_auth_other_fields",
        "Alternate Auth Other Fields",
        "More fields that a login must match.",
    ),
    ConfigField::text(
        "alt_auth_filter",
        "Alternate Auth Filter",
        "Fixed conditions on those users, as f=v,f2=v2.",
    ),
    ConfigField {
        kind: ConfigKind::Rows(APP_ROLE),
        ..id(
            "app_role_map",
            "Role per App",
            "Roles of registered users for single apps.",
        )
    },
];

const APP_ROLE: &[ConfigField] = &[
    id("app_id", "App", "Select an App."),
    id("role_id", "Role", "Select a Role for your App."),
];
