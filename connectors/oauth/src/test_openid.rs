//! Whole logins at a provider of OpenID Connect, and what is made of its lies.

use crate::config;
use crate::config::OPENID;
use crate::grant::Client;
use crate::openid::{Known, Manner, OpenId};
use contract::{Map, Params, Problem, Value};
use identity::{Attempt, Identity, Provider};
use kit::{OpenIdProvider, Signature};
use serde_json::json;

/// The configuration of a service, as the store hands it over.
fn configured(provider: &OpenIdProvider, more: Value) -> Map<String, Value> {
    let mut sent = json!({"discovery_document": provider.discovery(), "client_id": OpenIdProvider::CLIENT,
        "client_secret": OpenIdProvider::SECRET, "redirect_url": "https://own.example/sso", "validate_id_token": true});
    for (name, value) in more.as_object().unwrap() {
        sent[name] = value.clone();
    }
    OPENID.merge(None, sent.as_object().unwrap()).unwrap()
}

fn built(config: &Map<String, Value>) -> Result<OpenId, Problem> {
    let client: Client = config::client(config)?;
    OpenId::new(Known::of(config)?, client, Manner::Standard)
}

/// Logs in as the provider does it right now.
async fn log_in(login: &OpenId, provider: &OpenIdProvider) -> Result<Identity, Problem> {
    let mut attempt = Attempt::new(None)?;
    let address = login.begin(&mut attempt).await?;
    let back = provider.log_in(&address).await;
    let callback = Params(back.query_pairs().into_owned().collect());
    assert_eq!(callback.get("state"), Some(attempt.state.as_str()));
    login.finish(&attempt, &callback).await
}

async fn problem(login: &OpenId, provider: &OpenIdProvider) -> (u16, String) {
    let problem = log_in(login, provider).await.err().expect("nobody is logged in");
    assert!(!format!("{problem:?}").contains(OpenIdProvider::SECRET));
    (problem.status(), problem.message)
}

#[tokio::test]
async fn a_provider_is_used_as_it_says_of_itself() {
    let provider = OpenIdProvider::start();
    let login = built(&configured(&provider, json!({}))).unwrap();
    login.check().await.unwrap();
    for signature in [
        Signature::Rs256,
        Signature::Rs384,
        Signature::Rs512,
        Signature::Es256,
    ] {
        provider.change(|ways| ways.signature = Some(signature));
        let who = log_in(&login, &provider).await.unwrap();
        assert_eq!(
            (who.id.as_str(), who.name.as_deref()),
            ("248289761001", Some("Jane Doe"))
        );
        assert_eq!(who.email.as_deref(), Some("jane@example.com"));
        assert_eq!(who.shown["oauth_token"], OpenIdProvider::TOKEN);
        assert!(who.shown["id_token"].as_str().unwrap().starts_with("ey"));
    }
    let asked = provider.asked();
    let times = |path: &str| asked.iter().filter(|asked| asked.path() == path).count();
    assert_eq!(times("/user"), 0, "the ID token says enough");
    assert_eq!(times("/keys"), 1, "keys are kept");
    let begun = asked
        .iter()
        .find(|asked| asked.path() == "/authorize")
        .unwrap()
        .values();
    assert_eq!(begun["scope"], "openid profile email");
}

#[tokio::test]
async fn an_id_token_that_proves_nothing_logs_nobody_in() {
    let provider = OpenIdProvider::start();
    let login = built(&configured(&provider, json!({}))).unwrap();
    for (signature, said) in [
        (Signature::Stranger, "Failed to verify ID Token signature."),
        (Signature::Unknown, "Failed to verify ID Token key."),
        (Signature::PublicKey, "Failed to verify ID Token algorithm."),
        (Signature::ClientSecret, "Failed to verify ID Token algorithm."),
        (Signature::None, "Failed to verify ID Token header."),
    ] {
        provider.change(|ways| ways.signature = Some(signature));
        assert_eq!(
            problem(&login, &provider).await,
            (401, said.to_owned()),
            "{signature:?}"
        );
    }
    provider.change(|ways| ways.signature = None);
    assert_eq!(
        problem(&login, &provider).await,
        (401, "The login provider sent no ID Token.".to_owned())
    );
}

