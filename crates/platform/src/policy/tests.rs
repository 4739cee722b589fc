//! The matching algorithm as tables: rows of a role, then what they say of components.

use super::*;
use contract::{Access, Origin, Problem, RowCondition, Verb, Verbs, Verdict};
use store::rows::{AccessRow, AppRow, RoleRow};

const DB: i64 = 8;
const OTHER: i64 = 9;

const GET: u8 = 1;
const POST: u8 = 2;
const DELETE: u8 = 16;
const ALL: u8 = 31;

/// A grant on the database service, for API and scripts, without a filter.
fn on(component: &str, verb_mask: u8) -> AccessRow {
    AccessRow {
        id: 0,
        service_id: Some(DB),
        component: component.into(),
        verb_mask,
        requestor_mask: 3,
        filters: Vec::new(),
        any: false,
    }
}

fn everywhere(component: &str, verb_mask: u8) -> AccessRow {
    AccessRow {
        service_id: None,
        ..on(component, verb_mask)
    }
}

fn filtered(component: &str, verb_mask: u8, field: &str) -> AccessRow {
    let condition = RowCondition {
        name: field.into(),
        operator: "=".into(),
        value: "1".into(),
    };
    AccessRow {
        filters: vec![condition],
        ..on(component, verb_mask)
    }
}

fn role(access: Vec<AccessRow>) -> Role {
    Role::new(&RoleRow {
        id: 1,
        name: "r".into(),
        is_active: true,
        access,
    })
}

fn verbs(rows: &[AccessRow], component: &str) -> u8 {
    role(rows.to_vec()).verbs(DB, component, &Origin::Api).0
}

/// Rows, and the verbs they give on components.
type Matches<'a> = (&'a [AccessRow], &'a [(&'a str, u8)]);

#[test]
fn components_match_as_documented() {
    let cases: &[Matches<'_>] = &[
        // A table with everything below it, but not the list of tables.
        (
            &[on("_table/employees/*", GET)],
            &[
                ("_table/employees", GET),
                ("_table/employees/5", GET),
                ("_table/employees/5/x", GET),
                ("_TABLE/Employees/5", GET),
                ("/_table/employees/", GET),
                ("_table", 0),
                ("_table/employees2", 0),
                ("_table/employee", 0),
                ("", 0),
            ],
        ),
        // Exactly one path, with or without a slash at the end.
        (
            &[on("_table/employees", GET)],
            &[
                ("_table/employees", GET),
                ("_table/employees/5", 0),
                ("_table", 0),
            ],
        ),
        (
            &[on("_table/employees/", GET)],
            &[("_table/employees", GET), ("_table/employees/5", 0)],
        ),
        (&[on("/_Table/Employees", GET)], &[("_table/EMPLOYEES", GET)]),
        // The list alone.
        (
            &[on("_table/", GET)],
            &[("_table", GET), ("_table/employees", 0), ("", 0)],
        ),
        (
            &[on("_table/*", GET)],
            &[
                ("_table", GET),
                ("_table/a", GET),
                ("_table/a/1", GET),
                ("_tables", 0),
                ("", 0),
            ],
        ),
        // A resource and its records are two things.
        (&[on("app", GET)], &[("app", GET), ("app/1", 0)]),
        (
            &[on("app/*", GET)],
            &[("app", GET), ("app/1", GET), ("application", 0)],
        ),
        // A star in the middle of a word is a prefix.
        (
            &[on("_table/pub_*", GET)],
            &[
                ("_table/pub_a", GET),
                ("_table/pub_a/1", GET),
                ("_table/private", 0),
            ],
        ),
        // Nothing may follow the star.
        (
            &[on("_table/*/x", GET)],
            &[("_table/a/x", 0), ("_table/a", 0), ("_table/*/x", GET)],
        ),
        // Everything in the service, the root included.
        (
            &[on("*", GET)],
            &[("", GET), ("_table", GET), ("_table/a/1", GET)],
        ),
        // The root alone.
        (&[on("", GET)], &[("", GET), ("_table", 0)]),
        // Arguments of a call are not part of the component.
        (
            &[on("_func/add", GET)],
            &[
                ("_func/add(1,2)", GET),
                ("_func/add", GET),
                ("_func/add(1,2)x", 0),
                ("_func/ad(d)", 0),
            ],
        ),
        (
            &[on("_table", GET), on("", GET)],
            &[("_table/(a)", 0), ("(a)", 0)],
        ),
        // Parentheses of other names are.
        (
            &[on("docs/a", GET)],
            &[("docs/a", GET), ("docs/a (1)", 0), ("docs/a(/secret)", 0)],
        ),
        // A folder's wildcard covers it, and all files in it.
        (
            &[on("docs/*", GET)],
            &[
                ("docs", GET),
                ("docs/a.txt", GET),
                ("docs/b/c", GET),
                ("docs2", 0),
                ("", 0),
            ],
        ),
        // Letters beyond ASCII have cases, too.
        (
            &[on("_table/ÄRZTE/*", GET)],
            &[("_table/ärzte/1", GET), ("_table/arzte", 0)],
        ),
        // No row, no rights.
        (&[], &[("", 0), ("_table", 0), ("*", 0)]),
    ];
    for (rows, expected) in cases {
        for (component, mask) in *expected {
            assert_eq!(
                verbs(rows, component),
                *mask,
                "{:?} on '{component}'",
                components(rows)
            );
        }
    }
}

