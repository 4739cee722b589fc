//! Public files: reads at `/{service}/{path}`, without credentials, for people and pages rather than for clients of the
//! API. Refusals are text in HTML.

use crate::inside::Inside;
use crate::pages::{escaped, page};
use crate::write::Wanted;
use crate::write::answer::{self, Bodied};
use contract::{Problem, Settings};
use http::Response;
use platform::Incoming;

/// Answers a read of a decoded path without slashes at its ends. `None` when no public file can have that address.
pub(crate) async fn answer(
    inside: &dyn Inside,
    path: &str,
    call: impl FnOnce() -> Incoming,
    wanted: &Wanted,
    settings: &Settings,
) -> Option<Response<Bodied>> {
    let prefix = settings.storage_route_prefix.as_deref().unwrap_or_default();
    let below = match prefix.trim_matches('/') {
        "" => path,
        prefix => path.strip_prefix(prefix)?.strip_prefix('/')?,
    };
    let (service, path) = below.split_once('/')?;
    let call = Incoming {
        service: service.to_owned(),
        path: path.to_owned(),
        ..call()
    };
    Some(match inside.published(call).await? {
        Ok(answer) => answer::response(answer, wanted, false, settings),
        Err(problem) => refusal(&problem),
    })
}

/// The sentence of a refusal as a page. Names of files stand in it, and are not markup.
fn refusal(problem: &Problem) -> Response<Bodied> {
    let sentence = escaped(&problem.message);
    page(problem.status(), &sentence, &format!("<p>{sentence}</p>"))
}
