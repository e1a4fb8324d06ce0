//! The table of units: the spikes of each channel.

use super::Session;
use super::electrodes;
use super::ids::Ids;
use super::table::DynamicTable;
use crate::export::hdf5::{Array, Dataset, Group, Values};
use crate::recording::{SegmentInfo, StreamInfo, StreamKind};
use crate::spikes::Spike;

const PATH: &str = "/units";
/// The meaning of a unit where spikes were found in the signal.
const FOUND: &str = "Threshold crossings, not sorted neurons: one unit per electrode, with every spike that this \
    electrode saw. A unit may hold the spikes of several neurons, and several electrodes may see the same neuron.";
/// The meaning of a unit where files held the spikes, of electrodes or of sorted neurons.
const STORED: &str = "Spikes of electrodes as the files of the recording hold them: one unit per electrode, not sorted \
    by this program.";
const SORTED: &str = "Units as the files of the recording hold them, told apart by a spike sorter.";
/// Stretches of all units that are written: 16 MB.
const MAX_STRETCHES: usize = 1 << 20;

/// The table; units without spikes are in it too.
pub fn table(ids: &Ids, info: &StreamInfo, spikes: &[Spike], session: &Session) -> Group {
    let n_units = info.n_channels;
    let starts_s = starts_s(info);
    let Trains { times_s, amplitudes_uv, ends } = Trains::new(info, &starts_s, spikes);
    let has_size = amplitudes_uv.iter().any(|amplitude_uv| !amplitude_uv.is_nan());
    let times = Dataset::new(Array::list(Values::F64(times_s)));
    let times = times.attribute("resolution", 1.0 / info.sampling_frequency_hz);
    let mut table = DynamicTable::new(ids, PATH)
        .column("unit_name", "Id of the channel in the recording.", Array::texts(&info.channel_ids))
        .lists("spike_times", "Times of the spikes in seconds from the start of the recording.", times, &ends);
    if let Some((stretches_s, ends)) = stretches(info, &starts_s).filter(|_| session.is_observed) {
        let stretches = Dataset::new(Array::pairs(Values::F64(stretches_s)));
        let description = "Start and end of what was recorded without a gap, in seconds from the start.";
        table = table.lists("obs_intervals", description, stretches, &ends);
    }
    if info.kind != StreamKind::Units {
        let (rows, ends) = ((0..).take(n_units).collect(), (1..).take(n_units).collect::<Vec<u64>>());
        table = table.rows_of(electrodes::TABLE, "electrodes", "The electrode that saw the spikes.", rows, &ends);
    }
    if let Some(wells) = &info.wells {
        table = table.column("well", "Well of the plate.", Array::texts(wells));
    }
    if has_size {
        let amplitudes = Dataset::new(Array::list(Values::F32(amplitudes_uv)));
        let description = "Value at the peak of each spike in microvolts, as the spikes were found; NaN where nobody \
            recorded it.";
        table = table.lists("spike_amplitudes_uv", description, amplitudes, &ends);
    }
    let description = match (session.is_found, info.kind) {
        (true, _) => FOUND,
        (false, StreamKind::Units) => SORTED,
        (false, _) => STORED,
    };
    table.finish(("core", "Units"), description, n_units)
}

/// Where each segment begins, in seconds from the start of the first. Each begins when its clock says, yet not
/// before the one ahead of it has ended: clocks may start again.
#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
pub fn starts_s(info: &StreamInfo) -> Vec<f64> {
    let first_s = info.segments.first().map_or(0.0, |segment| segment.t_start_s);
    let mut end_s = 0.0_f64;
    let start_s = |segment: &SegmentInfo| {
        let start_s = end_s.max(segment.t_start_s - first_s);
        end_s = start_s + segment.n_frames as f64 / info.sampling_frequency_hz;
        start_s
    };
    info.segments.iter().map(start_s).collect()
}

