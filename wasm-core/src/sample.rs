//! The types that samples are stored in, and their conversion to `f32`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::simd::widest;
use crate::transpose::{Strides, transpose};

/// A sample's stored type; always little-endian once it leaves a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SampleType {
    /// Signed 8-bit.
    Int8,
    /// Unsigned 8-bit.
    Uint8,
    /// Signed 16-bit, what most amplifiers write.
    Int16,
    /// Unsigned 16-bit.
    Uint16,
    /// Signed 32-bit.
    Int32,
    /// Unsigned 32-bit.
    Uint32,
    /// Signed 64-bit.
    Int64,
    /// Unsigned 64-bit.
    Uint64,
    /// IEEE single precision.
    Float32,
    /// IEEE double precision.
    Float64,
}

impl SampleType {
    /// Bytes of one sample.
    #[must_use]
    pub const fn size_bytes(self) -> usize {
        match self {
            Self::Int8 | Self::Uint8 => 1,
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 | Self::Uint32 | Self::Float32 => 4,
            Self::Int64 | Self::Uint64 | Self::Float64 => 8,
        }
    }

    /// The NumPy type string, such as `<i2`.
    #[must_use]
    pub const fn numpy(self) -> &'static str {
        match self {
            Self::Int8 => "|i1",
            Self::Uint8 => "|u1",
            Self::Int16 => "<i2",
            Self::Uint16 => "<u2",
            Self::Int32 => "<i4",
            Self::Uint32 => "<u4",
            Self::Int64 => "<i8",
            Self::Uint64 => "<u8",
            Self::Float32 => "<f4",
            Self::Float64 => "<f8",
        }
    }

    /// The name that NumPy prints, such as `int16`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::Uint8 => "uint8",
            Self::Int16 => "int16",
            Self::Uint16 => "uint16",
            Self::Int32 => "int32",
            Self::Uint32 => "uint32",
            Self::Int64 => "int64",
            Self::Uint64 => "uint64",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
        }
    }

    /// Parses a little-endian NumPy type: `int16`, `<i2`, `i2`, `np.int16` and the like.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(['"', '\'']);
        let text = text.trim_start_matches("np.").trim_start_matches("numpy.");
        Some(match text.trim_start_matches(['<', '|', '=']) {
            "int8" | "i1" => Self::Int8,
            "uint8" | "u1" => Self::Uint8,
            "int16" | "i2" => Self::Int16,
            "uint16" | "u2" => Self::Uint16,
            "int32" | "i4" => Self::Int32,
            "uint32" | "u4" => Self::Uint32,
            "int64" | "i8" => Self::Int64,
            "uint64" | "u8" => Self::Uint64,
            "float32" | "f4" | "single" => Self::Float32,
            "float64" | "f8" | "double" | "float" => Self::Float64,
            _ => return None,
        })
    }
}

/// How samples of a [`RawBlock`] lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `[frames, channels]`: the channels of a frame are neighbours.
    Interleaved,
    /// `[channels, frames]`: the frames of a channel are neighbours.
    Planar,
}

/// The conversion of samples: `(sample - base) * gain + offset`, with numbers for each channel.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// Subtracted first, exactly, from types that `f32` holds.
    pub base: Vec<f32>,
    /// The same for types that it does not hold, see [`SampleType::is_wide`]: there the difference is taken in double
    /// precision, so that a large offset leaves all steps.
    pub wide_base: Vec<f64>,
    /// Factors.
    pub gain: Vec<f32>,
    /// Added last.
    pub offset: Vec<f32>,
}

impl Conversion {
    /// Samples as they are.
    #[must_use]
    pub fn identity(n_channels: usize) -> Self {
        Self {
            base: vec![0.0; n_channels],
            wide_base: vec![0.0; n_channels],
            gain: vec![1.0; n_channels],
            offset: vec![0.0; n_channels],
        }
    }
}

/// Raw samples of consecutive frames, little-endian, as stored.
#[derive(Clone, Debug)]
pub struct RawBlock {
    /// Stored type.
    pub sample_type: SampleType,
    /// Memory order of `bytes`.
    pub layout: Layout,
    /// Number of frames.
    pub n_frames: usize,
    /// Number of channels.
    pub n_channels: usize,
    /// `n_frames * n_channels` samples.
    pub bytes: Vec<u8>,
}

