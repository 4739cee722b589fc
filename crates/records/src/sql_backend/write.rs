//! Statements that store and change rows, and the looks at them that the caller's row filter asks for.

use super::Statements;
use super::translate::{count_where, filter, inserted, keys, read_field, updated};
use crate::backend::outside_filter;
use crate::{Condition, InsertPlan, Kind, NewValue, Table, UpdatePlan};
use contract::Problem;
use driver::{Executor, Fault, FaultKind, rows};
use sql::{Expr, Scalar};

/// Most rows that one statement stores.
const ROWS: usize = 1000;
/// About how many bytes of values one statement takes; a single row may be larger. Servers refuse statements beyond
/// a size of their own, which nobody sets below a megabyte.
const BYTES: usize = 512 * 1024;
/// Most changed rows that one statement looks at.
const LOOKS: usize = 500;

impl Statements<'_> {
    pub(super) async fn insert(&self, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem> {
        let table = &plan.table;
        self.fit(table, &plan.values)?;
        let wanted = wanted(plan);
        let tree = sql::Insert {
            table: table.native.clone(),
            values: plan
                .values
                .iter()
                .map(|(i, v)| (column(table, *i), inserted(self.dialect, table, *i, v)))
                .collect(),
            returning: wanted.iter().map(|i| read_field(table, *i)).collect(),
        };
        let statement = sql::insert(self.dialect, &tree);
        let stored = if self.dialect.returning() && !wanted.is_empty() {
            let found = rows(&self.executor, statement).await;
            let found = found.map_err(|f| self.problem(f))?;
            found.into_iter().next().unwrap_or_default()
        } else {
            let written = self.executor.write(statement).await;
            let written = written.map_err(|f| self.problem(f))?;
            wanted.iter().map(|i| known(plan, *i, written.last_id)).collect()
        };
        let mut stored = [stored];
        self.check_stored(std::slice::from_ref(plan), &wanted, &stored)
            .await?;
        let [row] = &mut stored;
        row.truncate(plan.returning.len());
        Ok(std::mem::take(row))
    }

    /// Stores rows with as few statements as the database allows: neighbours with the same columns share one.
    pub(super) async fn insert_many(&self, plans: &[InsertPlan]) -> Result<Vec<Vec<Scalar>>, Problem> {
        let mut stored = Vec::with_capacity(plans.len());
        let mut step = None;
        let mut rest = plans;
        while let Some(first) = rest.first() {
            let (piece, after) = rest.split_at(self.alike(rest));
            if piece.len() == 1 {
                stored.push(self.insert(first).await?);
            } else {
                stored.extend(self.insert_rows(piece, &mut step).await?);
            }
            rest = after;
        }
        Ok(stored)
    }

    /// Refuses decimals with more digits before the point than their column holds.
    fn fit(&self, table: &Table, values: &[(usize, NewValue)]) -> Result<(), Problem> {
        let strict = self.dialect.strict_decimals();
        let decimal = |(field, _): &&(usize, NewValue)| strict && table.fields[*field].kind == Kind::Decimal;
        for (field, value) in values.iter().filter(decimal) {
            let column = &table.fields[*field].column;
            let (Some(precision), Some(Scalar::Decimal(digits))) = (column.precision, value.value()) else {
                continue;
            };
            let whole = digits
                .trim_start_matches(['-', '+', '0'])
                .split('.')
                .next()
                .unwrap_or_default();
            if whole.len() as i64 > precision - column.scale.unwrap_or(0) {
                let fault = Fault::new(FaultKind::Value, "a decimal has more digits than its column");
                return Err(self.problem(fault.with_detail(Some(column.name.clone())).with_state("22003")));
            }
        }
        Ok(())
    }

    /// How many of the first plans can be one statement.
    fn alike(&self, plans: &[InsertPlan]) -> usize {
        let first = &plans[0].values;
        if first.is_empty() {
            return 1;
        }
        let most = (self.dialect.max_values() / first.len()).clamp(1, ROWS);
        let same = |plan: &&InsertPlan| {
            plan.values.len() == first.len() && plan.values.iter().zip(first).all(|((a, _), (b, _))| a == b)
        };
        let mut bytes = 0;
        let fits = |plan: &&InsertPlan| {
            bytes += plan.values.iter().map(|(_, value)| size(value)).sum::<usize>();
            bytes <= BYTES
        };
        plans
            .iter()
            .take(most)
            .take_while(same)
            .take_while(fits)
            .count()
            .max(1)
    }

    async fn insert_rows(
        &self,
        plans: &[InsertPlan],
        step: &mut Option<i64>,
    ) -> Result<Vec<Vec<Scalar>>, Problem> {
        let plan = &plans[0];
        let table = &plan.table;
        plans.iter().try_for_each(|plan| self.fit(table, &plan.values))?;
        let wanted = wanted(plan);
        let row = |plan: &InsertPlan| {
            let values = plan.values.iter();
            values
                .map(|(i, v)| inserted(self.dialect, table, *i, v))
                .collect()
        };
        // The tree holds the values once more and is gone before the statement runs.
        let statement = sql::insert_rows(
            self.dialect,
            &sql::InsertRows {
                table: table.native.clone(),
                columns: plan.values.iter().map(|(i, _)| column(table, *i)).collect(),
                rows: plans.iter().map(row).collect(),
                returning: wanted.iter().map(|i| read_field(table, *i)).collect(),
            },
        );
        let mut stored: Vec<Vec<Scalar>> = if self.dialect.returning() && !wanted.is_empty() {
            // The rows come back in the order of VALUES: both databases that return them store them one by one.
            let found = rows(&self.executor, statement).await;
            found.map_err(|f| self.problem(f))?
        } else {
            let made = wanted.iter().any(|i| is_made(plan, *i));
            let distance = match made {
                true => self.key_step(step).await?,
                false => Some(0),
            };
            let Some(distance) = distance else {
                return self.one_by_one(plans).await;
            };
            let written = self.executor.write(statement).await;
            let written = written.map_err(|f| self.problem(f))?;
            let keys = (0_i64..).map(|n| written.last_id.map(|first| first + n * distance));
            let row = |(plan, key): (&InsertPlan, Option<i64>)| {
                wanted.iter().map(|i| known(plan, *i, key)).collect()
            };
            plans.iter().zip(keys).map(row).collect()
        };
        if stored.len() != plans.len() {
            return Err(Problem::internal(
                "an INSERT told another number of rows than it stored",
            ));
        }
        self.check_stored(plans, &wanted, &stored).await?;
        for row in &mut stored {
            row.truncate(plan.returning.len());
        }
        Ok(stored)
    }

    async fn one_by_one(&self, plans: &[InsertPlan]) -> Result<Vec<Vec<Scalar>>, Problem> {
        let mut stored = Vec::with_capacity(plans.len());
        for plan in plans {
            stored.push(self.insert(plan).await?);
        }
        Ok(stored)
    }

    /// The distance between keys of one statement, asked for once; `None` when it cannot be known.
    async fn key_step(&self, known: &mut Option<i64>) -> Result<Option<i64>, Problem> {
        if known.is_none()
            && let Some(query) = self.dialect.key_step()
        {
            let told = driver::scalar(&self.executor, sql::Statement::fixed(query)).await;
            *known = told.map_err(|f| self.problem(f))?.to_int();
        }
        Ok(*known)
    }

    /// Refuses rows that do not meet the plans' check. `stored` holds the values of `wanted` for each plan.
    async fn check_stored(
        &self,
        plans: &[InsertPlan],
        wanted: &[usize],
        stored: &[Vec<Scalar>],
    ) -> Result<(), Problem> {
        let table = &plans[0].table;
        let Some(check) = &plans[0].check else {
            return Ok(());
        };
        let found_by = |(plan, row): (&InsertPlan, &Vec<Scalar>)| {
            let keys = wanted
                .iter()
                .zip(row)
                .filter(|(i, _)| table.primary_key.contains(i));
            let mut all: Vec<Expr> = keys
                .map(|(i, v)| Expr::eq(column(table, *i), v.clone()))
                .collect();
            if all.is_empty() {
                // Without a key the row is found by what was stored in it.
                let values = plan.values.iter().filter_map(|(i, v)| Some((i, v.value()?)));
                all = values.map(|(i, v)| same(column(table, *i), v)).collect();
            }
            Expr::And(all)
        };
        // Rows without a key can be alike, so that each is looked for alone.
        let piece = if table.primary_key.is_empty() { 1 } else { LOOKS };
        // A list of keys is planned in no time, while each alternative of an OR is a plan of its own.
        let only_key = match table.primary_key.as_slice() {
            [key] => wanted.iter().position(|field| field == key).map(|at| (*key, at)),
            _ => None,
        };
        for (plans, stored) in plans.chunks(piece).zip(stored.chunks(piece)) {
            let rows = match only_key {
                Some((key, at)) => Expr::In {
                    expr: Box::new(Expr::Column(column(table, key))),
                    values: stored.iter().map(|row| row[at].clone()).collect(),
                    negated: false,
                },
                None => Expr::Or(plans.iter().zip(stored).map(found_by).collect()),
            };
            let visible = self.count_meeting(table, rows, check).await?;
            if visible < plans.len() as u64 {
                return Err(outside_filter());
            }
        }
        Ok(())
    }

    async fn count_meeting(&self, table: &Table, rows: Expr, check: &Condition) -> Result<u64, Problem> {
        let all = Expr::And(vec![rows, filter(table, check)]);
        self.count_of(sql::select(self.dialect, &count_where(table, all)))
            .await
    }

    pub(super) async fn update(&self, plan: &UpdatePlan) -> Result<u64, Problem> {
        let table = &plan.table;
        let condition = plan.condition.as_ref().map(|c| filter(table, c));
        // Which rows are about to change, so that exactly these can be checked afterwards.
        let changed = if plan.check.is_some() {
            self.keys(table, condition.clone()).await?
        } else {
            Vec::new()
        };
        let set = plan.values.iter();
        let tree = sql::Update {
            table: table.native.clone(),
            set: set
                .map(|(i, v)| (column(table, *i), updated(self.dialect, table, *i, v)))
                .collect(),
            filter: condition,
        };
        let statement = self.bounded(sql::update(self.dialect, &tree))?;
        let written = self.executor.write(statement).await;
        let written = written.map_err(|f| self.problem(f))?;
        if let Some(check) = &plan.check {
            let visible = self.visible(table, plan, &changed, check).await?;
            if visible < changed.len() as u64 {
                return Err(outside_filter());
            }
        }
        Ok(written.rows)
    }

    async fn keys(&self, table: &Table, condition: Option<Expr>) -> Result<Vec<Vec<Scalar>>, Problem> {
        let statement = sql::select(self.dialect, &keys(table, condition));
        rows(&self.executor, statement).await.map_err(|f| self.problem(f))
    }

    /// How many of the changed rows meet the check now. The new values of key fields count.
    async fn visible(
        &self,
        table: &Table,
        plan: &UpdatePlan,
        changed: &[Vec<Scalar>],
        check: &Condition,
    ) -> Result<u64, Problem> {
        let mut visible = 0;
        for piece in changed.chunks(LOOKS) {
            let one_of = piece.iter().map(|key| {
                let parts = table.primary_key.iter().zip(key).map(|(i, old)| {
                    let new = plan.values.iter().find(|(field, _)| field == i);
                    same(column(table, *i), new.and_then(|(_, v)| v.value()).unwrap_or(old))
                });
                Expr::And(parts.collect())
            });
            visible += self
                .count_meeting(table, Expr::Or(one_of.collect()), check)
                .await?;
        }
        Ok(visible)
    }
}

