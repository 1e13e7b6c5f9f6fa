//! Typical mistakes of a workflow on SNS, SQS and Lambda, each one line of a table: a slip in a good topology, what finds it,
//! and where. One slip is one finding, in one run.
//!
//! They are what goes wrong in such workflows, and the mistakes that validators of CloudFormation were tried on. Those that a
//! topology cannot even say (a missing queue policy, an unencrypted queue, a misspelt metric) are not among them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use topogen::Project;
use topogen::contracts::Library;
use topogen::diag::Diagnostics;
use topogen::source::Source;

/// A topology without a finding.
const GOOD: &str = r#"[app]
name = "shop"

[alarms]
notify = ["email:ops@example.com"]

[api]
authorizer = { issuer = "https://login.example.com", audience = ["shop"] }

[topics.orders]

[topics.ledger]
fifo = true

[events.OrderCreated]
topic = "orders"
schema = "schemas/OrderCreated.json"
attributes = ["currency"]

[events.OrderCancelled]
topic = "orders"
schema = "schemas/OrderCancelled.json"

[events.PaymentCompleted]
topic = "orders"

[events.AmountBooked]
topic = "ledger"
message_group = "account"

[services.order]
http = ["POST /orders"]
publishes = ["OrderCreated", "OrderCancelled"]
table = { name = "Orders", key = "orderId" }
outbox = true

[services.payment]
publishes = ["PaymentCompleted", "AmountBooked"]
function = { memory = 512, timeout = "15s" }
environment = { PROVIDER_URL = "https://pay.example.com" }
permissions = [{ actions = ["s3:PutObject"], resources = ["arn:aws:s3:::receipts/*"] }]

[services.notification]

[services.bookkeeping]

[subscriptions.payment]
events = ["OrderCreated"]
filter = { total = [{ numeric = [">=", 10] }] }
batch_size = 5
max_receive_count = 5

[subscriptions.notification]
events = ["OrderCancelled", "PaymentCompleted"]

[subscriptions.bookkeeping]
events = ["AmountBooked"]

[environments.prod]
region = "eu-west-1"
"#;

