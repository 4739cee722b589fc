//! Orders: `last_name, salary desc nulls last`.

use crate::ParseError;
use sql::NullsOrder;

/// One part of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy {
    /// Name as written. Numbers stay names.
    pub field: String,
    /// All words before the direction and whether that is descending, where there are several: the name of a field
    /// may hold blanks.
    pub spaced: Option<(String, bool)>,
    /// Greatest first.
    pub descending: bool,
    /// Place of NULLs; `None` leaves it to the database.
    pub nulls: Option<NullsOrder>,
}

/// Reads an order. Empty parts are left out; the direction is the word after the field, and a word that is no
/// direction counts as ascending. A `;` anywhere is refused.
pub fn parse(text: &str) -> Result<Vec<OrderBy>, ParseError> {
    if let Some(at) = text.find(';') {
        return Err(ParseError::new("Invalid order by clause in request.", at));
    }
    Ok(text.split(',').filter_map(part).collect())
}

fn part(text: &str) -> Option<OrderBy> {
    let mut words = text.split_ascii_whitespace();
    let field = words.next()?.to_owned();
    let rest: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    let nulls = rest
        .windows(2)
        .find_map(|pair| match (pair[0].as_str(), pair[1].as_str()) {
            ("nulls", "first") => Some(NullsOrder::First),
            ("nulls", "last") => Some(NullsOrder::Last),
            _ => None,
        });
    Some(OrderBy {
        field,
        spaced: spaced(text),
        descending: rest.first().is_some_and(|word| word == "desc"),
        nulls,
    })
}

/// The words before the direction, when they are several, and whether the direction is descending.
fn spaced(text: &str) -> Option<(String, bool)> {
    let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
    let is = |word: Option<&&str>, names: &[&str]| {
        word.is_some_and(|word| names.iter().any(|name| word.eq_ignore_ascii_case(name)))
    };
    if is(words.last(), &["first", "last"]) && is(words.iter().rev().nth(1), &["nulls"]) {
        words.truncate(words.len() - 2);
    }
    let descending = is(words.last(), &["desc"]);
    if is(words.last(), &["asc", "desc"]) {
        words.pop();
    }
    (words.len() > 1).then(|| (words.join(" "), descending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn orders_are_read() {
        use NullsOrder::{First, Last};
        type Part<'t> = (&'t str, bool, Option<NullsOrder>);
        let cases: &[(&str, &[Part<'_>])] = &[
            ("", &[]),
            (" , ", &[]),
            ("dept_no", &[("dept_no", false, None)]),
            ("dept_name desc", &[("dept_name", true, None)]),
            (
                "last_name, emp_no DESC",
                &[("last_name", false, None), ("emp_no", true, None)],
            ),
            (
                "last_name  desc ,emp_no\tasc",
                &[("last_name", true, None), ("emp_no", false, None)],
            ),
            ("price desc nulls last", &[("price", true, Some(Last))]),
            ("price NULLS  FIRST", &[("price", false, Some(First))]),
            ("price down", &[("price", false, None)]),
            ("price desc nulls", &[("price", true, None)]),
            ("2", &[("2", false, None)]),
        ];
        for (text, expected) in cases {
            let expected: Vec<OrderBy> = expected
                .iter()
                .map(|(field, descending, nulls)| OrderBy {
                    field: (*field).to_owned(),
                    spaced: (*text == "price down" || *text == "price desc nulls")
                        .then(|| (text.to_string(), false)),
                    descending: *descending,
                    nulls: *nulls,
                })
                .collect();
            assert_eq!(parse(text).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn names_may_hold_blanks() {
        for (text, expected) in [
            ("Last Name", ("Last Name", false)),
            ("Last  Name DESC", ("Last Name", true)),
            ("order nulls asc nulls last", ("order nulls", false)),
        ] {
            let spaced = parse(text).unwrap().remove(0).spaced;
            assert_eq!(spaced, Some((expected.0.to_owned(), expected.1)), "{text:?}");
        }
    }

    #[test]
    fn a_semicolon_is_refused() {
        let error = parse("dept_no; drop table x").unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.at),
            ("Invalid order by clause in request.", 7)
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
