//! Strings: bare where every reader of YAML must agree, else double-quoted.

use serde_json::Value;

pub(super) fn indent(level: usize, out: &mut String) {
    for _ in 0..level {
        out.push_str("  ");
    }
}

/// A string, bare where that is safe.
pub(super) fn push(string: &str, out: &mut String) {
    if is_plain(string) {
        out.push_str(string);
    } else {
        out.push_str(&quoted(string));
    }
}

/// Letters first, then nothing that any YAML reader takes for syntax, and no word or number of YAML 1.1.
fn is_plain(string: &str) -> bool {
    let starts_with_letter = string.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b" -_./:$,()".contains(&b);
    starts_with_letter
        && string.bytes().all(harmless)
        && !string.contains(": ")
        && !string.ends_with([' ', ':'])
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
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(string))
}

/// YAML's double-quoted form; JSON's escapes are a subset of it. What YAML 1.1 calls not printable, or a line break, has to
/// be escaped too (yaml.org/spec/1.1, 4.1.1 and 4.1.4): all of it is below U+10000.
fn quoted(string: &str) -> String {
    let json = Value::from(string).to_string();
    if json.bytes().all(|b| b != 0x7f && b.is_ascii()) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}
