//! Rows as JSON text, written from the driver's cells without an object in between.

use crate::value::{Shape, as_bool, is_number, without_trailing_zeros};
use crate::{Cell, Flow, Sink};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::any::Any;
use tokio::sync::mpsc;

/// Bytes gathered before a piece is handed on.
const PIECE: usize = 64 * 1024;

/// A column of the output: its key as JSON text with the colon, and how its cells are shown.
pub(crate) struct OutColumn {
    key: Vec<u8>,
    shape: Shape,
}

impl OutColumn {
    /// A column under `name`.
    pub(crate) fn new(name: &str, shape: Shape) -> OutColumn {
        let mut key = Vec::with_capacity(name.len() + 3);
        write_text(&mut key, name);
        key.push(b':');
        OutColumn { key, shape }
    }
}

/// Writes rows as JSON objects separated by commas. With a channel, pieces are handed on as they fill; without
/// one, everything stays in `out`.
pub(crate) struct JsonRows {
    /// What was written and not handed on.
    pub(crate) out: Vec<u8>,
    /// Rows written.
    pub(crate) rows: u64,
    columns: Vec<OutColumn>,
    pieces: Option<mpsc::Sender<Bytes>>,
}

impl JsonRows {
    /// A writer that begins after `prefix`.
    pub(crate) fn new(
        columns: Vec<OutColumn>,
        prefix: &[u8],
        pieces: Option<mpsc::Sender<Bytes>>,
    ) -> JsonRows {
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(prefix);
        JsonRows {
            out,
            rows: 0,
            columns,
            pieces,
        }
    }
}

impl Sink for JsonRows {
    fn cell(&mut self, index: usize, cell: Cell<'_>) {
        let Some(column) = self.columns.get(index) else {
            return;
        };
        if index > 0 {
            self.out.push(b',');
        } else {
            if self.rows > 0 {
                self.out.push(b',');
            }
            self.out.push(b'{');
        }
        self.out.extend_from_slice(&column.key);
        write_cell(&mut self.out, column.shape, cell);
    }

    fn end_row(&mut self) -> Flow {
        self.out.push(b'}');
        self.rows += 1;
        match &self.pieces {
            Some(pieces) if pieces.is_closed() => Flow::Stop,
            Some(_) if self.out.len() >= PIECE => Flow::Drain,
            _ => Flow::More,
        }
    }

    fn drain(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Some(pieces) = &self.pieces {
                let piece = Bytes::from(std::mem::replace(&mut self.out, Vec::with_capacity(PIECE + 4096)));
                // A receiver that is gone is noticed at the end of the next row.
                let _ = pieces.send(piece).await;
            }
        })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

fn write_cell(out: &mut Vec<u8>, shape: Shape, cell: Cell<'_>) {
    match (shape, cell) {
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
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (i, &b) in bytes.iter().enumerate() {
        if b >= 0x20 && b != b'"' && b != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[start..i]);
        start = i + 1;
        match b {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(b >> 4)]);
                out.push(HEX[usize::from(b & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
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
            "\u{1}\u{1f}",
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
    fn rows_become_objects() {
        let columns = vec![
            OutColumn::new("id", Shape::Number),
            OutColumn::new("on", Shape::Boolean),
        ];
        let mut rows = JsonRows::new(columns, b"[", None);
        for n in [1, 2] {
            rows.cell(0, Cell::Int(n));
            rows.cell(1, Cell::Int(n - 1));
            assert_eq!(rows.end_row(), Flow::More);
        }
        assert_eq!(
            String::from_utf8(rows.out).unwrap(),
            r#"[{"id":1,"on":false},{"id":2,"on":true}"#
        );
    }
}
