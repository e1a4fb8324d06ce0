//! Sources put together: several side by side as one, and some channels of one.

use std::ops::Range;
use std::sync::Arc;

use crate::recording::{FrameSource, Outline, ReadError, SegmentInfo, StreamInfo, check_range};
use crate::sample::{Layout, RawBlock};

/// A source that is part of several streams.
pub struct Shared(pub Arc<dyn FrameSource>);

impl FrameSource for Shared {
    fn info(&self) -> &StreamInfo {
        self.0.info()
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        self.0.read(segment, start, n_frames)
    }

    fn read_into(&self, segment: usize, start: u64, n_frames: usize, block: &mut RawBlock) -> Result<(), ReadError> {
        self.0.read_into(segment, start, n_frames, block)
    }

    fn piece_frames(&self) -> Option<usize> {
        self.0.piece_frames()
    }

    fn stretch_frames(&self) -> Option<u64> {
        self.0.stretch_frames()
    }

    fn outline(&self, segment: usize, channel: usize, frames: Range<u64>) -> Result<Option<Outline>, ReadError> {
        self.0.outline(segment, channel, frames)
    }
}

/// Some channels of a source, in an order of their own.
pub struct Picked {
    info: StreamInfo,
    source: Arc<dyn FrameSource>,
    channels: Vec<usize>,
}

impl Picked {
    /// Channels of a source, all within it; `info` describes them and has the source's segments.
    pub fn new(info: StreamInfo, source: Arc<dyn FrameSource>, channels: Vec<usize>) -> Self {
        Self { info, source, channels }
    }
}

impl FrameSource for Picked {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        check_range(&self.info, segment, start, n_frames)?;
        Ok(self.source.read(segment, start, n_frames)?.take_channels(&self.channels))
    }

    fn stretch_frames(&self) -> Option<u64> {
        self.source.stretch_frames()
    }
}

/// A source, and where its segments lie on a clock that it shares with others, in frames.
pub struct OnClock {
    /// The source.
    pub source: Arc<dyn FrameSource>,
    /// The clock's number of the first frame of each segment; grows.
    pub starts: Vec<u64>,
}

impl OnClock {
    /// The stretches of the clock that the source has.
    fn stretches(&self) -> Vec<Range<u64>> {
        let segments = &self.source.info().segments;
        let stretch = |(start, segment): (&u64, &SegmentInfo)| *start..start.saturating_add(segment.n_frames);
        self.starts.iter().zip(segments).map(stretch).collect()
    }

    /// The segment and frame of a number of the clock, which the source has.
    fn place(&self, number: u64) -> (usize, u64) {
        let segment = self.starts.partition_point(|start| *start <= number).saturating_sub(1);
        (segment, number - self.starts.get(segment).copied().unwrap_or(number).min(number))
    }
}

/// Sources of one rate and sample type as one stream of all their channels, where all have frames.
pub struct Joined {
    info: StreamInfo,
    sources: Vec<Arc<dyn FrameSource>>,
    /// Of each segment, the segment and first frame in each source.
    places: Vec<Vec<(usize, u64)>>,
}

/// Pairs of stretches that are compared at most; recordings in so many pieces are not joined.
const MAX_PAIRS: usize = 1 << 22;

