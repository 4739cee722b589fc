//! Records that clients know by name rather than by number.

use crate::statements::is_null;
use crate::{Entity, Store};
use contract::Problem;
use sql::Expr;

impl Store {
    /// The id of a record by its name, compared without case. A user's own settings are looked for among those of
    /// `owner`.
    pub async fn id_by_name(
        &self,
        entity: Entity,
        owner: Option<i64>,
        name: &str,
    ) -> Result<Option<i64>, Problem> {
        let mut conditions = vec![Expr::eq("name_key", name.to_lowercase())];
        if entity == Entity::UserCustom {
            conditions.push(owner.map_or_else(|| is_null("user_id"), |id| Expr::eq("user_id", id)));
        }
        let row = self
            .statements()
            .first(entity.table(), &["id"], Expr::And(conditions))
            .await?;
        Ok(row.and_then(|row| row.int("id")))
    }

    /// The name of a record.
    pub async fn name_of(&self, entity: Entity, id: i64) -> Result<Option<String>, Problem> {
        let row = self
            .statements()
            .first(entity.table(), &["id", "name"], Expr::eq("id", id))
            .await?;
        Ok(row.and_then(|row| row.text("name")))
    }
}
