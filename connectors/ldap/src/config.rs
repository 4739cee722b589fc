//! The configuration of a directory.

use contract::{BuildContext, ConfigDefault, ConfigField, ConfigKind, Problem, Value};
use url::Url;

pub(crate) const PLACE: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::text(
            "host",
            "Host",
            "The host name of the directory, with a port where it has its own. ldaps:// before it for TLS.",
        )
    },
    identity::DEFAULT_ROLE,
    ConfigField {
        required: true,
        ..ConfigField::text(
            "base_dn",
            "Base DN",
            "The entry below which people and groups are, such as dc=example,dc=com.",
        )
    },
    ConfigField::text(
        "account_suffix",
        "Account Suffix",
        "The domain that account names end with, such as example.com.",
    ),
];

pub(crate) const BROWSING: &[ConfigField] = &[
    ConfigField::text(
        "username",
        "Username",
        "The account that reads the directory. Only needed to read users, groups and computers.",
    ),
    ConfigField {
        secret: true,
        ..ConfigField::optional(
            "password",
            "Password",
            ConfigKind::Password,
            "The password of that account.",
        )
    },
];

pub(crate) const GROUPS: &[ConfigField] = &[flag(
    "map_group_to_role",
    "Map Group to Role",
    "Give the role that is set for a group to its members.",
)];

pub(crate) const HIERARCHY: &[ConfigField] = &[
    flag(
        "map_group_hierarchy",
        "Map Group Hierarchy",
        "Count the groups that a group is in as groups of its members.",
    ),
    ConfigField {
        kind: ConfigKind::Positive,
        default: ConfigDefault::Integer(1000),
        ..ConfigField::text(
            "max_page_size",
            "Maximum Page Size",
            "Most entries that the directory gives at a time.",
        )
    },
];

pub(crate) const ROLES: &[ConfigField] = &[identity::ALLOW_NEW_USERS, identity::APP_ROLE_MAP];

const fn flag(name: &'static str, label: &'static str, description: &'static str) -> ConfigField {
    ConfigField {
        default: ConfigDefault::Boolean(false),
        ..ConfigField::optional(name, label, ConfigKind::Boolean, description)
    }
}

/// Where a directory is, and what in it people are below of.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `ldap://host:port` or `ldaps://host:port`.
    pub(crate) url: String,
    pub(crate) base: String,
}

impl Place {
    /// Reads `host` and `base_dn`; 400 when the host is no address.
    pub(crate) fn new(context: &BuildContext) -> Result<Place, Problem> {
        let base = text(context, "base_dn").unwrap_or_default().to_owned();
        let url = address(text(context, "host").unwrap_or_default())?;
        Ok(Place { url, base })
    }

    /// The domain that the `dc=` parts of the base tell.
    pub(crate) fn domain(&self) -> Option<String> {
        let parts = self.base.split(',').filter_map(|part| {
            let (name, value) = part.split_once('=')?;
            let is_part = name.trim().eq_ignore_ascii_case("dc") && !value.trim().is_empty();
            is_part.then(|| value.trim().to_owned())
        });
        let domain = parts.collect::<Vec<_>>().join(".");
        Some(domain).filter(|domain| !domain.is_empty())
    }
}

/// A field of text that is not empty.
pub(crate) fn text<'c>(context: &'c BuildContext, name: &str) -> Option<&'c str> {
    let text = context.config.get(name).and_then(Value::as_str).map(str::trim);
    text.filter(|text| !text.is_empty())
}

fn address(host: &str) -> Result<String, Problem> {
    let wrong = || {
        Problem::bad_request(
            "The host of the directory must be a name, with a port where needed, or an ldap:// or ldaps:// address.",
        )
    };
    let text = match host.contains("://") {
        true => host.to_owned(),
        false => format!("ldap://{host}"),
    };
    let url = Url::parse(&text).map_err(|_| wrong())?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    match (url.scheme(), plain && matches!(url.path(), "" | "/")) {
        ("ldap", true) => Ok(format!("ldap://{host}:{}", url.port().unwrap_or(389))),
        ("ldaps", true) => Ok(format!("ldaps://{host}:{}", url.port().unwrap_or(636))),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_four_forms() {
        for (host, url) in [
            ("ad.ex.com", "ldap://ad.ex.com:389"),
            ("ad.ex.com:3389", "ldap://ad.ex.com:3389"),
            ("ldap://127.0.0.1:10389", "ldap://127.0.0.1:10389"),
            ("ldaps://ad.ex.com/", "ldaps://ad.ex.com:636"),
        ] {
            assert_eq!(address(host).unwrap(), url);
        }
        for bad in [
            "",
            "ldapi:///var/run/x",
            "http://ad",
            "ldap://",
            "ldap://u:p@ad",
            "ad/x",
            "ldap://ad?x",
        ] {
            assert_eq!(address(bad).unwrap_err().status(), 400, "{bad}");
        }
    }

    #[test]
    fn a_base_tells_its_domain() {
        let place = |base: &str| Place {
            url: String::new(),
            base: base.into(),
        };
        assert_eq!(
            place("ou=people, DC=ex,dc=com").domain().as_deref(),
            Some("ex.com")
        );
        assert_eq!(place("o=ex").domain(), None);
    }
}
