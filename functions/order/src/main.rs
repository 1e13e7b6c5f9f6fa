//! The order function: the service's ports, wired to Lambda.

use std::process::ExitCode;

use order::invocation;
use order::service::{OrderService, PUBLISHES};
use topogen_kit::aws::Aws;
use topogen_kit::runtime::{self, Error};
use topogen_kit::{Config, SystemClock, UniqueIds};

fn main() -> ExitCode {
    runtime::start(run)
}

async fn run() -> Result<(), Error> {
    let config = Config::from_env()?.publishing(PUBLISHES)?;
    let table = config.table()?;
    let aws = Aws::from_env().await;
    let service = OrderService {
        store: aws.table(table),
        publisher: aws.publisher(),
        clock: SystemClock,
        ids: UniqueIds,
        service: config.service,
    };
    let cors = config.cors;
    runtime::serve(async |invocation, _deadline| {
        Ok(invocation::answer(&service, &cors, invocation).await)
    })
    .await
}