#[tokio::test]
async fn an_id_token_for_others_or_for_another_time_logs_nobody_in() {
    let provider = OpenIdProvider::start();
    let now = chrono::Utc::now().timestamp();
    let client = OpenIdProvider::CLIENT;
    let cases = [
        (json!({"iss": "https://evil.example"}), "issuer."),
        (json!({"iss": null}), "issuer."),
        (json!({"aud": "somebody"}), "audience."),
        (json!({"aud": null}), "audience."),
        (json!({"aud": [client, "somebody"]}), "audience."),
        (
            json!({"aud": [client, "somebody"], "azp": "somebody"}),
            "audience.",
        ),
        (json!({"azp": "somebody"}), "audience."),
        (json!({"exp": now - 61}), ". Token expired."),
        (json!({"exp": null}), ". Token expired."),
        (json!({"exp": "never"}), ". Token expired."),
        (json!({"nbf": now + 600}), ". Token is not valid yet."),
        (json!({"nonce": "another"}), "nonce."),
        (json!({"nonce": 7}), "nonce."),
    ];
    for validates in [true, false] {
        let login = built(&configured(&provider, json!({"validate_id_token": validates}))).unwrap();
        for (claims, said) in &cases {
            provider.change(|ways| ways.claims = claims.clone());
            let (status, message) = problem(&login, &provider).await;
            let expected = format!(
                "Failed to verify ID Token{}{said}",
                if said.starts_with('.') { "" } else { " " }
            );
            assert_eq!((status, message), (401, expected), "{claims}");
        }
        for claims in [
            json!({"aud": [client]}),
            json!({"aud": [client, "somebody"], "azp": client}),
            json!({"exp": now - 30}),
        ] {
            provider.change(|ways| ways.claims = claims.clone());
            assert!(log_in(&login, &provider).await.is_ok(), "{claims}");
        }
        provider.change(|ways| ways.claims = json!({"nonce": null}));
        assert_eq!(log_in(&login, &provider).await.is_ok(), !validates);
    }
}

#[tokio::test]
async fn what_the_id_token_lacks_is_asked_for() {
    let provider = OpenIdProvider::start();
    let login = built(&configured(
        &provider,
        json!({"validate_id_token": false, "scopes": "openid,email phone"}),
    ))
    .unwrap();
    provider.change(|ways| {
        ways.claims = json!({"email": null});
        ways.user = json!({"sub": "248289761001", "preferred_username": "jd", "email": "user@example.com"});
    });
    let who = log_in(&login, &provider).await.unwrap();
    assert_eq!(
        (who.email.as_deref(), who.nickname.as_deref()),
        (Some("user@example.com"), Some("jd"))
    );
    let begun = provider
        .asked()
        .into_iter()
        .find(|asked| asked.path() == "/authorize")
        .unwrap();
    assert_eq!(begun.values()["scope"], "openid email phone");

    // Without an ID token the user-info address alone tells.
    provider.change(|ways| ways.signature = None);
    assert_eq!(log_in(&login, &provider).await.unwrap().id, "248289761001");
    // It must be the same user, and have an id.
    provider.change(|ways| {
        ways.signature = Some(Signature::Es256);
        ways.user = json!({"sub": "somebody else", "email": "victim@example.com"});
    });
    assert_eq!(problem(&login, &provider).await.0, 401);
    provider.change(|ways| ways.user = json!({"email": "victim@example.com"}));
    assert_eq!(problem(&login, &provider).await.0, 503);
    // An address that is not verified is none.
    provider.change(|ways| {
        ways.claims = json!({"email_verified": false});
        ways.user = json!({"sub": "248289761001", "email": "jane@example.com", "email_verified": false});
    });
    assert_eq!(log_in(&login, &provider).await.unwrap().email, None);
    provider.change(|ways| ways.user["email_verified"] = json!(null));
    assert_eq!(log_in(&login, &provider).await.unwrap().email, None);
}

