//! The page of a code: Markdown that says what it finds, why that matters, shows it, and shows what to write instead.

use super::Code;

/// Everything there is to say about a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The code.
    pub code: Code,
    /// Markdown without a heading. The first paragraph says what is found; the first `toml` block has it, the second has not.
    pub text: String,
}

impl Page {
    /// The page in a lint's file: its `//!` lines, whose heading is the code's name.
    pub fn of_module(code: Code, file: &str) -> Self {
        let lines = file.lines().map_while(|line| line.strip_prefix("//!"));
        let lines = lines.filter(|line| line.strip_prefix(" # ") != Some(code.name));
        Self::of_lines(code, lines)
    }

    /// The page in a doc comment, whose lines start with a space.
    pub fn of_lines<'a>(code: Code, lines: impl Iterator<Item = &'a str>) -> Self {
        let lines: Vec<&str> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        Self {
            code,
            text: lines.join("\n").trim().to_owned(),
        }
    }

    /// The first paragraph, in one line.
    pub fn summary(&self) -> String {
        let paragraph = self.text.split("\n\n").next().unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The `toml` blocks, in order.
    pub fn examples(&self) -> Vec<String> {
        let blocks = self.text.split("```toml\n").skip(1);
        blocks
            .filter_map(|rest| rest.split_once("```"))
            .map(|(block, _)| block.to_owned())
            .collect()
    }
}
