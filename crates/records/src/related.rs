//! Related records: one statement per relation for all parents, in bounded pieces.

use crate::collect::{self, Objects, own};
use crate::columns::{self, Columns};
use crate::engine::{Engine, Opened};
use crate::plan::{Column, Condition, ReadPlan, Target};
use crate::value::from_json;
use crate::{Relation, RelationKind, Scalar, Table};
use contract::{Map, Problem, Request, Value, Verb, Word, word};
use std::collections::{HashMap, HashSet};

/// Most keys that one statement looks for.
const PIECE: usize = 1000;

/// A relation that a request wants.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) relation: Relation,
}

impl Wanted {
    /// Reads `related`, and adds the relations that are always fetched. `*` is all. The order is the table's.
    pub(crate) fn of(request: &Request, table: &Table, strict: bool) -> Result<Vec<Wanted>, Problem> {
        let asked = request.list(&word::RELATED).unwrap_or_default();
        if strict
            && let Some(unknown) = asked
                .iter()
                .find(|name| *name != "*" && table.relation(name).is_none())
        {
            return Err(Problem::bad_request(format!("Unknown relationship: {unknown}")));
        }
        let by_name =
            |relation: &&Relation| asked.iter().any(|name| name.eq_ignore_ascii_case(&relation.name));
        if let Some(remote) = table.remote.iter().find(by_name) {
            return Err(Problem::not_implemented(format!(
                "The relationship '{}' leads to another service, which is not supported yet.",
                remote.name
            )));
        }
        let wants = |relation: &Relation| {
            let named = asked
                .iter()
                .any(|name| name == "*" || name.eq_ignore_ascii_case(&relation.name));
            named || relation.always_fetch
        };
        let wanted: Vec<Wanted> = table
            .relations
            .iter()
            .filter(|r| wants(r))
            .map(|r| Wanted { relation: r.clone() })
            .collect();
        for Wanted { relation } in &wanted {
            if relation.fields.len() != 1 || relation.ref_fields.len() != 1 {
                return Err(Problem::not_implemented(
                    "Relating records with multi-column foreign keys is not currently supported.",
                ));
            }
        }
        Ok(wanted)
    }
}

/// Adds the wanted relations to the rows.
pub(crate) async fn attach(
    engine: &Engine,
    request: &Request,
    table: &Table,
    wanted: &[Wanted],
    rows: &mut [Map<String, Value>],
) -> Result<(), Problem> {
    for Wanted { relation } in wanted {
        Attach {
            engine,
            request,
            table,
            relation,
        }
        .run(rows)
        .await?;
    }
    Ok(())
}

struct Attach<'a> {
    engine: &'a Engine,
    request: &'a Request,
    table: &'a Table,
    relation: &'a Relation,
}

/// Rows of the other table by the text of their matching key.
type ByKey = HashMap<String, Vec<Map<String, Value>>>;

