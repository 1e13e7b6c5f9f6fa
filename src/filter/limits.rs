//! How large a policy is, by AWS's own counting (subscription-filter-policy-constraints.html).

use std::collections::BTreeSet;

use super::Scope;
use super::policy::{Clause, Condition, Exception, Leaf, Policy, Test};

/// Most keys.
pub const MAX_KEYS: usize = 5;
/// Most combinations of values.
pub const MAX_COMBINATIONS: u64 = 150;
/// Most points for wildcards.
pub const MAX_WILDCARD_POINTS: u64 = 100;
/// Most `*` in one pattern.
pub const MAX_STARS: usize = 3;
/// Most bytes of the policy's JSON.
pub const MAX_BYTES: usize = 256 * 1024;

impl Policy {
    /// Keys of the uppermost object; a `$or` counts as one, the least that any way of counting makes of it.
    pub fn top_level_keys(&self) -> usize {
        self.clauses.len()
    }

    /// Keys that have values, each path once.
    pub fn leaf_keys(&self) -> usize {
        let paths: BTreeSet<String> = self.leaves().into_iter().map(|leaf| leaf.path).collect();
        paths.len()
    }

    /// Combinations of values. Each `$or` multiplies by the sum over its alternatives, which is what writing out one
    /// policy for each alternative comes to.
    pub fn combinations(&self, scope: Scope) -> u64 {
        self.product(scope, 1)
    }

    fn product(&self, scope: Scope, depth: u64) -> u64 {
        self.clauses.iter().fold(1, |product, clause| {
            let factor = match clause {
                Clause::Or(branches) => branches.value.iter().fold(0, |sum: u64, branch| {
                    sum.saturating_add(branch.product(scope, depth))
                }),
                Clause::Key(_, Test::Nested(policy)) => policy.product(scope, depth + 1),
                Clause::Key(_, Test::Any(conditions)) => {
                    let values = u64::try_from(conditions.len()).unwrap_or(u64::MAX);
                    values.saturating_mul(match scope {
                        Scope::MessageAttributes => 1,
                        Scope::MessageBody => depth,
                    })
                }
            };
            product.saturating_mul(factor)
        })
    }

    /// How [`Self::combinations`] comes about, such as `2 × (2 + 3 × 2)`.
    pub fn combination_formula(&self, scope: Scope) -> String {
        let mut factors = Vec::new();
        self.factors(scope, 1, &mut factors);
        product_of(&factors)
    }

    /// All but those that are 1.
    fn factors(&self, scope: Scope, depth: usize, factors: &mut Vec<String>) {
        for clause in &self.clauses {
            match clause {
                Clause::Or(branches) => {
                    let sums = branches.value.iter().map(|branch| {
                        let mut inner = Vec::new();
                        branch.factors(scope, depth, &mut inner);
                        product_of(&inner)
                    });
                    factors.push(format!("({})", sums.collect::<Vec<_>>().join(" + ")));
                }
                Clause::Key(_, Test::Nested(policy)) => policy.factors(scope, depth + 1, factors),
                Clause::Key(_, Test::Any(conditions)) => {
                    let depth = match scope {
                        Scope::MessageAttributes => 1,
                        Scope::MessageBody => depth,
                    };
                    let both = [conditions.len(), depth].into_iter();
                    factors.extend(both.filter(|n| *n != 1).map(|n| n.to_string()));
                }
            }
        }
    }

    /// Points of all wildcards, by the least and by the most that AWS may count: it does not say whether a pattern with
    /// several `*` costs three points, or three for each.
    pub fn wildcard_points(&self) -> (u64, u64) {
        let leaves = self.leaves();
        let total = |each| leaves.iter().map(|leaf| points(leaf, each)).sum();
        (total(Each::Pattern), total(Each::Star))
    }

    /// Bytes of its JSON.
    pub fn bytes(&self) -> usize {
        self.to_json().to_string().len()
    }
}

fn product_of(factors: &[String]) -> String {
    if factors.is_empty() {
        "1".to_owned()
    } else {
        factors.join(" × ")
    }
}

#[derive(Clone, Copy)]
enum Each {
    Pattern,
    Star,
}

