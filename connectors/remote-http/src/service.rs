//! The service: calls go on to the other server, and its answers come back.

use crate::address::Base;
use crate::answer::{self, Passing};
use crate::config::Config;
use crate::endpoints::ENDPOINTS;
use crate::links::Links;
use crate::outgoing::Outgoing;
use crate::{body, components, options};
use async_trait::async_trait;
use contract::{
    BuildContext, Caller, Endpoint, Format, Operation, Origin, Params, Payload, Problem, Request, Response,
    Service, ServiceRef, Services, Settings, Tried, Verb, word,
};
use outbound::KeptAnswers;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Client, Method};
use std::sync::Arc;

/// An HTTP service.
pub(crate) struct RemoteHttp {
    service: Arc<ServiceRef>,
    config: Config,
    /// `None` where the definition says it.
    base: Option<Base>,
    client: Client,
    kept: Option<KeptAnswers>,
    settings: Arc<Settings>,
    services: Arc<dyn Services>,
}

impl RemoteHttp {
    /// Does not connect.
    pub(crate) fn new(context: BuildContext) -> Result<RemoteHttp, Problem> {
        let config = Config::read(&context.config)?;
        let base = match config.base_url.is_empty() {
            true => None,
            false => Some(Base::parse(&config.base_url)?),
        };
        Ok(RemoteHttp {
            client: options::client(&config.options)?,
            kept: KeptAnswers::of(&context.config),
            base,
            config,
            service: context.service,
            settings: context.settings,
            services: context.services,
        })
    }

    async fn base(&self) -> Result<Base, Problem> {
        if let Some(base) = &self.base {
            return Ok(base.clone());
        }
        let definition = self.services.definition(self.service.id).await?;
        let base = definition.as_ref().and_then(Base::of_definition);
        base.ok_or_else(|| Problem::bad_request("Remote Web Service base url can not be empty."))
    }

    async fn pass(&self, mut request: Request) -> Result<Response, Problem> {
        let base = self.base().await?;
        let mut url = base.at(&request.path, self.config.always_slash)?;
        let sent = body::of(&mut request)?;
        let mut outgoing = Outgoing::of(&self.config, &request, &self.settings)?;
        outgoing.add_to(&mut url);
        let is_plain_read = request.verb == Verb::Get && sent.is_none();
        let kept = self.kept.as_ref().filter(|_| is_plain_read);
        let kept = kept.map(|kept| (kept, outgoing.key(&request.path)));
        if let Some((kept, key)) = &kept
            && let Some(found) = kept.get(key)
        {
            return Ok(answer::again(found));
        }

        let mut call = self.client.request(method(request.verb), url);
        let mut broken = body::Broken::default();
        if let Some(sent) = sent {
            if !sent.media.is_empty() {
                outgoing.add_missing(CONTENT_TYPE, &sent.media);
            }
            if let Some(length) = sent.length {
                outgoing.add_missing(CONTENT_LENGTH, &length.to_string());
            }
            broken = sent.broken;
            call = call.body(sent.body);
        }
        let answer = call.headers(outgoing.headers).send().await;
        let answer = answer.map_err(|error| broken.take().unwrap_or_else(|| answer::unanswered(error)))?;
        let own = format!(
            "{}/api/v2/{}",
            request.base_url.trim_end_matches('/'),
            self.service.name
        );
        let how = Passing {
            links: &Links::new(base.plain(), own),
            replaces: self.config.replace_link,
            kept: kept.as_ref().map(|(kept, key)| (*kept, key.as_str())),
        };
        answer::pass(answer, how).await
    }

    /// Asks for the head of the base, as nobody would read it. Any answer means that the server is there.
    async fn knock(&self) -> Result<u16, Problem> {
        let request = Request {
            verb: Verb::Get,
            service: Arc::clone(&self.service),
            path: String::new(),
            trailing_slash: false,
            params: Params::default(),
            headers: Vec::new(),
            payload: Payload::None,
            caller: Caller::nobody(),
            origin: Origin::Job,
            format: Format::Json,
            base_url: "".into(),
            peer: None,
        };
        let mut url = self.base().await?.at("", self.config.always_slash)?;
        let outgoing = Outgoing::of(&self.config, &request, &self.settings)?;
        outgoing.add_to(&mut url);
        let call = self.client.head(url).headers(outgoing.headers);
        let answer = call.send().await.map_err(answer::unanswered)?;
        Ok(answer.status().as_u16())
    }
}

fn method(verb: Verb) -> Method {
    match verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Patch => Method::PATCH,
        Verb::Delete => Method::DELETE,
        Verb::Options => Method::OPTIONS,
    }
}

#[async_trait]
impl Service for RemoteHttp {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        let is_list = operation.verb == Verb::Get && request.path.is_empty();
        if is_list && !self.config.implements_access_list && request.flag(&word::AS_ACCESS_LIST) {
            let definition = self.services.definition(self.service.id).await?;
            return Ok(components::list(definition.as_ref(), &request, &self.settings));
        }
        self.pass(request).await
    }

    fn takes_bytes(&self, verb: Verb) -> bool {
        matches!(verb, Verb::Post | Verb::Put | Verb::Patch | Verb::Delete)
    }

    fn forget(&self) {
        if let Some(kept) = &self.kept {
            kept.clear();
        }
    }

    async fn check(&self) -> Result<(), Problem> {
        self.knock().await.map(drop)
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        let status = self.knock().await.map_err(|problem| {
            let about = serde_json::json!({"config.base_url": [problem.message]});
            problem.with_context(about)
        })?;
        Ok(Tried {
            note: match status {
                401 | 403 => Some("The remote server is there, but refuses what it is sent as credentials."),
                500.. => Some("The remote server is there, but answers with an error."),
                _ => None,
            },
            ..Tried::default()
        })
    }
}
