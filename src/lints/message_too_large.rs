//! # message-too-large
//!
//! An event whose contract lets it grow beyond what its topic takes.
//!
//! **Why it matters.** SNS refuses the message when somebody publishes it, perhaps months after the deployment. The largest is
//! counted from `maxLength` and `maxItems`: six bytes for a character, as JSON may need them, and 1 KiB for the envelope. A
//! contract that leaves the length of a text or of a list open has no bound, and nothing is said.
//!
//! **Example.** A text of 50,000 characters may take 300,000 bytes, and topics take 256 KiB unless they say otherwise:
//!
//! ```toml
//! [events.OrderCreated]
//! schema = "schemas/Letter.json"
//! ```
//!
//! **Instead.** Let the topic take more, 1 MiB at most; or set lower bounds in the contract, and send what is large by way of
//! S3.
//!
//! ```toml
//! [topics.event]
//! max_message_size = "512KiB"
//!
//! [events.OrderCreated]
//! schema = "schemas/Letter.json"
//! ```

use super::Context;
use crate::contracts::size::Size;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::event::Event;
use crate::model::topic::MOST;

pub(super) const CODE: Code = Code {
    id: "TG404",
    name: "message-too-large",
    severity: Severity::Warning,
};

/// What stands around `data`: the envelope's own fields, and the attributes.
const AROUND: u64 = 1_024;
const KIB: u64 = 1_024;

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for event in context.topology.events.values() {
        let (Some(size), Some(schema), Some(topic)) = (
            bound(context, event),
            &event.schema,
            context.topology.topics.get(&event.topic),
        ) else {
            continue;
        };
        let takes = u64::from(topic.largest_message().0);
        if size.bytes <= takes {
            continue;
        }
        let wanted = size.bytes.div_ceil(KIB);
        let help = if size.bytes <= u64::from(MOST.0) {
            format!(
                "write `max_message_size = \"{wanted}KiB\"` in `[topics.{}]`, or lower `maxLength` or `maxItems` in the contract",
                topic.name
            )
        } else {
            format!(
                "SNS takes {MOST} at most: lower `maxLength` or `maxItems` in the contract, or send what is large by way of S3"
            )
        };
        let mut finding = Diagnostic::warning(
            CODE,
            schema.span,
            format!(
                "`{}` may have {wanted}KiB by its contract, the topic `{}` takes {}",
                event.name,
                topic.name,
                topic.largest_message()
            ),
        )
        .help(help);
        if let Some(size) = &topic.max_message_size {
            finding = finding.related(size.span, "the topic's largest message");
        }
        diagnostics.push(finding);
    }
}

/// Most bytes of a message with that event, if its contract sets a bound.
pub(super) fn bound(context: &Context<'_>, event: &Event) -> Option<Size> {
    let size = context.contracts.get(event.name.as_str())?.size()?;
    Some(Size {
        bytes: size.bytes.saturating_add(AROUND),
        ..size
    })
}
