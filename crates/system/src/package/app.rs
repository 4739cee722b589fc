//! Packages of one app, sent to the resource of apps and asked for there.

use super::files::FileService;
use super::selection::{call, read};
use super::{check, data, download, forget, storage, unpack};
use crate::answer::{sent, sent_flag};
use bundle::package::{AppPackage, Package, ServiceData, below};
use bundle::{How, Kind, Report};
use bytes::Bytes;
use contract::{Map, Payload, Problem, Request, Response, Value, Verb};
use platform::Platform;
use serde_json::json;
use std::mem::take;

/// The type of apps whose pages lie in a file service.
const IN_STORAGE: i64 = 1;
/// The file service for the pages of apps where none is named.
const FILES: &str = "files";

/// Packs an app: with the services that `service` names, and the tables that `schema` names by service, with their
/// records when `include_data` says so, and with the files of its folder when `include_files` does. Fails with 404 when one of them does not exist.
pub(crate) async fn export(platform: &Platform, request: &Request, id: &str) -> Result<Response, Problem> {
    check(request)?;
    let whole = || vec![("fields".to_owned(), "*".to_owned())];
    let app = read(platform, request, "system", &format!("app/{id}"), whole()).await?;
    let app = app.as_object().cloned().unwrap_or_default();
    let ids = platform.store().service_names().await?;
    let mut package = AppPackage {
        data: tables(platform, request).await?,
        files: pages(platform, request, &app).await?,
        app,
        ..AppPackage::default()
    };
    let names = sent(request, "service").unwrap_or_default();
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let known = ids.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
        let (id, _) = known.ok_or_else(|| Problem::not_found(format!("There is no service '{name}'.")))?;
        let service = read(platform, request, "system", &format!("service/{id}"), whole()).await?;
        package.services.extend(service.as_object().cloned());
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name = package
        .app
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let file = format!("{}.dfpkg", name.chars().map(plain).collect::<String>());
    let packed = tokio::task::spawn_blocking(move || package.pack()).await;
    Ok(download(&file, packed.map_err(Problem::internal)??))
}

/// The files of an app whose pages lie in a file service, when `include_files` asks for them.
async fn pages(
    platform: &Platform,
    request: &Request,
    app: &Map<String, Value>,
) -> Result<Vec<(String, Bytes)>, Problem> {
    let service = app.get("storage_service_id").unwrap_or(&Value::Null);
    let (true, Some(service)) = (
        sent_flag(request, "include_files"),
        storage::named(platform, service).await?,
    ) else {
        return Ok(Vec::new());
    };
    let folder = app
        .get("storage_container")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let folder = folder.trim_matches('/');
    let wanted = match folder {
        "" => Value::Bool(true),
        folder => json!([format!("{folder}/")]),
    };
    let packed = FileService::new(platform, request, &service)
        .export(&wanted)
        .await?;
    let files = packed.map(|data| data.files).unwrap_or_default().into_iter();
    let inside = |path: String| {
        path.strip_prefix(folder)
            .unwrap_or(&path)
            .trim_start_matches('/')
            .to_owned()
    };
    Ok(files.map(|(path, content)| (inside(path), content)).collect())
}

/// The tables that `schema` asks for: `{"service": ["table"]}`.
async fn tables(platform: &Platform, request: &Request) -> Result<Vec<ServiceData>, Problem> {
    let wanted = match sent(request, "schema") {
        None => Map::new(),
        Some(text) => serde_json::from_str(&text).map_err(|e| {
            Problem::bad_request("'schema' must be a JSON object: lists of tables by service.").with_source(e)
        })?,
    };
    let mut packed = Vec::new();
    for (service, tables) in wanted {
        let mut resources = Map::from_iter([("_schema".to_owned(), tables.clone())]);
        if sent_flag(request, "include_data") {
            resources.insert("_table".to_owned(), tables);
        }
        packed.extend(data::export(platform, request, &service, &resources).await?);
    }
    Ok(packed)
}

