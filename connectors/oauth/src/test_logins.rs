//! Whole logins at servers that answer as the providers document.

use crate::grant::{Authentication, Client};
use crate::twitter::Twitter;
use crate::vendor::{Vendor, VendorLogin};
use crate::vendors::VENDORS;
use contract::{Params, Value};
use identity::{Attempt, Identity, Provider};
use kit::{Asked, RemoteServer, Reply};
use serde_json::json;
use std::borrow::Cow;
use std::collections::HashMap;
use url::Url;

fn client() -> Client {
    Client {
        id: "the client".into(),
        secret: "a s3cret&+:".into(),
        redirect_url: "https://own.example/api/v2/x/sso".into(),
    }
}

fn vendor(name: &str) -> Vendor {
    VENDORS.iter().find(|vendor| vendor.name == name).unwrap().clone()
}

/// The same, at another server.
fn moved(vendor: Vendor, to: &RemoteServer) -> Vendor {
    let at = |address: &str| {
        let url = Url::parse(address).unwrap();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Cow::Owned(format!("{}{}{query}", to.url(), url.path()))
    };
    Vendor {
        authorize: at(&vendor.authorize),
        token: at(&vendor.token),
        user: at(&vendor.user),
        addresses: vendor
            .addresses
            .as_ref()
            .map(|(address, list)| (at(address), *list)),
        ..vendor
    }
}

fn sent(address: &str) -> HashMap<String, String> {
    Url::parse(address).unwrap().query_pairs().into_owned().collect()
}

