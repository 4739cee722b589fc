//! The store on real SQLite files.
#![allow(clippy::unwrap_used)]

mod identity;
mod instance;

use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};
use records::SqlSource;
use serde_json::json;
use sqlite::{Open, Sqlite};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::password::Check;
use store::{Ddl, Entity, NewAdmin, ServiceTypes, Store, password};

const FIELDS: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::optional("host", "Host", ConfigKind::Text, "Where it is.")
    },
    ConfigField {
        secret: true,
        ..ConfigField::optional("password", "Password", ConfigKind::Password, "How to get in.")
    },
    ConfigField {
        default: ConfigDefault::Integer(7),
        ..ConfigField::optional("max", "Max", ConfigKind::Integer, "How many.")
    },
];

struct Types;

impl ServiceTypes for Types {
    fn config(&self, kind: &str) -> Option<ConfigSpec> {
        (kind == "vault").then_some(ConfigSpec { groups: &[FIELDS] })
    }
}

struct Instance {
    folder: tempfile::TempDir,
    store: Store,
}

impl Instance {
    async fn new() -> Instance {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&file(folder.path()), [1; 32]).await.unwrap();
        Instance { folder, store }
    }

    async fn with_admin() -> (Instance, i64) {
        let instance = Instance::new().await;
        let id = instance.store.create_first_admin(first_admin()).await.unwrap();
        (instance, id)
    }

    async fn create(&self, entity: Entity, record: Value) -> Result<i64, Problem> {
        let tx = self.store.begin(Some(1)).await?;
        let id = tx.create(entity, &object(record)).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn update(&self, entity: Entity, id: i64, record: Value) -> Result<(), Problem> {
        let tx = self.store.begin(Some(1)).await?;
        tx.update(entity, id, &object(record)).await?;
        tx.commit().await.map(|_| ())
    }

    async fn delete(&self, entity: Entity, id: i64, by: i64) -> Result<(), Problem> {
        let tx = self.store.begin(Some(by)).await?;
        tx.delete(entity, id).await?;
        tx.commit().await.map(|_| ())
    }

    /// Everything in the folder: the database with its journal.
    fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files
            .flat_map(|f| std::fs::read(f.unwrap().path()).unwrap())
            .collect()
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("system.sqlite")
}

async fn open(path: &Path, key: [u8; 32]) -> Result<Store, Problem> {
    let database = Sqlite::lazy(Open::new(path));
    let dialect = database.dialect();
    Store::open(Arc::new(database), dialect, Ddl::FLEXIBLE, key, Arc::new(Types)).await
}

fn first_admin() -> NewAdmin {
    NewAdmin {
        email: "Admin@Example.com".into(),
        password: "a-long-enough-password".into(),
        first_name: Some("Oracle".into()),
        last_name: Some("Admin".into()),
        ..NewAdmin::default()
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

/// Message and field map of a refusal.
fn refusal(result: Result<impl std::fmt::Debug, Problem>) -> (u16, String, Value) {
    let problem = result.unwrap_err();
    (
        problem.status(),
        problem.message.clone(),
        problem.context.map(|c| *c).unwrap_or_default(),
    )
}
