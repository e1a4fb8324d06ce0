//! Hostile bytes: every reader, every fixture, cut and flipped. Errors are welcome, panics are not.

use proptest::prelude::*;
use wasm_core::formats::{Confidence, open};
use wasm_core::pipeline::Pipeline;
use wasm_core::zarr::decode_chunk;

use crate::exercise::exercise;
use crate::fixtures::{Files, Fixture, all, file_set};
use crate::packed::unpack;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_family = "wasm") { 100 } else { 400 }))]

    #[test]
    fn no_damage_makes_a_reader_panic(
        which in 0..all().len(),
        file in any::<prop::sample::Index>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut files = all().swap_remove(which).files;
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
        exercise(&file_set(&files));
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
fn every_fixture_is_recognised_by_its_format() {
    for Fixture { format, name, files } in all() {
        let files = file_set(&files);
        let recording = open(&files).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(recording.format, name);
        assert!(format.names.contains(&name) && format.recognise(&files).is_some(), "{name}");
    }
}

#[test]
fn sure_formats_stand_before_those_that_are_less_sure() {
    let sure: Vec<Confidence> =
        all().iter().filter_map(|fixture| fixture.format.recognise(&file_set(&fixture.files))).collect();
    assert!(sure.is_sorted_by(|a, b| a >= b), "{sure:?}");
    assert_eq!((sure.first(), sure.last()), (Some(&Confidence::Certain), Some(&Confidence::Fits)));
}

/// The inverse of [`unpack`].
fn pack(files: &Files) -> Vec<u8> {
    let mut packed = Vec::new();
    for (path, bytes) in files {
        packed.push(u8::try_from(path.len()).expect("a short path"));
        packed.extend(path.bytes());
        packed.extend(u32::try_from(bytes.len()).expect("a small fixture").to_le_bytes());
        packed.extend(bytes);
    }
    packed
}

#[test]
fn packed_fixtures_are_the_fuzzers_first_inputs() {
    for (number, Fixture { name, files, .. }) in all().into_iter().enumerate() {
        let packed = pack(&files);
        assert_eq!(open(&unpack(&packed)).map(|recording| recording.format).ok(), Some(name));
        // `FUZZ_CORPUS=FOLDER` writes them where the fuzzer looks.
        if let Some(folder) = std::env::var_os("FUZZ_CORPUS") {
            let write = |target: &str, bytes: &[u8]| {
                let folder = std::path::Path::new(&folder).join(target);
                std::fs::create_dir_all(&folder).expect("a folder");
                std::fs::write(folder.join(format!("{name}-{number}")), bytes).expect("writable");
            };
            write("recording", &packed);
            if let Some((_, bytes)) = files.first().filter(|file| file.1.starts_with(b"\x89HDF")) {
                write("hdf5", bytes);
            }
        }
    }
}
