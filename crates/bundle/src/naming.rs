//! Rows become objects: ids become names, and what belongs to a row becomes part of it.

use crate::bundle::{Bundle, Object, Report, key, title};
use crate::layout::{Children, Field, Form, Kind, Reference};
use crate::rows::{Names, Owners, Row, Rows, id, int, is_of, string};
use crate::{config, extras};
use contract::{Map, Value, Verb, truthy};
use serde_json::json;
use std::collections::HashMap;
use store::Period;

/// Names of the bits of `requestor_mask`.
const REQUESTORS: [(&str, i64); 2] = [("API", 1), ("SCRIPT", 2)];

/// The content of rows. `known` are names beyond those of the rows. What leads nowhere is left out, with a word in
/// the report: a grant without its service would otherwise become a grant of all services.
pub(crate) fn bundle(rows: &Rows, known: &Names, report: &mut Report) -> Bundle {
    bundle_and_ids(rows, known, report).0
}

/// The content of rows, and the ids of the rows that the objects were made of, by kind and key.
pub(crate) fn bundle_and_ids(
    rows: &Rows,
    known: &Names,
    report: &mut Report,
) -> (Bundle, HashMap<(Kind, String), i64>) {
    let mut reading = Reading {
        owners: Owners::of(rows),
        known,
        report,
    };
    let mut bundle = Bundle::default();
    let mut ids = HashMap::new();
    for kind in Kind::ALL {
        for row in rows.of(kind.table()).iter().filter(|row| is_of(kind, row)) {
            let Some(object) = reading.object(kind, row) else {
                continue;
            };
            if let Some(id) = id(row) {
                ids.insert((kind, key(kind, &object)), id);
            }
            if string(&object, kind.layout().identity).trim().is_empty() {
                reading
                    .report
                    .warn(format!("A {} without a name was left out.", kind.spoken()));
            } else if let Some(lost) = bundle.insert(kind, object) {
                let sentence = format!("The {} is there twice; the last one counts.", title(kind, &lost));
                reading.report.warn(sentence);
            }
        }
    }
    (bundle, ids)
}

/// A stored row as it is part of its owner's object.
pub(crate) fn child(children: &Children, row: &Row, known: &Names) -> Value {
    let mut child = fields(children.fields, row);
    for reference in children.references {
        let name = int(row, reference.column).and_then(|id| known.name(reference.table, id));
        child.insert(reference.name.to_owned(), json!(name));
    }
    tidy(&mut child);
    Value::Object(child)
}

struct Reading<'a> {
    owners: Owners<'a>,
    known: &'a Names,
    report: &'a mut Report,
}

impl Reading<'_> {
    /// `None` for what would mean something else without what it refers to.
    fn object(&mut self, kind: Kind, row: &Row) -> Option<Object> {
        let layout = kind.layout();
        let mut object = fields(layout.fields, row);
        let title = title(kind, &object);
        if !self.references(&title, layout.references, row, &mut object) {
            return None;
        }
        for children in layout.children {
            let list = self.children(&title, children, row);
            object.insert(children.name.to_owned(), Value::Array(list));
        }
        match kind {
            Kind::Service => self.service(&title, row, &mut object),
            Kind::Admin | Kind::User => self.hashes(&title, &mut object),
            Kind::Limit => {
                if let Some(period) = row.get("period").and_then(Period::read) {
                    object.insert("period".into(), json!(period.name()));
                }
            }
            _ => {}
        }
        tidy(&mut object);
        Some(object)
    }

    /// What is no hash that a login can be checked against is left out: nobody could log in with it.
    fn hashes(&mut self, title: &str, user: &mut Object) {
        for name in ["password", "security_answer"] {
            let text = user.get(name).and_then(Value::as_str);
            if text.is_some_and(|text| !store::is_hash(text)) {
                user.shift_remove(name);
                let what = name.replace('_', " ");
                self.report.warn(format!(
                    "The {what} of the {title} is not hashed in a known way and was left out."
                ));
            }
        }
    }

    fn service(&mut self, title: &str, row: &Row, object: &mut Object) {
        if let Some(Value::Object(sent)) = row.get("config") {
            let named = config::named(sent, &mut |column, table, id| {
                let name = self.known.name(table, id).map(str::to_owned);
                if name.is_none() {
                    self.report.warn(lost(title, column, id));
                }
                name
            });
            object.insert("config".into(), Value::Object(named));
        }
        let own = id(row).unwrap_or_default();
        if let Some(doc) = self.owners.rows("service_doc", "service_id", own).first() {
            let format = int(doc, "format").unwrap_or(0);
            let content = string(doc, "content");
            if !content.is_empty() {
                object.insert("doc".into(), json!({"format": format, "content": content}));
            }
        }
        for list in extras::NAMES {
            if let Some(Value::Array(rows)) = object.get_mut(list) {
                rows.retain(extras::says_something);
            }
        }
    }

    /// The rows that belong to a row, as parts of its object.
    fn children(&mut self, title: &str, children: &Children, owner: &Row) -> Vec<Value> {
        let own = id(owner).unwrap_or_default();
        let rows = self.owners.rows(children.table, children.owner, own).to_vec();
        let mut list = Vec::new();
        for row in rows {
            let mut child = fields(children.fields, row);
            if self.references(title, children.references, row, &mut child) {
                tidy(&mut child);
                list.push(Value::Object(child));
            }
        }
        list
    }

    /// Writes names for ids. Whether the row still means what it did.
    fn references(&mut self, title: &str, references: &[Reference], row: &Row, object: &mut Object) -> bool {
        for reference in references {
            let Some(id) = int(row, reference.column) else {
                continue;
            };
            match self.known.name(reference.table, id) {
                Some(name) => {
                    object.insert(reference.name.to_owned(), json!(name));
                }
                None => {
                    self.report.warn(lost(title, reference.column, id));
                    if reference.needed {
                        return false;
                    }
                }
            }
        }
        true
    }
}

