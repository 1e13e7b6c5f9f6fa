//! How large `data` can get: an upper bound from the contract, in bytes of compact JSON.
//!
//! Counted as `serde_json` and `JSON.stringify` write it: a character of text takes 6 bytes at most (`\u0000`), a number 25
//! (the longest double, with its sign; numbers beyond doubles are not thought of), no blanks. Not counted: the envelope
//! around `data`, and fields that an open model lets through without declaring them ([`Size::open`]).

use jsonschema::canonical::{CanonicalSchema, CanonicalView};
use serde_json::Number;

use super::Contract;
use super::shape::{Object, Others, Shape, resolved, shapes};

/// A character as `\uXXXX`.
const CHARACTER: u64 = 6;
/// `-2.2250738585072014e-308`, and one to spare.
const NUMBER: u64 = 25;
/// Objects and lists inside each other that are followed; deeper ones, and circles, have no bound.
const DEEPEST: usize = 64;
/// Schemas that are looked at, on all ways to them: definitions that refer to each other may be met on millions.
const MOST_VISITS: u32 = 100_000;

/// What is told of a contract of which not all could be looked at: it takes more than that, twice what any topic does.
pub const COUNTED: u64 = 2 * 1_024 * 1_024;

/// An upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Most bytes of all that the contract declares; `u64::MAX` for more than [`COUNTED`].
    pub bytes: u64,
    /// Whether some object also takes fields that the contract does not declare: these are not counted.
    pub open: bool,
}

impl Contract {
    /// Most bytes that `data` takes; none when the contract sets no bound to some text, list or map, or is too intricate to tell.
    pub fn size(&self) -> Option<Size> {
        bound(&self.canonical, 0, &mut 0)
    }
}

fn bound(schema: &CanonicalSchema, depth: usize, visits: &mut u32) -> Option<Size> {
    *visits += 1;
    if depth == DEEPEST || *visits > MOST_VISITS {
        return None;
    }
    let Some(shapes) = shapes(schema) else {
        return match resolved(schema).view() {
            CanonicalView::AnyOf(branches) | CanonicalView::OneOf(branches) => largest(
                branches
                    .iter()
                    .map(|branch| bound(branch, depth + 1, visits)),
            ),
            CanonicalView::MultiType(_)
            | CanonicalView::TypedGroup(_)
            | CanonicalView::String(_)
            | CanonicalView::Integer(_)
            | CanonicalView::Number(_)
            | CanonicalView::Array(_)
            | CanonicalView::Object(_)
            | CanonicalView::Const(_)
            | CanonicalView::Enum(_)
            | CanonicalView::Not(_)
            | CanonicalView::AllOf(_)
            | CanonicalView::Reference(_)
            | CanonicalView::True
            | CanonicalView::False
            | CanonicalView::Raw(_) => None,
        };
    };
    largest(shapes.values().map(|shape| of_shape(shape, depth, visits)))
}

fn of_shape(shape: &Shape, depth: usize, visits: &mut u32) -> Option<Size> {
    let exactly = |bytes| Some(Size { bytes, open: false });
    match shape {
        // `false` is the longest of what has no rules.
        Shape::All => exactly(5),
        Shape::Values(values) => exactly(
            values
                .iter()
                .map(|value| value.to_string().len() as u64)
                .max()
                .unwrap_or(0),
        ),
        Shape::Integer(_) | Shape::Number(_) => exactly(NUMBER),
        Shape::String(view) => {
            let length = view.max_length.as_ref().and_then(Number::as_u64);
            let length = length.or_else(|| view.formats.iter().find_map(|format| longest(format)));
            exactly(length?.saturating_mul(CHARACTER).saturating_add(2))
        }
        Shape::Array(view) => {
            let count = view.max_items.as_ref().and_then(Number::as_u64);
            let prefix = view.prefix_items.len() as u64;
            let mut total = Size {
                bytes: 2,
                open: false,
            };
            for item in &view.prefix_items {
                total = sum(total, bound(item, depth + 1, visits)?, 1);
            }
            match &view.items {
                Some(items) if matches!(items.view(), CanonicalView::False) => Some(total),
                items => match count?.saturating_sub(prefix) {
                    0 => Some(total),
                    rest => Some(sum(total, bound(items.as_ref()?, depth + 1, visits)?, rest)),
                },
            }
        }
        Shape::Object(object) => of_object(object, depth, visits),
    }
}

fn of_object(object: &Object, depth: usize, visits: &mut u32) -> Option<Size> {
    // How long names of a pattern, or of a map, get is not known.
    if !object.patterns.is_empty() {
        return None;
    }
    let open = match &object.others {
        Others::Ruled(_) => return None,
        // An object that declares nothing takes anything: that is no matter of a few fields more.
        Others::Open if object.fields.is_empty() => return None,
        Others::Open => true,
        Others::Closed => false,
    };
    let mut total = Size { bytes: 2, open };
    for (name, schema) in &object.fields {
        let name = serde_json::to_string(name).unwrap_or_default().len() as u64 + 1;
        let Some(value) = bound(schema, depth + 1, visits) else {
            let is_large = *visits > MOST_VISITS && total.bytes >= COUNTED;
            let bytes = u64::MAX;
            return is_large.then_some(Size { bytes, ..total });
        };
        let bytes = value.bytes.saturating_add(name);
        total = sum(total, Size { bytes, ..value }, 1);
    }
    Some(total)
}

/// `times` more entries, each with its comma.
fn sum(total: Size, entry: Size, times: u64) -> Size {
    let entries = entry.bytes.saturating_add(1).saturating_mul(times);
    Size {
        bytes: total.bytes.saturating_add(entries),
        open: total.open || entry.open,
    }
}

fn largest(sizes: impl Iterator<Item = Option<Size>>) -> Option<Size> {
    let none = Size {
        bytes: 0,
        open: false,
    };
    sizes.into_iter().try_fold(none, |most, size| {
        let size = size?;
        Some(Size {
            bytes: most.bytes.max(size.bytes),
            open: most.open || size.open,
        })
    })
}

/// Most characters of a text of that format, where the format says so (RFC 3339, 4122, 4291, 5321).
fn longest(format: &str) -> Option<u64> {
    match format {
        "date" => Some(10),
        "uuid" => Some(36),
        "ipv4" => Some(15),
        "ipv6" => Some(45),
        _ => None,
    }
}
