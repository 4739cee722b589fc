//! The program killed in the middle of writes: what was acknowledged is there, and nothing is there by halves.

use kit::{Client, Start};
use scenarios::world::World;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const WRITERS: usize = 4;
const CHILDREN: usize = 5;
/// Acknowledged records after which the program is killed.
const ENOUGH: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_written() {
    let servers = [kit::postgres(), kit::mariadb()].into_iter().flatten().collect();
    let mut world = World::start(servers, Start::default()).await;
    for signal in 0..2 {
        let mut acknowledged: Vec<(&'static str, HashSet<String>)> = Vec::new();
        let services: Vec<&'static str> = world.bases.iter().map(|base| base.service).collect();
        let done = Arc::new(AtomicUsize::new(0));
        let mut writers = Vec::new();
        for service in services {
            for writer in 0..WRITERS {
                let name = format!("kill {signal} {service} {writer}");
                writers.push((
                    service,
                    tokio::spawn(write(world.admin.clone(), service, name, done.clone())),
                ));
            }
        }
        while done.load(Ordering::SeqCst) < ENOUGH {
            tokio::task::yield_now().await;
        }
        // The writers are in the midst of it: each goes on until its connection breaks.
        world.program.restart("KILL");
        for (service, writer) in writers {
            acknowledged.push((service, writer.await.expect("a writer ends")));
        }
        let counts: Vec<String> = acknowledged
            .iter()
            .map(|(_, names)| names.len().to_string())
            .collect();
        kit::announce(&format!(
            "kill -9: acknowledged by each writer {}",
            counts.join(" ")
        ));
        world.admin = world.program.admin().await;
        check(&world, &acknowledged, signal).await;
    }
}

/// Writes records with children until the program is gone; gives the names that were acknowledged.
async fn write(
    client: Client,
    service: &'static str,
    name: String,
    done: Arc<AtomicUsize>,
) -> HashSet<String> {
    let mut acknowledged = HashSet::new();
    for n in 0.. {
        // Single records and whole batches in turn.
        let names: Vec<String> = (0..1 + n % 3).map(|i| format!("{name} {n}.{i}")).collect();
        let children: Vec<Value> = (0..CHILDREN)
            .map(|c| json!({"city": format!("city {c}")}))
            .collect();
        let record = |name: &String| json!({"name": name, "locations_by_supply_id": children});
        let body = json!({"resource": names.iter().map(record).collect::<Vec<_>>()}).to_string();
        let path = format!("/api/v2/{service}/_table/supplies?rollback={}", n % 2 == 0);
        let headers = [("Content-Type", "application/json")];
        match client.send("POST", &path, &headers, Some(body.as_bytes())).await {
            Ok(answer) if answer.status == 200 => acknowledged.extend(names),
            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
            Err(_) => break,
        }
        done.fetch_add(1, Ordering::SeqCst);
    }
    acknowledged
}

async fn check(world: &World, acknowledged: &[(&'static str, HashSet<String>)], signal: usize) {
    for base in &world.bases {
        let path = format!(
            "/api/v2/{}/_table/supplies?fields=name&related=locations_by_supply_id&limit=1000&filter=name like 'kill {signal} %25'",
            base.service
        );
        let answer = world.admin.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = answer.json();
        let rows = body["resource"].as_array().expect("a list");
        let mut stored = HashSet::new();
        for row in rows {
            let children = row["locations_by_supply_id"].as_array().map(Vec::len);
            assert_eq!(
                children,
                Some(CHILDREN),
                "{} is half written: {row}",
                base.service
            );
            stored.insert(row["name"].as_str().unwrap_or_default().to_owned());
        }
        for (_, names) in acknowledged
            .iter()
            .filter(|(service, _)| *service == base.service)
        {
            let lost: Vec<_> = names.difference(&stored).collect();
            assert!(lost.is_empty(), "{} lost {lost:?}", base.service);
        }
        kit::announce(&format!(
            "kill -9: {} holds {} records, none lost",
            base.service,
            stored.len()
        ));
    }
}
