//! Codes of findings about names and the flow of events, `TG1xx`.

codes! {
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
    /// **Instead.** Write the name as it is declared, or declare the event. Where nobody names an event that is declared, and
    /// several name one that is spelt like it and is not, the slip is in the declaration: the finding stands there.
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
    /// [topics.event]
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// fifo = true
    /// ```
    ///
    /// **Instead.** Leave `fifo` out of the subscription: its queues follow the topic.
    ///
    /// ```toml
    /// [topics.event]
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
}
