//! `[services.*]`: who owns a handler, a table, a queue.

use std::collections::BTreeMap;

use super::api::Route;
use super::function::{Function, FunctionWords};
use super::limits::within;
use super::names::{EventName, OwnerName, ServiceName, TagKey, TagValue, VariableName};
use super::permission::{Permission, PermissionWords};
use super::schedule::Schedule;
use super::secret::Secret;
use super::table::{Table, TableWords};
use super::threshold::{ServiceAlarm, ServiceAlarmWords};
use crate::diag::{Diagnostic, Diagnostics, Fix, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::{Required, words};

words! {
    /// A service: owns a handler, a table, its queue.
    pub struct ServiceWords {
        /// Folder of the handler's crate. Default `functions/{service}`.
        pub handler: Option<Spanned<String>>,
        /// Routes of the app's API that start it, such as `POST /orders`.
        pub http: Vec<Required<Spanned<Route>>>,
        /// Events that it publishes.
        pub publishes: Vec<Required<Spanned<EventName>>>,
        /// The DynamoDB table that it owns.
        pub table: Option<Spanned<TableWords>>,
        /// Its Lambda function.
        pub function: Option<FunctionWords>,
        /// Environment variables of its function; no secrets. `${AWS::Region}` and the like are filled in, and so is `${Id}` or
        /// `${Id.Arn}` of a resource of the template; `${!Id}` stands for `${Id}` itself.
        pub environment: BTreeMap<VariableName, Spanned<String>>,
        /// Secrets of Secrets Manager that it may read, by name or ARN; the variable holds the ARN.
        pub secrets: BTreeMap<VariableName, Spanned<Secret>>,
        /// What its function may do beyond what its edges ask for.
        pub permissions: Vec<Spanned<PermissionWords>>,
        /// Invocations at once that are kept for it, and the most that it gets. Default: it shares the account's.
        pub reserved_concurrency: Option<Spanned<u32>>,
        /// When it is started by itself, in UTC: `rate(5 minutes)` or `cron(0 8 ? * MON-FRI *)`.
        pub schedule: Option<Required<Spanned<Schedule>>>,
        /// Whether events are written into its table and published from there, by a relay: neither is ever without the
        /// other. Default `false`.
        pub outbox: Option<Spanned<bool>>,
        /// From where on its alarms speak.
        pub alarm: Option<ServiceAlarmWords>,
        /// The team that owns it. Default: that of the app.
        pub owner: Option<Spanned<OwnerName>>,
        /// Tags of its resources.
        pub tags: BTreeMap<TagKey, Spanned<TagValue>>,
    }
}

/// Variables that topogen itself sets for handlers.
pub const OWN_VARIABLES: [&str; 11] = [
    "APP_NAME",
    "ENVIRONMENT_NAME",
    "CORS",
    "SERVICE_NAME",
    "TABLE_NAME",
    "TABLE_KEY",
    "TABLE_SORT_KEY",
    "TABLE_TTL",
    "PUBLISHES",
    "OUTBOX",
    "TEST_CONTROLS",
];

/// Variables that Lambda refuses (configuration-envvars.html).
const LAMBDA_VARIABLES: [&str; 21] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// A service, complete.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// Its header in the file.
    pub span: Span,
    /// Folder of the handler's crate, from the folder of topology.toml.
    pub handler: Spanned<String>,
    /// Routes that start it.
    pub http: Vec<Spanned<Route>>,
    /// Whether further routes could not be read, which has been reported.
    pub unread_routes: bool,
    /// Events that it publishes, each once.
    pub publishes: Vec<Spanned<EventName>>,
    /// The table that it owns.
    pub table: Option<Table>,
    /// Its Lambda function.
    pub function: Function,
    /// Environment variables that the file sets.
    pub environment: BTreeMap<VariableName, Spanned<String>>,
    /// Secrets that it may read, by variable.
    pub secrets: BTreeMap<VariableName, Spanned<Secret>>,
    /// What it may do beyond what its edges ask for.
    pub permissions: Vec<Permission>,
    /// Invocations at once that are kept for it.
    pub reserved_concurrency: Option<Spanned<u32>>,
    /// When it is started by itself.
    pub schedule: Option<Spanned<Schedule>>,
    /// Whether its schedule could not be read, which has been reported.
    pub unread_schedule: bool,
    /// Where the file asks for an outbox, if it does.
    pub outbox: Option<Span>,
    /// Where the file says that it has none, if it does.
    pub no_outbox: Option<Span>,
    /// From where on its alarms speak.
    pub alarm: ServiceAlarm,
    /// The team that owns it, when that is not the app's.
    pub owner: Option<Spanned<OwnerName>>,
    /// Tags of its resources.
    pub tags: BTreeMap<TagKey, Spanned<TagValue>>,
}

