//! The arguments of a call: as clients send them, and bound to the parameters of a routine.

use super::{Routine, cast};
use crate::Scalar;
use crate::ident::member;
use contract::{Params, Problem, Value};

/// Splits `p(1,abc)` into the name and what stands between the parentheses. Without them at the end, all is name.
/// The platform cuts a component at the same place.
pub fn split(text: &str) -> (&str, Option<&str>) {
    match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((name, inline)) if !name.is_empty() => (name.trim_end(), Some(inline)),
        _ => (text, None),
    }
}

/// Arguments as they were sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// One after the other.
    Positions(Vec<Value>),
    /// By name; names are matched without case, the first one counts.
    Names(Vec<(String, Value)>),
}

impl Sent {
    /// Reads the arguments of a call from the first place that has any: `params` of the body, what stands in
    /// parentheses behind the name, the query.
    ///
    /// `params` may be a list of values, a list of `{"name", "value"}`, or an object of names with values or
    /// `{"value": …}`. A name without a value, as OUT parameters may have, counts as not sent. Values in
    /// parentheses are separated by commas and not quoted.
    pub fn read(params: Option<&Value>, inline: Option<&str>, query: &Params) -> Result<Sent, Problem> {
        match params {
            None | Some(Value::Null) => {}
            Some(Value::Array(list)) if list.is_empty() => {}
            Some(Value::Object(map)) if map.is_empty() => {}
            Some(Value::Array(list)) => return of_list(list),
            Some(Value::Object(map)) => {
                let sent = map.iter().filter_map(|(name, value)| {
                    let value = match value {
                        Value::Object(inner) if inner.contains_key("value") => inner.get("value")?,
                        Value::Object(inner) if describes(inner) => return None,
                        other => other,
                    };
                    Some((name.clone(), value.clone()))
                });
                return Ok(Sent::Names(sent.collect()));
            }
            Some(_) => return Err(Problem::bad_request("'params' must be a list or an object.")),
        }
        if let Some(inline) = inline.filter(|text| !text.trim().is_empty()) {
            return Ok(Sent::Positions(
                inline.split(',').map(|part| Value::from(part.trim())).collect(),
            ));
        }
        let named = query
            .0
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        Ok(Sent::Names(named.collect()))
    }

    fn named(&self, name: &str) -> Option<&Value> {
        match self {
            Sent::Names(list) => list
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, v)| v),
            Sent::Positions(_) => None,
        }
    }

    /// The routine that fits best, of several with the same name: one that gets all it needs, of those the one
    /// that uses most of what was sent and leaves least open, of those the first.
    pub fn choose<'r>(&self, candidates: &'r [Routine]) -> Option<&'r Routine> {
        let rank = |routine: &Routine| {
            let inputs = routine.inputs().count();
            let (complete, used) = match self {
                Sent::Positions(values) => {
                    let needed = routine.inputs().filter(|p| !p.optional).count();
                    (needed <= values.len(), values.len().min(inputs))
                }
                Sent::Names(_) => (
                    routine
                        .inputs()
                        .all(|p| p.optional || self.named(&p.name).is_some()),
                    routine.inputs().filter(|p| self.named(&p.name).is_some()).count(),
                ),
            };
            (complete, used, std::cmp::Reverse(inputs))
        };
        // The last of equals would win.
        candidates.iter().rev().max_by_key(|routine| rank(routine))
    }

    /// The arguments by the routine's parameters, each of its type. `replace` replaces lookups in text. A
    /// parameter that nothing was sent for is NULL, or left to the database where it has a default; what was sent
    /// for no parameter is ignored. 400 when a value does not fit its type.
    ///
    /// Positions count the parameters that take a value; all parameters when there are more values than those.
    pub fn bind(
        &self,
        routine: &Routine,
        replace: &dyn Fn(&str) -> String,
    ) -> Result<Vec<Option<Scalar>>, Problem> {
        let inputs = routine.inputs().count();
        let mut position = 0;
        let bound = routine.parameters.iter().map(|parameter| {
            let value = match self {
                Sent::Names(_) => self.named(&parameter.name).filter(|_| parameter.mode.takes()),
                Sent::Positions(values) => {
                    let counts = parameter.mode.takes() || values.len() > inputs;
                    let value = counts.then(|| values.get(position)).flatten();
                    position += usize::from(counts);
                    value.filter(|_| parameter.mode.takes())
                }
            };
            match value {
                Some(Value::String(text)) => cast::argument(parameter, &Value::from(replace(text))).map(Some),
                Some(value) => cast::argument(parameter, value).map(Some),
                None if parameter.optional || !parameter.mode.takes() => Ok(None),
                None => Ok(Some(Scalar::Null)),
            }
        });
        bound.collect()
    }
}

