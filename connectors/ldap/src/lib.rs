//! Directories: the service types `ldap` and `adldap`.
//!
//! Invariants: nobody is let in without a bind with their own password as the entry that they are taken for, and never
//! with an empty one, which a directory takes for nobody in particular. What clients send reaches a filter escaped, or
//! parsed and whole. Every exchange has its end, and what a server sends badly ends that exchange alone.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod active;
mod browse;
mod config;
mod connection;
mod entry;
mod filter;
mod standard;

use active::ActiveDirectory;
use config::Place;
use contract::{BuildContext, ConfigSpec, Problem, Service, ServiceType, Value};
use identity::{Admission, Column, DirectoryService, GroupRoles};
use standard::StandardLdap;
use std::sync::Arc;

/// The service types `ldap` and `adldap`. Building a service does not connect; it fails with 400 when the host is no
/// address, and with 500 when a base DN tells no domain where one is needed.
pub fn service_types() -> Vec<ServiceType> {
    vec![
        ServiceType {
            name: "adldap",
            label: "Active Directory",
            group: identity::LDAP,
            description: "A service for supporting Active Directory integration",
            singleton: false,
            subscription: Some("SILVER"),
            config: ConfigSpec {
                groups: &[
                    config::PLACE,
                    config::BROWSING,
                    config::GROUPS,
                    config::HIERARCHY,
                    config::ROLES,
                ],
            },
            build: Arc::new(|context: BuildContext| {
                let directory = ActiveDirectory::new(&context)?;
                let admission = admission(&context, "adldap");
                Ok(Arc::new(DirectoryService::new(Box::new(directory), admission)) as Arc<dyn Service>)
            }),
        },
        ServiceType {
            name: "ldap",
            label: "Standard LDAP",
            group: identity::LDAP,
            description: "A service for supporting Open LDAP integration",
            singleton: false,
            subscription: Some("SILVER"),
            config: ConfigSpec {
                groups: &[config::PLACE, config::GROUPS, config::ROLES],
            },
            build: Arc::new(|context: BuildContext| {
                let directory = StandardLdap::new(Place::new(&context)?);
                let admission = admission(&context, "ldap");
                Ok(Arc::new(DirectoryService::new(Box::new(directory), admission)) as Arc<dyn Service>)
            }),
        },
    ]
}

fn admission(context: &BuildContext, provider: &'static str) -> Admission {
    let mapped = context.config.get("map_group_to_role") == Some(&Value::Bool(true));
    Admission {
        groups: match mapped {
            true => GroupRoles::OfDirectory,
            false => GroupRoles::None,
        },
        ..Admission::new(context, Column::Adldap, provider)
    }
}

/// `Invalid username and password provided.`
fn wrong() -> Problem {
    Problem::unauthorized("Invalid username and password provided.")
}
