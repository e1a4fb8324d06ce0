//! Any set of files, packed into one input as `tests/it/packed.rs` says.
#![no_main]

#[path = "../../tests/it/exercise.rs"]
mod exercise;
#[path = "../../tests/it/packed.rs"]
mod packed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::exercise(&packed::unpack(bytes)));
