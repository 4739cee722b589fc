//! Logins at providers of OAuth and OpenID Connect, over HTTP: what begins them, what ends them, and what must not.

use kit::program::ADMIN_EMAIL;
use kit::{Answer, CertifiedProvider, Client, OpenIdProvider, Program, Signature, Start};
use scenarios::world::{KEY, TOKEN};
use serde_json::{Value, json};

/// An instance and a provider, and the service `corp` between them.
struct Corp {
    program: Program,
    provider: OpenIdProvider,
    admin: Client,
    /// The address of the service among the services.
    service: String,
}

impl Corp {
    /// `config` goes before what the service needs in any case.
    async fn start(environment: &[(&str, &str)], config: Value) -> Corp {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let program = Program::with(Start {
            environment: environment.collect(),
            ..Start::default()
        });
        let (admin, provider) = (program.admin().await, OpenIdProvider::start());
        let mut corp = Corp {
            program,
            provider,
            admin,
            service: String::new(),
        };
        let made = corp.make("corp", config).await;
        assert_eq!(made.status, 201, "{}", made.text());
        corp.service = format!("/api/v2/system/service/{}", made.json()["resource"][0]["id"]);
        corp
    }

    async fn make(&self, name: &str, config: Value) -> Answer {
        let mut all = json!({"discovery_document": self.provider.discovery(), "validate_id_token": true,
            "client_id": OpenIdProvider::CLIENT, "client_secret": OpenIdProvider::SECRET,
            "redirect_url": format!("{}/api/v2/{name}/sso", self.program.base())});
        for (field, value) in config.as_object().into_iter().flatten() {
            all[field] = value.clone();
        }
        let service = json!({"name": name, "label": name, "type": "oidc", "is_active": true, "config": all});
        self.admin
            .post("/api/v2/system/service?fields=*", &json!({"resource": [service]}))
            .await
    }

    /// Begins a login, and logs in at the provider: what the browser is led back with.
    async fn begin(&self, more: &str) -> String {
        let path = format!("/api/v2/user/session?service=corp{more}");
        let begun = self.program.client().get(&path).await;
        assert_eq!(begun.status, 302, "{}", begun.text());
        let back = self.provider.log_in(begun.header("location")).await;
        assert_eq!(back.path(), "/api/v2/corp/sso");
        back.query().unwrap_or_default().to_owned()
    }

    /// Ends a login for an application.
    async fn end(&self, query: &str) -> Answer {
        let path = format!("/api/v2/user/session?oauth_callback=true&service=corp&{query}");
        self.program.client().call("POST", &path, None).await
    }

    async fn log_in(&self) -> Answer {
        let query = self.begin("").await;
        self.end(&query).await
    }
}

#[tokio::test]
async fn somebody_logs_in_at_a_provider_and_has_a_role() {
    let corp = Corp::start(&[], json!({})).await;
    let admin = &corp.admin;
    let role = json!({"resource": [{"name": "staff", "is_active": true}]});
    let role = admin.post("/api/v2/system/role", &role).await.json()["resource"][0]["id"].clone();
    let app = json!({"resource": [{"name": "portal", "is_active": true}]});
    let app = admin.post("/api/v2/system/app?fields=*", &app).await.json()["resource"][0].clone();
    let config = json!({"config": {"app_role_map": [{"app_id": app["id"], "role_id": role}]}});
    let changed = admin.call("PATCH", &corp.service, Some(&config)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());

    let query = corp.begin("").await;
    let path = format!("/api/v2/user/session?oauth_callback=true&service=corp&{query}");
    let portal = corp.program.client().with(KEY, app["api_key"].as_str().unwrap());
    let answer = portal.call("POST", &path, None).await;
    let session = answer.json();
    assert_eq!(answer.status, 200, "{session}");
    assert_eq!(session["email"], "jane+corp@example.com");
    assert_eq!(
        (&session["first_name"], &session["last_name"]),
        (&json!("Jane"), &json!("Doe"))
    );
    assert_eq!((&session["role"], &session["role_id"]), (&json!("staff"), &role));
    assert_eq!(session["is_sys_admin"], false);
    assert_eq!(session["oauth_token"], OpenIdProvider::TOKEN);
    assert!(session["id_token"].as_str().unwrap().split('.').count() == 3);
    assert_eq!(session["session_id"], session["session_token"]);

    let token = session["session_token"].as_str().unwrap();
    let mine = corp
        .program
        .client()
        .with(TOKEN, token)
        .get("/api/v2/user/session")
        .await;
    assert_eq!(
        (mine.status, mine.json()["id"].clone()),
        (200, session["id"].clone())
    );
    let user = format!("/api/v2/system/user/{}?fields=*", session["id"]);
    assert_eq!(admin.get(&user).await.json()["oauth_provider"], "openid_connect");
    // The same person is the same user.
    assert_eq!(corp.log_in().await.json()["id"], session["id"]);
}

