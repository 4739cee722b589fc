//! Copying and moving inside a service. Nothing that exists is replaced.

use crate::tree::{Item, walk};
use crate::upload::refused;
use crate::{Existing, FilePath, FileService};
use contract::{Kind, Problem, Request, Verb};

impl FileService {
    /// Copies a file, or moves it.
    pub(crate) async fn transfer_file(
        &self,
        source: &FilePath,
        target: &FilePath,
        moves: bool,
        request: &Request,
    ) -> Result<(), Problem> {
        permit_source(source, moves, request)?;
        let found = self
            .store
            .stat(source)
            .await?
            .filter(|found| found.length().is_some());
        let found = found.ok_or_else(|| Problem::not_found(format!("File '{source}' does not exist.")))?;
        if self.store.stat(target).await?.is_some() {
            return Err(Problem::new(
                Kind::Conflict,
                format!("File '{target}' already exists."),
            ));
        }
        let length = found.length().unwrap_or_default();
        let done = match moves {
            true => self.store.rename(source, target).await,
            false => self.store.copy(source, length, target, Existing::Keep).await,
        };
        done.map_err(|failure| refused(target, failure))
    }

    /// Copies a folder with all that is in it, or moves it. What is in it is permitted as if it were named.
    pub(crate) async fn transfer_folder(
        &self,
        source: &FilePath,
        target: &FilePath,
        moves: bool,
        request: &Request,
    ) -> Result<(), Problem> {
        permit_source(source, moves, request)?;
        self.folder(source).await?;
        if target.is_in(source) {
            return Err(Problem::bad_request("A folder cannot be put into itself."));
        }
        let items = walk(&*self.store, source, u64::MAX).await?;
        let mut placed = Vec::with_capacity(items.len());
        for item in &items {
            let place = target.join(item.path.below(source))?;
            permit_source(&item.path, moves, request)?;
            request.permit(place.as_str(), request.verb)?;
            placed.push((item, place));
        }
        if !moves {
            self.make_folder(target).await?;
            return self.copy_all(placed).await;
        }
        if self.store.stat(target).await?.is_some() {
            return Err(Problem::bad_request(format!(
                "Folder '{}' already exists.",
                target.folder()
            )));
        }
        self.ensure_folder(&target.parent()).await?;
        Ok(self.store.rename(source, target).await?)
    }

    /// Copies what was found, folders before their content. Folders behind links stay where they are.
    async fn copy_all(&self, placed: Vec<(&Item, FilePath)>) -> Result<(), Problem> {
        for (item, place) in placed {
            match item.found.length() {
                Some(length) => {
                    let copied = self.store.copy(&item.path, length, &place, Existing::Keep).await;
                    copied.map_err(|failure| refused(&place, failure))?;
                }
                None if item.found.is_folder() && !item.found.is_link => {
                    self.store.make_folder(&place).await?;
                }
                None => {}
            }
        }
        Ok(())
    }
}

fn permit_source(source: &FilePath, moves: bool, request: &Request) -> Result<(), Problem> {
    request.permit(source.as_str(), Verb::Get)?;
    if moves {
        request.permit(source.as_str(), Verb::Delete)?;
    }
    Ok(())
}
