//! http-door
