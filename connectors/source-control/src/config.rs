//! Whose repositories, and what opens them.

use contract::{ConfigField, ConfigKind, ConfigSpec, Map, Value};

/// Configuration of `github`.
pub(crate) const GITHUB: ConfigSpec = ConfigSpec {
    groups: &[&[
        required(
            "vendor",
            "Account/Organization",
            "GitHub Account/Organization/Username for accessing a repository.",
        ),
        ConfigField::text("username", "Username", "Your GitHub username goes here."),
        password("WARNING Password authentication is not supported. Please use a personal access token."),
        token(
            "GitHub Token",
            "You can use a GitHub token here to access your account. If you use token then there is no need to enter the Password above.",
        ),
    ]],
};

/// Configuration of `gitlab`.
pub(crate) const GITLAB: ConfigSpec = ConfigSpec {
    groups: &[&[
        required(
            "base_url",
            "Base URL",
            "Your GitLab base url goes here. Example: https://gitlab.com/api/v4/",
        ),
        ConfigField {
            required: true,
            nullable: Some(true),
            ..token("GitLab Token", "Your GitLab access token goes here.")
        },
        ConfigField::text(
            "namespace",
            "Namespace/Group",
            "Enter your GitLab namespace/group path here. If this is left blank then your username will be used as namespace. You will only see projects that are under your namespace.",
        ),
    ]],
};

/// Configuration of `bitbucket`.
pub(crate) const BITBUCKET: ConfigSpec = ConfigSpec {
    groups: &[&[
        required(
            "vendor",
            "Account/Organization",
            "Bitbucket Account/Organization/Username for accessing a repository.",
        ),
        ConfigField::text("username", "Username", "Your Bitbucket username goes here."),
        password(
            "Your Bitbucket password. For Bitbucket cloud this will be the App Password. If you use an App Password there is no need to enter a token below",
        ),
        token(
            "Bitbucket Token",
            "You can use a Bitbucket token here to access your account. If you use token then there is no need to enter the Password above.",
        ),
    ]],
};

const fn required(name: &'static str, label: &'static str, description: &'static str) -> ConfigField {
    ConfigField {
        required: true,
        ..ConfigField::text(name, label, description)
    }
}

const fn password(description: &'static str) -> ConfigField {
    ConfigField {
        secret: true,
        ..ConfigField::optional("password", "Password", ConfigKind::Password, description)
    }
}

const fn token(label: &'static str, description: &'static str) -> ConfigField {
    ConfigField {
        secret: true,
        ..ConfigField::optional("token", label, ConfigKind::Secret, description)
    }
}

/// The text of a field without blanks around it; empty where it is not filled in.
pub(crate) fn text<'c>(config: &'c Map<String, Value>, name: &str) -> &'c str {
    config
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
}
