//! JSON as it stands in the file, for CloudFormation's own words: every value knows its place.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Number};

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::FromNode;
use crate::syntax::tree::{Node, Value};

/// One value and its place.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The key that introduced it.
    pub name: Span,
    /// The value itself.
    pub span: Span,
    /// What was written.
    pub value: RawValue,
}

/// A value of JSON; null is not among them, for TOML has none.
#[derive(Debug, Clone)]
pub enum RawValue {
    /// A string.
    Text(String),
    /// A number.
    Number(Number),
    /// `true` or `false`.
    Boolean(bool),
    /// A list.
    List(Vec<Raw>),
    /// An object.
    Map(BTreeMap<String, Raw>),
}

/// CloudFormation's functions that a resource may use in every template (intrinsic-function-reference.html), beside `Ref`.
pub const FUNCTIONS: [&str; 11] = [
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::GetAZs",
    "Fn::GetAtt",
    "Fn::GetStackOutput",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::Transform",
];

/// Something that a raw value refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    /// A resource or parameter, by its id, and the attribute of it that is meant.
    Id(Spanned<String>, Option<String>),
    /// A function that needs what no template of topogen has, or that CloudFormation does not have.
    Unsupported(Spanned<String>),
}

impl Raw {
    /// The value as JSON. `Fn::GetAtt` gets its long form, the only one that JSON has.
    pub fn json(&self) -> serde_json::Value {
        match &self.value {
            RawValue::Text(text) => text.as_str().into(),
            RawValue::Number(number) => number.clone().into(),
            RawValue::Boolean(boolean) => (*boolean).into(),
            RawValue::List(items) => items.iter().map(Self::json).collect(),
            RawValue::Map(map) => {
                let entry = |(key, value): (&String, &Self)| (key.clone(), value.json());
                let mut object: Map<_, _> = map.iter().map(entry).collect();
                if let Some(argument) = object.get_mut("Fn::GetAtt")
                    && let Some((id, attribute)) =
                        argument.as_str().and_then(|text| text.split_once('.'))
                {
                    *argument = serde_json::json!([id, attribute]);
                }
                object.into()
            }
        }
    }

    /// The string that this is.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            RawValue::Text(text) => Some(text),
            RawValue::Number(_) | RawValue::Boolean(_) | RawValue::List(_) | RawValue::Map(_) => {
                None
            }
        }
    }

    /// The object that this is.
    pub fn map(&self) -> Option<&BTreeMap<String, Self>> {
        match &self.value {
            RawValue::Map(map) => Some(map),
            RawValue::Text(_) | RawValue::Number(_) | RawValue::Boolean(_) | RawValue::List(_) => {
                None
            }
        }
    }

    /// What the value refers to, anywhere in it.
    pub fn mentions(&self) -> Vec<Mention> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect(&self, found: &mut Vec<Mention>) {
        match &self.value {
            RawValue::Text(_) | RawValue::Number(_) | RawValue::Boolean(_) => {}
            RawValue::List(items) => items.iter().for_each(|item| item.collect(found)),
            RawValue::Map(map) => {
                if let (1, Some((function, argument))) = (map.len(), map.iter().next()) {
                    argument.of_function(function, found);
                }
                map.values().for_each(|value| value.collect(found));
            }
        }
    }

    /// This value as the argument of an intrinsic function.
    fn of_function(&self, function: &str, found: &mut Vec<Mention>) {
        let at = |(id, attribute): (&str, Option<&str>), span| {
            Mention::Id(
                Spanned::new(id.to_owned(), span),
                attribute.map(str::to_owned),
            )
        };
        let items = match &self.value {
            RawValue::List(items) => items.as_slice(),
            RawValue::Text(_) | RawValue::Number(_) | RawValue::Boolean(_) | RawValue::Map(_) => {
                &[]
            }
        };
        match function {
            "Ref" => found.extend(self.text().map(|id| at((id, None), self.span))),
            "Fn::GetAtt" => {
                let id = items.first().unwrap_or(self);
                let attribute = items.get(1).and_then(Self::text);
                let both = id.text().map(|text| match split(text) {
                    (id, None) => (id, attribute),
                    both => both,
                });
                found.extend(both.map(|both| at(both, id.span)));
            }
            "Fn::Sub" => {
                let pattern = items.first().unwrap_or(self);
                let own: Vec<&String> = match items.get(1).map(|values| &values.value) {
                    Some(RawValue::Map(values)) => values.keys().collect(),
                    _ => Vec::new(),
                };
                let all = pattern.text().into_iter().flat_map(references);
                let foreign = all.filter(|(id, _)| !own.iter().any(|own| own.as_str() == *id));
                found.extend(foreign.map(|both| at(both, pattern.span)));
            }
            _ if function != "Condition"
                && (!function.starts_with("Fn::") || FUNCTIONS.contains(&function)) => {}
            _ => found.push(Mention::Unsupported(Spanned::new(
                function.to_owned(),
                self.name,
            ))),
        }
    }
}

/// Whether an object of these keys is an intrinsic function.
pub fn is_function<'k>(mut keys: impl Iterator<Item = &'k String>) -> bool {
    let (first, more) = (keys.next(), keys.next());
    more.is_none() && first.is_some_and(|name| name == "Ref" || name.starts_with("Fn::"))
}

