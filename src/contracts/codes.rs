//! Codes of findings about contracts, `TG5xx`.
//!
//! `TG501` to `TG509` are about one contract and found by every command; `TG510` on are about two versions of one and found
//! by `topogen contracts check`.

use crate::diag::Code;
use crate::diag::codes::codes;

/// Codes that only `topogen contracts check` finds: `topogen check` cannot say that silencing one silences nothing.
pub const OF_HISTORY: &[Code] = &[SAME_VERSION, BREAKS, UNDECIDED, MAJOR, VERSION_BACK, GONE];

codes! {
    /// The contract of an event is not JSON, is not a JSON Schema, or has rules that nothing can satisfy.
    ///
    /// **Why it matters.** A validator refuses such a contract, or refuses every event by it. The message names the line and
    /// the place inside the contract.
    ///
    /// **Example.** A contract with the type `strin`:
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/Misspelt.json"
    /// ```
    ///
    /// **Instead.** Write the contract by draft 2020-12 of JSON Schema, or name another draft with `$schema`. It is one file:
    /// what it refers to stands under its own `$defs`. No schema is part of itself but by a field or an item, and alternatives
    /// stand side by side: those inside of each other in thousands of ways keep a validator busy for hours.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// ```
    INVALID = Error "TG501" "invalid-contract";

    /// A contract that does not say that `data` is an object.
    ///
    /// **Why it matters.** The envelope's `data` is an object, and filters look at its fields. A contract without a type takes
    /// texts and lists as well.
    ///
    /// **Example.** A contract of a text:
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/Text.json"
    /// ```
    ///
    /// **Instead.** Write `"type": "object"` at the top of the contract.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// ```
    NOT_AN_OBJECT = Error "TG502" "contract-of-no-object";

    /// An example in a contract that breaks the contract.
    ///
    /// **Why it matters.** People copy examples, and tests are made of them: one of the two is wrong, and nobody knows which.
    ///
    /// **Example.** A contract whose `examples` has an order without its required id:
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/BadExample.json"
    /// ```
    ///
    /// **Instead.** Correct the example, or the rule that it breaks. `format` counts as a rule, and `examples` of a field are tried as those of the
    /// whole are; in a contract of more than 16 KiB those of the whole alone.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// ```
    EXAMPLE = Error "TG503" "example-against-contract";

    /// An attribute or message group that is not a field of the contract, or holds what cannot be sent so.
    ///
    /// **Why it matters.** The handler finds nothing to send: every filter on the attribute drops every event, in silence.
    ///
    /// **Example.** The contract has no `curency`:
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// attributes = ["curency"]
    /// ```
    ///
    /// **Instead.** Name a field of `data` that holds a text, a number, a boolean or a list of these.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// attributes = ["currency"]
    /// ```
    FIELD = Error "TG504" "attribute-outside-contract";

    /// An attribute or message group whose field may be missing by the contract.
    ///
    /// **Why it matters.** An event without the field has no such attribute, and a filter on it drops the event in silence. One
    /// without its message group cannot be published to a FIFO topic.
    ///
    /// **Example.** `coupon` is a field, but not every order has one:
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// attributes = ["coupon"]
    /// ```
    ///
    /// **Instead.** Add it to the `required` of the contract, with a value that says "none", or send another field.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// attributes = ["currency"]
    /// ```
    OPTIONAL_FIELD = Warning "TG505" "attribute-not-required";

    /// An example in a contract that takes too long to try.
    ///
    /// **Why it matters.** Nobody knows whether the example is good. Validators try each alternative of `anyOf` or `oneOf` anew in each
    /// field that refers back to them: of four alternatives that are trees of themselves, an example twelve levels deep takes millions of
    /// steps, in consumers as well. So may a pattern that goes back and forth.
    ///
    /// **Example.** A contract of trees, whose example is a deep one:
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/DeepExample.json"
    /// ```
    ///
    /// **Instead.** Write a shorter example, or one definition of what alternatives share instead of one in each.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// schema = "schemas/OrderCreated.json"
    /// ```
    UNTRIED_EXAMPLE = Warning "TG506" "example-not-tried";

    /// A contract that says something else than before under the same version.
    ///
    /// **Why it matters.** The version is what people and logs tell contracts apart by. With two meanings of `1.0` in the
    /// queues nobody can say which one a message follows.
    ///
    /// **Instead.** Raise the second number of `version` when old and new consumers can read both, the first when not.
    /// Titles, descriptions, comments and examples may change freely.
    SAME_VERSION = Error "TG510" "change-without-version";

    /// A new minor version of a contract by which consumers cannot read what is sent.
    ///
    /// **Why it matters.** Services are deployed one by one, and queues and dead-letter queues hold old messages that redrive
    /// sends again: consumers meet data of both versions. What they cannot read ends in the dead-letter queue.
    ///
    /// New consumers read old data (`backward`) and old consumers read new data (`forward`): a minor version keeps both
    /// (`full`), unless the event's `compatibility` asks for less. Producers are taken to send only fields that their contract
    /// declares, so a field may be added to, or dropped from, a contract that takes further fields.
    ///
    /// **Instead.** Add fields without requiring them, take more values only when all consumers can, and keep what is sent. Or
    /// raise the first number of `version`, and publish both versions for a while.
    BREAKS = Error "TG511" "minor-version-breaks";

    /// A change of a contract of which topogen cannot tell whether consumers can read both versions.
    ///
    /// **Why it matters.** It may be harmless, or end in the dead-letter queue: nobody has proved either.
    ///
    /// **Instead.** Compare the two by eye. Patterns, alternatives (`anyOf`, `oneOf`), `not` and conditions are hard to compare:
    /// a plainer contract is easier on people too.
    UNDECIDED = Warning "TG512" "compatibility-unknown";

    /// A new major version of a contract that consumers cannot read yet.
    ///
    /// **Why it matters.** From the moment that producers send the new version, consumers that know the old one alone fail.
    ///
    /// **Instead.** Publish both versions for a while, the new one as an event of its own such as `OrderCreatedV2`; move the
    /// consumers one by one; then drop the old one.
    MAJOR = Warning "TG513" "major-version-breaks";

    /// A version that is lower than before.
    ///
    /// **Why it matters.** Messages of the higher version are on their way, and the next rise gives its number to something else.
    ///
    /// **Instead.** Write a version above the last one, also when a change is taken back.
    VERSION_BACK = Error "TG514" "version-goes-back";

    /// An event that had subscriptions, and is gone; or whose contract is gone.
    ///
    /// **Why it matters.** Queues and dead-letter queues still hold such messages when the handler no longer knows them.
    ///
    /// **Instead.** First stop publishing it and let the queues run dry, then drop it from the subscriptions, then delete it.
    GONE = Warning "TG515" "event-gone";
}
