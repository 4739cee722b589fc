//! CSV bodies.

use contract::{Map, Problem, Value};

/// Reads CSV: the first row names the fields, every other row is an object of strings. An empty text has no rows.
///
/// Fails with 400 when a row has more or fewer fields than the header.
pub(super) fn parse(text: &str) -> Result<Vec<Value>, Problem> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let unreadable = |_| Problem::bad_request("The CSV in the request's body cannot be read.");
    let names: Vec<String> = reader
        .headers()
        .map_err(unreadable)?
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if record.len() != names.len() {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(Problem::bad_request(format!(
                "Line {line} of the CSV has {} fields, but the header has {}.",
                record.len(),
                names.len()
            )));
        }
        let row: Map<String, Value> = names
            .iter()
            .cloned()
            .zip(record.iter().map(Value::from))
            .collect();
        rows.push(Value::Object(row));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_are_objects_of_strings() {
        let rows = parse("name,quantity\ncsv one,1\n\"csv, two\",2\n").unwrap();
        assert_eq!(
            rows,
            [
                json!({"name": "csv one", "quantity": "1"}),
                json!({"name": "csv, two", "quantity": "2"})
            ]
        );
    }

    #[test]
    fn uneven_rows_are_refused_with_their_line() {
        assert_eq!(
            parse("a,b\n1,2\n3\n").unwrap_err().message,
            "Line 3 of the CSV has 1 fields, but the header has 2."
        );
        assert!(parse("").unwrap().is_empty());
    }
}
