//! Bringing a bundle into an instance: through the store's rules, in one transaction.

use crate::bundle::{Bundle, Object, Report, title};
use crate::layout::{Children, Kind};
use crate::naming::{self, stored};
use crate::normal::sorted;
use crate::plan::{Action, Existing, How, Instance, Plan, Refused, Step};
use crate::rows::{Names, Row, Rows, flag, id, int, string};
use crate::{config, extras};
use contract::{Map, Problem, Value};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use store::{Entity, LOGIN_SERVICES, Store, StoreTx};

/// Most objects that are left out of one bundle before it is given up.
const MOST_REFUSED: usize = 1000;

impl Bundle {
    /// Everything that an instance holds.
    pub async fn read(store: &Store) -> Result<Bundle, Problem> {
        let (rows, _) = read_rows(store).await?;
        Ok(naming::bundle(&rows, &Names::of(&rows), &mut Report::default()))
    }
}

/// The rows of an instance.
pub(crate) async fn read_rows(store: &Store) -> Result<(Rows, Names), Problem> {
    let tx = store.begin(None).await?;
    let rows = Rows::read(&tx).await?;
    tx.rollback().await?;
    let names = Names::of(&rows);
    Ok((rows, names))
}

/// What [`apply`] would do. Nothing is written. Fails as `apply` does.
pub async fn plan(store: &Store, bundle: &Bundle, how: How) -> Result<Plan, Problem> {
    run(store, None, bundle, how, false).await
}

/// Brings a bundle into an instance on behalf of a user, in one transaction, and tells what was done.
///
/// Fails with 400 and one sentence when an object cannot be brought over, and has then done nothing; a tolerant way
/// leaves the object out and reports it.
pub async fn apply(store: &Store, by: Option<i64>, bundle: &Bundle, how: How) -> Result<Plan, Problem> {
    run(store, by, bundle, how, true).await
}

/// Sentences about the services of a bundle whose type this build does not have: they are kept, but answer no call.
pub fn unknown_types(store: &Store, bundle: &Bundle) -> Vec<String> {
    let services = bundle.objects(Kind::Service);
    let unknown = services.filter_map(|(_, service)| {
        let kind = string(service, "type");
        store.config_spec(&kind).is_none().then(|| {
            let title = title(Kind::Service, service);
            format!(
                "The {title} is of the type '{kind}', which this build does not have; it cannot be called."
            )
        })
    });
    unknown.collect()
}

async fn run(
    store: &Store,
    by: Option<i64>,
    bundle: &Bundle,
    how: How,
    write: bool,
) -> Result<Plan, Problem> {
    let mut bundle = bundle.clone();
    let mut report = Report::default();
    let mut left_out = Vec::new();
    loop {
        let tx = store.begin(by).await?;
        match attempt(&tx, &bundle, how, write).await {
            Ok(mut plan) => {
                match write && !plan.is_empty() {
                    true => tx.commit().await.map(|_| ())?,
                    false => tx.rollback().await?,
                }
                report.warnings.append(&mut plan.report.warnings);
                plan.report = report;
                plan.refused = left_out;
                return Ok(plan);
            }
            Err(refused) => {
                tx.rollback().await?;
                let object = bundle.remove(refused.kind, &refused.key);
                let fatal = refused.problem.status() >= 500 || !how.tolerant;
                let title = title(refused.kind, &object.clone().unwrap_or_default());
                if fatal || object.is_none() || report.errors.len() == MOST_REFUSED {
                    return Err(about(&title, *refused.problem));
                }
                report.error(about(&title, *refused.problem).message);
                left_out.push(refused.kind);
            }
        }
    }
}

/// The problem with the object that it is about.
fn about(title: &str, problem: Problem) -> Problem {
    if problem.status() >= 500 || problem.message.contains(title) {
        return problem;
    }
    Problem {
        message: format!("The {title} cannot be brought over: {}", problem.message),
        ..problem
    }
}

/// An instance inside a transaction.
struct Present<'t> {
    tx: &'t StoreTx,
    rows: Rows,
    names: Names,
    bundle: Bundle,
    /// Ids of the rows of objects.
    ids: HashMap<(Kind, String), i64>,
    undeletable: HashSet<String>,
}

impl Present<'_> {
    async fn read(tx: &StoreTx) -> Result<Present<'_>, Problem> {
        let rows = Rows::read(tx).await?;
        let names = Names::of(&rows);
        let (bundle, ids) = naming::bundle_and_ids(&rows, &names, &mut Report::default());
        let fixed = rows.of("service").iter().filter(|row| !flag(row, "deletable"));
        Ok(Present {
            tx,
            undeletable: fixed.map(|row| string(row, "name").to_lowercase()).collect(),
            rows,
            names,
            bundle,
            ids,
        })
    }

    fn plan(&self, bundle: &Bundle, how: How) -> Result<Plan, Refused> {
        let store = self.tx.of_store();
        let instance = Instance {
            present: &self.bundle,
            undeletable: &self.undeletable,
            specs: &|kind| store.config_spec(kind),
        };
        instance.plan(bundle, how)
    }
}

