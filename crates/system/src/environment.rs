//! `environment`: what a client must know before and after login.

use crate::computed::{Place, launch_url};
use contract::{Caller, Problem, Request, Response, Value};
use identity::{ICON_CLASS, Login};
use platform::Platform;
use serde_json::json;
use store::{LaunchApp, ServiceRow};

/// The version that is told to clients.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Answers `GET environment`.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let caller = &request.caller;
    let mut answer = json!({
        "authentication": authentication(platform).await?,
        "apps": apps(platform, request).await?,
    });
    if caller.user.is_none() && !platform.store().admin_exists().await? {
        answer["first_run"] = json!(true);
    }
    if caller.user.is_some() || caller.role.is_some() {
        answer["platform"] = instance(platform, caller);
        answer["server"] = json!({
            "server_os": std::env::consts::OS,
            "release": null,
            "version": null,
            "host": host_name(),
            "machine": std::env::consts::ARCH,
        });
        answer["client"] = json!({
            "user_agent": request.header("user-agent"),
            "ip_address": request.peer.map(|peer| peer.to_string()),
            "locale": "en",
        });
        let settings = platform.settings();
        answer["config"] = json!({
            "always_wrap_resources": settings.always_wrap_resources,
            "resources_wrapper": settings.resource_wrapper,
            "db": {
                "max_records_returned": settings.max_records_returned,
                "time_format": settings.time_format,
                "date_format": settings.date_format,
                "datetime_format": settings.datetime_format,
                "timestamp_format": settings.timestamp_format,
            },
        });
    }
    Ok(Response::value(answer))
}

async fn authentication(platform: &Platform) -> Result<Value, Problem> {
    let settings = platform.settings();
    let login = |path: &str| {
        json!({
            "path": path,
            "verb": "POST",
            "payload": {settings.login_attribute.as_str(): "string", "password": "string", "remember_me": "bool"},
        })
    };
    let policy = platform.store().policy().await?;
    let user = policy
        .services
        .iter()
        .find(|service| service.kind == "user" && service.is_active);
    let set = |name: &str| {
        user.and_then(|service| service.config.get(name))
            .cloned()
            .unwrap_or_default()
    };
    let [oauth, adldap, saml] = login_services(platform, &policy.services);
    Ok(json!({
        "admin": login("system/admin/session"),
        "user": login("user/session"),
        "oauth": oauth,
        "adldap": adldap,
        "saml": saml,
        "allow_open_registration": set("allow_open_registration").as_bool().unwrap_or(false),
        "open_reg_email_service_id": set("open_reg_email_service_id"),
        "allow_forever_sessions": settings.allow_forever_sessions,
        "login_attribute": settings.login_attribute,
    }))
}

/// The active login services: those at providers, at directories and of assertions.
fn login_services(platform: &Platform, services: &[ServiceRow]) -> [Vec<Value>; 3] {
    let mut found = [const { Vec::new() }; 3];
    let [oauth, adldap, saml] = &mut found;
    for service in services.iter().filter(|service| service.is_active) {
        let kind = platform.types().iter().find(|kind| kind.name == service.kind);
        let (name, label) = (&service.name, &service.label);
        let path = format!("user/session?service={}", name.to_lowercase());
        let icon = service
            .config
            .get(ICON_CLASS.name)
            .and_then(Value::as_str)
            .unwrap_or_default();
        match kind.and_then(Login::of) {
            Some(Login::Provider) => oauth.push(json!({
                "path": path,
                "name": name,
                "label": label,
                "verb": ["GET", "POST"],
                "type": service.kind,
                "icon_class": icon,
            })),
            Some(Login::Directory) => adldap.push(json!({
                "path": path,
                "name": name,
                "label": label,
                "verb": "POST",
                "payload": {"username": "string", "password": "string", "service": name, "remember_me": "bool"},
            })),
            Some(Login::Assertion) => saml.push(json!({
                "path": format!("{name}/sso"),
                "name": name,
                "label": label,
                "verb": "GET",
                "type": service.kind,
                "icon_class": icon,
            })),
            None => {}
        }
    }
    found
}

/// The apps that the caller can open: all for an unrestricted administrator; for users those with a default role or
/// one of their own; for anybody those with a default role.
async fn apps(platform: &Platform, request: &Request) -> Result<Value, Problem> {
    let store = platform.store();
    let apps = store.launch_apps().await?;
    let user = match &request.caller.user {
        Some(user) => store.user(user.id).await?,
        None => None,
    };
    let visible = |app: &&LaunchApp| match &user {
        Some(user) if user.is_sys_admin && user.assignments.is_empty() => true,
        Some(user) => app.role_id.is_some() || user.assignments.iter().any(|a| a.app_id == app.id),
        None => app.role_id.is_some(),
    };
    let default = user.as_ref().and_then(|user| user.default_app_id);
    let names = store.service_names().await?;
    Ok(apps
        .iter()
        .filter(visible)
        .map(|app| {
            let place = Place {
                kind: app.kind,
                path: app.path.as_deref(),
                url: app.url.as_deref(),
                service: app
                    .storage_service_id
                    .and_then(|id| names.get(&id))
                    .map(String::as_str),
                container: app.storage_container.as_deref(),
            };
            json!({
                "id": app.id,
                "name": app.name,
                "description": app.description,
                "url": launch_url(&request.base_url, &place),
                "is_default": default == Some(app.id),
                "allow_fullscreen_toggle": app.allow_fullscreen_toggle,
                "requires_fullscreen": app.requires_fullscreen,
                "toggle_location": app.toggle_location,
            })
        })
        .collect())
}

fn instance(platform: &Platform, caller: &Caller) -> Value {
    let mut facts = json!({
        "version": VERSION,
        "bitnami_demo": false,
        "is_hosted": false,
        "is_trial": false,
        "license": "OPEN SOURCE",
        "secured_package_export": true,
        "license_key": false,
        "install_type": platform.settings().install,
    });
    if caller.role.is_none() && caller.user.as_ref().is_some_and(|user| user.is_sys_admin) {
        let settings = platform.settings();
        facts["db_driver"] = json!(platform.store().dialect().name());
        facts["app_debug"] = json!(settings.app_debug);
        facts["log_level"] = json!(settings.log_level);
        facts["packages"] = json!([{"name": "dreamwright", "version": VERSION}]);
    }
    facts
}

fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok());
    name.map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
}
