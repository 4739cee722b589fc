//! Lookups: `{name}` and `{strtoupper(trim(name))}` in text are replaced by values.

use crate::php;
use std::borrow::Cow;

/// Replaces the lookups of a text.
///
/// `find` gives the value of a name; where it has none, the token stays as it is, braces included. Functions are
/// applied from the inside out; those that are unknown, or that `modifiers_allowed` refuses, are passed over.
/// Values are not looked at again, so a value cannot bring in another lookup. No quotes are added: put a value
/// that a user chose into a filter as a parameter.
pub fn replace<'t>(
    text: &'t str,
    modifiers_allowed: &dyn Fn(&str) -> bool,
    find: &dyn Fn(&str) -> Option<String>,
) -> Cow<'t, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|i| from + i) {
        from = open + 1;
        let Some(token) = Token::read(&text[from..]) else {
            continue;
        };
        let Some(mut value) = find(token.name) else {
            continue;
        };
        for function in token.functions.iter().rev() {
            if modifiers_allowed(function)
                && let Some(changed) = php::apply(function, &value)
            {
                value = changed;
            }
        }
        out.push_str(&text[copied..open]);
        out.push_str(&value);
        from += token.length;
        copied = from;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

struct Token<'t> {
    name: &'t str,
    /// From the outside in.
    functions: Vec<&'t str>,
    /// Up to and with the closing brace.
    length: usize,
}

impl<'t> Token<'t> {
    /// Reads what follows an opening brace.
    fn read(text: &'t str) -> Option<Token<'t>> {
        let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '(' | ')');
        let end = text.find(|c| !sign(c))?;
        if !text[end..].starts_with('}') {
            return None;
        }
        let mut parts: Vec<&str> = text[..end].split('(').collect();
        let inner = parts.pop()?;
        let name = inner.trim_end_matches(')');
        let balanced = inner.len() - name.len() == parts.len();
        let whole = balanced && !name.contains(')') && !name.is_empty();
        let named = parts.iter().all(|part| !part.is_empty() && !part.contains(')'));
        (whole && named).then_some(Token {
            name,
            functions: parts,
            length: end + 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(name: &str) -> Option<String> {
        Some(
            match name {
                "user.id" => "42",
                "city" => "  bonn ",
                "path" => "a b/ü+~",
                "coded" => "aGVsbG8=",
                "words" => "one two-three",
                "tricky" => "{user.id}",
                _ => return None,
            }
            .to_owned(),
        )
    }

    #[test]
    fn tokens_are_replaced() {
        for (text, expected) in [
            ("user_id = {user.id}", "user_id = 42"),
            ("{user.id}{user.id}", "4242"),
            ("{nosuch} {user.id}", "{nosuch} 42"),
            ("{{user.id}}", "{42}"),
            ("{ user.id }", "{ user.id }"),
            ("{user-id}", "{user-id}"),
            ("{", "{"),
            ("{}", "{}"),
            ("{()}", "{()}"),
            ("{strtoupper(trim(city))}", "BONN"),
            ("{ucfirst(trim(city))}", "Bonn"),
            ("{ucwords(words)}", "One Two-three"),
            ("{lcfirst(strtoupper(words))}", "oNE TWO-THREE"),
            ("{strtolower(strtoupper(words))}", "one two-three"),
            ("{urlencode(path)}", "a+b%2F%C3%BC%2B%7E"),
            ("{rawurlencode(path)}", "a%20b%2F%C3%BC%2B~"),
            ("{urldecode(urlencode(path))}", "a b/ü+~"),
            ("{rawurldecode(path)}", "a b/ü+~"),
            ("{base64_decode(coded)}", "hello"),
            ("{base64_encode(path)}", "YSBiL8O8K34="),
            ("{base64_decode(base64_encode(path))}", "a b/ü+~"),
            ("{md5(user.id)}", "42"),
            ("{strtoupper(trim(city)}", "{strtoupper(trim(city)}"),
            ("{strtoupper(city)x}", "{strtoupper(city)x}"),
            ("{tricky}", "{user.id}"),
            ("ü{user.id}ü", "ü42ü"),
        ] {
            assert_eq!(replace(text, &|_| true, &known), expected, "{text}");
        }
    }

    #[test]
    fn a_function_that_is_not_allowed_is_passed_over() {
        let allowed = |function: &str| function != "strtoupper";
        assert_eq!(replace("{strtoupper(trim(city))}", &allowed, &known), "bonn");
    }

    #[test]
    fn text_without_lookups_is_not_copied() {
        assert!(matches!(
            replace("id = {x} or {", &|_| true, &|_| None),
            Cow::Borrowed(_)
        ));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[{}()a.ü%+ ]{0,40}") {
            let _ = replace(&text, &|_| true, &|name| Some(name.to_owned()));
        }
    }
}
