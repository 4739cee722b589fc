//! A place in a repository: a path at a branch or a tag.

use contract::Problem;

/// A path in a repository; empty is its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepoPath(String);

impl RepoPath {
    /// Reads a decoded path. Fails with 400 for paths that could be read as another one.
    pub(crate) fn parse(text: &str) -> Result<RepoPath, Problem> {
        let text = text.trim_matches('/');
        if !text.is_empty() && !text.split('/').all(is_plain) {
            return Err(Problem::bad_request(
                "A path in a repository must not have empty parts, '.', '..', or backslashes in it.",
            ));
        }
        Ok(RepoPath(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Its parts; none of the root.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }
}

fn is_plain(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains(|c: char| c == '\\' || c.is_control())
}

/// The name of a repository: one part of a path.
pub(crate) fn repository(name: &str) -> Result<&str, Problem> {
    match is_plain(name) && !name.contains('/') {
        true => Ok(name),
        false => Err(Problem::bad_request("This is no name of a repository.")),
    }
}

/// A branch or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    Branch(String),
    Tag(String),
}

impl Reference {
    pub(crate) fn name(&self) -> &str {
        match self {
            Reference::Branch(name) | Reference::Tag(name) => name,
        }
    }
}

/// What is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) repository: &'a str,
    pub(crate) path: &'a RepoPath,
    pub(crate) reference: &'a Reference,
}
