//! What a face is: the public shape of a table of the system database.

use crate::faces::{ALL, AUTHORS};
use contract::{Caller, FieldKind, RecordField, RecordShape};
use records::catalogue::{Junction, label};
use records::{Condition, Field, Kind, RawColumn, RawTableName, Relation, RelationKind, Table, Target};
use sql::{BinaryOp, Scalar, TableName};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use store::Entity;

/// A face. Everything that clients can see or write of a table is listed here; nothing else exists for them.
pub(crate) struct Face {
    /// Name: the resource, or an inner one (`lookup of role`) that only relations reach.
    pub(crate) name: &'static str,
    /// The table behind it.
    pub(crate) native: &'static str,
    /// What it writes; none for faces that only relations reach.
    pub(crate) entity: Option<Entity>,
    /// The field that identifies a record.
    pub(crate) key: &'static str,
    /// The field that lists are sorted by when nothing is asked.
    pub(crate) order: &'static str,
    /// Fields in the order of answers.
    pub(crate) fields: &'static [(&'static str, Kind)],
    /// What every row meets.
    pub(crate) fixed: Fixed,
    /// Fields that exist for `fixed` alone and are taken out of every row.
    pub(crate) hidden: &'static [&'static str],
    /// Keys of a record that no column holds.
    pub(crate) computed: &'static [&'static str],
    /// Keys that are in every answer, whatever `fields` says.
    pub(crate) always: &'static [&'static str],
    /// Fields that the computed keys and masks are made of.
    pub(crate) needs: &'static [&'static str],
    /// Fields that are shown as something else than what their columns hold: the document that a text says.
    pub(crate) rewritten: &'static [&'static str],
    /// Relations of its own; see [`Face::links`].
    pub(crate) relations: &'static [Link],
    /// The component that a caller must be allowed to read to come here through a relation; none where the rows
    /// belong to the record that they are read with.
    pub(crate) component: Option<&'static str>,
}

/// A fixed condition.
pub(crate) enum Fixed {
    /// None.
    All,
    /// A truth value.
    Flag(&'static str, bool),
    /// All of these fields are null.
    Null(&'static [&'static str]),
    /// The field holds the caller's own id; nobody has no rows.
    Own(&'static str),
}

/// A relation of a face.
pub(crate) struct Link {
    pub(crate) name: &'static str,
    pub(crate) kind: RelationKind,
    /// Field of this face.
    pub(crate) field: &'static str,
    /// The other face and its field.
    pub(crate) other: (&'static str, &'static str),
    /// For many-to-many: the face between, its field for this face, its field for the other.
    pub(crate) between: Option<(&'static str, &'static str, &'static str)>,
}

impl Link {
    /// Whether it leads to records that do not belong to the one it starts from, and cannot be made with it.
    pub(crate) fn leads_elsewhere(&self) -> bool {
        matches!(self.kind, RelationKind::BelongsTo | RelationKind::ManyMany)
    }
}

/// Fields that the store fills.
const AUTOMATIC: [&str; 5] = [
    "id",
    "created_date",
    "last_modified_date",
    "created_by_id",
    "last_modified_by_id",
];

impl Face {
    /// A face by name.
    pub(crate) fn find(name: &str) -> Option<&'static Face> {
        ALL.iter().copied().find(|face| face.name == name)
    }

