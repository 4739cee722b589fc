//! Measures one database: the driver, the lean handler and the program in turn, shape by shape.

use crate::baseline::Baseline;
use crate::lean::Lean;
use crate::load::{CONCURRENCY, CROWD, Numbers, arriving, run, send};
use crate::setup::{Stage, Target};
use crate::shape::Shape;
use kit::Client;
use serde_json::Value;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// The numbers of one shape.
pub(crate) struct Line {
    pub(crate) shape: Shape,
    pub(crate) driver: Numbers,
    pub(crate) lean: Numbers,
    pub(crate) program: Numbers,
    /// The program at half of that rate, requests arriving whether or not others were answered.
    pub(crate) half: Numbers,
    /// The lean handler at the same rate: what the machine and the load themselves make of it.
    pub(crate) lean_half: Numbers,
    /// The program with 64 connections.
    pub(crate) crowded: Numbers,
}

/// The numbers of one database.
pub(crate) struct Section {
    pub(crate) service: &'static str,
    pub(crate) label: String,
    pub(crate) driver: &'static str,
    pub(crate) lines: Vec<Line>,
    /// Memory of the program after the load.
    pub(crate) memory: u64,
}

impl Section {
    /// The program's numbers of a shape.
    pub(crate) fn numbers(&self, shape: Shape) -> Option<Numbers> {
        self.lines
            .iter()
            .find(|line| line.shape == shape)
            .map(|line| line.program)
    }
}

/// How often each rate is measured, the three ways in turn: a machine that is shared is not the same for long.
pub(crate) const ROUNDS: usize = 3;
/// How often latency is measured.
pub(crate) const WINDOWS: usize = 11;

/// How long latency is measured each time, where a rate is measured for `time`. Short: a stall of the machine of some
/// milliseconds fills the last hundredth of a second, so that a second with one tells of the machine alone.
pub(crate) fn window(time: Duration) -> Duration {
    time / 8
}

/// The one in the middle by a figure.
fn middle<T>(mut all: Vec<T>, figure: impl Fn(&T) -> f64) -> T {
    all.sort_by(|a, b| figure(a).total_cmp(&figure(b)));
    all.swap_remove(all.len() / 2)
}

/// Measures a database.
pub(crate) async fn database(
    stage: &Stage,
    target: &Target,
    shapes: &[Shape],
    time: Duration,
) -> Result<Section, String> {
    let baseline = Arc::new(Baseline::connect(&target.place, CONCURRENCY).await?);
    let lean = Lean::start(&target.place)?;
    let lean_client = Client::new(lean.address);
    let mut lines = Vec::new();
    for &shape in shapes {
        eprintln!("measuring {}: {}", target.label, shape.name());
        compare(stage, target, &baseline, &lean_client, shape).await?;
        let service = target.service;
        let request = move |n| program_request(service, shape, n);
        let bare = move |n| lean_request(shape, n);
        let (id, lean_id) = (stage.program.id(), lean.id());
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let own = baseline.clone();
            let driver = run(CONCURRENCY, time, std::process::id(), move |n| {
                let own = own.clone();
                async move { own.answer(shape, n).await.map(drop) }
            });
            let driver = driver.await?;
            let lean = over_http(&lean_client, lean_id, time, CONCURRENCY, bare).await?;
            let program = over_http(&stage.client, id, time, CONCURRENCY, request).await?;
            rounds.push((driver, lean, program));
        }
        let (driver, lean, program) = middle(rounds, |(_, lean, program)| program.rate / lean.rate);
        let rate = program.rate / 2.0;
        let (mut halves, mut lean_halves) = (Vec::new(), Vec::new());
        for _ in 0..WINDOWS {
            halves.push(arriving(rate, window(time), id, sending(&stage.client, request)).await?);
            lean_halves.push(arriving(rate, window(time), lean_id, sending(&lean_client, bare)).await?);
        }
        let (half, lean_half) = (
            middle(halves, Numbers::spread),
            middle(lean_halves, Numbers::spread),
        );
        let crowded = over_http(&stage.client, id, time / 2, CROWD, request).await?;
        lines.push(Line {
            shape,
            driver,
            lean,
            program,
            half,
            lean_half,
            crowded,
        });
    }
    let memory = stage.program.memory();
    Ok(Section {
        service: target.service,
        label: target.label.clone(),
        driver: baseline.driver(),
        lines,
        memory,
    })
}

pub(crate) type Request = (&'static str, String, Option<String>);

pub(crate) async fn over_http(
    client: &Client,
    process: u32,
    time: Duration,
    workers: usize,
    request: impl Fn(u64) -> Request + Clone + Send + 'static,
) -> Result<Numbers, String> {
    run(workers, time, process, sending(client, request)).await
}

pub(crate) type Sent = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

pub(crate) fn sending(
    client: &Client,
    request: impl Fn(u64) -> Request + Clone + Send + 'static,
) -> impl Fn(u64) -> Sent + Clone + Send + 'static {
    let client = client.clone();
    move |n| {
        let (client, request) = (client.clone(), request.clone());
        Box::pin(async move {
            let (method, path, body) = request(n);
            send(&client, method, &path, body.as_deref()).await.map(drop)
        })
    }
}

pub(crate) fn lean_request(shape: Shape, n: u64) -> Request {
    let at = Shape::ALL.iter().position(|s| *s == shape).unwrap_or_default();
    let (method, _, body) = shape.request(n);
    (method, format!("/{at}/{n}"), body)
}

pub(crate) fn program_request(service: &str, shape: Shape, n: u64) -> Request {
    let (method, path, body) = shape.request(n);
    (method, format!("/api/v2/{service}/_table/{path}"), body)
}

/// Fails unless all three ways answer the same: faster and wrong would not be faster.
async fn compare(
    stage: &Stage,
    target: &Target,
    own: &Baseline,
    lean: &Client,
    shape: Shape,
) -> Result<(), String> {
    for n in [0, 7] {
        let driver = rows(shape, &own.answer(shape, n).await?)?;
        let (method, path, body) = lean_request(shape, n);
        let lean = rows(shape, &send(lean, method, &path, body.as_deref()).await?)?;
        let (method, path, body) = program_request(target.service, shape, n);
        let program = rows(shape, &send(&stage.client, method, &path, body.as_deref()).await?)?;
        if driver != lean || driver != program {
            let brief = |value: &Value| value.to_string().chars().take(300).collect::<String>();
            let (driver, program) = (brief(&driver), brief(&program));
            return Err(format!(
                "{}: answers differ\ndriver:      {driver}\nDreamwright: {program}",
                shape.name()
            ));
        }
    }
    Ok(())
}

/// The answer in a form that can be compared: no ids of new rows, no order among children, no `meta`.
fn rows(shape: Shape, body: &[u8]) -> Result<Value, String> {
    let mut value: Value = serde_json::from_slice(body).map_err(|e| format!("{}: {e}", shape.name()))?;
    if let Some(rows) = value.get_mut("resource").map(Value::take) {
        value = rows;
    }
    for row in value.as_array_mut().into_iter().flatten() {
        if shape == Shape::Insert && row["id"].is_number() {
            row["id"] = Value::Null;
        }
        if let Some(children) = row.get_mut("salaries_by_emp_no").and_then(Value::as_array_mut) {
            children.sort_by_key(Value::to_string);
        }
    }
    Ok(value)
}
