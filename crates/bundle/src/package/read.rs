//! What a package holds.

use super::archive::Archive;
use crate::bundle::{Bundle, Report};
use crate::layout::{EXTRAS, Kind};
use crate::naming;
use crate::rows::{Names, Row, Rows, id, int};
use bytes::Bytes;
use contract::{Map, Problem, Value};
use md5::{Digest, Md5};
use serde_json::json;

/// What a package holds of a service that is not the system: tables of a database, or files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceData {
    /// Name of the service.
    pub service: String,
    /// Descriptions of tables, as `_schema` takes them.
    pub schema: Vec<Value>,
    /// Records by table.
    pub tables: Vec<(String, Vec<Value>)>,
    /// Files by path. The paths were written by whoever made the package.
    pub files: Vec<(String, Bytes)>,
}

/// A package that was read.
#[derive(Debug)]
pub struct Package {
    /// What it holds of the instance itself.
    pub bundle: Bundle,
    /// What it holds of other services.
    pub data: Vec<ServiceData>,
    /// Files of the app, where it is the package of one.
    pub app_files: Vec<(String, Bytes)>,
    /// What was left out of it.
    pub report: Report,
}

impl Package {
    /// Reads an archive: a package of this program or of the original (`package.json`), or one app with what it needs
    /// (`description.json`). Fails with 400 when it is neither, is broken, too large, or needs another password.
    pub fn read(bytes: Vec<u8>, password: Option<&str>) -> Result<Package, Problem> {
        let mut archive = Archive::open(bytes, password)?;
        let mut reading = Reading::default();
        let mut names = Names::default();
        if let Some(manifest) = archive.json("package.json")? {
            reading.package(&mut archive)?;
            references(&manifest, &mut names);
        } else if let Some(app) = archive.json("description.json")? {
            reading.app(app, &mut archive)?;
        } else {
            return Err(Problem::bad_request(
                "Invalid package supplied. It has neither a package.json nor a description.json.",
            ));
        }
        let Reading {
            rows,
            data,
            app_files,
            mut report,
            ..
        } = reading;
        names.extend(Names::of(&rows));
        let bundle = naming::bundle(&rows, &names, &mut report);
        let data = data.into_iter().map(|data| by_name(data, &names)).collect();
        Ok(Package {
            bundle,
            data,
            app_files,
            report,
        })
    }

    /// What is told where only the instance itself is brought in, because nobody is there to call other services for;
    /// `None` when the package holds nothing else.
    pub fn remainder(&self) -> Option<&'static str> {
        let more = !self.data.is_empty() || !self.app_files.is_empty();
        more.then_some(
            "The package also holds tables or files of other services; bring it in over the API to have them there.",
        )
    }
}

/// Members of a relation that name another service by id, and those that name it.
const SERVICES: [(&str, &str); 2] = [
    ("ref_service_id", "ref_service"),
    ("junction_service_id", "junction_service"),
];

/// The ids of services that the relations of a table's description lead to, each with its member.
pub(super) fn related_services(table: &Value) -> Vec<(&'static str, i64)> {
    let related = table.get("related").and_then(Value::as_array);
    let relations = related.into_iter().flatten().filter_map(Value::as_object);
    relations
        .flat_map(|relation| {
            SERVICES
                .iter()
                .filter_map(|(member, _)| Some((*member, int(relation, member)?)))
        })
        .collect()
}

/// Relations to other services by the services' names: their ids mean others elsewhere. A relation within the service
/// names none.
fn by_name(mut data: ServiceData, names: &Names) -> ServiceData {
    for table in &mut data.schema {
        let Some(related) = table.get_mut("related").and_then(Value::as_array_mut) else {
            continue;
        };
        for relation in related.iter_mut().filter_map(Value::as_object_mut) {
            for (id, name) in SERVICES {
                let known = int(relation, id).and_then(|id| names.name("service", id));
                let known = known.map(str::to_owned).filter(|known| *known != data.service);
                relation.shift_remove(id);
                relation.shift_remove(name);
                if let Some(known) = known {
                    relation.insert(name.to_owned(), json!(known));
                }
            }
        }
    }
    data
}

/// Names that the manifest tells of what is referred to and not part of the package.
fn references(manifest: &Value, names: &mut Names) {
    let tables = manifest.get("references").and_then(Value::as_object);
    for (table, entries) in tables.into_iter().flatten() {
        for (id, name) in entries.as_object().into_iter().flatten() {
            if let (Ok(id), Some(name)) = (id.parse(), name.as_str()) {
                names.put(table, id, name);
            }
        }
    }
}

#[derive(Default)]
struct Reading {
    rows: Rows,
    data: Vec<ServiceData>,
    app_files: Vec<(String, Bytes)>,
    report: Report,
    /// Ids for rows without one, so that what belongs to them finds them.
    made: i64,
}

impl Reading {
    fn package(&mut self, archive: &mut Archive) -> Result<(), Problem> {
        for name in archive.names() {
            let parts: Vec<&str> = name.split('/').collect();
            match parts[..] {
                ["package.json"] => {}
                ["system", file] => self.system(file, &name, archive)?,
                [service, "_schema.json"] => {
                    let schema = list(archive.json(&name)?);
                    self.of_service(service).schema.extend(schema);
                }
                [service, "_table", file] | [service, "_table.json", file] => {
                    let table = file.strip_suffix(".json").unwrap_or(file);
                    let rows = list(archive.json(&name)?);
                    self.of_service(service).tables.push((table.to_owned(), rows));
                }
                [service, ref folder @ .., file] => {
                    self.file(service, &folder.join("/"), file, &name, archive)?
                }
                _ => self
                    .report
                    .warn(format!("'{name}' was left out: it belongs to no service.")),
            }
        }
        Ok(())
    }

