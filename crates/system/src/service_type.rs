//! `service_type`: the types of services that this build has.

use crate::answer::{chosen, list};
use contract::{Problem, Request, Response, ServiceType, Value, word};
use platform::Platform;
use serde_json::json;

/// Answers `GET service_type`, optionally of some groups.
pub(crate) async fn all(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let groups = request.list(&word::GROUPS).filter(|groups| !groups.is_empty());
    let wanted = |kind: &&ServiceType| {
        groups
            .as_ref()
            .is_none_or(|groups| groups.iter().any(|g| g.eq_ignore_ascii_case(kind.group)))
    };
    let mut types: Vec<&ServiceType> = platform.types().iter().filter(wanted).collect();
    types.sort_by_key(|kind| kind.name);
    let entries = if request.flag(&word::AS_LIST) {
        types.iter().map(|kind| json!(kind.name)).collect()
    } else {
        let records = Records::read(platform).await?;
        let entries = types.iter().map(|kind| chosen(request, entry(kind, &records)));
        entries.collect()
    };
    Ok(Response::value(list(request, platform.settings(), entries)))
}

/// Answers `GET service_type/{name}`.
pub(crate) async fn one(platform: &Platform, request: &Request, name: &str) -> Result<Response, Problem> {
    let kind = platform.types().iter().find(|kind| kind.name == name);
    let kind = kind.ok_or_else(|| Problem::not_found(format!("Service type '{name}' not found.")))?;
    let records = Records::read(platform).await?;
    Ok(Response::value(chosen(request, entry(kind, &records))))
}

fn entry(kind: &ServiceType, records: &Records) -> Value {
    // Null says that there is nothing to configure.
    let schema = kind.config.fields().next().map(|_| {
        let mut schema = kind.config.schema();
        records.offer(&mut schema);
        schema
    });
    json!({
        "name": kind.name,
        "label": kind.label,
        "description": kind.description,
        "group": kind.group,
        "singleton": kind.singleton,
        "dependencies_required": null,
        "subscription_required": kind.subscription,
        "service_definition_editable": false,
        "config_schema": schema,
    })
}

/// What fields offer that hold the id of a record: only those that are active.
struct Records {
    roles: Value,
    apps: Value,
}

impl Records {
    async fn read(platform: &Platform) -> Result<Records, Problem> {
        let policy = platform.store().policy().await?;
        let choice = |(id, name): (i64, &String)| json!({"label": name, "name": id});
        Ok(Records {
            roles: policy
                .roles
                .iter()
                .filter(|role| role.is_active)
                .map(|role| (role.id, &role.name))
                .map(choice)
                .collect(),
            apps: policy
                .apps
                .iter()
                .filter(|app| app.is_active)
                .map(|app| (app.id, &app.name))
                .map(choice)
                .collect(),
        })
    }

    /// Puts the records into the entries of a schema that refer to them.
    fn offer(&self, schema: &mut Value) {
        for field in schema.as_array_mut().into_iter().flatten() {
            let values = match field["ref_table"].as_str() {
                Some("role") => &self.roles,
                Some("app") => &self.apps,
                _ => &Value::Null,
            };
            if !values.is_null() {
                field["values"] = values.clone();
            }
            if let Some(items) = field.get_mut("items") {
                self.offer(items);
            }
        }
    }
}
