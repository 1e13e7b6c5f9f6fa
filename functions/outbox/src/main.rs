//! The relay function: its ports, wired to Lambda.

use std::process::ExitCode;

use outbox::Relay;
use topogen_kit::aws::Aws;
use topogen_kit::runtime::{self, Error};
use topogen_kit::{Config, SystemClock};

fn main() -> ExitCode {
    runtime::start(run)
}

async fn run() -> Result<(), Error> {
    let config = Config::from_env()?.publishing(&[])?;
    let table = config.table()?;
    let aws = Aws::from_env().await;
    let relay = Relay {
        outbox: aws.table(table),
        publisher: aws.publisher(),
        clock: SystemClock,
        publishes: config.service.publishes,
    };
    runtime::serve(async |batch, deadline| Ok(relay.relay(batch, deadline).await?)).await
}
