//! A plan to a running stack: artefacts to S3, a change set, its events, its end.
//!
//! The steps are written against the small trait [`Cloud`]: the AWS SDK implements it for AWS and for the local cloud,
//! a recorded fake for the tests.

pub mod aws;
mod cloud;
mod events;
mod run;

pub use cloud::Template;
pub use cloud::{
    Action, Bucket, Change, ChangeSet, Cloud, CloudError, Event, Request, Stack as RunningStack,
};
pub use run::{DeployError, Outcome, Progress, deploy, destroy, own_bucket};

use std::collections::BTreeMap;

use crate::build::Zip;
use crate::plan::{Plan, Stack, logical_id};

/// What is deployed: the stack's name, its template, the parameters, the files behind them.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Name of the stack.
    pub stack: String,
    /// Compact JSON.
    pub template: String,
    /// Tags of the stack; AWS puts them on every resource that can have tags.
    pub tags: BTreeMap<String, String>,
    /// Whether the template has a parameter for the bucket of the zips.
    pub takes_zips: bool,
    /// Parameters beside the bucket, by id.
    pub parameters: BTreeMap<String, String>,
    /// Files to be put into the artefact bucket, by key.
    pub files: BTreeMap<String, std::path::PathBuf>,
    /// Logical id to the place in the topology file.
    pub origins: BTreeMap<String, String>,
}

impl Deployment {
    /// Ties one of a plan's stacks to the zips of its functions.
    pub fn new(plan: &Plan, stack: &Stack, template: String, zips: &[Zip]) -> Self {
        let owner = plan
            .owner
            .iter()
            .map(|owner| ("owner".to_owned(), owner.clone()));
        let own = || {
            let handlers = plan
                .handlers
                .iter()
                .filter(|(_, handler)| handler.stack == stack.name);
            handlers.filter_map(|(service, handler)| {
                let zip = zips.iter().find(|zip| zip.service == *service)?;
                Some((handler, zip))
            })
        };
        Self {
            stack: stack.name.clone(),
            template,
            tags: [
                ("app".to_owned(), plan.app.clone()),
                ("environment".to_owned(), plan.environment.clone()),
            ]
            .into_iter()
            .chain(owner)
            .chain(plan.tags.clone())
            .collect(),
            takes_zips: stack
                .parameters
                .contains_key(&logical_id::artefact_bucket()),
            parameters: own()
                .map(|(handler, zip)| (handler.key_parameter.to_string(), zip.key()))
                .collect(),
            files: own()
                .map(|(_, zip)| (zip.key(), zip.path.clone()))
                .collect(),
            origins: stack
                .resources
                .iter()
                .map(|resource| (resource.id.to_string(), resource.origin.to_string()))
                .collect(),
        }
    }
}
