//! How builds are shown: on a terminal one line that lives while a handler is built, with cargo's own words above it; elsewhere
//! plain lines.

use std::time::Duration;

use anstream::{AutoStream, ColorChoice, eprintln};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::build::{Job, Watch, Words};

/// How much is shown, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Only what goes wrong.
    Quiet,
    /// Plain lines.
    Plain,
    /// A terminal that can move its cursor.
    Terminal,
}

impl Progress {
    /// What suits stderr: a pipe, or a terminal that cannot move its cursor, gets plain lines.
    pub(super) fn on_stderr(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if ProgressDrawTarget::stderr().is_hidden() {
            Self::Plain
        } else {
            Self::Terminal
        }
    }

    /// Begins the line of a job, which ends when it is dropped; `place` is its number and how many there are.
    pub(super) fn begin(self, job: &Job, place: (usize, usize)) -> Line<'_> {
        self.begin_on(job, place, ProgressDrawTarget::stderr())
    }

    fn begin_on(
        self,
        job: &Job,
        (number, of): (usize, usize),
        target: ProgressDrawTarget,
    ) -> Line<'_> {
        let title = format!("[{number}/{of}] {}", names(job));
        let bar = (self == Self::Terminal).then(|| {
            let bar = ProgressBar::with_draw_target(None, target)
                .with_style(style())
                .with_message(title.clone());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Line {
            progress: self,
            job,
            title,
            bar,
        }
    }
}

fn style() -> ProgressStyle {
    // The pattern is fixed; were it wrong, the library's own would do.
    ProgressStyle::with_template("{spinner} {elapsed:>4} {pos:>4} crates  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// The services of a job.
fn names(job: &Job) -> String {
    let names: Vec<&str> = job
        .services
        .iter()
        .map(|service| service.as_str())
        .collect();
    names.join(", ")
}

/// A handler that is being built.
pub(super) struct Line<'a> {
    progress: Progress,
    job: &'a Job,
    title: String,
    bar: Option<ProgressBar>,
}

impl Line<'_> {
    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
}

impl Watch for Line<'_> {
    fn words(&self) -> Words {
        match self.progress {
            Progress::Quiet => Words::Errors,
            Progress::Plain => Words::AsTheyAre,
            Progress::Terminal => Words::Lines {
                colour: AutoStream::choice(&std::io::stderr()) != ColorChoice::Never,
            },
        }
    }

    fn started(&self, tool: &str) {
        let architecture = self.job.architecture;
        match &self.bar {
            Some(bar) => bar.set_message(format!("{}  {architecture}, {tool}", self.title)),
            None if self.progress == Progress::Quiet => {}
            None => eprintln!("building  {:<20} {architecture}, {tool}", names(self.job)),
        }
    }

    fn line(&self, line: &str) {
        self.say(line);
    }

    fn compiled(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    fn note(&self, note: &str) {
        self.say(&format!("{}: warning: {note}", self.job.origin));
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;
    use crate::model::function::Architecture;
    use crate::plan::Origin;
    use crate::source::Span;

    fn job() -> Job {
        Job {
            folder: "functions/outbox".into(),
            architecture: Architecture::Arm64,
            services: vec![
                "order-outbox".parse().unwrap(),
                "payment-outbox".parse().unwrap(),
            ],
            origin: Origin {
                file: "topology.toml".into(),
                line: 34,
                span: Span::default(),
            },
        }
    }

    #[test]
    fn cargos_words_stand_above_the_line_of_the_handler() {
        let terminal = InMemoryTerm::new(10, 100);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let job = job();
        let line = Progress::Terminal.begin_on(&job, (2, 4), target);
        line.started("cargo-zigbuild");
        line.compiled();
        line.compiled();
        line.line("   Compiling bytes v1.12.2");
        line.line("\u{1b}[1m\u{1b}[33mwarning\u{1b}[0m: unused variable: `x`");
        line.note("`functions/outbox` is larger than it was");
        let seen = terminal.contents();
        let lines: Vec<&str> = seen.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "   Compiling bytes v1.12.2",
                "warning: unused variable: `x`",
                "topology.toml:34: warning: `functions/outbox` is larger than it was"
            ]
        );
        let words = " 0s    2 crates  [2/4] order-outbox, payment-outbox  arm64, cargo-zigbuild";
        assert!(lines[3].trim_end().ends_with(words), "{seen}");
        assert_eq!(lines.len(), 4, "{seen}");

        // The line goes, and what cargo said stays.
        drop(line);
        assert_eq!(terminal.contents().lines().collect::<Vec<_>>(), lines[..3]);
    }

    #[test]
    fn a_line_longer_than_the_terminal_stays_one_line() {
        let terminal = InMemoryTerm::new(10, 40);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let job = job();
        let line = Progress::Terminal.begin_on(&job, (2, 4), target);
        line.started("cargo-zigbuild");
        line.line("   Compiling bytes v1.12.2");
        assert_eq!(
            terminal.contents().lines().count(),
            2,
            "{}",
            terminal.contents()
        );
        drop(line);
        assert_eq!(terminal.contents(), "   Compiling bytes v1.12.2");
    }

    #[test]
    fn cargo_speaks_for_itself_where_nothing_is_drawn() {
        let job = job();
        assert_eq!(
            Progress::Plain.begin(&job, (1, 1)).words(),
            Words::AsTheyAre
        );
        assert_eq!(Progress::Quiet.begin(&job, (1, 1)).words(), Words::Errors);
    }
}
