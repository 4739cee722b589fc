//! What the other server is sent beside the body: parameters and headers, and the key that its answer is kept under.

use crate::config::{Config, Header, Parameter};
use contract::{Caller, Params, Problem, Request, Settings, Verb};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;

/// Headers that belong to a connection or follow from the body; rows cannot set them.
const NEVER: [&str; 7] = [
    "connection",
    "content-length",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Parameters and headers of a call.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    parameters: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    /// What the answer depends on besides the path.
    key: Vec<(String, String)>,
}

/// Lookups of the caller in configured text.
struct Lookups<'a> {
    caller: &'a Caller,
    settings: &'a Settings,
}

impl Lookups<'_> {
    fn fill<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let allowed = |name: &str| self.settings.allows_modifier(name);
        query::lookup::replace(text, &allowed, &|name| self.caller.lookup(name))
    }
}

impl Outgoing {
    /// What a call brings along. Lookups are replaced in configured values alone: what a client writes is passed on as it
    /// is.
    ///
    /// Fails with 400 when a value cannot stand in a header.
    pub(crate) fn of(config: &Config, request: &Request, settings: &Settings) -> Result<Outgoing, Problem> {
        let lookups = Lookups {
            caller: &request.caller,
            settings,
        };
        let mut outgoing = Outgoing::default();
        outgoing.pass_parameters(&config.parameters, request.verb, &request.params);
        outgoing.add_parameters(&config.parameters, request.verb, &lookups);
        for row in config
            .headers
            .iter()
            .filter(|row| row.action.applies_to(request.verb))
        {
            outgoing.add_header(row, request, &lookups)?;
        }
        Ok(outgoing)
    }

    /// What the client sent, but for what is excluded. Of several rows for a name the last one decides.
    fn pass_parameters(&mut self, rows: &[Parameter], verb: Verb, sent: &Params) {
        for (name, value) in &sent.0 {
            let excludes = |row: &&Parameter| {
                row.exclude && row.action.applies_to(verb) && row.name.eq_ignore_ascii_case(name)
            };
            let row = rows.iter().rev().find(excludes);
            let pair = || (name.clone(), value.clone());
            if !row.is_some_and(|row| row.outbound) {
                self.parameters.push(pair());
            }
            if !row.is_some_and(|row| row.cache_key) {
                self.key.push(pair());
            }
        }
    }

    fn add_parameters(&mut self, rows: &[Parameter], verb: Verb, lookups: &Lookups<'_>) {
        let added = |row: &&Parameter| !row.exclude && row.action.applies_to(verb);
        for row in rows.iter().filter(added) {
            let value = lookups.fill(&row.value);
            // What depends on the caller is part of the key, or one caller would be given another's answer.
            let is_callers = row.outbound && value != row.value;
            if row.outbound {
                self.parameters
                    .push((row.name.clone(), value.clone().into_owned()));
            }
            if row.cache_key || is_callers {
                self.key.push((row.name.clone(), value.into_owned()));
            }
        }
    }

    fn add_header(&mut self, row: &Header, request: &Request, lookups: &Lookups<'_>) -> Result<(), Problem> {
        if NEVER.contains(&row.name.as_str()) {
            return Ok(());
        }
        let value = match row.pass_from_client {
            true => match request.header(row.name.as_str()) {
                Some(value) => Cow::Borrowed(value),
                None => return Ok(()),
            },
            false => lookups.fill(&row.value),
        };
        if row.pass_from_client || value != row.value {
            self.key.push((row.name.to_string(), value.clone().into_owned()));
        }
        let value = HeaderValue::from_str(&value).map_err(|_| {
            Problem::bad_request(format!("The value of the header '{}' cannot be sent.", row.name))
        })?;
        self.headers.append(row.name.clone(), value);
        Ok(())
    }

