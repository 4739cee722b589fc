//! The options of the client: the names that the original's client library has, for what has a meaning here.

use contract::{Map, Problem, Value, truthy};
use outbound::Trust;
use reqwest::{Client, ClientBuilder, Proxy};
use std::time::Duration;

/// Most redirects that are followed.
const MOST_REDIRECTS: u64 = 20;
/// Longest time of a call with its bodies, where none is said; that the answer begins in time is the door's business.
const WHOLE: Duration = Duration::from_secs(3600);
/// Longest silence of the other server, also while a large body is sent to it.
const SILENCE: Duration = Duration::from_secs(300);

/// Options that are known.
const KNOWN: [&str; 16] = [
    "ACCEPT_ENCODING",
    "CAINFO_BLOB",
    "CONNECTTIMEOUT",
    "CONNECTTIMEOUT_MS",
    "ENCODING",
    "FOLLOWLOCATION",
    "MAXREDIRS",
    "PROXY",
    "PROXYPORT",
    "PROXYUSERPWD",
    "SSL_VERIFYHOST",
    "SSL_VERIFYPEER",
    "TIMEOUT",
    "TIMEOUT_MS",
    "USERAGENT",
    "USERPWD",
];

/// Options by their names without `CURLOPT_`.
struct Options(Map<String, Value>);

impl Options {
    fn read(options: &Map<String, Value>) -> Result<Options, Problem> {
        let mut known = Map::new();
        for (name, value) in options {
            let plain = name.trim().to_ascii_uppercase();
            let plain = plain.strip_prefix("CURLOPT_").unwrap_or(&plain);
            if !KNOWN.contains(&plain) {
                return Err(Problem::new(
                    contract::Kind::Internal,
                    format!("Invalid configuration: {name} is not a defined option."),
                ));
            }
            known.insert(plain.to_owned(), value.clone());
        }
        Ok(Options(known))
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Null => return None,
            other => other.to_string(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    fn is_set(&self, name: &str) -> Option<bool> {
        self.text(name).map(|text| truthy(&text) || text == "2")
    }

    fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse().map_err(|_| {
            Problem::bad_request(format!(
                "The option '{name}' of the HTTP service must be a number."
            ))
        })?;
        Ok(Some(number))
    }

    /// A time in seconds, or, under the name with `_MS`, in thousandths; zero means none of its own.
    fn time(&self, name: &str) -> Result<Option<Duration>, Problem> {
        let seconds = self.number(name)?.map(Duration::from_secs);
        let thousandths = self.number(&format!("{name}_MS"))?.map(Duration::from_millis);
        Ok(thousandths.or(seconds).filter(|time| !time.is_zero()))
    }
}

/// A client with these options.
///
/// Fails with 500 for unknown options, and with 400 for values that cannot be used. Certificates are always checked; an
/// option that would switch that off is refused.
pub(crate) fn client(options: &Map<String, Value>) -> Result<Client, Problem> {
    let options = Options::read(options)?;
    for check in ["SSL_VERIFYPEER", "SSL_VERIFYHOST"] {
        if options.is_set(check) == Some(false) {
            return Err(Problem::bad_request(format!(
                "The option '{check}' cannot be switched off: put the certificate of the server's authority into 'CAINFO_BLOB'."
            )));
        }
    }
    let authority = options.text("CAINFO_BLOB");
    let mut builder = outbound::configured(authority.as_deref().map_or(Trust::Public, Trust::Also))?
        .timeout(WHOLE)
        .read_timeout(SILENCE);
    if let Some(login) = options.text("USERPWD") {
        let (user, password) = login.split_once(':').unwrap_or((&login, ""));
        builder = builder.default_headers(outbound::basic(user, password)?);
    }
    if let Some(agent) = options.text("USERAGENT") {
        builder = builder.user_agent(agent);
    }
    if let Some(time) = options.time("TIMEOUT")? {
        builder = builder.timeout(time);
    }
    if let Some(time) = options.time("CONNECTTIMEOUT")? {
        builder = builder.connect_timeout(time);
    }
    if options.is_set("FOLLOWLOCATION") == Some(true) {
        let most = options
            .number("MAXREDIRS")?
            .map_or(MOST_REDIRECTS, |most| most.min(MOST_REDIRECTS));
        let most = usize::try_from(most).unwrap_or_default();
        builder = builder.redirect(outbound::same_server(most));
    }
    builder = proxied(builder, &options)?;
    builder.build().map_err(Problem::internal)
}

fn proxied(builder: ClientBuilder, options: &Options) -> Result<ClientBuilder, Problem> {
    let Some(mut address) = options.text("PROXY") else {
        return Ok(builder);
    };
    if let Some(port) = options.number("PROXYPORT")? {
        address = format!("{}:{port}", address.trim_end_matches('/'));
    }
    let mut proxy = Proxy::all(&address)
        .map_err(|_| Problem::bad_request("The option 'PROXY' of the HTTP service is no address."))?;
    if let Some(login) = options.text("PROXYUSERPWD") {
        let (user, password) = login.split_once(':').unwrap_or((&login, ""));
        proxy = proxy.basic_auth(user, password);
    }
    Ok(builder.proxy(proxy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(options: Value) -> Option<u16> {
        let client = client(options.as_object().unwrap());
        client.err().map(|problem| problem.status())
    }

    #[test]
    fn options_are_known_or_refused() {
        let all = json!({"CURLOPT_TIMEOUT": "5", "connecttimeout_ms": 100, "FOLLOWLOCATION": true, "MAXREDIRS": 2,
            "PROXY": "http://proxy.example:3128", "PROXYUSERPWD": "a:b", "SSL_VERIFYPEER": 1, "SSL_VERIFYHOST": 2,
            "USERPWD": "a:b", "USERAGENT": "x", "ENCODING": null});
        assert_eq!(status(all), None);
        assert_eq!(status(json!({"CURLOPT_INTERFACE": "eth0"})), Some(500));
        for wrong in [
            json!({"SSL_VERIFYPEER": "false"}),
            json!({"SSL_VERIFYHOST": 0}),
            json!({"TIMEOUT": "soon"}),
            json!({"CAINFO_BLOB": "nonsense"}),
            json!({"PROXY": "http://"}),
        ] {
            assert_eq!(status(wrong.clone()), Some(400), "{wrong}");
        }
    }
}
