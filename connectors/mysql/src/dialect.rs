//! The dialect.

use sql::{Dialect, Moment, Nulls, Placeholders, TimeUnit};

/// The SQL of MySQL and MariaDB, as far as both speak it.
#[derive(Debug, Clone, Copy, Default)]
pub struct MySql;

/// Native types whose wire form is binary and which read well as text.
const GEOMETRY: &[&str] = &[
    "geometry",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "geomcollection",
];

impl Dialect for MySql {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn quote(&self, identifier: &str, out: &mut String) {
        sql::quoted(identifier, '`', out);
    }

    fn placeholders(&self) -> Placeholders {
        Placeholders::Question
    }

    fn nulls(&self) -> Nulls {
        Nulls::IsNullFirst
    }

    /// MariaDB has RETURNING, MySQL has not; the key that INSERT made comes back with its answer in both.
    fn returning(&self) -> bool {
        false
    }

    fn default_row(&self) -> &'static str {
        "() VALUES ()"
    }

    fn no_limit(&self) -> Option<&'static str> {
        Some("18446744073709551615")
    }

    fn xor(&self) -> bool {
        true
    }

    fn read_as(&self, native: &str) -> Option<(&'static str, &'static str)> {
        GEOMETRY.contains(&native).then_some(("ST_AsText(", ")"))
    }

    fn write_as(&self, native: &str) -> Option<(&'static str, &'static str)> {
        GEOMETRY.contains(&native).then_some(("ST_GeomFromText(", ")"))
    }

    fn as_text(&self) -> (&'static str, &'static str) {
        ("CAST(", " AS CHAR)")
    }

    /// Empty: each connection takes NO_BACKSLASH_ESCAPES out of its modes.
    fn like_escape(&self) -> &'static str {
        ""
    }

    fn moment(&self, moment: Moment) -> String {
        let clock = if moment.date_only { "CURRENT_DATE" } else { "NOW()" };
        let Some((amount, unit)) = moment.offset else {
            return clock.to_owned();
        };
        let unit = match unit {
            TimeUnit::Second => "SECOND",
            TimeUnit::Minute => "MINUTE",
            TimeUnit::Hour => "HOUR",
            TimeUnit::Day => "DAY",
            TimeUnit::Week => "WEEK",
            TimeUnit::Month => "MONTH",
            TimeUnit::Year => "YEAR",
        };
        format!("({clock} + INTERVAL {amount} {unit})")
    }

    /// Each connection takes NO_BACKSLASH_ESCAPES out of its modes, so a backslash is doubled.
    fn text_literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    }

    /// An INSERT whose number of rows is known beforehand gets its keys in one piece, whatever
    /// `innodb_autoinc_lock_mode` says; in a cluster they are further apart than one.
    fn key_step(&self) -> Option<&'static str> {
        Some("SELECT @@auto_increment_increment")
    }

    fn max_values(&self) -> usize {
        65_535
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sql::{Expr, Insert, NullsOrder, OrderBy, Select, SelectItem, TableName};

    fn select() -> Select {
        Select {
            items: vec![SelectItem {
                expr: Expr::column("a`b"),
                alias: Some("x".into()),
            }],
            from: TableName {
                schema: Some("s".into()),
                name: "t".into(),
            },
            filter: None,
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
        }
    }

    #[test]
    fn identifiers_are_quoted_and_an_offset_alone_gets_a_limit() {
        let statement = sql::select(
            &MySql,
            &Select {
                offset: 5,
                ..select()
            },
        );
        assert_eq!(
            statement.text,
            "SELECT `a``b` AS `x` FROM `s`.`t` LIMIT 18446744073709551615 OFFSET ?"
        );
    }

    #[test]
    fn the_place_of_nulls_is_written_by_is_null() {
        let by = |nulls| OrderBy {
            expr: Expr::column("c"),
            descending: true,
            nulls,
        };
        let statement = sql::select(
            &MySql,
            &Select {
                order: vec![by(Some(NullsOrder::Last))],
                ..select()
            },
        );
        assert!(
            statement.text.ends_with(" ORDER BY `c` IS NULL, `c` DESC"),
            "{}",
            statement.text
        );
    }

    #[test]
    fn geometry_is_read_as_text_and_the_clock_moves_by_intervals() {
        let item = |native: &str| SelectItem {
            expr: Expr::Read {
                column: "g".into(),
                native: native.into(),
            },
            alias: None,
        };
        let statement = sql::select(
            &MySql,
            &Select {
                items: vec![item("point"), item("int(11)")],
                ..select()
            },
        );
        assert_eq!(statement.text, "SELECT ST_AsText(`g`), `g` FROM `s`.`t`");
        let moment = |date_only, offset| MySql.moment(Moment { date_only, offset });
        assert_eq!(moment(true, None), "CURRENT_DATE");
        assert_eq!(
            moment(false, Some((-3, TimeUnit::Week))),
            "(NOW() + INTERVAL -3 WEEK)"
        );
    }

    #[test]
    fn a_row_of_defaults_has_its_own_form() {
        let insert = Insert {
            table: TableName::plain("t"),
            values: Vec::new(),
            returning: Vec::new(),
        };
        assert_eq!(sql::insert(&MySql, &insert).text, "INSERT INTO `t` () VALUES ()");
    }
}
