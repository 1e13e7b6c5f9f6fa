//! Pages: minijinja templates of `templates/`, embedded in the binary.
//!
//! A page gets one small struct and makes no decision about AWS. Undefined names are errors, found by the tests that
//! render every page.

use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, filters};
use serde::Serialize;

/// A page of the program. It is parsed when it is first needed: most commands need none.
pub(super) struct Page {
    text: &'static str,
    parsed: OnceLock<Environment<'static>>,
}

/// Its only page.
const NAME: &str = "page";

#[expect(
    clippy::expect_used,
    reason = "pages are embedded, and a test renders each"
)]
impl Page {
    pub(super) const fn new(text: &'static str) -> Self {
        let parsed = OnceLock::new();
        Self { text, parsed }
    }

    /// The page with what it is told.
    pub(super) fn render(&self, context: &impl Serialize) -> String {
        let parsed = self.parsed.get_or_init(|| self.parse());
        parsed
            .get_template(NAME)
            .and_then(|page| page.render(Serde(context)))
            .expect("an embedded page renders")
    }

    fn parse(&self) -> Environment<'static> {
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .expect("the plain syntax is valid");
        // Pages use three filters; to set up all of minijinja's takes longer than to render one.
        let mut environment = Environment::empty();
        environment.add_filter("join", filters::join);
        environment.add_filter("length", filters::length);
        environment.add_filter("map", filters::map);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(syntax);
        environment
            .add_template(NAME, self.text)
            .expect("an embedded page parses");
        environment
    }
}
