//! AWS's own ranges, checked where a number is read.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::Spanned;

/// Reports `value` when it lies outside `range`.
pub fn within<T: PartialOrd + Display>(
    key: &str,
    value: &Spanned<T>,
    range: RangeInclusive<T>,
    diagnostics: &mut Diagnostics,
) {
    if !range.contains(&value.value) {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_VALUE,
                value.span,
                format!("`{key}` is {}, outside of AWS's range", value.value),
            )
            .help(format!(
                "choose between {} and {}",
                range.start(),
                range.end()
            )),
        );
    }
}
