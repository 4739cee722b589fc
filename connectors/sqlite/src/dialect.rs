//! The dialect of SQLite.

use sql::{Dialect, Moment, Nulls, Placeholders, TimeUnit};

/// SQLite's dialect.
pub(crate) struct SqliteDialect;

impl Dialect for SqliteDialect {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn quote(&self, identifier: &str, out: &mut String) {
        sql::quoted(identifier, '"', out);
    }

    fn placeholders(&self) -> Placeholders {
        Placeholders::Question
    }

    fn nulls(&self) -> Nulls {
        Nulls::Keyword
    }

    fn returning(&self) -> bool {
        true
    }

    fn keeps_fractions(&self) -> bool {
        true
    }

    fn no_limit(&self) -> Option<&'static str> {
        Some("-1")
    }

    fn as_text(&self) -> (&'static str, &'static str) {
        ("CAST(", " AS TEXT)")
    }

    fn like_escape(&self) -> &'static str {
        " ESCAPE '\\'"
    }

    /// UTC, in the form in which SQLite itself writes dates: that is what text columns are compared with.
    fn moment(&self, moment: Moment) -> String {
        let function = if moment.date_only { "date" } else { "datetime" };
        let Some((count, unit)) = moment.offset else {
            return format!("{function}('now')");
        };
        let (count, unit) = match unit {
            TimeUnit::Second => (count, "second"),
            TimeUnit::Minute => (count, "minute"),
            TimeUnit::Hour => (count, "hour"),
            TimeUnit::Day => (count, "day"),
            TimeUnit::Week => (count.saturating_mul(7), "day"),
            TimeUnit::Month => (count, "month"),
            TimeUnit::Year => (count, "year"),
        };
        format!("{function}('now', '{count:+} {unit}')")
    }

    fn max_values(&self) -> usize {
        32_766
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sql::{Expr, OrderBy, Select, SelectItem, TableName};

    fn moment(date_only: bool, offset: Option<(i64, TimeUnit)>) -> String {
        SqliteDialect.moment(Moment { date_only, offset })
    }

    #[test]
    fn the_clock_is_moved_by_modifiers() {
        assert_eq!(moment(false, None), "datetime('now')");
        assert_eq!(moment(true, Some((1, TimeUnit::Day))), "date('now', '+1 day')");
        assert_eq!(
            moment(false, Some((-2, TimeUnit::Week))),
            "datetime('now', '-14 day')"
        );
    }

    #[test]
    fn a_select_is_rendered() {
        let select = Select {
            items: vec![SelectItem {
                expr: Expr::column("a\"b"),
                alias: None,
            }],
            from: TableName::plain("t"),
            filter: Some(Expr::Xor(
                Box::new(Expr::eq("x", 1)),
                Box::new(Expr::Like {
                    expr: Box::new(Expr::AsText(Box::new(Expr::column("n")))),
                    pattern: "a%".into(),
                    negated: false,
                }),
            )),
            group: vec![],
            having: None,
            order: vec![OrderBy {
                expr: Expr::column("x"),
                descending: true,
                nulls: Some(sql::NullsOrder::Last),
            }],
            limit: None,
            offset: 5,
        };
        assert_eq!(
            sql::select(&SqliteDialect, &select).text,
            "SELECT \"a\"\"b\" FROM \"t\" WHERE ((\"x\" = ?) <> (CAST(\"n\" AS TEXT) LIKE ? ESCAPE '\\')) \
             ORDER BY \"x\" DESC NULLS LAST LIMIT -1 OFFSET ?"
        );
    }
}
