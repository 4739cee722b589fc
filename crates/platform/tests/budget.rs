//! What a call costs before its service runs. The budget stands in `budget.txt`: allocations per call.

#![allow(clippy::unwrap_used, missing_docs)]

mod instance;

use contract::Verb;
use futures_util::FutureExt;
use instance::{Instance, KEY, TOKEN, USER, call, token};
use platform::Incoming;
use std::time::Instant;

/// The stages without the service: a path that policy allows and no endpoint has ends right after them. The message
/// of that answer is part of what is counted.
fn calls(target: &str, headers: &[(&str, &str)]) -> Vec<Incoming> {
    (0..2000).map(|_| call(Verb::Get, target, headers)).collect()
}

#[tokio::test]
async fn identify_locate_and_permit_stay_within_the_budget() {
    let budget: u64 = include_str!("budget.txt").trim().parse().unwrap();
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let grants: Vec<(i64, String)> = (0..100).map(|n| (db, format!("_table/table{n}/*"))).collect();
    let mut grants: Vec<_> = grants
        .iter()
        .map(|(s, c)| (*s, c.as_str(), 1, Some("gender")))
        .collect();
    grants.push((db, "other/*", 1, Some("gender")));
    let role = instance.role("reader", &grants).await;
    let (app, key) = instance.app("app", Some(role)).await;
    instance.user(&[(app, role)]).await;
    let session = token(&instance.login("user/session", USER, &[]).await);

    for (what, headers) in [
        ("key", vec![(KEY, key.as_str())]),
        (
            "key and token",
            vec![(KEY, key.as_str()), (TOKEN, session.as_str())],
        ),
    ] {
        for (target, expected) in [("data/other/5", 404), ("data/_table/table99", 200)] {
            // The first call loads the user and builds the service.
            instance.answer(call(Verb::Get, target, &headers)).await;
            let all = calls(target, &headers);
            let count = all.len() as u64;
            let started = Instant::now();
            let counted = allocation_counter::measure(|| {
                for incoming in all {
                    let done = instance.platform.run(incoming).now_or_never();
                    let status = done.map(|answer| answer.map_or_else(|p| p.status(), |r| r.status));
                    assert_eq!(status, Some(expected), "nothing is waited for");
                }
            });
            let each = counted.count_total / count;
            println!(
                "{what} {target}: {each} allocations, {:?}",
                started.elapsed() / u32::try_from(count).unwrap()
            );
            if expected == 404 {
                assert!(
                    each <= budget,
                    "{what}: {each} allocations a call, {budget} are allowed"
                );
            }
        }
    }
}
