//! Faces of scheduled tasks and of their logs.

use super::{CREATED, CREATOR, MODIFIED, MODIFIER, PLAIN, link};
use crate::face::Face;
use records::Kind::{Boolean, Id, Integer, String, Text};
use records::RelationKind::BelongsTo;
use store::Entity;

pub(super) static TASK: Face = Face {
    name: "scheduler",
    native: "scheduler_task",
    entity: Some(Entity::Task),
    fields: &[
        ("id", Id),
        ("name", String),
        ("description", String),
        ("is_active", Boolean),
        ("service_id", Integer),
        ("component", String),
        ("verb_mask", Integer),
        ("frequency", Integer),
        ("payload", Text),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
        ("app_id", Integer),
        ("user_id", Integer),
    ],
    computed: &["verb"],
    always: &["verb"],
    needs: &["verb_mask"],
    relations: &[
        link(
            "service_by_service_id",
            BelongsTo,
            "service_id",
            ("service", "id"),
        ),
        // One at most, and null where there is none, as a record that this one belongs to.
        link("task_log_by_task_id", BelongsTo, "id", ("task_log", "task_id")),
    ],
    component: Some("scheduler"),
    ..PLAIN
};

/// The last failure of a task. Without a primary key for clients: a log is its task's.
pub(super) static LOG: Face = Face {
    name: "task_log",
    native: "task_log",
    fields: &[
        ("task_id", Integer),
        ("status_code", Integer),
        ("content", Text),
        CREATED,
        MODIFIED,
    ],
    ..PLAIN
};
