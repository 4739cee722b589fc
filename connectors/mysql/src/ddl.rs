//! Changes of the schema in MySQL and MariaDB: DDL cannot be undone, so each change is one statement.

use crate::config::Schemas;
use crate::dialect::MySql;
use crate::source::Source;
use async_trait::async_trait;
use driver::{Executor, Fault, FaultKind, Scalar, Statement};
use records::ddl::SchemaSource;
use sql::ddl::{
    AlterStep, AlterTable, ColumnChange, DefaultFunction, DefaultValue, SchemaChange, SchemaDialect, TypeWish,
};
use sql::{Dialect, TableName};

impl SchemaDialect for MySql {
    fn native_type(&self, wish: &TypeWish) -> Option<String> {
        let national = if wish.multibyte { "n" } else { "" };
        Some(match wish.name.as_str() {
            "id" | "pk" | "reference" | "fk" | "user_id" | "user_id_on_create" | "user_id_on_update" => {
                "int(11)".into()
            }
            "bigid" => "bigint(20)".into(),
            "mediumid" => "mediumint(9)".into(),
            "smallid" => "smallint(6)".into(),
            "integer" | "int" => "int(11)".into(),
            "tinyint" | "smallint" | "mediumint" | "bigint" => match wish.length {
                // A width of one is how this database writes truth values.
                Some(length) if length > 1 => format!("{}({length})", wish.name),
                _ => wish.name.clone(),
            },
            "string" if wish.fixed => wish.sized(&format!("{national}char"), 255),
            "string" => wish.sized(&format!("{national}varchar"), 255),
            "text" | "mediumtext" | "longtext" | "date" | "float" | "double" => wish.name.clone(),
            "binary" if wish.fixed => wish.sized("binary", 255),
            "binary" => wish.sized("varbinary", 255),
            "boolean" => "tinyint(1)".into(),
            "decimal" => wish.numeric("decimal"),
            "money" => "decimal(19,4)".into(),
            "time" | "timetz" => clock(wish, "time"),
            "datetime" | "datetimetz" => clock(wish, "datetime"),
            "timestamp" | "timestamptz" | "timestamp_on_create" | "timestamp_on_update" => {
                clock(wish, "timestamp")
            }
            "uuid" | "timeuuid" => "char(36)".into(),
            "json" | "jsonb" | "object" | "array" => "json".into(),
            _ => return None,
        })
    }

    fn canonical(&self, native: &str) -> String {
        let lower = native.trim().to_ascii_lowercase();
        let (base, rest) = match lower.split_once('(') {
            Some((base, rest)) => (base.trim(), format!("({}", rest.replace(", ", ","))),
            None => (lower.as_str(), String::new()),
        };
        let base = match base {
            "integer" => "int",
            "nvarchar" => "varchar",
            "nchar" => "char",
            "numeric" | "dec" => "decimal",
            "bool" | "boolean" => return "tinyint(1)".into(),
            // MariaDB keeps JSON as text and tells it so.
            "json" => "longtext",
            other => other,
        };
        // Display widths come and go with the server's version; only that of a truth value means something.
        let width_is_shown = ["tinyint", "smallint", "mediumint", "int", "bigint"].contains(&base);
        if width_is_shown && !(base == "tinyint" && rest.starts_with("(1)")) {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            return format!("{base}{after}");
        }
        match (base, rest.as_str()) {
            ("decimal", "") => "decimal(10,0)".into(),
            _ => match rest.strip_suffix(",0)") {
                Some(precision) if base == "decimal" => format!("{base}{precision},0)"),
                _ if base == "decimal" && !rest.contains(',') => {
                    format!("{base}{},0)", rest.trim_end_matches(')'))
                }
                _ => format!("{base}{rest}"),
            },
        }
    }

    fn default_function(&self, function: DefaultFunction) -> Option<String> {
        Some(match function {
            DefaultFunction::Now(None) => "CURRENT_TIMESTAMP".into(),
            DefaultFunction::Now(Some(digits)) => format!("CURRENT_TIMESTAMP({})", digits.min(6)),
            DefaultFunction::Today => "(CURRENT_DATE)".into(),
            DefaultFunction::TimeOfDay => "(CURRENT_TIME)".into(),
            DefaultFunction::Uuid => "(UUID())".into(),
        })
    }

