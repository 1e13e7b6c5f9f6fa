//! A running local cloud, and the names of what is deployed there.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudformation as cloudformation;
use aws_sdk_sts::config::Credentials;

use super::child::{MiniStack, Settings};
use super::gateway::{self, Gateway};
use super::install::Installation;
use super::{LocalError, install};
use crate::aws::value::LogicalId;

/// Ports are found free and then given away: another process may be quicker, a few times.
const ATTEMPTS: usize = 3;
/// Between two looks at whether it is still there.
const LOOK: Duration = Duration::from_secs(2);
/// The Region when the topology names none.
const REGION: &str = "us-east-1";

/// A running local cloud. End it with [`Self::stop`]; if topogen dies, it ends by itself.
pub struct LocalCloud {
    /// The SDK's configuration for it.
    pub config: SdkConfig,
    /// Where it answers.
    pub url: String,
    ministack: MiniStack,
    _gateway: Gateway,
}

impl LocalCloud {
    /// Starts it on `port` (0: a free one), installing MiniStack first when it is not there.
    pub async fn start(
        port: u16,
        region: Option<&str>,
        tell: impl Fn(&str),
    ) -> Result<Self, LocalError> {
        Self::start_behind(None, port, region, tell).await
    }

    /// Starts it with something in its functions' way: they send their calls to `endpoint`, and whoever listens there passes
    /// them on to [`Self::url`].
    pub async fn start_behind(
        endpoint: Option<&str>,
        port: u16,
        region: Option<&str>,
        tell: impl Fn(&str),
    ) -> Result<Self, LocalError> {
        // The port first: nothing needs to be installed to say that it is taken.
        let listener = gateway::listen(port).await?;
        let installation = install::find_or_install(tell)?;
        let url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let region = region.unwrap_or(REGION);
        let endpoint = endpoint.unwrap_or(&url);
        let (ministack, upstream) = start_on_free_port(&installation, endpoint, region).await?;
        Ok(Self {
            config: configuration(&url, region).await,
            url,
            ministack,
            _gateway: gateway::open(listener, upstream),
        })
    }

    /// Ends it and everything that runs in it.
    pub async fn stop(self) {
        self.ministack.stop().await;
    }

    /// Returns once it has ended by itself.
    pub async fn ended(&self) -> LocalError {
        loop {
            if gateway::health(&self.url).await.is_err() {
                return LocalError::Ended;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The address of an API that is deployed here.
    pub fn api_url(&self, api_id: &str, stage: &str) -> String {
        format!("{}/_aws/execute-api/{api_id}/{stage}", self.url)
    }
}

async fn start_on_free_port(
    installation: &Installation,
    endpoint: &str,
    region: &str,
) -> Result<(MiniStack, u16), LocalError> {
    let mut attempt = 1;
    loop {
        let port = gateway::listen(0).await?.local_addr()?.port();
        let settings = Settings {
            port,
            endpoint,
            region,
        };
        match MiniStack::start(installation, &settings).await {
            Ok(ministack) => return Ok((ministack, port)),
            Err(LocalError::Start(reason)) if reason.contains("in use") && attempt < ATTEMPTS => {
                attempt += 1
            }
            Err(error) => return Err(error),
        }
    }
}

/// The caller's own credentials never reach the local cloud; it knows these two as its root.
async fn configuration(url: &str, region: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(Credentials::new("test", "test", None, None, "local cloud"))
        .endpoint_url(url)
        .load()
        .await
}

/// The names that CloudFormation gave: logical id to physical id.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Asks for the resources of a stack. An id stands in one stack of an app alone.
    pub async fn add(&mut self, config: &SdkConfig, stack: &str) -> Result<(), LocalError> {
        let client = cloudformation::Client::new(config);
        let mut pages = client
            .list_stack_resources()
            .stack_name(stack)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                LocalError::Call(cloudformation::error::DisplayErrorContext(error).to_string())
            })?;
            self.0.extend(
                page.stack_resource_summaries
                    .into_iter()
                    .flatten()
                    .filter_map(|resource| {
                        Some((
                            resource.logical_resource_id?,
                            resource.physical_resource_id?,
                        ))
                    }),
            );
        }
        Ok(())
    }

    /// The physical id of a resource of the plan.
    pub fn physical(&self, id: &LogicalId) -> Result<&str, LocalError> {
        self.0
            .get(id.as_str())
            .map(String::as_str)
            .ok_or_else(|| LocalError::Call(format!("the stack has no resource `{id}`")))
    }
}
