//! Changes of a schema as trees, and what differs between databases when they are written.
//!
//! DDL cannot bind values. So nothing of a client's text goes into it as it came: names are quoted, defaults are
//! values that [`render::literal`] writes or functions of a closed list, and native types are taken apart by
//! [`NativeType::parse`], which lets only words, numbers and plain quoted words through.

mod default;
mod native;
mod render;

use crate::{Dialect, TableName};

pub use default::{DefaultFunction, DefaultValue};
pub use native::{Definition, NativeType};
pub use render::{change, column, literal};

/// A column's type as it is asked for: a simple type's name, or one that only this database knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeWish {
    /// Name in lower case: `string`, `id`, `decimal`, …
    pub name: String,
    /// Length.
    pub length: Option<u32>,
    /// Precision.
    pub precision: Option<u32>,
    /// Scale.
    pub scale: Option<u32>,
    /// Whether text has a fixed length.
    pub fixed: bool,
    /// Whether text holds more than single bytes.
    pub multibyte: bool,
}

impl TypeWish {
    /// `base(length)`, with a length where none is asked for.
    pub fn sized(&self, base: &str, otherwise: u32) -> String {
        format!("{base}({})", self.length.unwrap_or(otherwise))
    }

    /// `base`, `base(precision)` or `base(precision,scale)`.
    pub fn numeric(&self, base: &str) -> String {
        match (self.precision.or(self.length), self.scale) {
            (Some(precision), Some(scale)) => format!("{base}({precision},{scale})"),
            (Some(precision), None) => format!("{base}({precision})"),
            (None, _) => base.to_owned(),
        }
    }
}

/// A column to make.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDef {
    /// Name.
    pub name: String,
    /// Type.
    pub native: NativeType,
    /// Whether NULL is allowed.
    pub allow_null: bool,
    /// Default; none leaves it out.
    pub default: Option<DefaultValue>,
    /// Whether it alone is the primary key.
    pub primary_key: bool,
    /// Whether the database makes the value.
    pub auto_increment: bool,
    /// Whether the database sets the time of every change, where it can.
    pub renewed: bool,
}

/// What changes of a column that exists. What is `None` stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ColumnChange {
    /// Name.
    pub name: String,
    /// Another type.
    pub native: Option<NativeType>,
    /// Whether NULL is allowed.
    pub allow_null: Option<bool>,
    /// Another default; inner `None` takes it away.
    pub default: Option<Option<DefaultValue>>,
}

impl ColumnChange {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.native.is_none() && self.allow_null.is_none() && self.default.is_none()
    }
}

/// What happens to the rows that refer to one that goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// `NO ACTION`
    NoAction,
    /// `RESTRICT`
    Restrict,
    /// `CASCADE`
    Cascade,
    /// `SET NULL`
    SetNull,
    /// `SET DEFAULT`
    SetDefault,
}

impl Rule {
    /// Reads a rule without case; `None` for any other text.
    pub fn parse(text: &str) -> Option<Rule> {
        let words = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        Some(match words.replace('_', " ").to_ascii_uppercase().as_str() {
            "NO ACTION" => Rule::NoAction,
            "RESTRICT" => Rule::Restrict,
            "CASCADE" => Rule::Cascade,
            "SET NULL" => Rule::SetNull,
            "SET DEFAULT" => Rule::SetDefault,
            _ => return None,
        })
    }

    /// The rule in SQL.
    pub const fn words(self) -> &'static str {
        match self {
            Rule::NoAction => "NO ACTION",
            Rule::Restrict => "RESTRICT",
            Rule::Cascade => "CASCADE",
            Rule::SetNull => "SET NULL",
            Rule::SetDefault => "SET DEFAULT",
        }
    }
}

