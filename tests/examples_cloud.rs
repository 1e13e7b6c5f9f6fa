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
use serde_json::Value;
use topogen::deploy::aws::Aws;
use topogen::deploy::{self, Bucket, Deployment};
use topogen::emit;
use topogen::local::cloud::LocalCloud;
use topogen::plan::Plan;

/// Types that the local cloud refuses to know.
const MISSING: [&str; 1] = ["AWS::WAFv2::WebACLAssociation"];

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
        let mut faults = Vec::new();
        for (name, file, environment) in GOLDENS {
            let plan = common::plan(file, environment);
            match round(&aws, &plan, &zip).await {
                Ok(()) => println!("{name}: {} stacks", plan.stacks.len()),
                Err(fault) => faults.push(format!("{name}: {fault}")),
            }
        }
        cloud.stop().await;
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    });
}

/// Deploys all stacks in order, finds nothing to change, and deletes them.
async fn round(aws: &Aws, plan: &Plan, zip: &Path) -> Result<(), String> {
    let bucket = aws.own_bucket(&plan.app);
    let deployments = deployments(plan, zip);
    for deployment in &deployments {
        if !deployed(aws, deployment, &bucket).await? {
            return Err(format!("{} was there", deployment.stack));
        }
    }
    for deployment in &deployments {
        if deployed(aws, deployment, &bucket).await? {
            return Err(format!("{} changed without a reason", deployment.stack));
        }
    }
    for deployment in deployments.iter().rev() {
        let deleted = deploy::destroy(aws, &deployment.stack, &mut |_| {}).await;
        if deleted != Ok(true) {
            return Err(format!("{}: {deleted:?}", deployment.stack));
        }
    }
    Ok(())
}

/// Whether anything changed. A resource that is not made is a fault.
async fn deployed(aws: &Aws, deployment: &Deployment, bucket: &Bucket) -> Result<bool, String> {
    let mut made = BTreeSet::new();
    let outcome = deploy::deploy(aws, deployment, bucket, &mut |progress| {
        if let deploy::Progress::Event(event) = progress
            && event.status == "CREATE_COMPLETE"
        {
            made.insert(event.logical_id.clone());
        }
    })
    .await
    .map_err(|error| format!("{}: {error}", deployment.stack))?;
    let all = deployment.origins.keys();
    let missing: Vec<&String> = all.filter(|id| !made.contains(*id)).collect();
    if outcome.changed && !missing.is_empty() {
        return Err(format!("{}: not made: {missing:?}", deployment.stack));
    }
    Ok(outcome.changed)
}

fn deployments(plan: &Plan, zip: &Path) -> Vec<Deployment> {
    let deployment = |stack| {
        let mut template = emit::cfn::template(plan, stack);
        let resources = template["Resources"].as_object_mut().unwrap();
        let left_out = leave_out(resources);
        let mut deployment = common::deployment(plan, stack, template.to_string(), zip);
        deployment.origins.retain(|id, _| !left_out.contains(id));
        deployment
    };
    plan.stacks.iter().map(deployment).collect()
}

/// Takes out what the local cloud does not have; nothing refers to it.
fn leave_out(resources: &mut serde_json::Map<String, Value>) -> Vec<String> {
    let is_missing = |body: &Value| MISSING.iter().any(|missing| body["Type"] == *missing);
    let ids: Vec<String> = resources
        .iter()
        .filter(|(_, body)| is_missing(body))
        .map(|(id, _)| id.clone())
        .collect();
    resources.retain(|id, _| !ids.contains(id));
    ids
}

fn write_zip(path: &Path) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("bootstrap", options).unwrap();
    zip.write_all(b"#!/bin/sh\nexit 1\n").unwrap();
    zip.finish().unwrap();
}
