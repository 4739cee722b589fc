//! What an administrator says of a provider.

use crate::grant::Client;
use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};
use identity::{ALLOW_NEW_USERS, APP_ROLE_MAP, DEFAULT_ROLE, ICON_CLASS};
use url::Url;

/// Configuration of providers whose addresses are known.
pub(crate) const OAUTH: ConfigSpec = ConfigSpec {
    groups: &[
        &[DEFAULT_ROLE],
        CLIENT,
        &[ICON_CLASS, CUSTOM_PROVIDER, APP_ROLE_MAP, ALLOW_NEW_USERS],
    ],
};

/// Configuration of Google, where groups can lead to roles.
pub(crate) const GOOGLE: ConfigSpec = ConfigSpec {
    groups: &[
        &[DEFAULT_ROLE],
        CLIENT,
        &[ICON_CLASS, CUSTOM_PROVIDER, APP_ROLE_MAP, ALLOW_NEW_USERS],
        GROUPS,
    ],
};

/// Configuration of a directory of Microsoft's.
pub(crate) const AZURE: ConfigSpec = ConfigSpec {
    groups: &[
        &[DEFAULT_ROLE],
        CLIENT,
        TENANT,
        &[ICON_CLASS, APP_ROLE_MAP, ALLOW_NEW_USERS],
    ],
};

/// Configuration of any provider of OpenID Connect.
pub(crate) const OPENID: ConfigSpec = ConfigSpec {
    groups: &[
        &[DEFAULT_ROLE],
        ENDPOINTS,
        CLIENT,
        &[ICON_CLASS, APP_ROLE_MAP, ALLOW_NEW_USERS],
    ],
};

static CLIENT: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::text(
            "client_id",
            "Client ID",
            "A public string used by the service to identify your app and to build authorization URLs.",
        )
    },
    ConfigField {
        required: true,
        secret: true,
        ..ConfigField::optional(
            "client_secret",
            "Client Secret",
            ConfigKind::Secret,
            "A private string used by the service to authenticate the identity of the application.",
        )
    },
    ConfigField {
        required: true,
        ..ConfigField::text(
            "redirect_url",
            "Redirect URL",
            "The location the user will be redirected to after a successful login.",
        )
    },
];

/// Kept for those who send it: there is one provider for each type.
const CUSTOM_PROVIDER: ConfigField = ConfigField {
    default: ConfigDefault::Boolean(false),
    ..ConfigField::optional(
        "custom_provider",
        "Use custom OAuth 2.0 provider for this type",
        ConfigKind::Boolean,
        "Some OAuth 2.0 type allows for custom/alternative provider in DreamFactory. Check this if your OAuth type \
         supports alternate provider and you want to use that.",
    )
};

static GROUPS: &[ConfigField] = &[
    ConfigField {
        default: ConfigDefault::Boolean(false),
        hidden: true,
        ..ConfigField::optional(
            "map_group_to_role",
            "Map Google Groups to Roles",
            ConfigKind::Boolean,
            "Whether the groups that a user is in decide about their role.",
        )
    },
    ConfigField {
        hidden: true,
        ..ConfigField::optional(
            "group_role_map",
            "Google Group to Role Mapping",
            ConfigKind::Rows(&[
                ConfigField::optional(
                    "role_id",
                    "Role",
                    ConfigKind::Integer,
                    "Select a role for the group.",
                ),
                ConfigField::text("group_email", "Group Email", "The group's e-mail address."),
            ]),
            "The role of each group; the first group that fits counts.",
        )
    },
];

static TENANT: &[ConfigField] = &[
    ConfigField {
        default: ConfigDefault::Text("common"),
        ..ConfigField::text(
            "tenant_id",
            "Tenant ID",
            "The directory that users are in: its id or its domain. 'common' lets in those of all directories.",
        )
    },
    ConfigField {
        default: ConfigDefault::Text(GRAPH),
        ..ConfigField::text(
            "resource",
            "Resource",
            "The API that tokens are for: Microsoft Graph, or the Application ID URI of an app (api://…).",
        )
    },
];

/// The resource that tells about users.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com/";

static ENDPOINTS: &[ConfigField] = &[
    ConfigField::text(
        "discovery_document",
        "Discovery Document Endpoint",
        "The provider's discovery document (…/.well-known/openid-configuration). It fills in what is left blank below.",
    ),
    ConfigField::text(
        "auth_endpoint",
        "Authorization Endpoint",
        "Where users log in at the provider.",
    ),
    ConfigField::text(
        "token_endpoint",
        "Token Endpoint",
        "Where the provider's code is exchanged for tokens.",
    ),
    ConfigField::text(
        "user_endpoint",
        "User Info Endpoint",
        "Where the provider tells about a user when the ID token lacks their name or e-mail address.",
    ),
    ConfigField {
        default: ConfigDefault::Boolean(false),
        ..ConfigField::optional(
            "validate_id_token",
            "Validate ID Token",
            ConfigKind::Boolean,
            "Whether the ID token's signature is checked with the provider's keys.",
        )
    },
    ConfigField::text("jwks_uri", "JWKS URI", "Where the provider publishes its keys."),
    ConfigField::text(
        "scopes",
        "Scopes",
        "What the provider is asked for, separated by commas, such as openid,profile,email.",
    ),
];

/// A field that holds text other than blanks.
pub(crate) fn text(config: &Map<String, Value>, name: &str) -> Option<String> {
    let text = config.get(name).and_then(Value::as_str).map(str::trim);
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Whether a field says yes.
pub(crate) fn flag(config: &Map<String, Value>, name: &str) -> bool {
    config.get(name) == Some(&Value::Bool(true))
}

/// A field that holds an address of the web. Fails with 400 when it holds anything else.
pub(crate) fn address(config: &Map<String, Value>, name: &str) -> Result<Option<String>, Problem> {
    let Some(text) = text(config, name) else {
        return Ok(None);
    };
    let is_web =
        Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match is_web {
        true => Ok(Some(text)),
        false => Err(Problem::bad_request(format!(
            "The service's configuration field '{name}' must be an address that begins with https:// or http://."
        ))),
    }
}

/// What this instance is to the provider. Fails with 400 when something is missing.
pub(crate) fn client(config: &Map<String, Value>) -> Result<Client, Problem> {
    let needed = |name: &str| {
        text(config, name)
            .ok_or_else(|| Problem::bad_request(format!("The service's configuration needs '{name}'.")))
    };
    Ok(Client {
        id: needed("client_id")?,
        secret: needed("client_secret")?,
        redirect_url: needed("redirect_url")?,
    })
}

/// The groups that lead to roles, and the roles; `None` where they are not asked for.
pub(crate) fn groups(config: &Map<String, Value>) -> Option<Vec<(String, i64)>> {
    let rows = config.get("group_role_map").and_then(Value::as_array);
    let pairs = rows.into_iter().flatten().filter_map(Value::as_object);
    flag(config, "map_group_to_role").then(|| {
        pairs
            .filter_map(|row| Some((text(row, "group_email")?, row.get("role_id")?.as_i64()?)))
            .collect()
    })
}
