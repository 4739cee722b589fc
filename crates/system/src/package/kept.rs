//! Packages that were made here, in the folder `packages` of the instance's data, readable by its owner alone.

use contract::{Problem, Request, Value};
use platform::Platform;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;

/// Longest name of a package's file.
const LONGEST: usize = 120;

/// The name that the request gives the file (`storage.filename`), or one made of the time. 400 for a name that is more
/// than a name.
pub(crate) fn name(request: &Request) -> Result<String, Problem> {
    let storage = request.object().and_then(|body| body.get("storage"));
    let asked = storage.and_then(|storage| storage.get("filename").or_else(|| storage.get("file_name")));
    match asked.and_then(Value::as_str).filter(|name| !name.is_empty()) {
        None => Ok(format!(
            "dreamwright_{}.zip",
            chrono::Utc::now().format("%Y-%m-%d_%H.%M.%S")
        )),
        Some(name) => {
            let name = match name.ends_with(".zip") {
                true => name.to_owned(),
                false => format!("{name}.zip"),
            };
            match is_name(&name) {
                true => Ok(name),
                false => Err(Problem::bad_request(
                    "The name of a package may have letters, digits, dots, dashes and underscores only.",
                )),
            }
        }
    }
}

/// Whether a text names a file in one folder, and nothing outside of it.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.ends_with(".zip") && !name.starts_with('.') && name.len() <= LONGEST && name.chars().all(plain)
}

fn folder(platform: &Platform) -> PathBuf {
    platform.data().join("packages")
}

/// The file of this name; 404 for what cannot be one.
fn place(platform: &Platform, name: &str) -> Result<PathBuf, Problem> {
    match is_name(name) {
        true => Ok(folder(platform).join(name)),
        false => Err(missing(name)),
    }
}

fn missing(name: &str) -> Problem {
    Problem::not_found(format!("There is no package '{name}' here."))
}

/// Keeps a package; one of the same name is replaced, whole or not at all.
pub(crate) async fn write(platform: &Platform, name: &str, bytes: Vec<u8>) -> Result<(), Problem> {
    let place = place(platform, name)?;
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder
        .create(folder(platform))
        .await
        .map_err(Problem::internal)?;
    let part = place.with_extension("part");
    write_private(&part, &bytes).await.map_err(Problem::internal)?;
    tokio::fs::rename(&part, &place).await.map_err(Problem::internal)
}

async fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(file).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}

/// The bytes of a package.
pub(crate) async fn read(platform: &Platform, name: &str) -> Result<Vec<u8>, Problem> {
    tokio::fs::read(place(platform, name)?)
        .await
        .map_err(|e| match e.kind() {
            ErrorKind::NotFound => missing(name),
            _ => Problem::internal(e),
        })
}

/// Removes a package.
pub(crate) async fn remove(platform: &Platform, name: &str) -> Result<(), Problem> {
    tokio::fs::remove_file(place(platform, name)?)
        .await
        .map_err(|e| match e.kind() {
            ErrorKind::NotFound => missing(name),
            _ => Problem::internal(e),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        assert!(is_name("a-b_1.zip"));
        for name in [
            "../a.zip",
            "a/b.zip",
            "..\\a.zip",
            ".zip",
            "a",
            "a.zip/",
            "a b.zip",
            "ä.zip",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
