//! Accounts: registration, invitation, reset by code, and what ends sessions. Mails go over real SMTP.
#![allow(clippy::unwrap_used)]

mod instance;

use contract::{Value, Verb};
use instance::{Instance, PASSWORD, message};
use kit::{MailSink, Received};
use serde_json::json;

const NEW: &str = "another-long-password";

/// An e-mail service that sends to the sink, set for all mails of both services, and its id.
async fn with_mail(instance: &Instance, sink: &MailSink) -> i64 {
    let config = json!({"host": "127.0.0.1", "port": sink.address().port(), "encryption": "none",
        "username": "mailer", "password": "mail-secret", "from_email": "noreply@example.com", "from_name": "Instance"});
    let service =
        json!({"name": "mail", "label": "Mail", "type": "smtp_email", "is_active": true, "config": config});
    let id = instance.create("service", service, "").await["id"]
        .as_i64()
        .unwrap();
    for (name, keys) in [
        ("system", &["invite", "password"][..]),
        ("user", &["invite", "password", "open_reg"]),
    ] {
        let config: serde_json::Map<String, Value> = keys
            .iter()
            .map(|key| (format!("{key}_email_service_id"), json!(id)))
            .collect();
        let (status, found) = instance
            .get(&format!("system/service?filter=name={name}&fields=id"))
            .await;
        assert_eq!(status, 200, "{found}");
        let target = format!("system/service/{}", found["resource"][0]["id"]);
        let answer = instance
            .admin(Verb::Patch, &target, json!({"config": config}))
            .await;
        assert_eq!(answer.0, 200, "{answer:?}");
    }
    id
}

async fn open_registration(instance: &Instance, more: Value) {
    let (_, found) = instance.get("system/service?filter=name=user&fields=id").await;
    let mut config = json!({"allow_open_registration": true});
    config
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let target = format!("system/service/{}", found["resource"][0]["id"]);
    let answer = instance
        .admin(Verb::Patch, &target, json!({"config": config}))
        .await;
    assert_eq!(answer.0, 200, "{answer:?}");
}

/// The code that a mail tells.
fn code(mail: &Received) -> String {
    let text = mail.text();
    let after = text.split("Confirmation Code: ").nth(1).unwrap();
    after.chars().take_while(char::is_ascii_alphanumeric).collect()
}

async fn login(instance: &Instance, email: &str, password: &str) -> (u16, Value) {
    let body = json!({"email": email, "password": password});
    instance.anonymous(Verb::Post, "user/session", body).await
}

