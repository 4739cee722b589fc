//! Walking through folders.

use crate::{FilePath, Found, FoundKind, Store};
use contract::Problem;

/// Something in a store, with its path.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) path: FilePath,
    pub(crate) found: Found,
}

impl Item {
    /// The path as clients know it: of a folder with a slash at its end.
    pub(crate) fn shown(&self) -> String {
        match self.found.is_folder() {
            true => self.path.folder(),
            false => self.path.as_str().to_owned(),
        }
    }

    /// Whether clients may know of it at all.
    pub(crate) fn is_shown(&self) -> bool {
        self.found.kind != FoundKind::Broken
    }
}

/// What lies directly in a folder, in order of the names' bytes.
pub(crate) async fn children(store: &dyn Store, folder: &FilePath) -> Result<Vec<Item>, Problem> {
    let found = store.list(folder).await?;
    // A name that no path can have was not made here, and cannot be asked for.
    let mut items: Vec<Item> = found
        .into_iter()
        .filter_map(|found| {
            let path = folder.join(&found.name).ok()?;
            // Servers of others could tell names that lead elsewhere.
            (path.name() == found.name && path.parent() == *folder).then_some(Item { path, found })
        })
        .collect();
    items.sort_by(|a, b| a.found.name.as_bytes().cmp(b.found.name.as_bytes()));
    Ok(items)
}

/// All that lies in a folder, each folder followed by its content; nobody walks through links.
///
/// Fails with 400 when there are more than `most`.
pub(crate) async fn walk(store: &dyn Store, folder: &FilePath, most: u64) -> Result<Vec<Item>, Problem> {
    let mut walked = Vec::new();
    let mut ahead = children(store, folder).await?;
    ahead.reverse();
    while let Some(item) = ahead.pop() {
        if walked.len() as u64 >= most {
            return Err(Problem::bad_request(format!(
                "The folder holds more than {most} files and folders; ask for one of its sub-folders."
            )));
        }
        if item.found.is_folder() && !item.found.is_link {
            let mut below = children(store, &item.path).await?;
            below.reverse();
            ahead.append(&mut below);
        }
        walked.push(item);
    }
    Ok(walked)
}