fn lost(title: &str, column: &str, id: i64) -> String {
    format!(
        "The {title} refers to something that is not there ({column} {id}); what depends on it was left out."
    )
}

fn fields(fields: &[Field], row: &Row) -> Object {
    let value = |field: &Field| Some((field.name.to_owned(), plain(field.form, row.get(field.name)?)));
    fields.iter().filter_map(value).collect()
}

/// A stored value as it is written among plain data. What is not of the form stays as it is: the store says what is
/// wrong with it.
pub(crate) fn plain(form: Form, value: &Value) -> Value {
    match (form, value) {
        (_, Value::Null) => Value::Null,
        (Form::Flag, Value::Number(number)) => json!(number.as_f64() != Some(0.0)),
        (Form::Flag, Value::String(text)) => json!(truthy(text)),
        (Form::Int, Value::String(text)) => text.trim().parse::<i64>().map_or(value.clone(), |n| json!(n)),
        (Form::Text, Value::Number(number)) => json!(number.to_string()),
        (Form::Verbs, Value::Number(_)) => value.as_u64().and_then(verbs).unwrap_or_else(|| value.clone()),
        (Form::Requestors, Value::Number(_)) => value
            .as_i64()
            .and_then(requestors)
            .unwrap_or_else(|| value.clone()),
        (Form::Document, Value::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        (Form::Open | Form::List, Value::String(text)) => match serde_json::from_str(text) {
            Ok(document @ (Value::Array(_) | Value::Object(_))) => document,
            _ if form == Form::List => store::listed(text).unwrap_or_else(|| value.clone()),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// A value of plain data as the store takes it.
pub(crate) fn stored(form: Form, value: &Value) -> Value {
    let sum = |bit: &dyn Fn(&str) -> Option<i64>| {
        let names = value.as_array()?.iter();
        let bits: Option<Vec<i64>> = names.map(|name| bit(name.as_str()?)).collect();
        Some(json!(bits?.into_iter().fold(0, |mask, bit| mask | bit)))
    };
    let summed = match form {
        Form::Verbs => sum(&|name| Verb::parse(name).map(|verb| i64::from(verb.bit()))),
        Form::Requestors => sum(&|name| {
            let known = REQUESTORS
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            known.map(|(_, bit)| *bit)
        }),
        _ => None,
    };
    summed.unwrap_or_else(|| value.clone())
}

/// The names of verb bits; `None` when a bit has no name.
fn verbs(mask: u64) -> Option<Value> {
    const ALL: [Verb; 6] = [
        Verb::Get,
        Verb::Post,
        Verb::Put,
        Verb::Patch,
        Verb::Delete,
        Verb::Options,
    ];
    let named = ALL.into_iter().filter(|verb| mask & u64::from(verb.bit()) != 0);
    let (names, sum) = named.fold((Vec::new(), 0), |(mut names, sum), verb| {
        names.push(json!(verb.as_str()));
        (names, sum | u64::from(verb.bit()))
    });
    (sum == mask).then_some(Value::Array(names))
}

fn requestors(mask: i64) -> Option<Value> {
    let named = REQUESTORS.iter().filter(|(_, bit)| mask & bit != 0);
    let names: Vec<Value> = named.map(|(name, _)| json!(name)).collect();
    (mask & !3 == 0).then_some(Value::Array(names))
}

/// Leaves out what is null or empty, at any depth of objects.
pub(crate) fn tidy(object: &mut Map<String, Value>) {
    object.retain(|_, value| {
        if let Value::Object(inner) = value {
            tidy(inner);
        }
        match value {
            Value::Null => false,
            Value::Array(list) => !list.is_empty(),
            Value::Object(inner) => !inner.is_empty(),
            _ => true,
        }
    });
}