/// A foreign key to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKeyDef {
    /// Name.
    pub name: String,
    /// Columns; at least one.
    pub columns: Vec<String>,
    /// The table it refers to.
    pub table: TableName,
    /// The columns it refers to, in the same order.
    pub references: Vec<String>,
    /// Rule on update.
    pub on_update: Option<Rule>,
    /// Rule on delete.
    pub on_delete: Option<Rule>,
}

/// An index or a unique constraint to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDef {
    /// Name.
    pub name: String,
    /// Columns.
    pub columns: Vec<String>,
    /// Whether it is a unique constraint.
    pub unique: bool,
}

/// A table to make.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    /// Name.
    pub table: TableName,
    /// Columns; at least one.
    pub columns: Vec<ColumnDef>,
    /// Columns of a primary key that is not a single column's.
    pub primary_key: Vec<String>,
    /// Indexes and unique constraints.
    pub indexes: Vec<IndexDef>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKeyDef>,
    /// Options as [`SchemaDialect::table_options`] gave them.
    pub options: Option<String>,
}

/// One step of a change of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum AlterStep {
    /// Adds a column.
    AddColumn(ColumnDef),
    /// Changes a column.
    AlterColumn(ColumnChange),
    /// Takes a column away.
    DropColumn(String),
    /// Adds a foreign key.
    AddForeignKey(ForeignKeyDef),
    /// Takes the foreign key of columns away.
    DropForeignKey {
        /// Columns.
        columns: Vec<String>,
        /// Its name, where the database has names for them.
        name: String,
    },
    /// Adds an index or a unique constraint.
    AddIndex(IndexDef),
    /// Takes the index or unique constraint of columns away.
    DropIndex {
        /// Columns.
        columns: Vec<String>,
        /// Its name, as the database tells it.
        name: String,
    },
    /// An action that a connector wrote itself, from what its database told.
    Written(String),
}

/// A change of a table that exists.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterTable {
    /// Table.
    pub table: TableName,
    /// Steps in order; at least one.
    pub steps: Vec<AlterStep>,
}

/// A change of the schema.
#[derive(Debug, Clone, PartialEq)]
pub enum SchemaChange {
    /// Makes a table.
    Create(CreateTable),
    /// Changes a table.
    Alter(AlterTable),
    /// Takes a table away.
    Drop(TableName),
}

/// What differs between databases when a schema is changed.
pub trait SchemaDialect: Dialect {
    /// The native type of a simple type, with its size; `None` for names that are no simple types here. The text is
    /// the dialect's own, so it may be anything that the database understands.
    fn native_type(&self, wish: &TypeWish) -> Option<String>;

    /// A native type in the one way of writing it in which this database tells it back, for comparing.
    fn canonical(&self, native: &str) -> String;

    /// A function of the closed list as a default; `None` where the database has none.
    fn default_function(&self, function: DefaultFunction) -> Option<String>;

    /// The default of `timestamp_on_create` and `timestamp_on_update`; `None` where the server sets the time alone.
    fn clock_default(&self) -> Option<DefaultValue> {
        Some(DefaultValue::Function(DefaultFunction::Now(None)))
    }

    /// What follows PRIMARY KEY for a key that the database makes; empty where its type says so.
    fn auto_increment(&self) -> &'static str;

    /// What makes the database set the time of every change; empty where it cannot.
    fn renewed(&self) -> &'static str {
        ""
    }

    /// How ALTER TABLE takes a foreign key away, up to its name.
    fn drop_foreign_key(&self) -> &'static str {
        "DROP CONSTRAINT "
    }

    /// Whether indexes stand inside CREATE TABLE and ALTER TABLE, so that one statement does everything.
    fn indexes_inline(&self) -> bool {
        false
    }

    /// Longest name of a constraint, in bytes.
    fn max_name(&self) -> usize {
        63
    }

    /// Table options that a client may append to CREATE TABLE, checked and in the database's form; `None` for any
    /// that are not known.
    fn table_options(&self, _text: &str) -> Option<String> {
        None
    }
}
