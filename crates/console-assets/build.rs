//! Makes a table of the files in `console/dist`, with compressed copies and tags.

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Endings of files that are smaller when compressed, and what browsers call them.
const TEXTS: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("json", "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
];
/// Endings of files that are compressed already.
const OTHERS: &[(&str, &str)] = &[
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("webp", "image/webp"),
    ("ico", "image/x-icon"),
    ("woff2", "font/woff2"),
];
/// Least size that is worth a compressed copy.
const WORTH: usize = 256;

fn main() -> io::Result<()> {
    // Relative to the package, where Cargo runs this: builds kept outside the clone are shared between clones.
    let console = Path::new("../../console");
    let built = console.join("dist");
    // While nothing is built, watch the place where it will be; a path that is missing would run this every time.
    let watched = if built.is_dir() { &built } else { console };
    println!("cargo::rerun-if-changed={}", watched.display());
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut table = String::from("&[\n");
    if built.join("index.html").is_file() {
        let mut files = Vec::new();
        collect(&built, &mut files)?;
        files.sort();
        for (number, file) in files.iter().enumerate() {
            table.push_str(&entry(&built, file, &out, number)?);
        }
    }
    table.push(']');
    fs::write(out.join("files.rs"), table)
}

/// All regular files below a folder; links are not followed.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// One row of the table; its contents are written beside it. A file of an unknown kind is left out with a warning.
fn entry(built: &Path, file: &Path, out: &Path, number: usize) -> io::Result<String> {
    let path = file.strip_prefix(built).map_err(io::Error::other)?;
    let path = path.to_string_lossy().replace('\\', "/");
    let ending = path.rsplit('.').next().unwrap_or_default();
    let of = |kinds: &[(&str, &'static str)]| {
        kinds
            .iter()
            .find(|(name, _)| *name == ending)
            .map(|(_, media)| *media)
    };
    let text = of(TEXTS);
    let Some(media) = text.or_else(|| of(OTHERS)) else {
        println!("cargo::warning=console/dist/{path} is of an unknown kind and left out");
        return Ok(String::new());
    };
    let plain = fs::read(file)?;
    let tag: String = Sha256::digest(&plain)[..16]
        .iter()
        .fold(String::new(), |mut tag, byte| {
            // Writing into a string cannot fail.
            let _ = write!(tag, "{byte:02x}");
            tag
        });
    let store = |kind: &str, bytes: &[u8]| {
        let place = out.join(format!("{number}.{kind}"));
        fs::write(&place, bytes)?;
        Ok::<_, io::Error>(format!("include_bytes!({place:?})"))
    };
    let copy = |kind: &str, bytes: Vec<u8>| match bytes.len() < plain.len() {
        true => Ok(format!("Some({})", store(kind, &bytes)?)),
        false => Ok::<_, io::Error>("None".to_owned()),
    };
    let (brotli, gzip) = match text.is_some() && plain.len() >= WORTH {
        true => (copy("br", brotli(&plain)?)?, copy("gz", gzip(&plain)?)?),
        false => ("None".to_owned(), "None".to_owned()),
    };
    let plain = store("plain", &plain)?;
    Ok(format!(
        "ConsoleFile {{ path: {path:?}, media: {media:?}, tag: {tag:?}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},\n"
    ))
}

fn brotli(plain: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut out, &parameters)?;
    Ok(out)
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()
}
