//! The answer to a call, made of what the database gave back (database.md §5).

use super::cast::{Wanted, declared};
use super::{DataSet, Given, Outcome, Routine};
use crate::ident::member;
use contract::{Map, Value};

/// What the client asked for.
#[derive(Debug, Default)]
pub struct Wish<'w> {
    /// The key under which the data set goes, instead of the instance's wrapper. Procedures only.
    pub wrapper: Option<&'w str>,
    /// The type of the one value that is wanted; `TABLE` has no effect.
    pub returns: Option<&'w str>,
    /// Types of columns and OUT values by their names.
    pub schema: Option<&'w Map<String, Value>>,
}

impl Wish<'_> {
    fn scalar(&self) -> Option<Wanted> {
        let name = self.returns.map(str::trim).filter(|name| !name.is_empty())?;
        (!name.eq_ignore_ascii_case("table")).then(|| Wanted::parse(name))
    }

    fn wanted(&self, name: &str) -> Option<Wanted> {
        let schema = self.schema?;
        member(schema, name)?.as_str().map(Wanted::parse)
    }

    fn rows(&self, set: &DataSet) -> Value {
        let types: Vec<Wanted> = set
            .columns
            .iter()
            .map(|name| self.wanted(name).unwrap_or(Wanted::Plain))
            .collect();
        let row = |row: &Vec<crate::Scalar>| {
            let members = set.columns.iter().zip(row.iter().zip(&types));
            Value::Object(
                members
                    .map(|(name, (cell, wanted))| (name.clone(), wanted.of(cell)))
                    .collect(),
            )
        };
        set.rows.iter().map(row).collect()
    }

    /// One set as its rows, several as a list of lists.
    fn sets(&self, sets: &[DataSet]) -> Value {
        match sets {
            [] => Value::Array(Vec::new()),
            [one] => self.rows(one),
            several => several.iter().map(|set| self.rows(set)).collect(),
        }
    }
}

/// The answer of a procedure.
///
/// Without OUT parameters the data set, bare or under `wrapper`; with them an object that holds the data set under
/// `wrapper`, else under `resource` (left out when it is empty), and a member per OUT parameter. A single row whose
/// columns are OUT parameters counts as their values. `returns` gives the first cell alone.
pub fn procedure(routine: &Routine, outcome: Outcome, wish: &Wish<'_>, resource: &str) -> Value {
    if let Some(wanted) = wish.scalar() {
        return first(&outcome, wanted);
    }
    let mut sets: Vec<DataSet> = outcome.sets;
    let mut out = outcome.out;
    if routine.outputs().next().is_none() {
        let data = wish.sets(&sets);
        return match wish.wrapper {
            Some(key) => Value::Object(Map::from_iter([(key.to_owned(), data)])),
            None => data,
        };
    }
    if out.is_empty() {
        match &sets[..] {
            [set] if is_outputs(routine, set) => {
                out = outputs_of(routine, set);
                sets.clear();
            }
            _ => {}
        }
    }
    let mut answer = Map::new();
    if sets.iter().any(|set| !set.rows.is_empty()) {
        answer.insert(wish.wrapper.unwrap_or(resource).to_owned(), wish.sets(&sets));
    }
    let mut out = out.into_iter();
    for parameter in routine.outputs() {
        let value = match out.next() {
            None => Value::Null,
            Some(Given::Rows(set)) => wish.rows(&set),
            Some(Given::Value(value)) => match wish.wanted(&parameter.name) {
                Some(wanted) => wanted.of(&value),
                None => declared(parameter.kind, &value),
            },
        };
        answer.insert(parameter.name.clone(), value);
    }
    Value::Object(answer)
}

/// The answer of a function: its value where it gives a single one, else its rows.
pub fn function(routine: &Routine, outcome: &Outcome, wish: &Wish<'_>) -> Value {
    if let Some(wanted) = wish.scalar() {
        return first(outcome, wanted);
    }
    if let [set] = &outcome.sets[..] {
        let name = &routine.native.name;
        match (&set.columns[..], &set.rows[..]) {
            // A function without a result.
            ([], _) => return Value::Null,
            ([column], [row]) if column.eq_ignore_ascii_case("output") || column == name => {
                let Some(cell) = row.first() else {
                    return Value::Null;
                };
                return match (wish.wanted(column), routine.returns) {
                    (Some(wanted), _) => wanted.of(cell),
                    (None, Some(kind)) => declared(kind, cell),
                    (None, None) => Wanted::Plain.of(cell),
                };
            }
            _ => {}
        }
    }
    wish.sets(&outcome.sets)
}

