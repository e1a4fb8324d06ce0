//! Spikes of all electrodes together in equal bins of the recording.

use crate::analyses::SpikeTrains;
use crate::blocks::of_rows::with_segments;
use crate::figure::{Axis, Figure, Layer};
use crate::table::Table;

/// Most bins; of a longer recording they are wider by a whole factor.
const MAX_BINS: u64 = 5000;

/// A bin of a segment.
struct Bin {
    segment: usize,
    /// First frame of the bin, and how many it has.
    start: i64,
    n_frames: i64,
    /// Spikes of all electrodes.
    n_spikes: u64,
    /// Spikes of the active ones.
    n_of_active: u64,
}

/// The bins of a recording, segment after segment; the last of a segment may be shorter.
pub struct OverTime {
    bins: Vec<Bin>,
    /// Frames of a whole bin.
    width: i64,
    n_active: usize,
    /// The well that they are of; empty where they are of all electrodes.
    well: String,
}

impl OverTime {
    /// Counts the spikes of all channels in bins of `width` frames, or more where these would be too many.
    pub fn new(of: &SpikeTrains, is_active: &[bool], width: i64) -> Self {
        let all: Vec<usize> = (0..is_active.len()).collect();
        Self { well: String::new(), ..Self::of_channels(of, &all, is_active, width) }
    }

    /// The bins of each culture.
    pub fn of_cultures(of: &SpikeTrains, is_active: &[bool], width: i64) -> Vec<Self> {
        let cultures = of.cultures().iter().filter(|culture| !culture.is_empty());
        cultures.map(|culture| Self::of_channels(of, culture, is_active, width)).collect()
    }

    fn of_channels(of: &SpikeTrains, channels: &[usize], is_active: &[bool], width: i64) -> Self {
        let n_frames: Vec<i64> =
            of.info().segments.iter().map(|segment| i64::try_from(segment.n_frames).unwrap_or(i64::MAX)).collect();
        let n_bins = |n_frames: i64, width: i64| n_frames.unsigned_abs().div_ceil(width.unsigned_abs());
        let width = width.max(1);
        let n_all: u64 = n_frames.iter().map(|n_frames| n_bins(*n_frames, width)).sum();
        let width = width.saturating_mul(i64::try_from(n_all.div_ceil(MAX_BINS)).unwrap_or(1).max(1));
        let mut bins = Vec::new();
        for (segment, (trains, n_frames)) in of.frames().iter().zip(n_frames).enumerate() {
            let first = bins.len();
            let mut start = 0;
            while start < n_frames {
                let n_frames = width.min(n_frames - start);
                bins.push(Bin { segment, start, n_frames, n_spikes: 0, n_of_active: 0 });
                start = start.saturating_add(width);
            }
            let own = &mut bins[first..];
            let Some(last) = own.len().checked_sub(1) else { continue };
            for (train, is_active) in channels.iter().filter_map(|at| Some((trains.get(*at)?, is_active.get(*at)?))) {
                for frame in train {
                    // What lies at the very end is of the last bin.
                    let at = usize::try_from(frame / width).unwrap_or(0).min(last);
                    own[at].n_spikes += 1;
                    own[at].n_of_active += u64::from(*is_active);
                }
            }
        }
        let n_active = channels.iter().filter(|at| is_active.get(**at).is_some_and(|is_active| *is_active)).count();
        let well = channels.first().map_or("", |first| of.well(*first)).to_owned();
        Self { bins, width, n_active, well }
    }

    /// Spikes per second of an active electrode in a bin; none where no electrode is active.
    #[expect(clippy::cast_precision_loss, reason = "counts of spikes and electrodes")]
    fn rate_hz(&self, of: &SpikeTrains, bin: &Bin) -> Option<f64> {
        (self.n_active > 0).then(|| bin.n_of_active as f64 / self.n_active as f64 / of.seconds(bin.n_frames))
    }

    /// A row for each bin of each of them.
    pub fn table(of: &SpikeTrains, all: &[Self]) -> Table {
        let rows = || all.iter().flat_map(|own| own.bins.iter().map(move |bin| (own, bin)));
        let mut table = Table::new("over_time", "Over time");
        if of.info().wells.is_some() {
            table = table.texts(("well", "Well"), rows().map(|(own, _)| own.well.clone()));
        }
        with_segments(table, of, rows().map(|(_, bin)| bin.segment))
            .numbers(("start_s", "Start", "s"), rows().map(|(_, bin)| Some(of.time_s(bin.segment, bin.start))))
            .counts(("n_spikes", "Spikes of all electrodes"), rows().map(|(_, bin)| bin.n_spikes))
            .numbers(
                ("mean_rate_active_hz", "Rate of an active electrode", "Hz"),
                rows().map(|(own, bin)| own.rate_hz(of, bin)),
            )
    }

    /// The rate of an active electrode over time, a line for each segment.
    pub fn figure(&self, of: &SpikeTrains) -> Figure {
        let first_s = of.time_s(0, 0);
        let end_s = |bin: &Bin| of.time_s(bin.segment, bin.start.saturating_add(bin.n_frames));
        let last_s = self.bins.iter().map(end_s).fold(first_s, f64::max);
        let point = |bin: &Bin| {
            let middle_s = f64::midpoint(of.time_s(bin.segment, bin.start), end_s(bin));
            self.rate_hz(of, bin).map(|rate_hz| (middle_s, rate_hz))
        };
        let segments = self.bins.chunk_by(|before, after| before.segment == after.segment);
        let lines: Vec<Vec<(f64, f64)>> = segments.map(|own| own.iter().filter_map(point).collect()).collect();
        let most = lines.iter().flatten().fold(0.0, |most: f64, (_, rate)| most.max(*rate));
        let width_s = of.seconds(self.width);
        let sentence = if self.n_active == 0 {
            "No electrode is active.".to_owned()
        } else {
            format!(
                "Firing rate of {} active electrodes in bins of {width_s:.1} s: at most {most:.2} Hz an electrode.",
                self.n_active
            )
        };
        Figure {
            id: "over_time".into(),
            title: "Firing rate over time".into(),
            sentence,
            x: Axis::linear("Time", "s", (first_s, last_s)),
            y: Axis::linear("Rate of an active electrode", "Hz", (0.0, if most > 0.0 { most } else { 1.0 })),
            layers: lines
                .into_iter()
                .filter(|points| !points.is_empty())
                .map(|points| Layer::Line { points })
                .collect(),
        }
    }
}