impl Service {
    pub(super) fn resolve(
        name: ServiceName,
        words: Spanned<ServiceWords>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let Spanned { value: words, span } = words;
        for (variable, value) in &words.environment {
            refuse_reserved(variable, value.span, diagnostics);
        }
        for (variable, secret) in &words.secrets {
            refuse_reserved(variable, secret.span, diagnostics);
            refuse_both(variable, secret.span, &words.environment, diagnostics);
        }
        let publishes = each_once(written(words.publishes), diagnostics);
        let mut reserved_concurrency = words.reserved_concurrency;
        if let Some(reserved) = &mut reserved_concurrency {
            if reserved.value == 0 {
                diagnostics.push(
                    Diagnostic::error(
                        codes::INVALID_VALUE,
                        reserved.span,
                        "`reserved_concurrency` is 0, which stops the function: what comes meanwhile ends in dead-letter queues",
                    )
                    .help("delete the line; to stop a service for a while, `aws lambda put-function-concurrency` does, and the next deployment ends it"),
                );
                reserved.value = 1;
            }
            // More than any account has; lints know how much this one has.
            within("reserved_concurrency", reserved, 1..=1_000_000, diagnostics);
        }
        let said = |wanted: bool| {
            words
                .outbox
                .as_ref()
                .filter(|outbox| outbox.value == wanted)
        };
        let (outbox, no_outbox) = (said(true).map(|o| o.span), said(false).map(|o| o.span));
        if let Some(outbox) = outbox {
            refuse_half_an_outbox(outbox, &words.table, &publishes, diagnostics);
        }
        let handler = words
            .handler
            .unwrap_or_else(|| Spanned::new(format!("functions/{name}"), span));
        refuse_outside(&handler, diagnostics);
        Self {
            handler,
            unread_routes: words.http.iter().any(|route| route.0.is_none()),
            http: each_once(written(words.http), diagnostics),
            publishes,
            table: words
                .table
                .and_then(|table| Table::resolve(table, outbox.is_some(), diagnostics)),
            function: Function::resolve(words.function, span, diagnostics),
            environment: words.environment,
            secrets: words.secrets,
            permissions: words
                .permissions
                .into_iter()
                .map(|permission| Permission::resolve(permission, diagnostics))
                .collect(),
            reserved_concurrency,
            unread_schedule: words.schedule.as_ref().is_some_and(|s| s.0.is_none()),
            schedule: words.schedule.and_then(|schedule| schedule.0),
            outbox,
            no_outbox,
            alarm: ServiceAlarm::resolve(words.alarm, span, diagnostics),
            owner: words.owner,
            tags: words.tags,
            name,
            span,
        }
    }
}

/// What could be read of a list; the rest has been reported.
pub(super) fn written<T>(list: Vec<Required<T>>) -> Vec<T> {
    list.into_iter().filter_map(|item| item.0).collect()
}

/// Sorted, and every repetition reported.
pub(super) fn each_once<T: Ord + std::fmt::Display>(
    mut list: Vec<Spanned<T>>,
    diagnostics: &mut Diagnostics,
) -> Vec<Spanned<T>> {
    list.sort_by(|a, b| (&a.value, a.span).cmp(&(&b.value, b.span)));
    list.dedup_by(|later, first| {
        let same = later.value == first.value;
        if same {
            diagnostics.push(
                Diagnostic::error(
                    codes::DUPLICATE,
                    later.span,
                    format!("`{}` is listed twice", later.value),
                )
                .related(first.span, "first here")
                .help("delete one of the two")
                .fix(Fix::remove_item(later.span)),
            );
        }
        same
    });
    list
}

fn refuse_reserved(variable: &VariableName, span: Span, diagnostics: &mut Diagnostics) {
    let owner = if OWN_VARIABLES.contains(&variable.as_str()) {
        "topogen sets it for the handler"
    } else if LAMBDA_VARIABLES.contains(&variable.as_str()) {
        "Lambda reserves it"
    } else {
        return;
    };
    diagnostics.push(
        Diagnostic::error(
            codes::ENVIRONMENT_KEY,
            span,
            format!("the environment variable `{variable}` cannot be set: {owner}"),
        )
        .help("choose another name"),
    );
}

fn refuse_both(
    variable: &VariableName,
    secret: Span,
    environment: &BTreeMap<VariableName, Spanned<String>>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(value) = environment.get(variable) {
        diagnostics.push(
            Diagnostic::error(
                codes::DUPLICATE,
                secret,
                format!("`{variable}` is a secret and an environment variable"),
            )
            .related(value.span, "the other one")
            .help("delete one of the two"),
        );
    }
}

/// An outbox stands in the service's own table, and holds what the service publishes.
fn refuse_half_an_outbox(
    outbox: Span,
    table: &Option<Spanned<TableWords>>,
    publishes: &[Spanned<EventName>],
    diagnostics: &mut Diagnostics,
) {
    let missing = |key: &str, help: &str| {
        Diagnostic::error(
            codes::MISSING_KEY,
            outbox,
            format!("an outbox needs `{key}`, which the service has not"),
        )
        .help(format!("add {help}, or delete the line"))
    };
    if table.is_none() {
        let help = "`table = { name = \"Orders\", key = \"orderId\" }`";
        diagnostics.push(missing("table", help));
    }
    if publishes.is_empty() {
        diagnostics.push(missing("publishes", "`publishes = [\"OrderCreated\"]`"));
    }
}

fn refuse_outside(handler: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let outside = handler.value.is_empty()
        || handler.value.starts_with('/')
        || handler.value.split('/').any(|part| part == "..");
    if outside {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                handler.span,
                format!(
                    "the handler `{}` is not a folder inside the project",
                    handler.value
                ),
            )
            .help("write a path from the folder of topology.toml, such as \"functions/payment\""),
        );
    }
}
