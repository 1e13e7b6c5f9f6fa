//! How many steps validating takes: one for each schema that is tried on each value.
//!
//! A validator tries a definition anew on each way that leads to it. Sixty definitions, each of which is `anyOf` the next
//! two, are four kilobytes, and trillions of steps for one text: who would wait for them is told beforehand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jsonschema::{Draft, ReferencingError, Registry, Uri, uri};
use serde_json::{Map, Value};

use super::canonical::base_uri;
use super::place::{each, inside};

/// Steps that one value may take before a field or an item of it is looked at. Contracts that people write take a few hundred.
pub(super) const MOST_AT_ONE_VALUE: u64 = 10_000;
/// Steps at one value of all schemas with a word of [`UNEVALUATED`] together: the library compiles each such schema with all that it
/// leads to, and takes a second for as many.
const MOST_UNEVALUATED: u64 = 50_000;
/// Words that look at what no other one has looked at.
const UNEVALUATED: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];
/// Steps that data may take, a second or two: where it breaks its contract, each may cost some kilobytes.
pub(super) const MOST: u64 = 3_000_000;

/// Words that refer to another schema.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// A schema inside of the contract, and what references in it start from.
#[derive(Clone)]
struct Schema<'a> {
    value: &'a Value,
    base: Arc<Uri<String>>,
}

/// Counts the steps of one contract.
#[derive(Debug)]
pub(super) struct Steps {
    /// The contract, found by what its references start from.
    registry: Registry<'static>,
    base: Uri<String>,
    /// Names of dynamic anchors, and where they stand: whoever refers to one may mean each of that name.
    dynamic: Vec<(String, String)>,
}

/// A schema and a value, by their addresses; values without fields and items are not told apart.
type Pair = (*const Value, Option<*const Value>);

/// Steps of a pair: to find out whether the value is good, and to tell what is wrong with it, for which each level of alternatives is
/// held against it once more.
#[derive(Clone, Copy)]
struct Cost {
    found: u64,
    told: u64,
}

impl Cost {
    const ONE: Self = Self { found: 1, told: 1 };
    const ENDLESS: Self = Self {
        found: u64::MAX,
        told: u64::MAX,
    };

    fn and(self, other: Self) -> Self {
        Self {
            found: self.found.saturating_add(other.found),
            told: self.told.saturating_add(other.told),
        }
    }
}

/// Steps of each pair. One that is under way has none.
type Known = BTreeMap<Pair, Option<Cost>>;

fn address(value: &Value) -> *const Value {
    std::ptr::from_ref(value)
}

/// A schema and a value whose steps are being counted: those so far, and what is still to count.
struct Tried<'a> {
    pair: Pair,
    steps: Cost,
    has_alternatives: bool,
    inner: Vec<(Schema<'a>, Option<&'a Value>)>,
}

/// What there is time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// To tell what is wrong.
    Tell,
    /// To find out whether anything is.
    Find,
    /// Nothing.
    TooMuch,
}

/// What was found on the way through a contract.
#[derive(Default)]
struct Search {
    known: Known,
    /// Schemas that take one value too many steps.
    long: Vec<(u64, String)>,
    /// Steps of all schemas with a word of [`UNEVALUATED`], and the one with which they are too many.
    unevaluated: u64,
    last_straw: Option<String>,
}

impl Steps {
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

