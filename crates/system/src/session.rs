//! Login, logout, refresh and the session object.

use crate::answer::{issuer, sent, sent_flag, success};
use crate::login;
use contract::{Problem, Request, Response, Verb};
use platform::{Login, Platform};

/// Answers `admin/session` (`administrator`) or `session`.
pub(crate) async fn answer(
    platform: &Platform,
    request: &Request,
    administrator: bool,
) -> Result<Response, Problem> {
    let sessions = platform.sessions();
    if matches!(request.verb, Verb::Get | Verb::Post) {
        // Whoever asks for a login service must not be logged in by this instance instead, and administrators are
        // nobody else's matter.
        if administrator && sent(request, "service").is_some() {
            return Err(login::not_a_login_service(request.verb));
        }
        if !administrator && let Some(answer) = login::answer(platform, request).await {
            return answer;
        }
    }
    match request.verb {
        Verb::Post => {
            let attribute = platform.settings().login_attribute.clone();
            // Where users log in by name, the e-mail may still be sent under its own word by older clients.
            let login = sent(request, &attribute)
                .or_else(|| sent(request, "email"))
                .unwrap_or_default();
            let password = sent(request, "password").unwrap_or_default();
            let object = sessions
                .login(Login {
                    login: &login,
                    password: &password,
                    administrator,
                    remember: sent_flag(request, "remember_me"),
                    app: request.caller.app.as_ref().map(|app| app.id),
                    issuer: &issuer(request),
                    peer: request.peer,
                })
                .await?;
            Ok(Response::value(object))
        }
        Verb::Put => {
            let object = sessions
                .refresh(&request.caller, administrator, &issuer(request))
                .await?;
            Ok(Response::value(object))
        }
        Verb::Delete => {
            sessions.logout(&request.caller).await?;
            Ok(success())
        }
        _ => Ok(Response::value(
            sessions.view(&request.caller, administrator).await?,
        )),
    }
}
