//! Whether two conditions of one key let the same value pass.

use super::evaluate::{holds, over, under};
use super::number::Number;
use super::policy::{Bound, Condition, Range, Scalar};

/// Whether there surely is a value for which both hold: the one that one of them names fulfils the other as well.
pub fn share(this: &Condition, that: &Condition) -> bool {
    if this == that {
        return true;
    }
    if let (Condition::Numeric(this), Condition::Numeric(that)) = (this, that)
        && ranges_share(this, that)
    {
        return true;
    }
    let passes = |from: &Condition, through: &Condition| {
        named(from).is_some_and(|value| holds(from, &value, false) && holds(through, &value, false))
    };
    passes(this, that) || passes(that, this)
}

/// The value that a condition names. None for one that tells what is not to be, or only whether something is.
fn named(condition: &Condition) -> Option<Scalar> {
    match condition {
        Condition::Exactly(value) => Some(value.clone()),
        Condition::Prefix(text) | Condition::Suffix(text) | Condition::EqualsIgnoreCase(text) => {
            Some(Scalar::String(text.clone()))
        }
        Condition::Wildcard(pattern) => Some(Scalar::String(pattern.replace('*', ""))),
        Condition::Cidr(network) => Some(Scalar::String(network.address.to_string())),
        Condition::Numeric(range) => inside(range).cloned().map(Scalar::Number),
        Condition::AnythingBut(_) | Condition::Exists(_) => None,
    }
}

/// An end of the range that belongs to it.
fn inside(range: &Range) -> Option<&Number> {
    match range {
        Range::Equal(number) => Some(number),
        Range::Between { lower, upper } => [lower, upper]
            .into_iter()
            .flatten()
            .find(|bound| bound.inclusive)
            .map(|bound| &bound.value),
    }
}

/// Whether one lies in the other, or both are open at the same side. Of two that merely overlap, a field of whole numbers may
/// have nothing between.
fn ranges_share(this: &Range, that: &Range) -> bool {
    let (
        Range::Between { lower, upper },
        Range::Between {
            lower: from,
            upper: to,
        },
    ) = (this, that)
    else {
        return false;
    };
    let both_open = |one: &Option<Bound>, other: &Option<Bound>| one.is_none() && other.is_none();
    let lies_in = |(low, high): (&Option<Bound>, &Option<Bound>),
                   (from, to): (&Option<Bound>, &Option<Bound>)| {
        low.as_ref()
            .is_some_and(|low| over(from, &low.value) || from.as_ref() == Some(low))
            && high
                .as_ref()
                .is_some_and(|high| under(to, &high.value) || to.as_ref() == Some(high))
    };
    both_open(lower, from)
        || both_open(upper, to)
        || lies_in((lower, upper), (from, to))
        || lies_in((from, to), (lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Policy;
    use crate::filter::policy::{Clause, Test};

    /// The conditions of `{"a": [one, other]}`.
    fn both(one: &str, other: &str) -> (Condition, Condition) {
        let json = format!(r#"{{"a":[{one},{other}]}}"#);
        let policy = Policy::from_json(&serde_json::from_str(&json).unwrap()).unwrap();
        let [Clause::Key(_, Test::Any(conditions))] = policy.clauses.as_slice() else {
            panic!("{json}");
        };
        (conditions[0].value.clone(), conditions[1].value.clone())
    }

    #[test]
    fn what_one_names_may_fulfil_the_other() {
        for (one, other) in [
            (r#""x""#, r#""x""#),
            (r#"{"prefix":"ab"}"#, r#"{"prefix":"a"}"#),
            (r#"{"suffix":"yz"}"#, r#"{"suffix":"z"}"#),
            (r#"{"exists":true}"#, r#""x""#),
            (r#"{"wildcard":"x*"}"#, r#""xy""#),
            (r#"{"wildcard":"x*z"}"#, r#"{"prefix":"x"}"#),
            (r#"{"equals-ignore-case":"X"}"#, r#""x""#),
            (r#"{"anything-but":["x"]}"#, r#""y""#),
            (r#"{"cidr":"10.0.0.0/8"}"#, r#"{"cidr":"10.1.0.0/16"}"#),
            (r#"{"numeric":[">",5]}"#, r#"{"numeric":[">",6]}"#),
            (r#"{"numeric":["<",5]}"#, r#"{"numeric":[">",2,"<",4]}"#),
            (r#"{"numeric":[">=",5]}"#, r#"{"numeric":["<=",5]}"#),
            (r#"{"numeric":[">=",5]}"#, "7"),
        ] {
            let (one, other) = both(one, other);
            assert!(
                share(&one, &other) && share(&other, &one),
                "{one:?} {other:?}"
            );
        }
    }

    #[test]
    fn what_excludes_each_other_shares_nothing() {
        for (one, other) in [
            (r#""x""#, r#""y""#),
            (r#"{"prefix":"a"}"#, r#"{"prefix":"b"}"#),
            (r#"{"anything-but":["x"]}"#, r#""x""#),
            (r#"{"anything-but":["x"]}"#, r#"{"anything-but":["y"]}"#),
            (r#"{"exists":false}"#, r#"{"exists":true}"#),
            (r#"{"exists":false}"#, r#""x""#),
            (r#"{"numeric":[">",5]}"#, r#"{"numeric":["<=",5]}"#),
            (r#"{"numeric":[">",5]}"#, r#"{"numeric":["<",6]}"#),
            (r#"{"cidr":"10.0.0.0/8"}"#, r#"{"cidr":"11.0.0.0/8"}"#),
        ] {
            let (one, other) = both(one, other);
            assert!(
                !share(&one, &other) && !share(&other, &one),
                "{one:?} {other:?}"
            );
        }
    }
}
