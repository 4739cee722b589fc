//! E-mail over HTTP and SMTP: templates, placeholders, recipients, attachments, and what is told when it fails.

use kit::{Client, MailSink, Program};
use serde_json::{Value, json};

async fn service(admin: &Client, name: &str, config: Value) {
    let made = json!({"resource": [{"name": name, "label": name, "type": "smtp_email", "is_active": true, "config": config}]});
    let answer = admin.post("/api/v2/system/service", &made).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

fn config(sink: &MailSink) -> Value {
    json!({"host": "127.0.0.1", "port": sink.address().port(), "encryption": "none", "from_email": "noreply@example.com",
        "parameters": [{"name": "company", "value": "ACME & Co", "active": true}, {"name": "off", "value": "x", "active": false}]})
}

#[tokio::test]
async fn a_mail_is_made_of_template_request_and_lookups() {
    let (program, sink) = (Program::start(), MailSink::start());
    let admin = program.admin().await;
    service(&admin, "mail", config(&sink)).await;
    for lookup in [
        json!({"name": "city", "value": "Oslo"}),
        json!({"name": "hidden", "value": "secret", "private": true}),
    ] {
        let answer = admin
            .post("/api/v2/system/lookup", &json!({"resource": [lookup]}))
            .await;
        assert_eq!(answer.status, 201);
    }
    let template = json!({"resource": [{"name": "welcome", "subject": "Hi {first_name}", "from_name": "Desk",
        "cc": [{"email": "copy@example.com", "name": "Copy"}], "reply_to_email": "desk@example.com",
        "body_text": "{company} {city} {hidden} {off} {first_name}", "body_html": "<p>{company} {first_name}</p>"}]});
    assert_eq!(
        admin
            .post("/api/v2/system/email_template", &template)
            .await
            .status,
        201
    );

    let mail = json!({"to": [{"email": "ann@example.com", "name": "Ann"}, "bob@example.com"], "bcc": "blind@example.com",
        "first_name": "<Ann>", "attachments": [{"name": "a.txt", "content": "aGVsbG8=", "content_type": "text/plain"}]});
    let answer = admin.post("/api/v2/mail?template=welcome", &mail).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"count": 1})));
    let mails = sink.mails();
    let [sent] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(
        sent.to,
        [
            "ann@example.com",
            "bob@example.com",
            "copy@example.com",
            "blind@example.com"
        ]
    );
    assert_eq!(sent.header("From").unwrap(), "Desk <noreply@example.com>");
    assert_eq!(sent.header("Reply-To").unwrap(), "desk@example.com");
    assert_eq!(sent.header("Subject").unwrap(), "Hi <Ann>");
    assert!(!sent.data.contains("blind@"), "blind copies are blind");
    let text = sent.text();
    assert!(text.contains("ACME & Co Oslo {hidden} {off} <Ann>"), "{text}");
    assert!(text.contains("<p>ACME &amp; Co &lt;Ann&gt;</p>"), "{text}");
    assert!(
        text.contains("filename=\"a.txt\"") && text.contains("multipart/alternative"),
        "{text}"
    );
}

