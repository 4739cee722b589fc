//! Rows as text, written from the driver's cells without an object in between.

use crate::columns;
use crate::plan::ReadPlan;
use crate::value::{Shape, as_bool, is_number, to_json, without_trailing_zeros};
use crate::{Cell, Flow, Sink};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contract::{Format, csv};
use futures_util::future::BoxFuture;
use std::any::Any;
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Bytes gathered before a piece is handed on.
const PIECE: usize = 64 * 1024;
/// Bytes that a key and a cell take mostly.
const USUAL_KEY: usize = 24;
const USUAL_CELL: usize = 12;
/// Rows that there is room for to begin with, and bytes beside them, and in all.
const USUAL_ROWS: u64 = 25;
const ROOM: usize = 256;
const MOST_ROOM: usize = 8192;
/// Bytes gathered before the first piece is handed on: what is not larger leaves whole, with its length, and needs
/// nobody to wait for its pieces.
const WHOLE: usize = 256 * 1024;

/// A column of the output: where its key stands in the text of [`Keys`], and how its cells are shown.
#[derive(Debug)]
struct OutColumn {
    key: Range<usize>,
    shape: Shape,
}

/// The columns of the output.
#[derive(Debug)]
pub(crate) struct Keys {
    /// The keys one after the other. In JSON a key is a text with the colon, in CSV a cell; what stands before it is part
    /// of the key.
    text: Vec<u8>,
    list: Vec<OutColumn>,
}

impl Keys {
    fn new<'c>(format: Format, columns: impl Iterator<Item = (&'c str, Shape)>) -> Keys {
        let (count, _) = columns.size_hint();
        let mut all = Keys {
            text: Vec::with_capacity(count * USUAL_KEY),
            list: Vec::with_capacity(count),
        };
        for (name, shape) in columns {
            all.add(format, name, shape);
        }
        all
    }

    fn add(&mut self, format: Format, name: &str, shape: Shape) {
        let start = self.text.len();
        let text = &mut self.text;
        if !self.list.is_empty() {
            text.push(b',');
        }
        if format == Format::Csv {
            csv::cell(text, name);
        } else {
            if self.list.is_empty() {
                text.push(b'{');
            }
            write_text(text, name);
            text.push(b':');
        }
        let key = start..text.len();
        self.list.push(OutColumn { key, shape });
    }

    /// The key and the shape of a column.
    fn get(&self, index: usize) -> Option<(&[u8], Shape)> {
        let column = self.list.get(index)?;
        Some((&self.text[column.key.clone()], column.shape))
    }
}

/// Writes rows as JSON objects separated by commas, as lines of JSON, or as CSV under a header. With a channel,
/// pieces are handed on as they fill; without one, everything stays in `out`.
pub(crate) struct RowWriter {
    /// What was written and not handed on.
    pub(crate) out: Vec<u8>,
    /// Rows written.
    pub(crate) rows: u64,
    /// Bytes before the first row; none once a piece was handed on.
    prefix: Option<usize>,
    format: Format,
    keys: Arc<Keys>,
    /// A cell of CSV before it is quoted; kept for its memory.
    text: String,
    pieces: Option<mpsc::Sender<Bytes>>,
}

impl RowWriter {
    /// A writer in a format that is not [`Format::Other`], with these columns.
    pub(crate) fn new<'c>(
        format: Format,
        columns: impl Iterator<Item = (&'c str, Shape)>,
        pieces: Option<mpsc::Sender<Bytes>>,
    ) -> RowWriter {
        RowWriter::with(format, Arc::new(Keys::new(format, columns)), USUAL_ROWS, pieces)
    }

    /// A writer of what a plan reads, in a format that is not [`Format::Other`].
    pub(crate) fn of(format: Format, plan: &ReadPlan, pieces: Option<mpsc::Sender<Bytes>>) -> RowWriter {
        let keys = || Arc::new(Keys::new(format, columns::shapes(&plan.table, &plan.columns)));
        let keys = match format != Format::Csv && plan.is_whole() {
            true => Arc::clone(plan.table.whole.keys.get_or_init(keys)),
            false => keys(),
        };
        let rows = plan.limit.map_or(USUAL_ROWS, |limit| limit.min(USUAL_ROWS));
        RowWriter::with(format, keys, rows, pieces)
    }

