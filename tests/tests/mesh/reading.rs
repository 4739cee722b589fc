use crate::place::*;
use serde_json::{Value, json};

#[tokio::test]
async fn every_kind_of_relation_is_read() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    let all = place.get("shop/_table/orders?related=*&order=id").await;
    let all = all["resource"].as_array().expect("a list");
    assert_eq!(
        all[0]["lines_by_order_id"][0]["item"], "Hammer",
        "local ones are there too"
    );
    assert_eq!(
        all[0][CUSTOMER],
        json!({"id": 1, "name": "Ann", "region": "north"})
    );
    assert_eq!(all[2][CUSTOMER], Value::Null);
    let texts = |record: &Value| -> Vec<String> {
        let notes = record[NOTES].as_array().expect("a list").iter();
        notes
            .map(|n| n["text"].as_str().expect("a text").to_owned())
            .collect()
    };
    assert_eq!(texts(&all[0]), ["urgent", "fragile"]);
    assert_eq!(texts(&all[1]), ["late"]);
    assert_eq!(all[3][NOTES], json!([]));
    assert_eq!(all[0][SLIP], json!({"id": 1, "order_ref": 1, "text": "S1"}));
    assert_eq!(all[1][SLIP], json!([]));
    let mut codes: Vec<&str> = all[0][TAGS]
        .as_array()
        .expect("a list")
        .iter()
        .map(|tag| tag["code"].as_str().expect("a code"))
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["blue", "red"]);
    assert_eq!(all[2][TAGS], json!([]));
}

#[tokio::test]
async fn relations_take_options_and_lead_on() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    let path = format!(
        "shop/_table/orders/1?fields=id&related={NOTES}&{NOTES}.fields=text&{NOTES}.order=text&{NOTES}.limit=1"
    );
    assert_eq!(
        place.get(&path).await,
        json!({"id": 1, NOTES: [{"text": "fragile"}]})
    );
    let path = format!(
        "shop/_table/orders/1?fields=id&related={NOTES}&{NOTES}.fields=text&{NOTES}.filter=region%3D%27south%27"
    );
    assert_eq!(
        place.get(&path).await,
        json!({"id": 1, NOTES: [{"text": "fragile"}]})
    );
    // To the customer and back to her orders, with options at every step.
    let path = format!(
        "shop/_table/orders/2?fields=title&related={CUSTOMER}&{CUSTOMER}.fields=name&{CUSTOMER}.related={ORDERS}\
         &{CUSTOMER}.{ORDERS}.fields=title&{CUSTOMER}.{ORDERS}.related={NOTES}&{CUSTOMER}.{ORDERS}.{NOTES}.fields=text"
    );
    let expected = json!({"title": "Broom", "customer_id": 2, CUSTOMER: {"name": "Bob", "id": 2,
        ORDERS: [{"title": "Broom", "id": 2, NOTES: [{"text": "late"}]}]}});
    assert_eq!(place.get(&path).await, expected);

    let deep: String = (0..9).fold(String::new(), |path, i| {
        let way = |n: usize| {
            (0..n)
                .map(|j| [CUSTOMER, ORDERS][j % 2])
                .collect::<Vec<_>>()
                .join(".")
        };
        let joint = if i == 0 {
            String::new()
        } else {
            format!("{}.", way(i))
        };
        format!("{path}&{joint}related={}", [CUSTOMER, ORDERS][i % 2])
    });
    let (status, message) = place
        .refused("GET", &format!("shop/_table/orders/1?{deep}"), Value::Null)
        .await;
    assert_eq!(
        (status, message.as_str()),
        (400, "Related records can be read at most 8 levels deep.")
    );
}

#[tokio::test]
async fn what_is_always_fetched_does_not_go_round() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    for (path, name) in [
        ("shop/_schema/orders", CUSTOMER),
        ("crm/_schema/customers", ORDERS),
    ] {
        let extra = json!({"resource": [{"name": name, "always_fetch": true}]});
        place.ok("PATCH", &format!("{path}/_related"), extra).await;
    }
    let order = place.get("shop/_table/orders/2").await;
    assert_eq!(
        order,
        json!({"id": 2, "customer_id": 2, "title": "Broom",
                             CUSTOMER: {"id": 2, "name": "Bob", "region": "south"}})
    );
    let customer = place.get("crm/_table/customers/2?fields=name").await;
    assert_eq!(
        customer[ORDERS],
        json!([{"id": 2, "customer_id": 2, "title": "Broom"}])
    );
}

