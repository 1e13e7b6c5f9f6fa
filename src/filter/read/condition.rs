//! One element of a key's list: a value, or an operator with its argument.

use core::net::IpAddr;

use super::super::number::Number;
use super::super::policy::{Bound, Condition, Exception, Network, OPERATORS, Range, Scalar};
use super::super::written::{Form, Object, Written};
use super::{answered, fault};
use crate::diag::{Diagnostic, Diagnostics, Fix, codes};
use crate::source::Spanned;
use crate::syntax::suggest;

const COMPARISONS: [&str; 5] = ["=", "<", "<=", ">", ">="];
const NO_VALUE: &str = "Match value must be String, number, true, false, or null";

/// Whether `numeric` knows it.
pub(super) fn is_comparison(text: &str) -> bool {
    COMPARISONS.contains(&text)
}

pub(super) fn read(item: &Written, diagnostics: &mut Diagnostics) -> Option<Spanned<Condition>> {
    let condition = match &item.form {
        Form::Object(object) => operator(item, object, diagnostics)?,
        Form::Null
        | Form::Boolean(_)
        | Form::Number(_)
        | Form::String(_)
        | Form::List(_)
        | Form::Date => Condition::Exactly(scalar(item, diagnostics)?),
    };
    Some(Spanned::new(condition, item.place))
}

fn scalar(item: &Written, diagnostics: &mut Diagnostics) -> Option<Scalar> {
    match &item.form {
        Form::Null => Some(Scalar::Null),
        Form::Boolean(value) => Some(Scalar::Boolean(*value)),
        Form::String(text) => Some(Scalar::String(text.clone())),
        Form::Number(_) => number(item, diagnostics).map(Scalar::Number),
        form @ (Form::List(_) | Form::Date | Form::Object(_)) => {
            diagnostics.push(answered(
                fault(item.place, format!("{} is no value of a filter", form.type_name())),
                "write a string, a number, `true`, `false`, or an operator such as `{ prefix = \"…\" }`".to_owned(),
                NO_VALUE,
            ));
            None
        }
    }
}

/// A number that JSON holds exactly.
fn number(item: &Written, diagnostics: &mut Diagnostics) -> Option<Number> {
    let Form::Number(text) = &item.form else {
        return None;
    };
    let number = Number::parse(text).filter(|number| number.to_json().is_some());
    if number.is_none() {
        diagnostics.push(
            fault(item.place, format!("`{text}` cannot be written in JSON without loss"))
                .help("SNS compares numbers from -1000000000 to 1000000000 with five digits after the point"),
        );
    }
    number
}

fn operator(item: &Written, object: &Object, diagnostics: &mut Diagnostics) -> Option<Condition> {
    let mut entries = object.iter();
    let (Some((name, argument)), None) = (entries.next(), entries.next()) else {
        let names: Vec<String> = object.keys().map(|name| format!("`{name}`")).collect();
        diagnostics.push(answered(
            fault(
                item.place,
                match names.as_slice() {
                    [] => "one operator is due here, found none".to_owned(),
                    _ => format!("one operator is due here, found {}: {}", names.len(), names.join(", ")),
                },
            ),
            "give each its own braces, and one of them will have to hold: `[{ … }, { … }]`; SNS has no \"and\" for one key".to_owned(),
            "Only one key allowed in match expression",
        ));
        return None;
    };
    let mut text = || string(name, argument, diagnostics);
    match name.as_str() {
        "prefix" => text().map(Condition::Prefix),
        "suffix" => text().map(Condition::Suffix),
        "equals-ignore-case" => text().map(Condition::EqualsIgnoreCase),
        "wildcard" => text().map(Condition::Wildcard),
        "anything-but" => exception(argument, diagnostics).map(Condition::AnythingBut),
        "numeric" => range(argument, diagnostics).map(Condition::Numeric),
        "exists" => exists(argument, diagnostics).map(Condition::Exists),
        "cidr" => network(&text()?, argument, diagnostics).map(Condition::Cidr),
        _ => {
            diagnostics.push(unknown(name, argument));
            None
        }
    }
}

fn unknown(name: &str, argument: &Written) -> Diagnostic {
    let dashed: String = name
        .chars()
        .flat_map(|c| match c {
            '_' => vec!['-'],
            c if c.is_ascii_uppercase() => vec!['-', c.to_ascii_lowercase()],
            c => vec![c],
        })
        .collect();
    let same = OPERATORS.iter().copied().find(|known| *known == dashed);
    let meant = same.or_else(|| suggest::nearest(name, OPERATORS));
    let help = match meant {
        Some(known) => format!("did you mean `{known}`?"),
        None => suggest::help(name, OPERATORS),
    };
    let fix = same
        .map(|known| Fix::replace(argument.name, known))
        .or_else(|| suggest::mend_key(argument.name, name, OPERATORS));
    answered(
        Diagnostic::error(
            codes::UNKNOWN_OPERATOR,
            argument.name,
            format!("a filter has no operator `{name}`"),
        )
        .fix(fix),
        help,
        &format!("Unrecognized match type {name}"),
    )
}