/// What goes wrong, what is written instead of what, the code that finds it, and the line that it points at.
struct Slip(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const PAYMENT: &str = "[subscriptions.payment]\n";
const FILTER: &str = "filter = { total = [{ numeric = [\">=\", 10] }] }\n";

const SLIPS: [Slip; 24] = [
    Slip(
        "a consumer misspells an event",
        "events = [\"OrderCreated\"]",
        "events = [\"OrderCreatd\"]",
        "TG101",
        "events = [\"OrderCreatd\"]",
    ),
    Slip(
        "nobody publishes what somebody waits for",
        "publishes = [\"PaymentCompleted\", \"AmountBooked\"]",
        "publishes = [\"AmountBooked\"]",
        "TG110",
        "events = [\"OrderCancelled\", \"PaymentCompleted\"]",
    ),
    Slip(
        "nobody receives what somebody publishes",
        "events = [\"OrderCancelled\", \"PaymentCompleted\"]",
        "events = [\"OrderCancelled\"]",
        "TG111",
        "publishes = [\"PaymentCompleted\", \"AmountBooked\"]",
    ),
    Slip(
        "a service is told twice",
        "[subscriptions.bookkeeping]",
        "[subscriptions.payment-again]\nservice = \"payment\"\nevents = [\"OrderCreated\"]\n\n[subscriptions.bookkeeping]",
        "TG112",
        "events = [\"OrderCreated\"]",
    ),
    Slip(
        "events go in a circle",
        "[subscriptions.bookkeeping]",
        "[subscriptions.order]\nevents = [\"PaymentCompleted\"]\n\n[subscriptions.bookkeeping]",
        "TG113",
        "events = [\"PaymentCompleted\"]",
    ),
    Slip(
        "the message comes back while it is still worked on",
        PAYMENT,
        "[subscriptions.payment]\nvisibility_timeout = \"10s\"\n",
        "TG201",
        "visibility_timeout = \"10s\"",
    ),
    Slip(
        "the visibility time-out has no room for throttling",
        PAYMENT,
        "[subscriptions.payment]\nvisibility_timeout = \"30s\"\n",
        "TG202",
        "visibility_timeout = \"30s\"",
    ),
    Slip(
        "a batch of thousands without a window",
        "batch_size = 5\n",
        "batch_size = 10000\n",
        "TG203",
        "batch_size = 10000",
    ),
    Slip(
        "a message is given up after its first failure",
        "max_receive_count = 5",
        "max_receive_count = 1",
        "TG205",
        "max_receive_count = 1",
    ),
    Slip(
        "dead letters are thrown away before anybody looks",
        PAYMENT,
        "[subscriptions.payment]\ndead_letter_retention = \"1d\"\n",
        "TG204",
        "dead_letter_retention = \"1d\"",
    ),
    Slip(
        "a FIFO queue at a standard topic",
        PAYMENT,
        "[subscriptions.payment]\nfifo = true\n",
        "TG115",
        "fifo = true",
    ),
    Slip(
        "alarms that nobody hears",
        "[alarms]\nnotify = [\"email:ops@example.com\"]\n",
        "",
        "TG209",
        "name = \"shop\"",
    ),
    Slip(
        "a filter's value that is not a list",
        FILTER,
        "filter = { currency = \"USD\" }\n",
        "TG120",
        "filter = { currency = \"USD\" }",
    ),
    Slip(
        "a filter on attributes asks for what is none",
        FILTER,
        "filter_scope = \"MessageAttributes\"\nfilter = { total = [{ numeric = [\">=\", 10] }] }\n",
        "TG122",
        "filter = { total = [{ numeric = [\">=\", 10] }] }",
    ),
    Slip(
        "a filter misspells a field",
        FILTER,
        "filter = { totla = [{ numeric = [\">=\", 10] }] }\n",
        "TG124",
        "filter = { totla = [{ numeric = [\">=\", 10] }] }",
    ),
    Slip(
        "a filter compares a number with text",
        FILTER,
        "filter = { total = [\"10\"] }\n",
        "TG125",
        "filter = { total = [\"10\"] }",
    ),
    Slip(
        "a filter asks for a value that does not occur",
        FILTER,
        "filter = { currency = [\"usd\"] }\n",
        "TG126",
        "filter = { currency = [\"usd\"] }",
    ),
    Slip(
        "a key that does not let SNS in",
        PAYMENT,
        "[subscriptions.payment]\nencryption = \"alias/aws/sqs\"\n",
        "TG305",
        "encryption = \"alias/aws/sqs\"",
    ),
    Slip(
        "everybody may place orders",
        "[api]\nauthorizer = { issuer = \"https://login.example.com\", audience = [\"shop\"] }\n",
        "",
        "TG301",
        "http = [\"POST /orders\"]",
    ),
    Slip(
        "a role that may do everything",
        "actions = [\"s3:PutObject\"], resources = [\"arn:aws:s3:::receipts/*\"]",
        "actions = [\"*\"], resources = [\"*\"]",
        "TG304",
        "permissions = [{ actions = [\"*\"], resources = [\"*\"] }]",
    ),
    Slip(
        "a password in the file",
        "PROVIDER_URL = \"https://pay.example.com\"",
        "PROVIDER_PASSWORD = \"Zk3vQ9sLx2Wm7Rt5\"",
        "TG309",
        "environment = { PROVIDER_PASSWORD = \"Zk3vQ9sLx2Wm7Rt5\" }",
    ),
    Slip(
        "a misspelt setting",
        "memory = 512",
        "memroy = 512",
        "TG002",
        "function = { memroy = 512, timeout = \"15s\" }",
    ),
    Slip(
        "a value that AWS does not have",
        "memory = 512",
        "architecture = \"arm\"",
        "TG005",
        "function = { architecture = \"arm\", timeout = \"15s\" }",
    ),
    Slip(
        "a reference to what is not there",
        PAYMENT,
        "[overrides.PaymentFunction.Properties]\nKmsKeyArn = { Ref = \"PaymentKey\" }\n\n[subscriptions.payment]\n",
        "TG141",
        "KmsKeyArn = { Ref = \"PaymentKey\" }",
    ),
];

fn findings(project: &Project) -> Diagnostics {
    let folder = Path::new("tests/diagnostics");
    let library =
        Library::new(|path| std::fs::read(folder.join(path)).map_err(|error| error.to_string()));
    let mut all = Diagnostics::default();
    for environment in project.environments() {
        all.extend(project.compile_with(&environment, Some(&library)).1);
    }
    all.sorted()
}

/// Code and line of each finding, and what is said.
fn found(text: &str) -> Vec<(String, String, String)> {
    let project = Project::parse(Source::new("topology.toml", text));
    let all = findings(&project);
    let each = all.iter().map(|finding| {
        let line = project.source.line(finding.span.start);
        let line = text.lines().nth(line - 1).unwrap_or_default();
        let code = finding.code.id.to_owned();
        (code, line.to_owned(), finding.message.clone())
    });
    each.collect()
}

#[test]
fn a_good_topology_has_no_finding() {
    assert_eq!(found(GOOD), []);
}

#[test]
fn every_mistake_is_found_at_its_line_and_once() {
    let mut right = 0;
    for Slip(what, good, bad, code, line) in &SLIPS {
        assert_eq!(GOOD.matches(good).count(), 1, "{what}: nothing to replace");
        let found = found(&GOOD.replacen(good, bad, 1));
        let hit = match found.as_slice() {
            [(found, at, _)] => found == code && at == line,
            _ => false,
        };
        println!(
            "{} {code} {what}: {found:?}",
            if hit { "found " } else { "MISSED" }
        );
        right += usize::from(hit);
    }
    println!("{right} of {} found", SLIPS.len());
    assert_eq!(right, SLIPS.len());
}
