//! Codes of the findings that the reader and the model make; a lint's code stands in the lint's own file.
//!
//! The doc comment of a code is its page: what it finds, why that matters, an example, what to write instead.

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $severity:ident $id:literal $kebab:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: $crate::diag::Code = $crate::diag::Code {
            id: $id,
            name: $kebab,
            severity: $crate::diag::Severity::$severity,
        };)*

        /// The pages of these codes, in order.
        pub fn pages() -> Vec<$crate::diag::Page> {
            vec![$($crate::diag::Page::of_lines($name, [$($doc),*].into_iter())),*]
        }
    };
}
pub(crate) use codes;

mod building;
mod file;
mod flow;
mod quotas;
mod template;

use super::Page;
pub use building::*;
pub use file::*;
pub use flow::*;
pub use quotas::*;
pub use template::*;

/// The pages of all of them, in order.
pub fn pages() -> Vec<Page> {
    let of = [
        file::pages(),
        flow::pages(),
        template::pages(),
        quotas::pages(),
        building::pages(),
    ];
    of.into_iter().flatten().collect()
}
