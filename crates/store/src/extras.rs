//! Extras of database services: labels, aliases, virtual fields and relations.
//!
//! A write of them raises the generation, which tells the catalogues of other nodes to look at them again.

use crate::clock::stamp;
use crate::statements::{Row, Statements};
use crate::store::Store;
use crate::write::StoreTx;
use async_trait::async_trait;
use contract::extras::{ExtraChange, FieldExtra, RelationExtra, ServiceExtras, TableExtra, VirtualRelation};
use contract::{Extras, Problem, Value};
use sql::{Expr, Scalar};

pub(crate) const TABLES: &str = "db_table_extras";
pub(crate) const FIELDS: &str = "db_field_extras";
pub(crate) const RELATIONS: &str = "db_relationship_extras";
pub(crate) const VIRTUAL: &str = "db_virtual_relationship";

const TABLE_COLUMNS: &[&str] = &[
    "id",
    "table",
    "alias",
    "label",
    "plural",
    "name_field",
    "description",
];
const FIELD_COLUMNS: &[&str] = &[
    "id",
    "table",
    "field",
    "alias",
    "label",
    "extra_type",
    "description",
    "picklist",
    "validation",
    "client_info",
    "db_function",
    "is_virtual",
    "is_aggregate",
];
const RELATION_COLUMNS: &[&str] = &[
    "id",
    "table",
    "relationship",
    "alias",
    "label",
    "description",
    "always_fetch",
    "flatten",
    "flatten_drop_prefix",
];
const VIRTUAL_COLUMNS: &[&str] = &[
    "id",
    "type",
    "table",
    "field",
    "ref_service_id",
    "ref_table",
    "ref_field",
    "ref_on_update",
    "ref_on_delete",
    "junction_service_id",
    "junction_table",
    "junction_field",
    "junction_ref_field",
];

/// Longest names and labels, in characters.
const LONGEST: usize = 255;

#[async_trait]
impl Extras for Store {
    fn revision(&self) -> i64 {
        self.generation()
    }

    async fn of_service(&self, service: i64) -> Result<ServiceExtras, Problem> {
        of_service(&self.statements(), service).await
    }

    async fn service_name(&self, service: i64) -> Result<Option<String>, Problem> {
        let row = self
            .statements()
            .first("service", &["id", "name"], Expr::eq("id", service))
            .await?;
        Ok(row.map(|row| row.string("name")))
    }

    async fn change(&self, service: i64, by: Option<i64>, changes: Vec<ExtraChange>) -> Result<(), Problem> {
        let tx = self.begin(by).await?;
        tx.change_extras(service, changes).await?;
        tx.commit().await?;
        Ok(())
    }
}

impl StoreTx {
    /// All extras of a service, this transaction's own writes included.
    pub async fn extras(&self, service: i64) -> Result<ServiceExtras, Problem> {
        of_service(&self.statements(), service).await
    }

    /// Changes extras together with the records of this transaction.
    pub async fn change_extras(&self, service: i64, changes: Vec<ExtraChange>) -> Result<(), Problem> {
        let writer = Writer {
            statements: self.statements(),
            service,
            by: self.by(),
        };
        for change in changes {
            writer.apply(change).await?;
        }
        Ok(())
    }
}

async fn of_service(statements: &Statements<'_>, service: i64) -> Result<ServiceExtras, Problem> {
    let of = |table, columns| statements.find(table, columns, Some(Expr::eq("service_id", service)));
    let mut extras = ServiceExtras {
        tables: of(TABLES, TABLE_COLUMNS).await?.iter().map(table_extra).collect(),
        fields: of(FIELDS, FIELD_COLUMNS).await?.iter().map(field_extra).collect(),
        relations: of(RELATIONS, RELATION_COLUMNS)
            .await?
            .iter()
            .map(relation_extra)
            .collect(),
        virtual_relations: of(VIRTUAL, VIRTUAL_COLUMNS)
            .await?
            .iter()
            .map(virtual_relation)
            .collect(),
    };
    if !extras.virtual_relations.is_empty() {
        let services = statements.find("service", &["id", "name"], None).await?;
        let name = |id: i64| {
            let row = services.iter().find(|row| row.int("id") == Some(id));
            row.map(|row| row.string("name"))
        };
        for relation in &mut extras.virtual_relations {
            relation.ref_service = name(relation.ref_service_id).unwrap_or_default();
            relation.junction_service = relation.junction_service_id.and_then(name);
        }
    }
    Ok(extras)
}

type Values = Vec<(&'static str, Scalar)>;

struct Writer<'a> {
    statements: Statements<'a>,
    service: i64,
    by: Option<i64>,
}

