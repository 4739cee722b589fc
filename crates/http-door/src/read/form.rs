//! Form fields, with the bracket names that forms use for lists and objects.

use contract::{Map, Problem, Value};
use query::parameters::decoded;

/// Most fields that one form may have, and most brackets in one name.
const MOST_FIELDS: usize = 10_000;
const MOST_BRACKETS: usize = 16;

/// Reads `application/x-www-form-urlencoded` text into an object of strings.
pub(super) fn parse(text: &str) -> Result<Value, Problem> {
    let mut fields = Fields::default();
    for part in text.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        fields.add(&decoded(name)?, decoded(value)?)?;
    }
    Ok(fields.finish())
}

/// Collects fields. `a[b]=x` is an object in `a`, `a[]=x` appends to a list in `a`; a name that is sent twice keeps
/// the last value.
#[derive(Default)]
pub(super) struct Fields {
    root: Map<String, Value>,
    count: usize,
}

impl Fields {
    /// Adds a field. Fails with 400 when there are too many, or the name nests too deep.
    pub(super) fn add(&mut self, name: &str, value: String) -> Result<(), Problem> {
        self.count += 1;
        if self.count > MOST_FIELDS {
            return Err(Problem::bad_request(format!(
                "A form may have at most {MOST_FIELDS} fields."
            )));
        }
        let (first, keys) = keys(name);
        if keys.len() > MOST_BRACKETS {
            return Err(Problem::bad_request(format!(
                "The form field '{first}' nests too deep."
            )));
        }
        let mut slot = self.root.entry(first).or_insert(Value::Null);
        for key in keys {
            slot = below(slot, key);
        }
        *slot = Value::String(value);
        Ok(())
    }

    /// The object; objects whose keys count from 0 become lists.
    pub(super) fn finish(self) -> Value {
        Value::Object(
            self.root
                .into_iter()
                .map(|(name, value)| (name, listed(value)))
                .collect(),
        )
    }
}

/// `a[b][]` → `a` and `b`, ``. A name whose brackets do not close is taken as it is.
fn keys(name: &str) -> (String, Vec<&str>) {
    let Some((first, rest)) = name.split_once('[').filter(|(first, _)| !first.is_empty()) else {
        return (name.to_owned(), Vec::new());
    };
    match rest.strip_suffix(']') {
        Some(inside) => (first.to_owned(), inside.split("][").collect()),
        None => (name.to_owned(), Vec::new()),
    }
}

fn below<'v>(slot: &'v mut Value, key: &str) -> &'v mut Value {
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    let map = slot.as_object_mut().expect("it was made an object above");
    let key = if key.is_empty() {
        map.len().to_string()
    } else {
        key.to_owned()
    };
    map.entry(key).or_insert(Value::Null)
}

fn listed(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let counts = map
        .keys()
        .enumerate()
        .all(|(index, key)| *key == index.to_string());
    match counts && !map.is_empty() {
        true => Value::Array(map.into_iter().map(|(_, v)| listed(v)).collect()),
        false => Value::Object(map.into_iter().map(|(k, v)| (k, listed(v))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_become_an_object_of_strings() {
        let value = parse("email=admin%40example.com&password=a+b&x").unwrap();
        assert_eq!(
            value,
            json!({"email": "admin@example.com", "password": "a b", "x": ""})
        );
    }

    #[test]
    fn brackets_become_lists_and_objects() {
        let value = parse("resource[0][name]=a&resource[1][name]=b&ids[]=1&ids[]=2&o[k]=v&bad[=1").unwrap();
        assert_eq!(
            value,
            json!({"resource": [{"name": "a"}, {"name": "b"}], "ids": ["1", "2"], "o": {"k": "v"}, "bad[": "1"})
        );
    }

    #[test]
    fn deep_names_are_refused() {
        assert_eq!(
            parse(&format!("a{}=1", "[b]".repeat(17))).unwrap_err().status(),
            400
        );
    }
}
