//! The catalogue of a database: loaded per table when first needed, kept until the schema is known to have
//! changed, and opened per request with the caller's row filter.

use crate::engine::{Catalogue, Opened};
use crate::{Backend, RawTableName, Table, catalogue, filter};
use async_trait::async_trait;
use contract::extras::{ExtraChange, ServiceExtras, VirtualRelation};
use contract::{Extras, Problem, Request, Settings, Verb};
use hashbrown::HashMap;
use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Tables kept at most; beyond, the cache begins anew, so that a schema of 20,000 tables stays bounded in memory.
const KEPT: usize = 2000;
/// Fields and relations of the kept tables together, at most: a field takes about a kilobyte.
const PARTS_KEPT: usize = 100_000;

pub(super) struct DatabaseCatalogue {
    backend: Arc<dyn Backend>,
    service: i64,
    store: Arc<dyn Extras>,
    extras: RwLock<Option<Arc<ServiceExtras>>>,
    /// The store's revision up to which the extras are known to be right.
    revision: AtomicI64,
    /// Raised whenever everything is forgotten: what was read before must not be kept after.
    epoch: AtomicU64,
    settings: Arc<Settings>,
    list: RwLock<Option<Arc<Vec<RawTableName>>>>,
    /// By exact name, and by lower-case name where no exact one was asked for.
    tables: RwLock<HashMap<String, Arc<Table>>>,
}

impl DatabaseCatalogue {
    pub(super) fn new(
        backend: Arc<dyn Backend>,
        settings: Arc<Settings>,
        service: i64,
        store: Arc<dyn Extras>,
    ) -> DatabaseCatalogue {
        DatabaseCatalogue {
            backend,
            settings,
            service,
            store,
            extras: RwLock::default(),
            revision: AtomicI64::new(i64::MIN),
            epoch: AtomicU64::new(0),
            list: RwLock::default(),
            tables: RwLock::default(),
        }
    }

    /// Id of the service.
    pub(super) fn service(&self) -> i64 {
        self.service
    }

