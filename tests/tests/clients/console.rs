//! How a console in a browser sends its calls.

use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use kit::{Answer, Client, Program};
use scenarios::world::{KEY, TOKEN};
use serde_json::{Value, json};

/// The key of the console's app, which is the same everywhere.
pub(crate) const CONSOLE_KEY: &str = "6498a8ad1beb9d84d63035c5d1120c007fad6de706734db9689f8996707e0f7d";

/// What a list asks for when its screen says nothing else.
pub(crate) const LIST: [(&str, &str); 3] = [("limit", "10"), ("offset", "0"), ("include_count", "true")];

/// A console that somebody is logged in to.
pub(crate) struct Console {
    client: Client,
}

impl Console {
    /// The console before a login: it has its key, and the headers of all its calls.
    pub(crate) fn open(program: &Program) -> Console {
        let client = program
            .client()
            .with(KEY, CONSOLE_KEY)
            .with("Accept", "application/json, text/plain, */*")
            .with("Cache-Control", "no-cache, private")
            .with("show-loading", "")
            .with("snackbar-error", "server");
        Console { client }
    }

    /// The console of the first administrator.
    pub(crate) async fn of_admin(program: &Program) -> Console {
        Console::open(program).log_in(ADMIN_EMAIL, ADMIN_PASSWORD).await.0
    }

    /// Tries to log in as a user, then as an administrator; gives the session too.
    pub(crate) async fn log_in(self, email: &str, password: &str) -> (Console, Value) {
        let login = json!({"email": email, "password": password});
        let mut answer = self.send("POST", "user/session", &[], Some(&login)).await;
        if answer.status != 200 {
            answer = self.send("POST", "system/admin/session", &[], Some(&login)).await;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        let session = answer.json();
        let token = session["session_token"].as_str().unwrap().to_owned();
        let cookie = format!("session_token={token}");
        let client = self.client.with(TOKEN, &token).with("Cookie", &cookie);
        (Console { client }, session)
    }

    /// Sends a call. Parameters are encoded as the console's library does it, which leaves some signs as they are.
    pub(crate) async fn send(
        &self,
        verb: &str,
        path: &str,
        parameters: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let query: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let path = format!("/api/v2/{path}{mark}{}", query.join("&"));
        self.client.call(verb, &path, body).await
    }

    /// A call that has to succeed with a status; its answer.
    pub(crate) async fn expect(
        &self,
        status: u16,
        verb: &str,
        path: &str,
        parameters: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Value {
        let answer = self.send(verb, path, parameters, body).await;
        assert_eq!(
            answer.status,
            status,
            "{verb} {path} {parameters:?} {}: {}",
            body.unwrap_or(&Value::Null),
            answer.text()
        );
        answer.json()
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        self.expect(200, "GET", path, parameters, None).await
    }

    /// Reads a list that has a count, as all tables of the console do.
    pub(crate) async fn list(&self, path: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
        let answer = self.get(path, parameters).await;
        assert!(answer["meta"]["count"].is_u64(), "{path} has no count: {answer}");
        answer["resource"].as_array().unwrap().clone()
    }

    /// Makes one object; gives its id.
    pub(crate) async fn create(&self, path: &str, parameters: &[(&str, &str)], object: Value) -> i64 {
        let body = json!({ "resource": [object] });
        let answer = self.send("POST", path, parameters, Some(&body)).await;
        assert!(
            matches!(answer.status, 200 | 201),
            "POST {path} {body}: {}",
            answer.text()
        );
        answer.json()["resource"][0]["id"].as_i64().unwrap()
    }

    /// Writes an object whole, as forms do.
    pub(crate) async fn put(&self, path: &str, parameters: &[(&str, &str)], object: &Value) -> Value {
        self.expect(200, "PUT", path, parameters, Some(object)).await
    }

    /// Deletes something.
    pub(crate) async fn delete(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        self.expect(200, "DELETE", path, parameters, None).await
    }
}

/// A list's parameters and one more.
pub(crate) fn list_with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    LIST.into_iter().chain([(name, value)]).collect()
}

/// The objects of these names.
pub(crate) fn named<'a>(objects: &'a [Value], name: &str) -> &'a Value {
    objects
        .iter()
        .find(|object| object["name"] == name)
        .unwrap_or_else(|| panic!("no '{name}' in {objects:?}"))
}

fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => text.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => text.push(char::from(byte)),
            b'@' | b':' | b'$' | b',' | b';' | b'=' | b'?' | b'/' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
