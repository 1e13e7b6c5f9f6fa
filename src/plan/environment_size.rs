//! Whether a function's environment variables fit: Lambda counts topogen's own, and ARNs after they are filled in.

use super::{Plan, Stack};
use crate::aws::Properties;
use crate::aws::value::Text;
use crate::diag::{Diagnostic, Diagnostics, codes};

/// Bytes of names and values together (gettingstarted-limits.html).
const MAX: usize = 4_096;

/// The longest that AWS makes of what is filled in.
const ACCOUNT: usize = 12;
const PARTITION: usize = "aws-us-gov".len();
const REGION: usize = "ap-southeast-1".len();
/// A hyphen and the letters that CloudFormation ends names with.
const SUFFIX: usize = 14;
/// `arn:`, `:sns:` and the colons between.
const ARN: usize = "arn::sns:::".len() + PARTITION + REGION + ACCOUNT;

pub(super) fn check(plan: &Plan, diagnostics: &mut Diagnostics) {
    for stack in &plan.stacks {
        for resource in &stack.resources {
            let Properties::Function(function) = &resource.properties else {
                continue;
            };
            let variables = &function.environment.variables;
            let size: usize = variables
                .iter()
                .map(|(name, value)| name.len() + length(value, stack))
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
}

/// Bytes of a value once CloudFormation has filled it in, at the longest.
fn length(value: &Text, stack: &Stack) -> usize {
    let named = |id: &str| stack.name.len() + 1 + id.len() + SUFFIX;
    match value {
        Text::Literal(text) => text.len(),
        Text::Ref(id) => filled(id.as_str(), stack),
        Text::Pseudo(name) => filled(name, stack),
        Text::GetAtt(id, _) => ARN + named(id.as_str()),
        Text::Sub(pattern) => pattern_length(pattern, |name| filled(name, stack)),
        Text::SubWith(pattern, values) => pattern_length(pattern, |name| match values.get(name) {
            Some(value) => length(value, stack),
            None => filled(name, stack),
        }),
        // An ARN of the core, whose name ends its export's.
        Text::ImportValue(name) => ARN + name.len() + SUFFIX,
    }
}

fn pattern_length(pattern: &str, fill: impl Fn(&str) -> usize) -> usize {
    let mut pieces = pattern.split("${");
    let first = pieces.next().map_or(0, str::len);
    let rest = pieces.map(|piece| match piece.split_once('}') {
        Some((name, after)) => fill(name) + after.len(),
        None => piece.len(),
    });
    first + rest.sum::<usize>()
}

/// What a name in `${}` becomes: a topic's ARN, a table's name, or one of AWS's own.
fn filled(name: &str, stack: &Stack) -> usize {
    match name {
        "AWS::AccountId" => ACCOUNT,
        "AWS::Partition" => PARTITION,
        "AWS::Region" => REGION,
        "AWS::StackName" => stack.name.len(),
        id => {
            let is_table = stack.resources.iter().any(|resource| {
                resource.id.as_str() == id && matches!(resource.properties, Properties::Table(_))
            });
            let arn = if is_table { 0 } else { ARN };
            arn + stack.name.len() + 1 + id.len() + SUFFIX
        }
    }
}
