//! Entries as datagrams of the Graylog Extended Log Format: JSON, compressed, in chunks where it is long.

use crate::entry::Entry;
use contract::{Map, Value};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::json;
use std::io::{self, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Most bytes of a datagram's content.
const CHUNK: usize = 8154;
/// Most chunks of an entry.
const MOST_CHUNKS: usize = 128;
/// Begins a chunk.
const MAGIC: [u8; 2] = [0x1e, 0x0f];

/// The datagrams of an entry; an error when there would be too many.
pub(crate) fn datagrams(entry: &Entry, source: &str) -> io::Result<Vec<Vec<u8>>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = message(entry, source, now).to_string();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    let mut id = [0; 8];
    getrandom::fill(&mut id).map_err(io::Error::other)?;
    chunks(encoder.finish()?, id)
}

fn message(entry: &Entry, source: &str, now: Duration) -> Value {
    let mut message = Map::new();
    let first = entry.message.lines().next().unwrap_or_default();
    message.insert("version".into(), json!("1.1"));
    message.insert("host".into(), json!(source));
    message.insert("short_message".into(), json!(first));
    message.insert("full_message".into(), json!(entry.message));
    message.insert("timestamp".into(), json!(now.as_secs_f64()));
    message.insert("level".into(), json!(entry.level.syslog));
    message.extend(entry.context.clone());
    Value::Object(message)
}

fn chunks(content: Vec<u8>, id: [u8; 8]) -> io::Result<Vec<Vec<u8>>> {
    if content.len() <= CHUNK {
        return Ok(vec![content]);
    }
    let pieces: Vec<&[u8]> = content.chunks(CHUNK).collect();
    let too_long = || io::Error::other("the entry is too long for GELF");
    let count = u8::try_from(pieces.len())
        .ok()
        .filter(|count| usize::from(*count) <= MOST_CHUNKS);
    let count = count.ok_or_else(too_long)?;
    Ok((0..count)
        .zip(pieces)
        .map(|(number, piece)| [&MAGIC, &id[..], &[number, count], piece].concat())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::INFO;

    #[test]
    fn a_message_says_what_the_format_asks_for() {
        let entry = Entry {
            message: "one\ntwo".into(),
            level: INFO,
            context: json!({"_event": {"resource": "x"}}).as_object().unwrap().clone(),
        };
        assert_eq!(
            message(&entry, "here", Duration::from_millis(1500)),
            json!({"version": "1.1", "host": "here", "short_message": "one", "full_message": "one\ntwo",
                   "timestamp": 1.5, "level": 6, "_event": {"resource": "x"}})
        );
    }

    #[test]
    fn long_messages_come_in_numbered_chunks() {
        assert_eq!(chunks(vec![1; CHUNK], [7; 8]).unwrap(), [vec![1; CHUNK]]);
        let parts = chunks(vec![1; CHUNK * 2 + 1], [7; 8]).unwrap();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[2], [0x1e, 0x0f, 7, 7, 7, 7, 7, 7, 7, 7, 2, 3, 1]);
        assert!(chunks(vec![1; CHUNK * MOST_CHUNKS], [7; 8]).is_ok());
        assert!(chunks(vec![1; CHUNK * MOST_CHUNKS + 1], [7; 8]).is_err());
    }
}
