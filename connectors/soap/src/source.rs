//! Reading a description from where it lies: an address, or a file in the instance's folder of descriptions.

use crate::wsdl::{Documents, Import, Version, Wsdl};
use crate::xml::Element;
use bytes::Bytes;
use contract::{Kind, Problem};
use reqwest::{Client, Url};
use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

/// Largest document, and most of them.
const MOST_BYTES: u64 = 8 * 1024 * 1024;
const MOST_DOCUMENTS: usize = 50;

/// Where a document lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    Address(Url),
    File(PathBuf),
}

/// Reads a description and the documents that it names. Those of other servers than its own are left out: what they
/// declare counts as unknown.
///
/// Fails with 503 when one cannot be had, and with 400 when it is no description.
pub(crate) async fn read(
    client: &Client,
    folder: &Path,
    wsdl: &str,
    preferred: Version,
) -> Result<Wsdl, Problem> {
    let first = place(folder, wsdl)?;
    let mut known = HashSet::from([first.clone()]);
    let mut waiting = VecDeque::from([(first.clone(), None)]);
    let mut documents = Documents::default();
    while let Some((place, space)) = waiting.pop_front() {
        let bytes = fetch(client, &place).await?;
        let document = Element::read(&bytes).map_err(|e| unusable().with_source(e))?;
        let named = documents
            .add(document, space)
            .map_err(|e| unusable().with_source(e))?;
        for Import { location, space } in named {
            match below(&first, &place, &location) {
                Some(next) if known.insert(next.clone()) => waiting.push_back((next, space)),
                Some(_) => {}
                None => tracing::info!(location, "a part of a WSDL lies elsewhere and is left out"),
            }
        }
        if known.len() > MOST_DOCUMENTS {
            return Err(unusable().with_source("it is made of too many documents"));
        }
    }
    documents.read(preferred).map_err(|e| unusable().with_source(e))
}

fn unusable() -> Problem {
    Problem::bad_request("The WSDL of the SOAP service cannot be read.")
}

/// An address, or a file below the folder.
fn place(folder: &Path, wsdl: &str) -> Result<Place, Problem> {
    if wsdl.contains("://") {
        let url = Url::parse(wsdl)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.ok_or_else(|| {
            Problem::bad_request(
                "The WSDL must be an address such as https://example.com/api?wsdl, or a file.",
            )
        })?;
        return Ok(Place::Address(url));
    }
    let file = file_below(folder, Path::new(""), wsdl);
    file.map(Place::File)
        .ok_or_else(|| Problem::bad_request("The WSDL must be an address, or a file in 'storage/wsdl'."))
}

/// A file by its path from a folder below the root; `None` for what leads elsewhere.
fn file_below(root: &Path, folder: &Path, path: &str) -> Option<PathBuf> {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']);
    let path = path.strip_prefix("./").unwrap_or(path);
    path.split('/')
        .all(is_plain)
        .then(|| root.join(folder).join(path))
}

/// Where a document lies that another one names. `None` when that is not where the first one is.
fn below(first: &Place, from: &Place, location: &str) -> Option<Place> {
    match (first, from) {
        (Place::Address(first), Place::Address(from)) => {
            let mut url = from.join(location).ok()?;
            url.set_fragment(None);
            (url.origin() == first.origin()).then_some(Place::Address(url))
        }
        (_, Place::File(from)) => {
            let folder = from.parent()?;
            file_below(folder, Path::new(""), location).map(Place::File)
        }
        _ => None,
    }
}

async fn fetch(client: &Client, place: &Place) -> Result<Bytes, Problem> {
    match place {
        Place::Address(url) => {
            let answer = client.get(url.clone()).send().await;
            let answer = answer.and_then(|answer| answer.error_for_status());
            let answer = answer.map_err(|e| away().with_source(e.without_url()))?;
            outbound::read(answer, MOST_BYTES)
                .await
                .map_err(|e| away().with_source(e))
        }
        Place::File(path) => {
            let size = tokio::fs::metadata(path).await.map(|found| found.len());
            if size.is_ok_and(|size| size > MOST_BYTES) {
                return Err(Problem::new(
                    Kind::BadRequest,
                    "The WSDL of the SOAP service is too large.",
                ));
            }
            let read = tokio::fs::read(path).await;
            read.map(Bytes::from).map_err(|e| away().with_source(e))
        }
    }
}

fn away() -> Problem {
    Problem::unavailable("The WSDL of the SOAP service cannot be had.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_imports_stay_where_they_are() {
        let root = Path::new("/data/storage/wsdl");
        assert_eq!(
            place(root, "a/b.wsdl").unwrap(),
            Place::File(root.join("a/b.wsdl"))
        );
        for wrong in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "..\\x",
            "file:///etc/passwd",
            "ftp://a/b",
        ] {
            assert!(place(root, wrong).is_err(), "{wrong}");
        }
        let file = place(root, "a/b.wsdl").unwrap();
        assert_eq!(
            below(&file, &file, "./t.xsd"),
            Some(Place::File(root.join("a/t.xsd")))
        );
        assert_eq!(below(&file, &file, "../t.xsd"), None);
        assert_eq!(below(&file, &file, "http://localhost/t.xsd"), None);
        let url = place(root, "http://a.example/s/x?wsdl").unwrap();
        let found = below(&url, &url, "x?xsd=1");
        assert_eq!(found, Some(place(root, "http://a.example/s/x?xsd=1").unwrap()));
        for elsewhere in [
            "http://b.example/x",
            "//b.example/x",
            "https://a.example/x",
            "file:///etc/passwd",
        ] {
            assert_eq!(below(&url, &url, elsewhere), None, "{elsewhere}");
        }
    }
}
