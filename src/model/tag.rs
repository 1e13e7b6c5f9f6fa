//! `tags = { cost-center = "42" }`: tags of the app, which AWS puts on every resource, and of one service's resources.

use std::collections::BTreeMap;

use super::app::App;
use super::names::{TagKey, TagValue};
use super::service::Service;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::Span;

/// Tags that one resource may have (tagging reference).
const MAX: usize = 50;
/// Those that topogen sets: `app`, `environment`, `owner`.
const OWN: usize = 3;

/// A resource has the stack's tags and its service's: 50 at most together. Those of the app or of a service beyond that are left
/// out: each of many resources would have them all.
pub(super) fn check<'a>(
    app: &mut App,
    services: impl Iterator<Item = &'a mut Service>,
    diagnostics: &mut Diagnostics,
) {
    let of_app = app.tags.len() + OWN;
    if of_app > MAX {
        diagnostics.push(too_many(of_app, "every resource", app.name.span));
        truncate(&mut app.tags);
        services.for_each(|service| truncate(&mut service.tags));
        return;
    }
    for service in services {
        let more = service
            .tags
            .keys()
            .filter(|key| !app.tags.contains_key(*key));
        let count = of_app + more.count();
        if count > MAX {
            let whose = format!("each resource of `{}`", service.name);
            diagnostics.push(too_many(count, &whose, service.span));
            truncate(&mut service.tags);
        }
    }
}

fn truncate(tags: &mut BTreeMap<TagKey, TagValue>) {
    let all = std::mem::take(tags).into_iter();
    *tags = all.take(MAX).collect();
}

fn too_many(count: usize, whose: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::INVALID_VALUE,
        span,
        format!("{whose} would have {count} tags, AWS takes {MAX}"),
    )
    .help("topogen itself sets `app`, `environment` and `owner`: delete some of the others")
}

/// Tags as text, for the plan.
pub fn as_text(tags: &BTreeMap<TagKey, TagValue>) -> BTreeMap<String, String> {
    tags.iter()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect()
}
