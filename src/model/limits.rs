//! AWS's own ranges, checked where a number is read.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::Spanned;

/// Reports `value` when it lies outside `range`, and goes on with the nearest that does not: one slip, one finding.
pub fn within<T: PartialOrd + Display + Copy>(
    key: &str,
    value: &mut Spanned<T>,
    range: RangeInclusive<T>,
    diagnostics: &mut Diagnostics,
) {
    if range.contains(&value.value) {
        return;
    }
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
    value.value = if value.value < *range.start() {
        *range.start()
    } else {
        *range.end()
    };
}
