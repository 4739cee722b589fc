//! What must never stand in an answer: SQL, words of drivers, paths, passwords.

/// Words that only a database, a driver or this program's insides would say, in lower case.
const WORDS: &[&str] = &[
    "select ",
    "insert into",
    "delete from",
    " where ",
    "sqlstate",
    "syntax error",
    "you have an error in your sql",
    "no such column",
    "no such table",
    "unrecognized token",
    "near \"",
    "rusqlite",
    "tokio",
    "mysql_async",
    "pg_catalog",
    "information_schema",
    "sqlite_master",
    "invalid input syntax",
    "unknown column",
    "at character ",
    "operator does not exist",
    "incorrect syntax",
    "out of range for type",
    "panicked",
    ".rs:",
    "unwrap",
    "/tmp/",
    "/home/",
    "/root/",
    "/usr/",
    "df_pw",
    "ioerror",
    "os error",
    "error returned from",
    "db error",
    "stack backtrace",
];

/// The first word of [`WORDS`] in an answer's text that the request itself has not brought.
pub fn leak(answer: &str, request: &str) -> Option<&'static str> {
    let (answer, request) = (answer.to_lowercase(), decoded(request).to_lowercase());
    WORDS
        .iter()
        .copied()
        .find(|word| answer.contains(word) && !request.contains(word.trim()))
}

/// Percent-encoding and plus signs undone, as far as they can be.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|h| std::str::from_utf8(h).ok());
        match (bytes[at], hex.and_then(|h| u8::from_str_radix(h, 16).ok())) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                at += 2;
            }
            (b'+', _) => plain.push(b' '),
            (byte, _) => plain.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_program_adds_is_a_leak() {
        assert_eq!(leak("Unknown column 'x'", "/a"), Some("unknown column"));
        assert_eq!(leak("Unknown field 'a SELECT b'", "filter=a%20select+b"), None);
        assert_eq!(leak("Could not open /tmp/x", "/a"), Some("/tmp/"));
        assert_eq!(leak("The field 'x' is not known.", "/a"), None);
    }
}
