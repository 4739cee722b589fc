//! Writes: one transaction, the invariants of each entity, one step of the generation.

use crate::audit;
use crate::clock::stamp;
use crate::entity::{Child, Entity};
use crate::statements::{Row, Statements, problem};
use crate::store::{Store, set_generation, take_generation};
use crate::values::{self, FieldErrors, Values};
use contract::{Kind, Map, Problem, Value};
use driver::Transaction;
use parking_lot::Mutex;
use serde_json::json;
use sql::Expr;
use tokio::sync::OwnedMutexGuard;

/// Where lookup values are kept; bound into what is sealed.
pub(crate) const LOOKUP_PLACE: &str = "lookup.value";

/// A write transaction. Dropping it without commit undoes everything.
///
/// It holds the instance's row from the beginning, so writes of several nodes follow each other and what a rule has
/// checked is still true at the commit.
pub struct StoreTx {
    store: Store,
    tx: Box<dyn Transaction>,
    by: Option<i64>,
    generation: i64,
    /// What the audit is told at the commit.
    pub(crate) changes: Mutex<Vec<audit::Change>>,
    _turn: OwnedMutexGuard<()>,
}

/// Who a written row belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Owner {
    /// Nobody: it is written on its own.
    None,
    /// The record that it is written inside of.
    Of(&'static str, i64),
}

impl Owner {
    /// The conditions that rows of this owner meet.
    fn conditions(self, entity: Entity) -> Vec<Expr> {
        match self {
            Owner::None => entity.scope(),
            Owner::Of(column, id) => vec![Expr::eq(column, id)],
        }
    }
}

impl Store {
    /// Begins a write on behalf of a user (`None`: of the system itself).
    pub async fn begin(&self, by: Option<i64>) -> Result<StoreTx, Problem> {
        let turn = self.0.writer.clone().lock_owned().await;
        let tx = self.0.driver.begin().await.map_err(problem)?;
        let statements = Statements {
            executor: &*tx,
            dialect: self.0.dialect,
        };
        let generation = take_generation(&statements).await?;
        Ok(StoreTx {
            store: self.clone(),
            tx,
            by,
            generation,
            changes: Mutex::default(),
            _turn: turn,
        })
    }
}

impl StoreTx {
    /// The transaction, for reading back what was written.
    pub fn executor(&self) -> &dyn driver::Executor {
        &*self.tx
    }

    /// On whose behalf this is written.
    pub fn by(&self) -> Option<i64> {
        self.by
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn statements(&self) -> Statements<'_> {
        Statements {
            executor: &*self.tx,
            dialect: self.store.0.dialect,
        }
    }

    /// Makes the writes permanent, raises the generation and publishes it; gives the new number.
    pub async fn commit(self) -> Result<i64, Problem> {
        self.write_changes().await?;
        let next = self.generation + 1;
        set_generation(&self.statements(), next).await?;
        self.tx.commit().await.map_err(problem)?;
        self.store.publish(next);
        Ok(next)
    }

    /// Undoes the writes.
    pub async fn rollback(self) -> Result<(), Problem> {
        self.tx.rollback().await.map_err(problem)
    }

    /// Creates a record with the children inside it and gives its key. Unknown keys are ignored. Fails with 400 and
    /// a map of messages by field for values that break a rule.
    pub async fn create(&self, entity: Entity, record: &Map<String, Value>) -> Result<i64, Problem> {
        if record.is_empty() {
            return Err(Problem::bad_request(
                "There are no fields in the record to create . ",
            ));
        }
        let id = self.insert(entity, Owner::None, record).await?;
        self.write_children(entity, id, record).await?;
        Ok(id)
    }

    /// Changes the attributes that are in the record, and the children inside it. 404 when there is no such record,
    /// or it is not of this entity.
    pub async fn update(&self, entity: Entity, id: i64, record: &Map<String, Value>) -> Result<(), Problem> {
        let Some(row) = self.current(entity, Owner::None, id).await? else {
            return Err(self.missing(entity, id, "change", "update").await);
        };
        self.change(entity, Owner::None, &row, record).await?;
        self.write_children(entity, id, record).await
    }

    /// Refuses with 412 unless the record was last changed at this time, as answers show it. A record that does not
    /// exist, or does not tell when it was changed, is let through: its update says what is wrong with it.
    pub async fn check_unchanged(&self, entity: Entity, id: i64, seen: &str) -> Result<(), Problem> {
        if !entity.shape().audited {
            return Ok(());
        }
        let statements = self.statements();
        let row = statements
            .first(entity.table(), &["last_modified_date"], Expr::eq("id", id))
            .await?;
        match row.and_then(|row| row.text("last_modified_date")) {
            Some(now) if now != seen => Err(Problem::new(
                Kind::Changed,
                "The record was changed meanwhile. Read it again before changing it.",
            )
            .with_context(json!({"last_modified_date": [now]}))),
            _ => Ok(()),
        }
    }

