//! Schemas in, schemas without rules out: whatever a rule asks is in the name of a Rust type.
//!
//! A leaf with rules becomes `{"x-rust": "its type"}`. Objects, enumerations and patterns are named, and move to
//! `definitions`, which all contracts share.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use crate::Source;
use crate::words::{NOTES, describe, is_version, only_rules, rules, rust_name};

/// A contract whose type is made.
#[derive(Debug)]
pub(crate) struct Contract {
    /// The file's name without `.json`, and the event's.
    pub(crate) event: String,
    /// `1.0`.
    pub(crate) version: String,
    /// The Rust type's name.
    pub(crate) rust: String,
}

/// What typify is given, and what must be seen to behind it.
#[derive(Debug, Default)]
pub(crate) struct Lowered {
    /// Named schemas.
    pub(crate) definitions: BTreeMap<String, Value>,
    /// Names of objects and enumerations.
    pub(crate) strict: BTreeSet<String>,
    /// The types that stand in an `x-rust`.
    pub(crate) natives: BTreeSet<String>,
}

/// Lowers one contract after the other.
#[derive(Debug)]
pub(crate) struct Lowering<'a> {
    folder: &'a str,
    own: Vec<(Value, &'a str)>,
    lowered: Lowered,
    faults: Vec<String>,
    /// The file at hand and its name.
    file: Value,
    name: String,
    /// Named types that are being made: one that contains itself is referred to, not made again.
    open: Vec<String>,
    /// References that are being followed.
    following: Vec<String>,
}

/// A lowered schema, and the Rust type of its values.
struct Type {
    schema: Value,
    rust: String,
}

