//! Relations: extras of those that foreign keys make, and virtual ones.

use super::attributes::{flag, name, objects, replace, text};
use super::{DatabaseService, Definition};
use crate::catalogue::{parts, virtual_name};
use crate::{Relation, RelationKind, Table};
use contract::extras::{ExtraChange, RelationExtra, ServiceExtras, VirtualRelation};
use contract::{Problem, Request, Value};
use serde_json::json;
use sql::ddl::{AlterStep, AlterTable, ForeignKeyDef};

impl DatabaseService {
    /// Creates virtual relations and foreign keys, and changes the extras of all. Gives their real names.
    pub(super) async fn write_relations(
        &self,
        request: &Request,
        table: &Table,
        definitions: &[Definition],
    ) -> Result<Vec<String>, Problem> {
        let extras = self.catalogue.extras().await?;
        let mut names = Vec::with_capacity(definitions.len());
        let mut changes = Vec::new();
        let mut keys = Vec::new();
        for definition in definitions {
            let given = text(definition, "name")?;
            let known = given.as_deref().and_then(|name| real(table, name));
            let is_virtual = flag(definition, "is_virtual")?
                .unwrap_or_else(|| known.is_some_and(|r| r.extra.virtual_id.is_some()));
            let name = match (is_virtual, known) {
                // Extras alone of a virtual relation that is there.
                (true, Some(known)) if !definition.contains_key("type") => known.real_name().to_owned(),
                (true, known) => {
                    let mut relation = virtual_relation(request, table, definition)?;
                    self.check_ends(request, &mut relation).await?;
                    let name =
                        virtual_name(&self.catalogue.named(relation.clone()).await?, request.service.id);
                    if let Some(id) = known.and_then(|k| k.extra.virtual_id)
                        && given.as_deref() != Some(name.as_str())
                    {
                        changes.push(ExtraChange::DropVirtualRelation(id));
                    }
                    changes.push(ExtraChange::VirtualRelation(relation));
                    name
                }
                (false, Some(known)) => known.real_name().to_owned(),
                (false, None) if definition.contains_key("type") => {
                    let (name, key) = self.foreign_key(table, definition, &extras).await?;
                    keys.push(AlterStep::AddForeignKey(key));
                    name
                }
                (false, None) => {
                    let name = name(definition)?;
                    return Err(Problem::not_found(format!(
                        "Relationship '{name}' does not exist in table '{}'.",
                        table.public
                    )));
                }
            };
            changes.extend(relation_extra(table, &name, definition, &extras)?);
            names.push(name);
        }
        self.alter(AlterTable {
            table: table.native.clone(),
            steps: keys,
        })
        .await?;
        self.change_extras(request, changes).await?;
        Ok(names)
    }

    /// The foreign key that a relation asks for, which may have several columns, and the relation's name.
    async fn foreign_key(
        &self,
        table: &Table,
        definition: &Definition,
        extras: &ServiceExtras,
    ) -> Result<(String, ForeignKeyDef), Problem> {
        let missing = |key: &str| {
            Problem::bad_request(format!(
                "Invalid schema detected - invalid or missing {key} element."
            ))
        };
        if text(definition, "type")?.as_deref() != Some("belongs_to") {
            return Err(Problem::bad_request(
                "A foreign key makes a relationship of type belongs_to; others are virtual (is_virtual).",
            ));
        }
        super::table::no_view(table)?;
        let field = text(definition, "field")?.ok_or_else(|| missing("field"))?;
        let other = text(definition, "ref_table")?.ok_or_else(|| missing("ref_table"))?;
        let own = parts(&columns(table, &field)?);
        let backend = self.schema_backend()?;
        let definitions = std::slice::from_ref(definition);
        let target = self.target(&*backend, table, extras, definitions).await?;
        let name = format!("{other}_by_{}", own.join("_"));
        let fields = text(definition, "ref_field")?;
        let key = target.foreign_key(own, &other, fields.as_deref(), definition)?;
        Ok((name, key))
    }