#[tokio::test]
async fn a_thousand_parents_cost_one_statement_for_each_relation() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    place
        .shop_base
        .execute_batch(
            "WITH RECURSIVE n (i) AS (VALUES (5) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
             INSERT INTO orders SELECT i, i, 'x' FROM n",
        )
        .expect("orders");
    place.in_crm("INSERT INTO customers (name) SELECT 'c' || i FROM generate_series(3, 1000) i");
    place.in_crm("INSERT INTO notes (order_ref, text) SELECT i::text, 'n' FROM generate_series(5, 900) i");
    let path = format!("shop/_table/orders?related={CUSTOMER},{NOTES},{SLIP}&order=id");
    place.get(&path).await;
    place.wire.passed();
    let all = place.get(&path).await;
    assert_eq!(place.wire.passed().statements, 3);
    let all = all["resource"].as_array().expect("a list");
    assert_eq!(all.len(), 1000);
    assert_eq!(all[999][CUSTOMER]["id"], 1000);
    assert_eq!(all[899][NOTES][0]["text"], "n");
}

#[tokio::test]
async fn what_cannot_cross_services_is_refused() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    for option in [
        format!("filter={CUSTOMER}.name%3D%27Ann%27"),
        format!("order={CUSTOMER}.name"),
        format!("group=id&fields=COUNT({CUSTOMER}.name)"),
    ] {
        let (status, message) = place
            .refused("GET", &format!("shop/_table/orders?{option}"), Value::Null)
            .await;
        assert_eq!(status, 400, "{option}: {message}");
        assert!(message.contains(CUSTOMER), "{option}: {message}");
    }
    let path = format!("shop/_table/orders?related={CUSTOMER}");
    let service = format!("system/service/{}", place.crm);
    place.ok("PATCH", &service, json!({"is_active": false})).await;
    let told = place.refused("GET", &path, Value::Null).await;
    assert_eq!(
        told,
        (
            403,
            "A relationship leads to service 'crm': Service crm is deactivated.".to_owned()
        )
    );
    place.ok("PATCH", &service, json!({"is_active": true})).await;
    place.in_crm("ALTER TABLE notes RENAME TO remarks");
    let (status, message) = place
        .refused("GET", &format!("shop/_table/orders?related={NOTES}"), Value::Null)
        .await;
    assert_eq!(
        (status, message.as_str()),
        (
            404,
            "A relationship leads to table 'notes' of service 'crm', which does not exist."
        )
    );
    place.get(&path).await;

    let far = json!({"resource": [{"is_virtual": true, "type": "belongs_to", "field": "id", "ref_service_id": 1,
                                   "ref_table": "user", "ref_field": "id"}]});
    place.ok("POST", "shop/_schema/orders/_related", far).await;
    let (status, message) = place
        .refused("GET", "shop/_table/orders?related=system.user_by_id", Value::Null)
        .await;
    assert_eq!(
        (status, message.as_str()),
        (
            400,
            "A relationship leads to service 'system', which is no database."
        )
    );
}

#[tokio::test]
async fn kept_answers_do_not_hold_what_other_services_change() {
    let Some(place) = Place::start(&json!({"cache_enabled": true, "cache_ttl": 3600})).await else {
        return;
    };
    let path = format!("shop/_table/orders/1?related={CUSTOMER}");
    assert_eq!(place.get(&path).await[CUSTOMER]["name"], "Ann");
    assert_eq!(place.get("crm/_table/customers/1").await["name"], "Ann");
    place
        .ok("PATCH", "crm/_table/customers/1", json!({"name": "Eve"}))
        .await;
    assert_eq!(place.get(&path).await[CUSTOMER]["name"], "Eve");
    // A write that comes through the other service empties the cache as well.
    assert_eq!(place.get("crm/_table/customers/1").await["name"], "Eve");
    let change = json!({CUSTOMER: {"id": 1, "name": "Zoe"}});
    place.ok("PATCH", "shop/_table/orders/1", change).await;
    assert_eq!(place.get("crm/_table/customers/1").await["name"], "Zoe");
}
