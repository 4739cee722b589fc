//! Rules of settings, CORS rows, e-mail templates and event scripts.

use super::Change;
use crate::script_type;
use crate::values::taken;
use crate::write::StoreTx;
use contract::Problem;
use sql::Scalar;

/// Verb bits that a CORS row can hold: the grantable five and OPTIONS.
const CORS_VERBS: i64 = 63;

impl StoreTx {
    /// A user's own setting: its name is unique among the user's.
    pub(super) async fn user_custom_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        change.require("name");
        if let Some(name) = change.values.text("name") {
            change.values.set("name_key", name.to_lowercase());
        }
        Ok(())
    }

    pub(super) async fn cors_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        for (name, message) in [
            ("path", "The path is required."),
            ("origin", "The origin is required."),
        ] {
            change.require_or(name, message);
        }
        if let Some(path) = change.values.text("path")
            && self.is_taken("cors", "path", &path, change.id()).await?
        {
            change.errors.add("path", taken("path"));
        }
        let number = |name: &str| change.values.get(name).and_then(Scalar::to_int);
        let (method, age) = (number("method"), number("max_age"));
        if method.is_some_and(|mask| mask & !CORS_VERBS != 0) {
            change.errors.add(
                "method",
                "The method field must name GET, POST, PUT, PATCH, DELETE or OPTIONS.",
            );
        }
        if age.is_some_and(|seconds| seconds < 0) {
            change
                .errors
                .add("max_age", "The max age field must be at least 0.");
        }
        Ok(())
    }

    pub(super) async fn template_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        change.require_or("name", "The Template Name field is required");
        match change.errors.has("name") {
            true => Ok(()),
            false => self.name_rules("email_template", change).await,
        }
    }

    pub(super) async fn script_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        self.name_rules("event_script", change).await?;
        change.require("type");
        if let Some(kind) = change.values.text("type").filter(|kind| !kind.is_empty())
            && script_type::find(&kind).is_none()
        {
            change
                .errors
                .add("type", format!("There is no script type '{kind}'."));
        }
        Ok(())
    }
}
