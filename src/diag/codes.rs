//! Codes of the findings that the reader and the model make; a lint's code stands in the lint's own file.
//!
//! Families: `TG0xx` syntax, `TG1xx` the model and its references, `TG2xx` reliability, `TG3xx` security, `TG4xx` cost
//! and quotas, `TG9xx` build and deploy.

use super::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal $kebab:literal;)*) => {
        $($(#[$doc])* pub const $name: Code = Code { id: $id, name: $kebab };)*
        /// Every code of this file, in order.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    /// The file is not TOML.
    SYNTAX = "TG001" "invalid-toml";
    /// A key that the language does not have.
    UNKNOWN_KEY = "TG002" "unknown-key";
    /// A value of the wrong type.
    WRONG_TYPE = "TG003" "wrong-type";
    /// A key that must be there is not.
    MISSING_KEY = "TG004" "missing-key";
    /// A value of the right type that means nothing, or lies outside AWS's limits.
    INVALID_VALUE = "TG005" "invalid-value";
    /// A name with characters that AWS or the language does not allow.
    INVALID_NAME = "TG006" "invalid-name";
    /// An event that no `[events.*]` section declares.
    UNKNOWN_EVENT = "TG101" "unknown-event";
    /// A service that no `[services.*]` section declares.
    UNKNOWN_SERVICE = "TG102" "unknown-service";
    /// An environment overlay that sets a section which the base does not have.
    UNKNOWN_OVERLAY = "TG103" "overlay-of-nothing";
    /// The same thing said twice.
    DUPLICATE = "TG104" "duplicate";
    /// A service that nothing starts: no route, no subscription.
    IDLE_SERVICE = "TG105" "idle-service";
    /// Two names that become one logical id in the template.
    NAME_COLLISION = "TG106" "name-collision";
    /// A contract file that is missing or is not JSON.
    CONTRACT_FILE = "TG107" "contract-file";
    /// A topic that no `[topics.*]` section declares.
    UNKNOWN_TOPIC = "TG109" "unknown-topic";
    /// Queue and topic that are not both FIFO or both standard.
    FIFO_MISMATCH = "TG115" "fifo-mismatch";
    /// A topology that needs more than the environment gives.
    ENVIRONMENT_KEY = "TG108" "reserved-environment-variable";
    /// More resources or parameters than one template takes.
    TEMPLATE_SIZE = "TG401" "template-too-large";
    /// A handler crate that is not there.
    HANDLER_MISSING = "TG901" "handler-missing";
}
