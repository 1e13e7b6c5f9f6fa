//! `topogen schema`

use anstream::{eprintln, println};
use clap::Args;

use super::{CliError, Common, Exit, project};
use crate::model::TopologyWords;
use crate::out;

/// Write the JSON Schema of topology.toml, for editors.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    #[command(flatten)]
    common: Common,
    /// Print it instead of writing out/topology.schema.json
    #[arg(long)]
    stdout: bool,
}

pub(super) fn run(args: &SchemaArgs) -> Result<(), CliError> {
    let schema = format!("{:#}", schemars::schema_for!(TopologyWords).to_value());
    if args.stdout {
        println!("{schema}");
        return Ok(());
    }
    // A schema helps most while the topology is still broken: only its folder is needed.
    let folder = project::folder(&args.common);
    let path = folder.join("out").join("topology.schema.json");
    out::replace(&path, (schema + "\n").as_bytes())
        .map_err(|error| CliError::new(Exit::Usage, error))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