/// A problem that is about no single object.
fn whole(problem: Problem) -> Refused {
    Refused {
        kind: Kind::Service,
        key: String::new(),
        problem: Box::new(problem),
    }
}

async fn attempt(tx: &StoreTx, bundle: &Bundle, how: How, write: bool) -> Result<Plan, Refused> {
    let present = Present::read(tx).await.map_err(whole)?;
    let plan = present.plan(bundle, how)?;
    if !write {
        return Ok(plan);
    }
    // What is deleted frees its name and key, and takes what belongs to it along. Administrators go last: there must
    // be one at every moment.
    let (late, early): (Vec<&Step>, Vec<&Step>) = plan
        .steps
        .iter()
        .rev()
        .filter(|step| step.action == Action::Delete)
        .partition(|step| step.kind == Kind::Admin);
    for step in &early {
        present.delete(step).await?;
    }
    let (mut now, rest) = match early.is_empty() {
        true => (present, None),
        false => {
            let now = Present::read(tx).await.map_err(whole)?;
            let rest = How { delete: false, ..how };
            let rest = now.plan(bundle, rest)?;
            (now, Some(rest))
        }
    };
    let steps = &rest.as_ref().unwrap_or(&plan).steps;
    for step in steps {
        if matches!(step.action, Action::Create | Action::Change(_)) {
            now.write(step).await?;
        }
    }
    for step in steps.iter().filter(|step| step.kind == Kind::Service) {
        now.complete_service(step).await?;
    }
    for step in late {
        now.delete(step).await?;
    }
    Ok(plan)
}

impl Step {
    fn refused(&self, problem: Problem) -> Refused {
        Refused {
            kind: self.kind,
            key: self.key.clone(),
            problem: Box::new(problem),
        }
    }
}

