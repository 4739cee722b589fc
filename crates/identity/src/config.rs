//! Fields of a configuration that login services share. Their order is that of each service type.

use contract::{ConfigDefault, ConfigField, ConfigKind};

/// The role of new users.
pub const DEFAULT_ROLE: ConfigField = ConfigField::optional(
    "default_role",
    "Default Role",
    ConfigKind::Record("role"),
    "Select a default role for users logging in with this OAuth service type.",
);

/// The picture of the button; also what tells that there is one.
pub const ICON_CLASS: ConfigField = ConfigField::text(
    "icon_class",
    "Icon Class",
    "The icon to display for this OAuth service.",
);

/// Roles for single apps.
pub const APP_ROLE_MAP: ConfigField = ConfigField::optional(
    "app_role_map",
    "Role per App",
    ConfigKind::Rows(APP_ROLE),
    "Select a desired Role per App for users logging in via this service.",
);

const APP_ROLE: &[ConfigField] = &[
    ConfigField::optional("app_id", "App", ConfigKind::Record("app"), "Select an App."),
    ConfigField::optional(
        "role_id",
        "Role",
        ConfigKind::Record("role"),
        "Select a Role for your App.",
    ),
];

/// Whether somebody who was never here gets a user. Not shown in forms.
pub const ALLOW_NEW_USERS: ConfigField = ConfigField {
    default: ConfigDefault::Boolean(true),
    hidden: true,
    ..ConfigField::optional(
        "allow_new_users",
        "Allow New Users",
        ConfigKind::Boolean,
        "Whether somebody who logs in for the first time gets a user.",
    )
};