fn params(pairs: &[(&str, &str)]) -> Params {
    Params(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

fn refused(status: u16) -> Reply {
    Reply {
        status,
        ..Reply::from(json!({"error": "the provider's own words: a s3cret"}))
    }
}

/// A provider that gives a token for the code `good`, and tells about the user at each path.
fn provider(users: &'static [(&'static str, &'static str)]) -> RemoteServer {
    RemoteServer::start(move |asked: &Asked| {
        if asked.method == "POST" {
            return match asked.values().get("code").map(String::as_str) {
                Some("good") => json!({"access_token": "t0ken", "scope": "x", "token_type": "bearer"}).into(),
                _ => refused(400),
            };
        }
        let known = users.iter().find(|(path, _)| *path == asked.path());
        match known.filter(|_| asked.header("authorization") == "Bearer t0ken") {
            Some((_, user)) => serde_json::from_str::<Value>(user).unwrap().into(),
            None => refused(403),
        }
    })
}

/// Logs in as a vendor's servers would have it, at another server.
async fn log_in(name: &str, server: &RemoteServer) -> (Identity, HashMap<String, String>, Attempt) {
    let login = VendorLogin::new(moved(vendor(name), server), client(), false).unwrap();
    let mut attempt = Attempt::new(None).unwrap();
    let address = login.begin(&mut attempt).await.unwrap();
    let identity = login
        .finish(&attempt, &params(&[("code", "good")]))
        .await
        .unwrap();
    (identity, sent(&address), attempt)
}

#[tokio::test]
async fn github_tells_the_address_that_counts_where_the_profile_hides_it() {
    let server = provider(&[
        (
            "/user",
            r#"{"login": "octocat", "id": 583231, "name": "The Octocat", "email": null}"#,
        ),
        (
            "/user/emails",
            r#"[{"email": "new@example.com", "primary": false, "verified": false},
                {"email": "octocat@example.com", "primary": true, "verified": true, "visibility": "private"}]"#,
        ),
    ]);
    let (who, sent, attempt) = log_in("github", &server).await;
    assert_eq!(
        (who.id.as_str(), who.email.as_deref()),
        ("583231", Some("octocat@example.com"))
    );
    assert_eq!(
        (who.name.as_deref(), who.nickname.as_deref()),
        (Some("The Octocat"), Some("octocat"))
    );
    assert_eq!(who.shown.get("oauth_token"), Some(&json!("t0ken")));
    assert!(!who.shown.contains_key("id_token"));
    assert_eq!(who.token.unwrap().response["scope"], "x");
    assert_eq!(
        (sent["scope"].as_str(), sent["response_type"].as_str()),
        ("user:email", "code")
    );
    assert_eq!(
        (&sent["state"], &sent["code_challenge"]),
        (&attempt.state, &attempt.challenge())
    );
    assert_eq!(sent["code_challenge_method"], "S256");
    let asked = server.asked();
    let redeemed = asked[0].values();
    assert_eq!(redeemed["code_verifier"], attempt.verifier);
    assert_eq!(redeemed["client_secret"], client().secret);
    assert_eq!(redeemed["redirect_uri"], client().redirect_url);
    assert_eq!(asked[0].header("accept"), "application/json");
}

#[tokio::test]
async fn an_address_that_is_not_verified_is_none() {
    for (name, users, id) in [
        (
            "github",
            &[
                ("/user", r#"{"login": "eve", "id": 1}"#),
                (
                    "/user/emails",
                    r#"[{"email": "victim@example.com", "primary": true, "verified": false}]"#,
                ),
            ][..],
            "1",
        ),
        (
            "google",
            &[(
                "/v1/userinfo",
                r#"{"sub": "2", "email": "victim@example.com", "email_verified": false}"#,
            )],
            "2",
        ),
    ] {
        let (who, ..) = log_in(name, &provider(users)).await;
        assert_eq!((who.id.as_str(), who.email), (id, None), "{name}");
    }
}

#[tokio::test]
async fn bitbucket_is_shown_the_secret_in_a_header() {
    let server = provider(&[
        (
            "/2.0/user",
            r#"{"display_name": "Ann B", "nickname": "ann", "uuid": "{11-22}", "account_id": "5", "type": "user"}"#,
        ),
        (
            "/2.0/user/emails",
            r#"{"values": [{"email": "ann@example.com", "is_primary": true, "is_confirmed": true, "type": "email"}]}"#,
        ),
    ]);
    let (who, sent, _) = log_in("bitbucket", &server).await;
    assert_eq!(
        (who.id.as_str(), who.email.as_deref()),
        ("11-22", Some("ann@example.com"))
    );
    assert!(!sent.contains_key("code_challenge"));
    let redeemed = &server.asked()[0];
    // "the client" and its secret, encoded as RFC 6749 wants.
    assert_eq!(
        redeemed.header("authorization"),
        "Basic dGhlJTIwY2xpZW50OmElMjBzM2NyZXQlMjYlMkIlM0E="
    );
    assert!(!redeemed.values().contains_key("client_secret"));
}

#[tokio::test]
async fn facebook_is_shown_that_the_secret_is_known() {
    let server = provider(&[(
        "/me",
        r#"{"id": "10", "name": "Ann B", "email": "ann@example.com"}"#,
    )]);
    let (who, ..) = log_in("facebook", &server).await;
    assert_eq!(
        (who.id.as_str(), who.email.as_deref()),
        ("10", Some("ann@example.com"))
    );
    let asked = server.asked()[1].values();
    assert_eq!(
        (asked["fields"].as_str(), asked["appsecret_proof"].len()),
        ("id,name,email", 64)
    );
}

#[tokio::test]
async fn the_other_providers_are_read_as_they_document() {
    for (name, user, email, nickname) in [
        (
            "google",
            &[(
                "/v1/userinfo",
                r#"{"sub": "7", "name": "Ann B", "email": "ann@example.com", "email_verified": true}"#,
            )],
            "ann@example.com",
            None,
        ),
        (
            "linkedin",
            &[(
                "/v2/userinfo",
                r#"{"sub": "7", "name": "Ann B", "email": "ann@example.com", "email_verified": "true", "locale": "en-US"}"#,
            )],
            "ann@example.com",
            None,
        ),
        (
            "microsoft-live",
            &[(
                "/v1.0/me",
                r#"{"id": "7", "displayName": "Ann B", "mail": "typed@example.com", "userPrincipalName": "ann@example.com"}"#,
            )],
            "ann@example.com",
            None,
        ),
        (
            "salesforce",
            &[(
                "/services/oauth2/userinfo",
                r#"{"sub": "7", "name": "Ann B", "nickname": "annb", "email": "ann@example.com", "email_verified": true}"#,
            )],
            "ann@example.com",
            Some("annb"),
        ),
    ] {
        let (who, ..) = log_in(name, &provider(user)).await;
        assert_eq!(
            (who.id.as_str(), who.name.as_deref()),
            ("7", Some("Ann B")),
            "{name}"
        );
        assert_eq!(
            (who.email.as_deref(), who.nickname.as_deref()),
            (Some(email), nickname),
            "{name}"
        );
    }
}

#[tokio::test]
async fn failures_are_told_without_the_providers_words() {
    let no_user = provider(&[]);
    let odd = provider(&[("/user", r#"["no user"]"#)]);
    let huge = RemoteServer::start(|_| Reply::from(json!("x".repeat(600_000))));
    let redirecting = RemoteServer::start(|_| Reply {
        status: 302,
        headers: vec![("location".into(), "http://127.0.0.1:9/".into())],
        body: Vec::new(),
    });
    let (refused, unreadable) = (
        "The login provider refused the login.",
        "The login provider's answer cannot be read.",
    );
    for (server, code, status, said) in [
        (&no_user, "", 401, "The login provider sent no code."),
        (&no_user, "bad", 401, refused),
        (&no_user, "good", 401, refused),
        (&odd, "good", 503, unreadable),
        (&huge, "good", 503, unreadable),
        (&redirecting, "good", 503, "The login provider is not ready."),
    ] {
        fails(moved(vendor("github"), server), code, status, said).await;
    }
    let gone = Vendor {
        token: Cow::Owned(format!("http://127.0.0.1:{}/", kit::free_port())),
        ..vendor("github")
    };
    fails(gone, "good", 503, "The login provider cannot be reached.").await;
}

/// A login that ends with a problem, which holds no secret.
async fn fails(vendor: Vendor, code: &str, status: u16, said: &str) {
    let login = VendorLogin::new(vendor, client(), false).unwrap();
    let attempt = Attempt::new(None).unwrap();
    let problem = login
        .finish(&attempt, &params(&[("code", code)]))
        .await
        .err()
        .unwrap();
    assert_eq!((problem.status(), problem.message.as_str()), (status, said));
    let logged = format!("{problem:?}");
    assert!(
        !logged.contains("s3cret") && !logged.contains("t0ken"),
        "{logged}"
    );
}

/// What a header `Authorization` of OAuth 1.0a says of one value.
fn signed(asked: &Asked, name: &str) -> String {
    let header = asked.header("authorization").strip_prefix("OAuth ").unwrap();
    let pairs = header.split(", ").filter_map(|pair| pair.split_once('='));
    let value = pairs
        .filter(|(own, _)| *own == name)
        .map(|(_, value)| value.trim_matches('"'))
        .next();
    value.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn twitter_is_asked_for_a_token_before_the_browser_goes() {
    let form = |text: &str| Reply {
        status: 200,
        headers: Vec::new(),
        body: text.as_bytes().to_vec(),
    };
    let server = RemoteServer::start(move |asked| {
        match asked.path() {
        "/oauth/request_token" if signed(asked, "oauth_callback").starts_with("https%3A%2F%2Fown.example") => {
            form("oauth_token=req1&oauth_token_secret=reqsecret&oauth_callback_confirmed=true")
        }
        "/oauth/access_token"
            if signed(asked, "oauth_token") == "req1" && signed(asked, "oauth_verifier") == "verif1er" =>
        {
            form("oauth_token=acc1&oauth_token_secret=accsecret&user_id=12&screen_name=ann")
        }
        "/1.1/account/verify_credentials.json"
            if signed(asked, "oauth_token") == "acc1" && asked.values()["include_email"] == "true" =>
        {
            json!({"id": 12, "id_str": "12", "name": "Ann B", "screen_name": "ann", "email": "ann@example.com"}).into()
        }
        _ => refused(401),
    }
    });
    let login = Twitter::at(server.url(), client()).unwrap();
    let mut attempt = Attempt::new(None).unwrap();
    let address = login.begin(&mut attempt).await.unwrap();
    assert_eq!(
        address,
        format!("{}/oauth/authenticate?oauth_token=req1", server.url())
    );
    assert_eq!(
        (attempt.state.as_str(), attempt.secret.as_deref()),
        ("req1", Some("reqsecret"))
    );

    let callback = params(&[("oauth_token", "req1"), ("oauth_verifier", "verif1er")]);
    let who = login.finish(&attempt, &callback).await.unwrap();
    assert_eq!(
        (who.id.as_str(), who.email.as_deref()),
        ("12", Some("ann@example.com"))
    );
    assert_eq!(
        (who.name.as_deref(), who.nickname.as_deref()),
        (Some("Ann B"), Some("ann"))
    );
    assert_eq!(who.shown.get("oauth_token"), Some(&json!("acc1")));

    for callback in [params(&[]), params(&[("oauth_verifier", "other")])] {
        assert_eq!(
            login.finish(&attempt, &callback).await.err().unwrap().status(),
            401
        );
    }
}

#[test]
fn every_vendor_is_reached_over_tls() {
    for vendor in VENDORS {
        for address in [&vendor.authorize, &vendor.token, &vendor.user] {
            assert!(address.starts_with("https://"), "{address}");
        }
        assert!(vendor.authentication == Authentication::Body || vendor.name == "bitbucket");
    }
}
