//! Guard coverage: every endpoint of every service type, with every verb, as every kind of caller.
//!
//! The endpoints come from the program's own tables, so that a new one is guarded from its first day: a type without
//! a service here, or a placeholder without a value, fails.

use contract::Verb;
use kit::{Answer, Client};
use scenarios::tables::{Table, tables};
use scenarios::world::{World, grant};
use serde_json::{Value, json};

/// Every verb is tried on every path, whether its table has it or not.
const VERBS: [Verb; 5] = Verb::GRANTABLE;

/// What anybody may call, by service type: logging in and out, what a login page must know, and a document of what the
/// caller may do, which is nothing for who has no rights.
const OPEN: &[(&str, &str, &[Verb])] = &[
    ("system", "admin/session", &VERBS),
    ("system", "admin/password", &[Verb::Post]),
    ("system", "environment", &[Verb::Get]),
    ("swagger", "", &[Verb::Get]),
    ("swagger", "_spec", &[Verb::Get]),
    ("user", "session", &VERBS),
    // Where a browser comes back from a provider; this service is none.
    ("user", "session/sqlite", &[Verb::Get]),
    ("user", "password", &[Verb::Post]),
    ("user", "register", &[Verb::Post]),
    (
        "user",
        "profile",
        &[Verb::Get, Verb::Post, Verb::Put, Verb::Patch],
    ),
];

/// Values of placeholders: real ones, so that a hole in the guard would show data.
const PLACES: &[(&str, &str)] = &[
    ("id", "1"),
    ("rest*", "x"),
    ("field_name", "first_name"),
    ("relationship_name", "salaries_by_emp_no"),
    ("procedure_name", "count_departments"),
    ("function_name", "full_name"),
    ("name", "sqlite"),
    ("service", "sqlite"),
    ("service_name", "smtp_email"),
    ("file", "own.zip"),
    ("event_name", "sqlite.get.pre_process"),
    ("folder_path*", "guarded"),
    ("file_path*", "guarded/employees.txt"),
    ("path*", "x"),
    ("repo_name", "x"),
    ("function", "x"),
    ("key_name*", "x"),
    ("level", "info"),
    ("message", "x"),
    ("message*", "x"),
];
/// Tables that take the place of `{table_name}`, with a key in each.
const TABLES: &[(&str, &str)] = &[("employees", "10006"), ("departments", "d001")];

/// Types whose service is always there.
const ALWAYS: &[&str] = &["system", "user", "swagger"];
/// Types that are no databases and answer without another server. Services of all types that are no databases are made
/// under the name of their type; there is no server for the rest of them.
const HERE: &[&str] = &["local_email", "smtp_email", "local_file", "cache_local"];

/// The name of the service of a type.
fn service_of(kind: &str) -> &str {
    match kind {
        "swagger" => "api_docs",
        kind => kind,
    }
}

/// What must not stand in an answer to somebody without rights.
const DATA: &[&str] = &[
    "Marketing",
    "birth_date",
    "admin@example.com",
    "df_pw",
    "\"resource\":[{",
    "api_key\":",
];

/// The last employee whom the role with a row filter sees.
const LAST: i64 = 10_005;

struct Probe {
    service: String,
    kind: &'static str,
    /// The endpoint's own text, as in the table.
    template: &'static str,
    path: String,
    verb: Verb,
}

impl Probe {
    fn is_open(&self) -> bool {
        // Where browsers come back from providers of logins.
        let comes_back = self.template == "sso" && matches!(self.verb, Verb::Get | Verb::Post);
        comes_back
            || OPEN.iter().any(|(kind, path, verbs)| {
                *kind == self.kind && *path == self.path && verbs.contains(&self.verb)
            })
    }

    fn url(&self) -> String {
        format!("/api/v2/{}/{}", self.service, self.path)
    }

    async fn send(&self, client: &Client, url: &str) -> Answer {
        let body = (self.verb != Verb::Get).then(|| json!({"resource": []}));
        client.call(self.verb.as_str(), url, body.as_ref()).await
    }
}

/// Whether a type is of databases on a server.
fn on_server(kind: &str) -> bool {
    matches!(kind, "pgsql" | "alloydb" | "mysql" | "mariadb")
}

