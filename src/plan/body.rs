//! A resource as CloudFormation reads it: what is deployed, and what every view shows.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Origin, Removal, Resource, Section};
use crate::aws::TagForm;

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Type", self.properties.type_name())?;
        if !self.depends_on.is_empty() {
            map.serialize_entry("DependsOn", &self.depends_on)?;
        }
        if let Some(removal) = self.removal {
            let policy = match removal {
                Removal::Delete => "Delete",
                // Not `RetainExceptOnCreate`: a protected table refuses to go when its creation is rolled back, and the
                // stack would rest in ROLLBACK_FAILED.
                Removal::Retain => "Retain",
            };
            map.serialize_entry("DeletionPolicy", policy)?;
            map.serialize_entry("UpdateReplacePolicy", policy)?;
        }
        let source = Place(&self.origin, &self.section);
        let topogen = Facet { source };
        map.serialize_entry("Metadata", &Metadata { topogen })?;
        map.serialize_entry("Properties", &Tagged(self))?;
        map.end()
    }
}

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
        serializer.serialize_str(&format!("{}#{}", self.0.file, self.1.path()))
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
    properties: &'a crate::aws::Properties,
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
