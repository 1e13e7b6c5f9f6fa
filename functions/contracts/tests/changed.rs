//! A contract that changes breaks the build of the handlers that relied on what it said, and of no other.
//!
//! The handlers of this workspace are built in a copy of it, with the workspace's own target folder, where all they depend on
//! lies built already. Their folder has another name there: cargo tells crates apart by their path in the workspace, and would
//! take the copy's for ours.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// A copy of the handlers.
struct Copy(PathBuf);

impl Copy {
    fn new() -> Self {
        let functions = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let root = functions.parent().unwrap();
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("changed-contract");
        let _ = fs::remove_dir_all(&copy);
        copy_folder(functions, &copy.join("handlers"));
        fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock")).unwrap();
        // A member that uses the handlers; the workspace is none without it.
        let faults = copy.join("tests/faults");
        copy_folder(&root.join("tests/faults"), &faults);
        let manifest = fs::read_to_string(faults.join("Cargo.toml")).unwrap();
        let manifest = manifest.replace("../../functions/", "../../handlers/");
        fs::write(faults.join("Cargo.toml"), manifest).unwrap();
        // The workspace without its root package.
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let (_, workspace) = manifest.split_once("\n[workspace]\n").unwrap();
        let workspace = format!("[workspace]\n{workspace}").replace("\"functions/", "\"handlers/");
        fs::write(copy.join("Cargo.toml"), workspace).unwrap();
        Self(copy)
    }

    /// Changes a contract, for one build.
    fn with(&self, event: &str, change: impl Fn(&mut Value)) -> Changed<'_> {
        let path = format!("handlers/contracts/schemas/{event}.json");
        let path = self.0.join(path);
        let before = fs::read_to_string(&path).unwrap();
        let mut schema = serde_json::from_str(&before).unwrap();
        change(&mut schema);
        fs::write(&path, schema.to_string()).unwrap();
        Changed {
            copy: self,
            path,
            before,
        }
    }

    /// What the compiler says of a handler's library; nothing when it builds.
    fn build(&self, handler: &str) -> String {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--offline",
                "--quiet",
                "--lib",
                "--no-default-features",
                "--package",
                handler,
            ])
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", target)
            .output()
            .unwrap();
        let said = String::from_utf8(built.stderr).unwrap();
        assert_eq!(built.status.success(), said.is_empty(), "{said}");
        said
    }
}

struct Changed<'a> {
    copy: &'a Copy,
    path: PathBuf,
    before: String,
}

impl Changed<'_> {
    fn builds(&self, handler: &str) {
        assert_eq!(self.copy.build(handler), "", "{handler}");
    }

    fn breaks(&self, handler: &str, what: &str) {
        let said = self.copy.build(handler);
        let place = format!("handlers/{handler}/src/");
        assert!(
            said.contains(what) && said.contains(&place),
            "{handler}: {said}"
        );
    }
}

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        let _ = fs::write(&self.path, &self.before);
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_changed_contract_breaks_the_build_of_the_handler_it_breaks() {
    let copy = Copy::new();
    assert_eq!(copy.build("payment"), "");

    // The consumer read what is no longer there.
    let changed = copy.with("OrderCreated", |schema| {
        let fields = schema["properties"].as_object_mut().unwrap();
        fields.remove("totalAmount");
        schema["required"] = json!(["orderId", "customerEmail", "items", "currency"]);
    });
    changed.breaks("payment", "no field `total_amount` on type");
    changed.builds("inventory");
    drop(changed);

    // What the consumer took for given may now be missing.
    let changed = copy.with("OrderCreated", |schema| {
        schema["required"] = json!(["orderId", "customerEmail", "items", "totalAmount"]);
    });
    changed.breaks("payment", "found `Option<Currency>`");
    drop(changed);

    // The producer would say more than it may: of a hundred lines only fifty may be passed on.
    let changed = copy.with("InventoryReserved", |schema| {
        schema["properties"]["items"]["maxItems"] = json!(50);
    });
    changed.breaks("inventory", "expected `50`, found `100`");
    changed.builds("payment");
    drop(changed);

    // A field more: consumers do not care.
    let changed = copy.with("OrderCreated", |schema| {
        schema["properties"]["coupon"] = json!({ "type": "string" });
    });
    changed.builds("payment");
    changed.builds("inventory");
}
