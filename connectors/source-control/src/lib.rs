//! Repositories of source code: the service types `github`, `gitlab` and `bitbucket`.
//!
//! Invariants: only reads; a path of a client is parts of a path at the provider, whatever signs are in it; a path that is
//! named by a parameter is permitted like one that is called. Tokens go to the provider's own server alone, and into no
//! answer and no log. What is read is bounded.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod bitbucket;
mod config;
mod endpoints;
mod github;
mod gitlab;
mod place;
mod provider;
mod service;
#[cfg(test)]
mod tests;

use contract::{BuildContext, ConfigSpec, Problem, ServiceType};
use provider::Provider;
use service::SourceControl;
use std::sync::Arc;

/// The service types `github`, `gitlab` and `bitbucket`. Building a service does not connect; it fails with 400 when the
/// configuration cannot be used.
pub fn service_types() -> Vec<ServiceType> {
    vec![
        of_provider(
            "github",
            "GitHub Service",
            "A client service for GitHub",
            config::GITHUB,
            |context| Ok(Box::new(github::GitHub::new(&context.config, github::ADDRESS)?)),
        ),
        of_provider(
            "gitlab",
            "GitLab Service",
            "A client service for GitLab",
            config::GITLAB,
            |context| Ok(Box::new(gitlab::GitLab::new(&context.config)?)),
        ),
        of_provider(
            "bitbucket",
            "Bitbucket Service",
            "A client service for Bitbucket API 2.0",
            config::BITBUCKET,
            |context| {
                Ok(Box::new(bitbucket::Bitbucket::new(
                    &context.config,
                    bitbucket::ADDRESS,
                )?))
            },
        ),
    ]
}

fn of_provider(
    name: &'static str,
    label: &'static str,
    description: &'static str,
    config: ConfigSpec,
    open: fn(&BuildContext) -> Result<Box<dyn Provider>, Problem>,
) -> ServiceType {
    ServiceType {
        name,
        label,
        group: "Source Control",
        description,
        singleton: false,
        subscription: None,
        config,
        build: Arc::new(move |context: BuildContext| {
            let provider = open(&context)?;
            Ok(Arc::new(SourceControl::new(provider, context.settings)) as _)
        }),
    }
}
