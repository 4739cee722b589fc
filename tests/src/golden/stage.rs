//! Everything a replay needs, started once: databases, the program, the set-up.

use super::files::{Area, Names, folder, load_areas, load_pairs, load_reasons};
use super::replay::replay;
use super::report::Report;
use super::setup::{Place, Session};
use kit::Database;
use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD, Program};
use std::collections::BTreeSet;
use std::time::Instant;

/// Name of the demonstration database everywhere.
const DATABASE: &str = "employees_demo";
const SQLITE: &str = "employees_demo.sqlite";

/// The running program with its databases.
pub struct Stage {
    /// The program.
    pub program: Program,
    /// The administrator's session and the placeholder values.
    pub session: Session,
    mysql: Option<Database>,
    pgsql: Option<Database>,
}

impl Stage {
    /// Starts the databases and the program, loads the fixtures and makes what the pairs expect.
    pub async fn set() -> Result<Stage, String> {
        // The servers start while the program is built and started.
        let servers = std::thread::spawn(|| {
            let mariadb = std::thread::spawn(kit::mariadb);
            let pgsql = kit::postgres().map(|s| s.database_named(DATABASE));
            let mysql = mariadb
                .join()
                .expect("MariaDB starts")
                .map(|s| s.database_named(DATABASE));
            (mysql, pgsql)
        });
        let program = Program::start();
        let (mysql, pgsql) = servers
            .join()
            .map_err(|_| "a database server did not start".to_owned())?;
        let session = Session::open(&program.client(), ADMIN_EMAIL, ADMIN_PASSWORD).await?;
        let mut stage = Stage {
            program,
            session,
            mysql,
            pgsql,
        };
        stage.reset(&["mysql", "pgsql", "sqlite"].map(String::from).into());
        let (mysql, pgsql) = (Place::of(stage.mysql.as_ref()), Place::of(stage.pgsql.as_ref()));
        stage.session.prepare(mysql, pgsql, SQLITE).await?;
        Ok(stage)
    }

    /// Whether the server of a database (`mysql`, `pgsql`, `sqlite`) is there.
    pub fn has(&self, database: &str) -> bool {
        match database {
            "mysql" => self.mysql.is_some(),
            "pgsql" => self.pgsql.is_some(),
            _ => true,
        }
    }

    /// Loads the fixtures of these databases afresh.
    pub fn reset(&self, databases: &BTreeSet<String>) {
        let fixtures = folder().join("fixtures");
        std::thread::scope(|scope| {
            for (name, database) in [("mysql", &self.mysql), ("pgsql", &self.pgsql)] {
                if let Some(database) = database.as_ref().filter(|_| databases.contains(name)) {
                    let file = fixtures.join(format!("{name}.sql"));
                    scope.spawn(move || database.load(&file));
                }
            }
            if databases.contains("sqlite") {
                crate::world::load_sqlite(&self.program.databases().join(SQLITE));
            }
        });
    }

    /// Replays these areas, in the order of `areas.json`; none means all.
    pub async fn replay(
        &mut self,
        chosen: &[String],
        mut each: impl FnMut(&Report),
    ) -> Result<Vec<Report>, String> {
        let mut reports = Vec::new();
        let mut dirty: BTreeSet<String> = BTreeSet::new();
        let reasons = load_reasons();
        let folders = [self.program.data().display().to_string()];
        for area in load_areas()
            .into_iter()
            .filter(|a| chosen.is_empty() || chosen.contains(&a.name))
        {
            if let Some(absent) = needs(&area).find(|database| !self.has(database)) {
                kit::announce(&format!("SKIPPED golden area {}: no {absent} server", area.name));
                continue;
            }
            let began = Instant::now();
            self.session.keep_logged_in().await?;
            let stale = area.uses.iter().filter(|d| dirty.contains(*d));
            let stale: BTreeSet<String> = area.reset.iter().chain(stale).cloned().collect();
            if !stale.is_empty() {
                self.reset(&stale);
                dirty.retain(|d| !stale.contains(d));
                self.session.forget().await;
            }
            dirty.extend(area.dirties.iter().cloned());
            let mut variables = self.session.variables.clone();
            let client = self.program.client();
            let mut outcomes = Vec::new();
            for pair in load_pairs(&area.name) {
                outcomes.push(replay(&client, &area, &pair, &mut variables, &folders).await);
            }
            let deliberate = reasons.get(&area.name).cloned().unwrap_or_default();
            let report = Report {
                area: area.name,
                outcomes,
                deliberate,
                took: began.elapsed(),
            };
            each(&report);
            reports.push(report);
        }
        Ok(reports)
    }
}

fn needs(area: &Area) -> impl Iterator<Item = &String> {
    area.reset.iter().chain(&area.uses)
}

/// Replays everything and returns the pairs of `expected` that do not pass any more, as sentences.
pub async fn run(expected: &Names) -> Result<Vec<String>, String> {
    let mut stage = Stage::set().await?;
    let reports = stage.replay(&[], |report| kit::announce(&report.line())).await?;
    kit::announce(&Report::total(&reports));
    let lost = reports.iter().flat_map(|report| {
        let names = expected.get(&report.area).cloned().unwrap_or_default();
        report.lost(&names)
    });
    Ok(lost.collect())
}