impl Writer<'_> {
    async fn apply(&self, change: ExtraChange) -> Result<(), Problem> {
        match change {
            ExtraChange::Table(extra) => {
                let content = vec![
                    ("alias", text(extra.alias)?),
                    ("label", text(extra.label)?),
                    ("plural", text(extra.plural)?),
                    ("name_field", text(extra.name_field)?),
                    (
                        "description",
                        extra.description.map_or(Scalar::Null, Scalar::from),
                    ),
                ];
                self.replace(TABLES, vec![("table", name(extra.table)?)], content)
                    .await
            }
            ExtraChange::Field(extra) => {
                let content = vec![
                    ("alias", text(extra.alias)?),
                    ("label", text(extra.label)?),
                    ("extra_type", text(extra.extra_type)?),
                    (
                        "description",
                        extra.description.map_or(Scalar::Null, Scalar::from),
                    ),
                    ("picklist", json(&extra.picklist)),
                    ("validation", json(&extra.validation)),
                    ("client_info", json(&extra.client_info)),
                    ("db_function", json(&extra.db_function)),
                    ("is_virtual", Scalar::Bool(extra.is_virtual)),
                    ("is_aggregate", Scalar::Bool(extra.is_aggregate)),
                ];
                let key = vec![("table", name(extra.table)?), ("field", name(extra.field)?)];
                self.replace(FIELDS, key, content).await
            }
            ExtraChange::Relation(extra) => {
                let content = vec![
                    ("alias", text(extra.alias)?),
                    ("label", text(extra.label)?),
                    (
                        "description",
                        extra.description.map_or(Scalar::Null, Scalar::from),
                    ),
                    ("always_fetch", Scalar::Bool(extra.always_fetch)),
                    ("flatten", Scalar::Bool(extra.flatten)),
                    ("flatten_drop_prefix", Scalar::Bool(extra.flatten_drop_prefix)),
                ];
                let key = vec![
                    ("table", name(extra.table)?),
                    ("relationship", name(extra.relationship)?),
                ];
                self.replace(RELATIONS, key, content).await
            }
            ExtraChange::VirtualRelation(relation) => self.put_virtual(relation).await,
            ExtraChange::DropTable(table) => {
                for from in [TABLES, FIELDS, RELATIONS, VIRTUAL] {
                    self.remove(from, vec![("table", table.as_str().into())]).await?;
                }
                // What leads to the table from elsewhere leads nowhere now.
                for (service, column) in [
                    ("ref_service_id", "ref_table"),
                    ("junction_service_id", "junction_table"),
                ] {
                    let ends = [Expr::eq(service, self.service), Expr::eq(column, table.as_str())];
                    self.statements.delete(VIRTUAL, Expr::And(ends.to_vec())).await?;
                }
                Ok(())
            }
            ExtraChange::DropField { table, field } => {
                let key = || vec![("table", table.as_str().into()), ("field", field.as_str().into())];
                self.remove(FIELDS, key()).await?;
                let ends = [
                    Expr::eq("ref_service_id", self.service),
                    Expr::eq("ref_table", table.as_str()),
                    Expr::eq("ref_field", field.as_str()),
                ];
                self.statements.delete(VIRTUAL, Expr::And(ends.to_vec())).await?;
                self.remove(VIRTUAL, key()).await
            }
            ExtraChange::DropRelation { table, relationship } => {
                let key = vec![("table", table.into()), ("relationship", relationship.into())];
                self.remove(RELATIONS, key).await
            }
            ExtraChange::DropVirtualRelation(id) => self.remove(VIRTUAL, vec![("id", id.into())]).await,
        }
    }

    fn condition(&self, key: Values) -> Expr {
        let mut all = vec![Expr::eq("service_id", self.service)];
        all.extend(key.into_iter().map(|(column, value)| match value {
            Scalar::Null => crate::statements::is_null(column),
            value => Expr::eq(column, value),
        }));
        Expr::And(all)
    }

    async fn remove(&self, table: &str, key: Values) -> Result<(), Problem> {
        let condition = self.condition(key);
        self.statements.delete(table, condition).await.map(|_| ())
    }

    /// Writes a row in the place of the one with this key. It keeps its id, and with it its place in the order.
    async fn replace(&self, table: &str, key: Values, content: Values) -> Result<(), Problem> {
        let empty = |value: &Scalar| matches!(value, Scalar::Null | Scalar::Bool(false));
        if content.iter().all(|(_, value)| empty(value)) {
            return self.remove(table, key).await;
        }
        let by = self.by.map_or(Scalar::Null, Scalar::Int);
        let changed = [
            ("last_modified_date", stamp().into()),
            ("last_modified_by_id", by.clone()),
        ];
        let set = content.iter().cloned().chain(changed.clone());
        let set = set.map(|(column, value)| (column, Expr::Bind(value))).collect();
        if self
            .statements
            .update(table, set, self.condition(key.clone()))
            .await?
            > 0
        {
            return Ok(());
        }
        let mut values = vec![("service_id", Scalar::Int(self.service))];
        values.extend(key);
        values.extend(content);
        values.extend([("created_date", stamp().into()), ("created_by_id", by)]);
        values.extend(changed);
        self.statements.put(table, values).await
    }

    async fn put_virtual(&self, relation: VirtualRelation) -> Result<(), Problem> {
        for id in [Some(relation.ref_service_id), relation.junction_service_id]
            .into_iter()
            .flatten()
        {
            if self.statements.count("service", Some(Expr::eq("id", id))).await? == 0 {
                return Err(Problem::bad_request(format!(
                    "There is no service with the id {id}."
                )));
            }
        }
        let key = vec![
            ("table", name(relation.table)?),
            ("field", name(relation.field)?),
            ("ref_service_id", Scalar::Int(relation.ref_service_id)),
            ("ref_table", name(relation.ref_table)?),
            ("ref_field", name(relation.ref_field)?),
            (
                "junction_service_id",
                relation.junction_service_id.map_or(Scalar::Null, Scalar::Int),
            ),
            ("junction_table", text(relation.junction_table)?),
            ("junction_field", text(relation.junction_field)?),
            ("junction_ref_field", text(relation.junction_ref_field)?),
        ];
        let content = vec![
            ("type", name(relation.kind)?),
            ("ref_on_update", text(relation.ref_on_update)?),
            ("ref_on_delete", text(relation.ref_on_delete)?),
        ];
        self.replace(VIRTUAL, key, content).await
    }
}

