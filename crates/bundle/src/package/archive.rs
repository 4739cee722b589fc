//! Zip archives, read within bounds and into memory alone.
//!
//! Nothing of an archive is written to a disk here, and names inside it lead nowhere: an entry is found by the name it
//! is asked for. What an entry unpacks to is counted while it is read, whatever the archive says of its size.

use bytes::Bytes;
use contract::{Problem, Value};
use std::io::{Cursor, Read, Write};
use zip::read::ZipReadOptions;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipArchive, ZipWriter};

/// Most bytes of an archive, and of the files that are packed into one.
pub const MOST_BYTES: usize = 256 << 20;
/// Entries of an archive.
const MOST_ENTRIES: usize = 10_000;
/// Bytes that all entries unpack to.
const MOST_UNPACKED: u64 = 512 << 20;
/// Bytes that every entry may unpack to, and how many times its packed size a greater one.
const ALWAYS_UNPACKED: u64 = 4 << 20;
const MOST_RATIO: u64 = 200;

/// An opened archive.
pub(crate) struct Archive {
    zip: ZipArchive<Cursor<Vec<u8>>>,
    password: Option<String>,
    unpacked: u64,
}

impl Archive {
    /// Opens an archive. Fails with 400 when it is none, is too large, or has names that would lead out of a folder.
    pub(crate) fn open(bytes: Vec<u8>, password: Option<&str>) -> Result<Archive, Problem> {
        let invalid = |why: &str| Problem::bad_request(format!("Invalid package supplied. {why}"));
        if bytes.len() > MOST_BYTES {
            return Err(invalid("It is too large."));
        }
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|e| invalid("It is not a zip archive that can be read.").with_source(e))?;
        if zip.len() > MOST_ENTRIES {
            return Err(invalid("It has too many entries."));
        }
        let confined = |name: &str| {
            let parts = || name.split(['/', '\\']);
            !name.starts_with(['/', '\\']) && !name.contains(['\0', ':']) && !parts().any(|part| part == "..")
        };
        if !zip
            .file_names()
            .all(|name| name.is_ok_and(|name| confined(&name)))
        {
            return Err(invalid("An entry's name leads out of the archive."));
        }
        Ok(Archive {
            zip,
            password: password.filter(|p| !p.is_empty()).map(str::to_owned),
            unpacked: 0,
        })
    }

    /// The names of all files.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = self.zip.file_names().filter_map(Result::ok);
        let files = names.filter(|name| !name.ends_with('/'));
        files.map(|name| name.into_owned()).collect()
    }

    /// A file's JSON; `None` when there is no such file.
    pub(crate) fn json(&mut self, name: &str) -> Result<Option<Value>, Problem> {
        let Some(bytes) = self.bytes(name)? else {
            return Ok(None);
        };
        let parsed = serde_json::from_slice(&bytes);
        parsed.map(Some).map_err(|e| {
            Problem::bad_request(format!("Invalid package supplied. '{name}' is not JSON.")).with_source(e)
        })
    }

    /// The files of an archive inside this one, with their names; what they unpack to counts as if they stood here.
    pub(crate) fn inside(&mut self, bytes: Vec<u8>) -> Result<Vec<(String, Vec<u8>)>, Problem> {
        let mut inner = Archive {
            unpacked: self.unpacked,
            ..Archive::open(bytes, None)?
        };
        let mut files = Vec::new();
        for name in inner.names() {
            let bytes = inner.bytes(&name)?.unwrap_or_default();
            files.push((name, bytes));
        }
        self.unpacked = inner.unpacked;
        Ok(files)
    }

    /// A file's content; `None` when there is no such file.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        let Some(index) = self.zip.index_for_name(name) else {
            return Ok(None);
        };
        let unreadable = |e: ZipError| match e {
            ZipError::InvalidPassword => locked(),
            ZipError::UnsupportedArchive(text) if text == ZipError::PASSWORD_REQUIRED => locked(),
            e => broken(name).with_source(e),
        };
        let password = self.password.as_deref().map(str::as_bytes);
        let options = ZipReadOptions::new().password(password);
        let file = self.zip.by_index_with_options(index, options);
        let mut file = file.map_err(unreadable)?;
        let allowed = ALWAYS_UNPACKED.max(file.compressed_size().saturating_mul(MOST_RATIO));
        let allowed = allowed.min(MOST_UNPACKED - self.unpacked);
        let encrypted = file.encrypted();
        let mut bytes = Vec::new();
        let read = (&mut file).take(allowed + 1).read_to_end(&mut bytes);
        match read {
            Ok(count) if count as u64 > allowed => Err(Problem::bad_request(
                "Invalid package supplied. It unpacks to more than is accepted.",
            )),
            Ok(count) => {
                self.unpacked += count as u64;
                Ok(Some(bytes))
            }
            // A wrong password of the older encryption is noticed only by what comes out of it.
            Err(e) if encrypted => Err(locked().with_source(e)),
            Err(e) => Err(broken(name).with_source(e)),
        }
    }
}

