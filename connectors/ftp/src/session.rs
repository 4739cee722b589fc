//! One connection to a server, logged in, and the steps that are made on it.

use crate::config::Server;
use crate::fault::{Fault, Refusal};
use crate::listing::{human, is_name, machine};
use contract::Problem;
use files::{Existing, Failure, FilePath, Found, FoundKind, is_temporary};
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use suppaftp::tokio::{AsyncRustlsConnector, AsyncRustlsFtpStream, AsyncRustlsStream, TransferStream};
use suppaftp::types::FileType;
use suppaftp::{FtpError, FtpResult, Mode, Status};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Most bytes of a list of a folder: they are in memory together.
const MOST_LISTED: u64 = 32 << 20;

/// Time in which a connection that was kept must answer; else there is a new one.
const LIVELY: Duration = Duration::from_secs(5);

/// The way of a file's content.
pub(crate) type Transfer = TransferStream<AsyncRustlsStream>;

/// A connection.
pub(crate) struct Session {
    ftp: AsyncRustlsFtpStream,
    /// The root folder, as the server names it; without a slash at its end.
    root: String,
    /// Whether the server lists for machines.
    is_exact: bool,
    patience: Duration,
}

impl Session {
    /// Connects and logs in.
    pub(crate) async fn open(server: &Server) -> Result<Session, Refusal> {
        let opened = timeout(server.address.timeout, Session::connect(server)).await;
        opened.unwrap_or_else(|e| Err(Refusal::Unreachable(e.into())))
    }

    async fn connect(server: &Server) -> Result<Session, Refusal> {
        let (host, port) = (server.address.host.as_str(), server.address.port);
        let unreachable = |e: std::io::Error| Refusal::Unreachable(e.into());
        let stream = TcpStream::connect((host, port)).await.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        let is_six = stream.peer_addr().map_err(unreachable)?.is_ipv6();
        let mut ftp = AsyncRustlsFtpStream::connect_with_stream(stream).await?;
        if let Some(tls) = &server.tls {
            let connector = AsyncRustlsConnector::from(TlsConnector::from(Arc::clone(tls)));
            ftp = ftp
                .into_secure(connector, host)
                .await
                .map_err(Refusal::Insecure)?;
        }
        match (server.is_passive, is_six) {
            (false, _) => ftp = ftp.active_mode(server.address.timeout),
            (true, true) => ftp.set_mode(Mode::ExtendedPassive),
            (true, false) => ftp.set_mode(Mode::Passive),
        }
        // Whatever address it answers with: the data connection is made to the server itself.
        ftp.set_passive_nat_workaround(true);
        let login = ftp.login(server.user.as_str(), server.password.as_str()).await;
        login.map_err(|e| match e {
            FtpError::UnexpectedResponse(_) => Refusal::Login(e),
            e => e.into(),
        })?;
        ftp.transfer_type(FileType::Binary).await?;
        let features = match ftp.feat().await {
            Err(FtpError::UnexpectedResponse(_)) => Default::default(),
            features => features?,
        };
        let has = |name: &str| features.keys().any(|known| known.eq_ignore_ascii_case(name));
        if has("UTF8") {
            // Servers that need no telling refuse it.
            let told = ftp.opts("UTF8", Some("ON")).await;
            told.or_else(|e| {
                if matches!(e, FtpError::UnexpectedResponse(_)) {
                    Ok(())
                } else {
                    Err(e)
                }
            })?;
        }
        if let Some(root) = &server.root {
            ftp.cwd(root).await.map_err(Refusal::Root)?;
        }
        let root = ftp.pwd().await?.replace("\"\"", "\"");
        Ok(Session {
            ftp,
            root: root.trim_end_matches('/').to_owned(),
            is_exact: has("MLST"),
            patience: server.address.timeout,
        })
    }

    /// Whether the server still answers. What a broken transfer left is taken up before.
    pub(crate) async fn is_alive(&mut self) -> bool {
        let patience = self.patience.min(LIVELY);
        matches!(timeout(patience, self.ftp.noop()).await, Ok(Ok(())))
    }

    fn absolute(&self, path: &FilePath) -> String {
        match path.is_root() {
            // The server's own root is called by its slash.
            true if self.root.is_empty() => "/".to_owned(),
            true => self.root.clone(),
            false => format!("{}/{path}", self.root),
        }
    }

    /// Goes into a folder. One that is another than it is called lies behind a link, and is refused.
    pub(crate) async fn enter(&mut self, folder: &FilePath) -> Result<(), Fault> {
        let wanted = self.absolute(folder);
        let went = soon(self.patience, self.ftp.cwd(wanted.as_str())).await;
        went.map_err(missing)?;
        let got = soon(self.patience, self.ftp.pwd()).await?.replace("\"\"", "\"");
        let is_same = got
            .trim_end_matches('/')
            .eq_ignore_ascii_case(wanted.trim_end_matches('/'));
        match is_same {
            true => Ok(()),
            false => Err(Failure::Refused.into()),
        }
    }

