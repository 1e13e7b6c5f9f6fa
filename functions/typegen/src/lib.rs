//! Makes Rust types of a folder of JSON Schemas: one file, one event, one type that implements `topogen_kit::Contract`.
//!
//! ```no_run
//! // build.rs
//! fn main() -> std::process::ExitCode {
//!     topogen_typegen::build("schemas", &[])
//! }
//! ```
//!
//! and where the types shall be:
//!
//! ```text
//! #[allow(clippy::all, clippy::unwrap_used, missing_docs, reason = "made from the schemas, which say what they mean")]
//! mod generated {
//!     include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
//! }
//! pub use generated::*;
//! ```
//!
//! What they use: `serde`, `topogen-kit`; `serde_json` for objects of any fields; `regress` for patterns.
//!
//! Typify makes the structs, the enumerations and their names. It passes over most rules, so every rule is made part of a
//! type before it sees the schema (`lower`): bounds become `topogen_kit::bounded` types, and a schema that the caller's
//! table knows becomes the type beside it. Invariant: a rule that no type would hold fails the build.
//!
//! `title` names a type: of the event, and of the objects and enumerations inside it. Objects of one title in several
//! contracts are one type, and must be alike. Without a title a type is called after its event and its field.

#![expect(
    clippy::print_stdout,
    reason = "a build script speaks to cargo on stdout"
)]

mod emit;
mod lower;
mod words;

use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use lower::{Contract, Lowering};

/// A contract before it is read: the file's name without `.json`, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The event: `OrderCreated`.
    pub name: String,
    /// The JSON Schema.
    pub text: String,
}

/// For build scripts: makes `contracts.rs` in `OUT_DIR` of the `*.json` in `folder`, which lies beside `Cargo.toml`. What is
/// wrong is said to cargo, all at once.
///
/// `own` has a schema and the Rust type of its values in each row. Whatever subschema is that schema, words for people
/// aside, gets that type. It must read and write exactly what the schema allows, and its errors must not repeat the value,
/// since they are logged. A `title` in the schema keeps two meanings of one shape apart; a subschema of that title with
/// other rules is an error.
pub fn build(folder: &str, own: &[(&str, &str)]) -> ExitCode {
    println!("cargo::rerun-if-changed={folder}");
    let made = sources(Path::new(folder))
        .and_then(|sources| generate(folder, &sources, own))
        .and_then(|types| write(&types).map_err(|fault| vec![fault]));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => {
            for fault in faults {
                println!("cargo::error={fault}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The text of `contracts.rs`. Touches no file: `folder` is for messages, and for where the types find their schemas.
///
/// # Errors
/// When a contract is not what types can be made of; then all that is wrong.
pub fn generate(
    folder: &str,
    sources: &[Source],
    own: &[(&str, &str)],
) -> Result<String, Vec<String>> {
    let mut lowering = Lowering::new(folder, own)?;
    let contracts: Vec<Contract> = sources
        .iter()
        .filter_map(|source| lowering.contract(source))
        .collect();
    let lowered = lowering.finish()?;
    emit::types(folder, &contracts, lowered).map_err(|fault| vec![fault])
}

fn sources(folder: &Path) -> Result<Vec<Source>, Vec<String>> {
    let unreadable =
        |path: &Path, error| vec![format!("cannot read `{}`: {error}", path.display())];
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let mut sources = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            let name = path.file_stem().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            sources.push(Source { name, text });
        }
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sources)
}

fn write(types: &str) -> Result<(), String> {
    let folder = env::var_os("OUT_DIR").ok_or("`OUT_DIR` is not set: call this from build.rs")?;
    let path = Path::new(&folder).join("contracts.rs");
    fs::write(&path, types).map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}
