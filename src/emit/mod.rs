//! Plan to artefacts: the bytes of every file that topogen writes into `out/`.
//!
//! Pure and deterministic: no clock, no randomness, no file is touched.

pub mod cfn;
mod pages;
mod source_map;
pub mod yaml;

use crate::plan::Plan;

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Where, from `out/`, with forward slashes.
    pub path: String,
    /// What.
    pub bytes: Vec<u8>,
}

/// All files of one environment.
pub fn artefacts(plan: &Plan) -> Vec<Artefact> {
    let stacks = plan.stacks.iter().flat_map(|stack| {
        let template = cfn::template(plan, stack);
        let at = |name: &str| match stack.folder.as_str() {
            "" => format!("{}/{name}", plan.environment),
            folder => format!("{}/{folder}/{name}", plan.environment),
        };
        [
            Artefact {
                path: at("template.json"),
                bytes: cfn::json(&template).into_bytes(),
            },
            Artefact {
                path: at("template.yaml"),
                bytes: pages::template_yaml(stack, &template).into_bytes(),
            },
        ]
    });
    let source_map = Artefact {
        path: format!("{}/source-map.json", plan.environment),
        bytes: source_map::json(plan).into_bytes(),
    };
    stacks.chain([source_map]).collect()
}