    /// What lies in a folder, what is on its way in as well.
    pub(crate) async fn list(&mut self, folder: &FilePath) -> Result<Vec<Found>, Fault> {
        self.enter(folder).await?;
        let lines = match self.is_exact {
            true => self.lines("MLSD").await?,
            // Without the option, servers leave names out that begin with a dot. Some take it for a name.
            false => match self.lines("LIST -a").await {
                Ok(lines) if !lines.is_empty() => lines,
                Ok(_) | Err(Fault::Refused(_)) => self.lines("LIST").await?,
                Err(fault) => return Err(fault),
            },
        };
        let read = if self.is_exact { machine } else { human };
        let found = lines.iter().filter_map(|line| read(line));
        Ok(found.filter(|found| is_name(&found.name)).collect())
    }

    async fn lines(&mut self, command: &str) -> Result<Vec<String>, Fault> {
        let begun = [Status::AboutToSend, Status::AlreadyOpen];
        let patience = self.patience;
        let (_, transfer) = soon(patience, self.ftp.custom_data_command(command, &begun)).await?;
        let mut reader = BufReader::new(transfer).take(MOST_LISTED);
        let (mut lines, mut line) = (Vec::new(), Vec::new());
        while patiently(patience, reader.read_until(b'\n', &mut line)).await? > 0 {
            let text = String::from_utf8_lossy(&line);
            lines.push(text.trim_end_matches(['\r', '\n']).to_owned());
            line.clear();
        }
        if reader.limit() == 0 {
            return Err(Problem::bad_request("The folder holds too many names to list them.").into());
        }
        soon(patience, reader.into_inner().into_inner().finish()).await?;
        Ok(lines)
    }

    /// What stands at a path; `None` when nothing does.
    pub(crate) async fn stat(&mut self, path: &FilePath) -> Result<Option<Found>, Fault> {
        match self.enter(&path.parent()).await {
            Err(Fault::Failed(Failure::Missing)) => Ok(None),
            Err(fault) => Err(fault),
            Ok(()) if path.is_root() => Ok(Some(Found {
                name: String::new(),
                kind: FoundKind::Folder,
                is_link: false,
                modified: None,
            })),
            Ok(()) => self.look(path).await,
        }
    }

    /// What stands at a path whose folder has been entered, and is entered afterwards.
    async fn look(&mut self, path: &FilePath) -> Result<Option<Found>, Fault> {
        let name = path.name();
        let told = |kind, modified| {
            Ok(Some(Found {
                name: name.to_owned(),
                kind,
                is_link: false,
                modified,
            }))
        };
        if self.is_exact {
            let line = match soon(self.patience, self.ftp.mlst(Some(name))).await {
                Err(Fault::Refused(_)) => return Ok(None),
                line => line?,
            };
            return match machine(&line) {
                // Servers tell the whole path here.
                Some(found) => Ok(Some(Found {
                    name: name.to_owned(),
                    ..found
                })),
                None => told(FoundKind::Broken, None),
            };
        }
        match soon(self.patience, self.ftp.size(name)).await {
            Ok(length) => {
                let modified = match soon(self.patience, self.ftp.mdtm(name)).await {
                    Ok(time) => u64::try_from(time.and_utc().timestamp()).ok(),
                    Err(Fault::Refused(_)) => None,
                    Err(fault) => return Err(fault),
                };
                let modified = modified.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
                let length = length as u64;
                told(FoundKind::File { length }, modified)
            }
            Err(Fault::Refused(_)) => match self.enter(path).await {
                Ok(()) => {
                    self.enter(&path.parent()).await?;
                    told(FoundKind::Folder, None::<SystemTime>)
                }
                Err(Fault::Failed(Failure::Missing)) => Ok(None),
                Err(fault) => Err(fault),
            },
            Err(fault) => Err(fault),
        }
    }

    /// Begins to read a file from an offset.
    pub(crate) async fn read(&mut self, file: &FilePath, offset: u64) -> Result<Transfer, Fault> {
        self.enter(&file.parent()).await?;
        let offset = usize::try_from(offset).map_err(|e| Failure::Other(e.into()))?;
        soon(self.patience, self.ftp.resume_transfer(offset)).await?;
        let begun = soon(self.patience, self.ftp.retr_as_stream(file.name())).await;
        begun.map_err(missing)
    }

    /// Begins to write a file in the folder that has been entered.
    pub(crate) async fn write(&mut self, name: &str) -> Result<Transfer, Fault> {
        soon(self.patience, self.ftp.put_with_stream(name)).await
    }

    /// Ends a transfer; the server's word that it has all of it.
    pub(crate) async fn end(&mut self, transfer: Transfer) -> Result<(), Fault> {
        soon(self.patience, transfer.finish()).await
    }

    /// Makes a folder.
    pub(crate) async fn make_folder(&mut self, folder: &FilePath) -> Result<(), Fault> {
        self.enter(&folder.parent()).await?;
        match soon(self.patience, self.ftp.mkdir(folder.name())).await {
            Err(fault @ Fault::Refused(_)) => match self.look(folder).await? {
                Some(_) => Err(Failure::Exists.into()),
                None => Err(fault),
            },
            done => done,
        }
    }

