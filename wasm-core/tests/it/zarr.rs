//! The uploaded form gives back every sample, in any type, over any range.

use std::collections::HashMap;

use proptest::prelude::*;
use wasm_core::recording::{FrameSource, ReadError, StreamInfo, check_range};
use wasm_core::sample::{Layout, RawBlock, SampleType};
use wasm_core::zarr::{
    ChunkId, ObjectStore, ZarrSource, chunk_frames, chunks_of, encode_chunk, metadata_objects, read_chunk,
};

use crate::numbers::info;

/// Bytes that depend on frame, channel and nothing else.
pub struct Pattern(StreamInfo);

impl Pattern {
    pub fn new(sample_type: SampleType, n_channels: usize, lengths: &[u64]) -> Self {
        Self(StreamInfo {
            name: "pattern".into(),
            sample_type,
            channel_ids: (0..n_channels).map(|at| format!("ch{at}")).collect(),
            gain_to_uv: vec![0.195; n_channels],
            ..info(n_channels, 20_000.0, lengths)
        })
    }
}

impl FrameSource for Pattern {
    fn info(&self) -> &StreamInfo {
        &self.0
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        check_range(&self.0, segment, start, n_frames)?;
        let sample = |frame: u64, channel: usize| {
            let step = i16::try_from((frame * 13 + channel as u64 * 101) % 3000).expect("small") - 1500;
            match self.0.sample_type {
                SampleType::Int8 | SampleType::Uint8 => vec![step.to_le_bytes()[0]],
                SampleType::Int16 => step.to_le_bytes().to_vec(),
                SampleType::Uint16 => step.cast_unsigned().to_le_bytes().to_vec(),
                SampleType::Int32 => i32::from(step).to_le_bytes().to_vec(),
                SampleType::Uint32 => i32::from(step).cast_unsigned().to_le_bytes().to_vec(),
                SampleType::Int64 => i64::from(step).to_le_bytes().to_vec(),
                SampleType::Uint64 => i64::from(step).cast_unsigned().to_le_bytes().to_vec(),
                SampleType::Float32 => (f32::from(step) * 0.25).to_le_bytes().to_vec(),
                SampleType::Float64 => (f64::from(step) * 0.1).to_le_bytes().to_vec(),
            }
        };
        let frames = start..start + n_frames as u64;
        let bytes =
            frames.flat_map(|frame| (0..self.0.n_channels).flat_map(move |channel| sample(frame, channel))).collect();
        let (sample_type, n_channels) = (self.0.sample_type, self.0.n_channels);
        Ok(RawBlock { sample_type, layout: Layout::Interleaved, n_frames, n_channels, bytes })
    }
}

/// Objects by their names inside the group.
pub struct Bucket(pub HashMap<String, Vec<u8>>);

impl ObjectStore for Bucket {
    fn get(&self, name: &str) -> std::io::Result<Vec<u8>> {
        self.0.get(name).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

fn upload(source: &Pattern) -> Bucket {
    let info = source.info();
    let mut bucket = HashMap::new();
    for chunk in chunks_of(info).filter(|chunk| chunk.group == 0) {
        let n_frames = usize::try_from(chunk_frames(info, chunk.segment)).expect("small");
        for (group, raw) in read_chunk(source, chunk.segment, chunk.row).expect("reads").iter().enumerate() {
            let encoded = encode_chunk(info.sample_type, raw, n_frames).expect("encodes");
            bucket.insert(ChunkId { group, ..chunk }.name(), encoded);
        }
    }
    assert_eq!(bucket.len(), chunks_of(info).count());
    Bucket(bucket)
}

#[test]
fn every_type_comes_back() {
    use SampleType::{Float32, Float64, Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64};
    for sample_type in [Int8, Uint8, Int16, Uint16, Int32, Uint32, Int64, Uint64, Float32, Float64] {
        let source = Pattern::new(sample_type, 66, &[500, 70_000]);
        let uploaded = ZarrSource::new(source.info().clone(), upload(&source));
        for (segment, start, n) in [(0, 0, 500), (1, 65_000, 1000), (1, 69_999, 1), (1, 0, 70_000)] {
            let expected = source.read(segment, start, n).expect("reads");
            let found = uploaded.read(segment, start, n).expect("reads").into_interleaved();
            assert!(found.bytes == expected.bytes, "{sample_type:?} {segment} {start} {n}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn any_range_comes_back(start in 0_u64..130_000, n in 1_usize..5000) {
        thread_local! {
            static CASE: (Pattern, ZarrSource<Bucket>) = {
                let source = Pattern::new(SampleType::Int16, 3, &[140_000]);
                let uploaded = ZarrSource::new(source.info().clone(), upload(&source));
                (source, uploaded)
            };
        }
        CASE.with(|(source, uploaded)| {
            let expected = source.read(0, start, n).expect("reads");
            assert_eq!(uploaded.read(0, start, n).expect("reads").into_interleaved().bytes, expected.bytes);
        });
    }
}

#[test]
fn a_damaged_chunk_is_named() {
    let source = Pattern::new(SampleType::Int16, 3, &[500]);
    let mut bucket = upload(&source);
    let name = ChunkId { segment: 0, row: 0, group: 0 }.name();
    bucket.0.insert(name.clone(), b"no chunk".to_vec());
    let uploaded = ZarrSource::new(source.info().clone(), bucket);
    let error = uploaded.read(0, 0, 500).expect_err("damaged").to_string();
    assert!(error.starts_with(&format!("{name} (a chunk of the recording) is damaged: ")), "{error}");
}

#[test]
fn names_of_chunks_are_understood_and_strangers_are_not() {
    let chunk = ChunkId { segment: 2, row: 13, group: 1 };
    assert_eq!(ChunkId::parse(&chunk.name()), Some(chunk));
    for stranger in ["traces_seg0/.zarray", "traces_seg0/1", "traces_seg-1/0.0", "../traces_seg0/0.0", ".zattrs"] {
        assert_eq!(ChunkId::parse(stranger), None, "{stranger}");
    }
    let objects = metadata_objects(Pattern::new(SampleType::Int16, 2, &[10]).info());
    assert!(
        objects.iter().any(|(name, _)| name == ".zgroup")
            && objects.iter().any(|(name, _)| name == "properties/.zgroup")
    );
}