fn text(value: Option<String>) -> Result<Scalar, Problem> {
    value.map_or(Ok(Scalar::Null), name)
}

fn name(value: String) -> Result<Scalar, Problem> {
    if value.chars().count() > LONGEST {
        let start: String = value.chars().take(40).collect();
        return Err(Problem::bad_request(format!(
            "'{start}…' is too long: names and labels have at most {LONGEST} characters."
        )));
    }
    Ok(Scalar::from(value))
}

fn json(value: &Value) -> Scalar {
    match value {
        Value::Null => Scalar::Null,
        value => Scalar::from(value.to_string()),
    }
}

fn value(row: &Row, column: &str) -> Value {
    let text = row.text(column);
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

fn table_extra(row: &Row) -> TableExtra {
    TableExtra {
        table: row.string("table"),
        alias: row.text("alias"),
        label: row.text("label"),
        plural: row.text("plural"),
        name_field: row.text("name_field"),
        description: row.text("description"),
    }
}

fn field_extra(row: &Row) -> FieldExtra {
    FieldExtra {
        table: row.string("table"),
        field: row.string("field"),
        alias: row.text("alias"),
        label: row.text("label"),
        extra_type: row.text("extra_type"),
        description: row.text("description"),
        picklist: value(row, "picklist"),
        validation: value(row, "validation"),
        client_info: value(row, "client_info"),
        db_function: value(row, "db_function"),
        is_virtual: row.flag("is_virtual"),
        is_aggregate: row.flag("is_aggregate"),
    }
}

fn relation_extra(row: &Row) -> RelationExtra {
    RelationExtra {
        table: row.string("table"),
        relationship: row.string("relationship"),
        alias: row.text("alias"),
        label: row.text("label"),
        description: row.text("description"),
        always_fetch: row.flag("always_fetch"),
        flatten: row.flag("flatten"),
        flatten_drop_prefix: row.flag("flatten_drop_prefix"),
    }
}

fn virtual_relation(row: &Row) -> VirtualRelation {
    VirtualRelation {
        id: row.int("id").unwrap_or_default(),
        kind: row.string("type"),
        table: row.string("table"),
        field: row.string("field"),
        ref_service_id: row.int("ref_service_id").unwrap_or_default(),
        ref_service: String::new(),
        ref_table: row.string("ref_table"),
        ref_field: row.string("ref_field"),
        ref_on_update: row.text("ref_on_update"),
        ref_on_delete: row.text("ref_on_delete"),
        junction_service_id: row.int("junction_service_id"),
        junction_service: None,
        junction_table: row.text("junction_table"),
        junction_field: row.text("junction_field"),
        junction_ref_field: row.text("junction_ref_field"),
    }
}
