//! Rules for values that people attach to fields (`validation`), checked before a value is stored.

use crate::Field;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::{Problem, Value};
use regex::{Regex, RegexBuilder};

/// Greatest size of a compiled pattern, in bytes.
const PATTERN_SIZE: usize = 1 << 20;

/// What becomes of a valid, or forgiven, value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is stored.
    Keep,
    /// The field is left out, as if it had not been sent.
    Drop,
}

/// Checks a value that was sent for a field. The rules are tried in the order in which they were written; the first
/// that fails decides: the field is dropped where the rule says so, otherwise 400 with the rule's own message or the
/// documented one. NULL meets every rule but `not_null`.
pub(crate) fn validate(field: &Field, value: &Value, creating: bool) -> Result<Verdict, Problem> {
    let Some(rules) = field.extra.validation.as_object() else {
        return Ok(Verdict::Keep);
    };
    for (rule, options) in rules {
        if rule == "api_read_only" {
            return Ok(Verdict::Drop);
        }
        let Some(complaint) = complaint(field, rule, options, value, creating) else {
            continue;
        };
        return match options["on_fail"]
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            Some("ignore_field") => Ok(Verdict::Drop),
            Some(own) => Err(Problem::bad_request(own)),
            None => Err(Problem::bad_request(format!(
                "Field '{}' {complaint}",
                field.name
            ))),
        };
    }
    Ok(Verdict::Keep)
}

/// What a rule has against a value; `None` when it is met, or when the rule is not known.
fn complaint(
    field: &Field,
    rule: &str,
    options: &Value,
    value: &Value,
    creating: bool,
) -> Option<&'static str> {
    let fails = |met: bool, complaint: &'static str| (!met).then_some(complaint);
    match rule {
        "create_only" => return fails(creating, "can only be set during record creation."),
        "not_null" => return fails(!value.is_null(), "value can not be null."),
        _ if value.is_null() => return None,
        _ => {}
    }
    let text = text(value);
    // Rules for the form of a value say nothing of an empty one; not_empty does.
    let blank = value.as_str().is_some_and(str::is_empty);
    match rule {
        "not_empty" | "not_zero" => fails(!is_empty(value), "value can not be empty."),
        "email" => fails(blank || is_email(&text), "value must be a valid email address."),
        "url" => fails(
            blank || (is_url(&text) && has_sections(&text, &options["sections"])),
            "value must be a valid URL.",
        ),
        "int" => fails(
            blank || in_range(&text, options),
            "value is not in the valid range.",
        ),
        "float" => fails(
            blank || is_float(&text, options["decimal"].as_str()),
            "value is not an acceptable float value.",
        ),
        "boolean" => fails(is_boolean(&text), "value is not an acceptable boolean value."),
        "match" => fails(
            field
                .extra
                .pattern
                .as_ref()
                .is_some_and(|pattern| pattern.is_match(&text)),
            "value is invalid.",
        ),
        "picklist" => fails(picked(&field.extra.picklist, &text), "value is invalid."),
        "multi_picklist" => selections(&field.extra.picklist, options, &text),
        _ => None,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        other => other.to_string(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}

/// One sign `@` between a local part and a domain of at least two labels.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let local_fits = |c: char| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let label_fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    (1..=64).contains(&local.len())
        && local.chars().all(local_fits)
        && !dots
        && domain.contains('.')
        && domain.split('.').all(label_fits)
}

/// A scheme, `://` or a colon for mail and news, and a host.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !scheme_fits || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    if matches!(scheme, "mailto" | "news") {
        return !rest.is_empty();
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    !host.is_empty() && !host.contains(['<', '>', '"', '\\', '^', '`', '{', '|', '}'])
}

