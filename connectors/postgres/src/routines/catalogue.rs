//! What the system catalogue tells of routines.

use super::CURSOR;
use crate::catalogue::{self, Row, names_of, public_name, shown, table_name};
use crate::config::Schemas;
use crate::dialect::DIALECT;
use driver::{Executor, Fault};
use records::routines::{Invocation, Mode, Parameter, Routine, RoutineKind};
use serde_json::Value;
use sql::{Dialect, Scalar};

/// What lists and descriptions have in common: `$1` is the schema, NULL for all but the system's; `$2` says whether
/// procedures are wanted. Left out is what no client can call: triggers, handlers, and what takes or gives values
/// that only the server's own code knows.
macro_rules! routines {
    ($columns:literal, $join:literal, $condition:literal) => {
        concat!(
            "SELECT n.nspname, p.proname",
            $columns,
            " FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace",
            " JOIN pg_catalog.pg_type r ON r.oid = p.prorettype",
            $join,
            " WHERE p.prokind IN ('f', 'p')",
            " AND (p.prokind = 'p' OR COALESCE(p.proargmodes::pg_catalog.text[] && '{o,b,t}', false))",
            " = $2::pg_catalog.bool",
            " AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'",
            " AND ($1::pg_catalog.text IS NULL OR n.nspname = $1::pg_catalog.text)",
            $condition,
            " AND (r.typtype <> 'p' OR r.typname IN ('void', 'record') OR r.typname LIKE 'any%')",
            " AND NOT 'pg_catalog.internal'::pg_catalog.regtype::pg_catalog.oid = ANY (p.proargtypes)",
            " AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')",
            " AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')",
        )
    };
}

/// Schema and name.
const LIST: &str = routines!("", "", "");

/// A row for each parameter of the routines of the names `$3`; one for a routine without parameters. In the order
/// of [`Found`].
macro_rules! describe {
    ($names:literal) => {
        concat!(
            routines!(
                ", p.oid, p.prokind = 'p', p.provolatile = 'v', pg_catalog.format_type(p.prorettype, NULL), \
                 CASE WHEN r.typtype = 'd' THEN pg_catalog.format_type(r.typbasetype, r.typtypmod) END, \
                 r.typtype NOT IN ('c', 'p'), pg_catalog.obj_description(p.oid, 'pg_proc'), \
                 a.n, p.proargnames[a.n], COALESCE(p.proargmodes[a.n]::pg_catalog.text, 'i'), \
                 pg_catalog.format_type(a.type, NULL), \
                 CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END, \
                 pg_catalog.pg_get_function_arg_default(p.oid, a.n::pg_catalog.int4)",
                " LEFT JOIN LATERAL pg_catalog.unnest(COALESCE(p.proallargtypes, p.proargtypes::pg_catalog.oid[])) \
                  WITH ORDINALITY a(type, n) ON true LEFT JOIN pg_catalog.pg_type t ON t.oid = a.type",
                $names
            ),
            " ORDER BY p.oid, a.n"
        )
    };
}

/// Uses the index on names.
const DESCRIBE: &str = describe!(" AND p.proname = ANY($3::pg_catalog.name[])");

/// Without case. Reads all of `pg_proc`, so it comes second.
const DESCRIBE_ANY_CASE: &str = describe!(
    " AND pg_catalog.lower(p.proname) IN (SELECT pg_catalog.lower(x) FROM pg_catalog.unnest($3::pg_catalog.text[]) x)"
);

/// The names of all routines of a kind that the database user may call.
pub(super) async fn list(
    executor: &dyn Executor,
    schemas: &Schemas,
    kind: RoutineKind,
) -> Result<Vec<String>, Fault> {
    let rows = catalogue::rows(executor, LIST, vec![shown(schemas), wanted(kind)]).await?;
    let name = |mut row: Row| Ok(public_name(schemas, &row.text()?, &row.text()?));
    rows.into_iter().map(name).collect()
}

