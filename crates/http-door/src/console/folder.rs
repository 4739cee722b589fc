//! Files of a folder, for those who build the console and want to see it at once.

use crate::write::answer::{Bodied, whole};
use http::Response;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A folder out of which nothing leads, links neither.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Fails when there is no such folder.
    pub(super) fn open(path: &Path) -> io::Result<Folder> {
        let path = path.canonicalize()?;
        match path.is_dir() {
            true => Ok(Folder(path)),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// The file of this path; `None` when there is none inside of the folder.
    pub(super) async fn answer(&self, path: &str) -> Option<Response<Bodied>> {
        let plain = |part| matches!(part, Component::Normal(_));
        if path.is_empty() || path.contains('\\') || !Path::new(path).components().all(plain) {
            return None;
        }
        let file = tokio::fs::canonicalize(self.0.join(path)).await.ok()?;
        if !file.starts_with(&self.0) || !tokio::fs::metadata(&file).await.ok()?.is_file() {
            return None;
        }
        let bytes = tokio::fs::read(&file).await.ok()?;
        Some(whole(200, media(path), bytes))
    }
}

fn media(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
