//! `topogen local`, `topogen local test`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};

use super::terminal::{eprint, eprintln, println};
use super::{CliError, Common, Exit, deploy, project};
use crate::deploy::Deployment;
use crate::deploy::aws::Aws;
use crate::diag::human;
use crate::local::cloud::{LocalCloud, Names};
use crate::local::scenario::{self, Report, Scenario};
use crate::local::{LocalError, alarms};
use crate::model::environment::LOCAL;
use crate::plan::Plan;
use crate::source::Source;

/// Run the app on the local cloud, until Ctrl-C.
///
/// The same template and the same binaries as on AWS, deployed by the same code, with IAM and queue policies in force.
#[derive(Debug, Args)]
pub struct LocalArgs {
    #[command(flatten)]
    common: Common,
    /// The port on which the local cloud answers [default: a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    #[command(subcommand)]
    command: Option<LocalCommand>,
}

#[derive(Debug, Subcommand)]
enum LocalCommand {
    /// Run the scenarios of tests/scenarios/ and leave
    Test(TestArgs),
}

#[derive(Debug, Args)]
struct TestArgs {
    /// Scenarios to run, by file name without `.toml` [default: all, by name]
    scenarios: Vec<String>,
    /// The folder of the scenarios [default: tests/scenarios beside the topology file]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &LocalArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(Some(LOCAL))?;
    let plan = opened.plan(&environment)?;
    let scenarios = match &args.command {
        None => None,
        Some(LocalCommand::Test(args)) => Some(read_scenarios(&opened, &plan, args)?),
    };
    deploy::write_templates(&opened, &plan)?;
    let stacks: Vec<_> = plan.stacks.iter().collect();
    let deployments = deploy::deployments(&opened, &plan, &stacks)?;
    deploy::runtime()?.block_on(async {
        let ended = ended();
        tokio::pin!(ended);
        let cloud = tokio::select! {
            cloud = LocalCloud::start(args.port, plan.region.as_deref(), |line| eprintln!("{line}")) => cloud.map_err(failed)?,
            () = &mut ended => return Err(interrupted()),
        };
        let result = tokio::select! {
            result = work(&cloud, &plan, &deployments, scenarios.as_deref()) => result,
            () = &mut ended => match scenarios {
                Some(_) => Err(interrupted()),
                None => Ok(()),
            },
        };
        cloud.stop().await;
        result
    })
}

async fn work(
    cloud: &LocalCloud,
    plan: &Plan,
    deployments: &[Deployment],
    scenarios: Option<&[(String, Scenario)]>,
) -> Result<(), CliError> {
    let started = Instant::now();
    let aws = Aws::sign_in(&cloud.config)
        .await
        .map_err(|error| CliError::new(Exit::Refused, error))?;
    let mut outputs = BTreeMap::new();
    let mut names = Names::default();
    for deployment in deployments {
        outputs.extend(
            deploy::execute(&aws, deployment, &aws.own_bucket(&plan.app))
                .await?
                .outputs,
        );
        names
            .add(&cloud.config, &deployment.stack)
            .await
            .map_err(failed)?;
    }
    let _feed = alarms::feed(&cloud.config, plan, &names).map_err(failed)?;
    eprintln!(
        "{}: deployed in {:.1} s",
        plan.name,
        started.elapsed().as_secs_f64()
    );
    let api = match &plan.api {
        Some(api) => {
            let id = names.physical(&api.id).map_err(failed)?;
            Some(cloud.api_url(id, &api.stage))
        }
        None => None,
    };
    match scenarios {
        Some(scenarios) => {
            let api = api.unwrap_or_default();
            test(cloud, plan, &names, &api, scenarios).await
        }
        None => {
            for (name, value) in &outputs {
                eprintln!("{name} {value}");
            }
            eprintln!(
                "the local cloud answers at {} (any credentials, such as test and test)",
                cloud.url
            );
            if let Some(api) = api {
                println!("{api}");
            }
            eprintln!("Ctrl-C ends it");
            Err(failed(cloud.ended().await))
        }
    }
}

async fn test(
    cloud: &LocalCloud,
    plan: &Plan,
    names: &Names,
    api: &str,
    scenarios: &[(String, Scenario)],
) -> Result<(), CliError> {
    let mut dead_letters = BTreeMap::new();
    let (mut passed, mut failures) = (0, 0);
    for (name, scenario) in scenarios {
        eprintln!("running {name}: {}", scenario.summary);
        let report = scenario::run(scenario, plan, &cloud.config, names, api, &dead_letters)
            .await
            .map_err(failed)?;
        print(name, &report);
        let faults = report
            .checks
            .iter()
            .filter(|check| check.fault.is_some())
            .count();
        failures += faults;
        passed += report.checks.len() - faults;
        dead_letters = report.dead_letters;
    }
    println!("{passed} passed, {failures} failed");
    if failures > 0 {
        return Err(CliError::new(
            Exit::Findings,
            format!("{failures} checks do not hold"),
        ));
    }
    Ok(())
}

fn print(name: &str, report: &Report) {
    println!("{name:<72} {:>5.1} s", report.took.as_secs_f64());
    for check in &report.checks {
        match &check.fault {
            None => println!("  ok    {}", check.what),
            Some(fault) => println!("  FAIL  {}\n        found: {fault}", check.what),
        }
    }
    println!();
}

/// The scenarios beside the topology, by name, so that their order is the same everywhere.
fn read_scenarios(
    opened: &project::Opened,
    plan: &Plan,
    args: &TestArgs,
) -> Result<Vec<(String, Scenario)>, CliError> {
    let wanted = &args.scenarios;
    let folder = args
        .folder
        .clone()
        .unwrap_or_else(|| opened.root.join("tests").join("scenarios"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(|error| {
            CliError::new(Exit::Usage, format!("cannot read {}: {error}", folder.display()))
                .help("scenarios are files such as tests/scenarios/success.toml, beside the topology file")
        })?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let named = |path: &PathBuf| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let known: Vec<String> = files.iter().map(named).collect();
    if let Some(stranger) = wanted.iter().find(|name| !known.contains(name)) {
        return Err(
            CliError::new(Exit::Usage, format!("there is no scenario `{stranger}`")).help(
                crate::syntax::suggest::help(stranger, known.iter().map(String::as_str)),
            ),
        );
    }
    files.retain(|path| wanted.is_empty() || wanted.contains(&named(path)));
    if files.is_empty() {
        return Err(CliError::new(
            Exit::Usage,
            format!("{} holds no scenario", folder.display()),
        ));
    }
    let mut scenarios = Vec::new();
    let mut broken = false;
    for path in &files {
        let text = std::fs::read_to_string(path).map_err(|error| {
            CliError::new(
                Exit::Usage,
                format!("cannot read {}: {error}", path.display()),
            )
        })?;
        let source = Source::new(path.display().to_string(), text);
        let (scenario, diagnostics) = scenario::read(&source, plan);
        eprint!("{}", human::render(&source, &diagnostics));
        match scenario {
            Some(scenario) => scenarios.push((named(path), scenario)),
            None => broken = true,
        }
    }
    if broken {
        Err(CliError::findings())
    } else {
        Ok(scenarios)
    }
}

fn failed(error: LocalError) -> CliError {
    let refused = CliError::new(Exit::Refused, &error);
    match error.help() {
        Some(help) => refused.help(help),
        None => refused,
    }
}

fn interrupted() -> CliError {
    CliError::new(Exit::Findings, "interrupted")
}

/// Ctrl-C, or a polite kill.
async fn ended() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    tokio::signal::ctrl_c().await.ok();
}
