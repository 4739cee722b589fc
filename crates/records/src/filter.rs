//! From the client's filter, and the role's, to conditions on a table.

mod related;

use crate::plan::{Condition, Operand, Target};
use crate::value::from_text;
use crate::{Scalar, Table};
use contract::{Caller, Map, Problem, RowCondition, RowFilter, Settings, Value};
use query::fields::{FieldItem, aggregate_key};
use query::filter::{Comparison, FieldRef, Filter, Operand as Text};
pub(crate) use related::{Ways, ways};
use sql::BinaryOp;
use std::borrow::Cow;

/// What a filter is bound with.
pub struct Binding<'a> {
    /// The table.
    pub table: &'a Table,
    /// The caller, for lookups.
    pub caller: &'a Caller,
    /// The settings, for lookup modifiers.
    pub settings: &'a Settings,
    /// Values for `:name` operands; the keys with or without the colon.
    pub params: Map<String, Value>,
    /// In HAVING, the grouped fields: only they and aggregates may be compared.
    pub group: Option<&'a [usize]>,
    /// The related tables that the filter names, opened for the caller.
    pub(crate) ways: &'a Ways,
}

/// Parses a filter. `None` when the text is empty.
pub fn parse(text: &str) -> Result<Option<Filter>, Problem> {
    query::filter::parse(text).map_err(|e| Problem::bad_request(e.message))
}

