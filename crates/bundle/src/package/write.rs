//! Making a package: rows as the API shows them, secrets in clear, and a manifest.

use super::read::related_services;
use super::{ServiceData, archive};
use crate::apply::read_rows;
use crate::config;
use crate::layout::{EXTRAS, Kind, Reference};
use crate::rows::{Names, Owners, Row, Rows, id, int, is_of, string};
use bytes::Bytes;
use contract::{Map, Problem, Value};
use serde_json::json;
use std::collections::BTreeMap;
use store::Store;

/// Which objects of a kind are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// All of them.
    All,
    /// The one with this id.
    Id(i64),
    /// The one with this name.
    Name(String),
}

/// What a package is made of.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Objects by kind.
    pub objects: BTreeMap<Kind, Vec<Selector>>,
    /// Tables and files of other services, ready to be packed.
    pub data: Vec<ServiceData>,
    /// Text for people.
    pub description: String,
    /// The program's version.
    pub version: String,
}

impl Selection {
    /// Everything of the instance itself.
    pub fn all() -> Selection {
        Selection {
            objects: Kind::ALL
                .into_iter()
                .map(|kind| (kind, vec![Selector::All]))
                .collect(),
            ..Selection::default()
        }
    }
}

/// Makes a package. With a password everything in it is encrypted; without one, secrets can be read in it. Fails with
/// 404 when a selected object does not exist.
pub async fn pack(store: &Store, selection: &Selection, password: Option<&str>) -> Result<Vec<u8>, Problem> {
    let (rows, names) = read_rows(store).await?;
    let mut packing = Packing {
        rows: &rows,
        owners: Owners::of(&rows),
        names: &names,
        references: BTreeMap::new(),
        manifest: Map::new(),
        files: Vec::new(),
    };
    for (kind, selectors) in &selection.objects {
        packing.objects(*kind, selectors)?;
    }
    packing.data(&selection.data);
    let references: Map<String, Value> = packing
        .references
        .iter()
        .map(|(table, names)| ((*table).to_owned(), json!(names)))
        .collect();
    let manifest = json!({
        "version": "0.1",
        "df_version": selection.version,
        "secured": password.is_some(),
        "description": selection.description,
        "created_date": chrono::Utc::now().format("%Y-%m-%d %H:%M:%S").to_string(),
        "service": packing.manifest,
        "references": references,
    });
    let mut files = vec![("package.json".to_owned(), text(&manifest))];
    files.append(&mut packing.files);
    // Encrypting derives a key for every file, which takes its time.
    let password = password.map(str::to_owned);
    tokio::task::spawn_blocking(move || archive::write(&files, password.as_deref()))
        .await
        .map_err(Problem::internal)?
}

/// What can be packed of the instance itself, as a manifest lists it: users by what tells them apart, rules of CORS by
/// id, everything else by name.
pub async fn list(store: &Store) -> Result<Map<String, Value>, Problem> {
    const ORDER: [Kind; 11] = [
        Kind::Role,
        Kind::Service,
        Kind::App,
        Kind::User,
        Kind::Admin,
        Kind::Custom,
        Kind::Cors,
        Kind::EmailTemplate,
        Kind::Lookup,
        Kind::Limit,
        Kind::EventScript,
    ];
    let (rows, _) = read_rows(store).await?;
    let mut listed = Map::new();
    for kind in ORDER {
        let own = rows.of(kind.table()).iter().filter(|row| is_of(kind, row));
        let entries: Vec<Value> = own
            .map(|row| match kind {
                Kind::User | Kind::Admin => json!({
                    "username": row.get("username"),
                    "email": row.get("email"),
                    "first_name": row.get("first_name"),
                    "last_name": row.get("last_name"),
                }),
                Kind::Cors => json!(id(row)),
                _ => json!(string(row, kind.layout().identity)),
            })
            .collect();
        if !entries.is_empty() {
            listed.insert(kind.name().to_owned(), Value::Array(entries));
        }
    }
    Ok(listed)
}

struct Packing<'a> {
    rows: &'a Rows,
    owners: Owners<'a>,
    names: &'a Names,
    /// Names of what is referred to, by table and id.
    references: BTreeMap<&'static str, BTreeMap<String, String>>,
    manifest: Map<String, Value>,
    files: Vec<(String, Bytes)>,
}

