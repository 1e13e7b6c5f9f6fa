//! A schema as one shape for each JSON type, read from the canonical form that `jsonschema` makes.
//!
//! The canonical form has `allOf` folded, bounds merged and words for people dropped, so that what means the same mostly
//! looks the same. What does not come out as one shape a type (alternatives of one type, negations) has no shape here, and
//! whoever asks must not be sure.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::canonical::{
    ArrayView, CanonicalKind, CanonicalSchema, CanonicalView, Distinctness, IntegerView,
    NumberView, ObjectView, ObjectViolationView, StringView, options,
};
use jsonschema::{Draft, JsonType, JsonTypeSet};
use serde_json::{Map, Number, Value};

/// References to references that are followed; a longer chain is taken for a circle.
const LONGEST_CHAIN: usize = 64;

/// JSON's types. Whole numbers are numbers here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

/// What a schema says of the values of one type. A type without a rule has the shape with nothing in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Every value of the type; for the types that have no rules.
    All,
    /// These values.
    Values(Vec<Value>),
    /// Strings.
    String(StringView),
    /// Whole numbers.
    Integer(IntegerView),
    /// Numbers.
    Number(NumberView),
    /// Lists.
    Array(Box<ArrayView>),
    /// Objects.
    Object(Box<Object>),
}

/// What a schema says of objects. The canonical form writes a closed model as a list of names; here it is one again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    /// Fields that every such object has.
    pub required: BTreeSet<String>,
    /// Fields that it declares. In an open model those without any rule are missing: see [`super::schema::Free`].
    pub fields: BTreeMap<String, CanonicalSchema>,
    /// Fields by patterns of their names.
    pub patterns: BTreeMap<String, CanonicalSchema>,
    /// All other fields.
    pub others: Others,
    /// Least and greatest number of fields.
    pub count: (Option<Number>, Option<Number>),
    /// Rules that all names follow, beyond those above.
    pub names: Option<CanonicalSchema>,
    /// Rules that the object must break.
    pub violations: Vec<ObjectViolationView>,
}

/// What an object says of a field that it does not declare.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Others {
    /// Such a field may hold anything.
    Open,
    /// There is none.
    Closed,
    /// Such a field follows this schema.
    Ruled(CanonicalSchema),
}

/// The shapes of a schema by type; a type that is not there is not taken.
pub(super) type Shapes = BTreeMap<Type, Shape>;

/// The shapes of `schema`, when it has one for each type.
pub(super) fn shapes(schema: &CanonicalSchema) -> Option<Shapes> {
    let mut shapes = Shapes::new();
    collect(schema, &mut shapes).then_some(shapes)
}

/// What stands where a chain of references ends.
pub(super) fn resolved(schema: &CanonicalSchema) -> CanonicalSchema {
    let mut here = schema.clone();
    for _ in 0..LONGEST_CHAIN {
        let CanonicalView::Reference(uri) = here.view() else {
            break;
        };
        match here.definition(&uri) {
            Some(target) => here = target,
            None => break,
        }
    }
    here
}

/// Adds the shapes of `schema`; false when a type would have two, or the schema has none.
fn collect(schema: &CanonicalSchema, shapes: &mut Shapes) -> bool {
    let mut add = |of: Type, shape: Shape| shapes.insert(of, shape).is_none();
    match resolved(schema).view() {
        CanonicalView::False => true,
        CanonicalView::True => whole(JsonTypeSet::all(), &mut add),
        CanonicalView::MultiType(types) => whole(types, &mut add),
        CanonicalView::String(view) => add(Type::String, Shape::String(view)),
        CanonicalView::Integer(view) => add(Type::Number, Shape::Integer(view)),
        CanonicalView::Number(view) => add(Type::Number, Shape::Number(view)),
        CanonicalView::Array(view) => add(Type::Array, Shape::Array(Box::new(view))),
        CanonicalView::Object(view) => {
            let object = object(view, schema.draft());
            add(Type::Object, Shape::Object(Box::new(object)))
        }
        // A closed model of no fields.
        CanonicalView::Const(value) if value.as_object().is_some_and(Map::is_empty) => {
            let object = Object {
                others: Others::Closed,
                ..any_object()
            };
            add(Type::Object, Shape::Object(Box::new(object)))
        }
        CanonicalView::Const(value) => add(type_of(&value), Shape::Values(vec![value])),
        CanonicalView::Enum(values) => {
            let mut by_type: BTreeMap<Type, Vec<Value>> = BTreeMap::new();
            for value in values {
                by_type.entry(type_of(&value)).or_default().push(value);
            }
            by_type
                .into_iter()
                .all(|(of, values)| add(of, Shape::Values(values)))
        }
        CanonicalView::AnyOf(branches) => branches.iter().all(|branch| collect(branch, shapes)),
        CanonicalView::TypedGroup(_)
        | CanonicalView::Not(_)
        | CanonicalView::AllOf(_)
        | CanonicalView::OneOf(_)
        | CanonicalView::Reference(_)
        | CanonicalView::Raw(_) => false,
    }
}

