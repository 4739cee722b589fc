//! The configuration of a SQLite service.

use crate::Open;
use contract::{BuildContext, ConfigField, ConfigSpec, Problem, Settings, Value};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// The fields of a service's configuration.
pub(crate) const CONFIG: ConfigSpec = ConfigSpec {
    groups: &[DATABASE, records::config::CONNECTION, records::config::LIMITS],
};

static DATABASE: &[ConfigField] = &[ConfigField {
    required: true,
    ..ConfigField::text(
        "database",
        "Database",
        "A file name in the folder of SQLite databases, or the whole path of a file; created when missing. \
         ':memory:' keeps the database in memory until the service is changed or the program ends. It can be a \
         lookup key.",
    )
}];

/// What a service is to open.
pub(crate) fn open(context: &BuildContext) -> Result<Open, Problem> {
    let text = context
        .config
        .get("database")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Ok(Open {
        path: path(text, &context.settings, &context.data)?,
        statements: records::config::statements(&context.config),
        pool_size: usize::try_from(context.settings.pool_size).unwrap_or(1),
        pool_wait: Duration::from_secs(context.settings.pool_wait),
    })
}

/// A name lies in the folder of SQLite databases, an absolute path stands for itself. A name cannot lead out of
/// the folder.
fn path(text: &str, settings: &Settings, data: &Path) -> Result<PathBuf, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::bad_request(
            "Database connection information must contain at least database name.",
        ));
    }
    let path = Path::new(text);
    if text == ":memory:" || path.is_absolute() {
        return Ok(path.to_owned());
    }
    if text.contains('\0')
        || !path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    {
        return Err(Problem::bad_request(
            "The database must be a file name without '..', or the whole path of a file.",
        ));
    }
    let folder = settings
        .sqlite_storage
        .as_deref()
        .filter(|folder| !folder.is_empty());
    Ok(folder
        .map_or_else(|| data.join("databases"), PathBuf::from)
        .join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        let mut settings = Settings::default();
        let data = Path::new("/data");
        let at =
            |text: &str, settings: &Settings| path(text, settings, data).map(|p| p.display().to_string());
        assert_eq!(at("a.sqlite", &settings).unwrap(), "/data/databases/a.sqlite");
        assert_eq!(at("/x/../a.sqlite", &settings).unwrap(), "/x/../a.sqlite");
        assert_eq!(at(":memory:", &settings).unwrap(), ":memory:");
        assert_eq!(
            at("file:x?mode=ro", &settings).unwrap(),
            "/data/databases/file:x?mode=ro"
        );
        for bad in ["../a", "a/../../b", "", "  ", "a\0b"] {
            assert_eq!(at(bad, &settings).unwrap_err().status(), 400, "{bad:?}");
        }
        settings.sqlite_storage = Some("/store".into());
        assert_eq!(at("sub/a", &settings).unwrap(), "/store/sub/a");
    }
}
