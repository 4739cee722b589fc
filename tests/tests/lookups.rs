//! Lookups: whose value counts, where they are replaced, and with which functions.

use kit::{Client, MailSink};
use scenarios::world::{KEY, World, grant, load_sqlite};
use serde_json::{Value, json};

const DEPARTMENTS: &str = "/api/v2/sqlite/_table/departments";

async fn lookup(world: &World, name: &str, value: &str, private: bool) {
    let row = json!({"name": name, "value": value, "private": private});
    world.create("lookup", row).await;
}

/// The numbers of the departments that an answer lists.
fn numbers(answer: &Value) -> Vec<&str> {
    let rows = answer["resource"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    rows.iter().filter_map(|row| row["dept_no"].as_str()).collect()
}

/// The numbers of the departments that meet a filter.
async fn meeting(client: &Client, filter: &str) -> Vec<String> {
    let filter = filter.replace(' ', "%20").replace('{', "%7B").replace('}', "%7D");
    let answer = client.get(&format!("{DEPARTMENTS}?filter={filter}")).await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text());
    numbers(&answer.json())
        .iter()
        .map(|number| (*number).to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_work_wherever_lookups_do() {
    let (world, sink) = (World::with(&[]).await, MailSink::start());
    lookup(&world, "dept", " D001 ", false).await;
    lookup(&world, "file", "DEMO.SQLITE", true).await;
    lookup(&world, "sender", "NOREPLY@EXAMPLE.COM", true).await;

    // Configurations of services, private keys too.
    let service = json!({"name": "named", "label": "named", "type": "sqlite", "is_active": true,
                         "config": {"database": "{strtolower(file)}"}});
    world.create("service", service).await;
    let answer = world.admin.get("/api/v2/named/_table/departments/d001").await;
    assert_eq!(answer.status, 200, "{}", answer.text());

    // Filters, and the values of their parameters.
    let filter = "dept_no='{strtolower(trim(dept))}'";
    assert_eq!(meeting(&world.admin, filter).await, ["d001"]);
    let sent = json!({"filter": "dept_no = :no", "params": {":no": "{strtolower(trim(dept))}"}});
    let answer = world
        .admin
        .with("X-HTTP-Method", "GET")
        .post(DEPARTMENTS, &sent)
        .await;
    assert_eq!(numbers(&answer.json()), ["d001"], "{}", answer.text());

    // Row filters of roles.
    let own = json!([{"name": "dept_no", "operator": "=", "value": "{strtolower(trim(dept))}"}]);
    let role = world
        .role("one", &[grant(world.bases[0].id, "_table/departments/*", 1, own)])
        .await;
    let client = world.key("one", &role).await;
    assert_eq!(numbers(&client.get(DEPARTMENTS).await.json()), ["d001"]);
    assert_eq!(client.get(&format!("{DEPARTMENTS}/d002")).await.status, 404);

    // Values that are written.
    let row =
        json!({"resource": [{"dept_no": "d901", "dept_name": "{ucfirst(strtolower(trim(dept)))} {none}"}]});
    let made = world.admin.post(&format!("{DEPARTMENTS}?fields=*"), &row).await;
    assert_eq!(
        made.json()["resource"][0]["dept_name"],
        "D001 {none}",
        "{}",
        made.text()
    );

    // E-mails, and their service's configuration.
    let config = json!({"host": "127.0.0.1", "port": sink.address().port(), "encryption": "none",
                        "from_email": "{strtolower(sender)}"});
    let mail =
        json!({"name": "mail", "label": "mail", "type": "smtp_email", "is_active": true, "config": config});
    world.create("service", mail).await;
    let sent = json!({"to": "ann@example.com", "subject": "{strtolower(trim(dept))}", "body_text": "{file} {trim(dept)}"});
    let answer = world.admin.post("/api/v2/mail", &sent).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mails = sink.mails();
    assert_eq!(mails[0].header("Subject").as_deref(), Some("d001"));
    assert!(
        mails[0]
            .header("From")
            .is_some_and(|from| from.contains("noreply@example.com"))
    );
    assert!(mails[0].text().contains("{file} D001"), "{}", mails[0].text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_owner_s_value_counts_and_the_session_tells_of_itself() {
    let world = World::with(&[]).await;
    lookup(&world, "dept", "d001", false).await;
    lookup(&world, "hidden", "d001", true).await;
    let everything = grant(world.bases[0].id, "*", 31, Value::Null);
    let plain = world.role("plain", std::slice::from_ref(&everything)).await;
    let role = json!({"name": "named", "is_active": true, "role_service_access_by_role_id": [everything],
                      "lookup_by_role_id": [{"name": "dept", "value": "d003"}]});
    let role = world.create("role", role).await["id"].clone();
    let app = async |name: &str, role: &Value, lookups: Value| {
        let app =
            json!({"name": name, "type": 0, "is_active": true, "role_id": role, "lookup_by_app_id": lookups});
        let made = world.create("app", app).await;
        made["api_key"].as_str().expect("a key").to_owned()
    };
    let own = json!([{"name": "dept", "value": "d002"}]);
    let (bare, named) = (
        app("bare", &plain, json!([])).await,
        app("named", &plain, own.clone()).await,
    );
    let both = app("both", &role, own).await;
    let key = |key: &str| world.program.client().with(KEY, key);
    let mine = "dept_no='{dept}'";
    assert_eq!(meeting(&world.admin, mine).await, ["d001"], "the system's");
    assert_eq!(meeting(&key(&bare), mine).await, ["d001"]);
    assert_eq!(meeting(&key(&named), mine).await, ["d002"], "the app's before it");
    assert_eq!(
        meeting(&key(&both), mine).await,
        ["d003"],
        "the role's before both"
    );
    let user = json!({"name": "d005", "email": "ann@example.com", "password": "Long-Enough-Passw0rd",
                      "is_active": true, "lookup_by_user_id": [{"name": "dept", "value": "d004"}]});
    world.create("user", user).await;
    let login = scenarios::world::log_in;
    let client = world.program.client();
    let ann = login(&client, "user/session", "ann@example.com", "Long-Enough-Passw0rd").await;
    let ann = ann.with(KEY, &both);
    assert_eq!(meeting(&ann, mine).await, ["d004"], "the user's before all");

    // What the session tells of itself; private keys and what is not known stay text.
    assert_eq!(meeting(&ann, "dept_no='{user.name}'").await, ["d005"]);
    for text in [
        "{hidden}",
        "{user.phone}",
        "{user.password}",
        "{nosuch.name}",
        "{dept-x}",
    ] {
        let none: [&str; 0] = [];
        assert_eq!(meeting(&ann, &format!("dept_no='{text}'")).await, none, "{text}");
    }
    let told = json!({"resource": [{"dept_no": "d902",
        "dept_name": "{role.name} {user.email} {user.is_sys_admin} {df.name} {hidden} {user.first_name}"}]});
    let made = ann.post(&format!("{DEPARTMENTS}?fields=dept_name"), &told).await;
    assert_eq!(
        made.json()["resource"][0]["dept_name"],
        "named ann@example.com 0 Dreamwright {hidden} {user.first_name}",
        "{}",
        made.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_functions_of_the_settings_are_applied() {
    let world = World::with(&[("DF_LOOKUP_MODIFIERS", "strtoupper, trim")]).await;
    load_sqlite(&world.program.databases().join("LOUD.sqlite"));
    lookup(&world, "dept", " d001 ", false).await;
    lookup(&world, "file", "loud", true).await;
    let service = json!({"name": "loud", "label": "loud", "type": "sqlite", "is_active": true,
                         "config": {"database": "{ucfirst(strtoupper(file))}.sqlite"}});
    world.create("service", service).await;
    let answer = world.admin.get("/api/v2/loud/_table/departments/d001").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let row =
        json!({"resource": [{"dept_no": "d903", "dept_name": "{base64_encode(strtoupper(trim(dept)))}"}]});
    let made = world.admin.post(&format!("{DEPARTMENTS}?fields=*"), &row).await;
    assert_eq!(made.json()["resource"][0]["dept_name"], "D001", "{}", made.text());
}