/// The first cell of the first row, else the first OUT value.
fn first(outcome: &Outcome, wanted: Wanted) -> Value {
    let cell = outcome.sets.iter().find_map(|set| set.rows.first()?.first());
    let out = outcome.out.iter().find_map(|given| match given {
        Given::Value(value) => Some(value),
        Given::Rows(set) => set.rows.first()?.first(),
    });
    cell.or(out).map_or(Value::Null, |cell| wanted.of(cell))
}

/// Whether a data set is a single row of OUT values.
fn is_outputs(routine: &Routine, set: &DataSet) -> bool {
    let is_output = |column: &String| routine.outputs().any(|p| p.name.eq_ignore_ascii_case(column));
    set.rows.len() == 1 && !set.columns.is_empty() && set.columns.iter().all(is_output)
}

/// The cells of the single row in the order of the OUT parameters.
fn outputs_of(routine: &Routine, set: &DataSet) -> Vec<Given> {
    let cell = |name: &str| {
        let at = set
            .columns
            .iter()
            .position(|column| column.eq_ignore_ascii_case(name))?;
        set.rows.first()?.get(at).cloned()
    };
    routine
        .outputs()
        .map(|p| Given::Value(cell(&p.name).unwrap_or_default()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routines::samples::{parameter, routine};
    use crate::routines::{Mode, RoutineKind};
    use crate::{Kind, Scalar};
    use serde_json::json;

    fn set(columns: &[&str], rows: &[&[i64]]) -> DataSet {
        DataSet {
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            rows: rows
                .iter()
                .map(|row| row.iter().map(|n| Scalar::Int(*n)).collect())
                .collect(),
        }
    }

    fn gave(sets: Vec<DataSet>, out: &[i64]) -> Outcome {
        let out = out.iter().map(|n| Given::Value(Scalar::Int(*n))).collect();
        Outcome {
            sets,
            out,
            truncated: false,
        }
    }

    fn plain() -> Routine {
        routine(
            RoutineKind::Procedure,
            "p",
            vec![parameter("a", Mode::In, Kind::Integer)],
        )
    }

    fn with_out() -> Routine {
        let out = vec![
            parameter("inc", Mode::InOut, Kind::Integer),
            parameter("total", Mode::Out, Kind::Boolean),
        ];
        routine(RoutineKind::Procedure, "p", out)
    }

    fn shown(routine: &Routine, outcome: Outcome, wish: &Wish<'_>) -> Value {
        procedure(routine, outcome, wish, "resource")
    }

    #[test]
    fn procedures_without_out_values_give_their_data_sets() {
        let one = || vec![set(&["a", "b"], &[&[1, 2], &[3, 4]])];
        let bare = Wish::default();
        let wrapped = Wish {
            wrapper: Some("data"),
            ..Wish::default()
        };
        let rows = json!([{"a": 1, "b": 2}, {"a": 3, "b": 4}]);
        assert_eq!(shown(&plain(), gave(one(), &[]), &bare), rows);
        assert_eq!(shown(&plain(), gave(one(), &[]), &wrapped), json!({"data": rows}));
        assert_eq!(shown(&plain(), gave(vec![], &[]), &bare), json!([]));
        assert_eq!(
            shown(&plain(), gave(vec![set(&["a"], &[])], &[]), &bare),
            json!([])
        );
        let two = || vec![set(&["a"], &[&[1]]), set(&["b"], &[])];
        assert_eq!(shown(&plain(), gave(two(), &[]), &bare), json!([[{"a": 1}], []]));
        assert_eq!(
            shown(&plain(), gave(two(), &[]), &wrapped),
            json!({"data": [[{"a": 1}], []]})
        );
    }

    #[test]
    fn out_values_stand_beside_the_data_set_by_their_declared_type() {
        let one = || vec![set(&["a"], &[&[1]])];
        let bare = Wish::default();
        let text = |value: Value| value.to_string();
        assert_eq!(
            text(shown(&with_out(), gave(one(), &[6, 1]), &bare)),
            r#"{"resource":[{"a":1}],"inc":6,"total":true}"#
        );
        let wish = Wish {
            wrapper: Some("data"),
            ..Wish::default()
        };
        assert_eq!(
            text(shown(&with_out(), gave(one(), &[6, 1]), &wish)),
            r#"{"data":[{"a":1}],"inc":6,"total":true}"#
        );
        let nothing = gave(vec![set(&["a"], &[])], &[6, 0]);
        assert_eq!(
            text(shown(&with_out(), nothing, &wish)),
            r#"{"inc":6,"total":false}"#
        );
        let cursor = Outcome {
            out: vec![Given::Rows(set(&["a"], &[&[1]]))],
            ..Outcome::default()
        };
        assert_eq!(
            text(shown(&with_out(), cursor, &bare)),
            r#"{"inc":[{"a":1}],"total":null}"#
        );
    }

    #[test]
    fn a_single_row_of_out_columns_is_their_values() {
        let bare = Wish::default();
        let row = |columns: &[&str]| gave(vec![set(columns, &[&[1, 0]])], &[]);
        assert_eq!(
            shown(&with_out(), row(&["TOTAL", "inc"]), &bare),
            json!({"inc": 0, "total": true})
        );
        assert_eq!(
            shown(&with_out(), row(&["inc", "other"]), &bare),
            json!({"resource": [{"inc": 1, "other": 0}], "inc": null, "total": null})
        );
        let two = gave(vec![set(&["inc"], &[&[1], &[2]])], &[]);
        assert_eq!(
            shown(&with_out(), two, &bare),
            json!({"resource": [{"inc": 1}, {"inc": 2}], "inc": null, "total": null})
        );
        let none = gave(vec![set(&["inc"], &[])], &[]);
        assert_eq!(
            shown(&with_out(), none, &bare),
            json!({"inc": null, "total": null})
        );
    }

    #[test]
    fn returns_gives_the_first_cell_and_schema_converts() {
        let wish = |returns| Wish {
            returns: Some(returns),
            ..Wish::default()
        };
        let rows = || gave(vec![set(&["a"], &[]), set(&["b"], &[&[7]])], &[]);
        assert_eq!(shown(&plain(), rows(), &wish("string")), json!("7"));
        assert_eq!(shown(&plain(), rows(), &wish("TABLE")), json!([[], [{"b": 7}]]));
        assert_eq!(shown(&plain(), gave(vec![], &[]), &wish("integer")), Value::Null);
        assert_eq!(
            shown(&with_out(), gave(vec![], &[5, 1]), &wish("string")),
            json!("5")
        );
        let types = json!({"B": "string", "INC": "string"});
        let wish = Wish {
            schema: types.as_object(),
            ..Wish::default()
        };
        assert_eq!(shown(&plain(), rows(), &wish), json!([[], [{"b": "7"}]]));
        assert_eq!(
            shown(&with_out(), gave(vec![], &[5, 1]), &wish),
            json!({"inc": "5", "total": true})
        );
    }

    #[test]
    fn functions_give_a_value_or_rows() {
        let mut f = routine(RoutineKind::Function, "f", vec![]);
        f.returns = Some(Kind::Boolean);
        let wish = Wish {
            wrapper: Some("w"),
            ..Wish::default()
        };
        for (columns, rows, expected) in [
            (&["output"][..], &[&[1][..]][..], json!(true)),
            (&["f"], &[&[0]], json!(false)),
            (&["x"], &[&[1]], json!([{"x": 1}])),
            (&["f"], &[&[1], &[2]], json!([{"f": 1}, {"f": 2}])),
            (&["f"], &[], json!([])),
            (&["f", "g"], &[&[1, 2]], json!([{"f": 1, "g": 2}])),
            (&[], &[&[]], Value::Null),
        ] {
            assert_eq!(
                function(&f, &gave(vec![set(columns, rows)], &[]), &wish),
                expected,
                "{columns:?} {rows:?}"
            );
        }
        let as_text = Wish {
            returns: Some("string"),
            ..Wish::default()
        };
        assert_eq!(
            function(&f, &gave(vec![set(&["f"], &[&[5]])], &[]), &as_text),
            json!("5")
        );
    }
}
