//! Plan to artefacts: the bytes of every file that topogen writes into `out/`.
//!
//! Pure and deterministic: no clock, no randomness, no file is touched.

pub mod cfn;
pub mod handler;
mod page;
pub mod sam;
pub mod source_map;
mod template;
pub mod views;

use crate::plan::{Plan, Stack};

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Where, from `out/` or the folder that it is for, with forward slashes.
    pub path: String,
    /// What.
    pub bytes: Vec<u8>,
}

/// All files of one environment.
pub fn artefacts(plan: &Plan) -> Vec<Artefact> {
    let stacks = plan.stacks.iter().flat_map(|each| stack(plan, each));
    stacks
        .chain([source_map(
            &plan.environment,
            plan.stacks.iter().map(source_map::of_stack),
        )])
        .collect()
}

/// The files of one stack.
pub fn stack(plan: &Plan, stack: &Stack) -> [Artefact; 2] {
    let template = template::native(plan, stack);
    [
        ("template.json", template.json),
        ("template.yaml", template.yaml),
    ]
    .map(|(name, text)| Artefact {
        path: at(plan, stack, name),
        bytes: text.into_bytes(),
    })
}

/// The source map, from the parts that [`source_map::of_stack`] makes, in the order of the stacks.
pub fn source_map(environment: &str, parts: impl Iterator<Item = String>) -> Artefact {
    Artefact {
        path: format!("{environment}/source-map.json"),
        bytes: source_map::join(parts).into_bytes(),
    }
}

/// The SAM view of a stack's template, for whoever works with the SAM CLI.
pub fn sam_view(plan: &Plan, stack: &Stack) -> Artefact {
    Artefact {
        path: at(plan, stack, "sam.yaml"),
        bytes: template::sam_yaml(stack, &sam::template(plan, stack)).into_bytes(),
    }
}

/// Where a file of a stack lies in `out/`.
fn at(plan: &Plan, stack: &Stack, name: &str) -> String {
    [&plan.environment, "/", &stack.artefact(name)].concat()
}
