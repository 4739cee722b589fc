//! Measures Dreamwright against the bare drivers on the same queries, data and machine.
//!
//! Invariants: one run starts everything itself — servers, data, the program — and measures three ways to the
//! same rows in turn: the driver alone in this process, a lean HTTP handler over the driver, and Dreamwright over HTTP
//! with an API key and a row filter. Before anything is timed, the three answers are compared.

mod baseline;
mod beside;
mod json;
mod lean;
mod load;
mod machine;
mod measure;
mod memory;
mod nested;
mod peer;
mod setup;
mod shape;
mod start;
mod table;
mod train;

use setup::Stage;
use shape::Shape;
use std::time::Duration;

const USAGE: &str = "\
bench: Dreamwright against the bare drivers.

  --seconds N     time of each measurement (default 2)
  --only A,B      only these databases: sqlite, postgres, mariadb
  --shapes A,B    only these requests: one, page, thousand, related, insert
  --parts A,B     only these parts: load, memory, beside, nested, peers, start
  --output FILE   write the table there, too
  --serve         measure nothing: start everything, tell what a profiler needs, wait for the end of the input
  --train         measure nothing: be the load that a release learns from (scripts/release)
";

/// What to measure.
struct Options {
    time: Duration,
    only: Vec<String>,
    shapes: Vec<Shape>,
    parts: Vec<String>,
    output: Option<String>,
    serve: bool,
    train: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        time: Duration::from_secs(2),
        only: Vec::new(),
        shapes: Shape::ALL.to_vec(),
        parts: Vec::new(),
        output: None,
        serve: false,
        train: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let flag = match argument.as_str() {
            "--serve" => Some(&mut options.serve),
            "--train" => Some(&mut options.train),
            _ => None,
        };
        if let Some(flag) = flag {
            *flag = true;
            continue;
        }
        let value = arguments.next().ok_or(USAGE)?;
        match argument.as_str() {
            "--seconds" => options.time = Duration::from_secs_f32(value.parse().map_err(|_| USAGE)?),
            "--only" => options.only = value.split(',').map(String::from).collect(),
            "--shapes" => options.shapes = shapes(&value).ok_or(USAGE)?,
            "--parts" => options.parts = value.split(',').map(String::from).collect(),
            "--output" => options.output = Some(value),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(options)
}

fn shapes(names: &str) -> Option<Vec<Shape>> {
    let named = |name| Shape::ALL.into_iter().find(|shape| shape.option() == name);
    names.split(',').map(named).collect()
}

impl Options {
    /// Whether a part of the run is wanted.
    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }
}

fn main() -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| e.to_string())?;
    // The lean handler is this program again, in a process of its own, so that its processor time can be told.
    if std::env::args().nth(1).as_deref() == Some(lean::COMMAND) {
        return runtime.block_on(lean::serve(std::env::args().nth(2).unwrap_or_default()));
    }
    let options = options()?;
    runtime.block_on(run(options))
}

async fn run(options: Options) -> Result<(), String> {
    let (shapes, time) = (&options.shapes, options.time);
    let mut stage = Stage::set(&options.only).await?;
    if options.serve {
        return serve(&stage);
    }
    if options.train {
        return train::run(stage, time).await;
    }
    let mut table = table::Table::begin(&mut stage, time).await;
    for database in stage.databases.iter().filter(|_| options.wants("load")) {
        table
            .sections
            .push(measure::database(&stage, database, shapes, time).await?);
    }
    table.loaded = stage.program.memory();
    if options.wants("memory") {
        table.crowd = memory::crowd(&stage, time).await?;
        for database in &stage.databases {
            let growth = memory::growth(&stage, database).await?;
            table.growth.push((database.label.clone(), growth));
        }
    }
    for database in stage.databases.iter().filter(|_| options.wants("beside")) {
        table.beside.push(beside::database(&stage, database, time).await?);
    }
    for database in stage.databases.iter().filter(|_| options.wants("nested")) {
        table.nested.extend(nested::database(database, time).await?);
    }
    if options.wants("peers") {
        table.peers = peer::all(&stage, shapes, time).await;
    }
    if options.wants("start") {
        table.many = start::with_many().await?;
    }
    println!("\n{table}");
    if let Some(file) = options.output {
        std::fs::write(&file, table.to_string()).map_err(|e| format!("{file}: {e}"))?;
        println!("written to {file}");
    }
    Ok(())
}

/// Leaves the stage up for a profiler: writes a request of each shape as a line, with the process that serves it.
fn serve(stage: &Stage) -> Result<(), String> {
    let key = stage
        .client
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    println!("process {} at {}", stage.program.id(), stage.program.base());
    println!("{}", key.collect::<Vec<_>>().join("\n"));
    for database in &stage.databases {
        for shape in Shape::ALL {
            let (method, path, body) = measure::program_request(database.service, shape, 1);
            println!("{method} {path} {}", body.unwrap_or_default());
        }
    }
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).map_err(|e| e.to_string())?;
    Ok(())
}
