//! How a cell of CSV is written: in one place, because rows are written both by the door and by services.

/// What stands where there are no rows at all, not even a header: two empty lines, as clients expect.
pub const NO_ROWS: &[u8] = b"\n\n";

/// Appends a cell. Text with a separator, a quote sign, a backslash or white space is quoted, its quotes doubled.
pub fn cell(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|b| b",\"\\\n\r\t ".contains(&b)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_needs_quotes_has_them() {
        let cases = [
            ("", ""),
            ("plain", "plain"),
            ("a b", "\"a b\""),
            ("\"", "\"\"\"\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a,b", "\"a,b\""),
            ("1\n2", "\"1\n2\""),
            ("c:\\x", "\"c:\\x\""),
            ("日本茶", "日本茶"),
        ];
        for (text, cell) in cases {
            let mut out = Vec::new();
            super::cell(&mut out, text);
            assert_eq!(String::from_utf8_lossy(&out), cell);
        }
    }
}
