//! Calls to a server.

use crate::auth::Auth;
use crate::config::Server;
use crate::fault::Fault;
use crate::multistatus::{self, MOST_BYTES, QUESTION, Told};
use crate::place::Base;
use bytes::Bytes;
use contract::{ByteStream, Problem};
use files::{Failure, FilePath, Found};
use futures_util::StreamExt;
use outbound::Trust;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, RANGE};
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Time for a call and its answer; between two pieces of content; and for all of a content.
const CALLING: Duration = Duration::from_secs(60);
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const WHOLE: Duration = Duration::from_secs(24 * 60 * 60);

/// A server.
pub(crate) struct Client {
    http: reqwest::Client,
    auth: Auth,
    base: Base,
}

impl Client {
    /// A client for a server. Fails with 500 when TLS cannot be used.
    pub(crate) fn new(server: Server) -> Result<Client, Problem> {
        let mut http = outbound::configured(Trust::Public)?
            .timeout(WHOLE)
            .gzip(server.gzip)
            .deflate(server.deflate)
            .no_proxy();
        if let Some(proxy) = server.proxy {
            http = http.proxy(proxy);
        }
        Ok(Client {
            http: http.build().map_err(Problem::internal)?,
            auth: server.auth,
            base: server.base,
        })
    }

    /// Asks, and logs in as the server wants it.
    async fn ask(
        &self,
        method: &str,
        address: &str,
        more: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, Fault> {
        let verb = Method::from_bytes(method.as_bytes()).map_err(|e| Fault::Odd(e.into()))?;
        for _ in 0..2 {
            let request = more(self.http.request(verb.clone(), address));
            let answer = self.auth.apply(request, method, address).send();
            let answer = timeout(CALLING, answer)
                .await
                .map_err(|e| Fault::Unreachable(e.into()))??;
            if answer.status() != StatusCode::UNAUTHORIZED {
                return Ok(answer);
            }
            if !self.auth.learn(&answer) {
                return Err(Fault::Login);
            }
        }
        Err(Fault::Login)
    }

    /// Does something that has no answer but that it is done.
    async fn done(
        &self,
        method: &str,
        address: &str,
        more: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<(), Fault> {
        let answer = self.ask(method, address, more).await?;
        match answer.status() {
            // Something in it could not be done.
            StatusCode::MULTI_STATUS => Err(Failure::Refused.into()),
            status if status.is_success() => Ok(()),
            status => Err(Fault::Answer(status)),
        }
    }

    /// What a server tells of a file or folder, and with `depth` 1 of what lies in it.
    async fn told(&self, address: &str, depth: &str) -> Result<Vec<Told>, Fault> {
        let question = |request: RequestBuilder| {
            let request = request
                .header("depth", depth)
                .header(CONTENT_TYPE, "application/xml; charset=utf-8");
            request.body(QUESTION)
        };
        let answer = self.ask("PROPFIND", address, question).await?;
        if answer.status() != StatusCode::MULTI_STATUS {
            return Err(Fault::Answer(answer.status()));
        }
        let read = timeout(CALLING, outbound::read(answer, MOST_BYTES)).await;
        let body = read.map_err(|e| Fault::Unreachable(e.into()))??;
        let xml = std::str::from_utf8(&body).map_err(|e| Fault::Odd(e.into()))?;
        multistatus::read(xml).map_err(Fault::Odd)
    }

    /// What lies in a folder.
    pub(crate) async fn list(&self, folder: &FilePath) -> Result<Vec<Found>, Fault> {
        let told = self.told(&self.base.folder(folder), "1").await?;
        let mut found = Vec::with_capacity(told.len());
        for told in told {
            match self.base.name_in(folder, &told.address) {
                Some(name) if !name.is_empty() => found.push(seen(name, &told)),
                // It is not the folder that it was asked for.
                Some(_) if !matches!(told.kind, files::FoundKind::Folder) => {
                    return Err(Failure::Missing.into());
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// What stands at a path; `None` when nothing does.
    pub(crate) async fn stat(&self, path: &FilePath) -> Result<Option<Found>, Fault> {
        let mut asked = self.told(&self.base.file(path), "0").await;
        // Some call folders by their slash alone.
        if matches!(&asked, Err(Fault::Answer(status)) if status.is_redirection()) || path.is_root() {
            asked = self.told(&self.base.folder(path), "0").await;
        }
        match asked {
            Ok(told) => Ok(told.first().map(|told| seen(path.name().to_owned(), told))),
            Err(Fault::Answer(status)) if is_missing(status) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Opens a part of a file; what the answer begins with may be before it. `None` when nothing stands there.
    pub(crate) async fn open(
        &self,
        file: &FilePath,
        offset: u64,
        length: u64,
        is_part: bool,
    ) -> Result<Option<(Response, u64)>, Fault> {
        let address = self.base.file(file);
        let answer = self.ask("GET", &address, |request| {
            // Of what is encoded, parts and lengths would be others.
            let request = request.header(ACCEPT_ENCODING, "identity");
            match is_part {
                true => request.header(RANGE, format!("bytes={offset}-{}", offset + length - 1)),
                false => request,
            }
        });
        let answer = answer.await?;
        match answer.status() {
            StatusCode::OK => Ok(Some((answer, offset))),
            StatusCode::PARTIAL_CONTENT if is_part => Ok(Some((answer, 0))),
            status if is_missing(status) => Ok(None),
            status => Err(Fault::Answer(status)),
        }
    }

    /// Sends the content of a file, and tells its length.
    pub(crate) async fn put(&self, file: &FilePath, content: ByteStream) -> Result<u64, Fault> {
        if self.auth.is_asked_before() {
            self.stat(&file.parent()).await?.ok_or(Failure::Missing)?;
        }
        let (sent, broken) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(parking_lot::Mutex::new(None)),
        );
        let (count, cause) = (Arc::clone(&sent), Arc::clone(&broken));
        let pieces = content.map(move |piece: Result<Bytes, Problem>| match piece {
            Ok(piece) => {
                count.fetch_add(piece.len() as u64, Ordering::Relaxed);
                Ok(piece)
            }
            Err(problem) => {
                *cause.lock() = Some(problem);
                Err(std::io::Error::other("the content broke off"))
            }
        });
        let address = self.base.file(file);
        let request = self.http.put(&address).body(Body::wrap_stream(pieces));
        let answer = self.auth.apply(request, "PUT", &address).send();
        tokio::pin!(answer);
        let answer = loop {
            let before = sent.load(Ordering::Relaxed);
            tokio::select! {
                answer = &mut answer => break answer,
                () = sleep(PATIENCE) => {
                    if sent.load(Ordering::Relaxed) == before {
                        return Err(Fault::Unreachable("nothing was taken for too long".into()));
                    }
                }
            }
        };
        if let Some(problem) = broken.lock().take() {
            return Err(problem.into());
        }
        match answer?.status() {
            StatusCode::UNAUTHORIZED => Err(Fault::Login),
            status if status.is_success() => Ok(sent.load(Ordering::Relaxed)),
            status => Err(Fault::Answer(status)),
        }
    }

    /// Makes a folder in a folder that exists.
    pub(crate) async fn make_folder(&self, folder: &FilePath) -> Result<(), Fault> {
        match self
            .done("MKCOL", &self.base.folder(folder), |request| request)
            .await
        {
            // So says a server where something stands already.
            Err(Fault::Answer(StatusCode::METHOD_NOT_ALLOWED)) => Err(Failure::Exists.into()),
            done => done,
        }
    }

    /// Removes a file. `None` when nothing stands there.
    pub(crate) async fn remove_file(&self, file: &FilePath) -> Result<Option<()>, Fault> {
        let address = self.base.file(file);
        if_there(self.done("DELETE", &address, |request| request).await)
    }

    /// Removes a folder, and all that is in it.
    pub(crate) async fn remove_folder(&self, folder: &FilePath) -> Result<(), Fault> {
        self.done("DELETE", &self.base.folder(folder), |request| request)
            .await
    }

    /// Gives a file or a folder another path.
    pub(crate) async fn rename(
        &self,
        from: &Found,
        at: &FilePath,
        to: &FilePath,
        replaces: bool,
    ) -> Result<(), Fault> {
        let address = |path: &FilePath| match from.is_folder() {
            true => self.base.folder(path),
            false => self.base.file(path),
        };
        self.transfer("MOVE", &address(at), &address(to), replaces).await
    }

    /// Copies a file to a place where nothing is. `None` when there is no such file.
    pub(crate) async fn copy(&self, from: &FilePath, to: &FilePath) -> Result<Option<()>, Fault> {
        let (from, to) = (self.base.file(from), self.base.file(to));
        if_there(self.transfer("COPY", &from, &to, false).await)
    }

    async fn transfer(&self, method: &str, from: &str, to: &str, replaces: bool) -> Result<(), Fault> {
        let overwrite = if replaces { "T" } else { "F" };
        let more = |request: RequestBuilder| request.header("destination", to).header("overwrite", overwrite);
        self.done(method, from, more).await
    }
}

/// Whether an answer says that nothing stands at a path. The first is said of what would lie in a file.
fn is_missing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::GONE
    )
}

/// What was done to something; `None` when it is not there.
fn if_there(done: Result<(), Fault>) -> Result<Option<()>, Fault> {
    match done {
        Err(Fault::Answer(status)) if is_missing(status) => Ok(None),
        done => done.map(Some),
    }
}

fn seen(name: String, told: &Told) -> Found {
    Found {
        name,
        kind: told.kind,
        is_link: false,
        modified: told.modified,
    }
}
