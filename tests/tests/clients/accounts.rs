//! Login, profile, users and administrators on the screens of the console.

use crate::console::{Console, LIST, list_with, named};
use kit::Program;
use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use serde_json::{Value, json};

const PASSWORD: &str = "Password-of-Console-1";

/// What the console finds people with.
fn people(text: &str) -> String {
    format!(
        "(first_name like \"%{text}%\") or (last_name like \"%{text}%\") or (name like \"%{text}%\") or (email like \"%{text}%\")"
    )
}

#[tokio::test]
async fn the_console_opens_and_somebody_logs_in() {
    let program = Program::start();
    let console = Console::open(&program);
    let before = console.get("system/environment", &[]).await;
    for field in ["admin", "user", "oauth", "adldap", "saml"] {
        assert!(!before["authentication"][field].is_null(), "{field}: {before}");
    }
    assert_eq!(before["authentication"]["login_attribute"], "email");
    assert_eq!(before["authentication"]["allow_open_registration"], false);

    let (console, session) = console.log_in(ADMIN_EMAIL, ADMIN_PASSWORD).await;
    for field in [
        "session_token",
        "session_id",
        "id",
        "name",
        "email",
        "is_sys_admin",
    ] {
        assert!(!session[field].is_null(), "{field}: {session}");
    }
    let after = console.get("system/environment", &[]).await;
    for pointer in [
        "/platform/version",
        "/platform/license",
        "/server/host",
        "/client/ip_address",
        "/apps",
    ] {
        assert!(after.pointer(pointer).is_some(), "{pointer}: {after}");
    }
    let token = session["session_token"].as_str().unwrap();
    let again = console.get("user/session", &[("session_token", token)]).await;
    assert_eq!(again["id"], session["id"]);
    assert!(again["session_token"].is_string());

    let ended = console.delete("system/admin/session", &[]).await;
    assert_eq!(ended["success"], true);
    let gone = console.send("GET", "user/session", &[], None).await;
    assert_eq!(gone.status, 403, "{}", gone.text());
}

#[tokio::test]
async fn an_administrator_edits_the_profile() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;
    let mut profile = console.get("system/admin/profile", &[]).await;
    assert_eq!(profile["email"], ADMIN_EMAIL);
    profile["phone"] = json!("555");
    profile["security_question"] = json!("Which horse?");
    profile["security_answer"] = json!("The correct one");
    console.put("system/admin/profile", &[], &profile).await;
    let read = console.get("system/admin/profile", &[]).await;
    assert_eq!(read["phone"], "555");
    assert_eq!(read["security_question"], "Which horse?");

    let change =
        json!({"old_password": ADMIN_PASSWORD, "new_password": PASSWORD, "confirm_password": PASSWORD});
    let changed = console
        .expect(
            200,
            "POST",
            "system/admin/password",
            &[("login", "true"), ("reset", "false")],
            Some(&change),
        )
        .await;
    assert_eq!(changed["success"], true, "{changed}");
    Console::open(&program).log_in(ADMIN_EMAIL, PASSWORD).await;
}

#[tokio::test]
async fn users_are_administered() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;
    let role = console
        .create("system/role", &[], json!({"name": "reader", "is_active": true}))
        .await;
    let app = console
        .create("system/app", &[], json!({"name": "shop", "is_active": true}))
        .await;
    let user = json!({"username": "ada-lovelace", "email": "ada@example.com", "first_name": "Ada",
                      "last_name": "Lovelace", "name": "Ada Lovelace", "phone": "", "is_active": true,
                      "lookup_by_user_id": [{"name": "desk", "value": "7", "private": false, "id": ""}],
                      "user_to_app_to_role_by_user_id": [{"app_id": app, "role_id": role}], "password": PASSWORD});
    let id = console
        .create("system/user", &[("send_invite", "false")], user.clone())
        .await;
    let twice = json!({ "resource": [user] });
    let twice = console.send("POST", "system/user", &[], Some(&twice)).await;
    assert_eq!(twice.status, 400);
    // The screen shows this message.
    assert!(twice.json()["error"]["context"]["resource"][0]["message"].is_string());

    let found = console
        .list("system/user", &list_with("filter", &people("love")))
        .await;
    assert_eq!(named(&found, "Ada Lovelace")["confirmed"], true);
    let related = [("related", "user_to_app_to_role_by_user_id,lookup_by_user_id")];
    let path = format!("system/user/{id}");
    let mut record = console.get(&path, &related).await;
    assert_eq!(record["username"], "ada-lovelace");
    assert_eq!(record["lookup_by_user_id"][0]["value"], "7");

    // The form sends the assignment that is gone with no user, and everything else as it is.
    let mut gone = record["user_to_app_to_role_by_user_id"][0].clone();
    assert_eq!(gone["role_id"], role);
    gone["user_id"] = Value::Null;
    record["user_to_app_to_role_by_user_id"] = json!([gone]);
    record["lookup_by_user_id"] = json!([{"name": "desk", "value": "8", "private": false}]);
    record["last_name"] = json!("King");
    console.put(&path, &[], &record).await;
    let record = console.get(&path, &related).await;
    assert_eq!(record["user_to_app_to_role_by_user_id"], json!([]));
    assert_eq!(record["last_name"], "King");
    let lookups = record["lookup_by_user_id"].as_array().unwrap();
    assert_eq!(
        (lookups.len(), &lookups[0]["value"]),
        (1, &json!("8")),
        "{lookups:?}"
    );
    Console::open(&program).log_in("ada@example.com", PASSWORD).await;

    console.delete(&path, &[]).await;
    assert!(console.list("system/user", &LIST).await.is_empty());
}

#[tokio::test]
async fn lists_of_users_are_exported_and_imported() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;
    let user = json!({"email": "one@example.com", "name": "One", "password": PASSWORD, "is_active": true});
    console.create("system/user", &[], user).await;
    for (kind, sign) in [
        ("csv", "one@example.com"),
        ("json", "\"resource\""),
        ("xml", "<email>"),
    ] {
        let file = format!("user.{kind}");
        let answer = console.send("GET", "system/user", &[("file", &file)], None).await;
        assert_eq!(answer.status, 200, "{kind}");
        assert!(answer.text().contains(sign), "{kind}: {}", answer.text());
    }
    let admins = console
        .list("system/admin", &list_with("filter", &people("oracle")))
        .await;
    assert_eq!(admins.len(), 1);
}
