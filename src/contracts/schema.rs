//! One contract: a JSON Schema of `data`, compiled, with its text for line numbers.
//!
//! Without a `$schema` a contract is of draft 2020-12. `format` counts as a rule in every draft: types that are made from
//! contracts, and most validators that consumers use, check it. Nothing is ever fetched: a reference that leaves the file
//! is a fault.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::{Mutex, OnceLock};

use jsonschema::canonical::{CanonicalKind, CanonicalSchema};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, ValidationOptions, Validator, ValidatorMap};
use serde_json::Value;

use super::canonical::{base_uri, canonical, describes_an_object, preparation};
use super::codes;
use super::depth;
use super::fields::Lookup;
use super::once::Once;
use super::place::{each, inside, shown};
use super::references::References;
use super::steps::{self, Effort};
use crate::diag::{Code, Diagnostic, Severity};
use crate::source::Span;

/// Findings of one kind in one file; more of them say nothing new.
const MOST_FAULTS: usize = 5;
/// Longest piece of a contract or an example that a message repeats, in characters.
const LONGEST_QUOTE: usize = 200;

/// What is said where telling each broken rule takes too long.
const UNTOLD: &str = "in more ways than can be told";

/// Bytes of a contract whose parts are looked at one by one.
const SHORT: usize = 16 * 1024;
/// Keywords that hold values, which may look like parts of a contract.
const DATA: [&str; 4] = ["/examples/", "/default/", "/const/", "/enum/"];

/// Keywords whose schemas need not hold of a value.
const ALTERNATIVE: [&str; 6] = [
    "/anyOf/",
    "/oneOf/",
    "/if/",
    "/then/",
    "/else/",
    "/dependentSchemas/",
];

/// A contract that is a good JSON Schema of an object.
#[derive(Debug)]
pub struct Contract {
    path: String,
    text: String,
    value: Value,
    validator: Validator,
    references: References,
    pub(super) canonical: CanonicalSchema,
    free: OnceLock<Free>,
    /// Answers that were given: thousands of filters ask about the same few paths.
    pub(super) lookups: Mutex<BTreeMap<String, Lookup>>,
}

/// Fields that some object of a contract declares without a rule, or in an alternative. The canonical form drops the former, as they
/// refuse no value, and may drop the latter; yet what is declared is sent.
#[derive(Debug, Default)]
pub(super) struct Free {
    /// Their names.
    pub names: BTreeSet<String>,
    /// Whether there are patterns of names among them.
    pub patterns: bool,
}

/// What is wrong with a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which kind.
    pub code: Code,
    /// What, without the file's name.
    pub what: String,
    /// Where in the contract: a line and a JSON pointer, `line 7, /properties/a/type`.
    pub place: String,
    /// What to type.
    pub help: &'static str,
}

impl Fault {
    /// The finding, at the place in the topology that names the contract.
    pub fn at(&self, path: &str, span: Span) -> Diagnostic {
        let message = format!("the contract `{path}` {} ({})", self.what, self.place);
        let diagnostic = match self.code.severity {
            Severity::Error => Diagnostic::error(self.code, span, message),
            Severity::Warning => Diagnostic::warning(self.code, span, message),
        };
        diagnostic.help(self.help)
    }
}

