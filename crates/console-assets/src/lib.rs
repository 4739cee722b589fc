//! The admin console, as it was built, inside the program.
//!
//! Invariants: holds data and no code. The build script takes what lies in `console/dist` and compresses it; it never
//! runs a package manager and loads nothing. Where the console has not been built, there are no files, and everything
//! else works.

use http_door::ConsoleFile;

/// All files of the built console; empty where it had not been built when the program was.
pub static FILES: &[ConsoleFile] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn a_console_has_a_page_and_every_file_one_tag() {
        assert!(FILES.is_empty() || FILES.iter().any(|file| file.path == "index.html"));
        for file in FILES {
            assert_eq!(file.tag.len(), 32, "{}", file.path);
            assert!(
                file.brotli.is_none_or(|copy| copy.len() < file.plain.len()),
                "{}",
                file.path
            );
        }
    }
}
