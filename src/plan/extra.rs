//! `[resources.*]`: resources that topogen knows nothing of, and whether everything that the file refers to is there.

use std::collections::BTreeSet;

use super::builder::Builder;
use super::{Section, Stack, Unit, body, logical_id, services_in, target};
use crate::aws::{attributes, raw};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::model::Topology;
use crate::model::app::Stacks;
use crate::model::names::{ResourceId, ServiceName};
use crate::model::raw::{FUNCTIONS, Mention, Raw, RawValue, is_unclosed, references};
use crate::source::{Span, Spanned};
use crate::syntax::suggest;

/// What CloudFormation itself knows (pseudo-parameter-reference.html).
pub(super) const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    LIST,
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The only one that is no text.
pub(super) const LIST: &str = "AWS::NotificationARNs";

/// Adds the resources of this stack.
pub(super) fn lower(topology: &Topology, unit: Unit<'_>, builder: &mut Builder<'_>) {
    let of_stack = |stack: Option<ServiceName>| topology.resources_of.get(&stack);
    let ids: Vec<&ResourceId> = match unit {
        Unit::Whole => topology.resources.keys().collect(),
        Unit::Core => of_stack(None).into_iter().flatten().collect(),
        Unit::Service(service) => {
            let own = of_stack(Some(service.name.clone()));
            own.into_iter().flatten().collect()
        }
    };
    for id in ids {
        let Some(resource) = topology.resources.get(id) else {
            continue;
        };
        let attributes = resource.attributes.iter();
        let properties = raw::Raw {
            kind: resource.kind.clone(),
            attributes: attributes
                .map(|(key, value)| (key.clone(), value.json()))
                .collect(),
        };
        let section = Section::Resource(id.clone());
        let id = logical_id::written(id);
        builder.add(&section, resource.span, id, properties);
    }
}

/// Everything that the file itself refers to in this stack: from overrides, further resources, permissions and environment
/// variables.
pub(super) fn check(topology: &Topology, stack: &Stack, diagnostics: &mut Diagnostics) {
    let services = services_in(stack, topology);
    let all_is_topogens = topology.overrides.is_empty()
        && topology.resources.is_empty()
        && services
            .iter()
            .all(|service| service.permissions.is_empty() && service.environment.is_empty());
    if all_is_topogens {
        return;
    }
    let ids: BTreeSet<&str> = stack
        .resources
        .iter()
        .map(|resource| resource.id.as_str())
        .collect();
    let parameters = stack.parameters.keys().map(|id| id.as_str());
    let known: BTreeSet<&str> = ids
        .iter()
        .copied()
        .chain(parameters)
        .chain(PSEUDO_PARAMETERS)
        .collect();
    let scope = Scope {
        topology,
        stack,
        known,
    };
    let written = ids.iter().flat_map(|id| {
        let change = topology.overrides.get(*id).map(|o| &o.attributes);
        let own = topology.resources.get(*id).map(|r| &r.attributes);
        change.into_iter().chain(own)
    });
    for attributes in written {
        for (key, value) in attributes {
            if key == "DependsOn" {
                depends_on(value, |id, span| scope.one((id, None), span, diagnostics));
            }
            for mention in value.mentions() {
                match mention {
                    Mention::Id(id, attribute) => {
                        scope.one((&id.value, attribute.as_deref()), id.span, diagnostics);
                    }
                    Mention::Unsupported(function) => diagnostics.push(unsupported(&function)),
                }
            }
        }
    }
    for service in services {
        let targets = service.permissions.iter().flat_map(|p| &p.resources);
        let no_arns = targets
            .clone()
            .filter_map(|target| target::check(target, stack));
        no_arns.for_each(|found| diagnostics.push(found));
        let resources = targets.map(|target| (target.value.0.as_str(), target.span));
        let variables = service.environment.values();
        let variables = variables.map(|value| (value.value.as_str(), value.span));
        for (pattern, span) in resources.chain(variables) {
            if is_unclosed(pattern) {
                diagnostics.push(unclosed(span));
            }
            references(pattern).for_each(|both| scope.in_pattern(both, span, diagnostics));
        }
    }
}

fn depends_on(value: &Raw, mut visit: impl FnMut(&str, Span)) {
    match &value.value {
        RawValue::Text(id) => visit(id, value.span),
        RawValue::List(items) => items
            .iter()
            .filter_map(|item| Some((item.text()?, item.span)))
            .for_each(|(id, span)| visit(id, span)),
        RawValue::Number(_) | RawValue::Boolean(_) | RawValue::Map(_) => {}
    }
}

/// An id, and the attribute of it that is meant.
pub(super) type Reference<'a> = (&'a str, Option<&'a str>);

