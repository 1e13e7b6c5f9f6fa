//! `[overrides.*]` and `[resources.*]`: CloudFormation's own words, for what the language has none for.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::names::ServiceName;
use super::raw::{Raw, RawValue};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::{self, FromNode};
use crate::syntax::tree::Node;

/// Attributes that a resource of the template has beside its type.
const ATTRIBUTES: [&str; 7] = [
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];
/// What `DeletionPolicy` and `UpdateReplacePolicy` may say (aws-attribute-deletionpolicy.html).
const POLICIES: [&str; 4] = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"];

/// A JSON merge patch of a resource that topogen makes.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "OverrideForm")]
pub struct Override {
    /// Its id in the file.
    pub span: Span,
    /// Attributes that are laid over those of the resource, as in RFC 7386.
    pub attributes: BTreeMap<String, Raw>,
    /// Paths that are taken out, such as `Properties.DelaySeconds`: TOML has no null to say so in the patch itself.
    pub delete: Vec<Spanned<String>>,
}

impl Override {
    /// A property that it sets.
    pub fn property(&self, name: &str) -> Option<&Raw> {
        let properties = self.attributes.get("Properties").and_then(Raw::map);
        properties.and_then(|properties| properties.get(name))
    }

    /// Whether it guards a route by what the language has no word for: signatures of IAM, or a function that decides.
    pub fn guards(&self) -> bool {
        let kind = self.property("AuthorizationType").and_then(Raw::text);
        matches!(kind, Some("AWS_IAM" | "CUSTOM"))
    }
}

/// A resource of CloudFormation that topogen knows nothing of.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "ResourceForm")]
pub struct ExtraResource {
    /// Its id in the file.
    pub span: Span,
    /// Such as `AWS::S3::Bucket`.
    pub kind: String,
    /// The service whose stack it is in; none for the core.
    pub stack: Option<Spanned<ServiceName>>,
    /// Properties and the like.
    pub attributes: BTreeMap<String, Raw>,
}

/// A further resource as an environment sets it: any of its attributes.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "OverlayForm")]
pub struct ResourceOverlay {
    kind: Option<String>,
    stack: Option<Spanned<ServiceName>>,
    attributes: BTreeMap<String, Raw>,
}

/// How an override is written.
#[expect(dead_code, reason = "the schema is made of it")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "PascalCase")]
struct OverrideForm {
    /// Paths that are taken out, such as `Properties.DelaySeconds`.
    #[schemars(rename = "delete")]
    delete: Option<Vec<String>>,
    creation_policy: Option<BTreeMap<String, Raw>>,
    deletion_policy: Option<String>,
    depends_on: Option<Raw>,
    metadata: Option<BTreeMap<String, Raw>>,
    properties: Option<BTreeMap<String, Raw>>,
    update_policy: Option<BTreeMap<String, Raw>>,
    update_replace_policy: Option<String>,
}

/// How a further resource is written.
#[expect(dead_code, reason = "the schema is made of it")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "PascalCase")]
struct ResourceForm {
    /// The service whose stack it is in. Default: the core.
    #[schemars(rename = "stack")]
    stack: Option<ServiceName>,
    r#type: String,
    creation_policy: Option<BTreeMap<String, Raw>>,
    deletion_policy: Option<String>,
    depends_on: Option<Raw>,
    metadata: Option<BTreeMap<String, Raw>>,
    properties: Option<BTreeMap<String, Raw>>,
    update_policy: Option<BTreeMap<String, Raw>>,
    update_replace_policy: Option<String>,
}

/// How an environment changes a further resource.
#[expect(dead_code, reason = "the schema is made of it")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "PascalCase")]
struct OverlayForm {
    /// The service whose stack it is in.
    #[schemars(rename = "stack")]
    stack: Option<ServiceName>,
    r#type: Option<String>,
    creation_policy: Option<BTreeMap<String, Raw>>,
    deletion_policy: Option<String>,
    depends_on: Option<Raw>,
    metadata: Option<BTreeMap<String, Raw>>,
    properties: Option<BTreeMap<String, Raw>>,
    update_policy: Option<BTreeMap<String, Raw>>,
    update_replace_policy: Option<String>,
}

impl FromNode for Override {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let table = read::as_table(node, diagnostics)?;
        if let Some(kind) = table.get("Type") {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    kind.name,
                    "an override cannot change a resource's `Type`",
                )
                .help("delete the line; a resource of another type belongs into `[resources.*]`"),
            );
        }
        let delete: Vec<Spanned<String>> = read::field(table, "delete", node.name, diagnostics)?;
        if let Some(kind) = delete.iter().find(|path| path.value == "Type") {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    kind.span,
                    "an override cannot take away a resource's `Type`",
                )
                .help("take it out of the list"),
            );
        }
        Some(Self {
            span: node.name,
            attributes: attributes(node, &["delete", "Type"], diagnostics),
            delete,
        })
    }
}

