//! Addresses as clients write them.

use crate::Mailbox;
use contract::{Map, Problem, Value};

/// Most recipients of one mail.
const MOST: usize = 1000;

/// Reads `to`, `cc` or `bcc`: an address, addresses between commas, an object with `email` and `name`, or a list of
/// these. 400 for what is no address.
pub(crate) fn read(value: Option<&Value>) -> Result<Vec<Mailbox>, Problem> {
    let mut found = Vec::new();
    if let Some(value) = value {
        collect(value, &mut found)?;
    }
    if found.len() > MOST {
        return Err(Problem::bad_request(format!(
            "An e-mail may have at most {MOST} recipients of a kind."
        )));
    }
    Ok(found)
}

fn collect(value: &Value, found: &mut Vec<Mailbox>) -> Result<(), Problem> {
    match value {
        Value::Null => Ok(()),
        Value::String(text) => {
            for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                found.push(mailbox(part, None)?);
            }
            Ok(())
        }
        Value::Array(list) => list.iter().try_for_each(|entry| collect(entry, found)),
        Value::Object(entry) => {
            let text = |name: &str| entry.get(name).and_then(Value::as_str);
            let email = text("email").or_else(|| text("address")).unwrap_or_default();
            found.push(mailbox(email.trim(), text("name"))?);
            Ok(())
        }
        other => Err(invalid(&other.to_string())),
    }
}

/// The mailbox of two keys, such as `from_email` and `from_name`; none without an address.
pub(crate) fn pair(data: &Map<String, Value>, email: &str, name: &str) -> Result<Option<Mailbox>, Problem> {
    let text = |key: &str| {
        data.get(key)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|t| !t.is_empty())
    };
    text(email).map(|email| mailbox(email, text(name))).transpose()
}

fn mailbox(email: &str, name: Option<&str>) -> Result<Mailbox, Problem> {
    let plausible = email
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    let clean = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;:\"()[]\\".contains(c);
    if !plausible || !email.chars().all(clean) {
        return Err(invalid(email));
    }
    let name = name.map(|name| name.chars().filter(|c| !c.is_control()).collect::<String>());
    let name = name.as_deref().filter(|name| !name.trim().is_empty());
    Ok(Mailbox::new(email, name))
}

fn invalid(email: &str) -> Problem {
    Problem::bad_request(format!("Invalid email - '{email}'."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn emails(value: Value) -> Vec<String> {
        let found = read(Some(&value)).unwrap();
        found.into_iter().map(|mailbox| mailbox.email).collect()
    }

    #[test]
    fn all_forms_of_addresses() {
        assert_eq!(emails(json!("a@x")), ["a@x"]);
        assert_eq!(emails(json!("a@x, b@y")), ["a@x", "b@y"]);
        assert_eq!(emails(json!({"email": "a@x", "name": "A"})), ["a@x"]);
        assert_eq!(emails(json!([{"email": "a@x"}, "b@y"])), ["a@x", "b@y"]);
        assert!(emails(json!(null)).is_empty());
    }

    #[test]
    fn what_is_no_address_is_refused_also_when_it_brings_headers() {
        for bad in [
            json!("a"),
            json!("a@x\r\nBcc: b@y"),
            json!("<a@x>"),
            json!({"name": "A"}),
            json!(5),
        ] {
            assert_eq!(read(Some(&bad)).unwrap_err().status(), 400, "{bad}");
        }
        let named = read(Some(&json!({"email": "a@x", "name": "A\r\nBcc: b@y"}))).unwrap();
        assert_eq!(named[0].name.as_deref(), Some("ABcc: b@y"));
    }
}