impl Present<'_> {
    fn id(&self, step: &Step) -> Option<i64> {
        self.ids.get(&(step.kind, step.key.clone())).copied()
    }

    async fn delete(&self, step: &Step) -> Result<(), Refused> {
        let Some(id) = self.id(step) else {
            return Ok(());
        };
        self.tx
            .delete(step.kind.layout().entity, id)
            .await
            .map_err(|problem| step.refused(problem))
    }

    async fn write(&mut self, step: &Step) -> Result<(), Refused> {
        self.write_record(step)
            .await
            .map_err(|problem| step.refused(problem))
    }

    async fn write_record(&mut self, step: &Step) -> Result<(), Problem> {
        let layout = step.kind.layout();
        let existing = self.id(step);
        let record = self.record(step, existing);
        if step.kind == Kind::Cors {
            platform::check_cors_path(&string(&step.target, "path"))?;
        }
        let id = match existing {
            Some(id) => {
                if !record.is_empty() {
                    self.tx.update(layout.entity, id, &record).await?;
                }
                id
            }
            None => {
                let id = self.tx.create(layout.entity, &record).await?;
                let name = string(&step.target, layout.identity);
                self.names.put(step.kind.table(), id, &name);
                id
            }
        };
        match step.kind {
            Kind::Admin | Kind::User => {
                let changed = |name: &str| {
                    let value = step.target.get(name)?.as_str()?;
                    let old = step.present.as_ref().and_then(|present| present.get(name));
                    (old.and_then(Value::as_str) != Some(value)).then_some(value)
                };
                let (password, answer) = (changed("password"), changed("security_answer"));
                if password.is_some() || answer.is_some() {
                    self.tx.set_hashes(id, password, answer).await?;
                }
                for column in LOGIN_SERVICES {
                    if let Some(service) = changed(column) {
                        self.tx.set_login_service(id, column, Some(service)).await?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What the store is given: of a new record everything, else what differs.
    fn record(&self, step: &Step, existing: Option<i64>) -> Row {
        let layout = step.kind.layout();
        let differs = |name: &str| {
            let old = step.present.as_ref().and_then(|present| present.get(name));
            step.target.get(name) != old
        };
        let accounts = matches!(step.kind, Kind::Admin | Kind::User);
        let mut record = Row::new();
        for field in layout.fields.iter().filter(|field| differs(field.name)) {
            // Hashes are no passwords, and no client says which login service made an account.
            let apart = matches!(field.name, "password" | "security_answer");
            if accounts && (apart || LOGIN_SERVICES.contains(&field.name)) {
                continue;
            }
            let value = step.target.get(field.name);
            let value = value.map_or(Value::Null, |value| stored(field.form, value));
            record.insert(field.name.to_owned(), value);
        }
        for reference in layout.references.iter().filter(|r| differs(r.name)) {
            let name = step.target.get(reference.name).and_then(Value::as_str);
            let id = name.and_then(|name| self.names.id(reference.table, name));
            record.insert(reference.column.to_owned(), json!(id));
        }
        if step.kind == Kind::Service {
            if differs("config") || existing.is_none() {
                record.insert("config".into(), Value::Object(self.config(step)));
            }
            if differs("doc") {
                let doc = step.target.get("doc").cloned().unwrap_or_default();
                record.insert("service_doc_by_service_id".into(), doc);
            }
            return record;
        }
        for children in layout.children.iter().filter(|c| differs(c.name)) {
            let entries = self.entries(children, step, existing);
            record.insert(children.relation.to_owned(), Value::Array(entries));
        }
        record
    }

    /// The configuration with ids, and null for what is no longer said.
    fn config(&self, step: &Step) -> Map<String, Value> {
        let of = |object: &Object| match object.get("config") {
            Some(Value::Object(config)) => config.clone(),
            _ => Map::new(),
        };
        let mut config = config::numbered(&of(&step.target), &mut |table, name| self.names.id(table, name));
        for (key, _) in step.present.as_ref().map(of).unwrap_or_default() {
            config.entry(key).or_insert(Value::Null);
        }
        config
    }

    /// The rows inside a record: those that are gone as deletions, those that are new or different as they are.
    fn entries(&self, children: &Children, step: &Step, existing: Option<i64>) -> Vec<Value> {
        let mut wanted: Vec<Value> = match step.target.get(children.name) {
            Some(Value::Array(list)) => list.clone(),
            _ => Vec::new(),
        };
        let mut entries = Vec::new();
        let rows = self.rows.of(children.table).iter();
        for row in rows.filter(|row| existing.is_some() && int(row, children.owner) == existing) {
            let mut one = naming::child(children, row, &self.names);
            sorted(children, &mut one);
            if let Some(place) = wanted.iter().position(|child| *child == one) {
                wanted.remove(place);
                continue;
            }
            // The store knows a row of this name again and changes it.
            let same_name = |child: &Value| {
                children.key.is_some_and(|key| {
                    let lower = |value: &Value| value.get(key).and_then(Value::as_str).map(str::to_lowercase);
                    lower(child).is_some() && lower(child) == lower(&one)
                })
            };
            if !wanted.iter().any(same_name) {
                entries.push(json!({"id": id(row), (children.owner): null}));
            }
        }
        entries.extend(wanted.iter().map(|child| self.entry(children, child)));
        entries
    }

    fn entry(&self, children: &Children, child: &Value) -> Value {
        let mut entry = Row::new();
        for field in children.fields {
            let value = child.get(field.name);
            let value = value.map_or(Value::Null, |value| stored(field.form, value));
            entry.insert(field.name.to_owned(), value);
        }
        for reference in children.references {
            let name = child.get(reference.name).and_then(Value::as_str);
            let id = name.and_then(|name| self.names.id(reference.table, name));
            entry.insert(reference.column.to_owned(), json!(id));
        }
        Value::Object(entry)
    }

    /// Once everything is there: references of a service to what was made after it, and its extras.
    async fn complete_service(&self, step: &Step) -> Result<(), Refused> {
        if !matches!(step.action, Action::Create | Action::Change(_)) {
            return Ok(());
        }
        let refused = |problem| step.refused(problem);
        let Some(id) = self.names.id("service", &string(&step.target, "name")) else {
            return Ok(());
        };
        let later = |(table, _): &(&str, String)| matches!(*table, "role" | "app" | "service");
        let config = step.target.get("config").and_then(Value::as_object);
        if config.is_some_and(|config| config::references(config).iter().any(later)) {
            let record = Row::from_iter([("config".to_owned(), Value::Object(self.config(step)))]);
            self.tx
                .update(Entity::Service, id, &record)
                .await
                .map_err(refused)?;
        }
        let stored = self.tx.extras(id).await.map_err(refused)?.virtual_relations;
        let of = |name: &str| self.names.id("service", name);
        let changes = extras::changes(step.present.as_ref(), &step.target, &stored, of);
        if changes.is_empty() {
            return Ok(());
        }
        self.tx.change_extras(id, changes).await.map_err(refused)
    }
}

impl Plan {
    /// What was done, as sentences: what was made and changed as notices, what exists already as well.
    pub fn told(&self) -> Report {
        let mut report = self.report.clone();
        for step in &self.steps {
            let title = &step.title;
            report.notice(match step.action {
                Action::Create => format!("The {title} was created."),
                Action::Change(_) => format!("The {title} was changed."),
                Action::Delete => format!("The {title} was deleted."),
                Action::Keep => format!("The {title} exists already and was left as it is."),
            });
        }
        report
    }
}

impl How {
    /// Bringing over what another instance had: what cannot come is left out and told.
    pub fn bringing(overwrite: bool) -> How {
        How {
            existing: if overwrite {
                Existing::Patch
            } else {
                Existing::Keep
            },
            delete: false,
            tolerant: true,
        }
    }

    /// Making an instance as a bundle says.
    pub fn declared(delete: bool) -> How {
        How {
            existing: Existing::Replace,
            delete,
            tolerant: false,
        }
    }
}
