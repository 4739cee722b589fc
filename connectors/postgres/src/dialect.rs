//! PostgreSQL's dialect of SQL.

use sql::{Dialect, InSet, Moment, Nulls, Placeholders, Scalar, TimeUnit};

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub struct Postgres;

/// The one value of the dialect.
pub static DIALECT: Postgres = Postgres;

const TO_TEXT: (&str, &str) = ("CAST(", " AS text)");

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn quote(&self, identifier: &str, out: &mut String) {
        sql::quoted(identifier, '"', out);
    }

    fn placeholders(&self) -> Placeholders {
        Placeholders::Dollar
    }

    fn nulls(&self) -> Nulls {
        Nulls::Keyword
    }

    fn in_set(&self) -> InSet {
        InSet::AnyArray
    }

    fn returning(&self) -> bool {
        true
    }

    fn array(&self, values: &[Scalar]) -> Scalar {
        let mut out = String::with_capacity(2 + 8 * values.len());
        out.push('{');
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            element(value, &mut out);
        }
        out.push('}');
        Scalar::Text(out)
    }

    /// Arrays, and what the server sends in a binary form that only it can write out. Types of users are left
    /// alone: the driver sees what they are made of when it prepares the statement.
    fn read_as(&self, native: &str) -> Option<(&'static str, &'static str)> {
        const CAST: &[&str] = &[
            "\"char\"",
            "box",
            "circle",
            "interval",
            "jsonpath",
            "line",
            "lseg",
            "macaddr",
            "macaddr8",
            "money",
            "path",
            "pg_lsn",
            "point",
            "polygon",
            "tsquery",
            "tsvector",
            "txid_snapshot",
            "xid",
            "xml",
            "int4range",
            "int8range",
            "numrange",
            "tsrange",
            "tstzrange",
            "daterange",
            "int4multirange",
            "int8multirange",
            "nummultirange",
            "tsmultirange",
            "tstzmultirange",
            "datemultirange",
        ];
        let base = native.split(['(', ' ']).next().unwrap_or_default();
        (native.ends_with("[]") || CAST.contains(&base)).then_some(TO_TEXT)
    }

    /// `row_to_json` writes no spaces, unlike `json_agg` and `json_build_object`.
    fn json_rows(&self, quoted: &str) -> Option<String> {
        Some(format!("string_agg(row_to_json({quoted})::text, ',')"))
    }

    fn json_writes(&self, native: &str) -> bool {
        const ALIKE: &[&str] = &[
            "smallint",
            "integer",
            "bigint",
            "boolean",
            "text",
            "character",
            "character varying",
            "varchar",
            "date",
            "uuid",
        ];
        let base = native.split('(').next().unwrap_or_default();
        ALIKE.contains(&base) && !native.ends_with("[]")
    }

    fn as_text(&self) -> (&'static str, &'static str) {
        TO_TEXT
    }

    /// The server takes a placeholder beside a sum of whole numbers for a whole number.
    fn as_number(&self) -> (&'static str, &'static str) {
        ("CAST(", " AS numeric)")
    }

    fn moment(&self, moment: Moment) -> String {
        let now = if moment.date_only {
            "CURRENT_DATE"
        } else {
            "CURRENT_TIMESTAMP"
        };
        let Some((amount, unit)) = moment.offset else {
            return now.to_owned();
        };
        let unit = match unit {
            TimeUnit::Second => "second",
            TimeUnit::Minute => "minute",
            TimeUnit::Hour => "hour",
            TimeUnit::Day => "day",
            TimeUnit::Week => "week",
            TimeUnit::Month => "month",
            TimeUnit::Year => "year",
        };
        let moved = format!("({now} + INTERVAL '{amount} {unit}')");
        if moment.date_only {
            format!("CAST({moved} AS date)")
        } else {
            moved
        }
    }

    /// A backslash counts by a setting of the server, unless the literal says so itself.
    fn text_literal(&self, text: &str) -> String {
        let doubled = text.replace('\'', "''");
        if text.contains('\\') {
            format!("E'{}'", doubled.replace('\\', "\\\\"))
        } else {
            format!("'{doubled}'")
        }
    }

    fn boolean_literal(&self, flag: bool) -> &'static str {
        if flag { "TRUE" } else { "FALSE" }
    }

    fn strict_decimals(&self) -> bool {
        true
    }

    fn max_values(&self) -> usize {
        65_535
    }
}

