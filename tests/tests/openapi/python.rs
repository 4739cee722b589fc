//! Programs of others that know OpenAPI. They are Python packages; where those cannot be installed, what needs them is
//! skipped by name.

use crate::documents::document;
use kit::{Program, Start};
use scenarios::world::{TOKEN, World};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What is installed, with the versions that were looked at.
const PACKAGES: [&str; 2] = ["openapi-spec-validator==0.9.0", "schemathesis==4.32.5"];
/// Seconds that the generator of requests may take for a document.
const SECONDS: &str = "25";

/// The folder of the programs; none where they cannot be installed.
fn tools() -> Option<&'static Path> {
    static TOOLS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = TOOLS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi-tools");
        let programs = folder.join("bin");
        let done = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
        let installed = || done(Command::new(programs.join("schemathesis")).arg("--version"));
        let install = || {
            done(Command::new("python3").args(["-m", "venv"]).arg(&folder))
                && done(
                    Command::new(programs.join("python"))
                        .args(["-m", "pip", "install", "--quiet"])
                        .args(PACKAGES),
                )
        };
        (installed() || (install() && installed())).then_some(programs)
    });
    if found.is_none() {
        kit::announce(
            "SKIPPED openapi-spec-validator and schemathesis: the Python packages cannot be installed",
        );
    }
    found.as_deref()
}

/// Checks documents with an independent validator.
pub(crate) fn validate(documents: &[(String, Value)]) {
    let Some(tools) = tools() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(tools.join("openapi-spec-validator"));
    for (index, (_, document)) in documents.iter().enumerate() {
        let file = folder.path().join(format!("{index}.json"));
        std::fs::write(&file, document.to_string()).expect("a file");
        command.arg(file);
    }
    let output = command.output().expect("the validator runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let names: Vec<String> = documents
        .iter()
        .enumerate()
        .map(|(i, (name, _))| format!("{i}: {name}"))
        .collect();
    assert!(output.status.success(), "{}\n{said}", names.join("\n"));
}

/// Sends what a document allows, and checks that every answer is one that it promises.
fn run(tools: &Path, program: &Program, token: &str, service: &str, document: &Value, without: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("document.json");
    std::fs::write(&file, document.to_string()).expect("a file");
    let output = Command::new(tools.join("schemathesis"))
        .current_dir(folder.path())
        .arg("run")
        .arg(file)
        .args(["--url", &format!("{}/api/v2/{service}", program.base())])
        .args(["--header", &format!("{TOKEN}: {token}")])
        .args(["--exclude-path-regex", without])
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ])
        .args([
            "--phases",
            "fuzzing",
            "--max-examples",
            "10",
            "--max-time",
            SECONDS,
            "--seed",
            "1",
        ])
        .args(["--suppress-health-check", "all", "--no-color"])
        .output()
        .expect("the generator runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{service}:\n{said}");
}

/// No answer of a service is outside of the document at this path. Each document has a program of its own, which the
/// requests for another one cannot change, and a test of its own, so that they need not wait for each other.
async fn holds(service: &str, query: &str, without: &str) {
    let Some(tools) = tools() else { return };
    let world = World::start(Vec::new(), Start::default()).await;
    let login = world.another_admin_session().await;
    let session = login.get("/api/v2/system/admin/session").await.json();
    let token = session["session_token"].as_str().expect("a token");
    let document = document(&world.admin, &format!("{service}/_spec{query}")).await;
    run(tools, &world.program, token, service, &document, without);
}

#[tokio::test]
async fn no_answer_about_a_table_is_outside_of_its_document() {
    holds(
        "sqlite",
        "?expand_schema=true&resource_name=_table/employees",
        "^$",
    )
    .await;
}

#[tokio::test]
async fn no_answer_of_a_database_is_outside_of_its_document() {
    holds("sqlite", "?openapi=3.1", "^$").await;
}

#[tokio::test]
async fn no_answer_of_the_system_is_outside_of_its_document() {
    // The generator must not log itself out or take its own rights away.
    holds("system", "", "^/admin").await;
}
