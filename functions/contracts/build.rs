//! Makes the types of the contracts in `schemas/`. A contract that changes changes its type, and breaks the build of every
//! handler that relied on what it said before.

use std::process::ExitCode;

/// What the schemas say of a value, and the type of ours that holds it.
const OWN: &[(&str, &str)] = &[
    (
        r#"{ "title": "CustomerEmail", "type": "string", "format": "email", "maxLength": 254 }"#,
        "crate::CustomerEmail",
    ),
    (
        r#"{ "title": "Currency", "type": "string", "pattern": "^[A-Z]{3}$" }"#,
        "crate::Currency",
    ),
    (
        r#"{ "title": "Money", "type": "number", "exclusiveMinimum": 0 }"#,
        "crate::Money",
    ),
];

fn main() -> ExitCode {
    topogen_typegen::build("schemas", OWN)
}
