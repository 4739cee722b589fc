//! What a fresh system database holds.

pub(crate) mod templates;

use crate::cipher::Cipher;
use crate::clock::stamp;
use crate::config::{self, ServiceTypes};
use crate::statements::{Statements, problem};
use crate::store::key_check;
use contract::{Map, Problem, Value};
use driver::Driver;
use serde_json::json;
use sql::{Dialect, Expr, Scalar};

/// The row of `instance`.
pub(crate) struct Instance {
    pub(crate) generation: i64,
    pub(crate) instance_id: String,
    pub(crate) key_check: String,
}

struct SeedService {
    name: &'static str,
    label: &'static str,
    description: &'static str,
    kind: &'static str,
    mutable: bool,
    deletable: bool,
}

/// In the order of their ids, from 1.
const SERVICES: [SeedService; 7] = [
    SeedService {
        name: "system",
        label: "System Management",
        description: "Service for managing system resources.",
        kind: "system",
        mutable: false,
        deletable: false,
    },
    SeedService {
        name: "api_docs",
        label: "Live API Docs",
        description: "API documenting and testing service.",
        kind: "swagger",
        mutable: false,
        deletable: false,
    },
    SeedService {
        name: "files",
        label: "Local File Storage",
        description: "Service for accessing local file storage.",
        kind: "local_file",
        mutable: true,
        deletable: true,
    },
    SeedService {
        name: "logs",
        label: "Local Log Storage",
        description: "Service for accessing local log storage.",
        kind: "local_file",
        mutable: true,
        deletable: true,
    },
    SeedService {
        name: "db",
        label: "Local SQL Database",
        description: "Service for accessing local SQLite database.",
        kind: "sqlite",
        mutable: true,
        deletable: true,
    },
    SeedService {
        name: "email",
        label: "Local Email Service",
        description: "Email service used for sending user invites and/or password reset confirmation.",
        kind: "local_email",
        mutable: true,
        deletable: true,
    },
    SeedService {
        name: "user",
        label: "User Management",
        description: "Service for managing system users.",
        kind: "user",
        mutable: true,
        deletable: false,
    },
];

/// Name, path and key. The keys are public constants that the original's console and clients hard-code; they grant
/// nothing without a session.
const APPS: [(&str, &str, &str); 3] = [
    (
        "admin",
        "dreamfactory/dist/index.html",
        "6498a8ad1beb9d84d63035c5d1120c007fad6de706734db9689f8996707e0f7d",
    ),
    (
        "api_docs",
        "df-api-docs-ui/dist/index.html",
        "36fda24fe5588fa4285ac6c6c2fdfbdb6b6bc9834699774c9bf777f706d05a88",
    ),
    (
        "file_manager",
        "filemanager/index.html",
        "b5cb82af7b5d4130f36149f90aa2746782e59a872ac70454ac188743cb55b0ba",
    ),
];

/// Ids of the e-mail service and of the templates for invitation, registration and password reset.
const EMAIL: i64 = 6;
const TEMPLATES: (i64, i64, i64) = (1, 2, 3);

fn config(name: &str) -> Map<String, Value> {
    let mail = json!({
        "invite_email_service_id": EMAIL,
        "invite_email_template_id": TEMPLATES.0,
        "password_email_service_id": EMAIL,
        "password_email_template_id": TEMPLATES.2,
    });
    let config = match name {
        "system" => mail,
        "files" => json!({"container": "app"}),
        "logs" => json!({"container": "logs"}),
        "db" => json!({"database": "db.sqlite"}),
        "user" => {
            let mut user = mail;
            user["allow_open_registration"] = json!(false);
            user["open_reg_email_service_id"] = json!(EMAIL);
            user["open_reg_email_template_id"] = json!(TEMPLATES.1);
            user
        }
        _ => json!({}),
    };
    match config {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Reads the instance's row; at the first start makes it, with everything else that a fresh database holds, in one
/// transaction.
pub(crate) async fn instance(
    driver: &dyn Driver,
    dialect: &'static dyn Dialect,
    cipher: &Cipher,
    types: &dyn ServiceTypes,
) -> Result<Instance, Problem> {
    let statements = Statements {
        executor: driver,
        dialect,
    };
    let columns = &["id", "generation", "instance_id", "key_check"];
    if let Some(row) = statements.first("instance", columns, Expr::eq("id", 1)).await? {
        return Ok(Instance {
            generation: row.int("generation").unwrap_or(1),
            instance_id: row.string("instance_id"),
            key_check: row.string("key_check"),
        });
    }
    let mut id = [0u8; 16];
    getrandom::fill(&mut id).map_err(|e| Problem::internal(e.to_string()))?;
    let made = Instance {
        generation: 1,
        instance_id: hex::encode(id),
        key_check: key_check(cipher)?,
    };
    let tx = driver.begin().await.map_err(problem)?;
    plant(
        &Statements {
            executor: &*tx,
            dialect,
        },
        &made,
        cipher,
        types,
    )
    .await?;
    tx.commit().await.map_err(problem)?;
    Ok(made)
}

async fn plant(
    statements: &Statements<'_>,
    instance: &Instance,
    cipher: &Cipher,
    types: &dyn ServiceTypes,
) -> Result<(), Problem> {
    let now = stamp();
    let row = vec![
        ("id", Scalar::Int(1)),
        ("generation", Scalar::Int(instance.generation)),
        ("instance_id", Scalar::from(instance.instance_id.as_str())),
        ("key_check", Scalar::from(instance.key_check.as_str())),
    ];
    statements.put("instance", row).await?;
    let dated = |mut row: Vec<(&'static str, Scalar)>| {
        row.push(("created_date", now.as_str().into()));
        row.push(("last_modified_date", now.as_str().into()));
        row
    };
    for service in &SERVICES {
        let (open, secrets) = config::seal(cipher, types.config(service.kind), config(service.name))?;
        let row = vec![
            ("name", service.name.into()),
            ("name_key", service.name.into()),
            ("label", service.label.into()),
            ("description", service.description.into()),
            ("is_active", true.into()),
            ("type", service.kind.into()),
            ("mutable", service.mutable.into()),
            ("deletable", service.deletable.into()),
            ("config", open.into()),
            ("secrets", secrets.into()),
        ];
        statements.insert("service", dated(row)).await?;
    }
    for (name, path, key) in APPS {
        let row = vec![
            ("name", name.into()),
            ("name_key", name.into()),
            ("api_key", key.into()),
            ("is_active", true.into()),
            ("type", 3.into()),
            ("path", path.into()),
            ("requires_fullscreen", false.into()),
            ("allow_fullscreen_toggle", true.into()),
            ("toggle_location", "top".into()),
        ];
        statements.insert("app", dated(row)).await?;
    }
    Ok(())
}
