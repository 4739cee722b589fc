//! NDJSON, in pieces: a JSON object per line.

use super::depth;
use super::records::{LARGEST, Reader};
use contract::{Problem, StreamedRecord, Value};

/// Reads lines of JSON; empty lines count as lines and not as records. A line that is no object is refused with its
/// number.
pub(super) struct Ndjson {
    /// The line so far.
    line: Vec<u8>,
    lines: u64,
    number: u64,
    most_depth: u64,
}

impl Ndjson {
    pub(super) fn new(most_depth: u64) -> Ndjson {
        Ndjson {
            line: Vec::new(),
            lines: 0,
            number: 0,
            most_depth,
        }
    }

    /// A line is complete.
    fn end_line(&mut self, out: &mut Vec<StreamedRecord>) {
        self.lines += 1;
        let line = std::mem::take(&mut self.line);
        let text = match self.lines {
            1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line),
            _ => line.as_slice(),
        };
        if !text.trim_ascii().is_empty() {
            self.number += 1;
            out.push(StreamedRecord {
                number: self.number,
                bytes: text.len(),
                record: self.record(text),
            });
        }
        self.line = line;
        self.line.clear();
    }

    fn record(&self, text: &[u8]) -> Result<contract::Map<String, Value>, Problem> {
        let refuse = |what: String| Problem::bad_request(format!("Line {} of the NDJSON {what}", self.lines));
        if depth::exceeds(text, self.most_depth) {
            return Err(refuse(format!("nests deeper than {} levels.", self.most_depth)));
        }
        match serde_json::from_slice(text) {
            Ok(Value::Object(record)) => Ok(record),
            Ok(_) => Err(refuse("is not an object.".to_owned())),
            Err(e) => Err(refuse(format!("is not valid JSON. (column {})", e.column()))),
        }
    }
}

impl Reader for Ndjson {
    fn feed(&mut self, piece: &[u8], out: &mut Vec<StreamedRecord>) -> Result<(), Problem> {
        let mut parts = piece.split(|byte| *byte == b'\n');
        let last = parts.next_back().unwrap_or_default();
        for part in parts {
            self.line.extend_from_slice(part);
            self.end_line(out);
        }
        self.line.extend_from_slice(last);
        if self.line.len() > LARGEST {
            return Err(Problem::bad_request(format!(
                "Line {} of the NDJSON is larger than {LARGEST} bytes.",
                self.lines + 1
            )));
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<StreamedRecord>) -> Result<(), Problem> {
        self.end_line(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::tests::{failures, read, values};
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_are_records_however_they_are_cut() {
        let text = "\u{feff}{\"a\":1}\r\n\n  {\"a\":\"x\\ny日\"} \n[1]\n{\"a\":\n{\"b\":{\"c\":[null]}}";
        for piece in [1, 2, 5, 1000] {
            let rows = read(Ndjson::new(64), text.as_bytes(), piece).unwrap();
            assert_eq!(
                values(&rows),
                [
                    json!({"a": 1}),
                    json!({"a": "x\ny日"}),
                    json!({"b": {"c": [null]}})
                ]
            );
            assert_eq!(
                failures(&rows),
                [
                    (3, "Line 4 of the NDJSON is not an object.".to_owned()),
                    (4, "Line 5 of the NDJSON is not valid JSON. (column 5)".to_owned()),
                ]
            );
        }
        let deep = read(Ndjson::new(2), b"{\"a\":[[1]]}", 100).unwrap();
        assert_eq!(
            failures(&deep)[0].1,
            "Line 1 of the NDJSON nests deeper than 2 levels."
        );
        assert!(read(Ndjson::new(2), b"", 1).unwrap().is_empty());
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let endless = vec![b'x'; LARGEST + 2];
        assert!(read(Ndjson::new(64), &endless, 1 << 20).is_err());
    }
}
