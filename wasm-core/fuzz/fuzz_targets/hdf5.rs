//! One HDF5 file.
#![no_main]

#[path = "../../tests/it/exercise.rs"]
mod exercise;

use std::sync::Arc;

use wasm_core::io::{FileSet, NamedFile};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let file = NamedFile { path: "recording.h5".into(), file: Arc::new(bytes.to_vec()) };
    exercise::exercise(&FileSet::new(vec![file]));
});