    /// Deletes a record and what belongs to it. 404 when there is no such record, or it is not of this entity.
    pub async fn delete(&self, entity: Entity, id: i64) -> Result<(), Problem> {
        let Some(row) = self.current(entity, Owner::None, id).await? else {
            return Err(self.missing(entity, id, "delete", "delete").await);
        };
        self.remove(entity, &row).await
    }

    /// Writes a user's own setting and gives its key: the one of this `id`, else the one of the record's name, else a
    /// new one.
    pub async fn put_own(
        &self,
        user: i64,
        id: Option<i64>,
        record: &Map<String, Value>,
    ) -> Result<i64, Problem> {
        let owner = Owner::Of("user_id", user);
        let entity = Entity::UserCustom;
        let mut own = record.clone();
        // A setting stays its user's.
        own.shift_remove("user_id");
        let by_name = match id {
            None => self.id_of_name(entity, owner, record).await?,
            Some(_) => None,
        };
        let Some(id) = id.or(by_name) else {
            return self.insert(entity, owner, record).await;
        };
        let row = self.current(entity, owner, id).await?;
        let row = row.ok_or_else(|| not_found(id))?;
        if by_name.is_some() {
            // It was found by its name, which stays as it was first written.
            own.shift_remove("name");
        }
        self.change(entity, owner, &row, &own).await?;
        Ok(id)
    }

    /// Deletes a user's own setting.
    pub async fn delete_own(&self, user: i64, id: i64) -> Result<(), Problem> {
        let row = self
            .current(Entity::UserCustom, Owner::Of("user_id", user), id)
            .await?;
        self.remove(Entity::UserCustom, &row.ok_or_else(|| not_found(id))?)
            .await
    }

    /// Gives an app a new key, and returns it.
    pub async fn regenerate_api_key(&self, app: i64) -> Result<String, Problem> {
        let Some(row) = self.current(Entity::App, Owner::None, app).await? else {
            return Err(not_found(app));
        };
        let key = crate::rules::new_api_key()?;
        let mut values = Values::default();
        values.set("api_key", key.as_str());
        self.save(Entity::App, row.int("id").unwrap_or(app), values)
            .await?;
        Ok(key)
    }

    /// The row of a record, if it is one of this entity and owner.
    async fn current(&self, entity: Entity, owner: Owner, id: i64) -> Result<Option<Row>, Problem> {
        let mut conditions = vec![Expr::eq("id", id)];
        conditions.extend(owner.conditions(entity));
        self.statements()
            .first(entity.table(), entity.shape().columns, Expr::And(conditions))
            .await
    }

    /// Why a record was not found: administrators and users share a table, and clients are told which one they met.
    async fn missing(&self, entity: Entity, id: i64, verb: &str, admin_verb: &str) -> Problem {
        if !matches!(entity, Entity::Admin | Entity::User) {
            return not_found(id);
        }
        match self.statements().count("user", Some(Expr::eq("id", id))).await {
            Ok(0) => not_found(id),
            Ok(_) if entity == Entity::User => {
                Problem::forbidden(format!("Not allowed to {verb} an admin user."))
            }
            Ok(_) => Problem::bad_request(format!("Cannot {admin_verb} a non-admin user.")),
            Err(problem) => problem,
        }
    }

    async fn insert(
        &self,
        entity: Entity,
        owner: Owner,
        record: &Map<String, Value>,
    ) -> Result<i64, Problem> {
        let shape = entity.shape();
        let mut errors = FieldErrors::default();
        let mut values = values::read(shape, record, true, &mut errors);
        if let Owner::Of(column, id) = owner {
            values.set(column, id);
        }
        self.apply_rules(entity, None, owner, &mut values, record, &mut errors)
            .await?;
        errors.check()?;
        if shape.audited {
            let now = stamp();
            values.set("created_date", now.as_str());
            values.set("last_modified_date", now);
            values.set("created_by_id", self.by);
        }
        let id = self.statements().insert(shape.table, values.into_pairs()).await?;
        self.note_created(entity, id).await?;
        Ok(id)
    }

