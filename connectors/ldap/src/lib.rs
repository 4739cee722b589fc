//! x
pub fn service_types() -> Vec<contract::ServiceType> {
    Vec::new()
}
