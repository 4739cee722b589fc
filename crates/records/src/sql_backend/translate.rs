//! Plans as SQL trees. Field indexes become columns here and nowhere else.

use crate::Table;
use crate::plan::{Column, Condition, Hop, NestedPlan, NewValue, Operand, PairedPlan, ReadPlan, Target};
use sql::{
    Aggregate, Dialect, Expr, Formula, Nested, NestedList, OrderBy, Paired, Scalar, Select, SelectItem,
};

/// A read that is a statement of its own.
pub(super) fn read(dialect: &dyn Dialect, plan: &ReadPlan) -> Select {
    let items = || items(plan);
    let whole = plan.is_whole().then_some(&plan.table.whole.items);
    let known = whole.and_then(|known| known.get_or_init(|| sql::items(dialect, &items())).clone());
    let known = known.map(|known| SelectItem {
        expr: Expr::Items(known),
        alias: None,
    });
    select_of(plan, known.map_or_else(items, |known| vec![known]))
}

/// A read as a part of another.
fn select(plan: &ReadPlan) -> Select {
    select_of(plan, items(plan))
}

fn items(plan: &ReadPlan) -> Vec<SelectItem> {
    let columns = plan.columns.iter();
    columns.map(|column| item(&plan.table, column)).collect()
}

fn select_of(plan: &ReadPlan, items: Vec<SelectItem>) -> Select {
    let table = &plan.table;
    Select {
        items,
        from: table.native.clone(),
        filter: plan.condition.as_ref().map(|c| filter(table, c)),
        group: plan.group.iter().map(|i| plain_field(table, *i)).collect(),
        having: plan.having.as_ref().map(|c| filter(table, c)),
        order: plan
            .order
            .iter()
            .map(|o| OrderBy {
                expr: plain_field(table, o.field),
                descending: o.descending,
                nulls: o.nulls,
            })
            .collect(),
        limit: plan.limit,
        offset: plan.offset,
    }
}

/// A read through a table between. The columns of that one get names that no table has.
pub(super) fn paired(plan: &PairedPlan) -> Paired {
    let between = &plan.between;
    let column = |field: usize| &between.fields[field].column;
    let alias = |place: usize| format!("dw between {place}");
    let far = plan.on.iter().map(|(_, field)| *field);
    let items = plan.near.iter().copied().chain(far).enumerate();
    let items = items.map(|(place, field)| SelectItem {
        expr: Expr::Column(column(field).name.clone()),
        alias: Some(alias(place)),
    });
    let condition = plan.condition.as_ref().map(|c| filter(between, c));
    let mut select = select(&plan.read);
    let near = plan.near.iter().enumerate().map(|(place, field)| SelectItem {
        expr: Expr::Read {
            column: alias(place),
            native: column(*field).native.clone(),
        },
        alias: None,
    });
    select.items.extend(near);
    let on = plan.on.iter().enumerate().map(|(place, (field, _))| {
        let name = &plan.read.table.fields[*field].column.name;
        (name.clone(), alias(plan.near.len() + place))
    });
    Paired {
        select,
        between: plain(between, items.collect(), condition),
        on: on.collect(),
    }
}

