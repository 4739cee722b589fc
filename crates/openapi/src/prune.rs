//! Leaving out of a document what nothing refers to.

use contract::{Map, Value};
use std::collections::HashSet;

/// Components that every document keeps.
const KEPT: [&str; 3] = [
    "#/components/responses/Success",
    "#/components/responses/Error",
    "#/components/responses/ResourceList",
];

/// Removes the components that no path refers to, directly or through others. Security schemes stay.
pub(crate) fn unused(document: &mut Value) {
    let mut used: HashSet<String> = KEPT.map(str::to_owned).into_iter().collect();
    let mut found: Vec<String> = KEPT.map(str::to_owned).into_iter().collect();
    references(&document["paths"], &mut |name| found.push(name.to_owned()));
    while let Some(name) = found.pop() {
        let is_new = used.insert(name.clone()) || KEPT.contains(&name.as_str());
        if let Some(component) = name
            .strip_prefix('#')
            .filter(|_| is_new)
            .and_then(|p| document.pointer(p))
        {
            references(component, &mut |inner| {
                if !used.contains(inner) {
                    found.push(inner.to_owned());
                }
            });
        }
    }
    let groups = document.get_mut("components").and_then(Value::as_object_mut);
    for (group, components) in groups.into_iter().flat_map(Map::iter_mut) {
        if let Some(components) = components.as_object_mut().filter(|_| group != "securitySchemes") {
            components.retain(|name, _| used.contains(&format!("#/components/{group}/{}", escaped(name))));
        }
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn references(value: &Value, tell: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => tell(target),
                    _ => references(member, tell),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|member| references(member, tell)),
        _ => {}
    }
}

/// Leaves only the paths about a resource: those with `/name` in them, else those that hold the name at all.
pub fn only(document: &mut Value, resource: &str) {
    let wanted = resource.to_lowercase();
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    let exact = format!("/{wanted}");
    let wanted = match paths.keys().any(|path| path.to_lowercase().contains(&exact)) {
        true => exact,
        false => wanted,
    };
    paths.retain(|path, _| path.to_lowercase().contains(&wanted));
    unused(document);
}
