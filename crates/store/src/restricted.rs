//! The role of a restricted administrator: made for one person, and found again by what its description says.

use crate::entity::Entity;
use crate::write::StoreTx;
use contract::{Map, Problem, Value};
use sql::Expr;

/// What the description of such a role says.
const DESCRIPTION: &str =
    "The role of a restricted administrator; written by the access_by_tabs of the record.";

/// Greatest length of a role's name, in characters.
const LONGEST_NAME: usize = 64;

impl StoreTx {
    /// The role that was made for this administrator.
    pub async fn restricted_role(&self, administrator: i64) -> Result<Option<i64>, Problem> {
        let statements = self.statements();
        let bound = statements
            .find(
                "user_to_app_to_role",
                &["id", "role_id"],
                Some(Expr::eq("user_id", administrator)),
            )
            .await?;
        let made = Some(Expr::eq("description", DESCRIPTION));
        let made = statements.find("role", &["id"], made).await?;
        Ok(made
            .iter()
            .filter_map(|role| role.int("id"))
            .find(|id| bound.iter().any(|row| row.int("role_id") == Some(*id))))
    }

    /// Makes the role of an administrator, named after the e-mail address, and gives its key.
    pub async fn create_restricted_role(
        &self,
        administrator: i64,
        access: Vec<Value>,
    ) -> Result<i64, Problem> {
        let row = self
            .statements()
            .first("user", &["id", "email"], Expr::eq("id", administrator))
            .await?;
        let email = row.map(|row| row.string("email")).unwrap_or_default();
        let ending = "'s role";
        let short: String = email.chars().take(LONGEST_NAME - ending.len()).collect();
        let mut name = format!("{short}{ending}");
        let taken = Expr::eq("name_key", name.to_lowercase());
        if self.statements().count("role", Some(taken)).await? > 0 {
            name = format!("restricted administrator {administrator}");
        }
        let role = [
            ("name", Value::from(name)),
            ("description", DESCRIPTION.into()),
            ("is_active", true.into()),
            ("role_service_access_by_role_id", access.into()),
        ];
        let role = Map::from_iter(role.map(|(field, value)| (field.to_owned(), value)));
        self.create(Entity::Role, &role).await
    }

    /// The keys of the records of these names that there are.
    pub async fn ids_by_name(&self, entity: Entity, names: &[&str]) -> Result<Vec<i64>, Problem> {
        let wanted = Expr::In {
            expr: Box::new(Expr::column("name_key")),
            values: names.iter().map(|name| name.to_lowercase().into()).collect(),
            negated: false,
        };
        let rows = self
            .statements()
            .find(entity.table(), &["id"], Some(wanted))
            .await?;
        Ok(rows.iter().filter_map(|row| row.int("id")).collect())
    }

    /// The key of a user's assignment for an app.
    pub async fn assignment(&self, user: i64, app: i64) -> Result<Option<i64>, Problem> {
        let both = Expr::And(vec![Expr::eq("user_id", user), Expr::eq("app_id", app)]);
        let row = self
            .statements()
            .first("user_to_app_to_role", &["id"], both)
            .await?;
        Ok(row.and_then(|row| row.int("id")))
    }
}
