//! The simple types of fields.

/// A simple type: what `type` says in a field's description, and how values are converted in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the documented type names themselves")]
pub enum Kind {
    Id,
    Reference,
    Boolean,
    Integer,
    BigInt,
    Decimal,
    Money,
    Float,
    Double,
    String,
    Text,
    Binary,
    Date,
    Time,
    TimeTz,
    DateTime,
    Timestamp,
    TimestampTz,
    TimestampOnCreate,
    TimestampOnUpdate,
    UserId,
    UserIdOnCreate,
    UserIdOnUpdate,
    Uuid,
    Json,
    Array,
}

impl Kind {
    /// The name in descriptions.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Id => "id",
            Kind::Reference => "reference",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::BigInt => "bigint",
            Kind::Decimal => "decimal",
            Kind::Money => "money",
            Kind::Float => "float",
            Kind::Double => "double",
            Kind::String => "string",
            Kind::Text => "text",
            Kind::Binary => "binary",
            Kind::Date => "date",
            Kind::Time => "time",
            Kind::TimeTz => "timetz",
            Kind::DateTime => "datetime",
            Kind::Timestamp => "timestamp",
            Kind::TimestampTz => "timestamptz",
            Kind::TimestampOnCreate => "timestamp_on_create",
            Kind::TimestampOnUpdate => "timestamp_on_update",
            Kind::UserId => "user_id",
            Kind::UserIdOnCreate => "user_id_on_create",
            Kind::UserIdOnUpdate => "user_id_on_update",
            Kind::Uuid => "uuid",
            Kind::Json => "json",
            Kind::Array => "array",
        }
    }

    /// Whether values are whole numbers.
    pub const fn is_integer(self) -> bool {
        matches!(
            self,
            Kind::Id
                | Kind::Reference
                | Kind::Integer
                | Kind::BigInt
                | Kind::UserId
                | Kind::UserIdOnCreate
                | Kind::UserIdOnUpdate
        )
    }

    /// Whether LIKE works on the column without turning it into text.
    pub const fn is_text(self) -> bool {
        matches!(self, Kind::String | Kind::Text)
    }

    /// The common mapping from a native type; the first rule that fits wins. `native` is the full native type in
    /// any case, such as `VARCHAR(40)`; `length` is the number in its parentheses. A connector calls this for
    /// what it does not map itself. (Reference: database.md §4.5.)
    pub fn from_native(native: &str, length: Option<i64>) -> Kind {
        let lower = native.to_ascii_lowercase();
        let base = lower.split(['(', '<']).next().unwrap_or("").trim();
        let has = |part: &str| base.contains(part);
        match base {
            "bit" => Kind::Boolean,
            _ if has("bool") => Kind::Boolean,
            "number" | "decimal" | "numeric" | "percent" => Kind::Decimal,
            _ if has("double") => Kind::Double,
            "real" => Kind::Float,
            _ if has("float") => {
                if length == Some(53) {
                    Kind::Double
                } else {
                    Kind::Float
                }
            }
            _ if has("money") => Kind::Money,
            "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "serial" | "binary_integer" => {
                if length == Some(1) {
                    Kind::Boolean
                } else {
                    Kind::Integer
                }
            }
            "bigint" | "varint" | "bigserial" | "serial8" => Kind::BigInt,
            _ if has("timestamp") => Kind::Timestamp,
            "datetimeoffset" => Kind::Timestamp,
            _ if has("datetime") => Kind::DateTime,
            "date" => Kind::Date,
            _ if has("time") => Kind::Time,
            _ if has("binary") || has("blob") => Kind::Binary,
            _ if has("clob") || has("text") || base == "lvarchar" => Kind::Text,
            "uuid" => Kind::Uuid,
            _ => Kind::String,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_types_map_to_simple_types() {
        for (native, length, kind) in [
            ("VARCHAR(40)", Some(40), Kind::String),
            ("tinyint(1)", Some(1), Kind::Boolean),
            ("DECIMAL(12,4)", Some(12), Kind::Decimal),
            ("timestamp without time zone", None, Kind::Timestamp),
            ("longtext", None, Kind::Text),
            ("mediumblob", None, Kind::Binary),
            ("json", None, Kind::String),
        ] {
            assert_eq!(Kind::from_native(native, length), kind, "{native}");
        }
    }
}
