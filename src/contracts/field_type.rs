//! What a filter can know of a field from its schema.
//!
//! What a schema leaves open is [`FieldType::Unknown`]; of alternatives any may hold.

use jsonschema::canonical::{
    CanonicalKind, CanonicalSchema, CanonicalView, IntegerView, NumberView, StringView,
};
use serde_json::{Number as Json, Value};

use super::shape::{Shape, Type, resolved, shapes};
use crate::filter::Number;
use crate::filter::field::{FieldType, Rule};
use crate::filter::policy::{Bound, Scalar};

/// Schemas that are looked at for one field: alternatives may multiply, and lists hold lists of themselves.
const MOST_SCHEMAS: usize = 256;
/// Longest pattern or value that a message repeats, in characters.
const LONGEST_QUOTE: usize = 80;

/// The type of what `schema` describes.
pub(super) fn field_type(schema: &CanonicalSchema) -> FieldType {
    let mut left = MOST_SCHEMAS;
    read(schema, &mut left)
}

fn read(schema: &CanonicalSchema, left: &mut usize) -> FieldType {
    let Some(fewer) = left.checked_sub(1) else {
        return FieldType::Unknown;
    };
    *left = fewer;
    let schema = resolved(schema);
    let mut types: Vec<FieldType> = Vec::new();
    if let CanonicalView::AnyOf(branches) | CanonicalView::OneOf(branches) = schema.view() {
        types.extend(branches.iter().map(|branch| read(branch, left)));
    } else if schema.kind() != CanonicalKind::True {
        for (of, shape) in shapes(&schema).unwrap_or_default() {
            types.push(of_shape(&schema, of, shape, left));
        }
    }
    let all = types.into_iter().reduce(FieldType::or);
    all.unwrap_or(FieldType::Unknown)
}

fn of_shape(schema: &CanonicalSchema, of: Type, shape: Shape, left: &mut usize) -> FieldType {
    let ruled = |plain: FieldType, words: Vec<String>, longest: Option<u64>| {
        if words.is_empty() {
            return plain;
        }
        let rule = Rule::new(words.join(" and "), longest, schema.to_json_schema());
        FieldType::Ruled(Box::new(plain), rule)
    };
    match shape {
        Shape::All if of == Type::Boolean => FieldType::Boolean,
        Shape::All if of == Type::Null => FieldType::Listed(vec![Scalar::Null]),
        Shape::All => FieldType::Unknown,
        Shape::Values(values) => listed(of, &values),
        Shape::String(view) => {
            let longest = view.max_length.as_ref().and_then(Json::as_u64);
            ruled(FieldType::String, of_text(&view), longest)
        }
        Shape::Integer(view) => {
            let words = multiples(&view.multiple_of, &view.not_multiple_of);
            ruled(whole(&view), words, None)
        }
        // Of draft 4 alone, where 1.0 is a number and 1 is not.
        Shape::Number(view) if view.excludes_integers => number(&view),
        Shape::Number(view) => {
            let words = multiples(&view.multiple_of, &view.not_multiple_of);
            ruled(number(&view), words, None)
        }
        Shape::Array(view) => FieldType::Array(Box::new(match &view.items {
            Some(items) if view.prefix_items.is_empty() => read(items, left),
            _ => FieldType::Unknown,
        })),
        Shape::Object(_) => FieldType::Object,
    }
}

fn listed(of: Type, values: &[Value]) -> FieldType {
    let scalars: Option<Vec<Scalar>> = values.iter().map(scalar).collect();
    match (of, scalars) {
        (Type::Object, _) => FieldType::Object,
        (Type::Array, _) => FieldType::Array(Box::new(FieldType::Unknown)),
        (_, Some(scalars)) => FieldType::Listed(scalars),
        (_, None) => FieldType::Unknown,
    }
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Null => Some(Scalar::Null),
        Value::Bool(value) => Some(Scalar::Boolean(*value)),
        Value::Number(number) => read_number(number).map(Scalar::Number),
        Value::String(text) => Some(Scalar::String(text.clone())),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn read_number(number: &Json) -> Option<Number> {
    Number::parse(&number.to_string())
}

fn end(at: &Option<Json>, exclusive: bool) -> Option<Bound> {
    Some(Bound {
        value: read_number(at.as_ref()?)?,
        inclusive: !exclusive,
    })
}

fn whole(view: &IntegerView) -> FieldType {
    FieldType::Integer {
        lower: end(&view.minimum, false),
        upper: end(&view.maximum, false),
    }
}

fn number(view: &NumberView) -> FieldType {
    FieldType::Number {
        lower: end(&view.minimum, view.exclusive_minimum),
        upper: end(&view.maximum, view.exclusive_maximum),
    }
}

/// What is asked of a text, in words that follow "text".
fn of_text(view: &StringView) -> Vec<String> {
    let each = |how: &str, all: &[String]| -> Vec<String> {
        all.iter()
            .map(|one| format!("{how} {}", quoted(one)))
            .collect()
    };
    let length = length(view.min_length.as_ref(), view.max_length.as_ref());
    [
        length.into_iter().collect(),
        each("like", &view.patterns),
        each("not like", &view.excluded_patterns),
        each("of the format", &view.formats),
        each("not of the format", &view.excluded_formats),
        each("holding", &view.content_media_types),
        each("encoded as", &view.content_encodings),
        each("other than", &view.excluded),
    ]
    .concat()
}

fn length(least: Option<&Json>, most: Option<&Json>) -> Option<String> {
    let unit = |count: &Json| match count.as_u64() {
        Some(1) => "character",
        _ => "characters",
    };
    Some(match (least, most) {
        (None, None) => return None,
        (Some(least), None) => format!("of at least {least} {}", unit(least)),
        (None, Some(most)) => format!("of at most {most} {}", unit(most)),
        (Some(least), Some(most)) if least == most => format!("of {most} {}", unit(most)),
        (Some(least), Some(most)) => format!("of {least} to {most} characters"),
    })
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        None => format!("`{text}`"),
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
    }
}

fn multiples(of: &[Json], not_of: &[Json]) -> Vec<String> {
    let of = of.iter().map(|by| format!("divisible by {by}"));
    let not_of = not_of.iter().map(|by| format!("not divisible by {by}"));
    of.chain(not_of).collect()
}