    /// All tables and views in natural order.
    pub(super) async fn tables(&self, refresh: bool) -> Result<Arc<Vec<RawTableName>>, Problem> {
        if refresh {
            self.forget();
        }
        if let Some(list) = &*self.list.read() {
            return Ok(list.clone());
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        let mut list = self.backend.tables().await?;
        list.sort_by_cached_key(|t| natural(&t.public));
        let list = Arc::new(list);
        let mut place = self.list.write();
        if self.epoch.load(Ordering::Acquire) == epoch {
            *place = Some(list.clone());
        }
        Ok(list)
    }

    /// Forgets everything when the extras are not those any more that the kept tables were made with: another node
    /// may have changed them.
    async fn follow(&self) -> Result<(), Problem> {
        let now = self.store.revision();
        if self.revision.load(Ordering::Acquire) >= now {
            return Ok(());
        }
        let kept = self.extras.read().clone();
        if let Some(kept) = kept
            && *kept != self.store.of_service(self.service).await?
        {
            self.forget();
        }
        self.revision.fetch_max(now, Ordering::AcqRel);
        Ok(())
    }

    /// What people added to the service's tables.
    pub(super) async fn extras(&self) -> Result<Arc<ServiceExtras>, Problem> {
        self.follow().await?;
        if let Some(extras) = &*self.extras.read() {
            return Ok(extras.clone());
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        let extras = Arc::new(self.store.of_service(self.service).await?);
        let mut place = self.extras.write();
        if self.epoch.load(Ordering::Acquire) == epoch {
            *place = Some(extras.clone());
        }
        Ok(extras)
    }

    /// Writes extras; the next look at a table sees them.
    pub(super) async fn change_extras(
        &self,
        by: Option<i64>,
        changes: Vec<ExtraChange>,
    ) -> Result<(), Problem> {
        let done = match changes.is_empty() {
            true => Ok(()),
            false => self.store.change(self.service, by, changes).await,
        };
        self.forget();
        done
    }

    /// A virtual relation with the names of the services it leads to.
    pub(super) async fn named(&self, mut relation: VirtualRelation) -> Result<VirtualRelation, Problem> {
        let missing = |id: i64| Problem::bad_request(format!("There is no service with the id {id}."));
        let id = relation.ref_service_id;
        let name = self.store.service_name(id).await?;
        relation.ref_service = name.ok_or_else(|| missing(id))?;
        if let Some(id) = relation.junction_service_id {
            let name = self.store.service_name(id).await?;
            relation.junction_service = Some(name.ok_or_else(|| missing(id))?);
        }
        Ok(relation)
    }

    /// The table behind a name in records: an alias, or the real name of a table that has none.
    pub(super) async fn by_alias(&self, name: &str) -> Result<Option<Arc<Table>>, Problem> {
        let extras = self.extras().await?;
        let is = |alias: &Option<String>| alias.as_ref().is_some_and(|a| a.eq_ignore_ascii_case(name));
        if let Some(extra) = extras.tables.iter().find(|t| is(&t.alias))
            && let Some(table) = self.table(&extra.table).await?
        {
            return Ok(Some(table));
        }
        Ok(self.table(name).await?.filter(|table| table.alias.is_none()))
    }

    /// One table by its real name, exactly or without case. `None` when there is none.
    pub(super) async fn table(&self, name: &str) -> Result<Option<Arc<Table>>, Problem> {
        self.follow().await?;
        let kept = |key: &str| self.tables.read().get(key).cloned();
        if let Some(table) = kept(name) {
            return Ok(Some(table));
        }
        let lower = name.to_lowercase();
        if lower != name
            && let Some(table) = kept(&lower).filter(|t| t.public.to_lowercase() == lower)
        {
            return Ok(Some(table));
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        let Some(raw) = self.backend.describe(name).await? else {
            return Ok(None);
        };
        let extras = self.extras().await?;
        let table = Arc::new(catalogue::table_with(&raw, &extras, self.service));
        let mut tables = self.tables.write();
        if self.epoch.load(Ordering::Acquire) != epoch {
            return Ok(Some(table));
        }
        let kept = tables.values().map(|table| parts(table)).sum::<usize>();
        if tables.len() >= KEPT || kept + parts(&table) > PARTS_KEPT {
            tables.clear();
        }
        if table.public != name {
            tables.insert(lower, table.clone());
        }
        tables.insert(table.public.clone(), table.clone());
        Ok(Some(table))
    }

    /// Forgets everything; it is read anew when needed.
    pub(super) fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        *self.extras.write() = None;
        *self.list.write() = None;
        self.tables.write().clear();
    }

    /// A table for a request to describe or use, or 404.
    pub(super) async fn existing(&self, name: &str) -> Result<Arc<Table>, Problem> {
        let found = self.table(name).await?;
        found.ok_or_else(|| unknown(name))
    }
}

fn parts(table: &Table) -> usize {
    table.fields.len() + table.relations.len()
}

fn unknown(name: &str) -> Problem {
    Problem::not_found(format!("Table \"{name}\" does not exist in the database."))
}

#[async_trait]
impl Catalogue for DatabaseCatalogue {
    async fn open(&self, request: &Request, name: &str, verb: Verb) -> Result<Opened, Problem> {
        let found = self.by_alias(name).await?;
        let table = found.ok_or_else(|| unknown(name))?;
        let row_filter = request.permit(&["_table/", &table.name].concat(), verb)?;
        let condition = match row_filter {
            Some(rows) => filter::row_filter(&rows, &table, &request.caller, &self.settings)?,
            None => None,
        };
        Ok(Opened { table, condition })
    }

    async fn shown_name(&self, real: &str) -> Result<String, Problem> {
        let table = self.table(real).await?;
        Ok(table.map_or_else(|| real.to_owned(), |table| table.name.clone()))
    }
}

/// A key that sorts names as people do: without case, runs of digits by their value.
pub(super) fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, u64)> = vec![(String::new(), 0)];
    let mut in_digits = false;
    for c in name.chars().flat_map(char::to_lowercase) {
        match (c.to_digit(10), parts.last_mut()) {
            (Some(digit), Some((_, number))) => {
                *number = number.saturating_mul(10).saturating_add(u64::from(digit));
                in_digits = true;
            }
            (None, Some((text, _))) if !in_digits => text.push(c),
            _ => {
                parts.push((c.to_string(), 0));
                in_digits = false;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn digits_sort_by_value() {
        let mut names = ["t10", "T2", "t1", "a", "t"];
        names.sort_by_key(|n| natural(n));
        assert_eq!(names, ["a", "t", "t1", "T2", "t10"]);
    }
}
