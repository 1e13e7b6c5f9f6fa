//! The steps of a deployment and of a deletion.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use super::Deployment;
use super::cloud::{Bucket, Change, Cloud, CloudError, Event, Request, Template};
use super::events::Events;

/// CloudFormation takes a template of this many bytes inline (cloudformation-limits.html).
const INLINE_BYTES: usize = 51_200;
/// Looks at a change set before giving up, and looks at a stack; a pause lies between two.
const CHANGE_SET_LOOKS: usize = 300;
const STACK_LOOKS: usize = 1_800;

/// What a deployment tells while it runs.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A file was uploaded.
    Uploaded(&'a str),
    /// What the change set will do.
    Changes(&'a [Change]),
    /// Something happened to a resource.
    Event(&'a Event),
}

/// How a deployment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether anything had to be changed.
    pub changed: bool,
    /// The stack's outputs.
    pub outputs: BTreeMap<String, String>,
}

/// Why a deployment or deletion did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeployError {
    /// A call was refused.
    Cloud(CloudError),
    /// The stack's creation or deletion failed, and it can only be deleted; its status.
    OnlyDeletable(String),
    /// Another operation is running.
    Busy(String),
    /// The change set could not be made.
    ChangeSet(String),
    /// The change failed and was rolled back; the resources that failed, with their reasons.
    Failed {
        /// The stack's status at the end.
        status: String,
        /// Logical id and reason.
        causes: Vec<(String, String)>,
    },
    /// Nothing happened for too long.
    TimedOut(String),
}

impl fmt::Display for DeployError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cloud(error) => error.fmt(f),
            Self::OnlyDeletable(status) => {
                write!(f, "the stack is in {status}: it can only be deleted")
            }
            Self::Busy(status) => write!(f, "another operation on the stack is running: {status}"),
            Self::ChangeSet(reason) => write!(f, "the change set could not be made: {reason}"),
            Self::Failed { status, causes } => {
                write!(f, "the stack ended in {status}")?;
                causes
                    .iter()
                    .try_for_each(|(id, reason)| write!(f, "\n  {id}: {reason}"))
            }
            Self::TimedOut(what) => write!(f, "{what} took too long, and may still go on"),
        }
    }
}

impl From<CloudError> for DeployError {
    fn from(error: CloudError) -> Self {
        Self::Cloud(error)
    }
}

