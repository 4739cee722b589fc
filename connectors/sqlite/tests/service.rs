//! The service type: what it builds, and what it refuses.
#![allow(clippy::unwrap_used)]

use contract::{BuildContext, Map, Service, ServiceRef, Settings, Value};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

fn context(data: &Path, config: Value) -> BuildContext {
    let sent: Map<String, Value> = config.as_object().unwrap().clone();
    BuildContext {
        service: Arc::new(ServiceRef {
            id: 1,
            name: "db".into(),
        }),
        config: sqlite::service_type().config.merge(None, &sent).unwrap(),
        settings: Arc::new(Settings::default()),
        data: data.to_owned(),
        extras: Arc::new(contract::NoExtras),
        services: Arc::new(contract::NoServices),
    }
}

fn build(data: &Path, config: Value) -> Result<Arc<dyn Service>, contract::Problem> {
    (sqlite::service_type().build)(context(data, config))
}

#[tokio::test]
async fn a_service_opens_its_file_when_it_is_used() {
    let data = TempDir::new().unwrap();
    let service = build(data.path(), json!({"database": "a.sqlite"})).unwrap();
    let file = data.path().join("databases/a.sqlite");
    assert!(!file.exists());
    service.check().await.unwrap();
    assert!(file.exists());
}

#[tokio::test]
async fn problems_do_not_tell_paths() {
    let data = TempDir::new().unwrap();
    let folder = data.path().to_str().unwrap().to_owned();
    let service = build(data.path(), json!({"database": folder.clone()})).unwrap();
    let problem = service.check().await.unwrap_err();
    assert_eq!(problem.status(), 503);
    assert!(!problem.message.contains(&folder), "{}", problem.message);
    let outside = build(data.path(), json!({"database": "../a.sqlite"}))
        .err()
        .unwrap();
    assert_eq!(outside.status(), 400);
}

#[test]
fn the_form_has_the_documented_order() {
    let names: Vec<_> = sqlite::service_type()
        .config
        .fields()
        .map(|field| field.name)
        .collect();
    assert_eq!(
        names,
        [
            "database",
            "options",
            "attributes",
            "statements",
            "allow_upsert",
            "max_records",
            "cache_enabled",
            "cache_ttl",
        ]
    );
}
