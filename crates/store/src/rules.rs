//! What must hold of each entity before it is written.

mod resources;
mod scheduler;

use crate::entity::Entity;
use crate::password::{self, MIN_LENGTH};
use crate::statements::Row;
use crate::values::{FieldErrors, Values, required, taken};
use crate::write::{LOOKUP_PLACE, Owner, StoreTx};
use crate::{cipher::Cipher, config};
use contract::{MASK, Map, Problem, Value};
use sql::{BinaryOp, Expr, Scalar};

/// Least length of a user name, in characters.
const MIN_USERNAME: usize = 6;
/// Greatest length of a distinguished name, in characters: what an index holds in every database.
const LONGEST_DN: usize = 500;
/// Length of a key that we make, and the least one that is accepted.
const API_KEY_LENGTH: usize = 64;

/// 64 hexadecimal digits from the system's random numbers.
pub(crate) fn new_api_key() -> Result<String, Problem> {
    let mut bytes = [0u8; API_KEY_LENGTH / 2];
    getrandom::fill(&mut bytes).map_err(|e| Problem::internal(e.to_string()))?;
    Ok(hex::encode(bytes))
}

/// What the rules look at: the row as it is, and what is to become of it.
pub(crate) struct Change<'a> {
    pub(crate) row: Option<&'a Row>,
    pub(crate) owner: Owner,
    pub(crate) values: &'a mut Values,
    pub(crate) record: &'a Map<String, Value>,
    pub(crate) errors: &'a mut FieldErrors,
}

impl Change<'_> {
    fn is_new(&self) -> bool {
        self.row.is_none()
    }

    pub(crate) fn id(&self) -> Option<i64> {
        self.row.and_then(|r| r.int("id"))
    }

    /// A value after the change: what was sent, else what is stored.
    pub(crate) fn after(&self, name: &str) -> Option<String> {
        match self.values.get(name) {
            Some(value) => value.to_text(),
            None => self.row.and_then(|r| r.text(name)),
        }
    }

    pub(crate) fn int_after(&self, name: &str) -> Option<i64> {
        match self.values.get(name) {
            Some(value) => value.to_int(),
            None => self.row.and_then(|r| r.int(name)),
        }
    }

    /// A new record needs the value; an existing one must not lose it. An empty value counts as absent.
    pub(crate) fn require(&mut self, name: &'static str) {
        self.require_or(name, &required(name));
    }

    /// The same with a message of its own.
    fn require_or(&mut self, name: &'static str, message: &str) {
        let empty = self.values.text(name).is_none_or(|t| t.trim().is_empty());
        let sent = self.record.contains_key(name);
        if empty && (self.is_new() || sent) && !self.errors.has(name) {
            self.errors.add(name, message);
        }
    }
}

impl StoreTx {
    pub(crate) async fn apply_rules(
        &self,
        entity: Entity,
        row: Option<&Row>,
        owner: Owner,
        values: &mut Values,
        record: &Map<String, Value>,
        errors: &mut FieldErrors,
    ) -> Result<(), Problem> {
        let mut change = Change {
            row,
            owner,
            values,
            record,
            errors,
        };
        match entity {
            Entity::Service => self.service_rules(&mut change).await,
            Entity::Role => self.name_rules("role", &mut change).await,
            Entity::ServiceDoc => doc_rules(&mut change),
            Entity::Access => access_rules(&mut change),
            Entity::Group => group_rules(&mut change),
            Entity::App => self.app_rules(&mut change).await,
            Entity::Admin | Entity::User => self.user_rules(entity, &mut change).await,
            Entity::Assignment => self.assignment_rules(&mut change).await,
            Entity::Lookup => self.lookup_rules(&mut change).await,
            Entity::Custom => self.name_rules("system_custom", &mut change).await,
            Entity::UserCustom => self.user_custom_rules(&mut change).await,
            Entity::Cors => self.cors_rules(&mut change).await,
            Entity::EmailTemplate => self.template_rules(&mut change).await,
            Entity::EventScript => self.script_rules(&mut change).await,
            Entity::Limit => self.limit_rules(&mut change).await,
            Entity::Task => self.task_rules(&mut change).await,
        }
    }

    /// Whether another row of `table` has `value` in `column`.
    async fn is_taken(
        &self,
        table: &str,
        column: &str,
        value: &str,
        but: Option<i64>,
    ) -> Result<bool, Problem> {
        let mut conditions = vec![Expr::eq(column, value)];
        conditions.extend(but.map(differs));
        Ok(self
            .statements()
            .count(table, Some(Expr::And(conditions)))
            .await?
            > 0)
    }

