//! `[services.*]`: who owns a handler, a table, a queue.

use std::collections::BTreeMap;

use super::api::Route;
use super::function::{Function, FunctionWords};
use super::names::{EventName, ServiceName, VariableName};
use super::table::{Table, TableWords};
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
        pub publishes: Vec<Spanned<EventName>>,
        /// The DynamoDB table that it owns.
        pub table: Option<Spanned<TableWords>>,
        /// Its Lambda function.
        pub function: Option<FunctionWords>,
        /// Environment variables of its function; no secrets.
        pub environment: BTreeMap<VariableName, Spanned<String>>,
    }
}

/// Variables that topogen itself sets for handlers.
pub const OWN_VARIABLES: [&str; 6] = [
    "CORS",
    "SERVICE_NAME",
    "TABLE_NAME",
    "TABLE_KEY",
    "PUBLISHES",
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

/// Lambda takes 4 KB in all (gettingstarted-limits.html); what topogen adds, ARNs among it, stays well below 1 KB.
const MAX_ENVIRONMENT: usize = 3 * 1024;

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
    pub environment: BTreeMap<VariableName, String>,
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
        refuse_large(&words.environment, span, diagnostics);
        let handler = words
            .handler
            .unwrap_or_else(|| Spanned::new(format!("functions/{name}"), span));
        refuse_outside(&handler, diagnostics);
        Self {
            handler,
            unread_routes: words.http.iter().any(|route| route.0.is_none()),
            http: each_once(
                words.http.into_iter().filter_map(|route| route.0).collect(),
                diagnostics,
            ),
            publishes: each_once(words.publishes, diagnostics),
            table: words
                .table
                .and_then(|table| Table::resolve(table, diagnostics)),
            function: Function::resolve(words.function, span, diagnostics),
            environment: words
                .environment
                .into_iter()
                .map(|(variable, value)| (variable, value.value))
                .collect(),
            name,
            span,
        }
    }
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

fn refuse_large(
    environment: &BTreeMap<VariableName, Spanned<String>>,
    service: Span,
    diagnostics: &mut Diagnostics,
) {
    let sizes = environment
        .iter()
        .map(|(name, value)| name.as_str().len() + value.value.len());
    let size: usize = sizes.sum();
    if size > MAX_ENVIRONMENT {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                service,
                format!("the environment variables have {size} bytes, {MAX_ENVIRONMENT} fit beside topogen's own"),
            )
            .help("keep large settings in a file of the handler or in a parameter store"),
        );
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
