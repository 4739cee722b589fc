//! Reading everything that decides calls.

use crate::rows::{AccessRow, AppRow, CorsRow, LookupRow, PolicyRows, RoleRow, ServiceRow};
use crate::statements::{Row, Statements, problem};
use crate::store::{Inner, Store, read_generation};
use crate::write::StoreTx;
use crate::{config, write};
use contract::{MASK, Map, Problem, RowCondition, Value};
use sql::{Aggregate, Expr, Scalar};
use std::collections::HashMap;

/// Numbers for the public status.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Apps.
    pub app: i64,
    /// Administrators.
    pub admin: i64,
    /// Users that are no administrators.
    pub user: i64,
    /// Services.
    pub service: i64,
    /// Roles.
    pub role: i64,
    /// `YYYY-MM-DD hh:mm:ss` of the last login of an administrator.
    pub last_admin_login: Option<String>,
}

/// A definition of a service's API that people wrote.
#[derive(Debug, Clone)]
pub struct ServiceDoc {
    /// Whether it is YAML, and JSON otherwise.
    pub is_yaml: bool,
    /// Its text.
    pub content: String,
}

/// An app that can be opened in a browser.
#[derive(Debug, Clone)]
pub struct LaunchApp {
    /// Primary key.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// Description for people.
    pub description: Option<String>,
    /// 1 file storage, 2 URL, 3 path, 4 source control.
    pub kind: i64,
    /// Path below the storage or the instance.
    pub path: Option<String>,
    /// Address elsewhere.
    pub url: Option<String>,
    /// File service that holds it.
    pub storage_service_id: Option<i64>,
    /// Folder in that service.
    pub storage_container: Option<String>,
    /// How a console shows it.
    pub requires_fullscreen: bool,
    /// How a console shows it.
    pub allow_fullscreen_toggle: bool,
    /// How a console shows it.
    pub toggle_location: String,
    /// Default role.
    pub role_id: Option<i64>,
}

const LAUNCH: &[&str] = &[
    "id",
    "name",
    "description",
    "type",
    "path",
    "url",
    "storage_service_id",
    "storage_container",
    "requires_fullscreen",
    "allow_fullscreen_toggle",
    "toggle_location",
    "role_id",
];

/// How often policy is read anew because it changed meanwhile.
const READS: u32 = 20;

impl Store {
    /// Everything that decides calls, of one generation.
    pub async fn policy(&self) -> Result<PolicyRows, Problem> {
        for _ in 0..READS {
            if let Some(rows) = self.read_policy().await? {
                return Ok(rows);
            }
        }
        Err(Problem::unavailable(
            "The system database is being changed without a pause.",
        ))
    }

    /// `None` when somebody wrote in between: not every database reads all rows of a transaction as of one moment.
    async fn read_policy(&self) -> Result<Option<PolicyRows>, Problem> {
        let tx = self.0.driver.begin().await.map_err(problem)?;
        let statements = Statements {
            executor: &*tx,
            dialect: self.0.dialect,
        };
        let rows = PolicyRows {
            generation: read_generation(&statements).await?,
            services: services(&statements, &self.0).await?,
            roles: roles(&statements).await?,
            apps: apps(&statements).await?,
            lookups: lookups(&statements, &self.0).await?,
            cors: cors(&statements).await?,
            limits: crate::limit::limits(&statements).await?,
        };
        let same = read_generation(&statements).await? == rows.generation;
        tx.rollback().await.map_err(problem)?;
        Ok(same.then_some(rows))
    }

    /// The configuration of a service, secrets in clear; `None` when it does not exist.
    pub async fn service(&self, id: i64) -> Result<Option<ServiceRow>, Problem> {
        let row = self
            .statements()
            .first("service", SERVICE, Expr::eq("id", id))
            .await?;
        row.map(|r| service(&self.0, &r)).transpose()
    }

    /// The definition that people wrote for a service.
    pub async fn service_doc(&self, service: i64) -> Result<Option<ServiceDoc>, Problem> {
        let row = self
            .statements()
            .first(
                "service_doc",
                &["format", "content"],
                Expr::eq("service_id", service),
            )
            .await?;
        let doc = row.map(|row| ServiceDoc {
            is_yaml: row.int("format") == Some(1),
            content: row.string("content"),
        });
        Ok(doc.filter(|doc| !doc.content.trim().is_empty()))
    }

