//! Plans as SQL trees. Field indexes become columns here and nowhere else.

use crate::Table;
use crate::plan::{Column, Condition, Operand, ReadPlan, Target};
use sql::{Aggregate, Expr, OrderBy, Scalar, Select, SelectItem};

/// A read.
pub(super) fn select(plan: &ReadPlan) -> Select {
    let table = &plan.table;
    Select {
        items: plan.columns.iter().map(|column| item(table, column)).collect(),
        from: table.native.clone(),
        filter: plan.condition.as_ref().map(|c| filter(table, c)),
        group: plan
            .group
            .iter()
            .map(|i| target(table, Target::Field(*i)))
            .collect(),
        having: plan.having.as_ref().map(|c| filter(table, c)),
        order: plan
            .order
            .iter()
            .map(|o| OrderBy {
                expr: target(table, Target::Field(o.field)),
                descending: o.descending,
                nulls: o.nulls,
            })
            .collect(),
        limit: plan.limit,
        offset: plan.offset,
    }
}

/// The number of rows that meet a condition.
pub(super) fn count(table: &Table, condition: Option<&Condition>) -> Select {
    count_expr(table, condition.map(|c| filter(table, c)))
}

/// The number of rows that meet an expression.
pub(super) fn count_where(table: &Table, condition: Expr) -> Select {
    count_expr(table, Some(condition))
}

fn count_expr(table: &Table, condition: Option<Expr>) -> Select {
    plain(
        table,
        vec![SelectItem {
            expr: Expr::Aggregate(Aggregate::Count, None),
            alias: None,
        }],
        condition,
    )
}

/// The primary keys of the rows that meet a condition.
pub(super) fn keys(table: &Table, condition: Option<Expr>) -> Select {
    plain(
        table,
        table.primary_key.iter().map(|i| read_field(table, *i)).collect(),
        condition,
    )
}

fn plain(table: &Table, items: Vec<SelectItem>, filter: Option<Expr>) -> Select {
    Select {
        items,
        from: table.native.clone(),
        filter,
        group: Vec::new(),
        having: None,
        order: Vec::new(),
        limit: None,
        offset: 0,
    }
}

/// A field in the select list.
pub(super) fn read_field(table: &Table, field: usize) -> SelectItem {
    let column = &table.fields[field].column;
    SelectItem {
        expr: Expr::Read {
            column: column.name.clone(),
            native: column.native.clone(),
        },
        alias: None,
    }
}

fn item(table: &Table, column: &Column) -> SelectItem {
    match column {
        Column::Field(i) => read_field(table, *i),
        Column::Aggregate { function, field, .. } => SelectItem {
            expr: target(table, Target::Aggregate(*function, *field)),
            alias: None,
        },
    }
}

fn target(table: &Table, target: Target) -> Expr {
    let column = |i: usize| Expr::Column(table.fields[i].column.name.clone());
    match target {
        Target::Field(i) => column(i),
        Target::Aggregate(function, field) => Expr::Aggregate(function, field.map(|i| Box::new(column(i)))),
    }
}

fn operand(left: Target, operand: &Operand) -> Expr {
    match operand {
        Operand::Value(value @ (Scalar::Float(_) | Scalar::Decimal(_)))
            if matches!(left, Target::Aggregate(..)) =>
        {
            Expr::AsNumber(Box::new(Expr::Bind(value.clone())))
        }
        Operand::Value(value) => Expr::Bind(value.clone()),
        Operand::Moment(moment) => Expr::Moment(*moment),
    }
}

/// A condition.
pub(super) fn filter(table: &Table, condition: &Condition) -> Expr {
    let all = |parts: &[Condition]| parts.iter().map(|part| filter(table, part)).collect::<Vec<_>>();
    match condition {
        Condition::And(parts) => Expr::And(all(parts)),
        Condition::Or(parts) => Expr::Or(all(parts)),
        Condition::Xor(left, right) => {
            Expr::Xor(Box::new(filter(table, left)), Box::new(filter(table, right)))
        }
        Condition::Not(inner) => negated(table, inner),
        Condition::Compare(left, op, right) => Expr::Binary(
            Box::new(target(table, *left)),
            *op,
            Box::new(operand(*left, right)),
        ),
        Condition::In(left, values) => Expr::In {
            expr: Box::new(target(table, *left)),
            values: values.clone(),
            negated: false,
        },
        Condition::Like(left, pattern) => Expr::Like {
            expr: Box::new(text(table, *left)),
            pattern: pattern.clone(),
            negated: false,
        },
        Condition::IsNull(left) => Expr::IsNull {
            expr: Box::new(target(table, *left)),
            negated: false,
        },
        Condition::Between(left, low, high) => Expr::Between {
            expr: Box::new(target(table, *left)),
            low: Box::new(operand(*left, low)),
            high: Box::new(operand(*left, high)),
            negated: false,
        },
    }
}

/// NOT of a condition; the SQL words with NOT inside them are used where they exist.
fn negated(table: &Table, condition: &Condition) -> Expr {
    let mut expr = filter(table, condition);
    match &mut expr {
        Expr::In { negated, .. }
        | Expr::Like { negated, .. }
        | Expr::IsNull { negated, .. }
        | Expr::Between { negated, .. } => {
            *negated = !*negated;
            expr
        }
        _ => Expr::Not(Box::new(expr)),
    }
}

/// The left side of LIKE: other types than text are turned into text first.
fn text(table: &Table, left: Target) -> Expr {
    let expr = target(table, left);
    match left {
        Target::Field(i) if table.fields[i].kind.is_text() => expr,
        _ => Expr::AsText(Box::new(expr)),
    }
}
