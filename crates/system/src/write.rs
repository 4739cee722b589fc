//! Writing through a face: every record is one call of the store, alone or in one transaction for all.

use crate::answer::{list, no_session, sent_flag};
use crate::delegation::{self, is_unrestricted};
use crate::face::{Face, Link};
use crate::mail::{CodeMail, Purpose};
use crate::read::{self, Absent, Reading, as_read, matching};
use crate::restricted;
use contract::{Kind, Map, Payload, Problem, Request, Response, ServiceType, Settings, Value, word};
use identity::{LDAP, OAUTH, SSO};
use platform::{Platform, check_cors_path};
use records::Engine;
use records::batch::{Batch, OnFailure};
use records::ident::{Ident, no_records, records_of};
use serde_json::json;
use std::collections::HashMap;
use store::{Entity, Store, StoreTx};

/// A write of a face.
pub(crate) struct Writing<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) store: &'a Store,
    pub(crate) engine: &'a Engine,
    pub(crate) settings: &'a Settings,
    pub(crate) face: &'static Face,
    pub(crate) entity: Entity,
    pub(crate) request: &'a Request,
}

type Record = Map<String, Value>;

/// What is done with one record.
enum Step<'r> {
    Create(Record),
    Update(i64, &'r Record),
    Delete(i64),
    /// It cannot even be tried.
    Refuse(Problem),
}

impl Step<'_> {
    /// What is written.
    fn record(&self) -> Option<&Record> {
        match self {
            Step::Create(record) => Some(record),
            Step::Update(_, record) => Some(record),
            Step::Delete(_) | Step::Refuse(_) => None,
        }
    }
}

