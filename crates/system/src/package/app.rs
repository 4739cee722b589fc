//! Packages of one app, sent to the resource of apps and asked for there.

use super::selection::read;
use super::{check, data, download, forget, unpack};
use crate::answer::{sent, sent_flag};
use bundle::package::{AppPackage, ServiceData};
use bundle::{How, Kind, Report};
use contract::{Map, Problem, Request, Response, Value};
use platform::Platform;

/// Packs an app: with the services that `service` names, and the tables that `schema` names by service, with their
/// records when `include_data` says so. Fails with 404 when one of them does not exist.
pub(crate) async fn export(platform: &Platform, request: &Request, id: &str) -> Result<Response, Problem> {
    check(request)?;
    let whole = || vec![("fields".to_owned(), "*".to_owned())];
    let app = read(platform, request, "system", &format!("app/{id}"), whole()).await?;
    let app = app.as_object().cloned().unwrap_or_default();
    let mut package = AppPackage {
        data: tables(platform, request).await?,
        app,
        ..AppPackage::default()
    };
    let ids = platform.store().service_names().await?;
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
    let package = unpack(request, bytes).await?;
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
    data::import(platform, request, &package.data, &mut report).await;
    report.extend(package.report);
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
