//! What related records cost, counted in statements: one for the records, one for each relation, of whatever kind.

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