impl Packing<'_> {
    fn objects(&mut self, kind: Kind, selectors: &[Selector]) -> Result<(), Problem> {
        let layout = kind.layout();
        let all: Vec<&Row> = self
            .rows
            .of(kind.table())
            .iter()
            .filter(|row| is_of(kind, row))
            .collect();
        let wanted = |row: &&&Row| {
            selectors.iter().any(|selector| match selector {
                Selector::All => true,
                Selector::Id(wanted) => id(row) == Some(*wanted),
                Selector::Name(name) => string(row, layout.identity).eq_ignore_ascii_case(name),
            })
        };
        let found: Vec<&Row> = all.iter().filter(wanted).copied().collect();
        for selector in selectors {
            let (missing, shown) = match selector {
                Selector::All => continue,
                Selector::Id(wanted) => (
                    !found.iter().any(|row| id(row) == Some(*wanted)),
                    wanted.to_string(),
                ),
                Selector::Name(name) => {
                    let is_it = |row: &&Row| string(row, layout.identity).eq_ignore_ascii_case(name);
                    (!found.iter().any(is_it), name.clone())
                }
            };
            if missing {
                return Err(Problem::not_found(format!(
                    "There is no {} '{shown}'.",
                    kind.spoken()
                )));
            }
        }
        if found.is_empty() {
            return Ok(());
        }
        let names: Vec<Value> = found
            .iter()
            .map(|row| json!(string(row, layout.identity)))
            .collect();
        self.listed("system")
            .insert(layout.name.to_owned(), Value::Array(names));
        let records: Vec<Value> = found
            .iter()
            .map(|row| Value::Object(self.record(kind, row)))
            .collect();
        self.file(format!("system/{}.json", layout.name), &Value::Array(records));
        if kind == Kind::Service {
            self.extras(&found);
        }
        Ok(())
    }

    /// A row as the API shows it, with what belongs to it inside.
    fn record(&mut self, kind: Kind, row: &Row) -> Row {
        let layout = kind.layout();
        let mut record = row.clone();
        record.shift_remove("is_sys_admin");
        self.refer(layout.references, row);
        let own = id(row).unwrap_or_default();
        for children in layout.children.iter().filter(|c| !c.relation.is_empty()) {
            let rows = self.owners.rows(children.table, children.owner, own).to_vec();
            for row in &rows {
                self.refer(children.references, row);
            }
            record.insert(children.relation.to_owned(), json!(rows));
        }
        if let (Kind::Service, Some(Value::Object(config))) = (kind, row.get("config")) {
            for (table, id) in config::ids(config) {
                self.refer_to(table, id);
            }
            let doc = self.owners.rows("service_doc", "service_id", own).first();
            record.insert("service_doc_by_service_id".into(), json!(doc));
        }
        record
    }

    fn refer(&mut self, references: &[Reference], row: &Row) {
        for reference in references {
            if let Some(id) = int(row, reference.column) {
                self.refer_to(reference.table, id);
            }
        }
    }

    fn refer_to(&mut self, table: &'static str, id: i64) {
        if let Some(name) = self.names.name(table, id) {
            let of_table = self.references.entry(table).or_default();
            of_table.insert(id.to_string(), name.to_owned());
        }
    }

    fn extras(&mut self, services: &[&Row]) {
        for children in EXTRAS {
            let mut rows: Vec<&Row> = Vec::new();
            for service in services {
                let own = id(service).unwrap_or_default();
                rows.extend(self.owners.rows(children.table, children.owner, own));
            }
            for row in &rows {
                self.refer(children.references, row);
            }
            if !rows.is_empty() {
                self.file(format!("system/{}.json", children.table), &json!(rows));
            }
        }
    }

    fn data(&mut self, data: &[ServiceData]) {
        for ServiceData {
            service,
            schema,
            tables,
            files,
        } in data
        {
            for (_, id) in schema.iter().flat_map(related_services) {
                self.refer_to("service", id);
            }
            if !schema.is_empty() {
                let names: Vec<&Value> = schema.iter().filter_map(|table| table.get("name")).collect();
                let names = json!(names);
                self.listed(service).insert("_schema".into(), names);
                self.file(format!("{service}/_schema.json"), &json!(schema));
            }
            if !tables.is_empty() {
                let names: Vec<&String> = tables.iter().map(|(name, _)| name).collect();
                let names = json!(names);
                self.listed(service).insert("_table".into(), names);
            }
            for (name, rows) in tables {
                self.file(format!("{service}/_table/{name}.json"), &json!(rows));
            }
            if !files.is_empty() {
                let paths: Vec<&String> = files.iter().map(|(path, _)| path).collect();
                self.manifest.insert(service.clone(), json!(paths));
            }
            for (path, content) in files {
                self.files.push((format!("{service}/{path}"), content.clone()));
            }
        }
    }

    fn file(&mut self, name: String, content: &Value) {
        self.files.push((name, text(content)));
    }

    /// What the manifest lists of a service.
    fn listed(&mut self, service: &str) -> &mut Map<String, Value> {
        let entry = self
            .manifest
            .entry(service)
            .or_insert_with(|| Value::Object(Map::new()));
        entry.as_object_mut().expect("only objects are put in above")
    }
}

/// JSON that people can read.
fn text(value: &Value) -> Bytes {
    format!("{value:#}").into()
}
