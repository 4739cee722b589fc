//! How long a start takes with much to know: a hundred services, a thousand roles.

use crate::setup::create_all;
use kit::Program;
use serde_json::{Value, json};
use std::time::Duration;

const SERVICES: usize = 100;
const ROLES: usize = 1000;

/// From start to first answer, and the memory then.
pub(crate) async fn with_many() -> Result<(Duration, u64), String> {
    let mut program = Program::start();
    let admin = program.admin().await;
    let service = |n| {
        json!({"name": format!("s{n}"), "label": "s", "type": "sqlite", "is_active": true,
                             "config": {"database": format!("s{n}.sqlite")}})
    };
    let services = create_all(&admin, "service", (0..SERVICES).map(service).collect()).await?;
    let ids: Vec<&Value> = services.iter().map(|made| &made["id"]).collect();
    let role = |n: usize| {
        let grants: Vec<Value> = (0..3)
            .map(|g| {
                json!({"service_id": ids[(n + g) % ids.len()], "component": format!("_table/t{g}/*"),
                            "verb_mask": 1, "requestor_mask": 3})
            })
            .collect();
        json!({"name": format!("r{n}"), "is_active": true, "role_service_access_by_role_id": grants})
    };
    for part in 0..ROLES / 100 {
        create_all(&admin, "role", (part * 100..(part + 1) * 100).map(role).collect()).await?;
    }
    program.restart("TERM");
    Ok((program.ready_after(), program.memory()))
}
