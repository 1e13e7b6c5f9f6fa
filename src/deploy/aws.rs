//! [`Cloud`] through the AWS SDK: AWS itself, or whatever answers at an endpoint URL.

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

use super::cloud::{Action, Change, ChangeSet, Cloud, CloudError, Event, Request, Stack, Template};

/// The Region when neither the topology nor the caller's configuration names one.
const FALLBACK_REGION: &str = "us-east-1";
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
    } else {
        loader = loader.region(
            aws_config::meta::region::RegionProviderChain::default_provider()
                .or_else(FALLBACK_REGION),
        );
    }
    if let Some(url) = &endpoint.url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

/// A cloud behind the AWS SDK.
pub struct Aws {
    cloudformation: cloudformation::Client,
    s3: s3::Client,
    sts: sts::Client,
    region: String,
    endpoint: Option<String>,
    pause: Duration,
}

impl Aws {
    /// Clients of one configuration.
    pub fn new(config: &SdkConfig) -> Self {
        let endpoint = config.endpoint_url().map(str::to_owned);
        let s3 = s3::config::Builder::from(config)
            // Names of buckets do not resolve as hosts of another endpoint.
            .force_path_style(endpoint.is_some())
            .build();
        Self {
            cloudformation: cloudformation::Client::new(config),
            s3: s3::Client::from_conf(s3),
            sts: sts::Client::new(config),
            region: config
                .region()
                .map_or(FALLBACK_REGION, Region::as_ref)
                .to_owned(),
            pause: if endpoint.is_some() {
                LOCAL_PAUSE
            } else {
                PAUSE
            },
            endpoint,
        }
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

    async fn secure_bucket(&self, bucket: &str) -> Result<(), CloudError> {
        let block = s3_types::PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        self.s3
            .put_public_access_block()
            .bucket(bucket)
            .public_access_block_configuration(block)
            .send()
            .await
            .map_err(refused("PutPublicAccessBlock"))?;
        Ok(())
    }
}

/// Turns an SDK error into AWS's own words; without an answer, into what went wrong on the way.
fn refused<E>(call: &'static str) -> impl FnOnce(E) -> CloudError
where
    E: ProvideErrorMetadata + std::error::Error,
{
    move |error| CloudError {
        call,
        message: match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            (None, _) => DisplayErrorContext(&error).to_string(),
        },
    }
}

impl Cloud for Aws {
    async fn account(&self) -> Result<String, CloudError> {
        let identity = self.sts.get_caller_identity().send().await;
        let identity = identity.map_err(refused("GetCallerIdentity"))?;
        Ok(identity.account.unwrap_or_default())
    }

    fn region(&self) -> String {
        self.region.clone()
    }

    async fn ensure_bucket(&self, bucket: &str) -> Result<(), CloudError> {
        let head = self.s3.head_bucket().bucket(bucket).send().await;
        match head {
            Ok(_) => return Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => {}
            Err(error) => return Err(refused("HeadBucket")(error)),
        }
        // us-east-1 is the one Region that must not be named (API_CreateBucket).
        let elsewhere = (self.region != "us-east-1").then(|| {
            s3_types::CreateBucketConfiguration::builder()
                .location_constraint(s3_types::BucketLocationConstraint::from(
                    self.region.as_str(),
                ))
                .build()
        });
        let created = self
            .s3
            .create_bucket()
            .bucket(bucket)
            .set_create_bucket_configuration(elsewhere)
            .send()
            .await;
        created.map_err(refused("CreateBucket"))?;
        self.secure_bucket(bucket).await
    }

    async fn has_object(&self, bucket: &str, key: &str) -> Result<bool, CloudError> {
        match self.s3.head_object().bucket(bucket).key(key).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => Ok(false),
            Err(error) => Err(refused("HeadObject")(error)),
        }
    }

    async fn put_file(&self, bucket: &str, key: &str, file: &Path) -> Result<(), CloudError> {
        let body = ByteStream::from_path(file)
            .await
            .map_err(|error| CloudError {
                call: "PutObject",
                message: format!("{}: {}", file.display(), DisplayErrorContext(&error)),
            })?;
        let put = self
            .s3
            .put_object()
            .bucket(bucket)
            .key(key)
            .body(body)
            .send()
            .await;
        put.map_err(refused("PutObject"))?;
        Ok(())
    }

    async fn put_text(&self, bucket: &str, key: &str, text: &str) -> Result<(), CloudError> {
        let body = ByteStream::from(text.as_bytes().to_vec());
        let put = self
            .s3
            .put_object()
            .bucket(bucket)
            .key(key)
            .body(body)
            .send()
            .await;
        put.map_err(refused("PutObject"))?;
        Ok(())
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
            Err(error)
                if error
                    .message()
                    .is_some_and(|m| m.contains("does not exist")) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(refused("DescribeStacks")(error)),
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
                .filter_map(|output| Some((output.output_key?, output.output_value?)))
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
        call.send().await.map_err(refused("CreateChangeSet"))?;
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
                .map_err(refused("DescribeChangeSet"))?;
            changes.extend(page.changes.into_iter().flatten().filter_map(change));
            if page.next_token.is_none() {
                return Ok(ChangeSet {
                    status: page
                        .status
                        .map(|s| s.as_str().to_owned())
                        .unwrap_or_default(),
                    reason: page.status_reason.unwrap_or_default(),
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
        call.send().await.map_err(refused("ExecuteChangeSet"))?;
        Ok(())
    }

    async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), CloudError> {
        let call = self
            .cloudformation
            .delete_change_set()
            .stack_name(stack)
            .change_set_name(name);
        call.send().await.map_err(refused("DeleteChangeSet"))?;
        Ok(())
    }

    async fn events(&self, stack: &str) -> Result<Vec<Event>, CloudError> {
        let events = self
            .cloudformation
            .describe_stack_events()
            .stack_name(stack)
            .send()
            .await;
        let events = match events {
            Ok(events) => events.stack_events.unwrap_or_default(),
            Err(error)
                if error
                    .message()
                    .is_some_and(|m| m.contains("does not exist")) =>
            {
                Vec::new()
            }
            Err(error) => return Err(refused("DescribeStackEvents")(error)),
        };
        Ok(events
            .into_iter()
            .map(|event| Event {
                id: event.event_id.unwrap_or_default(),
                logical_id: event.logical_resource_id.unwrap_or_default(),
                resource_type: event.resource_type.unwrap_or_default(),
                status: event
                    .resource_status
                    .map(|s| s.as_str().to_owned())
                    .unwrap_or_default(),
                reason: event.resource_status_reason.unwrap_or_default(),
            })
            .collect())
    }

    async fn delete_stack(&self, stack: &str) -> Result<(), CloudError> {
        let call = self.cloudformation.delete_stack().stack_name(stack);
        call.send().await.map_err(refused("DeleteStack"))?;
        Ok(())
    }

    async fn pause(&self) {
        tokio::time::sleep(self.pause).await;
    }
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
