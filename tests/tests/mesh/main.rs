//! Relations that lead from one service to another, over HTTP: orders in SQLite, customers in PostgreSQL, and the table
//! between orders and tags in MariaDB.

mod place;
mod reading;
mod rights;
mod writing;
