//! What somebody with a role may hand on: nothing that the own role does not have.
//!
//! A delegate who may write roles, apps or users could otherwise make a role that may do everything, and take it. Every
//! write of a caller who is bound by a role is judged by what it changed: each new grant, each role that was switched
//! on, and each role that was given to an app or a user must be covered by the caller's own.

use contract::{Caller, Map, Problem, Value};
use std::collections::HashMap;
use std::hash::Hash;
use store::{AccessRow, Entity, Grants, RoleRow};

/// What opens an account to whoever sets it.
const KEYS: [&str; 6] = [
    "email",
    "username",
    "password",
    "security_question",
    "security_answer",
    "is_active",
];

/// Whether nothing is held back from this caller.
pub(crate) fn is_unrestricted(caller: &Caller) -> bool {
    caller.is_unrestricted()
}

/// Judges a write by the grants before and after it: 403 when it handed on more than the caller has, shows what was
/// private, or changed a service whose type decides who gets in (`lets_in`). Whoever writes such a service could come in
/// as anybody, with any role.
pub(crate) fn judge(
    caller: &Caller,
    before: &Grants,
    after: &Grants,
    lets_in: &dyn Fn(&str) -> bool,
) -> Result<(), Problem> {
    let mut rewritten = differing(&before.services, &after.services, |a, b| a == b);
    let decides = |id: i64| {
        let sides = [before, after].map(|grants| grants.services.get(&id));
        sides.into_iter().flatten().any(|(kind, _)| lets_in(kind))
    };
    if rewritten.any(decides) {
        return Err(Problem::forbidden(
            "Only an administrator without a role may write the services that decide who gets in.",
        ));
    }
    // A value that was private stays so until another takes its place.
    let opened = |(id, (private, value)): (&i64, &(bool, String))| {
        *private && after.lookups.get(id) == Some(&(false, value.clone()))
    };
    if before.lookups.iter().any(opened) {
        return Err(Problem::forbidden(
            "Only an administrator without a role may show the value of a private lookup. Send another value with it.",
        ));
    }
    let own = Own::of(caller, before);
    let covered = |role: i64| after.of_role(role).all(|row| own.covers(row));
    // Taking a row away can widen a role, too: a narrower row holds back what a wildcard grants.
    let rows = differing(&before.access, &after.access, |a, b| {
        a.0 == b.0 && same(&a.1, &b.1)
    });
    let rewritten = rows.flat_map(|id| {
        [before, after]
            .map(|grants| grants.access.get(&id))
            .into_iter()
            .flatten()
    });
    let rewritten = rewritten.map(|(role, _)| *role);
    let switched_on = after
        .roles
        .iter()
        .filter(|(id, active)| **active && before.roles.get(*id) == Some(&false))
        .map(|(id, _)| *id);
    let of_apps = differing(&before.apps, &after.apps, |a, b| a == b);
    // Whoever chooses a key knows it, and can use it.
    let of_keys = differing(&before.keys, &after.keys, |a, b| a == b);
    let of_apps = of_apps
        .chain(of_keys)
        .filter_map(|app| after.apps.get(&app).copied());
    let of_users: Vec<(i64, i64)> = differing(&before.users, &after.users, |a, b| a == b).collect();
    let of_groups = differing(&before.groups, &after.groups, |a, b| a == b)
        .filter_map(|row| after.groups.get(&row).map(|(_, role)| *role));
    // An administrator without a role may do everything; a user without one has the app's.
    if of_users
        .iter()
        .any(|key| after.admins.contains(&key.0) && !after.users.contains_key(key))
    {
        return Err(too_much());
    }
    let of_users = of_users
        .iter()
        .filter_map(|key| after.users.get(key).or_else(|| after.apps.get(&key.1)).copied());
    let mut roles = rewritten
        .chain(switched_on)
        .chain(of_apps)
        .chain(of_users)
        .chain(of_groups);
    match roles.all(covered) {
        true => Ok(()),
        false => Err(too_much()),
    }
}

/// The keys at which two maps differ.
fn differing<'a, K: Copy + Eq + Hash, V>(
    before: &'a HashMap<K, V>,
    after: &'a HashMap<K, V>,
    same: impl Fn(&V, &V) -> bool + 'a,
) -> impl Iterator<Item = K> + 'a {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let new = after
        .iter()
        .filter(move |(key, value)| before.get(*key).is_none_or(|old| !same(old, value)))
        .map(|(key, _)| key);
    gone.chain(new).copied()
}

/// Judges a change of what opens an account: whoever sets a password can use it.
pub(crate) fn judge_account(
    caller: &Caller,
    grants: &Grants,
    entity: Entity,
    user: i64,
    record: &Map<String, Value>,
) -> Result<(), Problem> {
    if entity != Entity::User || !KEYS.iter().any(|key| record.contains_key(*key)) {
        return Ok(());
    }
    let own = Own::of(caller, grants);
    let mut roles = grants
        .users
        .iter()
        .filter(|((of, _), _)| *of == user)
        .map(|(_, role)| *role);
    match roles.all(|role| grants.of_role(role).all(|row| own.covers(row))) {
        true => Ok(()),
        false => Err(Problem::forbidden(
            "This user has rights that your own role does not have, so you cannot change what opens the account.",
        )),
    }
}