impl Attach<'_> {
    async fn run(&self, rows: &mut [Map<String, Value>]) -> Result<(), Problem> {
        let junction = match &self.relation.junction {
            Some(junction) => {
                let opened = self
                    .engine
                    .catalogue
                    .open(self.request, &junction.table, Verb::Get)
                    .await?;
                Some((junction, opened))
            }
            None => None,
        };
        let other = self
            .engine
            .catalogue
            .open(self.request, &self.relation.ref_table, Verb::Get)
            .await?;
        let local = self.local()?;
        let keys = distinct(rows.iter().filter_map(|row| row.get(&local)));
        match junction {
            Some((junction, opened)) => {
                let pairs = self
                    .pairs(&opened, &junction.field, &junction.ref_field, keys)
                    .await?;
                let far = distinct(pairs.iter().map(|(_, far)| far));
                let found = self.children(&other, far).await?;
                let mut by_parent: HashMap<String, Vec<&Value>> = HashMap::new();
                for (near, far) in &pairs {
                    by_parent.entry(key_text(near)).or_default().push(far);
                }
                for row in rows {
                    let far = row.get(&local).and_then(|key| by_parent.get(&key_text(key)));
                    let linked: HashSet<String> = far.into_iter().flatten().map(|v| key_text(v)).collect();
                    let list = found.in_order.iter().filter(|(key, _)| linked.contains(key));
                    let list = list.map(|(_, child)| Value::Object(child.clone())).collect();
                    row.insert(self.relation.name.clone(), Value::Array(list));
                }
            }
            None => {
                let by_key = self.children(&other, keys).await?.by_key();
                for row in rows {
                    let key = row.get(&local).filter(|v| !v.is_null()).map(key_text);
                    let found = key.and_then(|key| by_key.get(&key)).cloned();
                    row.insert(self.relation.name.clone(), self.shown(found.unwrap_or_default()));
                }
            }
        }
        Ok(())
    }

    /// The name of this table's key in a row.
    fn local(&self) -> Result<String, Problem> {
        let field = self.table.column(&self.relation.fields[0]);
        field
            .map(|i| self.table.fields[i].name.clone())
            .ok_or_else(|| self.broken())
    }

    fn broken(&self) -> Problem {
        Problem::internal(format!(
            "relation {} names a field that its table does not show",
            self.relation.name
        ))
    }

    fn shown(&self, list: Vec<Map<String, Value>>) -> Value {
        match self.relation.kind {
            RelationKind::HasMany | RelationKind::ManyMany => list.into_iter().map(Value::Object).collect(),
            RelationKind::BelongsTo => list.into_iter().next().map_or(Value::Null, Value::Object),
            RelationKind::HasOne => list
                .into_iter()
                .next()
                .map_or(Value::Array(Vec::new()), Value::Object),
        }
    }

    /// Pairs of keys from the table between.
    async fn pairs(
        &self,
        junction: &Opened,
        near: &str,
        far: &str,
        keys: Vec<Value>,
    ) -> Result<Vec<(Value, Value)>, Problem> {
        let table = &junction.table;
        let (Some(near), Some(far)) = (table.column(near), table.column(far)) else {
            return Err(self.broken());
        };
        let mut pairs = Vec::new();
        for piece in keys.chunks(PIECE) {
            let plan = ReadPlan {
                table: table.clone(),
                columns: vec![Column::Field(near), Column::Field(far)],
                condition: Condition::and(Some(one_of(table, near, piece)), junction.condition.clone()),
                group: Vec::new(),
                having: None,
                order: Vec::new(),
                limit: None,
                offset: 0,
            };
            let shapes = columns::shapes(table, &plan.columns).zip(["near", "far"]);
            let sink = Objects::new(shapes.map(|((_, shape), name)| (name, shape)));
            let rows = own::<Objects>(self.engine.backend.read(&plan, Box::new(sink)).await?).rows;
            pairs.extend(rows.into_iter().map(|mut row| {
                let mut take = |name: &str| row.get_mut(name).map(Value::take).unwrap_or_default();
                (take("near"), take("far"))
            }));
        }
        Ok(pairs)
    }

    /// A sub-option of the relation: `name.word`, or `name_word`.
    fn option(&self, word: &Word) -> Option<&str> {
        word.names().find_map(|option| {
            ['.', '_'].into_iter().find_map(|joint| {
                let name = format!("{}{joint}{option}", self.relation.name);
                let found = self
                    .request
                    .params
                    .0
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(&name));
                found.map(|(_, value)| value.as_str())
            })
        })
    }

    /// A request with only the sub-options, so that they are read like any others.
    fn sub_request(&self) -> Request {
        let mut request = self.request.clone();
        request.payload = contract::Payload::None;
        request.params.0 = [&word::FIELDS, &word::ORDER, &word::GROUP, &word::LIMIT]
            .into_iter()
            .filter_map(|word| Some((word.name.to_owned(), self.option(word)?.to_owned())))
            .collect();
        request
    }

    /// Rows of the other table whose key is one of `keys`, with the key of each.
    async fn children(&self, other: &Opened, keys: Vec<Value>) -> Result<Children, Problem> {
        let table = &other.table;
        let Some(key) = table.column(&self.relation.ref_fields[0]) else {
            return Err(self.broken());
        };
        let request = self.sub_request();
        let mut columns = Columns::of(&request, table, &table.primary_key, columns::Absent::All)?;
        let order = match request.text(&word::ORDER) {
            Some(text) => columns::order(&text, table, &columns)?,
            None => Vec::new(),
        };
        let added = if columns.group.is_empty() {
            columns.ensure(key)
        } else {
            false
        };
        let max = self.engine.limits.max_records;
        let limit = request
            .number(&word::LIMIT)
            .and_then(|n| u64::try_from(n).ok())
            .filter(|n| (1..=max).contains(n));
        let mut left = limit.unwrap_or(max);
        let mut in_order = Vec::new();
        for piece in keys.chunks(PIECE) {
            if left == 0 {
                break;
            }
            let plan = ReadPlan {
                table: table.clone(),
                columns: columns.columns.clone(),
                condition: Condition::and(Some(one_of(table, key, piece)), other.condition.clone()),
                group: columns.group.clone(),
                having: None,
                order: order.clone(),
                limit: Some(left),
                offset: 0,
            };
            let mut rows = collect::rows(&*self.engine.backend, &plan).await?;
            left = left.saturating_sub(rows.len() as u64);
            self.engine.catalogue.complete(&request, table, &mut rows).await?;
            let name = &table.fields[key].name;
            for mut row in rows {
                let text = row.get(name).map(key_text).unwrap_or_default();
                if added {
                    row.shift_remove(name);
                }
                in_order.push((text, row));
            }
        }
        Ok(Children { in_order })
    }
}

/// Rows of the other table in the database's order.
struct Children {
    in_order: Vec<(String, Map<String, Value>)>,
}

impl Children {
    fn by_key(self) -> ByKey {
        let mut by_key = ByKey::new();
        for (key, row) in self.in_order {
            by_key.entry(key).or_default().push(row);
        }
        by_key
    }
}

fn one_of(table: &Table, field: usize, keys: &[Value]) -> Condition {
    // A key that does not fit the other side's type matches nothing there.
    let values: Vec<Scalar> = keys
        .iter()
        .filter_map(|key| from_json(&table.fields[field], key).ok())
        .collect();
    Condition::In(Target::Field(field), values)
}

/// The keys that are not null, each once, in order.
fn distinct<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<Value> {
    let mut seen = HashSet::new();
    values
        .filter(|v| !v.is_null() && seen.insert(key_text(v)))
        .cloned()
        .collect()
}

fn key_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
