//! CSV, in pieces.

use super::records::{LARGEST, Reader};
use contract::{Map, Problem, StreamedRecord, Value};
use csv_core::{ReadRecordResult, Reader as Parser};

/// The mark with which some programs begin a text. It may come in several pieces.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// More fields than the tables of any database have.
const MOST_FIELDS: usize = 32_767;

/// Reads CSV: the first row names the fields, every other row is an object of strings. A row that has more or fewer
/// fields than the header, or is not UTF-8, is refused with the line on which it begins.
pub(super) struct Csv {
    parser: Parser,
    /// What has come before it is clear whether the text begins with a mark; none once that is clear.
    start: Option<Vec<u8>>,
    names: Option<Vec<String>>,
    fields: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    ended: usize,
    /// Bytes of the row so far.
    bytes: usize,
    line: u64,
    number: u64,
}

impl Csv {
    pub(super) fn new() -> Csv {
        Csv {
            parser: Parser::new(),
            start: Some(Vec::new()),
            names: None,
            fields: vec![0; 1024],
            filled: 0,
            ends: vec![0; 32],
            ended: 0,
            bytes: 0,
            line: 1,
            number: 0,
        }
    }

    fn parse(&mut self, mut input: &[u8], out: &mut Vec<StreamedRecord>) -> Result<(), Problem> {
        let last = input.is_empty();
        loop {
            let (result, read, filled, ended) = self.parser.read_record(
                input,
                &mut self.fields[self.filled..],
                &mut self.ends[self.ended..],
            );
            input = &input[read..];
            self.bytes += read;
            self.filled += filled;
            self.ended += ended;
            if self.filled > LARGEST || self.ended > MOST_FIELDS {
                return Err(Problem::bad_request(format!(
                    "The row that begins on line {} of the CSV has more than {LARGEST} bytes or {MOST_FIELDS} fields.",
                    self.line
                )));
            }
            match result {
                ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => self.row(out)?,
                ReadRecordResult::InputEmpty if !last => return Ok(()),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::End => return Ok(()),
            }
        }
    }

    /// A row is complete.
    fn row(&mut self, out: &mut Vec<StreamedRecord>) -> Result<(), Problem> {
        let row = self.texts();
        let (line, bytes) = (self.line, self.bytes);
        (self.filled, self.ended, self.bytes) = (0, 0, 0);
        self.line = self.parser.line();
        let Some(names) = &self.names else {
            let names =
                row.map_err(|_| Problem::bad_request("The CSV in the request's body cannot be read."))?;
            self.names = Some(names.into_iter().map(|name| name.trim().to_owned()).collect());
            return Ok(());
        };
        self.number += 1;
        let record = row.and_then(|row| {
            if row.len() != names.len() {
                return Err(Problem::bad_request(format!(
                    "Line {line} of the CSV has {} fields, but the header has {}.",
                    row.len(),
                    names.len()
                )));
            }
            let values = row.into_iter().map(Value::String);
            Ok(Map::from_iter(names.iter().cloned().zip(values)))
        });
        out.push(StreamedRecord {
            number: self.number,
            bytes,
            record,
        });
        Ok(())
    }

    fn texts(&self) -> Result<Vec<String>, Problem> {
        let mut begin = 0;
        let mut texts = Vec::with_capacity(self.ended);
        for end in &self.ends[..self.ended] {
            let text = std::str::from_utf8(&self.fields[begin..*end]).map_err(|_| {
                Problem::bad_request(format!("Line {} of the CSV is not valid UTF-8.", self.line))
            })?;
            texts.push(text.to_owned());
            begin = *end;
        }
        Ok(texts)
    }
}

impl Reader for Csv {
    fn feed(&mut self, piece: &[u8], out: &mut Vec<StreamedRecord>) -> Result<(), Problem> {
        let Some(mut start) = self.start.take() else {
            return self.parse_some(piece, out);
        };
        start.extend_from_slice(piece);
        if start.len() < BOM.len() && BOM.starts_with(&start) {
            self.start = Some(start);
            return Ok(());
        }
        self.parse_some(start.strip_prefix(BOM).unwrap_or(&start), out)
    }

    fn finish(&mut self, out: &mut Vec<StreamedRecord>) -> Result<(), Problem> {
        let start = self.start.take().unwrap_or_default();
        self.parse_some(&start, out)?;
        self.parse(&[], out)
    }
}

impl Csv {
    /// An empty piece is not the end.
    fn parse_some(&mut self, piece: &[u8], out: &mut Vec<StreamedRecord>) -> Result<(), Problem> {
        match piece.is_empty() {
            true => Ok(()),
            false => self.parse(piece, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::tests::{failures, read, values};
    use super::*;
    use serde_json::json;

    fn csv(text: &str, piece: usize) -> Vec<StreamedRecord> {
        read(Csv::new(), text.as_bytes(), piece).unwrap()
    }

    #[test]
    fn rows_are_objects_of_strings_however_they_are_cut() {
        let text = "\u{feff}name, quantity\ncsv one,1\r\n\"csv, \"\"two\"\"\n日\",2\n\n,\nlast,4";
        for piece in [1, 2, 3, 7, 1000] {
            let rows = csv(text, piece);
            let expected = [
                json!({"name": "csv one", "quantity": "1"}),
                json!({"name": "csv, \"two\"\n日", "quantity": "2"}),
                json!({"name": "", "quantity": ""}),
                json!({"name": "last", "quantity": "4"}),
            ];
            assert_eq!(values(&rows), expected, "in pieces of {piece}");
            let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
            assert_eq!(numbers, [1, 2, 3, 4]);
            assert!(rows.iter().map(|row| row.bytes).sum::<usize>() >= 40);
        }
    }

    #[test]
    fn wide_rows_are_whole() {
        let names: Vec<String> = (0..500).map(|n| format!("field_{n}")).collect();
        let text = format!("{0}\n{0}\n", names.join(","));
        let rows = csv(&text, 100);
        assert_eq!(rows[0].record.as_ref().unwrap().len(), 500);
        assert_eq!(rows[0].record.as_ref().unwrap()["field_499"], "field_499");
    }

    #[test]
    fn uneven_rows_are_refused_with_their_line_and_alone() {
        let rows = csv("a,b\n1,2\n3\n\"x\ny\",4,5\n6,7\n", 4);
        assert_eq!(
            failures(&rows),
            [
                (
                    2,
                    "Line 3 of the CSV has 1 fields, but the header has 2.".to_owned()
                ),
                (
                    3,
                    "Line 4 of the CSV has 3 fields, but the header has 2.".to_owned()
                ),
            ]
        );
        assert_eq!(values(&rows).len(), 2);
        assert!(csv("", 1).is_empty());
        assert!(csv("a,b\n", 1).is_empty());
        let broken = read(Csv::new(), b"a\n\xff\nb\n", 2).unwrap();
        assert_eq!(
            failures(&broken),
            [(1, "Line 2 of the CSV is not valid UTF-8.".to_owned())]
        );
        assert!(read(Csv::new(), b"\xff\n1\n", 2).is_err());
    }
}
