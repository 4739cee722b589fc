//! The connection to a server: made when it is needed, kept, shared, and made anew when it is lost.

use crate::config::Server;
use crate::fault::{Fault, Refusal};
use crate::trust::Trust;
use files::Failure;
use russh::ChannelMsg;
use russh::client::{self, Handle};
use russh::keys::PublicKeyOrCertificate;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::{Config as SftpConfig, RawSftpSession};
use russh_sftp::protocol::{FileAttributes, FileType, Packet, StatusCode};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Time without a word from the server after which it is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(30);
/// Files and folders that are open at once. Servers number them, and only small numbers are text, as which the library
/// keeps them.
const MOST_OPEN: usize = 64;
/// What servers call the renaming that replaces what is there.
const REPLACING: &str = "posix-rename@openssh.com";
/// What servers call the writing down to the disk.
const SYNCING: &str = "fsync@openssh.com";

/// The way to a server.
pub(crate) struct Connection {
    server: Server,
    kept: Mutex<Option<Arc<Link>>>,
}

impl Connection {
    pub(crate) fn new(server: Server) -> Connection {
        Connection {
            server,
            kept: Mutex::new(None),
        }
    }

    /// The connection that is kept, or a new one; and whether it is new.
    pub(crate) async fn link(&self) -> Result<(Arc<Link>, bool), Refusal> {
        let open = async {
            // Others wait here while one connects.
            let mut kept = self.kept.lock().await;
            if let Some(link) = kept.as_ref().filter(|link| link.is_open()) {
                return Ok((Arc::clone(link), false));
            }
            *kept = None;
            let link = Arc::new(Link::open(&self.server).await?);
            *kept = Some(Arc::clone(&link));
            Ok((link, true))
        };
        let opened = timeout(self.server.address.timeout, open).await;
        opened.unwrap_or_else(|e| Err(Refusal::Unreachable(e.into())))
    }

    /// Does a step that does no harm when it is done twice: once more, on a new connection, when the one that was kept
    /// turns out to be gone.
    pub(crate) async fn with<T, F>(&self, step: impl Fn(Arc<Link>) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let (link, is_new) = self.link().await.map_err(Fault::from)?;
        match step(Arc::clone(&link)).await {
            Err(Fault::Lost(_)) if !is_new => {
                link.give_up();
                self.once(step).await
            }
            done => link.noted(done),
        }
    }

    /// Does a step once.
    pub(crate) async fn once<T, F>(&self, step: impl FnOnce(Arc<Link>) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let (link, _) = self.link().await.map_err(Fault::from)?;
        link.noted(step(Arc::clone(&link)).await)
    }
}

/// Lets in the server that is trusted.
struct Guard {
    trust: Trust,
    host: String,
    port: u16,
}

impl client::Handler for Guard {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let (trust, host, port) = (self.trust.clone(), self.host.clone(), self.port);
        let key = shown.public_key();
        let checked = tokio::task::spawn_blocking(move || trust.accepts(&host, port, &key)).await;
        Ok(checked.map_err(std::io::Error::other)??)
    }
}

/// A connection to a server.
pub(crate) struct Link {
    ssh: Handle<Guard>,
    pub(crate) sftp: RawSftpSession,
    /// The root folder, as the server resolves it; without a slash at its end, so empty when it is the server's own.
    root: String,
    extensions: HashMap<String, String>,
    is_lost: AtomicBool,
    open: Arc<Semaphore>,
    patience: Duration,
}

impl Link {
    async fn open(server: &Server) -> Result<Link, Refusal> {
        let config = client::Config {
            keepalive_interval: Some(QUIET),
            nodelay: true,
            ..client::Config::default()
        };
        let (host, port) = (server.address.host.clone(), server.address.port);
        let guard = Guard {
            trust: server.trust.clone(),
            host: host.clone(),
            port,
        };
        let mut ssh = client::connect(Arc::new(config), (host, port), guard).await?;
        server.login.take(&mut ssh).await?;
        let sftp = subsystem(&ssh, server.address.timeout).await?;
        let extensions = sftp.init().await?.extensions;
        let root = resolved(&sftp, &server.root).await.map_err(|_| Refusal::Root)?;
        match sftp.stat(root.as_str()).await {
            Ok(about) if about.attrs.file_type() == FileType::Dir => {}
            _ => return Err(Refusal::Root),
        }
        Ok(Link {
            ssh,
            sftp,
            root: root.trim_end_matches('/').to_owned(),
            extensions,
            is_lost: AtomicBool::new(false),
            open: Arc::new(Semaphore::new(MOST_OPEN)),
            patience: server.address.timeout,
        })
    }

    fn is_open(&self) -> bool {
        !self.is_lost.load(Ordering::Relaxed) && !self.ssh.is_closed()
    }