impl Binding<'_> {
    /// Binds a parsed filter.
    pub fn filter(&self, filter: &Filter) -> Result<Condition, Problem> {
        let all = |parts: &[Filter]| {
            parts
                .iter()
                .map(|part| self.filter(part))
                .collect::<Result<Vec<_>, _>>()
        };
        let boxed = |part: &Filter| self.filter(part).map(Box::new);
        Ok(match filter {
            Filter::And(parts) => Condition::And(all(parts)?),
            Filter::Or(parts) => Condition::Or(all(parts)?),
            Filter::Xor(left, right) => Condition::Xor(boxed(left)?, boxed(right)?),
            Filter::Not(inner) => Condition::Not(boxed(inner)?),
            Filter::Compare {
                field,
                op,
                value,
                negated,
            } => self.leaf(field, &|at, target| {
                Ok(not_if(*negated, at.compare(target, *op, value)?))
            })?,
            Filter::In {
                field,
                values,
                negated,
            } => self.leaf(field, &|at, target| {
                let values = values.iter().map(|v| at.value(target, v));
                let values = values.collect::<Result<Vec<_>, _>>()?;
                Ok(not_if(*negated, Condition::In(target, values)))
            })?,
            Filter::Null { field, negated } => self.leaf(field, &|_, target| {
                Ok(not_if(*negated, Condition::IsNull(target)))
            })?,
            Filter::Between {
                field,
                low,
                high,
                negated,
            } => self.leaf(field, &|at, target| {
                let between = Condition::Between(target, at.operand(target, low)?, at.operand(target, high)?);
                Ok(not_if(*negated, between))
            })?,
        })
    }

    /// A condition on a field of the table, or `relation.field` on some related row.
    fn leaf(
        &self,
        field: &FieldRef,
        make: &dyn Fn(&Binding<'_>, Target) -> Result<Condition, Problem>,
    ) -> Result<Condition, Problem> {
        if self.group.is_none()
            && self.table.field(&field.text).is_none()
            && let Some((way, name)) = self.ways.find(&field.text)
        {
            let there = Binding {
                table: &way.table,
                params: self.params.clone(),
                ways: Ways::NONE,
                ..*self
            };
            let target = there.target(&FieldRef {
                text: name.to_owned(),
                at: field.at,
            })?;
            return Ok(way.condition(make(&there, target)?));
        }
        make(self, self.target(field)?)
    }

    fn target(&self, field: &FieldRef) -> Result<Target, Problem> {
        let name = self.lookups(&field.text);
        if let Some(index) = self.table.field(&name) {
            return match self.group {
                Some(group) if !group.contains(&index) => Err(Problem::bad_request(format!(
                    "Groups can only be compared by grouped fields and aggregates, and '{name}' is neither."
                ))),
                None if self.table.fields[index].extra.is_aggregate => Err(Problem::bad_request(format!(
                    "Field '{name}' is computed over rows: it cannot be in a filter."
                ))),
                _ => Ok(Target::Field(index)),
            };
        }
        if self.group.is_some()
            && let Some(target) = self.aggregate(&name)
        {
            return Ok(target);
        }
        Err(Problem::bad_request(format!(
            "Invalid or unparsable field in filter request: '{name}'"
        )))
    }

    /// An aggregate in HAVING: written as `SUM(salary)`, or by its key `SUM_salary`.
    fn aggregate(&self, name: &str) -> Option<Target> {
        let written = query::fields::parse(&[name.to_owned()]).into_iter().next();
        if let Some(FieldItem::Aggregate { function, field, .. }) = written {
            let field = match field {
                Some(field) => Some(self.table.field(&field)?),
                None => None,
            };
            return Some(Target::Aggregate(function, field));
        }
        use sql::Aggregate::{Avg, Count, Max, Min, Sum};
        let fields = (0..self.table.fields.len()).map(Some).chain([None]);
        let mut candidates =
            fields.flat_map(|field| [Count, Sum, Avg, Min, Max].map(|function| (function, field)));
        let key = |field: Option<usize>| field.map(|i| self.table.fields[i].name.as_str());
        let found =
            candidates.find(|(f, field)| aggregate_key(*f, key(*field)).eq_ignore_ascii_case(name))?;
        Some(Target::Aggregate(found.0, found.1))
    }

    fn compare(&self, target: Target, op: Comparison, value: &Text) -> Result<Condition, Problem> {
        let plain = |op: BinaryOp| Ok(Condition::Compare(target, op, self.operand(target, value)?));
        let like = |before: &str, after: &str| {
            let text = self.text(value)?;
            Ok(Condition::Like(target, format!("{before}{text}{after}")))
        };
        match op {
            Comparison::Eq => plain(BinaryOp::Eq),
            Comparison::Ne => plain(BinaryOp::Ne),
            Comparison::Lt => plain(BinaryOp::Lt),
            Comparison::Le => plain(BinaryOp::Le),
            Comparison::Gt => plain(BinaryOp::Gt),
            Comparison::Ge => plain(BinaryOp::Ge),
            Comparison::Like => like("", ""),
            Comparison::ILike => Ok(Condition::ILike(target, self.text(value)?)),
            Comparison::StartsWith => like("", "%"),
            Comparison::EndsWith => like("%", ""),
            Comparison::Contains => like("%", "%"),
        }
    }

    fn operand(&self, target: Target, value: &Text) -> Result<Operand, Problem> {
        match value {
            Text::Moment(moment) => Ok(Operand::Moment(*moment)),
            other => self.value(target, other).map(Operand::Value),
        }
    }

    fn value(&self, target: Target, value: &Text) -> Result<Scalar, Problem> {
        let text = self.text(value)?;
        match target {
            Target::Field(index) => from_text(&self.table.fields[index], &text),
            // What an aggregate gives is a number where it can be one.
            Target::Aggregate(..) => Ok(match (text.trim().parse::<i64>(), text.trim().parse::<f64>()) {
                (Ok(n), _) => Scalar::Int(n),
                (_, Ok(n)) if n.is_finite() => Scalar::Float(n),
                _ => {
                    return Err(Problem::bad_request(
                        "An aggregate can only be compared with a number.",
                    ));
                }
            }),
        }
    }

    /// The text of an operand, parameters and lookups replaced. Lookups are replaced here, after parsing, so that
    /// no value of theirs can change the filter's structure.
    fn text(&self, value: &Text) -> Result<String, Problem> {
        match value {
            Text::Text { text, .. } => Ok(self.lookups(text).into_owned()),
            Text::Param(name) => {
                let bare = name.trim_start_matches(':');
                match self.params.get(name).or_else(|| self.params.get(bare)) {
                    Some(Value::String(text)) => Ok(self.lookups(text).into_owned()),
                    Some(Value::Null) | None => Ok(name.clone()),
                    Some(Value::Bool(flag)) => Ok(flag.to_string()),
                    Some(Value::Number(number)) => Ok(number.to_string()),
                    Some(_) => Err(Problem::bad_request(format!(
                        "The value of the parameter '{name}' must be single."
                    ))),
                }
            }
            Text::Moment(_) => Err(Problem::bad_request(
                "The clock can only be compared with =, !=, <, <=, > and >=.",
            )),
        }
    }

    fn lookups<'t>(&self, text: &'t str) -> Cow<'t, str> {
        replace_lookups(text, self.caller, self.settings)
    }
}