/// Every endpoint of every type as probes, or what is not covered.
fn probes(tables: &[Table], world: &World) -> (Vec<Probe>, Vec<String>) {
    let (mut probes, mut uncovered) = (Vec::new(), Vec::new());
    for table in tables {
        // A second name of a connector has the endpoints of its first.
        let absent = on_server(table.kind) && world.base(table.kind).is_none();
        if absent {
            kit::announce(&format!(
                "SKIPPED guard of {}: its server is not installed",
                table.kind
            ));
            continue;
        }
        // The document of a service is the platform's, and in no table.
        let paths = table.endpoints.iter().map(|endpoint| endpoint.path);
        for template in paths.chain(["_spec"]) {
            for (name, key) in TABLES {
                match concrete(template, name, key) {
                    Err(place) => {
                        uncovered.push(format!("{}: no value for {place} of {template}", table.kind));
                    }
                    Ok(path) => probes.extend(VERBS.map(|verb| Probe {
                        service: service_of(table.kind).to_owned(),
                        kind: table.kind,
                        template,
                        path: path.clone(),
                        verb,
                    })),
                }
            }
        }
    }
    probes.sort_by(|a, b| (&a.service, &a.path, a.verb).cmp(&(&b.service, &b.path, b.verb)));
    probes.dedup_by(|a, b| (&a.service, &a.path, a.verb) == (&b.service, &b.path, b.verb));
    (probes, uncovered)
}

fn concrete(template: &str, table: &str, key: &str) -> Result<String, String> {
    let segment = |segment: &str| {
        let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) else {
            return Ok(segment.into());
        };
        match name {
            "table_name" => Ok(table.to_owned()),
            "id" if template.starts_with("_table") => Ok(key.to_owned()),
            _ => PLACES
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
                .ok_or(segment.to_owned()),
        }
    };
    Ok(template
        .split('/')
        .map(segment)
        .collect::<Result<Vec<_>, _>>()?
        .join("/"))
}

/// What a role may do with a probe.
enum Right {
    /// Nothing.
    None,
    /// See lists that leave out what it may not see.
    Lists,
    /// Use it.
    Use,
}

struct Caller {
    name: &'static str,
    client: Client,
    right: fn(&Probe) -> Right,
}

fn filtered(probe: &Probe) -> Right {
    match probe.path.as_str() {
        _ if ["system", "user"].contains(&probe.kind) => Right::None,
        path if path == "_table/employees" || path.starts_with("_table/employees/") => Right::Use,
        "" | "_table" | "_schema" if probe.verb == Verb::Get => Right::Lists,
        _ => Right::None,
    }
}

fn masked(probe: &Probe) -> Right {
    let inside = ["_table/departments", "_schema/departments"];
    let inside = inside
        .iter()
        .any(|i| probe.path == *i || probe.path.starts_with(&format!("{i}/")));
    match probe.path.as_str() {
        _ if ["system", "user"].contains(&probe.kind) || probe.verb != Verb::Get => Right::None,
        "" | "_table" | "_schema" => Right::Lists,
        _ if inside => Right::Use,
        _ => Right::None,
    }
}

async fn callers(world: &World) -> Vec<Caller> {
    let few = json!([{"name": "emp_no", "operator": "<=", "value": LAST.to_string()}]);
    let (mut some_rows, mut reading) = (Vec::new(), Vec::new());
    for base in &world.bases {
        some_rows.push(grant(base.id, "_table/employees/*", 31, few.clone()));
        reading.push(grant(base.id, "_table/departments/*", 1, json!([])));
        reading.push(grant(base.id, "_schema/departments/*", 1, json!([])));
        reading.push(grant(base.id, "_schema/departments", 1, json!([])));
    }
    let some_rows = world.role("guard_rows", &some_rows).await;
    let reading = world.role("guard_verbs", &reading).await;
    let nothing: fn(&Probe) -> Right = |_| Right::None;
    let caller = |name, client, right| Caller { name, client, right };
    vec![
        caller("nobody", world.program.client(), nothing),
        caller(
            "a key without a role",
            world.key("guard_none", &Value::Null).await,
            nothing,
        ),
        caller("a user without rights", world.user("guard").await, nothing),
        caller(
            "a role with a row filter",
            world.key("guard_rows", &some_rows).await,
            filtered,
        ),
        caller(
            "a role that may only read",
            world.key("guard_verbs", &reading).await,
            masked,
        ),
    ]
}

