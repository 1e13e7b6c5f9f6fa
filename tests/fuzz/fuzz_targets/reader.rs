//! Bytes to findings.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| topogen_fuzz::reader(bytes));