/// Replaces `{name}` by the caller's lookups; unknown ones stay.
pub fn replace_lookups<'t>(text: &'t str, caller: &Caller, settings: &Settings) -> Cow<'t, str> {
    if !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let allowed = |name: &str| settings.allows_modifier(name);
    query::lookup::replace(text, &allowed, &|name| caller.lookup(name))
}

fn not_if(negated: bool, condition: Condition) -> Condition {
    if negated {
        Condition::Not(Box::new(condition))
    } else {
        condition
    }
}

/// The condition of a role's row filter. A filter that cannot be understood lets no row through and is reported
/// as a fault: it must never widen what a role sees.
pub fn row_filter(
    filter: &RowFilter,
    table: &Table,
    caller: &Caller,
    settings: &Settings,
) -> Result<Option<Condition>, Problem> {
    if filter.conditions.is_empty() {
        return Ok(None);
    }
    let invalid = || {
        Problem::new(
            contract::Kind::Internal,
            "Invalid server-side filter configuration detected.",
        )
    };
    let mut parts = Vec::with_capacity(filter.conditions.len());
    for row in &filter.conditions {
        let index = table.field(&row.name).ok_or_else(invalid)?;
        let lookups = |text: &str| replace_lookups(text, caller, settings).into_owned();
        parts.push(row_condition(table, index, row, &lookups).ok_or_else(invalid)?);
    }
    Ok(Some(if filter.any {
        Condition::Or(parts)
    } else {
        Condition::And(parts)
    }))
}

/// One condition of a row filter; `None` when the operator is unknown. A value that does not fit its field
/// (an unresolved lookup, say) matches no row. Lookups are replaced inside single values, so that none can add to a
/// list.
fn row_condition(
    table: &Table,
    index: usize,
    row: &RowCondition,
    lookups: &dyn Fn(&str) -> String,
) -> Option<Condition> {
    let target = Target::Field(index);
    let field = &table.fields[index];
    let nothing = || Condition::Or(Vec::new());
    let text = lookups(unquote(&row.value));
    let compare = |op: BinaryOp| match from_text(field, &text) {
        Ok(value) => Condition::Compare(target, op, Operand::Value(value)),
        Err(_) => nothing(),
    };
    let list = || {
        let written = row.value.trim();
        let inner = written
            .strip_prefix('(')
            .and_then(|t| t.strip_suffix(')'))
            .unwrap_or(written);
        let values = inner
            .split(',')
            .map(|part| from_text(field, &lookups(unquote(part))));
        values
            .collect::<Result<Vec<_>, _>>()
            .map(|values| Condition::In(target, values))
    };
    let words = row
        .operator
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    Some(match words.as_str() {
        "=" | "eq" | "==" => compare(BinaryOp::Eq),
        "!=" | "<>" | "ne" => compare(BinaryOp::Ne),
        "<" | "lt" => compare(BinaryOp::Lt),
        "<=" | "lte" => compare(BinaryOp::Le),
        ">" | "gt" => compare(BinaryOp::Gt),
        ">=" | "gte" => compare(BinaryOp::Ge),
        "like" => Condition::Like(target, text),
        "not like" => not_if(true, Condition::Like(target, text)),
        "ilike" => Condition::ILike(target, text),
        "not ilike" => not_if(true, Condition::ILike(target, text)),
        "starts with" => Condition::Like(target, format!("{text}%")),
        "ends with" => Condition::Like(target, format!("%{text}")),
        "contains" => Condition::Like(target, format!("%{text}%")),
        "in" => list().unwrap_or_else(|_| nothing()),
        "not in" => list().map_or_else(|_| nothing(), |inside| not_if(true, inside)),
        "is null" => Condition::IsNull(target),
        "is not null" => not_if(true, Condition::IsNull(target)),
        _ => return None,
    })
}

fn unquote(text: &str) -> &str {
    let text = text.trim();
    let inside = |quote: char| text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote));
    inside('\'').or_else(|| inside('"')).unwrap_or(text)
}
