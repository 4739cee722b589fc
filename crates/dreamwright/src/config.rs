//! What `dreamwright config` prints.

use crate::{Environment, Refusal};
use contract::settings::{Reading, VARIABLES, Variable};
use std::fmt::Write;

/// Every variable with its present value, default and meaning. Secrets that are set are masked. The first bad
/// value is refused with its name.
pub(crate) fn listing(environment: &Environment) -> Result<String, Refusal> {
    let mut text = String::new();
    for variable in VARIABLES {
        let value = variable
            .text(&|name: &str| environment.get(name))
            .map_err(Refusal::Value)?;
        let shown = match variable.reading {
            Reading::Secret if !value.is_empty() => contract::MASK,
            _ => &value,
        };
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "{}={shown}\n    {}\n    {}",
            variable.name,
            variable.meaning,
            details(variable)
        );
    }
    Ok(text)
}

fn details(variable: &Variable) -> String {
    let values = match variable.reading {
        Reading::Text => "Text".to_owned(),
        Reading::Secret => "Secret text".to_owned(),
        Reading::Boolean => "true or false".to_owned(),
        Reading::Number(low, high) => format!("Whole number from {low} to {high}"),
        Reading::Choice(names) => format!("One of {}", names.join(", ")),
        Reading::Networks => "Networks".to_owned(),
    };
    let default = if variable.default.is_empty() {
        "none"
    } else {
        variable.default
    };
    let mut text = format!("{values}; default {default}");
    if !variable.aliases.is_empty() {
        text.push_str(&format!("; also {}", variable.aliases.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_is_shown_and_secrets_are_not() {
        let environment = Environment::from_iter([("JWT_SECRET", "hunter2"), ("APP_NAME", "Mine")]);
        let text = listing(&environment).unwrap();
        assert!(
            VARIABLES
                .iter()
                .all(|v| text.contains(&format!("{}=", v.name)) && text.contains(v.meaning))
        );
        assert!(
            !text.contains("hunter2")
                && text.contains("JWT_SECRET=**********")
                && text.contains("APP_NAME=Mine")
        );
        assert!(text.contains("also DF_DB_MAX_RECORDS_RETURNED"));
    }
}
