//! Strings: in JSON quoted; in YAML bare where every reader must agree, else double-quoted.

use serde_json::Value;

use super::Views;
use super::inline::Form;

pub(super) fn indent(level: usize, out: &mut String) {
    const SPACES: &str = "                                ";
    match SPACES.get(..2 * level) {
        Some(spaces) => out.push_str(spaces),
        None => out.extend(std::iter::repeat_n("  ", level)),
    }
}

/// A string; in YAML bare where that is safe.
pub(super) fn push(string: &str, out: &mut Views) {
    let kinds = kinds(string);
    push_json(string, kinds, &mut out.json);
    if is_plain(string, kinds) {
        out.yaml.push_str(string);
    } else {
        push_quoted(string, kinds, &mut out.yaml);
    }
}

/// The name of a struct's field or of a function: ours, and always one that stands bare.
pub(super) fn push_known(name: &'static str, out: &mut Views) {
    push_known_json(name, out);
    out.yaml.push_str(name);
}

/// As [`push_known`], where YAML has a tag for it.
pub(super) fn push_known_json(name: &'static str, out: &mut Views) {
    debug_assert!(is_plain(name, kinds(name)), "{name}");
    out.json.push('"');
    out.json.push_str(name);
    out.json.push('"');
}

/// As [`push`], of what stands in the YAML view from `start` on; of a pair with the dot that parts it.
pub(super) fn settle(start: usize, form: Form, out: &mut Views) {
    let string = &out.yaml[start..];
    let kinds = kinds(string);
    let pair = (form == Form::Pair).then(|| string.split_once('.'));
    match pair.flatten() {
        None => push_json(string, kinds, &mut out.json),
        Some((first, second)) => {
            out.json.push('[');
            push_json(first, kinds, &mut out.json);
            out.json.push(',');
            push_json(second, kinds, &mut out.json);
            out.json.push(']');
        }
    }
    if !is_plain(string, kinds) {
        let string = out.yaml.split_off(start);
        push_quoted(&string, kinds, &mut out.yaml);
    }
}

/// A string of JSON: what stands for itself as it is, and anything else as serde_json writes it.
fn push_json(string: &str, kinds: u8, json: &mut String) {
    if kinds & ESCAPED == 0 {
        json.push('"');
        json.push_str(string);
        json.push('"');
    } else {
        json.push_str(&Value::from(string).to_string());
    }
}

/// May be syntax to a reader of YAML, wherever it stands.
const SYNTAX: u8 = 1;
/// Ends a key, with a space after it.
const COLON: u8 = 2;
/// Harmless, but after a colon.
const SPACE: u8 = 4;
/// Does not stand for itself in quotes.
const ESCAPED: u8 = 8;
/// What each byte is; 0 is harmless, as long as a letter comes first.
const KINDS: [u8; 256] = {
    let mut kinds = [SYNTAX; 256];
    let harmless = b"-_./$,()";
    let mut at = 0;
    while at < kinds.len() {
        let byte = at as u8;
        if byte.is_ascii_alphanumeric() {
            kinds[at] = 0;
        }
        if !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\') {
            kinds[at] |= ESCAPED;
        }
        at += 1;
    }
    at = 0;
    while at < harmless.len() {
        kinds[harmless[at] as usize] = 0;
        at += 1;
    }
    kinds[b':' as usize] = COLON;
    kinds[b' ' as usize] = SPACE;
    kinds
};

/// What there is in a string: of all bytes together, without a branch for each.
fn kinds(string: &str) -> u8 {
    let bytes = string.bytes();
    bytes.fold(0, |kinds, b| kinds | KINDS[usize::from(b)])
}

/// Letters first, then nothing that any YAML reader takes for syntax, and no word or number of YAML 1.1.
fn is_plain(string: &str, kinds: u8) -> bool {
    let bytes = string.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let starts_well = first.is_ascii_alphabetic() || *first == b'/';
    starts_well
        && kinds & SYNTAX == 0
        && !matches!(last, b' ' | b':')
        && !(kinds & COLON != 0 && kinds & SPACE != 0 && string.contains(": "))
        && !is_yaml_word(string)
}

/// A float as JSON writes it, for YAML 1.1: it takes `1e-5` for a string, since an exponent needs a point before it and a
/// sign (yaml.org/type/float.html).
pub(super) fn float(json: &str) -> String {
    let Some((mantissa, exponent)) = json.split_once('e') else {
        return json.to_owned();
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// Booleans and nulls of YAML 1.1, in any case (yaml.org/type/bool.html, null.html).
fn is_yaml_word(string: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "true", "false", "on", "off", "null"];
    const LONGEST: usize = "false".len();
    string.len() <= LONGEST && WORDS.iter().any(|word| word.eq_ignore_ascii_case(string))
}

/// YAML's double-quoted form; JSON's escapes are a subset of it. What YAML 1.1 calls not printable, or a line break, has to
/// be escaped too (yaml.org/spec/1.1, 4.1.1 and 4.1.4): all of it is below U+10000.
fn push_quoted(string: &str, kinds: u8, out: &mut String) {
    if kinds & ESCAPED == 0 {
        push_json(string, kinds, out);
        return;
    }
    let json = Value::from(string).to_string();
    let mut rest = json.as_str();
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_not_printable(*c)) {
        out.push_str(&rest[..at]);
        out.push_str(&format!("\\u{:04x}", u32::from(c)));
        rest = &rest[at + c.len_utf8()..];
    }
    out.push_str(rest);
}

/// What stands in a comment, which ends with its line: what would end it, or is nothing that a reader takes, is spelt out.
pub(super) fn push_comment(words: &str, out: &mut String) {
    // A glance at the bytes is enough for all but the strangest.
    if words.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        out.push_str(words);
        return;
    }
    for c in words.chars() {
        if c.is_control() || is_not_printable(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
}

/// To YAML 1.1, and not escaped by JSON.
fn is_not_printable(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}
