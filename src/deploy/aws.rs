//! [`Cloud`] through the AWS SDK: AWS itself, or whatever answers at an endpoint URL.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudformation as cloudformation;
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_cloudformation::types as cfn;
use aws_sdk_s3 as s3;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types as s3_types;
use aws_sdk_sts as sts;

use super::cloud::{
    Action, Bucket, Change, ChangeSet, Cloud, CloudError, Event, Request, Stack, Template,
};
use super::run::own_bucket;

/// Between two looks: at AWS, and at an endpoint on this machine.
const PAUSE: Duration = Duration::from_secs(2);
const LOCAL_PAUSE: Duration = Duration::from_millis(100);

/// Where calls go.
#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    /// AWS Region.
    pub region: Option<String>,
    /// Another endpoint than AWS's own.
    pub url: Option<String>,
}

/// The SDK's configuration: the caller's own credentials, profile and Region, unless the endpoint says otherwise.
pub async fn configure(endpoint: &Endpoint) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(region) = &endpoint.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &endpoint.url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

/// A cloud behind the AWS SDK, in one account and Region.
pub struct Aws {
    cloudformation: cloudformation::Client,
    s3: s3::Client,
    account: Option<String>,
    region: String,
    endpoint: Option<String>,
    pause: Duration,
}

impl Aws {
    /// Asks who the caller is.
    ///
    /// # Errors
    /// When there are no credentials, or they are not accepted.
    pub async fn sign_in(config: &SdkConfig) -> Result<Self, CloudError> {
        let endpoint = config.endpoint_url().map(str::to_owned);
        let s3 = s3::config::Builder::from(config)
            // Names of buckets do not resolve as hosts of another endpoint.
            .force_path_style(endpoint.is_some())
            .build();
        let mut aws = Self {
            cloudformation: cloudformation::Client::new(config),
            s3: s3::Client::from_conf(s3),
            account: None,
            region: config.region().map(Region::to_string).unwrap_or_default(),
            pause: if endpoint.is_some() {
                LOCAL_PAUSE
            } else {
                PAUSE
            },
            endpoint,
        };
        let identity = sts::Client::new(config).get_caller_identity().send().await;
        let identity = identity.map_err(|error| aws.refused("GetCallerIdentity", error))?;
        aws.account = identity.account;
        Ok(aws)
    }

    /// Whether the caller acts in `account`.
    pub fn is_account(&self, account: &str) -> bool {
        self.account.as_deref() == Some(account)
    }

    /// topogen's own bucket for an app.
    pub fn own_bucket(&self, app: &str) -> Bucket {
        own_bucket(
            self.account.as_deref().unwrap_or_default(),
            &self.region,
            app,
        )
    }

    /// Where CloudFormation finds an object of the artefact bucket.
    fn object_url(&self, bucket: &str, key: &str) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            None => {
                let china = if self.region.starts_with("cn-") {
                    ".cn"
                } else {
                    ""
                };
                format!(
                    "https://{bucket}.s3.{}.amazonaws.com{china}/{key}",
                    self.region
                )
            }
        }
    }

    /// Private, and over TLS alone. Done each time: an earlier run may have been interrupted in between.
    async fn secure_bucket(&self, bucket: &Bucket) -> Result<(), CloudError> {
        let block = s3_types::PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        self.s3
            .put_public_access_block()
            .bucket(&bucket.name)
            .set_expected_bucket_owner(bucket.owner.clone())
            .public_access_block_configuration(block)
            .send()
            .await
            .map_err(|error| self.refused("PutPublicAccessBlock", error))?;
        self.s3
            .put_bucket_policy()
            .bucket(&bucket.name)
            .set_expected_bucket_owner(bucket.owner.clone())
            .policy(self.tls_only(&bucket.name))
            .send()
            .await
            .map_err(|error| self.refused("PutBucketPolicy", error))?;
        Ok(())
    }

    fn tls_only(&self, bucket: &str) -> String {
        let arn = format!("arn:{}:s3:::{bucket}", partition(&self.region));
        serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, format!("{arn}/*")],
                "Condition": { "Bool": { "aws:SecureTransport": "false" } },
            }],
        })
        .to_string()
    }

    async fn put(&self, bucket: &Bucket, key: &str, body: ByteStream) -> Result<(), CloudError> {
        self.s3
            .put_object()
            .bucket(&bucket.name)
            .set_expected_bucket_owner(bucket.owner.clone())
            .key(key)
            .body(body)
            .send()
            .await
            .map_err(|error| self.refused("PutObject", error))?;
        Ok(())
    }

    /// Turns an SDK error into AWS's own words; without an answer, into what went wrong on the way.
    fn refused<E>(&self, call: &'static str, error: E) -> CloudError
    where
        E: ProvideErrorMetadata + std::error::Error,
    {
        let message = match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            (None, _) => DisplayErrorContext(&error).to_string(),
        };
        CloudError {
            call,
            message: self.masked(message),
        }
    }

    /// Without the account: what AWS says goes to logs that many may read.
    fn masked(&self, text: String) -> String {
        match &self.account {
            Some(account) => text.replace(account, "************"),
            None => text,
        }
    }
}

