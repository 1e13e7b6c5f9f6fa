//! What secrets look like: by their own form, or by the name that a value is given.

use serde_json::Value;

/// What a value is by its own form, whatever its name.
pub(super) fn by_value(value: &str) -> Option<&'static str> {
    let value = value.trim();
    if value.contains("-----BEGIN") && value.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    if is_web_token(value) {
        return Some("a JSON Web Token");
    }
    if has_password(value) {
        return Some("a URL with a password");
    }
    if is_connection(value) {
        return Some("a connection string with a password");
    }
    if let Some(kind) = in_header(value)
        .or_else(|| in_query(value))
        .or_else(|| in_json(value))
    {
        return Some(kind);
    }
    if WEBHOOKS.iter().any(|start| is_webhook(value, start)) {
        return Some("the URL of a webhook, to which whoever knows it may post");
    }
    KINDS
        .iter()
        .find(|(prefix, least, _)| {
            value
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.len() >= *least && rest.bytes().all(is_token_byte))
        })
        .map(|(_, _, kind)| *kind)
}

/// What a value is, given its name: by its form, or because a name for secrets holds something that nobody would choose
/// for a setting.
pub(super) fn by_name(name: &str, value: &str) -> Option<&'static str> {
    if let Some(kind) = by_value(value) {
        return Some(kind);
    }
    if name.len() > LONGEST_NAME {
        return None;
    }
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    if SETTINGS.contains(&last) || refers(value) {
        return None;
    }
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    // `PGPASSWORD` is one word, and a `PASS_THROUGH` no password.
    let names_a_password =
        has(&PASSWORDS) || SHORT_PASSWORDS.contains(&last) || last.ends_with("password");
    let names_a_key = words.windows(2).any(is_key);
    // The last word says what it is: a `CLIENT_SECRET` is one, a `SECRET_COLOUR` is not.
    let is_one = SECRETS.contains(&last) || words.windows(2).next_back().is_some_and(is_key);
    if names_a_password && is_password(value) {
        return Some("a password");
    }
    if (has(&SECRETS) || names_a_key) && is_unguessable(value) || is_one && is_made_up(value) {
        return Some("a secret");
    }
    None
}

/// Nothing is called by so many letters.
const LONGEST_NAME: usize = 256;

/// Two words of a name that stand for a key that opens something.
fn is_key(pair: &[String]) -> bool {
    const KEYS: [&str; 7] = [
        "api",
        "private",
        "access",
        "signing",
        "secret",
        "encryption",
        "auth",
    ];
    matches!(pair, [which, key] if key == "key" && KEYS.contains(&which.as_str()))
}

/// Beginnings that only secrets have, how much must follow, and whose they are.
const KINDS: &[(&str, usize, &str)] = &[
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "an access key of AWS"),
    ("sk_live_", 10, "a key of Stripe"),
    ("sk_test_", 10, "a key of Stripe"),
    ("rk_live_", 10, "a key of Stripe"),
    ("whsec_", 20, "a webhook secret"),
    ("ghp_", 30, "a token of GitHub"),
    ("gho_", 30, "a token of GitHub"),
    ("ghu_", 30, "a token of GitHub"),
    ("ghs_", 30, "a token of GitHub"),
    ("ghr_", 30, "a token of GitHub"),
    ("github_pat_", 30, "a token of GitHub"),
    ("glpat-", 16, "a token of GitLab"),
    ("xoxa-", 10, "a token of Slack"),
    ("xoxb-", 10, "a token of Slack"),
    ("xoxp-", 10, "a token of Slack"),
    ("xoxr-", 10, "a token of Slack"),
    ("xoxs-", 10, "a token of Slack"),
    ("xapp-", 10, "a token of Slack"),
    ("AIza", 30, "a key of Google"),
    ("ya29.", 20, "a token of Google"),
    ("SG.", 40, "a key of SendGrid"),
    ("hf_", 30, "a token of Hugging Face"),
    ("npm_", 30, "a token of npm"),
    ("pypi-", 40, "a token of PyPI"),
    ("sk-ant-", 20, "a key of Anthropic"),
    ("sk-proj-", 20, "a key of OpenAI"),
    ("dop_v1_", 30, "a token of DigitalOcean"),
];

/// Where webhooks begin whose last part is all that keeps others out.
const WEBHOOKS: [&str; 3] = [
    "https://hooks.slack.com/services/",
    "https://discord.com/api/webhooks/",
    "https://discordapp.com/api/webhooks/",
];

