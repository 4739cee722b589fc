//! Mails that carry a confirmation code: invitation, registration, password reset.
//!
//! The link in a mail is made of the settings alone, never of the request: whoever asks for a reset of somebody else's
//! password must not choose where the link leads.

use contract::{Map, Params, Payload, Problem, Response, Settings, Value};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use platform::Platform;
use serde_json::json;
use store::{ServiceRow, UserRow, new_code};

/// Why a code is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Invite,
    Registration,
    Reset,
}

impl Purpose {
    /// The keys of the configuration that name the e-mail service and the template.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Purpose::Invite => ("invite_email_service_id", "invite_email_template_id"),
            Purpose::Registration => ("open_reg_email_service_id", "open_reg_email_template_id"),
            Purpose::Reset => ("password_email_service_id", "password_email_template_id"),
        }
    }

    fn page(self, settings: &Settings) -> &str {
        match self {
            Purpose::Invite => &settings.confirm_invite_url,
            Purpose::Registration => &settings.confirm_register_url,
            Purpose::Reset => &settings.confirm_reset_url,
        }
    }
}

/// A way to send codes, as an administrator has set it up.
pub(crate) struct CodeMail {
    purpose: Purpose,
    service: i64,
    template: Option<i64>,
}

impl CodeMail {
    /// The way for users (`user`) or administrators (`system`); `None` when no e-mail service is set.
    pub(crate) async fn of(
        platform: &Platform,
        purpose: Purpose,
        administrator: bool,
    ) -> Result<Option<CodeMail>, Problem> {
        let kind = if administrator { "system" } else { "user" };
        let services = platform.store().policy().await?.services;
        let service = services.into_iter().find(|service| service.kind == kind);
        Ok(service.and_then(|service| CodeMail::configured(&service, purpose)))
    }

    /// The way that a service's configuration names.
    pub(crate) fn configured(service: &ServiceRow, purpose: Purpose) -> Option<CodeMail> {
        let (of_service, of_template) = purpose.keys();
        let id = |name: &str| service.config.get(name).and_then(Value::as_i64);
        Some(CodeMail {
            purpose,
            service: id(of_service)?,
            template: id(of_template),
        })
    }

    /// Opens a code for a user and sends it. When it cannot be sent, the code is closed again and the refusal says why.
    pub(crate) async fn send(
        &self,
        platform: &Platform,
        user: &UserRow,
        by: Option<i64>,
    ) -> Result<(), Problem> {
        let settings = platform.settings();
        let code = new_code(usize::try_from(settings.confirm_code_length).unwrap_or(32))?;
        let seconds = i64::try_from(settings.confirm_code_ttl.saturating_mul(60)).unwrap_or(i64::MAX);
        let tx = platform.store().begin(by).await?;
        tx.open_code(user.id, &code, seconds, self.purpose != Purpose::Reset)
            .await?;
        tx.commit().await?;
        match self.deliver(platform, user, &code).await {
            Ok(_) => Ok(()),
            Err(problem) => {
                let tx = platform.store().begin(by).await?;
                tx.close_code(user.id).await?;
                tx.commit().await?;
                Err(problem)
            }
        }
    }

    async fn deliver(&self, platform: &Platform, user: &UserRow, code: &str) -> Result<Response, Problem> {
        let settings = platform.settings();
        let mut body = Map::new();
        let subject = match self.purpose {
            Purpose::Invite => "Invitation",
            Purpose::Registration => "Registration",
            Purpose::Reset => "Password reset",
        };
        let values = [
            ("to", json!([{"email": user.email, "name": user.name}])),
            (
                "first_name",
                json!(user.first_name.as_deref().unwrap_or(&user.name)),
            ),
            ("last_name", json!(user.last_name.as_deref().unwrap_or_default())),
            ("name", json!(user.name)),
            ("email", json!(user.email)),
            ("phone", json!(user.phone.as_deref().unwrap_or_default())),
            ("link", json!(self.link(settings, user, code))),
            ("confirm_code", json!(code)),
            ("content_header", json!(subject)),
            ("app_name", json!(settings.app_name)),
            ("instance_name", json!(settings.app_name)),
        ];
        body.extend(values.map(|(name, value)| (name.to_owned(), value)));
        let mut params = Vec::new();
        match self.template {
            Some(id) => params.push(("template_id".to_owned(), id.to_string())),
            None => {
                body.insert(
                    "subject".into(),
                    json!(format!("{subject}: {}", settings.app_name)),
                );
                body.insert("body_text".into(), json!("{link}\n\n{confirm_code}\n"));
            }
        }
        let payload = Payload::Value(Value::Object(body));
        platform
            .post_internally(self.service, Params(params), payload, &settings.public_url())
            .await
    }

    fn link(&self, settings: &Settings, user: &UserRow, code: &str) -> String {
        let page = self.purpose.page(settings);
        let mut link = match page.contains("://") {
            true => page.to_owned(),
            false => format!("{}/{}", settings.public_url(), page.trim_start_matches('/')),
        };
        let values = [
            ("code", code),
            ("email", user.email.as_str()),
            ("username", user.username.as_deref().unwrap_or(&user.email)),
            ("admin", if user.is_sys_admin { "1" } else { "0" }),
        ];
        for (name, value) in values {
            link.push(if link.contains('?') { '&' } else { '?' });
            link.push_str(name);
            link.push('=');
            link.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        link
    }
}