#[tokio::test]
async fn a_browser_that_the_provider_sends_to_the_server_is_led_on() {
    let corp = Corp::start(
        &[("OAUTH_ALLOWED_REDIRECT_DOMAINS", "app.example,*.apps.example")],
        json!({}),
    )
    .await;
    let client = corp.program.client();
    for (asked, leads) in [
        ("", "/?session_token=ey"),
        (
            "&redirect=https%3A%2F%2Fx.apps.example%2Fin%3Fa%3Db",
            "https://x.apps.example/in?a=b&session_token=ey",
        ),
        ("&redirect=https%3A%2F%2Fevil.example%2F", "/?session_token=ey"),
        ("&redirect=http%3A%2F%2Fapp.example%2F", "/?session_token=ey"),
    ] {
        let query = corp.begin(asked).await;
        let led = client.get(&format!("/api/v2/corp/sso?{query}")).await;
        assert_eq!(led.status, 302, "{}", led.text());
        assert!(
            led.header("location").starts_with(leads),
            "{asked}: {}",
            led.header("location")
        );
        assert_eq!(
            client.get(&format!("/api/v2/corp/sso?{query}")).await.status,
            401,
            "once"
        );
    }
    // An application that asked to be led somewhere is led there.
    let query = corp.begin("&redirect=https%3A%2F%2Fapp.example%2F").await;
    let led = corp.end(&query).await;
    assert_eq!(led.status, 302);
    assert!(
        led.header("location")
            .starts_with("https://app.example/?session_token=ey")
    );

    // A script is told where to lead the browser.
    let script = client.with("X-Requested-With", "XMLHttpRequest");
    let told = script.get("/api/v2/user/session?service=corp").await;
    let response = told.json()["response"].clone();
    assert_eq!((told.status, &response["redirect"]), (200, &json!(true)));
    let address = response["url"].as_str().unwrap();
    assert!(
        address.starts_with(&corp.provider.url("/authorize?client_id=dreamwright&")),
        "{address}"
    );

    // The console.
    for (code, leads) in [
        (true, "/dreamfactory/dist/?jwt=ey"),
        (false, "/dreamfactory/dist/?error="),
    ] {
        let query = corp.begin("").await;
        let query = if code {
            query
        } else {
            query.replace("code=", "other=")
        };
        let led = client
            .call("POST", &format!("/api/v2/corp/sso?{query}"), None)
            .await;
        assert!(
            led.header("location").starts_with(leads),
            "{} {}",
            led.status,
            led.header("location")
        );
    }
}

#[tokio::test]
async fn a_certified_provider_is_understood() {
    let corp = Corp::start(&[], json!({})).await;
    let redirect_url = format!("{}/api/v2/certified/sso", corp.program.base());
    let Some(provider) = CertifiedProvider::start(&redirect_url) else {
        return;
    };
    let config = json!({"discovery_document": provider.discovery(), "default_role": null});
    let made = corp.make("certified", config).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let client = corp.program.client();
    let begun = client.get("/api/v2/user/session?service=certified").await;
    let back = provider.log_in(begun.header("location")).await;
    let query = back.query().unwrap();
    let path = format!("/api/v2/user/session?oauth_callback=true&service=certified&{query}");
    let session = client.call("POST", &path, None).await;
    assert_eq!(session.status, 200, "{}", session.text());
    assert_eq!(session.json()["email"], "jane+certified@example.com");
    assert_eq!(session.json()["name"], "Jane Doe");
    assert_eq!(client.call("POST", &path, None).await.status, 401);
}

