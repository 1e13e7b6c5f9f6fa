//! Whether a message passes a filter policy, and by which clause.

use std::fmt;

use super::Scope;
use super::message::{Field, Fields, Message};
use super::number::Number;
use super::policy::{Bound, Clause, Condition, Exception, Policy, Range, Scalar, Test, below};
use crate::source::{Span, Spanned};

/// What becomes of a message, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is delivered.
    pub passes: bool,
    /// Why.
    pub reason: Reason,
}

/// Why a message passes or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The policy has no key: every message passes.
    NoKeys,
    /// The filter looks at the body, and that is not a JSON object.
    InvalidBody,
    /// One step for each clause; all of them must pass.
    Clauses(Vec<Step>),
}

/// What became of one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A key and its conditions.
    Key {
        /// Its path, joined with dots.
        path: String,
        /// Where it is written.
        span: Span,
        /// What was found there.
        outcome: Outcome,
    },
    /// `$or`: each alternative's steps. One whose steps all pass lets the message pass.
    Or {
        /// Where it is written.
        span: Span,
        /// The alternatives, in order.
        alternatives: Vec<Vec<Step>>,
    },
}

/// What became of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A condition holds.
    Matched {
        /// The first condition that does.
        condition: Box<Spanned<Condition>>,
        /// The value that it holds for; none where the absence of one was asked for.
        value: Option<Scalar>,
    },
    /// The message has nothing there, and no condition accepts that.
    Absent,
    /// There is something that SNS cannot compare; why.
    Unreadable(&'static str),
    /// No condition holds for any of the values.
    NoMatch {
        /// The values; none for an empty array.
        values: Vec<Scalar>,
        /// All that was asked for.
        conditions: Vec<Condition>,
    },
    /// Nobody knows what the message has there.
    Unknown {
        /// All that is asked for.
        conditions: Vec<Condition>,
    },
}

/// Whether `message` passes `policy`, exactly as SNS decides it.
pub fn evaluate(policy: &Policy, scope: Scope, message: &Message) -> Verdict {
    let reason = foresee(policy, scope, message, &|_| false);
    Verdict {
        passes: reason.passes() == Some(true),
        reason,
    }
}

/// What becomes of a message of which not all is known: `unknown` says of a path whether `message` leaves open what is there.
pub fn foresee(
    policy: &Policy,
    scope: Scope,
    message: &Message,
    unknown: &dyn Fn(&str) -> bool,
) -> Reason {
    if policy.clauses.is_empty() {
        return Reason::NoKeys;
    }
    let fields = match scope {
        Scope::MessageAttributes => Some(Fields::of_attributes(message)),
        Scope::MessageBody => Fields::of_body(message),
    };
    let Some(fields) = fields else {
        return Reason::InvalidBody;
    };
    let decide = |conditions: &[Spanned<Condition>], path: &str| {
        if unknown(path) {
            let conditions = conditions.iter().map(|c| c.value.clone()).collect();
            return Outcome::Unknown { conditions };
        }
        outcome(conditions, &fields, path)
    };
    let mut steps = Vec::new();
    collect(policy, "", &decide, &mut steps);
    Reason::Clauses(steps)
}

/// Says what becomes of the key at a path.
type Decide<'a> = dyn Fn(&[Spanned<Condition>], &str) -> Outcome + 'a;

fn collect(policy: &Policy, above: &str, decide: &Decide<'_>, steps: &mut Vec<Step>) {
    for clause in &policy.clauses {
        match clause {
            Clause::Key(key, Test::Nested(nested)) => {
                collect(nested, &below(above, &key.value), decide, steps);
            }
            Clause::Key(key, Test::Any(conditions)) => {
                let path = below(above, &key.value);
                steps.push(Step::Key {
                    outcome: decide(conditions, &path),
                    path,
                    span: key.span,
                });
            }
            Clause::Or(branches) => {
                let alternatives = branches.value.iter().map(|branch| {
                    let mut steps = Vec::new();
                    collect(branch, above, decide, &mut steps);
                    steps
                });
                steps.push(Step::Or {
                    span: branches.span,
                    alternatives: alternatives.collect(),
                });
            }
        }
    }
}

