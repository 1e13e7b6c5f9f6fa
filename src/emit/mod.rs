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
    let template = cfn::template(plan);
    let at = |name: &str| format!("{}/{name}", plan.environment);
    vec![
        Artefact {
            path: at("template.json"),
            bytes: cfn::json(&template).into_bytes(),
        },
        Artefact {
            path: at("template.yaml"),
            bytes: pages::template_yaml(plan, &template).into_bytes(),
        },
        Artefact {
            path: at("source-map.json"),
            bytes: source_map::json(plan).into_bytes(),
        },
    ]
}
