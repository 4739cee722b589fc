//! The data folder and the keys in it.
//!
//! | Path | What |
//! |---|---|
//! | `keys/app_key` | key for secrets at rest, used unless `APP_KEY` is set |
//! | `keys/jwt_secret` | key that signs session tokens, used unless `JWT_SECRET` is set |
//! | `system.sqlite` | the system database |
//! | `packages/` | packages that were made here, and in `brought-in` which ones `DF_PACKAGE_PATH` has brought in |
//! | `databases/` | SQLite databases named without a path, unless `DF_SQLITE_STORAGE` is set |
//! | `.env` | settings |
//!
//! Each key file holds 32 random bytes as `base64:…`, the form that `APP_KEY` takes, and is readable by its owner alone.

use crate::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::Settings;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const PREFIX: &str = "base64:";

/// The data folder of an instance.
#[derive(Debug, Clone)]
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// Opens the folder, creating it when it is missing.
    pub(crate) fn open(path: &Path) -> Result<DataFolder, Refusal> {
        private_folder(path)?;
        let path = fs::canonicalize(path).map_err(|e| Refusal::io("The data folder", path, &e))?;
        Ok(DataFolder(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The system database.
    pub(crate) fn system(&self) -> PathBuf {
        self.0.join("system.sqlite")
    }

    /// Where packages are kept.
    pub(crate) fn packages(&self) -> Result<PathBuf, Refusal> {
        let folder = self.0.join("packages");
        private_folder(&folder).map(|()| folder)
    }

    /// The key for secrets at rest. A missing key file is made only while there is no system database: a new key
    /// could not open what the old one has sealed.
    pub(crate) fn app_key(&self, settings: &Settings) -> Result<[u8; 32], Refusal> {
        if let Some(text) = &settings.app_key {
            return decoded(text).ok_or_else(|| {
                Refusal::Value("APP_KEY must be the base64 of 32 bytes, after an optional 'base64:'.".into())
            });
        }
        let file = self.0.join("keys").join("app_key");
        if !file.exists() && self.system().exists() {
            return Err(Refusal::State(format!(
                "The key file {} is missing; without it, or APP_KEY, the secrets in the system database cannot be read.",
                file.display()
            )));
        }
        key(&file)
    }

    /// The key that signs session tokens. When its file is lost, a new one only ends all sessions.
    pub(crate) fn jwt_secret(&self, settings: &Settings) -> Result<Vec<u8>, Refusal> {
        // Nodes that share a system database share its key, and must share this one.
        let shared = settings
            .app_key
            .as_ref()
            .filter(|_| crate::connectors::shares_system(settings));
        match settings.jwt_secret.as_ref().or(shared) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => key(&self.0.join("keys").join("jwt_secret")).map(Vec::from),
        }
    }
}

fn private_folder(path: &Path) -> Result<(), Refusal> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|e| Refusal::io("The folder", path, &e))
}

/// The key in a file, which is made when it is missing.
fn key(file: &Path) -> Result<[u8; 32], Refusal> {
    let wrong = |e: io::Error| Refusal::io("The key file", file, &e);
    match fs::read_to_string(file) {
        Ok(text) => decoded(&text)
            .ok_or_else(|| Refusal::State(format!("The key file {} does not hold a key.", file.display()))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            private_folder(file.parent().unwrap_or(Path::new(".")))?;
            write_new(file).map_err(wrong)?;
            let text = fs::read_to_string(file).map_err(wrong)?;
            decoded(&text).ok_or_else(|| {
                Refusal::State(format!("The key file {} does not hold a key.", file.display()))
            })
        }
        Err(e) => Err(wrong(e)),
    }
}

/// Makes a key file, whole or not at all. When two processes race, the first one's key stays.
fn write_new(file: &Path) -> io::Result<()> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let draft = file.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&draft)?;
    out.write_all(format!("{PREFIX}{}\n", STANDARD.encode(bytes)).as_bytes())?;
    out.sync_all()?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn decoded(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    STANDARD
        .decode(text.strip_prefix(PREFIX).unwrap_or(text))
        .ok()?
        .try_into()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
    }

    #[test]
    fn keys_are_made_once_and_private() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&parent.path().join("a/data")).unwrap();
        let settings = Settings::default();
        let first = folder.app_key(&settings).unwrap();
        assert_ne!(first, [0; 32]);
        assert_eq!(folder.app_key(&settings).unwrap(), first);
        assert_ne!(folder.jwt_secret(&settings).unwrap(), first);
        #[cfg(unix)]
        {
            assert_eq!(mode(folder.path()), 0o700);
            assert_eq!(mode(&folder.path().join("keys/app_key")), 0o600);
        }
        assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 2);
    }

    #[test]
    fn a_lost_key_is_not_replaced_while_there_is_something_to_open() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path()).unwrap();
        fs::write(folder.system(), "").unwrap();
        assert!(
            folder
                .app_key(&Settings::default())
                .unwrap_err()
                .to_string()
                .contains("is missing")
        );
    }

    #[test]
    fn a_key_can_be_given() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(parent.path()).unwrap();
        let given = |key: &str| {
            let key = Some(key.to_owned());
            folder.app_key(&Settings {
                app_key: key,
                ..Settings::default()
            })
        };
        let text = STANDARD.encode([7; 32]);
        assert_eq!(given(&text).unwrap(), [7; 32]);
        assert_eq!(given(&format!("base64:{text}")).unwrap(), [7; 32]);
        assert_eq!(given("short").unwrap_err().exit_code(), 2);
    }
}