impl FromNode for ExtraResource {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let table = read::as_table(node, diagnostics)?;
        if !table.contains_key("Type") {
            let help = "say what it is, such as `Type = \"AWS::S3::Bucket\"`";
            read::report_missing("Type", node.name, help.to_owned(), diagnostics);
        }
        let ResourceOverlay {
            kind,
            stack,
            attributes,
        } = ResourceOverlay::from_node(node, diagnostics)?;
        Some(Self {
            span: node.name,
            kind: kind?,
            stack,
            attributes,
        })
    }
}

impl FromNode for ResourceOverlay {
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let table = read::as_table(node, diagnostics)?;
        let stack = read::field(table, "stack", node.name, diagnostics)?;
        let attributes = attributes(node, &["stack", "Type"], diagnostics);
        let kind: Option<Spanned<String>> = read::field(table, "Type", node.name, diagnostics)?;
        if let Some(kind) = kind.as_ref().filter(|kind| !is_type(&kind.value)) {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    kind.span,
                    format!("`{kind}` is not a type of resource"),
                )
                .help("write one such as \"AWS::S3::Bucket\""),
            );
        }
        let of_sam =
            |kind: &Spanned<String>| kind.value.strip_prefix("AWS::Serverless::").map(native);
        if let Some(kind) = &kind
            && let Some(native) = of_sam(kind)
        {
            diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    kind.span,
                    format!(
                        "`{kind}` is a type of the SAM transform, which the template does not have"
                    ),
                )
                .help(match native {
                    Some(native) => {
                        format!("write CloudFormation's own type and its properties: \"{native}\"")
                    }
                    None => "write CloudFormation's own types".to_owned(),
                }),
            );
        }
        Some(Self {
            kind: kind.map(|kind| kind.value),
            stack,
            attributes,
        })
    }
}

/// All attributes of a resource; keys that it has not are reported, save those in `beside`.
fn attributes(
    node: &Node,
    beside: &[&str],
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Raw> {
    let Some(table) = read::as_table(node, diagnostics) else {
        return BTreeMap::new();
    };
    let mut known = ATTRIBUTES.to_vec();
    known.extend(beside);
    let mut rest = table.clone();
    if let Some(condition) = rest.remove("Condition") {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                condition.name,
                "the template has no conditions",
            )
            .help("say it for the environments that it holds for: `[environments.prod]` may set this section"),
        );
    }
    read::refuse_unknown_keys(&rest, &known, &[], diagnostics);
    rest.retain(|key, _| ATTRIBUTES.contains(&key.as_str()));
    rest.iter()
        .filter_map(|(key, node)| {
            let value = Raw::from_node(node, diagnostics)?;
            has_its_form(key, &value, diagnostics).then(|| (key.clone(), value))
        })
        .collect()
}

/// Whether an attribute is what CloudFormation takes there; anything else is reported.
fn has_its_form(key: &str, value: &Raw, diagnostics: &mut Diagnostics) -> bool {
    let texts = |items: &[Raw]| items.iter().all(|item| item.text().is_some());
    let (good, form) = match (key, &value.value) {
        ("DeletionPolicy" | "UpdateReplacePolicy", RawValue::Text(text)) => (
            POLICIES.contains(&text.as_str()),
            "`Delete`, `Retain`, `RetainExceptOnCreate` or `Snapshot`",
        ),
        ("DeletionPolicy" | "UpdateReplacePolicy", _) => (false, "a string"),
        ("DependsOn", RawValue::Text(_)) => (true, ""),
        ("DependsOn", RawValue::List(items)) => (texts(items), "a list of ids"),
        ("DependsOn", _) => (false, "an id or a list of ids"),
        (_, value) => (matches!(value, RawValue::Map(_)), "a table"),
    };
    if !good {
        diagnostics.push(Diagnostic::error(
            codes::INVALID_VALUE,
            value.span,
            format!("`{key}` must be {form}"),
        ));
    }
    good
}

/// CloudFormation's own type for one of SAM (sam-specification-resources-and-properties.html). The native template has no transform, and the
/// SAM view would make another resource of it than the native one has.
fn native(of_sam: &str) -> Option<&'static str> {
    Some(match of_sam {
        "Api" => "AWS::ApiGateway::RestApi",
        "Application" => "AWS::CloudFormation::Stack",
        "Function" => "AWS::Lambda::Function",
        "GraphQLApi" => "AWS::AppSync::GraphQLApi",
        "HttpApi" => "AWS::ApiGatewayV2::Api",
        "LayerVersion" => "AWS::Lambda::LayerVersion",
        "SimpleTable" => "AWS::DynamoDB::Table",
        "StateMachine" => "AWS::StepFunctions::StateMachine",
        _ => return None,
    })
}

/// `AWS::S3::Bucket`, a type or module of another publisher, or `Custom::Name`.
fn is_type(text: &str) -> bool {
    let word = |part: &&str| {
        (1..=64).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let parts: Vec<&str> = text.split("::").collect();
    match parts.as_slice() {
        ["Custom", name] => {
            !name.is_empty()
                && name.len() <= 60
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_@-".contains(&b))
        }
        [_, _, _] => parts.iter().all(word),
        [_, _, _, "MODULE"] => parts.iter().all(word),
        _ => false,
    }
}
