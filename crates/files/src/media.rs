//! Media types of files: by their names, and of those that tell nothing by their first bytes.

/// As many bytes of a file are looked at.
pub(crate) const HEAD: u64 = 512;
/// What is said of bytes that are nothing known.
const UNKNOWN: &str = "application/octet-stream";
/// What the original says of a file without content.
const EMPTY: &str = "application/x-empty";

/// Endings in lower case with their media types, in order of the endings.
const ENDINGS: &[(&str, &str)] = &[
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar"),
    ("jar", "application/java-archive"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("log", "text/plain"),
    ("m4a", "audio/mp4"),
    ("md", "text/markdown"),
    ("mjs", "text/javascript"),
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ogg", "audio/ogg"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("rtf", "application/rtf"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("tsv", "text/tab-separated-values"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
];

/// First bytes with their media types.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"wOF2", "font/woff2"),
    (b"wOFF", "font/woff"),
    (b"\0asm", "application/wasm"),
    (b"\x7fELF", "application/x-executable"),
];

/// What the length and the name tell; `None` when the content has to be asked.
pub(crate) fn by_name(name: &str, length: u64) -> Option<&'static str> {
    if length == 0 {
        return Some(EMPTY);
    }
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    let at = ENDINGS
        .binary_search_by(|(known, _)| (*known).cmp(&ending))
        .ok()?;
    Some(ENDINGS[at].1)
}

/// What the first bytes tell.
pub(crate) fn by_content(head: &[u8]) -> &'static str {
    let known = BEGINNINGS
        .iter()
        .find(|(beginning, _)| head.starts_with(beginning));
    if let Some((_, media)) = known {
        return media;
    }
    match head.get(8..12) {
        Some(b"WEBP") if head.starts_with(b"RIFF") => return "image/webp",
        Some(b"WAVE") if head.starts_with(b"RIFF") => return "audio/wav",
        Some(b"AVI ") if head.starts_with(b"RIFF") => return "video/x-msvideo",
        _ if head.get(4..8) == Some(b"ftyp") => return "video/mp4",
        _ => {}
    }
    if is_targa(head) {
        return "image/x-tga";
    }
    match is_text(head) {
        true => "text/plain",
        false => UNKNOWN,
    }
}

/// Targa has no signature: its header must make sense.
fn is_targa(head: &[u8]) -> bool {
    let Some([_, map, kind, .., depth, _]) = head.get(..18) else {
        return false;
    };
    *map <= 1 && matches!(kind, 1..=3 | 9..=11 | 32 | 33) && matches!(depth, 8 | 15 | 16 | 24 | 32)
}

/// UTF-8 without signs that texts do not have. A letter may be cut at the end.
fn is_text(head: &[u8]) -> bool {
    let sound = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none(),
    };
    sound
        && !head
            .iter()
            .any(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}

/// The value of Content-Type for a media type.
pub(crate) fn header(media: &str) -> String {
    match media.starts_with("text/") {
        true => format!("{media};charset=UTF-8"),
        false => media.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_and_then_the_content() {
        assert!(ENDINGS.is_sorted_by_key(|(ending, _)| *ending));
        assert_eq!(by_name("a.HTML", 1), Some("text/html"));
        assert_eq!(by_name("a.html", 0), Some(EMPTY));
        assert_eq!(by_name("zip", 1), None);
        assert_eq!(by_name("a.b/", 1), None);
        assert_eq!(by_content(b"\x89PNG\r\n\x1a\n..."), "image/png");
        assert_eq!(by_content("Grüße\n".as_bytes()), "text/plain");
        assert_eq!(by_content(&"ü".as_bytes()[..1]), "text/plain");
        assert_eq!(by_content(b"a\0b"), UNKNOWN);
        let counting: Vec<u8> = (0..=255).collect();
        assert_eq!(by_content(&counting), "image/x-tga");
        assert_eq!(header("text/css"), "text/css;charset=UTF-8");
    }
}
