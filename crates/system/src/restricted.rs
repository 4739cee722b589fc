//! Restricted administrators: `is_restricted_admin` and `access_by_tabs` of a record become a role of the
//! administrator's own, and `accessible_tabs` tells what a role opens.
//!
//! The role is bound to the apps that the console uses, so the administrator has it whatever of them is open.

use contract::{Map, Problem, Request, Value, truthy};
use platform::{Platform, tab_names};
use serde_json::json;
use store::{Entity, StoreTx};

/// The apps of the console.
const APPS: [&str; 3] = ["admin", "api_docs", "file_manager"];

type Record = Map<String, Value>;

/// What a record asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Nothing.
    Same,
    /// No restriction.
    Lift,
    /// These tabs alone; `None` leaves those of the present role.
    Restrict(Option<Vec<&'static str>>),
}

impl Wish {
    /// Reads a record. 400 for tabs that do not exist.
    pub(crate) fn of(record: &Record) -> Result<Wish, Problem> {
        let wrong = || {
            let known: Vec<&str> = tab_names().collect();
            Problem::bad_request(format!(
                "The access_by_tabs field must be a list of: {}.",
                known.join(", ")
            ))
        };
        let one = |name: &Value| {
            let name = name.as_str().ok_or_else(wrong)?;
            tab_names().find(|known| *known == name).ok_or_else(wrong)
        };
        let tabs = match record.get("access_by_tabs") {
            None | Some(Value::Null) => None,
            Some(Value::Array(names)) => Some(names.iter().map(one).collect::<Result<Vec<_>, _>>()?),
            Some(_) => return Err(wrong()),
        };
        let restricted = record.get("is_restricted_admin").map(|flag| match flag {
            Value::Bool(flag) => *flag,
            Value::Number(number) => number.as_i64() != Some(0),
            Value::String(text) => truthy(text),
            _ => false,
        });
        Ok(match (restricted, tabs) {
            (Some(false), _) => Wish::Lift,
            (Some(true), tabs) => Wish::Restrict(tabs),
            // Without the flag, an empty list is what consoles send for administrators without restriction.
            (None, Some(tabs)) if !tabs.is_empty() => Wish::Restrict(Some(tabs)),
            (None, _) => Wish::Same,
        })
    }
}

/// Makes, changes or removes the role of an administrator as the record wishes, inside the transaction that writes it.
pub(crate) async fn apply(
    platform: &Platform,
    tx: &StoreTx,
    administrator: i64,
    record: &Record,
) -> Result<(), Problem> {
    let wish = Wish::of(record)?;
    if wish == Wish::Same {
        return Ok(());
    }
    let role = tx.restricted_role(administrator).await?;
    match (wish, role) {
        (Wish::Lift, Some(role)) => release(tx, administrator, role).await,
        (Wish::Restrict(None), Some(_)) | (Wish::Lift | Wish::Same, _) => Ok(()),
        (Wish::Restrict(Some(tabs)), Some(role)) => {
            let old = tx.grants().await?.access;
            let gone = old.into_iter().filter(|(_, (of, _))| *of == role);
            let mut access: Vec<Value> = gone.map(|(id, _)| json!({"id": id, "role_id": null})).collect();
            access.extend(rows(platform, &tabs).await?);
            let change = Record::from_iter([("role_service_access_by_role_id".to_owned(), access.into())]);
            tx.update(Entity::Role, role, &change).await
        }
        (Wish::Restrict(tabs), None) => {
            let access = rows(platform, &tabs.unwrap_or_default()).await?;
            let role = tx.create_restricted_role(administrator, access).await?;
            bind(tx, administrator, role).await
        }
    }
}

async fn rows(platform: &Platform, tabs: &[&str]) -> Result<Vec<Value>, Problem> {
    let grants = platform.grants_of_tabs(tabs).await?;
    let row = |grant: platform::TabGrant| {
        json!({
            "service_id": grant.service,
            "component": grant.component,
            "verb_mask": grant.verbs.0,
            "requestor_mask": 1,
            "filters": [],
            "filter_op": "and",
        })
    };
    Ok(grants.into_iter().map(row).collect())
}

/// Binds the role to the apps of the console that there are. Other roles for them give way.
async fn bind(tx: &StoreTx, administrator: i64, role: i64) -> Result<(), Problem> {
    let apps = tx.ids_by_name(Entity::App, &APPS).await?;
    if apps.is_empty() {
        return Err(Problem::bad_request(
            "An administrator cannot be restricted: the apps admin, api_docs and file_manager are gone.",
        ));
    }
    let mut bindings = Vec::with_capacity(apps.len());
    for app in apps {
        let known = tx.assignment(administrator, app).await?;
        bindings.push(json!({"id": known, "app_id": app, "role_id": role, "user_id": administrator}));
    }
    let change = Record::from_iter([("user_to_app_to_role_by_user_id".to_owned(), bindings.into())]);
    tx.update(Entity::Admin, administrator, &change).await
}

/// Takes the role from the administrator. It goes with its last user: others may have been given it by hand, and an
/// administrator among them must not lose the restriction.
async fn release(tx: &StoreTx, administrator: i64, role: i64) -> Result<(), Problem> {
    let grants = tx.grants().await?;
    let (own, others): (Vec<_>, Vec<_>) = grants
        .users
        .iter()
        .filter(|(_, bound)| **bound == role)
        .map(|(key, _)| *key)
        .partition(|(user, _)| *user == administrator);
    let mut gone = Vec::with_capacity(own.len());
    for (user, app) in own {
        gone.push(json!({"id": tx.assignment(user, app).await?, "user_id": null}));
    }
    let change = Record::from_iter([("user_to_app_to_role_by_user_id".to_owned(), gone.into())]);
    tx.update(Entity::Admin, administrator, &change).await?;
    match others.is_empty() && !grants.apps.values().any(|of_app| *of_app == role) {
        true => tx.delete(Entity::Role, role).await,
        false => Ok(()),
    }
}

/// Adds the tabs that a role opens, where they are asked for.
pub(crate) async fn add_tabs(
    platform: &Platform,
    request: &Request,
    role: &mut Value,
) -> Result<(), Problem> {
    if request.params.get("accessible_tabs").is_some_and(truthy)
        && let Some(id) = role.get("id").and_then(Value::as_i64)
    {
        role["accessible_tabs"] = json!(platform.accessible_tabs(id).await?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(record: Value) -> Result<Wish, u16> {
        Wish::of(record.as_object().unwrap()).map_err(|problem| problem.status())
    }

    #[test]
    fn the_flag_decides_and_unknown_tabs_are_refused() {
        let users = || Some(vec!["users"]);
        assert_eq!(wish(json!({"name": "x"})), Ok(Wish::Same));
        assert_eq!(wish(json!({"access_by_tabs": []})), Ok(Wish::Same));
        assert_eq!(
            wish(json!({"access_by_tabs": ["users"]})),
            Ok(Wish::Restrict(users()))
        );
        assert_eq!(
            wish(json!({"is_restricted_admin": true})),
            Ok(Wish::Restrict(None))
        );
        assert_eq!(
            wish(json!({"is_restricted_admin": 1, "access_by_tabs": ["users"]})),
            Ok(Wish::Restrict(users()))
        );
        assert_eq!(
            wish(json!({"is_restricted_admin": false, "access_by_tabs": ["users"]})),
            Ok(Wish::Lift)
        );
        assert_eq!(wish(json!({"access_by_tabs": ["everything"]})), Err(400));
        assert_eq!(wish(json!({"access_by_tabs": "users"})), Err(400));
    }
}
