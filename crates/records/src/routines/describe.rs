//! Descriptions of routines, in the documented shape and order (database.md §5).

use super::Routine;
use contract::{Map, Value, Verbs};
use serde_json::json;

/// An entry of a list with `fields=*`.
pub fn entry(public: &str, verbs: Verbs) -> Map<String, Value> {
    let members = [
        ("alias", Value::Null),
        ("name", json!(public)),
        ("label", json!(crate::catalogue::label(public))),
        ("description", Value::Null),
        ("native", json!([])),
        ("access", json!(verbs.names())),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// A whole description. `access` is the mask of the verbs.
pub fn routine(routine: &Routine, verbs: Verbs) -> Map<String, Value> {
    let parameters: Vec<Value> = routine
        .parameters
        .iter()
        .zip(1..)
        .map(|(parameter, position)| {
            json!({
                "name": parameter.name,
                "position": position,
                "param_type": parameter.mode.name(),
                "type": parameter.kind.name(),
                "db_type": parameter.native,
                "length": parameter.length,
                "precision": parameter.precision,
                "scale": parameter.scale,
                "default": parameter.default,
            })
        })
        .collect();
    let returns = match routine.returns {
        Some(kind) => kind.name(),
        None => &routine.returns_native,
    };
    let members = [
        ("alias", Value::Null),
        ("name", json!(routine.public)),
        ("label", json!(crate::catalogue::label(&routine.public))),
        ("description", json!(routine.comment)),
        ("native", json!([])),
        ("return_type", json!(returns)),
        ("return_schema", json!([])),
        ("params", json!(parameters)),
        ("access", json!(verbs.0)),
    ];
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}