fn string(operator: &str, argument: &Written, diagnostics: &mut Diagnostics) -> Option<String> {
    if let Form::String(text) = &argument.form {
        return Some(text.clone());
    }
    let found = argument.form.type_name();
    diagnostics.push(answered(
        fault(
            argument.place,
            format!("`{operator}` takes a string, found {found}"),
        ),
        format!("write `{{ {operator} = \"…\" }}`"),
        &format!("{operator} match pattern must be a string"),
    ));
    None
}

fn exists(argument: &Written, diagnostics: &mut Diagnostics) -> Option<bool> {
    if let Form::Boolean(wanted) = argument.form {
        return Some(wanted);
    }
    let found = argument.form.type_name();
    diagnostics.push(answered(
        fault(
            argument.place,
            format!("`exists` takes a boolean, found {found}"),
        ),
        "write `{ exists = true }` or `{ exists = false }`".to_owned(),
        "exists match pattern must be either true or false.",
    ));
    None
}

fn exception(argument: &Written, diagnostics: &mut Diagnostics) -> Option<Exception> {
    let values = match &argument.form {
        Form::Object(object) => return excluded_pattern(argument, object, diagnostics),
        Form::List(items) => items.as_slice(),
        Form::Null | Form::Boolean(_) | Form::Number(_) | Form::String(_) | Form::Date => {
            std::slice::from_ref(argument)
        }
    };
    if values.is_empty() {
        diagnostics.push(answered(
            fault(argument.place, "`anything-but` excludes nothing"),
            "write what must not pass: `{ anything-but = [\"…\"] }`".to_owned(),
            "Empty arrays are not allowed",
        ));
        return None;
    }
    let values: Vec<Option<Scalar>> = values
        .iter()
        .map(|value| match &value.form {
            Form::String(_) | Form::Number(_) => scalar(value, diagnostics),
            form @ (Form::Null
            | Form::Boolean(_)
            | Form::List(_)
            | Form::Object(_)
            | Form::Date) => {
                diagnostics.push(
                    fault(
                        value.place,
                        format!(
                            "`anything-but` excludes strings and numbers, found {}",
                            form.type_name()
                        ),
                    )
                    .help(
                        "list the values that must not pass: `{ anything-but = [\"a\", \"b\"] }`",
                    ),
                );
                None
            }
        })
        .collect();
    values
        .into_iter()
        .collect::<Option<_>>()
        .map(Exception::Values)
}

/// Operators that `anything-but` takes.
const EXCLUDED: [&str; 3] = ["prefix", "suffix", "wildcard"];

fn excluded_pattern(
    argument: &Written,
    object: &Object,
    diagnostics: &mut Diagnostics,
) -> Option<Exception> {
    let mut entries = object.iter();
    let known: Option<fn(String) -> Exception> = match (entries.next(), entries.next()) {
        (Some((name, _)), None) => match name.as_str() {
            "prefix" => Some(Exception::Prefix),
            "suffix" => Some(Exception::Suffix),
            "wildcard" => Some(Exception::Wildcard),
            _ => None,
        },
        _ => None,
    };
    let (Some(make), Some((name, value))) = (known, object.iter().next()) else {
        let slip = match object.keys().next() {
            Some(name) if object.len() == 1 => suggest::nearest(name, EXCLUDED),
            _ => None,
        };
        diagnostics.push(answered(
            fault(
                argument.place,
                "`anything-but` excludes values, or one `prefix`, `suffix` or `wildcard`",
            ),
            match slip {
                Some(known) => format!("did you mean `{known}`?"),
                None => "write `{ anything-but = { prefix = \"…\" } }`".to_owned(),
            },
            "Unsupported anything-but pattern",
        ));
        return None;
    };
    string(name, value, diagnostics).map(make)
}

