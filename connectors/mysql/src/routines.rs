//! Stored procedures and functions.
//!
//! A procedure's OUT parameters are variables of the session: set before the call, read after it. The connection is
//! reset before somebody else uses it, since a procedure may leave a transaction, a lock or a setting behind.

use crate::cells::Reader;
use crate::columns;
use crate::config::Schemas;
use crate::dialect::MySql;
use crate::pool::{Lease, Purpose, State};
use crate::schema::{OWN, statement, text};
use crate::source::Source;
use crate::statement::params;
use async_trait::async_trait;
use driver::{Fault, Flow, Scalar, Sink, Statement, rows};
use mysql_async::Error;
use mysql_async::prelude::Queryable;
use records::SqlSource;
use records::routines::{
    Call, DataSet, Gather, Given, Invocation, Mode, Outcome, Parameter, Routine, RoutineKind, Routines,
};
use sql::{Dialect, TableName};

/// The column under which a function's value comes.
const VALUE: &str = "output";

#[async_trait]
impl Routines for Source {
    async fn list(&self, kind: RoutineKind) -> Result<Vec<String>, Fault> {
        let server = self.server().await?;
        let select =
            "SELECT ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = ?";
        let statement = match self.config().schemas {
            Schemas::All => statement(format!("{select} AND ROUTINE_SCHEMA NOT IN {OWN}"), &[word(kind)]),
            _ => statement(
                format!("{select} AND ROUTINE_SCHEMA = ?"),
                &[word(kind), self.home(server)],
            ),
        };
        let found = rows(self, statement).await?;
        Ok(found
            .iter()
            .map(|row| self.public(server, &(text(row, 0), text(row, 1))))
            .collect())
    }

    async fn describe(&self, kind: RoutineKind, public: &str) -> Result<Vec<Routine>, Fault> {
        let server = self.server().await?;
        for (schema, name) in self.places(server, public) {
            // Names of routines compare without case, so there is one of them at most.
            let one = "SELECT ROUTINE_SCHEMA, ROUTINE_NAME, DATA_TYPE, DTD_IDENTIFIER, ROUTINE_COMMENT \
                       FROM information_schema.ROUTINES \
                       WHERE ROUTINE_TYPE = ? AND ROUTINE_SCHEMA = ? AND ROUTINE_NAME = ?";
            let found = rows(self, statement(one, &[word(kind), &schema, &name])).await?;
            let Some(row) = found.first() else { continue };
            let place = (text(row, 0), text(row, 1));
            let parameters = "SELECT PARAMETER_NAME, PARAMETER_MODE, DATA_TYPE, DTD_IDENTIFIER, \
                              CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE \
                              FROM information_schema.PARAMETERS WHERE ROUTINE_TYPE = ? AND SPECIFIC_SCHEMA = ? \
                              AND SPECIFIC_NAME = ? AND ORDINAL_POSITION > 0 ORDER BY ORDINAL_POSITION";
            let parameters = rows(self, statement(parameters, &[word(kind), &place.0, &place.1])).await?;
            let native = text(row, 2);
            return Ok(vec![Routine {
                kind,
                public: self.public(server, &place),
                native: TableName {
                    schema: Some(place.0),
                    name: place.1,
                },
                parameters: parameters.iter().map(|row| parameter(row)).collect(),
                returns: (!native.is_empty()).then(|| columns::kind(&native.to_lowercase(), &text(row, 3))),
                returns_native: native,
                invocation: match kind {
                    RoutineKind::Procedure => Invocation::Call,
                    RoutineKind::Function => Invocation::Value,
                },
                volatile: kind == RoutineKind::Procedure,
                comment: Some(text(row, 4)).filter(|comment| !comment.is_empty()),
            }]);
        }
        Ok(Vec::new())
    }

    async fn call(&self, call: &Call<'_>) -> Result<Outcome, Fault> {
        let mut lease = self.pool().acquire(Purpose::Write).await?;
        let mut gather = Gather::new(call.max_rows);
        let plan = Plan::new(call);
        lease.spent = call.routine.volatile;
        if let Some(statement) = plan.before {
            lease.write(statement).await?;
        }
        lease.gather(&plan.call, &mut gather).await?;
        let mut outcome = gather.outcome();
        if let Some(statement) = plan.after.filter(|_| !outcome.truncated) {
            let mut values = Gather::new(1);
            lease.gather(&statement, &mut values).await?;
            outcome.out = values.take().into_iter().flat_map(of_row).collect();
        }
        Ok(outcome)
    }

    fn product(&self) -> &'static str {
        SqlSource::product(self)
    }
}

const fn word(kind: RoutineKind) -> &'static str {
    match kind {
        RoutineKind::Procedure => "PROCEDURE",
        RoutineKind::Function => "FUNCTION",
    }
}

fn parameter(row: &[Scalar]) -> Parameter {
    let number = |index: usize| row.get(index).and_then(Scalar::to_int);
    let native = text(row, 2);
    let (length, precision, scale) = (number(4), number(5), number(6));
    Parameter {
        name: text(row, 0),
        mode: match text(row, 1).as_str() {
            "OUT" => Mode::Out,
            "INOUT" => Mode::InOut,
            _ => Mode::In,
        },
        kind: columns::kind(&native.to_lowercase(), &text(row, 3)),
        native,
        length: length.or(precision),
        precision,
        scale,
        default: serde_json::Value::Null,
        optional: false,
        variadic: false,
    }
}

