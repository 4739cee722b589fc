//! The first administrator: from the environment, or through a one-time link.

use crate::Refusal;
use async_trait::async_trait;
use contract::{Kind, Problem, Settings, Value};
use http_door::{FirstAdministrator, NewAdministrator};
use serde_json::json;
use store::{NewAdmin, Store};
use subtle::ConstantTimeEq;

/// Makes the administrator that the environment names, unless there is one. Tells whether there is one now.
pub(crate) async fn from_environment(store: &Store, settings: &Settings) -> Result<bool, Refusal> {
    if store.admin_exists().await? {
        return Ok(true);
    }
    let (email, password) = match (&settings.admin_email, &settings.admin_password) {
        (None, None) => return Ok(false),
        (Some(email), Some(password)) => (email.clone(), password.clone()),
        (Some(_), None) => {
            return Err(Refusal::Value(
                "DW_ADMIN_PASSWORD must be set when DW_ADMIN_EMAIL is.".into(),
            ));
        }
        (None, Some(_)) => {
            return Err(Refusal::Value(
                "DW_ADMIN_EMAIL must be set when DW_ADMIN_PASSWORD is.".into(),
            ));
        }
    };
    let admin = NewAdmin {
        email,
        password,
        ..NewAdmin::default()
    };
    match store.create_first_admin(admin).await {
        Ok(_) => tracing::info!("the first administrator was made from DW_ADMIN_EMAIL"),
        // Another node that starts at the same moment was faster.
        Err(problem) if problem.kind == Kind::Conflict => {}
        Err(problem) => return Err(problem.into()),
    }
    Ok(true)
}

/// The one-time link that is printed when a program starts without an administrator. It works until an
/// administrator exists, however that one came to be.
pub(crate) struct OneTimeLink {
    token: String,
    store: Store,
}

impl OneTimeLink {
    pub(crate) fn new(store: Store) -> Result<OneTimeLink, Refusal> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)
            .map_err(|e| Refusal::State(format!("The system gives no random numbers: {e}.")))?;
        Ok(OneTimeLink {
            token: hex::encode(bytes),
            store,
        })
    }

    /// The link below a base such as `http://127.0.0.1:8080`.
    pub(crate) fn link(&self, base: &str) -> String {
        format!("{base}/setup?token={}", self.token)
    }
}

#[async_trait]
impl FirstAdministrator for OneTimeLink {
    async fn admits(&self, token: &str) -> bool {
        let same: bool = self.token.as_bytes().ct_eq(token.as_bytes()).into();
        // When the database cannot tell, nobody is let in.
        same && !self.store.admin_exists().await.unwrap_or(true)
    }

    async fn create(&self, token: &str, new: NewAdministrator) -> Result<Value, Problem> {
        if !self.admits(token).await {
            return Err(Problem::not_found("There is nothing at this address."));
        }
        // The store refuses a second one, also when two forms arrive at the same moment.
        let id = self
            .store
            .create_first_admin(NewAdmin {
                email: new.email,
                password: new.password,
                name: new.name,
                username: new.username,
                first_name: new.first_name,
                last_name: new.last_name,
                phone: new.phone,
            })
            .await?;
        tracing::info!("the first administrator was made through the one-time link");
        let user = self.store.user(id).await?;
        let user = user.ok_or_else(|| Problem::not_found("The administrator was deleted meanwhile."))?;
        Ok(json!({
            "id": user.id,
            "name": user.name,
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "phone": user.phone,
            "is_sys_admin": user.is_sys_admin,
            "is_active": user.is_active,
        }))
    }
}
