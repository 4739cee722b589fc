//! The statements that run a routine. Values are bound, names quoted; types are the catalogue's own text.

use super::CURSOR;
use crate::dialect::DIALECT;
use records::routines::{Call, Invocation, Mode, Parameter};
use serde_json::Value;
use sql::{Dialect, Scalar, Statement};

/// Calls the routine with bound values.
pub(super) fn of(call: &Call<'_>) -> Statement {
    let mut values = Vec::new();
    let text = text(call, |value| {
        values.push(value);
        format!("${}", values.len())
    });
    Statement { text, values }
}

/// Calls the routine with the values of [`settings`].
pub(super) fn of_settings(call: &Call<'_>) -> String {
    let mut count = 0;
    text(call, |value| {
        if value.is_null() {
            return "NULL".to_owned();
        }
        count += 1;
        format!("pg_catalog.current_setting('{}')", setting(count))
    })
}

/// The arguments that are not NULL as settings of the session, for a statement that can have no parameters.
pub(super) fn settings(call: &Call<'_>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    text(call, |value| {
        if let Some(text) = plain(&value) {
            all.push((setting(all.len() + 1), text));
        }
        String::new()
    });
    all
}

fn setting(number: usize) -> String {
    format!("dreamwright.argument_{number}")
}

/// A value as the server reads it from text; `None` for NULL.
fn plain(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Bytes(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            Some(format!("\\x{}", digits.collect::<String>()))
        }
        other => other.to_text(),
    }
}

/// Reads rows of a cursor.
pub(super) fn fetch(cursor: &str, rows: usize) -> String {
    // The server counts with 32 bits.
    let rows = rows.min(i32::MAX as usize);
    let mut text = format!("FETCH FORWARD {rows} FROM ");
    DIALECT.quote(cursor, &mut text);
    text
}

/// The statement, its values written by `place`, which is called for each value in order.
fn text(call: &Call<'_>, mut place: impl FnMut(Scalar) -> String) -> String {
    let routine = call.routine;
    let mut name = String::new();
    if let Some(schema) = &routine.native.schema {
        DIALECT.quote(schema, &mut name);
        name.push('.');
    }
    DIALECT.quote(&routine.native.name, &mut name);
    let mut list: Vec<String> = Vec::new();
    let mut by_name = false;
    for (parameter, value) in routine.parameters.iter().zip(&call.arguments) {
        let mut argument = String::new();
        if parameter.variadic {
            argument.push_str("VARIADIC ");
        }
        if parameter.mode == Mode::Out {
            // A procedure's OUT parameters must be given, and count for nothing; a function's must not.
            if routine.invocation != Invocation::Call {
                continue;
            }
            named(parameter, by_name, &mut argument);
            argument.push_str("NULL");
        } else if let Some(value) = value {
            named(parameter, by_name, &mut argument);
            argument.push_str(&place(fitted(parameter, value)));
        } else {
            // The server fills it in; what follows must be named.
            by_name = true;
            continue;
        }
        argument.push_str("::");
        argument.push_str(cast(parameter));
        list.push(argument);
    }
    let arguments = list.join(", ");
    match routine.invocation {
        Invocation::Call => format!("CALL {name}({arguments})"),
        // Nothing can be read of a column without a value.
        Invocation::Table if routine.returns_native == "void" => format!("SELECT FROM {name}({arguments})"),
        Invocation::Table => format!("SELECT * FROM {name}({arguments})"),
        Invocation::Value => {
            let mut alias = String::new();
            DIALECT.quote(&routine.native.name, &mut alias);
            format!("SELECT {name}({arguments}) AS {alias}")
        }
    }
}

fn named(parameter: &Parameter, by_name: bool, out: &mut String) {
    if by_name {
        DIALECT.quote(&parameter.name, out);
        out.push_str(" => ");
    }
}

/// The type that a value is cast to, so that of several routines the one that was described is called. A type
/// that stands for any is that of text.
fn cast(parameter: &Parameter) -> &str {
    match parameter.native.as_str() {
        "anyarray" | "anycompatiblearray" | "\"any\"[]" => "text[]",
        "anyelement"
        | "anynonarray"
        | "anycompatible"
        | "anycompatiblenonarray"
        | "\"any\""
        | "record"
        | "unknown" => "text",
        native => native,
    }
}

/// JSON lists for arrays become the server's own form; NULL for the rest of the arguments is none of them.
fn fitted(parameter: &Parameter, value: &Scalar) -> Scalar {
    if parameter.variadic && value.is_null() {
        return Scalar::from("{}");
    }
    let is_array = cast(parameter).ends_with("[]") && parameter.native != CURSOR;
    let list = match value {
        Scalar::Text(text) if is_array && text.trim_start().starts_with('[') => {
            serde_json::from_str(text).ok()
        }
        _ => None,
    };
    match list {
        Some(Value::Array(list)) => Scalar::Text(array(&list)),
        _ => value.clone(),
    }
}

