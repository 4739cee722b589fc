//! Session tokens signed with a pair of keys: whoever has the public key can check them, nobody else can make them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dreamwright::{Environment, Options};
use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use kit::{Client, Program, Start};
use ring::hmac;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};

fn file(name: &str) -> String {
    format!(
        "{}/../crates/platform/tests/keys/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn pem(name: &str) -> String {
    std::fs::read_to_string(file(name)).expect("the key is there")
}

/// What stands between the first and the last line.
fn der(name: &str) -> Vec<u8> {
    let pem = pem(name);
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(lines.concat()).expect("base64")
}

fn with(settings: &[(&str, &str)]) -> Program {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Program::with(Start {
        environment: settings.iter().map(owned).collect(),
        ..Start::default()
    })
}

fn rsa(program_settings: &[(&str, &str)]) -> Program {
    let private = format!("file://{}", file("rsa.encrypted.pem"));
    let public = file("rsa.public.pem");
    let mut settings = vec![
        ("JWT_ALGO", "RS256"),
        ("JWT_PRIVATE_KEY", private.as_str()),
        ("JWT_PUBLIC_KEY", public.as_str()),
        ("JWT_PASSPHRASE", "open sesame"),
    ];
    settings.extend(program_settings);
    with(&settings)
}

async fn token(client: &Client) -> String {
    let login = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let answer = client.post("/api/v2/system/admin/session", &login).await;
    let token = answer.json()["session_token"].as_str().map(str::to_owned);
    token.unwrap_or_else(|| panic!("{}", answer.text()))
}

async fn status(client: &Client, token: &str) -> (u16, String) {
    let client = client.with("Authorization", &format!("Bearer {token}"));
    client.get("/api/v2/system/admin/session").await.refusal()
}

/// The parts of a token, decoded: header, claims, signature.
fn parts(token: &str) -> (Value, Value, Vec<u8>) {
    let parts: Vec<Vec<u8>> = token
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64"))
        .collect();
    let [header, claims, signature] = parts.as_slice() else {
        panic!("{token} has not three parts");
    };
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).expect("JSON");
    (json(header), json(claims), signature.clone())
}