/// What must come back from an insert: what is asked for, and the key when a check looks the row up by it.
fn wanted(plan: &InsertPlan) -> Vec<usize> {
    let mut wanted = plan.returning.clone();
    if plan.check.is_some() {
        let keys = plan.table.primary_key.iter();
        wanted.extend(keys.filter(|key| !plan.returning.contains(key)));
    }
    wanted
}

fn column(table: &Table, field: usize) -> String {
    table.fields[field].column.name.clone()
}

fn same(column: String, value: &Scalar) -> Expr {
    if value.is_null() {
        Expr::IsNull {
            expr: Box::new(Expr::Column(column)),
            negated: false,
        }
    } else {
        Expr::eq(column, value.clone())
    }
}

fn sent(plan: &InsertPlan, field: usize) -> Option<&Scalar> {
    let sent = plan.values.iter().find(|(i, _)| *i == field)?.1.value()?;
    // For a column that the database numbers, zero asks for a number as NULL does.
    let asks = plan.table.fields[field].column.auto_increment && sent.to_int() == Some(0);
    (!sent.is_null() && !asks).then_some(sent)
}

/// Whether the database makes the value of a field.
fn is_made(plan: &InsertPlan, field: usize) -> bool {
    plan.table.fields[field].column.auto_increment && sent(plan, field).is_none()
}

/// The value of a field after an insert without RETURNING: what was sent, or the key that the database made.
fn known(plan: &InsertPlan, field: usize, last_id: Option<i64>) -> Scalar {
    let made = || last_id.filter(|_| is_made(plan, field)).map(Scalar::Int);
    sent(plan, field).cloned().or_else(made).unwrap_or_default()
}

/// About how many bytes a value takes.
fn size(value: &NewValue) -> usize {
    match value.value() {
        Some(Scalar::Text(text) | Scalar::Decimal(text)) => text.len(),
        Some(Scalar::Bytes(bytes)) => bytes.len(),
        _ => 8,
    }
}
