//! Whose account mails are sent with.

use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};

/// Configuration of `mailgun_email`.
pub(crate) const MAILGUN: ConfigSpec = ConfigSpec {
    groups: &[ACCOUNT, messaging::PARAMETERS],
};

const ACCOUNT: &[ConfigField] = &[
    ConfigField::text("domain", "Mailgun Domain", "Your Mailgun domain name."),
    ConfigField {
        required: true,
        secret: true,
        ..ConfigField::optional("key", "API Key", ConfigKind::Secret, "Mailgun service API Key.")
    },
    ConfigField {
        default: ConfigDefault::Text(""),
        ..ConfigField::optional(
            "region_endpoint",
            "Region Endpoint",
            ConfigKind::Picklist(&[("", "United States"), ("eu", "Europe")]),
            // Clients know it with its line break.
            "Select Mailgun service REST API Region Endpoint. \n                According to \
             <a href=\"https://documentation.mailgun.com/en/latest/api-intro.html#mailgun-regions\">Mailgun \
             documentation</a>.",
        )
    },
];

/// Where mails are handed over, and with what.
pub(crate) struct Account {
    /// `https://host`.
    pub(crate) region: String,
    /// The sending domain.
    pub(crate) domain: String,
    /// The key of the API.
    pub(crate) key: String,
}

/// The account of a service's configuration. 400 when it cannot be used.
pub(crate) fn account(config: &Map<String, Value>) -> Result<Account, Problem> {
    let text = |name: &str| config.get(name).and_then(Value::as_str).map_or("", str::trim);
    let domain = text("domain");
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    // The domain becomes a part of a path, where dots alone would lead elsewhere.
    if domain.is_empty() || domain.starts_with('.') || !domain.chars().all(is_name) {
        return Err(Problem::bad_request(
            "A Mailgun service needs the name of a domain.",
        ));
    }
    if text("key").is_empty() {
        return Err(Problem::bad_request("A Mailgun service needs an API key."));
    }
    let region = match text("region_endpoint") {
        "" => "https://api.mailgun.net",
        "eu" => "https://api.eu.mailgun.net",
        _ => {
            return Err(Problem::bad_request(
                "The region of a Mailgun service must be empty or 'eu'.",
            ));
        }
    };
    Ok(Account {
        region: region.to_owned(),
        domain: domain.to_owned(),
        key: text("key").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(domain: &str, key: &str, region: &str) -> Result<Account, Problem> {
        let fields = [("domain", domain), ("key", key), ("region_endpoint", region)];
        account(
            &fields
                .map(|(name, text)| (name.to_owned(), Value::from(text)))
                .into_iter()
                .collect(),
        )
    }

    #[test]
    fn accounts_are_checked_before_they_are_used() {
        assert_eq!(
            read("mg.example.com", "k", "eu").unwrap().region,
            "https://api.eu.mailgun.net"
        );
        for (domain, key, region) in [
            ("", "k", ""),
            ("..", "k", ""),
            ("a/b", "k", ""),
            ("a", "", ""),
            ("a", "k", "us2"),
        ] {
            assert!(read(domain, key, region).is_err());
        }
    }
}