/// The ids in the `${}` of a pattern of `Fn::Sub`, without their attributes; `${!…}` stands for a literal one.
pub fn names(pattern: &str) -> impl Iterator<Item = &str> {
    references(pattern).map(|(id, _)| id)
}

/// As [`names`], each with the attribute that is meant.
pub fn references(pattern: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    pattern
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with('!'))
        .map(split)
}

/// Whether a `${` of a pattern has no end.
pub fn is_unclosed(pattern: &str) -> bool {
    let mut rests = pattern.split("${").skip(1);
    rests.any(|rest| !rest.contains('}'))
}

/// `Id.Attribute`
fn split(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        Some((id, attribute)) => (id, Some(attribute)),
        None => (name, None),
    }
}

impl FromNode for Raw {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let value = match &node.value {
            Value::String(text) => RawValue::Text(text.clone()),
            Value::Boolean(boolean) => RawValue::Boolean(*boolean),
            Value::Integer(digits) => {
                let number = digits.parse::<i64>().map(Number::from);
                let number = number.or_else(|_| digits.parse::<u64>().map(Number::from));
                RawValue::Number(readable(number.ok(), digits, node.span, diagnostics)?)
            }
            Value::Float(written) => {
                let number: Option<f64> = written.replace('_', "").parse().ok();
                let number = number.and_then(Number::from_f64);
                RawValue::Number(readable(number, written, node.span, diagnostics)?)
            }
            Value::Datetime => {
                diagnostics.push(
                    Diagnostic::error(
                        codes::WRONG_TYPE,
                        node.span,
                        "CloudFormation has no dates, found a date",
                    )
                    .help("put it in double quotes"),
                );
                return None;
            }
            Value::Array(items) => RawValue::List(
                items
                    .iter()
                    .filter_map(|item| Self::from_node(item, diagnostics))
                    .collect(),
            ),
            Value::Table(table) => RawValue::Map(
                table
                    .iter()
                    .filter_map(|(key, node)| {
                        Some((key.clone(), Self::from_node(node, diagnostics)?))
                    })
                    .collect(),
            ),
        };
        Some(Self {
            name: node.name,
            span: node.place(),
            value,
        })
    }
}

fn readable(
    number: Option<Number>,
    written: &str,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Number> {
    if number.is_none() {
        let message = format!("`{written}` is not a number of JSON");
        diagnostics.push(Diagnostic::error(codes::INVALID_VALUE, span, message));
    }
    number
}

impl JsonSchema for Raw {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Raw".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn raw(text: &str) -> (Option<Raw>, Diagnostics) {
        let (tree, mut diagnostics) = crate::syntax::parse(&Source::new("t", text));
        let raw = Raw::from_node(tree.get("raw").unwrap(), &mut diagnostics);
        (raw, diagnostics)
    }

    #[test]
    fn json_keeps_numbers_and_types() {
        let (raw, diagnostics) = raw(
            "raw = { A = 1, B = -2, C = 1_000, D = 0x1F, E = 1.50, F = true, G = [\"x\", {}], H = 18446744073709551615, \
             I = { \"Fn::GetAtt\" = \"Queue.Arn\" } }",
        );
        assert!(diagnostics.is_empty());
        assert_eq!(
            raw.unwrap().json().to_string(),
            r#"{"A":1,"B":-2,"C":1000,"D":31,"E":1.5,"F":true,"G":["x",{}],"H":18446744073709551615,"I":{"Fn::GetAtt":["Queue","Arn"]}}"#
        );
    }

    #[test]
    fn what_json_does_not_have_is_refused() {
        for text in [
            "raw = 1979-05-27",
            "raw = inf",
            "raw = 99999999999999999999",
        ] {
            assert_eq!(raw(text).1.count(crate::diag::Severity::Error), 1, "{text}");
        }
    }

    #[test]
    fn everything_that_is_referred_to_is_found() {
        let (raw, _) = raw(
            r#"raw = [{ Ref = "A" }, { "Fn::GetAtt" = ["B", "Arn"] }, { "Fn::GetAtt" = "C.Arn" },
               { "Fn::Sub" = "${D}-${E.Arn}-${!Literal}-${AWS::Region}" }, { "Fn::Sub" = ["${F}${Own}", { Own = { Ref = "G" } }] },
               { "Fn::Join" = ["", [{ Ref = "H" }]] }, { Ref = "I", Other = 1 }, { "Fn::If" = ["X", 1, 2] }]"#,
        );
        let found: Vec<String> = raw
            .unwrap()
            .mentions()
            .into_iter()
            .map(|mention| match mention {
                Mention::Id(id, None) => id.value,
                Mention::Id(id, Some(attribute)) => format!("{id}.{attribute}"),
                Mention::Unsupported(function) => format!("!{function}"),
            })
            .collect();
        assert_eq!(
            found,
            [
                "A",
                "B.Arn",
                "C.Arn",
                "D",
                "E.Arn",
                "AWS::Region",
                "F",
                "G",
                "H",
                "!Fn::If"
            ]
        );
    }
}
