//! Whatever is sent, reading it ends in a value or a refusal, and what is written can be read back.
#![allow(clippy::unwrap_used, missing_docs)]

use bytes::Bytes;
use contract::{Settings, Value};
use futures_util::FutureExt;
use http_door::read::{body, target};
use http_door::write::{Shape, encode};
use proptest::prelude::*;
use query::parameters;
use serde_json::json;

/// Text that looks enough like JSON, XML, CSV or forms to get past the first character.
const LIKELY: &str =
    r#"([\[\]{}<>/"',:;=&%+.\\a0é\n -]|<a>|</a>|&lt;|%41|%ff|\[b\]|--X\r\n|null|\.\./){0,60}"#;
const MEDIA: [&str; 7] = [
    "",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=X",
    "text/xml",
    "text/csv",
    "text/plain",
];

/// A file that a shape's own reader reads back.
fn xml_is_well_formed(text: &str) -> bool {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

proptest! {
    #[test]
    fn addresses_are_read_or_refused(path in LIKELY, text in LIKELY) {
        let _ = parameters::parse(&text);
        if let Ok(target::Target::Service { path, .. }) = target::parse(&format!("/api/v2/db/{path}"), &Settings::default()) {
            prop_assert!(!path.contains("..") && !path.starts_with('/') && !path.ends_with('/'));
        }
    }

    #[test]
    fn bodies_are_read_or_refused(text in LIKELY, media in proptest::sample::select(&MEDIA)) {
        // A body that is whole is read without waiting.
        let read = body::parse(media, Bytes::from(text), &Settings::default()).now_or_never();
        if let Err(problem) = read.unwrap() {
            prop_assert_eq!(problem.status(), 400);
        }
    }

    #[test]
    fn csv_cells_come_back(cells in proptest::collection::vec("(?s).{0,12}", 1..5)) {
        let row: serde_json::Map<String, Value> =
            cells.iter().enumerate().map(|(n, cell)| (format!("c{n}"), json!(cell))).collect();
        let bytes = encode(&json!({"resource": [row]}), Shape::Csv, &Settings::default());
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        // A single empty cell is an empty line, which means no row at all.
        let back: Vec<String> = match reader.records().next() {
            Some(record) => record.unwrap().iter().map(str::to_owned).collect(),
            None => vec![String::new()],
        };
        prop_assert_eq!(back, cells);
    }

    #[test]
    fn xml_is_well_formed_whatever_it_holds(key in "(?s).{0,8}", text in "(?s).{0,20}") {
        let mut row = serde_json::Map::new();
        row.insert(key, json!(text));
        let bytes = encode(&json!({"resource": [row]}), Shape::ApplicationXml, &Settings::default());
        prop_assert!(xml_is_well_formed(std::str::from_utf8(&bytes).unwrap()));
    }
}
