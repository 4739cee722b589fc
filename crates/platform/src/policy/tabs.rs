//! Restricted administrators: which parts of the console a role opens, and which rows open a part.
//!
//! A part ("tab") is a list of grants, and nothing more: the role that is made of parts is judged like every other.

use super::Role;
use contract::{Origin, Verbs};

/// What a grant of a tab is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A component of the service of type `system`.
    System(&'static str),
    /// Everything of all services of a group.
    Group(&'static str),
}

use Place::{Group, System};

const ALL: u8 = Verbs::ALL.0;
const READ: u8 = 1;
/// Reading and removing.
const CLEAR: u8 = 17;
/// All but removing.
const OWN: u8 = 15;

/// What every restricted administrator has: the list of resources, and the own profile.
const ALWAYS: &[(Place, u8)] = &[
    (System(""), READ),
    (System("admin/profile"), OWN),
    (System("constant/*"), READ),
];

/// The tabs by name, with what they open.
const TABS: &[(&str, &[(Place, u8)])] = &[
    (
        "apps",
        &[
            (System("app/*"), ALL),
            (System("role/*"), READ),
            (System("service/*"), READ),
        ],
    ),
    (
        "users",
        &[
            (System("user/*"), ALL),
            (System("app/*"), READ),
            (System("role/*"), READ),
        ],
    ),
    (
        "services",
        &[(System("service/*"), ALL), (System("service_type/*"), READ)],
    ),
    (
        "apidocs",
        &[(Group("API Doc"), READ), (System("service/*"), READ)],
    ),
    (
        "schema/data",
        &[
            (Group("Database"), ALL),
            (System("service/*"), READ),
            (System("service_type/*"), READ),
        ],
    ),
    (
        "files",
        &[
            (Group("File"), ALL),
            (System("service/*"), READ),
            (System("service_type/*"), READ),
        ],
    ),
    (
        "scripts",
        &[
            (System("event_script/*"), ALL),
            (System("event/*"), READ),
            (System("script_type/*"), READ),
            (System("service/*"), READ),
        ],
    ),
    (
        "config",
        &[
            (System("cache/*"), CLEAR),
            (System("cors/*"), ALL),
            (System("custom/*"), ALL),
            (System("email_template/*"), ALL),
            (System("lookup/*"), ALL),
        ],
    ),
    (
        "packages",
        &[
            (System("package/*"), ALL),
            (System("config_package/*"), ALL),
            (System("service/*"), READ),
        ],
    ),
    (
        "limits",
        &[
            (System("limit/*"), ALL),
            (System("limit_cache/*"), CLEAR),
            (System("role/*"), READ),
            (System("service/*"), READ),
            (System("user/*"), READ),
        ],
    ),
    (
        "scheduler",
        &[(System("scheduler/*"), ALL), (System("service/*"), READ)],
    ),
];

/// A service as tabs see it.
#[derive(Debug, Clone, Copy)]
pub struct Grouped<'a> {
    /// Its id.
    pub id: i64,
    /// Name of its type.
    pub kind: &'a str,
    /// Group of its type.
    pub group: &'a str,
}

/// A grant of a role that is made of tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TabGrant {
    /// Service.
    pub service: i64,
    /// Component.
    pub component: &'static str,
    /// Verbs.
    pub verbs: Verbs,
}

/// The names of all tabs.
pub fn tab_names() -> impl Iterator<Item = &'static str> {
    TABS.iter().map(|(name, _)| *name)
}

