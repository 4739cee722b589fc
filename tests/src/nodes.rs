//! Nodes of one instance.

use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use kit::{Database, Program, Start};

/// The settings of a node: where the system database is, and what all nodes must have in common.
fn environment(database: &Database) -> Vec<(String, String)> {
    [
        (
            "DB_CONNECTION",
            database.server().engine().service_type().to_owned(),
        ),
        ("DB_HOST", database.host().to_owned()),
        ("DB_PORT", database.port().to_string()),
        ("DB_DATABASE", database.name().to_owned()),
        ("DB_USERNAME", database.user().to_owned()),
        ("DB_PASSWORD", database.password().to_owned()),
        (
            "APP_KEY",
            "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        ),
        ("DW_ADMIN_EMAIL", ADMIN_EMAIL.to_owned()),
        ("DW_ADMIN_PASSWORD", ADMIN_PASSWORD.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Starts a node over a system database, with an administrator.
pub fn node(database: &Database) -> Program {
    Program::with(Start {
        environment: environment(database),
        without_admin: true,
        ..Start::default()
    })
}
