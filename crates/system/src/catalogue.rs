//! The faces as the record engine's catalogue.

use crate::computed;
use crate::face::Face;
use async_trait::async_trait;
use contract::{Map, Problem, Request, Settings, Value, Verb};
use records::plan::{Condition, Target};
use records::{Catalogue, Opened, Table};
use sql::Scalar;
use std::sync::Arc;
use store::Store;

/// Opens faces.
pub(crate) struct FaceCatalogue {
    pub(crate) store: Store,
    pub(crate) settings: Arc<Settings>,
}

#[async_trait]
impl Catalogue for FaceCatalogue {
    async fn open(&self, request: &Request, name: &str, verb: Verb) -> Result<Opened, Problem> {
        let face =
            Face::find(name).ok_or_else(|| Problem::not_found(format!("Resource '{name}' not found.")))?;
        let face = face.seen_by(&request.caller);
        // The gate has let the request's own component through; another face's rows, reached through a relation,
        // need a grant there. The row filter counts in both cases.
        let row_filter = match face.component {
            Some(component) if is_under(&request.path, component) => request.row_filter(component, verb),
            Some(component) => request.permit(component, verb)?,
            None => None,
        };
        let table = face.table();
        let filtered = match row_filter {
            Some(rows) => records::filter::row_filter(&rows, &table, &request.caller, &self.settings)?,
            None => None,
        };
        let own = if face.name == "service" {
            self.own_services(request).await?
        } else {
            None
        };
        Ok(Opened {
            condition: Condition::and(
                filtered,
                Condition::and(
                    face.condition(request.caller.user.as_ref().map(|user| user.id)),
                    own,
                ),
            ),
            table,
        })
    }

    fn completes(&self, _table: &Table) -> bool {
        true
    }

    async fn complete(
        &self,
        request: &Request,
        table: &Table,
        rows: &mut [Map<String, Value>],
    ) -> Result<(), Problem> {
        match Face::find(&table.name) {
            Some(face) => computed::complete(&self.store, face, request, rows).await,
            None => Ok(()),
        }
    }

    fn strict_relations(&self) -> bool {
        true
    }
}

impl FaceCatalogue {
    /// Who is no unrestricted administrator sees the services that the own role names.
    async fn own_services(&self, request: &Request) -> Result<Option<Condition>, Problem> {
        let caller = &request.caller;
        if caller.role.is_none() && caller.user.as_ref().is_some_and(|u| u.is_sys_admin) {
            return Ok(None);
        }
        let mut ids: Vec<i64> = self
            .store
            .service_names()
            .await?
            .into_keys()
            .filter(|id| caller.touches(*id))
            .collect();
        ids.sort_unstable();
        let field = Face::find("service")
            .and_then(|f| f.table().field("id"))
            .unwrap_or_default();
        Ok(Some(Condition::In(
            Target::Field(field),
            ids.into_iter().map(Scalar::Int).collect(),
        )))
    }
}

/// Whether a request's path is this component or lies below it: the pipeline has let it through.
fn is_under(path: &str, component: &str) -> bool {
    path.split('/')
        .next()
        .is_some_and(|head| head.eq_ignore_ascii_case(component))
}
