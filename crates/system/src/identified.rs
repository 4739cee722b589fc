//! Lists of records by identifier. Clients of the system know them in the order of every other list, each record once.

use crate::face::Face;
use contract::{Body, Payload, Problem, Request, Value, word};
use records::Engine;
use records::ident::Ident;

/// Most identifiers that become one condition.
const MOST: usize = 500;

/// The request as one for a list of the records that its identifiers name. `None` when it names none, when they are
/// too many for one condition, or when one of them is not there: who asks by identifier is told which.
pub(crate) async fn as_list(
    engine: &Engine,
    face: &'static Face,
    request: &Request,
) -> Result<Option<Request>, Problem> {
    let Some(idents) = Ident::of(request)? else {
        return Ok(None);
    };
    let mut names: Vec<String> = idents.iter().map(Ident::label).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() > MOST {
        return Ok(None);
    }
    let list = conditioned(face, request, &names);
    let mut count = list.clone();
    count
        .params
        .0
        .push((word::COUNT_ONLY.name.to_owned(), "true".to_owned()));
    // What cannot be an identifier is refused with the others that are missing.
    let Ok(found) = engine.read(&count, face.name).await else {
        return Ok(None);
    };
    let all = matches!(&found.body, Body::Value(Value::Number(n)) if n.as_u64() == Some(names.len() as u64));
    Ok(all.then_some(list))
}

/// The request with a condition on the key instead of the identifiers, each of them bound.
fn conditioned(face: &Face, request: &Request, names: &[String]) -> Request {
    let mut list = request.clone();
    let replaced = [&word::IDS, &word::FILTER, &word::LIMIT, &word::OFFSET];
    let is_replaced = |name: &str| replaced.iter().any(|word| word.names().any(|n| n == name));
    list.params.0.retain(|(name, _)| !is_replaced(name));
    if let Payload::Value(Value::Object(body)) = &mut list.payload {
        body.retain(|name, _| !is_replaced(name));
    }
    let places: Vec<String> = (0..names.len()).map(|i| format!(":identifier_{i}")).collect();
    let bound = names
        .iter()
        .enumerate()
        .map(|(i, name)| (format!("params[identifier_{i}]"), name.clone()));
    list.params.0.extend(bound);
    list.params.0.push((
        word::FILTER.name.to_owned(),
        format!("{} in ({})", face.key, places.join(",")),
    ));
    list
}