    /// A name that is needed and is unique without case.
    async fn name_rules(&self, table: &'static str, change: &mut Change<'_>) -> Result<(), Problem> {
        change.require("name");
        if let Some(name) = change.values.text("name") {
            let key = name.to_lowercase();
            if self.is_taken(table, "name_key", &key, change.id()).await? {
                change.errors.add("name", taken("name"));
            }
            change.values.set("name_key", key);
        }
        Ok(())
    }

    /// Ids that were sent must be those of rows: pairs of column and table.
    async fn reference_rules(
        &self,
        change: &mut Change<'_>,
        references: &[(&'static str, &str)],
    ) -> Result<(), Problem> {
        for (name, table) in references {
            if let Some(id) = change.values.get(name).and_then(Scalar::to_int)
                && self.statements().count(table, Some(Expr::eq("id", id))).await? == 0
            {
                change
                    .errors
                    .add(name, format!("The selected {name} is invalid."));
            }
        }
        Ok(())
    }

    async fn service_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        self.name_rules("service", change).await?;
        if let Some(name) = change.values.text("name").filter(|n| !n.is_empty()) {
            if !name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
            {
                let message = "Service name should only contain letters, numbers, underscores and dashes.";
                change.errors.add("name", message);
            }
            if change.is_new() && change.values.text("label").is_none() {
                change.values.set("label", name);
            }
        }
        for text in ["label", "description"] {
            if let Some(value) = change.values.text(text) {
                change.values.set(text, without_tags(&value));
            }
        }
        change.require("type");
        if change.is_new() {
            change.values.set("mutable", true);
            change.values.set("deletable", true);
            change.values.set("config", "{}");
        }
        self.config_rules(change)
    }

    /// The configuration is merged into the stored one, checked by the type, and split into public and secret.
    fn config_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        let inner = &self.store().0;
        let sent = match change.record.get("config") {
            Some(Value::Object(map)) => map,
            // An empty object, as some clients write it, and nothing at all say the same.
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Array(list)) if list.is_empty() => return Ok(()),
            Some(_) => {
                change.errors.add("config", "The config field must be an object.");
                return Ok(());
            }
        };
        let kind = change.after("type").unwrap_or_default();
        let spec = inner.types.config(&kind);
        let same_type = change.row.filter(|r| r.text("type").as_deref() == Some(&kind));
        let stored = same_type
            .map(|row| config::open(&inner.cipher, spec, row))
            .transpose()?;
        let merged = match spec {
            Some(spec) => spec.merge(stored.as_ref(), sent)?,
            None => {
                let mut merged = stored.unwrap_or_default();
                merged.extend(
                    sent.iter()
                        .filter(|(_, v)| *v != MASK)
                        .map(|(k, v)| (k.clone(), v.clone())),
                );
                merged
            }
        };
        let (open, secrets) = config::seal(&inner.cipher, spec, merged)?;
        change.values.set("config", open);
        change.values.set("secrets", secrets);
        Ok(())
    }

    async fn app_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        self.name_rules("app", change).await?;
        let references = [("role_id", "role"), ("storage_service_id", "service")];
        self.reference_rules(change, &references).await?;
        let sent = change.values.text("api_key");
        change.values.remove("api_key");
        let valid =
            |key: &String| key.len() >= API_KEY_LENGTH && key.bytes().all(|b| b.is_ascii_alphanumeric());
        match sent.filter(valid) {
            Some(key) if !self.is_taken("app", "api_key", &key, change.id()).await? => {
                change.values.set("api_key", key)
            }
            _ if change.is_new() => change.values.set("api_key", new_api_key()?),
            _ => {}
        }
        Ok(())
    }

    async fn user_rules(&self, entity: Entity, change: &mut Change<'_>) -> Result<(), Problem> {
        change.require("email");
        if change.is_new() {
            name_new_user(change);
            change.values.set("is_sys_admin", entity == Entity::Admin);
            change.values.set("token_epoch", 0);
            change.values.set("confirmed", true);
        }
        change.require("name");
        self.login_name_rules(change).await?;
        let mut ends_sessions = self.secret_rules(change).await?;
        if let Some(row) = change.row
            && row.flag("is_active")
            && change.int_after("is_active") == Some(0)
        {
            ends_sessions = true;
            if row.flag("is_sys_admin") && self.other_unrestricted(change.id()).await? == 0 {
                return Err(Problem::bad_request(
                    "The last active administrator cannot be deactivated.",
                ));
            }
        }
        // A code that was sent to an address proves nothing about another one.
        let moved = change
            .row
            .zip(change.values.text("email_key"))
            .is_some_and(|(row, key)| row.string("email").to_lowercase() != key);
        if let Some((id, row)) = change.id().zip(change.row).filter(|_| ends_sessions || moved) {
            crate::confirmation::close(&self.statements(), id).await?;
            // A later way back to the old address must not bring its sessions back.
            change
                .values
                .set("token_epoch", row.int("token_epoch").unwrap_or(0) + 1);
        }
        Ok(())
    }

    /// E-mail and user name: well formed, and unique without case.
    async fn login_name_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        if let Some(name) = change.values.text("username") {
            if name.chars().count() < MIN_USERNAME {
                change.errors.add(
                    "username",
                    format!("The username field must be at least {MIN_USERNAME} characters."),
                );
            } else if name.chars().any(char::is_whitespace) {
                change
                    .errors
                    .add("username", "The username field format is invalid.");
            } else if self
                .is_taken("user", "username_key", &name.to_lowercase(), change.id())
                .await?
            {
                change.errors.add("username", taken("username"));
            }
            change.values.set("username_key", name.to_lowercase());
        }
        if let Some(email) = change.values.text("email").filter(|e| !e.is_empty()) {
            if !is_email(&email) {
                change
                    .errors
                    .add("email", "The email field must be a valid email address.");
            } else if !change.errors.has("username")
                && self
                    .is_taken("user", "email_key", &email.to_lowercase(), change.id())
                    .await?
            {
                // One message is enough where the user name was made of the same address.
                change.errors.add("email", taken("email"));
            }
            change.values.set("email_key", email.to_lowercase());
        }
        Ok(())
    }

    /// Hashes the password and the answer. Whether a password was set, which ends the user's sessions.
    async fn secret_rules(&self, change: &mut Change<'_>) -> Result<bool, Problem> {
        let [password, answer] = ["password", "security_answer"].map(|name| {
            let sent = change.values.text(name).filter(|t| !t.is_empty());
            change.values.remove(name);
            sent
        });
        if let Some(answer) = answer {
            change
                .values
                .set("security_answer", password::hash(answer).await?);
        }
        let Some(password) = password else {
            return Ok(false);
        };
        if password.chars().count() < MIN_LENGTH {
            change.errors.add(
                "password",
                format!("The password field must be at least {MIN_LENGTH} characters."),
            );
            return Ok(false);
        }
        change.values.set("password", password::hash(password).await?);
        change.values.set("confirm_code", Scalar::Null);
        change.values.set("confirmed", true);
        Ok(true)
    }

    /// Active administrators besides one.
    pub(crate) async fn other_admins(&self, but: Option<i64>) -> Result<i64, Problem> {
        let mut conditions = vec![Expr::eq("is_sys_admin", true), Expr::eq("is_active", true)];
        conditions.extend(but.map(differs));
        self.statements().count("user", Some(Expr::And(conditions))).await
    }

    /// Whether nobody would be left who may do everything if this user could not.
    async fn is_last_admin(&self, user: i64) -> Result<bool, Problem> {
        let admin = Expr::And(vec![
            Expr::eq("id", user),
            Expr::eq("is_sys_admin", true),
            Expr::eq("is_active", true),
        ]);
        let is_admin = self.statements().count("user", Some(admin)).await? > 0;
        Ok(is_admin && self.other_unrestricted(Some(user)).await? == 0)
    }

    async fn assignment_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        let mut ids = [0; 3];
        for (i, (name, table)) in [("user_id", "user"), ("app_id", "app"), ("role_id", "role")]
            .into_iter()
            .enumerate()
        {
            match change.int_after(name) {
                Some(id) if self.statements().count(table, Some(Expr::eq("id", id))).await? > 0 => {
                    ids[i] = id
                }
                Some(_) => change
                    .errors
                    .add(name, format!("The selected {name} is invalid.")),
                None => change.errors.add(name, required(name)),
            }
        }
        if ids[0] != 0 && self.is_last_admin(ids[0]).await? {
            return Err(Problem::bad_request(
                "The last active administrator without a role cannot be bound to one.",
            ));
        }
        let mut same = vec![Expr::eq("user_id", ids[0]), Expr::eq("app_id", ids[1])];
        same.extend(change.id().map(differs));
        if self
            .statements()
            .count("user_to_app_to_role", Some(Expr::And(same)))
            .await?
            > 0
        {
            return Err(Problem::bad_request(
                "Multiple user-to-app-to-role assignment. You can only have a single user-to-app-to-role assignment.",
            ));
        }
        Ok(())
    }

    async fn lookup_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        change.require("name");
        let owned = |column: &str| match change.owner {
            Owner::Of(owner, id) if owner == column => {
                Some(change.values.get(owner).and_then(Scalar::to_int).unwrap_or(id))
            }
            _ => None,
        };
        let mut same: Vec<Expr> = ["app_id", "role_id", "user_id"]
            .into_iter()
            .map(|c| crate::statements::same(c, owned(c)))
            .collect();
        if let Some(name) = change.after("name") {
            let key = name.to_lowercase();
            same.push(Expr::eq("name_key", key.as_str()));
            same.extend(change.id().map(differs));
            if self.statements().count("lookup", Some(Expr::And(same))).await? > 0 {
                return Err(Problem::bad_request(
                    "Lookup name can not be modified to one that already exists.",
                ));
            }
            change.values.set("name_key", key);
        }
        seal_lookup(&self.store().0.cipher, change)
    }
}

