//! Which relations a request wants, and how far they may lead.

use super::DEEPEST;
use crate::{Relation, Table};
use contract::{Params, Problem, Request, word};

/// A relation that a request wants.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) relation: Relation,
}

/// The tables on the way to related records, each with the id of its service; empty at the table of the request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail(Vec<(i64, String)>);

impl Trail {
    /// The trail one table further.
    pub(super) fn with(&self, service: i64, table: &Table) -> Trail {
        let mut trail = self.clone();
        trail.0.push((service, table.public.clone()));
        trail
    }

    /// Whether a relation leads back to a table on the way.
    fn returns(&self, service: i64, relation: &Relation) -> bool {
        let extra = &relation.extra;
        let service = extra.ref_service.as_ref().map_or(service, |other| other.id);
        let table = extra.ref_real_name.as_ref().unwrap_or(&relation.ref_table);
        self.0.iter().any(|(s, t)| *s == service && t == table)
    }
}

impl Wanted {
    /// Reads `related`, and adds the relations that are always fetched. `*` is all. The order is the table's.
    ///
    /// Nobody asked for what is always fetched, so it does not lead back to a table on the way, nor too deep; what is
    /// asked for too deep is refused.
    pub(crate) fn of(
        request: &Request,
        table: &Table,
        strict: bool,
        trail: &Trail,
    ) -> Result<Vec<Wanted>, Problem> {
        let asked = request.list(&word::RELATED).unwrap_or_default();
        if strict
            && let Some(unknown) = asked
                .iter()
                .find(|name| *name != "*" && table.relation(name).is_none())
        {
            return Err(Problem::bad_request(format!("Unknown relationship: {unknown}")));
        }
        let deep = trail.0.len() >= DEEPEST;
        if deep && !asked.is_empty() {
            return Err(Problem::bad_request(format!(
                "Related records can be read at most {DEEPEST} levels deep."
            )));
        }
        let wants = |relation: &Relation| {
            let named = asked
                .iter()
                .any(|name| name == "*" || name.eq_ignore_ascii_case(&relation.name));
            named || (relation.always_fetch && !deep && !trail.returns(request.service.id, relation))
        };
        let wanted = table.all_relations().filter(|r| wants(r));
        Ok(wanted.map(|r| Wanted { relation: r.clone() }).collect())
    }
}

/// The options of a relation: parameters that begin with its name and a dot, without that. A dot and an underscore are
/// the same. The parameters of filters go on with them.
pub(super) fn options(params: &Params, relation: &str) -> Params {
    let same = |a: u8, b: u8| {
        let plain = |c: u8| if c == b'.' { b'_' } else { c.to_ascii_lowercase() };
        plain(a) == plain(b)
    };
    let begins = |name: &str| {
        let (name, relation) = (name.as_bytes(), relation.as_bytes());
        name.len() > relation.len()
            && matches!(name[relation.len()], b'.' | b'_')
            && name.iter().zip(relation).all(|(a, b)| same(*a, *b))
    };
    let option = |(name, value): &(String, String)| {
        if name.starts_with("params[") {
            return Some((name.clone(), value.clone()));
        }
        let option = begins(name).then(|| name.get(relation.len() + 1..))??;
        Some((option.to_owned(), value.clone()))
    };
    Params(params.0.iter().filter_map(option).collect())
}

#[cfg(test)]
mod tests {
    use super::options;
    use contract::Params;

    #[test]
    fn options_are_found_with_dots_and_underscores() {
        let params = |list: &[(&str, &str)]| {
            Params(
                list.iter()
                    .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                    .collect(),
            )
        };
        let sent = params(&[
            ("fields", "a"),
            ("crm.cards_by_id.fields", "b"),
            ("CRM_cards_by_id_limit", "3"),
            ("crm.cards_by_ids.order", "x"),
            ("crm.cards_by_id.owners.fields", "c"),
            ("crm.cards_by_idä", "x"),
            ("params[:n]", "1"),
        ]);
        let expected = params(&[
            ("fields", "b"),
            ("limit", "3"),
            ("owners.fields", "c"),
            ("params[:n]", "1"),
        ]);
        assert_eq!(options(&sent, "crm.cards_by_id").0, expected.0);
    }
}
