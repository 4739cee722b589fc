//! Stored procedures and functions over HTTP on real servers: every form of a call, every shape of an answer, and
//! what must not get through.

use kit::{Client, Server};
use scenarios::generator::INJECTIONS;
use scenarios::leaks::leak;
use scenarios::world::{Base, World, grant};
use serde_json::{Value, json};

/// A program with a service over a server, the demonstration data and the routines beside this file.
async fn world(server: Option<Server>) -> Option<World> {
    let world = World::start(vec![server?], kit::Start::default()).await;
    let base = routed(&world);
    let file = kit::workspace().join(format!("tests/routines/{}.sql", base.service));
    base.database
        .as_ref()
        .expect("a server has a database")
        .load(&file);
    Some(world)
}

fn routed(world: &World) -> &Base {
    let mut bases = world.bases.iter();
    bases
        .find(|base| base.database.is_some())
        .expect("there is a server")
}

/// Calls below a service.
struct Caller {
    client: Client,
    service: &'static str,
}

impl Caller {
    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.client.get(&format!("/api/v2/{}/{path}", self.service)).await;
        checked(path, answer.status, &answer.text(), answer.json())
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = self
            .client
            .post(&format!("/api/v2/{}/{path}", self.service), &body)
            .await;
        checked(
            &format!("{path} {body}"),
            answer.status,
            &answer.text(),
            answer.json(),
        )
    }

    /// GETs that succeed, with their answers.
    async fn gives(&self, cases: &[(&str, Value)]) {
        for (path, expected) in cases {
            assert_eq!(self.get(path).await, (200, expected.clone()), "GET {path}");
        }
    }

    /// POSTs that succeed, with their answers.
    async fn answers(&self, cases: &[(&str, Value, Value)]) {
        for (path, body, expected) in cases {
            assert_eq!(
                self.post(path, body.clone()).await,
                (200, expected.clone()),
                "POST {path} {body}"
            );
        }
    }

    /// GETs that are refused, with status and sentence.
    async fn refuses(&self, cases: &[(&str, u16, &str)]) {
        for (path, status, message) in cases {
            let (got, body) = self.get(path).await;
            assert_eq!(
                (got, body["error"]["message"].as_str()),
                (*status, Some(*message)),
                "GET {path}"
            );
        }
    }
}

fn checked(request: &str, status: u16, text: &str, json: Value) -> (u16, Value) {
    assert_eq!(leak(text, request), None, "{request}: {text}");
    (status, json)
}

fn caller(world: &World) -> Caller {
    Caller {
        client: world.admin.clone(),
        service: routed(world).service,
    }
}