fn outcome(conditions: &[Spanned<Condition>], fields: &Fields, path: &str) -> Outcome {
    let values = match fields.by_path.get(path) {
        Some(Field::Values(values)) => values,
        Some(Field::Unreadable(why)) => return Outcome::Unreadable(why),
        None => {
            // A message that carries nothing at all does not match `exists: false` (attribute-key-matching.html).
            let anything_else = !fields.by_path.is_empty();
            let accepts = conditions
                .iter()
                .find(|c| c.value == Condition::Exists(false) && anything_else);
            return accepts.map_or(Outcome::Absent, |condition| Outcome::Matched {
                condition: Box::new(condition.clone()),
                value: None,
            });
        }
    };
    for condition in conditions {
        let mut matching = values
            .iter()
            .filter(|value| holds(&condition.value, value, fields.numbers_are_text));
        if let Some(value) = matching.next() {
            return Outcome::Matched {
                condition: Box::new(condition.clone()),
                value: Some(value.clone()),
            };
        }
    }
    Outcome::NoMatch {
        values: values.clone(),
        conditions: conditions.iter().map(|c| c.value.clone()).collect(),
    }
}

/// Whether a condition holds for one value that is there.
pub(super) fn holds(condition: &Condition, value: &Scalar, numbers_are_text: bool) -> bool {
    match condition {
        Condition::Exactly(wanted) => value == wanted,
        Condition::Prefix(start) => value.as_text().is_some_and(|text| text.starts_with(start)),
        Condition::Suffix(end) => value.as_text().is_some_and(|text| text.ends_with(end)),
        Condition::EqualsIgnoreCase(wanted) => value
            .as_text()
            .is_some_and(|text| text.to_lowercase() == wanted.to_lowercase()),
        Condition::Wildcard(pattern) => value.as_text().is_some_and(|text| wildcard(pattern, text)),
        Condition::AnythingBut(exception) => !excluded(exception, value),
        Condition::Numeric(range) => match value {
            Scalar::Number(number) => in_range(range, number),
            Scalar::String(text) if numbers_are_text => {
                Number::parse(text).is_some_and(|number| in_range(range, &number))
            }
            Scalar::String(_) | Scalar::Null | Scalar::Boolean(_) => false,
        },
        Condition::Exists(wanted) => {
            let empty = matches!(value, Scalar::Null) || value.as_text().is_some_and(str::is_empty);
            *wanted && !empty
        }
        Condition::Cidr(network) => value
            .as_text()
            .and_then(|text| text.parse().ok())
            .is_some_and(|address| network.contains(address)),
    }
}

fn excluded(exception: &Exception, value: &Scalar) -> bool {
    match exception {
        Exception::Values(values) => values.contains(value),
        Exception::Prefix(start) => value.as_text().is_some_and(|text| text.starts_with(start)),
        Exception::Suffix(end) => value.as_text().is_some_and(|text| text.ends_with(end)),
        Exception::Wildcard(pattern) => value.as_text().is_some_and(|text| wildcard(pattern, text)),
    }
}

fn in_range(range: &Range, number: &Number) -> bool {
    match range {
        Range::Equal(wanted) => number == wanted,
        Range::Between { lower, upper } => over(lower, number) && under(upper, number),
    }
}

/// Whether `number` is on the inner side of the lower end of a range.
pub(super) fn over(lower: &Option<Bound>, number: &Number) -> bool {
    lower
        .as_ref()
        .is_none_or(|bound| *number > bound.value || (bound.inclusive && *number == bound.value))
}

/// Whether `number` is on the inner side of the upper end of a range.
pub(super) fn under(upper: &Option<Bound>, number: &Number) -> bool {
    upper
        .as_ref()
        .is_none_or(|bound| *number < bound.value || (bound.inclusive && *number == bound.value))
}