    /// The face as this caller sees it.
    pub(crate) fn seen_by(&'static self, caller: &Caller) -> &'static Face {
        let delegate = self.name == "app" && !caller.is_unrestricted();
        delegate
            .then(|| Face::find("app of delegate"))
            .flatten()
            .unwrap_or(self)
    }

    /// The face as the record engine sees it.
    pub(crate) fn table(&'static self) -> Arc<Table> {
        static TABLES: OnceLock<HashMap<&'static str, Arc<Table>>> = OnceLock::new();
        let tables = TABLES.get_or_init(|| {
            ALL.iter()
                .map(|face| (face.name, Arc::new(build(face))))
                .collect()
        });
        tables
            .get(self.name)
            .cloned()
            .unwrap_or_else(|| Arc::new(build(self)))
    }

    /// What the records of the face look like. The fields that only a condition needs are not shown.
    pub(crate) fn record(&'static self) -> RecordShape {
        let component = |face: &str| {
            Face::find(face)
                .and_then(|face| face.component)
                .unwrap_or_default()
        };
        let mut shape = records::record_shape(&self.table(), |face| component(face).to_owned());
        // Rows that belong to the record that they are read with are read under its right.
        for relation in shape.relations.iter_mut().filter(|r| r.component.is_empty()) {
            relation.component = self.name.to_owned();
        }
        for relation in &mut shape.relations {
            let link = self.links().find(|link| link.name == relation.name);
            relation.read_only = link.is_none_or(Link::leads_elsewhere);
        }
        shape
            .fields
            .retain(|field| !self.hidden.contains(&field.name.as_str()));
        for field in &mut shape.fields {
            field.read_only = AUTOMATIC.contains(&field.name.as_str());
            if self.rewritten.contains(&field.name.as_str()) {
                field.kind = FieldKind::Any;
            }
        }
        shape.fields.extend(self.computed.iter().map(|name| RecordField {
            name: (*name).to_owned(),
            type_name: "json",
            kind: FieldKind::Any,
            description: Some(label(name)),
            nullable: true,
            required: false,
            read_only: *name != "config",
            is_key: false,
            max_length: None,
            choices: Vec::new(),
            reference: None,
        }));
        shape
    }

    /// The fixed condition, bound to the table, for a user.
    pub(crate) fn condition(&'static self, user: Option<i64>) -> Option<Condition> {
        let table = self.table();
        let target = |name: &str| table.field(name).map(Target::Field);
        match self.fixed {
            Fixed::All => None,
            Fixed::Flag(name, wanted) => Some(Condition::Compare(
                target(name)?,
                BinaryOp::Eq,
                records::plan::Operand::Value(Scalar::Bool(wanted)),
            )),
            Fixed::Own(name) => Some(match user {
                Some(id) => Condition::Compare(
                    target(name)?,
                    BinaryOp::Eq,
                    records::plan::Operand::Value(Scalar::Int(id)),
                ),
                None => Condition::Or(Vec::new()),
            }),
            Fixed::Null(names) => Some(Condition::And(
                names
                    .iter()
                    .filter_map(|n| target(n))
                    .map(Condition::IsNull)
                    .collect(),
            )),
        }
    }

    /// The relations of the face's records.
    pub(crate) fn links(&self) -> impl Iterator<Item = &'static Link> {
        let has = |name: &str| self.fields.iter().any(|(field, _)| *field == name);
        let authors = AUTHORS.iter().filter(move |link| has(link.field));
        self.relations.iter().chain(authors)
    }

    /// Whether a record of this face has this key, from a column or computed.
    pub(crate) fn is_computed(&self, name: &str) -> bool {
        self.computed.iter().any(|c| c.eq_ignore_ascii_case(name))
    }
}

fn build(face: &'static Face) -> Table {
    let raw = RawTableName {
        table: TableName::plain(face.native),
        public: face.name.to_owned(),
        is_view: false,
    };
    let fields: Vec<Field> = face
        .fields
        .iter()
        .map(|(name, kind)| field(name, *kind, face.key))
        .collect();
    let key = fields.iter().position(|f| f.is_primary_key).into_iter().collect();
    let relations = face.links().map(relation).collect();
    Table::new(&raw, fields, key, relations, contract::Map::new())
}

fn field(name: &'static str, kind: Kind, key: &str) -> Field {
    let native = match kind {
        Kind::Id | Kind::Integer | Kind::Reference => "integer",
        Kind::Boolean => "boolean",
        _ => "varchar",
    };
    Field {
        name: name.to_owned(),
        column: RawColumn {
            name: name.to_owned(),
            kind,
            native: native.to_owned(),
            length: None,
            precision: None,
            scale: None,
            default: contract::Value::Null,
            allow_null: name != key,
            fixed_length: false,
            supports_multibyte: false,
            auto_increment: kind == Kind::Id,
            generated: false,
            is_index: false,
            comment: None,
        },
        alias: None,
        label: label(name),
        description: None,
        kind,
        required: false,
        is_primary_key: name == key,
        is_unique: name == key,
        reference: None,
        extra: records::catalogue::FieldExtras::default(),
    }
}

fn relation(link: &Link) -> Relation {
    Relation {
        name: link.name.to_owned(),
        label: label(link.name),
        kind: link.kind,
        fields: vec![link.field.to_owned()],
        ref_table: link.other.0.to_owned(),
        ref_fields: vec![link.other.1.to_owned()],
        on_update: None,
        on_delete: None,
        junction: link.between.map(|(table, field, ref_field)| Junction {
            table: table.to_owned(),
            fields: vec![field.to_owned()],
            ref_fields: vec![ref_field.to_owned()],
        }),
        always_fetch: false,
        extra: records::catalogue::RelationExtras::default(),
    }
}