/// What can be referred to.
struct Scope<'a> {
    topology: &'a Topology,
    stack: &'a Stack,
    known: BTreeSet<&'a str>,
}

impl Scope<'_> {
    fn one(&self, both: Reference<'_>, span: Span, diagnostics: &mut Diagnostics) {
        let id = both.0;
        let is_id = id.bytes().all(|b| b.is_ascii_alphanumeric());
        self.look_up(both, span, diagnostics, || match self.topology.app.stacks {
            _ if !is_id => format!("for the letters themselves write `${{!{id}}}`"),
            Stacks::Single => "`topogen render` writes all resources into out/".to_owned(),
            Stacks::PerService => {
                "a stack knows its own resources: a further one is put into another with `stack = \"…\"`, and what the core \
                 exports is had with `Fn::ImportValue`"
                    .to_owned()
            }
        });
    }

    /// As [`Self::one`], in a text of a service: it may mean the letters, and can hold no `Fn::ImportValue`.
    fn in_pattern(&self, both: Reference<'_>, span: Span, diagnostics: &mut Diagnostics) {
        let id = both.0;
        if id == LIST {
            let message = format!("`{LIST}` is a list, and this is a text");
            diagnostics
                .push(Diagnostic::error(codes::INVALID_VALUE, span, message).help("take it out"));
            return;
        }
        self.look_up(both, span, diagnostics, || {
            let letters = format!("for the letters themselves write `${{!{id}}}`");
            let is_there = self.topology.resources.contains_key(id);
            match &self.stack.service {
                Some(service) if is_there => format!(
                    "a stack knows its own resources: add `stack = \"{service}\"` to `[resources.{id}]`"
                ),
                Some(_) => format!("a stack knows its own resources alone; {letters}"),
                None => letters,
            }
        });
    }

    /// What is wrong with an attribute of a resource that is there.
    fn attribute(&self, id: &str, attribute: Option<&str>, span: Span) -> Option<Diagnostic> {
        let attribute = attribute?;
        let mut resources = self.stack.resources.iter();
        let resource = resources.find(|resource| resource.id.as_str() == id)?;
        let known = attributes::of(resource.properties.type_name())?;
        let help = match known.contains(&attribute) {
            true if attribute == attributes::STREAM && !body::streams(resource) => format!(
                "a table has it with a stream: set `StreamSpecification` in `[overrides.{id}.Properties]`"
            ),
            true => return None,
            false => suggest::help(attribute, known.iter().copied()),
        };
        let message = format!("`{id}` has no attribute `{attribute}`");
        Some(Diagnostic::error(codes::UNKNOWN_RESOURCE, span, message).help(help))
    }

    fn look_up(
        &self,
        (id, attribute): Reference<'_>,
        span: Span,
        diagnostics: &mut Diagnostics,
        help: impl FnOnce() -> String,
    ) {
        if self.known.contains(id) {
            if let Some(finding) = self.attribute(id, attribute, span) {
                diagnostics.push(finding);
            }
            return;
        }
        let whose = self.stack.called();
        let known = suggest::while_few(diagnostics, self.known.iter().copied());
        let help = match suggest::nearest(id, known) {
            Some(word) => format!("did you mean `{word}`?"),
            None => help(),
        };
        diagnostics.push(
            Diagnostic::error(
                codes::UNKNOWN_RESOURCE,
                span,
                format!("{whose} has no `{id}`"),
            )
            .help(help),
        );
    }
}

/// What a `${` without an end is.
fn unclosed(span: Span) -> Diagnostic {
    Diagnostic::error(codes::INVALID_VALUE, span, "a `${` has no `}`")
        .help("end the reference, such as `${PaymentQueue.Arn}`")
}

fn unsupported(function: &Spanned<String>) -> Diagnostic {
    let (message, help) = match function.value.as_str() {
        "Condition" | "Fn::And" | "Fn::Equals" | "Fn::FindInMap" | "Fn::If" | "Fn::Not"
        | "Fn::Or" => (
            format!("`{function}` needs conditions or mappings, which the template has not"),
            "write the value itself, and another one in `[environments.*]` where it differs"
                .to_owned(),
        ),
        name if name == "Fn::Length"
            || name == "Fn::ToJsonString"
            || name.starts_with("Fn::ForEach") =>
        {
            (
                format!(
                    "`{function}` needs the transform `AWS::LanguageExtensions`, which the template has not"
                ),
                "write the value itself".to_owned(),
            )
        }
        name => (
            format!("no resource can use a function `{function}`"),
            suggest::help(name, FUNCTIONS),
        ),
    };
    Diagnostic::error(codes::INVALID_VALUE, function.span, message).help(help)
}
