//! `{"expression": "quantity + 1"}` in place of a value: bound to the table, values as parameters.

use super::record::Purpose;
use crate::value::stored;
use crate::{NewValue, Scalar, Table};
use contract::{Map, Problem, Value};
use query::expression::{self, Expression};

/// The one member of an object that holds an expression.
const MEMBER: &str = "expression";

/// Whether an object stands for an expression.
pub(super) fn is_formula(object: &Map<String, Value>) -> bool {
    object.len() == 1 && object.contains_key(MEMBER)
}

/// The expression for a field. Everything that the small grammar does not hold, that names what is no field, or that
/// looks at fields of a row that does not exist yet, is refused.
pub(super) fn bind(
    table: &Table,
    field: usize,
    object: &Map<String, Value>,
    purpose: Purpose,
) -> Result<NewValue, Problem> {
    let (text, params) = match object.get(MEMBER) {
        Some(Value::String(text)) => (text.as_str(), [].as_slice()),
        Some(Value::Object(inner)) => {
            let text = inner.get("value").and_then(Value::as_str).unwrap_or_default();
            let params = inner.get("params").and_then(Value::as_array);
            (text, params.map_or([].as_slice(), Vec::as_slice))
        }
        _ => ("", [].as_slice()),
    };
    let refused = || Problem::bad_request(format!("SQL expression '{text}' is not permitted."));
    // A key that is not known before it is stored could not be answered, nor checked.
    if table.fields[field].is_primary_key {
        return Err(refused());
    }
    let expression = expression::parse(text).ok_or_else(refused)?;
    let binding = Binding {
        table,
        params,
        purpose,
    };
    match expression {
        Expression::Number(digits) | Expression::Text(digits) => {
            stored(&table.fields[field], &Value::String(digits)).map(NewValue::Value)
        }
        Expression::Param(_) => match params.first() {
            Some(value) => stored(&table.fields[field], value).map(NewValue::Value),
            None => Err(refused()),
        },
        other => binding.value(other).ok_or_else(refused),
    }
}

struct Binding<'a> {
    table: &'a Table,
    params: &'a [Value],
    purpose: Purpose,
}

impl Binding<'_> {
    fn value(&self, expression: Expression) -> Option<NewValue> {
        Some(match expression {
            Expression::Number(digits) => NewValue::Value(number(&digits)),
            Expression::Text(text) => NewValue::Value(Scalar::Text(text)),
            Expression::Param(place) => NewValue::Value(match self.params.get(place)? {
                Value::Null => Scalar::Null,
                Value::Bool(flag) => Scalar::Bool(*flag),
                Value::Number(given) => number(&given.to_string()),
                Value::String(text) => Scalar::Text(text.clone()),
                Value::Array(_) | Value::Object(_) => return None,
            }),
            Expression::Field(_) if self.purpose == Purpose::Create => return None,
            Expression::Field(name) => {
                let field = self.table.field(&name)?;
                // A virtual field has no column to look at.
                (!self.table.fields[field].extra.is_virtual).then_some(NewValue::Field(field))?
            }
            Expression::Moment(moment) => NewValue::Moment(moment),
            Expression::Arithmetic(left, op, right) => {
                NewValue::Arithmetic(Box::new(self.value(*left)?), op, Box::new(self.value(*right)?))
            }
            Expression::Call(function, arguments) => NewValue::Call(
                function,
                arguments
                    .into_iter()
                    .map(|a| self.value(a))
                    .collect::<Option<_>>()?,
            ),
        })
    }
}

fn number(digits: &str) -> Scalar {
    match (digits.parse::<i64>(), digits.parse::<f64>()) {
        (Ok(n), _) => Scalar::Int(n),
        // Digits with an exponent would not be an exact decimal in every database.
        (_, Ok(n)) if digits.contains(['e', 'E']) => Scalar::Float(n),
        _ => Scalar::Decimal(digits.to_owned()),
    }
}
