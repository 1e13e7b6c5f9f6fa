//! A new handler: a crate for a consumer that compiles, passes its tests and does nothing yet but what every consumer does.

use serde::Serialize;
use serde_json::{Value, json};

use super::Artefact;
use super::page::Page;

static CARGO_TOML: Page = Page::new(include_str!("../../templates/handler/Cargo.toml.j2"));
static LIB: Page = Page::new(include_str!("../../templates/handler/lib.rs.j2"));
static MAIN: Page = Page::new(include_str!("../../templates/handler/main.rs.j2"));
static TEST: Page = Page::new(include_str!("../../templates/handler/test.rs.j2"));
static EVENTS: Page = Page::new(include_str!("../../templates/handler/events.rs.j2"));

/// A consumer whose handler is to be written.
#[derive(Debug)]
pub struct Handler {
    /// The service, and the crate's name.
    pub service: String,
    /// The crate's folder, from that of the topology.
    pub folder: String,
    /// Key of the table that takes the ids of events, if there is one.
    pub table_key: Option<String>,
    /// Events that it receives, by name.
    pub events: Vec<Received>,
}

/// An event that a new handler receives.
#[derive(Debug)]
pub struct Received {
    /// Its name.
    pub name: String,
    /// The version of its contract.
    pub version: String,
    /// An example of its data, when `functions/contracts` has a type for it.
    pub example: Option<Value>,
}

/// What the pages are told.
#[derive(Serialize)]
struct Told<'a> {
    name: &'a str,
    library: String,
    /// The folder `functions`, from that of the crate.
    functions: String,
    table_key: Option<&'a str>,
    has_contracts: bool,
    has_plain: bool,
    events: Vec<Event<'a>>,
}

#[derive(Serialize)]
struct Event<'a> {
    name: &'a str,
    version: &'a str,
    contract: bool,
    /// The payload's type.
    path: String,
    /// The function that handles it.
    step: String,
}

/// The files of the crate: paths from its folder.
pub fn files(handler: &Handler) -> Vec<Artefact> {
    let told = told(handler);
    let file = |path: &str, text: String| Artefact {
        path: path.to_owned(),
        bytes: text.into_bytes(),
    };
    // One line's end at the end, whichever block of the page comes last.
    let made = |path: &str, page: &Page| {
        let text = page.render(&told);
        file(path, format!("{}\n", text.trim_end()))
    };
    let mut files = vec![
        made("Cargo.toml", &CARGO_TOML),
        made("src/lib.rs", &LIB),
        made("src/main.rs", &MAIN),
        made(&format!("tests/{}.rs", told.library), &TEST),
    ];
    if told.has_plain {
        files.push(made("src/events.rs", &EVENTS));
    }
    files.extend(handler.events.iter().map(|event| {
        let text = format!("{:#}\n", example(event));
        file(&format!("events/{}.json", event.name), text)
    }));
    files
}

fn told(handler: &Handler) -> Told<'_> {
    let has = |contract| {
        let mut events = handler.events.iter();
        events.any(|event| event.example.is_some() == contract)
    };
    Told {
        name: &handler.service,
        library: handler.service.replace('-', "_"),
        functions: match handler.folder.split('/').collect::<Vec<_>>()[..] {
            ["functions", _] => "..".to_owned(),
            ref folders => format!("{}functions", "../".repeat(folders.len())),
        },
        table_key: handler.table_key.as_deref(),
        has_contracts: has(true),
        has_plain: has(false),
        events: handler.events.iter().map(event).collect(),
    }
}

fn event(received: &Received) -> Event<'_> {
    let contract = received.example.is_some();
    let module = if contract { "contracts" } else { "events" };
    Event {
        name: &received.name,
        version: &received.version,
        contract,
        path: format!("{module}::{}", received.name),
        step: step(&received.name),
    }
}

/// `OrderCreated` as `on_order_created`: two events never have one name, and none is a word of Rust.
fn step(event: &str) -> String {
    let mut name = "on".to_owned();
    for letter in event.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// The event as it is delivered.
fn example(event: &Received) -> Value {
    let id = "00000000-0000-4000-8000-000000000001";
    json!({
        "eventId": id,
        "eventType": event.name,
        "eventVersion": event.version,
        "source": "example",
        "occurredAt": "2026-01-31T09:30:00.000Z",
        "correlationId": id,
        "data": event.example.clone().unwrap_or_else(|| json!({})),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_named_after_their_events() {
        assert_eq!(step("OrderCreated"), "on_order_created");
        assert_eq!(step("Type"), "on_type");
        assert_ne!(step("HTTPDone"), step("HttpDone"));
    }

    #[test]
    fn the_kit_is_found_from_every_folder() {
        for (folder, functions) in [
            ("functions/fraud", ".."),
            ("handlers/fraud", "../../functions"),
            ("fraud", "../functions"),
        ] {
            let handler = Handler {
                service: "fraud".to_owned(),
                folder: folder.to_owned(),
                table_key: None,
                events: Vec::new(),
            };
            assert_eq!(told(&handler).functions, functions, "{folder}");
        }
    }
}