    fn with(format: Format, keys: Arc<Keys>, rows: u64, pieces: Option<mpsc::Sender<Bytes>>) -> RowWriter {
        let row = keys.text.len() + keys.list.len() * USUAL_CELL;
        RowWriter {
            out: Vec::with_capacity((ROOM + rows as usize * row).min(MOST_ROOM)),
            rows: 0,
            prefix: Some(0),
            format,
            keys,
            text: String::new(),
            pieces,
        }
    }

    /// The same writer, beginning after `prefix`.
    pub(crate) fn after(mut self, prefix: &str) -> RowWriter {
        self.out.extend_from_slice(prefix.as_bytes());
        self.prefix = Some(self.out.len());
        self
    }

    /// What is left when all rows are written.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        if self.format == Format::Csv && self.rows == 0 {
            self.out.extend_from_slice(csv::NO_ROWS);
        }
        std::mem::take(&mut self.out)
    }

    /// Writes what is JSON already under the key of a column. Not for CSV.
    pub(crate) fn raw(&mut self, index: usize, parts: [&str; 3]) {
        if let Some((key, _)) = self.keys.get(index) {
            self.out.extend_from_slice(key);
            for part in parts {
                self.out.extend_from_slice(part.as_bytes());
            }
        }
    }

    fn header(&mut self) {
        self.out.extend_from_slice(&self.keys.text);
        self.out.push(b'\n');
    }

    fn csv_cell(&mut self, index: usize, cell: Cell<'_>) {
        if index == 0 && self.rows == 0 {
            self.header();
        }
        let Some((_, shape)) = self.keys.get(index) else {
            return;
        };
        if index > 0 {
            self.out.push(b',');
        }
        self.text.clear();
        plain_text(&mut self.text, shape, cell);
        csv::cell(&mut self.out, &self.text);
    }
}

impl Sink for RowWriter {
    fn cell(&mut self, index: usize, cell: Cell<'_>) {
        if self.format == Format::Csv {
            return self.csv_cell(index, cell);
        }
        let Some((key, shape)) = self.keys.get(index) else {
            return;
        };
        if index == 0 && self.rows > 0 && self.format == Format::Json {
            self.out.push(b',');
        }
        self.out.extend_from_slice(key);
        write_cell(&mut self.out, shape, cell);
    }

    fn end_row(&mut self) -> Flow {
        self.out.extend_from_slice(match self.format {
            Format::Json => b"}",
            Format::Csv => b"\n",
            _ => b"}\n",
        });
        self.rows += 1;
        let most = if self.prefix.is_some() { WHOLE } else { PIECE };
        match &self.pieces {
            Some(pieces) if pieces.is_closed() => Flow::Stop,
            Some(_) if self.out.len() >= most => Flow::Drain,
            _ => Flow::More,
        }
    }

    fn drain(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.prefix = None;
            if let Some(pieces) = &self.pieces {
                let piece = Bytes::from(std::mem::replace(&mut self.out, Vec::with_capacity(PIECE + 4096)));
                // A receiver that is gone is noticed at the end of the next row.
                let _ = pieces.send(piece).await;
            }
        })
    }

    fn restart(&mut self) -> bool {
        if let Some(prefix) = self.prefix {
            self.out.truncate(prefix);
            self.rows = 0;
        }
        self.prefix.is_some()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

fn write_cell(out: &mut Vec<u8>, shape: Shape, cell: Cell<'_>) {
    match (shape, cell) {
        (Shape::Plain, Cell::Unchecked(bytes)) if is_plain(bytes) => write_plain(out, bytes),
        (_, Cell::Unchecked(_)) => write_cell(out, shape, cell.checked()),
        (_, Cell::Null) => out.extend_from_slice(b"null"),
        (Shape::Boolean, cell) => write_bool(out, as_bool(cell)),
        (Shape::Base64, Cell::Bytes(bytes)) => write_base64(out, bytes),
        (Shape::Base64, Cell::Text(text)) => write_base64(out, text.as_bytes()),
        (_, Cell::Bool(flag)) => write_bool(out, flag),
        (_, Cell::Int(n)) => out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes()),
        (_, Cell::Uint(n)) => out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes()),
        (_, Cell::Float(n)) if n.is_finite() => {
            out.extend_from_slice(ryu::Buffer::new().format_finite(n).as_bytes())
        }
        (_, Cell::Float32(n)) if n.is_finite() => {
            out.extend_from_slice(ryu::Buffer::new().format_finite(n).as_bytes())
        }
        (_, Cell::Float(n)) => write_text(out, &n.to_string()),
        (_, Cell::Float32(n)) => write_text(out, &n.to_string()),
        (_, Cell::Decimal(text)) if is_number(text) => {
            out.extend_from_slice(without_trailing_zeros(text).as_bytes())
        }
        (Shape::Number, Cell::Text(text)) if is_number(text) => {
            out.extend_from_slice(without_trailing_zeros(text).as_bytes());
        }
        (_, Cell::Decimal(text) | Cell::Text(text)) => write_text(out, text),
        (_, Cell::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => write_text(out, text),
            Err(_) => write_base64(out, bytes),
        },
    }
}

