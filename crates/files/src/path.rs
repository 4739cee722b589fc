//! Paths inside a store.

use contract::Problem;
use std::fmt;

/// Longest path, and longest name in one, in bytes.
const LONGEST_PATH: usize = 4096;
const LONGEST_NAME: usize = 255;

/// A path from the root of a store: names joined by `/`, without one at either end; empty is the root. No name is empty,
/// `.` or `..`, and none holds a backslash or a control sign, so a path means the same to everybody who reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilePath(String);

impl FilePath {
    /// The root.
    pub fn root() -> FilePath {
        FilePath::default()
    }

    /// Reads a decoded path. A slash at its end says nothing here; one at its beginning is the root's.
    ///
    /// Fails with 400 when a name in it cannot be one, or it is too long.
    pub fn parse(text: &str) -> Result<FilePath, Problem> {
        let text = text.strip_prefix('/').unwrap_or(text);
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.len() > LONGEST_PATH {
            return Err(Problem::bad_request(format!(
                "A path may have at most {LONGEST_PATH} bytes."
            )));
        }
        if !text.is_empty() {
            text.split('/').try_for_each(check)?;
        }
        Ok(FilePath(text.to_owned()))
    }

    /// The path as text, without a slash at either end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as text of a folder: with a slash at its end, empty for the root.
    pub fn folder(&self) -> String {
        match self.is_root() {
            true => String::new(),
            false => format!("{}/", self.0),
        }
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The last name; empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folder that it lies in; the root's is the root.
    pub fn parent(&self) -> FilePath {
        FilePath(
            self.0
                .rsplit_once('/')
                .map_or_else(String::new, |(parent, _)| parent.to_owned()),
        )
    }

    /// A path below this one. Fails as [`FilePath::parse`] does.
    pub fn join(&self, below: &str) -> Result<FilePath, Problem> {
        FilePath::parse(&format!("{}{}", self.folder(), below.trim_start_matches('/')))
    }

    /// What is left of this path below a folder; the whole path when it does not lie there.
    pub fn below(&self, folder: &FilePath) -> &str {
        let rest = self.0.strip_prefix(folder.as_str());
        rest.map_or(self.as_str(), |rest| rest.trim_start_matches('/'))
    }

    /// Whether this is `folder` or lies in it.
    pub fn is_in(&self, folder: &FilePath) -> bool {
        let rest = self.0.strip_prefix(folder.as_str());
        folder.is_root() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(name: &str) -> Result<(), Problem> {
    if name == ".." {
        return Err(Problem::bad_request(
            "File operation refused: path escapes the storage root.",
        ));
    }
    let wrong = name.is_empty() || name == "." || name.contains('\\') || name.chars().any(char::is_control);
    match wrong || name.len() > LONGEST_NAME {
        true => Err(Problem::bad_request(
            "File operation refused: the path has a name that no file can have.",
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_form() {
        for (text, form) in [
            ("", ""),
            ("/", ""),
            ("a/b/", "a/b"),
            ("/a", "a"),
            ("é (1).txt", "é (1).txt"),
        ] {
            assert_eq!(FilePath::parse(text).unwrap().as_str(), form);
        }
        let path = FilePath::parse("a/b/c.txt").unwrap();
        assert_eq!((path.name(), path.parent().as_str()), ("c.txt", "a/b"));
        assert_eq!(path.below(&FilePath::parse("a").unwrap()), "b/c.txt");
        assert!(path.is_in(&FilePath::root()) && path.is_in(&path));
        assert!(!path.is_in(&FilePath::parse("a/b/c").unwrap()));
        assert_eq!(FilePath::root().join("x").unwrap().folder(), "x/");
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        let long = "x".repeat(256);
        for text in [
            "..", "a/../b", "a//b", "./a", "a/.", "a\0", "a\\..\\b", "a\nb", "//a", &long,
        ] {
            assert_eq!(FilePath::parse(text).unwrap_err().status(), 400, "{text:?}");
        }
        assert!(FilePath::parse("a").unwrap().join("../b").is_err());
    }
}
