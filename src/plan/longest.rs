//! How long texts get that CloudFormation fills in: limits are checked before that, at the longest that AWS makes of names.

use super::Stack;
use crate::aws::Properties;
use crate::aws::value::Text;

const ACCOUNT: usize = 12;
const PARTITION: usize = "aws-us-gov".len();
const REGION: usize = "ap-southeast-1".len();
/// A hyphen and the letters that CloudFormation ends names with.
const SUFFIX: usize = 14;
/// `arn:`, `:sns:` and the colons between.
const ARN: usize = "arn::sns:::".len() + PARTITION + REGION + ACCOUNT;

/// Bytes of a text once CloudFormation has filled it in.
pub(super) fn length(text: &Text, stack: &Stack) -> usize {
    match text {
        Text::Literal(text) => text.len(),
        Text::Ref(id) => filled(id.as_str(), stack),
        Text::Pseudo(name) => filled(name, stack),
        Text::GetAtt(id, _) => ARN + generated(id.as_str(), stack),
        Text::Sub(pattern) => pattern_length(pattern, |name| filled(name, stack)),
        Text::SubWith(pattern, values) => pattern_length(pattern, |name| match values.get(name) {
            Some(value) => length(value, stack),
            None => filled(name, stack),
        }),
        // An ARN of the core, whose name ends its export's.
        Text::ImportValue(name) => ARN + name.len() + SUFFIX,
    }
}

/// Characters of the name that CloudFormation gives a resource.
pub(super) fn generated(id: &str, stack: &Stack) -> usize {
    stack.name.len() + 1 + id.len() + SUFFIX
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
            arn + generated(id, stack)
        }
    }
}
