//! The groups that somebody is in at Google.

use crate::backchannel::{self, Backchannel};
use contract::{Problem, Value};

/// What has to be asked for besides, to be told.
pub(crate) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-identity.groups.readonly";

const SEARCH: &str = "https://cloudidentity.googleapis.com/v1/groups/-/memberships:searchDirectGroups";
/// Pages that are read; each holds up to [`PAGE_SIZE`] groups.
const PAGES: usize = 10;
const PAGE_SIZE: &str = "200";

/// The addresses of the groups that an account is in itself.
pub(crate) async fn groups(
    backchannel: &Backchannel,
    token: &str,
    email: &str,
) -> Result<Vec<String>, Problem> {
    let mut all = Vec::new();
    let mut page = String::new();
    let member = format!("member_key_id == '{}'", email.replace(['\'', '\\'], ""));
    for _ in 0..PAGES {
        let values = [
            ("query", member.as_str()),
            ("pageSize", PAGE_SIZE),
            ("pageToken", &page),
        ];
        let question = backchannel.get(SEARCH).bearer_auth(token).query(&values);
        let answer = backchannel::json(question).await?;
        all.extend(of(&answer));
        match answer.get("nextPageToken").and_then(Value::as_str) {
            Some(next) if !next.is_empty() => page = next.to_owned(),
            _ => break,
        }
    }
    Ok(all)
}

fn of(answer: &Value) -> impl Iterator<Item = String> {
    let memberships = answer.get("memberships").and_then(Value::as_array);
    let address = |one: &Value| one.pointer("/groupKey/id")?.as_str().map(str::to_owned);
    memberships.into_iter().flatten().filter_map(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn groups_are_told_by_their_addresses() {
        let answer = json!({"memberships": [
            {"membership": "groups/1/memberships/2", "group": "groups/1", "displayName": "Sales",
             "groupKey": {"id": "sales@example.com"}, "relationType": "DIRECT"},
            {"group": "groups/3"},
        ]});
        assert_eq!(of(&answer).collect::<Vec<_>>(), ["sales@example.com"]);
        assert_eq!(of(&json!({})).count(), 0);
    }
}
