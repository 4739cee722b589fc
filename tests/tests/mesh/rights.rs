use crate::place::*;
use scenarios::world::grant;
use serde_json::{Value, json};

const GET: u8 = 1;
const ALL: u8 = 31;

#[tokio::test]
async fn the_other_service_asks_the_caller_for_her_rights() {
    let Some(place) = Place::start(&Value::Null).await else {
        return;
    };
    let orders = grant(place.shop, "_table/orders/*", ALL, json!([]));
    let near = place.world.role("near", std::slice::from_ref(&orders)).await;
    let near = place.world.key("near", &near).await;
    let path = format!("shop/_table/orders?related={CUSTOMER}&fields=id&order=id");
    assert_eq!(
        ok(&near, "GET", "shop/_table/orders/1", Value::Null).await["title"],
        "Anvil"
    );
    let (status, message) = refused(&near, "GET", &path, Value::Null).await;
    assert_eq!(status, 403);
    assert!(message.contains("'crm'"), "{message}");

    // Some right there, but not on this table.
    let tags = grant(place.crm, "_table/tags/*", ALL, json!([]));
    let aside = place.world.role("aside", &[orders.clone(), tags]).await;
    let aside = place.world.key("aside", &aside).await;
    let (status, message) = refused(&aside, "GET", &path, Value::Null).await;
    assert_eq!(
        (status, message.as_str()),
        (
            403,
            "GET access to component '_table/customers' of service 'crm' is not allowed by this user's role."
        )
    );

    // Far tags, but not the table between.
    let (status, message) = refused(
        &aside,
        "GET",
        &format!("shop/_table/orders?related={TAGS}"),
        Value::Null,
    )
    .await;
    assert_eq!(status, 403);
    assert!(message.contains("'depot'"), "{message}");

    let north = json!([{"name": "region", "operator": "=", "value": "north"}]);
    let filtered = [
        orders,
        grant(place.crm, "_table/customers/*", GET, north.clone()),
        grant(place.crm, "_table/notes/*", ALL, north),
    ];
    let north = place.world.role("north", &filtered).await;
    let north = place.world.key("north", &north).await;
    let read = ok(&north, "GET", &path, Value::Null).await;
    assert_eq!(read["resource"][0][CUSTOMER]["name"], "Ann");
    assert_eq!(
        read["resource"][1][CUSTOMER],
        Value::Null,
        "hidden by the filter of the other table"
    );
    let notes = ok(
        &north,
        "GET",
        &format!("shop/_table/orders/1?related={NOTES}"),
        Value::Null,
    )
    .await;
    assert_eq!(notes[NOTES].as_array().map(Vec::len), Some(1));

    // Writing: what is refused there leaves nothing here.
    let new = json!({"resource": [{"title": "Eel", CUSTOMER: {"name": "Eve"}}]});
    let (status, message) = refused(&north, "POST", "shop/_table/orders", new).await;
    assert_eq!(status, 403);
    assert!(
        message.contains("POST access to component '_table/customers'"),
        "{message}"
    );
    let new = json!({"resource": [{"title": "Eel", NOTES: [{"text": "x", "region": "south"}]}]});
    assert_eq!(refused(&north, "POST", "shop/_table/orders", new).await.0, 403);
    let change = json!({NOTES: [{"id": 2, "text": "seen"}]});
    let (status, _) = refused(&north, "PATCH", "shop/_table/orders/1", change).await;
    assert_eq!(status, 404, "a hidden note is not there");
    assert_eq!(
        place.in_shop("SELECT count(*) FROM orders WHERE title = 'Eel'"),
        "0"
    );
    assert_eq!(place.in_crm("SELECT text FROM notes WHERE id = 2"), "fragile");

    let new = json!({"resource": [{"title": "Elk", "customer_id": 1, NOTES: [{"text": "y"}]}]});
    ok(&north, "POST", "shop/_table/orders", new).await;
    assert_eq!(place.in_crm("SELECT count(*) FROM notes WHERE text = 'y'"), "1");
}
