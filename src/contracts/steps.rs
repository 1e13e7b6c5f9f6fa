//! How many steps validating takes: one for each schema that is tried on each value.
//!
//! A validator tries a definition anew on each way that leads to it. Sixty definitions, each of which is `anyOf` the next
//! two, are four kilobytes, and trillions of steps for one text: who would wait for them is told beforehand.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::place::inside;
use super::references::{References, Schema, address};

/// Steps that one value may take before a field or an item of it is looked at. Contracts that people write take a few hundred.
pub(super) const MOST_AT_ONE_VALUE: u64 = 10_000;
/// Steps at one value of all schemas with a word of [`UNEVALUATED`] together: the library compiles each such schema with all that it
/// leads to, and takes a second for as many.
const MOST_UNEVALUATED: u64 = 50_000;
/// Words that look at what no other one has looked at.
const UNEVALUATED: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];
/// Steps that data may take, a second or two: where it breaks its contract, each may cost some kilobytes.
pub(super) const MOST: u64 = 3_000_000;

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

/// What takes too long: why, and the schema, as a JSON pointer. Of several the one that takes the fewest steps.
pub(super) fn endless(references: &References) -> Option<(String, String)> {
    let mut search = Search::default();
    look_through(references, &references.contract()?, "", &mut search);
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

fn look_through<'a>(
    references: &'a References,
    schema: &Schema<'a>,
    pointer: &str,
    search: &mut Search,
) {
    let inner = |value| references.inside(schema, value);
    match schema.value {
        Value::Object(words) => {
            let steps = count(references, schema, None, &mut search.known).found;
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
                look_through(references, &inner(value), &inside(pointer, word), search);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                look_through(
                    references,
                    &inner(value),
                    &inside(pointer, &at.to_string()),
                    search,
                );
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What there is time for when `data` is held against the part of the contract at `pointer`.
pub(super) fn effort<'a>(references: &'a References, pointer: &str, data: &'a Value) -> Effort {
    let Some(part) = references.part(pointer) else {
        return Effort::TooMuch;
    };
    match count(references, &part, Some(data), &mut Known::new()) {
        Cost { told, .. } if told <= MOST => Effort::Tell,
        Cost { found, .. } if found <= MOST => Effort::Find,
        Cost { .. } => Effort::TooMuch,
    }
}

/// Steps of `data`, or of a value without fields and items. What refers to itself without going into a field or an item
/// has no end. It may go as deep as definitions and data together, hence by a list of what is under way instead of by calls.
fn count<'a>(
    references: &'a References,
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
                        let inner = inner(references, &schema, words, data);
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
    references: &'a References,
    schema: &Schema<'a>,
    words: &'a Map<String, Value>,
    data: Option<&'a Value>,
) -> Vec<(Schema<'a>, Option<&'a Value>)> {
    let mut inner = Vec::new();
    let mut add = |value, data| inner.push((references.inside(schema, value), data));
    same_value(words).for_each(|value| add(value, data));
    each_below(words, data, add);
    let targets = references.targets(schema).into_iter();
    inner.extend(targets.map(|target| (target, data)));
    inner
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

    fn references(contract: &Value) -> References {
        References::of("X.json", contract).unwrap()
    }

    fn endless(contract: &Value) -> Option<String> {
        super::endless(&references(contract)).map(|(_, pointer)| pointer)
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
        let (why, place) = super::endless(&references(&many(100))).unwrap();
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
        let tree = references(&tree);
        let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
        let deep = json!({"z": deep});
        assert_eq!(effort(&tree, "", &deep), Effort::TooMuch);
        assert_eq!(effort(&tree, "", &json!({"z": [[[1]]]})), Effort::Tell);
    }

    #[test]
    fn steps_multiply_with_the_depth_of_data() {
        let tree = json!({
            "anyOf": [{"properties": {"of": {"$ref": "#"}}}, {"items": {"$ref": "#"}}, {"additionalProperties": {"$ref": "#"}}]
        });
        let tree = references(&tree);
        let field = |levels| (0..levels).fold(json!(1), |inner, _| json!({"of": inner}));
        assert_eq!(effort(&tree, "", &field(12)), Effort::Tell);
        assert_eq!(effort(&tree, "", &field(17)), Effort::Find);
        assert_eq!(effort(&tree, "", &field(30)), Effort::TooMuch);
        let part = "/anyOf/0/properties/of";
        assert_eq!(effort(&tree, part, &field(30)), Effort::TooMuch);
        let wide = json!(vec![1; 50_000]);
        assert_eq!(effort(&tree, "", &wide), Effort::Tell);
    }
}
