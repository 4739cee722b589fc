//! A field's definition as a column: type, default, keys.

use super::Definition;
use super::attributes::{flag, size, text};
use crate::catalogue::kind_named;
use crate::{Field, Kind};
use contract::{Problem, Value};
use sql::Scalar;
use sql::ddl::{
    ColumnChange, ColumnDef, DefaultFunction, DefaultValue, Definition as Written, NativeType, SchemaDialect,
    TypeWish,
};

/// Types that the database cannot express; kept in the extras.
const KEPT_TYPES: &[&str] = &[
    "user_id",
    "user_id_on_create",
    "user_id_on_update",
    "timestamp_on_create",
    "timestamp_on_update",
];

/// What a definition says of a column.
pub(super) struct Column {
    pub(super) name: String,
    wish: Option<TypeWish>,
    native: Option<NativeType>,
    /// The default, when the definition names one; inner `None` is none at all.
    default: Option<Option<DefaultValue>>,
    allow_null: Option<bool>,
    pub(super) primary_key: bool,
    auto_increment: bool,
    pub(super) unique: Option<bool>,
    pub(super) index: Option<bool>,
    /// Whether the type says that it refers to another table.
    pub(super) reference: bool,
}

impl Column {
    /// Reads a definition. `current` is the field of that name, when there is one: what the definition leaves out of
    /// its type is taken from there.
    pub(super) fn read(
        name: &str,
        definition: &Definition,
        current: Option<&Field>,
        dialect: &dyn SchemaDialect,
    ) -> Result<Column, Problem> {
        let mut column = Column {
            name: name.to_owned(),
            wish: None,
            native: None,
            default: None,
            allow_null: flag(definition, "allow_null")?,
            primary_key: flag(definition, "is_primary_key")?.unwrap_or(false),
            auto_increment: flag(definition, "auto_increment")?.unwrap_or(false),
            unique: flag(definition, "is_unique")?,
            index: flag(definition, "is_index")?,
            reference: false,
        };
        match text(definition, "sql")? {
            Some(sql) => column.read_sql(&sql)?,
            None => column.read_type(definition, current, dialect)?,
        }
        if let Some(default) = definition.get("default") {
            let kind = column.kind(current);
            column.default = Some(read_default(name, default, kind)?);
        }
        Ok(column)
    }

    /// A definition written as SQL, as far as the grammar goes.
    fn read_sql(&mut self, sql: &str) -> Result<(), Problem> {
        let written = Written::parse(sql).ok_or_else(|| {
            Problem::bad_request(format!(
                "The sql of field '{}' is not understood: it may hold a type with sizes, NULL or NOT NULL, DEFAULT with \
                 a literal or a clock function, PRIMARY KEY, UNIQUE and AUTO_INCREMENT.",
                self.name
            ))
        })?;
        self.native = Some(written.native);
        self.allow_null = written
            .allow_null
            .or(self.allow_null)
            .or(Some(!written.primary_key));
        self.primary_key |= written.primary_key;
        self.auto_increment |= written.auto_increment;
        if written.unique {
            self.unique = Some(true);
        }
        self.default = written.default.map(Some);
        Ok(())
    }

    fn read_type(
        &mut self,
        definition: &Definition,
        current: Option<&Field>,
        dialect: &dyn SchemaDialect,
    ) -> Result<(), Problem> {
        let named = text(definition, "type")?;
        let given = Sizes {
            length: size(definition, &["length", "size"])?,
            precision: size(definition, &["precision"])?,
            scale: size(definition, &["scale", "decimals"])?,
            fixed: flag(definition, "fixed_length")?,
            multibyte: flag(definition, "supports_multibyte")?,
        };
        let name = match (&named, current) {
            (Some(name), _) => name.trim().to_lowercase(),
            (None, Some(field)) if given.are_new(field) => field.kind.name().to_owned(),
            (None, Some(_)) => return Ok(()),
            (None, None) => {
                return Err(Problem::bad_request(format!(
                    "Invalid schema detected - no type element for field '{}'.",
                    self.name
                )));
            }
        };
        if let Some(field) = current
            && (name == field.kind.name() || name == field.column.kind.name())
            && !given.are_new(field)
        {
            return Ok(());
        }
        self.reference = matches!(name.as_str(), "reference" | "fk");
        if matches!(name.as_str(), "id" | "pk" | "bigid" | "mediumid" | "smallid") {
            self.primary_key = true;
            self.auto_increment = true;
            self.allow_null = Some(false);
        }
        let wish = TypeWish {
            name,
            length: given.length,
            precision: given.precision,
            scale: given.scale,
            fixed: given.fixed.unwrap_or(false),
            multibyte: given.multibyte.unwrap_or(false),
        };
        let native = match dialect.native_type(&wish) {
            Some(own) => NativeType::own(own),
            None => NativeType::parse(&wish.name).ok_or_else(|| {
                Problem::bad_request(format!("The type of field '{}' is not understood.", self.name))
            })?,
        };
        let same =
            |field: &Field| dialect.canonical(native.text()) == dialect.canonical(&field.column.native);
        if !current.is_some_and(same) {
            self.native = Some(native);
        }
        self.wish = Some(wish);
        Ok(())
    }

    /// The simple type of the new column, or of the one that is there.
    fn kind(&self, current: Option<&Field>) -> Option<Kind> {
        let wished = self.wish.as_ref().and_then(|wish| kind_named(&wish.name));
        let native = self.native.as_ref().map(|n| Kind::from_native(n.text(), None));
        wished.or(native).or(current.map(|field| field.kind))
    }