/// Whether options name a word: alone, in a list, or as a member that is not false.
fn names(options: &Value, word: &str) -> bool {
    let is = |text: &Value| text.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word));
    match options {
        Value::String(text) => text.split(',').any(|part| part.trim().eq_ignore_ascii_case(word)),
        Value::Array(words) => words.iter().any(is),
        Value::Object(members) => members
            .get(word)
            .is_some_and(|value| *value != Value::Bool(false)),
        _ => false,
    }
}

/// Whether a URL has the parts that are asked for, `path` and `query`.
fn has_sections(text: &str, wanted: &Value) -> bool {
    let (before, query) = text.split_once('?').map_or((text, ""), |(before, rest)| {
        (before, rest.split('#').next().unwrap_or_default())
    });
    let before = before.split('#').next().unwrap_or_default();
    let rest = before.split_once("://").map_or("", |(_, rest)| rest);
    (!names(wanted, "path") || rest.contains('/')) && (!names(wanted, "query") || !query.is_empty())
}

/// A whole number, also in the forms `hex` (`0x1f`) and `octal` (`017`) where they are allowed.
fn whole(text: &str, formats: &Value) -> Option<i128> {
    let text = text.trim();
    let digits = |prefixes: &[&str], radix| {
        let digits = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))?;
        let plain = digits.bytes().all(|b| b.is_ascii_alphanumeric());
        plain.then(|| i128::from_str_radix(digits, radix).ok())?
    };
    let hex = names(formats, "hex").then(|| digits(&["0x", "0X"], 16)).flatten();
    let octal = names(formats, "octal")
        .then(|| digits(&["0o", "0O", "0"], 8))
        .flatten();
    hex.or(octal).or_else(|| text.parse().ok())
}

/// A whole number between the ends of a range; an end that is missing or no number is open.
fn in_range(text: &str, options: &Value) -> bool {
    let range = &options["range"];
    let Some(number) = whole(text, &options["formats"]) else {
        return false;
    };
    let end = |key: &str| match &range[key] {
        Value::Number(n) => n
            .as_i64()
            .map(i128::from)
            .or_else(|| n.as_u64().map(i128::from))
            .or_else(|| n.as_f64().map(|n| n as i128)),
        Value::String(text) => text.trim().parse::<i128>().ok(),
        _ => None,
    };
    end("min").is_none_or(|min| number >= min) && end("max").is_none_or(|max| number <= max)
}

fn is_float(text: &str, decimal: Option<&str>) -> bool {
    let text = match decimal {
        Some(sign) if !sign.is_empty() && sign != "." => text.replacen(sign, ".", 1),
        _ => text.to_owned(),
    };
    text.trim().parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_boolean(text: &str) -> bool {
    const KNOWN: &[&str] = &["1", "0", "true", "false", "on", "off", "yes", "no", ""];
    KNOWN.iter().any(|known| text.trim().eq_ignore_ascii_case(known))
}

fn picked(picklist: &Value, picked: &str) -> bool {
    let entries = picklist.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().any(|entry| text(entry) == picked)
}

fn selections(picklist: &Value, options: &Value, chosen: &str) -> Option<&'static str> {
    let delimiter = options["delimiter"]
        .as_str()
        .filter(|d| !d.is_empty())
        .unwrap_or(",");
    let count = |key: &str| match &options[key] {
        Value::Number(n) => n.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let chosen: Vec<&str> = chosen
        .split(delimiter)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let number = chosen.len() as u64;
    if number < count("min").unwrap_or(1) {
        return Some("value does not contain enough selections.");
    }
    if count("max").is_some_and(|max| number > max) {
        return Some("value contains too many selections.");
    }
    (!chosen.iter().all(|one| picked(picklist, one))).then_some("value is invalid.")
}

/// The pattern of a `match` rule, compiled. `None` when there is no such rule.
///
/// It is written with delimiters and flags as PHP takes them (`/^[a-z]+$/i`), as it is or in base64; only what can
/// be matched in linear time is understood. 400 for the rest.
pub(crate) fn pattern(field: &str, validation: &Value) -> Result<Option<Regex>, Problem> {
    let rule = &validation["match"];
    if rule.is_null() {
        return Ok(None);
    }
    let missing = || {
        Problem::bad_request(format!(
            "The validation 'match' of field '{field}' needs a regular expression in 'regexp'."
        ))
    };
    let written = rule["regexp"]
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let written = written.ok_or_else(missing)?;
    let decoded = STANDARD.decode(written).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let compiled = decoded
        .as_deref()
        .and_then(|text| compile(text, true))
        .or_else(|| compile(written, false));
    compiled.map(Some).ok_or_else(|| {
        Problem::bad_request(format!(
            "The regular expression in the validation 'match' of field '{field}' is not understood."
        ))
    })
}

fn compile(text: &str, delimited: bool) -> Option<Regex> {
    let (pattern, flags) = match undelimited(text) {
        Some(parts) => parts,
        None if delimited => return None,
        None => (text, ""),
    };
    let mut builder = RegexBuilder::new(pattern);
    for flag in flags.chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'x' => builder.ignore_whitespace(true),
            'u' | 'D' => &mut builder,
            _ => return None,
        };
    }
    builder.size_limit(PATTERN_SIZE).build().ok()
}

