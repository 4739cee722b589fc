//! Deleting: what may not go, and what goes with it.

use crate::entity::Entity;
use crate::extras;
use crate::limit;
use crate::statements::Row;
use crate::write::StoreTx;
use contract::Problem;
use sql::{Expr, Scalar};

/// Rows that belong to a deleted record, as table and column.
fn belongings(entity: Entity) -> &'static [(&'static str, &'static str)] {
    match entity {
        Entity::Service => &[
            ("role_service_access", "service_id"),
            ("service_doc", "service_id"),
            (extras::TABLES, "service_id"),
            (extras::FIELDS, "service_id"),
            (extras::RELATIONS, "service_id"),
            (extras::VIRTUAL, "service_id"),
            (extras::VIRTUAL, "ref_service_id"),
            (extras::VIRTUAL, "junction_service_id"),
            ("login_begun", "service_id"),
            ("oauth_token_map", "service_id"),
        ],
        Entity::Role => &[
            ("role_service_access", "role_id"),
            ("user_to_app_to_role", "role_id"),
            ("lookup", "role_id"),
            ("role_adldap", "role_id"),
        ],
        Entity::App => &[("user_to_app_to_role", "app_id"), ("lookup", "app_id")],
        Entity::Admin | Entity::User => &[
            ("user_to_app_to_role", "user_id"),
            ("lookup", "user_id"),
            ("user_custom", "user_id"),
            ("confirmation", "user_id"),
            ("login_identity", "user_id"),
            ("oauth_token_map", "user_id"),
            ("revoked_token", "user_id"),
        ],
        _ => &[],
    }
}

/// Columns that point at a deleted record and become null.
fn pointers(entity: Entity) -> &'static [(&'static str, &'static str)] {
    match entity {
        Entity::Service => &[
            ("app", "storage_service_id"),
            ("event_script", "storage_service_id"),
        ],
        Entity::Role => &[("app", "role_id")],
        Entity::App => &[("user", "default_app_id")],
        _ => &[],
    }
}

impl StoreTx {
    pub(crate) async fn remove(&self, entity: Entity, row: &Row) -> Result<(), Problem> {
        let id = row.int("id").unwrap_or_default();
        self.may_remove(entity, row, id).await?;
        self.note_deleted(entity, id).await?;
        self.release_tasks(entity, id).await?;
        let statements = self.statements();
        for (table, column) in belongings(entity).iter().copied().chain(limit::belonging(entity)) {
            statements.delete(table, Expr::eq(column, id)).await?;
        }
        for (table, column) in pointers(entity) {
            statements
                .update(
                    table,
                    vec![(column, Expr::Bind(Scalar::Null))],
                    Expr::eq(*column, id),
                )
                .await?;
        }
        statements.delete(entity.table(), Expr::eq("id", id)).await?;
        Ok(())
    }

    async fn may_remove(&self, entity: Entity, row: &Row, id: i64) -> Result<(), Problem> {
        match entity {
            Entity::Service if !row.flag("deletable") => Err(Problem::bad_request(format!(
                "The service '{}' cannot be deleted.",
                row.string("name")
            ))),
            Entity::Admin | Entity::User if self.by() == Some(id) => {
                Err(Problem::forbidden("Cannot delete your account."))
            }
            Entity::Admin if row.flag("is_active") && self.other_unrestricted(Some(id)).await? == 0 => Err(
                Problem::bad_request("The last active administrator cannot be deleted."),
            ),
            _ => Ok(()),
        }
    }
}
