//! What bringing a bundle into an instance would do, object by object.

use crate::bundle::{Bundle, Object, Report, title};
use crate::config;
use crate::layout::Kind;
use crate::normal::{Specs, masked, normal, ordered, stored_normal};
use contract::{Problem, Value};
use std::collections::{BTreeSet, HashSet};
use std::fmt;

/// How objects meet those that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// What exists is left as it is.
    Keep,
    /// What an object says is changed; what it does not say stays.
    Patch,
    /// The object is the whole truth: what it does not say has its default.
    Replace,
}

/// How a bundle is brought into an instance.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// What happens to objects that exist.
    pub existing: Existing,
    /// Whether objects that the bundle does not have are deleted.
    pub delete: bool,
    /// Whether what cannot be brought over is left out and reported. Otherwise nothing is done at all.
    pub tolerant: bool,
}

/// What becomes of one object.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// It is made.
    Create,
    /// These fields change.
    Change(Vec<Difference>),
    /// It is deleted.
    Delete,
    /// It exists and is left as it is.
    Keep,
}

/// A field that changes; secrets are masked.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Name, with a dot between a configuration and its key.
    pub field: String,
    /// What it was.
    pub before: Option<Value>,
    /// What it becomes.
    pub after: Option<Value>,
}

/// One object of a plan.
#[derive(Debug, Clone)]
pub struct Step {
    /// Kind.
    pub kind: Kind,
    /// Key.
    pub key: String,
    /// What people call it.
    pub title: String,
    /// What becomes of it.
    pub action: Action,
    pub(crate) target: Object,
    pub(crate) present: Option<Object>,
}

/// What would be done.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Objects that are made, changed or deleted, or were asked to be left alone.
    pub steps: Vec<Step>,
    /// What was left out of the bundle.
    pub report: Report,
    /// The kinds of the objects that could not be brought over, one for each.
    pub refused: Vec<Kind>,
}

impl Plan {
    /// The steps that change something.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action != Action::Keep)
    }

    /// Whether the instance is as the bundle says.
    pub fn is_empty(&self) -> bool {
        self.changes().next().is_none()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Create => write!(f, "+ {}", self.title),
            Action::Delete => write!(f, "- {}", self.title),
            Action::Keep => write!(f, "= {}", self.title),
            Action::Change(differences) => {
                write!(f, "~ {}", self.title)?;
                for Difference { field, before, after } in differences {
                    write!(f, "\n    {field}: {} → {}", shown(before), shown(after))?;
                }
                Ok(())
            }
        }
    }
}

/// Signs of a value that are shown.
const SHOWN: usize = 120;

fn shown(value: &Option<Value>) -> String {
    let text = value
        .as_ref()
        .map_or_else(|| "nothing".to_owned(), Value::to_string);
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((cut, _)) => format!("{}…", &text[..cut]),
    }
}

/// An instance as a plan sees it.
pub(crate) struct Instance<'a> {
    pub(crate) present: &'a Bundle,
    /// Keys of services that cannot be deleted.
    pub(crate) undeletable: &'a HashSet<String>,
    pub(crate) specs: Specs<'a>,
}

/// An object that cannot be brought over, and why.
pub(crate) struct Refused {
    pub(crate) kind: Kind,
    pub(crate) key: String,
    pub(crate) problem: Box<Problem>,
}