/// A pattern without its delimiters, and its flags.
fn undelimited(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    if first.is_alphanumeric() || first.is_whitespace() || matches!(first, '\\' | '^') {
        return None;
    }
    let last = match first {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        other => other,
    };
    let inner = &text[first.len_utf8()..];
    let end = inner.rfind(last)?;
    let flags = &inner[end + last.len_utf8()..];
    let plain = flags.chars().all(|c| c.is_ascii_alphabetic());
    plain.then_some((&inner[..end], flags))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{RawColumn, label};
    use crate::{Kind, catalogue::FieldExtras};
    use serde_json::json;

    fn field(validation: Value, picklist: Value) -> Field {
        let pattern = pattern("f", &validation).unwrap();
        Field {
            name: "f".into(),
            column: RawColumn {
                name: "f".into(),
                kind: Kind::String,
                native: "text".into(),
                length: None,
                precision: None,
                scale: None,
                default: Value::Null,
                allow_null: true,
                fixed_length: false,
                supports_multibyte: false,
                auto_increment: false,
                generated: false,
                is_index: false,
                comment: None,
            },
            alias: None,
            label: label("f"),
            description: None,
            kind: Kind::String,
            required: false,
            is_primary_key: false,
            is_unique: false,
            reference: None,
            extra: FieldExtras {
                validation,
                picklist,
                pattern,
                ..FieldExtras::default()
            },
        }
    }

    fn keeps(validation: Value, value: Value) -> bool {
        let field = field(validation, json!(["one", "two", 3]));
        matches!(validate(&field, &value, false), Ok(Verdict::Keep))
    }

    #[test]
    fn rules_hold() {
        for (rule, good, bad) in [
            ("not_null", json!(""), json!(null)),
            ("not_empty", json!("x"), json!("")),
            ("not_zero", json!(5), json!(0)),
            ("not_zero", json!(false), json!(0.0)),
            ("email", json!("a.b+c@example.co.uk"), json!("a@b")),
            ("email", json!(""), json!("a b@example.com")),
            ("email", json!(null), json!("a@@example..com")),
            ("url", json!("http://example.com/a?b#c"), json!("nope")),
            ("url", json!("https://[::1]:80/"), json!("http://")),
            ("int", json!("-7"), json!(1.5)),
            ("float", json!(0), json!("x")),
            ("float", json!(0.0), json!("NaN")),
            ("boolean", json!(false), json!("perhaps")),
            ("boolean", json!("Yes"), json!(2)),
            ("picklist", json!("one"), json!("four")),
            ("picklist", json!(3), json!("3 ")),
            ("multi_picklist", json!("one, two"), json!("one,four")),
            ("multi_picklist", json!("one"), json!("")),
        ] {
            assert!(keeps(json!({rule: {}}), good.clone()), "{rule} {good}");
            assert!(!keeps(json!({rule: {}}), bad.clone()), "{rule} {bad}");
        }
        for (options, good, bad) in [
            (json!({"sections": ["path"]}), "http://h/a", "http://h?q"),
            (json!({"sections": "query"}), "http://h/a?q=1#f", "http://h/a?#f"),
            (
                json!({"sections": {"path": true, "query": false}}),
                "http://h/",
                "http://h#/x",
            ),
        ] {
            assert!(keeps(json!({"url": options}), json!(good)), "{good}");
            assert!(!keeps(json!({"url": options}), json!(bad)), "{bad}");
        }
        for (formats, good, bad) in [
            (json!(["hex"]), json!("0x1F"), json!("0x1G")),
            (json!("octal"), json!("017"), json!("0x1F")),
            (json!({"hex": true, "octal": true}), json!(7), json!("-0x1")),
        ] {
            assert!(
                keeps(json!({"int": {"formats": formats}}), good.clone()),
                "{good}"
            );
            assert!(!keeps(json!({"int": {"formats": formats}}), bad.clone()), "{bad}");
        }
        let hex = json!({"int": {"formats": ["hex"], "range": {"max": 16}}});
        assert!(keeps(hex.clone(), json!("0x10")) && !keeps(hex, json!("0x11")));
        let range = json!({"int": {"range": {"min": 1, "max": "9"}}});
        assert!(
            keeps(range.clone(), json!(9)) && !keeps(range.clone(), json!(50)) && !keeps(range, json!("0"))
        );
        assert!(keeps(json!({"float": {"decimal": ","}}), json!("1,5")));
        let list = json!({"multi_picklist": {"max": 1, "delimiter": ";"}});
        assert!(!keeps(list, json!("one;two")));
    }

    #[test]
    fn failures_drop_or_tell() {
        let fails = |validation: Value, creating: bool| {
            validate(&field(validation, Value::Null), &json!("x"), creating)
        };
        assert_eq!(
            fails(json!({"api_read_only": {"on_fail": "never told"}}), true).unwrap(),
            Verdict::Drop
        );
        assert_eq!(
            fails(json!({"email": {"on_fail": "ignore_field"}}), true).unwrap(),
            Verdict::Drop
        );
        assert_eq!(fails(json!({"create_only": {}}), true).unwrap(), Verdict::Keep);
        let own = fails(json!({"create_only": {"on_fail": "only once"}}), false).unwrap_err();
        assert_eq!((own.message.as_str(), own.status()), ("only once", 400));
        let told = fails(json!({"email": null}), true).unwrap_err();
        assert_eq!(told.message, "Field 'f' value must be a valid email address.");
    }

    #[test]
    fn patterns_are_read_as_php_writes_them() {
        let matches = |regexp: &str, text: &str| {
            let rule = json!({"match": {"regexp": regexp}});
            pattern("f", &rule).map(|p| p.is_some_and(|p| p.is_match(text)))
        };
        assert!(matches("/^[a-z]+$/", "abc").unwrap());
        assert!(!matches("/^[a-z]+$/", "ABC1").unwrap());
        assert!(matches("#^[a-z]+$#i", "ABC").unwrap());
        assert!(matches("{^a/b$}", "a/b").unwrap());
        assert!(matches(&STANDARD.encode("/^[a-z]+$/"), "abc").unwrap());
        assert!(matches("^[a-z]+$", "abc").unwrap());
        for refused in ["", "/(a/", "/(?=a)/", "/a/e", "/\\1/", "/(a{1000}){1000}/"] {
            assert!(matches(refused, "a").is_err(), "{refused}");
        }
        // Linear time, whatever the pattern.
        assert!(!matches("/^(a+)+$/", &format!("{}b", "a".repeat(20_000))).unwrap());
    }
}