    fn contract(&self) -> Option<Schema<'_>> {
        self.target("#", &self.base)
    }

    /// What takes too long: why, and the schema, as a JSON pointer. Of several the one that takes the fewest steps.
    pub(super) fn endless(&self) -> Option<(String, String)> {
        let mut search = Search::default();
        self.search(&self.contract()?, "", &mut search);
        let least = search.long.into_iter().min_by_key(|(steps, _)| *steps);
        if let Some((_, pointer)) = least {
            let why =
                format!("holding one value against them takes more than {MOST_AT_ONE_VALUE} steps");
            return Some((why, pointer));
        }
        let [properties, items] = UNEVALUATED;
        let why = format!(
            "compiling those with `{properties}` or `{items}` takes more than {MOST_UNEVALUATED} steps"
        );
        search.last_straw.map(|pointer| (why, pointer))
    }

    fn search<'a>(&'a self, schema: &Schema<'a>, pointer: &str, search: &mut Search) {
        let inner = |value| Schema {
            value,
            base: self.base_inside(schema),
        };
        match schema.value {
            Value::Object(words) => {
                let steps = self.count(schema, None, &mut search.known).found;
                if UNEVALUATED.iter().any(|word| words.contains_key(*word)) {
                    search.unevaluated = search.unevaluated.saturating_add(steps);
                }
                if search.unevaluated > MOST_UNEVALUATED {
                    search.last_straw.get_or_insert_with(|| pointer.to_owned());
                }
                if steps > MOST_AT_ONE_VALUE {
                    search.long.push((steps, pointer.to_owned()));
                }
                for (word, value) in words {
                    self.search(&inner(value), &inside(pointer, word), search);
                }
            }
            Value::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    self.search(&inner(value), &inside(pointer, &at.to_string()), search);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// What there is time for when `data` is held against the part of the contract at `pointer`.
    pub(super) fn effort<'a>(&'a self, pointer: &str, data: &'a Value) -> Effort {
        let Some(mut part) = self.contract() else {
            return Effort::TooMuch;
        };
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let base = self.base_inside(&part);
            let field = part.value.get(&step);
            let value = field.or_else(|| part.value.get(step.parse::<usize>().ok()?));
            let Some(value) = value else {
                return Effort::TooMuch;
            };
            part = Schema { value, base };
        }
        match self.count(&part, Some(data), &mut Known::new()) {
            Cost { told, .. } if told <= MOST => Effort::Tell,
            Cost { found, .. } if found <= MOST => Effort::Find,
            Cost { .. } => Effort::TooMuch,
        }
    }

    /// Steps of `data`, or of a value without fields and items. What refers to itself without going into a field or an item
    /// has no end. It may go as deep as definitions and data together, hence by a list of what is under way instead of by calls.
    fn count<'a>(
        &'a self,
        schema: &Schema<'a>,
        data: Option<&'a Value>,
        known: &mut Known,
    ) -> Cost {
        let mut under_way: Vec<Tried<'a>> = Vec::new();
        let mut next = Some((schema.clone(), data));
        loop {
            let steps = match next {
                None => {
                    let Some(done) = under_way.pop() else {
                        return Cost::ONE;
                    };
                    let mut steps = done.steps;
                    if done.has_alternatives {
                        steps.told = steps.told.saturating_add(steps.found);
                    }
                    known.insert(done.pair, Some(steps));
                    steps
                }
                Some((schema, data)) => {
                    // All values without fields and items are one.
                    let data = data.filter(|data| data.is_object() || data.is_array());
                    let pair = (address(schema.value), data.map(address));
                    match (known.get(&pair), schema.value.as_object()) {
                        (Some(steps), _) => steps.unwrap_or(Cost::ENDLESS),
                        (None, None) => Cost::ONE,
                        (None, Some(_)) if data.is_some() && known.len() as u64 > MOST => {
                            return Cost::ENDLESS;
                        }
                        (None, Some(words)) => {
                            known.insert(pair, None);
                            let inner = self.inner(&schema, words, data);
                            let has_alternatives =
                                words.contains_key("anyOf") || words.contains_key("oneOf");
                            under_way.push(Tried {
                                pair,
                                steps: Cost::ONE,
                                has_alternatives,
                                inner,
                            });
                            Cost { found: 0, told: 0 }
                        }
                    }
                }
            };
            let Some(outer) = under_way.last_mut() else {
                return steps;
            };
            outer.steps = outer.steps.and(steps);
            next = outer.inner.pop();
        }
    }

    /// What a schema tries on `data`, its fields and its items.
    fn inner<'a>(
        &'a self,
        schema: &Schema<'a>,
        words: &'a Map<String, Value>,
        data: Option<&'a Value>,
    ) -> Vec<(Schema<'a>, Option<&'a Value>)> {
        let base = self.base_inside(schema);
        let mut inner = Vec::new();
        let mut add = |value, data| {
            let base = Arc::clone(&base);
            inner.push((Schema { value, base }, data));
        };
        same_value(words).for_each(|value| add(value, data));
        each_below(words, data, add);
        let references = REFERENCES
            .iter()
            .filter_map(|word| words.get(*word)?.as_str());
        let targets = references.filter_map(|reference| self.target(reference, &base));
        inner.extend(targets.map(|target| (target, data)));
        for word in ["$dynamicRef", "$recursiveRef"] {
            let reference = words.get(word).and_then(Value::as_str);
            let others = self
                .dynamic
                .iter()
                .filter(|(name, _)| Some(name.as_str()) == reference);
            let others =
                others.filter_map(|(_, place)| self.target(&format!("#{place}"), &self.base));
            inner.extend(others.map(|target| (target, data)));
        }
        inner
    }

    /// Whether the contract, as it is written, takes no value but objects.
    pub(super) fn takes_objects_alone(&self) -> bool {
        let contract = self.contract();
        contract.is_some_and(|contract| self.is_of_objects(&contract, &mut BTreeSet::new()))
    }

    fn is_of_objects(&self, schema: &Schema<'_>, seen: &mut BTreeSet<*const Value>) -> bool {
        let Some(words) = schema.value.as_object() else {
            return false;
        };
        if !seen.insert(address(schema.value)) {
            return false;
        }
        let base = self.base_inside(schema);
        let mut inner = |value| {
            let base = Arc::clone(&base);
            self.is_of_objects(&Schema { value, base }, seen)
        };
        let list = |word: &str| words.get(word).and_then(Value::as_array);
        words.get("type").is_some_and(|kind| kind == "object")
            || list("allOf").is_some_and(|all| all.iter().any(&mut inner))
            || ["anyOf", "oneOf"].iter().any(|word| {
                list(word).is_some_and(|all| !all.is_empty() && all.iter().all(&mut inner))
            })
            || REFERENCES.iter().any(|word| {
                let reference = words.get(*word).and_then(Value::as_str);
                let target = reference.and_then(|reference| self.target(reference, &base));
                target.is_some_and(|target| self.is_of_objects(&target, seen))
            })
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

/// The schemas inside of a schema that are tried on the same value as it is.
fn same_value(words: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let one = ["not", "if", "then", "else"];
    let lists = ["allOf", "anyOf", "oneOf"];
    let tables = ["dependentSchemas", "dependencies"];
    let one = one.into_iter().filter_map(|word| words.get(word));
    let lists = lists
        .into_iter()
        .filter_map(|word| words.get(word)?.as_array());
    let tables = tables
        .into_iter()
        .filter_map(|word| words.get(word)?.as_object());
    one.chain(lists.flatten())
        .chain(tables.flat_map(Map::values))
}

/// Calls `tried` with each schema inside of a schema that is tried on a field, its name or an item of `data`, and with the field or item.
fn each_below<'a>(
    words: &'a Map<String, Value>,
    data: Option<&'a Value>,
    mut tried: impl FnMut(&'a Value, Option<&'a Value>),
) {
    let table = |word: &str| words.get(word).and_then(Value::as_object);
    match data {
        Some(Value::Object(fields)) => {
            for (name, field) in fields {
                let own = table("properties").and_then(|table| table.get(name));
                let patterns = table("patternProperties").into_iter().flat_map(Map::values);
                let others = ["additionalProperties", "unevaluatedProperties"];
                let others = others.iter().filter_map(|word| words.get(*word));
                for schema in own.into_iter().chain(patterns).chain(others) {
                    tried(schema, Some(field));
                }
                if let Some(schema) = words.get("propertyNames") {
                    tried(schema, None);
                }
            }
        }
        Some(Value::Array(items)) => {
            let each = ["items", "additionalItems", "contains", "unevaluatedItems"];
            for (at, item) in items.iter().enumerate() {
                let nth = ["prefixItems", "items"]
                    .iter()
                    .filter_map(|word| words.get(*word)?.get(at));
                let each = each.iter().filter_map(|word| words.get(*word));
                for schema in nth.chain(each.filter(|schema| !schema.is_array())) {
                    tried(schema, Some(item));
                }
            }
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A field `z` of `count` definitions: the last two are texts, each other one is made by `of` from those after it.
    fn contract(count: usize, of: impl Fn(Value, Value) -> Value) -> Value {
        let to = |at: usize| json!({"$ref": format!("#/$defs/d{at}")});
        let mut definitions: Map<String, Value> = (0..count - 2)
            .map(|at| (format!("d{at}"), of(to(at + 1), to(at + 2))))
            .collect();
        for at in [count - 2, count - 1] {
            definitions.insert(format!("d{at}"), json!({"type": "string"}));
        }
        json!({"type": "object", "properties": {"z": to(0)}, "$defs": definitions})
    }

    fn endless(contract: &Value) -> Option<String> {
        let endless = Steps::of("X.json", contract).unwrap().endless();
        endless.map(|(_, pointer)| pointer)
    }

    #[test]
    fn what_branches_again_and_again_on_one_value_is_endless() {
        for word in ["anyOf", "oneOf", "allOf"] {
            let branching = |a, b| json!({ word: [a, b] });
            assert_eq!(endless(&contract(12, branching)), None, "{word}");
            // A definition, both references in it, and what they lead to: the first with more than 10,000 steps counts down from there.
            assert_eq!(
                endless(&contract(60, branching)).as_deref(),
                Some("/$defs/d42"),
                "{word}"
            );
        }
        for of in [
            |a: Value, b| json!({"if": a, "then": b}),
            |a: Value, b| json!({"not": a, "dependentSchemas": {"a": b}}),
            |a: Value, b| json!({"$ref": a["$ref"], "allOf": [b], "unevaluatedProperties": false}),
        ] {
            assert!(endless(&contract(60, of)).is_some());
        }
        // One field inside of the other: one way for each value.
        let nested = |a, b| json!({"properties": {"a": a, "b": b}});
        assert_eq!(endless(&contract(60, nested)), None);
    }

    #[test]
    fn what_is_part_of_itself_on_one_value_is_endless() {
        let itself = json!({"type": "object", "allOf": [{"$ref": "#"}]});
        assert_eq!(endless(&itself).as_deref(), Some(""));
        let tree = json!({"type": "object", "properties": {"left": {"$ref": "#"}}});
        assert_eq!(endless(&tree), None);
    }

    #[test]
    fn references_by_name_and_by_address_are_followed() {
        let way = |to: &str| json!({"anyOf": [{"$ref": to}, {"$ref": to}]});
        let many = |names: [&str; 3]| {
            let mut definitions = json!({
                "a": way(names[1]), "b": way(names[2]), "c": {"allOf": vec![json!({}); 5000]}
            });
            definitions["b"]["$anchor"] = json!("b");
            definitions["c"]["$id"] = json!("c.json");
            json!({"properties": {"z": {"$ref": names[0]}}, "$defs": definitions})
        };
        for names in [
            ["#/$defs/a", "#/$defs/b", "#/$defs/c"],
            ["#/%24defs/a", "#b", "c.json"],
            ["X.json#/$defs/a", "X.json#b", "c.json#"],
        ] {
            assert_eq!(endless(&many(names)).as_deref(), Some("/$defs/b"));
        }
    }

    #[test]
    fn what_looks_for_the_unevaluated_counts_together() {
        let many = |count: usize| {
            let mut of = contract(14, |a, b| json!({"anyOf": [a, b]}));
            let strict = json!({"$ref": "#/$defs/d0", "unevaluatedProperties": false});
            let fields = (0..count).map(|at| (format!("p{at}"), strict.clone()));
            of["properties"] = Value::Object(fields.collect());
            of
        };
        assert_eq!(endless(&many(10)), None);
        let (why, place) = Steps::of("X.json", &many(100)).unwrap().endless().unwrap();
        assert!(why.contains("`unevaluatedProperties`"), "{why}");
        assert!(place.starts_with("/properties/p"), "{place}");
    }

    /// A list within the contract refers to whatever has the name outside of it: to the alternatives.
    #[test]
    fn a_dynamic_reference_may_mean_each_anchor_of_its_name() {
        let list = json!({
            "$id": "list.json",
            "$defs": {"own": {"$dynamicAnchor": "n"}},
            "type": "array", "items": {"$dynamicRef": "#n"}
        });
        let tree = json!({
            "$defs": {
                "list": list,
                "n": {"$dynamicAnchor": "n", "anyOf": [{"$ref": "list.json"}, {"$ref": "list.json"}]}
            },
            "properties": {"z": {"$ref": "list.json"}}
        });
        let steps = Steps::of("X.json", &tree).unwrap();
        let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
        let deep = json!({"z": deep});
        assert_eq!(steps.effort("", &deep), Effort::TooMuch);
        assert_eq!(steps.effort("", &json!({"z": [[[1]]]})), Effort::Tell);
    }

    #[test]
    fn steps_multiply_with_the_depth_of_data() {
        let tree = json!({
            "anyOf": [{"properties": {"of": {"$ref": "#"}}}, {"items": {"$ref": "#"}}, {"additionalProperties": {"$ref": "#"}}]
        });
        let steps = Steps::of("X.json", &tree).unwrap();
        let field = |levels| (0..levels).fold(json!(1), |inner, _| json!({"of": inner}));
        assert_eq!(steps.effort("", &field(12)), Effort::Tell);
        assert_eq!(steps.effort("", &field(17)), Effort::Find);
        assert_eq!(steps.effort("", &field(30)), Effort::TooMuch);
        let part = "/anyOf/0/properties/of";
        assert_eq!(steps.effort(part, &field(30)), Effort::TooMuch);
        let wide = json!(vec![1; 50_000]);
        assert_eq!(steps.effort("", &wide), Effort::Tell);
    }
}
