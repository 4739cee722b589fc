//! Keyset paging: the records after one that was seen. Unlike an offset it costs the same on every page, and records
//! that come and go meanwhile move nothing.

use super::Read;
use super::answer::{Meta, list};
use crate::Scalar;
use crate::plan::{Condition, Operand, OrderItem, ReadPlan, Target};
use crate::value::{from_json, from_text};
use contract::{Problem, Response, Value, word};
use sql::BinaryOp;

impl Read<'_> {
    /// Reads the records after the given one. The order is completed by the primary key, so that no two records have
    /// the same place; `meta.after` names the last record of a full page.
    pub(super) async fn keyset(mut self, mut plan: ReadPlan, mut meta: Meta) -> Result<Response, Problem> {
        let table = self.table().clone();
        if !plan.group.is_empty() || plan.offset > 0 {
            return Err(Problem::bad_request(
                "after can not be used together with group or offset.",
            ));
        }
        if table.primary_key.is_empty() {
            return Err(Problem::bad_request(
                "after needs a table with a primary key. Use offset instead.",
            ));
        }
        for key in &table.primary_key {
            if !plan.order.iter().any(|o| o.field == *key) {
                plan.order.push(OrderItem {
                    field: *key,
                    descending: false,
                    nulls: None,
                });
            }
        }
        if let Some(item) = plan
            .order
            .iter()
            .find(|o| table.fields[o.field].column.allow_null && !is_key(&table, o.field))
        {
            return Err(Problem::bad_request(format!(
                "after needs an order by fields that are never NULL, and '{}' can be.",
                table.fields[item.field].name
            )));
        }
        if let Some(place) = self.place(&plan)? {
            plan.condition = Condition::and(plan.condition.take(), Some(beyond(&plan.order, &place)));
        }
        let added: Vec<usize> = plan
            .order
            .iter()
            .map(|o| o.field)
            .filter(|f| self.columns.ensure(*f))
            .collect();
        plan.columns.clone_from(&self.columns.columns);
        let mut rows = self.values(&plan).await?;
        if Some(rows.len() as u64) == plan.limit {
            let name = |o: &OrderItem| table.fields[o.field].name.as_str();
            let last = rows.last();
            meta.after = last.map(|row| {
                plan.order
                    .iter()
                    .map(|o| row.get(name(o)).cloned().unwrap_or_default())
                    .collect()
            });
        }
        for row in &mut rows {
            for field in &added {
                row.shift_remove(&table.fields[*field].name);
            }
        }
        if self.request.flag(&word::INCLUDE_COUNT) {
            let all = self.plan(self.client_filter().await?, None);
            meta.count = Some(self.engine.backend.count(&all).await?);
        }
        let rows = rows.into_iter().map(Value::Object).collect();
        Ok(list(self.request, &self.engine.settings, rows, meta))
    }

    /// The values of the record that was seen, in the order's order; `None` at the beginning.
    fn place(&self, plan: &ReadPlan) -> Result<Option<Vec<Scalar>>, Problem> {
        let text = self.request.text(&word::AFTER).unwrap_or_default();
        if text.trim().is_empty() {
            return Ok(None);
        }
        let sent: Vec<Value> = match serde_json::from_str(&text) {
            Ok(Value::Array(list)) => list,
            _ => text
                .split(',')
                .map(|part| Value::String(part.trim().to_owned()))
                .collect(),
        };
        if sent.len() != plan.order.len() {
            let names: Vec<&str> = plan
                .order
                .iter()
                .map(|o| plan.table.fields[o.field].name.as_str())
                .collect();
            return Err(Problem::bad_request(format!(
                "after must hold the values of {}, in this order.",
                names.join(", ")
            )));
        }
        let values = plan.order.iter().zip(&sent).map(|(item, value)| {
            let field = &plan.table.fields[item.field];
            match value {
                Value::String(text) => from_text(field, text),
                other => from_json(field, other),
            }
        });
        values.collect::<Result<_, _>>().map(Some)
    }
}

fn is_key(table: &crate::Table, field: usize) -> bool {
    table.primary_key.contains(&field)
}

/// That a row comes after a place: greater in the first field, or equal there and greater in the second, and so on.
fn beyond(order: &[OrderItem], place: &[Scalar]) -> Condition {
    let compare = |i: usize, op: BinaryOp| {
        Condition::Compare(
            Target::Field(order[i].field),
            op,
            Operand::Value(place[i].clone()),
        )
    };
    let steps = (0..order.len()).map(|i| {
        let further = if order[i].descending {
            BinaryOp::Lt
        } else {
            BinaryOp::Gt
        };
        let same = (0..i).map(|j| compare(j, BinaryOp::Eq));
        Condition::And(same.chain(std::iter::once(compare(i, further))).collect())
    });
    Condition::Or(steps.collect())
}
