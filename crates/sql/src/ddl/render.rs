//! Changes of a schema as statements.

use super::{
    AlterStep, AlterTable, ColumnChange, ColumnDef, CreateTable, DefaultValue, ForeignKeyDef, IndexDef,
    SchemaChange, SchemaDialect,
};
use crate::{Dialect, Scalar, TableName};

/// Writes a value into text, safely: the one place where this happens, for statements that cannot bind.
///
/// Bytes are written in hexadecimal; numbers that are not finite become NULL.
pub fn literal(dialect: &(impl Dialect + ?Sized), value: &Scalar, out: &mut String) {
    match value {
        Scalar::Null => out.push_str("NULL"),
        Scalar::Bool(flag) => out.push_str(dialect.boolean_literal(*flag)),
        Scalar::Int(n) => out.push_str(&n.to_string()),
        Scalar::Uint(n) => out.push_str(&n.to_string()),
        Scalar::Float(n) if n.is_finite() => out.push_str(&n.to_string()),
        Scalar::Float(_) => out.push_str("NULL"),
        Scalar::Decimal(text) if super::default::is_number(text) => out.push_str(text),
        Scalar::Decimal(text) | Scalar::Text(text) => out.push_str(&dialect.text_literal(text)),
        Scalar::Bytes(bytes) => {
            out.push_str("X'");
            for byte in bytes {
                out.push_str(&format!("{byte:02X}"));
            }
            out.push('\'');
        }
    }
}

/// The statements of a change, in order. Where the dialect cannot do everything in one, they belong into one
/// transaction.
pub fn change(dialect: &dyn SchemaDialect, change: &SchemaChange) -> Vec<String> {
    match change {
        SchemaChange::Create(create) => created(dialect, create),
        SchemaChange::Alter(alter) => altered(dialect, alter),
        SchemaChange::Drop(table) => {
            let mut out = Writer::new(dialect, "DROP TABLE ");
            out.table(table);
            vec![out.text]
        }
    }
}

/// A column as it stands in CREATE TABLE.
pub fn column(dialect: &dyn SchemaDialect, column: &ColumnDef) -> String {
    let mut out = Writer::new(dialect, "");
    out.column(column);
    out.text
}

struct Writer<'d> {
    dialect: &'d dyn SchemaDialect,
    text: String,
}