fn wanted(kind: RoutineKind) -> Scalar {
    Scalar::Bool(kind == RoutineKind::Procedure)
}

/// The routines of a name, exactly first, then without case.
pub(super) async fn describe(
    executor: &dyn Executor,
    schemas: &Schemas,
    kind: RoutineKind,
    public: &str,
) -> Result<Vec<Routine>, Fault> {
    for (text, exact) in [(DESCRIBE, true), (DESCRIBE_ANY_CASE, false)] {
        let values = vec![shown(schemas), wanted(kind), DIALECT.array(&names_of(public))];
        let mut found = Found::default();
        for mut row in catalogue::rows(executor, text, values).await? {
            found.read(schemas, kind, &mut row)?;
        }
        let same = |name: &str| match exact {
            true => name == public,
            false => name.to_lowercase() == public.to_lowercase(),
        };
        found.routines.retain(|routine| same(&routine.public));
        if let Some(first) = found.routines.first() {
            let spelling = first.public.clone();
            found.routines.retain(|routine| routine.public == spelling);
            return Ok(found.routines);
        }
    }
    Ok(Vec::new())
}

/// Routines, row by row.
#[derive(Default)]
struct Found {
    oid: Option<i64>,
    routines: Vec<Routine>,
}

impl Found {
    fn read(&mut self, schemas: &Schemas, kind: RoutineKind, row: &mut Row) -> Result<(), Fault> {
        let (schema, name, oid) = (row.text()?, row.text()?, row.int()?);
        let (is_procedure, volatile) = (row.flag()?, row.flag()?);
        let (returns_native, returns_base, is_single) =
            (row.text_or_empty(), row.optional_text(), row.flag()?);
        let comment = row.optional_text();
        if self.oid.replace(oid) != Some(oid) {
            self.routines.push(Routine {
                kind,
                public: public_name(schemas, &schema, &name),
                native: table_name(&schema, &name),
                parameters: Vec::new(),
                returns: (is_single && returns_native != CURSOR)
                    .then(|| simple(returns_base.as_deref().unwrap_or(&returns_native)).0),
                returns_native: if is_procedure {
                    String::new()
                } else {
                    returns_native
                },
                invocation: if is_procedure {
                    Invocation::Call
                } else {
                    Invocation::Table
                },
                volatile,
                comment,
            });
        }
        let Some(routine) = self.routines.last_mut() else {
            return Ok(());
        };
        if let Some(position) = row.optional_int() {
            routine.parameters.push(parameter(row, position)?);
        }
        // The columns of a bare record are only known to its own code; as a value it has a text form.
        if routine.returns_native == "record" && routine.outputs().next().is_none() {
            routine.invocation = Invocation::Value;
        } else if routine.invocation == Invocation::Value {
            routine.invocation = Invocation::Table;
        }
        Ok(())
    }
}

fn parameter(row: &mut Row, position: i64) -> Result<Parameter, Fault> {
    let (name, mode, native) = (row.text_or_empty(), row.text()?, row.text()?);
    let (base, default) = (row.optional_text(), row.optional_text());
    let (kind, length, scale) = simple(base.as_deref().unwrap_or(&native));
    Ok(Parameter {
        name: if name.is_empty() {
            format!("${position}")
        } else {
            name
        },
        mode: match mode.as_str() {
            "o" | "t" => Mode::Out,
            "b" => Mode::InOut,
            _ => Mode::In,
        },
        kind,
        length,
        precision: length,
        scale,
        optional: default.is_some(),
        default: default.map_or(Value::Null, |text| catalogue::column::value(&text, kind)),
        variadic: mode == "v",
        native,
    })
}

/// Simple type, length and scale of a native type.
fn simple(native: &str) -> (records::Kind, Option<i64>, Option<i64>) {
    let lower = native.to_lowercase();
    let (length, scale) = catalogue::column::modifiers(&lower);
    (catalogue::column::kind(&lower, length), length, scale)
}