/// Keys of a connection string (`Server=db;User Id=app;Password=…`) that hold what is secret in it.
const OF_CONNECTIONS: [&str; 4] = ["password", "pwd", "accountkey", "sharedaccesskey"];

const PASSWORDS: [&str; 4] = ["password", "passwd", "passphrase", "pwd"];
/// As the last word of a name alone.
const SHORT_PASSWORDS: [&str; 2] = ["pass", "pw"];
const SECRETS: [&str; 6] = [
    "token",
    "secret",
    "credential",
    "credentials",
    "apikey",
    "bearer",
];
/// A name that ends so is a setting of a secret, not the secret.
const SETTINGS: [&str; 36] = [
    "algorithm",
    "arn",
    "audience",
    "bucket",
    "count",
    "enabled",
    "endpoint",
    "expiry",
    "field",
    "file",
    "format",
    "header",
    "host",
    "id",
    "issuer",
    "length",
    "limit",
    "method",
    "mode",
    "name",
    "parameter",
    "path",
    "policy",
    "prefix",
    "queue",
    "region",
    "required",
    "rotation",
    "seconds",
    "table",
    "timeout",
    "topic",
    "ttl",
    "type",
    "uri",
    "url",
];

/// `STRIPE_API_KEY` and `MasterUserPassword` as lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for letter in name.chars() {
        let starts = letter.is_ascii_uppercase() && !before.is_ascii_uppercase();
        if !letter.is_ascii_alphanumeric() || starts {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// An ARN, a reference that AWS resolves, a placeholder, or a path.
fn refers(value: &str) -> bool {
    value.starts_with("arn:")
        || value.contains("{{resolve:")
        || value.contains("${")
        || value.starts_with(['/', '<'])
        || value.contains("://")
}

/// Long, without spaces, letters and digits mixed, and not words with hyphens between.
fn is_unguessable(value: &str) -> bool {
    let joined: String = value.chars().filter(|c| *c != '-').collect();
    let is_hex = joined.len() >= 32 && joined.bytes().all(|b| b.is_ascii_hexdigit());
    let chunk = value
        .split(|c: char| "/-_.:, ".contains(c))
        .max_by_key(|chunk| chunk.len())
        .unwrap_or_default();
    let mixed =
        chunk.bytes().any(|b| b.is_ascii_digit()) && chunk.bytes().any(|b| b.is_ascii_alphabetic());
    let plain = !value.contains(char::is_whitespace);
    plain
        && (is_hex
            || is_aws_key(value)
            || (value.len() >= 16 && chunk.len() >= 12 && mixed && entropy(chunk) >= 3.0))
}

/// The form of AWS's secret access keys: forty letters of base64, which slashes may part anywhere.
fn is_aws_key(value: &str) -> bool {
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || b"+/".contains(&b);
    let kinds: [fn(&u8) -> bool; 3] = [
        u8::is_ascii_lowercase,
        u8::is_ascii_uppercase,
        u8::is_ascii_digit,
    ];
    value.len() == 40
        && value.bytes().all(is_base64)
        && kinds.iter().all(|kind| value.as_bytes().iter().any(kind))
}

/// One word of letters and digits, too long for a version and without what joins the words of a name.
fn is_made_up(value: &str) -> bool {
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let joined = value.contains(|c: char| c.is_whitespace() || "/-_.:,".contains(c));
    value.len() >= 10 && letters >= 2 && digits >= 2 && !joined
}

/// At least six letters of two kinds, without spaces: not `none`, `disabled` or `changeme`.
fn is_password(value: &str) -> bool {
    let kinds: [fn(&u8) -> bool; 4] = [
        u8::is_ascii_lowercase,
        u8::is_ascii_uppercase,
        u8::is_ascii_digit,
        u8::is_ascii_punctuation,
    ];
    let kinds = kinds
        .iter()
        .filter(|kind| value.as_bytes().iter().any(kind));
    let words = value
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b"-_./".contains(&b));
    value.len() >= 6 && !value.contains(char::is_whitespace) && !words && kinds.count() >= 2
}

/// Bits of a letter, by how often each occurs (Shannon).
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|b| counts[usize::from(b)] += 1);
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

fn is_token_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_-.".contains(&b)
}

/// Three parts in base64, the first of which opens a JSON object.
fn is_web_token(value: &str) -> bool {
    let parts: Vec<&str> = value.split('.').collect();
    parts.len() == 3
        && value.starts_with("eyJ")
        && parts
            .iter()
            .all(|part| part.len() >= 10 && part.bytes().all(is_token_byte))
}

