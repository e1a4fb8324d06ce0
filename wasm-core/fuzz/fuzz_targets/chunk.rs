//! One chunk of an uploaded recording: its type, its length, its bytes.
#![no_main]

use wasm_core::sample::SampleType;

libfuzzer_sys::fuzz_target!(|input: (bool, u16, &[u8])| {
    let (is_float, n_values, bytes) = input;
    let kind = if is_float { SampleType::Float32 } else { SampleType::Int16 };
    drop(wasm_core::zarr::decode_chunk(kind, bytes, usize::from(n_values)));
});