/// The text of a cell where nothing marks what is text and what is not: NULL is empty, truth values are 1 and 0, a
/// whole floating-point number has no `.0`. What the door makes of the same cell as a value is the same text.
fn plain_text(out: &mut String, shape: Shape, cell: Cell<'_>) {
    match (shape, cell) {
        (_, Cell::Unchecked(_)) => plain_text(out, shape, cell.checked()),
        (_, Cell::Null) => {}
        (Shape::Boolean, cell) => out.push(if as_bool(cell) { '1' } else { '0' }),
        (_, Cell::Bool(flag)) => out.push(if flag { '1' } else { '0' }),
        (Shape::Base64, Cell::Bytes(bytes)) => STANDARD.encode_string(bytes, out),
        (Shape::Base64, Cell::Text(text)) => STANDARD.encode_string(text, out),
        (_, Cell::Int(n)) => out.push_str(itoa::Buffer::new().format(n)),
        (_, Cell::Uint(n)) => out.push_str(itoa::Buffer::new().format(n)),
        (shape, cell @ (Cell::Float(_) | Cell::Float32(_))) => {
            let value = to_json(shape, cell);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            out.push_str(text.strip_suffix(".0").unwrap_or(&text));
        }
        (_, Cell::Decimal(text)) if is_number(text) => out.push_str(without_trailing_zeros(text)),
        (Shape::Number, Cell::Text(text)) if is_number(text) => out.push_str(without_trailing_zeros(text)),
        (_, Cell::Decimal(text) | Cell::Text(text)) => out.push_str(text),
        (_, Cell::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => out.push_str(text),
            Err(_) => STANDARD.encode_string(bytes, out),
        },
    }
}

fn write_bool(out: &mut Vec<u8>, flag: bool) {
    out.extend_from_slice(if flag { b"true" } else { b"false" });
}

fn write_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    out.push(b'"');
}