/// What a header of HTTP shows to prove who asks: `Basic` with a name and a password in base64, `Bearer` with a token.
fn in_header(value: &str) -> Option<&'static str> {
    let value = match value.split_once(':') {
        Some((name, rest)) if name.eq_ignore_ascii_case("authorization") => rest.trim_start(),
        Some(_) | None => value,
    };
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") && is_unguessable(rest) {
        return Some("a token");
    }
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
    let encoded = rest.len() >= 12
        && rest.len().is_multiple_of(4)
        && rest.bytes().all(is_base64)
        && rest.bytes().any(|b| b.is_ascii_uppercase());
    (scheme.eq_ignore_ascii_case("basic") && encoded).then_some("a name and a password")
}

/// `https://api.example.com/?api_key=…`
fn in_query(value: &str) -> Option<&'static str> {
    let mut parts = value.split(['?', '&']);
    if !parts.next()?.contains("://") {
        return None;
    }
    // None of them has a query of its own.
    let mut pairs = parts.filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(key, value)| by_name(key, value))
}

/// An object or a list in JSON one of whose fields is a secret.
fn in_json(value: &str) -> Option<&'static str> {
    if !value.starts_with(['{', '[']) {
        return None;
    }
    let whole: Value = serde_json::from_str(value).ok()?;
    field("", &whole)
}