#[tokio::test]
async fn what_was_not_begun_here_is_not_ended_here() {
    let corp = Corp::start(&[], json!({})).await;
    assert_eq!(corp.make("other", json!({})).await.status, 201);
    let query = corp.begin("").await;
    let state = query.split("state=").nth(1).unwrap().to_owned();

    let wrong = corp.end(&query.replace(&state, "wrong")).await;
    assert_eq!(wrong.refusal(), (401, "Invalid state".to_owned()));
    assert_eq!(corp.end("code=code1").await.status, 401);
    // Begun with another service.
    let path = format!("/api/v2/user/session?oauth_callback=true&service=other&{query}");
    assert_eq!(corp.program.client().call("POST", &path, None).await.status, 401);

    assert_eq!(corp.end(&query).await.status, 200);
    let again = corp.end(&query).await;
    assert_eq!(again.refusal(), (401, "Invalid state".to_owned()));

    // What the user refused there.
    let query = corp.begin("").await;
    let denied = corp.end(&query.replace("code=", "error=access_denied&x=")).await;
    assert_eq!(denied.status, 401);
}

#[tokio::test]
async fn a_provider_that_lies_logs_nobody_in() {
    let corp = Corp::start(&[], json!({})).await;
    for signature in [
        Signature::Stranger,
        Signature::Unknown,
        Signature::None,
        Signature::PublicKey,
    ] {
        corp.provider.change(|ways| ways.signature = Some(signature));
        let answer = corp.log_in().await;
        assert_eq!(answer.status, 401, "{signature:?} {}", answer.text());
    }
    corp.provider
        .change(|ways| ways.signature = Some(Signature::Es256));
    for (claims, said) in [
        (json!({"nonce": "another"}), "Failed to verify ID Token nonce."),
        (json!({"aud": "another"}), "Failed to verify ID Token audience."),
        (json!({"exp": 1}), "Failed to verify ID Token. Token expired."),
        (
            json!({"iss": "https://evil.example"}),
            "Failed to verify ID Token issuer.",
        ),
    ] {
        corp.provider.change(|ways| ways.claims = claims);
        let answer = corp.log_in().await;
        assert_eq!(answer.refusal(), (401, said.to_owned()));
    }
    let users = corp.admin.get("/api/v2/system/user?count_only=true").await;
    assert_eq!(users.text(), "0", "nobody was made");
    let log = corp.program.log();
    assert!(
        !log.contains(OpenIdProvider::SECRET) && !log.contains(OpenIdProvider::TOKEN),
        "{log}"
    );
}

#[tokio::test]
async fn an_address_counts_only_when_the_provider_vouches_for_it() {
    let corp = Corp::start(&[], json!({"validate_id_token": false})).await;
    // The ID token says too little: the user-info address is asked.
    corp.provider.change(|ways| {
        ways.claims = json!({"name": null, "email": null});
        ways.user = json!({"sub": "248289761001", "name": "Jo Smith", "email": "jo@example.com"});
    });
    assert_eq!(corp.log_in().await.json()["email"], "jo+corp@example.com");

    // Somebody says that they are the administrator.
    corp.provider.change(|ways| {
        ways.user =
            json!({"sub": "248289761001", "name": "Eve", "email": ADMIN_EMAIL, "email_verified": false});
    });
    let session = corp.log_in().await.json();
    assert_eq!(session["email"], "248289761001+corp@corp.com");
    corp.provider
        .change(|ways| ways.user["email_verified"] = json!(true));
    let session = corp.log_in().await.json();
    assert_eq!(
        (&session["email"], &session["is_sys_admin"]),
        (&json!("admin+corp@example.com"), &json!(false))
    );
}

