//! Changing a password: while logged in, by a code that was sent, or by the answer to a security question.

use crate::answer::{issuer, sent, sent_flag, success};
use chrono::{DateTime, Duration, Utc};
use contract::{Kind, Problem, Request, Response};
use platform::Platform;
use serde_json::json;
use store::UserRow;
use store::password::{self, Check};

/// Hours that a confirmation code is good for.
const CODE_HOURS: i64 = 24;

/// Answers `admin/password` (`administrator`) or `password`.
pub(crate) async fn answer(
    platform: &Platform,
    request: &Request,
    administrator: bool,
) -> Result<Response, Problem> {
    let change = Change {
        platform,
        request,
        administrator,
    };
    if let (Some(old), Some(user)) = (sent(request, "old_password"), &request.caller.user) {
        let new = sent(request, "new_password").ok_or_else(|| {
            Problem::bad_request("Both old and new password are required to change the password.")
        })?;
        platform.sessions().change_password(user.id, &old, &new).await?;
        return change.done(user.id).await;
    }
    if sent_flag(request, "reset") {
        return change.request_reset().await;
    }
    if let Some(code) = sent(request, "code") {
        return change.by_code(&code).await;
    }
    if let Some(answer) = sent(request, "security_answer") {
        return change.by_answer(answer).await;
    }
    Err(Problem::bad_request(
        "Not enough information provided to change password.",
    ))
}

struct Change<'a> {
    platform: &'a Platform,
    request: &'a Request,
    administrator: bool,
}

impl Change<'_> {
    /// `{"success":true}`, with a token when `login` asks for one.
    async fn done(&self, user: i64) -> Result<Response, Problem> {
        if !sent_flag(self.request, "login") {
            return Ok(success());
        }
        let token = self
            .platform
            .sessions()
            .issue(user, &issuer(self.request))
            .await?;
        Ok(Response::value(json!({"success": true, "session_token": token})))
    }

    /// The user whose password is to be recovered.
    async fn user(&self, missing: &str) -> Result<UserRow, Problem> {
        let by_username = self.platform.settings().login_attribute == "username";
        let attribute = if by_username { "username" } else { "email" };
        let login = sent(self.request, attribute).ok_or_else(|| {
            Problem::bad_request(format!(
                "Missing required {attribute} for password reset confirmation."
            ))
        })?;
        let user = self.platform.store().user_by_login(by_username, &login).await?;
        let user = user.ok_or_else(|| Problem::not_found(missing.replace("{attribute}", attribute)))?;
        if user.is_sys_admin != self.administrator {
            return Err(Problem::unauthorized(format!(
                "You are not authorized to reset/change password for the account {login}"
            )));
        }
        Ok(user)
    }

    fn new_password(&self) -> Result<String, Problem> {
        sent(self.request, "new_password")
            .ok_or_else(|| Problem::bad_request("Missing new password for reset."))
    }

    async fn request_reset(&self) -> Result<Response, Problem> {
        let user = self
            .user("The supplied {attribute} was not found in the system.")
            .await?;
        match user.security_question.filter(|question| !question.is_empty()) {
            Some(question) => Ok(Response::value(json!({"security_question": question}))),
            None => Err(Problem::new(
                Kind::Internal,
                "No security question found or email confirmation available for this user. Please contact your \
                 administrator.",
            )),
        }
    }

    async fn by_code(&self, code: &str) -> Result<Response, Problem> {
        const UNKNOWN: &str =
            "The supplied {attribute} and/or confirmation code were not found in the system.";
        let new = self.new_password()?;
        let user = self.user(UNKNOWN).await?;
        let recovery = self.platform.store().recovery(user.id).await?.unwrap_or_default();
        // `y` marks an account that was confirmed; it is no code.
        let stored = recovery.code.filter(|stored| stored != "y");
        if !stored.is_some_and(|stored| same(&stored, code)) {
            let attribute = &self.platform.settings().login_attribute;
            return Err(Problem::not_found(UNKNOWN.replace("{attribute}", attribute)));
        }
        let since = DateTime::parse_from_rfc3339(&recovery.since).ok();
        if since.is_none_or(|since| since + Duration::hours(CODE_HOURS) < Utc::now()) {
            return Err(Problem::bad_request("Confirmation code expired."));
        }
        self.platform.store().change_password(user.id, &new).await?;
        self.done(user.id).await
    }

    async fn by_answer(&self, answer: String) -> Result<Response, Problem> {
        let new = self.new_password()?;
        let user = self
            .user("The supplied {attribute} was not found in the system.")
            .await?;
        let recovery = self.platform.store().recovery(user.id).await?.unwrap_or_default();
        if password::check(recovery.answer_hash, answer).await? == Check::Wrong {
            return Err(Problem::bad_request("The answer supplied does not match."));
        }
        self.platform.store().change_password(user.id, &new).await?;
        self.done(user.id).await
    }
}

/// Compares without telling by the time how much fits.
fn same(stored: &str, sent: &str) -> bool {
    stored.len() == sent.len()
        && stored
            .bytes()
            .zip(sent.bytes())
            .fold(0, |diff, (a, b)| diff | (a ^ b))
            == 0
}
