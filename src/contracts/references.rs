//! Where the references of a contract lead, found by the library's own resolver: pointers, anchors, addresses.

use std::collections::BTreeSet;
use std::sync::Arc;

use jsonschema::{Draft, ReferencingError, Registry, Uri, uri};
use serde_json::Value;

use super::canonical::base_uri;
use super::place::each;

/// Words that refer to another schema.
const WORDS: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// A schema inside of the contract, and what references in it start from.
#[derive(Clone)]
pub(super) struct Schema<'a> {
    pub value: &'a Value,
    base: Arc<Uri<String>>,
}

/// A contract whose references can be followed.
#[derive(Debug)]
pub(super) struct References {
    /// The contract, found by what its references start from.
    registry: Registry<'static>,
    base: Uri<String>,
    /// Names of dynamic anchors, and where they stand: whoever refers to one may mean each of that name.
    dynamic: Vec<(String, String)>,
}

/// What a schema is known by.
pub(super) fn address(value: &Value) -> *const Value {
    std::ptr::from_ref(value)
}

impl References {
    /// Of the contract that has this path. The error is about a reference.
    pub(super) fn of(path: &str, contract: &Value) -> Result<Self, ReferencingError> {
        let base = uri::from_str(&base_uri(path, contract))?;
        let mut dynamic = Vec::new();
        each(contract, "", &mut |pointer, key, value| {
            let (Some(word), Some((place, _))) = (key, pointer.rsplit_once('/')) else {
                return;
            };
            match (word, value.as_str(), value.as_bool()) {
                ("$dynamicAnchor", Some(name), _) => {
                    dynamic.push((format!("#{name}"), place.to_owned()));
                }
                ("$recursiveAnchor", _, Some(true)) => {
                    dynamic.push(("#".to_owned(), place.to_owned()));
                }
                _ => {}
            }
        });
        let draft = Draft::default().detect(contract);
        let contract = draft.create_resource(contract.clone());
        let registry = Registry::new().draft(draft).add(base.as_str(), contract)?;
        Ok(Self {
            registry: registry.prepare()?,
            base,
            dynamic,
        })
    }

    /// The contract itself.
    pub(super) fn contract(&self) -> Option<Schema<'_>> {
        self.target("#", &self.base)
    }

    /// A schema inside of `schema`.
    pub(super) fn inside<'a>(&self, schema: &Schema<'a>, value: &'a Value) -> Schema<'a> {
        let base = self.base_inside(schema);
        Schema { value, base }
    }

    /// The part of the contract at a JSON pointer.
    pub(super) fn part(&self, pointer: &str) -> Option<Schema<'_>> {
        let mut part = self.contract()?;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let field = part.value.get(&step);
            let value = field.or_else(|| part.value.get(step.parse::<usize>().ok()?))?;
            part = self.inside(&part, value);
        }
        Some(part)
    }

    /// All that a schema may refer to.
    pub(super) fn targets(&self, schema: &Schema<'_>) -> Vec<Schema<'_>> {
        let base = self.base_inside(schema);
        let written = |word: &&str| schema.value.get(*word)?.as_str();
        let own = WORDS.iter().filter_map(written);
        let mut targets: Vec<Schema<'_>> = own
            .filter_map(|reference| self.target(reference, &base))
            .collect();
        for reference in ["$dynamicRef", "$recursiveRef"].iter().filter_map(written) {
            let others = self.dynamic.iter().filter(|(name, _)| name == reference);
            targets.extend(
                others.filter_map(|(_, place)| self.target(&format!("#{place}"), &self.base)),
            );
        }
        targets
    }

    /// Whether the contract, as it is written, takes no value but objects.
    pub(super) fn takes_objects_alone(&self) -> bool {
        let contract = self.contract();
        contract.is_some_and(|contract| self.is_of_objects(&contract, &mut BTreeSet::new()))
    }

    /// `above` are those that lead here: what is part of itself says nothing new.
    fn is_of_objects(&self, schema: &Schema<'_>, above: &mut BTreeSet<*const Value>) -> bool {
        let here = address(schema.value);
        let Some(words) = schema.value.as_object().filter(|_| above.insert(here)) else {
            return false;
        };
        let base = self.base_inside(schema);
        let list = |word: &str| words.get(word).and_then(Value::as_array);
        let mut inner = |value| self.is_of_objects(&self.inside(schema, value), above);
        let is = words.get("type").is_some_and(|kind| kind == "object")
            || list("allOf").is_some_and(|all| all.iter().any(&mut inner))
            || ["anyOf", "oneOf"].iter().any(|word| {
                list(word).is_some_and(|all| !all.is_empty() && all.iter().all(&mut inner))
            })
            || WORDS.iter().any(|word| {
                let reference = words.get(*word).and_then(Value::as_str);
                let target = reference.and_then(|reference| self.target(reference, &base));
                target.is_some_and(|target| self.is_of_objects(&target, above))
            });
        above.remove(&here);
        is
    }

    /// What references inside of `schema` start from.
    fn base_inside(&self, schema: &Schema<'_>) -> Arc<Uri<String>> {
        let id = ["$id", "id"]
            .iter()
            .find_map(|word| schema.value.get(word)?.as_str());
        let base = id.and_then(|id| self.registry.resolve_uri(&schema.base.borrow(), id).ok());
        base.unwrap_or_else(|| Arc::clone(&schema.base))
    }

    /// What a reference leads to. One that leads nowhere has no target: compiling says so.
    fn target(&self, reference: &str, base: &Uri<String>) -> Option<Schema<'_>> {
        let resolver = self.registry.resolver(base.clone());
        let (value, resolver, _) = resolver.lookup(reference).ok()?.into_inner();
        let base = resolver.base_uri();
        Some(Schema { value, base })
    }
}