/// One element of an array in the server's text form. What could be read as syntax or as NULL is quoted.
fn element(value: &Scalar, out: &mut String) {
    match value {
        Scalar::Null => out.push_str("NULL"),
        Scalar::Bool(_) | Scalar::Int(_) | Scalar::Uint(_) | Scalar::Float(_) => {
            out.push_str(&value.to_text().unwrap_or_default());
        }
        Scalar::Decimal(text) | Scalar::Text(text) => {
            out.push('"');
            for sign in text.chars() {
                if matches!(sign, '"' | '\\') {
                    out.push('\\');
                }
                out.push(sign);
            }
            out.push('"');
        }
        Scalar::Bytes(bytes) => {
            out.push_str("\"\\\\x");
            for byte in bytes {
                for digit in [byte >> 4, byte & 15] {
                    out.push(
                        char::from_digit(digit.into(), 16).expect("four bits are one hexadecimal digit"),
                    );
                }
            }
            out.push('"');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sql::{Expr, Insert, NullsOrder, OrderBy, Select, SelectItem, TableName};

    #[test]
    fn arrays_are_escaped() {
        let values = [
            Scalar::from("a\"b"),
            Scalar::from("c\\d"),
            Scalar::from("NULL"),
            Scalar::from(""),
            Scalar::Null,
            Scalar::Int(-1),
            Scalar::Bytes(vec![0xde, 0x0f]),
        ];
        assert_eq!(
            DIALECT.array(&values),
            Scalar::from(r#"{"a\"b","c\\d","NULL","",NULL,-1,"\\xde0f"}"#)
        );
    }

    #[test]
    fn statements_are_written_in_this_dialect() {
        let read = |column: &str, native: &str| SelectItem {
            expr: Expr::Read {
                column: column.into(),
                native: native.into(),
            },
            alias: Some(column.into()),
        };
        let select = Select {
            items: vec![
                read("a", "character(4)"),
                read("b\"c", "integer[]"),
                read("d", "interval day to second(2)"),
            ],
            from: TableName {
                schema: Some("s".into()),
                name: "t".into(),
            },
            filter: Some(Expr::In {
                expr: Box::new(Expr::column("a")),
                values: vec![1.into(), 2.into()],
                negated: false,
            }),
            group: vec![],
            having: None,
            order: vec![OrderBy {
                expr: Expr::column("a"),
                descending: true,
                nulls: Some(NullsOrder::Last),
            }],
            limit: Some(5),
            offset: 2,
        };
        assert_eq!(
            sql::select(&DIALECT, &select).text,
            r#"SELECT "a" AS "a", CAST("b""c" AS text) AS "b""c", CAST("d" AS text) AS "d" FROM "s"."t" WHERE "a" = ANY($1) ORDER BY "a" DESC NULLS LAST LIMIT $2 OFFSET $3"#
        );
        let insert = Insert {
            table: TableName::plain("t"),
            values: vec![],
            returning: vec![read("a", "integer")],
        };
        assert_eq!(
            sql::insert(&DIALECT, &insert).text,
            r#"INSERT INTO "t" DEFAULT VALUES RETURNING "a" AS "a""#
        );
    }

    #[test]
    fn the_clock_moves() {
        let moment = |date_only, offset| DIALECT.moment(Moment { date_only, offset });
        assert_eq!(moment(false, None), "CURRENT_TIMESTAMP");
        assert_eq!(
            moment(false, Some((-5, TimeUnit::Day))),
            "(CURRENT_TIMESTAMP + INTERVAL '-5 day')"
        );
        assert_eq!(
            moment(true, Some((1, TimeUnit::Month))),
            "CAST((CURRENT_DATE + INTERVAL '1 month') AS date)"
        );
    }
}
