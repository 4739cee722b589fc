//! The tree as text with bound values.

mod nested;

pub use nested::nested;

use crate::{
    Aggregate, ArithmeticOp, BinaryOp, ConstExpr, Delete, Dialect, Expr, Function, InSet, Insert, InsertRows,
    Items, Nulls, NullsOrder, OrderBy, Paired, Placeholders, Scalar, Select, SelectItem, TableName, Update,
};

/// Text with placeholders, and the values for them in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Text.
    pub text: String,
    /// Values.
    pub values: Vec<Scalar>,
}

impl Statement {
    /// A statement of our own without values.
    pub fn fixed(text: impl Into<String>) -> Statement {
        Statement {
            text: text.into(),
            values: Vec::new(),
        }
    }
}

/// Renders a SELECT.
pub fn select(dialect: &dyn Dialect, select: &Select) -> Statement {
    let mut out = Writer::new(dialect);
    out.select(select);
    out.done()
}

/// Renders items of a SELECT, for statements of this dialect alone. `None` where they bind values, which a text cannot
/// keep.
pub fn items(dialect: &dyn Dialect, items: &[SelectItem]) -> Option<Items> {
    let mut out = Writer::new(dialect);
    out.items(items);
    out.values.is_empty().then(|| Items(out.text.into()))
}

/// Renders a SELECT through a table between.
pub fn paired(dialect: &dyn Dialect, paired: &Paired) -> Statement {
    let mut out = Writer::new(dialect);
    out.from(&paired.select);
    out.text.push_str(" JOIN (");
    out.select(&paired.between);
    out.text.push_str(") AS ");
    out.quoted(BETWEEN);
    out.text.push_str(" ON ");
    for (i, (column, alias)) in paired.on.iter().enumerate() {
        if i > 0 {
            out.text.push_str(" AND ");
        }
        out.quoted(column);
        out.text.push_str(" = ");
        out.quoted(alias);
    }
    out.after_from(&paired.select);
    out.done()
}

/// Name of the rows between in a SELECT through them.
const BETWEEN: &str = "dw between";

/// Renders an INSERT. RETURNING is left out where the dialect has none.
pub fn insert(dialect: &dyn Dialect, insert: &Insert) -> Statement {
    let mut out = Writer::new(dialect);
    out.text.push_str("INSERT INTO ");
    out.table(&insert.table);
    if insert.values.is_empty() {
        out.text.push(' ');
        out.text.push_str(dialect.default_row());
    } else {
        out.text.push_str(" (");
        out.list(&insert.values, |out, (column, _)| out.quoted(column));
        out.text.push_str(") VALUES (");
        out.list(&insert.values, |out, (_, value)| out.expr(value));
        out.text.push(')');
    }
    out.returning(&insert.returning);
    out.done()
}

/// Renders an INSERT of several rows. RETURNING is left out where the dialect has none.
pub fn insert_rows(dialect: &dyn Dialect, insert: &InsertRows) -> Statement {
    let mut out = Writer::new(dialect);
    out.text.push_str("INSERT INTO ");
    out.table(&insert.table);
    out.text.push_str(" (");
    out.list(&insert.columns, |out, column| out.quoted(column));
    out.text.push_str(") VALUES ");
    out.list(&insert.rows, |out, row| {
        out.text.push('(');
        out.list(row, |out, value| out.expr(value));
        out.text.push(')');
    });
    out.returning(&insert.returning);
    out.done()
}

/// Renders an UPDATE.
pub fn update(dialect: &dyn Dialect, update: &Update) -> Statement {
    let mut out = Writer::new(dialect);
    out.text.push_str("UPDATE ");
    out.table(&update.table);
    out.text.push_str(" SET ");
    out.list(&update.set, |out, (column, value)| {
        out.quoted(column);
        out.text.push_str(" = ");
        out.expr(value);
    });
    out.filter(" WHERE ", update.filter.as_ref());
    out.done()
}

/// Renders a DELETE.
pub fn delete(dialect: &dyn Dialect, delete: &Delete) -> Statement {
    let mut out = Writer::new(dialect);
    out.text.push_str("DELETE FROM ");
    out.table(&delete.table);
    out.filter(" WHERE ", delete.filter.as_ref());
    out.done()
}

struct Writer<'d> {
    dialect: &'d dyn Dialect,
    text: String,
    values: Vec<Scalar>,
}