/// A list of values or of `{"name", "value"}`; both in one list is refused.
fn of_list(list: &[Value]) -> Result<Sent, Problem> {
    let name = |value: &Value| {
        let map = value.as_object()?;
        member(map, "name")?.as_str().map(str::to_owned)
    };
    let names = list.iter().filter(|value| name(value).is_some()).count();
    if names == 0 {
        return Ok(Sent::Positions(list.iter().map(value_of).collect()));
    }
    if names < list.len() {
        return Err(Problem::bad_request(
            "'params' must hold either values or objects with 'name' and 'value', not both.",
        ));
    }
    let sent = list.iter().filter_map(|entry| {
        let value = entry.as_object().and_then(|map| map.get("value"))?;
        Some((name(entry)?, value.clone()))
    });
    Ok(Sent::Names(sent.collect()))
}

/// `{"value": …}` is the value.
fn value_of(value: &Value) -> Value {
    let inner = value
        .as_object()
        .filter(|map| map.len() == 1)
        .and_then(|map| map.get("value"));
    inner.unwrap_or(value).clone()
}

/// Whether an object only says what a parameter is, without giving a value.
fn describes(map: &contract::Map<String, Value>) -> bool {
    map.keys()
        .all(|key| ["name", "param_type", "type", "length"].contains(&key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use crate::routines::samples::{parameter, routine};
    use crate::routines::{Mode, RoutineKind};
    use serde_json::json;

    fn read(params: Value, inline: Option<&str>, query: &[(&str, &str)]) -> Result<Sent, Problem> {
        let query = query
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Sent::read(Some(&params), inline, &Params(query))
    }

    fn sample() -> Routine {
        routine(
            RoutineKind::Procedure,
            "p",
            vec![
                parameter("a", Mode::In, Kind::Integer),
                parameter("o", Mode::Out, Kind::Integer),
                parameter("b", Mode::InOut, Kind::String),
            ],
        )
    }

    fn bound(params: Value, inline: Option<&str>, query: &[(&str, &str)]) -> Vec<Option<Scalar>> {
        let sent = read(params, inline, query).unwrap();
        sent.bind(&sample(), &|text| text.replace("{user.id}", "42"))
            .unwrap()
    }

    #[test]
    fn names_are_split_from_what_stands_in_parentheses() {
        for (text, expected) in [
            ("p", ("p", None)),
            ("p()", ("p", Some(""))),
            ("p(1, abc)", ("p", Some("1, abc"))),
            ("p (1)", ("p", Some("1"))),
            ("p(f(1))", ("p", Some("f(1)"))),
            ("p(1", ("p(1", None)),
            ("p(1)x", ("p(1)x", None)),
            ("(1)", ("(1)", None)),
            (")", (")", None)),
            ("", ("", None)),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn all_forms_mean_the_same() {
        let expected = vec![Some(Scalar::Int(7)), None, Some(Scalar::from("x"))];
        let out = json!({"name": "o", "param_type": "OUT", "type": "integer"});
        for params in [
            json!([7, "x"]),
            json!(["7", 0, "x"]),
            json!([{"value": 7}, {"value": "x"}]),
            json!([{"name": "B", "value": "x"}, {"name": "A", "value": 7}]),
            json!([{"name": "a", "value": 7}, out, {"name": "b", "value": "x", "param_type": "INOUT"}]),
            json!({"a": 7, "b": "x"}),
            json!({"A": {"value": "7"}, "b": {"value": "x"}, "o": {"type": "integer"}, "nosuch": 1}),
        ] {
            // Other places are not looked at.
            assert_eq!(
                bound(params.clone(), Some("1,y"), &[("a", "2")]),
                expected,
                "{params}"
            );
        }
        assert_eq!(bound(Value::Null, Some(" 7 , x "), &[("a", "2")]), expected);
        assert_eq!(
            bound(json!([]), Some("7,x,3,4"), &[]),
            vec![Some(Scalar::Int(7)), None, Some(Scalar::from("3"))]
        );
        assert_eq!(
            bound(json!({}), Some(""), &[("B", "x"), ("a", "7"), ("a", "8")]),
            expected
        );
    }

    #[test]
    fn what_is_missing_is_null_or_left_to_the_database() {
        assert_eq!(
            bound(Value::Null, None, &[]),
            vec![Some(Scalar::Null), None, Some(Scalar::Null)]
        );
        let mut with_default = sample();
        with_default.parameters[2].optional = true;
        let sent = read(json!([1]), None, &[]).unwrap();
        let arguments = sent.bind(&with_default, &str::to_owned).unwrap();
        assert_eq!(arguments, vec![Some(Scalar::Int(1)), None, None]);
        // NULL that was sent is a value.
        let sent = read(json!({"b": null}), None, &[]).unwrap();
        assert_eq!(
            sent.bind(&with_default, &str::to_owned).unwrap()[2],
            Some(Scalar::Null)
        );
    }

    #[test]
    fn lookups_are_replaced_in_text() {
        assert_eq!(
            bound(json!(["{user.id}", "u{user.id}"]), None, &[])[2],
            Some(Scalar::from("u42"))
        );
        assert_eq!(
            bound(Value::Null, Some("{user.id}"), &[])[0],
            Some(Scalar::Int(42))
        );
    }

    #[test]
    fn other_forms_are_refused() {
        assert_eq!(read(json!("a"), None, &[]).unwrap_err().status(), 400);
        assert_eq!(
            read(json!([1, {"name": "a", "value": 1}]), None, &[])
                .unwrap_err()
                .status(),
            400
        );
        let sent = read(json!(["1; DROP TABLE x"]), None, &[]).unwrap();
        let problem = sent.bind(&sample(), &str::to_owned).unwrap_err();
        assert_eq!(problem.message, "Parameter 'a' must be a valid integer.");
    }

    #[test]
    fn of_overloads_the_one_that_fits_is_chosen() {
        let input = |name: &str| parameter(name, Mode::In, Kind::Integer);
        let with = |names: &[&str]| {
            routine(
                RoutineKind::Function,
                "f",
                names.iter().map(|n| input(n)).collect(),
            )
        };
        let mut candidates = vec![with(&["a"]), with(&["a", "b"]), with(&["a", "c"]), with(&[])];
        let chosen = |candidates: &[Routine], params: Value| {
            let sent = read(params, None, &[]).unwrap();
            let routine = sent.choose(candidates).unwrap();
            routine
                .parameters
                .iter()
                .map(|p| p.name.clone())
                .collect::<String>()
        };
        assert_eq!(chosen(&candidates, json!([1])), "a");
        assert_eq!(chosen(&candidates, json!([1, 2])), "ab");
        assert_eq!(chosen(&candidates, json!([1, 2, 3])), "ab");
        assert_eq!(chosen(&candidates, json!({"C": 1, "a": 2})), "ac");
        assert_eq!(chosen(&candidates, Value::Null), "");
        candidates[1].parameters[1].optional = true;
        assert_eq!(chosen(&candidates, json!([1])), "a");
        assert!(Sent::Positions(vec![]).choose(&[]).is_none());
    }
}
