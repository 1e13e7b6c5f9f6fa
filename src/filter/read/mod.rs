//! What was written to a [`Policy`]: every mistake at its place, and what AWS would answer to it where that is known.

mod condition;

use super::Policy;
use super::policy::{Clause, OPERATORS, Test};
use super::written::{Form, Object, Written};
use crate::diag::{Diagnostic, Diagnostics, codes};
use crate::source::{Span, Spanned};
use crate::syntax::read::FromNode;
use crate::syntax::tree::Node;

const OR: &str = "$or";

impl FromNode for Policy {
    /// A filter with a mistake in it is one without clauses: nothing more is said of it, and nothing as if there were none.
    fn from_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let faulty = Self {
            clauses: Vec::new(),
        };
        Some(Self::of_node(node, diagnostics).unwrap_or(faulty))
    }
}

impl Policy {
    fn of_node(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let written = Written::from_node(node, diagnostics);
        let Form::Object(object) = &written.form else {
            let found = written.form.type_name();
            diagnostics.push(
                fault(
                    written.place,
                    format!("a filter is a table of keys, found {found}"),
                )
                .help("write `filter = { key = [\"value\"] }`"),
            );
            return None;
        };
        if object.is_empty() {
            diagnostics.push(
                fault(written.place, "the filter has no key, and filters nothing")
                    .help("delete it, or write `filter = { key = [\"value\"] }`"),
            );
            return None;
        }
        policy(object, diagnostics)
    }

    /// Reads a policy from its JSON, such as one that is deployed. All places are zero.
    ///
    /// # Errors
    /// When SNS would not take it, or would take it for something else than it says.
    pub fn from_json(json: &serde_json::Value) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let written = Written::from_json(json);
        let read = if let Form::Object(object) = &written.form {
            policy(object, &mut diagnostics)
        } else {
            let found = written.form.type_name();
            let message = format!("a filter policy is a JSON object, found {found}");
            diagnostics.push(fault(Span::default(), message));
            None
        };
        match read {
            Some(policy) if diagnostics.is_empty() => Ok(policy),
            _ => Err(diagnostics),
        }
    }
}

/// Reads on after a mistake; the policy is there when nothing was wrong with any of its clauses.
fn policy(object: &Object, diagnostics: &mut Diagnostics) -> Option<Policy> {
    let clauses: Vec<Option<Clause>> = object
        .iter()
        .map(|(key, value)| clause(key, value, diagnostics))
        .collect();
    let clauses = clauses.into_iter().collect::<Option<_>>()?;
    Some(Policy { clauses })
}

fn clause(key: &str, value: &Written, diagnostics: &mut Diagnostics) -> Option<Clause> {
    if key == OR {
        return alternatives(value, diagnostics);
    }
    let name = Spanned::new(key.to_owned(), value.name);
    if key.is_empty() {
        let fault = fault(value.name, "a key of the filter has no name");
        diagnostics.push(
            fault.help("name a field, such as `currency`; dots stand between the names of a path"),
        );
        return None;
    }
    match &value.form {
        Form::List(items) if items.is_empty() => {
            diagnostics.push(answered(
                fault(
                    value.place,
                    format!("`{key}` has an empty list, which no message matches"),
                ),
                format!("write the values that pass, such as `{key} = [\"…\"]`"),
                "Empty arrays are not allowed",
            ));
            None
        }
        Form::List(items) => {
            let conditions: Vec<_> = items
                .iter()
                .map(|item| condition::read(item, diagnostics))
                .collect();
            let conditions = conditions.into_iter().collect::<Option<_>>()?;
            Some(Clause::Key(name, Test::Any(conditions)))
        }
        Form::Object(object) if object.is_empty() => {
            diagnostics.push(
                fault(value.place, format!("`{key}` has no field below it")).help(format!(
                    "write `{key} = [\"…\"]`, or the field below it that counts"
                )),
            );
            None
        }
        Form::Object(object) => {
            refuse_bare_operators(key, object, diagnostics)?;
            let nested = policy(object, diagnostics)?;
            Some(Clause::Key(name, Test::Nested(nested)))
        }
        form @ (Form::Null | Form::Boolean(_) | Form::Number(_) | Form::String(_) | Form::Date) => {
            diagnostics.push(answered(
                fault(
                    value.place,
                    format!(
                        "`{key}` is {}, a filter takes a list of values",
                        form.type_name()
                    ),
                ),
                format!("put it in brackets: `{key} = […]`"),
                &format!("\"{key}\" must be an object or an array"),
            ));
            None
        }
    }
}

