//! Codes of the findings that the reader and the model make; a lint's code stands in the lint's own file.
//!
//! The doc comment of a code is its page: what it finds, why that matters, an example, what to write instead.

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $severity:ident $id:literal $kebab:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: $crate::diag::Code = $crate::diag::Code {
            id: $id,
            name: $kebab,
            severity: $crate::diag::Severity::$severity,
        };)*

        /// The pages of this file's codes, in order.
        pub fn pages() -> Vec<$crate::diag::Page> {
            vec![$($crate::diag::Page::of_lines($name, [$($doc),*].into_iter())),*]
        }
    };
}
pub(crate) use codes;

codes! {
    /// The file is not TOML.
    ///
    /// **Why it matters.** What a broken line means can only be guessed, so nothing else is checked until it is mended.
    ///
    /// **Example.** A string without quotes:
    ///
    /// ```toml
    /// [services.payment]
    /// function = { timeout = 60s }
    /// ```
    ///
    /// **Instead.** Follow the caret: most often a quote, a comma or a bracket is missing, or a key stands there twice.
    ///
    /// ```toml
    /// [services.payment]
    /// function = { timeout = "60s" }
    /// ```
    SYNTAX = Error "TG001" "invalid-toml";

    /// A key that the language does not have.
    ///
    /// **Why it matters.** A misspelt setting that is passed over in silence leaves the default in force, and nobody learns of
    /// it before an incident.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [services.payment]
    /// function = { memroy = 512 }
    /// ```
    ///
    /// **Instead.** Write the key that the help line names. With the schema that `topogen schema` writes, an editor offers the
    /// keys while you type.
    ///
    /// ```toml
    /// [services.payment]
    /// function = { memory = 512 }
    /// ```
    UNKNOWN_KEY = Error "TG002" "unknown-key";

    /// A value of the wrong type, such as a number where a string is due.
    ///
    /// **Why it matters.** A bare `15` does not say whether seconds or minutes are meant; the language takes one form of each
    /// value, so that everybody reads it alike.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [services.payment]
    /// function = { timeout = 15 }
    /// ```
    ///
    /// **Instead.** Write durations and names in quotes, numbers and `true` or `false` bare, lists in brackets.
    ///
    /// ```toml
    /// [services.payment]
    /// function = { timeout = "15s" }
    /// ```
    WRONG_TYPE = Error "TG003" "wrong-type";

    /// A key or a section that must be there is not.
    ///
    /// **Why it matters.** Where a wrong guess would cost something, topogen has no default: a table without a key or a
    /// subscription without events means nothing.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [services.order]
    /// http = ["POST /orders"]
    /// publishes = ["OrderCreated"]
    /// table = { name = "Orders" }
    /// ```
    ///
    /// **Instead.** Add the line that the help names.
    ///
    /// ```toml
    /// [services.order]
    /// http = ["POST /orders"]
    /// publishes = ["OrderCreated"]
    /// table = { name = "Orders", key = "orderId" }
    /// ```
    MISSING_KEY = Error "TG004" "missing-key";

    /// A value of the right type that means nothing here, or lies outside AWS's limits.
    ///
    /// **Why it matters.** AWS refuses it, in the middle of a deployment, and rolls the whole stack back.
    ///
    /// **Example.** Lambda takes 128 to 10240 MiB:
    ///
    /// ```toml
    /// [services.payment]
    /// function = { memory = 64 }
    /// ```
    ///
    /// **Instead.** Choose a value in the range that the help line gives.
    ///
    /// ```toml
    /// [services.payment]
    /// function = { memory = 128 }
    /// ```
    INVALID_VALUE = Error "TG005" "invalid-value";

    /// A name with characters, or of a length, that AWS or the language does not allow.
    ///
    /// **Why it matters.** Names become parts of logical ids, queue names and filters. One that had to be changed on the way
    /// there would be hard to find again in the console.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [events.order_created]
    /// owner = "checkout"
    /// ```
    ///
    /// **Instead.** Events are in `CapitalWords`, in the past tense; apps, environments, services and subscriptions in
    /// `lower-case-with-hyphens`, 32 characters at most.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// owner = "checkout"
    /// ```
    INVALID_NAME = Error "TG006" "invalid-name";

    /// An entry of `[lints]` whose key is neither the name nor the code of a finding.
    ///
    /// **Why it matters.** It silences nothing, and looks as if it did.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-advise = "the payment provider retries for us"
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// visibility_timeout = "60s"
    /// ```
    ///
    /// **Instead.** Write a name or a code that `topogen explain` lists.
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-advice = "the payment provider retries for us"
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// visibility_timeout = "60s"
    /// ```
    UNKNOWN_FINDING = Error "TG007" "unknown-finding";

    /// An entry of `[lints]` that would silence an error.
    ///
    /// **Why it matters.** An error is what AWS refuses, or what loses messages. It does not go away by looking elsewhere.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-timeout = "we are in a hurry"
    /// ```
    ///
    /// **Instead.** Mend what the error is about. Warnings can be silenced, everywhere or in some sections:
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-advice = { reason = "the provider retries for us", only = ["subscriptions.payment"] }
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// visibility_timeout = "60s"
    /// ```
    SILENCED_ERROR = Error "TG008" "silenced-error";

    /// An entry of `[lints]` that silences nothing in any environment.
    ///
    /// **Why it matters.** What it silenced is mended. Should it come back, nobody would be told.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-advice = "the payment provider retries for us"
    /// ```
    ///
    /// **Instead.** Delete the line.
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// ```
    UNUSED_SILENCE = Warning "TG009" "unused-silence";

    /// An event that no `[events.*]` section declares.
    ///
    /// **Why it matters.** With a slip in its name an event is published and received by nobody. Everything deploys, nothing
    /// fails, nothing arrives.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [events.OrderCreated]
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreatd"]
    /// ```
    ///
    /// **Instead.** Write the name as it is declared, or declare the event.
    ///
    /// ```toml
    /// [events.OrderCreated]
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// ```
    UNKNOWN_EVENT = Error "TG101" "unknown-event";

    /// A service that no `[services.*]` section declares.
    ///
    /// **Why it matters.** A subscription belongs to the service of its own name unless it says otherwise. Without that service
    /// its queue would fill, and nobody would read it.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [subscriptions.payment-audit]
    /// events = ["OrderCreated"]
    /// ```
    ///
    /// **Instead.** Say which service receives, or declare the one that is missing.
    ///
    /// ```toml
    /// [subscriptions.payment-audit]
    /// service = "payment"
    /// events = ["OrderCreated"]
    /// ```
    UNKNOWN_SERVICE = Error "TG102" "unknown-service";

    /// An environment that sets a section which the file does not declare.
    ///
    /// **Why it matters.** It is a slip in a name: the setting would be lost, or make a service that exists in one environment
    /// alone and was tested in none.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [environments.prod]
    /// services.paymnt.function.memory = 1024
    /// ```
    ///
    /// **Instead.** Write the name of a declared section: an environment changes what exists.
    ///
    /// ```toml
    /// [environments.prod]
    /// services.payment.function.memory = 1024
    /// ```
    UNKNOWN_OVERLAY = Error "TG103" "overlay-of-nothing";

    /// The same thing said twice: an event in one list, a receiver of alarms, a route of two services.
    ///
    /// **Why it matters.** One of the two was meant to be something else, or is left over from a merge.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated", "OrderCreated"]
    /// ```
    ///
    /// **Instead.** Delete one of the two.
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// ```
    DUPLICATE = Error "TG104" "duplicate";

    /// A service that nothing starts: no route, no subscription.
    ///
    /// **Why it matters.** It is built, deployed and watched by alarms, and never runs.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [services.fraud]
    /// ```
    ///
    /// **Instead.** Subscribe it to an event, or give it a route with `http`.
    ///
    /// ```toml
    /// [services.fraud]
    ///
    /// [subscriptions.fraud]
    /// events = ["OrderCreated"]
    /// ```
    IDLE_SERVICE = Error "TG105" "idle-service";

    /// Two names that become one logical id in the template.
    ///
    /// **Why it matters.** Logical ids have letters and digits alone, so different names may fall together. One of the two
    /// resources would silently replace the other.
    ///
    /// **Example.** Both routes become `PostA1Route`:
    ///
    /// ```toml
    /// [services.order]
    /// http = ["POST /a-1", "POST /a/1"]
    /// publishes = ["OrderCreated"]
    /// ```
    ///
    /// **Instead.** Rename one of the two.
    ///
    /// ```toml
    /// [services.order]
    /// http = ["POST /a-1", "POST /b/1"]
    /// publishes = ["OrderCreated"]
    /// ```
    NAME_COLLISION = Error "TG106" "name-collision";

    /// The contract of an event, its JSON Schema, cannot be read.
    ///
    /// **Why it matters.** The contract is what producers and consumers agree upon. One that nobody can open protects nobody.
    ///
    /// **Example.** There is no such file:
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreatd.json"
    /// ```
    ///
    /// **Instead.** Write the path from the folder of topology.toml to a file that holds JSON.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// ```
    CONTRACT_FILE = Error "TG107" "contract-file";

    /// An environment variable whose name topogen or Lambda keeps for itself.
    ///
    /// **Why it matters.** Lambda refuses the function, or the handler is told of a table or topic that is not its own.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [services.payment]
    /// environment = { TABLE_NAME = "payments" }
    /// ```
    ///
    /// **Instead.** Choose another name.
    ///
    /// ```toml
    /// [services.payment]
    /// environment = { LEDGER_NAME = "payments" }
    /// ```
    ENVIRONMENT_KEY = Error "TG108" "reserved-environment-variable";

    /// A topic that no `[topics.*]` section declares, named by an event.
    ///
    /// **Why it matters.** The event would go nowhere.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [topics.ledger]
    ///
    /// [events.OrderCreated]
    /// topic = "leger"
    /// ```
    ///
    /// **Instead.** Declare it, or name one that is.
    ///
    /// ```toml
    /// [topics.ledger]
    ///
    /// [events.OrderCreated]
    /// topic = "ledger"
    /// ```
    UNKNOWN_TOPIC = Error "TG109" "unknown-topic";

    /// Queue and topic that are not both FIFO or both standard.
    ///
    /// **Why it matters.** SNS keeps order from a FIFO topic to a FIFO queue, and a standard topic cannot deliver to a FIFO
    /// queue at all: the deployment fails.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [topics.ledger]
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// fifo = true
    /// ```
    ///
    /// **Instead.** Leave `fifo` out of the subscription: its queues follow the topic.
    ///
    /// ```toml
    /// [topics.ledger]
    /// fifo = true
    ///
    /// [events.OrderCreated]
    /// message_group = "orderId"
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// ```
    FIFO_MISMATCH = Error "TG115" "fifo-mismatch";

    /// A filter that SNS would refuse, or take for something else than it says.
    ///
    /// **Why it matters.** SNS refuses most of these in the middle of a deployment. The others are worse: a `$or` with one
    /// alternative, for example, becomes an attribute of that name, and no event ever passes.
    ///
    /// **Example.** A key takes a list, and an operator stands in braces in it:
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// filter = { currency = "USD", totalAmount = [{ numeric = ["<", 100, ">=", 10] }] }
    /// ```
    ///
    /// **Instead.** Write each key as a list of values and operators; one of them must hold. In a range the lower bound comes
    /// first.
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// filter = { currency = ["USD"], totalAmount = [{ numeric = [">=", 10, "<", 100] }] }
    /// ```
    INVALID_FILTER = Error "TG120" "invalid-filter";

    /// An operator that filters do not have.
    ///
    /// **Why it matters.** SNS refuses the whole policy, in the middle of a deployment.
    ///
    /// **Example.** SNS writes its operators with hyphens:
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// filter = { currency = [{ anything_but = ["USD"] }] }
    /// ```
    ///
    /// **Instead.** Write the operator that the help line names.
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// filter = { currency = [{ anything-but = ["USD"] }] }
    /// ```
    UNKNOWN_OPERATOR = Error "TG121" "unknown-filter-operator";

    /// A filter with a key that is not there where the filter looks.
    ///
    /// **Why it matters.** A filter on message attributes sees only what travels as one. A key that does not lets no event pass,
    /// and nobody is told.
    ///
    /// **Example.** `currency` is in the event's data, and no attribute:
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// filter = { currency = ["USD"] }
    /// filter_scope = "MessageAttributes"
    /// ```
    ///
    /// **Instead.** Send the field as an attribute, or let the filter look at the body.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// attributes = ["currency"]
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// filter = { currency = ["USD"] }
    /// filter_scope = "MessageAttributes"
    /// ```
    FILTER_SCOPE = Error "TG122" "filter-scope";

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

    /// A template that is too large: 500 resources, 200 parameters, 200 outputs, 1,000,000 bytes.
    ///
    /// **Why it matters.** CloudFormation refuses the template.
    ///
    /// **Instead.** Give each service a stack of its own with `stacks = "per-service"` in `[app]`. Where that is not enough,
    /// split the app: give a group of services a topology file and a name of its own.
    TEMPLATE_SIZE = Error "TG401" "template-too-large";

    /// A name that is longer than AWS takes.
    ///
    /// **Why it matters.** AWS refuses the resource, in the middle of a deployment. Names are made of the app, the environment
    /// and the section, such as `{app}-{environment}-{subscription}` for a queue, which SQS takes to 80 characters; those of
    /// FIFO queues end in `-dead-letters.fifo` and `-undelivered.fifo`.
    ///
    /// **Example.** In `production-europe-west` the queue's name has 81 characters:
    ///
    /// ```toml
    /// [app]
    /// name = "commerce-platform-checkout"
    ///
    /// [subscriptions.payment-of-orders-with-vouchers]
    /// service = "payment"
    /// events = ["OrderCreated"]
    ///
    /// [environments.production-europe-west]
    /// ```
    ///
    /// **Instead.** Shorten one of the three names.
    ///
    /// ```toml
    /// [app]
    /// name = "checkout"
    ///
    /// [subscriptions.payment-of-orders-with-vouchers]
    /// service = "payment"
    /// events = ["OrderCreated"]
    ///
    /// [environments.production-europe-west]
    /// ```
    NAME_LENGTH = Error "TG402" "name-too-long";

    /// Environment variables of a function that have more than 4 KB together, topogen's own among them.
    ///
    /// **Why it matters.** Lambda refuses the function, in the middle of a deployment.
    ///
    /// **Instead.** Keep large settings in a file of the handler or in a parameter store. ARNs count at the longest that AWS
    /// makes of them.
    ENVIRONMENT_SIZE = Error "TG403" "environment-too-large";

    /// A policy that is larger than the queue, the role or the function takes that it belongs to.
    ///
    /// **Why it matters.** AWS refuses it, in the middle of a deployment. SQS takes 20 statements and 8 KB, and each topic that
    /// feeds a queue takes a statement; IAM takes 10,240 characters of all that a role may do; Lambda takes 20 KB, and each
    /// route takes a statement.
    ///
    /// **Instead.** Let events go through fewer topics, write fewer `permissions`, or divide the service. ARNs count at the
    /// longest that AWS makes of them.
    POLICY_SIZE = Error "TG406" "policy-too-large";

    /// A service whose handler has no crate in the folder where it should be.
    ///
    /// **Why it matters.** There is nothing to build, and so nothing to deploy.
    ///
    /// **Instead.** Make the crate as the help line says, or name the folder of one that is there with `handler = "…"`.
    HANDLER_MISSING = Error "TG901" "handler-missing";
}