impl Instance<'_> {
    /// The plan for a bundle. The first object that cannot be brought over ends it.
    pub(crate) fn plan(&self, desired: &Bundle, how: How) -> Result<Plan, Refused> {
        let mut plan = Plan::default();
        let gone = self.gone(desired, how);
        for kind in Kind::ALL {
            for (key, object) in desired.objects(kind) {
                let refused = |problem| Refused {
                    kind,
                    key: key.to_owned(),
                    problem: Box::new(problem),
                };
                let step = self.step(kind, key, object, how).map_err(refused)?;
                let Some(mut step) = step else { continue };
                let exists = |table: &str, name: &str| {
                    let name = name.to_lowercase();
                    Kind::in_table(table).any(|kind| {
                        desired.get(kind, &name).is_some()
                            || (self.present.get(kind, &name).is_some()
                                && !gone.contains(&(kind, name.clone())))
                    })
                };
                if matches!(step.action, Action::Create | Action::Change(_)) {
                    let lost = lost_references(&mut step, &exists);
                    if !lost.sentences.is_empty() && (lost.meaning || !how.tolerant) {
                        return Err(refused(Problem::bad_request(lost.sentences.join(" "))));
                    }
                    plan.report.warnings.extend(lost.sentences);
                    // Without what was left out there may be nothing to change any more.
                    if let Some(present) = &step.present
                        && ordered(kind, &step.target) == ordered(kind, present)
                    {
                        continue;
                    }
                }
                plan.steps.push(step);
            }
        }
        for (kind, key) in gone {
            let present = self.present.get(kind, &key).cloned().unwrap_or_default();
            plan.steps.push(Step {
                kind,
                title: title(kind, &present),
                key,
                action: Action::Delete,
                target: Object::new(),
                present: Some(present),
            });
        }
        Ok(plan)
    }

    /// What is deleted, in the order of kinds.
    fn gone(&self, desired: &Bundle, how: How) -> BTreeSet<(Kind, String)> {
        let all = Kind::ALL.into_iter().filter(|_| how.delete);
        let absent = all.flat_map(|kind| self.present.objects(kind).map(move |(key, _)| (kind, key)));
        let absent = absent.filter(|(kind, key)| {
            let kept = *kind == Kind::Service && self.undeletable.contains(*key);
            desired.get(*kind, key).is_none() && !kept
        });
        absent.map(|(kind, key)| (kind, key.to_owned())).collect()
    }

    /// What becomes of an object; `None` when it is as it should be.
    fn step(&self, kind: Kind, key: &str, object: &Object, how: How) -> Result<Option<Step>, Problem> {
        let other = match kind {
            Kind::User => Some(Kind::Admin),
            Kind::Admin => Some(Kind::User),
            _ => None,
        };
        if let Some(other) = other.filter(|other| self.present.get(*other, key).is_some()) {
            return Err(Problem::bad_request(format!(
                "'{key}' is an account already, of the kind {}.",
                other.spoken()
            )));
        }
        let present = self.present.get(kind, key).map(|o| stored_normal(kind, o));
        let step = |action, target, present| Step {
            kind,
            key: key.to_owned(),
            title: title(kind, object),
            action,
            target,
            present,
        };
        let Some(present) = present else {
            let target = normal(kind, object, None, self.specs)?;
            return Ok(Some(step(Action::Create, target, None)));
        };
        let target = match how.existing {
            Existing::Keep => return Ok(Some(step(Action::Keep, Object::new(), Some(present)))),
            Existing::Patch => normal(kind, &overlaid(&present, object), Some(&present), self.specs)?,
            Existing::Replace => normal(kind, object, Some(&present), self.specs)?,
        };
        let (old, new) = (ordered(kind, &present), ordered(kind, &target));
        if old == new {
            return Ok(None);
        }
        let shown = (masked(kind, &old, self.specs), masked(kind, &new, self.specs));
        let differences = differences((&old, &new), (&shown.0, &shown.1));
        Ok(Some(step(Action::Change(differences), target, Some(present))))
    }
}

/// What `object` says over what `present` says; configurations key by key.
fn overlaid(present: &Object, object: &Object) -> Object {
    let mut merged = present.clone();
    for (name, value) in object {
        match (merged.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) if name == "config" => {
                old.extend(new.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            _ => {
                merged.insert(name.clone(), value.clone());
            }
        }
    }
    merged
}

/// The fields in which two objects differ, and what of them is shown: the same objects without their secrets.
fn differences(real: (&Object, &Object), shown: (&Object, &Object)) -> Vec<Difference> {
    let names: BTreeSet<&String> = real.0.keys().chain(real.1.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        let of =
            |objects: (&'_ Object, &'_ Object)| (objects.0.get(name).cloned(), objects.1.get(name).cloned());
        match (of(real), of(shown)) {
            ((old, new), _) if old == new => {}
            (
                (Some(Value::Object(old)), Some(Value::Object(new))),
                (Some(Value::Object(before)), Some(Value::Object(after))),
            ) => {
                let inner = differences((&old, &new), (&before, &after)).into_iter();
                found.extend(inner.map(|d| Difference {
                    field: format!("{name}.{}", d.field),
                    ..d
                }));
            }
            (_, (before, after)) => found.push(Difference {
                field: name.clone(),
                before,
                after,
            }),
        }
    }
    found
}

/// What an object refers to and is not there.
#[derive(Default)]
struct Lost {
    sentences: Vec<String>,
    /// Whether the object means something else without it.
    meaning: bool,
}

/// Leaves out what leads nowhere, and tells it.
fn lost_references(step: &mut Step, exists: &dyn Fn(&str, &str) -> bool) -> Lost {
    let layout = step.kind.layout();
    let title = &step.title;
    let sentence = |table: &str, name: &str| {
        format!(
            "The {title} refers to the {} '{name}', which is not there.",
            table.replace('_', " ")
        )
    };
    let mut lost = Lost::default();
    for reference in layout.references {
        let name = step.target.get(reference.name).and_then(Value::as_str);
        if let Some(name) = name.filter(|name| !exists(reference.table, name)) {
            lost.sentences.push(sentence(reference.table, name));
            lost.meaning |= reference.needed;
            step.target.shift_remove(reference.name);
        }
    }
    for children in layout.children {
        let Some(Value::Array(list)) = step.target.get_mut(children.name) else {
            continue;
        };
        list.retain(|child| {
            let mut references = children.references.iter();
            let missing = references.find_map(|reference| {
                let name = child.get(reference.name)?.as_str()?;
                (!exists(reference.table, name)).then(|| sentence(reference.table, name))
            });
            let keep = missing.is_none();
            lost.sentences.extend(missing);
            keep
        });
        if list.is_empty() {
            step.target.shift_remove(children.name);
        }
    }
    if let Some(Value::Object(config)) = step.target.get_mut("config") {
        for (table, name) in config::references(config) {
            if !exists(table, &name) {
                lost.sentences.push(sentence(table, &name));
            }
        }
        config::forget(config, exists);
    }
    lost
}
