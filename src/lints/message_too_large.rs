//! # message-too-large
//!
//! An event whose contract lets it grow beyond what its topic or outbox takes.
//!
//! **Why it matters.** SNS refuses the message when somebody publishes it, perhaps months after the deployment. The largest is
//! counted from `maxLength` and `maxItems`: six bytes for a character, as JSON may need them, and 1 KiB for the envelope. A
//! contract that leaves the length of a text or of a list open has no bound, and nothing is said. An outbox takes events of
//! 400 KiB at most, since each is an item of the table.
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
use crate::contracts::size::{COUNTED, Size};
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Topology;
use crate::model::event::Event;
use crate::model::topic::MOST;
use crate::model::units::Bytes;
use crate::source::Span;

pub(super) const CODE: Code = Code {
    id: "TG404",
    name: "message-too-large",
    severity: Severity::Warning,
};

/// What stands around `data`: the envelope's own fields, and the attributes.
const AROUND: u64 = 1_024;
const KIB: u64 = 1_024;
/// Largest item of a table (API_TransactWriteItems).
const ITEM: Bytes = Bytes(400 * 1_024);

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for event in context.topology.events.values() {
        let (Some(size), Some(schema), Some(limit)) = (
            bound(context, event),
            &event.schema,
            narrowest(context.topology, event),
        ) else {
            continue;
        };
        if size.bytes <= u64::from(limit.takes.0) {
            continue;
        }
        let wanted = size.bytes.div_ceil(KIB);
        let lower =
            "lower `maxLength` or `maxItems` in the contract, or send what is large by way of S3";
        let topic = &event.topic;
        let help = if limit.is_of_topic && size.bytes <= u64::from(MOST.0) {
            format!("write `max_message_size = \"{wanted}KiB\"` in `[topics.{topic}]`; or {lower}")
        } else {
            lower.to_owned()
        };
        let most = match size.bytes {
            u64::MAX => format!("more than {}KiB", COUNTED / KIB),
            _ => format!("{wanted}KiB"),
        };
        let message = format!(
            "`{}` may have {most} by its contract, {} takes {}",
            event.name, limit.whose, limit.takes
        );
        let mut finding = Diagnostic::warning(CODE, schema.span, message).help(help);
        if let Some(written) = limit.written {
            finding = finding.related(written, "written here");
        }
        diagnostics.push(finding);
    }
}

/// What a message has to go through.
struct Limit {
    takes: Bytes,
    whose: String,
    is_of_topic: bool,
    written: Option<Span>,
}

/// The topic, or an outbox before it that takes less.
fn narrowest(topology: &Topology, event: &Event) -> Option<Limit> {
    let topic = topology.topics.get(&event.topic)?;
    let publishers = topology.flow.publishers(&event.name).iter();
    let mut outboxes = publishers.filter_map(|name| {
        let written = topology.services.get(name)?.outbox?;
        Some(Limit {
            takes: ITEM,
            whose: format!("the outbox of `{name}`"),
            is_of_topic: false,
            written: Some(written),
        })
    });
    let topic = Limit {
        takes: topic.largest_message(),
        whose: format!("the topic `{}`", topic.name),
        is_of_topic: true,
        written: topic.max_message_size.as_ref().map(|size| size.span),
    };
    Some(match outboxes.next() {
        Some(outbox) if outbox.takes < topic.takes => outbox,
        _ => topic,
    })
}

/// Most bytes of a message with that event, if its contract sets a bound.
pub(super) fn bound(context: &Context<'_>, event: &Event) -> Option<Size> {
    let size = context.contracts.get(event.name.as_str())?.size()?;
    Some(Size {
        bytes: size.bytes.saturating_add(AROUND),
        ..size
    })
}
