//! Packages that are brought in at start: those that `DF_PACKAGE_PATH` names, each content once.
//!
//! What is wrong with a package is logged and keeps nobody from starting: the file may be gone after the first start.

use crate::content::PACKAGE_PASSWORD;
use crate::data::DataFolder;
use crate::{Environment, Refusal};
use bundle::package::Package;
use bundle::{How, Report};
use contract::{Problem, Settings};
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use store::Store;
use store::audit::{AuditCall, on_behalf_of};

/// Endings of packages in a folder.
const ENDINGS: [&str; 2] = ["zip", "dfpkg"];

/// Brings in the packages that were not brought in before. What exists is left as it is.
pub(crate) async fn bring_in(
    store: &Store,
    environment: &Environment,
    settings: &Settings,
    folder: &DataFolder,
) -> Result<(), Refusal> {
    let Some(path) = &settings.package_path else {
        return Ok(());
    };
    store.keep_audit(settings.audit_days > 0);
    let files = match files(Path::new(path)) {
        Ok(files) => files,
        Err(error) => {
            tracing::warn!("DF_PACKAGE_PATH {path} cannot be read: {error}");
            return Ok(());
        }
    };
    let known = folder.packages()?.join("brought-in");
    let marks = fs::read_to_string(&known).unwrap_or_default();
    let password = environment.get(PACKAGE_PASSWORD);
    for file in files {
        let name = file.display();
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!("the package {name} cannot be read: {error}");
                continue;
            }
        };
        let mark = hex::encode(Sha256::digest(&bytes));
        if marks.lines().any(|line| line == mark) {
            continue;
        }
        match one(store, bytes, password.as_deref()).await {
            Ok(report) => {
                tell(&file, &report);
                note(&known, &mark).map_err(|e| Refusal::io("The file", &known, &e))?;
            }
            Err(problem) => {
                tracing::error!(cause = ?problem.source, "the package {name} was not brought in: {problem}")
            }
        }
    }
    Ok(())
}

/// The package itself, or those in a folder in the order of their names.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        let ending = file
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        if ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

async fn one(store: &Store, bytes: Vec<u8>, password: Option<&str>) -> Result<Report, Problem> {
    let package = Package::read(bytes, password)?;
    let call = AuditCall {
        origin: "system",
        path: Some("DF_PACKAGE_PATH".into()),
        ..AuditCall::default()
    };
    let work = bundle::apply(store, None, &package.bundle, How::bringing(false));
    let plan = on_behalf_of(call, work).await?;
    let remainder = package.remainder();
    let mut report = package.report;
    report.extend(plan.told());
    report
        .warnings
        .extend(bundle::unknown_types(store, &package.bundle));
    report.warnings.extend(remainder.map(str::to_owned));
    Ok(report)
}

fn tell(file: &Path, report: &Report) {
    let name = file.display();
    tracing::info!("the package {name} was brought in");
    for line in &report.notices {
        tracing::info!("{name}: {line}");
    }
    for line in &report.warnings {
        tracing::warn!("{name}: {line}");
    }
    for line in &report.errors {
        tracing::error!("{name}: {line}");
    }
}

/// Remembers a package for later starts.
fn note(known: &Path, mark: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(known)?;
    writeln!(file, "{mark}")
}
