//! The current generation, and how it becomes the next.

use crate::generation::{Generation, User};
use arc_swap::ArcSwap;
use contract::{Problem, Settings};
use parking_lot::{Mutex, RwLock};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use store::Store;

/// Holds the current generation and the revoked tokens.
pub(crate) struct Current {
    pub(crate) store: Arc<Store>,
    pub(crate) settings: Arc<Settings>,
    generation: ArcSwap<Generation>,
    /// The store's number from just before `generation` was read: a write in between means one more reload.
    number: AtomicI64,
    reload: tokio::sync::Mutex<()>,
    revoked: RwLock<Revoked>,
    forgot: Mutex<Instant>,
}

/// How often expired revocations are removed.
const FORGET_EVERY: Duration = Duration::from_secs(3600);

#[derive(Default)]
struct Revoked {
    tokens: HashSet<Box<str>>,
    /// Revocations made here so far; a list read from the store before one of them does not replace the set.
    made_here: u64,
}

impl Current {
    pub(crate) async fn load(store: Arc<Store>, settings: Arc<Settings>) -> Result<Current, Problem> {
        let number = store.generation();
        let first = Generation::new(&store.policy().await?, None, &settings);
        let current = Current {
            store,
            settings,
            generation: ArcSwap::from_pointee(first),
            number: AtomicI64::new(number),
            reload: tokio::sync::Mutex::default(),
            revoked: RwLock::default(),
            forgot: Mutex::new(Instant::now()),
        };
        current
            .store
            .forget_expired_tokens(chrono::Utc::now().timestamp())
            .await?;
        current.load_revoked().await?;
        Ok(current)
    }

    /// The generation that the store is at. Ordinarily an atomic read; after a write, one caller reloads and the
    /// others wait for it. When the store cannot be read, that is the answer: old rights are not good enough.
    pub(crate) async fn get(&self) -> Result<Arc<Generation>, Problem> {
        match self.is_fresh() {
            true => Ok(self.generation.load_full()),
            // In a place of its own: it is rare, and would take room in every call.
            false => Box::pin(self.renewed()).await,
        }
    }

    async fn renewed(&self) -> Result<Arc<Generation>, Problem> {
        let _one = self.reload.lock().await;
        if !self.is_fresh() {
            let number = self.store.generation();
            let rows = self.store.policy().await?;
            let next = Generation::new(&rows, Some(&self.generation.load()), &self.settings);
            self.load_revoked().await?;
            self.generation.store(Arc::new(next));
            self.number.store(number, Ordering::Release);
            tracing::debug!(generation = rows.generation, "policy reloaded");
        }
        Ok(self.generation.load_full())
    }

    fn is_fresh(&self) -> bool {
        self.number.load(Ordering::Acquire) == self.store.generation()
    }

    /// A user by id, from this generation's memory or the store.
    pub(crate) async fn user(&self, generation: &Generation, id: i64) -> Result<Option<Arc<User>>, Problem> {
        if let Some(user) = generation.known_user(id) {
            return Ok(Some(user));
        }
        Ok(self
            .store
            .user(id)
            .await?
            .map(|row| generation.remember_user(row)))
    }

    pub(crate) fn is_revoked(&self, jti: &str) -> bool {
        self.revoked.read().tokens.contains(jti)
    }

    /// Refuses a token from now on, here at once and everywhere through the store.
    pub(crate) async fn revoke(&self, jti: &str, user: i64, until: i64) -> Result<(), Problem> {
        self.store.revoke(jti, user, until).await?;
        let mut revoked = self.revoked.write();
        revoked.tokens.insert(jti.into());
        revoked.made_here += 1;
        Ok(())
    }

    /// Now and then, forgets the revoked tokens and failed logins that have expired.
    pub(crate) async fn forget_expired_tokens(&self) -> Result<(), Problem> {
        {
            let mut forgot = self.forgot.lock();
            if forgot.elapsed() < FORGET_EVERY {
                return Ok(());
            }
            *forgot = Instant::now();
        }
        let now = chrono::Utc::now();
        self.store.remove_ended_attempts(now.timestamp_millis()).await?;
        self.store.forget_expired_tokens(now.timestamp()).await
    }

    /// Reads the revoked tokens of all nodes.
    pub(crate) async fn load_revoked(&self) -> Result<(), Problem> {
        let before = self.revoked.read().made_here;
        let list = self.store.revoked(chrono::Utc::now().timestamp()).await?;
        let list = list.into_iter().map(String::into_boxed_str);
        let mut revoked = self.revoked.write();
        if revoked.made_here == before {
            revoked.tokens = list.collect();
        } else {
            revoked.tokens.extend(list);
        }
        Ok(())
    }
}
