//! Contracts: what an event's payload must be, and how a type that is made from a JSON Schema reads it.
//!
//! Invariant: what [`read`] accepts keeps the contract. What it refuses it names by field and rule, never by value: the
//! message goes to the logs, and the value may be personal.

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};

use crate::{Fact, Failure, failure};

/// A payload whose type is made from a JSON Schema.
pub trait Contract: Fact + Serialize + DeserializeOwned {
    /// The schema's text, with its examples.
    const SCHEMA: &'static str;
}

/// One of many contracts, its type left behind: for tests that go through all of them.
#[derive(Clone, Copy, Debug)]
pub struct AnyContract {
    /// [`Fact::TYPE`].
    pub name: &'static str,
    /// [`Fact::VERSION`].
    pub version: &'static str,
    /// [`Contract::SCHEMA`].
    pub schema: &'static str,
    /// Reads a payload and writes it again.
    pub rewrite: fn(&str) -> Result<String, Failure>,
}

impl AnyContract {
    /// The contract of `T`.
    pub const fn of<T: Contract>() -> Self {
        Self {
            name: T::TYPE,
            version: T::VERSION,
            schema: T::SCHEMA,
            rewrite: rewrite::<T>,
        }
    }
}

fn rewrite<T: Contract>(data: &str) -> Result<String, Failure> {
    let data: T = read(data)?;
    serde_json::to_string(&data).map_err(|error| Failure::json("cannot write the payload", &error))
}

/// Reads the payload of an event.
///
/// # Errors
/// When it breaks its contract: `` `OrderCreated` breaks its contract: `data.items[0].quantity` must be … ``.
pub fn read<T: Fact + DeserializeOwned>(data: &str) -> Result<T, Failure> {
    let input = &mut serde_json::Deserializer::from_str(data);
    serde_path_to_error::deserialize(input).map_err(|error| {
        let path = error.path().to_string();
        let field = match path.as_str() {
            "." => "data".to_owned(),
            path if path.starts_with('[') => format!("data{path}"),
            path => format!("data.{path}"),
        };
        let fault = failure::fault(&field, error.inner());
        Failure::malformed(format!("`{}` breaks its contract: {fault}", T::TYPE))
    })
}

/// Reads a field that may be left out. To leave it out is the only way: serde would take `null` for it as well.
///
/// # Errors
/// When the field's own type refuses.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(input).map(Some)
}

/// Reads JSON as a schema means it. serde also makes an object of a list of its fields, and a word of an enumeration of an
/// object; to a schema these are other things.
#[derive(Debug)]
pub struct Strict<D>(pub D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let word: StringDeserializer<D::Error> = String::deserialize(self.0)?.into_deserializer();
        visitor.visit_enum(word)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounded::{List, Text, Whole};

    #[derive(Debug, Deserialize)]
    enum Size {
        #[serde(rename = "small")]
        Small,
        #[serde(rename = "large")]
        Large,
    }

    #[derive(Debug, Deserialize)]
    struct Line {
        #[serde(rename = "count")]
        _count: Whole<1, 9>,
    }

    #[derive(Debug, Deserialize)]
    struct Packed {
        #[serde(rename = "by")]
        _by: Text<1, 5>,
        #[serde(rename = "size", default, deserialize_with = "present")]
        _size: Option<Size>,
        #[serde(rename = "lines")]
        _lines: List<Line, 1, 2>,
    }

    impl Fact for Packed {
        const TYPE: &'static str = "Packed";
    }

    #[test]
    fn a_failure_names_the_field_and_what_must_hold_and_never_the_value() {
        const GOOD: &str = r#"{"by":"ann","size":"small","lines":[{"count":1},{"count":2}]}"#;
        assert!(read::<Packed>(GOOD).is_ok());
        let cases = [
            ("\"by\":\"ann\",", "", "`data.by` is missing"),
            (
                "\"ann\"",
                "\"ann lee\"",
                "`data.by` must have 1 to 5 characters",
            ),
            ("\"ann\"", "77", "`data.by` must be a string"),
            (
                "\"small\"",
                "\"ann\"",
                "`data.size` must be `small` or `large`",
            ),
            (
                "2}",
                "0}",
                "`data.lines[1].count` must be a whole number from 1 to 9",
            ),
            (
                "2}",
                "77.5}",
                "`data.lines[1].count` must be a whole number from 1 to 9",
            ),
            ("\"count\":2", "", "`data.lines[1].count` is missing"),
            ("{\"count\":2}", "77", "`data.lines[1]` must be an object"),
            (
                "{\"count\":2}",
                "{\"count\":2},{\"count\":3}",
                "`data.lines` must have 1 to 2 entries",
            ),
            (GOOD, "\"ann\"", "`data` must be an object"),
        ];
        for (good, bad, fault) in cases {
            let failure = read::<Packed>(&GOOD.replace(good, bad)).unwrap_err();
            let said = failure.to_string();
            let wanted = format!("`Packed` breaks its contract: {fault}");
            assert!(said.starts_with(&wanted), "{said}\n{wanted}");
            assert!(!said.contains("ann") && !said.contains("77"), "{said}");
        }
    }
}