/// The grants of these tabs together, one for each place. Unknown names open nothing.
pub fn grants_of_tabs(tabs: &[&str], services: &[Grouped<'_>]) -> Vec<TabGrant> {
    let wanted = TABS.iter().filter(|(name, _)| tabs.contains(name));
    let places = ALWAYS.iter().chain(wanted.flat_map(|(_, grants)| *grants));
    let mut grants: Vec<TabGrant> = Vec::new();
    for grant in places.flat_map(|(place, verbs)| place.grants(*verbs, services)) {
        let same = |g: &&mut TabGrant| (g.service, g.component) == (grant.service, grant.component);
        match grants.iter_mut().find(same) {
            Some(known) => known.verbs = known.verbs.union(grant.verbs),
            None => grants.push(grant),
        }
    }
    grants
}

/// The tabs that a role opens: those of whose grants it has every one. A tab about services of which there are none
/// is closed.
pub(crate) fn tabs_of_role(role: &Role, services: &[Grouped<'_>]) -> Vec<&'static str> {
    let has = |grant: TabGrant| {
        let below = grant.component.trim_end_matches("/*");
        let own = role.verbs(grant.service, below, &Origin::Api);
        own.union(grant.verbs) == own
    };
    let open = |places: &&[(Place, u8)]| {
        places.iter().all(|(place, verbs)| {
            let grants = place.grants(*verbs, services);
            !grants.is_empty() && grants.into_iter().all(has)
        })
    };
    TABS.iter()
        .filter(|(_, places)| role.is_active && open(places))
        .map(|(name, _)| *name)
        .collect()
}

impl Place {
    fn grants(self, verbs: u8, services: &[Grouped<'_>]) -> Vec<TabGrant> {
        let fits = |service: &&Grouped<'_>| match self {
            System(_) => service.kind == "system",
            Group(group) => service.group == group,
        };
        let component = match self {
            System(component) => component,
            Group(_) => "*",
        };
        services
            .iter()
            .filter(fits)
            .map(|service| TabGrant {
                service: service.id,
                component,
                verbs: Verbs(verbs),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Verb;
    use store::rows::{AccessRow, RoleRow};

    const SERVICES: [Grouped<'_>; 3] = [
        Grouped {
            id: 1,
            kind: "system",
            group: "System",
        },
        Grouped {
            id: 5,
            kind: "one database",
            group: "Database",
        },
        Grouped {
            id: 6,
            kind: "another database",
            group: "Database",
        },
    ];

    fn role(tabs: &[&str]) -> Role {
        let row = |(id, grant): (i64, TabGrant)| AccessRow {
            id,
            service_id: Some(grant.service),
            component: grant.component.into(),
            verb_mask: grant.verbs.0,
            requestor_mask: 3,
            filters: Vec::new(),
            any: false,
        };
        Role::new(&RoleRow {
            id: 1,
            name: "ann's role".into(),
            is_active: true,
            access: (1..).zip(grants_of_tabs(tabs, &SERVICES)).map(row).collect(),
        })
    }

    #[test]
    fn a_role_made_of_tabs_opens_them_and_no_other() {
        for tab in tab_names().filter(|tab| !["apidocs", "files"].contains(tab)) {
            let open = tabs_of_role(&role(&[tab]), &SERVICES);
            assert!(open.contains(&tab), "{tab}: {open:?}");
            assert!(!open.contains(&"config") || tab == "config", "{tab}: {open:?}");
        }
        assert_eq!(
            tabs_of_role(&role(&["users", "config"]), &SERVICES),
            ["users", "config"]
        );
        assert_eq!(tabs_of_role(&role(&[]), &SERVICES), [""; 0]);
        assert_eq!(
            tabs_of_role(&role(&["files", "nonsense"]), &SERVICES),
            [""; 0],
            "there are no files"
        );
    }

    #[test]
    fn no_tab_reaches_administrators_or_the_audit() {
        let all: Vec<&str> = tab_names().collect();
        let role = role(&all);
        for closed in [
            "admin",
            "admin/1",
            "audit",
            "audit/1",
            "request_log",
            "metric",
            "health",
        ] {
            assert!(role.verbs(1, closed, &Origin::Api).is_empty(), "{closed}");
        }
        assert!(role.verbs(1, "user/7", &Origin::Api).contains(Verb::Delete));
        assert!(!role.verbs(1, "role", &Origin::Api).contains(Verb::Post));
        assert_eq!(role.verbs(5, "_table/a", &Origin::Api), Verbs::ALL);
    }
}
