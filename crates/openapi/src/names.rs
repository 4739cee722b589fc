//! Names in documents: of operations, of schemas, of paths.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Words joined, each with a capital: `email_template` is `EmailTemplate`. Signs that cannot stand in a name end a
/// word and are left out.
pub fn camel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for sign in text.chars() {
        if !sign.is_ascii_alphanumeric() {
            begins = true;
        } else if begins {
            out.push(sign.to_ascii_uppercase());
            begins = false;
        } else {
            out.push(sign);
        }
    }
    out
}

/// Many of a thing: `Role` is `Roles`; where the name itself ends like a plural, `Cors` is `CorsEntries`.
pub(crate) fn many(one: &str) -> String {
    match one.ends_with('s') {
        true => format!("{one}Entries"),
        false => format!("{one}s"),
    }
}

/// Signs that stand in a path as they are.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A name as a segment of a path.
pub(crate) fn segment(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}

/// A name as the end of an operation's name: no two names have the same. Signs beyond letters, digits and `_` become
/// `-` and their code.
pub(crate) fn ending(name: &str) -> String {
    const WORD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_');
    utf8_percent_encode(name, WORD).to_string().replace('%', "-")
}

/// The last word of a path that is no placeholder.
pub(crate) fn subject_of(path: &str) -> &str {
    let mut words = path.rsplit('/');
    words.find(|word| !word.starts_with('{')).unwrap_or_default()
}

/// The name of an operation.
pub(crate) fn operation(id: &str, service: &str, path: &str) -> String {
    let one = camel(subject_of(path));
    id.replace("{S}", &camel(service))
        .replace("{Many}", &many(&one))
        .replace("{One}", &one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_called_as_clients_know_them() {
        for (id, service, path, name) in [
            ("get{S}{Many}", "system", "role", "getSystemRoles"),
            ("get{S}{One}", "system", "role/{id}", "getSystemRole"),
            ("get{S}{Many}", "system", "cors", "getSystemCorsEntries"),
            (
                "get{S}{Many}",
                "system",
                "email_template",
                "getSystemEmailTemplates",
            ),
            ("create{S}{One}", "system", "admin/session", "createSystemSession"),
            (
                "get{S}TableRecords",
                "my_db",
                "_table/{table_name}",
                "getMyDbTableRecords",
            ),
        ] {
            assert_eq!(operation(id, service, path), name);
        }
        assert_eq!((ending("a_b").as_str(), ending("a b").as_str()), ("a_b", "a-20b"));
        assert_eq!(ending("a-20b"), "a-2D20b");
        assert_eq!(segment("a b/{c}"), "a%20b%2F%7Bc%7D");
    }
}