/// Brings in an app with its services, tables and records; answers the app. Fails with 400 when the package holds no
/// app, or one that exists already; nothing has come in then.
pub(crate) async fn import(
    platform: &Platform,
    request: &Request,
    bytes: Vec<u8>,
) -> Result<Response, Problem> {
    check(request)?;
    let mut package = unpack(request, bytes).await?;
    let mut apps = package.bundle.objects(Kind::App);
    let (Some((key, app)), None) = (apps.next(), apps.next()) else {
        return Err(Problem::bad_request(
            "The package holds no app, or more than one.",
        ));
    };
    let name = app.get("name").and_then(Value::as_str).unwrap_or(key).to_owned();
    if named(platform, request, &name).await?.is_some() {
        return Err(Problem::bad_request(format!("There is an app '{name}' already.")));
    }
    let by = request.caller.user.as_ref().map(|user| user.id);
    let plan = bundle::apply(platform.store(), by, &package.bundle, How::bringing(false)).await?;
    forget(platform, &plan).await;
    let mut report = Report::default();
    data::import(platform, request, &package.data, false, &mut report).await;
    bring_files(platform, request, &package, false, &mut report).await?;
    report.extend(take(&mut package.report));
    report.extend(plan.report);
    for line in report.warnings.iter().chain(&report.errors) {
        tracing::warn!("the package of the app '{name}': {line}");
    }
    let made = named(platform, request, &name).await?;
    let made = made.ok_or_else(|| Problem::bad_request(report.errors.join(" ")))?;
    Ok(Response {
        status: 201,
        ..Response::value(made)
    })
}

/// Puts the files of an app's package where its pages are looked for: into the service and the folder that the request
/// names, or the app itself; else into the first file service, and a folder of the app's name. Gives the number of files
/// that were written.
pub(super) async fn bring_files(
    platform: &Platform,
    request: &Request,
    package: &Package,
    overwrite: bool,
    report: &mut Report,
) -> Result<usize, Problem> {
    let count = package.app_files.len();
    let Some((key, app)) = package.bundle.objects(Kind::App).next().filter(|_| count > 0) else {
        return Ok(0);
    };
    let name = app.get("name").and_then(Value::as_str).unwrap_or(key);
    let made = named(platform, request, name).await?.unwrap_or_default();
    if made.get("type").and_then(Value::as_i64) != Some(IN_STORAGE) {
        report.warnings.push(format!(
            "{count} files of the app '{name}' were left out, because its pages do not lie in a file service."
        ));
        return Ok(0);
    }
    let of_app = |member: &str| made.get(member).filter(|value| !value.is_null()).cloned();
    let service = match sent(request, "storage_service_id")
        .map(Value::from)
        .or_else(|| of_app("storage_service_id"))
    {
        Some(service) => storage::named(platform, &service).await?,
        None => None,
    };
    let service = service.unwrap_or_else(|| FILES.to_owned());
    let text = |value: Value| value.as_str().map(str::to_owned).filter(|text| !text.is_empty());
    let folder = sent(request, "storage_container").or_else(|| of_app("storage_container").and_then(text));
    let folder = folder.unwrap_or_else(|| name.to_owned());
    let placed = package.app_files.iter();
    let placed: Vec<_> = placed
        .map(|(path, content)| (below(&folder, path.clone()), content.clone()))
        .collect();
    let written = FileService::new(platform, request, &service)
        .import(&placed, overwrite, report)
        .await;
    if let Some(id) = made.get("id") {
        let names = platform.store().service_names().await?;
        let service = names
            .iter()
            .find(|(_, known)| **known == service)
            .map(|(id, _)| id);
        let place = Payload::Value(json!({"storage_service_id": service, "storage_container": folder}));
        call(
            platform,
            request,
            Verb::Patch,
            "system",
            &format!("app/{id}"),
            Vec::new(),
            place,
        )
        .await?;
    }
    Ok(written)
}

/// The app of a name, as the API shows it.
async fn named(platform: &Platform, request: &Request, name: &str) -> Result<Option<Value>, Problem> {
    let params = vec![("fields".to_owned(), "*".to_owned())];
    let mut answer = read(platform, request, "system", "app", params).await?;
    let wrapper = &platform.settings().resource_wrapper;
    let apps = answer.get_mut(wrapper).map(Value::take).unwrap_or_default();
    let same = |app: &&Value| {
        let known = app.get("name").and_then(Value::as_str);
        known.is_some_and(|known| known.to_lowercase() == name.to_lowercase())
    };
    Ok(apps.as_array().into_iter().flatten().find(same).cloned())
}