impl<'d> Writer<'d> {
    fn new(dialect: &'d dyn Dialect) -> Writer<'d> {
        Writer {
            dialect,
            text: String::with_capacity(256),
            values: Vec::new(),
        }
    }

    fn select(&mut self, select: &Select) {
        self.from(select);
        self.after_from(select);
    }

    fn from(&mut self, select: &Select) {
        self.text.push_str("SELECT ");
        self.items(&select.items);
        self.text.push_str(" FROM ");
        self.table(&select.from);
    }

    fn after_from(&mut self, select: &Select) {
        self.filter(" WHERE ", select.filter.as_ref());
        if !select.group.is_empty() {
            self.text.push_str(" GROUP BY ");
            self.list(&select.group, |out, expr| out.expr(expr));
        }
        self.filter(" HAVING ", select.having.as_ref());
        self.order_by(&select.order);
        self.limit(select.limit, select.offset);
    }

    fn order_by(&mut self, order: &[OrderBy]) {
        if !order.is_empty() {
            self.text.push_str(" ORDER BY ");
            self.list(order, Writer::order);
        }
    }

    fn qualified(&mut self, table: &str, column: &str) {
        self.quoted(table);
        self.text.push('.');
        self.quoted(column);
    }

    fn done(self) -> Statement {
        Statement {
            text: self.text,
            values: self.values,
        }
    }

    fn quoted(&mut self, identifier: &str) {
        self.dialect.quote(identifier, &mut self.text);
    }

    fn table(&mut self, table: &TableName) {
        if let Some(schema) = &table.schema {
            self.quoted(schema);
            self.text.push('.');
        }
        self.quoted(&table.name);
    }

    fn bind(&mut self, value: Scalar) {
        self.values.push(value);
        match self.dialect.placeholders() {
            Placeholders::Question => self.text.push('?'),
            Placeholders::Dollar => {
                self.text.push('$');
                self.text.push_str(&self.values.len().to_string());
            }
        }
    }

    fn list<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            one(self, item);
        }
    }

    fn items(&mut self, items: &[SelectItem]) {
        self.list(items, |out, item| {
            out.expr(&item.expr);
            if let Some(alias) = &item.alias {
                out.text.push_str(" AS ");
                out.quoted(alias);
            }
        });
    }

    fn returning(&mut self, items: &[SelectItem]) {
        if self.dialect.returning() && !items.is_empty() {
            self.text.push_str(" RETURNING ");
            self.items(items);
        }
    }

    fn filter(&mut self, word: &str, filter: Option<&Expr>) {
        if let Some(filter) = filter {
            self.text.push_str(word);
            self.expr(filter);
        }
    }

    fn order(&mut self, order: &OrderBy) {
        if let (Some(nulls), Nulls::IsNullFirst) = (order.nulls, self.dialect.nulls()) {
            self.expr(&order.expr);
            self.text.push_str(match nulls {
                NullsOrder::First => " IS NULL DESC, ",
                NullsOrder::Last => " IS NULL, ",
            });
        }
        self.expr(&order.expr);
        if order.descending {
            self.text.push_str(" DESC");
        }
        if let (Some(nulls), Nulls::Keyword) = (order.nulls, self.dialect.nulls()) {
            self.text.push_str(match nulls {
                NullsOrder::First => " NULLS FIRST",
                NullsOrder::Last => " NULLS LAST",
            });
        }
    }

    fn limit(&mut self, limit: Option<u64>, offset: u64) {
        let bound = |n: u64| Scalar::Int(i64::try_from(n).unwrap_or(i64::MAX));
        match (limit, self.dialect.no_limit()) {
            (Some(limit), _) => {
                self.text.push_str(" LIMIT ");
                self.bind(bound(limit));
            }
            (None, Some(all)) if offset > 0 => {
                self.text.push_str(" LIMIT ");
                self.text.push_str(all);
            }
            _ => {}
        }
        if offset > 0 {
            self.text.push_str(" OFFSET ");
            self.bind(bound(offset));
        }
    }

    fn wrapped(&mut self, (before, after): (&str, &str), expr: impl FnOnce(&mut Self)) {
        self.text.push_str(before);
        expr(self);
        self.text.push_str(after);
    }

    fn joined(&mut self, parts: &[Expr], word: &str, none: ConstExpr) {
        match parts {
            [] => self.constant(none),
            [one] => self.expr(one),
            many => self.wrapped(("(", ")"), |out| {
                for (i, part) in many.iter().enumerate() {
                    if i > 0 {
                        out.text.push_str(word);
                    }
                    out.expr(part);
                }
            }),
        }
    }

    fn constant(&mut self, constant: ConstExpr) {
        self.text.push_str(match constant {
            ConstExpr::True => "1 = 1",
            ConstExpr::False => "1 = 0",
        });
    }

    fn negation(&mut self, negated: bool) {
        if negated {
            self.text.push_str(" NOT");
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(name) => self.quoted(name),
            Expr::Read { column, native } => match self.dialect.read_as(native) {
                Some(around) => self.wrapped(around, |out| out.quoted(column)),
                None => self.quoted(column),
            },
            Expr::Items(items) => self.text.push_str(&items.0),
            Expr::AsNumber(inner) => self.wrapped(self.dialect.as_number(), |out| out.expr(inner)),
            Expr::AsText(inner) => self.wrapped(self.dialect.as_text(), |out| out.expr(inner)),
            Expr::Bind(value) => self.bind(value.clone()),
            Expr::Written { value, native } => match self.dialect.write_as(native) {
                Some(around) => self.wrapped(around, |out| out.bind(value.clone())),
                None => self.bind(value.clone()),
            },
            Expr::Binary(left, op, right) => {
                self.expr(left);
                self.text.push_str(match op {
                    BinaryOp::Eq => " = ",
                    BinaryOp::Ne => " <> ",
                    BinaryOp::Lt => " < ",
                    BinaryOp::Le => " <= ",
                    BinaryOp::Gt => " > ",
                    BinaryOp::Ge => " >= ",
                });
                self.expr(right);
            }
            Expr::And(parts) => self.joined(parts, " AND ", ConstExpr::True),
            Expr::Or(parts) => self.joined(parts, " OR ", ConstExpr::False),
            Expr::Xor(left, right) => {
                let word = if self.dialect.xor() { ") XOR (" } else { ") <> (" };
                self.wrapped(("((", "))"), |out| {
                    out.expr(left);
                    out.text.push_str(word);
                    out.expr(right);
                });
            }
            Expr::Not(inner) => self.wrapped(("NOT (", ")"), |out| out.expr(inner)),
            Expr::In {
                expr,
                values,
                negated,
            } => self.membership(expr, values, *negated),
            Expr::Like {
                expr,
                pattern,
                negated,
            } => {
                self.expr(expr);
                self.negation(*negated);
                self.text.push_str(" LIKE ");
                self.bind(Scalar::Text(pattern.clone()));
                self.text.push_str(self.dialect.like_escape());
            }
            Expr::ILike {
                expr,
                pattern,
                negated,
            } => {
                self.wrapped(("LOWER(", ")"), |out| out.expr(expr));
                self.negation(*negated);
                self.text.push_str(" LIKE LOWER(");
                self.bind(Scalar::Text(pattern.clone()));
                self.text.push(')');
                self.text.push_str(self.dialect.like_escape());
            }
            Expr::InSelect { expr, select } => {
                self.expr(expr);
                self.text.push_str(" IN (");
                self.select(select);
                self.text.push(')');
            }
            Expr::IsNull { expr, negated } => {
                self.expr(expr);
                self.text.push_str(" IS");
                self.negation(*negated);
                self.text.push_str(" NULL");
            }
            Expr::Between {
                expr,
                low,
                high,
                negated,
            } => {
                self.expr(expr);
                self.negation(*negated);
                self.text.push_str(" BETWEEN ");
                self.expr(low);
                self.text.push_str(" AND ");
                self.expr(high);
            }
            Expr::Aggregate(function, argument) => {
                self.text.push_str(match function {
                    Aggregate::Count => "COUNT(",
                    Aggregate::Sum => "SUM(",
                    Aggregate::Avg => "AVG(",
                    Aggregate::Min => "MIN(",
                    Aggregate::Max => "MAX(",
                });
                match argument {
                    Some(argument) => self.expr(argument),
                    None => self.text.push('*'),
                }
                self.text.push(')');
            }
            Expr::Moment(moment) => self.text.push_str(&self.dialect.moment(*moment)),
            Expr::Arithmetic(left, op, right) => self.wrapped(("(", ")"), |out| {
                out.expr(left);
                out.text.push_str(match op {
                    ArithmeticOp::Add => " + ",
                    ArithmeticOp::Subtract => " - ",
                    ArithmeticOp::Multiply => " * ",
                    ArithmeticOp::Divide => " / ",
                });
                out.expr(right);
            }),
            Expr::Call(function, arguments) => {
                self.text.push_str(match function {
                    Function::Upper => "UPPER(",
                    Function::Lower => "LOWER(",
                    Function::Trim => "TRIM(",
                    Function::Coalesce => "COALESCE(",
                    Function::NullIf => "NULLIF(",
                    Function::Abs => "ABS(",
                    Function::Round => "ROUND(",
                });
                self.list(arguments, |out, argument| out.expr(argument));
                self.text.push(')');
            }
            Expr::Formula(formula) => formula.write(self),
            Expr::Const(constant) => self.constant(*constant),
        }
    }

    fn membership(&mut self, expr: &Expr, values: &[Scalar], negated: bool) {
        let Some(last) = values.last() else {
            return self.constant(if negated {
                ConstExpr::True
            } else {
                ConstExpr::False
            });
        };
        match self.dialect.in_set() {
            InSet::AnyArray => {
                self.expr(expr);
                self.text.push_str(if negated { " <> ALL(" } else { " = ANY(" });
                self.bind(self.dialect.array(values));
                self.text.push(')');
            }
            InSet::List => {
                self.expr(expr);
                self.negation(negated);
                self.text.push_str(" IN (");
                // Long lists are rare enough to be statements of their own, and padding could pass the limit.
                let padded = if values.len() <= 1024 {
                    values.len().next_power_of_two()
                } else {
                    values.len()
                };
                for i in 0..padded {
                    if i > 0 {
                        self.text.push_str(", ");
                    }
                    self.bind(values.get(i).unwrap_or(last).clone());
                }
                self.text.push(')');
            }
        }
    }
}

impl crate::formula::FormulaWriter for Writer<'_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn column(&mut self, name: &str) {
        self.quoted(name);
    }

    fn bound(&mut self, value: &Scalar) {
        self.bind(value.clone());
    }

    fn literal(&mut self, value: &Scalar) {
        crate::ddl::literal(self.dialect, value, &mut self.text);
    }
}