#[tokio::test]
async fn of_many_tenants_only_the_principal_name_counts() {
    let provider = OpenIdProvider::start();
    let issuer = provider.url("/{tenantid}/v2.0");
    provider.change(|ways| {
        ways.discovery = json!({"issuer": issuer});
        ways.claims = json!({"iss": issuer.replace("{tenantid}", "11-22"), "tid": "11-22", "oid": "33-44",
            "name": "Jane Doe", "email": "victim@example.com", "preferred_username": "jane@tenant.example"});
    });
    let login = built(&configured(&provider, json!({}))).unwrap();
    let who = log_in(&login, &provider).await.unwrap();
    assert_eq!(
        (who.id.as_str(), who.email.as_deref()),
        ("33-44", Some("jane@tenant.example"))
    );
    provider.change(|ways| ways.claims["preferred_username"] = json!("+47 123"));
    assert_eq!(log_in(&login, &provider).await.unwrap().email, None);
    for tenant in [json!("55-66"), json!("11-22/v2.0/x"), json!(null)] {
        provider.change(|ways| ways.claims["tid"] = tenant);
        let expected = (401, "Failed to verify ID Token issuer.".to_owned());
        assert_eq!(problem(&login, &provider).await, expected);
    }
}

#[tokio::test]
async fn what_is_configured_goes_before_what_is_discovered() {
    let provider = OpenIdProvider::start();
    provider.change(|ways| {
        ways.discovery = json!({"authorization_endpoint": "https://evil.example/", "token_endpoint": null,
            "jwks_uri": null, "userinfo_endpoint": null, "scopes_supported": ["phone"]});
    });
    let all = json!({"auth_endpoint": provider.url("/authorize"), "token_endpoint": provider.url("/token"),
        "jwks_uri": provider.url("/keys"), "scopes": "openid"});
    assert!(
        log_in(&built(&configured(&provider, all.clone())).unwrap(), &provider)
            .await
            .is_ok()
    );

    let mut without = all;
    without["discovery_document"] = json!("");
    let login = built(&configured(&provider, without.clone())).unwrap();
    assert!(log_in(&login, &provider).await.is_ok());
    for (missing, status) in [
        ("auth_endpoint", 400),
        ("token_endpoint", 400),
        ("scopes", 400),
        ("jwks_uri", 400),
    ] {
        let mut less = without.clone();
        less[missing] = json!(null);
        let problem = built(&configured(&provider, less)).err().unwrap();
        assert_eq!(problem.status(), status);
        assert!(problem.message.contains(missing), "{problem}");
    }
    let odd = built(&configured(
        &provider,
        json!({"user_endpoint": "file:///etc/passwd"}),
    ));
    assert_eq!(odd.err().unwrap().status(), 400);
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_of() {
    let provider = OpenIdProvider::start();
    let away = format!("http://127.0.0.1:{}/", kit::free_port());
    let login = built(&configured(&provider, json!({"discovery_document": away}))).unwrap();
    let unread = "The discovery document of the login provider cannot be read.";
    assert_eq!(login.check().await.err().unwrap().message, unread);
    assert_eq!(problem_of_begin(&login).await, (503, unread.to_owned()));
    for (discovery, said) in [
        (
            json!({"issuer": null}),
            "The login provider's answer cannot be read.",
        ),
        (
            json!({"authorization_endpoint": null}),
            "The login provider's authorization endpoint is neither configured nor in its discovery document.",
        ),
    ] {
        provider.change(|ways| ways.discovery = discovery);
        let login = built(&configured(&provider, json!({}))).unwrap();
        assert_eq!(problem_of_begin(&login).await, (503, said.to_owned()));
    }
}

async fn problem_of_begin(login: &OpenId) -> (u16, String) {
    let problem = login.begin(&mut Attempt::new(None).unwrap()).await.err().unwrap();
    (problem.status(), problem.message)
}

#[tokio::test]
async fn a_code_of_another_provider_or_login_is_not_shown_to_this_one() {
    let provider = OpenIdProvider::start();
    let login = built(&configured(&provider, json!({}))).unwrap();
    let mut attempt = Attempt::new(None).unwrap();
    let back = provider.log_in(&login.begin(&mut attempt).await.unwrap()).await;
    let mut callback: Params = Params(back.query_pairs().into_owned().collect());
    callback.0.push(("iss".into(), "https://evil.example".into()));
    assert_eq!(
        login.finish(&attempt, &callback).await.err().unwrap().status(),
        401
    );
    assert!(provider.asked().iter().all(|asked| asked.path() != "/token"));

    // Who stole the code lacks the secret behind the challenge.
    callback.0.pop();
    let other = Attempt::new(None).unwrap();
    assert_eq!(login.finish(&other, &callback).await.err().unwrap().status(), 401);
}