/// Calls `$body` with `$decode` bound to a function from a sample's bytes to `f32`.
macro_rules! with_decoder {
    ($sample_type:expr, $size:ident, $decode:ident => $body:expr) => {
        match $sample_type {
            SampleType::Int8 => with_decoder!(@ i8, 1, $size, $decode => $body),
            SampleType::Uint8 => with_decoder!(@ u8, 1, $size, $decode => $body),
            SampleType::Int16 => with_decoder!(@ i16, 2, $size, $decode => $body),
            SampleType::Uint16 => with_decoder!(@ u16, 2, $size, $decode => $body),
            SampleType::Int32 => with_decoder!(@ i32, 4, $size, $decode => $body),
            SampleType::Uint32 => with_decoder!(@ u32, 4, $size, $decode => $body),
            SampleType::Int64 => with_decoder!(@ i64, 8, $size, $decode => $body),
            SampleType::Uint64 => with_decoder!(@ u64, 8, $size, $decode => $body),
            SampleType::Float32 => with_decoder!(@ f32, 4, $size, $decode => $body),
            SampleType::Float64 => with_decoder!(@ f64, 8, $size, $decode => $body),
        }
    };
    (@ $kind:ty, $n:literal, $size:ident, $decode:ident => $body:expr) => {{
        const $size: usize = $n;
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_lossless,
            reason = "the engine computes in f32 by design")]
        #[inline(always)]
        fn $decode(bytes: &[u8; $n]) -> f32 {
            <$kind>::from_le_bytes(*bytes) as f32
        }
        $body
    }};
}

impl SampleType {
    /// Whether it holds floats.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(self, Self::Float32 | Self::Float64)
    }

    /// Whether it holds numbers that `f32` does not.
    #[must_use]
    pub const fn is_wide(self) -> bool {
        matches!(self, Self::Int32 | Self::Uint32 | Self::Int64 | Self::Uint64 | Self::Float64)
    }

    /// Little-endian samples in double precision.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no amplifier has steps of more than 53 bits")]
    pub fn doubles(self, bytes: &[u8]) -> Vec<f64> {
        macro_rules! of {
            ($kind:ty, $size:literal, $to:expr) => {
                bytes.as_chunks::<$size>().0.iter().map(|item| $to(<$kind>::from_le_bytes(*item))).collect()
            };
        }
        match self {
            Self::Int8 => of!(i8, 1, f64::from),
            Self::Uint8 => of!(u8, 1, f64::from),
            Self::Int16 => of!(i16, 2, f64::from),
            Self::Uint16 => of!(u16, 2, f64::from),
            Self::Int32 => of!(i32, 4, f64::from),
            Self::Uint32 => of!(u32, 4, f64::from),
            Self::Int64 => of!(i64, 8, |n: i64| n as f64),
            Self::Uint64 => of!(u64, 8, |n: u64| n as f64),
            Self::Float32 => of!(f32, 4, f64::from),
            Self::Float64 => of!(f64, 8, std::convert::identity),
        }
    }

    /// Little-endian samples as whole numbers; floats are cut.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "saturating")]
    pub fn integers(self, bytes: &[u8]) -> Vec<i64> {
        match self {
            // A double does not hold all of them.
            Self::Int64 | Self::Uint64 => bytes.as_chunks().0.iter().map(|item| i64::from_le_bytes(*item)).collect(),
            _ => self.doubles(bytes).into_iter().map(|value| value as i64).collect(),
        }
    }
}

impl Default for RawBlock {
    fn default() -> Self {
        Self {
            sample_type: SampleType::Int16,
            layout: Layout::Interleaved,
            n_frames: 0,
            n_channels: 0,
            bytes: Vec::new(),
        }
    }
}

impl RawBlock {
    /// Converts `frames` of an interleaved block to `f32`, a row of all channels each `stride`
    /// values of `out`. What a row holds beyond the last channel is left alone.
    pub fn rows(&self, frames: Range<usize>, conversion: &Conversion, out: &mut [f32], stride: usize) {
        debug_assert_eq!(self.layout, Layout::Interleaved, "channels of a frame are neighbours");
        if self.sample_type.is_wide() {
            self.wide_rows(&frames, conversion, out, stride);
            return;
        }
        let Conversion { base, gain, offset, .. } = conversion;
        widest(
            #[inline(always)]
            || {
                with_decoder!(self.sample_type, SIZE, decode => {
                    let (samples, _) = self.bytes.as_chunks::<SIZE>();
                    let from = samples[frames.start * self.n_channels..].chunks_exact(self.n_channels.max(1));
                    for (row, frame) in out.chunks_mut(stride).zip(from).take(frames.len()) {
                        let constants = base.iter().zip(gain).zip(offset);
                        for ((value, sample), ((base, gain), offset)) in row.iter_mut().zip(frame).zip(constants) {
                            *value = (decode(sample) - base) * gain + offset;
                        }
                    }
                });
            },
        );
    }

