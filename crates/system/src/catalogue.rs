//! The faces as the record engine's catalogue.

use crate::computed;
use crate::face::Face;
use async_trait::async_trait;
use contract::{Map, Problem, Request, Value, Verb};
use records::plan::{Condition, Target};
use records::{Catalogue, Opened, Table};
use sql::Scalar;
use store::Store;

/// Opens faces.
pub(crate) struct FaceCatalogue {
    pub(crate) store: Store,
}

#[async_trait]
impl Catalogue for FaceCatalogue {
    async fn open(&self, request: &Request, name: &str, verb: Verb) -> Result<Opened, Problem> {
        let face =
            Face::find(name).ok_or_else(|| Problem::not_found(format!("Resource '{name}' not found.")))?;
        if let Some(component) = face.component
            && !is_under(&request.path, component)
        {
            // Another face's rows, reached through a relation: the caller needs to be allowed to read them there.
            request.permit(component, verb)?;
        }
        let own = if face.name == "service" {
            self.own_services(request).await?
        } else {
            None
        };
        Ok(Opened {
            table: face.table(),
            condition: Condition::and(
                face.condition(request.caller.user.as_ref().map(|user| user.id)),
                own,
            ),
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
            Some(face) => computed::complete(&self.store, face, &request.base_url, rows).await,
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
