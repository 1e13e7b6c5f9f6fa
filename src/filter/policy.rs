//! A filter policy as its writer means it: keys, conditions, alternatives, each with its place.

use core::net::IpAddr;
use std::fmt;

use super::number::Number;
use crate::source::{Span, Spanned};

/// Every operator of a match object.
pub const OPERATORS: [&str; 8] = [
    "prefix",
    "suffix",
    "equals-ignore-case",
    "anything-but",
    "wildcard",
    "numeric",
    "exists",
    "cidr",
];

/// A filter policy, or an object nested in one: all of its clauses must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// In the order in which they are written out.
    pub clauses: Vec<Clause>,
}

/// One entry of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause {
    /// A key and what it asks for.
    Key(Spanned<String>, Test),
    /// `$or`: one of the policies must hold.
    Or(Spanned<Vec<Policy>>),
}

/// What a key asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of the conditions must hold.
    Any(Vec<Spanned<Condition>>),
    /// The fields below this one are tested.
    Nested(Policy),
}

/// One element of a key's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// This very value.
    Exactly(Scalar),
    /// A string with that beginning.
    Prefix(String),
    /// A string with that end.
    Suffix(String),
    /// That string, in capitals or not.
    EqualsIgnoreCase(String),
    /// A string of that form; `*` stands for any characters.
    Wildcard(String),
    /// Any value but these.
    AnythingBut(Exception),
    /// A number in that range.
    Numeric(Range),
    /// Whether there is a value at all.
    Exists(bool),
    /// An IP address in that network.
    Cidr(Network),
}

/// A value without parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// JSON's `null`; TOML has none.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
}

/// What `anything-but` excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exception {
    /// Strings and numbers; one alone when it was written without a list.
    Values(Vec<Scalar>),
    /// Strings with that beginning.
    Prefix(String),
    /// Strings with that end.
    Suffix(String),
    /// Strings of that form.
    Wildcard(String),
}

/// What `numeric` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// This number.
    Equal(Number),
    /// At least one of the two bounds.
    Between {
        /// `>` or `>=`.
        lower: Option<Bound>,
        /// `<` or `<=`.
        upper: Option<Bound>,
    },
}

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The number.
    pub value: Number,
    /// Whether the number itself is in the range.
    pub inclusive: bool,
}

/// A network such as `10.0.0.0/8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its address, whose host bits are zero.
    pub address: IpAddr,
    /// How many bits name the network.
    pub bits: u32,
}

impl Policy {
    /// Adds a key that must be one of `values`.
    pub fn exactly<'a>(key: &str, values: impl IntoIterator<Item = &'a str>, span: Span) -> Clause {
        let values = values
            .into_iter()
            .map(|value| Spanned::new(Condition::Exactly(Scalar::String(value.to_owned())), span));
        Clause::Key(
            Spanned::new(key.to_owned(), span),
            Test::Any(values.collect()),
        )
    }

    /// Every key that has conditions: its path from the top, joined with dots, and them. One that stands in several
    /// alternatives comes several times.
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        self.collect("", 1, &mut leaves);
        leaves
    }

    /// Whether a message passes of which `key` says, for each key, whether one of its conditions holds.
    pub fn passes(&self, key: &mut impl FnMut(&Leaf<'_>) -> bool) -> bool {
        self.decide("", 1, key)
    }

    fn decide(&self, above: &str, depth: usize, key: &mut impl FnMut(&Leaf<'_>) -> bool) -> bool {
        self.clauses.iter().all(|clause| match clause {
            Clause::Or(branches) => {
                let mut branches = branches.value.iter();
                branches.any(|branch| branch.decide(above, depth, key))
            }
            Clause::Key(name, Test::Nested(policy)) => {
                policy.decide(&below(above, &name.value), depth + 1, key)
            }
            Clause::Key(name, Test::Any(conditions)) => key(&Leaf {
                path: below(above, &name.value),
                depth,
                key: name,
                conditions,
            }),
        })
    }

    fn collect<'a>(&'a self, above: &str, depth: usize, leaves: &mut Vec<Leaf<'a>>) {
        for clause in &self.clauses {
            match clause {
                Clause::Or(branches) => {
                    for branch in &branches.value {
                        branch.collect(above, depth, leaves);
                    }
                }
                Clause::Key(key, Test::Nested(policy)) => {
                    policy.collect(&below(above, &key.value), depth + 1, leaves);
                }
                Clause::Key(key, Test::Any(conditions)) => leaves.push(Leaf {
                    path: below(above, &key.value),
                    depth,
                    key,
                    conditions,
                }),
            }
        }
    }
}