pub(crate) fn differs(id: i64) -> Expr {
    Expr::Binary(
        Box::new(Expr::column("id")),
        BinaryOp::Ne,
        Box::new(Expr::Bind(Scalar::Int(id))),
    )
}

/// Seals the value; a mask that came back leaves the stored one.
fn seal_lookup(cipher: &Cipher, change: &mut Change<'_>) -> Result<(), Problem> {
    match change.values.text("value") {
        Some(value) if value == MASK && !change.is_new() => change.values.remove("value"),
        Some(value) => {
            let sealed = cipher.seal(LOOKUP_PLACE, &value)?;
            change.values.set("value", sealed);
        }
        None => {}
    }
    Ok(())
}

fn doc_rules(change: &mut Change<'_>) -> Result<(), Problem> {
    if change
        .values
        .get("format")
        .and_then(Scalar::to_int)
        .is_some_and(|n| n != 0 && n != 1)
    {
        change
            .errors
            .add("format", "The format field must be 0 for JSON or 1 for YAML.");
    }
    Ok(())
}

fn access_rules(change: &mut Change<'_>) -> Result<(), Problem> {
    for mask in ["verb_mask", "requestor_mask"] {
        if change
            .values
            .get(mask)
            .and_then(Scalar::to_int)
            .is_some_and(|n| !(0..=127).contains(&n))
        {
            change.errors.add(
                mask,
                format!("The {} field must be from 0 to 127.", mask.replace('_', " ")),
            );
        }
    }
    // A filter that nobody can read later must not be stored: it would lock everyone out, or in.
    let readable = |c: &Value| {
        let text = |name: &str| {
            c.get(name)
                .and_then(Value::as_str)
                .is_some_and(|t| !t.trim().is_empty())
        };
        c.is_object() && text("name") && text("operator")
    };
    match change.record.get("filters") {
        None | Some(Value::Null) => {}
        Some(Value::Array(list)) if list.iter().all(readable) => {}
        Some(_) => {
            let message =
                "The filters field must be a list of conditions, each with a name, an operator and a value.";
            change.errors.add("filters", message);
        }
    }
    Ok(())
}

