//! `topogen deploy`

use clap::Args;

use super::terminal::{eprintln, println};
use super::{CliError, Common, Exit, build, project};
use crate::deploy::aws::{self, Aws, Endpoint};
use crate::deploy::{self, Action, Bucket, Cloud, DeployError, Deployment, Outcome, Progress};
use crate::model::environment::LOCAL;
use crate::plan::{Plan, Stack};
use crate::syntax::suggest;
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
    /// Bucket for the functions' zips, which has to be there [default: one that topogen makes for the app]
    #[arg(long, value_name = "BUCKET")]
    artefact_bucket: Option<String>,
    /// Services to deploy, of an app with a stack for each [default: all, and what they share]
    services: Vec<String>,
}

/// Where calls go.
#[derive(Debug, Clone, Args)]
pub(super) struct Target {
    /// Talk to another AWS-compatible endpoint
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

impl Target {
    /// `local` has no protection of its own: it may only go to an endpoint that is named.
    fn refuse_local(&self, plan: &Plan) -> Result<(), CliError> {
        if plan.environment == LOCAL && self.endpoint_url.is_none() {
            return Err(
                CliError::new(Exit::Usage, "the environment `local` is not for AWS")
                    .help("run `topogen local`, or name another environment with `--environment`"),
            );
        }
        Ok(())
    }

    /// Signs in where the plan belongs: in the Region and the account that the topology names, when it names them. The
    /// account is not printed.
    pub(super) async fn sign_in(&self, plan: &Plan) -> Result<Aws, CliError> {
        self.refuse_local(plan)?;
        let environment = &plan.environment;
        let config = aws::configure(&Endpoint {
            region: plan.region.clone(),
            url: self.endpoint_url.clone(),
        })
        .await;
        if config.region().is_none() {
            return Err(
                CliError::new(Exit::Usage, "no AWS Region is set").help(format!(
                    "write `region = \"…\"` in `[environments.{environment}]`, or set AWS_REGION"
                )),
            );
        }
        let cloud = Aws::sign_in(&config).await.map_err(|error| {
            CliError::new(Exit::Refused, error).help(
                "sign in first: `aws sso login`, or set AWS_PROFILE; `aws sts get-caller-identity` tells who you are",
            )
        })?;
        match &plan.account {
            Some(account) if !cloud.is_account(account) => Err(CliError::new(
                Exit::Refused,
                format!("these credentials are not for the account of `{environment}`"),
            )
            .help(format!(
                "the account stands in `[environments.{environment}]`: choose the profile that belongs to it"
            ))),
            _ => Ok(cloud),
        }
    }
}

pub(super) fn run(args: &DeployArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(args.environment.as_deref())?;
    let plan = opened.plan(&environment)?;
    args.target.refuse_local(&plan)?;
    let stacks = chosen(&plan, &args.services)?;
    write_templates(&opened, &plan)?;
    let runtime = runtime()?;
    // Who the caller is comes before the build: nobody should wait for one to hear that a session has ended.
    let cloud = runtime.block_on(args.target.sign_in(&plan))?;
    let deployments = deployments(&opened, &plan, &stacks)?;
    let bucket = match &args.artefact_bucket {
        Some(name) => Bucket {
            name: name.clone(),
            owner: None,
        },
        None => cloud.own_bucket(&plan.app),
    };
    for deployment in &deployments {
        let outcome = runtime.block_on(execute(&cloud, deployment, &bucket))?;
        print_outputs(deployment, &outcome);
    }
    Ok(())
}

/// Writes the files of the environment. It is called before there are other threads, so that Ctrl-C waits while they are moved into place.
pub(super) fn write_templates(opened: &project::Opened, plan: &Plan) -> Result<(), CliError> {
    let artefacts = emit::artefacts(plan);
    out::write(&opened.out(), &plan.environment, &artefacts)?;
    Ok(())
}

/// Builds what the deployments of `stacks` need.
pub(super) fn deployments(
    opened: &project::Opened,
    plan: &Plan,
    stacks: &[&Stack],
) -> Result<Vec<Deployment>, CliError> {
    let wanted: Vec<_> = plan
        .handlers
        .iter()
        .filter(|(_, handler)| stacks.iter().any(|stack| stack.name == handler.stack))
        .map(|(service, _)| service.clone())
        .collect();
    let zips = build::handlers(opened, plan, &wanted)?;
    let deployment = |stack: &&Stack| {
        let template = emit::cfn::json(plan, stack);
        Deployment::new(plan, stack, template, &zips)
    };
    Ok(stacks.iter().map(deployment).collect())
}

fn chosen<'a>(plan: &'a Plan, services: &[String]) -> Result<Vec<&'a Stack>, CliError> {
    if services.is_empty() {
        return Ok(plan.stacks.iter().collect());
    }
    if plan.stacks.iter().all(|stack| stack.service.is_none()) {
        return Err(CliError::new(
            Exit::Usage,
            format!(
                "the services of {} share one stack: they are deployed together",
                plan.name
            ),
        )
        .help("leave the services out, or write `stacks = \"per-service\"` in `[app]`"));
    }
    let own = |name: &String| {
        let known = || {
            plan.stacks
                .iter()
                .filter_map(|stack| Some((stack.service.as_ref()?.as_str(), stack)))
        };
        known()
            .find(|(service, _)| service == name)
            .map(|(_, stack)| stack)
            .ok_or_else(|| {
                let names: Vec<&str> = known().map(|(service, _)| service).collect();
                CliError::new(Exit::Usage, format!("there is no service `{name}`"))
                    .help(suggest::help(name, names))
            })
    };
    services.iter().map(own).collect()
}

/// Deploys and tells what happens.
pub(super) async fn execute(
    cloud: &impl Cloud,
    deployment: &Deployment,
    bucket: &Bucket,
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
        .help(match causes.iter().any(|(_, reason)| is_imported(reason)) {
            true => "a service that is deployed still needs what was to go: deploy the services first, with `topogen deploy SERVICE…`, and then all",
            false => "the lines above name the cause; mend it and try again",
        });
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

/// CloudFormation's words for an export that another stack imports.
fn is_imported(reason: &str) -> bool {
    reason.starts_with("Export ") && reason.contains(" as it is in use by ")
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
