//! Columns of the original's tables that have no place here.

use crate::bundle::Report;
use crate::layout::{EXTRAS, Kind};
use crate::rows::Rows;
use contract::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Columns of any table that say nothing of the content, or are read elsewhere.
const PASSING: [&str; 15] = [
    "id",
    "created_date",
    "last_modified_date",
    "created_by_id",
    "last_modified_by_id",
    "mutable",
    "deletable",
    "config",
    "is_sys_admin",
    "confirm_code",
    "remember_token",
    "last_login_date",
    "key_text",
    "format",
    "content",
];

/// Tells of every column with values that do not come over.
pub(super) fn report(rows: &Rows, report: &mut Report) {
    for (table, known) in known() {
        let mut strange: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows.of(table) {
            for (column, _) in row.iter().filter(|(column, value)| {
                !PASSING.contains(&column.as_str())
                    && !known.contains(column.as_str())
                    && says_something(value)
            }) {
                *strange.entry(column).or_default() += 1;
            }
        }
        for (column, count) in strange {
            report.warn(format!(
                "{count} rows of the table '{table}' have a '{column}', which has no place here and did not come over."
            ));
        }
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !matches!(text.as_str(), "" | "[]" | "{}"),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    }
}

/// The columns of each of our tables that are part of an object.
fn known() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for kind in Kind::ALL {
        let layout = kind.layout();
        let own = known.entry(kind.table()).or_default();
        own.extend(layout.fields.iter().map(|field| field.name));
        own.extend(layout.references.iter().map(|reference| reference.column));
        for children in layout.children.iter().chain(EXTRAS) {
            let own = known.entry(children.table).or_default();
            own.insert(children.owner);
            own.extend(children.fields.iter().map(|field| field.name));
            own.extend(children.references.iter().map(|reference| reference.column));
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_values_without_a_place_are_told() {
        let mut rows = Rows::default();
        let row = |value: Value| value.as_object().cloned().unwrap_or_default();
        rows.add(
            "role",
            [
                row(json!({"id": 1, "name": "a", "is_active": 1, "redirect_uri": "https://x"})),
                row(json!({"id": 2, "name": "b", "redirect_uri": ""})),
            ],
        );
        rows.add(
            "user",
            [row(
                json!({"id": 1, "email": "a@b.c", "password": "x", "saml": "okta"}),
            )],
        );
        let mut told = Report::default();
        report(&rows, &mut told);
        let expected = "1 rows of the table 'role' have a 'redirect_uri', which has no place here and did not come over.";
        assert_eq!(told.warnings, [expected]);
    }
}
