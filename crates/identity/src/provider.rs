//! Services that send browsers to a provider and get them back.

use crate::attempt::random;
use crate::landing::{self, allowed, redirect, with_parameter};
use crate::{Accounts, Admission, Attempt, Identity};
use async_trait::async_trait;
use contract::{
    BuildContext, Caller, Endpoint, Map, Method, Operation, Origin, Params, Problem, Request, Response,
    Service, Settings, Tried, Value, Verb,
};
use serde_json::json;
use std::sync::Arc;

/// Who proves at another place who somebody is.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The address that the browser is sent to. What is put into `attempt` here comes back at the end.
    async fn begin(&self, attempt: &mut Attempt) -> Result<String, Problem>;

    /// Who came back. `callback` is what the browser brought: everything in it may be made up, so it is the provider
    /// that has to be asked. `attempt` is what this callback's `state` stands for; it was taken and is good only now.
    /// 401 with one sentence, never the provider's own, when it proves nobody.
    async fn finish(&self, attempt: &Attempt, callback: &Params) -> Result<Identity, Problem>;

    /// Whether it can be reached right now.
    async fn check(&self) -> Result<(), Problem>;

    /// The same for those who set it up; see [`Service::try_connection`].
    async fn try_connection(&self) -> Result<Tried, Problem> {
        self.check().await.map(|()| Tried::default())
    }
}

/// What is answered when a login is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The session as an object, or where the client asked to be led when it began.
    Object,
    /// A page, with the session in its address.
    Page,
    /// The console's login page.
    Console,
}

static ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "sso",
    path: "sso",
    methods: &[
        Method::new(
            Verb::Get,
            "get{S}Sso",
            "Ends a login that was begun, for a browser that comes from the provider.",
            &[],
        )
        .without_event(),
        Method::new(
            Verb::Post,
            "post{S}Sso",
            "Ends a login that was begun, for the console.",
            &[],
        )
        .without_event(),
    ],
}];

/// A service over a provider.
pub struct ProviderService {
    provider: Box<dyn Provider>,
    accounts: Arc<dyn Accounts>,
    admission: Admission,
    settings: Arc<Settings>,
}

impl ProviderService {
    /// A service that lets these in.
    pub fn new(
        context: &BuildContext,
        provider: Box<dyn Provider>,
        accounts: Arc<dyn Accounts>,
        admission: Admission,
    ) -> ProviderService {
        ProviderService {
            provider,
            accounts,
            admission,
            settings: Arc::clone(&context.settings),
        }
    }

    /// Begins a login: leads the browser to the provider, or tells a script where to lead it. `redirect` of the
    /// request is where the browser is led at last, if that may be.
    pub async fn begin(&self, request: &Request) -> Result<Response, Problem> {
        let wanted = request
            .params
            .get("redirect")
            .and_then(|url| allowed(url, &self.settings));
        let mut attempt = Attempt::new(wanted)?;
        // One sign for all that a browser begins, so that two windows do not stand in each other's way.
        let sign = match landing::shown(request) {
            Some(shown) if shown.len() == SIGN && shown.bytes().all(|b| b.is_ascii_graphic()) => {
                shown.to_owned()
            }
            _ => random(SIGN)?,
        };
        attempt.browser = Some(sign.clone());
        let address = self.provider.begin(&mut attempt).await?;
        self.accounts.keep(&self.admission.service, &attempt).await?;
        let by_script = request
            .header("x-requested-with")
            .is_some_and(|with| with.eq_ignore_ascii_case("XMLHttpRequest"));
        let mut response = match by_script {
            true => Response::value(json!({"response": {"redirect": true, "url": address}})),
            false => redirect(address),
        };
        response
            .headers
            .push(landing::cookie(&sign, request, &self.settings));
        Ok(response)
    }

    /// Ends a login for `user/session`: with the session as an object, or by leading the browser where the client
    /// asked for when it began.
    pub async fn finish(&self, request: &Request) -> Result<Response, Problem> {
        self.end(request, Ending::Object).await
    }

    /// Ends a login for a browser that the provider led here.
    pub async fn finish_at_page(&self, request: &Request) -> Result<Response, Problem> {
        self.end(request, Ending::Page).await
    }

    async fn end(&self, request: &Request, ending: Ending) -> Result<Response, Problem> {
        let callback = callback(request);
        let attempt = self
            .accounts
            .take(&self.admission.service, state(&callback).unwrap_or_default())
            .await?;
        let same = landing::same_browser(attempt.browser.as_deref(), request);
        let led = match (ending, &attempt.redirect) {
            (Ending::Object, None) => None,
            // A page of another host may read the object, but nobody may be led on by it.
            (Ending::Object, Some(_)) if same.is_err() => None,
            (Ending::Object | Ending::Page, Some(wanted)) => Some(wanted.clone()),
            (Ending::Page, None) => Some(self.settings.oauth_landing_url.clone()),
            (Ending::Console, _) => Some(self.settings.oauth_console_url.clone()),
        };
        if led.is_some() {
            same?;
        }
        if callback.contains("error") {
            return Err(Problem::unauthorized(
                "The login was not completed at the login service.",
            ));
        }
        let identity = self.provider.finish(&attempt, &callback).await?;
        let session = self.accounts.log_in(request, &self.admission, identity).await?;
        let Some(address) = led else {
            return Ok(Response::value(Value::Object(session)));
        };
        let name = match ending {
            Ending::Console => "jwt",
            _ => "session_token",
        };
        let token = session.get("session_token").and_then(Value::as_str);
        Ok(redirect(with_parameter(
            &address,
            name,
            token.unwrap_or_default(),
        )))
    }
}

/// Signs of what a browser shows.
const SIGN: usize = 40;

/// What stands for an attempt in a callback.
pub fn state(callback: &Params) -> Option<&str> {
    let sent = |name: &str| callback.get(name).filter(|text| !text.is_empty());
    sent("state").or_else(|| sent("oauth_token"))
}

/// What a browser brought back, in the query or in the body.
pub fn callback(request: &Request) -> Params {
    let mut all = request.params.clone();
    let in_body = request.object().into_iter().flat_map(Map::iter);
    all.0
        .extend(in_body.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))));
    all
}

#[async_trait]
impl Service for ProviderService {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        match operation.verb {
            Verb::Post => match self.end(&request, Ending::Console).await {
                Err(problem) => Ok(redirect(with_parameter(
                    &self.settings.oauth_console_url,
                    "error",
                    &problem.message,
                ))),
                ended => ended,
            },
            _ => self.end(&request, Ending::Page).await,
        }
    }

    async fn check(&self) -> Result<(), Problem> {
        self.provider.check().await
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        self.provider.try_connection().await
    }
}
