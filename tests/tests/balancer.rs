//! Three nodes behind a real load balancer: what one is told counts on all, and none of them is missed.

use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use kit::{Balancer, Client, Engine, Program, Server};
use scenarios::nodes::node;
use scenarios::world::{KEY, TOKEN};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Within which a change must count on every node.
const SOON: Duration = Duration::from_secs(1);
/// Longest wait for the balancer to notice that a node has come.
const PATIENCE: Duration = Duration::from_secs(30);
const WORKERS: usize = 4;
/// Answers that the workers wait for in each of several moments.
const SOME: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_are_one_instance_and_none_is_missed() {
    let Some(server) = Server::own(Engine::Postgres) else {
        return;
    };
    let database = server.database("system");
    let mut nodes: Vec<Program> = (0..3).map(|_| node(&database)).collect();
    let addresses: Vec<_> = nodes.iter().map(Program::address).collect();
    let Some(balancer) = Balancer::before(&addresses).await else {
        return;
    };

    let login = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let session = balancer
        .client()
        .post("/api/v2/system/admin/session", &login)
        .await
        .json();
    let token = session["session_token"]
        .as_str()
        .expect("the administrator logs in");
    let admin = balancer.client().with(TOKEN, token);
    let (role, key) = reader(&admin).await;
    let keyed = balancer.client().with(KEY, &key);
    everywhere(&keyed, 200, 3, PATIENCE).await;
    let path = format!("/api/v2/system/role/{role}");
    let changed = admin
        .call("PATCH", &path, Some(&json!({"is_active": false})))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    everywhere(&keyed, 403, 3, SOON).await;
    let changed = admin
        .call("PATCH", &path, Some(&json!({"is_active": true})))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    everywhere(&keyed, 200, 3, SOON).await;

    // One node is killed: whoever reads does not notice.
    let load = Load::start(&balancer, token, false);
    load.more().await;
    nodes[0].end("KILL");
    load.more().await;
    load.end().await;
    everywhere(&keyed, 200, 2, PATIENCE).await;
    nodes[0] = node(&database);
    balancer.resume(0, nodes[0].address());
    everywhere(&keyed, 200, 3, PATIENCE).await;

    // All of them are replaced, one after the other, while others read and write: nothing is lost.
    let load = Load::start(&balancer, token, true);
    for (place, node) in nodes.iter_mut().enumerate() {
        load.more().await;
        balancer.drain(place);
        node.restart("TERM");
        balancer.resume(place, node.address());
        load.more().await;
    }
    let written = load.end().await;
    kit::announce(&format!(
        "rolling restart of three nodes: {} written, 0 failed",
        written.len()
    ));
    let stored = admin
        .get("/api/v2/system/lookup?fields=name&limit=100000")
        .await
        .json();
    let stored = stored["resource"].as_array().cloned().unwrap_or_default();
    let stored: BTreeSet<String> = stored
        .iter()
        .filter_map(|row| row["name"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(stored, written);
}

/// A role that may read roles, and the key of an app with it.
async fn reader(admin: &Client) -> (Value, String) {
    let create = async |resource: &str, record: Value| {
        let path = format!("/api/v2/system/{resource}?fields=*");
        let answer = admin.post(&path, &json!({ "resource": [record] })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["resource"][0].clone()
    };
    let access = json!([{"service_id": 1, "component": "role/*", "verb_mask": 1, "requestor_mask": 3}]);
    let role = json!({"name": "reader", "is_active": true, "role_service_access_by_role_id": access});
    let role = create("role", role).await["id"].clone();
    let app = create("app", json!({"name": "app", "is_active": true, "role_id": role})).await;
    (role, app["api_key"].as_str().unwrap_or_default().to_owned())
}

/// Calls until as many nodes as there are answer with a status, and none with another.
async fn everywhere(client: &Client, status: u16, nodes: usize, limit: Duration) {
    let began = Instant::now();
    loop {
        let mut answered = BTreeSet::new();
        // In turn: as many calls reach every node twice.
        for _ in 0..nodes * 2 {
            let answer = client.get("/api/v2/system/role").await;
            if answer.status == status {
                answered.insert(answer.header("x-node").to_owned());
            } else {
                answered.clear();
            }
        }
        if answered.len() == nodes {
            return;
        }
        assert!(began.elapsed() < limit, "only {answered:?} answer with {status}");
    }
}

/// Clients that call again and again; a call that fails is a failed test.
struct Load {
    workers: Vec<tokio::task::JoinHandle<Vec<String>>>,
    answered: Arc<AtomicUsize>,
    end: Arc<AtomicBool>,
}

impl Load {
    fn start(balancer: &Balancer, token: &str, writes: bool) -> Load {
        let answered = Arc::new(AtomicUsize::new(0));
        let end = Arc::new(AtomicBool::new(false));
        let workers = (0..WORKERS).map(|worker| {
            let client = balancer.client().with(TOKEN, token);
            let (answered, end) = (Arc::clone(&answered), Arc::clone(&end));
            tokio::spawn(async move {
                let mut written = Vec::new();
                while !end.load(Ordering::Relaxed) {
                    let read = client.get("/api/v2/system/role").await;
                    assert_eq!(read.status, 200, "{}", read.text());
                    if writes {
                        let name = format!("w{worker}.{}", written.len());
                        let record = json!({"resource": [{"name": name, "value": "1"}]});
                        let write = client.post("/api/v2/system/lookup", &record).await;
                        assert_eq!(write.status, 201, "{}", write.text());
                        written.push(name);
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                written
            })
        });
        Load {
            workers: workers.collect(),
            answered,
            end,
        }
    }

    /// Waits for some more answers.
    async fn more(&self) {
        let until = self.answered.load(Ordering::Relaxed) + SOME;
        while self.answered.load(Ordering::Relaxed) < until {
            assert!(
                !self.workers.iter().any(|worker| worker.is_finished()),
                "a call failed"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends it; gives the names of what was written.
    async fn end(self) -> BTreeSet<String> {
        self.end.store(true, Ordering::Relaxed);
        let mut written = BTreeSet::new();
        for worker in self.workers {
            written.extend(worker.await.expect("no call fails"));
        }
        written
    }
}
