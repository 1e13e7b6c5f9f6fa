//! The payment function: the service's ports, wired to Lambda.

use std::process::ExitCode;

use payment::{LOG_FIELDS, PUBLISHES, PaymentService};
use topogen_kit::aws::Aws;
use topogen_kit::runtime::{self, Error};
use topogen_kit::{Config, SystemClock};

fn main() -> ExitCode {
    runtime::start(run)
}

async fn run() -> Result<(), Error> {
    let config = Config::from_env()?.publishing(PUBLISHES)?;
    let table = config.table()?;
    let aws = Aws::from_env().await;
    let service = PaymentService {
        store: aws.table(table),
        publisher: aws.publisher(),
        clock: SystemClock,
        service: config.service,
    };
    runtime::consume(LOG_FIELDS, async |event| service.handle(event).await).await
}
