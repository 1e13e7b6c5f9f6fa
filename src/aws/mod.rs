//! The AWS resources that topogen emits, typed: only the properties that it sets, under AWS's own names.
//!
//! Knows nothing of topologies. A misspelt property cannot be written here, and a property that AWS does not have is
//! caught by cfn-lint on every golden.

pub mod apigateway;
pub mod attributes;
pub mod cloudwatch;
pub mod dynamodb;
pub mod events;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod raw;
pub mod restapi;
pub mod sns;
pub mod sqs;
pub mod value;
pub mod wafv2;

use serde::Serialize;

/// How a resource takes tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagForm {
    /// `[{ Key, Value }]`
    List,
    /// `{ key: value }`
    Map,
    /// Not at all.
    None,
}

macro_rules! properties {
    ($($variant:ident($type:ty) = $cloudformation:literal;)*) => {
        /// A resource's type and properties.
        #[derive(Debug, Clone, Serialize)]
        #[serde(untagged)]
        pub enum Properties {
            $(#[doc = concat!("`", $cloudformation, "`")] $variant($type),)*
            /// Any other, as the file has it.
            Raw(raw::Raw),
        }

        impl From<raw::Raw> for Properties {
            fn from(properties: raw::Raw) -> Self {
                Self::Raw(properties)
            }
        }

        impl Properties {
            /// CloudFormation's name of the type.
            pub fn type_name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $cloudformation,)*
                    Self::Raw(raw) => &raw.kind,
                }
            }
        }

        impl Properties {
            /// Whether data is lost with it: its removal has to be stated.
            pub fn holds_data(&self) -> bool {
                matches!(self, Self::Table(_) | Self::Queue(_) | Self::LogGroup(_) | Self::Key(_))
            }
        }

        $(impl From<$type> for Properties {
            fn from(properties: $type) -> Self {
                Self::$variant(properties)
            }
        })*
    };
}

impl Properties {
    /// How the resource takes `Tags`.
    pub fn tag_form(&self) -> TagForm {
        match self {
            Self::Topic(_)
            | Self::Queue(_)
            | Self::Role(_)
            | Self::Function(_)
            | Self::Table(_)
            | Self::LogGroup(_)
            | Self::Alarm(_)
            | Self::Key(_)
            | Self::Rule(_)
            | Self::RestApi(_)
            | Self::RestStage(_)
            | Self::WebAcl(_) => TagForm::List,
            Self::Api(_) | Self::Stage(_) => TagForm::Map,
            // A mapping takes tags; SAM's form of it does not.
            Self::EventSourceMapping(_)
            | Self::TopicPolicy(_)
            | Self::Subscription(_)
            | Self::QueuePolicy(_)
            | Self::Permission(_)
            | Self::EventInvokeConfig(_)
            | Self::Dashboard(_)
            | Self::Alias(_)
            | Self::Integration(_)
            | Self::Route(_)
            | Self::Authorizer(_)
            | Self::RestResource(_)
            | Self::RestMethod(_)
            | Self::RestAuthorizer(_)
            | Self::GatewayResponse(_)
            | Self::RestDeployment(_)
            | Self::WebAclAssociation(_)
            | Self::Raw(_) => TagForm::None,
        }
    }
}

properties! {
    Topic(sns::Topic) = "AWS::SNS::Topic";
    TopicPolicy(sns::TopicPolicy) = "AWS::SNS::TopicPolicy";
    Subscription(sns::Subscription) = "AWS::SNS::Subscription";
    Queue(sqs::Queue) = "AWS::SQS::Queue";
    QueuePolicy(sqs::QueuePolicy) = "AWS::SQS::QueuePolicy";
    Role(iam::Role) = "AWS::IAM::Role";
    Function(lambda::Function) = "AWS::Lambda::Function";
    Permission(lambda::Permission) = "AWS::Lambda::Permission";
    EventSourceMapping(lambda::EventSourceMapping) = "AWS::Lambda::EventSourceMapping";
    EventInvokeConfig(lambda::EventInvokeConfig) = "AWS::Lambda::EventInvokeConfig";
    Rule(events::Rule) = "AWS::Events::Rule";
    Table(dynamodb::Table) = "AWS::DynamoDB::Table";
    LogGroup(logs::LogGroup) = "AWS::Logs::LogGroup";
    Alarm(cloudwatch::Alarm) = "AWS::CloudWatch::Alarm";
    Dashboard(cloudwatch::Dashboard) = "AWS::CloudWatch::Dashboard";
    Key(kms::Key) = "AWS::KMS::Key";
    Alias(kms::Alias) = "AWS::KMS::Alias";
    Api(apigateway::Api) = "AWS::ApiGatewayV2::Api";
    Stage(apigateway::Stage) = "AWS::ApiGatewayV2::Stage";
    Integration(apigateway::Integration) = "AWS::ApiGatewayV2::Integration";
    Route(apigateway::Route) = "AWS::ApiGatewayV2::Route";
    Authorizer(apigateway::Authorizer) = "AWS::ApiGatewayV2::Authorizer";
    RestApi(restapi::RestApi) = "AWS::ApiGateway::RestApi";
    RestResource(restapi::Resource) = "AWS::ApiGateway::Resource";
    RestMethod(restapi::Method) = "AWS::ApiGateway::Method";
    RestAuthorizer(restapi::Authorizer) = "AWS::ApiGateway::Authorizer";
    GatewayResponse(restapi::GatewayResponse) = "AWS::ApiGateway::GatewayResponse";
    RestDeployment(restapi::Deployment) = "AWS::ApiGateway::Deployment";
    RestStage(restapi::Stage) = "AWS::ApiGateway::Stage";
    WebAcl(wafv2::WebAcl) = "AWS::WAFv2::WebACL";
    WebAclAssociation(wafv2::WebAclAssociation) = "AWS::WAFv2::WebACLAssociation";
}
