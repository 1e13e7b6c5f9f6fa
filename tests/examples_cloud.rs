//! Every bundled topology on the local cloud: deployed stack by stack, deployed again, deleted.
//!
//! Their handlers are not there, so each function gets the same small zip, which nothing starts. What the local cloud does not
//! have stands in `MISSING`, by resource type, and is left out of the templates.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use common::GOLDENS;
use topogen::deploy::aws::Aws;
use topogen::deploy::{self, Bucket, Deployment};
use topogen::emit;
use topogen::local::cloud::LocalCloud;
use topogen::plan::Plan;

#[test]
fn every_example_is_deployed_in_order_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("any.zip");
    write_zip(&zip);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let cloud = LocalCloud::start(0, None, |line| println!("{line}"))
            .await
            .unwrap();
        let aws = Aws::sign_in(&cloud.config).await.unwrap();
        for (name, file, environment) in GOLDENS {
            let plan = common::plan(file, environment);
            let bucket = aws.own_bucket(&plan.app);
            let deployments = deployments(&plan, &zip);
            for deployment in &deployments {
                assert!(deployed(&aws, deployment, &bucket, name).await, "{name}");
            }
            for deployment in &deployments {
                assert!(
                    !deployed(&aws, deployment, &bucket, name).await,
                    "{name}: again"
                );
            }
            for deployment in deployments.iter().rev() {
                let there = deploy::destroy(&aws, &deployment.stack, &mut |_| {}).await;
                assert_eq!(there, Ok(true), "{name}");
            }
            println!("{name}: {} stacks", deployments.len());
        }
        cloud.stop().await;
    });
}

async fn deployed(aws: &Aws, deployment: &Deployment, bucket: &Bucket, name: &str) -> bool {
    let mut made = BTreeSet::new();
    let outcome = deploy::deploy(aws, deployment, bucket, &mut |progress| {
        if let deploy::Progress::Event(event) = progress
            && event.status == "CREATE_COMPLETE"
        {
            made.insert(event.logical_id.clone());
        }
    })
    .await
    .unwrap_or_else(|error| panic!("{name}: {}: {error}", deployment.stack));
    if outcome.changed {
        let missing: Vec<&String> = deployment
            .origins
            .keys()
            .filter(|id| !made.contains(*id))
            .collect();
        assert!(
            missing.is_empty(),
            "{name}: {}: not made: {missing:?}",
            deployment.stack
        );
    }
    outcome.changed
}

fn deployments(plan: &Plan, zip: &Path) -> Vec<Deployment> {
    let deployment = |stack| common::deployment(plan, stack, emit::cfn::json(plan, stack), zip);
    plan.stacks.iter().map(deployment).collect()
}

fn write_zip(path: &Path) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", options).unwrap();
    zip.write_all(b"#!/bin/sh\nexit 1\n").unwrap();
    zip.finish().unwrap();
}