#[tokio::test]
async fn every_endpoint_refuses_whoever_has_no_right() {
    let tables = tables().await;
    let mut world = World::shared().await;
    // The second name of a type over the same server; no role has a grant on it.
    if let Some(database) = world.base("mysql").and_then(|base| base.database.clone()) {
        world.over("mariadb", database).await;
    }
    let is_base = |kind: &str| on_server(kind) || world.base(kind).is_some();
    for Table { kind, config, .. } in &tables {
        if ALWAYS.contains(kind) || is_base(kind) {
            continue;
        }
        let made = json!({"name": kind, "label": kind, "type": kind, "is_active": true, "config": config});
        world.create("service", made).await;
    }
    // Answers that show this file show data.
    let folder = world.program.data().join("storage/app/guarded");
    std::fs::create_dir_all(&folder).expect("the data folder can be written");
    std::fs::write(folder.join("employees.txt"), "Marketing").expect("the data folder can be written");
    let (probes, uncovered) = probes(&tables, &world);
    assert!(uncovered.is_empty(), "not covered:\n{}", uncovered.join("\n"));
    let before = state(&world).await;
    let mut holes = Vec::new();
    let mut count = 0;
    let callers = callers(&world).await;
    let after_making = state(&world).await;
    for (index, probe) in probes.iter().enumerate() {
        for caller in &callers {
            let answer = probe.send(&caller.client, &probe.url()).await;
            count += 1;
            judge(caller, probe, &probe.url(), &answer, &mut holes);
        }
        let caller = in_turn(&callers, index, probe);
        for (url, answer) in otherwise(caller, probe).await {
            count += 1;
            judge_other(caller, probe, &url, &answer, &mut holes);
        }
    }
    assert_eq!(
        after_making.1,
        state(&world).await.1,
        "somebody without rights has changed the system"
    );
    assert_eq!(
        before.0,
        state(&world).await.0,
        "somebody without rights has changed data"
    );
    count += administrator(&world, &probes, &mut holes).await;
    kit::announce(&format!(
        "guard: {} endpoint paths, {count} calls",
        probes.len() / VERBS.len()
    ));
    assert!(
        holes.is_empty(),
        "{} holes:\n{}",
        holes.len(),
        holes[..holes.len().min(60)].join("\n")
    );
}

fn judge(caller: &Caller, probe: &Probe, url: &str, answer: &Answer, holes: &mut Vec<String>) {
    let text = answer.text();
    let mut hole = |why: &str| {
        let (verb, short) = (probe.verb.as_str(), text.chars().take(200).collect::<String>());
        holes.push(format!(
            "{}: {verb} {url} ({}) answered {} {why}: {short}",
            caller.name, probe.template, answer.status
        ));
    };
    if answer.status >= 500 {
        return hole("which is our fault");
    }
    match (caller.right)(probe) {
        _ if probe.is_open() => {
            if ["admin@example.com", "df_pw"]
                .iter()
                .any(|secret| text.contains(secret))
            {
                hole("with a secret");
            }
        }
        Right::Use if beyond(&answer.json()) => hole("with a row beyond the filter"),
        Right::Use => {}
        Right::Lists => {
            let may_see = if caller.name.contains("filter") {
                "employees"
            } else {
                "departments"
            };
            let others = ["employees", "departments", "salaries"]
                .into_iter()
                .filter(|t| *t != may_see);
            if others.into_iter().any(|t| text.contains(&format!("\"{t}\""))) {
                hole("with a table it must not see");
            }
        }
        Right::None if ![400, 401, 403].contains(&answer.status) => hole("instead of 400, 401 or 403"),
        Right::None if DATA.iter().any(|data| text.contains(data)) => hole("with data"),
        Right::None => {}
    }
}