fn whole(types: JsonTypeSet, add: &mut impl FnMut(Type, Shape) -> bool) -> bool {
    types.iter().all(|of| match of {
        JsonType::Null => add(Type::Null, Shape::All),
        JsonType::Boolean => add(Type::Boolean, Shape::All),
        // A set that holds both takes every number.
        JsonType::Integer if types.contains(JsonType::Number) => true,
        JsonType::Integer => add(Type::Number, Shape::Integer(any_integer())),
        JsonType::Number => add(Type::Number, Shape::Number(any_number())),
        JsonType::String => add(Type::String, Shape::String(any_string())),
        JsonType::Array => add(Type::Array, Shape::Array(Box::new(any_array()))),
        JsonType::Object => add(Type::Object, Shape::Object(Box::new(any_object()))),
    })
}

pub(super) fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Boolean,
        Value::Number(_) => Type::Number,
        Value::String(_) => Type::String,
        Value::Array(_) => Type::Array,
        Value::Object(_) => Type::Object,
    }
}

fn any_integer() -> IntegerView {
    IntegerView {
        minimum: None,
        maximum: None,
        multiple_of: Vec::new(),
        not_multiple_of: Vec::new(),
    }
}

fn any_number() -> NumberView {
    NumberView {
        minimum: None,
        exclusive_minimum: false,
        maximum: None,
        exclusive_maximum: false,
        multiple_of: Vec::new(),
        not_multiple_of: Vec::new(),
        excludes_integers: false,
    }
}

fn any_string() -> StringView {
    StringView {
        min_length: None,
        max_length: None,
        patterns: Vec::new(),
        excluded_patterns: Vec::new(),
        formats: Vec::new(),
        excluded_formats: Vec::new(),
        content_media_types: Vec::new(),
        content_encodings: Vec::new(),
        excluded: Vec::new(),
    }
}

fn any_array() -> ArrayView {
    ArrayView {
        min_items: None,
        max_items: None,
        distinctness: Distinctness::Unconstrained,
        prefix_items: Vec::new(),
        items: None,
        contains: Vec::new(),
    }
}

fn any_object() -> Object {
    Object {
        required: BTreeSet::new(),
        fields: BTreeMap::new(),
        patterns: BTreeMap::new(),
        others: Others::Open,
        count: (None, None),
        names: None,
        violations: Vec::new(),
    }
}

fn object(view: ObjectView, draft: Draft) -> Object {
    let mut object = Object {
        required: view.required.into_iter().collect(),
        fields: view.properties,
        patterns: view.pattern_properties,
        others: match view.additional_properties {
            None => Others::Open,
            Some(schema) if schema.kind() == CanonicalKind::True => Others::Open,
            Some(schema) if schema.kind() == CanonicalKind::False => Others::Closed,
            Some(schema) => Others::Ruled(schema),
        },
        count: (view.min_properties, view.max_properties),
        names: view.property_names,
        violations: view.violations,
    };
    let listed = object.names.as_ref().and_then(listed);
    if let (Some(listed), Some(anything)) = (listed, anything(draft))
        && object.patterns.is_empty()
    {
        for name in listed {
            let rule = match &object.others {
                Others::Open => anything.clone(),
                Others::Closed => continue,
                Others::Ruled(rule) => rule.clone(),
            };
            object.fields.entry(name).or_insert(rule);
        }
        object.names = None;
        object.others = Others::Closed;
    }
    object
}

/// The names, when they are listed one by one.
fn listed(names: &CanonicalSchema) -> Option<Vec<String>> {
    let mut shapes = shapes(names)?;
    match (shapes.remove(&Type::String)?, shapes.len()) {
        (Shape::Values(values), 0) => {
            let names = values
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned));
            Some(names.collect())
        }
        _ => None,
    }
}

/// The schema that refuses nothing.
fn anything(draft: Draft) -> Option<CanonicalSchema> {
    options()
        .with_draft(draft)
        .should_validate_formats(true)
        .canonicalize(&Value::Bool(true))
        .ok()
}
