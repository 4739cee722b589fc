//! Reading e-mail templates for sending.

use crate::Store;
use contract::{Map, Problem, Value};
use sql::Expr;

/// All that is stored of a template, but not who wrote it and when.
pub(crate) const COLUMNS: &[&str] = &[
    "id",
    "name",
    "description",
    "to",
    "cc",
    "bcc",
    "subject",
    "attachment",
    "body_text",
    "body_html",
    "from_name",
    "from_email",
    "reply_to_name",
    "reply_to_email",
    "defaults",
];

/// Columns that hold a list or an object where their text is one.
const OPEN: [&str; 5] = ["to", "cc", "bcc", "attachment", "defaults"];

impl Store {
    /// The e-mail template of an id, its columns by name; null where nothing is set.
    pub async fn email_template(&self, id: i64) -> Result<Option<Map<String, Value>>, Problem> {
        self.template_where(Expr::eq("id", id)).await
    }

    /// The e-mail template of a name, compared without case.
    pub async fn email_template_by_name(&self, name: &str) -> Result<Option<Map<String, Value>>, Problem> {
        self.template_where(Expr::eq("name_key", name.to_lowercase()))
            .await
    }

    async fn template_where(&self, filter: Expr) -> Result<Option<Map<String, Value>>, Problem> {
        let row = self.statements().first("email_template", COLUMNS, filter).await?;
        Ok(row.map(|row| {
            let value = |name: &str| match row.text(name) {
                None => Value::Null,
                Some(text) if OPEN.contains(&name) && text.trim_start().starts_with(['[', '{']) => {
                    serde_json::from_str(&text).unwrap_or(Value::String(text))
                }
                Some(text) => Value::String(text),
            };
            COLUMNS
                .iter()
                .map(|name| ((*name).to_owned(), value(name)))
                .collect()
        }))
    }
}