#[tokio::test]
async fn refusals_are_clear_and_tell_nothing_of_the_server() {
    let (program, sink) = (Program::start(), MailSink::start());
    let admin = program.admin().await;
    service(&admin, "mail", config(&sink)).await;
    let mut insists = config(&sink);
    insists["encryption"] = json!("tls");
    service(&admin, "insists", insists).await;
    let mut away = config(&sink);
    away["port"] = json!(kit::free_port().to_string());
    service(&admin, "away", away).await;

    let ok = json!({"to": "a@example.com", "subject": "s", "body_text": "t"});
    let with = |name: &str, value: Value| {
        let mut mail = ok.clone();
        mail[name] = value;
        mail
    };
    for (service, mail, status, said) in [
        (
            "mail?template=nosuch",
            ok.clone(),
            404,
            "Email Template 'nosuch' not found",
        ),
        (
            "mail?template_id=99",
            ok.clone(),
            404,
            "Email Template id '99' not found",
        ),
        (
            "mail",
            with("to", json!("nobody")),
            400,
            "Invalid email - 'nobody'.",
        ),
        ("mail", with("cc", json!("a@b\r\nX: y")), 400, "Invalid email"),
        (
            "mail",
            with("to", json!(format!("a@{}", kit::REFUSED))),
            400,
            "The e-mail server refused the e-mail.",
        ),
        (
            "mail",
            with("attachment", json!({"path": "x"})),
            400,
            "No service name and file path provided in request.",
        ),
        ("mail", json!({}), 400, "No valid data in request."),
        ("insists", ok.clone(), 503, "The e-mail server"),
        ("away", ok.clone(), 503, "The e-mail server cannot be reached"),
        ("email", ok.clone(), 501, "This instance has no e-mail server"),
    ] {
        let answer = admin.post(&format!("/api/v2/{service}"), &mail).await;
        let text = answer.text();
        assert_eq!(answer.status, status, "{service}: {text}");
        assert!(answer.message().starts_with(said), "{service}: {text}");
        assert!(!text.contains("127.0.0.1"), "{text}");
    }
    assert!(sink.mails().is_empty());
    // Not everybody may send.
    assert_eq!(program.client().post("/api/v2/mail", &ok).await.status, 400);
    assert_eq!(admin.get("/api/v2/mail").await.status, 400);
}

#[tokio::test]
async fn files_are_attached_with_the_rights_of_who_sends() {
    let (program, sink) = (Program::start(), MailSink::start());
    let admin = program.admin().await;
    service(&admin, "mail", config(&sink)).await;
    let stored = admin
        .send(
            "PUT",
            "/api/v2/files/report.txt",
            &[("content-type", "text/plain")],
            Some(b"Q3: 42"),
        )
        .await
        .unwrap();
    assert_eq!(stored.status, 201);
    let mail = |path: &str| {
        json!({"to": "ann@example.com", "subject": "s", "body_text": "t",
            "attachment": [{"service": "files", "path": path}]})
    };
    let answer = admin.post("/api/v2/mail", &mail("report.txt")).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"count": 1})),
        "{}",
        answer.text()
    );
    let text = sink.mails().pop().unwrap().text();
    assert!(
        text.contains("filename=\"report.txt\"") && text.contains("Q3: 42"),
        "{text}"
    );
    for (path, status) in [("none.txt", 404), ("../report.txt", 400), ("", 400)] {
        assert_eq!(
            admin.post("/api/v2/mail", &mail(path)).await.status,
            status,
            "{path}"
        );
    }

    // Of two roles, one may read the file.
    let id = async |name: &str| {
        let found = admin
            .get(&format!("/api/v2/system/service?filter=name%3D{name}"))
            .await
            .json();
        found["resource"][0]["id"].clone()
    };
    let grant = |service: &Value, verbs: i64| json!({"service_id": service, "component": "*", "verb_mask": verbs, "requestor_mask": 1});
    let (mails, files) = (id("mail").await, id("files").await);
    for (name, grants, status) in [
        ("sender", json!([grant(&mails, 2)]), 401),
        ("reader", json!([grant(&mails, 2), grant(&files, 1)]), 200),
    ] {
        let role = json!({"resource": [{"name": name, "is_active": true, "role_service_access_by_role_id": grants}]});
        let role = admin.post("/api/v2/system/role", &role).await.json()["resource"][0]["id"].clone();
        let app = json!({"resource": [{"name": name, "is_active": true, "type": 0, "role_id": role}]});
        let app = admin.post("/api/v2/system/app?fields=*", &app).await.json();
        let key = app["resource"][0]["api_key"].as_str().unwrap().to_owned();
        let client = program.client().with("X-DreamFactory-API-Key", &key);
        let answer = client.post("/api/v2/mail", &mail("report.txt")).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
    assert_eq!(sink.mails().len(), 2);
}
