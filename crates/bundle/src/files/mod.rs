//! A bundle as a folder of small text files, for review and version control.
//!
//! One JSON file for every object, in a folder for its kind, with sorted keys and no ids or dates, so that the same
//! content is always the same text. JSON, because the house reads and writes it anyway and it has one way to write a
//! value. Texts of several lines (scripts, e-mails) lie beside it as files of their own, where a review shows their
//! lines. Secrets are never written: `${NAME}` stands in their place.

mod read;
mod sealed;
mod values;
mod write;

pub use read::read;
pub use sealed::Sealed;
pub use values::Secrets;
pub use write::{Written, write};

/// The key under which a JSON file names a text file beside it.
const FILE: &str = "$file";

/// Longest name of a file without its ending, in bytes.
const LONGEST: usize = 120;

/// A file name for an object's name: letters, digits and a few signs stay, all others are written as `%` and their
/// number. A name that is cut is told apart by its digest.
fn file_name(name: &str) -> String {
    let mut safe = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'@' | b'+' => {
                safe.push(char::from(byte))
            }
            b'.' if !safe.is_empty() => safe.push('.'),
            b' ' => safe.push('-'),
            byte => safe.push_str(&format!("%{byte:02X}")),
        }
    }
    if safe.len() > LONGEST || safe.is_empty() {
        use sha2::{Digest, Sha256};
        let digest = hex::encode(Sha256::digest(name.as_bytes()));
        let start: String = safe.chars().take(LONGEST - 9).collect();
        safe = format!("{start}-{}", &digest[..8]);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_file_name() {
        assert_eq!(file_name("Reader of things"), "Reader-of-things");
        assert_eq!(file_name("../a/b"), "%2E.%2Fa%2Fb");
        assert_eq!(
            file_name("db._table.{table_name}.get"),
            "db._table.%7Btable_name%7D.get"
        );
        assert_eq!(file_name("*"), "%2A");
        let long = file_name(&"x".repeat(500));
        assert!(long.len() <= LONGEST && long != file_name(&"x".repeat(501)));
    }
}
