//! Counters against a real server.

#![allow(clippy::unwrap_used, missing_docs)]

use contract::{Counter, Counters, Settings};
use kit::Redis;
use redis::RedisCounters;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn settings(server: &Redis) -> Settings {
    let environment = server.environment();
    let get = |name: &str| {
        environment
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
    };
    Settings::read(get).unwrap()
}

fn counter(limit: i64, key: &str, rate: u64, period: Duration) -> Counter {
    Counter {
        limit,
        key: key.into(),
        rate,
        period,
    }
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn windows_are_fixed_and_lock_when_exceeded() {
    let Some(server) = Redis::own() else { return };
    let counters = RedisCounters::new(&settings(&server)).unwrap();
    let two = [
        counter(1, "instance.hour", 2, HOUR),
        counter(2, "instance.user:5.hour", 9, HOUR),
    ];
    let mut seen = Vec::new();
    for _ in 0..4 {
        let counts = counters.hit(&two).await.unwrap();
        seen.push((counts[0].attempts, counts[0].locked, counts[1].attempts));
        assert!(counts[0].left <= HOUR && counts[0].left > HOUR - Duration::from_secs(60));
    }
    assert_eq!(seen, [(1, false, 1), (2, false, 2), (2, true, 3), (2, true, 4)]);
    let read = counters.read(&two).await.unwrap();
    assert_eq!((read[0].attempts, read[0].locked, read[1].attempts), (2, true, 4));

    counters.reset(Some(1)).await.unwrap();
    let read = counters.read(&two).await.unwrap();
    assert_eq!(
        (read[0].attempts, read[0].locked, read[1].attempts),
        (0, false, 4)
    );
    counters.reset(None).await.unwrap();
    assert_eq!(counters.read(&two).await.unwrap()[1].attempts, 0);
    assert_eq!(counters.hit(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn a_window_ends_by_itself() {
    let Some(server) = Redis::own() else { return };
    let counters = RedisCounters::new(&settings(&server)).unwrap();
    let short = [counter(1, "instance.minute", 1, Duration::from_millis(200))];
    counters.hit(&short).await.unwrap();
    let refused = counters.hit(&short).await.unwrap()[0];
    assert!(refused.locked);
    let limit = Instant::now() + Duration::from_secs(20);
    while counters.hit(&short).await.unwrap()[0].locked {
        assert!(Instant::now() < limit);
    }
    assert!(server.run("DBSIZE").len() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_exact_over_several_nodes() {
    let Some(server) = Redis::own() else { return };
    let nodes: Vec<Arc<RedisCounters>> = (0..3)
        .map(|_| Arc::new(RedisCounters::new(&settings(&server)).unwrap()))
        .collect();
    let mut callers = tokio::task::JoinSet::new();
    for n in 0..64 {
        let node = Arc::clone(&nodes[n % 3]);
        callers.spawn(async move {
            let mut passed = 0;
            for _ in 0..20 {
                let count = node.hit(&[counter(1, "instance.hour", 500, HOUR)]).await.unwrap();
                passed += usize::from(!count[0].locked);
            }
            passed
        });
    }
    let passed: usize = callers.join_all().await.into_iter().sum();
    assert_eq!(passed, 500);
}

#[tokio::test]
async fn an_outage_is_told_soon_and_ends_by_itself() {
    let Some(server) = Redis::own() else { return };
    let counters = RedisCounters::new(&settings(&server)).unwrap();
    let one = [counter(1, "instance.hour", 1000, HOUR)];
    counters.hit(&one).await.unwrap();
    for (end, back) in [
        (Redis::crash as fn(&Redis), Redis::start as fn(&Redis)),
        (Redis::freeze, Redis::resume),
    ] {
        end(&server);
        let began = Instant::now();
        assert!(counters.hit(&one).await.is_err());
        assert!(began.elapsed() < Duration::from_secs(3));
        let began = Instant::now();
        assert!(counters.hit(&one).await.is_err());
        assert!(began.elapsed() < redis::PAUSE, "the server is left alone");
        back(&server);
        let limit = Instant::now() + Duration::from_secs(20);
        while counters.hit(&one).await.is_err() {
            assert!(Instant::now() < limit, "the server is back");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_an_outage_without_it() {
    let Some(server) = Redis::own() else { return };
    let settings = Settings {
        limit_cache_password: Some("hunter2".into()),
        ..settings(&server)
    };
    let counters = RedisCounters::new(&settings).unwrap();
    let outage = counters.hit(&[counter(1, "k", 1, HOUR)]).await.unwrap_err();
    assert!(!outage.to_string().contains("hunter2"), "{outage}");
}
