//! Which console the instance shows to browsers.

use crate::Refusal;
use contract::Settings;
use http_door::Console;
use std::path::Path;

/// The console of a folder when the settings name one, else the one inside the program. Fails when the folder cannot
/// be used.
pub(crate) fn of(settings: &Settings) -> Result<Option<Console>, Refusal> {
    if let Some(folder) = &settings.console_dir {
        let console = Console::folder(Path::new(folder));
        return console.map(Some).map_err(|e| {
            Refusal::Value(format!(
                "The folder {folder} (DW_CONSOLE_DIR) cannot be used: {e}."
            ))
        });
    }
    let console = inside();
    if console.is_none() {
        tracing::info!("this program does not include the console; the API works without it");
    }
    Ok(console)
}

#[cfg(feature = "console")]
fn inside() -> Option<Console> {
    Console::built(console_assets::FILES)
}

#[cfg(not(feature = "console"))]
fn inside() -> Option<Console> {
    None
}
