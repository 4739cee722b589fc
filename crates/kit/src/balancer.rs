//! A real load balancer (HAProxy) on a free port, before several nodes.

use crate::guard::{Guarded, Process};
use crate::{Client, free_port, installed};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Header of answers that names the node: `n0`, `n1` …
pub const NODE: &str = "x-node";
/// Longest wait for it to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running balancer. It gives calls to the nodes in turn, asks them for `/ready` ten times a second, and calls another
/// node when one accepts no connection; reads also when one ends without an answer.
#[derive(Debug)]
pub struct Balancer {
    folder: PathBuf,
    address: SocketAddr,
    process: Process,
}

impl Balancer {
    /// Starts one before nodes, and waits until it answers. None, with a `SKIPPED` line, when it is not installed.
    pub async fn before(nodes: &[SocketAddr]) -> Option<Balancer> {
        let Some(program) = installed("haproxy") else {
            crate::announce("SKIPPED load balancer: 'haproxy' is not installed");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("dw-balancer-").tempdir();
        let folder = folder.expect("a temporary folder can be made").keep();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let configuration = folder.join("haproxy.cfg");
        let control = folder.join("control").display().to_string();
        let servers = nodes.iter().enumerate();
        let servers: String = servers
            .map(|(at, node)| format!("    server n{at} {node}\n"))
            .collect();
        let text = format!(
            "global\n    stats socket {control} level admin\n\
             defaults\n    mode http\n    timeout connect 5s\n    timeout client 60s\n    timeout server 60s\n    \
             retries 5\n    option redispatch 1\n    retry-on conn-failure empty-response\n\
             frontend calls\n    bind {address}\n    http-request disable-l7-retry unless METH_GET\n    \
             default_backend nodes\n\
             backend nodes\n    balance roundrobin\n    option httpchk GET /ready\n    http-check expect status 200\n    \
             http-response set-header {NODE} %s\n    default-server check inter 100ms fall 1 rise 1\n{servers}"
        );
        std::fs::write(&configuration, text).expect("a temporary folder can be written");
        let command = [program.display().to_string(), "-db".into(), "-f".into()];
        let process = Process::start(&Guarded {
            command: command
                .into_iter()
                .chain([configuration.display().to_string()])
                .collect(),
            environment: &[],
            forget: &["HAPROXY"],
            log: &folder.join("log"),
            folder: &folder,
            signal: "KILL",
        });
        let balancer = Balancer {
            folder,
            address,
            process,
        };
        let limit = Instant::now() + START_LIMIT;
        while !balancer.answers().await {
            if !balancer.process.running() || Instant::now() > limit {
                panic!("haproxy did not start: {}", balancer.process.output());
            }
            tokio::task::yield_now().await;
        }
        Some(balancer)
    }

    /// A client that calls through it.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Gives a node no more calls; it finishes those that it has.
    pub fn drain(&self, node: usize) {
        assert_eq!(self.order(&format!("set server nodes/n{node} state drain")), "");
    }

    /// Gives calls to a node again, which may be somewhere else now.
    pub fn resume(&self, node: usize, address: SocketAddr) {
        let (ip, port) = (address.ip(), address.port());
        let answer = self.order(&format!("set server nodes/n{node} addr {ip} port {port}"));
        assert!(answer.contains("changed"), "{address}: {answer}");
        assert_eq!(self.order(&format!("set server nodes/n{node} state ready")), "");
    }

    fn order(&self, order: &str) -> String {
        let mut control =
            UnixStream::connect(self.folder.join("control")).expect("the balancer takes orders");
        control
            .write_all(format!("{order}\n").as_bytes())
            .expect("an order can be sent");
        let mut answer = String::new();
        control.read_to_string(&mut answer).expect("an order is answered");
        answer.trim().to_owned()
    }

    async fn answers(&self) -> bool {
        let answer = self.client().send("GET", "/ready", &[], None).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.process.end("KILL");
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
