//! Bytes as an event's contract.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| topogen_fuzz::contract(bytes));
