//! The result as Markdown, with the conditions under which it was found.

use crate::beside::Beside;
use crate::load::{CONCURRENCY, Numbers};
use crate::machine::{self, Stalls};
use crate::measure::{Line, ROUNDS, Section, WINDOWS, window};
use crate::memory::Growth;
use crate::nested;
use crate::peer::{Peer, Peers};
use crate::setup::Stage;
use crate::shape::Shape;
use std::fmt;
use std::time::Duration;

/// Processor time of the original for the same requests, measured on the same kind of machine.
const ORIGINAL: [(&str, Shape, f64); 2] = [
    ("mysql", Shape::Page, 16_000.0),
    ("pgsql", Shape::Thousand, 35_000.0),
];

/// The results of a run.
#[derive(Default)]
pub(crate) struct Table {
    conditions: String,
    starts: [Duration; 2],
    /// Start with a hundred services and a thousand roles, and the memory then.
    pub(crate) many: (Duration, u64),
    idle: u64,
    /// Memory after the load.
    pub(crate) loaded: u64,
    /// Most memory with 64 readers.
    pub(crate) crowd: u64,
    binary: u64,
    /// What large exports and imports took, by database.
    pub(crate) growth: Vec<(String, Vec<Growth>)>,
    /// The databases.
    pub(crate) sections: Vec<Section>,
    /// Small reads beside exports.
    pub(crate) beside: Vec<Beside>,
    /// Related records two ways.
    pub(crate) nested: Vec<nested::Line>,
    /// Other servers on the same data.
    pub(crate) peers: Peers,
}

impl Table {
    /// Notes the conditions and what is known before the load.
    pub(crate) async fn begin(stage: &mut Stage, time: Duration) -> Table {
        Table {
            conditions: conditions(time),
            starts: stage.starts,
            idle: stage.idle,
            binary: std::fs::metadata(kit::program::binary()).map_or(0, |m| m.len()),
            ..Table::default()
        }
    }
}

fn conditions(time: Duration) -> String {
    let (cores, model, stalls) = (machine::cores(), machine::model(), Stalls::watch());
    format!(
        "{cores} cores ({model}), everything on one machine: databases, the program and the load. {CONCURRENCY} connections \
         kept alive, each with one request under way; {:.1} s a cell after a warm-up, the rates {ROUNDS} times in turn and the \
         latencies {WINDOWS} times for {:.2} s: the one in the middle is shown. 1,000 employees, 2,022 salaries. Each request \
         over HTTP carries an API key whose role has a row filter on every table; the drivers run the same condition. \
         PostgreSQL and MariaDB without fsync, SQLite with WAL. Processor time is that of the serving process. Left to itself, \
         the machine kept threads that only run from running for {:.1} % of the time, {} ms at most.",
        time.as_secs_f32(),
        window(time).as_secs_f32(),
        100.0 * stalls.part,
        ms(stalls.longest),
    )
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / 1024.0 / 1024.0)
}

fn ms(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1000.0)
}

fn micros(time: Duration) -> String {
    format!("{}", time.as_micros())
}

fn part(whole: Numbers, of: Numbers) -> String {
    format!("{:.0} %", 100.0 * whole.rate / of.rate.max(f64::MIN_POSITIVE))
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.conditions)?;
        self.program(f)?;
        for section in &self.sections {
            writeln!(f, "\n### {} ({})\n", section.label, section.driver)?;
            let head = "| request | driver alone /s | lean HTTP /s | Dreamwright /s | of driver | of lean | CPU µs: driver \
                        | lean | Dreamwright | half rate: p50 ms | p99 ms | p99 / p50 | lean there | 64 conn. /s | p99 ms |";
            heading(f, head)?;
            for line in &section.lines {
                self::line(f, line)?;
            }
            writeln!(
                f,
                "\nMemory of the program after this load: {}.",
                mib(section.memory)
            )?;
        }
        self.beside(f)?;
        self.nested(f)?;
        self.peers(f)?;
        self.original(f)
    }
}

/// The head of a table and the line below it, with numbers at the right.
fn heading(f: &mut fmt::Formatter<'_>, head: &str) -> fmt::Result {
    let columns = head.matches('|').count() - 2;
    writeln!(f, "{head}\n|---|{}", "---:|".repeat(columns))
}

fn line(f: &mut fmt::Formatter<'_>, line: &Line) -> fmt::Result {
    let (driver, lean, program, half) = (line.driver, line.lean, line.program, line.half);
    writeln!(
        f,
        "| {} | {:.0} | {:.0} | {:.0} | {} | {} | {} | {} | {} | {} | {} | {:.1} | {:.1} | {:.0} | {} |",
        line.shape.name(),
        driver.rate,
        lean.rate,
        program.rate,
        part(program, driver),
        part(program, lean),
        micros(driver.processor),
        micros(lean.processor),
        micros(program.processor),
        ms(half.median),
        ms(half.p99),
        half.spread(),
        line.lean_half.spread(),
        line.crowded.rate,
        ms(line.crowded.p99),
    )
}

