//! Where a package that was made is put: into the file service that `storage` of the body names.

use super::files::FileService;
use contract::{Problem, Request, Value};
use platform::Platform;

/// The folder for packages where none is named, as in the original.
const FOLDER: &str = "__EXPORTS";

/// A folder of a file service.
pub(super) struct Place {
    service: String,
    folder: String,
}

/// The place that `storage` names by `name`, by `id`, or by an id in `name`; `None` when it names no service. 404 for a
/// service that is not there.
pub(super) async fn of(platform: &Platform, request: &Request) -> Result<Option<Place>, Problem> {
    let body = request.object();
    let Some(storage) = body.and_then(|body| body.get("storage")?.as_object()) else {
        return Ok(None);
    };
    let asked = ["name", "id"].iter().find_map(|key| storage.get(*key));
    let Some(service) = named(platform, asked.unwrap_or(&Value::Null)).await? else {
        return Ok(None);
    };
    let folder = storage
        .get("folder")
        .or_else(|| storage.get("path"))
        .and_then(Value::as_str);
    let folder = folder
        .map(|folder| folder.trim_matches('/'))
        .filter(|folder| !folder.is_empty());
    Ok(Some(Place {
        service,
        folder: folder.unwrap_or(FOLDER).to_owned(),
    }))
}

/// The name of the service that a name or an id means; `None` when it means nothing. 404 for an id that is not there.
pub(super) async fn named(platform: &Platform, asked: &Value) -> Result<Option<String>, Problem> {
    let id = match asked {
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => match text.parse() {
            Ok(id) => id,
            Err(_) => return Ok(Some(text.clone())),
        },
        Value::Number(number) => number.as_i64().unwrap_or_default(),
        _ => return Ok(None),
    };
    let names = platform.store().service_names().await?;
    let found = names.into_iter().find(|(known, _)| *known == id);
    let missing = || Problem::not_found(format!("There is no service with the id {id} to put files into."));
    found.map(|(_, name)| Some(name)).ok_or_else(missing)
}

impl Place {
    /// Writes a package, in the place of one of the same name; its path below the API, and whether anybody may read it.
    pub(super) async fn write(
        &self,
        platform: &Platform,
        request: &Request,
        name: &str,
        archive: Vec<u8>,
    ) -> Result<(String, bool), Problem> {
        let Place { service, folder } = self;
        let path = format!("{folder}/{name}");
        let files = FileService::new(platform, request, service);
        files.write(&path, archive.into(), true).await?;
        Ok((format!("{service}/{path}"), files.is_public(&path).await?))
    }
}