    /// Adds a header that no row sets.
    pub(crate) fn add_missing(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.entry(name).or_insert(value);
        }
    }

    /// Adds the parameters to an address, which may have some already. One without a value is its bare name.
    pub(crate) fn add_to(&self, url: &mut Url) {
        if self.parameters.is_empty() {
            return;
        }
        let mut query = url.query_pairs_mut();
        for (name, value) in &self.parameters {
            match value.is_empty() {
                true => query.append_key_only(name),
                false => query.append_pair(name, value),
            };
        }
    }

    /// The key that the answer to a read is kept under.
    pub(crate) fn key(&self, path: &str) -> String {
        // As JSON, because its strings say where they end.
        serde_json::json!([path, self.key]).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{Format, Origin, Payload, ServiceRef, UserFacts};
    use serde_json::json;
    use std::sync::Arc;

    fn request(verb: Verb, query: &str, headers: &[(&str, &str)]) -> Request {
        let mut caller = Caller::nobody();
        caller.user = Some(Arc::new(UserFacts {
            email: "ann@example.com".into(),
            ..UserFacts::default()
        }));
        Request {
            verb,
            service: Arc::new(ServiceRef {
                id: 1,
                name: "remote".into(),
            }),
            path: String::new(),
            trailing_slash: false,
            params: query::parameters::parse(query).unwrap(),
            headers: headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            payload: Payload::None,
            caller,
            origin: Origin::Api,
            format: Format::Json,
            base_url: "http://localhost".into(),
            peer: None,
        }
    }

    fn config(parameters: serde_json::Value, headers: serde_json::Value) -> Config {
        let config = json!({"parameters": parameters, "headers": headers});
        Config::read(config.as_object().unwrap()).unwrap()
    }

    fn sent(config: &Config, request: &Request) -> (String, String) {
        let outgoing = Outgoing::of(config, request, &Settings::default()).unwrap();
        let mut url = Url::parse("http://h/?base=1").unwrap();
        outgoing.add_to(&mut url);
        (url.query().unwrap_or_default().to_owned(), outgoing.key("p"))
    }

    #[test]
    fn parameters_pass_and_rows_add_and_exclude() {
        let rows = json!([
            {"name": "Secret", "exclude": true, "outbound": true, "action": 1},
            {"name": "stamp", "exclude": true, "cache_key": true, "action": 1},
            {"name": "APPID", "value": "k 1", "outbound": true, "action": 1},
            {"name": "who", "value": "{user.email}", "outbound": true, "action": 3},
            {"name": "bare", "value": "", "outbound": true, "action": 1},
            {"name": "none", "value": "x", "outbound": true, "action": 0},
        ]);
        let config = config(rows, json!([]));
        let get = request(
            Verb::Get,
            "zip=43016,us&zip=2&page=0&secret=1&stamp=9&lookup={user.email}&e=",
            &[],
        );
        let (query, key) = sent(&config, &get);
        assert_eq!(
            query,
            "base=1&zip=43016%2Cus&zip=2&page=0&stamp=9&lookup=%7Buser.email%7D&e&APPID=k+1&who=ann%40example.com&bare"
        );
        assert!(key.contains("ann@example.com") && key.contains("secret"), "{key}");
        assert!(!key.contains("stamp"), "{key}");
        let (query, _) = sent(&config, &request(Verb::Post, "secret=1", &[]));
        assert_eq!(query, "base=1&secret=1&who=ann%40example.com");
    }

    #[test]
    fn only_configured_headers_go_on() {
        let rows = json!([
            {"name": "X-Key", "value": "k", "action": 1},
            {"name": "X-Who", "value": "{user.email}", "action": 1},
            {"name": "Accept-Language", "value": "ignored", "pass_from_client": true, "action": 1},
            {"name": "X-Absent", "pass_from_client": true, "action": 1},
            {"name": "Connection", "value": "upgrade", "action": 1},
            {"name": "X-Post", "value": "p", "action": 2},
        ]);
        let config = config(json!([]), rows);
        let get = request(Verb::Get, "", &[("accept-language", "de"), ("x-other", "1")]);
        let outgoing = Outgoing::of(&config, &get, &Settings::default()).unwrap();
        let names: Vec<_> = outgoing
            .headers
            .iter()
            .map(|(n, v)| (n.as_str(), v.to_str().unwrap()))
            .collect();
        assert_eq!(
            names,
            [
                ("x-key", "k"),
                ("x-who", "ann@example.com"),
                ("accept-language", "de")
            ]
        );
        let key = outgoing.key("p");
        assert!(
            key.contains("\"de\"") && key.contains("ann@") && !key.contains("x-key"),
            "{key}"
        );
    }
}
