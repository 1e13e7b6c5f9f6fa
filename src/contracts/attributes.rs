//! Fields of `data` that the topology sends as message attributes or as the message group: are they there?

use super::fields::Lookup;
use super::{Contract, Declared, codes};
use crate::diag::{Diagnostic, Diagnostics};
use crate::filter::field::FieldType;
use crate::source::Spanned;

/// Whether each field that the topology names is one of the contract, and fit for its use.
pub(super) fn check(declared: &Declared<'_>, contract: &Contract, diagnostics: &mut Diagnostics) {
    let attributes = declared.attributes.iter().map(|name| (&ATTRIBUTE, name));
    let group = declared.message_group.iter().map(|name| (&GROUP, name));
    for (kind, name) in attributes.chain(group) {
        if let Some(finding) = check_one(declared, contract, kind, name) {
            diagnostics.push(finding);
        }
    }
}

/// What a field is sent as.
struct Use {
    word: &'static str,
    /// Whether it may be a list.
    lists: bool,
    /// What becomes of an event that has not got the field.
    without: &'static str,
}

const ATTRIBUTE: Use = Use {
    word: "attribute",
    lists: true,
    without: "an event without it passes no filter on it but `{ exists = false }`",
};

const GROUP: Use = Use {
    word: "message group",
    lists: false,
    without: "an event without it has no group, and no FIFO topic takes it",
};

fn check_one(
    declared: &Declared<'_>,
    contract: &Contract,
    &Use {
        word,
        lists,
        without,
    }: &Use,
    Spanned { value: name, span }: &Spanned<&str>,
) -> Option<Diagnostic> {
    let Declared { event, schema, .. } = declared;
    let finding = match contract.field(name) {
        Lookup::Unsure => return None,
        Lookup::Absent | Lookup::Undeclared => Diagnostic::error(
            codes::FIELD,
            *span,
            format!("the {word} `{name}` is not a field of `{event}`"),
        )
        .help(format!(
            "declare `{name}` in `{}`, or name another field",
            schema.value
        )),
        Lookup::Field(field) => match unfit(&field.kind, lists) {
            Some(holds) => Diagnostic::error(
                codes::FIELD,
                *span,
                format!("the {word} `{name}` of `{event}` holds {holds}"),
            )
            .help(if lists {
                "name another field: text, numbers, booleans and lists of these can be sent so"
            } else {
                "name another field: text, numbers and booleans can be sent so"
            }),
            None if field.required => return None,
            None => Diagnostic::warning(
                codes::OPTIONAL_FIELD,
                *span,
                format!("the {word} `{name}` of `{event}` is not required by its contract"),
            )
            .help(format!(
                "add `{name}` to `required` in `{}`: {without}",
                schema.value
            )),
        },
    };
    Some(finding.related(schema.span, "its contract"))
}

/// What the field holds, when that cannot travel as an attribute.
fn unfit(kind: &FieldType, lists: bool) -> Option<&'static str> {
    match kind {
        FieldType::String
        | FieldType::Number { .. }
        | FieldType::Integer { .. }
        | FieldType::Boolean
        | FieldType::Listed(_)
        | FieldType::Unknown => None,
        FieldType::Ruled(of, _) => unfit(of, lists),
        // One of the types will do.
        FieldType::Either(types) => {
            let each = types.iter().map(|of| unfit(of, lists));
            each.reduce(Option::and).flatten()
        }
        FieldType::Object => Some("an object"),
        FieldType::Array(_) if !lists => Some("a list"),
        FieldType::Array(items) => match **items {
            FieldType::Object => Some("a list of objects"),
            FieldType::Array(_) => Some("a list of lists"),
            FieldType::String
            | FieldType::Number { .. }
            | FieldType::Integer { .. }
            | FieldType::Boolean
            | FieldType::Listed(_)
            | FieldType::Ruled(..)
            | FieldType::Either(_)
            | FieldType::Unknown => None,
        },
    }
}
