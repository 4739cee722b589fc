//! Changes of the schema in PostgreSQL: all of DDL can be undone, so each change is one transaction.

use crate::config::Schemas;
use crate::dialect::{DIALECT, Postgres};
use crate::source::Source;
use async_trait::async_trait;
use driver::Fault;
use records::ddl::{SchemaSource, in_transaction};
use sql::TableName;
use sql::ddl::{DefaultFunction, SchemaChange, SchemaDialect, TypeWish};

impl SchemaDialect for Postgres {
    fn native_type(&self, wish: &TypeWish) -> Option<String> {
        let national = if wish.multibyte { "national " } else { "" };
        Some(match wish.name.as_str() {
            "id" | "pk" => "serial".into(),
            "bigid" => "bigserial".into(),
            "smallid" => "smallserial".into(),
            "mediumid" => "serial".into(),
            "reference" | "fk" | "user_id" | "user_id_on_create" | "user_id_on_update" | "mediumint"
            | "integer" | "int" => "integer".into(),
            "tinyint" | "smallint" => "smallint".into(),
            "bigint" => "bigint".into(),
            "string" if wish.fixed => wish.sized(&format!("{national}char"), 255),
            "string" => wish.sized(&format!("{national}varchar"), 255),
            "text" | "mediumtext" | "longtext" => "text".into(),
            "binary" => "bytea".into(),
            "boolean" => "boolean".into(),
            "float" => "real".into(),
            "double" => "double precision".into(),
            "decimal" => wish.numeric("numeric"),
            "money" => "money".into(),
            "datetime" | "timestamp" | "timestamp_on_create" | "timestamp_on_update" => {
                clock(wish, "timestamp", "")
            }
            "datetimetz" | "timestamptz" => clock(wish, "timestamp", " with time zone"),
            "time" => clock(wish, "time", ""),
            "timetz" => clock(wish, "time", " with time zone"),
            "date" => "date".into(),
            "uuid" | "timeuuid" => "uuid".into(),
            "json" => "json".into(),
            "jsonb" | "object" => "jsonb".into(),
            "array" => "text[]".into(),
            _ => return None,
        })
    }

    fn canonical(&self, native: &str) -> String {
        let lower = native.trim().to_ascii_lowercase();
        let (base, size) = match lower.split_once('(') {
            Some((base, rest)) => (base.trim(), format!("({}", rest.replace(' ', ""))),
            None => (lower.as_str(), String::new()),
        };
        let base = base.strip_prefix("national ").unwrap_or(base);
        let name = match base {
            "varchar" => "character varying",
            "char" | "bpchar" => "character",
            "int" | "int4" | "serial" | "serial4" => "integer",
            "int2" | "smallserial" => "smallint",
            "int8" | "bigserial" => "bigint",
            "decimal" => "numeric",
            "float4" => "real",
            "float8" | "float" => "double precision",
            "bool" => "boolean",
            "timestamp" if size.is_empty() => "timestamp without time zone",
            "time" if size.is_empty() => "time without time zone",
            "timestamptz" => "timestamp with time zone",
            "timetz" => "time with time zone",
            other => other,
        };
        // A second size of zero is how the server tells a precision without one.
        match size.strip_suffix(",0)") {
            Some(precision) => format!("{name}{precision})"),
            None => format!("{name}{size}"),
        }
    }

    fn default_function(&self, function: DefaultFunction) -> Option<String> {
        Some(match function {
            DefaultFunction::Now(None) => "CURRENT_TIMESTAMP".into(),
            DefaultFunction::Now(Some(digits)) => format!("CURRENT_TIMESTAMP({})", digits.min(6)),
            DefaultFunction::Today => "CURRENT_DATE".into(),
            DefaultFunction::TimeOfDay => "CURRENT_TIME".into(),
            DefaultFunction::Uuid => "gen_random_uuid()".into(),
        })
    }

    fn auto_increment(&self) -> &'static str {
        ""
    }
}

fn clock(wish: &TypeWish, base: &str, zone: &str) -> String {
    match wish.precision.or(wish.length).filter(|digits| *digits <= 6) {
        Some(digits) => format!("{base}({digits}){zone}"),
        None => format!("{base}{zone}"),
    }
}

#[async_trait]
impl SchemaSource for Source {
    fn dialect(&self) -> &'static dyn SchemaDialect {
        &DIALECT
    }

    fn place(&self, public: &str) -> TableName {
        let (schema, name) = match &self.schemas {
            Schemas::Only(schema) => (schema.as_str(), public),
            Schemas::All => public.split_once('.').unwrap_or((Schemas::DEFAULT, public)),
        };
        TableName {
            schema: Some(schema.to_owned()),
            name: name.to_owned(),
        }
    }

    async fn change(&self, change: &SchemaChange) -> Result<(), Fault> {
        in_transaction(self, sql::ddl::change(&DIALECT, change)).await
    }
}
