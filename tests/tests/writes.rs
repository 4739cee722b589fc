//! Writing records: related ones inside, expressions, what the server sets, batches; against every connector.

#[path = "writes/batches.rs"]
mod batches;
#[path = "writes/kill.rs"]
mod kill;
#[path = "writes/nested.rs"]
mod nested;
#[path = "writes/over_http.rs"]
mod over_http;
#[path = "writes/subject.rs"]
mod subject;
#[path = "writes/values.rs"]
mod values;