/// A key that has conditions.
#[derive(Debug, Clone)]
pub struct Leaf<'a> {
    /// From the top, joined with dots.
    pub path: String,
    /// How many keys its path has.
    pub depth: usize,
    /// The last key of the path, and where it stands.
    pub key: &'a Spanned<String>,
    /// One of these must hold.
    pub conditions: &'a [Spanned<Condition>],
}

/// The path of `key` below `above`.
pub(super) fn below(above: &str, key: &str) -> String {
    if above.is_empty() {
        key.to_owned()
    } else {
        format!("{above}.{key}")
    }
}

impl Scalar {
    /// The string that it is, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Null | Self::Boolean(_) | Self::Number(_) => None,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(value) => value.fmt(f),
            Self::Prefix(text) => write!(f, "prefix {text:?}"),
            Self::Suffix(text) => write!(f, "suffix {text:?}"),
            Self::EqualsIgnoreCase(text) => write!(f, "equals-ignore-case {text:?}"),
            Self::Wildcard(text) => write!(f, "wildcard {text:?}"),
            Self::AnythingBut(exception) => write!(f, "anything-but {exception}"),
            Self::Numeric(range) => write!(f, "numeric {range}"),
            Self::Exists(wanted) => write!(f, "exists {wanted}"),
            Self::Cidr(network) => write!(f, "cidr {network}"),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::String(text) => write!(f, "{text:?}"),
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Values(values) => {
                let values: Vec<String> = values.iter().map(Scalar::to_string).collect();
                f.write_str(&values.join(", "))
            }
            Self::Prefix(text) => write!(f, "prefix {text:?}"),
            Self::Suffix(text) => write!(f, "suffix {text:?}"),
            Self::Wildcard(text) => write!(f, "wildcard {text:?}"),
        }
    }
}

impl Range {
    /// Operators and numbers, in the order that SNS asks for: the lower bound first.
    pub fn terms(&self) -> Vec<(&'static str, &Number)> {
        match self {
            Self::Equal(number) => vec![("=", number)],
            Self::Between { lower, upper } => {
                let lower = lower
                    .iter()
                    .map(|bound| (if bound.inclusive { ">=" } else { ">" }, &bound.value));
                let upper = upper
                    .iter()
                    .map(|bound| (if bound.inclusive { "<=" } else { "<" }, &bound.value));
                lower.chain(upper).collect()
            }
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms: Vec<String> = self
            .terms()
            .iter()
            .map(|(operator, number)| format!("{operator} {number}"))
            .collect();
        f.write_str(&terms.join(" and "))
    }
}

impl Network {
    /// How many bits an address of this kind has.
    pub fn width(address: IpAddr) -> u32 {
        match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        }
    }

    /// Whether no bit is set beyond those that name the network.
    pub fn is_standard(&self) -> bool {
        let shift = Self::width(self.address).saturating_sub(self.bits);
        bits(self.address)
            .checked_shr(shift)
            .unwrap_or(0)
            .checked_shl(shift)
            .unwrap_or(0)
            == bits(self.address)
    }

    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = Self::width(self.address).saturating_sub(self.bits);
        let network = |address| bits(address).checked_shr(shift).unwrap_or(0);
        Self::width(address) == Self::width(self.address)
            && network(address) == network(self.address)
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}