#[tokio::test]
async fn registration_is_confirmed_by_the_code_in_the_mail() {
    let (instance, sink) = (Instance::new().await, MailSink::start());
    with_mail(&instance, &sink).await;
    open_registration(&instance, json!({})).await;

    let body = json!({"email": "ann.lee@example.com"});
    let answer = instance
        .anonymous(Verb::Post, "user/register?login=true", body)
        .await;
    assert_eq!(
        answer,
        (200, json!({"success": true, "confirmation_required": true}))
    );
    let (_, users) = instance.get("system/user?filter=email=ann.lee@example.com").await;
    let user = &users["resource"][0];
    assert_eq!(
        (&user["confirmed"], &user["expired"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        (&user["first_name"], &user["last_name"]),
        (&json!("ann"), &json!("lee"))
    );

    let mails = sink.mails();
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(
        (mail.from.as_str(), &mail.to[..]),
        ("noreply@example.com", &["ann.lee@example.com".to_owned()][..])
    );
    assert_eq!(mail.header("Subject").unwrap(), "[DF] Registration Confirmation");
    assert_eq!(
        mail.login.as_deref(),
        Some("AG1haWxlcgBtYWlsLXNlY3JldA=="),
        "it logged in"
    );
    let code = code(mail);
    assert_eq!(code.len(), 32);
    let link = format!(
        "http://localhost/dreamfactory/dist/#/auth/register-confirm?code={code}&amp;email=ann%2Elee%40example%2Ecom"
    );
    assert!(mail.text().contains(&link), "{}", mail.text());

    assert_eq!(login(&instance, "ann.lee@example.com", NEW).await.0, 401);
    let wrong = json!({"email": "ann.lee@example.com", "code": code.to_lowercase(), "new_password": NEW});
    assert_eq!(
        instance.anonymous(Verb::Post, "user/password", wrong).await.0,
        404
    );
    let confirm = json!({"email": "ann.lee@example.com", "code": code, "new_password": NEW});
    let answer = instance
        .anonymous(Verb::Post, "user/password?login=true", confirm.clone())
        .await;
    assert_eq!((answer.0, &answer.1["success"]), (200, &json!(true)));
    assert!(answer.1["session_token"].is_string());
    assert_eq!(login(&instance, "ann.lee@example.com", NEW).await.0, 200);
    // A code is good once.
    assert_eq!(
        instance.anonymous(Verb::Post, "user/password", confirm).await.0,
        404
    );
    let (_, users) = instance
        .get("system/user?filter=email=ann.lee@example.com&fields=id")
        .await;
    assert_eq!(users["resource"][0]["confirmed"], json!(true));
}

#[tokio::test]
async fn who_cannot_be_reached_is_not_registered_or_invited() {
    let (instance, sink) = (Instance::new().await, MailSink::start());
    with_mail(&instance, &sink).await;
    open_registration(&instance, json!({})).await;
    let email = format!("ann@{}", kit::REFUSED);
    let answer = instance
        .anonymous(Verb::Post, "user/register", json!({"email": email}))
        .await;
    assert_eq!(answer.0, 400);
    assert_eq!(
        message(&answer),
        "Registration failed, because the e-mail could not be sent. The e-mail server refused the e-mail."
    );
    let body = json!({"resource": [{"email": email}]});
    let answer = instance
        .admin(Verb::Post, "system/user?send_invite=true", body)
        .await;
    assert_eq!(answer.0, 400);
    assert_eq!(
        answer.1["error"]["context"]["resource"][0]["message"],
        "Error processing user invite. The e-mail server refused the e-mail."
    );
    assert_eq!(instance.get("system/user?count_only=true").await.1, json!(0));
}

#[tokio::test]
async fn roles_of_registered_users_are_the_configured_ones() {
    let instance = Instance::new().await;
    let [default, special] = ["default", "special"].map(|name| json!({"name": name, "is_active": true}));
    let default = instance.create("role", default, "").await["id"].clone();
    let special = instance.create("role", special, "").await["id"].clone();
    let more = json!({"open_reg_role_id": default, "open_reg_email_service_id": null,
        "app_role_map": [{"id": 5, "app_id": 2, "role_id": special}]});
    open_registration(&instance, more).await;
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    assert_eq!(instance.anonymous(Verb::Post, "user/register", body).await.0, 200);
    let (_, users) = instance
        .get("system/user?related=user_to_app_to_role_by_user_id")
        .await;
    let rows = users["resource"][0]["user_to_app_to_role_by_user_id"]
        .as_array()
        .unwrap()
        .clone();
    let roles: Vec<(Value, Value)> = rows
        .iter()
        .map(|r| (r["app_id"].clone(), r["role_id"].clone()))
        .collect();
    assert_eq!(
        roles,
        [
            (json!(1), default.clone()),
            (json!(2), special),
            (json!(3), default)
        ]
    );
}

#[tokio::test]
async fn an_invitation_sets_the_first_password() {
    let (instance, sink) = (Instance::new().await, MailSink::start());
    with_mail(&instance, &sink).await;
    let body = json!({"resource": [{"email": "bob@example.com", "first_name": "<Bob>"}]});
    let answer = instance
        .admin(Verb::Post, "system/user?send_invite=true", body)
        .await;
    assert_eq!(answer.0, 201, "{answer:?}");
    let id = answer.1["resource"][0]["id"].clone();
    let mail = sink.mails().pop().unwrap();
    assert!(mail.text().contains("Hi &lt;Bob&gt;,"), "{}", mail.text());
    assert!(mail.text().contains("/auth/user-invite?code="));

    let first = code(&mail);
    let again = instance
        .admin(
            Verb::Patch,
            &format!("system/user/{id}?send_invite=true"),
            json!({"phone": "1"}),
        )
        .await;
    assert_eq!(again.0, 200, "{again:?}");
    let second = code(&sink.mails().pop().unwrap());
    assert_ne!(first, second);
    let confirm = |code: &str| json!({"email": "bob@example.com", "code": code, "new_password": NEW});
    assert_eq!(
        instance
            .anonymous(Verb::Post, "user/password", confirm(&first))
            .await
            .0,
        404
    );
    assert_eq!(
        instance
            .anonymous(Verb::Post, "user/password", confirm(&second))
            .await
            .0,
        200
    );
    assert_eq!(login(&instance, "bob@example.com", NEW).await.0, 200);

    let late = instance
        .admin(
            Verb::Patch,
            &format!("system/user/{id}?send_invite=true"),
            json!({"phone": "2"}),
        )
        .await;
    assert_eq!(
        (late.0, message(&late)),
        (
            400,
            "Error processing user invite. The user has confirmed the account already."
        )
    );
    let both = json!({"resource": [{"email": "c@example.com"}]});
    let both = instance
        .admin(Verb::Post, "system/user?send_invite=true&rollback=true", both)
        .await;
    assert_eq!(both.0, 400);
}

#[tokio::test]
async fn a_reset_leads_where_the_settings_say_and_changes_nothing_until_it_is_used() {
    let (instance, sink) = (Instance::new().await, MailSink::start());
    with_mail(&instance, &sink).await;
    instance
        .create(
            "user",
            json!({"email": "ann@example.com", "password": PASSWORD}),
            "",
        )
        .await;
    let (_, session) = login(&instance, "ann@example.com", PASSWORD).await;
    let token = session["session_token"].as_str().unwrap().to_owned();
    let mine = [("x-dreamfactory-session-token", token.as_str())];

    let reset = json!({"email": "ann@example.com"});
    let spoofed = [("host", "evil.example")];
    let answer = instance
        .call(Verb::Post, "user/password?reset=true", &spoofed, reset.clone())
        .await;
    assert_eq!(answer, (200, json!({"success": true})));
    let mail = sink.mails().pop().unwrap();
    assert!(
        mail.text()
            .contains("http://localhost/dreamfactory/dist/#/auth/reset-password?code=")
    );
    assert!(!mail.text().contains("evil.example"));
    // Somebody else's request neither ends sessions nor changes the account.
    assert_eq!(
        instance
            .call(Verb::Get, "user/session", &mine, Value::Null)
            .await
            .0,
        200
    );
    let (_, users) = instance.get("system/user?filter=email=ann@example.com").await;
    assert_eq!(users["resource"][0]["confirmed"], json!(true));

    let by_code = json!({"email": "ann@example.com", "code": code(&mail), "new_password": NEW});
    assert_eq!(
        instance.anonymous(Verb::Post, "user/password", by_code).await.0,
        200
    );
    let ended = instance.call(Verb::Get, "user/session", &mine, Value::Null).await;
    assert!(matches!(ended.0, 401 | 403), "{ended:?}");
    assert_eq!(login(&instance, "ann@example.com", PASSWORD).await.0, 401);
    assert_eq!(login(&instance, "ann@example.com", NEW).await.0, 200);

    // The administrators' address is not the users'.
    let admin = json!({"email": "admin@example.com"});
    assert_eq!(
        instance
            .anonymous(Verb::Post, "user/password?reset=true", admin.clone())
            .await
            .0,
        401
    );
    assert_eq!(
        instance
            .anonymous(Verb::Post, "system/admin/password?reset=true", admin)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_code_ends_with_a_login_a_new_address_and_a_new_password() {
    let (instance, sink) = (Instance::new().await, MailSink::start());
    with_mail(&instance, &sink).await;
    let user = instance
        .create(
            "user",
            json!({"email": "ann@example.com", "password": PASSWORD}),
            "",
        )
        .await;
    let one = format!("system/user/{}", user["id"]);
    let mut email = "ann@example.com";
    for change in [
        Value::Null,
        json!({"email": "ann@elsewhere.example"}),
        json!({"password": NEW}),
    ] {
        let answer = instance
            .anonymous(Verb::Post, "user/password?reset=true", json!({"email": email}))
            .await;
        assert_eq!(answer.0, 200, "{answer:?}");
        let code = code(&sink.mails().pop().unwrap());
        if change.is_null() {
            assert_eq!(login(&instance, email, PASSWORD).await.0, 200);
        } else {
            assert_eq!(instance.admin(Verb::Patch, &one, change.clone()).await.0, 200);
            email = "ann@elsewhere.example";
        }
        let late = json!({"email": email, "code": code, "new_password": "stolen-account-password"});
        assert_eq!(
            instance.anonymous(Verb::Post, "user/password", late).await.0,
            404,
            "{change}"
        );
    }
}

#[tokio::test]
async fn without_a_server_the_refusal_says_so() {
    let instance = Instance::new().await;
    instance
        .create(
            "user",
            json!({"email": "ann@example.com", "password": PASSWORD}),
            "",
        )
        .await;
    let answer = instance
        .anonymous(
            Verb::Post,
            "user/password?reset=true",
            json!({"email": "ann@example.com"}),
        )
        .await;
    assert_eq!(answer.0, 501);
    assert!(message(&answer).starts_with("This instance has no e-mail server: set MAIL_HOST"));
    let answer = instance
        .admin(
            Verb::Post,
            "email",
            json!({"to": "a@x.example", "body_text": "t"}),
        )
        .await;
    assert_eq!(answer.0, 501);
}

#[tokio::test]
async fn guessing_is_refused_after_a_few_failures() {
    let instance = Instance::new().await;
    instance
        .create(
            "user",
            json!({"email": "ann@example.com", "password": PASSWORD}),
            "",
        )
        .await;
    for _ in 0..5 {
        assert_eq!(login(&instance, "ann@example.com", "wrong").await.0, 401);
    }
    let refused = login(&instance, "ANN@example.com", PASSWORD).await;
    assert_eq!(refused.0, 429, "{refused:?}");
    // Other accounts are not concerned, whether they exist or not.
    assert_eq!(login(&instance, "nobody@example.com", "wrong").await.0, 401);
}

#[tokio::test]
async fn somebody_is_left_who_may_do_everything() {
    let instance = Instance::new().await;
    let role = json!({"name": "narrow", "is_active": true});
    let role = instance.create("role", role, "").await["id"].clone();
    let bind = json!({"user_to_app_to_role_by_user_id": [{"app_id": 1, "role_id": role}]});
    let answer = instance.admin(Verb::Patch, "system/admin/1", bind.clone()).await;
    assert_eq!(answer.0, 400);
    let through_role = json!({"user_to_app_to_role_by_role_id": [{"app_id": 1, "user_id": 1}]});
    let answer = instance
        .admin(Verb::Patch, &format!("system/role/{role}"), through_role)
        .await;
    assert_eq!(answer.0, 400);
    let other = json!({"email": "other@example.com", "password": PASSWORD,
        "user_to_app_to_role_by_user_id": [{"app_id": 1, "role_id": role}]});
    let other = instance.create("admin", other, "").await["id"].clone();
    // An administrator with a role does not count.
    let answer = instance
        .admin(Verb::Patch, "system/admin/1", json!({"is_active": false}))
        .await;
    assert_eq!(answer.0, 400);
    let free = json!({"user_to_app_to_role_by_user_id": [{"id": 1, "user_id": null}]});
    assert_eq!(
        instance
            .admin(Verb::Patch, &format!("system/admin/{other}"), free)
            .await
            .0,
        200
    );
    assert_eq!(instance.admin(Verb::Patch, "system/admin/1", bind).await.0, 200);
}

#[tokio::test]
async fn own_settings_are_a_users_own() {
    let instance = Instance::new().await;
    let put =
        json!({"resource": [{"name": "theme", "value": "dark"}, {"name": "layout", "value": {"cols": 2}}]});
    assert_eq!(instance.admin(Verb::Post, "user/custom", put).await.0, 201);
    let again = json!({"resource": [{"name": "Theme", "value": "light"}]});
    assert_eq!(instance.admin(Verb::Post, "user/custom", again).await.0, 201);
    assert_eq!(instance.get("user/custom/theme").await, (200, json!("light")));
    assert_eq!(
        instance.get("user/custom/layout").await,
        (200, json!({"cols": 2}))
    );
    let headers = instance.delegate(&[]).await;
    let role =
        instance.get("system/role?filter=name=delegate&fields=id").await.1["resource"][0]["id"].clone();
    let access = json!({"role_service_access_by_role_id": [{"service_id": 7, "component": "*", "verb_mask": 31, "requestor_mask": 3}]});
    instance
        .admin(Verb::Patch, &format!("system/role/{role}"), access)
        .await;
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(
        instance
            .call(Verb::Get, "user/custom", &headers, Value::Null)
            .await,
        (200, json!({"resource": []}))
    );
    let gone = instance
        .call(Verb::Delete, "user/custom/theme", &headers, Value::Null)
        .await;
    assert_eq!(gone.0, 404);
    let (_, all) = instance.get("user/custom?filter=user_id>0").await;
    assert_eq!(all["resource"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        instance
            .admin(Verb::Delete, "user/custom/theme", Value::Null)
            .await,
        (200, json!({"name": "theme"}))
    );
}

#[tokio::test]
async fn a_delegate_hands_on_no_more_than_the_own_role_has() {
    let instance = Instance::new().await;
    let headers = instance
        .delegate(&[("role/*", 31), ("user/*", 31), ("app/*", 15), ("cors", 1)])
        .await;
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let strong = json!({"name": "strong", "is_active": true, "role_service_access_by_role_id":
        [{"service_id": null, "component": "*", "verb_mask": 31, "requestor_mask": 3}]});
    let strong = instance.create("role", strong, "").await["id"].clone();
    let boss = json!({"email": "boss@example.com", "password": PASSWORD,
        "user_to_app_to_role_by_user_id": [{"app_id": 1, "role_id": strong}]});
    let boss = instance.create("user", boss, "").await["id"].clone();
    let own = instance.get("system/role?filter=name=delegate&fields=id").await.1["resource"][0]["id"].clone();
    let (_, rows) = instance
        .get(&format!(
            "system/role/{own}?related=role_service_access_by_role_id"
        ))
        .await;
    let row = rows["role_service_access_by_role_id"][0]["id"].clone();
    let grant = |component: &str, mask: u8| json!({"service_id": 1, "component": component, "verb_mask": mask, "requestor_mask": 3});
    let role = |access: Value| json!({"resource": [{"name": "made", "is_active": true, "role_service_access_by_role_id": [access]}]});
    let bind = |user: &Value| json!({"user_to_app_to_role_by_role_id": [{"app_id": 2, "user_id": user}]});
    let rows = "role_service_access_by_role_id";
    for (verb, target, body) in [
        (Verb::Post, "system/role".to_owned(), role(grant("*", 31))),
        (Verb::Post, "system/role".to_owned(), role(grant("cors", 3))),
        (
            Verb::Patch,
            format!("system/role/{own}"),
            json!({rows: [grant("service/*", 1)]}),
        ),
        (
            Verb::Patch,
            format!("system/role/{own}"),
            json!({rows: [{"id": row, "component": "*"}]}),
        ),
        (Verb::Patch, format!("system/role/{strong}"), bind(&json!(2))),
        (Verb::Patch, "system/app/2".to_owned(), json!({"role_id": strong})),
        (
            Verb::Patch,
            format!("system/user/{boss}"),
            json!({"password": NEW}),
        ),
        (
            Verb::Patch,
            format!("system/user/{boss}"),
            json!({"email": "mine@example.com"}),
        ),
    ] {
        let answer = instance.call(verb, &target, &headers, body.clone()).await;
        assert!(matches!(answer.0, 400 | 403), "{target} {body}: {answer:?}");
        assert!(
            answer
                .1
                .to_string()
                .contains("rights that your own role does not have"),
            "{answer:?}"
        );
    }
    // As much as the own role has is fine, and so is what gives nobody more.
    let made = instance
        .call(Verb::Post, "system/role", &headers, role(grant("cors", 1)))
        .await;
    assert_eq!(made.0, 201, "{made:?}");
    let user = json!({"resource": [{"email": "new@example.com", "password": PASSWORD,
        "user_to_app_to_role_by_user_id": [{"app_id": 2, "role_id": made.1["resource"][0]["id"]}]}]});
    assert_eq!(
        instance.call(Verb::Post, "system/user", &headers, user).await.0,
        201
    );
    let phone = json!({"phone": "123"});
    let target = format!("system/user/{boss}");
    assert_eq!(instance.call(Verb::Patch, &target, &headers, phone).await.0, 200);
}
