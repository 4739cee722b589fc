//! Repositories at Bitbucket.

use crate::api::{self, Api};
use crate::config::text;
use crate::place::{Place, Reference};
use crate::provider::{Failure, Found, Provider};
use async_trait::async_trait;
use bytes::Bytes;
use contract::{Map, Problem, Value};
use serde_json::json;

/// Where its API is.
pub(crate) const ADDRESS: &str = "https://api.bitbucket.org/2.0";
/// Most answers that a folder is put together from, each of a hundred entries.
const MOST_PAGES: usize = 50;

/// Repositories of a workspace.
pub(crate) struct Bitbucket {
    api: Api,
    workspace: String,
}

impl Bitbucket {
    pub(crate) fn new(config: &Map<String, Value>, address: &str) -> Result<Bitbucket, Problem> {
        let (user, password) = (text(config, "username"), text(config, "password"));
        let headers = match password {
            "" => api::bearer(text(config, "token"))?,
            password => outbound::basic(user, password)?,
        };
        Ok(Bitbucket {
            api: Api::new(address, headers)?,
            workspace: text(config, "vendor").to_owned(),
        })
    }

    fn repository<'a>(&'a self, name: &'a str) -> [&'a str; 3] {
        ["repositories", &self.workspace, name]
    }

    /// The commit that a branch or a tag stands for: names may have slashes, which its addresses do not take.
    async fn commit(&self, place: Place<'_>) -> Result<String, Failure> {
        let (kind, name) = match place.reference {
            Reference::Branch(name) => ("branches", name),
            Reference::Tag(name) => ("tags", name),
        };
        let path = self.repository(place.repository).into_iter();
        let found = self.api.json(path.chain(["refs", kind, name]), &[]).await?;
        let hash = found.pointer("/target/hash").and_then(Value::as_str);
        let hash = hash.ok_or_else(|| Problem::unavailable("The provider's answer cannot be read."))?;
        Ok(hash.to_owned())
    }

    async fn folder(&self, place: Place<'_>, commit: &str) -> Result<Vec<Value>, Failure> {
        let mut entries = Vec::new();
        let mut page = None;
        for _ in 0..MOST_PAGES {
            // The empty part makes the path end with a slash.
            let path = self
                .repository(place.repository)
                .into_iter()
                .chain(["src", commit]);
            let path = path.chain(place.path.parts()).chain([""]);
            let query: Vec<_> = [("pagelen", "100")]
                .into_iter()
                .chain(page.as_deref().map(|page| ("page", page)))
                .collect();
            let mut found = self.api.json(path, &query).await?;
            page = found.get("next").and_then(Value::as_str).and_then(page_of);
            let list = api::list(found.take(), "values");
            entries.extend(list.iter().map(entry));
            if page.is_none() {
                break;
            }
        }
        Ok(entries)
    }
}

/// The page that the address of the next one names. The address itself is not asked: the token is for this server.
fn page_of(next: &str) -> Option<String> {
    let next = reqwest::Url::parse(next).ok()?;
    let mut pairs = next.query_pairs();
    pairs
        .find(|(name, _)| name == "page")
        .map(|(_, page)| page.into_owned())
}

/// An entry of a folder, as clients know it.
fn entry(found: &Value) -> Value {
    let path = found.get("path").and_then(Value::as_str).unwrap_or_default();
    json!({
        "name": path.rsplit('/').next(),
        "path": path,
        "type": if is_folder(found) { "dir" } else { "file" },
        "node": found.pointer("/commit/hash"),
        "size": found.get("size"),
        "timestamp": found.pointer("/commit/date"),
        "mimetype": found.get("mimetype"),
    })
}

fn is_folder(found: &Value) -> bool {
    found.get("type").and_then(Value::as_str) == Some("commit_directory")
}

#[async_trait]
impl Provider for Bitbucket {
    async fn repositories(&self, page: u64, per_page: u64) -> Result<Vec<Value>, Failure> {
        let (page, per_page) = (page.to_string(), per_page.to_string());
        let query = [("page", page.as_str()), ("pagelen", &per_page)];
        let found = self.api.json(["repositories", &self.workspace], &query).await?;
        Ok(api::list(found, "values"))
    }

    async fn default_branch(&self, repository: &str) -> Result<String, Failure> {
        let found = self.api.json(self.repository(repository), &[]).await?;
        let branch = found.pointer("/mainbranch/name").and_then(Value::as_str);
        Ok(branch.unwrap_or("main").to_owned())
    }

    async fn find(&self, place: Place<'_>) -> Result<Found, Failure> {
        let commit = self.commit(place).await?;
        if !place.path.is_root() {
            let path = self
                .repository(place.repository)
                .into_iter()
                .chain(["src", &commit]);
            let found = self
                .api
                .json(path.chain(place.path.parts()), &[("format", "meta")])
                .await?;
            if !is_folder(&found) {
                return Ok(Found::File(entry(&found)));
            }
        }
        self.folder(place, &commit).await.map(Found::Folder)
    }

    async fn content(&self, place: Place<'_>, _: &Value) -> Result<Bytes, Failure> {
        let commit = self.commit(place).await?;
        let path = self
            .repository(place.repository)
            .into_iter()
            .chain(["src", &commit]);
        self.api.bytes(path.chain(place.path.parts()), &[], "*/*").await
    }
}
