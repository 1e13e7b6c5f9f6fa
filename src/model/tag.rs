//! `tags = { cost-center = "42" }`: tags of the app, which AWS puts on every resource, and of one service's resources.

use std::collections::BTreeMap;

use super::app::App;
use super::names::{TagKey, TagValue};
use super::service::Service;
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};

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
    let own = ["app", "environment"].into_iter();
    let own: Vec<&str> = own.chain(app.owner.is_some().then_some("owner")).collect();
    let of_app: Vec<&str> = own.iter().copied().chain(keys(&app.tags)).collect();
    let alike_in_app = alike(of_app.iter().copied());
    if let Some((one, other)) = alike_in_app {
        diagnostics.push(told_apart(one, other, app.name.span));
    }
    let services: Vec<&mut Service> = services.collect();
    for service in &services {
        let owner = service.owner.is_some().then_some("owner");
        let all = of_app
            .iter()
            .copied()
            .chain(owner)
            .chain(keys(&service.tags));
        if let (None, Some((one, other))) = (alike_in_app, alike(all)) {
            diagnostics.push(told_apart(one, other, service.span));
        }
    }
    let of_app = app.tags.len() + OWN;
    if of_app > MAX {
        diagnostics.push(too_many(of_app, "every resource", app.name.span));
        truncate(&mut app.tags);
        for service in services {
            truncate(&mut service.tags);
        }
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

fn keys(tags: &BTreeMap<TagKey, Spanned<TagValue>>) -> impl Iterator<Item = &str> {
    tags.keys().map(TagKey::as_str)
}

/// Two keys that differ in nothing but capitals. IAM takes them for one and refuses the role
/// (id_tags.html: keys are not case sensitive).
fn alike<'a>(keys: impl Iterator<Item = &'a str>) -> Option<(&'a str, &'a str)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for key in keys {
        match seen.insert(key.to_lowercase(), key) {
            Some(other) if other != key => return Some((other, key)),
            Some(_) | None => {}
        }
    }
    None
}

fn told_apart(one: &str, other: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::DUPLICATE,
        span,
        format!(
            "the tags `{one}` and `{other}` differ in capitals alone, and IAM takes them for one"
        ),
    )
    .help("give one of the two another name; `app`, `environment` and `owner` are topogen's own")
}

fn truncate(tags: &mut BTreeMap<TagKey, Spanned<TagValue>>) {
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
pub fn as_text(tags: &BTreeMap<TagKey, Spanned<TagValue>>) -> BTreeMap<String, String> {
    tags.iter()
        .map(|(key, value)| (key.to_string(), value.value.to_string()))
        .collect()
}
