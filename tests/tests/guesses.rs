//! Guessing passwords: many guesses at once get no further than one after the other, and nobody else is kept out.

use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use kit::{Client, Program, Start};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const SESSION: &str = "/api/v2/system/admin/session";
/// Wrong passwords for an account that an address may send before it has to wait.
const FREE: usize = 5;

/// Sends the same login 64 times at once; gives how many were answered with which status.
async fn storm(client: &Client, password: &str, status: u16) -> usize {
    let mut logins = JoinSet::new();
    for _ in 0..64 {
        let (client, login) = (
            client.clone(),
            json!({"email": ADMIN_EMAIL, "password": password}),
        );
        logins.spawn(async move {
            let answer = client.post(SESSION, &login).await;
            assert!(matches!(answer.status, 200 | 401 | 429), "{}", answer.text());
            if answer.status == 429 {
                let seconds = answer.header("retry-after").parse::<u32>();
                assert!(seconds.is_ok_and(|seconds| seconds >= 1));
            }
            answer.status
        });
    }
    let answers = logins.join_all().await;
    answers.iter().filter(|answer| **answer == status).count()
}

/// How many guesses may be checked in a time: five, then one after each wait, which doubles.
fn allowed(time: Duration) -> usize {
    let (mut guesses, mut wait, mut left) = (FREE, Duration::from_secs(1), time);
    while left >= wait {
        left -= wait;
        wait *= 2;
        guesses += 1;
    }
    guesses
}

fn behind_a_proxy() -> Program {
    Program::with(Start {
        environment: vec![("DW_TRUSTED_PROXIES".into(), "127.0.0.0/8".into())],
        ..Start::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_guesses_are_no_more_than_single_ones() {
    let program = behind_a_proxy();
    let from = |address: &str| program.client().with("X-Forwarded-For", address);
    let (guesser, owner) = (from("198.51.100.1"), from("198.51.100.2"));
    let begin = Instant::now();
    let guesses = tokio::spawn(async move {
        let first = storm(&guesser, "not the password", 401).await;
        // A wait that is over gives one guess, not 64.
        first + storm(&guesser, "not the password", 401).await
    });
    // Somebody who guesses keeps nobody out who is at another address.
    let login = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    assert_eq!(owner.post(SESSION, &login).await.status, 200);
    let checked = guesses.await.expect("nothing panics");
    let most = allowed(begin.elapsed());
    assert!(
        (FREE..=most).contains(&checked),
        "{checked} of 128 guesses were checked, {most} may be"
    );
    assert_eq!(owner.post(SESSION, &login).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_passwords_are_all_taken_however_many_come_at_once() {
    let program = Program::start();
    let client = program.client();
    assert_eq!(storm(&client, ADMIN_PASSWORD, 200).await, 64);
    // None of them counts for anything afterwards.
    let wrong = json!({"email": ADMIN_EMAIL, "password": "not the password"});
    for _ in 0..FREE {
        assert_eq!(client.post(SESSION, &wrong).await.status, 401);
    }
    assert_eq!(client.post(SESSION, &wrong).await.status, 429);
}
