//! Lists of fields: `*`, names, and aggregates such as `SUM(salary)`.

use crate::scan::trim;
use sql::Aggregate;

/// One entry of a list of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldItem {
    /// `*`
    All,
    /// A name as written, or anything else: it is then the name of no field.
    Field(String),
    /// An aggregate.
    Aggregate {
        /// Function.
        function: Aggregate,
        /// Name as written; `None` for `COUNT(*)`.
        field: Option<String>,
        /// The entry as written, for messages.
        text: String,
    },
}

const FUNCTIONS: [(&str, Aggregate); 5] = [
    ("COUNT", Aggregate::Count),
    ("SUM", Aggregate::Sum),
    ("AVG", Aggregate::Avg),
    ("MIN", Aggregate::Min),
    ("MAX", Aggregate::Max),
];

/// Reads a list that is already split at its commas. Empty entries are left out.
pub fn parse(list: &[String]) -> Vec<FieldItem> {
    list.iter()
        .map(|entry| trim(entry))
        .filter(|entry| !entry.is_empty())
        .map(parse_one)
        .collect()
}

/// Reads one entry. In HAVING the left side of a comparison is one too.
pub fn parse_one(text: &str) -> FieldItem {
    let text = trim(text);
    if text == "*" {
        return FieldItem::All;
    }
    aggregate(text).unwrap_or_else(|| FieldItem::Field(text.to_owned()))
}

fn aggregate(text: &str) -> Option<FieldItem> {
    let (name, rest) = text.split_once('(')?;
    let argument = trim(rest.strip_suffix(')')?);
    let (_, function) = FUNCTIONS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(trim(name)))?;
    let field = match argument {
        "" => return None,
        "*" if *function == Aggregate::Count => None,
        "*" => return None,
        field => Some(field.to_owned()),
    };
    Some(FieldItem::Aggregate {
        function: *function,
        field,
        text: text.to_owned(),
    })
}

/// The key of an aggregate in a record: `SUM_salary`, `COUNT_ALL`. Signs other than letters, digits and `_`
/// become `_`.
pub fn aggregate_key(function: Aggregate, field: Option<&str>) -> String {
    let name = FUNCTIONS
        .iter()
        .find(|(_, known)| *known == function)
        .map_or("", |(name, _)| name);
    let field = field.unwrap_or("ALL");
    let field: String = field
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("{name}_{field}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(function: Aggregate, field: Option<&str>, text: &str) -> FieldItem {
        FieldItem::Aggregate {
            function,
            field: field.map(str::to_owned),
            text: text.to_owned(),
        }
    }

    #[test]
    fn entries_are_read() {
        for (text, expected) in [
            ("*", FieldItem::All),
            (" name ", FieldItem::Field("name".into())),
            ("SUM(salary)", sum(Aggregate::Sum, Some("salary"), "SUM(salary)")),
            ("count( * )", sum(Aggregate::Count, None, "count( * )")),
            ("Count (id)", sum(Aggregate::Count, Some("id"), "Count (id)")),
            (
                "avg(unit price)",
                sum(Aggregate::Avg, Some("unit price"), "avg(unit price)"),
            ),
            ("MIN(a)", sum(Aggregate::Min, Some("a"), "MIN(a)")),
            ("max(A)", sum(Aggregate::Max, Some("A"), "max(A)")),
            ("SUM(*)", FieldItem::Field("SUM(*)".into())),
            ("SUM()", FieldItem::Field("SUM()".into())),
            ("SUM(a", FieldItem::Field("SUM(a".into())),
            ("sleep(5)", FieldItem::Field("sleep(5)".into())),
        ] {
            assert_eq!(parse_one(text), expected, "{text}");
        }
        assert_eq!(
            parse(&["".into(), " a".into(), "*".into()]),
            [FieldItem::Field("a".into()), FieldItem::All]
        );
    }

    #[test]
    fn aggregates_have_keys() {
        assert_eq!(aggregate_key(Aggregate::Sum, Some("salary")), "SUM_salary");
        assert_eq!(aggregate_key(Aggregate::Count, None), "COUNT_ALL");
        assert_eq!(
            aggregate_key(Aggregate::Max, Some("unit price")),
            "MAX_unit_price"
        );
    }
}
