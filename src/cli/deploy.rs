//! `topogen deploy`

use anstream::{eprintln, println};
use clap::Args;

use super::{CliError, Common, Exit, build, project};
use crate::deploy::aws::{self, Aws, Endpoint};
use crate::deploy::{self, Action, Cloud, DeployError, Deployment, Outcome, Progress};
use crate::model::environment::LOCAL;
use crate::plan::Plan;
use crate::{emit, out};

/// Render, build and deploy an environment through a change set.
#[derive(Debug, Args)]
pub struct DeployArgs {
    #[command(flatten)]
    common: Common,
    /// The environment [default: dev]
    #[arg(short, long)]
    environment: Option<String>,
    #[command(flatten)]
    target: Target,
    /// Bucket for the functions' zips [default: one that topogen makes for the app]
    #[arg(long, value_name = "BUCKET")]
    artefact_bucket: Option<String>,
}

/// Where calls go.
#[derive(Debug, Clone, Args)]
pub(super) struct Target {
    /// Talk to another AWS-compatible endpoint
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

impl Target {
    /// The topology's Region wins over the caller's configuration.
    pub(super) fn endpoint(&self, plan: &Plan) -> Endpoint {
        Endpoint {
            region: plan.region.clone(),
            url: self.endpoint_url.clone(),
        }
    }

    /// The environment `local` has no protection of its own: it may only go to an endpoint that is named.
    pub(super) fn refuse_local_on_aws(&self, plan: &Plan) -> Result<(), CliError> {
        if plan.environment == LOCAL && self.endpoint_url.is_none() {
            return Err(
                CliError::new(Exit::Usage, "the environment `local` is not for AWS")
                    .help("run `topogen local`, or name another environment with `--environment`"),
            );
        }
        Ok(())
    }
}

pub(super) fn run(args: &DeployArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let plan = opened.plan(&environment)?;
    args.target.refuse_local_on_aws(&plan)?;
    let deployment = prepare(&opened, &plan)?;
    runtime()?.block_on(async {
        let config = aws::configure(&args.target.endpoint(&plan)).await;
        let cloud = Aws::new(&config);
        let account = own_account(&cloud, &plan).await?;
        let bucket = match &args.artefact_bucket {
            Some(bucket) => bucket.clone(),
            None => deploy::bucket_name(&account, &cloud.region(), &plan.app),
        };
        let outcome = execute(&cloud, &deployment, &bucket).await?;
        print_outputs(&deployment, &outcome);
        Ok(())
    })
}

/// Renders and builds: what a deployment needs on disk.
pub(super) fn prepare(opened: &project::Opened, plan: &Plan) -> Result<Deployment, CliError> {
    let artefacts = emit::artefacts(plan);
    out::write(&opened.out(), &plan.environment, &artefacts)
        .map_err(|error| CliError::new(Exit::Usage, error))?;
    let services: Vec<_> = plan.handlers.keys().cloned().collect();
    let zips = build::handlers(opened, plan, &services)?;
    let template = emit::cfn::json(&emit::cfn::template(plan));
    Ok(Deployment::new(plan, template, &zips))
}

/// The caller's account, which must be the one that the topology names. Neither is printed.
pub(super) async fn own_account(cloud: &Aws, plan: &Plan) -> Result<String, CliError> {
    let account = cloud.account().await.map_err(|error| {
        CliError::new(Exit::Refused, error).help(
            "sign in first: `aws sso login`, or set AWS_PROFILE; see `aws sts get-caller-identity`",
        )
    })?;
    match &plan.account {
        Some(wanted) if *wanted != account => Err(CliError::new(
            Exit::Refused,
            format!(
                "these credentials are not for the account of `{}`",
                plan.environment
            ),
        )
        .help(format!(
            "the account stands in `[environments.{}]`: choose the profile that belongs to it",
            plan.environment
        ))),
        _ => Ok(account),
    }
}

/// Deploys and tells what happens.
pub(super) async fn execute(
    cloud: &impl Cloud,
    deployment: &Deployment,
    bucket: &str,
) -> Result<Outcome, CliError> {
    deploy::deploy(cloud, deployment, bucket, &mut |progress| {
        tell(deployment, &progress)
    })
    .await
    .map_err(|error| explain(deployment, &error))
}

/// A failure, each cause with the line of the topology that it comes from.
pub(super) fn explain(deployment: &Deployment, error: &DeployError) -> CliError {
    if let DeployError::Failed { status, causes } = error {
        for (id, reason) in causes {
            let origin = deployment
                .origins
                .get(id)
                .map_or(id.as_str(), String::as_str);
            eprintln!("{origin}: {id}: {reason}");
        }
        return CliError::new(
            Exit::Refused,
            format!("the stack {} ended in {status}", deployment.stack),
        )
        .help("the lines above name the cause; mend it and deploy again");
    }
    let refused = CliError::new(Exit::Refused, error);
    match error {
        DeployError::OnlyDeletable(_) => {
            refused.help("run `topogen destroy` for this environment, then deploy again")
        }
        DeployError::Busy(_) => refused.help("wait until it has ended, then deploy again"),
        DeployError::Cloud(_)
        | DeployError::ChangeSet(_)
        | DeployError::Failed { .. }
        | DeployError::TimedOut(_) => refused,
    }
}

fn tell(deployment: &Deployment, progress: &Progress<'_>) {
    match progress {
        Progress::Uploaded(key) => eprintln!("uploaded {key}"),
        Progress::Changes(changes) => {
            for change in *changes {
                let sign = match change.action {
                    Action::Add => "+",
                    Action::Modify => "~",
                    Action::Replace => "!",
                    Action::Remove => "-",
                };
                let origin = deployment
                    .origins
                    .get(&change.logical_id)
                    .map_or("", String::as_str);
                eprintln!(
                    "{sign} {:<36} {:<34} {origin}",
                    change.logical_id, change.resource_type
                );
            }
            let count = |action| {
                changes
                    .iter()
                    .filter(|change| change.action == action)
                    .count()
            };
            eprintln!(
                "{}: {} to add, {} to change, {} to replace, {} to remove",
                deployment.stack,
                count(Action::Add),
                count(Action::Modify),
                count(Action::Replace),
                count(Action::Remove)
            );
        }
        Progress::Event(event) => eprintln!("{:<28} {}", event.status, event.logical_id),
    }
}

/// Outputs are data: one `name value` a line.
pub(super) fn print_outputs(deployment: &Deployment, outcome: &Outcome) {
    eprintln!(
        "{}: {}",
        deployment.stack,
        if outcome.changed {
            "deployed"
        } else {
            "nothing to change"
        }
    );
    for (name, value) in &outcome.outputs {
        println!("{name} {value}");
    }
}

/// Two threads: the front door of the local cloud answers while a command waits.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            CliError::new(
                Exit::Bug,
                format!("cannot start the asynchronous runtime: {error}"),
            )
        })
}