impl Joined {
    /// Joins sources of one clock. `info` describes their channels, one after another; its
    /// segments are made here. None where they share no frames, or too little of them: less
    /// than half of the shortest.
    pub fn new(mut info: StreamInfo, parts: &[OnClock]) -> Option<Self> {
        let mut common = parts.first()?.stretches();
        for part in &parts[1..] {
            let own = part.stretches();
            if common.len().checked_mul(own.len()).is_none_or(|pairs| pairs > MAX_PAIRS) {
                return None;
            }
            let overlap = |a: &Range<u64>, b: &Range<u64>| a.start.max(b.start)..a.end.min(b.end);
            let pairs = common.iter().flat_map(|a| own.iter().map(move |b| overlap(a, b)));
            common = pairs.filter(|range| !range.is_empty()).collect();
        }
        let length = |ranges: &[Range<u64>]| ranges.iter().map(|range| range.end - range.start).sum::<u64>();
        let shortest = parts.iter().map(|part| part.source.info().n_frames()).min()?;
        if length(&common) == 0 || length(&common).saturating_mul(2) < shortest {
            return None;
        }
        let first = common[0].start;
        let rate_hz = info.sampling_frequency_hz;
        #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
        let segment = |range: &Range<u64>| SegmentInfo {
            n_frames: range.end - range.start,
            t_start_s: (range.start - first) as f64 / rate_hz,
        };
        info.segments = common.iter().map(segment).collect();
        let places = common.iter().map(|range| parts.iter().map(|part| part.place(range.start)).collect()).collect();
        Some(Self { info, sources: parts.iter().map(|part| Arc::clone(&part.source)).collect(), places })
    }
}

impl FrameSource for Joined {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
        let mut bytes = Vec::with_capacity(check_range(&self.info, segment, start, n_frames)?);
        for (source, (own, first)) in self.sources.iter().zip(&self.places[segment]) {
            bytes.extend(source.read(*own, first + start, n_frames)?.into_planar().bytes);
        }
        let (sample_type, n_channels) = (self.info.sample_type, self.info.n_channels);
        Ok(RawBlock { sample_type, layout: Layout::Planar, n_frames, n_channels, bytes })
    }

    fn stretch_frames(&self) -> Option<u64> {
        self.sources.iter().filter_map(|source| source.stretch_frames()).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::interleaved::uniform;
    use crate::sample::SampleType;

    /// One channel whose samples are its frames' numbers on the clock.
    struct Numbers {
        info: StreamInfo,
        starts: Vec<u64>,
    }

    impl FrameSource for Numbers {
        fn info(&self) -> &StreamInfo {
            &self.info
        }

        fn read(&self, segment: usize, start: u64, n_frames: usize) -> Result<RawBlock, ReadError> {
            check_range(&self.info, segment, start, n_frames)?;
            let first = self.starts[segment] + start;
            let bytes =
                (first..first + n_frames as u64).flat_map(|number| u16::try_from(number).unwrap().to_le_bytes());
            let layout = Layout::Interleaved;
            Ok(RawBlock { sample_type: SampleType::Uint16, layout, n_frames, n_channels: 1, bytes: bytes.collect() })
        }
    }

    fn on_clock(stretches: &[(u64, u64)]) -> OnClock {
        let mut info = uniform("n", 10.0, SampleType::Uint16, vec!["1".into()], 1.0);
        info.segments = stretches.iter().map(|(_, n)| SegmentInfo { n_frames: *n, t_start_s: 0.0 }).collect();
        let starts: Vec<u64> = stretches.iter().map(|(start, _)| *start).collect();
        OnClock { source: Arc::new(Numbers { info, starts: starts.clone() }), starts }
    }

    fn both() -> StreamInfo {
        uniform("both", 10.0, SampleType::Uint16, vec!["a".into(), "b".into()], 1.0)
    }

    #[test]
    fn frames_of_one_number_lie_side_by_side() {
        let parts = [on_clock(&[(100, 50), (200, 50)]), on_clock(&[(103, 200)])];
        let joined = Joined::new(both(), &parts).expect("they overlap");
        let told: Vec<(u64, f64)> = joined.info.segments.iter().map(|s| (s.n_frames, s.t_start_s)).collect();
        assert_eq!(told, [(47, 0.0), (50, 9.7)]);
        for (segment, first) in [(0, 103.0), (1, 200.0)] {
            let block = joined.read(segment, 5, 2).expect("reads");
            assert_eq!(block.channel(0), [first + 5.0, first + 6.0]);
            assert_eq!(block.channel(1), block.channel(0));
        }
        assert!(joined.read(0, 46, 2).is_err());
        assert!(Joined::new(both(), &[on_clock(&[(0, 50)]), on_clock(&[(60, 50)])]).is_none());
    }
}
