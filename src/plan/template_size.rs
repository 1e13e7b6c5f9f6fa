//! Whether each template is one that CloudFormation takes (cloudformation-limits.html).

use super::Stack;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::model::app::Stacks;

const MAX_RESOURCES: usize = 500;
const MAX_PARAMETERS: usize = 200;
const MAX_OUTPUTS: usize = 200;
/// "Template may not exceed 1000000 bytes in size."
const MAX_BYTES: usize = 1_000_000;

/// What a stack holds, by number.
pub(super) fn check(stack: &Stack, topology: &Topology, diagnostics: &mut Diagnostics) {
    for (what, count, max) in [
        ("resources", stack.resources.len(), MAX_RESOURCES),
        ("parameters", stack.parameters.len(), MAX_PARAMETERS),
        ("outputs", stack.outputs.len(), MAX_OUTPUTS),
    ] {
        refuse(stack, topology, (what, count, max), diagnostics);
    }
}

/// Its template, which has so many `bytes`.
pub fn check_bytes(stack: &Stack, topology: &Topology, bytes: usize) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    // With too many resources it is too large in every way.
    if stack.resources.len() > MAX_RESOURCES {
        return diagnostics;
    }
    let limit = ("bytes of template", bytes, MAX_BYTES);
    refuse(stack, topology, limit, &mut diagnostics);
    diagnostics
}

fn refuse(
    stack: &Stack,
    topology: &Topology,
    (what, count, max): (&str, usize, usize),
    diagnostics: &mut Diagnostics,
) {
    if count <= max {
        return;
    }
    let service = stack
        .service
        .as_ref()
        .and_then(|name| topology.services.get(name));
    diagnostics.push(
        Diagnostic::error(
            codes::TEMPLATE_SIZE,
            service.map_or(topology.app.name.span, |service| service.span),
            format!("{} needs {count} {what}, CloudFormation takes {max}", stack.called()),
        )
        .help(match topology.app.stacks {
            Stacks::Single => "write `stacks = \"per-service\"` in `[app]`: each service then has a stack of its own",
            Stacks::PerService if stack.service.is_none() => "give a group of services a topology file and an app of their own",
            Stacks::PerService => "split it: give a group of its subscriptions a service of their own",
        }),
    );
}
