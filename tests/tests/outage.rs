//! Databases that go away under load and come back: clear answers meanwhile, and no restart.

use kit::{Answer, Client, Engine, Server, Start};
use scenarios::leaks::leak;
use scenarios::world::World;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Until a change in the database must have reached the answers.
const LIMIT: Duration = Duration::from_secs(30);
const WORKERS: usize = 8;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(20);
/// Most tries that may be refused once the database takes connections again: two seconds of pauses. Counted, because
/// time says nothing on a machine that does other things, too.
const RECOVERY: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn postgres_stops_and_comes_back() {
    outage(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_stops_and_comes_back() {
    outage(Engine::MariaDb).await;
}

async fn outage(engine: Engine) {
    let Some(server) = Server::own(engine) else { return };
    let environment =
        [("DW_POOL_WAIT", "2"), ("DW_CONNECT_TIMEOUT", "2")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let start = Start {
        environment: environment.into(),
        ..Start::default()
    };
    let world = World::start(vec![server.clone()], start).await;
    let path = format!("/api/v2/{}/_table/employees/10001", engine.service_type());
    assert_eq!(world.admin.get(&path).await.status, 200);
    // Stopped in order, then killed, each under load.
    for end in [Server::stop, Server::crash] {
        let load = Load::start(&world.admin, &path);
        end(&server);
        until(&world.admin, &path, 503).await;
        assert_others_work(&world).await;
        let write = json!({"resource": [{"name": "x", "quantity": 1}]});
        let table = format!("/api/v2/{}/_table/supplies", engine.service_type());
        check(&world.admin.post(&table, &write).await, &[503]);
        server.start();
        let back = Instant::now();
        let refused = until(&world.admin, &path, 200).await;
        let recovery = back.elapsed();
        let (answers, longest) = load.end().await;
        let service = engine.service_type();
        kit::announce(&format!(
            "{service}: served {recovery:?} after the database was back, {refused} refusals in between; \
             of {answers} answers the latest after {longest:?}"
        ));
        assert!(refused <= RECOVERY, "{service}: {refused} refusals");
        // Every connection is sound again, not only the first that was tried.
        for _ in 0..50 {
            assert_eq!(world.admin.get(&path).await.status, 200);
        }
    }
}

/// Asks until the status is the wanted one; only it and the other of 200 and 503 may come. Gives how many others came.
async fn until(client: &Client, path: &str, status: u16) -> usize {
    let limit = Instant::now() + LIMIT;
    let mut others = 0;
    loop {
        let answer = client.get(path).await;
        check(&answer, &[200, 503]);
        if answer.status == status {
            return others;
        }
        others += 1;
        assert!(Instant::now() < limit, "{path} still answers {}", answer.status);
        tokio::time::sleep(PAUSE).await;
    }
}

/// A database that is down is its own service's trouble only.
async fn assert_others_work(world: &World) {
    for path in [
        "/api/v2/sqlite/_table/employees/10001",
        "/api/v2/system/service?fields=name",
        "/ready",
    ] {
        let answer = world.admin.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

fn check(answer: &Answer, allowed: &[u16]) {
    let text = answer.text();
    assert!(
        allowed.contains(&answer.status),
        "answered {}: {text}",
        answer.status
    );
    if answer.status == 503 {
        assert!(!answer.header("retry-after").is_empty(), "not when to come back");
    }
    if answer.status >= 400 {
        let message = answer
            .json()
            .pointer("/error/message")
            .and_then(Value::as_str)
            .map(String::from);
        assert!(message.is_some_and(|m| m.contains(' ')), "no sentence: {text}");
        assert!(
            leak(&text, "").is_none(),
            "tells '{}': {text}",
            leak(&text, "").unwrap_or_default()
        );
    }
}

/// Requests one after another from several workers, all of which must be answered in order or with 503.
struct Load {
    end: Arc<AtomicBool>,
    workers: Vec<tokio::task::JoinHandle<(usize, Duration)>>,
}

impl Load {
    fn start(client: &Client, path: &str) -> Load {
        let end = Arc::new(AtomicBool::new(false));
        let worker = |_| {
            let (client, path, end) = (client.clone(), path.to_owned(), end.clone());
            tokio::spawn(async move {
                let (mut count, mut longest) = (0, Duration::ZERO);
                while !end.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    check(&client.get(&path).await, &[200, 503]);
                    longest = longest.max(began.elapsed());
                    count += 1;
                }
                (count, longest)
            })
        };
        let workers = (0..WORKERS).map(worker).collect();
        Load { end, workers }
    }

    /// The number of answers, and the longest time of one.
    async fn end(self) -> (usize, Duration) {
        self.end.store(true, Ordering::Relaxed);
        let (mut all, mut longest) = (0, Duration::ZERO);
        for worker in self.workers {
            let (count, slowest) = worker.await.expect("every answer was as it should be");
            assert!(count > 0);
            all += count;
            longest = longest.max(slowest);
        }
        (all, longest)
    }
}
