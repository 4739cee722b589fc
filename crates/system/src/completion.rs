//! Configurations of services that are filled in from the world outside before they are saved.

use crate::write::Writing;
use contract::{Map, Payload, Problem, Request, Value, Verb};
use identity::OAUTH;
use store::rows::ServiceRow;

/// The request with the configurations of its login services filled in; `None` where there are none. `id` is the
/// service of the path. What a client sent is never replaced.
///
/// Fails with 400 when a provider cannot tell what its configuration leaves blank.
pub(crate) async fn completed(writing: &Writing<'_>, id: Option<i64>) -> Result<Option<Request>, Problem> {
    let request = writing.request;
    let is_save =
        writing.face.name == "service" && matches!(request.verb, Verb::Post | Verb::Put | Verb::Patch);
    let (true, Payload::Value(body)) = (is_save, &request.payload) else {
        return Ok(None);
    };
    let mut body = body.clone();
    let mut any = false;
    for record in records(&mut body, &writing.settings.resource_wrapper) {
        any |= fill(writing, id, record).await?;
    }
    Ok(any.then(|| Request {
        payload: Payload::Value(body),
        ..request.clone()
    }))
}

/// The records of a body: wrapped, in a list, or the body itself.
fn records<'b>(body: &'b mut Value, wrapper: &str) -> Vec<&'b mut Map<String, Value>> {
    let inner = match body.get(wrapper) {
        Some(Value::Array(_) | Value::Object(_)) => &mut body[wrapper],
        _ => body,
    };
    match inner {
        Value::Array(list) => list.iter_mut().filter_map(Value::as_object_mut).collect(),
        Value::Object(one) => vec![one],
        _ => Vec::new(),
    }
}

/// Fills in one record and tells whether there was anything to fill in.
async fn fill(
    writing: &Writing<'_>,
    id: Option<i64>,
    record: &mut Map<String, Value>,
) -> Result<bool, Problem> {
    let stored = match id.or_else(|| record.get("id").and_then(Value::as_i64)) {
        Some(id) => writing.store.service(id).await?,
        None => None,
    };
    let (Some(row), Some(Value::Object(sent))) =
        (as_saved(writing, record, stored), record.get_mut("config"))
    else {
        return Ok(false);
    };
    let found = writing.platform.complete(&row).await?;
    let any = !found.is_empty();
    sent.extend(found);
    Ok(any)
}

/// A login service as it would be stored; `None` where it is none, or cannot be stored in this way: that is told when it
/// is.
fn as_saved(
    writing: &Writing<'_>,
    record: &Map<String, Value>,
    stored: Option<ServiceRow>,
) -> Option<ServiceRow> {
    let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = text("type").or_else(|| stored.as_ref().map(|row| row.kind.clone()))?;
    let mut types = writing.platform.types().iter();
    let of = types.find(|of| of.name == kind && of.group == OAUTH)?;
    let same = stored.filter(|row| row.kind == kind);
    let old = same.as_ref().map(|row| &row.config);
    let config = of.config.merge(old, record.get("config")?.as_object()?).ok()?;
    Some(ServiceRow {
        id: same.as_ref().map_or(0, |row| row.id),
        name: text("name").or(same.map(|row| row.name)).unwrap_or_default(),
        label: String::new(),
        description: None,
        is_active: true,
        kind,
        config,
    })
}