#[test]
fn tiers_hide_each_other_and_rows_of_a_tier_add_up() {
    let cases: &[(&[AccessRow], &str, u8)] = &[
        // Rows of one tier are OR-ed.
        (
            &[on("_table/a", GET), on("_table/a", POST)],
            "_table/a",
            GET | POST,
        ),
        (
            &[on("*", GET), on("_table/*", POST), on("_table/a/*", DELETE)],
            "_table/a/1",
            GET | POST | DELETE,
        ),
        // The longest prefix is not preferred.
        (&[on("_table/a/*", 0), on("*", ALL)], "_table/a", ALL),
        // An exact row decides alone, also when it denies.
        (&[on("_table/a", 0), on("*", ALL)], "_table/a", 0),
        (&[on("_table/a", GET), on("_table/*", ALL)], "_table/a", GET),
        (&[on("_table/a", GET), on("_table/*", ALL)], "_table/a/1", ALL),
        (&[on("", 0), on("*", ALL)], "", 0),
        // Rows of the service hide those of all services.
        (&[on("_table/*", GET), everywhere("*", ALL)], "_table/a", GET),
        (&[on("_table/*", 0), everywhere("*", ALL)], "_table/a", 0),
        (&[on("_table/*", GET), everywhere("*", ALL)], "_schema/a", ALL),
        (&[on("*", 0), everywhere("", GET)], "", 0),
        // All services: a star covers all, nothing covers roots only, anything else covers nothing.
        (&[everywhere("*", GET)], "", GET),
        (&[everywhere("*", GET)], "_table/a", GET),
        (&[everywhere("", GET)], "", GET),
        (&[everywhere("", GET)], "_table", 0),
        (&[everywhere("", GET), everywhere("*", POST)], "", GET | POST),
        (&[everywhere("_table/*", GET)], "_table/a", 0),
    ];
    for (rows, component, mask) in cases {
        assert_eq!(
            verbs(rows, component),
            *mask,
            "{:?} on '{component}'",
            components(rows)
        );
    }
}

#[test]
fn grants_count_for_their_requestors_only() {
    let script = Origin::Script { depth: 1 };
    let by = |requestor_mask: u8, row: AccessRow| AccessRow {
        requestor_mask,
        ..row
    };
    let role = role(vec![
        by(1, on("_table/api", GET)),
        by(2, on("_table/script", GET)),
        by(0, on("_table/nobody", GET)),
        // For a script the exact row does not exist, so the wildcard decides.
        by(1, on("_table/both", 0)),
        on("_table/b*", GET),
    ]);
    for (component, api, scripts) in [
        ("_table/api", true, false),
        ("_table/script", false, true),
        ("_table/nobody", false, false),
        ("_table/both", false, true),
    ] {
        assert_eq!(
            role.verbs(DB, component, &Origin::Api).contains(Verb::Get),
            api,
            "{component}"
        );
        assert_eq!(
            role.verbs(DB, component, &Origin::Tool).contains(Verb::Get),
            api,
            "{component}"
        );
        assert_eq!(
            role.verbs(DB, component, &script).contains(Verb::Get),
            scripts,
            "{component}"
        );
        assert_eq!(
            role.verbs(DB, component, &Origin::Job).contains(Verb::Get),
            api,
            "{component}"
        );
    }
    assert!(
        role.verbs(OTHER, "_table/api", &Origin::Api).is_empty(),
        "another service"
    );
}

