//! Making a package of one app, in the original's form: what the app is, the services and the tables that it needs.

use super::{ServiceData, archive};
use bytes::Bytes;
use contract::{MASK, Map, Problem, Value};
use serde_json::json;

/// What an app says of itself in its package. Its key is not among it: each instance makes its own.
const OF_APP: &[&str] = &[
    "name",
    "description",
    "is_active",
    "type",
    "path",
    "url",
    "requires_fullscreen",
    "allow_fullscreen_toggle",
    "toggle_location",
    "storage_container",
];
const OF_SERVICE: &[&str] = &["name", "label", "description", "type", "is_active", "config"];

/// A package of one app. It holds no secrets, so that it can be handed on.
#[derive(Debug, Default)]
pub struct AppPackage {
    /// The app, as the API shows it.
    pub app: Map<String, Value>,
    /// The services that it needs, as the API shows them: what is masked there is left out.
    pub services: Vec<Map<String, Value>>,
    /// Tables, and their records where those are wanted.
    pub data: Vec<ServiceData>,
    /// Files of the app by their paths in its folder.
    pub files: Vec<(String, Bytes)>,
}

impl AppPackage {
    /// The archive. Fails when it cannot be written.
    pub fn pack(&self) -> Result<Vec<u8>, Problem> {
        let mut files = vec![("description.json".to_owned(), members(&self.app, OF_APP))];
        let services: Vec<Value> = self.services.iter().map(without_secrets).collect();
        if !services.is_empty() {
            files.push(("services.json".to_owned(), json!({ "resource": services })));
        }
        let schema = |data: &ServiceData| (!data.schema.is_empty()).then(|| json!(data.schema));
        let records = |data: &ServiceData| {
            let tables = data.tables.iter();
            let tables: Vec<Value> = tables
                .map(|(name, rows)| json!({"name": name, "record": rows}))
                .collect();
            (!tables.is_empty()).then(|| json!(tables))
        };
        files.extend(self.by_service("schema.json", schema));
        files.extend(self.by_service("data.json", records));
        let texts = files
            .into_iter()
            .map(|(name, content)| (name, format!("{content:#}").into()));
        let files: Vec<(String, Bytes)> = texts.chain(self.files.iter().cloned()).collect();
        archive::write(&files, None)
    }

    /// A file of what services have to say of their tables; none when they have nothing.
    fn by_service(
        &self,
        file: &str,
        tables: impl Fn(&ServiceData) -> Option<Value>,
    ) -> Option<(String, Value)> {
        let told = self.data.iter();
        let told: Vec<Value> = told
            .filter_map(|data| Some(json!({"name": data.service, "table": tables(data)?})))
            .collect();
        (!told.is_empty()).then(|| (file.to_owned(), json!({ "service": told })))
    }
}

fn members(row: &Map<String, Value>, names: &[&str]) -> Value {
    let known = names.iter().filter_map(|name| row.get_key_value(*name));
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A service without its id and without what is masked, at any depth.
fn without_secrets(service: &Map<String, Value>) -> Value {
    let mut service = members(service, OF_SERVICE);
    if let Some(config) = service.get_mut("config") {
        if let Some(config) = config.as_object_mut() {
            config.shift_remove("service_id");
        }
        unmask(config);
    }
    service
}

fn unmask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| *value != MASK);
            members.values_mut().for_each(unmask);
        }
        Value::Array(entries) => {
            entries.retain(|value| *value != MASK);
            entries.iter_mut().for_each(unmask);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::Package;
    use super::*;

    #[test]
    fn what_is_packed_is_read_again_without_keys_and_masks() {
        let object = |value: Value| value.as_object().cloned().unwrap_or_default();
        let package = AppPackage {
            app: object(json!({"id": 4, "name": "todo", "api_key": "k", "type": 2, "url": "https://x"})),
            services: vec![object(json!({"id": 9, "name": "list", "type": "t",
                "config": {"service_id": 9, "host": "h", "password": MASK, "more": [{"token": MASK, "a": 1}]}}))],
            data: vec![ServiceData {
                service: "list".into(),
                schema: vec![json!({"name": "todo"})],
                tables: vec![("todo".into(), vec![json!({"id": 1})])],
                ..ServiceData::default()
            }],
            files: vec![("css/todo.css".into(), Bytes::from_static(b"h1 {}"))],
        };
        let bytes = package.pack().unwrap();
        let read = Package::read(bytes, None).unwrap();
        assert_eq!((read.data, read.app_files), (package.data, package.files));
        let (_, app) = read.bundle.objects(crate::Kind::App).next().unwrap();
        assert_eq!(app.get("api_key"), None);
        let (_, service) = read.bundle.objects(crate::Kind::Service).next().unwrap();
        assert_eq!(service["config"], json!({"host": "h", "more": [{"a": 1}]}));
    }
}