fn locked() -> Problem {
    Problem::bad_request(
        "Cannot read package manifest. A valid password is required if this is a secured package.",
    )
}

fn broken(name: &str) -> Problem {
    Problem::bad_request(format!("Invalid package supplied. '{name}' cannot be read."))
}

/// Makes an archive of files; with a password all of them are encrypted (AES-256).
pub(crate) fn write(files: &[(String, Bytes)], password: Option<&str>) -> Result<Vec<u8>, Problem> {
    let internal = |e: ZipError| Problem::internal(e);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in files {
        match password {
            Some(password) => zip.start_file(
                name.as_str(),
                options.with_aes_encryption(AesMode::Aes256, password),
            ),
            None => zip.start_file(name.as_str(), options),
        }
        .map_err(internal)?;
        zip.write_all(content).map_err(Problem::internal)?;
    }
    Ok(zip.finish().map_err(internal)?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn raw(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            zip.start_file(*name, options).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn refusal(bytes: Vec<u8>, name: &str, password: Option<&str>) -> String {
        match Archive::open(bytes, password).and_then(|mut archive| archive.json(name)) {
            Ok(value) => panic!("it was read: {value:?}"),
            Err(problem) => {
                assert_eq!(problem.status(), 400);
                problem.message
            }
        }
    }

    #[test]
    fn what_was_written_is_read_and_a_password_is_needed_for_what_is_secured() {
        let role = json!([{"name": "r", "value": "hunter2"}]);
        let files = [("system/role.json".to_owned(), Bytes::from(role.to_string()))];
        let open = write(&files, None).unwrap();
        let mut archive = Archive::open(open, Some("not needed")).unwrap();
        assert_eq!(archive.json("system/role.json").unwrap(), Some(role.clone()));
        assert_eq!(archive.json("system/app.json").unwrap(), None);
        let secured = write(&files, Some("a passphrase")).unwrap();
        let mut archive = Archive::open(secured.clone(), Some("a passphrase")).unwrap();
        assert_eq!(archive.json("system/role.json").unwrap(), Some(role));
        for password in [None, Some(""), Some("another")] {
            assert!(refusal(secured.clone(), "system/role.json", password).contains("valid password"));
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["../evil.json", "/etc/passwd", "a/../../b", "..\\b", "C:/x"] {
            assert!(
                refusal(raw(&[(name, b"{}")]), name, None).contains("leads out"),
                "{name}"
            );
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let zeros = vec![b' '; 64 << 20];
        let bomb = raw(&[("package.json", &zeros)]);
        assert!(bomb.len() < 1 << 20);
        assert!(refusal(bomb, "package.json", None).contains("more than is accepted"));
    }

    #[test]
    fn an_archive_inside_counts_with_what_is_around_it() {
        let inner = raw(&[("reports/a.txt", b"one"), ("reports/b.txt", b"two")]);
        let outer = raw(&[("package.json", b"{}"), ("inner.zip", &inner)]);
        let mut archive = Archive::open(outer, None).unwrap();
        let bytes = archive.bytes("inner.zip").unwrap().unwrap();
        let before = archive.unpacked;
        let files = archive.inside(bytes).unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["reports/a.txt", "reports/b.txt"]);
        assert_eq!(archive.unpacked, before + 6);
    }

    #[test]
    fn nonsense_is_refused_without_panic() {
        for bytes in [&b""[..], b"PK", b"PK\x03\x04", &[0u8; 100]] {
            assert!(Archive::open(bytes.to_vec(), None).is_err());
        }
        let mut cut = raw(&[("package.json", b"{\"a\":1}")]);
        cut.truncate(cut.len() - 30);
        assert!(Archive::open(cut, None).is_err());
        assert!(refusal(raw(&[("package.json", b"not json")]), "package.json", None).contains("not JSON"));
    }
}
