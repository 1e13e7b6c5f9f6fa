//! Whether that is an ARN which a permission names by `${}`: IAM refuses a role that says anything else.

use super::Stack;
use super::extra::{LIST, PSEUDO_PARAMETERS, Reference};
use crate::aws::attributes::{self, Arn};
use crate::diag::{Diagnostic, codes};
use crate::model::permission::Target;
use crate::model::raw::{is_unclosed, references};
use crate::source::Spanned;

/// What is wrong with a target that begins with a reference; of one to nothing others tell.
pub(super) fn check(target: &Spanned<Target>, stack: &Stack) -> Option<Diagnostic> {
    let pattern = target.value.0.as_str();
    let (id, attribute) = references(pattern)
        .next()
        .filter(|_| pattern.starts_with("${") && !pattern.starts_with("${!"))
        .filter(|_| !is_unclosed(pattern))?;
    let is_arn = attribute.is_some_and(|attribute| attribute.ends_with("Arn"));
    let has = match kind((id, attribute), stack)? {
        Arn::Reference if attribute.is_none() => return None,
        _ if is_arn => return None,
        Arn::Reference => format!("write `${{{id}}}`"),
        Arn::Attribute(arn) => format!("write `${{{id}.{arn}}}`"),
        Arn::Written => "write the whole ARN, from `arn:${AWS::Partition}:` on".to_owned(),
    };
    let end = pattern.find('}').map_or(pattern.len(), |at| at + 1);
    let message = format!("`{}` is no ARN", &pattern[..end]);
    Some(Diagnostic::error(codes::INVALID_VALUE, target.span, message).help(has))
}

/// How the ARN of what is referred to is had, as far as anybody can say and nothing else is wrong with the reference.
fn kind((id, attribute): Reference<'_>, stack: &Stack) -> Option<Arn> {
    if PSEUDO_PARAMETERS.contains(&id) {
        return Some(match id {
            "AWS::StackId" => Arn::Reference,
            // Others tell that it is no text at all.
            LIST => return None,
            _ => Arn::Written,
        });
    }
    if stack
        .parameters
        .keys()
        .any(|parameter| parameter.as_str() == id)
    {
        return Some(Arn::Written);
    }
    let mut resources = stack.resources.iter();
    let resource = resources.find(|resource| resource.id.as_str() == id)?;
    let type_name = resource.properties.type_name();
    // Of other types an attribute may be an ARN whatever it is called.
    let is_there =
        |attribute| attributes::of(type_name).is_some_and(|known| known.contains(&attribute));
    attributes::arn(type_name).filter(|_| attribute.is_none_or(is_there))
}
