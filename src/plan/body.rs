//! A resource as CloudFormation reads it: what is deployed, and what every view shows.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::{Origin, Removal, Resource, Section};
use crate::aws::{Properties, TagForm};

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.patch {
            None => Plain(self).serialize(serializer),
            Some(patch) => patch.apply(plain(self)).serialize(serializer),
        }
    }
}

/// A resource as it is without its override.
#[expect(
    clippy::expect_used,
    reason = "no type in `aws` has a key that is not a string"
)]
pub(super) fn plain(resource: &Resource) -> Value {
    serde_json::to_value(Plain(resource)).expect("a resource is JSON")
}

/// Whether a table has a stream, by topogen, by an override, or as the file has it.
pub(super) fn streams(resource: &Resource) -> bool {
    const STREAM: &str = "/Properties/StreamSpecification";
    let change = resource.patch.as_ref();
    if let Some(changed) = change.and_then(|change| change.value.pointer(STREAM)) {
        return !changed.is_null();
    }
    if let Properties::Raw(raw) = &resource.properties {
        let properties = raw.attributes.get("Properties");
        return properties.is_some_and(|all| all.get("StreamSpecification").is_some());
    }
    matches!(&resource.properties, Properties::Table(table) if table.stream_specification.is_some())
}

struct Plain<'a>(&'a Resource);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let resource = self.0;
        let source = Place(&resource.origin, &resource.section);
        let topogen = Facet { source };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Type", resource.properties.type_name())?;
        if let Properties::Raw(raw) = &resource.properties {
            for (key, value) in raw
                .attributes
                .iter()
                .filter(|(key, _)| !LAST.contains(&key.as_str()))
            {
                map.serialize_entry(key, value)?;
            }
            let mut metadata = Map::from_iter([("topogen".to_owned(), json!(topogen))]);
            if let Some(Value::Object(own)) = raw.attributes.get("Metadata") {
                metadata.extend(own.clone());
            }
            map.serialize_entry("Metadata", &metadata)?;
            if let Some(properties) = raw.attributes.get("Properties") {
                map.serialize_entry("Properties", properties)?;
            }
            return map.end();
        }
        if !resource.depends_on.is_empty() {
            map.serialize_entry("DependsOn", &resource.depends_on)?;
        }
        if let Some(removal) = resource.removal {
            let policy = match removal {
                Removal::Delete => "Delete",
                // Not `RetainExceptOnCreate`: a protected table refuses to go when its creation is rolled back, and the
                // stack would rest in ROLLBACK_FAILED.
                Removal::Retain => "Retain",
            };
            map.serialize_entry("DeletionPolicy", policy)?;
            map.serialize_entry("UpdateReplacePolicy", policy)?;
        }
        map.serialize_entry("Metadata", &Metadata { topogen })?;
        map.serialize_entry("Properties", &Tagged(resource))?;
        map.end()
    }
}

/// Attributes that stand last, as they do in every other resource.
const LAST: [&str; 2] = ["Metadata", "Properties"];

#[derive(serde::Serialize)]
struct Metadata<T> {
    topogen: T,
}

#[derive(serde::Serialize)]
struct Facet<T> {
    source: T,
}

/// The section and not the line: a line moves whenever something above it changes, and each move would be a change of
/// every resource below. The lines stand in the YAML view and in the source map.
struct Place<'a>(&'a Origin, &'a Section);

impl Serialize for Place<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [table, name, key] = self.1.path_parts();
        serializer.serialize_str(&[&*self.0.file, "#", table, name, key].concat())
    }
}

/// Properties, and tags in the form that the type takes.
struct Tagged<'a>(&'a Resource);

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(serde::Serialize)]
struct WithTags<'a, T> {
    #[serde(flatten)]
    properties: &'a Properties,
    #[serde(rename = "Tags")]
    tags: T,
}

impl Serialize for Tagged<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Resource {
            properties, tags, ..
        } = self.0;
        if tags.is_empty() {
            return properties.serialize(serializer);
        }
        match properties.tag_form() {
            TagForm::List => {
                let pairs = tags.iter().map(|(key, value)| Tag { key, value });
                let tags: Vec<Tag<'_>> = pairs.collect();
                WithTags { properties, tags }.serialize(serializer)
            }
            TagForm::Map => WithTags { properties, tags }.serialize(serializer),
            TagForm::None => properties.serialize(serializer),
        }
    }
}