fn group_rules(change: &mut Change<'_>) -> Result<(), Problem> {
    change.require("dn");
    if let Some(dn) = change.values.text("dn") {
        let key = crate::login::dn_key(&dn);
        // As long as an index can hold it in every database.
        if key.chars().count() > LONGEST_DN {
            let message = format!("The dn field may not be longer than {LONGEST_DN} characters.");
            change.errors.add("dn", message);
        }
        change.values.set("dn_key", key);
    }
    Ok(())
}

/// Fills in what a new user was not given: a user name from the e-mail, a display name from first and last name, or
/// from the part of the e-mail before the `@`.
fn name_new_user(change: &mut Change<'_>) {
    let email = change.values.text("email").unwrap_or_default();
    let absent = |values: &Values, name: &str| values.text(name).is_none_or(|t| t.trim().is_empty());
    if absent(change.values, "username") {
        change.values.remove("username");
        if !email.is_empty() {
            change.values.set("username", email.as_str());
        }
    }
    if absent(change.values, "name") {
        let parts: Vec<String> = ["first_name", "last_name"]
            .iter()
            .filter_map(|n| change.values.text(n))
            .collect();
        let full = parts.join(" ").trim().to_owned();
        let local = email.split('@').next().unwrap_or_default().to_owned();
        change
            .values
            .set("name", if full.is_empty() { local } else { full });
    }
}

/// One `@` with something on both sides, and no blanks. Whether mail arrives there only a mail can tell.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// The text without everything between `<` and `>`.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        // A `<` that opens no tag is text.
        let opens = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match after.split_once('>') {
            Some((_, after)) if opens => rest = after,
            _ => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_other_signs_stay() {
        assert_eq!(without_tags("a <b>bold</b> <script>x()</script>"), "a bold x()");
        assert_eq!(without_tags("1 < 2 > 0 <"), "1 < 2 > 0 <");
    }

    #[test]
    fn addresses() {
        assert!(is_email("a@b.c") && is_email("x+y@host"));
        assert!(
            !["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@.c", "a@c."]
                .iter()
                .any(|t| is_email(t))
        );
    }
}