#[tokio::test]
async fn a_service_is_saved_with_what_its_provider_says_of_itself() {
    let corp = Corp::start(&[], json!({"user_endpoint": "https://own.example/me"})).await;
    let read = corp.admin.get(&corp.service).await.json();
    let config = &read["config"];
    assert_eq!(config["auth_endpoint"], corp.provider.url("/authorize"));
    assert_eq!(config["token_endpoint"], corp.provider.url("/token"));
    assert_eq!(config["jwks_uri"], corp.provider.url("/keys"));
    assert_eq!(config["user_endpoint"], "https://own.example/me");
    assert_eq!(config["scopes"], "openid,profile,email");
    assert_eq!(config["client_secret"], "**********");

    let away = format!("http://127.0.0.1:{}/", kit::free_port());
    let refused = corp.make("away", json!({"discovery_document": away})).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(
        refused
            .text()
            .contains("The discovery document of the login provider cannot be read.")
    );
    let change = json!({"config": {"discovery_document": away}});
    let refused = corp.admin.call("PATCH", &corp.service, Some(&change)).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    // What has nothing to do with it can be changed, and the mask keeps the secret.
    let change = json!({"label": "Corp", "config": {"client_secret": "**********", "icon_class": "fa"}});
    let changed = corp.admin.call("PATCH", &corp.service, Some(&change)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(corp.log_in().await.status, 200);

    for field in ["client_id", "client_secret", "redirect_url"] {
        let refused = corp.make("less", json!({field: null})).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
    let tried = json!({"name": "try", "label": "try", "type": "oidc", "config": {"discovery_document": corp.provider.discovery(),
        "client_id": "x", "client_secret": "y", "redirect_url": "https://own.example/"}});
    let tried = corp
        .admin
        .post("/api/v2/system/service?test=true", &json!({"resource": [tried]}))
        .await;
    assert_eq!(tried.status, 200, "{}", tried.text());
}

#[tokio::test]
async fn new_people_can_be_kept_out() {
    let corp = Corp::start(&[], json!({"allow_new_users": false})).await;
    let refused = corp.log_in().await;
    assert_eq!(refused.status, 401);
    assert!(
        refused
            .message()
            .starts_with("New user registration is not allowed for this OAuth service.")
    );
}

#[tokio::test]
async fn providers_whose_addresses_are_known_are_begun_with() {
    let program = Program::start();
    let admin = program.admin().await;
    for (kind, begins, holds) in [
        (
            "oauth_github",
            "https://github.com/login/oauth/authorize?",
            "scope=user%3Aemail",
        ),
        (
            "oauth_google",
            "https://accounts.google.com/o/oauth2/v2/auth?",
            "code_challenge_method=S256",
        ),
        (
            "oauth_facebook",
            "https://www.facebook.com/dialog/oauth?",
            "scope=email",
        ),
        (
            "oauth_linkedin",
            "https://www.linkedin.com/oauth/v2/authorization?",
            "scope=openid+profile+email",
        ),
        (
            "oauth_microsoft-live",
            "https://login.microsoftonline.com/consumers/",
            "scope=User.Read",
        ),
        (
            "oauth_bitbucket",
            "https://bitbucket.org/site/oauth2/authorize?",
            "state=",
        ),
        (
            "oauth_salesforce",
            "https://login.salesforce.com/services/oauth2/authorize?",
            "state=",
        ),
        (
            "oauth_azure_ad",
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?",
            "scope=User.Read",
        ),
    ] {
        let config = json!({"client_id": "the client", "client_secret": "s3cret", "redirect_url": "https://own.example/x"});
        let name = kind.replace('-', "_");
        let service = json!({"name": name, "label": kind, "type": kind, "is_active": true, "config": config});
        let made = admin
            .post("/api/v2/system/service", &json!({"resource": [service]}))
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
        let begun = program
            .client()
            .get(&format!("/api/v2/user/session?service={name}"))
            .await;
        let location = begun.header("location");
        assert_eq!(begun.status, 302, "{kind}: {}", begun.text());
        assert!(
            location.starts_with(begins) && location.contains(holds),
            "{kind}: {location}"
        );
        assert!(
            location.contains("client_id=the+client") && !location.contains("s3cret"),
            "{location}"
        );
    }
    let environment = program.client().get("/api/v2/system/environment").await.json();
    let offered = environment["authentication"]["oauth"].as_array().unwrap().clone();
    assert_eq!(offered.len(), 8);
    assert!(
        offered
            .iter()
            .all(|one| one["path"].as_str().unwrap().starts_with("user/session?service="))
    );
    let service = json!({"name": "odd", "label": "odd", "type": "oauth_azure_ad", "is_active": true,
        "config": {"client_id": "a", "client_secret": "b", "redirect_url": "c", "tenant_id": "../x"}});
    let refused = admin
        .post("/api/v2/system/service", &json!({"resource": [service]}))
        .await;
    assert_eq!(refused.status, 400, "{}", refused.text());
}