#[test]
fn the_schema_list_opens_with_any_schema_that_may_be_read() {
    assert_eq!(verbs(&[on("_schema/departments", GET)], "_schema"), GET);
    assert_eq!(verbs(&[on("_schema/departments/*", GET)], "_SCHEMA/"), GET);
    assert_eq!(verbs(&[on("_schema/departments", POST)], "_schema"), 0);
    assert_eq!(verbs(&[on("_table/departments", GET)], "_schema"), 0);
    assert_eq!(verbs(&[on("_schema/departments", GET)], "_schema/other"), 0);
    let for_scripts = AccessRow {
        requestor_mask: 2,
        ..on("_schema/departments", GET)
    };
    assert_eq!(verbs(&[for_scripts], "_schema"), 0);
}

#[test]
fn the_row_filter_is_that_of_the_last_row_with_the_verb() {
    let cases: &[(&[AccessRow], Verb, Option<&str>)] = &[
        (&[filtered("_table/a/*", ALL, "x")], Verb::Get, Some("x")),
        (&[filtered("_table/a/*", ALL, "x")], Verb::Delete, Some("x")),
        (
            &[filtered("_table/a/*", POST, "x"), on("_table/*", GET)],
            Verb::Get,
            None,
        ),
        (
            &[filtered("_table/a/*", ALL, "x"), filtered("*", ALL, "y")],
            Verb::Get,
            Some("y"),
        ),
        (
            &[filtered("*", ALL, "y"), filtered("_table/a/*", ALL, "x")],
            Verb::Get,
            Some("x"),
        ),
        // A last row without a filter lifts it.
        (&[filtered("_table/a/*", ALL, "x"), on("*", ALL)], Verb::Get, None),
        // Tiers are chosen among rows with the verb.
        (
            &[on("_table/a", POST), filtered("_table/*", GET, "x")],
            Verb::Get,
            Some("x"),
        ),
        (
            &[on("_table/a", ALL), filtered("_table/*", ALL, "x")],
            Verb::Get,
            None,
        ),
        // Rows of all services carry none.
        (
            &[AccessRow {
                service_id: None,
                ..filtered("*", ALL, "x")
            }],
            Verb::Get,
            None,
        ),
    ];
    for (rows, verb, expected) in cases {
        let filter = role(rows.to_vec()).filter(DB, "_table/A", *verb, &Origin::Api);
        let field = filter.as_ref().map(|f| f.conditions[0].name.as_str());
        assert_eq!(field, *expected, "{:?} {verb}", components(rows));
    }
}

#[test]
fn a_role_touches_what_it_gives_any_verb_on() {
    assert!(role(vec![on("_table/a", GET)]).touches(DB));
    assert!(!role(vec![on("_table/a", GET)]).touches(OTHER));
    assert!(!role(vec![on("_table/a", 0)]).touches(DB));
    assert!(
        !role(vec![AccessRow {
            requestor_mask: 0,
            ..on("*", GET)
        }])
        .touches(DB)
    );
    assert!(role(vec![everywhere("", GET)]).touches(OTHER));
    assert!(!role(vec![everywhere("*", 0)]).touches(OTHER));
}

fn names() -> Arc<ServiceNames> {
    Arc::new(HashMap::from([(
        DB,
        Arc::new(ServiceRef {
            id: DB,
            name: "db".into(),
        }),
    )]))
}

fn refusal(rights: &Rights, service: i64, component: &str, origin: &Origin) -> (u16, String) {
    match rights.verdict(service, component, Verb::Get, origin) {
        Verdict::Deny(problem) => (Problem::status(&problem), problem.message),
        Verdict::Allow { .. } => (200, String::new()),
    }
}