    async fn change(
        &self,
        entity: Entity,
        owner: Owner,
        row: &Row,
        record: &Map<String, Value>,
    ) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        let mut values = values::read(entity.shape(), record, false, &mut errors);
        if let Owner::Of(column, _) = owner {
            // The owner changes only on purpose, below.
            values.remove(column);
            if let Some(moved) = record.get(column).and_then(Value::as_i64) {
                values.set(column, moved);
            }
        }
        self.apply_rules(entity, Some(row), owner, &mut values, record, &mut errors)
            .await?;
        errors.check()?;
        self.save(entity, row.int("id").unwrap_or_default(), values).await
    }

    async fn save(&self, entity: Entity, id: i64, mut values: Values) -> Result<(), Problem> {
        if values.is_empty() {
            return Ok(());
        }
        if entity.shape().audited {
            values.set("last_modified_date", stamp());
            values.set("last_modified_by_id", self.by);
        }
        let before = self.audit_view(entity, id).await?;
        let set = values
            .into_pairs()
            .into_iter()
            .map(|(c, v)| (c, Expr::Bind(v)))
            .collect();
        self.statements()
            .update(entity.table(), set, Expr::eq("id", id))
            .await?;
        self.note_updated(entity, id, before).await
    }

    /// Writes the children that stand inside a record. Rows that are not mentioned stay as they are.
    async fn write_children(
        &self,
        entity: Entity,
        id: i64,
        record: &Map<String, Value>,
    ) -> Result<(), Problem> {
        let wrong = |child: &Child, wanted: &str| {
            Err(Problem::bad_request(format!(
                "The relation '{}' must be {wanted}.",
                child.relation
            )))
        };
        for child in entity.shape().children {
            match record.get(child.relation) {
                None => {}
                Some(Value::Object(entry)) if child.single => {
                    self.write_only_child(child, id, Some(entry)).await?
                }
                Some(Value::Null) if child.single => self.write_only_child(child, id, None).await?,
                // What an answer shows where there is none.
                Some(Value::Array(none)) if child.single && none.is_empty() => {
                    self.write_only_child(child, id, None).await?;
                }
                Some(_) if child.single => return wrong(child, "an object"),
                Some(Value::Null) => {}
                Some(Value::Array(entries)) => {
                    for entry in entries {
                        match entry {
                            Value::Object(entry) => self.write_child(child, id, entry).await?,
                            _ => return wrong(child, "a list of objects"),
                        }
                    }
                }
                Some(_) => return wrong(child, "a list of objects"),
            }
        }
        Ok(())
    }

    /// Writes the one child of a record, or removes it when nothing is given.
    async fn write_only_child(
        &self,
        child: &Child,
        id: i64,
        entry: Option<&Map<String, Value>>,
    ) -> Result<(), Problem> {
        let owner = Owner::Of(child.owner, id);
        let columns = child.entity.shape().columns;
        let row = self
            .statements()
            .first(child.entity.table(), columns, Expr::eq(child.owner, id))
            .await?;
        match (row, entry.filter(|entry| !entry.is_empty())) {
            (Some(row), None) => self.remove(child.entity, &row).await,
            (Some(row), Some(entry)) => self.change(child.entity, owner, &row, entry).await,
            (None, Some(entry)) => self.insert(child.entity, owner, entry).await.map(|_| ()),
            (None, None) => Ok(()),
        }
    }

    /// No `id`: a new row (a lookup of the same name is updated instead). An `id` and the owner null: the row is
    /// deleted. An `id`: the row is updated, and moved when another owner is named.
    async fn write_child(&self, child: &Child, id: i64, entry: &Map<String, Value>) -> Result<(), Problem> {
        let owner = Owner::Of(child.owner, id);
        let sent = entry.get("id").filter(|id| !says_none(id));
        let own_id = match sent {
            None => self.same_name(child, owner, entry).await?,
            Some(Value::Number(n)) => n.as_i64(),
            Some(Value::String(s)) => s.trim().parse().ok(),
            Some(_) => None,
        };
        let Some(own_id) = own_id else {
            if let Some(sent) = sent {
                return Err(not_found(sent));
            }
            self.insert(child.entity, owner, entry).await?;
            return Ok(());
        };
        let row = self
            .current(child.entity, owner, own_id)
            .await?
            .ok_or_else(|| not_found(own_id))?;
        if sent.is_some() && entry.get(child.owner).is_some_and(Value::is_null) {
            return self.remove(child.entity, &row).await;
        }
        self.change(child.entity, owner, &row, entry).await
    }

    async fn same_name(
        &self,
        child: &Child,
        owner: Owner,
        entry: &Map<String, Value>,
    ) -> Result<Option<i64>, Problem> {
        match child.entity {
            Entity::Lookup | Entity::UserCustom => self.id_of_name(child.entity, owner, entry).await,
            _ => Ok(None),
        }
    }

    /// The record of an owner that has the name of this one.
    async fn id_of_name(
        &self,
        entity: Entity,
        owner: Owner,
        record: &Map<String, Value>,
    ) -> Result<Option<i64>, Problem> {
        let Some(name) = record.get("name").and_then(Value::as_str) else {
            return Ok(None);
        };
        let mut conditions = vec![Expr::eq("name_key", name.to_lowercase())];
        conditions.extend(owner.conditions(entity));
        let row = self
            .statements()
            .first(entity.table(), &["id"], Expr::And(conditions))
            .await?;
        Ok(row.and_then(|r| r.int("id")))
    }
}

/// Whether an identifier stands for a row that there is not yet: clients with fixed types send zero or empty text.
fn says_none(id: &Value) -> bool {
    match id {
        Value::Null => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => matches!(text.trim(), "" | "0"),
        _ => false,
    }
}

/// `Record with identifier '9' not found.`
pub(crate) fn not_found(id: impl std::fmt::Display) -> Problem {
    Problem::not_found(format!("Record with identifier '{id}' not found."))
}
