//! Strings: bare where every reader of YAML must agree, else double-quoted.

use serde_json::Value;

pub(super) fn indent(level: usize, out: &mut String) {
    const SPACES: &str = "                                ";
    match SPACES.get(..2 * level) {
        Some(spaces) => out.push_str(spaces),
        None => out.extend(std::iter::repeat_n("  ", level)),
    }
}

/// A string, bare where that is safe.
pub(super) fn push(string: &str, out: &mut String) {
    let kinds = kinds(string);
    if is_plain(string, kinds) {
        out.push_str(string);
    } else {
        push_quoted(string, kinds, out);
    }
}

/// The name of a struct's field or of a function: ours, and always one that stands bare.
pub(super) fn push_known(name: &'static str, out: &mut String) {
    debug_assert!(is_plain(name, kinds(name)), "{name}");
    out.push_str(name);
}

/// As [`push`], of what stands in `out` from `start` on.
pub(super) fn settle(start: usize, out: &mut String) {
    let string = &out[start..];
    let kinds = kinds(string);
    if !is_plain(string, kinds) {
        let string = out.split_off(start);
        push_quoted(&string, kinds, out);
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
        out.push('"');
        out.push_str(string);
        out.push('"');
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
