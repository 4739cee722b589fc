//! Packages of one app, sent to the resource of apps.

use super::selection::read;
use super::{check, data, forget, unpack};
use bundle::{How, Kind, Report};
use contract::{Problem, Request, Response, Value};
use platform::Platform;

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
