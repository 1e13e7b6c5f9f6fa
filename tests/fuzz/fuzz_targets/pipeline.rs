//! Text to artefacts.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| topogen_fuzz::pipeline(text));
