//! Related records over HTTP, with the demonstration data and roles.

use scenarios::world::{World, grant};
use serde_json::{Value, json};

/// GET 1, POST 2, PUT 4, PATCH 8, DELETE 16.
const READ: u8 = 1;
const CHANGE: u8 = 1 | 8;

#[tokio::test(flavor = "multi_thread")]
async fn children_are_unlinked_where_their_field_can_be_null() {
    let world = World::shared().await;
    for base in &world.bases {
        let table = |name: &str| format!("/api/v2/{}/_table/{name}", base.service);
        let rooms = json!([{"city": "Rome"}, {"city": "Riga"}]);
        let made = json!({"resource": [{"name": "parent", "locations_by_supply_id": rooms}]});
        let path = table("supplies?fields=id&related=locations_by_supply_id&locations_by_supply_id.order=id");
        let answer = world.admin.post(&path, &made).await;
        assert_eq!(answer.status, 200, "{}: {}", base.service, answer.text());
        let parent = answer.json()["resource"][0].clone();
        let (supply, rooms) = (&parent["id"], &parent["locations_by_supply_id"]);
        assert_eq!(rooms[1]["city"], "Riga", "{}: {parent}", base.service);
        let change =
            json!({"locations_by_supply_id": [{"id": rooms[0]["id"], "supply_id": null, "capacity": 7}]});
        let path = table(&format!(
            "supplies/{supply}?fields=id&related=locations_by_supply_id"
        ));
        let answer = world.admin.call("PATCH", &path, Some(&change)).await;
        assert_eq!(
            answer.json()["locations_by_supply_id"],
            json!([rooms[1]]),
            "{}: {}",
            base.service,
            answer.text()
        );
        let alone = world
            .admin
            .get(&table(&format!("locations/{}", rooms[0]["id"])))
            .await
            .json();
        assert_eq!(
            (&alone["supply_id"], &alone["capacity"]),
            (&Value::Null, &json!(7)),
            "{}",
            base.service
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_writes_related_records_as_far_as_it_may() {
    let world = World::shared().await;
    for base in &world.bases {
        let filters = json!([{"name": "city", "operator": "!=", "value": "Oslo"}]);
        let grants = [
            grant(base.id, "_table/supplies/*", CHANGE, json!([])),
            grant(base.id, "_table/locations/*", CHANGE, filters),
            grant(base.id, "_table/departments/*", CHANGE, json!([])),
            grant(base.id, "_table/employees/*", READ, json!([])),
        ];
        let role = world.role(&format!("writer of {}", base.service), &grants).await;
        let key = world.key(&format!("app of {}", base.service), &role).await;
        let table = |name: &str| format!("/api/v2/{}/_table/{name}", base.service);
        let patch = async |path: &str, body: Value| {
            let answer = key.call("PATCH", &table(path), Some(&body)).await;
            (answer.status, answer.text())
        };
        let with = |item: Value| json!({"locations_by_supply_id": [item]});
        // Location 3 is Oslo, 5 is Zagreb.
        for (body, status) in [
            (with(json!({"id": 5})), 200),
            (with(json!({"id": 5, "capacity": 1})), 200),
            (with(json!({"id": 3})), 404),
            (with(json!({"id": 5, "city": "Oslo"})), 403),
            (with(json!({"city": "Rome"})), 403),
        ] {
            let (got, text) = patch("supplies/6", body.clone()).await;
            assert_eq!(got, status, "{} {body}: {text}", base.service);
        }
        // Nothing may be done to the table between.
        let far = json!({"employees_by_dept_emp": [{"emp_no": 10001}]});
        assert_eq!(patch("departments/d001", far).await.0, 403, "{}", base.service);
        let oslo = world.admin.get(&table("locations/3")).await.json();
        assert_eq!(
            (&oslo["city"], &oslo["supply_id"]),
            (&json!("Oslo"), &json!(2)),
            "{}",
            base.service
        );
    }
}