/// The AWS partition of a Region.
fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

impl Cloud for Aws {
    async fn ensure_bucket(&self, bucket: &Bucket) -> Result<(), CloudError> {
        let head = self
            .s3
            .head_bucket()
            .bucket(&bucket.name)
            .set_expected_bucket_owner(bucket.owner.clone())
            .send()
            .await;
        let missing = match head {
            Ok(_) => false,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => true,
            Err(error) => return Err(self.refused("HeadBucket", error)),
        };
        match (&bucket.owner, missing) {
            (None, false) => Ok(()),
            (None, true) => Err(CloudError {
                call: "HeadBucket",
                message: format!("there is no bucket `{}`", bucket.name),
            }),
            (Some(_), false) => self.secure_bucket(bucket).await,
            (Some(_), true) => {
                // us-east-1 is the one Region that must not be named (API_CreateBucket).
                let elsewhere = (self.region != "us-east-1").then(|| {
                    let region = s3_types::BucketLocationConstraint::from(self.region.as_str());
                    s3_types::CreateBucketConfiguration::builder()
                        .location_constraint(region)
                        .build()
                });
                self.s3
                    .create_bucket()
                    .bucket(&bucket.name)
                    .set_create_bucket_configuration(elsewhere)
                    .send()
                    .await
                    .map_err(|error| self.refused("CreateBucket", error))?;
                self.secure_bucket(bucket).await
            }
        }
    }

    async fn has_object(&self, bucket: &Bucket, key: &str) -> Result<bool, CloudError> {
        let head = self
            .s3
            .head_object()
            .bucket(&bucket.name)
            .set_expected_bucket_owner(bucket.owner.clone())
            .key(key)
            .send()
            .await;
        match head {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => Ok(false),
            Err(error) => Err(self.refused("HeadObject", error)),
        }
    }

    async fn put_file(&self, bucket: &Bucket, key: &str, file: &Path) -> Result<(), CloudError> {
        let body = ByteStream::from_path(file)
            .await
            .map_err(|error| CloudError {
                call: "PutObject",
                message: format!("{}: {}", file.display(), DisplayErrorContext(&error)),
            })?;
        self.put(bucket, key, body).await
    }

    async fn put_text(&self, bucket: &Bucket, key: &str, text: &str) -> Result<(), CloudError> {
        self.put(bucket, key, ByteStream::from(text.as_bytes().to_vec()))
            .await
    }

    async fn stack(&self, stack: &str) -> Result<Option<Stack>, CloudError> {
        let described = self
            .cloudformation
            .describe_stacks()
            .stack_name(stack)
            .send()
            .await;
        let described = match described {
            Ok(described) => described,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(self.refused("DescribeStacks", error)),
        };
        let found = described.stacks.into_iter().flatten().next();
        Ok(found.map(|stack| Stack {
            status: stack
                .stack_status
                .map(|s| s.as_str().to_owned())
                .unwrap_or_default(),
            outputs: stack
                .outputs
                .into_iter()
                .flatten()
                .filter_map(|output| Some((output.output_key?, self.masked(output.output_value?))))
                .collect(),
        }))
    }

    async fn create_change_set(&self, request: &Request<'_>) -> Result<(), CloudError> {
        let kind = if request.create {
            cfn::ChangeSetType::Create
        } else {
            cfn::ChangeSetType::Update
        };
        let parameters = request.parameters.iter().map(|(key, value)| {
            cfn::Parameter::builder()
                .parameter_key(key)
                .parameter_value(value)
                .build()
        });
        let tags = request
            .tags
            .iter()
            .map(|(key, value)| cfn::Tag::builder().key(key).value(value).build());
        let call = self
            .cloudformation
            .create_change_set()
            .stack_name(request.stack)
            .change_set_name(request.name)
            .change_set_type(kind)
            .set_parameters(Some(parameters.collect()))
            .set_tags(Some(tags.collect()))
            .capabilities(cfn::Capability::CapabilityIam);
        let call = match request.template {
            Template::Inline(body) => call.template_body(body),
            Template::Stored { bucket, key } => call.template_url(self.object_url(bucket, key)),
        };
        call.send()
            .await
            .map_err(|error| self.refused("CreateChangeSet", error))?;
        Ok(())
    }