fn of_row(set: DataSet) -> impl Iterator<Item = Given> {
    set.rows.into_iter().flatten().map(Given::Value)
}

/// The statements of a call.
struct Plan {
    before: Option<Statement>,
    call: Statement,
    after: Option<Statement>,
}

impl Plan {
    fn new(call: &Call<'_>) -> Plan {
        let routine = call.routine;
        let mut name = String::new();
        if let Some(schema) = &routine.native.schema {
            MySql.quote(schema, &mut name);
            name.push('.');
        }
        MySql.quote(&routine.native.name, &mut name);
        let (mut arguments, mut values) = (Vec::new(), Vec::new());
        let (mut variables, mut presets) = (Vec::new(), Vec::new());
        for (i, (parameter, value)) in routine.parameters.iter().zip(&call.arguments).enumerate() {
            let value = value.clone().unwrap_or_default();
            if parameter.mode == Mode::In {
                arguments.push("?".to_owned());
                values.push(value);
            } else {
                // Set also for OUT: what an earlier call left must not be seen.
                variables.push(format!("@dreamwright_{i}"));
                arguments.push(format!("@dreamwright_{i}"));
                presets.push(value);
            }
        }
        let arguments = arguments.join(", ");
        let text = match routine.invocation {
            Invocation::Call => format!("CALL {name}({arguments})"),
            Invocation::Table | Invocation::Value => format!("SELECT {name}({arguments}) AS `{VALUE}`"),
        };
        let any = !variables.is_empty();
        Plan {
            before: any.then(|| Statement {
                text: format!("SET {} = ?", variables.join(" = ?, ")),
                values: presets,
            }),
            call: Statement { text, values },
            after: any.then(|| Statement::fixed(format!("SELECT {}", variables.join(", ")))),
        }
    }
}

impl Lease {
    /// Runs a statement that gives any number of data sets.
    async fn gather(&mut self, statement: &Statement, gather: &mut Gather) -> Result<(), Fault> {
        self.fits(statement)?;
        self.state = State::Running;
        match self.sets(statement, gather).await {
            // More rows than wanted are on their way; giving the connection up ends them.
            Ok(()) if gather.is_truncated() => Ok(()),
            result => self.settle(result),
        }
    }

    async fn sets(&mut self, statement: &Statement, gather: &mut Gather) -> Result<(), Error> {
        let values = params(statement.values.clone());
        let mut result = self.conn().exec_iter(statement.text.as_str(), values).await?;
        while !result.is_empty() {
            let columns = result.columns_ref();
            let mut reader = Reader::new(columns);
            // A statement of the routine that gives no rows ends with a set without columns.
            if !columns.is_empty() {
                gather.begin(columns.iter().map(|c| c.name_str().into_owned()).collect());
            }
            while let Some(row) = result.next().await? {
                reader.push(&row, gather);
                if gather.end_row() == Flow::Stop {
                    return Ok(());
                }
            }
        }
        result.drop_result().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use records::Kind;

    #[test]
    fn names_are_quoted_and_values_bound() {
        let parameter = |name: &str, mode| Parameter {
            name: name.into(),
            mode,
            kind: Kind::String,
            native: "varchar".into(),
            length: None,
            precision: None,
            scale: None,
            default: serde_json::Value::Null,
            optional: false,
            variadic: false,
        };
        let mut routine = Routine {
            kind: RoutineKind::Procedure,
            native: TableName {
                schema: Some("d`b".into()),
                name: "p`; DROP TABLE x; --".into(),
            },
            public: "p".into(),
            parameters: vec![
                parameter("a", Mode::In),
                parameter("b'", Mode::InOut),
                parameter("c", Mode::Out),
            ],
            returns: None,
            returns_native: String::new(),
            invocation: Invocation::Call,
            volatile: true,
            comment: None,
        };
        let arguments = vec![Some("x'".into()), Some(Scalar::Int(1)), None];
        let plan = Plan::new(&Call {
            routine: &routine,
            arguments,
            max_rows: 1,
        });
        assert_eq!(
            plan.call.text,
            "CALL `d``b`.`p``; DROP TABLE x; --`(?, @dreamwright_1, @dreamwright_2)"
        );
        assert_eq!(plan.call.values, ["x'".into()]);
        let before = plan.before.unwrap();
        assert_eq!(before.text, "SET @dreamwright_1 = ?, @dreamwright_2 = ?");
        assert_eq!(before.values, [Scalar::Int(1), Scalar::Null]);
        assert_eq!(plan.after.unwrap().text, "SELECT @dreamwright_1, @dreamwright_2");
        routine.parameters.truncate(1);
        routine.invocation = Invocation::Value;
        let plan = Plan::new(&Call {
            routine: &routine,
            arguments: vec![Some(Scalar::Null)],
            max_rows: 1,
        });
        assert!(plan.before.is_none() && plan.after.is_none());
        assert!(plan.call.text.starts_with("SELECT `d``b`.") && plan.call.text.ends_with("(?) AS `output`"));
    }
}