/// Role, whether a user is known, what was sent, by whom; status and first words of the answer.
type Refused<'a> = (Option<&'a Arc<Role>>, bool, Evidence, &'a Origin, u16, &'a str);

#[test]
fn refusals_follow_from_what_was_sent() {
    let active = Arc::new(role(vec![on("_table/a", GET)]));
    let inactive = Arc::new(Role::new(&RoleRow {
        id: 2,
        name: "off".into(),
        is_active: false,
        access: vec![on("*", ALL)],
    }));
    let none = Evidence::default();
    let key = Evidence {
        key: true,
        session: false,
    };
    let session = Evidence {
        key: false,
        session: true,
    };
    let both = Evidence {
        key: true,
        session: true,
    };
    let script = Origin::Script { depth: 1 };
    let cases: &[Refused<'_>] = &[
        (
            None,
            false,
            none,
            &Origin::Api,
            400,
            "No session token (JWT) or API Key detected in request.",
        ),
        (None, false, none, &script, 400, "No API Key provided."),
        (None, true, session, &Origin::Api, 400, "No API Key provided."),
        (
            None,
            false,
            key,
            &Origin::Api,
            400,
            "No session token (JWT) provided.",
        ),
        (None, true, both, &Origin::Api, 403, "Role not found."),
        (
            Some(&inactive),
            false,
            key,
            &Origin::Api,
            403,
            "Access Forbidden. The role assigned to you or your app",
        ),
        (
            Some(&inactive),
            true,
            both,
            &Origin::Api,
            403,
            "Access Forbidden. The role assigned to you or your app",
        ),
        (
            Some(&active),
            false,
            key,
            &Origin::Api,
            401,
            "Unauthorized. User is not authenticated.",
        ),
        (
            Some(&active),
            true,
            both,
            &Origin::Api,
            403,
            "Access Forbidden. GET access to component '_table/B' of service 'db' is not allowed by this user's role.",
        ),
    ];
    for (role, user, evidence, origin, status, words) in cases {
        let rights = Rights::of_role(role.cloned(), *user, *evidence, &names());
        let (given, message) = refusal(&rights, DB, "_table/B", origin);
        assert_eq!(given, *status, "{message}");
        assert!(message.starts_with(words), "{message}");
    }
    let rights = Rights::of_role(Some(active), true, both, &names());
    let at_root = "Access Forbidden. GET access to service 'db' is not allowed by this user's role.";
    assert_eq!(refusal(&rights, DB, "", &Origin::Api), (403, at_root.into()));
    let unknown = "Access Forbidden. GET access to this service is not allowed by this user's role.";
    assert_eq!(refusal(&rights, 0, "", &Origin::Api), (403, unknown.into()));
    assert_eq!(refusal(&rights, DB, "_table/a", &Origin::Api).0, 200);
}

#[test]
fn an_administrator_may_do_everything_a_role_could_grant() {
    let rights = Rights::full(&names());
    for verb in Verb::GRANTABLE {
        assert!(matches!(
            rights.verdict(0, "x", verb, &Origin::Api),
            Verdict::Allow { filter: None }
        ));
    }
    assert!(
        matches!(rights.verdict(DB, "", Verb::Options, &Origin::Api), Verdict::Deny(p) if p.status() == 403)
    );
    assert_eq!(rights.verbs(DB, "", &Origin::Api), Verbs::ALL);
    assert!(rights.touches(OTHER));
}

