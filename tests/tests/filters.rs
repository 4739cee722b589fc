//! Filters beyond the original: related records, case, and keyset paging; on every database.

use kit::Client;
use scenarios::world::{World, grant};
use serde_json::{Value, json};

async fn read(client: &Client, path: &str) -> (u16, Value) {
    let answer = client.get(path).await;
    (answer.status, answer.json())
}

/// The values of a field, in order.
fn values(body: &Value, field: &str) -> Vec<Value> {
    let records = body["resource"].as_array().cloned().unwrap_or_default();
    records.into_iter().map(|r| r[field].clone()).collect()
}

#[tokio::test]
async fn related_records_case_and_keysets() {
    let world = World::shared().await;
    for base in &world.bases {
        let service = base.service;
        let table = |path: &str| format!("/api/v2/{service}/_table/{path}");
        let of = async |path: &str, field: &str| {
            let (status, body) = read(&world.admin, &table(path)).await;
            assert_eq!(status, 200, "{service} {path}: {body}");
            values(&body, field)
        };

        // has_many, belongs_to, many_many; together with an own field; negated.
        let berlin = of(
            "supplies?fields=id&order=id&filter=locations_by_supply_id.city%3D'Berlin'",
            "id",
        )
        .await;
        assert_eq!(berlin, [json!(1), json!(8)], "{service}");
        let anvils = of(
            "locations?fields=city&order=city&filter=supplies_by_supply_id.name%20like%20'Anv%25'",
            "city",
        )
        .await;
        assert_eq!(anvils, [json!("Berlin"), json!("Lisbon")], "{service}");
        let sales = of("employees?fields=emp_no&limit=3&order=emp_no&filter=(departments_by_dept_emp.dept_name%3D'Sales')%20and%20(gender%3D'F')", "emp_no").await;
        assert_eq!(sales.len(), 3, "{service}");
        let none = of("supplies?fields=id&order=id&filter=(NOT(locations_by_supply_id.city%20is%20not%20null))%20and%20(id%20%3C%204)", "id").await;
        assert!(!none.contains(&json!(1)), "{service}: {none:?}");
        let (status, body) = read(
            &world.admin,
            &table("supplies?filter=locations_by_supply_id.nosuch%3D1"),
        )
        .await;
        assert_eq!(status, 400, "{service}: {body}");
        let (status, _) = read(&world.admin, &table("supplies?filter=nosuch.city%3D1")).await;
        assert_eq!(status, 400, "{service}");

        // Without case, whatever the collation.
        let hammer = of("supplies?fields=id&filter=name%20ilike%20'HAMM%25'", "id").await;
        assert_eq!(hammer, [json!(8)], "{service}");
        let others = of(
            "supplies?fields=id&filter=(name%20not%20ilike%20'HAMM%25')%20and%20(id%20in%20(1,8))",
            "id",
        )
        .await;
        assert_eq!(others, [json!(1)], "{service}");

        // Every record once, in order, page by page.
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("employees?fields=emp_no&order=last_name%20desc&limit=300&after={after}");
            let (status, body) = read(&world.admin, &table(&path)).await;
            assert_eq!(status, 200, "{service}: {body}");
            assert!(
                body["resource"][0].get("last_name").is_none(),
                "what was not asked for is not shown"
            );
            seen.extend(values(&body, "emp_no"));
            match &body["meta"]["after"] {
                Value::Null => break,
                place => after = place.to_string().replace('"', "%22").replace(' ', "%20"),
            }
        }
        let plain = of("employees?fields=emp_no&order=last_name%20desc,emp_no", "emp_no").await;
        assert_eq!(seen, plain, "{service}");
        let (status, body) = read(&world.admin, &table("supplies?order=price&after=")).await;
        assert_eq!(status, 400, "{service}: {body}");
        let (status, body) = read(&world.admin, &table("order_lines?after=1")).await;
        assert_eq!(status, 400, "{service}: {body}");
    }
}

#[tokio::test]
async fn a_related_table_is_filtered_as_its_reader_sees_it() {
    let world = World::shared().await;
    for base in &world.bases {
        let grants = [
            grant(base.id, "_table/supplies/*", 1, json!([])),
            grant(
                base.id,
                "_table/locations/*",
                1,
                json!([{"name": "city", "operator": "=", "value": "Lisbon"}]),
            ),
        ];
        let name = format!("related-{}", base.service);
        let role = world.role(&name, &grants).await;
        let client = world.key(&name, &role).await;
        let path = |filter: &str| {
            format!(
                "/api/v2/{}/_table/supplies?fields=id&filter={filter}",
                base.service
            )
        };
        let (_, body) = read(&client, &path("locations_by_supply_id.city%3D'Berlin'")).await;
        assert_eq!(body, json!({"resource": []}), "{}", base.service);
        let (_, body) = read(&client, &path("locations_by_supply_id.city%3D'Lisbon'")).await;
        assert_eq!(values(&body, "id"), [json!(1)], "{}", base.service);
        // A table that the role cannot read cannot be asked about either.
        let only = [grant(base.id, "_table/supplies/*", 1, json!([]))];
        let name = format!("unrelated-{}", base.service);
        let role = world.role(&name, &only).await;
        let client = world.key(&name, &role).await;
        let (status, body) = read(&client, &path("locations_by_supply_id.city%3D'Lisbon'")).await;
        assert_eq!(status, 403, "{}: {body}", base.service);
    }
}
