//! `package`: what an instance holds as one archive, and bringing one in.
//!
//! A package holds secrets, password hashes included, and bringing one in can hand on any right. So only
//! administrators without a role may use it, whatever a role grants.

pub(crate) mod app;
mod data;
mod files;
mod kept;
pub(crate) mod selection;
mod storage;

use crate::answer::{sent, sent_flag};
use crate::delegation::is_unrestricted;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bundle::package::{Package, pack};
use bundle::{Action, How, Kind, Plan};
use contract::{Body, Map, Payload, Problem, Request, Response, Value, Verb};
use platform::Platform;
use serde_json::json;
use std::mem::take;

/// Least length of the passphrase of a secured package, in characters.
const LEAST_PASSWORD: usize = 6;

/// Answers `package`: GET lists what can be packed, POST packs, or brings a package in when one was sent.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    check(request)?;
    if request.verb == Verb::Get {
        return list(platform, request).await.map(Response::value);
    }
    match uploaded(request)? {
        Some(bytes) => import(platform, request, bytes).await,
        None => export(platform, request).await,
    }
}

/// Answers `package/{file}`: packages that were made here.
pub(crate) async fn file(platform: &Platform, request: &Request, name: &str) -> Result<Response, Problem> {
    check(request)?;
    match request.verb {
        Verb::Delete => {
            kept::remove(platform, name).await?;
            Ok(Response::value(json!({"name": name})))
        }
        _ => Ok(download(name, kept::read(platform, name).await?)),
    }
}

pub(crate) fn check(request: &Request) -> Result<(), Problem> {
    match is_unrestricted(&request.caller) {
        true => Ok(()),
        false => Err(Problem::forbidden(
            "Only an administrator without a role may export or import packages.",
        )),
    }
}

fn download(name: &str, bytes: Vec<u8>) -> Response {
    Response {
        status: 200,
        headers: vec![(
            "content-disposition".into(),
            format!("attachment; filename=\"{name}\""),
        )],
        body: Body::Bytes {
            media: "application/zip".into(),
            bytes: bytes.into(),
        },
    }
}

/// The package that was sent: a file of a form, the body itself, or base64 text in a JSON body.
fn uploaded(request: &Request) -> Result<Option<Vec<u8>>, Problem> {
    if let Payload::Form(form) = &request.payload {
        return Ok(crate::uploaded::file(form).map(|file| file.bytes.to_vec()));
    }
    let text = request
        .object()
        .and_then(|body| body.get("files"))
        .and_then(Value::as_str);
    text.map(|text| {
        let bytes = STANDARD.decode(text.trim());
        bytes.map_err(|_| Problem::bad_request("The package in 'files' is not base64 text."))
    })
    .transpose()
}

async fn list(platform: &Platform, request: &Request) -> Result<Value, Problem> {
    let mut services = Map::new();
    let system = bundle::package::list(platform.store()).await?;
    services.insert("system".into(), Value::Object(system));
    if !sent_flag(request, "system_only") {
        services.extend(data::list(platform, request).await?);
        services.extend(files::list(platform, request, sent_flag(request, "full_tree")).await?);
    }
    Ok(json!({
        "version": "0.1",
        "df_version": env!("CARGO_PKG_VERSION"),
        "secured": false,
        "description": "",
        "created_date": chrono::Utc::now().format("%Y-%m-%d %H:%M:%S").to_string(),
        "service": services,
    }))
}

async fn export(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let password = match sent_flag(request, "secured") {
        true => Some(passphrase(request)?),
        false => None,
    };
    let selection = selection::of(platform, request).await?;
    let name = kept::name(request)?;
    let archive = pack(platform.store(), &selection, password.as_deref()).await?;
    if sent_flag(request, "download") {
        return Ok(download(&name, archive));
    }
    let (path, is_public) = match storage::of(platform, request).await? {
        Some(place) => place.write(platform, request, &name, archive).await?,
        None => {
            kept::write(platform, &name, archive).await?;
            (format!("{}/package/{name}", request.service.name), false)
        }
    };
    let base = request.base_url.trim_end_matches('/');
    let prefix = &platform.settings().api_route_prefix;
    let path = format!("{base}/{prefix}/v2/{path}");
    Ok(Response::value(
        json!({"success": true, "path": path, "is_public": is_public}),
    ))
}

fn passphrase(request: &Request) -> Result<String, Problem> {
    let password = sent(request, "password").unwrap_or_default();
    match password.chars().count() {
        0 => Err(Problem::bad_request("Password is required for secured package.")),
        1..LEAST_PASSWORD => Err(Problem::bad_request(format!(
            "Password must be at least {LEAST_PASSWORD} characters long for secured package."
        ))),
        _ => Ok(password),
    }
}

async fn import(platform: &Platform, request: &Request, bytes: Vec<u8>) -> Result<Response, Problem> {
    let mut package = unpack(request, bytes).await?;
    let overwrite = sent_flag(request, "overwrite");
    let store = platform.store();
    let by = request.caller.user.as_ref().map(|user| user.id);
    let plan = bundle::apply(store, by, &package.bundle, How::bringing(overwrite)).await?;
    forget(platform, &plan).await;
    let mut report = take(&mut package.report);
    report.extend(plan.told());
    report
        .warnings
        .extend(bundle::unknown_types(store, &package.bundle));
    let mut touched = data::import(platform, request, &package.data, overwrite, &mut report).await;
    touched += app::bring_files(platform, request, &package, overwrite, &mut report).await?;
    let status = if plan.is_empty() && touched == 0 { 200 } else { 201 };
    let answer = json!({
        "success": report.errors.is_empty(),
        "log": {"notice": report.notices, "warning": report.warnings, "error": report.errors},
    });
    Ok(Response {
        status,
        ..Response::value(answer)
    })
}

/// Reads a package, with the password of the request.
async fn unpack(request: &Request, bytes: Vec<u8>) -> Result<Package, Problem> {
    let password = sent(request, "password");
    tokio::task::spawn_blocking(move || Package::read(bytes, password.as_deref()))
        .await
        .map_err(Problem::internal)?
}

/// The extras of a service are among what it keeps in memory.
pub(crate) async fn forget(platform: &Platform, plan: &Plan) {
    let changed = plan
        .changes()
        .filter(|step| step.kind == Kind::Service && matches!(step.action, Action::Change(_)));
    for step in changed {
        if let Ok(service) = platform.service(&step.key).await {
            service.forget();
        }
    }
}