fn array(list: &[Value]) -> String {
    let parts = list.iter().map(|value| match value {
        Value::Array(inner) => array(inner),
        other => {
            let scalar = match other {
                Value::Null => Scalar::Null,
                Value::String(text) => Scalar::Text(text.clone()),
                other => Scalar::Text(other.to_string()),
            };
            match DIALECT.array(&[scalar]) {
                // One element between its braces.
                Scalar::Text(text) => text[1..text.len() - 1].to_owned(),
                _ => String::new(),
            }
        }
    });
    format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use records::Kind;
    use records::routines::{Routine, RoutineKind};
    use sql::TableName;

    fn parameter(name: &str, mode: Mode, native: &str) -> Parameter {
        Parameter {
            name: name.into(),
            mode,
            kind: Kind::String,
            native: native.into(),
            length: None,
            precision: None,
            scale: None,
            default: Value::Null,
            optional: false,
            variadic: false,
        }
    }

    fn routine(invocation: Invocation, parameters: Vec<Parameter>) -> Routine {
        Routine {
            kind: RoutineKind::Procedure,
            native: TableName {
                schema: Some("s".into()),
                name: "p\"; DROP TABLE x; --".into(),
            },
            public: "p".into(),
            parameters,
            returns: None,
            returns_native: String::new(),
            invocation,
            volatile: true,
            comment: None,
        }
    }

    fn call(routine: &Routine, arguments: Vec<Option<Scalar>>) -> Call<'_> {
        Call {
            routine,
            arguments,
            max_rows: 1,
        }
    }

    #[test]
    fn values_are_bound_and_names_quoted() {
        let parameters = vec![
            parameter("a", Mode::In, "integer"),
            parameter("b", Mode::Out, "text"),
            parameter("c\"", Mode::InOut, "s.\"My Type\""),
        ];
        let routine = routine(Invocation::Call, parameters);
        let arguments = || vec![Some(Scalar::Int(1)), None, Some("x'".into())];
        let statement = of(&call(&routine, arguments()));
        assert_eq!(
            statement.text,
            r#"CALL "s"."p""; DROP TABLE x; --"($1::integer, NULL::text, $2::s."My Type")"#
        );
        assert_eq!(statement.values, [Scalar::Int(1), "x'".into()]);
        let table = Routine {
            invocation: Invocation::Table,
            ..routine.clone()
        };
        assert!(
            of(&call(&table, arguments()))
                .text
                .ends_with(r#"($1::integer, $2::s."My Type")"#)
        );
        let as_settings = of_settings(&call(&routine, vec![Some(Scalar::Null), None, Some("x'".into())]));
        assert!(as_settings.ends_with(
            r#"(NULL::integer, NULL::text, pg_catalog.current_setting('dreamwright.argument_1')::s."My Type")"#
        ));
        assert_eq!(
            settings(&call(&routine, arguments())),
            [
                ("dreamwright.argument_1".to_owned(), "1".to_owned()),
                ("dreamwright.argument_2".to_owned(), "x'".to_owned())
            ]
        );
    }

    #[test]
    fn after_a_default_arguments_are_named() {
        let mut parameters: Vec<Parameter> = ["a", "b", "c\""]
            .iter()
            .map(|name| parameter(name, Mode::In, "text"))
            .collect();
        parameters[1].optional = true;
        let routine = routine(Invocation::Table, parameters);
        let statement = of(&call(&routine, vec![Some("1".into()), None, Some("3".into())]));
        assert!(
            statement.text.ends_with(r#"($1::text, "c""" => $2::text)"#),
            "{}",
            statement.text
        );
    }

    #[test]
    fn lists_become_arrays() {
        let mut rest = parameter("rest", Mode::In, "text[]");
        rest.variadic = true;
        let routine = routine(Invocation::Value, vec![rest]);
        let bound = |value: Scalar| of(&call(&routine, vec![Some(value)])).values.remove(0);
        assert_eq!(
            bound(r#"["a\"b", null, 1, true]"#.into()),
            r#"{"a\"b",NULL,"1","true"}"#.into()
        );
        assert_eq!(bound("[[1,2],[3]]".into()), r#"{{"1","2"},{"3"}}"#.into());
        assert_eq!(bound("{a,b}".into()), "{a,b}".into());
        assert_eq!(bound("[0:1]={1,2}".into()), "[0:1]={1,2}".into());
        assert_eq!(bound(Scalar::Null), "{}".into());
        let text = of(&call(&routine, vec![Some("{}".into())])).text;
        assert!(text.contains("(VARIADIC $1::text[]) AS "), "{text}");
    }

    #[test]
    fn cursors_are_quoted() {
        assert_eq!(
            fetch("<unnamed \"1>", 6),
            r#"FETCH FORWARD 6 FROM "<unnamed ""1>""#
        );
        assert!(fetch("c", usize::MAX).starts_with("FETCH FORWARD 2147483647 "));
    }
}
