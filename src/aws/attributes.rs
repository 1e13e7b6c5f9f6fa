//! What `Fn::GetAtt` gets of a resource ("Return values" of each type's page).

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
