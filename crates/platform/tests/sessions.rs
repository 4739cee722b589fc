//! Logins, tokens, Basic credentials.

#![allow(clippy::unwrap_used, missing_docs)]

mod instance;

use base64::Engine;
use contract::{Settings, Verb};
use instance::{ADMIN, Instance, KEY, TOKEN, USER, call, token};
use serde_json::{Value, json};
use store::Entity;

const TERMINATED: &str = "The token has been blacklisted: Session terminated. Please re-login.";

#[tokio::test]
async fn a_session_object_has_the_documented_members() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let role = instance.role("reader", &[(db, "*", 1, None)]).await;
    let (app, key) = instance.app("app", None).await;
    let id = instance.user(&[(app, role)]).await;

    let (status, session) = instance.login("user/session", USER, &[(KEY, &key)]).await;
    assert_eq!(status, 200, "{session}");
    let keys: Vec<&str> = session.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys.join(" "),
        "session_token session_id id name first_name last_name email is_sys_admin last_login_date host \
         token_expiry_date role role_id"
    );
    assert_eq!(session["session_id"], session["session_token"]);
    assert_eq!(
        (&session["id"], &session["role"], &session["role_id"]),
        (&json!(id), &json!("reader"), &json!(role))
    );

    let text = session["session_token"].as_str().unwrap();
    let viewed = instance
        .answer(call(Verb::Get, "user/session", &[(KEY, &key), (TOKEN, text)]))
        .await;
    assert_eq!(viewed.1, session, "viewing gives the same object");
    let bare = instance.login("user/session", USER, &[]).await;
    assert!(bare.1.get("role").is_none(), "no role without a key");
}

#[tokio::test]
async fn failed_logins_all_sound_the_same() {
    let instance = Instance::fresh().await;
    let user = instance.user(&[]).await;
    let refused = (401, json!("Invalid credentials supplied."));
    for (service, who) in [
        ("user/session", (USER.0, "wrong")),
        ("user/session", ("nobody@example.com", USER.1)),
        ("user/session", ADMIN),
        ("system/admin/session", USER),
    ] {
        assert_eq!(
            instance.login(service, who, &[]).await,
            refused,
            "{service} {who:?}"
        );
    }
    instance
        .update(Entity::User, user, json!({"is_active": false}))
        .await;
    assert_eq!(instance.login("user/session", USER, &[]).await, refused);
    assert_eq!(
        instance.login("user/session", ("", "x"), &[]).await,
        (400, json!("Login request is missing required email."))
    );
    assert_eq!(
        instance.login("user/session", (USER.0, ""), &[]).await,
        (400, json!("Login request is missing required password."))
    );
    // A token that would be refused does not keep anybody from logging in.
    assert_eq!(
        instance
            .login("system/admin/session", ADMIN, &[(TOKEN, "garbage")])
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_role_that_is_off_keeps_its_users_out() {
    let instance = Instance::fresh().await;
    let role = instance.role("off", &[]).await;
    let (app, key) = instance.app("app", None).await;
    instance.user(&[(app, role)]).await;
    instance
        .update(Entity::Role, role, json!({"is_active": false}))
        .await;
    assert_eq!(
        instance.login("user/session", USER, &[(KEY, &key)]).await,
        (403, json!("Role is not active."))
    );
}

#[tokio::test]
async fn tokens_come_three_ways_and_end_with_logout() {
    let instance = Instance::fresh().await;
    let admin = instance.admin_token().await;
    let mut by_query = call(Verb::Get, "system/admin/session", &[]);
    by_query.params.0.push(("session_token".into(), admin.clone()));
    let bearer = format!("Bearer {admin}");
    for incoming in [
        by_query,
        call(Verb::Get, "system/admin/session", &[(TOKEN, &admin)]),
        call(Verb::Get, "system/admin/session", &[("authorization", &bearer)]),
    ] {
        assert_eq!(instance.answer(incoming).await.0, 200);
    }
    let logout = |headers: &[(&str, &str)]| call(Verb::Delete, "system/admin/session", headers);
    assert_eq!(
        instance.answer(logout(&[(TOKEN, &admin)])).await,
        (200, json!({"success": true}))
    );
    for target in ["system/admin/session", "system/user"] {
        let refused = instance.answer(call(Verb::Get, target, &[(TOKEN, &admin)])).await;
        assert_eq!(refused, (403, json!(TERMINATED)));
    }
    assert_eq!(
        instance.answer(logout(&[])).await,
        (200, json!({"success": true}))
    );
    assert_eq!(
        instance
            .answer(call(Verb::Get, "system/admin/session", &[]))
            .await,
        (404, json!("No user session found."))
    );
    assert_eq!(
        instance.answer(call(Verb::Get, "user/session", &[])).await,
        (401, json!("There is no valid session for the current request."))
    );
}

#[tokio::test]
async fn a_refresh_replaces_the_token() {
    let instance = Instance::fresh().await;
    let first = instance.admin_token().await;
    let refresh = |headers: &[(&str, &str)]| call(Verb::Put, "system/admin/session", headers);
    let second = token(&instance.answer(refresh(&[(TOKEN, &first)])).await);
    let get = |token: &str| call(Verb::Get, "system/admin/session", &[(TOKEN, token)]);
    assert_eq!(instance.answer(get(&second)).await.0, 200);
    assert_eq!(instance.answer(get(&first)).await, (403, json!(TERMINATED)));
    assert_eq!(
        instance.answer(refresh(&[(TOKEN, &first)])).await,
        (401, json!("Token refresh failed. The token has been blacklisted"))
    );
    assert_eq!(
        instance.answer(refresh(&[])).await,
        (401, json!("Token refresh failed. Wrong number of segments"))
    );
}

fn claims_token(iat: i64, exp: i64, user: &str, epoch: i64) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    use md5::{Digest, Md5};
    let encode = |text: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let head = encode(json!({"typ": "JWT", "alg": "HS256"}).to_string());
    let sub = hex::encode(Md5::digest(user.as_bytes()));
    let claims = json!({"sub": sub, "user_id": 1, "forever": false, "iss": "x", "iat": iat, "nbf": iat, "exp": exp,
                        "jti": format!("{iat}-{exp}"), "epoch": epoch});
    let body = encode(claims.to_string());
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"secret").unwrap();
    mac.update(format!("{head}.{body}").as_bytes());
    let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{head}.{body}.{signature}")
}

