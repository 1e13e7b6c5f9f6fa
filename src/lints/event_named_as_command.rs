//! # event-named-as-command
//!
//! An event's name orders something to be done instead of telling what has happened.
//!
//! **Why it matters.** A command has one receiver that must obey; an event is a fact that anyone may listen to. With
//! `ProcessPayment` on a topic the publisher knows, and depends on, who acts, and a second subscriber processes twice.
//!
//! **Example.**
//!
//! ```toml
//! [events.ProcessPayment]
//!
//! [services.order]
//! http = ["POST /orders"]
//! publishes = ["ProcessPayment"]
//!
//! [subscriptions.payment]
//! events = ["ProcessPayment"]
//! ```
//!
//! **Instead.** Name the fact, in the past tense.
//!
//! ```toml
//! [events.OrderCreated]
//! ```

use super::Context;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};

pub(super) const CODE: Code = Code {
    id: "TG116",
    name: "event-named-as-command",
    severity: Severity::Warning,
};

/// Verbs that, as the first word, make a name a command.
const COMMANDS: &[&str] = &[
    "Accept",
    "Activate",
    "Add",
    "Allocate",
    "Apply",
    "Approve",
    "Archive",
    "Assign",
    "Attach",
    "Authorize",
    "Begin",
    "Block",
    "Book",
    "Build",
    "Calculate",
    "Cancel",
    "Capture",
    "Change",
    "Charge",
    "Check",
    "Cleanup",
    "Close",
    "Collect",
    "Compute",
    "Confirm",
    "Convert",
    "Create",
    "Cut",
    "Deactivate",
    "Decline",
    "Decrement",
    "Delete",
    "Deliver",
    "Deploy",
    "Disable",
    "Dispatch",
    "Do",
    "Download",
    "Emit",
    "Enable",
    "Encode",
    "Enqueue",
    "Enrich",
    "Ensure",
    "Escalate",
    "Execute",
    "Expire",
    "Export",
    "Extract",
    "Fetch",
    "Finish",
    "Fulfil",
    "Fulfill",
    "Generate",
    "Get",
    "Grant",
    "Handle",
    "Import",
    "Increment",
    "Index",
    "Ingest",
    "Initiate",
    "Insert",
    "Install",
    "Invite",
    "Invoke",
    "Issue",
    "Join",
    "Launch",
    "Load",
    "Lock",
    "Make",
    "Merge",
    "Migrate",
    "Modify",
    "Move",
    "Notify",
    "Onboard",
    "Open",
    "Pack",
    "Parse",
    "Pause",
    "Pay",
    "Perform",
    "Pick",
    "Ping",
    "Place",
    "Prepare",
    "Print",
    "Process",
    "Provision",
    "Publish",
    "Purge",
    "Push",
    "Put",
    "Rebuild",
    "Reconcile",
    "Record",
    "Recover",
    "Redeem",
    "Refresh",
    "Refund",
    "Register",
    "Reindex",
    "Reject",
    "Release",
    "Remove",
    "Render",
    "Renew",
    "Replace",
    "Replay",
    "Request",
    "Resend",
    "Reserve",
    "Reset",
    "Resize",
    "Resolve",
    "Restart",
    "Restore",
    "Resume",
    "Retry",
    "Return",
    "Revoke",
    "Rollback",
    "Rotate",
    "Run",
    "Save",
    "Schedule",
    "Select",
    "Send",
    "Set",
    "Settle",
    "Ship",
    "Start",
    "Stop",
    "Store",
    "Submit",
    "Subscribe",
    "Suspend",
    "Sync",
    "Terminate",
    "Transcode",
    "Transfer",
    "Transform",
    "Translate",
    "Transmit",
    "Trigger",
    "Unassign",
    "Undo",
    "Unlock",
    "Unpublish",
    "Unsubscribe",
    "Update",
    "Upgrade",
    "Upload",
    "Upsert",
    "Validate",
    "Verify",
    "Withdraw",
    "Write",
];

/// Past participles that do not end in `ed`.
const PAST: &[&str] = &[
    "Begun",
    "Bought",
    "Broken",
    "Brought",
    "Built",
    "Chosen",
    "Cut",
    "Done",
    "Drawn",
    "Found",
    "Frozen",
    "Given",
    "Gone",
    "Held",
    "Hit",
    "Kept",
    "Known",
    "Left",
    "Lost",
    "Made",
    "Met",
    "Paid",
    "Put",
    "Read",
    "Rebuilt",
    "Repaid",
    "Resent",
    "Resold",
    "Rewritten",
    "Seen",
    "Sent",
    "Set",
    "Shown",
    "Shut",
    "Sold",
    "Spent",
    "Split",
    "Stolen",
    "Taken",
    "Told",
    "Understood",
    "Undone",
    "Withdrawn",
    "Withheld",
    "Won",
    "Written",
];

/// Last words that say how something is: `UpdateAvailable` is a fact about an update.
const STATES: &[&str] = &[
    "Active", "Complete", "Down", "Due", "Empty", "Full", "High", "Late", "Live", "Low", "Missing",
    "Offline", "Online", "Overdue", "Pending", "Ready",
];

pub(super) fn check(context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for event in context.topology.events.values() {
        let name = event.name.as_str();
        let words = words(name);
        let is_order = words.first().is_some_and(|first| COMMANDS.contains(first));
        let is_past = words
            .iter()
            .skip(1)
            .any(|word| word.ends_with("ed") || PAST.contains(word));
        let is_state = words
            .last()
            .is_some_and(|last| STATES.contains(last) || last.ends_with("able"));
        if is_order && !is_past && !is_state {
            diagnostics.push(
                Diagnostic::warning(
                    CODE,
                    event.span,
                    format!("`{name}` is a command, and not a fact"),
                )
                .help("name what has happened, in the past tense, such as `OrderCreated`"),
            );
        }
    }
}

/// `OrderCreated` as `Order` and `Created`.
fn words(name: &str) -> Vec<&str> {
    let starts: Vec<usize> = name
        .char_indices()
        .filter(|(_, c)| c.is_ascii_uppercase())
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([name.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| &name[*start..end])
        .collect()
}
