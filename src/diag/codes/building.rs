//! Codes of findings about building, `TG9xx`.

codes! {
    /// A service whose handler has no crate in the folder where it should be.
    ///
    /// **Why it matters.** There is nothing to build, and so nothing to deploy.
    ///
    /// **Instead.** Make the crate as the help line says, or name the folder of one that is there with `handler = "…"`.
    HANDLER_MISSING = Error "TG901" "handler-missing";
}
