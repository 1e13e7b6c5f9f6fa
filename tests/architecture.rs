//! The import table of ARCHITECTURE.md, checked: which module may use which, and what the pure ones never touch.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Module to the modules that it may use. Each may use itself; `cli` may use everything and is used by no one.
const MAY_USE: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("parallel", &[]),
    ("graph", &[]),
    ("diag", &["source"]),
    ("syntax", &["diag", "source", "parallel"]),
    ("filter", &["syntax", "diag", "source"]),
    ("model", &["filter", "syntax", "diag", "source"]),
    (
        "contracts",
        &["filter", "diag", "source", "parallel", "graph"],
    ),
    (
        "lints",
        &[
            "model",
            "plan",
            "contracts",
            "filter",
            "syntax",
            "diag",
            "source",
            "parallel",
            "graph",
        ],
    ),
    ("aws", &[]),
    (
        "plan",
        &["model", "syntax", "aws", "diag", "source", "graph"],
    ),
    ("trace", &["plan", "model", "filter"]),
    ("emit", &["plan", "aws"]),
    ("out", &["emit", "parallel"]),
    ("build", &["plan", "model", "out", "diag"]),
    ("deploy", &["plan", "build"]),
    // A scenario file is read with the same reader as the topology, and names its services and durations.
    (
        "local",
        &["plan", "aws", "model", "syntax", "diag", "source"],
    ),
];

/// Modules that are pure: text and values in, values out.
const PURE: &[&str] = &[
    "source",
    "diag",
    "syntax",
    "filter",
    "model",
    "contracts",
    "lints",
    "aws",
    "plan",
    "trace",
    "emit",
];

/// What a pure module never touches.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env::",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "HashMap",
    "async fn",
    "tokio",
    "println!",
    "print!",
    "rand",
];

#[test]
fn modules_use_only_what_the_table_allows() {
    let mut faults = Vec::new();
    for (module, allowed) in MAY_USE {
        for (file, text) in sources(module) {
            for used in used_modules(&text) {
                if used != *module && !allowed.contains(&used.as_str()) {
                    faults.push(format!("{}: uses `{used}`", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_stands_in_the_table() {
    let listed: Vec<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    for entry in std::fs::read_dir("src").unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_string_lossy().into_owned();
        let known = listed.contains(&module.as_str())
            || ["lib", "main", "bin", "cli"].contains(&module.as_str());
        assert!(known, "src/{module} is not in the import table");
    }
}

#[test]
fn pure_modules_touch_nothing_outside() {
    let mut faults = Vec::new();
    for module in PURE {
        for (file, text) in sources(module) {
            for (number, line) in code(&text).enumerate() {
                for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                    faults.push(format!("{}:{}: `{word}`", file.display(), number + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The table in ARCHITECTURE.md is this table.
#[test]
fn the_page_says_the_same() {
    let page = std::fs::read_to_string("ARCHITECTURE.md").unwrap();
    let rows: BTreeMap<String, Vec<String>> = page
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| `")?.split('|').collect();
            let names = |cell: &str| {
                cell.split('`')
                    .skip(1)
                    .step_by(2)
                    .map(str::to_owned)
                    .collect::<Vec<String>>()
            };
            Some((
                cells[0].trim().trim_end_matches('`').to_owned(),
                names(cells.get(1)?),
            ))
        })
        .collect();
    for (module, allowed) in MAY_USE {
        let row = rows
            .get(*module)
            .unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for `{module}`"));
        assert_eq!(row, allowed, "the row of `{module}` in ARCHITECTURE.md");
    }
}

/// Modules named in `use crate::…`, over several lines too, and in paths such as `crate::plan::…`.
fn used_modules(text: &str) -> Vec<String> {
    let text = code(text).collect::<Vec<_>>().join(" ");
    let mut used = Vec::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => {
                // Only the outermost level names modules.
                let mut depth = 0;
                let mut item = String::new();
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            used.push(first_name(std::mem::take(&mut item).trim()))
                        }
                        c if depth == 0 => item.push(c),
                        _ => {}
                    }
                }
                used.push(first_name(item.trim()));
            }
            None => used.push(first_name(rest)),
        }
    }
    // The crate's own `Project` and macro paths are no modules.
    used.retain(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    used
}

#[test]
fn imports_are_seen_in_every_form() {
    let text = "use crate::plan::Plan;\nuse crate::{\n    aws::{sns, sqs},\n    diag,\n};\nlet x = crate::out::write();";
    assert_eq!(used_modules(text), ["plan", "aws", "diag", "out"]);
    assert_eq!(
        used_modules("// use crate::plan;\n#[cfg(test)]\nuse crate::emit;"),
        Vec::<String>::new()
    );
}

fn first_name(path: &str) -> String {
    path.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

/// Lines of code: no comments, and nothing after the file's tests begin.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .map(|line| line.split("//").next().unwrap_or_default())
}

fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let root = Path::new("src");
    let single = root.join(format!("{module}.rs"));
    if single.is_file() {
        files.push(single);
    }
    collect(&root.join(module), &mut files);
    assert!(!files.is_empty(), "there is no module `{module}`");
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            (file, text)
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
