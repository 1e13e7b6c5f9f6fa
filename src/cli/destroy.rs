//! `topogen destroy`

use std::io::IsTerminal;

use clap::Args;

use super::deploy::{Target, explain, runtime};
use super::terminal::{eprint, eprintln};
use super::{CliError, Common, Exit, project};
use crate::deploy::{self, Cloud, Deployment, Progress};
use crate::plan::{Plan, Stack};

/// Delete the stacks of an environment.
///
/// Tables of an environment that is not `ephemeral` are kept, with their data. The bucket of the functions' zips is kept too:
/// other environments of the app use it.
#[derive(Debug, Args)]
pub struct DestroyArgs {
    #[command(flatten)]
    common: Common,
    /// The environment; there is no default
    #[arg(short, long)]
    environment: String,
    #[command(flatten)]
    target: Target,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &DestroyArgs) -> Result<(), CliError> {
    let opened = project::open(&args.common)?;
    let environment = opened.environment(Some(&args.environment))?;
    let plan = opened.plan(&environment)?;
    if !args.yes {
        confirm(&plan.name)?;
    }
    runtime()?.block_on(async {
        let cloud = args.target.sign_in(&plan).await?;
        // What others import from goes last.
        for stack in plan.stacks.iter().rev() {
            delete(&cloud, &plan, stack).await?;
        }
        Ok(())
    })
}

async fn delete(cloud: &impl Cloud, plan: &Plan, stack: &Stack) -> Result<(), CliError> {
    let deployment = Deployment::new(plan, stack, String::new(), &[]);
    let name = stack.name.as_str();
    let mut kept = Vec::new();
    let deleted = deploy::destroy(cloud, name, &mut |progress| {
        if let Progress::Event(event) = progress {
            eprintln!("{:<28} {}", event.status, event.logical_id);
            if event.status == "DELETE_SKIPPED" {
                kept.push(event.logical_id.clone());
            }
        }
    })
    .await
    .map_err(|error| explain(&deployment, &error))?;
    match deleted {
        true => eprintln!("{name}: deleted"),
        false => eprintln!("{name}: there is no such stack"),
    }
    if !kept.is_empty() {
        eprintln!("kept, with their data: {}", kept.join(", "));
    }
    Ok(())
}

fn confirm(name: &str) -> Result<(), CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::new(
            Exit::Usage,
            "there is nobody to ask whether to delete the stack",
        )
        .help("add `--yes` to delete it without a question"));
    }
    eprint!("This deletes {name}. Type that name to go on: ");
    let mut answer = String::new();
    match std::io::stdin().read_line(&mut answer) {
        Ok(_) if answer.trim() == name => Ok(()),
        _ => Err(CliError::new(Exit::Usage, "nothing was deleted")),
    }
}
