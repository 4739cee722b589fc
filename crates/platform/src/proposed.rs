//! A role that nobody has stored, as `explain=access` takes it in the body of a call.

use crate::policy::Role;
use contract::{Map, Payload, Problem, RowCondition, Value};
use store::rows::{AccessRow, RoleRow};

/// Member of the body that holds the role.
const MEMBER: &str = "explain_role";
/// The list of its grants, as the role's resource calls it.
const ACCESS: &str = "role_service_access_by_role_id";
/// Most grants of a proposed role.
const MOST: usize = 10_000;

/// The role in the body; `None` when there is none. It has the id 0, and its grants have their places in the list,
/// from 1. 400 when it is no role, or a grant is none: a part that was passed over would explain another role.
pub(crate) fn role(payload: &Payload) -> Result<Option<Role>, Problem> {
    let Payload::Value(Value::Object(body)) = payload else {
        return Ok(None);
    };
    let role = match body.get(MEMBER) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(role)) => role,
        Some(_) => return Err(wrong("must be a role")),
    };
    let rows = match role.get(ACCESS) {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(rows)) if rows.len() <= MOST => rows,
        Some(_) => return Err(wrong("has no list of grants that can be read")),
    };
    let access: Result<Vec<AccessRow>, Problem> = rows
        .iter()
        .zip(1..)
        .map(|(row, place)| grant(row, place))
        .collect();
    let name = role.get("name").and_then(Value::as_str).unwrap_or_default();
    Ok(Some(Role::new(&RoleRow {
        id: 0,
        name: name.to_owned(),
        is_active: role.get("is_active").is_none_or(|active| *active == true),
        access: access?,
    })))
}

fn wrong(what: &str) -> Problem {
    Problem::bad_request(format!("'{MEMBER}' in the body {what}."))
}

fn grant(row: &Value, place: i64) -> Result<AccessRow, Problem> {
    let refused = || wrong(&format!("has a grant that cannot be read, number {place}"));
    let row = row.as_object().ok_or_else(refused)?;
    let mask = |name: &str| match row.get(name) {
        None | Some(Value::Null) => Ok(0),
        Some(mask) => mask
            .as_u64()
            .and_then(|mask| u8::try_from(mask).ok())
            .ok_or_else(refused),
    };
    let service_id = match row.get("service_id") {
        None | Some(Value::Null) => None,
        Some(id) => Some(id.as_i64().ok_or_else(refused)?),
    };
    let component = match row.get("component") {
        None | Some(Value::Null) => "",
        Some(component) => component.as_str().ok_or_else(refused)?,
    };
    let filters = match row.get("filters") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|c| condition(c).ok_or_else(refused))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(refused()),
    };
    let operator = row.get("filter_op").and_then(Value::as_str).unwrap_or_default();
    Ok(AccessRow {
        id: place,
        service_id,
        component: component.to_owned(),
        verb_mask: mask("verb_mask")?,
        requestor_mask: mask("requestor_mask")?,
        filters,
        any: operator.eq_ignore_ascii_case("or"),
    })
}

fn condition(value: &Value) -> Option<RowCondition> {
    let condition = value.as_object()?;
    let text = |name: &str| text(condition, name).filter(|text| !text.trim().is_empty());
    Some(RowCondition {
        name: text("name")?,
        operator: text("operator")?,
        value: self::text(condition, "value").unwrap_or_default(),
    })
}

fn text(condition: &Map<String, Value>, name: &str) -> Option<String> {
    match condition.get(name)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{Origin, Verb};
    use serde_json::json;

    fn read(role: Value) -> Result<Option<Role>, Problem> {
        super::role(&Payload::Value(json!({ "explain_role": role })))
    }

    #[test]
    fn a_role_is_read_as_its_resource_takes_it() {
        let role = read(json!({"name": "new", ACCESS: [
            {"service_id": 5, "component": "_table/a/*", "verb_mask": 1, "requestor_mask": 3,
             "filters": [{"name": "id", "operator": "=", "value": 4}], "filter_op": "OR"}]}));
        let role = role.unwrap().unwrap();
        assert!(role.is_active);
        assert!(role.verbs(5, "_table/a/1", &Origin::Api).contains(Verb::Get));
        assert!(role.verbs(6, "_table/a/1", &Origin::Api).is_empty());
    }

    #[test]
    fn no_part_is_passed_over() {
        assert!(read(Value::Null).unwrap().is_none());
        assert!(super::role(&Payload::None).unwrap().is_none());
        for row in [
            json!(1),
            json!({"service_id": "db"}),
            json!({"verb_mask": 300}),
            json!({"component": 1}),
            json!({"filters": {}}),
            json!({"filters": [{"name": "id"}]}),
        ] {
            assert_eq!(read(json!({ACCESS: [row]})).unwrap_err().status(), 400, "{row}");
        }
        for role in [json!("reader"), json!({ACCESS: "all"})] {
            assert_eq!(read(role).unwrap_err().status(), 400);
        }
    }
}