/// One comparison, or a lower and an upper bound in this order.
fn range(argument: &Written, diagnostics: &mut Diagnostics) -> Option<Range> {
    let example =
        "write `{ numeric = [\">=\", 100] }` or `{ numeric = [\">\", 0, \"<=\", 100] }`".to_owned();
    let Form::List(items) = &argument.form else {
        let found = argument.form.type_name();
        let message = format!("`numeric` takes a list, found {found}");
        diagnostics.push(fault(argument.place, message).help(example));
        return None;
    };
    if items.is_empty() {
        diagnostics.push(fault(argument.place, "`numeric` compares with nothing").help(example));
        return None;
    }
    let mut terms = Vec::new();
    for pair in items.chunks(2) {
        let [operator, rest @ ..] = pair else {
            continue;
        };
        let said = operator.form.text();
        let Some(comparison) = said.filter(|text| is_comparison(text)) else {
            let found = said.unwrap_or(operator.form.type_name());
            diagnostics.push(answered(
                fault(
                    operator.place,
                    format!(
                        "`{found}` is no comparison: `numeric` knows `=`, `<`, `<=`, `>` and `>=`"
                    ),
                ),
                example,
                &format!("Unrecognized numeric range operator: {found}"),
            ));
            return None;
        };
        let Some(
            value @ Written {
                form: Form::Number(_),
                ..
            },
        ) = rest.first()
        else {
            let (place, found) = rest.first().map_or((operator.place, "nothing"), |v| {
                (v.place, v.form.type_name())
            });
            diagnostics.push(answered(
                fault(
                    place,
                    format!("`{comparison}` is followed by a number, found {found}"),
                ),
                example,
                &format!("Value of {comparison} must be numeric"),
            ));
            return None;
        };
        terms.push((comparison, number(value, diagnostics)?, operator.place));
    }
    let bound = |(comparison, value, _): &(&str, Number, _)| Bound {
        value: value.clone(),
        inclusive: comparison.ends_with('='),
    };
    match terms.as_slice() {
        [("=", value, _)] => Some(Range::Equal(value.clone())),
        [upper @ ("<" | "<=", ..)] => Some(Range::Between {
            lower: None,
            upper: Some(bound(upper)),
        }),
        [lower @ (">" | ">=", ..)] => Some(Range::Between {
            lower: Some(bound(lower)),
            upper: None,
        }),
        [lower @ (">" | ">=", ..), upper @ ("<" | "<=", ..)] => {
            if lower.1 < upper.1 {
                return Some(Range::Between {
                    lower: Some(bound(lower)),
                    upper: Some(bound(upper)),
                });
            }
            diagnostics.push(answered(
                fault(
                    argument.place,
                    format!(
                        "{} {} and {} {} is no range",
                        lower.0, lower.1, upper.0, upper.1
                    ),
                ),
                match lower.1 == upper.1 {
                    true => format!("write `[\"=\", {}]` for this number alone", lower.1),
                    false => {
                        "the lower bound comes first, and is less than the upper one".to_owned()
                    }
                },
                "Bottom must be less than top",
            ));
            None
        }
        [(">" | ">=", ..), (second, _, place), ..] if terms.len() == 2 => {
            diagnostics.push(answered(
                fault(*place, format!("`{second}` cannot end a range")),
                "after the lower bound comes `<` or `<=`".to_owned(),
                &format!("Bad numeric range operator: {second}"),
            ));
            None
        }
        more => {
            let place = more.get(1).map_or(argument.place, |term| term.2);
            diagnostics.push(answered(
                fault(
                    place,
                    "`numeric` takes one comparison, or a lower and an upper bound in this order",
                ),
                example,
                "Too many elements in numeric expression",
            ));
            None
        }
    }
}

fn network(text: &str, argument: &Written, diagnostics: &mut Diagnostics) -> Option<Network> {
    let mut refuse = |message: String, answer: Option<String>| {
        let help = "write a network and its bits, such as `{ cidr = \"10.0.0.0/24\" }`";
        let fault = fault(argument.place, message);
        diagnostics.push(match answer {
            Some(answer) => answered(fault, help.to_owned(), &answer),
            None => fault.help(help),
        });
        None
    };
    let parts: Vec<&str> = text.split('/').collect();
    let [address, bits] = parts.as_slice() else {
        let count = parts.len() - 1;
        return refuse(
            format!("`{text}` has {count} slashes, a network has one"),
            Some("Malformed CIDR, one '/' required".to_owned()),
        );
    };
    let Ok(bits) = bits.parse::<u32>() else {
        return refuse(
            format!("`{bits}` is not a number of bits"),
            Some("Malformed CIDR, mask bits must be an integer".to_owned()),
        );
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return refuse(
            format!("`{address}` is not an IP address"),
            Some(format!("Nonstandard IP address: {address}")),
        );
    };
    let width = Network::width(address);
    if bits > width {
        return refuse(
            format!("`{text}` has {bits} bits, its address has {width}"),
            None,
        );
    }
    let network = Network { address, bits };
    if !network.is_standard() {
        return refuse(
            format!("`{address}` has bits set beyond the first {bits}, and is no network"),
            Some(format!("Nonstandard IP address: {address}")),
        );
    }
    Some(network)
}