/// Who tries a probe in other spellings: of those without a right to it, each in turn.
///
/// Every call is tried in every spelling, every path by every caller without a right to all of it, with another verb
/// each. More is not needed: an address is read before anybody asks who calls and what that caller may do, and what a
/// caller may do with the call as it is read is tried with each of them.
fn in_turn<'c>(callers: &'c [Caller], index: usize, probe: &Probe) -> &'c Caller {
    // All verbs of a path follow each other, and are as many as the callers: every path begins with the next.
    let first = index + index / VERBS.len();
    (first..)
        .map(|turn| &callers[turn % callers.len()])
        .find(|caller| matches!((caller.right)(probe), Right::None))
        .expect("nobody has a right to nothing")
}

/// Other spellings of the same call: they may be unknown, but they open nothing.
async fn otherwise(caller: &Caller, probe: &Probe) -> Vec<(String, Answer)> {
    let (service, path, verb) = (&probe.service, &probe.path, probe.verb.as_str());
    if probe.is_open() {
        return Vec::new();
    }
    let spellings = [
        format!("/api/{service}/{path}"),
        format!("/api/v2/{}/{}", service.to_uppercase(), path.to_uppercase()),
        format!("/api/v2/{service}/{path}/"),
        format!("/api/v2//{service}//{path}"),
        format!(
            "/api/v2/{service}/{}",
            path.replace('_', "%5F").replace('/', "%2F")
        ),
        format!("/api/v2/{service}/x/../{path}"),
        format!("/api/v2/user/../{service}/{path}"),
    ];
    let mut answers = Vec::new();
    for url in spellings {
        let answer = probe.send(&caller.client, &url).await;
        answers.push((url, answer));
    }
    let body = json!({"resource": []}).to_string();
    let header = ["X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"][path.len() % 3];
    let headers = [(header, verb), ("Content-Type", "application/json")];
    let tunnel = caller
        .client
        .send("POST", &probe.url(), &headers, Some(body.as_bytes()))
        .await;
    answers.push((
        format!("{} through {header}", probe.url()),
        tunnel.expect("an answer"),
    ));
    let url = format!("{}?method={verb}", probe.url());
    let tunnel = caller
        .client
        .send("POST", &url, &headers[1..], Some(body.as_bytes()))
        .await;
    answers.push((url, tunnel.expect("an answer")));
    answers
}

fn judge_other(caller: &Caller, probe: &Probe, url: &str, answer: &Answer, holes: &mut Vec<String>) {
    let text = answer.text();
    let shows = DATA.iter().any(|data| text.contains(data));
    if answer.status < 300 || answer.status >= 500 || shows {
        let (verb, short) = (probe.verb.as_str(), text.chars().take(200).collect::<String>());
        holes.push(format!(
            "{}: {verb} {url} answered {}: {short}",
            caller.name, answer.status
        ));
    }
}

/// Whether an answer has a row that the filter hides.
fn beyond(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(beyond),
        Value::Object(members) => {
            members
                .get("emp_no")
                .and_then(Value::as_i64)
                .is_some_and(|n| n > LAST)
                || members.values().any(beyond)
        }
        _ => false,
    }
}

/// An administrator is never refused for want of rights. Names are such that nothing is there to be changed.
async fn administrator(world: &World, probes: &[Probe], holes: &mut Vec<String>) -> usize {
    let is_here = |kind: &str| ALWAYS.contains(&kind) || HERE.contains(&kind) || world.base(kind).is_some();
    for probe in probes.iter().filter(|probe| is_here(probe.kind)) {
        let path = probe
            .path
            .replace("employees", "nothing_there")
            .replace("departments", "nothing_there");
        let url = format!("/api/v2/{}/{}", probe.service, path.replace("/1", "/999999"));
        // Calls that end a session end one of their own.
        let own = match path.contains("session") {
            true => world.another_admin_session().await,
            false => world.admin.clone(),
        };
        let answer = probe.send(&own, &url).await;
        // What is open to anybody refuses for reasons of its own: registration may be closed to all.
        let open = OPEN
            .iter()
            .any(|(kind, path, _)| *kind == probe.kind && *path == probe.path);
        let refused = [401, 403].contains(&answer.status) && !open;
        if refused || (answer.status >= 500 && answer.status != 501) {
            holes.push(format!(
                "administrator: {} {url} answered {}: {}",
                probe.verb,
                answer.status,
                answer.text()
            ));
        }
    }
    probes.len()
}

