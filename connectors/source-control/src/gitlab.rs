//! Repositories at GitLab, its own server or another.

use crate::api::{self, Api, inline_content};
use crate::config::text;
use crate::place::Place;
use crate::provider::{Failure, Found, Provider};
use async_trait::async_trait;
use bytes::Bytes;
use contract::{Map, Problem, Value};
use reqwest::header::HeaderName;
use tokio::sync::OnceCell;

/// Entries of a folder that come in one answer.
const PER_PAGE: usize = 100;
/// Most answers that a folder is put together from.
const MOST_PAGES: usize = 50;

/// Projects of a user or a group.
pub(crate) struct GitLab {
    api: Api,
    /// As it is configured: a path, the number of a group, or nothing.
    namespace: String,
    /// Its path.
    path: OnceCell<String>,
}

impl GitLab {
    pub(crate) fn new(config: &Map<String, Value>) -> Result<GitLab, Problem> {
        let headers = api::secret(HeaderName::from_static("private-token"), text(config, "token"))?;
        Ok(GitLab {
            api: Api::new(text(config, "base_url"), headers)?,
            namespace: text(config, "namespace").trim_matches('/').to_owned(),
            path: OnceCell::new(),
        })
    }

    /// The path of the namespace: of a group by its number, and of the token's user where none is configured.
    async fn path(&self) -> Result<&str, Failure> {
        let found = self.path.get_or_try_init(async || {
            let is_number = self.namespace.bytes().all(|b| b.is_ascii_digit());
            let (found, member) = match self.namespace.as_str() {
                "" => (self.api.json(["user"], &[]).await?, "username"),
                number if is_number => (self.api.json(["groups", number], &[]).await?, "full_path"),
                path => return Ok(path.to_owned()),
            };
            let path = found.get(member).and_then(Value::as_str);
            let path =
                path.ok_or_else(|| Problem::unavailable("The provider does not say whose token it is."))?;
            Ok::<String, Failure>(path.to_owned())
        });
        found.await.map(String::as_str)
    }

    async fn project(&self, repository: &str) -> Result<String, Failure> {
        Ok(format!("{}/{repository}", self.path().await?))
    }

    async fn folder(&self, place: Place<'_>) -> Result<Vec<Value>, Failure> {
        let project = self.project(place.repository).await?;
        let mut entries = Vec::new();
        for page in 1..=MOST_PAGES {
            let page = page.to_string();
            let query = [
                ("ref", place.reference.name()),
                ("path", place.path.as_str()),
                ("per_page", "100"),
                ("page", &page),
            ];
            let path = ["projects", &project, "repository", "tree"];
            let more = api::list(self.api.json(path, &query).await?, "");
            let is_last = more.len() < PER_PAGE;
            entries.extend(more);
            if is_last {
                break;
            }
        }
        Ok(entries)
    }
}

#[async_trait]
impl Provider for GitLab {
    async fn repositories(&self, page: u64, per_page: u64) -> Result<Vec<Value>, Failure> {
        let (page, per_page) = (page.to_string(), per_page.to_string());
        let query = [("page", page.as_str()), ("per_page", &per_page)];
        let of_group = match self.namespace.as_str() {
            "" => None,
            group => match self.api.json(["groups", group, "projects"], &query).await {
                Err(failure) if failure.is_missing() => None,
                found => Some(found?),
            },
        };
        let found = match of_group {
            Some(found) => found,
            None => {
                self.api
                    .json(["users", self.path().await?, "projects"], &query)
                    .await?
            }
        };
        Ok(api::list(found, ""))
    }

    async fn default_branch(&self, repository: &str) -> Result<String, Failure> {
        let found = self
            .api
            .json(["projects", &self.project(repository).await?], &[])
            .await?;
        let branch = found.get("default_branch").and_then(Value::as_str);
        Ok(branch.unwrap_or("main").to_owned())
    }

    async fn find(&self, place: Place<'_>) -> Result<Found, Failure> {
        if !place.path.is_root() {
            let project = self.project(place.repository).await?;
            let path = ["projects", &project, "repository", "files", place.path.as_str()];
            match self.api.json(path, &[("ref", place.reference.name())]).await {
                Err(failure) if failure.is_missing() => {}
                found => return Ok(Found::File(found?)),
            }
        }
        self.folder(place).await.map(Found::Folder)
    }

    /// The description of a file holds it.
    async fn content(&self, place: Place<'_>, file: &Value) -> Result<Bytes, Failure> {
        if let Some(content) = inline_content(file) {
            return Ok(content);
        }
        let project = self.project(place.repository).await?;
        let path = [
            "projects",
            &project,
            "repository",
            "files",
            place.path.as_str(),
            "raw",
        ];
        self.api
            .bytes(path, &[("ref", place.reference.name())], "*/*")
            .await
    }
}
