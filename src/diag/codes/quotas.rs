//! Codes of findings about what AWS takes, `TG4xx`.

codes! {
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
}