/// The `audit` table, counted by the server's own client.
fn audited(world: &World) -> String {
    let database = routed(world).database.clone().expect("a server has a database");
    database
        .run("SELECT COUNT(*) FROM audit")
        .lines()
        .last()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Text for a path, every byte encoded.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn mysql_calls_have_the_documented_shapes() {
    let Some(world) = world(kit::mariadb()).await else {
        return;
    };
    let caller = caller(&world);
    let out = json!({"resource": [{"n": 2}], "p_total": 3, "p_word": "hi!", "p_flag": true});
    caller
        .gives(&[
            ("_proc/two_sets(1)", json!([[{"a": 1}, {"a": 2}], []])),
            ("_proc/TWO_SETS(1)", json!([[{"a": 1}, {"a": 2}], []])),
            (
                "_proc/two_sets?P_N=1&wrapper=data",
                json!({"data": [[{"a": 1}, {"a": 2}], []]}),
            ),
            ("_proc/two_sets(1)?returns=string", json!("1")),
            ("_proc/set_and_out(2,hi)", out.clone()),
            ("_proc/set_and_out(2,x,hi)", out.clone()),
            ("_proc/set_and_out?p_n=2&P_WORD=hi", out.clone()),
            (
                "_proc/set_and_out(2,hi)?wrapper=rows",
                json!({"rows": [{"n": 2}], "p_total": 3, "p_word": "hi!", "p_flag": true}),
            ),
            ("_proc/out_between(1,2)", json!({"p_out": 12})),
            ("_proc/out_between(1,0,2)", json!({"p_out": 12})),
            ("_proc/out_between(1,2)?returns=string", json!("12")),
            ("_proc/odd%20%60name(5)", json!([{"odd `column": 5}])),
            ("_proc/note(a/b)", json!([{"note": "a/b"}])),
            (
                "_proc/types(2024-01-02,1.50,,yes)",
                json!([{"d": "2024-01-02", "n": 1.5, "t": "", "f": 1}]),
            ),
            ("_func/is_even(4)", json!(true)),
            ("_func/is_even(4)?returns=integer", json!(1)),
            ("_func/is_even", Value::Null),
            ("_func/whose()", json!("ours")),
            (
                "_proc?ids=two_sets&fields=name,description",
                json!({"resource": [{"name": "two_sets", "description": "Two at once."}]}),
            ),
        ])
        .await;
    caller
        .answers(&[
            (
                "_proc/set_and_out",
                json!({"params": [{"name": "P_N", "value": 2}, {"name": "p_word", "value": "hi"},
                                         {"name": "P_TOTAL", "param_type": "OUT", "type": "decimal"}]}),
                out.clone(),
            ),
            (
                "_proc/set_and_out",
                json!({"params": {"p_n": 2, "p_word": {"value": "hi"}}}),
                out.clone(),
            ),
            ("_proc/set_and_out", json!({"params": [2, "hi"]}), out),
            (
                "_proc/set_and_out",
                json!({"params": [2, "hi"], "schema": {"n": "string", "P_TOTAL": "string"}}),
                json!({"resource": [{"n": "2"}], "p_total": "3.00", "p_word": "hi!", "p_flag": true}),
            ),
            (
                "_proc/note",
                json!({"params": ["{user.email}"]}),
                json!([{"note": "admin@example.com"}]),
            ),
        ])
        .await;
    caller
        .refuses(&[
            ("_proc/nosuch", 404, "Procedure 'nosuch' does not exist in the database."),
            ("_proc/is_even(1)", 404, "Procedure 'is_even' does not exist in the database."),
            ("_func/two_sets(1)", 404, "Function 'two_sets' does not exist in the database."),
            ("_proc/mysql.x", 404, "Procedure 'mysql.x' does not exist in the database."),
            ("_proc/refuse(Not%20today.)", 400, "Not today."),
            ("_proc/broken", 500, "The database could not run procedure 'broken'. The server's log has the details."),
            ("_proc/many", 400, "Procedure 'many' returns more than 100000 rows, which is the most that this instance returns."),
            ("_proc/two_sets(abc)", 400, "Parameter 'p_n' must be a valid integer."),
            ("_proc/types(yesterday)", 400,
             "A value does not fit procedure 'types', or what it does with it: wrong form, too long or out of range."),
        ])
        .await;
}

#[tokio::test]
async fn postgres_calls_have_the_documented_shapes() {
    let Some(world) = world(kit::postgres()).await else {
        return;
    };
    let caller = caller(&world);
    let departments =
        json!([{"dept_no": "d001", "dept_name": "Marketing"}, {"dept_no": "d002", "dept_name": "Finance"}]);
    let (_, two) = caller.get("_table/departments?limit=2&order=dept_no").await;
    let departments = if two["resource"].is_array() {
        two["resource"].clone()
    } else {
        departments
    };
    let exotic = json!({"p_list": "{1,9}", "p_span": "1 day", "p_n": 2, "p_text": "it's"});
    caller
        .gives(&[
            ("_proc/add_and_double(3,4)", json!({"p_b": 8, "p_c": 7})),
            ("_proc/out_between(1,2)", json!({"p_out": 12})),
            ("_proc/out_between?P_A=1&P_B=2", json!({"p_out": 12})),
            ("_proc/nothing", json!([])),
            ("_proc/note(x)", json!({"p_id": 1})),
            ("_proc/open_cursor(2)", json!({"p_rows": departments, "p_n": 2})),
            (
                "_proc/open_cursor(2)?returns=string",
                json!(departments[0]["dept_no"]),
            ),
            (
                "_func/cursor_of(1)",
                json!([{"dept_no": "d001", "list": "{1,2}", "n": 1.5}]),
            ),
            ("_func/cursors", json!([[{"x": 1}], [{"y": 2}]])),
            ("_func/numbers(1)", json!(1)),
            ("_func/numbers(2)", json!([{"numbers": 1}, {"numbers": 2}])),
            ("_func/numbers(0)", json!([])),
            ("_func/numbers(2)?returns=string", json!("1")),
            ("_func/department(d001)", json!([departments[0]])),
            ("_func/bare_record", json!("(1,a)")),
            ("_func/no_value", Value::Null),
            ("_func/with_default(1)", json!(111)),
            ("_func/with_default?p_a=1&p_c=5", json!(16)),
            ("_func/overloaded(1)", json!("int")),
            ("_func/overloaded(1,2)", json!("two")),
            ("_func/overloaded?p_b=1&p_a=2", json!("two")),
            ("_func/unnamed(1,b)", json!("b1")),
            ("_func/WHOSE", json!("ours")),
            ("_func/other.whose()", json!("others")),
            (
                "_func?schema=other",
                json!({"resource": [{"name": "other.whose"}]}),
            ),
            ("_func/Odd%20%22name(5)", json!(5)),
        ])
        .await;
    let (status, spans) = caller.get("_proc/spans").await;
    assert_eq!(
        (status, &spans["resource"][0]["span"]),
        (200, &json!("1 day")),
        "{spans}"
    );
    let types = json!({"resource": [{"d": "2024-01-02", "n": 1.5, "j": "{\"a\": [1]}", "f": true},
                                    {"d": null, "n": null, "j": null, "f": null}],
                       "d": null, "n": null, "j": null, "f": null});
    caller
        .answers(&[
            (
                "_proc/exotic",
                json!({"params": {"p_list": [1], "p_span": "1 day", "p_n": 1.5, "p_text": "it's"}}),
                exotic,
            ),
            (
                "_proc/exotic",
                json!({"params": {}}),
                json!({"p_list": "{9}", "p_span": null, "p_n": null, "p_text": null}),
            ),
            (
                "_proc/types",
                json!({"params": ["2024-01-02", "1.50", {"a": [1]}, "yes"]}),
                types,
            ),
            ("_func/summed", json!({"params": [[1, 2, 3]]}), json!(6)),
            ("_func/summed", json!({"params": {"p_all": "{4,5}"}}), json!(9)),
            ("_func/summed", json!({}), json!(0)),
            ("_func/whoami", json!({"params": ["{user.id}"]}), json!(1)),
            (
                "_func/whoami",
                json!({"params": [7], "schema": {"whoami": "string"}}),
                json!("7"),
            ),
        ])
        .await;
    caller
        .refuses(&[
            ("_func/nosuch", 404, "Function 'nosuch' does not exist in the database."),
            ("_func/on_audit", 404, "Function 'on_audit' does not exist in the database."),
            ("_func/pg_catalog.pg_sleep(9)", 404, "Function 'pg_catalog.pg_sleep' does not exist in the database."),
            ("_func/pg_sleep(9)", 404, "Function 'pg_sleep' does not exist in the database."),
            ("_func/refuse(Not%20today.)", 400, "Not today."),
            ("_func/broken", 500, "The database could not run function 'broken'. The server's log has the details."),
            ("_func/many", 400, "Function 'many' returns more than 100000 rows, which is the most that this instance returns."),
            ("_func/many_cursor", 400,
             "Function 'many_cursor' returns more than 100000 rows, which is the most that this instance returns."),
            ("_proc/types(yesterday-ish)", 400,
             "A value does not fit procedure 'types', or what it does with it: wrong form, too long or out of range."),
        ])
        .await;
}

/// A routine may leave its session in any state; the next caller gets a clean one.
#[tokio::test]
async fn a_call_leaves_nothing_behind() {
    for server in [kit::mariadb(), kit::postgres()] {
        let Some(world) = world(server).await else {
            continue;
        };
        let caller = caller(&world);
        let path = if caller.service == "mysql" {
            "_proc/leave_behind"
        } else {
            "_func/leave_behind"
        };
        for _ in 0..12 {
            let (status, body) = caller.get(path).await;
            assert_eq!(status, 200, "{body}");
            let (status, body) = caller.get("_table/departments?limit=1").await;
            assert_eq!(status, 200, "{body}");
        }
        assert_eq!(audited(&world), "0");
        if caller.service == "pgsql" {
            let database = routed(&world).database.clone().expect("a server has a database");
            // Locks go with the cleaning, which runs behind the answer.
            let free = "SELECT pg_advisory_lock(7)";
            database.run(free);
        }
    }
}

#[tokio::test]
async fn text_of_a_client_never_becomes_a_statement() {
    for server in [kit::mariadb(), kit::postgres()] {
        let Some(world) = world(server).await else {
            continue;
        };
        let caller = caller(&world);
        let mut sent = 0;
        for text in INJECTIONS {
            for kind in ["_proc", "_func"] {
                for path in [
                    format!("{}_", encoded(text)),
                    format!("note_{}", encoded(text)),
                    encoded(&format!("{text}(1)")),
                ] {
                    let (status, body) = caller.get(&format!("{kind}/{path}")).await;
                    assert!([400, 404].contains(&status), "{kind} {text:?}: {status} {body}");
                }
            }
            // No address has control signs, and not every database takes a NUL in text; a comma begins another value.
            let storable = !text.contains(|c: char| c.is_control() || c == ',');
            let inline = caller.get(&format!("_proc/note({})", encoded(text))).await;
            let body = json!({"params": {"p_note": text}, "wrapper": text, "returns": text, "schema": {"note": text}});
            let in_body = caller.post("_proc/note", body).await;
            for (status, body) in [inline, in_body] {
                assert!(
                    status == 200 || (!storable && [400, 404].contains(&status)),
                    "{text:?}: {status} {body}"
                );
                sent += i32::from(status == 200);
            }
            let number = format!("_func/add_numbers({0},{0})", encoded(text));
            let (status, body) = caller.get(&number).await;
            assert!([200, 400, 404].contains(&status), "{text:?}: {status} {body}");
        }
        assert_eq!(audited(&world), sent.to_string());
        let (status, count) = caller.get("_table/employees?count_only=true").await;
        assert_eq!((status, count), (200, json!(1000)));
    }
}

#[tokio::test]
async fn a_role_sees_and_calls_only_what_it_was_granted() {
    for server in [kit::mariadb(), kit::postgres()] {
        let Some(world) = world(server).await else {
            continue;
        };
        let base = routed(&world);
        let grants = [
            grant(base.id, "_proc/count_departments", 1, json!([])),
            grant(base.id, "_proc/note", 2, json!([])),
            grant(base.id, "_proc", 1, json!([])),
            grant(base.id, "_func/*", 1, json!([])),
            grant(base.id, "", 1, json!([])),
        ];
        let role = world.role("routines", &grants).await;
        let caller = Caller {
            client: world.key("routines", &role).await,
            service: base.service,
        };
        let names = json!({"resource": ["count_departments", "note"]});
        caller
            .gives(&[
                ("_proc?as_list=true", names),
                ("_proc/Count_Departments", json!({"p_count": 9})),
                ("_proc/count_departments()", json!({"p_count": 9})),
                ("_func/add_numbers(2,3)", json!(5)),
            ])
            .await;
        let (_, components) = caller.get("?as_access_list=true").await;
        let components = components["resource"].as_array().cloned().unwrap_or_default();
        let shown: Vec<&str> = components
            .iter()
            .filter_map(Value::as_str)
            .filter(|c| c.starts_with("_proc"))
            .collect();
        assert_eq!(
            shown,
            ["_proc/", "_proc/*", "_proc/count_departments", "_proc/note"]
        );
        let (status, body) = caller.post("_proc/note", json!({"params": ["x"]})).await;
        assert_eq!(status, 200, "{body}");
        let before = audited(&world);
        for path in [
            "_proc/note(x)",
            "_proc/note%20(x)",
            "_proc/note(x)/",
            "_proc/note(/)",
            "_proc/add_and_double(1,2)",
            "_proc/count_departments/x",
            "_proc/count_departments(x)/../note",
            "_proc?ids=note",
            "_proc?ids=add_and_double",
        ] {
            let (status, body) = caller.get(path).await;
            assert!([401, 403, 404].contains(&status), "{path}: {status} {body}");
        }
        let (status, body) = caller.post("_proc/count_departments", json!({})).await;
        assert!([401, 403].contains(&status), "{body}");
        assert_eq!(audited(&world), before);
    }
}

#[tokio::test]
async fn a_routine_that_was_made_anew_is_read_anew() {
    for server in [kit::mariadb(), kit::postgres()] {
        let Some(world) = world(server).await else {
            continue;
        };
        let caller = caller(&world);
        let database = routed(&world).database.clone().expect("a server has a database");
        caller.gives(&[("_func/whose", json!("ours"))]).await;
        database.run(if caller.service == "mysql" {
            "DROP FUNCTION whose; CREATE FUNCTION whose(p_x INT) RETURNS INT DETERMINISTIC NO SQL RETURN p_x + 1;"
        } else {
            "DROP FUNCTION whose(); CREATE FUNCTION whose(p_x INT) RETURNS INT LANGUAGE sql AS 'SELECT p_x + 1';"
        });
        // The first call finds out; the next knows.
        let (status, _) = caller.get("_func/whose(1)").await;
        assert!([200, 400, 500].contains(&status));
        caller.gives(&[("_func/whose(1)", json!(2))]).await;
        database.run(if caller.service == "mysql" {
            "CREATE FUNCTION aa_new() RETURNS INT DETERMINISTIC NO SQL RETURN 1;"
        } else {
            "CREATE FUNCTION aa_new() RETURNS INT LANGUAGE sql AS 'SELECT 1';"
        });
        let (_, list) = caller.get("_func?as_list=true&refresh=true").await;
        assert_eq!(list["resource"][0], "aa_new");
    }
}