    /// The configurations of services by id, as answers show them: passwords masked. Of a type that this build does
    /// not have, every text is masked, because nothing tells which one is a password.
    pub async fn masked_configs(&self, ids: &[i64]) -> Result<HashMap<i64, Map<String, Value>>, Problem> {
        let wanted = Expr::In {
            expr: Box::new(Expr::column("id")),
            values: ids.iter().map(|id| Scalar::Int(*id)).collect(),
            negated: false,
        };
        let rows = self.statements().find("service", SERVICE, Some(wanted)).await?;
        rows.iter()
            .map(|row| {
                let mut service = service(&self.0, row)?;
                match self.0.types.config(&service.kind) {
                    Some(spec) => spec.mask(&mut service.config),
                    None => service
                        .config
                        .values_mut()
                        .filter(|v| !v.is_null())
                        .for_each(|v| *v = MASK.into()),
                }
                Ok((service.id, service.config))
            })
            .collect()
    }

    /// A lookup's value in clear, from what is stored.
    pub fn lookup_value(&self, sealed: &str) -> Result<String, Problem> {
        self.0.cipher.open(write::LOOKUP_PLACE, sealed)
    }

    /// The active apps that can be opened in a browser, in id order.
    pub async fn launch_apps(&self) -> Result<Vec<LaunchApp>, Problem> {
        let rows = self
            .statements()
            .find("app", LAUNCH, Some(Expr::eq("is_active", true)))
            .await?;
        Ok(rows
            .iter()
            .filter(|row| row.int("type").unwrap_or(0) != 0)
            .map(|row| LaunchApp {
                id: row.int("id").unwrap_or_default(),
                name: row.string("name"),
                description: row.text("description"),
                kind: row.int("type").unwrap_or_default(),
                path: row.text("path"),
                url: row.text("url"),
                storage_service_id: row.int("storage_service_id"),
                storage_container: row.text("storage_container"),
                requires_fullscreen: row.flag("requires_fullscreen"),
                allow_fullscreen_toggle: row.flag("allow_fullscreen_toggle"),
                toggle_location: row.string("toggle_location"),
                role_id: row.int("role_id"),
            })
            .collect())
    }

    /// The names of all services by id.
    pub async fn service_names(&self) -> Result<HashMap<i64, String>, Problem> {
        let rows = self.statements().find("service", &["id", "name"], None).await?;
        Ok(rows
            .iter()
            .filter_map(|row| Some((row.int("id")?, row.string("name"))))
            .collect())
    }

    /// Numbers for the public status.
    pub async fn counts(&self) -> Result<Counts, Problem> {
        let statements = self.statements();
        let admins = || Some(Expr::eq("is_sys_admin", true));
        Ok(Counts {
            app: statements.count("app", None).await?,
            admin: statements.count("user", admins()).await?,
            user: statements
                .count("user", Some(Expr::eq("is_sys_admin", false)))
                .await?,
            service: statements.count("service", None).await?,
            role: statements.count("role", None).await?,
            last_admin_login: statements
                .aggregate("user", Aggregate::Max, Some("last_login_date"), admins())
                .await?
                .to_text(),
        })
    }
}

const SERVICE: &[&str] = &[
    "id",
    "name",
    "label",
    "description",
    "is_active",
    "type",
    "config",
    "secrets",
];

impl StoreTx {
    /// The configuration of a service as it is within this transaction, secrets in clear.
    pub async fn service(&self, id: i64) -> Result<Option<ServiceRow>, Problem> {
        let row = self
            .statements()
            .first("service", SERVICE, Expr::eq("id", id))
            .await?;
        row.map(|r| service(&self.store().0, &r)).transpose()
    }
}

fn service(inner: &Inner, row: &Row) -> Result<ServiceRow, Problem> {
    let kind = row.string("type");
    Ok(ServiceRow {
        id: row.int("id").unwrap_or_default(),
        name: row.string("name"),
        label: row.string("label"),
        description: row.text("description"),
        is_active: row.flag("is_active"),
        config: config::open(&inner.cipher, inner.types.config(&kind), row)?,
        kind,
    })
}

async fn services(statements: &Statements<'_>, inner: &Inner) -> Result<Vec<ServiceRow>, Problem> {
    statements
        .find("service", SERVICE, None)
        .await?
        .iter()
        .map(|row| service(inner, row))
        .collect()
}

