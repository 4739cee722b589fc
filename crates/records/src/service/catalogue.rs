//! The catalogue of a database: loaded per table when first needed, kept until the schema is known to have
//! changed, and opened per request with the caller's row filter.

use crate::engine::{Catalogue, Opened};
use crate::{Backend, RawTableName, Table, catalogue, filter};
use async_trait::async_trait;
use contract::{Problem, Request, Settings, Verb};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// Tables kept at most; beyond, the cache begins anew, so that a schema of 20,000 tables stays bounded in memory.
const KEPT: usize = 2000;

pub(super) struct DatabaseCatalogue {
    backend: Arc<dyn Backend>,
    settings: Arc<Settings>,
    list: RwLock<Option<Arc<Vec<RawTableName>>>>,
    /// By exact name, and by lower-case name where no exact one was asked for.
    tables: RwLock<HashMap<String, Arc<Table>>>,
}

impl DatabaseCatalogue {
    pub(super) fn new(backend: Arc<dyn Backend>, settings: Arc<Settings>) -> DatabaseCatalogue {
        DatabaseCatalogue {
            backend,
            settings,
            list: RwLock::default(),
            tables: RwLock::default(),
        }
    }

    /// All tables and views in natural order.
    pub(super) async fn tables(&self, refresh: bool) -> Result<Arc<Vec<RawTableName>>, Problem> {
        if refresh {
            self.forget();
        }
        if let Some(list) = &*self.list.read() {
            return Ok(list.clone());
        }
        let mut list = self.backend.tables().await?;
        list.sort_by_cached_key(|t| natural(&t.public));
        let list = Arc::new(list);
        *self.list.write() = Some(list.clone());
        Ok(list)
    }

    /// One table by its name, exactly or without case. `None` when there is none.
    pub(super) async fn table(&self, name: &str) -> Result<Option<Arc<Table>>, Problem> {
        let kept = |key: &str| self.tables.read().get(key).cloned();
        if let Some(table) = kept(name) {
            return Ok(Some(table));
        }
        let lower = name.to_lowercase();
        if lower != name
            && let Some(table) = kept(&lower).filter(|t| t.name.to_lowercase() == lower)
        {
            return Ok(Some(table));
        }
        let Some(raw) = self.backend.describe(name).await? else {
            return Ok(None);
        };
        let table = Arc::new(catalogue::table(&raw));
        let mut tables = self.tables.write();
        if tables.len() >= KEPT {
            tables.clear();
        }
        if table.name != name {
            tables.insert(lower, table.clone());
        }
        tables.insert(table.name.clone(), table.clone());
        Ok(Some(table))
    }

    /// Forgets everything; it is read anew when needed.
    pub(super) fn forget(&self) {
        *self.list.write() = None;
        self.tables.write().clear();
    }

    /// A table for a request to describe or use, or 404.
    pub(super) async fn existing(&self, name: &str) -> Result<Arc<Table>, Problem> {
        let found = self.table(name).await?;
        found.ok_or_else(|| Problem::not_found(format!("Table \"{name}\" does not exist in the database.")))
    }
}

#[async_trait]
impl Catalogue for DatabaseCatalogue {
    async fn open(&self, request: &Request, name: &str, verb: Verb) -> Result<Opened, Problem> {
        let table = self.existing(name).await?;
        let row_filter = request.permit(&format!("_table/{}", table.name), verb)?;
        let condition = match row_filter {
            Some(rows) => filter::row_filter(&rows, &table, &request.caller, &self.settings)?,
            None => None,
        };
        Ok(Opened { table, condition })
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
