//! One suite for every database: what a [`records::Backend`] must do, whatever is behind it.
//!
//! The tables are the same everywhere (`conformance/*.sql`, [`memory_tables`]); the rows are stored through the backend
//! itself. Cases run one after the other, each clears the tables it writes, and what a database cannot do is told by
//! [`Traits`]. The in-memory connector is the measure: random conditions must find the same rows there and here.

mod catalogue;
mod change;
mod conditions;
mod grouping;
mod insert;
mod names;
mod ordering;
mod paired;
mod probe;
mod random;
mod rows;
mod tables;
mod values;
mod work;

pub use tables::memory_tables;

use records::Backend;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a database is like, where that changes what is right.
#[derive(Debug, Clone, Default)]
pub struct Traits {
    /// Columns refuse values of another type, and text that is too long.
    pub strict: bool,
    /// Decimals keep all their digits.
    pub exact_decimals: bool,
    /// The name for clients of the table `notes` in another schema, where there are schemas.
    pub elsewhere: Option<String>,
}

/// A database under test, its tables made and empty.
#[derive(Clone)]
pub struct Subject {
    backend: Arc<dyn Backend>,
    traits: Traits,
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;
type Case = (&'static str, fn(Subject) -> Running);

macro_rules! cases {
    ($($module:ident: $($case:ident)+;)+) => {
        &[$($((concat!(stringify!($module), "::", stringify!($case)), |s| Box::pin($module::$case(s)))),+),+]
    };
}

const CASES: &[Case] = cases! {
    conditions: comparisons lists patterns null_logic combinations clock counts;
    random: conditions_find_what_memory_finds;
    ordering: orders places_of_nulls limits_and_offsets sinks_can_stop_and_wait;
    paired: rows_come_through_a_table_between;
    grouping: groups aggregates_over_everything having;
    insert: keys_come_back defaults_are_stored duplicates missing_values lost_references bad_values checked many_at_once;
    change: updates_count_found_rows updates_that_are_refused checked_updates deletes deletes_that_are_refused composite_keys;
    work: commit rollback dropped one_refusal_spoils_nothing_outside;
    values: kinds_round_trip text_is_kept values_never_become_statements;
    names: odd_names_work other_schemas;
    catalogue: lists_tables describes_columns describes_keys describes_neighbours names_without_case;
};

/// Stores the rows that the reading cases look at and runs every case. Panics at the end with all that failed.
pub async fn run(backend: Arc<dyn Backend>, traits: Traits) {
    let subject = Subject { backend, traits };
    rows::store(&subject).await;
    let mut failed = Vec::new();
    for (name, case) in CASES {
        // A task of its own turns a panic into an error.
        if let Err(error) = tokio::spawn(case(subject.clone())).await {
            failed.push(format!("{name}: {}", message(error)));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} cases failed:\n{}",
        failed.len(),
        CASES.len(),
        failed.join("\n")
    );
}

fn message(error: tokio::task::JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else {
        return "was cancelled".to_owned();
    };
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload
            .downcast::<&str>()
            .map_or_else(|_| "panicked".to_owned(), |text| text.to_string()),
    }
}
