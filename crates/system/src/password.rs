//! Changing a password: while logged in, by a code that was sent, or by the answer to a security question.

use crate::answer::{issuer, sent, sent_flag, success};
use crate::mail::{CodeMail, Purpose};
use contract::{Problem, Request, Response};
use platform::{Attempt, Platform};
use serde_json::json;
use store::password::{self, Check};
use store::{CodeCheck, UserRow};

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
        let sessions = platform.sessions();
        sessions
            .change_password(user.id, &old, &new, request.peer)
            .await?;
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

    fn attribute(&self) -> &'static str {
        match self.platform.settings().login_attribute.as_str() {
            "username" => "username",
            _ => "email",
        }
    }

    /// What names the user whose password is to be recovered.
    fn login(&self) -> Result<String, Problem> {
        let attribute = self.attribute();
        sent(self.request, attribute).ok_or_else(|| {
            Problem::bad_request(format!(
                "Missing required {attribute} for password reset confirmation."
            ))
        })
    }

    /// The user of this login, and the attempt to recover the password. Asking for many logins that do not exist is
    /// slowed down like failed logins.
    async fn user(&self, login: &str, missing: &str) -> Result<(UserRow, Attempt), Problem> {
        let attempt = self.platform.sessions().admit(login, self.request.peer).await?;
        let by_username = self.attribute() == "username";
        let found = self.platform.store().user_by_login(by_username, login).await?;
        // Who logs in at a login service has no password here, and gets none.
        let Some(user) = found.filter(|user| user.login_service.is_none()) else {
            attempt.failed().await?;
            return Err(Problem::not_found(
                missing.replace("{attribute}", self.attribute()),
            ));
        };
        if user.is_sys_admin != self.administrator {
            return Err(Problem::unauthorized(format!(
                "You are not authorized to reset/change password for the account {login}"
            )));
        }
        Ok((user, attempt))
    }

    fn new_password(&self) -> Result<String, Problem> {
        sent(self.request, "new_password")
            .ok_or_else(|| Problem::bad_request("Missing new password for reset."))
    }

    /// The security question of a user who has one; else a code by mail.
    async fn request_reset(&self) -> Result<Response, Problem> {
        const UNKNOWN: &str = "The supplied {attribute} was not found in the system.";
        let (user, attempt) = self.user(&self.login()?, UNKNOWN).await?;
        if let Some(question) = user
            .security_question
            .as_ref()
            .filter(|question| !question.is_empty())
        {
            return Ok(Response::value(json!({"security_question": question})));
        }
        let way = CodeMail::of(self.platform, Purpose::Reset, self.administrator).await?;
        let way = way.filter(|_| user.is_active).ok_or_else(|| {
            Problem::bad_request(
                "No security question found or email confirmation available for this user. Please contact your \
                 administrator.",
            )
        })?;
        // Counted like a failed guess: nobody may fill a mailbox.
        attempt.failed().await?;
        way.send(self.platform, &user, None).await?;
        Ok(success())
    }

    async fn by_code(&self, code: &str) -> Result<Response, Problem> {
        const UNKNOWN: &str =
            "The supplied {attribute} and/or confirmation code were not found in the system.";
        let new = self.new_password()?;
        let login = self.login()?;
        let (user, attempt) = self.user(&login, UNKNOWN).await?;
        let store = self.platform.store();
        match store.change_password_by_code(user.id, code, &new).await? {
            CodeCheck::Right => self.done(user.id).await,
            CodeCheck::Expired => Err(Problem::bad_request("Confirmation code expired.")),
            CodeCheck::Wrong => {
                attempt.failed().await?;
                Err(Problem::not_found(
                    UNKNOWN.replace("{attribute}", self.attribute()),
                ))
            }
        }
    }

    async fn by_answer(&self, answer: String) -> Result<Response, Problem> {
        const UNKNOWN: &str = "The supplied {attribute} was not found in the system.";
        let new = self.new_password()?;
        let login = self.login()?;
        let (user, attempt) = self.user(&login, UNKNOWN).await?;
        let hash = self.platform.store().answer_hash(user.id).await?;
        if password::check(hash, answer).await? == Check::Wrong {
            attempt.failed().await?;
            return Err(Problem::bad_request("The answer supplied does not match."));
        }
        self.platform.store().change_password(user.id, &new).await?;
        self.done(user.id).await
    }
}
