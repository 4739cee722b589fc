//! Whose account mails are sent with.

use contract::{ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Map, Problem, Value};

/// Configuration of `aws_ses`.
pub(crate) const SES: ConfigSpec = ConfigSpec {
    groups: &[ACCOUNT, messaging::PARAMETERS],
};

const REGION: &str = "us-east-1";

const ACCOUNT: &[ConfigField] = &[
    ConfigField {
        required: true,
        secret: true,
        ..ConfigField::optional(
            "key",
            "Access Key ID",
            ConfigKind::Secret,
            "Id of an access key that may send e-mails.",
        )
    },
    ConfigField {
        required: true,
        secret: true,
        ..ConfigField::optional(
            "secret",
            "Secret Access Key",
            ConfigKind::Secret,
            "The secret of that access key.",
        )
    },
    ConfigField {
        default: ConfigDefault::Text(REGION),
        ..ConfigField::text(
            "region",
            "Region",
            "Region whose servers send, such as eu-central-1.",
        )
    },
];

/// Where mails are handed over, and what calls are signed with.
#[derive(Clone)]
pub(crate) struct Account {
    /// `https://host`.
    pub(crate) endpoint: String,
    /// `eu-central-1`.
    pub(crate) region: String,
    /// Id of the access key.
    pub(crate) key: String,
    /// What signs.
    pub(crate) secret: String,
}

/// The account of a service's configuration. 400 when it cannot be used.
pub(crate) fn account(config: &Map<String, Value>) -> Result<Account, Problem> {
    let text = |name: &str| config.get(name).and_then(Value::as_str).map_or("", str::trim);
    let region = match text("region") {
        "" => REGION,
        region => region,
    };
    let is_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    // The region becomes a part of a host.
    if !region.chars().all(is_region) || region.starts_with('-') || region.ends_with('-') {
        return Err(Problem::bad_request(
            "The region of an SES service must be like 'eu-central-1'.",
        ));
    }
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    if !is_word(text("key")) || text("secret").is_empty() {
        return Err(Problem::bad_request(
            "An SES service needs an access key and its secret.",
        ));
    }
    Ok(Account {
        endpoint: format!("https://email.{region}.amazonaws.com"),
        region: region.to_owned(),
        key: text("key").to_owned(),
        secret: text("secret").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(region: &str, key: &str) -> Result<Account, Problem> {
        let fields = [("region", region), ("key", key), ("secret", "s")];
        let fields = fields.map(|(name, text)| (name.to_owned(), Value::from(text)));
        account(&fields.into_iter().collect())
    }

    #[test]
    fn accounts_are_checked_before_they_are_used() {
        assert_eq!(
            read("", "K").unwrap().endpoint,
            "https://email.us-east-1.amazonaws.com"
        );
        for (region, key) in [
            ("a.evil.example/", "K"),
            ("-x", "K"),
            ("eu-west-1", ""),
            ("eu-west-1", "a b"),
        ] {
            assert!(read(region, key).is_err());
        }
    }
}