    fn auto_increment(&self) -> &'static str {
        "AUTO_INCREMENT"
    }

    fn renewed(&self) -> &'static str {
        "ON UPDATE CURRENT_TIMESTAMP"
    }

    fn drop_foreign_key(&self) -> &'static str {
        "DROP FOREIGN KEY "
    }

    fn indexes_inline(&self) -> bool {
        true
    }

    fn max_name(&self) -> usize {
        64
    }

    fn table_options(&self, text: &str) -> Option<String> {
        const KNOWN: &[&str] = &[
            "engine",
            "charset",
            "default charset",
            "character set",
            "default character set",
            "collate",
            "default collate",
            "row_format",
            "auto_increment",
            "key_block_size",
        ];
        let mut out = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (key, after) = rest.split_once('=')?;
            let key = key
                .split_ascii_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .to_ascii_lowercase();
            let after = after.trim_start();
            let end = after
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(after.len());
            let (value, left) = after.split_at(end);
            if value.is_empty() || !KNOWN.contains(&key.as_str()) {
                return None;
            }
            out.push(format!("{}={value}", key.to_ascii_uppercase()));
            rest = left.trim_start().trim_start_matches(',').trim_start();
        }
        Some(out.join(" "))
    }
}

fn clock(wish: &TypeWish, base: &str) -> String {
    match wish.precision.or(wish.length).filter(|digits| *digits <= 6) {
        Some(digits) => format!("{base}({digits})"),
        None => base.to_owned(),
    }
}

