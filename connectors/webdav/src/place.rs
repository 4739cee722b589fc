//! Addresses of files and folders, and what the addresses in a server's answers mean.

use contract::Problem;
use files::FilePath;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Url;

/// What is encoded in a name: all but what never means anything else.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The address of a root folder.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// Without a path.
    origin: String,
    /// Names on the way to the root folder.
    names: Vec<String>,
}

impl Base {
    /// Reads the address of a server, and the path of a folder there.
    ///
    /// Fails with 400 when the address is none of the web, holds a login, or the path leads upwards.
    pub(crate) fn read(address: &str, container: &str) -> Result<Base, Problem> {
        let wrong = || {
            Problem::bad_request(
                "The service's configuration field 'base_uri' must be an address like https://example.com, without a login.",
            )
        };
        let url = Url::parse(address).map_err(|_| wrong())?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        if !is_web || !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err(wrong());
        }
        let before = names(url.path()).ok_or_else(wrong)?;
        let container = container.split('/').filter(|name| !matches!(*name, "" | "."));
        let names: Vec<String> = before.into_iter().chain(container.map(str::to_owned)).collect();
        if names
            .iter()
            .any(|name| name == ".." || name.chars().any(char::is_control))
        {
            return Err(Problem::bad_request(
                "The service's configuration field 'container' must be the path of a folder.",
            ));
        }
        Ok(Base {
            origin: url.origin().ascii_serialization(),
            names,
        })
    }

    /// The address of a file.
    pub(crate) fn file(&self, path: &FilePath) -> String {
        let names = self.names.iter().map(String::as_str);
        let below = path.as_str().split('/').filter(|name| !name.is_empty());
        let mut address = self.origin.clone();
        for name in names.chain(below) {
            address.push('/');
            address.extend(utf8_percent_encode(name, ENCODED));
        }
        address
    }

    /// The address of a folder: with a slash at its end.
    pub(crate) fn folder(&self, path: &FilePath) -> String {
        self.file(path) + "/"
    }

    /// The name of what an address in an answer means, when it lies directly in a folder; empty when it is the folder
    /// itself, `None` when it is anything else.
    pub(crate) fn name_in(&self, folder: &FilePath, address: &str) -> Option<String> {
        let below = folder.as_str().split('/').filter(|name| !name.is_empty());
        let expected = self.names.iter().map(String::as_str).chain(below);
        // Whole addresses are allowed; behind proxies they name other hosts than we do.
        let path = match address.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
            None => address,
        };
        let mut found = names(path)?.into_iter();
        for name in expected {
            if found.next()? != name {
                return None;
            }
        }
        let name = found.next().unwrap_or_default();
        let is_name = !name.contains(['/', '\\']) && !matches!(name.as_str(), "." | "..");
        (is_name && found.next().is_none()).then_some(name)
    }
}

/// The names of an encoded path, decoded each by itself; `None` when one is no UTF-8.
fn names(path: &str) -> Option<Vec<String>> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let decoded = parts.map(|part| percent_decode_str(part).decode_utf8().ok());
    decoded.map(|part| part.map(|part| part.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> FilePath {
        FilePath::parse(text).unwrap()
    }

    #[test]
    fn names_are_encoded_each_by_itself() {
        let base = Base::read("https://Example.com:8443/dav/", "/my files/50%/").unwrap();
        assert_eq!(
            base.file(&path("a b/ä#?%41.txt")),
            "https://example.com:8443/dav/my%20files/50%25/a%20b/%C3%A4%23%3F%2541.txt"
        );
        assert_eq!(
            base.folder(&FilePath::root()),
            "https://example.com:8443/dav/my%20files/50%25/"
        );
        assert_eq!(
            Base::read("http://h", "").unwrap().folder(&FilePath::root()),
            "http://h/"
        );
        for (address, container) in [
            ("", ""),
            ("h", ""),
            ("ftp://h", ""),
            ("http://me:pw@h", ""),
            ("http://h/?q", ""),
            ("http://h", "a/../.."),
        ] {
            assert!(Base::read(address, container).is_err(), "{address} {container}");
        }
    }

    #[test]
    fn answers_mean_what_lies_in_the_folder() {
        let base = Base::read("http://h/dav", "r").unwrap();
        let name = |address: &str| base.name_in(&path("a b"), address);
        assert_eq!(name("/dav/r/a%20b/").as_deref(), Some(""));
        assert_eq!(name("/dav/r/a%20b/c%20d.txt").as_deref(), Some("c d.txt"));
        assert_eq!(name("http://other:81/dav/r/a%20b/sub/").as_deref(), Some("sub"));
        for elsewhere in [
            "/dav/r/",
            "/dav/r/a%20b/c/d",
            "/dav/r/a%20b/..%2Fc",
            "/dav/r/a%20b/../../x",
            "/dav/r/a%20b/%2e%2e",
            "/dav/r/a%20b/x%2fy",
            "/dav/r/a%20b/%ff",
            "/etc/passwd",
            "",
        ] {
            assert_eq!(name(elsewhere), None, "{elsewhere}");
        }
    }
}