/// `{ numeric = [">=", 100] }` without its brackets would be a field of that name.
fn refuse_bare_operators(key: &str, object: &Object, diagnostics: &mut Diagnostics) -> Option<()> {
    let bare = |(name, value): &(&String, &Written)| {
        let is_list = matches!(&value.form, Form::List(_));
        let is_range = matches!(&value.form, Form::List(items)
            if matches!(items.first().map(|item| &item.form), Some(Form::String(first)) if condition::is_comparison(first)));
        match name.as_str() {
            "numeric" => is_range || !is_list,
            "anything-but" => true,
            known if OPERATORS.contains(&known) => !is_list,
            _ => false,
        }
    };
    let Some((operator, value)) = object.iter().find(bare) else {
        return Some(());
    };
    diagnostics.push(
        fault(
            value.name,
            format!("`{operator}` is an operator, and `{key}` has no list around it"),
        )
        .help(format!(
            "put it in brackets: `{key} = [{{ {operator} = … }}]`"
        )),
    );
    None
}

/// `$or`. Where SNS would silently take it for an attribute's name, it is refused.
fn alternatives(value: &Written, diagnostics: &mut Diagnostics) -> Option<Clause> {
    let silent = |span, message: String| {
        fault(span, message).help(
            "write two filters or more: `\"$or\" = [{ a = [\"…\"] }, { b = [\"…\"] }]`; AWS takes anything else for an attribute of the name `$or`, and nothing matches",
        )
    };
    let Form::List(items) = &value.form else {
        let found = value.form.type_name();
        diagnostics.push(silent(
            value.place,
            format!("`$or` is a list of filters, found {found}"),
        ));
        return None;
    };
    let mut good = items.len() >= 2;
    if !good {
        let count = items.len();
        diagnostics.push(silent(
            value.place,
            format!("`$or` has {count} of the 2 filters that it needs at least"),
        ));
    }
    let mut branches = Vec::new();
    for item in items {
        let Form::Object(object) = &item.form else {
            let found = item.form.type_name();
            diagnostics.push(silent(
                item.place,
                format!("`$or` is a list of filters, found {found} in it"),
            ));
            good = false;
            continue;
        };
        if object.is_empty() {
            let message = "an alternative of `$or` has no key, and lets everything pass";
            diagnostics.push(
                fault(item.place, message).help("delete the `$or`, or write the key that counts"),
            );
            good = false;
        }
        for (name, value) in object {
            if OPERATORS.contains(&name.as_str()) {
                let message =
                    format!("a field in `$or` cannot have the name of the operator `{name}`");
                diagnostics.push(fault(value.name, message).help(
                    "write a field, and the operator in its list: `{ a = [{ prefix = \"…\" }] }`; AWS takes the whole `$or` for an \
                     attribute of that name, and nothing matches",
                ));
                good = false;
            }
        }
        match policy(object, diagnostics) {
            Some(policy) => branches.push(policy),
            None => good = false,
        }
    }
    good.then(|| Clause::Or(Spanned::new(branches, value.name)))
}

/// A finding about the grammar.
fn fault(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(codes::INVALID_FILTER, span, message)
}

/// Says what to type and what AWS would answer.
fn answered(diagnostic: Diagnostic, help: String, answer: &str) -> Diagnostic {
    let so_far = match help.ends_with('?') {
        true => help,
        false => help + ";",
    };
    diagnostic.help(format!("{so_far} AWS would answer `{answer}`"))
}
