//! The store's few forms of statements, run on the pool or inside a transaction.

use contract::Problem;
use driver::{Executor, Fault, FaultKind, Scalar};
use sql::{
    Aggregate, BinaryOp, Delete, Dialect, Expr, Insert, OrderBy, Select, SelectItem, TableName, Update,
};

/// A row that was read, its cells by column name.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    columns: &'static [&'static str],
    cells: Vec<Scalar>,
}

impl Row {
    /// A cell; NULL when the column was not read.
    pub(crate) fn cell(&self, column: &str) -> &Scalar {
        static NULL: Scalar = Scalar::Null;
        self.columns
            .iter()
            .position(|c| *c == column)
            .and_then(|i| self.cells.get(i))
            .unwrap_or(&NULL)
    }

    pub(crate) fn text(&self, column: &str) -> Option<String> {
        self.cell(column).to_text()
    }

    pub(crate) fn string(&self, column: &str) -> String {
        self.text(column).unwrap_or_default()
    }

    pub(crate) fn int(&self, column: &str) -> Option<i64> {
        self.cell(column).to_int()
    }

    pub(crate) fn flag(&self, column: &str) -> bool {
        self.int(column).is_some_and(|n| n != 0)
    }
}

/// Runs statements somewhere.
#[derive(Clone, Copy)]
pub(crate) struct Statements<'a> {
    pub(crate) executor: &'a dyn Executor,
    pub(crate) dialect: &'static dyn Dialect,
}

impl Statements<'_> {
    /// The rows of a table that meet a condition, in id order where the table has an id.
    pub(crate) async fn find(
        &self,
        table: &str,
        columns: &'static [&'static str],
        filter: Option<Expr>,
    ) -> Result<Vec<Row>, Problem> {
        let id = OrderBy {
            expr: Expr::column("id"),
            descending: false,
            nulls: None,
        };
        let select = Select {
            items: columns
                .iter()
                .map(|c| SelectItem {
                    expr: Expr::column(*c),
                    alias: None,
                })
                .collect(),
            from: TableName::plain(table),
            filter,
            group: Vec::new(),
            having: None,
            order: if columns.contains(&"id") {
                vec![id]
            } else {
                Vec::new()
            },
            limit: None,
            offset: 0,
        };
        let rows = driver::rows(self.executor, sql::select(self.dialect, &select))
            .await
            .map_err(problem)?;
        Ok(rows.into_iter().map(|cells| Row { columns, cells }).collect())
    }

    /// The first such row.
    pub(crate) async fn first(
        &self,
        table: &str,
        columns: &'static [&'static str],
        filter: Expr,
    ) -> Result<Option<Row>, Problem> {
        Ok(self.find(table, columns, Some(filter)).await?.into_iter().next())
    }

    /// An aggregate over the rows that meet a condition.
    pub(crate) async fn aggregate(
        &self,
        table: &str,
        function: Aggregate,
        column: Option<&str>,
        filter: Option<Expr>,
    ) -> Result<Scalar, Problem> {
        let expr = Expr::Aggregate(function, column.map(|c| Box::new(Expr::column(c))));
        let select = Select {
            items: vec![SelectItem { expr, alias: None }],
            from: TableName::plain(table),
            filter,
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
        };
        driver::scalar(self.executor, sql::select(self.dialect, &select))
            .await
            .map_err(problem)
    }

    pub(crate) async fn count(&self, table: &str, filter: Option<Expr>) -> Result<i64, Problem> {
        Ok(self
            .aggregate(table, Aggregate::Count, None, filter)
            .await?
            .to_int()
            .unwrap_or(0))
    }

    /// Inserts a row without asking for its key.
    pub(crate) async fn put(&self, table: &str, values: Vec<(&str, Scalar)>) -> Result<(), Problem> {
        let insert = insertion(table, values, false);
        self.executor
            .write(sql::insert(self.dialect, &insert))
            .await
            .map_err(problem)?;
        Ok(())
    }

    /// Inserts a row and gives the key that the database made.
    pub(crate) async fn insert(&self, table: &str, values: Vec<(&str, Scalar)>) -> Result<i64, Problem> {
        let statement = sql::insert(self.dialect, &insertion(table, values, true));
        let made = if self.dialect.returning() {
            driver::scalar(self.executor, statement)
                .await
                .map_err(problem)?
                .to_int()
        } else {
            self.executor.write(statement).await.map_err(problem)?.last_id
        };
        made.ok_or_else(|| Problem::internal(format!("the database told no key for a new row of {table}")))
    }

    /// Changes the rows that meet a condition; gives how many were found.
    pub(crate) async fn update(
        &self,
        table: &str,
        set: Vec<(&str, Expr)>,
        filter: Expr,
    ) -> Result<u64, Problem> {
        let set = set.into_iter().map(|(c, v)| (c.to_owned(), v)).collect();
        let update = Update {
            table: TableName::plain(table),
            set,
            filter: Some(filter),
        };
        Ok(self
            .executor
            .write(sql::update(self.dialect, &update))
            .await
            .map_err(problem)?
            .rows)
    }

    /// Deletes the rows that meet a condition; gives how many there were.
    pub(crate) async fn delete(&self, table: &str, filter: Expr) -> Result<u64, Problem> {
        let delete = Delete {
            table: TableName::plain(table),
            filter: Some(filter),
        };
        Ok(self
            .executor
            .write(sql::delete(self.dialect, &delete))
            .await
            .map_err(problem)?
            .rows)
    }
}

fn insertion(table: &str, values: Vec<(&str, Scalar)>, key: bool) -> Insert {
    Insert {
        table: TableName::plain(table),
        values: values
            .into_iter()
            .map(|(c, v)| (c.to_owned(), Expr::Bind(v)))
            .collect(),
        returning: if key {
            vec![SelectItem {
                expr: Expr::column("id"),
                alias: None,
            }]
        } else {
            Vec::new()
        },
    }
}

/// `column IS NULL`.
pub(crate) fn is_null(column: &str) -> Expr {
    Expr::IsNull {
        expr: Box::new(Expr::column(column)),
        negated: false,
    }
}

/// `column = value`, or `column IS NULL`.
pub(crate) fn same(column: &str, value: Option<i64>) -> Expr {
    value.map_or_else(|| is_null(column), |v| Expr::eq(column, v))
}

/// A column compared with a number.
pub(crate) fn compared(column: &str, op: BinaryOp, number: i64) -> Expr {
    Expr::Binary(
        Box::new(Expr::column(column)),
        op,
        Box::new(Expr::Bind(Scalar::Int(number))),
    )
}

/// A fault of the system database as the caller is told it. What a caller can cause is refused before a statement
/// runs, so all that is left is a database that is away, or a fault of ours.
pub(crate) fn problem(fault: Fault) -> Problem {
    match fault.kind {
        FaultKind::Down | FaultKind::Busy | FaultKind::Timeout | FaultKind::Conflict => {
            Problem::unavailable("The system database is not available right now.").with_source(fault)
        }
        FaultKind::Duplicate => {
            Problem::bad_request("Invalid data supplied. A record with these values exists already.")
                .with_source(fault)
        }
        FaultKind::Storage => {
            Problem::unavailable("The system database cannot be written to right now.").with_source(fault)
        }
        _ => Problem::internal(fault),
    }
}