/// Judges a scheduled task by the app and the user that it runs as. Without an app it may do everything, and as
/// somebody else it sees what is theirs; what is left is an app, with the caller or nobody, whose role gives no more
/// than the caller's own.
pub(crate) fn judge_task(
    caller: &Caller,
    grants: &Grants,
    runs_as: (Option<i64>, Option<i64>),
) -> Result<(), Problem> {
    let (Some(app), user) = runs_as else {
        return Err(Problem::forbidden(
            "Only an administrator without a role may write tasks that run without an app.",
        ));
    };
    if user.is_some() && user != caller.user.as_ref().map(|own| own.id) {
        return Err(Problem::forbidden(
            "Only an administrator without a role may write tasks that run as somebody else.",
        ));
    }
    let role = user
        .and_then(|user| grants.users.get(&(user, app)))
        .or_else(|| grants.apps.get(&app));
    let own = Own::of(caller, grants);
    match role.is_none_or(|role| grants.of_role(*role).all(|row| own.covers(row))) {
        true => Ok(()),
        false => Err(too_much()),
    }
}

/// Whether the caller's own role has all that another one grants.
pub(crate) fn covers(caller: &Caller, roles: &[RoleRow], role: i64) -> bool {
    let of = |id| {
        roles
            .iter()
            .filter(move |row| row.id == id)
            .flat_map(|row| &row.access)
    };
    let own = caller.role.as_ref().map(|role| role.id);
    let own = Own(own.into_iter().flat_map(of).collect());
    of(role).all(|row| own.covers(row))
}

fn too_much() -> Problem {
    Problem::forbidden("You cannot grant rights that your own role does not have.")
}

/// The rows of the caller's own role.
struct Own<'a>(Vec<&'a AccessRow>);

impl<'a> Own<'a> {
    fn of(caller: &Caller, grants: &'a Grants) -> Own<'a> {
        let role = caller.role.as_ref().map(|role| role.id);
        Own(role.into_iter().flat_map(|id| grants.of_role(id)).collect())
    }

    /// Whether this role has at least what a row grants: a row of its own for the same place, or for a wildcard above
    /// it, that allows as much and filters no rows away, or the same ones; and nothing narrower that allows less. When
    /// in doubt it has not.
    fn covers(&self, row: &AccessRow) -> bool {
        if row.verb_mask == 0 || row.requestor_mask == 0 {
            return true;
        }
        let enough = |own: &&&AccessRow| {
            let filters = own.filters.is_empty() || (own.filters == row.filters && own.any == row.any);
            own.verb_mask & row.verb_mask == row.verb_mask
                && own.requestor_mask & row.requestor_mask == row.requestor_mask
                && filters
        };
        let above = self.0.iter().filter(|own| is_above(own, row));
        let inside = self.0.iter().filter(|own| is_above(row, own));
        above.clone().any(|own| enough(&own)) && above.chain(inside).all(|own| enough(&own))
    }
}

/// Whether one row's place holds the other's, or is the same.
fn is_above(outer: &AccessRow, inner: &AccessRow) -> bool {
    if outer.service_id.is_some() && outer.service_id != inner.service_id {
        return false;
    }
    let place = |row: &AccessRow| row.component.trim_matches('/').to_lowercase();
    let (outer, inner) = (place(outer), place(inner));
    match outer.strip_suffix('*') {
        Some("") => true,
        Some(prefix) => format!("{inner}/").starts_with(prefix),
        None => outer == inner,
    }
}

fn same(a: &AccessRow, b: &AccessRow) -> bool {
    let place = |row: &AccessRow| (row.service_id, row.component.clone());
    place(a) == place(b)
        && (a.verb_mask, a.requestor_mask, a.any) == (b.verb_mask, b.requestor_mask, b.any)
        && a.filters == b.filters
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::RowCondition;

    fn row(service: Option<i64>, component: &str, mask: u8) -> AccessRow {
        AccessRow {
            id: 0,
            service_id: service,
            component: component.into(),
            verb_mask: mask,
            requestor_mask: 3,
            filters: Vec::new(),
            any: false,
        }
    }

    fn covers(own: &[AccessRow], wanted: &AccessRow) -> bool {
        Own(own.iter().collect()).covers(wanted)
    }

    #[test]
    fn as_much_or_less_in_the_same_place_or_below_can_be_handed_on() {
        let own = [row(Some(5), "_table/*", 3)];
        assert!(covers(&own, &row(Some(5), "_table/*", 1)));
        assert!(covers(&own, &row(Some(5), "_table/a/*", 3)));
        assert!(covers(&own, &row(Some(5), "_table/", 1)));
        assert!(!covers(&own, &row(Some(5), "_table/*", 4)));
        assert!(!covers(&own, &row(Some(5), "*", 1)));
        assert!(!covers(&own, &row(Some(6), "_table/*", 1)));
        assert!(!covers(&own, &row(None, "_table/*", 1)));
        assert!(!covers(&[], &row(Some(5), "", 1)));
    }

    #[test]
    fn what_is_held_back_inside_stays_held_back() {
        let own = [row(Some(5), "_table/*", 31), row(Some(5), "_table/secret", 0)];
        assert!(!covers(&own, &row(Some(5), "_table/*", 1)));
        assert!(!covers(&own, &row(Some(5), "_table/secret", 1)));
        assert!(covers(&own, &row(Some(5), "_table/open", 1)));
        let everywhere = [row(None, "*", 31), row(Some(5), "*", 1)];
        assert!(!covers(&everywhere, &row(None, "*", 31)));
        assert!(covers(&everywhere, &row(Some(6), "*", 31)));
    }

    #[test]
    fn row_filters_are_handed_on() {
        let filter = |value: &str| {
            vec![RowCondition {
                name: "dept".into(),
                operator: "=".into(),
                value: value.into(),
            }]
        };
        let with = |value| AccessRow {
            filters: filter(value),
            ..row(Some(5), "_table/a", 1)
        };
        assert!(covers(&[with("x")], &with("x")));
        assert!(!covers(&[with("x")], &with("y")));
        assert!(!covers(&[with("x")], &row(Some(5), "_table/a", 1)));
        assert!(covers(&[row(Some(5), "_table/a", 1)], &with("x")));
    }
}