async fn roles(statements: &Statements<'_>) -> Result<Vec<RoleRow>, Problem> {
    let mut roles: Vec<RoleRow> = statements
        .find("role", &["id", "name", "is_active"], None)
        .await?
        .iter()
        .map(|row| RoleRow {
            id: row.int("id").unwrap_or_default(),
            name: row.string("name"),
            is_active: row.flag("is_active"),
            access: Vec::new(),
        })
        .collect();
    for row in statements.find("role_service_access", ACCESS, None).await? {
        let owner = row.int("role_id").unwrap_or_default();
        // Roles are in id order.
        if let Ok(index) = roles.binary_search_by_key(&owner, |r| r.id) {
            roles[index].access.push(access(&row)?);
        }
    }
    Ok(roles)
}

pub(crate) const ACCESS: &[&str] = &[
    "id",
    "role_id",
    "service_id",
    "component",
    "verb_mask",
    "requestor_mask",
    "filters",
    "filter_op",
];

pub(crate) fn access(row: &Row) -> Result<AccessRow, Problem> {
    let mask = |name: &str| u8::try_from(row.int(name).unwrap_or(0)).unwrap_or(0);
    Ok(AccessRow {
        id: row.int("id").unwrap_or_default(),
        service_id: row.int("service_id"),
        component: row.string("component"),
        verb_mask: mask("verb_mask"),
        requestor_mask: mask("requestor_mask"),
        filters: row
            .text("filters")
            .map_or_else(|| Ok(Vec::new()), |text| conditions(&text))?,
        any: row.string("filter_op").eq_ignore_ascii_case("or"),
    })
}

/// The conditions of a row filter as stored. One that cannot be read is a fault, never an absent filter.
fn conditions(text: &str) -> Result<Vec<RowCondition>, Problem> {
    let list: Option<Vec<Map<String, Value>>> = serde_json::from_str(text).map_err(Problem::internal)?;
    let member = |map: &Map<String, Value>, name: &str| match map.get(name) {
        Some(Value::String(s)) => s.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    };
    let conditions = list.unwrap_or_default();
    Ok(conditions
        .iter()
        .map(|c| RowCondition {
            name: member(c, "name"),
            operator: member(c, "operator"),
            value: member(c, "value"),
        })
        .collect())
}

async fn apps(statements: &Statements<'_>) -> Result<Vec<AppRow>, Problem> {
    let rows = statements
        .find("app", &["id", "name", "api_key", "is_active", "role_id"], None)
        .await?;
    Ok(rows
        .iter()
        .map(|row| AppRow {
            id: row.int("id").unwrap_or_default(),
            name: row.string("name"),
            api_key: row.string("api_key"),
            is_active: row.flag("is_active"),
            role_id: row.int("role_id"),
        })
        .collect())
}

async fn lookups(statements: &Statements<'_>, inner: &Inner) -> Result<Vec<LookupRow>, Problem> {
    let columns = &["id", "app_id", "role_id", "user_id", "name", "value", "private"];
    let rows = statements.find("lookup", columns, None).await?;
    rows.iter()
        .map(|row| {
            Ok(LookupRow {
                name: row.string("name"),
                value: row
                    .text("value")
                    .map(|v| inner.cipher.open(write::LOOKUP_PLACE, &v))
                    .transpose()?,
                private: row.flag("private"),
                app_id: row.int("app_id"),
                role_id: row.int("role_id"),
                user_id: row.int("user_id"),
            })
        })
        .collect()
}

async fn cors(statements: &Statements<'_>) -> Result<Vec<CorsRow>, Problem> {
    let columns = &[
        "id",
        "path",
        "origin",
        "header",
        "exposed_header",
        "method",
        "max_age",
        "supports_credentials",
    ];
    let rows = statements
        .find("cors", columns, Some(Expr::eq("enabled", true)))
        .await?;
    Ok(rows
        .iter()
        .map(|row| CorsRow {
            id: row.int("id").unwrap_or_default(),
            path: row.string("path"),
            origin: row.string("origin"),
            header: row.string("header"),
            exposed_header: row.string("exposed_header"),
            method: row.int("method").unwrap_or_default(),
            max_age: row.int("max_age").unwrap_or_default(),
            supports_credentials: row.flag("supports_credentials"),
        })
        .collect())
}