    /// [`Self::rows`] of a type that `f32` does not hold.
    #[expect(clippy::cast_precision_loss, reason = "no amplifier has steps of more than 53 bits")]
    fn wide_rows(&self, frames: &Range<usize>, conversion: &Conversion, out: &mut [f32], stride: usize) {
        macro_rules! convert {
            ($kind:ty, $size:literal, $to:expr) => {
                self.differences(
                    frames,
                    conversion,
                    out,
                    stride,
                    #[inline(always)]
                    |item: &[u8; $size]| $to(<$kind>::from_le_bytes(*item)),
                )
            };
        }
        match self.sample_type {
            SampleType::Int32 => convert!(i32, 4, f64::from),
            SampleType::Uint32 => convert!(u32, 4, f64::from),
            SampleType::Int64 => convert!(i64, 8, |n: i64| n as f64),
            SampleType::Uint64 => convert!(u64, 8, |n: u64| n as f64),
            _ => convert!(f64, 8, std::convert::identity),
        }
    }

    /// Converts frames, with the differences to the base in double precision.
    #[expect(clippy::cast_possible_truncation, reason = "the engine computes in f32 by design")]
    fn differences<const SIZE: usize>(
        &self,
        frames: &Range<usize>,
        conversion: &Conversion,
        out: &mut [f32],
        stride: usize,
        decode: impl Fn(&[u8; SIZE]) -> f64,
    ) {
        let Conversion { wide_base, gain, offset, .. } = conversion;
        widest(
            #[inline(always)]
            || {
                let (samples, _) = self.bytes.as_chunks::<SIZE>();
                let from = samples[frames.start * self.n_channels..].chunks_exact(self.n_channels.max(1));
                for (row, frame) in out.chunks_mut(stride).zip(from).take(frames.len()) {
                    let constants = wide_base.iter().zip(gain).zip(offset);
                    for ((value, sample), ((base, gain), offset)) in row.iter_mut().zip(frame).zip(constants) {
                        *value = (decode(sample) - base) as f32 * gain + offset;
                    }
                }
            },
        );
    }

    /// All samples of one channel.
    #[must_use]
    pub fn channel(&self, channel: usize) -> Vec<f32> {
        with_decoder!(self.sample_type, SIZE, decode => {
            let (samples, _) = self.bytes.as_chunks::<SIZE>();
            let (start, step) = match self.layout {
                Layout::Interleaved => (channel, self.n_channels),
                Layout::Planar => (channel * self.n_frames, 1),
            };
            samples.iter().skip(start).step_by(step.max(1)).take(self.n_frames).map(decode).collect()
        })
    }

    /// Some of the frames.
    #[must_use]
    pub fn part(&self, frames: Range<usize>) -> Self {
        let size = self.sample_type.size_bytes();
        let bytes = match self.layout {
            Layout::Interleaved => {
                let frame = self.n_channels * size;
                self.bytes[frames.start * frame..frames.end * frame].to_vec()
            }
            Layout::Planar => {
                let signals = self.bytes.chunks_exact((self.n_frames * size).max(1));
                let parts = signals.map(|signal| &signal[frames.start * size..frames.end * size]);
                parts.collect::<Vec<_>>().concat()
            }
        };
        Self { n_frames: frames.len(), bytes, ..*self }
    }

    /// Some of the channels, in another order; those that do not exist are zero.
    #[must_use]
    pub fn take_channels(&self, channels: &[usize]) -> Self {
        let planar = self.clone().into_planar();
        let row_bytes = self.n_frames * self.sample_type.size_bytes();
        let mut bytes = vec![0; channels.len() * row_bytes];
        for (to, channel) in bytes.chunks_exact_mut(row_bytes.max(1)).zip(channels) {
            if let Some(from) = planar.bytes.get(channel * row_bytes..(channel + 1) * row_bytes) {
                to.copy_from_slice(from);
            }
        }
        Self { layout: Layout::Planar, n_channels: channels.len(), bytes, ..planar }
    }

    /// The samples of the block, `[frames, channels]`.
    #[must_use]
    pub fn into_interleaved(self) -> Self {
        if self.layout == Layout::Interleaved {
            return self;
        }
        let bytes = turned(&self.bytes, self.n_channels, self.n_frames, self.sample_type.size_bytes());
        Self { layout: Layout::Interleaved, bytes, ..self }
    }

