//! Exchanges with a directory.

use crate::entry::Entry;
use contract::Problem;
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope};
use std::future::Future;
use std::time::Duration;

/// Time to connect, and of each step.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time of all steps of an exchange.
const WHOLE: Duration = Duration::from_secs(30);

/// What a bind came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bind {
    Right,
    Wrong,
}

/// A connection. Ends when it is dropped.
pub(crate) struct Connection(Ldap);

/// Runs an exchange as a task of its own: the library gives up loudly on a server that breaks the protocol, and that
/// must end nothing else. 503 for whatever goes wrong that is not an answer.
pub(crate) async fn exchange<T, F, Work>(url: &str, work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(Connection) -> Work + Send + 'static,
    Work: Future<Output = Result<T, Problem>> + Send + 'static,
{
    let url = url.to_owned();
    let all = async move {
        let connection = Connection::open(&url).await?;
        work(connection).await
    };
    let task = tokio::spawn(tokio::time::timeout(WHOLE, all));
    match task.await {
        Ok(Ok(result)) => result,
        Ok(Err(late)) => Err(away().with_source(late)),
        Err(broken) => Err(away().with_source(broken)),
    }
}

impl Connection {
    async fn open(url: &str) -> Result<Connection, Problem> {
        let settings = LdapConnSettings::new().set_conn_timeout(PATIENCE);
        let (connection, ldap) = LdapConnAsync::with_settings(settings, url)
            .await
            .map_err(failed)?;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "the connection to a directory ended");
            }
        });
        Ok(Connection(ldap))
    }

    /// Proves a name and a password. An empty one of these is wrong, and is not even asked for.
    pub(crate) async fn bind(&mut self, name: &str, password: &str) -> Result<Bind, Problem> {
        if name.is_empty() || password.is_empty() {
            return Ok(Bind::Wrong);
        }
        let answer = self
            .0
            .with_timeout(PATIENCE)
            .simple_bind(name, password)
            .await
            .map_err(failed)?;
        match answer.rc {
            SUCCESS => Ok(Bind::Right),
            BUSY | UNAVAILABLE | OTHER => Err(away()),
            rc => {
                tracing::debug!(rc, "a directory refused a bind");
                Ok(Bind::Wrong)
            }
        }
    }

    /// At most so many entries of those that a filter fits. A base that does not exist, or may not be seen, has none.
    pub(crate) async fn search(
        &mut self,
        (base, scope): (&str, Scope),
        filter: &str,
        attributes: Vec<String>,
        most: Most,
    ) -> Result<Vec<Entry>, Problem> {
        let mut adapters: Vec<Box<dyn Adapter<'_, String, Vec<String>>>> = vec![Box::new(EntriesOnly::new())];
        if let Some(page) = most.page {
            adapters.push(Box::new(PagedResults::new(page)));
        }
        let mut stream = self
            .0
            .with_timeout(PATIENCE)
            .streaming_search_with(adapters, base, scope, filter, attributes)
            .await
            .map_err(failed)?;
        let mut entries = Vec::new();
        while let Some(found) = stream.next().await.map_err(failed)? {
            entries.push(Entry::read(found));
            if entries.len() >= most.entries {
                return Ok(entries);
            }
        }
        match stream.finish().await.rc {
            SUCCESS | NO_SUCH_OBJECT | SIZE_LIMIT | INSUFFICIENT_RIGHTS => Ok(entries),
            rc => {
                tracing::warn!(rc, "a directory could not answer a search");
                Err(away())
            }
        }
    }

    /// One entry by its name.
    pub(crate) async fn entry(
        &mut self,
        dn: &str,
        attributes: Vec<String>,
    ) -> Result<Option<Entry>, Problem> {
        let found = self
            .search((dn, Scope::Base), "(objectClass=*)", attributes, Most::few(1))
            .await?;
        Ok(found.into_iter().next())
    }
}

/// How many entries are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    entries: usize,
    page: Option<i32>,
}

impl Most {
    /// So few that one page holds them.
    pub(crate) fn few(entries: usize) -> Most {
        Most { entries, page: None }
    }

    /// Many, in pages.
    pub(crate) fn paged(entries: usize, page: i32) -> Most {
        let page = Some(page);
        Most { entries, page }
    }
}

const SUCCESS: u32 = 0;
const SIZE_LIMIT: u32 = 4;
const NO_SUCH_OBJECT: u32 = 32;
const INSUFFICIENT_RIGHTS: u32 = 50;
const BUSY: u32 = 51;
const UNAVAILABLE: u32 = 52;
const OTHER: u32 = 80;

fn failed(error: LdapError) -> Problem {
    away().with_source(error)
}

fn away() -> Problem {
    Problem::unavailable("The directory cannot be reached.")
}
