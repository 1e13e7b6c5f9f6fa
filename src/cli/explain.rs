//! `topogen explain`

use clap::Args;

use super::terminal::print;
use super::{CliError, Exit};
use crate::diag::{Page, human};
use crate::lints;
use crate::syntax::suggest;

/// Say what a finding means, why it matters and what to write instead.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Codes or names of findings, such as TG201 [default: list them all]
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
}

pub(super) fn run(args: &ExplainArgs) -> Result<(), CliError> {
    let pages = lints::pages();
    if args.codes.is_empty() {
        print!("{}", human::list(&pages));
        return Ok(());
    }
    let chosen = args.codes.iter().map(|code| find(&pages, code));
    let chosen = chosen.collect::<Result<Vec<&Page>, CliError>>()?;
    let shown: Vec<String> = chosen.into_iter().map(human::page).collect();
    print!("{}", shown.join("\n"));
    Ok(())
}

fn find<'a>(pages: &'a [Page], wanted: &str) -> Result<&'a Page, CliError> {
    let called = |page: &&Page| page.code.is_called(wanted);
    pages.iter().find(called).ok_or_else(|| {
        let words = pages.iter().flat_map(|page| [page.code.id, page.code.name]);
        CliError::new(Exit::Usage, format!("there is no finding `{wanted}`")).help(
            match suggest::nearest(wanted, words) {
                Some(word) => format!("did you mean `{word}`?"),
                None => "`topogen explain` lists them all".to_owned(),
            },
        )
    })
}