/// `*` stands for any characters, none among them; everything else for itself.
fn wildcard(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    // The first place that fits leaves most for what follows.
    for part in middle.split('*') {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

impl Step {
    /// Whether it lets the message pass; none when that depends on what is not known.
    pub fn passes(&self) -> Option<bool> {
        match self {
            Self::Key { outcome, .. } => match outcome {
                Outcome::Matched { .. } => Some(true),
                Outcome::Absent | Outcome::Unreadable(_) | Outcome::NoMatch { .. } => Some(false),
                Outcome::Unknown { .. } => None,
            },
            Self::Or { alternatives, .. } => {
                // One passes unless all fail.
                let fails = |steps: &Vec<Step>| opposite(all_pass(steps));
                opposite(all(alternatives.iter().map(fails)))
            }
        }
    }

    fn lines(&self, indent: usize, lines: &mut Vec<String>) {
        let pad = " ".repeat(indent);
        match self {
            Self::Key { path, outcome, .. } => lines.push(format!("{pad}{path}: {outcome}")),
            Self::Or { alternatives, .. } => {
                let passing = alternatives
                    .iter()
                    .position(|steps| all_pass(steps) == Some(true));
                // The alternative that lets it pass is the whole answer; without one, each is worth reading.
                let shown: Vec<usize> =
                    passing.map_or((0..alternatives.len()).collect(), |at| vec![at]);
                for at in shown {
                    let of = alternatives.len();
                    lines.push(format!("{pad}$or, alternative {} of {of}:", at + 1));
                    for step in alternatives.get(at).into_iter().flatten() {
                        step.lines(indent + 2, lines);
                    }
                }
            }
        }
    }
}

/// Whether all steps let the message pass.
fn all_pass(steps: &[Step]) -> Option<bool> {
    all(steps.iter().map(Step::passes))
}

/// Whether all hold: one that surely does not decides, whatever the others may turn out to be.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    for answer in answers {
        match answer {
            Some(true) => {}
            Some(false) => return Some(false),
            None => open = true,
        }
    }
    (!open).then_some(true)
}

fn opposite(answer: Option<bool>) -> Option<bool> {
    answer.map(|holds| !holds)
}

impl Reason {
    /// Whether the message passes; none when that depends on what is not known.
    pub fn passes(&self) -> Option<bool> {
        match self {
            Self::NoKeys => Some(true),
            Self::InvalidBody => Some(false),
            Self::Clauses(steps) => all_pass(steps),
        }
    }

    /// For people, a line for each clause.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::NoKeys => vec!["there is no filter".to_owned()],
            Self::InvalidBody => vec!["the body is not a JSON object".to_owned()],
            Self::Clauses(steps) => {
                let mut lines = Vec::new();
                steps.iter().for_each(|step| step.lines(0, &mut lines));
                lines
            }
        }
    }
}

impl Verdict {
    /// The reason for people, a line for each clause.
    pub fn lines(&self) -> Vec<String> {
        self.reason.lines()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: Vec<String>| items.join(", ");
        let asked =
            |conditions: &[Condition]| list(conditions.iter().map(Condition::to_string).collect());
        match self {
            Self::Matched {
                condition,
                value: Some(value),
            } => write!(f, "{value} matches {condition}"),
            Self::Matched {
                condition,
                value: None,
            } => write!(f, "not in the message, which matches {condition}"),
            Self::Absent => f.write_str("not in the message"),
            Self::Unreadable(why) => write!(f, "cannot be compared: {why}"),
            Self::NoMatch { values, conditions } => {
                let conditions = asked(conditions);
                match values.as_slice() {
                    [] => write!(f, "an empty list does not match {conditions}"),
                    values => {
                        let values = list(values.iter().map(Scalar::to_string).collect());
                        write!(f, "{values} does not match {conditions}")
                    }
                }
            }
            Self::Unknown { conditions } => {
                write!(f, "depends on the data: {}", asked(conditions))
            }
        }
    }
}