/// A read with what belongs to each row. The fields of the keys come once more, by names of their own.
pub(super) fn nested(plan: &NestedPlan) -> Nested {
    let key = |list: usize, place: usize| format!("dw key {list} {place}");
    let table = &plan.read.table;
    let mut outer = select(&plan.read);
    for (place, item) in outer.items.iter_mut().enumerate() {
        item.alias = Some(format!("dw column {place}"));
    }
    let shown = outer.items.len();
    let mut lists = Vec::with_capacity(plan.lists.len());
    for (place, list) in plan.lists.iter().enumerate() {
        let other = &list.read.table;
        let mut inner = select(&list.read);
        for (item, column) in inner.items.iter_mut().zip(&list.read.columns) {
            item.alias = match column {
                Column::Field(field) => Some(other.fields[*field].name.clone()),
                Column::Aggregate { key, .. } => Some(key.clone()),
            };
        }
        let on = list.on.iter().enumerate();
        let on = on.map(|(at, (_, field))| (other.fields[*field].column.name.clone(), key(place, at)));
        let on = on.collect();
        let keys = list.on.iter().enumerate().map(|(at, (field, _))| SelectItem {
            expr: plain_field(table, *field),
            alias: Some(key(place, at)),
        });
        outer.items.extend(keys);
        lists.push(NestedList { select: inner, on });
    }
    Nested {
        select: outer,
        shown,
        lists,
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
    let extra = &table.fields[field].extra;
    let expr = match &extra.select {
        Some(formula) => Expr::Formula(Box::new(formula.clone())),
        // A virtual field without a function that works has no value.
        None if extra.is_virtual => Expr::Bind(Scalar::Null),
        None => Expr::Read {
            column: column.name.clone(),
            native: column.native.clone(),
        },
    };
    SelectItem { expr, alias: None }
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

/// A field to group or sort by: its column, or what a virtual field computes.
fn plain_field(table: &Table, field: usize) -> Expr {
    let field = &table.fields[field];
    match &field.extra.select {
        Some(formula) if field.extra.is_virtual => Expr::Formula(Box::new(formula.clone())),
        None if field.extra.is_virtual => Expr::Bind(Scalar::Null),
        _ => Expr::Column(field.column.name.clone()),
    }
}

fn target(table: &Table, target: Target) -> Expr {
    let column = |i: usize| match &table.fields[i].extra.filter {
        Some(formula) => Expr::Formula(Box::new(formula.clone())),
        None => plain_field(table, i),
    };
    match target {
        Target::Field(i) => column(i),
        Target::Aggregate(function, field) => Expr::Aggregate(function, field.map(|i| Box::new(column(i)))),
    }
}

/// A value for a field.
fn written(table: &Table, field: usize, value: &Scalar) -> Expr {
    Expr::Written {
        value: value.clone(),
        native: table.fields[field].column.native.clone(),
    }
}

fn operand(table: &Table, left: Target, operand: &Operand) -> Expr {
    match (operand, left) {
        (Operand::Value(value), Target::Field(field)) => written(table, field, value),
        (operand, left) => compared(left, operand),
    }
}

fn compared(left: Target, operand: &Operand) -> Expr {
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

/// What a field of a new row is set to: the value, or what the field's function makes of it.
pub(super) fn inserted(dialect: &dyn Dialect, table: &Table, field: usize, value: &NewValue) -> Expr {
    let function = table.fields[field].extra.insert.as_ref();
    stored(function, value).unwrap_or_else(|| new_value(dialect, table, field, value))
}

/// What a field of a changed row is set to.
pub(super) fn updated(dialect: &dyn Dialect, table: &Table, field: usize, value: &NewValue) -> Expr {
    let function = table.fields[field].extra.update.as_ref();
    stored(function, value).unwrap_or_else(|| new_value(dialect, table, field, value))
}

fn stored(function: Option<&Formula>, value: &NewValue) -> Option<Expr> {
    let filled = function?.filled(value.value()?);
    Some(Expr::Formula(Box::new(filled)))
}

/// What a field is set to.
fn new_value(dialect: &dyn Dialect, table: &Table, field: usize, value: &NewValue) -> Expr {
    let inner = |value: &NewValue| new_value(dialect, table, field, value);
    match value {
        NewValue::Value(Scalar::Float(n))
            if table.fields[field].kind.is_integer() && dialect.keeps_fractions() =>
        {
            Expr::Bind(Scalar::Int(n.trunc() as i64))
        }
        NewValue::Value(value) => written(table, field, value),
        NewValue::Field(i) => Expr::Column(table.fields[*i].column.name.clone()),
        NewValue::Moment(moment) => Expr::Moment(*moment),
        NewValue::Arithmetic(left, op, right) => {
            Expr::Arithmetic(Box::new(inner(left)), *op, Box::new(inner(right)))
        }
        NewValue::Call(function, arguments) => Expr::Call(*function, arguments.iter().map(inner).collect()),
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
            Box::new(operand(table, *left, right)),
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
        Condition::ILike(left, pattern) => Expr::ILike {
            expr: Box::new(text(table, *left)),
            pattern: pattern.clone(),
            negated: false,
        },
        Condition::Related(hop) => Expr::InSelect {
            expr: Box::new(target(table, Target::Field(hop.field))),
            select: Box::new(related(hop)),
        },
        Condition::IsNull(left) => Expr::IsNull {
            expr: Box::new(target(table, *left)),
            negated: false,
        },
        Condition::Between(left, low, high) => Expr::Between {
            expr: Box::new(target(table, *left)),
            low: Box::new(operand(table, *left, low)),
            high: Box::new(operand(table, *left, high)),
            negated: false,
        },
    }
}

/// The keys that rows of the other table refer to. NULLs are left out: one of them would make NOT IN unknown.
fn related(hop: &Hop) -> Select {
    let column = || Expr::Column(hop.table.fields[hop.ref_field].column.name.clone());
    let present = Expr::IsNull {
        expr: Box::new(column()),
        negated: true,
    };
    let wanted = hop.condition.as_ref().map(|c| filter(&hop.table, c));
    let all = std::iter::once(present).chain(wanted).collect();
    let items = vec![SelectItem {
        expr: column(),
        alias: None,
    }];
    plain(&hop.table, items, Some(Expr::And(all)))
}

/// NOT of a condition; the SQL words with NOT inside them are used where they exist.
fn negated(table: &Table, condition: &Condition) -> Expr {
    let mut expr = filter(table, condition);
    match &mut expr {
        Expr::In { negated, .. }
        | Expr::Like { negated, .. }
        | Expr::ILike { negated, .. }
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