impl Contract {
    /// Compiles the text of a contract. `path` is its name inside the topology.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let broken = |what: String, place: String, help| {
            vec![Fault {
                code: codes::INVALID,
                what,
                place,
                help,
            }]
        };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            broken(
                "is not UTF-8 text".to_owned(),
                format!("line {line}"),
                "save it as UTF-8",
            )
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let not_json = |error: serde_json::Error| {
            let (line, column) = (error.line(), error.column());
            // The library appends the place to its words.
            let words = error
                .to_string()
                .replace(&format!(" at line {line} column {column}"), "");
            broken(
                format!("is not JSON: {words}"),
                format!("line {line}, column {column}"),
                "a contract is a JSON Schema in a JSON file",
            )
        };
        let value: Value = serde_json::from_str(text).map_err(not_json)?;
        let _: Once = serde_json::from_str(text).map_err(not_json)?;
        let levels = depth::levels(&value);
        if levels > depth::MOST {
            return Err(broken(
                format!(
                    "has definitions that refer to each other through {levels} levels, topogen reads {}",
                    depth::MOST
                ),
                shown(text, ""),
                "write what is short where it is used, instead of a definition that refers to another one",
            ));
        }
        let fault = |error: &ValidationError<'_>, pointer: &str| Fault {
            code: codes::INVALID,
            what: format!("is not a JSON Schema: {}", quote(error)),
            place: shown(text, pointer),
            help: "a contract is a JSON Schema, draft 2020-12 unless its `$schema` says otherwise",
        };
        let meta = jsonschema::meta::validator_for(&value).map_err(|_| {
            broken(
                format!(
                    "has a `$schema` that topogen does not know: {}",
                    value["$schema"]
                ),
                shown(text, "/$schema"),
                "write \"https://json-schema.org/draft/2020-12/schema\", or delete the line",
            )
        })?;
        let mut faults: Vec<Fault> = meta
            .iter_errors(&value)
            .take(MOST_FAULTS)
            .map(|error| fault(&error, error.instance_path().as_str()))
            .collect();
        // The meta-schema is several schemas: each says the same.
        faults.dedup();
        if !faults.is_empty() {
            return Err(faults);
        }
        // Before compiling: with `unevaluatedProperties` that takes as many steps as validating.
        let references = References::of(path, &value);
        if let Some((why, pointer)) = references.as_ref().ok().and_then(steps::endless) {
            return Err(broken(
                format!("has schemas that lead to each other in too many ways: {why}"),
                shown(text, &pointer),
                "write alternatives side by side, not inside of each other; no schema is `$ref`, `allOf`, `anyOf` or `oneOf` of itself",
            ));
        }
        // What the meta-schema cannot say: patterns that do not compile, references to nothing.
        let validator = options(path, &value).build(&value).map_err(|error| {
            if let ValidationErrorKind::Referencing(_) = error.kind() {
                return unresolved(text, &value, &error);
            }
            vec![fault(&error, error.schema_path().as_str())]
        })?;
        let no_schema = |error: &dyn Display| {
            broken(
                format!("is not a JSON Schema: {error}"),
                shown(text, ""),
                "a contract is a JSON Schema, draft 2020-12 unless its `$schema` says otherwise",
            )
        };
        let references = references.map_err(|error| no_schema(&error))?;
        let (canonical, nothing) = canonical(path, &value).map_err(|error| no_schema(&error))?;
        let mut faults: Vec<Fault> = nothing
            .iter()
            .take(MOST_FAULTS)
            .map(|pointer| Fault {
                code: codes::INVALID,
                what: "has rules that no value can satisfy".to_owned(),
                place: shown(text, pointer),
                help: "loosen one of the rules, or write `false` if no value is meant",
            })
            .collect();
        if faults.is_empty()
            && !describes_an_object(&canonical)
            && !references.takes_objects_alone()
        {
            faults.push(Fault {
                code: codes::NOT_AN_OBJECT,
                what: "does not describe an object".to_owned(),
                place: shown(text, ""),
                help: "an event's `data` is an object: write `\"type\": \"object\"` at the top of the contract",
            });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            value,
            validator,
            references,
            canonical,
            free: OnceLock::new(),
            lookups: Mutex::default(),
        })
    }

    /// The schema as it was written.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The first of what is wrong with `data` by this contract, `most` at most: the field, as a JSON pointer, and the broken rule.
    /// Empty when it is good; `None` when finding out takes too long.
    pub fn first_faults_of(&self, data: &Value, most: usize) -> Option<Vec<(String, String)>> {
        let faults = || {
            let errors = self.validator.iter_errors(data).take(most);
            let told = errors.map(|error| (error.instance_path().to_string(), quote(&error)));
            told.collect()
        };
        match steps::effort(&self.references, "", data) {
            Effort::Tell => Some(faults()),
            Effort::Find if self.validator.is_valid(data) => Some(Vec::new()),
            Effort::Find => Some(vec![(String::new(), UNTOLD.to_owned())]),
            Effort::TooMuch => None,
        }
    }

    /// What it declares without saying anything of it. Finding out takes a while, and is seldom asked for.
    pub(super) fn free(&self) -> &Free {
        self.free.get_or_init(|| self.find_free())
    }

    fn find_free(&self) -> Free {
        let mut free = Free::default();
        let Ok(prepared) = preparation(&self.path, &self.value).prepare(&self.value) else {
            return free;
        };
        each(&self.value, "", &mut |pointer, key, child| {
            let Some(word @ ("properties" | "patternProperties")) = key else {
                return;
            };
            // Beside an alternative that takes everything the others say nothing, and are dropped.
            let is_alternative = ALTERNATIVE.iter().any(|word| pointer.contains(word));
            for name in child
                .as_object()
                .into_iter()
                .flat_map(|fields| fields.keys())
            {
                let is_free = is_alternative || {
                    let canonical = prepared.canonicalize_at(&inside(pointer, name));
                    canonical.is_ok_and(|canonical| canonical.kind() == CanonicalKind::True)
                };
                if is_free && word == "properties" {
                    free.names.insert(name.clone());
                } else if is_free {
                    free.patterns = true;
                }
            }
        });
        free
    }

    /// The contract's own `examples` that break it, and those of its parts that break these.
    pub(super) fn faulty_examples(&self) -> Vec<Fault> {
        let parts = OnceCell::new();
        let mut faults = Vec::new();
        each(&self.value, "", &mut |pointer, key, child| {
            let (Some("examples"), Some(examples)) = (key, child.as_array()) else {
                return;
            };
            let part = pointer.strip_suffix("/examples").unwrap_or_default();
            let validator = match part {
                "" => Some(&self.validator),
                // What looks like a part of the contract, and is data.
                _ if DATA.iter().any(|data| part.contains(data)) => None,
                _ => {
                    let parts: &Option<ValidatorMap> = parts.get_or_init(|| self.parts());
                    parts.as_ref().and_then(|all| all.get(&format!("#{part}")))
                }
            };
            let Some(validator) = validator else { return };
            for (at, example) in examples.iter().enumerate() {
                match steps::effort(&self.references, part, example) {
                    Effort::Tell => {}
                    Effort::Find if validator.is_valid(example) => continue,
                    Effort::Find => {
                        faults.push(Fault {
                            code: codes::EXAMPLE,
                            what: format!("has an example that breaks it: {UNTOLD}"),
                            place: shown(&self.text, &format!("{pointer}/{at}")),
                            help: "correct the example, or the rule",
                        });
                        continue;
                    }
                    Effort::TooMuch => {
                        let why = format!(
                            "holding it against the contract takes more than {} steps",
                            steps::MOST
                        );
                        faults.push(self.untried(&why, &format!("{pointer}/{at}")));
                        continue;
                    }
                }
                let room = MOST_FAULTS.saturating_sub(faults.len());
                let found = validator.iter_errors(example).take(room);
                faults.extend(found.map(|error| {
                    if let ValidationErrorKind::BacktrackLimitExceeded { .. } = error.kind() {
                        let place = format!("{pointer}/{at}{}", error.instance_path());
                        let why = "a pattern goes back and forth over it too often";
                        return self.untried(why, &place);
                    }
                    let (field, rule) = (error.instance_path().to_string(), quote(&error));
                    Fault {
                        code: codes::EXAMPLE,
                        what: match field.as_str() {
                            "" => format!("has an example that breaks it: {rule}"),
                            field => format!("has an example whose `{field}` breaks it: {rule}"),
                        },
                        place: shown(&self.text, &format!("{pointer}/{at}{field}")),
                        help: "correct the example, or the rule",
                    }
                }));
            }
        });
        faults
    }

    fn untried(&self, why: &str, pointer: &str) -> Fault {
        Fault {
            code: codes::UNTRIED_EXAMPLE,
            what: format!("has an example that is not tried: {why}"),
            place: shown(&self.text, pointer),
            help: "write a shorter example, fewer alternatives that lead to each other, or a plainer pattern",
        }
    }

    /// A validator for each part of the contract. Every one is compiled with all that it refers to, so a long contract has none.
    fn parts(&self) -> Option<ValidatorMap> {
        let is_short = self.text.len() <= SHORT;
        is_short
            .then(|| options(&self.path, &self.value).build_map(&self.value).ok())
            .flatten()
    }
}

