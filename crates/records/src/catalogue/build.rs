//! From what a database tells to what clients see: keys, simple types, relations and their names.

use super::{Field, Junction, RawForeignKey, RawNeighbour, RawTable, Relation, RelationKind, Table, label};
use crate::Kind;

/// Makes the table that clients see.
pub fn table(raw: &RawTable) -> Table {
    let mut fields: Vec<Field> = raw
        .columns
        .iter()
        .map(|column| {
            let is_primary_key = raw.primary_key.contains(&column.name);
            let single_key = raw.primary_key.len() == 1;
            let reference = raw
                .foreign_keys
                .iter()
                .find(|fk| fk.columns.contains(&column.name));
            let single_reference = reference.filter(|fk| fk.columns.len() == 1);
            let kind = match column.kind {
                kind if is_primary_key && single_key && column.auto_increment && kind.is_integer() => {
                    Kind::Id
                }
                Kind::Integer if single_reference.is_some() => Kind::Reference,
                kind => kind,
            };
            let position =
                |fk: &RawForeignKey| fk.columns.iter().position(|c| *c == column.name).unwrap_or(0);
            Field {
                name: column.name.clone(),
                alias: None,
                label: label(&column.name),
                description: column.comment.clone(),
                kind,
                required: !column.allow_null
                    && column.default.is_null()
                    && !column.auto_increment
                    && !column.generated,
                is_primary_key,
                is_unique: raw
                    .unique
                    .iter()
                    .any(|u| u.columns.len() == 1 && u.columns[0] == column.name),
                reference: reference.map(|fk| {
                    (
                        fk.public.clone(),
                        fk.references.get(position(fk)).cloned().unwrap_or_default(),
                    )
                }),
                extra: super::FieldExtras::default(),
                column: column.clone(),
            }
        })
        .collect();
    for field in &mut fields {
        if field.kind == Kind::Id {
            field.required = false;
        }
    }
    let primary_key = raw
        .primary_key
        .iter()
        .filter_map(|name| fields.iter().position(|f| f.column.name == *name))
        .collect();
    let mut table = Table::new(
        &raw.name,
        fields,
        primary_key,
        relations(raw),
        raw.constraints.clone(),
    );
    table.description.clone_from(&raw.comment);
    table
}

/// All relations; of two with the same name the later replaces the earlier, in its place.
fn relations(raw: &RawTable) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    let mut add = |relation: Relation| match relations.iter().position(|r| r.name == relation.name) {
        Some(i) => relations[i] = relation,
        None => relations.push(relation),
    };
    for fk in &raw.foreign_keys {
        add(Relation {
            name: format!("{}_by_{}", fk.public, fk.columns.join("_")),
            label: label(&format!("{}_by_{}", fk.public, fk.columns.join("_"))),
            kind: RelationKind::BelongsTo,
            fields: fk.columns.clone(),
            ref_table: fk.public.clone(),
            ref_fields: fk.references.clone(),
            on_update: Some(fk.on_update.clone()),
            on_delete: Some(fk.on_delete.clone()),
            junction: None,
            always_fetch: false,
            extra: super::RelationExtras::default(),
        });
    }
    for neighbour in &raw.neighbours {
        for fk in neighbour
            .foreign_keys
            .iter()
            .filter(|fk| fk.table == raw.name.table)
        {
            many_many(raw, neighbour, fk).for_each(&mut add);
            add(has(neighbour, fk));
        }
    }
    relations
}

fn has(neighbour: &RawNeighbour, fk: &RawForeignKey) -> Relation {
    let one = neighbour.keys.iter().any(|key| key.columns == fk.columns);
    let name = format!("{}_by_{}", neighbour.public, fk.columns.join("_"));
    Relation {
        label: label(&name),
        name,
        kind: if one {
            RelationKind::HasOne
        } else {
            RelationKind::HasMany
        },
        fields: fk.references.clone(),
        ref_table: neighbour.public.clone(),
        ref_fields: fk.columns.clone(),
        on_update: Some(fk.on_update.clone()),
        on_delete: Some(fk.on_delete.clone()),
        junction: None,
        always_fetch: false,
        extra: super::RelationExtras::default(),
    }
}

fn many_many<'a>(
    raw: &'a RawTable,
    neighbour: &'a RawNeighbour,
    fk: &'a RawForeignKey,
) -> impl Iterator<Item = Relation> + 'a {
    let others = neighbour
        .foreign_keys
        .iter()
        .filter(|other| other.table != raw.name.table);
    others.map(|other| {
        let name = format!("{}_by_{}", other.public, neighbour.public);
        Relation {
            label: label(&name),
            name,
            kind: RelationKind::ManyMany,
            fields: fk.references.clone(),
            ref_table: other.public.clone(),
            ref_fields: other.references.clone(),
            on_update: Some(fk.on_update.clone()),
            on_delete: Some(fk.on_delete.clone()),
            junction: Some(Junction {
                table: neighbour.public.clone(),
                fields: fk.columns.clone(),
                ref_fields: other.columns.clone(),
            }),
            always_fetch: false,
            extra: super::RelationExtras::default(),
        }
    })
}
