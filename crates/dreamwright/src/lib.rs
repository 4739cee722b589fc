//! dreamwright
