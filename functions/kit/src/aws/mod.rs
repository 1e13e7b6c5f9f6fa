//! The ports in Lambda: a DynamoDB table, SNS topics.
//!
//! The SDK's calls are boxed: their futures nest so deep and are so large that a handler made of them would neither
//! compile without a higher recursion limit nor be cheap to hold once a record.

mod dynamo;
mod endpoint;
mod sns;
#[cfg(test)]
mod wire;

use std::error::Error;
use std::time::Duration;

use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::identity::IdentityCache;
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;

use crate::config::Table;

pub use dynamo::DynamoTable;
pub use sns::SnsPublisher;

/// One call to AWS, its retries included. Without a limit a silent peer would use up the invocation; with this one, a
/// handler that makes three calls still answers within the usual 15 seconds.
const CALL: Duration = Duration::from_secs(4);
/// One attempt of a call; what is left of [`CALL`] is for the next.
const ATTEMPT: Duration = Duration::from_secs(2);

/// Region, credentials and endpoint, as the environment says.
#[derive(Clone, Debug)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Reads the variables that Lambda sets, and those of the SDK that say which endpoint is called.
    ///
    /// Not the SDK's default chain, which would bring along all that Lambda has not: profiles, STS, metadata services.
    pub async fn from_env() -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(CALL)
            .operation_attempt_timeout(ATTEMPT)
            .build();
        let region = EnvironmentVariableRegionProvider::new().region().await;
        let credentials = EnvironmentVariableCredentialsProvider::new();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .identity_cache(IdentityCache::lazy().build())
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts)
            .service_config(endpoint::Environment);
        Self(endpoint::configure(config).build())
    }

    /// A service's table.
    pub fn table(&self, table: Table) -> DynamoTable {
        DynamoTable::new(aws_sdk_dynamodb::Client::new(&self.0), table)
    }

    /// The topics.
    pub fn publisher(&self) -> SnsPublisher {
        SnsPublisher::new(aws_sdk_sns::Client::new(&self.0))
    }
}

/// An SDK error in one line: its own text says only `service error`, the causes say which and why.
fn reason(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
