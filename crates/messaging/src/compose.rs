//! Putting a mail together: layers of data, placeholders, parts.

use crate::{Mail, address};
use contract::{Caller, Map, Problem, Value};
use query::lookup;

type Data = Map<String, Value>;

/// Columns of a template that describe the row rather than the mail.
const ROW: [&str; 7] = [
    "id",
    "defaults",
    "created_date",
    "last_modified_date",
    "created_by_id",
    "last_modified_by_id",
    "name",
];
/// Members of a request that are no data.
const OPTIONS: [&str; 4] = ["template", "template_id", "template_data", "attachments"];

/// The layers of a mail's data, later ones over earlier ones: the service's parameters, the template, the template's
/// defaults, the request, and its `template_data`.
pub(crate) fn merge(parameters: &Data, template: Option<&Data>, body: &Data) -> Data {
    let mut data = parameters.clone();
    if let Some(template) = template {
        let columns = template.iter().filter(|(name, _)| !ROW.contains(&name.as_str()));
        data.extend(columns.map(|(name, value)| (name.clone(), value.clone())));
        data.extend(defaults(template.get("defaults")));
    }
    let own = body.iter().filter(|(name, _)| !OPTIONS.contains(&name.as_str()));
    data.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    if let Some(Value::Array(files)) = body.get("attachments") {
        data.insert("attachments".into(), Value::Array(files.clone()));
    }
    if let Some(Value::Object(more)) = body.get("template_data") {
        data.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    data
}

/// `{"name": value}` or `[{"name", "value"}]`.
fn defaults(value: Option<&Value>) -> Data {
    match value {
        Some(Value::Object(map)) => map.clone(),
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|entry| {
                let name = entry.get("name")?.as_str()?;
                Some((name.to_owned(), entry.get("value")?.clone()))
            })
            .collect(),
        _ => Data::new(),
    }
}

/// Replaces placeholders.
pub(crate) struct Placeholders<'a> {
    pub(crate) data: &'a Data,
    pub(crate) caller: &'a Caller,
    /// Functions allowed in lookups, between commas.
    pub(crate) modifiers: &'a str,
}

impl Placeholders<'_> {
    /// The value of a name: of the data, else of the caller's public lookups.
    fn find(&self, name: &str) -> Option<String> {
        match self.data.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
            _ => self.caller.lookup(name),
        }
    }

    fn fill(&self, text: &str, encode: impl Fn(String) -> String) -> String {
        let allowed = |function: &str| self.modifiers.split(',').any(|one| one.trim() == function);
        lookup::replace(text, &allowed, &|name| self.find(name).map(&encode)).into_owned()
    }

    /// The mail that the data describe, without attachments. 400 when it has no recipient or nothing to say.
    pub(crate) fn mail(&self) -> Result<Mail, Problem> {
        let text = |name: &str| {
            self.data
                .get(name)
                .and_then(Value::as_str)
                .filter(|t| !t.is_empty())
        };
        let to = address::read(self.data.get("to"))?;
        if to.is_empty() {
            return Err(Problem::bad_request(
                "The e-mail has no recipient: 'to' is missing.",
            ));
        }
        let body_text = text("body_text").map(|body| self.fill(body, |value| value));
        let body_html = text("body_html").map(|body| self.fill(body, |value| escaped(&value)));
        if body_text.is_none() && body_html.is_none() {
            return Err(Problem::bad_request(
                "The e-mail has no content: 'body_text' or 'body_html' is needed.",
            ));
        }
        let subject = self.fill(text("subject").unwrap_or_default(), |value| value);
        Ok(Mail {
            from: address::pair(self.data, "from_email", "from_name")?,
            reply_to: address::pair(self.data, "reply_to_email", "reply_to_name")?,
            to,
            cc: address::read(self.data.get("cc"))?,
            bcc: address::read(self.data.get("bcc"))?,
            // A subject is one line; a line break in a value must not start another header.
            subject: subject.split(char::is_control).collect::<Vec<_>>().join(" "),
            text: body_text,
            html: body_html,
            attachments: Vec::new(),
        })
    }
}

/// Text as it stands in HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Data {
        value.as_object().unwrap().clone()
    }

    fn mail(data: Value) -> Result<Mail, Problem> {
        let mut caller = Caller::nobody();
        caller.lookups = std::sync::Arc::new([("city".to_owned(), "Oslo".to_owned())].into());
        Placeholders {
            data: &object(data),
            caller: &caller,
            modifiers: "strtoupper",
        }
        .mail()
    }

    #[test]
    fn later_layers_win_and_a_null_of_the_template_hides_a_parameter() {
        let parameters = object(json!({"a": "1", "b": "1", "c": "1", "subject": "P"}));
        let template = object(
            json!({"id": 7, "name": "T", "subject": null, "b": "2", "defaults": [{"name": "c", "value": "3"}]}),
        );
        let body = object(json!({"template": "T", "c": "4", "template_data": {"d": "5", "b": "6"}}));
        let merged = merge(&parameters, Some(&template), &body);
        assert_eq!(
            Value::Object(merged),
            json!({"a": "1", "b": "6", "c": "4", "subject": null, "d": "5"})
        );
    }

    #[test]
    fn placeholders_are_replaced_once_and_html_is_escaped() {
        let sent = mail(
            json!({"to": "a@x", "subject": "Hi {name}\n", "name": "{city} <b>", "n": 5,
            "body_text": "{n} {city} {strtoupper(city)} {unknown} {name}", "body_html": "<i>{name}</i>"}),
        )
        .unwrap();
        assert_eq!(sent.subject, "Hi {city} <b> ");
        assert_eq!(sent.text.as_deref(), Some("5 Oslo OSLO {unknown} {city} <b>"));
        assert_eq!(sent.html.as_deref(), Some("<i>{city} &lt;b&gt;</i>"));
    }

    #[test]
    fn a_value_starts_no_header() {
        let sent = mail(json!({"to": "a@x", "subject": "Hi {x}", "x": "you\r\nBcc: b@y", "body_text": "t"}))
            .unwrap();
        assert_eq!(sent.subject, "Hi you  Bcc: b@y");
    }

    #[test]
    fn a_mail_needs_somebody_and_something() {
        assert_eq!(mail(json!({"body_text": "t"})).unwrap_err().status(), 400);
        assert_eq!(
            mail(json!({"to": "a@x", "subject": "s"})).unwrap_err().status(),
            400
        );
    }
}