/// Writes text as a JSON string: quotes, backslashes and control signs escaped, everything else as it is.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        return write_plain(out, text.as_bytes());
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = first_escaped(rest) {
        out.extend_from_slice(&rest[..at]);
        write_escaped(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Writes text that [`is_plain`].
fn write_plain(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// Whether text is ASCII and nothing in it must be escaped, as is mostly so. Eight bytes are looked at together; the
/// last eight may have been looked at in part before.
fn is_plain(text: &[u8]) -> bool {
    match text.last_chunk::<8>() {
        Some(last) => {
            let (eights, _) = text.as_chunks::<8>();
            eights.iter().chain([last]).all(|eight| are_plain(*eight))
        }
        None => text.iter().all(|b| b.is_ascii() && !is_escaped(*b)),
    }
}

/// The same for eight bytes. Where one is less than what is subtracted from it, the highest bit of the difference is
/// set, for no byte has it to begin with.
fn are_plain(eight: [u8; 8]) -> bool {
    const EACH: u64 = u64::MAX / 0xff;
    let all = u64::from_le_bytes(eight);
    let control = all.wrapping_sub(EACH * 0x20);
    let quote = (all ^ (EACH * b'"' as u64)).wrapping_sub(EACH);
    let backslash = (all ^ (EACH * b'\\' as u64)).wrapping_sub(EACH);
    (all | control | quote | backslash) & (EACH * 0x80) == 0
}

fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Where the first byte stands that must be escaped.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|b| is_escaped(*b))
}

fn write_escaped(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_as_the_reference_writer_does() {
        for text in [
            "plain",
            "a\"b\\c",
            "line\nfeed\r\t",
            "\u{1}\u{1f}\u{8}\u{c}\u{b}",
            "12345678\"",
            "1234567\"8",
            "12345678 12345678\\ 12345678\n",
            "ünï 12345678",
            "12345678 日本",
            "ünï日本茶",
            "",
        ] {
            let mut out = Vec::new();
            write_text(&mut out, text);
            assert_eq!(
                String::from_utf8(out).unwrap(),
                serde_json::to_string(text).unwrap()
            );
        }
    }

    #[test]
    fn every_byte_is_known_to_be_plain_or_not_at_every_place() {
        for byte in 0..=u8::MAX {
            let is_ordinary = byte.is_ascii() && !is_escaped(byte);
            for length in 1..20 {
                for at in 0..length {
                    let mut text = vec![b'x'; length];
                    text[at] = byte;
                    assert_eq!(is_plain(&text), is_ordinary, "{byte} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn text_that_may_not_be_utf8_is_text_or_bytes() {
        for shape in [Shape::Plain, Shape::Number, Shape::Boolean, Shape::Base64] {
            for bytes in [
                &b"plain"[..],
                b"a \"b\"",
                b"1.50",
                b"0",
                b"",
                "日本".as_bytes(),
                b"\xff\xfe",
            ] {
                let checked = std::str::from_utf8(bytes).map_or(Cell::Bytes(bytes), Cell::Text);
                let (mut unchecked, mut wanted) = (Vec::new(), Vec::new());
                write_cell(&mut unchecked, shape, Cell::Unchecked(bytes));
                write_cell(&mut wanted, shape, checked);
                assert_eq!(unchecked, wanted, "{shape:?} {}", bytes.escape_ascii());
                let (mut unchecked, mut wanted) = (String::new(), String::new());
                plain_text(&mut unchecked, shape, Cell::Unchecked(bytes));
                plain_text(&mut wanted, shape, checked);
                assert_eq!(unchecked, wanted, "{shape:?} {}", bytes.escape_ascii());
                assert_eq!(to_json(shape, Cell::Unchecked(bytes)), to_json(shape, checked));
            }
        }
    }

    fn written(format: Format, rows: &[&[Cell<'_>]]) -> String {
        let columns = [
            ("id", Shape::Number),
            ("is on", Shape::Boolean),
            ("note", Shape::Plain),
        ];
        let mut writer = RowWriter::new(format, columns.into_iter(), None);
        for row in rows {
            for (index, cell) in row.iter().enumerate() {
                writer.cell(index, *cell);
            }
            assert_eq!(writer.end_row(), Flow::More);
        }
        String::from_utf8(writer.finish()).unwrap()
    }

    #[test]
    fn each_format_has_its_rows() {
        let rows: [&[Cell<'_>]; 2] = [
            &[Cell::Int(1), Cell::Int(0), Cell::Text("a \"b\"")],
            &[Cell::Decimal("2.50"), Cell::Int(1), Cell::Null],
        ];
        let first = r#"{"id":1,"is on":false,"note":"a \"b\""}"#;
        let second = r#"{"id":2.5,"is on":true,"note":null}"#;
        assert_eq!(written(Format::Json, &rows), format!("{first},{second}"));
        assert_eq!(written(Format::Ndjson, &rows), format!("{first}\n{second}\n"));
        assert_eq!(
            written(Format::Csv, &rows),
            "id,\"is on\",note\n1,0,\"a \"\"b\"\"\"\n2.5,1,\n"
        );
        assert_eq!(written(Format::Json, &[]), "");
        assert_eq!(written(Format::Ndjson, &[]), "");
        assert_eq!(written(Format::Csv, &[]), "\n\n");
    }

    #[test]
    fn text_of_cells_is_that_of_their_values() {
        let cells = [
            (Shape::Plain, Cell::Float(3.0)),
            (Shape::Plain, Cell::Float(1e300)),
            (Shape::Plain, Cell::Float(-0.1)),
            (Shape::Plain, Cell::Float32(0.1)),
            (Shape::Plain, Cell::Float32(16777216.0)),
            (Shape::Number, Cell::Decimal("129.00")),
            (Shape::Number, Cell::Text("-7.250")),
            (Shape::Plain, Cell::Text("01")),
            (Shape::Base64, Cell::Bytes(&[0xde, 0xad])),
            (Shape::Plain, Cell::Bytes(&[0xff])),
            (Shape::Plain, Cell::Bytes(b"text")),
            (Shape::Plain, Cell::Uint(u64::MAX)),
        ];
        for (shape, cell) in cells {
            let value = crate::value::to_json(shape, cell);
            let mut expected = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if value.is_f64() && expected.ends_with(".0") {
                expected.truncate(expected.len() - 2);
            }
            let mut text = String::new();
            plain_text(&mut text, shape, cell);
            assert_eq!(text, expected, "{cell:?}");
        }
    }
}
