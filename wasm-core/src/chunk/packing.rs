//! Samples to bytes: each channel of a chunk as a pco chunk of its own.

use pco::data_types::Number;
use pco::errors::PcoResult;
use pco::standalone::FileCompressor;
use pco::{ChunkConfig, DeltaSpec, ModeSpec};

use super::damaged;
use super::guess::guess;
use super::level::Level;
use crate::recording::ReadError;
use crate::sample::SampleType;

/// Compresses a chunk, `[channels, frames]` with `n_frames` per channel, to as few bytes as it can.
///
/// # Errors
/// When `bytes` is not a whole number of channels.
pub fn encode_chunk(sample_type: SampleType, bytes: &[u8], n_frames: usize) -> Result<Vec<u8>, ReadError> {
    encode_chunk_at(Level::Small, sample_type, bytes, n_frames)
}

/// Compresses a chunk, `[channels, frames]` with `n_frames` per channel, as hard as `level` says.
///
/// # Errors
/// When `bytes` is not a whole number of channels.
pub fn encode_chunk_at(
    level: Level,
    sample_type: SampleType,
    bytes: &[u8],
    n_frames: usize,
) -> Result<Vec<u8>, ReadError> {
    encode_chunk_by((level.pco_level(), level.is_searched()), sample_type, bytes, n_frames)
}

/// pco's level, and whether differences and grids are searched by pco, not guessed.
type Way = (usize, bool);

/// Compresses a chunk as [`encode_chunk_at`] does, with any of pco's levels: to measure which are worth it.
/// `way` is that level, and whether pco looks for differences and grids by itself.
///
/// # Errors
/// When `bytes` is not a whole number of channels, or pco has no such level.
pub fn encode_chunk_by(
    way: (usize, bool),
    sample_type: SampleType,
    bytes: &[u8],
    n_frames: usize,
) -> Result<Vec<u8>, ReadError> {
    match sample_type {
        // pco has no 8-bit types; such recordings are small and stay as they are.
        SampleType::Int8 | SampleType::Uint8 => Ok(bytes.to_vec()),
        SampleType::Int16 => encode::<i16, 2>(way, bytes, n_frames, i16::from_le_bytes, Some(i64::from)),
        SampleType::Uint16 => encode::<u16, 2>(way, bytes, n_frames, u16::from_le_bytes, Some(i64::from)),
        SampleType::Int32 => encode::<i32, 4>(way, bytes, n_frames, i32::from_le_bytes, Some(i64::from)),
        SampleType::Uint32 => encode::<u32, 4>(way, bytes, n_frames, u32::from_le_bytes, Some(i64::from)),
        SampleType::Int64 => encode::<i64, 8>(way, bytes, n_frames, i64::from_le_bytes, Some(itself)),
        SampleType::Uint64 => encode::<u64, 8>(way, bytes, n_frames, u64::from_le_bytes, Some(u64::cast_signed)),
        // How floats were made of whole numbers is left to pco.
        SampleType::Float32 => encode::<f32, 4>(way, bytes, n_frames, f32::from_le_bytes, None),
        SampleType::Float64 => encode::<f64, 8>(way, bytes, n_frames, f64::from_le_bytes, None),
    }
}

const fn itself(value: i64) -> i64 {
    value
}

fn encode<T: Number, const SIZE: usize>(
    way: Way,
    bytes: &[u8],
    n_frames: usize,
    from: fn([u8; SIZE]) -> T,
    as_whole: Option<fn(T) -> i64>,
) -> Result<Vec<u8>, ReadError> {
    let values: Vec<T> = bytes.as_chunks::<SIZE>().0.iter().map(|bytes| from(*bytes)).collect();
    if !values.len().is_multiple_of(n_frames) {
        let reason = format!("{} samples are not a whole number of channels of {n_frames}", values.len());
        return Err(damaged(&reason));
    }
    pack(way, &values, n_frames, as_whole).map_err(|error| damaged(&error))
}

/// A pco file with a chunk for each channel.
fn pack<T: Number>(way: Way, values: &[T], n_frames: usize, as_whole: Option<fn(T) -> i64>) -> PcoResult<Vec<u8>> {
    let file = FileCompressor::default().with_n_hint(values.len());
    let mut out = Vec::new();
    file.write_header(&mut out)?;
    let channels = values.chunks(n_frames.max(1));
    let n_channels = channels.len();
    for (at, signal) in channels.enumerate() {
        let mut chunk = file.chunk_compressor(signal, &config(way, signal, as_whole))?;
        if at == 0 {
            out.reserve(chunk.size_hint() * n_channels);
        }
        chunk.write(&mut out)?;
    }
    file.write_footer(&mut out)?;
    Ok(out)
}

fn config<T: Number>((pco_level, is_searched): Way, signal: &[T], as_whole: Option<fn(T) -> i64>) -> ChunkConfig {
    let config = ChunkConfig::default().with_compression_level(pco_level);
    let Some(as_whole) = as_whole.filter(|_| !is_searched) else { return config };
    let found = guess(signal, as_whole);
    let mode = if found.is_on_grid { ModeSpec::Auto } else { ModeSpec::Classic };
    config.with_mode_spec(mode).with_delta_spec(DeltaSpec::TryConsecutive(found.order))
}

#[cfg(test)]
mod tests {
    use pco::PagingSpec;
    use pco::standalone::simple_compress;

    use super::super::decode_chunk;
    use super::*;

    /// Noise of some steps on a slow wave, the second channel on a grid.
    fn channels(n_frames: usize) -> Vec<i16> {
        let wave = |at: usize| 200 - i16::try_from((at / 8 % 200).abs_diff(100)).expect("small") * 2;
        let mut state = 1_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i16::try_from((state >> 33) % 41).expect("small")
        };
        let mut values: Vec<i16> = (0..n_frames).map(|at| wave(at) + noise()).collect();
        values.extend((0..n_frames).map(|_| noise() * 8));
        values
    }

    fn bytes(values: &[i16]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn every_level_gives_back_every_sample() {
        for n_frames in [1, 2, 3, 5000] {
            let raw = bytes(&channels(n_frames));
            for level in Level::ALL {
                let packed = encode_chunk_at(level, SampleType::Int16, &raw, n_frames).expect("packs");
                let found = decode_chunk(SampleType::Int16, &packed, 2 * n_frames).expect("reads");
                assert!(found == raw, "{level:?} {n_frames}");
            }
        }
    }

    #[test]
    fn even_takes_few_bytes_more_than_small() {
        let raw = bytes(&channels(65_536));
        let size = |level| encode_chunk_at(level, SampleType::Int16, &raw, 65_536).expect("packs").len();
        let (even, small) = (size(Level::Even), size(Level::Small));
        assert!(even * 100 <= small * 103, "{even} bytes where {small} were possible");
    }

    #[test]
    fn the_smallest_is_what_pco_makes_by_itself() {
        let values = channels(3000);
        let config = ChunkConfig::default().with_paging_spec(PagingSpec::Exact(vec![3000; 2]));
        let expected = simple_compress(&values, &config).expect("packs");
        assert!(encode_chunk(SampleType::Int16, &bytes(&values), 3000).expect("packs") == expected);
    }

    #[test]
    fn parts_of_channels_are_refused() {
        for (n_values, n_frames) in [(7, 2), (3, 0)] {
            let raw = vec![0; 2 * n_values];
            assert!(encode_chunk(SampleType::Int16, &raw, n_frames).is_err(), "{n_values} of {n_frames}");
        }
        assert!(encode_chunk(SampleType::Int16, &[], 0).is_ok());
    }
}
