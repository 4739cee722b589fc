//! The root folder of a service: which one it is, and whether it may be one.

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use contract::{Kind, Problem};
use files::Failure;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

/// Folders of the operating system: neither they nor what is in them is ever a root.
const FORBIDDEN: &[&str] = &[
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys",
];
/// Folder of the instance's data in which relative roots lie.
const STORAGE: &str = "storage";
/// The root when none is named.
const DEFAULT: &str = "app";

/// A root folder as the configuration names it.
#[derive(Debug)]
pub(crate) struct Root {
    named: PathBuf,
    data: PathBuf,
    /// The same without links, when it has been found to be allowed.
    allowed: OnceLock<PathBuf>,
}

impl Root {
    /// The folder that `container` names: an absolute path, or one in the storage folder of the instance's data. Empty
    /// and `local` mean the folder `app` there.
    pub(crate) fn new(container: &str, data: &Path) -> Root {
        let container = match container.trim() {
            "" | "local" => DEFAULT,
            container => container,
        };
        Root {
            // An absolute path replaces what it is joined to.
            named: data.join(STORAGE).join(container),
            data: data.to_owned(),
            allowed: OnceLock::new(),
        }
    }

    /// Opens the folder, and makes it when it is missing. Blocks.
    pub(crate) fn open(&self) -> Result<Dir, Failure> {
        let path = match self.allowed.get() {
            Some(path) => path,
            None => {
                let path = self.resolve()?;
                self.allowed.get_or_init(|| path)
            }
        };
        match Dir::open_ambient_dir(path, ambient_authority()) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Dir::create_ambient_dir_all(path, ambient_authority()).map_err(unusable)?;
                Dir::open_ambient_dir(path, ambient_authority()).map_err(unusable)
            }
            opened => opened.map_err(unusable),
        }
    }

    /// The path without links, as far as it exists; refused when it may not be a root.
    fn resolve(&self) -> Result<PathBuf, Failure> {
        let has_parents = self.named.components().any(|part| part == Component::ParentDir);
        if has_parents {
            return Err(refused());
        }
        let data = resolved(&self.data).map_err(unusable)?;
        let root = resolved(&self.named).map_err(unusable)?;
        let is_system = FORBIDDEN.iter().any(|folder| root.starts_with(folder));
        let is_inside = root.starts_with(&data) && !root.starts_with(data.join(STORAGE));
        let is_around = data.join(STORAGE).starts_with(&root);
        match is_system || is_inside || is_around {
            true => Err(refused()),
            false => Ok(root),
        }
    }
}

/// A path whose existing part has no links.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => Ok(resolved(parent)?.join(name)),
            _ => Err(e),
        },
        found => found,
    }
}

fn refused() -> Failure {
    Failure::Problem(Problem::new(
        Kind::Internal,
        "Invalid root directory: the folder that the service's configuration names is not allowed.",
    ))
}

fn unusable(e: io::Error) -> Failure {
    let sentence = "The root folder of the storage cannot be opened or made.";
    Failure::Problem(Problem::unavailable(sentence).with_source(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_lie_in_the_storage_or_where_they_do_no_harm() {
        let data = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let open = |container: &str| Root::new(container, data.path()).open();
        for allowed in ["", "local", "app", "a/b", other.path().to_str().unwrap()] {
            open(allowed).unwrap_or_else(|e| panic!("{allowed}: {e:?}"));
        }
        assert!(data.path().join("storage/app").is_dir() && data.path().join("storage/a/b").is_dir());
        let inside = data.path().join("keys");
        let around = data.path().parent().unwrap();
        let forbidden = [
            "/",
            "/etc",
            "/etc/ssl",
            "/proc/self",
            "../x",
            "a/../../x",
            data.path().to_str().unwrap(),
            inside.to_str().unwrap(),
            around.to_str().unwrap(),
            ".",
        ];
        for container in forbidden {
            assert!(open(container).is_err(), "{container}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_hide_where_a_root_is() {
        let data = tempfile::tempdir().unwrap();
        let link = data.path().join("storage/link");
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/etc", &link).unwrap();
        assert!(Root::new("link", data.path()).open().is_err());
        assert!(Root::new("link/deeper", data.path()).open().is_err());
    }
}
