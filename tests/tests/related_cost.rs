//! What related records cost, counted in statements: one for the records, one for each relation, of whatever kind; and one
//! in all where the database can make their JSON and the records are few.

use scenarios::wire::Wire;
use scenarios::world::World;
use serde_json::{Value, json};

const RELATED: &str = "salaries_by_emp_no,dept_emp_by_emp_no,departments_by_dept_emp";

#[tokio::test]
async fn three_relations_of_a_thousand_parents_cost_four_statements() {
    let Some(server) = kit::postgres() else { return };
    let database = server.database("related");
    database.load(&kit::workspace().join("tests/golden/fixtures/pgsql.sql"));
    let wire = Wire::before(server.port()).await;
    let config = json!({"host": "127.0.0.1", "port": wire.port(), "database": database.name(),
                        "username": database.user(), "password": database.password()});
    let world = World::start(Vec::new(), kit::Start::default()).await;
    let service =
        json!({"name": "company", "label": "company", "type": "pgsql", "is_active": true, "config": config});
    world.create("service", service).await;
    let admin = &world.admin;
    let get = async |path: &str| -> Vec<Value> {
        let answer = admin.get(&format!("/api/v2/company/_table/{path}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["resource"].as_array().expect("a list").clone()
    };
    let path = format!("employees?related={RELATED}&order=emp_no&limit=1000");
    let first = get(&path).await;
    wire.passed();
    let all = get(&path).await;
    assert_eq!(wire.passed().statements, 4);
    assert_eq!(all, first);
    assert_eq!(all.len(), 1000);
    // What is found for all at once is what is found for each.
    for employee in all.iter().step_by(97) {
        let one = format!(
            "employees?ids={}&related=departments_by_dept_emp",
            employee["emp_no"]
        );
        let one = get(&one).await.remove(0);
        assert_eq!(
            one["departments_by_dept_emp"],
            employee["departments_by_dept_emp"]
        );
        assert_ne!(one["departments_by_dept_emp"], json!([]));
    }
    // Few parents hold what is related to them in their own statement, unless that must be read in another way.
    for (path, statements) in [
        (
            "employees?related=salaries_by_emp_no,dept_emp_by_emp_no&order=emp_no&limit=25",
            1,
        ),
        (
            "salaries?related=employees_by_emp_no&order=emp_no,from_date&limit=25",
            1,
        ),
        (
            "employees?related=departments_by_dept_emp&order=emp_no&limit=25",
            2,
        ),
    ] {
        get(path).await;
        wire.passed();
        assert_eq!(get(path).await.len(), 25);
        assert_eq!(wire.passed().statements, statements, "{path}");
    }
    let limited = format!("{path}&departments_by_dept_emp.limit=1");
    let few = get(&limited).await;
    let departments = few.iter().flat_map(|employee| {
        employee["departments_by_dept_emp"]
            .as_array()
            .expect("a list")
            .iter()
    });
    let numbers: std::collections::BTreeSet<String> = departments.map(|d| d["dept_no"].to_string()).collect();
    assert_eq!(numbers.len(), 1, "a limit counts records, not pairs");
}

/// Rows that one piece of the parents has found before keep the place that a later parent's order gives them.
#[tokio::test]
async fn an_order_holds_for_parents_beyond_the_first_thousand() {
    let Some(server) = kit::postgres() else { return };
    let database = server.database("ordered");
    database.run(
        "CREATE TABLE parent (id INT PRIMARY KEY);
         CREATE TABLE tag (code VARCHAR(5) PRIMARY KEY);
         CREATE TABLE parent_tag (parent_id INT REFERENCES parent, tag_code VARCHAR(5) REFERENCES tag);
         INSERT INTO parent SELECT generate_series(1, 1500);
         INSERT INTO tag VALUES ('a'), ('z');
         INSERT INTO parent_tag VALUES (1, 'z'), (1500, 'z'), (1500, 'a'), (1500, 'a');",
    );
    let config = json!({"host": database.host(), "port": database.port(), "database": database.name(),
                        "username": database.user(), "password": database.password(), "max_records": 2000});
    let world = World::start(Vec::new(), kit::Start::default()).await;
    let service =
        json!({"name": "tags", "label": "tags", "type": "pgsql", "is_active": true, "config": config});
    world.create("service", service).await;
    let path = "/api/v2/tags/_table/parent?related=tag_by_parent_tag&tag_by_parent_tag.order=code&order=id&limit=2000";
    let answer = world.admin.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let all = answer.json();
    assert_eq!(all["resource"][0]["tag_by_parent_tag"], json!([{"code": "z"}]));
    assert_eq!(
        all["resource"][1499]["tag_by_parent_tag"],
        json!([{"code": "a"}, {"code": "z"}]),
        "in order, and each once"
    );
}