#[test]
fn open_endpoints_are_exactly_the_documented_ones() {
    for (kind, path, verb, open) in [
        ("system", "admin/session", Verb::Post, true),
        ("system", "Admin/Session", Verb::Delete, true),
        ("system", "admin/session/x", Verb::Get, false),
        ("system", "admin", Verb::Get, false),
        ("system", "admin/password", Verb::Post, true),
        ("system", "admin/password", Verb::Put, false),
        ("system", "admin/profile", Verb::Get, false),
        ("system", "environment", Verb::Get, true),
        ("system", "environment", Verb::Post, false),
        ("user", "session", Verb::Put, true),
        ("user", "register", Verb::Post, true),
        ("user", "register", Verb::Get, false),
        ("user", "profile", Verb::Patch, true),
        ("user", "profile", Verb::Delete, false),
        ("user", "session", Verb::Options, false),
        ("swagger", "", Verb::Get, true),
        ("swagger", "db", Verb::Get, true),
        ("swagger", "db", Verb::Post, false),
        ("user", "session/corp", Verb::Get, true),
        ("user", "session/corp", Verb::Post, false),
        ("user", "session/corp/x", Verb::Get, false),
        ("oauth_google", "sso", Verb::Get, true),
        ("oauth_google", "sso", Verb::Post, true),
        ("oauth_google", "sso", Verb::Delete, false),
        ("oauth_google", "", Verb::Get, false),
        ("oauth_google", "x", Verb::Get, false),
        ("okta_saml", "acs", Verb::Post, true),
        ("adldap", "user", Verb::Get, false),
        ("database", "sso", Verb::Get, false),
        // The type decides, not the name.
        ("database", "session", Verb::Get, false),
    ] {
        assert_eq!(is_open(kind, path, verb), open, "{verb} {kind} {path}");
    }
}

#[test]
fn a_snapshot_finds_services_and_keys() {
    let service = |id: i64, name: &str| ServiceRow {
        id,
        name: name.into(),
        label: name.into(),
        description: None,
        is_active: true,
        kind: "database".into(),
        config: contract::Map::new(),
    };
    let app = |id: i64, api_key: &str| AppRow {
        id,
        name: format!("app{id}"),
        api_key: api_key.into(),
        is_active: true,
        role_id: None,
    };
    let snapshot = Snapshot::new(
        &PolicyRows {
            services: vec![service(1, "system"), service(2, "Sales")],
            apps: vec![app(1, "k1"), app(2, "")],
            ..PolicyRows::default()
        },
        &contract::Settings::default(),
    );
    assert_eq!(snapshot.service("SALES").map(|s| s.reference.id), Some(2));
    assert!(snapshot.service("nosuch").is_none());
    assert_eq!(snapshot.app_by_key("k1").map(|a| a.facts.id), Some(1));
    assert!(snapshot.app_by_key("K1").is_none());
    assert!(
        snapshot.app_by_key("").is_none(),
        "an app without a key has no key"
    );
}

fn components(rows: &[AccessRow]) -> Vec<(Option<i64>, &str, u8)> {
    rows.iter()
        .map(|r| (r.service_id, r.component.as_str(), r.verb_mask))
        .collect()
}

#[test]
fn a_form_is_reached_by_what_grants_some_component_of_it() {
    const RECORDS: &str = "_table/{table_name}";
    const RECORD: &str = "_table/{table_name}/{id}";
    let reach = |rows: &[AccessRow], form: &str| role(rows.to_vec()).reach(DB, form, &Origin::Api).0;
    let cases: &[Matches<'_>] = &[
        (
            &[on("_table/employees/*", GET)],
            &[(RECORDS, GET), (RECORD, GET), ("_table", 0), ("", 0)],
        ),
        (
            &[on("_table/employees", GET)],
            &[(RECORDS, GET), (RECORD, 0), ("_table/employees", GET)],
        ),
        (
            &[on("_table/Employees/5", DELETE)],
            &[(RECORDS, 0), (RECORD, DELETE)],
        ),
        (&[on("_table/employees/{id}", GET)], &[(RECORD, GET)]),
        (
            &[on("*", GET), everywhere("*", ALL)],
            &[(RECORD, GET), ("_table/x", GET)],
        ),
        (
            &[on("_table/a/*", GET), everywhere("*", POST)],
            &[(RECORD, GET | POST), ("_schema/{table_name}", POST)],
        ),
        (
            &[on("_schema/employees", GET)],
            &[("_schema", GET), ("_schema/{table_name}", GET), (RECORDS, 0)],
        ),
        (&[], &[(RECORD, 0)]),
    ];
    for (rows, forms) in cases {
        for (form, expected) in *forms {
            assert_eq!(reach(rows, form), *expected, "{form} of {rows:?}");
        }
    }
    let for_scripts = AccessRow {
        requestor_mask: 2,
        ..on("_table/*", ALL)
    };
    assert_eq!(reach(&[for_scripts, everywhere("*", GET)], RECORD), GET);
}