    /// A file of a file service. The original packs a folder as an archive of its own, which is named by the folder's
    /// digest.
    fn file(
        &mut self,
        service: &str,
        folder: &str,
        file: &str,
        name: &str,
        archive: &mut Archive,
    ) -> Result<(), Problem> {
        let bytes = archive.bytes(name)?.unwrap_or_default();
        if !is_packed(folder, file) {
            let path = match folder {
                "" => file.to_owned(),
                folder => format!("{folder}/{file}"),
            };
            self.of_service(service).files.push((path, bytes.into()));
            return Ok(());
        }
        for (path, bytes) in archive.inside(bytes)? {
            let path = below(folder, path);
            self.of_service(service).files.push((path, bytes.into()));
        }
        Ok(())
    }

    fn system(&mut self, file: &str, name: &str, archive: &mut Archive) -> Result<(), Problem> {
        let resource = file.strip_suffix(".json").unwrap_or(file);
        if let Some(kind) = Kind::find(resource) {
            for row in list(archive.json(name)?) {
                self.add(kind, row);
            }
        } else if let Some(children) = EXTRAS.iter().find(|children| children.table == resource) {
            let rows = list(archive.json(name)?);
            self.rows.add(children.table, rows.into_iter().filter_map(object));
        } else {
            self.report.warn(format!(
                "'{name}' was left out: there is nothing of this kind here."
            ));
        }
        Ok(())
    }

    /// Adds a row and what stands inside it.
    fn add(&mut self, kind: Kind, row: Value) {
        let Some(mut row) = object(row) else {
            self.report
                .warn(format!("A {} that is no record was left out.", kind.spoken()));
            return;
        };
        let own = id(&row).unwrap_or_else(|| {
            self.made -= 1;
            self.made
        });
        row.insert("id".into(), json!(own));
        if matches!(kind, Kind::Admin | Kind::User) {
            row.insert("is_sys_admin".into(), json!(kind == Kind::Admin));
        }
        for children in kind.layout().children.iter().filter(|c| !c.relation.is_empty()) {
            let inside = list(row.shift_remove(children.relation));
            let owned = inside.into_iter().filter_map(object).map(|mut child| {
                child.insert(children.owner.to_owned(), json!(own));
                child
            });
            self.rows.add(children.table, owned);
        }
        if let Some(Value::Object(mut doc)) = row.shift_remove("service_doc_by_service_id") {
            doc.insert("service_id".into(), json!(own));
            self.rows.add("service_doc", [doc]);
        }
        self.rows.add(kind.table(), [row]);
    }

    /// A package of one app: its row, services, tables and their records.
    fn app(&mut self, app: Value, archive: &mut Archive) -> Result<(), Problem> {
        self.add(Kind::App, app);
        for service in list(archive.json("services.json")?) {
            self.add(Kind::Service, service);
        }
        for file in ["schema.json", "data.json"] {
            let content = archive.json(file)?.unwrap_or_default();
            for service in list(content.get("service").cloned()) {
                let name = service
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or("db")
                    .to_owned();
                let tables = list(service.get("table").cloned());
                let data = self.of_service(&name);
                match file {
                    "schema.json" => data.schema.extend(tables),
                    _ => data.tables.extend(tables.into_iter().map(|table| {
                        let name = table.get("name").and_then(Value::as_str).unwrap_or_default();
                        (name.to_owned(), list(table.get("record").cloned()))
                    })),
                }
            }
        }
        let known = ["description.json", "services.json", "schema.json", "data.json"];
        for name in archive.names() {
            if !known.contains(&name.as_str()) {
                let bytes = archive.bytes(&name)?.unwrap_or_default();
                self.app_files.push((name, bytes.into()));
            }
        }
        Ok(())
    }

    fn of_service(&mut self, name: &str) -> &mut ServiceData {
        let place = match self.data.iter().position(|data| data.service == name) {
            Some(place) => place,
            None => {
                self.data.push(ServiceData {
                    service: name.to_owned(),
                    ..ServiceData::default()
                });
                self.data.len() - 1
            }
        };
        &mut self.data[place]
    }
}

/// Whether a file is a folder that the original packed.
fn is_packed(folder: &str, file: &str) -> bool {
    let digest = |text: &str| hex::encode(Md5::digest(text));
    let packed = file.strip_suffix(".zip");
    packed.is_some_and(|stem| stem == digest(folder) || stem == digest(&format!("{folder}/")))
}

/// A path inside a folder: what does not begin with the folder is put into it.
pub fn below(folder: &str, path: String) -> String {
    let folder = folder.trim_matches('/');
    let inside = path
        .strip_prefix(folder)
        .is_some_and(|rest| folder.is_empty() || rest.starts_with('/'));
    match inside {
        true => path,
        false => format!("{folder}/{path}"),
    }
}

/// Records: a list, one alone, or either in a wrapper.
fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list,
        Some(Value::Object(mut map)) => match map.shift_remove("resource") {
            Some(inner @ Value::Array(_)) => list(Some(inner)),
            _ => vec![Value::Object(map)],
        },
        Some(other) => vec![other],
    }
}

fn object(value: Value) -> Option<Row> {
    match value {
        Value::Object(map) => Some(Map::from_iter(map)),
        _ => None,
    }
}
