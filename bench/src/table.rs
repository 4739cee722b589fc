//! The result as Markdown, with the conditions under which it was found.

use crate::load::{CONCURRENCY, Numbers};
use crate::measure::Section;
use crate::setup::Stage;
use std::fmt;
use std::time::Duration;

/// The results of a run.
pub(crate) struct Table {
    conditions: String,
    starts: [Duration; 2],
    idle: u64,
    loaded: u64,
    binary: u64,
    sections: Vec<Section>,
}

impl Table {
    /// Notes the conditions and what is known before the load.
    pub(crate) async fn begin(stage: &mut Stage, time: Duration) -> Table {
        let binary = std::fs::metadata(kit::program::binary()).map_or(0, |m| m.len());
        let (starts, idle) = (stage.starts, stage.idle);
        Table {
            conditions: conditions(time),
            starts,
            idle,
            loaded: 0,
            binary,
            sections: Vec::new(),
        }
    }

    /// Adds a database.
    pub(crate) fn add(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// Notes what is known after the load.
    pub(crate) fn end(&mut self, stage: &Stage) {
        self.loaded = stage.program.memory();
    }
}

fn conditions(time: Duration) -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("unknown processor");
    let model = model.trim_start_matches([' ', '\t', ':']).to_owned();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{cores} cores ({model}), everything on one machine: databases, the program and the load. {CONCURRENCY} connections \
         kept alive, each with one request under way; {:.1} s a cell after a warm-up. 1,000 employees, 2,022 salaries. Each request over HTTP \
         carries an API key whose role has a row filter on every table; the drivers run the same condition. \
         PostgreSQL and MariaDB without fsync, SQLite with WAL. Processor time is that of the serving process.",
        time.as_secs_f32()
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
        let [first, again] = self.starts;
        writeln!(f, "| program | |\n|---|---:|")?;
        writeln!(
            f,
            "| start to first answer, new data folder | {} ms |",
            first.as_millis()
        )?;
        writeln!(f, "| start to first answer, again | {} ms |", again.as_millis())?;
        writeln!(f, "| memory, idle | {} |", mib(self.idle))?;
        writeln!(f, "| memory, after the load | {} |", mib(self.loaded))?;
        writeln!(f, "| binary | {} |", mib(self.binary))?;
        for section in &self.sections {
            writeln!(f, "\n### {} ({})\n", section.label, section.driver)?;
            writeln!(
                f,
                "| request | driver alone /s | lean HTTP /s | Dreamwright /s | of driver | of lean | p50 ms | p99 ms \
                 | CPU µs: driver | lean | Dreamwright | 16 conn. /s | p99 ms |"
            )?;
            writeln!(
                f,
                "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
            )?;
            for line in &section.lines {
                let (driver, lean, program) = (line.driver, line.lean, line.program);
                writeln!(
                    f,
                    "| {} | {:.0} | {:.0} | {:.0} | {} | {} | {} | {} | {} | {} | {} | {:.0} | {} |",
                    line.shape.name(),
                    driver.rate,
                    lean.rate,
                    program.rate,
                    part(program, driver),
                    part(program, lean),
                    ms(program.median),
                    ms(program.p99),
                    micros(driver.processor),
                    micros(lean.processor),
                    micros(program.processor),
                    line.crowded.rate,
                    ms(line.crowded.p99),
                )?;
            }
            writeln!(
                f,
                "\nMemory of the program after this load: {}.",
                mib(section.memory)
            )?;
        }
        Ok(())
    }
}