    /// Lets the next call make a new connection. Whoever still uses this one finds out for himself.
    pub(crate) fn give_up(&self) {
        self.is_lost.store(true, Ordering::Relaxed);
    }

    /// What became of a step, and what that says of the connection.
    pub(crate) fn noted<T>(&self, done: Result<T, Fault>) -> Result<T, Failure> {
        if matches!(done, Err(Fault::Lost(_))) {
            self.give_up();
        }
        done.map_err(Failure::from)
    }

    /// Whether a renaming can replace what is there.
    pub(crate) fn replaces(&self) -> bool {
        self.extensions.contains_key(REPLACING)
    }

    /// Renames, and replaces a file that is there.
    pub(crate) async fn replace(&self, from: &str, to: &str) -> Result<(), Fault> {
        let mut names = Vec::with_capacity(8 + from.len() + to.len());
        for name in [from, to] {
            // Paths are a few thousand bytes.
            names.extend(u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes());
            names.extend(name.as_bytes());
        }
        match self.sftp.extended(REPLACING, names).await? {
            Packet::Status(status) => match status.status_code {
                StatusCode::Ok => Ok(()),
                _ => Err(SftpError::Status(status).into()),
            },
            _ => Err(SftpError::UnexpectedPacket.into()),
        }
    }

    /// Writes an open file down to the disk, where the server can do so.
    pub(crate) async fn sync(&self, handle: &str) -> Result<(), Fault> {
        match self.extensions.contains_key(SYNCING) {
            true => Ok(self.sftp.fsync(handle).await.map(drop)?),
            false => Ok(()),
        }
    }

    /// What lies at a path as the server resolves it; `None` when nothing does. A link is not followed.
    pub(crate) async fn look(&self, path: &str) -> Result<Option<FileAttributes>, Fault> {
        match self.sftp.lstat(path).await.map_err(Fault::from) {
            Ok(about) => Ok(Some(about.attrs)),
            Err(fault) if fault.code() == Some(StatusCode::NoSuchFile) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// A path below the root with all links followed; refused when it is not below the root then.
    pub(crate) async fn followed(&self, path: &str) -> Result<String, Fault> {
        if path.is_empty() {
            return Ok(self.root.clone());
        }
        let real = resolved(&self.sftp, &format!("{}/{path}", self.root)).await?;
        let below = real.strip_prefix(self.root.as_str());
        match below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            true => Ok(real),
            false => Err(Failure::Refused.into()),
        }
    }

    /// A place for one more open file or folder.
    pub(crate) async fn place(&self) -> Result<OwnedSemaphorePermit, Fault> {
        match timeout(self.patience, Arc::clone(&self.open).acquire_owned()).await {
            Ok(place) => place.map_err(|e| Failure::Other(e.into()).into()),
            Err(e) => Err(Failure::Unavailable(e.into()).into()),
        }
    }
}

/// Asks a server for SFTP.
async fn subsystem(ssh: &Handle<Guard>, patience: Duration) -> Result<RawSftpSession, Refusal> {
    let mut channel = ssh.channel_open_session().await?;
    channel.request_subsystem(true, "sftp").await?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => break,
            Some(ChannelMsg::Failure) | None => return Err(Refusal::Unreachable("it offers no SFTP".into())),
            Some(_) => {}
        }
    }
    let config = SftpConfig {
        request_timeout_secs: patience.as_secs(),
        ..SftpConfig::default()
    };
    Ok(RawSftpSession::new_with_config(channel.into_stream(), config))
}

async fn resolved(sftp: &RawSftpSession, path: &str) -> Result<String, SftpError> {
    let mut names = sftp.realpath(path).await?.files;
    match names.pop() {
        Some(name) if names.is_empty() && name.filename.starts_with('/') => Ok(name.filename),
        _ => Err(SftpError::UnexpectedBehavior(
            "a path was not resolved".to_owned(),
        )),
    }
}

/// A file or a folder that is open at the server. It is closed when this is dropped.
pub(crate) struct Open {
    pub(crate) link: Arc<Link>,
    pub(crate) handle: String,
    place: Option<OwnedSemaphorePermit>,
}

impl Open {
    pub(crate) fn new(link: &Arc<Link>, handle: String, place: OwnedSemaphorePermit) -> Open {
        Open {
            link: Arc::clone(link),
            handle,
            place: Some(place),
        }
    }

    /// Closes it, and tells what the server says of that: some tell only then that a disk is full.
    pub(crate) async fn close(mut self) -> Result<(), Fault> {
        let place = self.place.take();
        let closed = self.link.sftp.close(self.handle.as_str()).await;
        drop(place);
        Ok(closed.map(drop)?)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(place) = self.place.take() else { return };
        let (link, handle) = (Arc::clone(&self.link), std::mem::take(&mut self.handle));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // A connection that is lost has closed it.
                let _ = link.sftp.close(handle).await;
                drop(place);
            });
        }
    }
}
