//! A log entry: a message, a level, and the parts of the call that the configuration asks for.

use crate::level::Level;
use contract::{CallEvent, Map, Value};
use serde_json::json;

/// An entry, before it has the form of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) message: String,
    pub(crate) level: Level,
    /// `_event` and `_platform`, as far as they were asked for.
    pub(crate) context: Map<String, Value>,
}

impl Entry {
    /// An entry about a call. `paths` lead into `_event` and `_platform`.
    pub(crate) fn new(message: &str, level: Level, paths: &[Vec<String>], call: &CallEvent) -> Entry {
        let mut context = Map::new();
        for path in paths {
            let Some((root, rest)) = path.split_first() else {
                continue;
            };
            let source = match root.as_str() {
                "_event" => &call.event,
                "_platform" => &call.platform,
                _ => continue,
            };
            let found = match rest.split_first() {
                None => Some(Value::Object(source.clone())),
                Some((first, rest)) => {
                    let mut found = source.get(first);
                    for name in rest {
                        found = found.and_then(|value| value.get(name));
                    }
                    found.cloned()
                }
            };
            if let Some(found) = found {
                put(&mut context, path, found);
            }
        }
        Entry {
            message: message.to_owned(),
            level,
            context,
        }
    }

    /// The entry as protocols send it that are not GELF.
    pub(crate) fn json(&self) -> Value {
        let mut entry = Map::new();
        entry.insert("_message".into(), json!(self.message));
        entry.insert("_level".into(), json!(self.level.number));
        entry.extend(self.context.clone());
        Value::Object(entry)
    }
}

/// Puts a value at a path; what is there already stays when it holds more.
fn put(into: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            into.entry(last.clone()).or_insert(value);
        }
        [first, rest @ ..] => {
            let inner = into.entry(first.clone()).or_insert_with(|| json!({}));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::INFO;

    #[test]
    fn an_entry_holds_what_was_asked_for() {
        let call = CallEvent {
            event: json!({"request": {"method": "GET", "uri": "/x"}, "resource": "x"})
                .as_object()
                .unwrap()
                .clone(),
            platform: json!({"session": {"user": {"id": 5}, "api_key": null}})
                .as_object()
                .unwrap()
                .clone(),
        };
        let paths = |names: &[&str]| -> Vec<Vec<String>> {
            names
                .iter()
                .map(|name| name.split('.').map(str::to_owned).collect())
                .collect()
        };
        let some = paths(&[
            "_event.request.method",
            "_platform.session.user",
            "_event.response.status_code",
            "_x",
        ]);
        assert_eq!(
            Entry::new("hi", INFO, &some, &call).json(),
            json!({"_message": "hi", "_level": 200, "_event": {"request": {"method": "GET"}},
                   "_platform": {"session": {"user": {"id": 5}}}})
        );
        let all = paths(&["_event.request", "_event.request.method", "_event.resource"]);
        assert_eq!(
            Entry::new("hi", INFO, &all, &call).context["_event"],
            json!(call.event)
        );
    }
}
