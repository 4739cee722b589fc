//! What servers tell of files and folders.

use files::{Found, FoundKind};
use std::time::SystemTime;
use suppaftp::list::{File, FileType, ListParser};

/// A line of `MLSD`, or what `MLST` tells; `None` when it cannot be read, or is the folder itself.
pub(crate) fn machine(line: &str) -> Option<Found> {
    let (facts, name) = line.split_once("; ")?;
    let kind = facts.split(';').find_map(|fact| {
        let (name, value) = fact.split_once('=')?;
        name.eq_ignore_ascii_case("type")
            .then(|| value.to_ascii_lowercase())
    })?;
    match kind.as_str() {
        "cdir" | "pdir" => None,
        "dir" => Some(found(&ListParser::parse_mlsd(line).ok()?, FoundKind::Folder)),
        "file" => {
            let file = ListParser::parse_mlsd(line).ok()?;
            Some(found(&file, regular(&file)))
        }
        // Links and devices: where a link leads, the protocol cannot say.
        _ => Some(Found {
            name: name.to_owned(),
            kind: FoundKind::Broken,
            is_link: true,
            modified: None,
        }),
    }
}

/// A line of `LIST`, as people read it; `None` when it is none of a file.
pub(crate) fn human(line: &str) -> Option<Found> {
    let file = ListParser::parse_posix(line)
        .or_else(|_| ListParser::parse_dos(line))
        .ok()?;
    let kind = match file.file_type() {
        FileType::Directory => FoundKind::Folder,
        FileType::File => regular(&file),
        FileType::Symlink(_) => FoundKind::Broken,
    };
    Some(found(&file, kind))
}

fn regular(file: &File) -> FoundKind {
    FoundKind::File {
        length: file.size() as u64,
    }
}

fn found(file: &File, kind: FoundKind) -> Found {
    Found {
        name: file.name().to_owned(),
        kind,
        is_link: kind == FoundKind::Broken,
        // The library's word for a time that was not told.
        modified: Some(file.modified()).filter(|time| *time != SystemTime::UNIX_EPOCH),
    }
}

/// Whether a name can be told, and asked for.
pub(crate) fn is_name(name: &str) -> bool {
    let is_odd = |c: char| c == '/' || c == char::REPLACEMENT_CHARACTER || c.is_control();
    !matches!(name, "" | "." | "..") && !name.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: Option<Found>) -> Option<(String, FoundKind)> {
        found.map(|found| (found.name, found.kind))
    }

    #[test]
    fn lines_of_all_servers() {
        let file = |name: &str, length| Some((name.to_owned(), FoundKind::File { length }));
        let folder = |name: &str| Some((name.to_owned(), FoundKind::Folder));
        let broken = |name: &str| Some((name.to_owned(), FoundKind::Broken));
        for (line, expected) in [
            (
                "type=file;size=5;modify=20260102030405; a b;c.txt",
                file("a b;c.txt", 5),
            ),
            ("Type=dir;Modify=20260102030405; sub", folder("sub")),
            ("type=cdir;modify=20260102030405; /x", None),
            (
                "type=OS.unix=slink:/etc;modify=20260102030405; link",
                broken("link"),
            ),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(told(machine(line)), expected, "{line}");
        }
        for (line, expected) in [
            (
                "-rw-r--r--    1 0        0               5 Nov 22 07:00 a b -> c.txt",
                file("a b -> c.txt", 5),
            ),
            (
                "drwxr-xr-x    2 ftp      ftp          4096 Nov 22  2025 sub",
                folder("sub"),
            ),
            (
                "lrwxrwxrwx    1 ftp      ftp             4 Nov 22 07:00 link -> /etc",
                broken("link"),
            ),
            ("10-19-25  03:19PM       <DIR>          pub", folder("pub")),
            (
                "10-19-25  03:19PM                  403 readme.htm",
                file("readme.htm", 403),
            ),
            ("total 12", None),
        ] {
            assert_eq!(told(human(line)), expected, "{line}");
        }
        assert!(is_name("a b") && !is_name("..") && !is_name("../x") && !is_name("a\u{7}"));
    }
}
