//! The admin console: files for browsers, from the program itself or, for those who build it, from a folder.
//!
//! It is one page: every address that is no file of the console's and nothing else of the house leads browsers to it,
//! and the page decides what to show. It is an ordinary client of the API; nothing here knows what it does.

mod built;
mod folder;

pub use built::ConsoleFile;

use crate::write::answer::Bodied;
use folder::Folder;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue, REFERRER_POLICY, VARY};
use std::io;
use std::path::Path;

/// The page that all addresses of the console lead to.
const PAGE: &str = "index.html";
/// Folder of the files whose names change with their content.
const HASHED: &str = "assets";
/// First segments of the addresses of the console's pages. A test compares them with the console's own.
const AREAS: &[&str] = &[
    "activity",
    "admins",
    "apps",
    "audit",
    "browse",
    "cache",
    "confirm",
    "cors",
    "data",
    "docs",
    "forgot",
    "limits",
    "login",
    "lookups",
    "new",
    "packages",
    "profile",
    "providers",
    "register",
    "roles",
    "scheduler",
    "schema",
    "scripts",
    "services",
    "settings",
    "setup",
    "simulator",
    "templates",
    "users",
];
/// Everything comes from here: no foreign hosts, no inline scripts, no frames around it.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; object-src 'none'; \
                      frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Where the console's files come from.
#[derive(Debug)]
pub struct Console(Source);

#[derive(Debug)]
enum Source {
    Built(&'static [ConsoleFile]),
    Folder(Folder),
}

impl Console {
    /// A console inside the program; `None` when it has no page.
    pub fn built(files: &'static [ConsoleFile]) -> Option<Console> {
        let has_page = files.iter().any(|file| file.path == PAGE);
        has_page.then_some(Console(Source::Built(files)))
    }

    /// A console in a folder that is read again for every request. Fails when the folder is missing.
    pub fn folder(path: &Path) -> io::Result<Console> {
        Ok(Console(Source::Folder(Folder::open(path)?)))
    }

    /// The page, for a read of a path without slashes at its ends; `None` where files with changing names are, of which
    /// a browser may ask for one that is gone.
    pub(crate) async fn page(&self, path: &str, headers: &HeaderMap) -> Option<Response<Bodied>> {
        match is_hashed(path) {
            true => None,
            false => self.file(PAGE, headers).await,
        }
    }

    /// Whether the page itself has something to show at a path, so that nothing else may stand there.
    pub(crate) fn has_page(&self, path: &str) -> bool {
        let first = path.split('/').next().unwrap_or_default();
        first.is_empty() || AREAS.contains(&first)
    }

    /// The console's file of that name.
    pub(crate) async fn file(&self, path: &str, headers: &HeaderMap) -> Option<Response<Bodied>> {
        let (mut response, caching) = match &self.0 {
            Source::Built(files) => {
                let file = files.iter().find(|file| file.path == path)?;
                let caching = match is_hashed(path) {
                    true => "public, max-age=31536000, immutable",
                    false => "no-cache",
                };
                (built::answer(file, headers), caching)
            }
            Source::Folder(folder) => (folder.answer(path).await?, "no-store"),
        };
        let out = response.headers_mut();
        out.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        out.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        out.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        // The address of the page answers other clients with something else.
        let varies = if path == PAGE {
            "accept, accept-encoding"
        } else {
            "accept-encoding"
        };
        out.insert(VARY, HeaderValue::from_static(varies));
        Some(response)
    }
}

fn is_hashed(path: &str) -> bool {
    path.split('/').next() == Some(HASHED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn areas_are_those_of_the_console() {
        let areas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/src/areas");
        let mut firsts = BTreeSet::new();
        for area in std::fs::read_dir(areas).unwrap() {
            let routes = std::fs::read_to_string(area.unwrap().path().join("area.ts")).unwrap_or_default();
            for route in routes.split("path: '/").skip(1) {
                firsts.extend(route.split(['/', '\'']).next().map(str::to_owned));
            }
        }
        firsts.remove("");
        assert_eq!(firsts.iter().map(String::as_str).collect::<Vec<_>>(), AREAS);
    }
}
