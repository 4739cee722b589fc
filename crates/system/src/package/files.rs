//! Files of file services in packages: ordinary calls of those services on behalf of the caller.

use super::data::wrapped;
use super::selection::{ask, read};
use bundle::Report;
use bundle::package::{MOST_BYTES, ServiceData};
use bytes::Bytes;
use contract::{Body, Kind, Map, Payload, Problem, RawBody, Request, Response, Value, Verb};
use futures_util::TryStreamExt;
use platform::Platform;
use serde_json::json;
use std::collections::BTreeSet;

/// The group of service types that have files.
const FILE: &str = "File";

/// What lies in the active file services, by service: what is at the top, or with `full_tree` every file and folder.
pub(super) async fn list(
    platform: &Platform,
    request: &Request,
    full_tree: bool,
) -> Result<Map<String, Value>, Problem> {
    let mut found = Map::new();
    for name in super::data::active(platform, FILE).await? {
        let service = FileService::new(platform, request, &name);
        let entry = match service.paths("", &[("full_tree", full_tree)]).await {
            Ok(paths) => json!(paths),
            Err(_) => json!({"reachable": false}),
        };
        found.insert(name, entry);
    }
    Ok(found)
}

fn asked(wanted: &Value) -> Vec<String> {
    let path = |text: &str| text.trim().trim_start_matches('/').to_owned();
    match wanted {
        Value::Bool(true) => vec![String::new()],
        Value::String(text) if text == "*" => vec![String::new()],
        Value::String(text) => text
            .split(',')
            .map(path)
            .filter(|path| !path.is_empty())
            .collect(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(path).collect(),
        _ => Vec::new(),
    }
}

/// A file service, as the caller of a request may use it.
pub(super) struct FileService<'a> {
    platform: &'a Platform,
    request: &'a Request,
    name: &'a str,
}

impl<'a> FileService<'a> {
    pub(super) fn new(platform: &'a Platform, request: &'a Request, name: &'a str) -> FileService<'a> {
        FileService {
            platform,
            request,
            name,
        }
    }

    /// Paths in a folder, as the service lists them; folders end with a slash.
    async fn paths(&self, folder: &str, asked: &[(&str, bool)]) -> Result<Vec<String>, Problem> {
        let mut params = vec![("as_list".to_owned(), "true".to_owned())];
        let asked = asked
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_string()));
        params.extend(asked);
        let answer = read(self.platform, self.request, self.name, folder, params).await?;
        let listed = wrapped(self.platform, answer).into_iter();
        Ok(listed
            .filter_map(|path| path.as_str().map(str::to_owned))
            .collect())
    }

    /// The files that are asked for: a list of paths or paths between commas, of which those with a slash at the end
    /// are folders with all that lies in them; `true` and `*` are everything. `None` when it is nothing.
    pub(super) async fn export(&self, wanted: &Value) -> Result<Option<ServiceData>, Problem> {
        let mut found = BTreeSet::new();
        for path in asked(wanted) {
            if path.is_empty() || path.ends_with('/') {
                let all = [("full_tree", true), ("include_folders", false)];
                found.extend(self.paths(&path, &all).await?);
            } else {
                found.insert(path);
            }
        }
        let mut files = Vec::new();
        let mut room = MOST_BYTES;
        for path in found {
            let content = self.content(&path, room).await?;
            room -= content.len();
            files.push((path, content));
        }
        Ok((!files.is_empty()).then(|| ServiceData {
            service: self.name.to_owned(),
            files,
            ..ServiceData::default()
        }))
    }

    /// A file's bytes. 400 when there are more than `room`.
    async fn content(&self, path: &str, room: usize) -> Result<Bytes, Problem> {
        let too_large =
            || Problem::bad_request("The files that were asked for are more than a package can take.");
        let answer = self.ask(Verb::Get, path, Vec::new(), Payload::None).await?;
        let bytes = match answer.body {
            Body::Bytes { bytes, .. } => bytes,
            Body::Stream { mut stream, .. } => {
                let mut collected = Vec::new();
                while let Some(piece) = stream.try_next().await? {
                    if collected.len() + piece.len() > room {
                        return Err(too_large());
                    }
                    collected.extend_from_slice(&piece);
                }
                collected.into()
            }
            _ => Bytes::new(),
        };
        match bytes.len() <= room {
            true => Ok(bytes),
            false => Err(too_large()),
        }
    }

    /// Puts files in; one that exists is left alone unless `overwrite` is set. Tells what was done, and gives the
    /// number of files that were written.
    pub(super) async fn import(
        &self,
        files: &[(String, Bytes)],
        overwrite: bool,
        report: &mut Report,
    ) -> usize {
        let service = self.name;
        let mut written = 0;
        for (path, content) in files {
            match self.write(path, content.clone(), overwrite).await {
                Ok(()) => written += 1,
                Err(problem) if problem.kind == Kind::Conflict => report.notices.push(format!(
                    "The file '{path}' of '{service}' exists already and was left as it is."
                )),
                Err(problem) => report.warnings.push(format!(
                    "The file '{path}' could not be put into '{service}': {}",
                    problem.message
                )),
            }
        }
        match written {
            0 => {}
            1 => report.notices.push(format!("One file was put into '{service}'.")),
            written => report
                .notices
                .push(format!("{written} files were put into '{service}'.")),
        }
        written
    }

    /// Writes a file, and makes its folder when it is missing; 409 when the file exists and is not to be replaced.
    pub(super) async fn write(&self, path: &str, content: Bytes, replace: bool) -> Result<(), Problem> {
        let stored = self.put(path, content.clone(), replace).await;
        match (stored, path.rsplit_once('/')) {
            (Err(problem), Some((folder, _))) if problem.kind == Kind::NotFound => {
                let folder = format!("{folder}/");
                self.ask(Verb::Post, &folder, Vec::new(), Payload::None).await?;
                self.put(path, content, replace).await
            }
            (stored, _) => stored,
        }
    }

    async fn put(&self, path: &str, content: Bytes, replace: bool) -> Result<(), Problem> {
        let params = vec![("check_exist".to_owned(), (!replace).to_string())];
        let payload = match content.is_empty() {
            true => Payload::None,
            false => Payload::Bytes(RawBody::whole(content)),
        };
        self.ask(Verb::Post, path, params, payload).await?;
        Ok(())
    }

    async fn ask(
        &self,
        verb: Verb,
        path: &str,
        params: Vec<(String, String)>,
        payload: Payload,
    ) -> Result<Response, Problem> {
        ask(
            self.platform,
            self.request,
            verb,
            self.name,
            path,
            params,
            payload,
        )
        .await
    }

    /// Whether the service's configuration makes a path public.
    pub(super) async fn is_public(&self, path: &str) -> Result<bool, Problem> {
        let services = self.platform.store().policy().await?.services;
        let config = services
            .iter()
            .find(|known| known.name == self.name)
            .map(|known| &known.config);
        let public = config.and_then(|config| config.get("public_path")?.as_array());
        let covers = |entry: &Value| {
            let entry = entry.as_str().unwrap_or_default().trim_matches('/');
            path.strip_prefix(entry)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        Ok(public.into_iter().flatten().any(covers))
    }
}
