//! Accounts over HTTP: codes, mails, what ends sessions, and what is told to whom.

use kit::{Client, MailSink};
use scenarios::world::{PASSWORD, TOKEN, World, grant, log_in};
use serde_json::{Value, json};

const NEW: &str = "Another-Long-Passw0rd";
const RESET: &str = "/api/v2/user/password?reset=true";
const CODE: &str = "/api/v2/user/password";
const SESSION: &str = "/api/v2/user/session";

async fn configure(world: &World, service: &str, config: Value) {
    let path = format!("/api/v2/system/service?filter=name={service}&fields=id");
    let found = world.admin.get(&path).await.json();
    let path = format!("/api/v2/system/service/{}", found["resource"][0]["id"]);
    let answer = world
        .admin
        .call("PATCH", &path, Some(&json!({ "config": config })))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Lets invitations and resets go through a mail server.
async fn with_mail(world: &World, sink: &MailSink) {
    let config = json!({"host": "127.0.0.1", "port": sink.address().port(), "encryption": "none",
                        "from_email": "noreply@example.com"});
    let mail =
        json!({"name": "mail", "label": "mail", "type": "smtp_email", "is_active": true, "config": config});
    let id = world.create("service", mail).await["id"].clone();
    for service in ["system", "user"] {
        let ways = json!({"invite_email_service_id": id, "password_email_service_id": id});
        configure(world, service, ways).await;
    }
}

/// The code in the latest mail.
fn code(sink: &MailSink) -> String {
    let mail = sink.mails().pop().expect("a mail was sent");
    let text = mail.text();
    let after = text.split("Confirmation Code: ").nth(1).unwrap_or_default();
    after.chars().take_while(char::is_ascii_alphanumeric).collect()
}

async fn view(client: &Client) -> (u16, String) {
    client.get(SESSION).await.refusal()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_one_use_also_at_the_same_moment() {
    let (world, sink) = (World::with(&[]).await, MailSink::start());
    with_mail(&world, &sink).await;
    world.user("ann").await;
    let client = world.program.client();
    let asked = client.post(RESET, &json!({"email": "ann@example.com"})).await;
    assert_eq!(asked.json(), json!({"success": true}), "{}", asked.text());
    let code = code(&sink);
    assert_eq!(code.len(), 32);
    let mut uses = tokio::task::JoinSet::new();
    for n in 0..4 {
        let client = client.clone();
        let body = json!({"email": "ann@example.com", "code": code, "new_password": format!("{NEW}-{n}")});
        uses.spawn(async move { (n, client.post(CODE, &body).await.status) });
    }
    let answers = uses.join_all().await;
    let used: Vec<_> = answers.iter().filter(|(_, status)| *status == 200).collect();
    let [(n, _)] = used.as_slice() else {
        panic!("{answers:?}")
    };
    log_in(&client, "user/session", "ann@example.com", &format!("{NEW}-{n}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_fills_a_mailbox_with_codes() {
    let (world, sink) = (World::with(&[]).await, MailSink::start());
    with_mail(&world, &sink).await;
    world.user("ann").await;
    let client = world.program.client();
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(
            client
                .post(RESET, &json!({"email": "ann@example.com"}))
                .await
                .status,
        );
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    assert_eq!(sink.mails().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_session_is_no_way_to_guess_its_password() {
    let world = World::with(&[]).await;
    let ann = world.user("ann").await;
    let mut statuses = Vec::new();
    for n in 0..3 {
        let guess = json!({"old_password": format!("guess {n}"), "new_password": NEW});
        statuses.push(ann.post(CODE, &guess).await.status);
        let guess = json!({"email": "other@example.com", "current_password": format!("other guess {n}")});
        statuses.push(ann.post("/api/v2/user/profile", &guess).await.status);
    }
    assert_eq!(statuses, [400, 400, 400, 400, 400, 429]);
    let right = json!({"old_password": PASSWORD, "new_password": NEW});
    assert_eq!(
        ann.post(CODE, &right).await.status,
        429,
        "nor does the right one tell itself"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_decides_where_the_link_of_a_mail_leads() {
    let (world, sink) = (
        World::with(&[("APP_URL", "https://api.example.org")]).await,
        MailSink::start(),
    );
    with_mail(&world, &sink).await;
    world.user("ann").await;
    let body = json!({"email": "ann@example.com"}).to_string();
    let request = format!(
        "POST {RESET} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\
         Forwarded: host=evil.example\r\nOrigin: https://evil.example\r\nReferer: https://evil.example/\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = world.program.client().raw(request.as_bytes()).await;
    assert!(
        answer.as_ref().is_ok_and(|answer| answer.status == 200),
        "{answer:?}"
    );
    let mail = sink.mails().pop().expect("a mail was sent").text();
    assert!(mail.contains("https://api.example.org/"), "{mail}");
    assert!(!mail.contains("evil.example"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_sessions_stay_ended() {
    let world = World::with(&[]).await;
    let ann = world.user("ann").await;
    let terminated = (
        403,
        "The token has been blacklisted: Session terminated. Please re-login.".to_owned(),
    );
    let mail = |email: &str| json!({"email": email, "current_password": PASSWORD});
    let moved = ann.post("/api/v2/user/profile", &mail("other@example.com")).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    let refused = view(&ann).await;
    assert_eq!(
        refused,
        (401, "Invalid token: User verification failed.".to_owned())
    );
    let token = moved.json()["session_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let anew = world.program.client().with(TOKEN, &token);
    assert_eq!(view(&anew).await.0, 200);
    let back = anew.post("/api/v2/user/profile", &mail("ann@example.com")).await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(
        view(&ann).await,
        terminated,
        "the way back brings no session back"
    );

    let bob = world.user("bob").await;
    let found = world
        .admin
        .get("/api/v2/system/user?filter=name=bob&fields=id")
        .await;
    let path = format!("/api/v2/system/user/{}", found.json()["resource"][0]["id"]);
    for is_active in [false, true] {
        let change = json!({ "is_active": is_active });
        assert_eq!(world.admin.call("PATCH", &path, Some(&change)).await.status, 200);
        assert_eq!(view(&bob).await, terminated, "active: {is_active}");
    }
    let bob = log_in(
        &world.program.client(),
        "user/session",
        "bob@example.com",
        PASSWORD,
    )
    .await;
    let renewed = bob.call("PUT", SESSION, None).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    assert_eq!(view(&bob).await, terminated, "a refreshed token has ended");
    assert_eq!(
        bob.call("PUT", SESSION, None).await.status,
        401,
        "and is not refreshed twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_makes_a_session_of_its_own() {
    let world = World::with(&[]).await;
    let mallory = world.user("mallory").await;
    world.user("ann").await;
    // Whatever token stands in the request, the session is a new one, and the token's stays what it was.
    let login = json!({"email": "ann@example.com", "password": PASSWORD});
    let answer = mallory.post(SESSION, &login).await.json();
    assert_eq!(answer["email"], "ann@example.com");
    let sent = mallory.headers().iter().find(|(name, _)| name == TOKEN);
    assert_ne!(
        answer["session_token"].as_str(),
        sent.map(|(_, token)| token.as_str())
    );
    let own = mallory.get(SESSION).await.json();
    assert_eq!(own["email"], "mallory@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_another_login_service_is_not_logged_in_here() {
    let world = World::with(&[]).await;
    world.user("ann").await;
    let client = world.program.client();
    let missing = (404, "Could not find a service for nosuch".to_owned());
    let invalid = |accepted: &str| {
        let message = format!("Invalid login service provided. Please use an {accepted} service.");
        (400, message)
    };
    for (service, of_post, of_get) in [
        ("sqlite", invalid("OAuth or AD/Ldap"), invalid("OAuth")),
        ("nosuch", missing.clone(), missing),
    ] {
        let login = json!({"email": "ann@example.com", "password": PASSWORD, "service": service});
        let answer = client.post(SESSION, &login).await;
        assert_eq!(answer.refusal(), of_post);
        let answer = client.get(&format!("{SESSION}?service={service}")).await;
        assert_eq!(answer.refusal(), of_get);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_that_cannot_be_sent_say_what_is_missing() {
    let world = World::with(&[]).await;
    let user = json!({"name": "ann", "email": "ann@example.com"});
    let id = world.create("user", user).await["id"].clone();
    let path = format!("/api/v2/system/user/{id}?send_invite=true");
    let invite = async || {
        let answer = world.admin.call("PATCH", &path, Some(&json!({}))).await;
        answer.refusal()
    };
    assert_eq!(
        invite().await,
        (
            400,
            "Error processing user invite. This instance has no e-mail server: set MAIL_HOST, or use an e-mail \
             service of type 'smtp_email'."
                .to_owned()
        )
    );
    configure(&world, "user", json!({"invite_email_service_id": null})).await;
    assert_eq!(
        invite().await,
        (
            400,
            "Error processing user invite. There is no e-mail service that could send it: set \
             'invite_email_service_id' in the configuration of the service 'user'."
                .to_owned()
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_stand_in_no_log() {
    let (world, sink) = (
        World::with(&[("APP_DEBUG", "true"), ("APP_LOG_LEVEL", "debug")]).await,
        MailSink::start(),
    );
    with_mail(&world, &sink).await;
    let role = world
        .role("reader", &[grant(world.bases[0].id, "*", 1, Value::Null)])
        .await;
    let app = json!({"name": "reader", "is_active": true, "role_id": role});
    let key = world.create("app", app).await["api_key"]
        .as_str()
        .expect("a key")
        .to_owned();
    let ann = world.user("ann").await;
    let token = ann.headers().iter().find(|(name, _)| name == TOKEN);
    let token = token.map(|(_, token)| token.clone()).expect("a token");
    let client = world.program.client();
    // Answered, refused, and unknown.
    for path in [
        "sqlite/_table/departments",
        "sqlite/_table/nosuch",
        "system/role",
        "nosuch",
    ] {
        client
            .get(&format!("/api/v2/{path}?api_key={key}&session_token={token}"))
            .await;
    }
    client.post(RESET, &json!({"email": "ann@example.com"})).await;
    let code = code(&sink);
    let query = format!("{CODE}?email=ann@example.com&code={code}&new_password={NEW}&security_answer=Rover");
    assert_eq!(client.post(&query, &json!({})).await.status, 200);
    let kept = world.admin.get("/api/v2/system/request_log").await.text()
        + &world.admin.get("/api/v2/system/audit").await.text()
        + &world.program.log();
    assert!(kept.contains("user/password"), "the calls are there");
    for secret in [&key, &token, &code, PASSWORD, NEW, "Rover"] {
        assert!(!kept.contains(secret), "{secret}");
    }
}