    /// The type that goes into the extras: inner `None` when the database's own counts. `None` leaves it as it is.
    pub(super) fn kept_type(&self) -> Option<Option<String>> {
        let wish = self.wish.as_ref()?;
        let kept = KEPT_TYPES.contains(&wish.name.as_str());
        Some(kept.then(|| wish.name.clone()))
    }

    /// The column to make.
    pub(super) fn made(self, dialect: &dyn SchemaDialect) -> Result<ColumnDef, Problem> {
        let native = self
            .native
            .ok_or_else(|| Problem::bad_request(format!("Field '{}' has no type.", self.name)))?;
        let named = |name: &str| self.wish.as_ref().is_some_and(|wish| wish.name == name);
        let (on_create, on_update) = (named("timestamp_on_create"), named("timestamp_on_update"));
        let clock = || dialect.clock_default().filter(|_| on_create || on_update);
        let default = self.default.unwrap_or_else(clock);
        if let Some(DefaultValue::Function(function)) = &default
            && dialect.default_function(*function).is_none()
        {
            return Err(Problem::bad_request(format!(
                "The database has no such function for the default of field '{}'.",
                self.name
            )));
        }
        Ok(ColumnDef {
            native,
            allow_null: self.allow_null.unwrap_or(false) && !self.primary_key,
            default: default.filter(|_| !self.auto_increment),
            primary_key: self.primary_key,
            auto_increment: self.auto_increment,
            renewed: on_update,
            name: self.name,
        })
    }

    /// What changes of the column that is there.
    pub(super) fn changed(&self, field: &Field, told: Option<&Value>) -> ColumnChange {
        // A default that is told back as it was described is none.
        let same_default = told.is_some_and(|told| *told == field.column.default);
        let default = self.default.clone().filter(|_| told.is_none() || !same_default);
        ColumnChange {
            name: field.column.name.clone(),
            native: self.native.clone(),
            allow_null: self
                .allow_null
                .filter(|allow| *allow != field.column.allow_null && !field.is_primary_key),
            default,
        }
    }
}

/// Sizes in a definition.
struct Sizes {
    length: Option<u32>,
    precision: Option<u32>,
    scale: Option<u32>,
    fixed: Option<bool>,
    multibyte: Option<bool>,
}

impl Sizes {
    /// Whether any of them is not what the field has.
    fn are_new(&self, field: &Field) -> bool {
        let column = &field.column;
        let other = |given: Option<u32>, has: Option<i64>| given.is_some_and(|n| Some(i64::from(n)) != has);
        other(self.length, column.length)
            || other(self.precision, column.precision)
            || other(self.scale, column.scale)
            || self.fixed.is_some_and(|fixed| fixed != column.fixed_length)
            || self
                .multibyte
                .is_some_and(|multibyte| multibyte != column.supports_multibyte)
    }
}

/// A default: a value, or an expression of the list.
fn read_default(name: &str, value: &Value, kind: Option<Kind>) -> Result<Option<DefaultValue>, Problem> {
    let literal = |scalar: Scalar| Ok(Some(DefaultValue::Literal(scalar)));
    let is_number = |kind: Kind| {
        kind.is_integer() || matches!(kind, Kind::Decimal | Kind::Money | Kind::Float | Kind::Double)
    };
    match (value, kind) {
        (Value::Null, _) => Ok(None),
        (Value::Object(object), _) if object.contains_key("expression") => {
            let text = match &object["expression"] {
                Value::Object(inner) => inner.get("value").and_then(Value::as_str),
                other => other.as_str(),
            };
            let parsed = text.and_then(DefaultValue::parse);
            parsed.map(Some).ok_or_else(|| {
                Problem::bad_request(format!(
                    "The expression in the default of field '{name}' is not permitted: use a literal, or NOW(), \
                     CURRENT_TIMESTAMP, CURRENT_DATE, CURRENT_TIME or UUID()."
                ))
            })
        }
        (Value::Bool(flag), Some(kind)) if is_number(kind) => literal(Scalar::Int(i64::from(*flag))),
        (Value::Bool(flag), _) => literal(Scalar::Bool(*flag)),
        (Value::Number(number), Some(Kind::Boolean)) => literal(Scalar::Bool(number.as_f64() != Some(0.0))),
        (Value::Number(number), Some(kind)) if kind.is_text() => literal(Scalar::Text(number.to_string())),
        (Value::Number(number), _) => literal(Scalar::Decimal(number.to_string())),
        (Value::String(text), _) if text.contains('\0') => Err(Problem::bad_request(format!(
            "The default of field '{name}' must not hold the sign of number 0."
        ))),
        (Value::String(text), Some(Kind::Boolean)) => literal(Scalar::Bool(contract::truthy(text))),
        (Value::String(text), Some(kind)) if is_number(kind) => match DefaultValue::parse(text) {
            Some(DefaultValue::Literal(number @ Scalar::Decimal(_))) => literal(number),
            _ => Err(Problem::bad_request(format!(
                "The default of field '{name}' must be a number."
            ))),
        },
        (Value::String(text), kind) if !kind.is_some_and(Kind::is_text) => match DefaultFunction::parse(text)
        {
            Some(function) => Ok(Some(DefaultValue::Function(function))),
            None => literal(Scalar::Text(text.clone())),
        },
        (Value::String(text), _) => literal(Scalar::Text(text.clone())),
        (other, _) => literal(Scalar::Text(other.to_string())),
    }
}
