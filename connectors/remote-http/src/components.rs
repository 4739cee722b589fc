//! What roles can grant of an HTTP service, and the list of it.

use contract::{Map, Request, Response, Settings, Value};
use serde_json::json;

/// The root, everything, and every path of the definition, alone and with all below it.
pub(crate) fn list(definition: Option<&Value>, request: &Request, settings: &Settings) -> Response {
    let mut components = vec![json!(""), json!("*")];
    for path in paths(definition) {
        components.push(json!(path));
        components.push(json!(format!("{path}/*")));
    }
    Response::value(request.wrapped(components, settings))
}

/// The paths of a definition, up to their first placeholder, each once.
fn paths(definition: Option<&Value>) -> Vec<&str> {
    let paths = definition.and_then(|definition| definition.get("paths")?.as_object());
    let mut found = Vec::new();
    for path in paths.into_iter().flat_map(Map::keys) {
        let fixed = path.split('{').next().unwrap_or_default().trim_matches('/');
        if !fixed.is_empty() && !found.contains(&fixed) {
            found.push(fixed);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_end_where_placeholders_begin() {
        let definition =
            json!({"paths": {"/": {}, "/pets": {}, "/pets/{id}": {}, "/pets/{id}/toys": {}, "a/b/": {}}});
        assert_eq!(paths(Some(&definition)), ["pets", "a/b"]);
        assert!(paths(None).is_empty());
    }
}
