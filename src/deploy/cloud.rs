//! What a deployment needs of a cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// A refusal, in AWS's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudError {
    /// The call, such as `CreateChangeSet`.
    pub call: &'static str,
    /// Code and message.
    pub message: String,
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.call, self.message)
    }
}

/// Where artefacts are put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account that it must belong to. It is topogen's own then, and made when it is not there; a bucket of the same
    /// name in another account is refused. None: the bucket is the user's own affair, and has to be there.
    pub owner: Option<String>,
}

/// A stack as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Such as `CREATE_COMPLETE`.
    pub status: String,
    /// Outputs by name.
    pub outputs: BTreeMap<String, String>,
}

/// A change set to be made.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Name of the stack.
    pub stack: &'a str,
    /// Name of the change set.
    pub name: &'a str,
    /// Whether the stack is new.
    pub create: bool,
    /// The template itself, or the key under which it lies in the artefact bucket.
    pub template: Template<'a>,
    /// Parameters by id.
    pub parameters: &'a BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: &'a BTreeMap<String, String>,
}

/// How a template is handed over.
#[derive(Debug, Clone, Copy)]
pub enum Template<'a> {
    /// In the request, up to 51,200 bytes.
    Inline(&'a str),
    /// As an object of the artefact bucket, up to 1 MB.
    Stored {
        /// Bucket.
        bucket: &'a str,
        /// Key.
        key: &'a str,
    },
}

/// A change set as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// Such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why it failed.
    pub reason: String,
    /// What it would do.
    pub changes: Vec<Change>,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Add,
    /// It is changed in place.
    Modify,
    /// A new one takes its place.
    Replace,
    /// It goes.
    Remove,
}

/// One line of a change set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// To which resource.
    pub logical_id: String,
    /// Of which type.
    pub resource_type: String,
}

/// Something that happened to a resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Unique.
    pub id: String,
    /// The resource, or the stack's own name.
    pub logical_id: String,
    /// Its type.
    pub resource_type: String,
    /// Such as `CREATE_FAILED`.
    pub status: String,
    /// Why.
    pub reason: String,
}

/// What a deployment needs of a cloud. Every call is one request, retried by the SDK where that is safe.
#[expect(async_fn_in_trait, reason = "used within this crate, on one thread")]
pub trait Cloud {
    /// Makes topogen's own bucket when it is not there: private, TLS only. Any other must be there.
    async fn ensure_bucket(&self, bucket: &Bucket) -> Result<(), CloudError>;
    /// Whether an object is there.
    async fn has_object(&self, bucket: &Bucket, key: &str) -> Result<bool, CloudError>;
    /// Uploads a file.
    async fn put_file(&self, bucket: &Bucket, key: &str, file: &Path) -> Result<(), CloudError>;
    /// Uploads text.
    async fn put_text(&self, bucket: &Bucket, key: &str, text: &str) -> Result<(), CloudError>;
    /// The stack, when there is one.
    async fn stack(&self, stack: &str) -> Result<Option<Stack>, CloudError>;
    /// Makes a change set.
    async fn create_change_set(&self, request: &Request<'_>) -> Result<(), CloudError>;
    /// The change set as it is.
    async fn change_set(&self, stack: &str, name: &str) -> Result<ChangeSet, CloudError>;
    /// Starts a change set.
    async fn execute_change_set(&self, stack: &str, name: &str) -> Result<(), CloudError>;
    /// Deletes a change set that was not started.
    async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), CloudError>;
    /// The stack's events, newest first, back to the first that is in `known`, or to the oldest.
    async fn events(&self, stack: &str, known: &BTreeSet<String>)
    -> Result<Vec<Event>, CloudError>;
    /// Starts to delete the stack.
    async fn delete_stack(&self, stack: &str) -> Result<(), CloudError>;
    /// Waits between two looks.
    async fn pause(&self);
}
