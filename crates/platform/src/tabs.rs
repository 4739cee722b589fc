//! The tabs of restricted administrators, with the services of this instance.

use crate::Platform;
use crate::policy::tabs::{Grouped, TabGrant, grants_of_tabs, tabs_of_role};
use crate::policy::{Role, Snapshot};
use contract::Problem;

impl Platform {
    /// The tabs that a role opens; none for a role that does not exist.
    pub async fn accessible_tabs(&self, role: i64) -> Result<Vec<&'static str>, Problem> {
        let generation = self.current.get().await?;
        let snapshot = generation.snapshot();
        let role = snapshot.role(role);
        Ok(role.map_or_else(Vec::new, |role| self.tabs_of(role, snapshot)))
    }

    /// The grants of a role that opens these tabs, with the services that there are now.
    pub async fn grants_of_tabs(&self, tabs: &[&str]) -> Result<Vec<TabGrant>, Problem> {
        let generation = self.current.get().await?;
        Ok(grants_of_tabs(tabs, &self.grouped(generation.snapshot())))
    }

    pub(crate) fn tabs_of(&self, role: &Role, snapshot: &Snapshot) -> Vec<&'static str> {
        tabs_of_role(role, &self.grouped(snapshot))
    }

    fn grouped<'a>(&self, snapshot: &'a Snapshot) -> Vec<Grouped<'a>> {
        let group = |kind: &str| {
            let known = self.types().iter().find(|known| known.name == kind);
            known.map_or("", |known| known.group)
        };
        snapshot
            .services()
            .iter()
            .map(|facts| Grouped {
                id: facts.reference.id,
                kind: &facts.kind,
                group: group(&facts.kind),
            })
            .collect()
    }
}
