use crate::place::*;
use serde_json::{Value, json};
use tokio::task::JoinSet;

#[tokio::test]
async fn records_are_made_in_all_services() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    let order = json!({"title": "Eel", CUSTOMER: {"name": "Eve"}, NOTES: [{"text": "a"}, {"text": "b"}],
                       SLIP: {"text": "S9"}, TAGS: [{"code": "red"}, {"code": "new", "label": "New"}],
                       "lines_by_order_id": [{"item": "Line"}]});
    let path = format!("shop/_table/orders?fields=*&related=*&{NOTES}.order=id");
    let made = place.ok("POST", &path, json!({"resource": [order]})).await;
    let made = &made["resource"][0];
    let id = made["id"].to_string();
    assert_eq!(made["customer_id"], made[CUSTOMER]["id"]);
    assert_eq!(made[CUSTOMER]["name"], "Eve");
    assert_eq!(made[NOTES][1]["text"], "b");
    assert_eq!(
        made[NOTES][1]["order_ref"],
        id.as_str(),
        "as the field's type there"
    );
    assert_eq!(made[SLIP]["text"], "S9");
    assert_eq!(made[TAGS].as_array().map(Vec::len), Some(2));
    let marks = format!("SELECT count(*) FROM marks WHERE order_no = {id}");
    assert_eq!(place.in_depot(&marks), "2");
    assert_eq!(place.in_crm("SELECT label FROM tags WHERE code = 'new'"), "New");
}

#[tokio::test]
async fn records_are_linked_changed_unlinked_and_deleted() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    let patch = async |id: i64, record: Value| {
        place
            .ok("PATCH", &format!("shop/_table/orders/{id}"), record)
            .await
    };
    patch(3, json!({NOTES: [{"id": 3}], CUSTOMER: {"id": 2}})).await;
    assert_eq!(
        place.in_crm("SELECT order_ref FROM notes WHERE id = 3"),
        "3",
        "linked"
    );
    assert_eq!(place.in_shop("SELECT customer_id FROM orders WHERE id = 3"), "2");
    patch(
        3,
        json!({NOTES: [{"id": 3, "text": "early"}], CUSTOMER: {"id": 2, "name": "Rob"}}),
    )
    .await;
    assert_eq!(
        place.in_crm("SELECT text FROM notes WHERE id = 3"),
        "early",
        "changed"
    );
    assert_eq!(place.in_crm("SELECT name FROM customers WHERE id = 2"), "Rob");
    patch(3, json!({NOTES: [{"id": 3, "order_ref": null}]})).await;
    assert_eq!(
        place.in_crm("SELECT order_ref IS NULL FROM notes WHERE id = 3"),
        "t",
        "unlinked"
    );

    let (status, message) = place
        .refused("PATCH", "shop/_table/orders/1", json!({SLIP: null}))
        .await;
    assert_eq!(status, 400, "{message}");
    assert!(message.contains("allow_related_delete"), "{message}");
    place
        .ok(
            "PATCH",
            "shop/_table/orders/1?allow_related_delete=true",
            json!({SLIP: null}),
        )
        .await;
    assert_eq!(place.in_crm("SELECT count(*) FROM slips"), "0", "deleted");

    patch(
        1,
        json!({TAGS: [{"code": "red", "tags.code": null}, {"code": "old"}]}),
    )
    .await;
    let marks = "SELECT group_concat(tag_code ORDER BY tag_code) FROM marks WHERE order_no = 1";
    assert_eq!(place.in_depot(marks), "blue,old");
    // From the other end, and back again in the same request.
    let customer = json!({"name": "Ida", ORDERS: [{"title": "Fan", NOTES: [{"text": "deep"}]}]});
    place
        .ok("POST", "crm/_table/customers", json!({"resource": [customer]}))
        .await;
    let order = place.in_shop("SELECT id FROM orders WHERE title = 'Fan'");
    assert_eq!(
        place.in_crm("SELECT order_ref FROM notes WHERE text = 'deep'"),
        order
    );
}

#[tokio::test]
async fn what_is_refused_anywhere_leaves_nothing_anywhere() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    let nothing = || {
        assert_eq!(place.in_shop("SELECT count(*) FROM orders"), "4");
        assert_eq!(place.in_crm("SELECT count(*) FROM customers"), "2");
        assert_eq!(place.in_crm("SELECT count(*) FROM notes"), "3");
        assert_eq!(place.in_depot("SELECT count(*) FROM marks"), "3");
    };
    for record in [
        // Refused at the far end, after the record itself.
        json!({"title": "Eel", CUSTOMER: {"name": "Eve"}, NOTES: [{"text": "a"}, {"text": null}]}),
        // Refused by the other database.
        json!({"title": "Eel", TAGS: [{"code": "red"}], CUSTOMER: {"name": "Ann"}}),
        // Refused here, after the parent there.
        json!({"title": null, CUSTOMER: {"name": "Eve"}}),
        // Refused here, after everything else.
        json!({"title": "Eel", CUSTOMER: {"name": "Eve"}, NOTES: [{"text": "a"}], TAGS: [{"code": "red"}],
               "lines_by_order_id": [{"item": "x"}, {"item": "x"}]}),
    ] {
        let (status, message) = place
            .refused("POST", "shop/_table/orders", json!({"resource": [record]}))
            .await;
        assert_eq!(status, 400, "{message}");
        nothing();
    }
    let batch = json!({"resource": [{"title": "Eel", NOTES: [{"text": "a"}]}, {"title": null}]});
    place
        .refused("POST", "shop/_table/orders?rollback=true", batch.clone())
        .await;
    nothing();
    place
        .refused("POST", "shop/_table/orders?continue=true", batch)
        .await;
    assert_eq!(place.in_crm("SELECT count(*) FROM notes WHERE text = 'a'"), "1");
}

#[tokio::test]
async fn a_constraint_that_waits_for_the_end_is_looked_at_before_anything_stays() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    place.in_crm("ALTER TABLE customers ADD boss integer REFERENCES customers DEFERRABLE INITIALLY DEFERRED");
    place.ok("GET", "crm/_table?refresh=true", Value::Null).await;
    let customer = json!({"name": "Ida", "boss": 99, ORDERS: [{"title": "Fan"}]});
    place
        .refused("POST", "crm/_table/customers", json!({"resource": [customer]}))
        .await;
    assert_eq!(
        place.in_shop("SELECT count(*) FROM orders WHERE title = 'Fan'"),
        "0"
    );
    assert_eq!(
        place.in_crm("SELECT count(*) FROM customers WHERE name = 'Ida'"),
        "0"
    );
}

#[tokio::test]
async fn many_writes_in_both_directions_do_not_wait_for_each_other_forever() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    let mut writes = JoinSet::new();
    for i in 0..40 {
        let admin = place.world.admin.clone();
        writes.spawn(async move {
            let (path, record) = match i % 2 {
                0 => (
                    "shop/_table/orders",
                    json!({"title": "T", CUSTOMER: {"name": format!("a{i}")}}),
                ),
                _ => (
                    "crm/_table/customers",
                    json!({"name": format!("b{i}"), ORDERS: [{"title": "T"}]}),
                ),
            };
            ok(&admin, "POST", path, json!({"resource": [record]})).await;
        });
    }
    writes.join_all().await;
    assert_eq!(
        place.in_shop("SELECT count(*) FROM orders WHERE title = 'T'"),
        "40"
    );
}
