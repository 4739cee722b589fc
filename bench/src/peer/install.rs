//! Installing peers by the ordinary clients of their registries, once.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// File that says that a folder is complete.
const COMPLETE: &str = ".complete";

/// The folder of a peer, filled at its first use.
pub(super) fn folder(name: &str, install: fn(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let beside = own
        .ancestors()
        .nth(2)
        .ok_or("the program lies in no target folder")?;
    let folder = beside
        .join("bench-peers")
        .join(name.to_lowercase().replace(' ', "-"));
    if folder.join(COMPLETE).is_file() {
        return Ok(folder);
    }
    eprintln!("installing {name}");
    // What an earlier attempt left is in the way.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    install(&folder)?;
    std::fs::write(folder.join(COMPLETE), "").map_err(|e| e.to_string())?;
    Ok(folder)
}

/// Packages of PyPI in a virtual environment.
pub(super) fn pip(folder: &Path, packages: &[&str]) -> Result<(), String> {
    let place = folder.display().to_string();
    run("python3", &["-m", "venv", &place], folder)?;
    let pip = folder.join("bin/pip").display().to_string();
    let mut arguments = vec!["install", "--quiet", "--timeout", "20", "--retries", "1"];
    arguments.extend(packages);
    run(&pip, &arguments, folder)
}

/// Packages of npm.
pub(super) fn npm(folder: &Path, packages: &[&str]) -> Result<(), String> {
    std::fs::write(folder.join("package.json"), "{\"private\": true}").map_err(|e| e.to_string())?;
    let mut arguments = vec!["install", "--silent", "--no-audit", "--no-fund"];
    arguments.extend(["--fetch-timeout=20000", "--fetch-retries=1"]);
    arguments.extend(packages);
    run("npm", &arguments, folder)
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let output = command.output().map_err(|e| format!("{program}: {e}"))?;
    match output.status.success() {
        true => Ok(()),
        false => {
            let text = String::from_utf8_lossy(&output.stderr);
            let line = text.lines().rfind(|line| !line.trim().is_empty());
            Err(format!("not installed: {}", line.unwrap_or("no reason was told")))
        }
    }
}
