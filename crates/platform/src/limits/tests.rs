use super::*;
use contract::Map;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{LimitType, Period};

fn row(id: i64, kind: &str, rate: u64) -> LimitRow {
    LimitRow {
        id,
        kind: LimitType::find(kind).unwrap(),
        key_text: format!("key {id}"),
        rate,
        period: Period::of(0).unwrap(),
        user_id: None,
        role_id: None,
        service_id: None,
        endpoint: None,
        verb: None,
        name: String::new(),
        shown: Map::new(),
    }
}

fn ids(limits: &Limits, call: &Metered<'_>) -> Vec<i64> {
    limits.matching(call).iter().map(|limit| limit.row.id).collect()
}

const CALL: Metered<'_> = Metered {
    user: Some(5),
    role: Some(7),
    service: Some(3),
    verb: Verb::Get,
    path: "_table/contact",
};

#[test]
fn every_type_counts_what_it_says() {
    let all: Vec<LimitRow> = LimitType::ALL
        .into_iter()
        .zip(1..)
        .map(|(kind, id)| LimitRow {
            user_id: kind.user.then_some(5),
            role_id: kind.role.then_some(7),
            service_id: kind.service.then_some(3),
            endpoint: kind.endpoint.then(|| "_table/contact".to_owned()),
            ..row(id, kind.name, 1)
        })
        .collect();
    let limits = Limits::new(&all);
    assert_eq!(ids(&limits, &CALL), (1..=10).collect::<Vec<_>>());
    assert_eq!(
        ids(
            &limits,
            &Metered {
                user: Some(6),
                ..CALL
            }
        ),
        [1, 3, 4, 5, 7, 8, 10]
    );
    assert_eq!(ids(&limits, &Metered { user: None, ..CALL }), [1, 4, 5, 8]);
    assert_eq!(
        ids(
            &limits,
            &Metered {
                role: None,
                user: None,
                ..CALL
            }
        ),
        [1, 5, 8]
    );
    assert_eq!(
        ids(
            &limits,
            &Metered {
                path: "_table/contact/5",
                ..CALL
            }
        ),
        [1, 2, 3, 4, 5, 6, 7]
    );
    assert_eq!(
        ids(
            &limits,
            &Metered {
                service: Some(4),
                ..CALL
            }
        ),
        [1, 2, 3, 4]
    );
    assert_eq!(
        ids(
            &limits,
            &Metered {
                service: None,
                ..CALL
            }
        ),
        [1, 2, 3, 4]
    );
}

#[test]
fn endpoints_have_wildcards_and_no_case() {
    let fits = |endpoint: &str, path: &str| {
        let limit = LimitRow {
            service_id: Some(3),
            endpoint: Some(endpoint.to_owned()),
            ..row(1, "instance.service.endpoint", 1)
        };
        !Limits::new(&[limit])
            .matching(&Metered { path, ..CALL })
            .is_empty()
    };
    assert!(fits("_table/contact", "_table/contact"));
    assert!(!fits("_table/contact", "_table/contact/5"));
    assert!(fits("_table/contact", "_table/Contact") && fits("_TABLE/con*", "_table/Contact"));
    assert!(fits("_table/contact*", "_table/contacts/5") && fits("_table/*", "_table/contact"));
    assert!(!fits("_table/contact/*", "_table/contact") && fits("_table/contact/*", "_table/contact/5"));
    assert!(fits("*", "") && fits("*", "anything"));
}

#[test]
fn verbs_narrow_a_limit() {
    let limit = LimitRow {
        verb: Some(Verb::Post),
        ..row(1, "instance", 1)
    };
    let limits = Limits::new(&[limit]);
    assert!(ids(&limits, &CALL).is_empty());
    assert_eq!(
        ids(
            &limits,
            &Metered {
                verb: Verb::Post,
                ..CALL
            }
        ),
        [1]
    );
}

#[test]
fn a_limit_of_the_user_takes_the_place_of_that_for_each_user() {
    let own = LimitRow {
        user_id: Some(5),
        ..row(1, "instance.user", 1)
    };
    let limits = Limits::new(&[own, row(2, "instance.each_user", 1), row(3, "instance", 1)]);
    let enforced_ids = |call: &Metered<'_>| -> Vec<i64> {
        let found = limits.matching(call);
        let kept = found.iter().filter(|limit| enforced(limit, &found));
        kept.map(|limit| limit.row.id).collect()
    };
    assert_eq!(enforced_ids(&CALL), [1, 3]);
    assert_eq!(
        enforced_ids(&Metered {
            user: Some(6),
            ..CALL
        }),
        [2, 3]
    );
}

fn counter(rate: u64) -> Counter {
    Counter {
        limit: 1,
        key: "key".into(),
        rate,
        period: Duration::from_secs(60),
    }
}

#[test]
fn a_window_is_fixed_and_an_exceeded_one_locks_for_a_period() {
    let memory = Memory::default();
    let start = Instant::now();
    let hit = |seconds: u64| memory.hit(&[counter(2)], start + Duration::from_secs(seconds))[0];
    assert_eq!((hit(0).attempts, hit(59).attempts), (1, 2));
    // The third call finds the window full and locks it for a period of its own.
    let refused = hit(59);
    assert!(refused.locked && refused.left == Duration::from_secs(60));
    assert!(hit(118).locked);
    let fresh = hit(119);
    assert!(!fresh.locked && fresh.attempts == 1 && fresh.left == Duration::from_secs(60));
    // A window that was not exceeded ends by itself.
    assert_eq!(hit(179).attempts, 1);
}

#[test]
fn reading_does_not_count_and_resetting_forgets() {
    let memory = Memory::default();
    let now = Instant::now();
    memory.hit(&[counter(2)], now);
    assert_eq!(memory.read(&[counter(2)], now)[0].attempts, 1);
    memory.reset(Some(2));
    assert_eq!(memory.read(&[counter(2)], now)[0].attempts, 1);
    memory.reset(Some(1));
    assert_eq!(memory.read(&[counter(2)], now)[0].attempts, 0);
}

#[test]
fn windows_that_have_ended_do_not_stay() {
    let memory = Memory::default();
    let start = Instant::now();
    for n in 0..200_000_u32 {
        let counter = Counter {
            key: format!("key {n}").into(),
            ..counter(2)
        };
        memory.hit(&[counter], start + Duration::from_millis(u64::from(n) * 60));
    }
    // 1,000 calls a minute: what is kept is of that order, not of the number of callers.
    let kept: usize = memory.entries();
    assert!(kept < 40_000, "{kept} entries");
}

#[test]
fn no_more_than_the_rate_pass_at_once() {
    let memory = Memory::default();
    let passed = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..100 {
                    if !memory.hit(&[counter(1000)], Instant::now())[0].locked {
                        passed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 1000);
}
