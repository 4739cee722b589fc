//! Trying a database that may not be there yet, without making it.

use crate::connection::Open;
use driver::{Fault, FaultKind, Trouble};
use std::path::Path;

static FILE: Trouble = Trouble {
    sentence: "The file can be neither opened nor made.",
    fields: &["database"],
};
static OTHER: Trouble = Trouble {
    sentence: "The file is not a SQLite database.",
    fields: &["database"],
};

/// Whether the first use would make the file. Fails when it could not.
pub(crate) fn is_new(open: &Open) -> Result<bool, Fault> {
    if open.in_memory() || open.path.try_exists().unwrap_or(true) {
        return Ok(false);
    }
    // Folders are made as well, in the first one that is there.
    let place = open.path.ancestors().skip(1).find(|folder| folder.exists());
    let place = place.and_then(|folder| Path::new(folder).metadata().ok());
    match place.is_some_and(|place| place.is_dir() && !place.permissions().readonly()) {
        true => Ok(true),
        false => Err(Fault::new(FaultKind::Down, "no folder for the file").with_trouble(Some(&FILE))),
    }
}

/// Tells what the fault of opening a file means.
pub(crate) fn explained(fault: Fault) -> Fault {
    let trouble = match fault.kind {
        FaultKind::Down if fault.message.contains("not a database") => Some(&OTHER),
        FaultKind::Down | FaultKind::Storage => Some(&FILE),
        _ => None,
    };
    fault.with_trouble(trouble)
}
