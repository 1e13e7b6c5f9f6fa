//! `topogen schema`

use clap::Args;

use super::terminal::{eprintln, println};
use super::{CliError, Common, project};
use crate::diag::one_line;
use crate::model::TopologyWords;
use crate::out;

const SCHEMA: &str = "topology.schema.json";

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
    let out = folder.join("out");
    out::put(&out, SCHEMA, (schema + "\n").as_bytes())?;
    eprintln!(
        "wrote {}",
        one_line(&out.join(SCHEMA).display().to_string())
    );
    Ok(())
}
