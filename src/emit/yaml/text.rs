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
    if is_plain(string) {
        out.push_str(string);
    } else {
        push_quoted(string, out);
    }
}

/// As [`push`], of what stands in `out` from `start` on.
pub(super) fn settle(start: usize, out: &mut String) {
    if !is_plain(&out[start..]) {
        let string = out.split_off(start);
        push_quoted(&string, out);
    }
}

/// What no YAML reader takes for syntax, as long as a letter comes first.
const HARMLESS: [bool; 256] = {
    let mut harmless = [false; 256];
    let others = b" -_./:$,()";
    let mut at = 0;
    while at < harmless.len() {
        harmless[at] = (at as u8).is_ascii_alphanumeric();
        at += 1;
    }
    at = 0;
    while at < others.len() {
        harmless[others[at] as usize] = true;
        at += 1;
    }
    harmless
};

/// Letters first, then nothing that any YAML reader takes for syntax, and no word or number of YAML 1.1.
fn is_plain(string: &str) -> bool {
    let bytes = string.as_bytes();
    let starts_well = bytes
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/');
    let mut before = 0;
    starts_well
        && bytes.iter().all(|b| {
            let ends_key = *b == b' ' && before == b':';
            before = *b;
            HARMLESS[usize::from(*b)] && !ends_key
        })
        && !matches!(before, b' ' | b':')
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
fn push_quoted(string: &str, out: &mut String) {
    let stands_for_itself = |b: u8| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\';
    if string.bytes().all(stands_for_itself) {
        out.push('"');
        out.push_str(string);
        out.push('"');
        return;
    }
    for c in Value::from(string).to_string().chars() {
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
}
