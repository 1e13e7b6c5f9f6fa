//! Codes of findings about the file itself, `TG0xx`.

codes! {
    /// The file is not TOML.
    ///
    /// **Why it matters.** What a broken line means can only be guessed, so nothing else is checked until it is mended.
    ///
    /// **Example.** A string without quotes:
    ///
    /// ```toml
    /// [services.payment]
    /// function = { timeout = 60s }
    /// ```
    ///
    /// **Instead.** Follow the caret: most often a quote, a comma or a bracket is missing, or a key stands there twice.
    ///
    /// ```toml
    /// [services.payment]
    /// function = { timeout = "60s" }
    /// ```
    SYNTAX = Error "TG001" "invalid-toml";

    /// A key that the language does not have.
    ///
    /// **Why it matters.** A misspelt setting that is passed over in silence leaves the default in force, and nobody learns of
    /// it before an incident.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [services.payment]
    /// function = { memroy = 512 }
    /// ```
    ///
    /// **Instead.** Write the key that the help line names. With the schema that `topogen schema` writes, an editor offers the
    /// keys while you type.
    ///
    /// ```toml
    /// [services.payment]
    /// function = { memory = 512 }
    /// ```
    UNKNOWN_KEY = Error "TG002" "unknown-key";

    /// A value of the wrong type, such as a number where a string is due.
    ///
    /// **Why it matters.** A bare `15` does not say whether seconds or minutes are meant; the language takes one form of each
    /// value, so that everybody reads it alike.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [services.payment]
    /// function = { timeout = 15 }
    /// ```
    ///
    /// **Instead.** Write durations and names in quotes, numbers and `true` or `false` bare, lists in brackets.
    ///
    /// ```toml
    /// [services.payment]
    /// function = { timeout = "15s" }
    /// ```
    WRONG_TYPE = Error "TG003" "wrong-type";

    /// A key or a section that must be there is not.
    ///
    /// **Why it matters.** Where a wrong guess would cost something, topogen has no default: a table without a key or a
    /// subscription without events means nothing.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [services.order]
    /// http = ["POST /orders"]
    /// publishes = ["OrderCreated"]
    /// table = { name = "Orders" }
    /// ```
    ///
    /// **Instead.** Add the line that the help names.
    ///
    /// ```toml
    /// [services.order]
    /// http = ["POST /orders"]
    /// publishes = ["OrderCreated"]
    /// table = { name = "Orders", key = "orderId" }
    /// ```
    MISSING_KEY = Error "TG004" "missing-key";

    /// A value of the right type that means nothing here, or lies outside AWS's limits.
    ///
    /// **Why it matters.** AWS refuses it, in the middle of a deployment, and rolls the whole stack back.
    ///
    /// **Example.** Lambda takes 128 to 10240 MiB:
    ///
    /// ```toml
    /// [services.payment]
    /// function = { memory = 64 }
    /// ```
    ///
    /// **Instead.** Choose a value in the range that the help line gives.
    ///
    /// ```toml
    /// [services.payment]
    /// function = { memory = 128 }
    /// ```
    INVALID_VALUE = Error "TG005" "invalid-value";

    /// A name with characters, or of a length, that AWS or the language does not allow.
    ///
    /// **Why it matters.** Names become parts of logical ids, queue names and filters. One that had to be changed on the way
    /// there would be hard to find again in the console.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [events.order_created]
    /// owner = "checkout"
    /// ```
    ///
    /// **Instead.** Events are in `CapitalWords`, in the past tense; apps, environments, services and subscriptions in
    /// `lower-case-with-hyphens`, 32 characters at most.
    ///
    /// ```toml
    /// [events.OrderCreated]
    /// owner = "checkout"
    /// ```
    INVALID_NAME = Error "TG006" "invalid-name";

    /// An entry of `[lints]` whose key is neither the name nor the code of a finding.
    ///
    /// **Why it matters.** It silences nothing, and looks as if it did.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-advise = "the payment provider retries for us"
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// visibility_timeout = "60s"
    /// ```
    ///
    /// **Instead.** Write a name or a code that `topogen explain` lists.
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-advice = "the payment provider retries for us"
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// visibility_timeout = "60s"
    /// ```
    UNKNOWN_FINDING = Error "TG007" "unknown-finding";

    /// An entry of `[lints]` that would silence an error.
    ///
    /// **Why it matters.** An error is what AWS refuses, or what loses messages. It does not go away by looking elsewhere.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-timeout = "we are in a hurry"
    /// ```
    ///
    /// **Instead.** Mend what the error is about. Warnings can be silenced, everywhere or in some sections:
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-advice = { reason = "the provider retries for us", only = ["subscriptions.payment"] }
    ///
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// visibility_timeout = "60s"
    /// ```
    SILENCED_ERROR = Error "TG008" "silenced-error";

    /// An entry of `[lints]` that silences nothing in any environment.
    ///
    /// **Why it matters.** What it silenced is mended. Should it come back, nobody would be told.
    ///
    /// **Example.**
    ///
    /// ```toml
    /// [lints]
    /// visibility-below-advice = "the payment provider retries for us"
    /// ```
    ///
    /// **Instead.** Delete the line.
    ///
    /// ```toml
    /// [subscriptions.payment]
    /// events = ["OrderCreated"]
    /// ```
    UNUSED_SILENCE = Warning "TG009" "unused-silence";
}