    /// The samples of the block, `[channels, frames]`.
    #[must_use]
    pub fn into_planar(self) -> Self {
        if self.layout == Layout::Planar {
            return self;
        }
        let bytes = turned(&self.bytes, self.n_frames, self.n_channels, self.sample_type.size_bytes());
        Self { layout: Layout::Planar, bytes, ..self }
    }
}

/// A `[rows, columns]` matrix turned.
fn turned(bytes: &[u8], rows: usize, columns: usize, item: usize) -> Vec<u8> {
    let mut out = vec![0; rows * columns * item];
    transpose(bytes, &mut out, (rows, columns), Strides { from: columns * item, to: rows * item, item });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(layout: Layout, values: &[i16]) -> RawBlock {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        RawBlock { sample_type: SampleType::Int16, layout, n_frames: 3, n_channels: 2, bytes }
    }

    #[test]
    fn both_layouts_give_the_same_rows_and_channels() {
        let interleaved = block(Layout::Interleaved, &[1, -2, 3, -4, 5, -6]);
        let planar = block(Layout::Planar, &[1, 3, 5, -2, -4, -6]);
        for raw in [&interleaved, &planar] {
            let mut rows = [9.0; 6];
            raw.clone().into_interleaved().rows(1..3, &Conversion::identity(2), &mut rows, 3);
            assert_eq!(rows, [3.0, -4.0, 9.0, 5.0, -6.0, 9.0]);
            assert_eq!(raw.channel(1), [-2.0, -4.0, -6.0]);
        }
        assert_eq!(planar.clone().into_interleaved().bytes, interleaved.bytes);
        assert_eq!(interleaved.into_planar().bytes, planar.bytes);
    }

    #[test]
    fn a_large_offset_of_wide_numbers_leaves_every_step() {
        // Steps of one on 2³¹ and more, which f32 rounds to multiples of 256.
        let steps = [0_u16, 1, 7, 300];
        let narrow: Vec<u8> = steps.iter().flat_map(|step| (1000_u16 + step).to_le_bytes()).collect();
        let of_u32 = |step: &u16| ((1_u32 << 31) + u32::from(*step)).to_le_bytes();
        let of_i32 = |step: &u16| (i32::MIN + i32::from(*step)).to_le_bytes();
        let of_u64 = |step: &u16| ((1_u64 << 40) + u64::from(*step)).to_le_bytes();
        let of_i64 = |step: &u16| (i64::from(*step) - (1_i64 << 40)).to_le_bytes();
        let of_f64 = |step: &u16| (1e10 + f64::from(*step)).to_le_bytes();
        let wide: [(SampleType, Vec<u8>); 5] = [
            (SampleType::Uint32, steps.iter().flat_map(of_u32).collect()),
            (SampleType::Int32, steps.iter().flat_map(of_i32).collect()),
            (SampleType::Uint64, steps.iter().flat_map(of_u64).collect()),
            (SampleType::Int64, steps.iter().flat_map(of_i64).collect()),
            (SampleType::Float64, steps.iter().flat_map(of_f64).collect()),
        ];
        let rows = |sample_type: SampleType, bytes: Vec<u8>| {
            let raw = RawBlock { sample_type, layout: Layout::Interleaved, n_frames: 4, n_channels: 1, bytes };
            let wide_base = raw.sample_type.doubles(&raw.bytes)[..1].to_vec();
            #[expect(clippy::cast_possible_truncation, reason = "a number that the narrow type holds")]
            let base = wide_base.iter().map(|base| *base as f32).collect();
            let conversion = Conversion { base, wide_base, gain: vec![0.195], ..Conversion::identity(1) };
            let mut rows = [0.0; 4];
            raw.rows(0..4, &conversion, &mut rows, 1);
            rows
        };
        let expected = rows(SampleType::Uint16, narrow);
        assert_eq!(expected, steps.map(|step| f32::from(step) * 0.195));
        for (sample_type, bytes) in wide {
            assert_eq!(rows(sample_type, bytes), expected, "{sample_type:?}");
        }
    }

    #[test]
    fn types_are_parsed_as_numpy_prints_them() {
        for kind in [SampleType::Int8, SampleType::Uint16, SampleType::Int64, SampleType::Float64] {
            assert_eq!(SampleType::parse(kind.numpy()), Some(kind));
            assert_eq!(SampleType::parse(kind.name()), Some(kind));
        }
        assert_eq!(SampleType::parse(">i2"), None, "big-endian is refused, not misread");
    }
}
