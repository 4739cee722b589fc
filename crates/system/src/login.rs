//! Logins at login services, through `user/session`.

use crate::accounts::{self, invalid_state};
use crate::answer::{sent, sent_flag};
use contract::{Problem, Request, Response, Service, Value, Verb};
use identity::{DirectoryService, ProviderService};
use platform::Platform;
use std::any::Any;
use std::sync::Arc;

/// Answers a call of `session` that asks for a login service, or comes back from one; `None` for all others.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Option<Result<Response, Problem>> {
    let named = sent(request, "service");
    let comes_back = request.verb == Verb::Post && sent_flag(request, "oauth_callback");
    match (named, comes_back) {
        (Some(name), _) => Some(at(platform, request, &name, comes_back).await),
        (None, true) => Some(unnamed(platform, request).await),
        (None, false) => None,
    }
}

/// Ends a login for a browser whose provider was told `session/{service}` as the address to lead it back to.
pub(crate) async fn come_back(
    platform: &Platform,
    request: &Request,
    name: &str,
) -> Result<Response, Problem> {
    // Whether there is a service of that name is nobody's business who comes without rights.
    let refused = || not_a_login_service(request.verb);
    let service = platform.service(name).await.map_err(|_| refused())?;
    match provider(&service) {
        Some(provider) => provider.finish_at_page(request).await,
        None => Err(refused()),
    }
}

/// A login that comes back without the name of its service: what it was begun with tells that.
async fn unnamed(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let callback = identity::callback(request);
    let store = platform.store();
    let id = match identity::state(&callback) {
        Some(state) => store.service_of_begun(state).await?,
        None => None,
    };
    let names = store.service_names().await?;
    let name = id.and_then(|id| names.get(&id)).ok_or_else(invalid_state)?;
    at(platform, request, name, true).await
}

async fn at(
    platform: &Platform,
    request: &Request,
    name: &str,
    comes_back: bool,
) -> Result<Response, Problem> {
    let service = platform.service(name).await?;
    if let Some(provider) = provider(&service) {
        return match comes_back {
            true => provider.finish(request).await,
            false => provider.begin(request).await,
        };
    }
    match directory(&service) {
        Some(directory) if request.verb == Verb::Post => at_directory(platform, request, directory).await,
        _ => Err(not_a_login_service(request.verb)),
    }
}

/// A login with a name and a password of a directory. Failures are counted like those of our own passwords.
async fn at_directory(
    platform: &Platform,
    request: &Request,
    directory: &DirectoryService,
) -> Result<Response, Problem> {
    let username = sent(request, "username").unwrap_or_default();
    let password = sent(request, "password").unwrap_or_default();
    if username.trim().is_empty() || password.is_empty() {
        return Err(identity::missing());
    }
    let admission = directory.admission();
    let login = format!("{}\n{}", admission.service.id, username.trim());
    let attempt = platform.sessions().admit(&login, request.peer).await?;
    let identity = match directory.authenticate(&username, &password).await {
        Ok(identity) => {
            attempt.succeeded().await;
            identity
        }
        Err(problem) if problem.status() == 401 => {
            attempt.failed().await?;
            return Err(problem);
        }
        Err(problem) => return Err(problem),
    };
    let session = accounts::log_in(platform, request, admission, identity).await?;
    Ok(Response::value(Value::Object(session)))
}

/// What is told of a service that logs nobody in.
pub(crate) fn not_a_login_service(verb: Verb) -> Problem {
    Problem::bad_request(match verb {
        Verb::Post => "Invalid login service provided. Please use an OAuth or AD/Ldap service.",
        _ => "Invalid login service provided. Please use an OAuth service.",
    })
}

fn provider(service: &Arc<dyn Service>) -> Option<&ProviderService> {
    (service.as_ref() as &dyn Any).downcast_ref()
}

fn directory(service: &Arc<dyn Service>) -> Option<&DirectoryService> {
    (service.as_ref() as &dyn Any).downcast_ref()
}