    async fn change_set(&self, stack: &str, name: &str) -> Result<ChangeSet, CloudError> {
        let mut changes = Vec::new();
        let mut next = None;
        loop {
            let page = self
                .cloudformation
                .describe_change_set()
                .stack_name(stack)
                .change_set_name(name)
                .set_next_token(next)
                .send()
                .await
                .map_err(|error| self.refused("DescribeChangeSet", error))?;
            changes.extend(page.changes.into_iter().flatten().filter_map(change));
            if page.next_token.is_none() {
                return Ok(ChangeSet {
                    status: page
                        .status
                        .map(|s| s.as_str().to_owned())
                        .unwrap_or_default(),
                    reason: self.masked(page.status_reason.unwrap_or_default()),
                    changes,
                });
            }
            next = page.next_token;
        }
    }

    async fn execute_change_set(&self, stack: &str, name: &str) -> Result<(), CloudError> {
        let call = self
            .cloudformation
            .execute_change_set()
            .stack_name(stack)
            .change_set_name(name);
        call.send()
            .await
            .map_err(|error| self.refused("ExecuteChangeSet", error))?;
        Ok(())
    }

    async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), CloudError> {
        let call = self
            .cloudformation
            .delete_change_set()
            .stack_name(stack)
            .change_set_name(name);
        call.send()
            .await
            .map_err(|error| self.refused("DeleteChangeSet", error))?;
        Ok(())
    }

    async fn events(
        &self,
        stack: &str,
        known: &BTreeSet<String>,
    ) -> Result<Vec<Event>, CloudError> {
        let mut events = Vec::new();
        let mut next = None;
        loop {
            let call = self
                .cloudformation
                .describe_stack_events()
                .stack_name(stack);
            let page = match call.set_next_token(next).send().await {
                Ok(page) => page,
                Err(error) if is_missing(&error) => return Ok(events),
                Err(error) => return Err(self.refused("DescribeStackEvents", error)),
            };
            let page_events = page.stack_events.unwrap_or_default();
            let reached = page_events
                .iter()
                .any(|e| e.event_id().is_some_and(|id| known.contains(id)));
            events.extend(page_events.into_iter().map(|event| {
                Event {
                    id: event.event_id.unwrap_or_default(),
                    logical_id: event.logical_resource_id.unwrap_or_default(),
                    resource_type: event.resource_type.unwrap_or_default(),
                    status: event
                        .resource_status
                        .map(|s| s.as_str().to_owned())
                        .unwrap_or_default(),
                    reason: self.masked(event.resource_status_reason.unwrap_or_default()),
                }
            }));
            if reached || page.next_token.is_none() {
                return Ok(events);
            }
            next = page.next_token;
        }
    }

    async fn delete_stack(&self, stack: &str) -> Result<(), CloudError> {
        let call = self.cloudformation.delete_stack().stack_name(stack);
        call.send()
            .await
            .map_err(|error| self.refused("DeleteStack", error))?;
        Ok(())
    }

    async fn pause(&self) {
        tokio::time::sleep(self.pause).await;
    }
}

/// AWS has no code of its own for a stack that is not there.
fn is_missing(error: &impl ProvideErrorMetadata) -> bool {
    error
        .message()
        .is_some_and(|message| message.contains("does not exist"))
}

/// A change of a resource; one of its metadata alone changes nothing that runs, and is left out.
fn change(change: cfn::Change) -> Option<Change> {
    let change = change.resource_change?;
    let scope = change.scope.unwrap_or_default();
    if scope == [cfn::ResourceAttribute::Metadata] {
        return None;
    }
    let action = match (change.action?, change.replacement) {
        (cfn::ChangeAction::Add | cfn::ChangeAction::Import, _) => Action::Add,
        (cfn::ChangeAction::Remove, _) => Action::Remove,
        (_, Some(cfn::Replacement::True)) => Action::Replace,
        _ => Action::Modify,
    };
    Some(Change {
        action,
        logical_id: change.logical_resource_id.unwrap_or_default(),
        resource_type: change.resource_type.unwrap_or_default(),
    })
}