/// The reader of JSON takes no more than 128 levels.
fn field(key: &str, value: &Value) -> Option<&'static str> {
    match value {
        // JSON inside of a text would be read for ever.
        Value::String(text) if text.starts_with(['{', '[']) => None,
        Value::String(text) => by_name(key, text),
        Value::Object(fields) => fields.iter().find_map(|(key, value)| field(key, value)),
        Value::Array(items) => items.iter().find_map(|item| field(key, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// `scheme://user:password@host`, where the password is no placeholder.
fn has_password(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let password = authority
            .rsplit_once('@')
            .and_then(|(user, _)| user.split_once(':'))
            .map_or("", |(_, password)| password);
        let scheme_is_plain = !scheme.is_empty()
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+:".contains(&b));
        scheme_is_plain && is_written(password)
    })
}

/// `key=value` several times, with semicolons or blanks between, one of which is a password.
fn is_connection(value: &str) -> bool {
    let pairs: Vec<(&str, &str)> = value
        .split([';', ' '])
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let secret = pairs.iter().any(|(key, value)| {
        let key = key.trim().to_ascii_lowercase();
        OF_CONNECTIONS.contains(&key.as_str()) && is_written(value.trim())
    });
    pairs.len() > 1 && secret
}

/// What follows `start` has parts enough to be a webhook's, the last of which nobody would guess.
fn is_webhook(value: &str, start: &str) -> bool {
    let parts = value.split_once(start).map(|(_, rest)| rest.split('/'));
    let last = parts.and_then(|mut parts| {
        parts.next()?;
        parts.next_back()
    });
    last.is_some_and(|last| last.len() >= 20 && last.bytes().all(is_token_byte))
}

/// A password, and not what stands in the place of one.
fn is_written(password: &str) -> bool {
    let placeholder = password.starts_with(['$', '{', '<', '%'])
        || password.bytes().all(|b| b == b'*' || b == b'x');
    !password.is_empty() && !placeholder
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made up here, in the forms that each issuer documents; put together so that no scanner takes this file for a leak.
    fn made_up(prefix: &str, rest: &str) -> String {
        format!("{prefix}{rest}")
    }

    #[test]
    fn secrets_are_known_by_their_form() {
        let letters = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0";
        for (value, kind) in [
            (made_up("AKIA", "IOSFODNN7EXAMPLE"), "an access key of AWS"),
            (made_up("sk_live_", letters), "a key of Stripe"),
            (made_up("ghp_", letters), "a token of GitHub"),
            (
                made_up("xoxb-", "1234567890-abcdefghij"),
                "a token of Slack",
            ),
            (
                made_up("-----BEGIN RSA PRIVATE", " KEY-----\nMII\n"),
                "a private key",
            ),
            (
                made_up(
                    "eyJhbGciOiJIUzI1NiJ9",
                    ".eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXNpZw",
                ),
                "a JSON Web Token",
            ),
            (
                made_up("postgres://app:", "hunter2@db/x"),
                "a URL with a password",
            ),
            (
                made_up("Server=db;User Id=app;Pass", "word=hunter2;"),
                "a connection string with a password",
            ),
            (
                made_up(
                    "https://hooks.slack.com/services/",
                    &format!("T0/B0/{letters}"),
                ),
                "the URL of a webhook, to which whoever knows it may post",
            ),
        ] {
            assert_eq!(by_name("SETTING", &value), Some(kind), "{kind}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_name() {
        for (name, value) in [
            ("STRIPE_API_KEY", "9f86d081884c7d659a2feaa0c55ad015"),
            ("API_TOKEN", "Zk3vQ9sLx2Wm7Rt5"),
            ("CLIENT_SECRET", "123e4567-e89b-12d3-a456-426614174000"),
            ("signingKey", "hQ8rT2mN5xV7cB9k"),
            ("DB_PASSWORD", "hunter2"),
            ("DB_PW", "hunter2"),
            ("MasterUserPassword", "Correct-Horse1"),
            ("CLIENT_SECRET", "Tr0ub4dor&3"),
            ("API_TOKEN", "abc123def456"),
            ("JWT_SECRET_KEY", "abc123def456"),
            ("AUTH_HEADER", "Basic dXNlcjpwYXNzd29yZA=="),
            ("AUTH_HEADER", "Bearer Zk3vQ9sLx2Wm7Rt5"),
            ("HEADER", "Authorization: Bearer Zk3vQ9sLx2Wm7Rt5"),
            ("CONFIG", r#"{"db":{"password":"hunter2"},"port":5432}"#),
            (
                "ADDRESS",
                "https://api.example.com/v1?limit=5&api_key=a8f5f167f44f4964",
            ),
        ] {
            assert!(by_name(name, value).is_some(), "{name}");
        }
    }

    #[test]
    fn settings_are_left_alone() {
        for (name, value) in [
            ("STRIPE_API_KEY", "payments/stripe"),
            ("API_KEY_NAME", "9f86d081884c7d659a2feaa0c55ad015"),
            ("TOKEN_URL", "https://login.example.com/oauth2/v1/token"),
            ("TOKEN_TTL", "3600"),
            (
                "TOKEN_ISSUER",
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a1B2c3D4e",
            ),
            ("PASSWORD_POLICY", "min-12-with-digits1A"),
            ("PASSWORD", "disabled"),
            ("SECRET", "billing/provider-2024-key"),
            (
                "SECRET_ARN",
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-b1C2d3",
            ),
            (
                "DB_PASSWORD",
                "{{resolve:secretsmanager:db:SecretString:password}}",
            ),
            ("DB_TOKEN", "${DbToken}"),
            ("GREETING", "Welcome back, customer 1234567890!"),
            ("PARTITION_KEY", "customer-2024-a1b2c3d4e5f6"),
            ("MONKEY", "9f86d081884c7d659a2feaa0c55ad015"),
            ("ENDPOINT", "https://api.example.com:8443/v1"),
            ("DATABASE_URL", "postgres://app:${password}@db/x"),
            ("DATABASE_URL", "postgres://app:***@db/x"),
            ("DATABASE", "Server=db;User Id=app;Password=${Password}"),
            ("DATABASE", "Server=db;Integrated Security=true"),
            ("COOKIE", "password=hidden"),
            ("DOCS", "https://hooks.slack.com/services/"),
            ("BOT", "https://discord.com/api/webhooks/readme"),
            ("LOG_LEVEL", "sk_live_mode"),
            ("BUILD", "9f86d081884c7d659a2feaa0c55ad015"),
            ("COMPASS_MODE", "north-2024"),
            ("SECRET_COLOUR", "blue2024green1"),
            ("TOKEN", "v2"),
            ("AUTH_TOKEN", "invitation2"),
            ("AUTH_HEADER", "Basic settings"),
            ("AUTH_HEADER", "Bearer ${Token}"),
            ("CONFIG", r#"{"password":"${Password}","token":"none"}"#),
            ("CONFIG", "{ not JSON }"),
            ("ADDRESS", "https://api.example.com/v1?token=none&page=2024"),
            ("QUESTION", "is it so?token=Zk3vQ9sLx2Wm7Rt5"),
            ("KMS_KEY_ID", "123e4567-e89b-12d3-a456-426614174000"),
        ] {
            assert_eq!(by_name(name, value), None, "{name} {value}");
        }
    }
}
