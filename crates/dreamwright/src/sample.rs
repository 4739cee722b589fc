//! The sample: a small company in an embedded database, a service over it, a role that may only read it, and an app
//! whose key has that role.

mod company;

use crate::data::DataFolder;
use crate::{Refusal, connectors};
use contract::{Map, Settings, Value};
use driver::Statement;
use serde_json::json;
use std::path::PathBuf;
use store::{Entity, Store, StoreTx};

/// Name of the service and of the app.
const NAME: &str = "sample";
const ROLE: &str = "sample_reader";
const FILE: &str = "sample.sqlite";

/// Makes whatever of the sample is missing and gives the key of its app; `None` when somebody has switched the app
/// off.
pub(crate) async fn provide(
    store: &Store,
    settings: &Settings,
    folder: &DataFolder,
) -> Result<Option<String>, Refusal> {
    fill(settings, folder).await?;
    let rows = store.policy().await?;
    let service = rows.services.iter().find(|s| s.name == NAME).map(|s| s.id);
    let role = rows.roles.iter().find(|r| r.name == ROLE).map(|r| r.id);
    if let (Some(_), Some(_), Some(app)) = (service, role, rows.apps.iter().find(|a| a.name == NAME)) {
        return Ok(app.is_active.then(|| app.api_key.clone()));
    }
    let tx = store.begin(None).await?;
    let service = match service {
        Some(id) => id,
        None => create(&tx, Entity::Service, service_record()).await?,
    };
    let role = match role {
        Some(id) => id,
        None => create(&tx, Entity::Role, role_record(service)).await?,
    };
    if !rows.apps.iter().any(|a| a.name == NAME) {
        create(&tx, Entity::App, app_record(role)).await?;
    }
    tx.commit().await?;
    let apps = store.policy().await?.apps;
    Ok(apps
        .into_iter()
        .find(|a| a.name == NAME && a.is_active)
        .map(|a| a.api_key))
}

/// A command line that reads the sample.
pub(crate) fn line(base: &str, prefix: &str, key: &str) -> String {
    let prefix = prefix.trim_matches('/');
    format!("curl -H 'X-DreamFactory-API-Key: {key}' '{base}/{prefix}/v2/{NAME}/_table/employees?limit=3'")
}

async fn create(tx: &StoreTx, entity: Entity, record: Value) -> Result<i64, Refusal> {
    let Value::Object(record): Value = record else {
        return Ok(0);
    };
    Ok(tx.create(entity, &Map::from_iter(record)).await?)
}

fn service_record() -> Value {
    json!({
        "name": NAME, "label": "Sample", "description": "A small company to try the API with.",
        "type": connectors::EMBEDDED, "is_active": true, "config": {"database": FILE},
    })
}

/// GET on everything below the service, for clients and scripts.
fn role_record(service: i64) -> Value {
    json!({
        "name": ROLE, "description": "May read the sample.", "is_active": true,
        "role_service_access_by_role_id": [
            {"service_id": service, "component": "*", "verb_mask": 1, "requestor_mask": 3},
        ],
    })
}

fn app_record(role: i64) -> Value {
    json!({"name": NAME, "description": "Reads the sample.", "is_active": true, "role_id": role})
}

/// Writes the company into its file, once: a file that has tables is left alone.
async fn fill(settings: &Settings, folder: &DataFolder) -> Result<(), Refusal> {
    let databases = settings
        .sqlite_storage
        .as_ref()
        .map_or_else(|| folder.path().join("databases"), PathBuf::from);
    std::fs::create_dir_all(&databases).map_err(|e| Refusal::io("The folder", &databases, &e))?;
    let file = databases.join(FILE);
    let source = connectors::open_embedded(&file)?;
    let refused = |e| {
        Refusal::State(format!(
            "The sample cannot be written to {}: {e}.",
            file.display()
        ))
    };
    if source.tables().await.map_err(refused)?.is_empty() {
        // All or nothing: the next start tells by the tables whether this one came to its end.
        let tx = source.begin().await.map_err(refused)?;
        let tables = company::TABLES.iter().map(|text| Statement::fixed(*text));
        for statement in tables.chain(company::rows(source.dialect())) {
            tx.write(statement).await.map_err(refused)?;
        }
        tx.commit().await.map_err(refused)?;
        tracing::info!("the sample was made");
    }
    Ok(())
}
