//! Active Directory: logins, and the groups that count for them.

use crate::browse::{self, ENDPOINTS};
use crate::config::{Place, text};
use crate::connection::{Bind, Connection, Most, exchange};
use crate::entry::Entry;
use crate::standard::{identity_of, names, only, own_name, prove};
use crate::wrong;
use async_trait::async_trait;
use contract::{BuildContext, Endpoint, Kind, Operation, Problem, Request, Response, Value};
use identity::{Directory, Identity};
use ldap3::{Scope, ldap_escape};
use std::collections::HashSet;

/// What is read of a person.
const PERSON: &[&str] = &[
    "samaccountname",
    "cn",
    "displayName",
    "givenName",
    "sn",
    "mail",
    "memberOf",
    "objectSid",
    "primaryGroupID",
];
/// Most groups that are followed upwards for one login.
const MOST_GROUPS: usize = 500;

pub(crate) struct ActiveDirectory {
    pub(crate) place: Place,
    domain: String,
    suffix: String,
    /// The account that reads the directory.
    reader: Option<(String, String)>,
    hierarchy: bool,
    pub(crate) page: i32,
}

impl ActiveDirectory {
    pub(crate) fn new(context: &BuildContext) -> Result<ActiveDirectory, Problem> {
        let place = Place::new(context)?;
        let domain = place.domain().ok_or_else(|| {
            Problem::new(
                Kind::Internal,
                "Cannot determine Domain name. Invalid Base Dn supplied.",
            )
        })?;
        let suffix = text(context, "account_suffix").map(|suffix| suffix.trim_start_matches('@').to_owned());
        let page = context.config.get("max_page_size").and_then(Value::as_i64);
        Ok(ActiveDirectory {
            place,
            suffix: suffix.unwrap_or_else(|| domain.clone()),
            domain,
            reader: text(context, "username")
                .zip(text(context, "password"))
                .map(|(name, password)| (name.to_owned(), password.to_owned())),
            hierarchy: context.config.get("map_group_hierarchy") == Some(&Value::Bool(true)),
            page: page.and_then(|page| i32::try_from(page).ok()).unwrap_or(1000),
        })
    }

    /// What an account is bound as: names of other forms stay as they are.
    fn principal(&self, name: &str) -> String {
        match name.contains(['@', '=', '\\']) {
            true => name.to_owned(),
            false => format!("{name}@{}", self.suffix),
        }
    }

    /// The account that reads the directory, as it is bound. 400 when there is none.
    pub(crate) fn reader(&self) -> Result<(String, String), Problem> {
        let (name, password) = self.reader.as_ref().ok_or_else(|| {
            Problem::bad_request("No username and/or password found in service definition.")
        })?;
        Ok((self.principal(name), password.clone()))
    }
}

/// Binds the account that reads the directory.
pub(crate) async fn bind_reader(
    directory: &mut Connection,
    (name, password): &(String, String),
) -> Result<(), Problem> {
    match directory.bind(name, password).await? {
        Bind::Right => Ok(()),
        Bind::Wrong => Err(Problem::unauthorized(
            "Invalid credentials in service definition. Cannot authenticate against the Active Directory server.",
        )),
    }
}