impl<'d> Writer<'d> {
    fn new(dialect: &'d dyn SchemaDialect, start: &str) -> Writer<'d> {
        Writer {
            dialect,
            text: start.to_owned(),
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn quoted(&mut self, name: &str) {
        self.dialect.quote(name, &mut self.text);
    }

    fn table(&mut self, table: &TableName) {
        if let Some(schema) = &table.schema {
            self.quoted(schema);
            self.text.push('.');
        }
        self.quoted(&table.name);
    }

    fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) {
        self.text.push('(');
        for (i, name) in names.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.quoted(name);
        }
        self.text.push(')');
    }

    fn default(&mut self, default: &DefaultValue) {
        match default {
            DefaultValue::Literal(value) => literal(self.dialect, value, &mut self.text),
            DefaultValue::Function(function) => {
                let written = self.dialect.default_function(*function);
                self.push(written.as_deref().unwrap_or("NULL"));
            }
        }
    }

    fn column(&mut self, column: &ColumnDef) {
        self.quoted(&column.name);
        self.push(" ");
        self.push(column.native.text());
        self.push(if column.allow_null { " NULL" } else { " NOT NULL" });
        if let Some(default) = &column.default {
            self.push(" DEFAULT ");
            self.default(default);
        }
        if column.renewed && !self.dialect.renewed().is_empty() {
            self.push(" ");
            self.push(self.dialect.renewed());
        }
        if column.primary_key {
            self.push(" PRIMARY KEY");
        }
        if column.auto_increment && !self.dialect.auto_increment().is_empty() {
            self.push(" ");
            self.push(self.dialect.auto_increment());
        }
    }

    fn foreign_key(&mut self, key: &ForeignKeyDef) {
        self.push("CONSTRAINT ");
        self.quoted(&key.name);
        self.push(" FOREIGN KEY ");
        self.names(&key.columns);
        self.push(" REFERENCES ");
        self.table(&key.table);
        self.push(" ");
        self.names(&key.references);
        for (word, rule) in [(" ON UPDATE ", key.on_update), (" ON DELETE ", key.on_delete)] {
            if let Some(rule) = rule {
                self.push(word);
                self.push(rule.words());
            }
        }
    }

    /// A unique constraint, or an index where it stands inside a table.
    fn constraint(&mut self, index: &IndexDef) {
        if index.unique {
            self.push("CONSTRAINT ");
            self.quoted(&index.name);
            self.push(" UNIQUE ");
        } else {
            self.push("INDEX ");
            self.quoted(&index.name);
            self.push(" ");
        }
        self.names(&index.columns);
    }

    fn change(&mut self, change: &ColumnChange) {
        let mut parts: Vec<String> = Vec::new();
        let start = |what: &str| {
            let mut out = Writer::new(self.dialect, "ALTER COLUMN ");
            out.quoted(&change.name);
            out.push(what);
            out
        };
        // A default of the old type may not fit the new one, so it goes first.
        if change.native.is_some() && change.default.is_some() {
            parts.push(start(" DROP DEFAULT").text);
        }
        if let Some(native) = &change.native {
            let mut out = start(" TYPE ");
            out.push(native.text());
            out.push(" USING CAST(");
            out.quoted(&change.name);
            out.push(" AS ");
            out.push(native.text());
            out.push(")");
            parts.push(out.text);
        }
        match &change.default {
            Some(Some(default)) => {
                let mut out = start(" SET DEFAULT ");
                out.default(default);
                parts.push(out.text);
            }
            Some(None) if change.native.is_none() => parts.push(start(" DROP DEFAULT").text),
            _ => {}
        }
        match change.allow_null {
            Some(true) => parts.push(start(" DROP NOT NULL").text),
            Some(false) => parts.push(start(" SET NOT NULL").text),
            None => {}
        }
        self.push(&parts.join(", "));
    }
}

fn index(dialect: &dyn SchemaDialect, table: &TableName, index: &IndexDef) -> String {
    let mut out = Writer::new(dialect, "CREATE INDEX ");
    out.quoted(&index.name);
    out.push(" ON ");
    out.table(table);
    out.push(" ");
    out.names(&index.columns);
    out.text
}

fn created(dialect: &dyn SchemaDialect, create: &CreateTable) -> Vec<String> {
    let mut out = Writer::new(dialect, "CREATE TABLE ");
    out.table(&create.table);
    out.push(" (");
    for (i, column) in create.columns.iter().enumerate() {
        if i > 0 {
            out.push(", ");
        }
        out.column(column);
    }
    if !create.primary_key.is_empty() {
        out.push(", PRIMARY KEY ");
        out.names(&create.primary_key);
    }
    let (inside, apart): (Vec<&IndexDef>, Vec<&IndexDef>) = create
        .indexes
        .iter()
        .partition(|i| i.unique || dialect.indexes_inline());
    for index in inside {
        out.push(", ");
        out.constraint(index);
    }
    for key in &create.foreign_keys {
        out.push(", ");
        out.foreign_key(key);
    }
    out.push(")");
    if let Some(options) = &create.options {
        out.push(" ");
        out.push(options);
    }
    let mut statements = vec![out.text];
    statements.extend(apart.into_iter().map(|i| index(dialect, &create.table, i)));
    statements
}

fn altered(dialect: &dyn SchemaDialect, alter: &AlterTable) -> Vec<String> {
    let mut actions: Vec<String> = Vec::new();
    let mut apart = Vec::new();
    for step in &alter.steps {
        let mut out = Writer::new(dialect, "");
        match step {
            AlterStep::AddColumn(column) => {
                out.push("ADD COLUMN ");
                out.column(column);
            }
            AlterStep::AlterColumn(change) => out.change(change),
            AlterStep::DropColumn(name) => {
                out.push("DROP COLUMN ");
                out.quoted(name);
            }
            AlterStep::AddForeignKey(key) => {
                out.push("ADD ");
                out.foreign_key(key);
            }
            AlterStep::DropForeignKey { name, .. } => {
                out.push(dialect.drop_foreign_key());
                out.quoted(name);
            }
            AlterStep::DropIndex { name, .. } if dialect.indexes_inline() => {
                out.push("DROP INDEX ");
                out.quoted(name);
            }
            AlterStep::DropIndex { name, .. } => {
                out.push("DROP CONSTRAINT IF EXISTS ");
                out.quoted(name);
                // What is no constraint is an index alone, which lies in the table's schema.
                let mut index = Writer::new(dialect, "DROP INDEX IF EXISTS ");
                index.table(&TableName {
                    schema: alter.table.schema.clone(),
                    name: name.clone(),
                });
                apart.push(index.text);
            }
            AlterStep::Written(action) => out.push(action),
            AlterStep::AddIndex(i) if i.unique || dialect.indexes_inline() => {
                out.push("ADD ");
                out.constraint(i);
            }
            AlterStep::AddIndex(i) => {
                apart.push(index(dialect, &alter.table, i));
                continue;
            }
        }
        actions.push(out.text);
    }
    let mut statements = Vec::new();
    if !actions.is_empty() {
        let mut out = Writer::new(dialect, "ALTER TABLE ");
        out.table(&alter.table);
        out.push(" ");
        out.push(&actions.join(", "));
        statements.push(out.text);
    }
    statements.extend(apart);
    statements
}