    /// Removes a file.
    pub(crate) async fn remove_file(&mut self, file: &FilePath) -> Result<(), Fault> {
        self.enter(&file.parent()).await?;
        match soon(self.patience, self.ftp.rm(file.name())).await {
            Err(fault @ Fault::Refused(_)) => match self.look(file).await? {
                Some(_) => Err(fault),
                None => Err(Failure::Missing.into()),
            },
            done => done,
        }
    }

    /// Removes a folder that is empty but for what lost connections left of uploads.
    pub(crate) async fn remove_folder(&mut self, folder: &FilePath) -> Result<(), Fault> {
        let left = self.list(folder).await?;
        if left.iter().any(|found| !is_temporary(&found.name)) {
            return Err(Failure::NotEmpty.into());
        }
        for found in left {
            soon(self.patience, self.ftp.rm(found.name.as_str())).await?;
        }
        self.enter(&folder.parent()).await?;
        soon(self.patience, self.ftp.rmdir(folder.name())).await
    }

    /// Renames; what a file replaces is gone. Most servers replace in one step; with others, a file that is replaced is
    /// missing for a moment.
    pub(crate) async fn rename(
        &mut self,
        from: &FilePath,
        to: &FilePath,
        existing: Existing,
    ) -> Result<(), Fault> {
        self.enter(&from.parent()).await?;
        self.enter(&to.parent()).await?;
        if existing == Existing::Keep && self.look(to).await?.is_some() {
            return Err(Failure::Exists.into());
        }
        let (source, target) = (self.absolute(from), self.absolute(to));
        let fault = match soon(self.patience, self.ftp.rename(source.as_str(), target.as_str())).await {
            Err(fault @ Fault::Refused(_)) => fault,
            done => return done,
        };
        match self.look(to).await? {
            Some(found) if found.is_folder() || existing == Existing::Keep => Err(Failure::Exists.into()),
            Some(_) => {
                soon(self.patience, self.ftp.rm(to.name())).await?;
                soon(self.patience, self.ftp.rename(source.as_str(), target.as_str())).await
            }
            None => Err(fault),
        }
    }
}

/// A refusal where the reason can only be that there is nothing.
fn missing(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(_) => Failure::Missing.into(),
        fault => fault,
    }
}

/// A command, and its answer within some time.
async fn soon<T>(patience: Duration, command: impl Future<Output = FtpResult<T>>) -> Result<T, Fault> {
    match timeout(patience, command).await {
        Ok(answer) => Ok(answer?),
        Err(e) => Err(Fault::Lost(e.into())),
    }
}

/// A piece of content, within some time.
pub(crate) async fn patiently<T>(
    patience: Duration,
    piece: impl Future<Output = std::io::Result<T>>,
) -> Result<T, Fault> {
    let lost = |e: Box<dyn Error + Send + Sync>| Fault::Lost(e);
    match timeout(patience, piece).await {
        Ok(done) => done.map_err(|e| lost(e.into())),
        Err(e) => Err(lost(e.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::FileServer;
    use outbound::Trust;
    use serde_json::json;
    use tokio::io::AsyncWriteExt;

    #[tokio::test]
    async fn with_tls_nothing_passes_in_clear() {
        let Some(place) = FileServer::ftp_with_tls() else {
            return;
        };
        let config = json!({"host": "127.0.0.1", "port": place.port(), "username": FileServer::FTP_USER,
                            "password": FileServer::PASSWORD, "timeout": 10, "ssl": true, "container": place.root()});
        let mut server = crate::config::server(config.as_object().unwrap()).unwrap();
        let stranger = Session::open(&server).await.err();
        assert!(matches!(stranger, Some(Refusal::Insecure(_))), "{stranger:?}");
        let certificate = std::fs::read_to_string(place.folder().join("certificate")).unwrap();
        server.tls = Some(Arc::new(outbound::tls(Trust::Also(&certificate)).unwrap()));
        let mut session = Session::open(&server).await.ok().unwrap();
        session.enter(&FilePath::root()).await.unwrap();
        let mut transfer = session.write("a b.txt").await.unwrap();
        transfer.write_all(b"content").await.unwrap();
        session.end(transfer).await.unwrap();
        let path = FilePath::parse("a b.txt").unwrap();
        let found = session.stat(&path).await.unwrap().unwrap();
        assert_eq!(found.length(), Some(7));
        let mut transfer = session.read(&path, 3).await.unwrap();
        let mut text = String::new();
        transfer.read_to_string(&mut text).await.unwrap();
        session.end(transfer).await.unwrap();
        assert_eq!(text, "tent");
        assert_eq!(session.list(&FilePath::root()).await.unwrap().len(), 1);
        server.tls = None;
        assert!(matches!(
            Session::open(&server).await.err(),
            Some(Refusal::Login(_) | Refusal::Unreachable(_))
        ));
    }
}