/// Start and end of each segment, the same for all units, and where the list of each unit ends. None where
/// nothing was recorded, or in more pieces than are worth telling.
#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
fn stretches(info: &StreamInfo, starts_s: &[f64]) -> Option<(Vec<f64>, Vec<u64>)> {
    let recorded = starts_s.iter().zip(&info.segments).filter(|(_, segment)| segment.n_frames > 0);
    let end_s = |start_s: f64, n_frames: u64| start_s + n_frames as f64 / info.sampling_frequency_hz;
    let own: Vec<f64> = recorded.flat_map(|(start_s, segment)| [*start_s, end_s(*start_s, segment.n_frames)]).collect();
    let n_own = own.len() / 2;
    let is_told = n_own > 0 && n_own.saturating_mul(info.n_channels) <= MAX_STRETCHES;
    is_told.then(|| (own.repeat(info.n_channels), (1_u64..).take(info.n_channels).map(|n| n * n_own as u64).collect()))
}

/// The spikes of all units, one unit after another.
struct Trains {
    /// Seconds from the start of the recording.
    times_s: Vec<f64>,
    /// NaN where nobody recorded it.
    amplitudes_uv: Vec<f32>,
    /// Where each unit ends.
    ends: Vec<u64>,
}

impl Trains {
    /// Spikes of channels and segments that are not there are left out.
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    fn new(info: &StreamInfo, starts_s: &[f64], spikes: &[Spike]) -> Self {
        let place = |spike: &Spike| {
            let channel = Some(spike.channel_index as usize).filter(|channel| *channel < info.n_channels)?;
            let start_s = starts_s.get(spike.segment_index as usize)?;
            Some((channel, start_s + spike.sample_index as f64 / info.sampling_frequency_hz))
        };
        let mut counts = vec![0_usize; info.n_channels];
        for (channel, _) in spikes.iter().filter_map(place) {
            counts[channel] += 1;
        }
        let mut n_all = 0;
        let mut next = Vec::with_capacity(info.n_channels);
        let mut ends = Vec::with_capacity(info.n_channels);
        for count in counts {
            next.push(n_all);
            n_all += count;
            ends.push(n_all as u64);
        }
        let (mut times_s, mut amplitudes_uv) = (vec![0.0; n_all], vec![f32::NAN; n_all]);
        for spike in spikes {
            let Some((channel, time_s)) = place(spike) else { continue };
            times_s[next[channel]] = time_s;
            amplitudes_uv[next[channel]] = spike.known_uv().unwrap_or(f32::NAN);
            next[channel] += 1;
        }
        Self { times_s, amplitudes_uv, ends }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    #[test]
    fn segments_follow_their_clock_and_never_overlap() {
        let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 1000.0, duration_s: 1.0, seed: 1 };
        let mut info = Simulation::new(spec).info().clone();
        // A gap of half a second, then a clock that starts again.
        let segment = |n_frames: u64, t_start_s: f64| SegmentInfo { n_frames, t_start_s };
        info.segments = vec![segment(1000, 100.0), segment(500, 101.5), segment(0, 102.0), segment(250, 0.0)];
        let starts_s = starts_s(&info);
        assert_eq!(starts_s, [0.0, 1.5, 2.0, 2.0]);
        let (own, ends) = stretches(&info, &starts_s).expect("stretches");
        assert_eq!((own, ends), ([0.0, 1.0, 1.5, 2.0, 2.0, 2.25].repeat(2), vec![3, 6]));
        let spike = |segment_index: u32, sample_index: i64, channel_index: u32| Spike {
            segment_index,
            sample_index,
            channel_index,
            amplitude_uv: -1.0,
        };
        let spikes =
            [spike(0, 10, 1), spike(0, 20, 0), spike(0, 20, 7), spike(1, 100, 1), spike(3, 0, 1), spike(9, 0, 1)];
        let trains = Trains::new(&info, &starts_s, &spikes);
        assert_eq!((trains.times_s, trains.ends), (vec![0.02, 0.01, 1.6, 2.0], vec![1, 4]));
        info.segments.clear();
        assert_eq!(stretches(&info, &[]), None);
    }
}
