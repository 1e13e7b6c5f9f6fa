//! Whether a function's environment variables fit: Lambda counts topogen's own, and ARNs after they are filled in.

use super::Stack;
use super::longest::Longest;
use crate::aws::Properties;
use crate::diag::{Diagnostic, Diagnostics, codes};

/// Bytes of names and values together (gettingstarted-limits.html).
const MAX: usize = 4_096;

pub(super) fn check(stack: &Stack, longest: &Longest<'_>, diagnostics: &mut Diagnostics) {
    for resource in &stack.resources {
        let Properties::Function(function) = &resource.properties else {
            continue;
        };
        let variables = &function.environment.variables;
        let size: usize = variables
            .iter()
            .map(|(name, value)| name.len() + longest.length(value))
            .sum();
        if size > MAX {
            diagnostics.push(
                Diagnostic::error(
                    codes::ENVIRONMENT_SIZE,
                    resource.origin.span,
                    format!(
                        "the environment variables of `{}` have {size} bytes, Lambda takes {MAX}",
                        resource.id
                    ),
                )
                .help("keep large settings in a file of the handler or in a parameter store: topogen's own variables count too"),
            );
        }
    }
}