impl Table {
    fn program(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, again] = self.starts;
        let (many, with_many) = self.many;
        heading(f, "| program | |")?;
        let starts = [
            ("start to first answer, new data folder", first),
            ("start to first answer, again", again),
            ("the same with 100 services and 1,000 roles", many),
        ];
        for (what, time) in starts {
            writeln!(f, "| {what} | {} ms |", time.as_millis())?;
        }
        let sizes = [
            ("memory, idle", self.idle),
            ("memory, idle with 100 services and 1,000 roles", with_many),
            ("memory, after the load", self.loaded),
            ("memory, 64 readers at a time, at most", self.crowd),
            ("binary", self.binary),
        ];
        for (what, bytes) in sizes {
            writeln!(f, "| {what} | {} |", mib(bytes))?;
        }
        for (database, growth) in &self.growth {
            for Growth { what, bytes, took } in growth {
                let took = took.as_secs_f32();
                writeln!(
                    f,
                    "| {database}: memory more during {what} ({took:.1} s) | {} |",
                    mib(*bytes)
                )?;
            }
        }
        Ok(())
    }

    fn beside(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.beside.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n### Small reads beside an export\n")?;
        let head = "| one row by key, 200 a second | alone: p50 ms | p99 ms | beside 25 MB/s: p50 ms | p99 ms | ratio of p50 \
                    | beside one at full speed: p50 ms | p99 ms | ratio of p50 | its MB/s |";
        heading(f, head)?;
        for found in &self.beside {
            for (who, reads) in [("Dreamwright", &found.program), ("lean handler", &found.lean)] {
                let ratio = |other: Numbers| other.median.as_secs_f64() / reads.alone.median.as_secs_f64();
                writeln!(
                    f,
                    "| {}: {who} | {} | {} | {} | {} | {:.2} | {} | {} | {:.2} | {} |",
                    found.label,
                    ms(reads.alone.median),
                    ms(reads.alone.p99),
                    ms(reads.paced.median),
                    ms(reads.paced.p99),
                    ratio(reads.paced),
                    ms(reads.greedy.median),
                    ms(reads.greedy.p99),
                    ratio(reads.greedy),
                    reads.speed / 1_000_000,
                )?;
            }
        }
        Ok(())
    }

    fn nested(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nested.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n### Related records: one statement more, or one in all\n")?;
        let head = "| bare driver, one connection | batched: p50 µs | CPU µs here | in the database | nested: p50 µs \
                    | CPU µs here | in the database | p50 | CPU of both |";
        heading(f, head)?;
        for nested::Line {
            database,
            what,
            batched,
            nested,
        } in &self.nested
        {
            let sum = |cost: &nested::Cost| (cost.client + cost.server).as_secs_f64();
            writeln!(
                f,
                "| {database}: {what} | {} | {} | {} | {} | {} | {} | {:.2} | {:.2} |",
                micros(batched.median),
                micros(batched.client),
                micros(batched.server),
                micros(nested.median),
                micros(nested.client),
                micros(nested.server),
                nested.median.as_secs_f64() / batched.median.as_secs_f64(),
                sum(nested) / sum(batched),
            )?;
        }
        Ok(())
    }

    fn peers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Peers { measured, left_out } = &self.peers;
        if !measured.is_empty() {
            writeln!(f, "\n### Other servers on the same data\n")?;
            let head = "| server, request | its rate /s | Dreamwright /s | ratio | its CPU µs | Dreamwright | ratio | its memory |";
            heading(f, head)?;
        }
        for peer in measured {
            self.peer(f, peer)?;
        }
        if !measured.is_empty() {
            writeln!(f, "\nThey ask for no key and filter no rows.")?;
        }
        for reason in left_out {
            writeln!(f, "\nLeft out: {reason}.")?;
        }
        Ok(())
    }

    fn peer(&self, f: &mut fmt::Formatter<'_>, peer: &Peer) -> fmt::Result {
        let own = self.sections.iter().find(|s| s.service == peer.service);
        for (shape, its) in &peer.lines {
            let ours = own.and_then(|s| s.numbers(*shape)).unwrap_or_default();
            let processor = its.processor.as_secs_f64() / ours.processor.as_secs_f64();
            writeln!(
                f,
                "| {} on {}: {} | {:.0} | {:.0} | {:.1} × | {} | {} | {processor:.1} × | {} |",
                peer.name,
                peer.label,
                shape.name(),
                its.rate,
                ours.rate,
                ours.rate / its.rate,
                micros(its.processor),
                micros(ours.processor),
                mib(peer.memory)
            )?;
        }
        Ok(())
    }

    fn original(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n### The original\n")?;
        heading(f, "| request | its CPU µs | Dreamwright | ratio |")?;
        for (service, shape, its) in ORIGINAL {
            let own = self.sections.iter().find(|s| s.service == service);
            let Some(ours) = own.and_then(|s| s.numbers(shape)) else {
                continue;
            };
            let micros = ours.processor.as_secs_f64() * 1e6;
            writeln!(
                f,
                "| {service}: {} | {its:.0} | {micros:.0} | {:.0} × |",
                shape.name(),
                its / micros
            )?;
        }
        writeln!(
            f,
            "\nIts figure for the first line was measured with 10 rows, ours with 25."
        )
    }
}