    /// The relations that stand inside a table's definition; those that the table does not have are left out, since a
    /// description that is sent back names the relations of its time.
    pub(super) async fn write_listed_relations(
        &self,
        request: &Request,
        name: &str,
        definition: &Definition,
    ) -> Result<(), Problem> {
        let Some(mut definitions) = objects(definition, "related")? else {
            return Ok(());
        };
        let table = self.catalogue.existing(name).await?;
        definitions.retain(|d| {
            let is_virtual = d.get("is_virtual").is_some_and(|v| *v == json!(true));
            let known = d.get("name").and_then(Value::as_str);
            is_virtual || known.is_some_and(|name| real(&table, name).is_some())
        });
        if !definitions.is_empty() {
            self.write_relations(request, &table, &definitions).await?;
        }
        Ok(())
    }

    /// Drops virtual relations, foreign keys of several fields, and the extras of others, whose keys are dropped by their
    /// field; names that the table does not have are no error.
    pub(super) async fn drop_relations(
        &self,
        request: &Request,
        table: &Table,
        names: &[String],
    ) -> Result<(), Problem> {
        let mut changes = Vec::new();
        let extras = self.catalogue.extras().await?;
        let mut steps = Vec::new();
        for relation in names.iter().filter_map(|name| real(table, name)) {
            if let Some(id) = relation.extra.virtual_id {
                changes.push(ExtraChange::DropVirtualRelation(id));
            } else if relation.kind == RelationKind::BelongsTo && relation.fields.len() > 1 {
                let backend = self.schema_backend()?;
                let target = self.target(&*backend, table, &extras, &[]).await?;
                steps.extend(target.foreign_key_over(&relation.fields));
            }
            changes.push(ExtraChange::DropRelation {
                table: table.public.clone(),
                relationship: relation.real_name().to_owned(),
            });
        }
        self.alter(AlterTable {
            table: table.native.clone(),
            steps,
        })
        .await?;
        self.change_extras(request, changes).await
    }

    /// The other ends must exist when they lie in this service; their names are brought to the case they have.
    async fn check_ends(&self, request: &Request, relation: &mut VirtualRelation) -> Result<(), Problem> {
        let here = request.service.id;
        if relation.ref_service_id == here {
            let table = self.catalogue.existing(&relation.ref_table).await?;
            relation.ref_field = columns(&table, &relation.ref_field)?;
            relation.ref_table.clone_from(&table.public);
        }
        if relation.junction_service_id == Some(here)
            && let Some(junction) = &mut relation.junction_table
        {
            let table = self.catalogue.existing(junction).await?;
            junction.clone_from(&table.public);
            for field in [&mut relation.junction_field, &mut relation.junction_ref_field]
                .into_iter()
                .flatten()
            {
                *field = columns(&table, field)?;
            }
        }
        Ok(())
    }
}

/// The columns of a key by their real names, without case; joined by commas as they are written.
fn columns(table: &Table, joined: &str) -> Result<String, Problem> {
    let names: Vec<String> = parts(joined)
        .iter()
        .map(|name| column(table, name))
        .collect::<Result<_, _>>()?;
    Ok(names.join(","))
}

/// A column by its real name, without case.
fn column(table: &Table, name: &str) -> Result<String, Problem> {
    let real = |f: &&crate::Field| f.column.name.eq_ignore_ascii_case(name) && !f.extra.is_virtual;
    let found = table.fields.iter().find(real);
    found.map(|f| f.column.name.clone()).ok_or_else(|| {
        Problem::bad_request(format!(
            "Field '{name}' does not exist in table '{}'.",
            table.public
        ))
    })
}

