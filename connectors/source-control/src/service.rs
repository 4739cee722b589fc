//! The service: lists of repositories, folders and files.

use crate::endpoints::{BRANCH, CONTENT, ENDPOINTS, PAGE, PATH, PER_PAGE, TAG};
use crate::place::{Place, Reference, RepoPath, repository};
use crate::provider::{Failure, Found, Provider};
use async_trait::async_trait;
use bytes::Bytes;
use contract::{
    Body, Caller, Endpoint, Operation, Origin, Problem, Request, Response, Service, Settings, Tried, Value,
    Verb, word,
};
use serde_json::json;
use std::sync::Arc;

/// The branch that is read where none is named, as the original does.
const USUAL_BRANCH: &str = "master";
/// Entries of a page where none are said, and the most that providers give.
const PER_PAGE_USUAL: i64 = 50;
const PER_PAGE_MOST: i64 = 100;

/// A source control service over a provider.
pub(crate) struct SourceControl {
    provider: Box<dyn Provider>,
    settings: Arc<Settings>,
}

impl SourceControl {
    pub(crate) fn new(provider: Box<dyn Provider>, settings: Arc<Settings>) -> SourceControl {
        SourceControl { provider, settings }
    }

    fn root(&self, request: &Request) -> Response {
        let list = if request.flag(&word::AS_ACCESS_LIST) {
            ["", "*", "_repo", "_repo/*"]
                .into_iter()
                .map(Value::from)
                .collect()
        } else {
            vec![json!({"name": "_repo"})]
        };
        self.list(list, request)
    }

    async fn repositories(&self, request: &Request) -> Result<Response, Failure> {
        let page = request.number(&PAGE).unwrap_or(1).max(1);
        let per_page = request.number(&PER_PAGE).unwrap_or(PER_PAGE_USUAL);
        let (page, per_page) = (
            page.unsigned_abs(),
            per_page.clamp(1, PER_PAGE_MOST).unsigned_abs(),
        );
        let mut found = self.provider.repositories(page, per_page).await?;
        let fields = request.list(&word::FIELDS).unwrap_or_default();
        if !fields.is_empty() && !fields.iter().any(|field| field == "*") {
            for repository in found.iter_mut().filter_map(Value::as_object_mut) {
                repository.retain(|field, _| fields.contains(field));
            }
        }
        Ok(self.list(found, request))
    }

    /// A list, or with `as_list` the names in it, wrapped as the request wants it.
    fn list(&self, mut list: Vec<Value>, request: &Request) -> Response {
        if request.flag(&word::AS_LIST) {
            for entry in &mut list {
                if let Some(name) = entry.get_mut("name") {
                    *entry = name.take();
                }
            }
        }
        Response::value(request.wrapped(list, &self.settings))
    }

    /// What lies at the path of the call, or at the one that `path` names.
    async fn read(&self, operation: &Operation, request: &Request) -> Result<Response, Failure> {
        let name = repository(operation.capture("repo_name"))?;
        let path = match request.text(&PATH).filter(|path| !path.is_empty()) {
            Some(path) if operation.endpoint.name == "repository" => {
                let path = RepoPath::parse(&path)?;
                // The gate has looked at the call's own path alone.
                request.permit(&format!("_repo/{name}/{}", path.as_str()), Verb::Get)?;
                path
            }
            _ => RepoPath::parse(operation.capture("path"))?,
        };
        let text = |word| request.text(word).filter(|text| !text.is_empty());
        let named = match (text(&BRANCH), text(&TAG)) {
            (Some(branch), _) => Some(Reference::Branch(branch.into_owned())),
            (None, Some(tag)) => Some(Reference::Tag(tag.into_owned())),
            (None, None) => None,
        };
        let wants_content = request.flag(&CONTENT);
        let at = async |reference: &Reference| {
            let place = Place {
                repository: name,
                path: &path,
                reference,
            };
            self.at(place, wants_content, request).await
        };
        let Some(named) = named else {
            return match at(&Reference::Branch(USUAL_BRANCH.to_owned())).await {
                Err(failure) if failure.is_missing() => {
                    let branch = self.provider.default_branch(name).await?;
                    match branch == USUAL_BRANCH {
                        true => Err(failure),
                        false => at(&Reference::Branch(branch)).await,
                    }
                }
                answer => answer,
            };
        };
        at(&named).await
    }

    async fn at(
        &self,
        place: Place<'_>,
        wants_content: bool,
        request: &Request,
    ) -> Result<Response, Failure> {
        match self.provider.find(place).await? {
            Found::Folder(entries) => Ok(self.list(entries, request)),
            Found::File(file) if wants_content => {
                let bytes = self.provider.content(place, &file).await?;
                Ok(raw(bytes))
            }
            Found::File(file) => Ok(Response::value(file)),
        }
    }
}

/// A file's content. Browsers are not told that it is a page: it stands on the origin of the console.
fn raw(bytes: Bytes) -> Response {
    let media = match std::str::from_utf8(&bytes) {
        Ok(_) => "text/plain; charset=utf-8",
        Err(_) => "application/octet-stream",
    };
    Response {
        body: Body::Bytes {
            media: media.to_owned(),
            bytes,
        },
        ..Response::value(Value::Null)
    }
}

/// A failure as an answer: what the provider said keeps its status.
fn answered(failure: Failure) -> Result<Response, Problem> {
    match failure {
        Failure::Problem(problem) => Err(problem),
        Failure::Answered { status, message } => Ok(Response::refused(status, &message)),
    }
}

#[async_trait]
impl Service for SourceControl {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        let answer = match operation.endpoint.name {
            "root" => Ok(self.root(&request)),
            "repositories" => self.repositories(&request).await,
            _ => self.read(&operation, &request).await,
        };
        answer.or_else(answered)
    }

    async fn check(&self) -> Result<(), Problem> {
        match self.provider.repositories(1, 1).await {
            Ok(_) => Ok(()),
            Err(Failure::Problem(problem)) => Err(problem),
            Err(Failure::Answered { status, message }) => {
                let cause = format!("{status}: {message}");
                Err(Problem::unavailable("The provider refuses to list the repositories.").with_source(cause))
            }
        }
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        match self.provider.repositories(1, 1).await {
            Ok(_) => Ok(Tried::default()),
            Err(Failure::Problem(problem)) => Err(problem),
            Err(Failure::Answered { status, message }) => {
                let (field, sentence) = match status {
                    401 | 403 => ("config.token", "The provider does not accept the token."),
                    404 => ("config.vendor", "The provider knows no such account."),
                    _ => ("config", "The provider refuses to list the repositories."),
                };
                let about = json!({ field: [sentence] });
                let problem = Problem::bad_request(sentence).with_context(about);
                Err(problem.with_source(format!("{status}: {message}")))
            }
        }
    }
}
