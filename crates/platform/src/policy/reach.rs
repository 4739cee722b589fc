//! Which verbs a role gives on *some* component of a form, such as `_table/{table_name}/{id}`.

use super::role::Role;
use contract::{Origin, Verbs};

impl Role {
    /// The verbs of every grant that decides about a component of the form. A form without placeholders is a
    /// component, and its verbs are what calls of it are decided by.
    pub fn reach(&self, service: i64, form: &str, origin: &Origin) -> Verbs {
        if !form.contains('{') {
            return self.verbs(service, form, origin);
        }
        let form = form.to_lowercase();
        let mut reached = Verbs::default();
        let mut covered = false;
        self.each_grant(
            service,
            origin,
            &mut |component, verbs| match component.split_once('*') {
                Some((prefix, "")) => {
                    covered |= covers(&form, prefix);
                    if meets(&form, prefix) {
                        reached = reached.union(verbs);
                    }
                }
                _ => {
                    if fits(&form, component) {
                        reached = reached.union(verbs);
                    }
                }
            },
        );
        // Grants of all services decide where no grant of this service does.
        match covered {
            true => reached,
            false => reached.union(self.everywhere(origin)),
        }
    }
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{')
}

/// Whether the form takes everything that is left at this segment.
fn takes_rest(segment: &str) -> bool {
    segment.ends_with("*}")
}

/// Whether a component is one of the form.
fn fits(form: &str, component: &str) -> bool {
    let mut parts = component.split('/');
    for segment in form.split('/') {
        let Some(part) = parts.next() else { return false };
        if takes_rest(segment) {
            return true;
        }
        if !is_placeholder(segment) && segment != part {
            return false;
        }
    }
    parts.next().is_none()
}

/// Whether some component of the form is granted by `prefix*`: begins with the prefix, or is it without its slash.
fn meets(form: &str, prefix: &str) -> bool {
    walk(form, prefix, |_| true)
}

/// Whether every component of the form is granted by `prefix*`.
fn covers(form: &str, prefix: &str) -> bool {
    walk(form, prefix, str::is_empty)
}

/// Follows a prefix through a form; `placeholder` says whether a placeholder may stand for a part of the prefix.
fn walk(form: &str, prefix: &str, placeholder: impl Fn(&str) -> bool) -> bool {
    let mut segments = form.split('/');
    let mut parts = prefix.split('/').peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let Some(segment) = segments.next() else {
            return is_last && part.is_empty();
        };
        let agrees = match is_placeholder(segment) {
            true => placeholder(part),
            false if is_last => segment.starts_with(part),
            false => segment == part,
        };
        if !agrees {
            return false;
        }
        if takes_rest(segment) {
            return true;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "_table/{table_name}/{id}";

    #[test]
    fn components_fit_their_form() {
        assert!(fits(RECORD, "_table/a/1"));
        assert!(fits("x/{rest*}", "x/a/b/c"));
        for other in ["_table/a", "_table/a/1/2", "_schema/a/1", ""] {
            assert!(!fits(RECORD, other), "{other}");
        }
    }

    #[test]
    fn prefixes_meet_and_cover_forms() {
        for (prefix, meeting, covering) in [
            ("", true, true),
            ("_table/", true, true),
            ("_tab", true, true),
            ("_table/emp", true, false),
            ("_table/employees/", true, false),
            ("_table/employees/1/", true, false),
            ("_table/employees/1/2", false, false),
            ("_schema/", false, false),
        ] {
            assert_eq!(meets(RECORD, prefix), meeting, "{prefix}");
            assert_eq!(covers(RECORD, prefix), covering, "{prefix}");
        }
    }
}
