//! What `Fn::GetAtt` gets of a resource ("Return values" of each type's page).

/// The attribute of a table that only one with a stream has.
pub const STREAM: &str = "StreamArn";

/// How the ARN of a resource is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arn {
    /// By `Ref`.
    Reference,
    /// By this attribute; `Ref` gets a name, an id or a URL.
    Attribute(&'static str),
    /// By neither: it is written, with what `Ref` gets in it.
    Written,
}

/// How the ARN of a resource of a type is had, as far as the type is known here.
pub fn arn(type_name: &str) -> Option<Arn> {
    Some(match type_name {
        "AWS::SNS::Topic" | "AWS::SecretsManager::Secret" | "AWS::StepFunctions::StateMachine" => {
            Arn::Reference
        }
        "AWS::CloudWatch::Alarm"
        | "AWS::Cognito::UserPool"
        | "AWS::DynamoDB::GlobalTable"
        | "AWS::DynamoDB::Table"
        | "AWS::ECR::Repository"
        | "AWS::Events::EventBus"
        | "AWS::IAM::Role"
        | "AWS::IAM::User"
        | "AWS::KMS::Key"
        | "AWS::Kinesis::Stream"
        | "AWS::KinesisFirehose::DeliveryStream"
        | "AWS::Lambda::Function"
        | "AWS::Logs::LogGroup"
        | "AWS::S3::Bucket"
        | "AWS::SQS::Queue" => Arn::Attribute("Arn"),
        "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" | "AWS::SSM::Parameter" => {
            Arn::Written
        }
        _ => return None,
    })
}

/// The attributes of a type that are known here; of any other, nobody can say.
pub fn of(type_name: &str) -> Option<&'static [&'static str]> {
    Some(match type_name {
        "AWS::ApiGateway::RestApi" => &["RestApiId", "RootResourceId"],
        "AWS::ApiGatewayV2::Api" => &["ApiEndpoint", "ApiId", "ExecuteApiArn"],
        "AWS::CloudWatch::Alarm" | "AWS::Logs::LogGroup" => &["Arn"],
        "AWS::DynamoDB::Table" => &["Arn", "StreamArn"],
        "AWS::IAM::Role" => &["Arn", "RoleId"],
        "AWS::KMS::Key" => &["Arn", "KeyId"],
        "AWS::Lambda::Function" => &[
            "Arn",
            "SnapStartResponse",
            "SnapStartResponse.ApplyOn",
            "SnapStartResponse.OptimizationStatus",
        ],
        "AWS::SNS::Topic" => &["TopicArn", "TopicName"],
        "AWS::SQS::Queue" => &["Arn", "QueueName", "QueueUrl"],
        _ => return None,
    })
}