#[async_trait]
impl SchemaSource for Source {
    fn dialect(&self) -> &'static dyn SchemaDialect {
        &MySql
    }

    fn place(&self, public: &str) -> TableName {
        let (schema, name) = match &self.config().schemas {
            Schemas::One(schema) => (Some(schema.as_str()), public),
            Schemas::Default => (None, public),
            Schemas::All => public
                .split_once('.')
                .map_or((None, public), |(schema, name)| (Some(schema), name)),
        };
        TableName {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    async fn change(&self, change: &SchemaChange) -> Result<(), Fault> {
        let statements = match change {
            SchemaChange::Alter(alter) => {
                let written = SchemaChange::Alter(self.written(alter).await?);
                sql::ddl::change(&MySql, &written)
            }
            other => sql::ddl::change(&MySql, other),
        };
        for text in statements {
            self.write(Statement::fixed(text)).await?;
        }
        self.referrers.forget();
        Ok(())
    }
}

/// What `information_schema` tells of a column that is redefined.
const COLUMN: &str = "SELECT COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLUMN_COMMENT, CHARACTER_SET_NAME, \
     COLLATION_NAME FROM information_schema.COLUMNS \
     WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND COLUMN_NAME = ?";

impl Source {
    /// The steps with changed columns defined anew: this database has no way to change a part of a column.
    async fn written(&self, alter: &AlterTable) -> Result<AlterTable, Fault> {
        let mut steps = Vec::with_capacity(alter.steps.len());
        for step in &alter.steps {
            steps.push(match step {
                AlterStep::AlterColumn(change) => {
                    AlterStep::Written(self.redefined(&alter.table, change).await?)
                }
                other => other.clone(),
            });
        }
        Ok(AlterTable {
            table: alter.table.clone(),
            steps,
        })
    }

    async fn redefined(&self, table: &TableName, change: &ColumnChange) -> Result<String, Fault> {
        let schema = table.schema.as_deref().map_or(Scalar::Null, Scalar::from);
        let statement = Statement {
            text: COLUMN.into(),
            values: vec![schema, table.name.as_str().into(), change.name.as_str().into()],
        };
        let row = driver::rows(self, statement).await?.into_iter().next();
        let row = row.ok_or_else(|| Fault::new(FaultKind::NoColumn, "the column is gone"))?;
        let text = |i: usize| row.get(i).and_then(Scalar::to_text);
        let extra = text(3).unwrap_or_default();
        let lower = extra.to_ascii_lowercase();
        if lower.contains("virtual generated")
            || lower.contains("stored generated")
            || lower.contains("persistent")
        {
            let message = format!(
                "Field '{}' is computed by the database and cannot be changed.",
                change.name
            );
            return Err(Fault::new(FaultKind::Other, "a generated column").with_detail(Some(message)));
        }
        let mut out = String::from("MODIFY COLUMN ");
        MySql.quote(&change.name, &mut out);
        out.push(' ');
        let native = change
            .native
            .as_ref()
            .map_or_else(|| text(0).unwrap_or_default(), |n| n.text().to_owned());
        let is_text = [
            "char",
            "varchar",
            "tinytext",
            "text",
            "mediumtext",
            "longtext",
            "enum",
            "set",
        ]
        .iter()
        .any(|word| native.split('(').next() == Some(word));
        out.push_str(&native);
        if let (Some(charset), Some(collation), true) = (text(5), text(6), is_text) {
            out.push_str(&format!(" CHARACTER SET {charset} COLLATE {collation}"));
        }
        let allow_null = change
            .allow_null
            .unwrap_or_else(|| text(1).as_deref() == Some("YES"));
        out.push_str(if allow_null { " NULL" } else { " NOT NULL" });
        let server = self.server().await?;
        let default = match &change.default {
            Some(None) => None,
            Some(Some(DefaultValue::Literal(value))) => {
                let mut written = String::new();
                sql::ddl::literal(&MySql, value, &mut written);
                Some(written)
            }
            Some(Some(DefaultValue::Function(function))) => MySql.default_function(*function),
            None => text(2).map(|told| kept_default(&told, server.quoted, &lower)),
        };
        if let Some(default) = default.filter(|d| allow_null || !d.eq_ignore_ascii_case("null")) {
            out.push_str(" DEFAULT ");
            out.push_str(&default);
        }
        if let Some(at) = lower.find("on update ") {
            let clock = extra.get(at..).unwrap_or_default();
            out.push(' ');
            out.push_str(clock.split(',').next().unwrap_or_default());
        }
        if lower.contains("auto_increment") {
            out.push_str(" AUTO_INCREMENT");
        }
        if let Some(comment) = text(4).filter(|c| !c.is_empty()) {
            out.push_str(" COMMENT ");
            out.push_str(&MySql.text_literal(&comment));
        }
        Ok(out)
    }
}

/// A default as the server tells it, in SQL. `quoted` says whether it tells SQL or bare text.
fn kept_default(told: &str, quoted: bool, extra: &str) -> String {
    let clock = told.to_ascii_lowercase().starts_with("current_timestamp");
    if quoted || clock || told.starts_with("b'") {
        told.to_owned()
    } else if extra.contains("default_generated") {
        format!("({told})")
    } else {
        MySql.text_literal(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_as_the_server_tells_them() {
        for (written, told) in [
            ("int(11)", "int"),
            ("INTEGER", "int(11)"),
            ("nvarchar(20)", "varchar(20)"),
            ("tinyint(1)", "tinyint(1)"),
            ("decimal", "decimal(10,0)"),
            ("decimal(8,2)", "decimal(8,2)"),
            ("int(10) unsigned", "int unsigned"),
            ("json", "longtext"),
        ] {
            assert_eq!(MySql.canonical(written), MySql.canonical(told), "{written}");
        }
        assert_ne!(MySql.canonical("tinyint(1)"), MySql.canonical("tinyint(4)"));
        assert_ne!(MySql.canonical("decimal(8,2)"), MySql.canonical("decimal(8,3)"));
    }

    #[test]
    fn table_options_are_a_closed_list() {
        assert_eq!(
            MySql
                .table_options("ENGINE=InnoDB default  charset = utf8mb4")
                .as_deref(),
            Some("ENGINE=InnoDB DEFAULT CHARSET=utf8mb4")
        );
        for text in [
            "ENGINE=InnoDB AS SELECT 1",
            "ENGINE=InnoDB; DROP TABLE t",
            "SELECT 1",
            "DATA DIRECTORY='/tmp'",
            "UNION=(t)",
        ] {
            assert_eq!(MySql.table_options(text), None, "{text}");
        }
    }
}