impl Writing<'_> {
    /// Nobody but an administrator without a role makes, changes or removes administrators: a role could otherwise
    /// be used to get out of it. A grant with a row filter writes nothing: only reading follows the filter.
    pub(crate) async fn check(&self) -> Result<(), Problem> {
        let (path, verb) = (&self.request.path, self.request.verb);
        if self.face.component.is_some() && self.request.row_filter(path, verb).is_some() {
            return Err(filtered());
        }
        let unrestricted = is_unrestricted(&self.request.caller);
        if self.entity == Entity::Admin && !unrestricted {
            return Err(Problem::forbidden(
                "Only an administrator without a role may change administrators.",
            ));
        }
        if self.invites() && OnFailure::of(self.request)? == OnFailure::Rollback {
            return Err(Problem::bad_request(
                "An invitation that was sent cannot be undone: 'send_invite' and 'rollback' exclude each other.",
            ));
        }
        // What cannot be answered is refused before anything is written.
        match self.wants_rows() {
            true => read::check_wish(self.engine, self.face, self.request).await,
            false => Ok(()),
        }
    }

    /// POST of records: 201.
    pub(crate) async fn create(&self) -> Result<Response, Problem> {
        let records = self.records()?;
        let steps = records.iter().map(|record| match record {
            Value::Object(record) => match self.leads_elsewhere(record) {
                Some(relation) => Step::Refuse(Problem::not_implemented(format!(
                    "A record cannot be created together with what its relation '{relation}' leads to."
                ))),
                None => Step::Create(self.cleaned(record)),
            },
            _ => Step::Refuse(not_a_record()),
        });
        let ids = self.run(steps.collect(), "created").await?;
        let rows = self.rows(&ids).await?;
        Ok(Response::created(list(self.request, self.settings, rows)))
    }

    /// POST of one record under its name: 201 when it is new.
    pub(crate) async fn put(&self, name: &str) -> Result<Response, Problem> {
        let mut record = self.single()?;
        record.insert(self.face.key.to_owned(), name.into());
        let known = self.store.id_by_name(self.entity, None, name).await?;
        let id = match known {
            Some(id) => self.alone(Step::Update(id, &record)).await?,
            None => self.alone(Step::Create(record)).await?,
        };
        let row = self.row(id).await?;
        Ok(match known {
            Some(_) => Response::value(row),
            None => Response::created(row),
        })
    }

    /// PUT or PATCH of one record; with `If-Match` only of one that has not been changed since.
    pub(crate) async fn update_one(&self, id: i64) -> Result<Response, Problem> {
        let record = match &self.request.payload {
            Payload::None => Map::new(),
            _ => self.single()?,
        };
        self.alone_if(Step::Update(id, &record), self.seen()).await?;
        Ok(Response::value(self.row(id).await?))
    }

    /// PUT or PATCH of several: each by its own identifier, or all of `ids` or `filter` with one patch.
    pub(crate) async fn update(&self) -> Result<Response, Problem> {
        let ids = match Ident::of(self.request)? {
            Some(idents) => Some(self.ids(&idents).await?),
            None => self.filtered().await?,
        };
        let records = match (&ids, &self.request.payload) {
            // With the rows named beside it, a bare record is understood as the patch.
            (Some(_), Payload::Value(Value::Object(bare)))
                if !bare.contains_key(&self.settings.resource_wrapper) && !bare.is_empty() =>
            {
                vec![Value::Object(bare.clone())]
            }
            _ => self.records()?,
        };
        let steps = match ids {
            Some(ids) => {
                let patch = records
                    .first()
                    .and_then(Value::as_object)
                    .ok_or_else(not_a_record)?;
                let step = |id| match id {
                    Ok(id) => Step::Update(id, patch),
                    Err(problem) => Step::Refuse(problem),
                };
                ids.into_iter().map(step).collect()
            }
            None => {
                let mut steps = Vec::with_capacity(records.len());
                for record in &records {
                    steps.push(self.own_update(record).await?);
                }
                steps
            }
        };
        let ids = self.run(steps, "updated").await?;
        let rows = self.rows(&ids).await?;
        Ok(Response::value(list(self.request, self.settings, rows)))
    }

    /// DELETE of one record.
    pub(crate) async fn delete_one(&self, id: i64) -> Result<Response, Problem> {
        // What is asked for beyond the identifier must be read before it is gone.
        let row = self.row(id).await?;
        self.alone(Step::Delete(id)).await?;
        Ok(Response::value(row))
    }

    /// DELETE of several: `ids`, records, `filter`, or everything with `force`.
    pub(crate) async fn delete(&self) -> Result<Response, Problem> {
        let named = match Ident::of(self.request)? {
            Some(ids) => Some(ids),
            None => records_of(self.request, self.settings)
                .filter(|records| !records.is_empty())
                .map(|records| records.into_iter().map(Ident::from_json).collect()),
        };
        let ids = match named {
            Some(idents) => self.ids(&idents).await?,
            None => match self.filtered().await? {
                Some(ids) => ids,
                None if self.request.flag(&word::FORCE) => self.matching().await?,
                None => {
                    return Err(Problem::bad_request(
                        "No filter or records given for delete request.",
                    ));
                }
            },
        };
        let mut before = HashMap::new();
        // What is shown of them must be read before they are gone.
        if self.wants_rows() || self.face.key != "id" {
            for id in ids.iter().flatten() {
                if let Ok(row) = self.row(*id).await {
                    before.insert(*id, row);
                }
            }
        }
        let step = |id| match id {
            Ok(id) => Step::Delete(id),
            Err(problem) => Step::Refuse(problem),
        };
        let gone = self.run(ids.into_iter().map(step).collect(), "deleted").await?;
        let rows = gone
            .into_iter()
            .map(|id| before.remove(&id).unwrap_or_else(|| json!({"id": id})));
        Ok(Response::value(list(self.request, self.settings, rows.collect())))
    }

    /// A new key for an app.
    pub(crate) async fn regenerate(&self, id: i64) -> Result<Response, Problem> {
        let tx = self.begin().await?;
        tx.regenerate_api_key(id).await?;
        tx.commit().await?;
        Ok(Response::value(self.row(id).await?))
    }

    /// The one record of a body, bare or wrapped.
    fn single(&self) -> Result<Record, Problem> {
        let wrapped = records_of(self.request, self.settings).and_then(|records| records.into_iter().next());
        match (wrapped, &self.request.payload) {
            (Some(Value::Object(record)), _) => Ok(record),
            (None, Payload::Value(Value::Object(record))) => Ok(record.clone()),
            _ => Err(not_a_record()),
        }
    }

    fn records(&self) -> Result<Vec<Value>, Problem> {
        let records = records_of(self.request, self.settings).filter(|records| !records.is_empty());
        records.ok_or_else(|| no_records(self.settings))
    }

    /// A new user is given only what has a value: empty fields of a form mean nothing.
    fn cleaned(&self, record: &Record) -> Record {
        let empty = |value: &Value| value.is_null() || value == "";
        match self.entity {
            Entity::Admin | Entity::User => record
                .iter()
                .filter(|(_, v)| !empty(v))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            _ => record.clone(),
        }
    }

    /// A relation in a record that leads to records which do not belong to it.
    fn leads_elsewhere(&self, record: &Record) -> Option<&'static str> {
        let elsewhere = |link: &&Link| {
            link.leads_elsewhere() && record.get(link.name).is_some_and(|value| !value.is_null())
        };
        self.face.links().find(elsewhere).map(|link| link.name)
    }

    /// The records of the request's filter; `None` without one.
    async fn filtered(&self) -> Result<Option<Vec<Result<i64, Problem>>>, Problem> {
        let filter = self.request.text(&word::FILTER);
        if filter.is_none_or(|filter| filter.trim().is_empty()) {
            return Ok(None);
        }
        self.matching().await.map(Some)
    }

    /// All records that meet the request's filter.
    async fn matching(&self) -> Result<Vec<Result<i64, Problem>>, Problem> {
        let keys = matching(self.engine, self.face, self.request, self.settings).await?;
        let idents: Vec<Ident> = keys.into_iter().map(Ident::from_json).collect();
        self.ids(&idents).await
    }

    /// The rows' own ids of identifiers; a refusal for each that names nothing.
    async fn ids(&self, idents: &[Ident]) -> Result<Vec<Result<i64, Problem>>, Problem> {
        let mut ids = Vec::with_capacity(idents.len());
        for ident in idents {
            ids.push(match self.id(ident).await {
                Err(problem) if problem.status() >= 500 => return Err(problem),
                other => other,
            });
        }
        Ok(ids)
    }

    /// The row's own id of an identifier. What is no number, or no known name, identifies nothing.
    pub(crate) async fn id(&self, ident: &Ident) -> Result<i64, Problem> {
        if self.face.key == "id" {
            return number(ident);
        }
        let name = match ident {
            Ident::Record(record) => record.get(self.face.key).and_then(Value::as_str),
            Ident::Json(_) => None,
            Ident::Text(text) => Some(text.as_str()),
        };
        let user = self.request.caller.user.as_ref().map(|user| user.id);
        let found = match name {
            Some(name) => self.store.id_by_name(self.entity, user, name).await?,
            None => None,
        };
        found.ok_or_else(|| unknown(ident))
    }

    /// An update by the identifier inside the record.
    async fn own_update<'r>(&self, record: &'r Value) -> Result<Step<'r>, Problem> {
        let Value::Object(record) = record else {
            return Ok(Step::Refuse(not_a_record()));
        };
        // A user's own settings are not known by name here; clients of the original rely on the refusal.
        let key = match self.entity {
            Entity::UserCustom => "id",
            _ => self.face.key,
        };
        let Some(id) = record.get(key).filter(|id| !id.is_null() && *id != "") else {
            return Ok(Step::Refuse(Problem::bad_request(
                "Identifying field \"id\" can not be empty for update request . ",
            )));
        };
        match self.id(&Ident::from_json(id.clone())).await {
            Ok(id) => Ok(Step::Update(id, record)),
            Err(problem) if problem.status() >= 500 => Err(problem),
            Err(problem) => Ok(Step::Refuse(problem)),
        }
    }

    pub(crate) async fn begin(&self) -> Result<StoreTx, Problem> {
        self.store
            .begin(self.request.caller.user.as_ref().map(|user| user.id))
            .await
    }

    /// Does the steps in order and gives the identifiers, or the batch error.
    async fn run(&self, steps: Vec<Step<'_>>, done: &str) -> Result<Vec<i64>, Problem> {
        let on_failure = OnFailure::of(self.request)?;
        let mut batch = Batch::new(on_failure);
        let all = match on_failure {
            OnFailure::Rollback => Some(self.begin().await?),
            _ => None,
        };
        for step in steps {
            let result = match &all {
                Some(tx) => self.step(tx, step).await,
                None => self.alone(step).await,
            };
            if !batch.push(result.map(|id| json!({"id": id}))) {
                break;
            }
        }
        match all {
            Some(tx) if batch.failed() => tx.rollback().await?,
            Some(tx) => tx.commit().await.map(|_| ())?,
            None => {}
        }
        let keys = batch.finish(done, self.settings)?;
        Ok(keys
            .iter()
            .filter_map(|key| key.get("id").and_then(Value::as_i64))
            .collect())
    }

    /// The date of the last change that the caller has seen, as `If-Match` tells it.
    fn seen(&self) -> Option<&str> {
        let tag = self.request.header("if-match")?.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        (tag != "*" && !tag.is_empty()).then_some(tag)
    }

    /// A step in a transaction of its own.
    async fn alone(&self, step: Step<'_>) -> Result<i64, Problem> {
        self.alone_if(step, None).await
    }

    /// The same, if the record was last changed when the caller believes.
    async fn alone_if(&self, step: Step<'_>, seen: Option<&str>) -> Result<i64, Problem> {
        if let Step::Refuse(problem) = step {
            return Err(problem);
        }
        let (is_new, deletes) = (matches!(step, Step::Create(_)), matches!(step, Step::Delete(_)));
        let tx = self.begin().await?;
        if let (Step::Update(id, _), Some(seen)) = (&step, seen) {
            tx.check_unchanged(self.entity, *id, seen).await?;
        }
        let id = self.step(&tx, step).await?;
        tx.commit().await?;
        if self.invites() && !deletes {
            self.invite(id, is_new).await?;
        }
        Ok(id)
    }

    fn invites(&self) -> bool {
        matches!(self.entity, Entity::Admin | Entity::User) && sent_flag(self.request, "send_invite")
    }

    /// Mails an invitation. A new user who cannot be reached is not kept.
    async fn invite(&self, id: i64, is_new: bool) -> Result<(), Problem> {
        let Err(problem) = self.send_invitation(id).await else {
            return Ok(());
        };
        if is_new {
            let tx = self.begin().await?;
            tx.delete(self.entity, id).await?;
            tx.commit().await?;
        }
        Err(Problem {
            message: format!("Error processing user invite. {}", problem.message),
            kind: match problem.kind {
                // What is missing is not code but a setting of this instance, which the sentence names.
                Kind::NotImplemented => Kind::BadRequest,
                kind => kind,
            },
            ..problem
        })
    }

    async fn send_invitation(&self, id: i64) -> Result<(), Problem> {
        let Some(user) = self.store.user(id).await? else {
            return Ok(());
        };
        if user.last_login_date.is_some() {
            return Err(Problem::bad_request(
                "The user has confirmed the account already.",
            ));
        }
        let way = CodeMail::of(self.platform, Purpose::Invite, user.is_sys_admin).await?;
        let way = way.ok_or_else(|| {
            let service = if user.is_sys_admin { "system" } else { "user" };
            Problem::bad_request(format!(
                "There is no e-mail service that could send it: set 'invite_email_service_id' in the configuration of \
                 the service '{service}'."
            ))
        })?;
        let by = self.request.caller.user.as_ref().map(|user| user.id);
        way.send(self.platform, &user, by).await
    }

    /// A step, and for who is bound by a role the judgement of what it handed on.
    async fn step(&self, tx: &StoreTx, step: Step<'_>) -> Result<i64, Problem> {
        let caller = &self.request.caller;
        if is_unrestricted(caller) {
            return self.write(tx, step).await;
        }
        if self.entity == Entity::Task {
            return self.task_step(tx, step).await;
        }
        if !grants_rights(self.entity) {
            return self.write(tx, step).await;
        }
        let before = tx.grants().await?;
        if let Step::Update(id, record) = &step {
            delegation::judge_account(caller, &before, self.entity, *id, record)?;
        }
        let id = self.write(tx, step).await?;
        let lets_in = |kind: &str| lets_in(self.platform.types(), kind);
        delegation::judge(caller, &before, &tx.grants().await?, &lets_in)?;
        Ok(id)
    }

    /// A step of who is bound by a role on a task: it must not run with rights that the caller does not have.
    async fn task_step(&self, tx: &StoreTx, step: Step<'_>) -> Result<i64, Problem> {
        let stays = !matches!(step, Step::Delete(_));
        let id = self.write(tx, step).await?;
        if stays {
            let runs_as = tx.task_runs_as(id).await?;
            delegation::judge_task(&self.request.caller, &tx.grants().await?, runs_as)?;
        }
        Ok(id)
    }

    async fn write(&self, tx: &StoreTx, step: Step<'_>) -> Result<i64, Problem> {
        if self.entity == Entity::Cors {
            step.record()
                .and_then(|record| record.get("path")?.as_str())
                .map_or(Ok(()), check_cors_path)?;
        }
        if self.entity == Entity::EventScript {
            self.check_script(&step)?;
        }
        if self.entity == Entity::UserCustom {
            return self.own_step(tx, step).await;
        }
        match step {
            Step::Create(record) => {
                let id = tx.create(self.entity, &record).await?;
                self.restrict(tx, id, &record).await.map(|()| id)
            }
            Step::Update(id, record) => {
                tx.update(self.entity, id, record).await?;
                self.restrict(tx, id, record).await.map(|()| id)
            }
            Step::Delete(id) => tx.delete(self.entity, id).await.map(|()| id),
            Step::Refuse(problem) => Err(problem),
        }
    }

    /// Refuses scripts of types that are switched off; they can still be removed.
    fn check_script(&self, step: &Step<'_>) -> Result<(), Problem> {
        let kind = step
            .record()
            .map(|record| record.get("type").and_then(Value::as_str));
        match kind.map(Option::unwrap_or_default) {
            Some(_) if self.settings.disables_scripts("all") => Err(Problem::unavailable(
                "All scripting is disabled for this instance.",
            )),
            Some(kind) if self.settings.disables_scripts(kind) => Err(Problem::unavailable(format!(
                "Scripting with {kind} is disabled for this instance."
            ))),
            _ => Ok(()),
        }
    }

    /// Restricts an administrator to parts, where the record says so.
    async fn restrict(&self, tx: &StoreTx, id: i64, record: &Record) -> Result<(), Problem> {
        match self.entity {
            Entity::Admin => restricted::apply(self.platform, tx, id, record).await,
            _ => Ok(()),
        }
    }

    /// A step on one of the caller's own settings. A new one of a known name changes that one.
    async fn own_step(&self, tx: &StoreTx, step: Step<'_>) -> Result<i64, Problem> {
        let user = self.request.caller.user.as_ref().ok_or_else(no_session)?.id;
        match step {
            Step::Create(record) => tx.put_own(user, None, &record).await,
            Step::Update(id, record) => tx.put_own(user, Some(id), record).await,
            Step::Delete(id) => tx.delete_own(user, id).await.map(|()| id),
            Step::Refuse(problem) => Err(problem),
        }
    }

    fn wants_rows(&self) -> bool {
        let asked = self
            .request
            .text(&word::FIELDS)
            .is_some_and(|fields| !fields.trim().is_empty());
        asked || self.request.text(&word::RELATED).is_some()
    }

    /// What the answer shows of a record: its identifier, or what `fields` and `related` ask for.
    async fn row(&self, id: i64) -> Result<Value, Problem> {
        let key = match self.face.key {
            "id" => id.to_string(),
            _ => self.store.name_of(self.entity, id).await?.unwrap_or_default(),
        };
        if self.wants_rows() {
            return Reading::of(self.face, &as_read(self.request), Absent::Identifier)?
                .one(self.engine, &key)
                .await;
        }
        Ok(match self.face.key {
            "id" => json!({"id": id}),
            name => json!({name: key}),
        })
    }

    async fn rows(&self, ids: &[i64]) -> Result<Vec<Value>, Problem> {
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.push(self.row(*id).await?);
        }
        Ok(rows)
    }
}