#[tokio::test]
async fn old_tokens_are_refused_but_may_be_refreshed_for_a_while() {
    let instance = Instance::fresh().await;
    let epoch = instance.store.user(1).await.unwrap().unwrap().token_epoch;
    let now = chrono::Utc::now().timestamp();
    let day = 86_400;
    let expired = claims_token(now - 2 * day, now - day, ADMIN.0, epoch);
    let ancient = claims_token(now - 30 * day, now - 29 * day, ADMIN.0, epoch);
    let begun_long_ago = claims_token(now - 30 * day, now + day, ADMIN.0, epoch);
    let future = claims_token(now + 600, now + day, ADMIN.0, epoch);
    let renamed = claims_token(now, now + day, "other@example.com", epoch);
    let get = |token: &str| call(Verb::Get, "system/admin/session", &[(TOKEN, token)]);
    let put = |token: &str| call(Verb::Put, "system/admin/session", &[(TOKEN, token)]);
    let late = "Token has expired: Session expired. Please refresh your token (if still within refresh window) or \
                re-login.";
    for _ in 0..2 {
        assert_eq!(
            instance.answer(get(&expired)).await,
            (401, json!(late)),
            "also from memory"
        );
    }
    assert_eq!(instance.answer(get(&renamed)).await.0, 401);
    assert_eq!(instance.answer(get(&future)).await.0, 401);
    assert_eq!(instance.answer(put(&expired)).await.0, 200);
    assert_eq!(instance.answer(get(&begun_long_ago)).await.0, 200);
    // The window is that of the login: a session that is refreshed in time does not last for ever either.
    for token in [ancient, begun_long_ago] {
        assert_eq!(
            instance.answer(put(&token)).await,
            (
                401,
                json!("Token refresh failed. Token has expired and can no longer be refreshed")
            )
        );
    }
}