/// As every contract is compiled.
fn options(path: &str, contract: &Value) -> ValidationOptions<'static> {
    jsonschema::options()
        .offline()
        .should_validate_formats(true)
        .with_base_uri(base_uri(path, contract))
}

/// A reference that leads nowhere: its message names the target, the search here names its place.
fn unresolved(text: &str, value: &Value, error: &ValidationError<'_>) -> Vec<Fault> {
    let said = error.to_string();
    let place = references(value)
        .into_iter()
        .find(|(_, target)| {
            said.contains(target.as_str())
                || value.pointer(target.trim_start_matches('#')).is_none()
        })
        .map_or_else(String::new, |(pointer, _)| pointer);
    vec![Fault {
        code: codes::INVALID,
        what: format!("refers to what is not in it: {}", quote(error)),
        place: shown(text, &place),
        help: "a contract is one file: put what it refers to under its `$defs`",
    }]
}

/// Every `$ref` with its pointer.
fn references(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    each(value, "", &mut |pointer, key, child| {
        if let (Some("$ref"), Some(target)) = (key, child.as_str()) {
            found.push((pointer.to_owned(), target.to_owned()));
        }
    });
    found
}

/// The library's words, of a length that fits a finding.
fn quote(error: &ValidationError<'_>) -> String {
    // "None of these fits" helps nobody who cannot see these.
    if let ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } =
        error.kind()
    {
        let reasons: Vec<String> = context
            .iter()
            .flat_map(|one| one.first())
            .map(quote)
            .collect();
        let all = reasons.join(", and ");
        if !reasons.is_empty() && all.chars().count() <= LONGEST_QUOTE {
            return all;
        }
    }
    let mut said = error.to_string();
    // Its own words leave out most of a list.
    if let ValidationErrorKind::Enum { options } = error.kind() {
        said = format!("{} is not one of {options}", error.instance());
    }
    if said.chars().count() <= LONGEST_QUOTE {
        return said;
    }
    // The value comes first in most of them and is shown by its line: the rule matters.
    let masked = error.masked().to_string();
    masked.chars().take(LONGEST_QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        match Contract::parse("X.json", text.as_bytes()) {
            Ok(contract) => contract.faulty_examples(),
            Err(faults) => faults,
        }
        .iter()
        .map(|fault| format!("{} {} ({})", fault.code.id, fault.what, fault.place))
        .collect()
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        for (text, wanted) in [
            (
                "{\"type\": \"object\",}",
                "TG501 is not JSON: trailing comma (line 1, column 19)",
            ),
            (
                "{\"type\": \"object\", \"required\": [\"a\"],\n\"required\": []}",
                "TG501 is not JSON: the key `required` stands twice (line 2, column 10)",
            ),
            (
                "{\n\"type\": \"object\",\n\"properties\": {\"a\": {\n\"type\": \"strin\"}}}",
                "TG501 is not a JSON Schema: \"strin\" is not one of [\"array\",\"boolean\",\"integer\",\"null\",\"number\",\"object\",\"string\"], and \"strin\" is not of type \"array\" (line 4, /properties/a/type)",
            ),
            (
                "{\"type\": \"object\", \"properties\": {\"a\": {\"pattern\": \"(\"}}}",
                "TG501 is not a JSON Schema: \"(\" is not a \"regex\" (line 1, /properties/a/pattern)",
            ),
            (
                "{\"$schema\": \"https://example.com/mine\", \"type\": \"object\"}",
                "TG501 has a `$schema` that topogen does not know: \"https://example.com/mine\" (line 1, /$schema)",
            ),
            (
                "{\"type\": \"string\"}",
                "TG502 does not describe an object (line 1)",
            ),
            (
                "{\"properties\": {\"a\": {}}}",
                "TG502 does not describe an object (line 1)",
            ),
            (
                "[]",
                "TG501 is not a JSON Schema: [] is not of types \"boolean\", \"object\" (line 1)",
            ),
            (
                "{\"type\": \"object\", \"properties\": {\n\"a\": {\"type\": \"integer\", \"minimum\": 5, \"maximum\": 4}}}",
                "TG501 has rules that no value can satisfy (line 2, /properties/a)",
            ),
            (
                "{\"type\": \"object\", \"properties\": {\"mail\": {\"format\": \"email\"}}, \"required\": [\"mail\"],\n\"examples\": [\n{\"mail\": \"a@b.example\"},\n{\"mail\": \"nobody\"}]}",
                "TG503 has an example whose `/mail` breaks it: \"nobody\" is not a \"email\" (line 4, /examples/1/mail)",
            ),
            (
                "{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#/$defs/short\",\n\"examples\": [\"ab\", \"abc\"]}, \"b\": {\"default\": {\"c\": {\"type\": \"null\", \"examples\": [1]}}}}, \"$defs\": {\"short\": {\"maxLength\": 2}}}",
                "TG503 has an example that breaks it: \"abc\" is longer than 2 characters (line 2, /properties/a/examples/1)",
            ),
            (
                "{\"type\": \"object\", \"required\": [\"mail\"], \"examples\": [{}]}",
                "TG503 has an example that breaks it: \"mail\" is a required property (line 1, /examples/0)",
            ),
        ] {
            assert_eq!(faults(text), [wanted]);
        }
        for outside in [
            "#/$defs/Money",
            "Money.json",
            "https://example.com/money.json",
        ] {
            let text = format!(
                "{{\"type\": \"object\",\n\"properties\": {{\"a\": {{\"$ref\": \"{outside}\"}}}}}}"
            );
            let found = faults(&text);
            assert!(
                found.len() == 1
                    && found[0].contains("TG501 refers to what is not in it")
                    && found[0].ends_with("(line 2, /properties/a/$ref)"),
                "{found:?}"
            );
        }
        assert_eq!(
            faults("{\"type\": \"object\", \"properties\": {\"a\": false}}"),
            [""; 0]
        );
        let chain: Vec<String> = (1..10_000)
            .map(|at| format!("\"d{at}\": {{\"$ref\": \"#/$defs/d{}\"}}", at - 1))
            .collect();
        let deep = format!(
            "{{\"properties\": {{\"a\": {{\"$ref\": \"#/$defs/d9999\"}}}}, \"$defs\": {{\"d0\": {{}}, {}}}}}",
            chain.join(", ")
        );
        assert_eq!(
            faults(&deep),
            [
                "TG501 has definitions that refer to each other through 20003 levels, topogen reads 400 (line 1)"
            ]
        );
        assert_eq!(faults("{\"oneOf\": [{\"type\": \"object\"}]}"), [""; 0]);
    }

    #[test]
    fn contracts_that_refer_to_themselves_and_have_addresses_are_good() {
        for good in [
            // As generators of schemas write a type that holds itself.
            r##"{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/Category", "definitions": {"Category":
                {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/definitions/Category"}}}}}}"##,
            r##"{"allOf": [{"$ref": "#/$defs/Node"}], "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}}}"##,
            // As json-schema.org shows how to bundle several.
            r#"{"$id": "https://example.com/schemas/customer", "type": "object", "properties": {"address": {"$ref": "/schemas/address"}},
                "$defs": {"address": {"$id": "/schemas/address", "type": "object"}}}"#,
            // Two ways to one that all are made of.
            r##"{"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}], "$defs": {"A": {"allOf": [{"$ref": "#/$defs/Base"}]},
                "B": {"allOf": [{"$ref": "#/$defs/Base"}]}, "Base": {"type": "object", "properties": {"next": {"$ref": "#/$defs/A"}}}}}"##,
            r#"{"$id": "customer", "type": "object", "properties": {"parent": {"$ref": "customer"}}}"#,
        ] {
            assert_eq!(faults(good), [""; 0], "{good}");
        }
        assert_eq!(
            faults(
                r##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}"##
            ),
            ["TG502 does not describe an object (line 1)"]
        );
    }

    #[test]
    fn a_pattern_that_goes_back_and_forth_breaks_no_example() {
        let text = format!(
            r#"{{"type": "object", "properties": {{"a": {{"pattern": "^(?:(?!b)a|(?!c)a)+b0$"}}}}, "examples": [{{"a": "{}"}}]}}"#,
            "a".repeat(60)
        );
        assert_eq!(
            faults(&text),
            [
                "TG506 has an example that is not tried: a pattern goes back and forth over it too often (line 1, /examples/0/a)"
            ]
        );
    }
}
