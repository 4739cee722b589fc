//! Faces of settings, CORS rows, e-mail templates and event scripts.

use super::{CREATED, CREATOR, MODIFIED, MODIFIER, PLAIN};
use crate::face::{Face, Fixed};
use records::Kind::{Boolean, Id, Integer, String, Text};
use store::Entity;

pub(super) static CUSTOM: Face = Face {
    name: "custom",
    native: "system_custom",
    entity: Some(Entity::Custom),
    key: "name",
    order: "name",
    fields: &[
        ("name", String),
        ("value", Text),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
    ],
    rewritten: &["value"],
    component: Some("custom"),
    ..PLAIN
};

/// Settings as they stand in their user's record.
pub(super) static CUSTOM_OF_USER: Face = Face {
    name: "custom of user",
    native: "user_custom",
    fields: &[
        ("id", Id),
        ("user_id", Integer),
        ("name", String),
        ("value", Text),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
    ],
    rewritten: &["value"],
    ..PLAIN
};

/// Settings as their own user sees them.
pub(super) static OWN_CUSTOM: Face = Face {
    name: "own custom",
    native: "user_custom",
    entity: Some(Entity::UserCustom),
    key: "name",
    order: "id",
    fields: &[
        ("id", Integer),
        ("user_id", Integer),
        ("name", String),
        ("value", Text),
        CREATED,
        MODIFIED,
    ],
    fixed: Fixed::Own("user_id"),
    hidden: &["id", "user_id"],
    rewritten: &["value"],
    ..PLAIN
};

pub(super) static CORS: Face = Face {
    name: "cors",
    native: "cors",
    entity: Some(Entity::Cors),
    fields: &[
        ("id", Id),
        ("path", String),
        ("origin", Text),
        ("header", Text),
        ("method", Integer),
        ("max_age", Integer),
        ("enabled", Boolean),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
        ("description", String),
        ("exposed_header", Text),
        ("supports_credentials", Boolean),
    ],
    rewritten: &["method"],
    component: Some("cors"),
    ..PLAIN
};

pub(super) static EMAIL_TEMPLATE: Face = Face {
    name: "email_template",
    native: "email_template",
    entity: Some(Entity::EmailTemplate),
    fields: &[
        ("id", Id),
        ("name", String),
        ("description", String),
        ("to", Text),
        ("cc", Text),
        ("bcc", Text),
        ("subject", String),
        ("body_text", Text),
        ("body_html", Text),
        ("from_name", String),
        ("from_email", String),
        ("reply_to_name", String),
        ("reply_to_email", String),
        ("defaults", Text),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
        ("attachment", Text),
    ],
    rewritten: &["to", "cc", "bcc", "attachment", "defaults"],
    component: Some("email_template"),
    ..PLAIN
};

pub(super) static EVENT_SCRIPT: Face = Face {
    name: "event_script",
    native: "event_script",
    entity: Some(Entity::EventScript),
    key: "name",
    order: "name",
    fields: &[
        ("name", String),
        ("type", String),
        ("is_active", Boolean),
        ("content", Text),
        ("config", Text),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
        ("allow_event_modification", Boolean),
        ("scm_reference", String),
        ("scm_repository", String),
        ("storage_path", String),
        ("storage_service_id", Integer),
    ],
    component: Some("event_script"),
    ..PLAIN
};