#[tokio::test]
async fn a_new_password_ends_the_sessions() {
    let instance = Instance::fresh().await;
    let admin = instance.admin_token().await;
    let sessions = instance.platform.sessions();
    let wrong = sessions
        .change_password(1, "x", "Another-Passw0rd-1", None)
        .await
        .unwrap_err();
    assert_eq!(
        (wrong.status(), wrong.message.as_str()),
        (400, "The password supplied does not match.")
    );
    assert_eq!(
        instance
            .answer(call(Verb::Get, "system/user", &[(TOKEN, &admin)]))
            .await
            .0,
        200
    );

    sessions
        .change_password(1, ADMIN.1, "Another-Passw0rd-1", None)
        .await
        .unwrap();
    assert_eq!(
        instance
            .answer(call(Verb::Get, "system/user", &[(TOKEN, &admin)]))
            .await,
        (403, json!(TERMINATED))
    );
    assert_eq!(instance.login("system/admin/session", ADMIN, &[]).await.0, 401);
    let issued = sessions.issue(1, "http://localhost").await.unwrap();
    assert_eq!(
        instance
            .answer(call(Verb::Get, "system/user", &[(TOKEN, &issued)]))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_deactivated_or_deleted_user_is_out_at_once() {
    let instance = Instance::fresh().await;
    let user = instance.user(&[]).await;
    let session = token(&instance.login("user/session", USER, &[]).await);
    let get = || call(Verb::Get, "user/session", &[(TOKEN, &session)]);
    assert_eq!(instance.answer(get()).await.0, 200);
    instance
        .update(Entity::User, user, json!({"is_active": false}))
        .await;
    assert_eq!(instance.answer(get()).await.0, 403);
    instance
        .update(Entity::User, user, json!({"is_active": true}))
        .await;
    assert_eq!(
        instance.answer(get()).await.0,
        403,
        "sessions do not come back to life"
    );

    let tx = instance.store.begin(None).await.unwrap();
    tx.delete(Entity::User, user).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(instance.answer(get()).await, (404, json!("User not found.")));
}

fn basic(login: &str, password: &str) -> String {
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{login}:{password}"))
    )
}

#[tokio::test]
async fn basic_credentials_make_a_caller() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let role = instance.role("reader", &[(db, "*", 1, None)]).await;
    let (app, key) = instance.app("app", None).await;
    let user = instance.user(&[(app, role)]).await;
    let good = basic(USER.0, USER.1);
    let with = |authorization: &str, key: &str| {
        call(
            Verb::Get,
            "data/_table/a",
            &[("authorization", authorization), (KEY, key)],
        )
    };
    let refused = (401, json!("Unauthorized. User credentials did not match."));
    for _ in 0..2 {
        let (status, seen) = instance.answer(with(&good, &key)).await;
        assert_eq!((status, &seen["user"]), (200, &json!(user)));
    }
    for bad in [
        basic(USER.0, "bad"),
        basic("x", "y"),
        "Basic ???".into(),
        "Basic eA==".into(),
    ] {
        assert_eq!(instance.answer(with(&bad, &key)).await, refused, "{bad}");
    }
    // What was right is remembered, but only as long as it is right.
    instance
        .platform
        .sessions()
        .change_password(user, USER.1, "Quite-Another-Pass1", None)
        .await
        .unwrap();
    assert_eq!(instance.answer(with(&good, &key)).await, refused);
    let better = basic(USER.0, "Quite-Another-Pass1");
    assert_eq!(instance.answer(with(&better, &key)).await.0, 200);
    instance
        .update(Entity::User, user, json!({"is_active": false}))
        .await;
    assert_eq!(instance.answer(with(&better, &key)).await, refused);

    let admin = call(
        Verb::Get,
        "data/_table/a",
        &[("authorization", &basic(ADMIN.0, ADMIN.1))],
    );
    assert_eq!(
        instance.answer(admin).await.0,
        200,
        "an administrator needs no key"
    );
}

#[tokio::test]
async fn users_may_log_in_by_name_where_that_is_set() {
    let name = |variable: &str| (variable == "DF_LOGIN_ATTRIBUTE").then(|| "username".to_owned());
    let instance = Instance::with(Settings::read(name).unwrap()).await;
    let by_name = instance
        .login("system/admin/session", ("Admin@Example.com", ADMIN.1), &[])
        .await;
    assert_eq!(
        by_name.0, 200,
        "the first administrator's name is the address: {}",
        by_name.1
    );
    assert_eq!(
        instance.login("system/admin/session", ("", ""), &[]).await,
        (400, Value::from("Login request is missing required username."))
    );
}
