//! Public files: read by anybody, as the service's configuration says.

use crate::{FilePath, FileService};
use contract::{ConfigField, ConfigKind, Map, Problem, Request, Response, Value};

/// The configuration field that all file services have.
pub const PUBLIC_PATH: &[ConfigField] = &[ConfigField::optional(
    "public_path",
    "Public Path",
    ConfigKind::Array,
    "An array of paths to make public. All folders and files under these paths will be available as public but \
     read-only via the server's URL.",
)];

/// What a public file may do in a browser: run its own scripts, as hosted apps do, but never as a page of the console's
/// origin.
const POLICY: &str = "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads";

/// The public paths of a configuration. Empty ones, which people leave in forms, and what cannot be a path make nothing
/// public; all files are public when a slash alone says so.
pub(crate) fn paths(config: &Map<String, Value>) -> Vec<FilePath> {
    let list = config.get("public_path").and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    let texts = texts.map(str::trim).filter(|text| !text.is_empty());
    texts.filter_map(|text| FilePath::parse(text).ok()).collect()
}

impl FileService {
    /// Answers a read of a file that anybody may make.
    pub(crate) async fn read_public(&self, request: &Request) -> Result<Response, Problem> {
        let denied = || Problem::forbidden("Access denied, please contact your system administrator.");
        let path = FilePath::parse(&request.path).map_err(|_| denied())?;
        if !self.public.iter().any(|public| path.is_in(public)) {
            return Err(denied());
        }
        let found = self.file(&path).await?;
        self.content(&path, &found, request, POLICY).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn empty_entries_publish_nothing() {
        let read = |value: Value| {
            let config = Map::from_iter([("public_path".to_owned(), value)]);
            let paths = paths(&config);
            paths
                .iter()
                .map(|path| path.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            read(json!(["images/", " docs/a.html ", "", "../x"])),
            ["images", "docs/a.html"]
        );
        assert_eq!(read(json!(["/"])), [""]);
        assert_eq!(read(json!(null)), [""; 0]);
    }
}
