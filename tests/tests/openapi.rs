//! OpenAPI documents over HTTP: valid for every service, reduced to the caller, cheap for large databases, and true:
//! a generator of requests finds no answer that a document does not promise.

#[path = "openapi/documents.rs"]
mod documents;
#[path = "openapi/large.rs"]
mod large;
#[path = "openapi/python.rs"]
mod python;
#[path = "openapi/rights.rs"]
mod rights;
#[path = "openapi/stored.rs"]
mod stored;