/// All that callers without rights could have changed: data beyond the filter, and the system's objects.
async fn state(world: &World) -> (Value, Value) {
    let read = async |path: String| {
        let answer = world.admin.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    };
    let mut data = Vec::new();
    for base in &world.bases {
        for table in ["departments", "salaries", "employees"] {
            let filter = if table == "departments" {
                ""
            } else {
                "emp_no%20%3E%2010005"
            };
            data.push(
                read(format!(
                    "/api/v2/{}/_table/{table}?filter={filter}&limit=5000",
                    base.service
                ))
                .await,
            );
        }
    }
    let mut system = Vec::new();
    for resource in ["service", "role", "app", "user", "admin", "lookup"] {
        system.push(read(format!("/api/v2/system/{resource}?fields=id,name")).await);
    }
    (data.into(), system.into())
}

#[tokio::test]
async fn a_row_filter_binds_writes_as_it_binds_reads() {
    let world = World::shared().await;
    let callers = callers(&world).await;
    let rows = &callers[3].client;
    let before = state(&world).await.0;
    for base in &world.bases {
        let table = format!("/api/v2/{}/_table/employees", base.service);
        let seen = rows.get(&table).await;
        assert_eq!(
            seen.json()["resource"].as_array().map(Vec::len),
            Some(5),
            "{table}: {}",
            seen.text()
        );
        assert_eq!(rows.get(&format!("{table}/10001")).await.status, 200);
        let change = json!({"first_name": "Changed"});
        let many = |key: i64| json!({"resource": [{"emp_no": key, "first_name": "Changed"}]});
        let new = |key: i64| {
            json!({"resource": [{"emp_no": key, "first_name": "New", "last_name": "New", "gender": "F",
                                 "birth_date": "1990-01-01", "hire_date": "2020-01-01"}]})
        };
        let calls = [
            ("GET", format!("{table}/10006"), None),
            ("GET", format!("{table}?ids=10006"), None),
            (
                "GET",
                format!("{table}?filter=(emp_no%20%3D%2010006)%20or%20(emp_no%20%3E%200)&ids=10006"),
                None,
            ),
            ("PATCH", format!("{table}/10006"), Some(change.clone())),
            ("PUT", format!("{table}/10006"), Some(change.clone())),
            ("PATCH", table.clone(), Some(many(10_006))),
            ("PUT", table.clone(), Some(many(10_006))),
            (
                "PATCH",
                format!("{table}?ids=10006"),
                Some(json!({"resource": change})),
            ),
            ("DELETE", format!("{table}/10006"), None),
            ("DELETE", format!("{table}?ids=10006"), None),
            ("DELETE", table.clone(), Some(many(10_006))),
            ("POST", table.clone(), Some(new(99_999))),
        ];
        for (verb, url, body) in calls {
            let answer = rows.call(verb, &url, body.as_ref()).await;
            let refused = (400..500).contains(&answer.status);
            assert!(
                refused,
                "{verb} {url} answered {}: {}",
                answer.status,
                answer.text()
            );
        }
        // A row cannot be moved out of sight, whether that is refused or the key is left as it is.
        rows.call(
            "PATCH",
            &format!("{table}/10001"),
            Some(&json!({"emp_no": 99_998})),
        )
        .await;
        assert_eq!(rows.get(&format!("{table}/10001")).await.status, 200);
        // By condition: only what is seen can be hit.
        let all = "filter=emp_no%20%3E%200";
        let seen_all = rows
            .call(
                "PATCH",
                &format!("{table}?{all}"),
                Some(&json!({"resource": change})),
            )
            .await;
        assert!(!beyond(&seen_all.json()), "{}", seen_all.text());
        for query in [
            all,
            "filter=(emp_no%20%3E%200)%20or%20(emp_no%20%3E%201)",
            "force=true",
        ] {
            let answer = rows.call("DELETE", &format!("{table}?{query}"), None).await;
            assert!(
                answer.status < 500 && !beyond(&answer.json()),
                "{query} {}: {}",
                answer.status,
                answer.text()
            );
        }
    }
    assert_eq!(
        before,
        state(&world).await.0,
        "rows beyond the filter have changed"
    );
}