/// Deploys: uploads what is not there yet, makes a change set, executes it, follows it to the end. `bucket` is made when
/// it is not there. No change at all is a success.
pub async fn deploy(
    cloud: &impl Cloud,
    deployment: &Deployment,
    bucket: &Bucket,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Outcome, DeployError> {
    let stack = deployment.stack.as_str();
    let present = cloud.stack(stack).await?;
    let create = match present.as_ref().map(|stack| stack.status.as_str()) {
        None | Some("REVIEW_IN_PROGRESS") => true,
        Some(
            status @ ("ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED"),
        ) => {
            return Err(DeployError::OnlyDeletable(status.to_owned()));
        }
        Some(status) if status.ends_with("_IN_PROGRESS") => {
            return Err(DeployError::Busy(status.to_owned()));
        }
        Some(_) => false,
    };
    upload(cloud, deployment, bucket, progress).await?;
    let template_key = template_key(deployment);
    let template = if deployment.template.len() <= INLINE_BYTES {
        Template::Inline(&deployment.template)
    } else {
        cloud
            .put_text(bucket, &template_key, &deployment.template)
            .await?;
        Template::Stored {
            bucket: &bucket.name,
            key: &template_key,
        }
    };
    let mut parameters = deployment.parameters.clone();
    if deployment.takes_zips {
        parameters.insert(
            crate::plan::logical_id::artefact_bucket().to_string(),
            bucket.name.clone(),
        );
    }
    let name = change_set_name(deployment, &parameters);
    let request = Request {
        stack,
        name: &name,
        create,
        template,
        parameters: &parameters,
        tags: &deployment.tags,
    };
    // A change set of the same content may lie there from a run that was interrupted.
    cloud.delete_change_set(stack, &name).await.ok();
    cloud.create_change_set(&request).await?;
    let Some(changes) = settled_changes(cloud, stack, &name).await? else {
        let outputs = present.map(|stack| stack.outputs).unwrap_or_default();
        return Ok(Outcome {
            changed: false,
            outputs,
        });
    };
    progress(Progress::Changes(&changes));
    let events = Events::before(cloud, stack).await?;
    cloud.execute_change_set(stack, &name).await?;
    let outputs = follow(cloud, stack, events, progress).await?;
    Ok(Outcome {
        changed: true,
        outputs,
    })
}

/// Deletes the stack and follows it to the end. A stack that is not there is a success, told by `false`.
pub async fn destroy(
    cloud: &impl Cloud,
    stack: &str,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<bool, DeployError> {
    let Some(present) = cloud.stack(stack).await? else {
        return Ok(false);
    };
    if present.status.ends_with("_IN_PROGRESS") && present.status != "REVIEW_IN_PROGRESS" {
        return Err(DeployError::Busy(present.status));
    }
    let mut events = Events::before(cloud, stack).await?;
    cloud.delete_stack(stack).await?;
    for _ in 0..STACK_LOOKS {
        let Some(present) = cloud.stack(stack).await? else {
            return Ok(true);
        };
        // A stack that goes between the two calls has no events, which is no error.
        events.tell_new(cloud, stack, progress).await?;
        if events.started && present.status == "DELETE_FAILED" {
            return Err(events.failure(present.status));
        }
        cloud.pause().await;
    }
    Err(DeployError::TimedOut("the deletion".to_owned()))
}

async fn upload(
    cloud: &impl Cloud,
    deployment: &Deployment,
    bucket: &Bucket,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<(), DeployError> {
    cloud.ensure_bucket(bucket).await?;
    for (key, file) in &deployment.files {
        if !cloud.has_object(bucket, key).await? {
            cloud.put_file(bucket, key, file).await?;
            progress(Progress::Uploaded(key));
        }
    }
    Ok(())
}

/// The changes once the change set is ready; `None` when there is nothing to change.
async fn settled_changes(
    cloud: &impl Cloud,
    stack: &str,
    name: &str,
) -> Result<Option<Vec<Change>>, DeployError> {
    for _ in 0..CHANGE_SET_LOOKS {
        let change_set = cloud.change_set(stack, name).await?;
        match change_set.status.as_str() {
            "CREATE_COMPLETE" => return Ok(Some(change_set.changes)),
            "FAILED" => {
                cloud.delete_change_set(stack, name).await.ok();
                return if is_no_change(&change_set.reason) {
                    Ok(None)
                } else {
                    Err(DeployError::ChangeSet(change_set.reason))
                };
            }
            _ => cloud.pause().await,
        }
    }
    Err(DeployError::TimedOut("the change set".to_owned()))
}

/// Both texts are AWS's own (aws-facts: troubleshooting.html).
fn is_no_change(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// Follows an operation until the stack rests, and returns its outputs.
async fn follow(
    cloud: &impl Cloud,
    stack: &str,
    mut events: Events,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<BTreeMap<String, String>, DeployError> {
    for _ in 0..STACK_LOOKS {
        // Right after its start an operation may not show yet, and the state be that of before. Only a state that is read
        // after the first new event counts.
        let started = events.started;
        let present = cloud.stack(stack).await?;
        events.tell_new(cloud, stack, progress).await?;
        match present {
            Some(present) if started && is_success(&present.status) => return Ok(present.outputs),
            Some(present) if started && !present.status.ends_with("_IN_PROGRESS") => {
                return Err(events.failure(present.status));
            }
            None if started => return Err(events.failure("DELETE_COMPLETE".to_owned())),
            Some(_) | None => cloud.pause().await,
        }
    }
    Err(DeployError::TimedOut("the stack".to_owned()))
}

fn is_success(status: &str) -> bool {
    matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE")
}

/// topogen's own bucket for an app. All of AWS shares the names of buckets, so that of another account is never used.
pub fn own_bucket(account: &str, region: &str, app: &str) -> Bucket {
    Bucket {
        name: format!("topogen-artefacts-{}", digest([account, region, app])),
        owner: Some(account.to_owned()),
    }
}

fn template_key(deployment: &Deployment) -> String {
    format!(
        "templates/{}/{}.json",
        deployment.stack,
        digest([deployment.template.as_str()])
    )
}

/// From the content, so that the same deployment has the same name and an interrupted one can be taken up.
fn change_set_name(deployment: &Deployment, parameters: &BTreeMap<String, String>) -> String {
    let parts = parameters.values().map(String::as_str);
    format!(
        "topogen-{}",
        digest(std::iter::once(deployment.template.as_str()).chain(parts))
    )
}

fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher
        .finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