impl<'a> Lowering<'a> {
    pub(crate) fn new(folder: &'a str, own: &[(&'a str, &'a str)]) -> Result<Self, Vec<String>> {
        let mut rows = Vec::new();
        let mut faults = Vec::new();
        for (schema, rust) in own {
            match serde_json::from_str(schema) {
                Ok(schema) if syn::parse_str::<syn::TypePath>(rust).is_ok() => {
                    rows.push((rules(&schema), *rust));
                }
                Ok(_) => faults.push(format!("`{rust}` in the table of build.rs is no Rust type")),
                Err(error) => faults.push(format!("the schema of `{rust}` is not JSON: {error}")),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let date_time = json!({ "type": "string", "format": "date-time" });
        rows.push((date_time, "::topogen_kit::Timestamp"));
        Ok(Self {
            folder,
            own: rows,
            lowered: Lowered::default(),
            faults,
            file: Value::Null,
            name: String::new(),
            open: Vec::new(),
            following: Vec::new(),
        })
    }

    /// Takes in one contract.
    pub(crate) fn contract(&mut self, source: &Source) -> Option<Contract> {
        let name = &source.name;
        self.name.clone_from(name);
        self.file = match serde_json::from_str(&source.text) {
            Ok(file) => file,
            Err(error) => {
                self.fault("", format!("is not JSON: {error}"));
                return None;
            }
        };
        if self.file["title"] != name.as_str() {
            self.fault(
                "/title",
                format!("must be \"{name}\", as the file is called"),
            );
        }
        let id = self.file["$id"].as_str().unwrap_or_default();
        let version = id
            .rsplit_once(&format!("{name}:"))
            .map(|(_, version)| version.to_owned());
        let version = version.filter(|version| is_version(version));
        if version.is_none() {
            let wanted =
                format!("must end in `{name}:` and a version, such as `urn:events:{name}:1.0`");
            self.fault("/$id", wanted);
        }
        let file = self.file.clone();
        if file["type"] != "object" || !file["properties"].is_object() {
            self.fault("", "must have `\"type\": \"object\"` and `properties`");
            return None;
        }
        let Type { rust, .. } = self.lower(&file, name, "");
        let version = version?;
        Some(Contract {
            event: name.clone(),
            version,
            rust,
        })
    }

    /// All that was taken in.
    pub(crate) fn finish(self) -> Result<Lowered, Vec<String>> {
        if self.faults.is_empty() {
            Ok(self.lowered)
        } else {
            Err(self.faults)
        }
    }

    /// `name` is the type's, unless the schema has a title; `at` is its JSON pointer.
    fn lower(&mut self, schema: &Value, name: &str, at: &str) -> Type {
        if let Some(own) = self.own(schema, at) {
            return own;
        }
        if let Some(target) = schema["$ref"].as_str() {
            self.only(schema, at, "a reference", &["$ref"]);
            return self.follow(target, name, at);
        }
        let name = rust_name(schema["title"].as_str().unwrap_or(name));
        if schema.get("enum").is_some() || schema.get("const").is_some() {
            return self.enumeration(schema, &name, at);
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema, &name, at),
            Some("array") => self.array(schema, &name, at),
            Some("string") => self.text(schema, &name, at),
            Some("integer") => self.integer(schema, at),
            Some("number") => {
                self.only(schema, at, "a number", &["type"]);
                plain(json!({ "type": "number" }), "f64")
            }
            Some("boolean") => {
                self.only(schema, at, "a boolean", &["type"]);
                plain(json!({ "type": "boolean" }), "bool")
            }
            _ => self.refuse(at, "must have one `type`, and not `null`: a field that may be missing is left out of `required`"),
        }
    }

    /// The type that the caller's table has for a schema.
    fn own(&mut self, schema: &Value, at: &str) -> Option<Type> {
        let wanted = rules(schema);
        if let Some((_, rust)) = self.own.iter().find(|(schema, _)| *schema == wanted) {
            let rust = (*rust).to_owned();
            return Some(self.native(rust));
        }
        let title = schema.get("title")?;
        let (row, rust) = self
            .own
            .iter()
            .find(|(row, _)| row.get("title") == Some(title))?;
        let fault =
            format!("{title} has other rules than `{rust}` holds: {row} in the table of build.rs");
        Some(self.refuse(at, fault))
    }

    fn follow(&mut self, target: &str, name: &str, at: &str) -> Type {
        let pointer = target.strip_prefix('#');
        let Some(schema) = pointer
            .and_then(|pointer| self.file.pointer(pointer))
            .cloned()
        else {
            return self.refuse(
                at,
                format!("refers to `{target}`, which is not in the file"),
            );
        };
        // An object that contains itself is found among the open ones.
        if self.following.iter().any(|one| one == target) && schema["type"] != "object" {
            return self.refuse(at, format!("`{target}` refers to itself"));
        }
        self.following.push(target.to_owned());
        let name = target.rsplit('/').next().unwrap_or(name);
        let made = self.lower(&schema, name, &target[1..]);
        self.following.pop();
        made
    }

    fn object(&mut self, schema: &Value, name: &str, at: &str) -> Type {
        const RULES: &[&str] = &["additionalProperties", "properties", "required", "type"];
        self.only(schema, at, "an object", RULES);
        if schema
            .get("additionalProperties")
            .is_some_and(|more| *more != true)
        {
            let at = format!("{at}/additionalProperties");
            self.fault(
                &at,
                "must be `true`: readers take what a later version adds",
            );
        }
        let Some(properties) = schema["properties"].as_object() else {
            let rust = "::serde_json::Map<::std::string::String, ::serde_json::Value>";
            return plain(json!({ "type": "object" }), rust);
        };
        let required = schema["required"].as_array();
        for field in required.into_iter().flatten().filter_map(Value::as_str) {
            if !properties.contains_key(field) {
                self.fault(
                    &format!("{at}/required"),
                    format!("`{field}` is not among the properties"),
                );
            }
        }
        if self.open.iter().any(|open| open == name) {
            return reference(name);
        }
        self.distinct(properties.keys(), |name| name.to_snake_case(), at);
        self.open.push(name.to_owned());
        let mut fields = Map::new();
        for (field, schema) in properties {
            let step = field.replace('~', "~0").replace('/', "~1");
            let hint = format!("{name} {field}");
            let mut lowered = self
                .lower(schema, &hint, &format!("{at}/properties/{step}"))
                .schema;
            describe(&mut lowered, schema);
            fields.insert(field.clone(), lowered);
        }
        self.open.pop();
        let made = json!({ "type": "object", "properties": fields, "required": schema["required"].as_array().cloned().unwrap_or_default() });
        self.lowered.strict.insert(name.to_owned());
        self.define(name, made, schema, at)
    }

    fn array(&mut self, schema: &Value, name: &str, at: &str) -> Type {
        self.only(
            schema,
            at,
            "an array",
            &["items", "maxItems", "minItems", "type"],
        );
        let Some(items) = schema.get("items") else {
            return self.refuse(at, "must say what its `items` are");
        };
        let items = self.lower(items, &format!("{name} item"), &format!("{at}/items"));
        match self.bounds(schema, at, "minItems", "maxItems") {
            None => {
                let rust = format!("::std::vec::Vec<{}>", items.rust);
                plain(json!({ "type": "array", "items": items.schema }), &rust)
            }
            Some(bounds) => self.native(format!(
                "::topogen_kit::bounded::List<{}, {bounds}>",
                items.rust
            )),
        }
    }

    fn text(&mut self, schema: &Value, name: &str, at: &str) -> Type {
        self.only(
            schema,
            at,
            "a string",
            &["maxLength", "minLength", "pattern", "type"],
        );
        if schema.get("pattern").is_some() {
            let made = only_rules(schema);
            return self.define(name, made, schema, at);
        }
        match self.bounds(schema, at, "minLength", "maxLength") {
            None => plain(json!({ "type": "string" }), "::std::string::String"),
            Some(bounds) => self.native(format!("::topogen_kit::bounded::Text<{bounds}>")),
        }
    }

    fn enumeration(&mut self, schema: &Value, name: &str, at: &str) -> Type {
        self.only(schema, at, "an enumeration", &["const", "enum", "type"]);
        let words = match (schema["enum"].as_array(), schema.get("const")) {
            (Some(words), None) => words.clone(),
            (None, Some(word)) => vec![word.clone()],
            _ => Vec::new(),
        };
        let texts = schema.get("type").is_none_or(|kind| kind == "string");
        if words.is_empty() || !texts || !words.iter().all(Value::is_string) {
            return self.refuse(
                at,
                "must be one `enum` or `const`, and of strings: only of those types are made",
            );
        }
        self.distinct(words.iter().filter_map(Value::as_str), rust_name, at);
        self.lowered.strict.insert(name.to_owned());
        self.define(name, json!({ "type": "string", "enum": words }), schema, at)
    }

    fn integer(&mut self, schema: &Value, at: &str) -> Type {
        const RULES: &[&str] = &[
            "exclusiveMaximum",
            "exclusiveMinimum",
            "maximum",
            "minimum",
            "type",
        ];
        self.only(schema, at, "an integer", RULES);
        let mut bound = |word: &str, step: i64| {
            let value = schema.get(word)?;
            let bound = value.as_i64().and_then(|bound| bound.checked_add(step));
            if bound.is_none() {
                self.fault(&format!("{at}/{word}"), "must be a whole number of 64 bits");
            }
            bound
        };
        let min = bound("minimum", 0).max(bound("exclusiveMinimum", 1));
        let max = [bound("maximum", 0), bound("exclusiveMaximum", -1)];
        let max = max.into_iter().flatten().min();
        let shown = |bound: Option<i64>, open: &str| match bound {
            None => open.to_owned(),
            Some(bound @ ..0) => format!("{{ {bound} }}"),
            Some(bound) => bound.to_string(),
        };
        let (min, max) = (shown(min, "{ i64::MIN }"), shown(max, "{ i64::MAX }"));
        self.native(format!("::topogen_kit::bounded::Whole<{min}, {max}>"))
    }

    /// `1, 64` for both, `1` for a lower bound alone.
    fn bounds(&mut self, schema: &Value, at: &str, min: &str, max: &str) -> Option<String> {
        let mut bound = |word: &str| {
            let value = schema.get(word)?;
            if !value.is_u64() {
                self.fault(&format!("{at}/{word}"), "must be a whole number");
            }
            value.as_u64()
        };
        match (bound(min), bound(max)) {
            (None, None) => None,
            (min, None) => min.map(|min| min.to_string()),
            (min, Some(max)) => Some(format!("{}, {max}", min.unwrap_or(0))),
        }
    }

    /// Two fields, or two words, that Rust would call the same.
    fn distinct<T: AsRef<str>>(
        &mut self,
        names: impl Iterator<Item = T>,
        rust: fn(&str) -> String,
        at: &str,
    ) {
        let mut known = BTreeSet::new();
        for name in names {
            let name = name.as_ref();
            let letter = |letter: char| {
                if letter.is_alphanumeric() {
                    letter
                } else {
                    '-'
                }
            };
            let plain: String = name.chars().map(letter).collect();
            if !known.insert(rust(&plain)) {
                let fault = format!(
                    "`{name}` and another are one name in Rust: name a type of yours in the table of build.rs"
                );
                self.fault(at, fault);
            }
        }
    }

    /// A type of its own name, made once.
    fn define(&mut self, name: &str, mut made: Value, schema: &Value, at: &str) -> Type {
        if syn::parse_str::<syn::Ident>(name).is_err() {
            return self.refuse(
                at,
                format!("`{name}` is no name for a type: give it another `title`"),
            );
        }
        let before = self.lowered.definitions.get(name);
        if before.is_some_and(|before| only_rules(before) != made) {
            let fault = format!(
                "`{name}` is something else in another place; give one of them another `title`"
            );
            return self.refuse(at, fault);
        }
        describe(&mut made, schema);
        self.lowered
            .definitions
            .entry(name.to_owned())
            .or_insert(made);
        reference(name)
    }

    fn native(&mut self, rust: String) -> Type {
        self.lowered.natives.insert(rust.clone());
        plain(json!({ "x-rust": &rust }), &rust)
    }

    /// A rule that is none of `rules` would be passed over in silence.
    fn only(&mut self, schema: &Value, at: &str, what: &str, rules: &[&str]) {
        for word in schema.as_object().into_iter().flat_map(Map::keys) {
            if !NOTES.contains(&word.as_str()) && !rules.contains(&word.as_str()) {
                let fault = format!(
                    "no type holds `{word}` of {what}: name one in the table of build.rs, or leave the rule out"
                );
                self.fault(at, fault);
            }
        }
    }

    fn refuse(&mut self, at: &str, what: impl Into<String>) -> Type {
        self.fault(at, what);
        plain(json!({ "type": "boolean" }), "bool")
    }

    fn fault(&mut self, at: &str, what: impl Into<String>) {
        let (folder, name, what) = (self.folder, &self.name, what.into());
        let at = if at.is_empty() {
            String::new()
        } else {
            format!(" at `{at}`")
        };
        let fault = format!("`{folder}/{name}.json`{at}: {what}");
        // What two places refer to is lowered twice.
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

fn plain(schema: Value, rust: &str) -> Type {
    let rust = rust.to_owned();
    Type { schema, rust }
}

fn reference(name: &str) -> Type {
    plain(json!({ "$ref": format!("#/definitions/{name}") }), name)
}