fn virtual_relation(
    request: &Request,
    table: &Table,
    definition: &Definition,
) -> Result<VirtualRelation, Problem> {
    let missing = |key: &str| {
        Problem::bad_request(format!(
            "Invalid schema detected - invalid or missing {key} element."
        ))
    };
    let must = |key: &str| text(definition, key)?.ok_or_else(|| missing(key));
    let kind = must("type")?.to_lowercase();
    if !["belongs_to", "has_one", "has_many", "many_many"].contains(&kind.as_str()) {
        return Err(missing("type"));
    }
    let service = |key: &str| match definition.get(key) {
        None | Some(Value::Null) => Ok(request.service.id),
        Some(Value::Number(number)) => number.as_i64().ok_or_else(|| missing(key)),
        Some(Value::String(text)) => text.trim().parse().map_err(|_| missing(key)),
        Some(_) => Err(missing(key)),
    };
    let field = must("field")?;
    let own = columns(table, &field)?;
    let junction = kind == "many_many";
    let between = |key: &str| match junction {
        true => must(key).map(Some),
        false => Ok(None),
    };
    let relation = VirtualRelation {
        id: 0,
        table: table.public.clone(),
        field: own,
        ref_service_id: service("ref_service_id")?,
        ref_service: String::new(),
        ref_table: must("ref_table")?,
        ref_field: must("ref_field")?,
        ref_on_update: text(definition, "ref_on_update")?,
        ref_on_delete: text(definition, "ref_on_delete")?,
        junction_service_id: match junction {
            true => Some(service("junction_service_id")?),
            false => None,
        },
        junction_service: None,
        junction_table: between("junction_table")?,
        junction_field: between("junction_field")?,
        junction_ref_field: between("junction_ref_field")?,
        kind,
    };
    same_length(&relation)?;
    Ok(relation)
}

/// Keys of several fields must have as many at both ends.
fn same_length(relation: &VirtualRelation) -> Result<(), Problem> {
    let count = |joined: &str| parts(joined).len();
    let (own, other) = (count(&relation.field), count(&relation.ref_field));
    let fits = match (&relation.junction_field, &relation.junction_ref_field) {
        (Some(near), Some(far)) => count(near) == own && count(far) == other,
        _ => own == other,
    };
    if fits {
        return Ok(());
    }
    Err(Problem::bad_request(
        "The keys of a relationship must have as many fields at one end as at the other.",
    ))
}

/// A relation by its real name, without case.
fn real<'t>(table: &'t Table, name: &str) -> Option<&'t Relation> {
    table
        .all_relations()
        .find(|r| r.real_name().eq_ignore_ascii_case(name))
}

/// The extras of a relation, when the definition says something of them.
fn relation_extra(
    table: &Table,
    relation: &str,
    definition: &Definition,
    extras: &ServiceExtras,
) -> Result<Option<ExtraChange>, Problem> {
    const KEYS: &[&str] = &[
        "alias",
        "label",
        "description",
        "always_fetch",
        "flatten",
        "flatten_drop_prefix",
    ];
    if !KEYS.iter().any(|key| definition.contains_key(*key)) {
        return Ok(None);
    }
    let current = extras
        .relations
        .iter()
        .find(|e| e.table == table.public && e.relationship == relation);
    let mut extra = current.cloned().unwrap_or_else(|| RelationExtra {
        table: table.public.clone(),
        relationship: relation.to_owned(),
        ..RelationExtra::default()
    });
    replace(definition, "alias", &mut extra.alias)?;
    replace(definition, "label", &mut extra.label)?;
    replace(definition, "description", &mut extra.description)?;
    let set = |key: &str, place: &mut bool| -> Result<(), Problem> {
        if definition.contains_key(key) {
            *place = flag(definition, key)?.unwrap_or(false);
        }
        Ok(())
    };
    set("always_fetch", &mut extra.always_fetch)?;
    set("flatten", &mut extra.flatten)?;
    set("flatten_drop_prefix", &mut extra.flatten_drop_prefix)?;
    extra.alias = extra.alias.filter(|alias| alias != relation);
    extra.label = extra
        .label
        .filter(|label| *label != crate::catalogue::label(relation));
    if let Some(alias) = &extra.alias {
        let others = table.all_relations().filter(|r| r.real_name() != relation);
        let mut names = others
            .map(|r| r.name.as_str())
            .chain(table.fields.iter().map(|f| f.name.as_str()));
        if names.any(|name| name.eq_ignore_ascii_case(alias)) {
            return Err(Problem::bad_request(format!(
                "The alias '{alias}' is the name of another field or relationship of the table."
            )));
        }
    }
    Ok(Some(ExtraChange::Relation(extra)))
}
