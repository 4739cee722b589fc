//! Rows and packages that a call names by their address instead of sending them.

use kit::{Client, RemoteServer, Reply};
use scenarios::world::{KEY, World, grant};
use serde_json::{Value, json};

const IMPORT: &str = "/api/v2/system/import";
const PACKAGE: &str = "/api/v2/system/package";
/// What opens this machine's own address, which is closed otherwise.
const OPEN: (&str, &str) = ("DW_OUTBOUND_NETWORKS", "127.0.0.1/32");

async fn package(admin: &Client) -> Vec<u8> {
    let order = json!({"service": {"system": {"role": ["packed"]}}, "download": true});
    let answer = admin.post(PACKAGE, &order).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_packages_come_from_their_address() {
    let world = World::with(&[OPEN]).await;
    let role = world.role("packed", &[]).await;
    let archive = package(&world.admin).await;
    let served = RemoteServer::start(move |asked| match asked.path() {
        "/people.csv" => Reply::new(200, "text/csv", "name,age\nAnn,31\nBen,29\n"),
        "/roles.zip" => Reply::new(200, "application/zip", archive.clone()),
        _ => Reply::new(404, "text/plain", ""),
    });
    let at = |file: &str| format!("{}/{file}", served.url());

    let rows = json!({"import_url": at("people.csv"), "service": "sqlite", "resource": "people"});
    let answer = world.admin.post(IMPORT, &rows).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let read = world
        .admin
        .get("/api/v2/sqlite/_table/people?fields=name,age")
        .await;
    assert_eq!(
        read.json()["resource"],
        json!([{"name": "Ann", "age": "31"}, {"name": "Ben", "age": "29"}])
    );

    let path = format!("/api/v2/system/role/{role}");
    assert_eq!(world.admin.call("DELETE", &path, None).await.status, 200);
    let answer = world
        .admin
        .post(PACKAGE, &json!({"import_url": at("roles.zip")}))
        .await;
    assert_eq!((answer.status, &answer.json()["success"]), (201, &json!(true)));
    let found = world
        .admin
        .get("/api/v2/system/role?filter=name=packed&count_only=true");
    assert_eq!(found.await.text(), "1");

    let gone = json!({"import_url": at("gone.zip")});
    assert_eq!(world.admin.post(PACKAGE, &gone).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_fetched_for_who_may_not_bring_it_in() {
    let world = World::with(&[OPEN]).await;
    let served = RemoteServer::start(|_| Reply::new(200, "application/zip", "PK"));
    let role = world.role("delegate", &[grant(1, "*", 31, Value::Null)]).await;
    let delegate = world.key("delegate", &role).await;
    assert_eq!(delegate.get("/api/v2/system/role").await.status, 200);
    let nobody = world.program.client().with(KEY, "nonsense");
    let body = json!({"import_url": format!("{}/x.zip", served.url())});
    for (client, path, status) in [
        (&delegate, PACKAGE, 403),
        (&delegate, "/api/v2/system/app", 403),
        (&nobody, PACKAGE, 400),
        (&nobody, IMPORT, 400),
    ] {
        let answer = client.post(path, &body).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    assert!(served.asked().is_empty());
}
