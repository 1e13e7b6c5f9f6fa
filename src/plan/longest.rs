//! How long texts get that CloudFormation fills in: limits are checked before that, at the longest that AWS makes of names.

use std::collections::BTreeSet;

use super::{Resource, Stack};
use crate::aws::Properties;
use crate::aws::value::Text;

const ACCOUNT: usize = 12;
const PARTITION: usize = "aws-us-gov".len();
const REGION: usize = "ap-southeast-1".len();
/// A hyphen and the letters that CloudFormation ends names with.
const SUFFIX: usize = 14;
/// `arn:`, `:sns:` and the colons between.
const ARN: usize = "arn::sns:::".len() + PARTITION + REGION + ACCOUNT;

/// The texts of one stack.
pub(super) struct Longest<'a> {
    stack: &'a Stack,
    /// What is known by its name and not by its ARN.
    tables: BTreeSet<&'a str>,
}

impl<'a> Longest<'a> {
    pub(super) fn of(stack: &'a Stack) -> Self {
        let is_table = |resource: &&Resource| matches!(resource.properties, Properties::Table(_));
        let tables = stack.resources.iter().filter(is_table);
        Self {
            stack,
            tables: tables.map(|resource| resource.id.as_str()).collect(),
        }
    }

    /// Bytes of a text once CloudFormation has filled it in.
    pub(super) fn length(&self, text: &Text) -> usize {
        match text {
            Text::Literal(text) => text.len(),
            Text::Ref(id) => self.filled(id.as_str()),
            Text::Pseudo(name) => self.filled(name),
            Text::GetAtt(id, _) => ARN + self.generated(id.as_str()),
            Text::Sub(pattern) => pattern_length(pattern, |name| self.filled(name)),
            Text::SubWith(pattern, values) => {
                pattern_length(pattern, |name| match values.get(name) {
                    Some(value) => self.length(value),
                    None => self.filled(name),
                })
            }
            // An ARN of the core, whose name ends its export's.
            Text::ImportValue(name) => ARN + name.len() + SUFFIX,
        }
    }

    /// Characters of the name that CloudFormation gives a resource.
    pub(super) fn generated(&self, id: &str) -> usize {
        self.stack.name.len() + 1 + id.len() + SUFFIX
    }

    /// What a name in `${}` becomes: a topic's ARN, a table's name, or one of AWS's own.
    fn filled(&self, name: &str) -> usize {
        match name {
            "AWS::AccountId" => ACCOUNT,
            "AWS::Partition" => PARTITION,
            "AWS::Region" => REGION,
            "AWS::StackName" => self.stack.name.len(),
            id => {
                let arn = if self.tables.contains(id) { 0 } else { ARN };
                arn + self.generated(id)
            }
        }
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
