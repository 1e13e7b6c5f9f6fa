//! Codes of findings about CloudFormation's own words in the file, `TG14x`.

codes! {
    /// A resource that the stack does not have: one that is changed, or that the file's own CloudFormation refers to.
    ///
    /// **Why it matters.** A change of nothing is a slip in a name, and what was meant keeps its old setting. CloudFormation
    /// refuses a template that refers to what it does not have.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [overrides.PaymentQeue.Properties]
    /// ReceiveMessageWaitTimeSeconds = 5
    /// ```
    ///
    /// **Instead.** Write an id that the stack has: those that topogen makes stand in `out/`, further ones in
    /// `[resources.*]`. A stack of its own for each service knows its own resources alone.
    ///
    /// ```toml
    /// [overrides.PaymentQueue.Properties]
    /// ReceiveMessageWaitTimeSeconds = 5
    /// ```
    UNKNOWN_RESOURCE = Error "TG141" "unknown-resource";

    /// An override that changes nothing.
    ///
    /// **Why it matters.** topogen says the same already. Whoever reads the override thinks that it matters, and it keeps the
    /// old value should topogen's own change.
    ///
    /// **Example.** Queues poll for 20 seconds anyway:
    ///
    /// ```toml
    /// [overrides.PaymentQueue.Properties]
    /// ReceiveMessageWaitTimeSeconds = 20
    /// ```
    ///
    /// **Instead.** Delete it, or say what is to be different.
    ///
    /// ```toml
    /// [overrides.PaymentQueue.Properties]
    /// ReceiveMessageWaitTimeSeconds = 5
    /// ```
    IDLE_OVERRIDE = Warning "TG142" "idle-override";

    /// Resources that wait for each other, because of what the file adds to the template.
    ///
    /// **Why it matters.** CloudFormation refuses the template: "Circular dependency between resources".
    ///
    /// **Example.** The function waits for its role, the role for the bucket, and the bucket for the function:
    ///
    /// ```toml
    /// [services.payment]
    /// permissions = [{ actions = ["s3:GetObject"], resources = ["${Receipts.Arn}/*"] }]
    ///
    /// [resources.Receipts]
    /// Type = "AWS::S3::Bucket"
    ///
    /// [resources.Receipts.Properties.NotificationConfiguration]
    /// LambdaConfigurations = [{ Event = "s3:ObjectCreated:*", Function = { "Fn::GetAtt" = "PaymentFunction.Arn" } }]
    /// ```
    ///
    /// **Instead.** Give one of them a fixed name and write its ARN out.
    ///
    /// ```toml
    /// [services.payment]
    /// permissions = [{ actions = ["s3:GetObject"], resources = ["arn:${AWS::Partition}:s3:::${AWS::StackName}-receipts/*"] }]
    ///
    /// [resources.Receipts]
    /// Type = "AWS::S3::Bucket"
    ///
    /// [resources.Receipts.Properties]
    /// BucketName = { "Fn::Sub" = "${AWS::StackName}-receipts" }
    ///
    /// [resources.Receipts.Properties.NotificationConfiguration]
    /// LambdaConfigurations = [{ Event = "s3:ObjectCreated:*", Function = { "Fn::GetAtt" = "PaymentFunction.Arn" } }]
    /// ```
    CIRCULAR_RESOURCES = Error "TG143" "circular-resources";

    /// An override of what a word of the language says, or of what the flow of events rests on.
    ///
    /// **Why it matters.** Every check looks at the words. An override of the same property passes by all of them: a visibility
    /// time-out shorter than its function, a queue without its dead-letter queue, a wide permission would show only at the deployment,
    /// or in an incident.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [overrides.PaymentQueue.Properties]
    /// VisibilityTimeout = 10
    /// ```
    ///
    /// **Instead.** Write the word; an environment may set it again. Overrides are for what the language has no word for.
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// visibility_timeout = "90s"
    ///
    /// [overrides.PaymentQueue.Properties]
    /// ReceiveMessageWaitTimeSeconds = 5
    /// ```
    OVERRIDDEN_WORD = Error "TG144" "overridden-word";

    /// A policy in `[resources]` for a queue or topic that has one.
    ///
    /// **Why it matters.** A queue and a topic have one policy document each. Of two resources that set it, the one that is deployed last
    /// holds: SNS may no longer send to the queue, or what came in without TLS is let in. (AWS does not say so; people have seen it.)
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [resources.Audit]
    /// Type = "AWS::SQS::QueuePolicy"
    ///
    /// [resources.Audit.Properties]
    /// Queues = [{ Ref = "PaymentQueue" }]
    /// PolicyDocument = { Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "sqs:GetQueueAttributes", Resource = { "Fn::GetAtt" = "PaymentQueue.Arn" } }] }
    /// ```
    ///
    /// **Instead.** An inline policy adds to what is there.
    ///
    /// ```toml
    /// [resources.Audit]
    /// Type = "AWS::SQS::QueueInlinePolicy"
    ///
    /// [resources.Audit.Properties]
    /// Queue = { Ref = "PaymentQueue" }
    /// PolicyDocument = { Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "sqs:GetQueueAttributes", Resource = { "Fn::GetAtt" = "PaymentQueue.Arn" } }] }
    /// ```
    SECOND_POLICY = Warning "TG145" "second-policy";
}
