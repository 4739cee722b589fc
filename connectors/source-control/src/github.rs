//! Repositories at GitHub.

use crate::api::{self, Api, inline_content};
use crate::config::text;
use crate::place::Place;
use crate::provider::{Failure, Found, Provider};
use async_trait::async_trait;
use bytes::Bytes;
use contract::{Map, Problem, Value};
use std::iter::once;

/// Where its API is.
pub(crate) const ADDRESS: &str = "https://api.github.com";

/// Repositories of an account or an organization.
pub(crate) struct GitHub {
    api: Api,
    vendor: String,
    has_token: bool,
}

impl GitHub {
    pub(crate) fn new(config: &Map<String, Value>, address: &str) -> Result<GitHub, Problem> {
        let token = text(config, "token");
        Ok(GitHub {
            api: Api::new(address, api::bearer(token)?)?,
            vendor: text(config, "vendor").to_owned(),
            has_token: !token.is_empty(),
        })
    }

    fn repository<'a>(&'a self, name: &'a str) -> [&'a str; 3] {
        ["repos", &self.vendor, name]
    }

    /// Whether the token is the account's own, so that it also shows what is private.
    async fn is_own(&self) -> Result<bool, Failure> {
        if !self.has_token {
            return Ok(false);
        }
        let user = self.api.json(["user"], &[]).await?;
        let login = user.get("login").and_then(Value::as_str).unwrap_or_default();
        Ok(login.eq_ignore_ascii_case(&self.vendor))
    }
}

#[async_trait]
impl Provider for GitHub {
    async fn repositories(&self, page: u64, per_page: u64) -> Result<Vec<Value>, Failure> {
        let (page, per_page) = (page.to_string(), per_page.to_string());
        let query = [("page", page.as_str()), ("per_page", &per_page)];
        let found = match self.api.json(["orgs", &self.vendor, "repos"], &query).await {
            Err(failure) if failure.is_missing() => match self.is_own().await? {
                true => {
                    let own = [query[0], query[1], ("affiliation", "owner")];
                    self.api.json(["user", "repos"], &own).await
                }
                false => self.api.json(["users", &self.vendor, "repos"], &query).await,
            },
            found => found,
        };
        Ok(api::list(found?, ""))
    }

    async fn default_branch(&self, repository: &str) -> Result<String, Failure> {
        let found = self.api.json(self.repository(repository), &[]).await?;
        let branch = found.get("default_branch").and_then(Value::as_str);
        Ok(branch.unwrap_or("main").to_owned())
    }

    async fn find(&self, place: Place<'_>) -> Result<Found, Failure> {
        let path = self.repository(place.repository).into_iter();
        let path = path.chain(once("contents")).chain(place.path.parts());
        let found = self.api.json(path, &[("ref", place.reference.name())]).await?;
        Ok(match found {
            Value::Array(list) => Found::Folder(list),
            file => Found::File(file),
        })
    }

    /// Files of up to a megabyte are in their description; larger ones are asked for.
    async fn content(&self, place: Place<'_>, file: &Value) -> Result<Bytes, Failure> {
        if let Some(content) = inline_content(file) {
            return Ok(content);
        }
        let path = self.repository(place.repository).into_iter();
        let path = path.chain(once("contents")).chain(place.path.parts());
        let query = [("ref", place.reference.name())];
        self.api
            .bytes(path, &query, "application/vnd.github.raw+json")
            .await
    }
}