/// The sum of the patterns' points, times the number of patterns.
fn points(leaf: &Leaf<'_>, each: Each) -> u64 {
    let patterns: Vec<u64> = leaf
        .conditions
        .iter()
        .filter_map(|condition| match &condition.value {
            Condition::Wildcard(pattern) => Some(match (stars(pattern), each) {
                (stars @ (0 | 1), _) => stars as u64,
                (_, Each::Pattern) => 3,
                (stars, Each::Star) => 3 * stars as u64,
            }),
            Condition::AnythingBut(Exception::Wildcard(_)) => Some(1),
            Condition::AnythingBut(
                Exception::Values(_) | Exception::Prefix(_) | Exception::Suffix(_),
            )
            | Condition::Exactly(_)
            | Condition::Prefix(_)
            | Condition::Suffix(_)
            | Condition::EqualsIgnoreCase(_)
            | Condition::Numeric(_)
            | Condition::Exists(_)
            | Condition::Cidr(_) => None,
        })
        .collect();
    patterns.iter().sum::<u64>() * patterns.len() as u64
}

impl Condition {
    /// Its pattern, when it is a wildcard, excluded or not.
    pub fn pattern(&self) -> Option<&str> {
        match self {
            Self::Wildcard(pattern) | Self::AnythingBut(Exception::Wildcard(pattern)) => {
                Some(pattern)
            }
            Self::AnythingBut(
                Exception::Values(_) | Exception::Prefix(_) | Exception::Suffix(_),
            )
            | Self::Exactly(_)
            | Self::Prefix(_)
            | Self::Suffix(_)
            | Self::EqualsIgnoreCase(_)
            | Self::Numeric(_)
            | Self::Exists(_)
            | Self::Cidr(_) => None,
        }
    }
}

/// How many `*` a pattern has.
pub fn stars(pattern: &str) -> usize {
    pattern.matches('*').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(json: serde_json::Value) -> Policy {
        Policy::from_json(&json).unwrap()
    }

    /// The worked values of AWS's pages.
    #[test]
    fn combinations_are_those_that_aws_documents() {
        let flat = policy(json!({
            "key_a": ["one", "two", "three"], "key_b": ["one"], "key_c": ["one", "two"]
        }));
        assert_eq!(flat.combinations(Scope::MessageAttributes), 6);
        let nested_or = policy(json!({
            "source": ["aws.cloudwatch"],
            "$or": [
                { "metricName": ["CPUUtilization", "ReadLatency"] },
                { "metricType": ["MetricType"],
                  "$or": [{ "metricId": [1234, 4321] }, { "spaceId": [1000, 2000, 3000] }] }
            ]
        }));
        assert_eq!(nested_or.combinations(Scope::MessageAttributes), 7);
        let formula = nested_or.combination_formula(Scope::MessageAttributes);
        assert_eq!(formula, "(2 + (2 + 3))");
        let four = ["a", "b", "c", "d"].map(|key| json!({ key: ["x", "y"] }));
        let body_or = policy(json!({ "detail": { "source": ["s"], "$or": four } }));
        assert_eq!(body_or.combinations(Scope::MessageBody), 32);
        let deep = policy(json!({
            "key_a": { "key_b": { "key_c": ["1", "2", "3", "4"] } },
            "key_d": { "key_e": ["1", "2", "3"] }
        }));
        assert_eq!(deep.combinations(Scope::MessageBody), 72);
        let formula = deep.combination_formula(Scope::MessageBody);
        assert_eq!(formula, "4 × 3 × 3 × 2");
    }

    #[test]
    fn keys_are_counted_at_the_top_and_at_the_leaves() {
        let policy = policy(json!({
            "state": ["a"],
            "finding": { "region": ["b"], "account": ["c"] },
            "$or": [{ "x": ["1"] }, { "x": ["2"], "y": ["3"] }]
        }));
        assert_eq!((policy.top_level_keys(), policy.leaf_keys()), (3, 5));
    }

    #[test]
    fn wildcards_cost_points_by_field() {
        let wild = |patterns: &[&str]| {
            let conditions: Vec<_> = patterns.iter().map(|p| json!({ "wildcard": p })).collect();
            policy(json!({ "name": conditions })).wildcard_points()
        };
        assert_eq!(wild(&["a*"]), (1, 1));
        assert_eq!(wild(&["a*b*"]), (3, 6));
        assert_eq!(wild(&["a*", "b*", "*c*"]), (15, 24));
        let but = policy(json!({ "name": [{ "anything-but": { "wildcard": "a*b*" } }] }));
        assert_eq!(but.wildcard_points(), (1, 1));
    }
}