#[async_trait]
impl Directory for ActiveDirectory {
    async fn authenticate(&self, username: &str, password: &str) -> Result<Identity, Problem> {
        // A name with a domain, or the name of an entry, is none of this directory's own accounts.
        if username.contains(['@', '=', '\\', ',']) {
            return Err(wrong());
        }
        let (base, username, password) = (self.place.base.clone(), username.to_owned(), password.to_owned());
        let (reader, principal, hierarchy) = (self.reader().ok(), self.principal(&username), self.hierarchy);
        let (person, sent, groups) = exchange(&self.place.url, move |mut directory| async move {
            match &reader {
                Some(reader) => bind_reader(&mut directory, reader)
                    .await
                    .map_err(|problem| match problem.status() {
                        // A wrong account of ours is not a wrong password of theirs.
                        401 => Problem::unavailable("The directory refuses the account of this service.")
                            .with_source(problem),
                        _ => problem,
                    })?,
                None if directory.bind(&principal, &password).await? == Bind::Wrong => return Err(wrong()),
                None => {}
            }
            let filter = format!(
                "(&(objectClass=user)(samaccountname={}))",
                ldap_escape(username.as_str())
            );
            let person = only(&mut directory, &base, &filter, PERSON).await?;
            // An account may answer to the name of another: the entry itself has to be proven.
            prove(&mut directory, &person, &password).await?;
            if let Some(reader) = &reader {
                // Not everybody may see the groups that groups are in.
                bind_reader(&mut directory, reader).await?;
            }
            let groups = groups_of(&mut directory, &base, &person, hierarchy).await?;
            Ok((person, username, groups))
        })
        .await?;
        let name = own_name(&person, "samaccountname", &sent);
        Ok(Identity {
            domain: Some(self.domain.clone()),
            ..identity_of(&person, name, groups)
        })
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn read(&self, operation: &Operation, request: &Request) -> Result<Response, Problem> {
        browse::answer(self, operation, request).await
    }

    async fn check(&self) -> Result<(), Problem> {
        let (reader, base) = (self.reader().ok(), self.place.base.clone());
        exchange(&self.place.url, move |mut directory| async move {
            match &reader {
                Some(reader) => bind_reader(&mut directory, reader).await,
                None => directory.entry(&base, names(&["objectClass"])).await.map(|_| ()),
            }
        })
        .await
    }
}

/// The groups of a person: the primary one, those that they are in, and, where that is wanted, those that these are in.
pub(crate) async fn groups_of(
    directory: &mut Connection,
    base: &str,
    person: &Entry,
    hierarchy: bool,
) -> Result<Vec<String>, Problem> {
    let mut groups: Vec<String> = Vec::new();
    if let Some(sid) = primary_group(person) {
        let filter = format!("(objectSid={})", escaped(&sid));
        let place = (base, Scope::Subtree);
        let found = directory
            .search(place, &filter, names(&["cn"]), Most::few(1))
            .await?;
        groups.extend(found.into_iter().map(|group| group.dn));
    }
    groups.extend(person.all("memberof").iter().cloned());
    let mut known: HashSet<String> = groups.iter().map(|dn| dn.to_lowercase()).collect();
    let mut next = 0;
    while hierarchy && next < groups.len() && groups.len() < MOST_GROUPS {
        let above = directory.entry(&groups[next], names(&["memberOf"])).await?;
        for dn in above.iter().flat_map(|group| group.all("memberof")) {
            if known.insert(dn.to_lowercase()) {
                groups.push(dn.clone());
            }
        }
        next += 1;
    }
    Ok(groups)
}

/// The security identifier of a person's primary group: the person's own with another last part.
fn primary_group(person: &Entry) -> Option<Vec<u8>> {
    let number: u32 = person.one("primarygroupid")?.parse().ok()?;
    let mut sid = person.bytes("objectsid")?;
    let last = sid.len().checked_sub(4).filter(|rest| *rest >= 8)?;
    sid.truncate(last);
    sid.extend_from_slice(&number.to_le_bytes());
    Some(sid)
}

/// Bytes as a value of a filter.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_group_is_found_by_its_identifier() {
        let mut person = Entry::default();
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0x51, 4, 0, 0xff].to_vec();
        person.binary.insert("objectsid".into(), vec![sid]);
        person.texts.insert("primarygroupid".into(), vec!["513".into()]);
        let group = primary_group(&person).unwrap();
        assert_eq!(
            escaped(&group),
            "\\01\\02\\00\\00\\00\\00\\00\\05\\15\\00\\00\\00\\01\\02\\00\\00"
        );
        person.binary.insert("objectsid".into(), vec![vec![1, 2]]);
        assert_eq!(primary_group(&person), None);
    }
}