/// Whether another library finds a token signed by the owner of a public key.
fn verified(token: &str, algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> bool {
    let (message, _) = token.rsplit_once('.').expect("a token has three parts");
    let signature = parts(token).2;
    UnparsedPublicKey::new(algorithm, key)
        .verify(message.as_bytes(), &signature)
        .is_ok()
}

fn encoded(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

#[tokio::test(flavor = "multi_thread")]
async fn others_can_check_tokens_with_the_public_key() {
    let program = rsa(&[]);
    let client = program.client();
    let token = token(&client).await;
    assert_eq!(parts(&token).0, json!({"typ": "JWT", "alg": "RS256"}));
    assert!(verified(
        &token,
        &RSA_PKCS1_2048_8192_SHA256,
        &der("rsa.public-traditional.pem")
    ));
    assert_eq!(status(&client, &token).await.0, 200);

    let bearer = client.with("X-DreamFactory-Session-Token", &token);
    let renewed = bearer.call("PUT", "/api/v2/system/admin/session", None).await;
    let renewed = renewed.json()["session_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert_eq!(status(&client, &renewed).await.0, 200);
    assert_eq!(status(&client, &token).await.0, 403, "the old one has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_may_stand_in_the_settings_in_one_line() {
    let in_a_line = |name: &str| pem(name).replace('\n', "\\n");
    let (private, public) = (in_a_line("p256.traditional.pem"), in_a_line("p256.public.pem"));
    let program = with(&[
        ("JWT_ALGO", "ES256"),
        ("JWT_PRIVATE_KEY", &private),
        ("JWT_PUBLIC_KEY", &public),
    ]);
    let client = program.client();
    let token = token(&client).await;
    // The point stands at the end of the document.
    let document = der("p256.public.pem");
    let point = &document[document.len() - 65..];
    assert!(verified(&token, &ECDSA_P256_SHA256_FIXED, point));
    assert_eq!(status(&client, &token).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_the_private_key_makes_a_token() {
    let program = rsa(&[("JWT_SECRET", "a secret that is not asked any more")]);
    let client = program.client();
    let token = token(&client).await;
    let (header, claims, signature) = parts(&token);
    let refused = (
        401,
        "Invalid token: Token Signature could not be verified.".to_owned(),
    );

    // The public key, or the secret of another algorithm, as the secret of HS256.
    let own = pem("rsa.public.pem");
    let public = der("rsa.public.pem");
    let inner = der("rsa.public-traditional.pem");
    let secrets: [&[u8]; 5] = [
        own.as_bytes(),
        own.trim().as_bytes(),
        &public,
        &inner,
        b"a secret that is not asked any more",
    ];
    for secret in secrets {
        let message = encoded(&json!({"typ": "JWT", "alg": "HS256"}), &claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
        assert_eq!(status(&client, &forged).await, refused);
    }
    // No signature, somebody else's claims under a good one, and a good one under another name.
    for (header, claims, signature) in [
        (json!({"typ": "JWT", "alg": "none"}), &claims, &[][..]),
        (json!({"typ": "JWT", "alg": "None"}), &claims, &signature[..]),
        (json!({"typ": "JWT", "alg": "RS384"}), &claims, &signature[..]),
        (json!({"typ": "JWT", "alg": "PS256"}), &claims, &signature[..]),
        (header.clone(), &json!({"user_id": 2}), &signature[..]),
        (header.clone(), &claims, &[]),
    ] {
        let forged = format!(
            "{}.{}",
            encoded(&header, claims),
            URL_SAFE_NO_PAD.encode(signature)
        );
        assert_eq!(status(&client, &forged).await.0, 401, "{header} {claims}");
    }
    assert_eq!(status(&client, &token).await.0, 200, "the true one still counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_cannot_work_stop_the_start_with_one_sentence() {
    let public = file("rsa.public.pem");
    let other = file("rsa-other.public.pem");
    let private = file("rsa.pem");
    let sealed = file("rsa.encrypted.pem");
    let settings = |pairs: &[(&str, &str)]| Environment::from_iter(pairs.to_vec());
    for (environment, sentence) in [
        (
            settings(&[("JWT_ALGO", "RS256")]),
            "JWT_PRIVATE_KEY must be set with JWT_ALGO RS256",
        ),
        (
            settings(&[("JWT_ALGO", "RS256"), ("JWT_PRIVATE_KEY", &private)]),
            "JWT_PUBLIC_KEY must be set with JWT_ALGO RS256",
        ),
        (
            settings(&[
                ("JWT_ALGO", "RS256"),
                ("JWT_PRIVATE_KEY", &private),
                ("JWT_PUBLIC_KEY", &other),
            ]),
            "JWT_PUBLIC_KEY does not belong to JWT_PRIVATE_KEY.",
        ),
        (
            settings(&[
                ("JWT_ALGO", "RS256"),
                ("JWT_PRIVATE_KEY", &sealed),
                ("JWT_PUBLIC_KEY", &public),
                ("JWT_PASSPHRASE", "open barley"),
            ]),
            "JWT_PRIVATE_KEY cannot be opened with JWT_PASSPHRASE.",
        ),
        (
            settings(&[
                ("JWT_ALGO", "RS256"),
                ("JWT_PRIVATE_KEY", "file:///nowhere/key.pem"),
                ("JWT_PUBLIC_KEY", &public),
            ]),
            "The file of JWT_PRIVATE_KEY /nowhere/key.pem cannot be used",
        ),
        (
            settings(&[("JWT_ALGO", "none")]),
            "JWT_ALGO must be one of HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, but it is 'none'.",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let options = Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: folder.path().join("data"),
            sample: false,
            environment,
        };
        let refusal = dreamwright::start(options).await.err().map(|r| r.to_string());
        let said = refusal.unwrap_or_default();
        assert!(said.starts_with(sentence), "{said}");
        assert!(!said.contains("PRIVATE KEY-----"), "{said}");
    }
}
