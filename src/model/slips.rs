//! Names that cannot be ones, such as `order_placed` in a list of events, where a declared one is meant: that is what to say
//! of them, not how a new name would be written.

use std::collections::BTreeMap;

use super::names::{EventName, ServiceName, TopicName};
use crate::diag::{Code, Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::syntax::tree::{Node, Table, Value};
use crate::syntax::{merge, suggest};

/// A key whose text, or each text of whose list, names what is declared elsewhere.
struct Reference {
    section: &'static str,
    key: &'static str,
    /// What it names, and the section that declares these.
    what: &'static str,
    declared: &'static str,
    /// Whether a declared name is a good one.
    is_good: fn(&str) -> bool,
    unknown: Code,
}

const fn events(section: &'static str, key: &'static str) -> Reference {
    Reference {
        section,
        key,
        what: "event",
        declared: "events",
        is_good: |name| name.parse::<EventName>().is_ok(),
        unknown: codes::UNKNOWN_EVENT,
    }
}

const REFERENCES: [Reference; 4] = [
    events("services", "publishes"),
    events("subscriptions", "events"),
    Reference {
        section: "subscriptions",
        key: "service",
        what: "service",
        declared: "services",
        is_good: |name| name.parse::<ServiceName>().is_ok(),
        unknown: codes::UNKNOWN_SERVICE,
    },
    Reference {
        section: "events",
        key: "topic",
        what: "topic",
        declared: "topics",
        is_good: |name| name.parse::<TopicName>().is_ok(),
        unknown: codes::UNKNOWN_TOPIC,
    },
];

/// Says of such names which one is meant, instead of what a name may be.
pub(super) fn replace(tree: &Table, diagnostics: &mut Diagnostics) {
    if !diagnostics.codes().contains(&codes::INVALID_VALUE) {
        return;
    }
    let mut meant: BTreeMap<Span, Diagnostic> = BTreeMap::new();
    // What differs in environments is read with each of them, besides.
    let trees: Vec<&Table> = std::iter::once(tree)
        .chain(sections(tree, "environments"))
        .collect();
    for reference in &REFERENCES {
        let known = keys(tree, reference.declared).filter(|name| (reference.is_good)(name));
        let known = suggest::while_few(diagnostics, known);
        let sections = trees
            .iter()
            .flat_map(|tree| sections(tree, reference.section));
        for named in sections.filter_map(|table| table.get(reference.key)) {
            meant.extend(slips(reference, named, known.clone()));
        }
    }
    let invalid = diagnostics.iter_mut();
    for finding in invalid.filter(|finding| finding.code == codes::INVALID_VALUE) {
        if let Some(slip) = meant.get(&finding.span) {
            finding.clone_from(slip);
        }
    }
}

/// A finding for each text of `named` that is like one of `known`, and the text's place.
fn slips<'a>(
    reference: &Reference,
    named: &Node,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Vec<(Span, Diagnostic)> {
    let nodes = if let Value::Array(items) = &named.value {
        items.as_slice()
    } else {
        std::slice::from_ref(named)
    };
    let texts: Vec<(Span, &str)> = nodes
        .iter()
        .filter_map(|node| Some((node.place(), node.value.text()?)))
        .collect();
    let unlisted = known
        .clone()
        .filter(|name| texts.iter().all(|(_, text)| text != name));
    let slip = |(span, text): &(Span, &str)| {
        let word = suggest::nearest(text, known.clone())?;
        let message = format!("the {} `{text}` is not declared", reference.what);
        let finding = Diagnostic::error(reference.unknown, *span, message)
            .help(format!("did you mean `{word}`?"))
            .fix(suggest::mend_text(*span, text, unlisted.clone()));
        Some((*span, finding))
    };
    texts.iter().filter_map(slip).collect()
}

fn keys<'a>(tree: &'a Table, section: &str) -> impl Iterator<Item = &'a str> + Clone {
    let table = merge::table(tree, section);
    table.into_iter().flat_map(Table::keys).map(String::as_str)
}

fn sections<'a>(tree: &'a Table, section: &str) -> impl Iterator<Item = &'a Table> {
    let sections = merge::table(tree, section).into_iter();
    sections.flat_map(|table| table.keys().filter_map(|name| merge::table(table, name)))
}