/// Whether writing such records can hand rights on, or open what is private.
fn grants_rights(entity: Entity) -> bool {
    matches!(
        entity,
        Entity::Role | Entity::App | Entity::User | Entity::Admin | Entity::Lookup | Entity::Service
    )
}

/// Whether services of a type decide who gets in: login services, and the one with registration.
fn lets_in(types: &[ServiceType], kind: &str) -> bool {
    let mut logins = types.iter().filter(|of| [OAUTH, LDAP, SSO].contains(&of.group));
    kind == "user" || logins.any(|of| of.name == kind)
}

/// A write through a row filter, which only reading follows.
pub(crate) fn filtered() -> Problem {
    Problem::forbidden("Your role reaches these records through a row filter, and may only read them.")
}

fn not_a_record() -> Problem {
    Problem::bad_request("The request contains no valid record fields.")
}

/// An identifier as a number; what is none identifies nothing.
fn number(ident: &Ident) -> Result<i64, Problem> {
    let id = match ident {
        Ident::Text(text) => text.trim().parse().ok(),
        Ident::Json(value) => value.as_i64(),
        Ident::Record(record) => record.get("id").and_then(|id| match id {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }),
    };
    id.ok_or_else(|| unknown(ident))
}

fn unknown(ident: &Ident) -> Problem {
    Problem::not_found(format!("Record with identifier '{}' not found.", ident.label()))
}
