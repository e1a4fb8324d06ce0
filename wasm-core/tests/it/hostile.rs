//! Hostile bytes: every reader, every fixture, cut and flipped. Errors are welcome, panics are not.

use proptest::prelude::*;
use wasm_core::engine::Engine;
use wasm_core::formats::open;
use wasm_core::pipeline::Pipeline;
use wasm_core::run::measure_noise;
use wasm_core::zarr::decode_chunk;

use crate::fixtures::{all, file_set};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_damage_makes_a_reader_panic(
        which in 0..all().len(),
        file in any::<prop::sample::Index>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let (_, mut files) = all().swap_remove(which);
        let at = file.index(files.len());
        let bytes = &mut files[at].1;
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        // Damage strikes the first part most: headers are there.
        for (place, value) in flips {
            let length = bytes.len().min(900);
            if length > 0 {
                let place = place.index(length);
                bytes[place] ^= value;
            }
        }
        if let Ok(recording) = open(&file_set(&files)) {
            for stream in &recording.streams {
                for (segment, found) in stream.info().segments.iter().enumerate().take(3) {
                    let n = usize::try_from(found.n_frames.min(64)).expect("small");
                    // Reading may fail, but says so.
                    drop(stream.read(segment, 0, n));
                    prop_assert!(stream.read(segment, found.n_frames, 1).is_err());
                }
                // Whatever opens can be looked at and analysed, or says why not.
                if let Ok(engine) = Engine::new(stream.info(), &Pipeline::default())
                    && stream.info().n_frames() < 5000
                {
                    drop(measure_noise(&engine, stream.as_ref()));
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_the_chunk_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), n in 0_usize..5000) {
        for kind in [wasm_core::sample::SampleType::Int16, wasm_core::sample::SampleType::Float32] {
            drop(decode_chunk(kind, &bytes, n));
        }
    }

    #[test]
    fn no_text_makes_the_pipeline_panic(text in "\\PC{0,200}") {
        drop(Pipeline::from_json(&text));
    }
}

#[test]
fn every_fixture_is_recognised() {
    for (format, files) in all() {
        let recording = open(&file_set(&files)).unwrap_or_else(|error| panic!("{format}: {error}"));
        assert_eq!(recording.format, format);
    }
}
