//! Sessions, passwords, profiles, registration and what else is no record.
#![allow(clippy::unwrap_used)]

mod instance;

use contract::{Value, Verb};
use instance::{Instance, PASSWORD, message};
use serde_json::json;

const OTHER: &str = "another-long-password";

/// Creates a user and logs in.
async fn user(i: &Instance) -> String {
    let record = json!({"email": "user@example.com", "password": PASSWORD, "first_name": "U"});
    i.create("user", record, "").await;
    login(i, PASSWORD).await
}

async fn login(i: &Instance, password: &str) -> String {
    let body = json!({"email": "user@example.com", "password": password});
    let (status, session) = i.anonymous(Verb::Post, "user/session", body).await;
    assert_eq!(status, 200, "{session}");
    session["session_token"].as_str().unwrap().to_owned()
}

fn token(text: &str) -> [(&'static str, &str); 1] {
    [("x-dreamfactory-session-token", text)]
}

#[tokio::test]
async fn sessions_begin_are_renewed_and_end() {
    let i = Instance::new().await;
    let first = user(&i).await;
    let (status, body) = i
        .call(Verb::Get, "user/session", &token(&first), Value::Null)
        .await;
    assert_eq!((status, &body["email"]), (200, &json!("user@example.com")));
    let (_, body) = i
        .call(Verb::Put, "user/session", &token(&first), Value::Null)
        .await;
    let second = body["session_token"].as_str().unwrap().to_owned();
    assert_eq!(
        i.call(Verb::Get, "user/session", &token(&first), Value::Null)
            .await
            .0,
        403
    );
    let (status, body) = i
        .call(Verb::Delete, "user/session", &token(&second), Value::Null)
        .await;
    assert_eq!((status, body), (200, json!({"success": true})));
    assert_eq!(
        i.call(Verb::Get, "user/session", &token(&second), Value::Null)
            .await
            .0,
        403
    );
    let wrong = i.admin(Verb::Patch, "system/admin/session", json!({})).await;
    assert_eq!(wrong.0, 400, "{wrong:?}");
    for (target, body, status, wanted) in [
        (
            "user/session",
            json!({}),
            400,
            "Login request is missing required email.",
        ),
        (
            "user/session",
            json!({"email": "a@b.c"}),
            400,
            "Login request is missing required password.",
        ),
        (
            "user/session",
            json!({"email": "admin@example.com", "password": PASSWORD}),
            401,
            "Invalid credentials supplied.",
        ),
        (
            "system/admin/session",
            json!({"email": "user@example.com", "password": PASSWORD}),
            401,
            "Invalid credentials supplied.",
        ),
    ] {
        let answer = i.anonymous(Verb::Post, target, body).await;
        assert_eq!((answer.0, message(&answer)), (status, wanted));
    }
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one_and_ends_sessions() {
    let i = Instance::new().await;
    let first = user(&i).await;
    let change = |old: &str| json!({"old_password": old, "new_password": OTHER});
    let answer = i
        .call(Verb::Post, "user/password", &token(&first), change("wrong"))
        .await;
    assert_eq!(message(&answer), "The password supplied does not match.");
    let answer = i
        .call(
            Verb::Post,
            "user/password",
            &token(&first),
            json!({"new_password": OTHER}),
        )
        .await;
    assert_eq!(
        message(&answer),
        "Not enough information provided to change password."
    );
    let answer = i.anonymous(Verb::Post, "user/password", change(PASSWORD)).await;
    assert_eq!(
        message(&answer),
        "Not enough information provided to change password."
    );
    let (status, body) = i
        .call(
            Verb::Post,
            "user/password?login=true",
            &token(&first),
            change(PASSWORD),
        )
        .await;
    assert_eq!(status, 200, "{body}");
    let fresh = body["session_token"].as_str().unwrap();
    assert_eq!(
        i.call(Verb::Get, "user/session", &token(fresh), Value::Null)
            .await
            .0,
        200
    );
    assert_eq!(
        i.call(Verb::Get, "user/session", &token(&first), Value::Null)
            .await
            .0,
        403
    );
    login(&i, OTHER).await;
}

#[tokio::test]
async fn a_forgotten_password_is_recovered_by_the_answer() {
    let i = Instance::new().await;
    let session = user(&i).await;
    let ask = json!({"email": "user@example.com"});
    assert_eq!(
        i.anonymous(Verb::Post, "user/password?reset=true", ask.clone())
            .await
            .0,
        501,
        "nothing to recover with"
    );
    let profile = json!({"security_question": "pet?", "security_answer": "cat"});
    i.call(Verb::Patch, "user/profile", &token(&session), profile)
        .await;
    let (_, body) = i.anonymous(Verb::Post, "user/password?reset=true", ask).await;
    assert_eq!(body, json!({"security_question": "pet?"}));
    let by =
        |answer: &str| json!({"email": "user@example.com", "security_answer": answer, "new_password": OTHER});
    let answer = i.anonymous(Verb::Post, "user/password", by("dog")).await;
    assert_eq!(
        (answer.0, message(&answer)),
        (400, "The answer supplied does not match.")
    );
    assert_eq!(
        i.anonymous(Verb::Post, "system/admin/password", by("cat"))
            .await
            .0,
        401,
        "the other endpoint"
    );
    assert_eq!(
        i.anonymous(Verb::Post, "user/password", by("cat")).await.1,
        json!({"success": true})
    );
    login(&i, OTHER).await;
    for (body, status, wanted) in [
        (
            json!({"email": "no@example.com", "code": "x", "new_password": OTHER}),
            404,
            "The supplied email and/or confirmation code were not found in the system.",
        ),
        (
            json!({"email": "user@example.com", "code": "y", "new_password": OTHER}),
            404,
            "The supplied email and/or confirmation code were not found in the system.",
        ),
        (
            json!({"email": "user@example.com", "code": "x"}),
            400,
            "Missing new password for reset.",
        ),
        (
            json!({"code": "x", "new_password": OTHER}),
            400,
            "Missing required email for password reset confirmation.",
        ),
    ] {
        let answer = i.anonymous(Verb::Post, "user/password", body).await;
        assert_eq!((answer.0, message(&answer)), (status, wanted));
    }
}

#[tokio::test]
async fn a_profile_is_ones_own_and_a_new_address_needs_the_password() {
    let i = Instance::new().await;
    let session = user(&i).await;
    let send = |verb, body| {
        let session = session.clone();
        let i = &i;
        async move { i.call(verb, "user/profile", &token(&session), body).await }
    };
    assert_eq!(
        send(
            Verb::Patch,
            json!({"phone": "1", "first_name": null, "is_sys_admin": true})
        )
        .await
        .0,
        200
    );
    let (_, body) = send(Verb::Get, Value::Null).await;
    assert_eq!((&body["phone"], &body["first_name"]), (&json!("1"), &json!("U")));
    assert_eq!(i.get("system/admin?count_only=true").await.1, json!(1));
    let address = json!({"email": "new@example.com"});
    assert_eq!(
        message(&send(Verb::Patch, address).await),
        "Current Password required to change email"
    );
    let address = json!({"email": "new@example.com", "current_password": "wrong"});
    assert_eq!(
        message(&send(Verb::Patch, address).await),
        "The password supplied does not match."
    );
    let address = json!({"email": "ADMIN@example.com", "current_password": PASSWORD});
    assert_eq!(send(Verb::Patch, address).await.0, 400, "it is taken");
    let address = json!({"email": "new@example.com", "current_password": PASSWORD});
    let (_, body) = send(Verb::Patch, address).await;
    let fresh = body["session_token"].as_str().unwrap();
    assert_eq!(
        i.call(Verb::Get, "user/session", &token(fresh), Value::Null)
            .await
            .0,
        200
    );
    assert_eq!(
        send(Verb::Get, Value::Null).await.0,
        401,
        "the old token named the old address"
    );
    assert_eq!(i.anonymous(Verb::Get, "user/profile", Value::Null).await.0, 401);
    assert_eq!(
        i.anonymous(Verb::Patch, "user/profile", json!({"phone": "1"}))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn registration_is_closed_until_it_is_opened() {
    let i = Instance::new().await;
    let register = |body: Value| i.anonymous(Verb::Post, "user/register", body);
    let answer = register(json!({"email": "r@example.com", "password": PASSWORD})).await;
    assert_eq!(
        (answer.0, message(&answer)),
        (403, "Open Registration is not enabled.")
    );
    let role = i
        .create("role", json!({"name": "registered", "is_active": true}), "")
        .await;
    let config = json!({"config": {"allow_open_registration": true, "open_reg_role_id": role["id"]}});
    i.admin(Verb::Patch, "system/service/7", config).await;
    assert_eq!(
        register(json!({"email": "r@example.com", "password": PASSWORD}))
            .await
            .0,
        501,
        "mail is not there"
    );
    i.admin(
        Verb::Patch,
        "system/service/7",
        json!({"config": {"open_reg_email_service_id": null}}),
    )
    .await;
    let (status, body) = register(json!({"email": "a.b@example.com", "new_password": PASSWORD})).await;
    assert_eq!((status, body), (200, json!({"success": true})));
    let rows = "user_to_app_to_role_by_user_id";
    let (_, body) = i.get(&format!("system/user?related={rows}")).await;
    let made = &body["resource"][0];
    assert_eq!(
        (&made["first_name"], &made["last_name"], &made["name"]),
        (&json!("a"), &json!("b"), &json!("a b"))
    );
    assert_eq!(made[rows].as_array().unwrap().len(), 3);
    for (body, wanted) in [
        (
            json!({"email": "a.b@example.com", "password": PASSWORD}),
            json!({"email": ["The email has already been taken."]}),
        ),
        (
            json!({"email": "c@example.com", "password": "x"}),
            json!({"password": ["The password field must be at least 16 characters."]}),
        ),
        (
            json!({"first_name": "x"}),
            json!({"email": ["The email field is required."], "password": ["The password field is required."]}),
        ),
    ] {
        let answer = register(body).await;
        assert_eq!((answer.0, message(&answer)), (400, "Validation failed"));
        assert_eq!(answer.1["error"]["context"], wanted);
    }
}

#[tokio::test]
async fn what_is_no_record_is_answered_too() {
    let i = Instance::new().await;
    let (_, body) = i.anonymous(Verb::Get, "system/environment", Value::Null).await;
    assert_eq!(body["authentication"]["login_attribute"], "email");
    assert_eq!((&body["apps"], body.get("platform")), (&json!([]), None));
    let (_, body) = i.get("system/environment").await;
    assert_eq!(body["apps"].as_array().unwrap().len(), 3);
    assert_eq!(body["platform"]["db_driver"], "sqlite");

    let (_, body) = i.get("system?as_list=true").await;
    assert_eq!(body["resource"][0], "admin");
    let (_, body) = i.get("system?as_access_list=true").await;
    assert_eq!(
        (&body["resource"][0], &body["resource"][2]),
        (&json!(""), &json!("admin/"))
    );
    let (_, body) = i.get("user").await;
    let wanted = json!([{"name": "password"}, {"name": "profile"}, {"name": "register"}, {"name": "session"}, {"name": "custom"}]);
    assert_eq!(body["resource"], wanted);

    let (_, body) = i.get("system/service_type?fields=name").await;
    assert_eq!(
        body["resource"],
        json!([{"name": "local_email"}, {"name": "smtp_email"}, {"name": "sqlite"}, {"name": "swagger"}, {"name": "system"}, {"name": "user"}])
    );
    let (_, body) = i
        .get("system/service_type?group=Database&fields=name,group")
        .await;
    assert_eq!(body["resource"], json!([{"name": "sqlite", "group": "Database"}]));
    assert_eq!(
        message(&i.get("system/service_type/nosuch").await),
        "Service type 'nosuch' not found."
    );
    assert_eq!(i.get("system/constant/verbs").await.1, json!({"resource": []}));

    let flush = |target: &'static str| i.admin(Verb::Delete, target, Value::Null);
    assert_eq!(flush("system/cache").await.1, json!({"success": true}));
    assert_eq!(flush("system/cache/db").await.1, json!({"success": true}));
    assert_eq!(
        flush("system/cache/files").await.0,
        200,
        "it cannot run, so it has nothing to forget"
    );
    assert_eq!(
        message(&flush("system/cache/nosuch").await),
        "Could not find a service for nosuch"
    );
    assert_eq!(
        i.get("system/cache").await.1["resource"]
            .as_array()
            .unwrap()
            .len(),
        7
    );
}

#[tokio::test]
async fn a_new_service_answers_at_once() {
    let i = Instance::new().await;
    assert_eq!(i.get("own/_table").await.0, 404);
    let config = json!({"database": ":memory:"});
    i.create(
        "service",
        json!({"name": "own", "type": "sqlite", "is_active": true, "config": config}),
        "",
    )
    .await;
    assert_eq!(i.get("own/_table").await, (200, json!({"resource": []})));
    let (_, body) = i.get("system/service?filter=name='own'&fields=name,config").await;
    assert_eq!(
        body["resource"],
        json!([{"name": "own", "id": 8, "type": "sqlite"}]),
        "as the original answers it"
    );
    i.admin(Verb::Patch, "system/service/8", json!({"is_active": false}))
        .await;
    assert_eq!(i.get("own/_table").await.0, 403);
}
