//! Logins at any directory: the entry of a name is looked for, and proven with its password.

use crate::config::Place;
use crate::connection::{Bind, Connection, Most, exchange};
use crate::entry::Entry;
use crate::wrong;
use async_trait::async_trait;
use contract::{Map, Problem};
use identity::{Directory, Identity};
use ldap3::{Scope, ldap_escape};
use serde_json::json;

/// What is read of a person.
const PERSON: &[&str] = &["uid", "cn", "displayName", "givenName", "sn", "mail", "memberOf"];

pub(crate) struct StandardLdap {
    place: Place,
}

impl StandardLdap {
    pub(crate) fn new(place: Place) -> StandardLdap {
        StandardLdap { place }
    }
}

#[async_trait]
impl Directory for StandardLdap {
    async fn authenticate(&self, username: &str, password: &str) -> Result<Identity, Problem> {
        let filter = format!("(uid={})", ldap_escape(username));
        let (base, username, password) = (self.place.base.clone(), username.to_owned(), password.to_owned());
        let person = exchange(&self.place.url, move |mut directory| async move {
            let entry = only(&mut directory, &base, &filter, PERSON).await?;
            prove(&mut directory, &entry, &password).await?;
            // What others may not see of an entry, such as its groups, its owner may.
            let own = directory.entry(&entry.dn, names(PERSON)).await?;
            Ok(own.unwrap_or(entry))
        })
        .await?;
        let uid = own_name(&person, "uid", &username);
        Ok(Identity {
            domain: self.place.domain(),
            ..identity_of(&person, uid, person.all("memberof").to_vec())
        })
    }

    async fn check(&self) -> Result<(), Problem> {
        let base = self.place.base.clone();
        exchange(&self.place.url, move |mut directory| async move {
            directory.entry(&base, names(&["objectClass"])).await.map(|_| ())
        })
        .await
    }
}

/// The one entry that a filter fits. None, or several, are nobody.
pub(crate) async fn only(
    directory: &mut Connection,
    base: &str,
    filter: &str,
    attributes: &[&str],
) -> Result<Entry, Problem> {
    let place = (base, Scope::Subtree);
    let mut found = directory
        .search(place, filter, names(attributes), Most::few(2))
        .await?;
    match (found.pop(), found.is_empty()) {
        (Some(entry), true) if !entry.dn.is_empty() => Ok(entry),
        _ => Err(wrong()),
    }
}

/// 401 unless this is the password of the entry.
pub(crate) async fn prove(directory: &mut Connection, entry: &Entry, password: &str) -> Result<(), Problem> {
    match directory.bind(&entry.dn, password).await? {
        Bind::Right => Ok(()),
        Bind::Wrong => Err(wrong()),
    }
}

pub(crate) fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

/// The name of a person as the directory writes it: of several the one that was sent, else the first.
pub(crate) fn own_name(person: &Entry, attribute: &str, sent: &str) -> String {
    let written = person
        .all(attribute)
        .iter()
        .find(|name| name.to_lowercase() == sent.to_lowercase());
    written
        .cloned()
        .or_else(|| person.one(attribute))
        .unwrap_or_else(|| sent.to_owned())
}

/// Who a person is. A name is the same in capitals.
pub(crate) fn identity_of(person: &Entry, name: String, groups: Vec<String>) -> Identity {
    Identity {
        id: name.to_lowercase(),
        name: person.one("displayname").or_else(|| person.one("cn")),
        first_name: person.one("givenname"),
        last_name: person.one("sn"),
        email: person.one("mail"),
        username: Some(name),
        shown: Map::from_iter([("groupMembership".to_owned(), json!(groups))]),
        groups,
        ..Identity::default()
    }
}
