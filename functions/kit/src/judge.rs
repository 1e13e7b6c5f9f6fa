//! Holds the types that are made from contracts against the contracts themselves, in a test of the crate that has them.
//!
//! Two judge the same data: the schema, by the `jsonschema` crate, and the type. They must agree on every example and on
//! thousands of things that can be wrong with one, and must name the same field. What the type refuses beyond the schema is
//! said in a row of differences, with the reason; that it takes more than the schema is never right. Behind the feature
//! `judge`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod mutations;

use std::collections::BTreeSet;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::contract::AnyContract;
pub use mutations::Mutation;
use mutations::{SECRETS, mutations};

/// Why a type refuses what its schema allows, and whether a mutation is such a case.
pub type Difference = (&'static str, fn(&Mutation) -> bool);

/// Judges all examples of all contracts, as they are and with one or several mistakes. `texts` are tried wherever a text
/// stands: what comes near a pattern or a format of these contracts. Returns how many mistakes were tried.
///
/// # Panics
/// When the two disagree and no difference explains it, when a failure names another field than the schema or repeats a
/// value, and when a difference is none.
pub fn agree(contracts: &[AnyContract], texts: &[&str], differences: &[Difference]) -> usize {
    let mut tried = 0;
    let mut needed = BTreeSet::new();
    for judges in contracts
        .iter()
        .map(|contract| Judges::of(contract, differences))
    {
        let examples = judges.schema["examples"].as_array().cloned();
        let examples = examples.unwrap_or_default();
        assert!(
            !examples.is_empty(),
            "`{}` has no examples",
            judges.contract.name
        );
        for example in &examples {
            judges.keeps(example);
            let single = mutations(&judges.schema, example, texts);
            for (at, mutation) in single.iter().enumerate() {
                // Two others from anywhere, and each time the same.
                let [second, third] =
                    [31, 2_003].map(|step| &single[(at * step + 7) % single.len()]);
                needed.extend(judges.judge(example, &[mutation]));
                needed.extend(judges.judge(example, &[mutation, second]));
                needed.extend(judges.judge(example, &[third, mutation, second]));
                tried += 3;
            }
        }
    }
    let all: BTreeSet<_> = differences.iter().map(|(why, _)| *why).collect();
    assert_eq!(
        needed, all,
        "differences that were met, and that are listed"
    );
    tried
}

/// A contract and the two who judge data by it.
struct Judges<'a> {
    contract: &'a AnyContract,
    schema: Value,
    validator: Validator,
    differences: &'a [Difference],
}

impl<'a> Judges<'a> {
    fn of(contract: &'a AnyContract, differences: &'a [Difference]) -> Self {
        let schema = serde_json::from_str(contract.schema).unwrap();
        let options = jsonschema::options().should_validate_formats(true);
        let validator = options.build(&schema).unwrap();
        Self {
            contract,
            schema,
            validator,
            differences,
        }
    }

    /// An example is read, and written as it was.
    fn keeps(&self, example: &Value) {
        let written = (self.contract.rewrite)(&example.to_string());
        let written: Value = serde_json::from_str(&written.unwrap()).unwrap();
        assert_eq!(
            &written, example,
            "`{}` changes its example",
            self.contract.name
        );
    }

    /// Judges an example after `mutations`; returns the differences that were met.
    fn judge(&self, example: &Value, mutations: &[&Mutation]) -> BTreeSet<&'static str> {
        let mut data = example.clone();
        for mutation in mutations {
            mutation.apply(&mut data);
        }
        let by_schema = self.faults(&data);
        let by_type = (self.contract.rewrite)(&data.to_string());
        let what = || {
            let each = |mutation: &&Mutation| format!("{} = {:?}", mutation.at, mutation.value);
            let all: Vec<String> = mutations.iter().map(each).collect();
            format!("`{}` with {}\n{data}", self.contract.name, all.join(", "))
        };
        let said = match by_type {
            Ok(written) => {
                assert!(
                    by_schema.is_empty(),
                    "only the schema refuses {}\n{by_schema:?}",
                    what()
                );
                let written: Value = serde_json::from_str(&written).unwrap();
                assert!(
                    self.validator.is_valid(&written),
                    "writes {written} for {}",
                    what()
                );
                return BTreeSet::new();
            }
            Err(failure) => failure.to_string(),
        };
        for secret in SECRETS {
            assert!(!said.contains(secret), "a failure repeats a value: {said}");
        }
        let named = said.split('`').nth(3).unwrap_or_default();
        if by_schema.contains(named) {
            return BTreeSet::new();
        }
        let met = self.differences.iter().filter(|(_, applies)| {
            let here = |mutation: &&&Mutation| dotted(&mutation.at) == named;
            mutations
                .iter()
                .filter(here)
                .any(|mutation| applies(mutation))
        });
        let met: BTreeSet<_> = met.map(|(why, _)| *why).collect();
        assert!(
            !met.is_empty(),
            "only the type refuses {}\n{said}\n{by_schema:?}",
            what()
        );
        met
    }

    /// The fields at fault by the schema.
    fn faults(&self, data: &Value) -> BTreeSet<String> {
        let errors = self.validator.iter_errors(data);
        errors
            .map(|error| {
                let mut path = error.instance_path().to_string();
                if let ValidationErrorKind::Required { property } = error.kind() {
                    path = format!("{path}/{}", property.as_str().unwrap_or_default());
                }
                dotted(&path)
            })
            .collect()
    }
}

/// A JSON pointer as failures write it: `/items/0/sku` is `data.items[0].sku`.
fn dotted(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1);
    steps.fold("data".to_owned(), |path, step| {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("{path}[{step}]")
        } else {
            format!("{path}.{step}")
        }
    })
}
