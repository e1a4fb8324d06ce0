//! The spikes that the raster shows as a table. The worker makes it: a million of them take a second, in which
//! the page would stand still.

use std::fmt::Write;

use wasm_core::csv::cell;
use wasm_core::recording::StreamInfo;
use wasm_core::spikes::Spike;

/// Spikes of a piece: the memory of a worker never shrinks, so the whole text is never in it.
const PIECE: usize = 1 << 16;

/// The table of the spikes of a segment from one time to another, in the order of their times, piece by piece;
/// the first piece is the row of titles.
#[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
pub fn pieces(
    info: &StreamInfo,
    spikes: &[Spike],
    segment: usize,
    (from_s, to_s): (f64, f64),
) -> impl Iterator<Item = String> {
    let before = |at: usize| spikes.partition_point(|spike| (spike.segment_index as usize) < at);
    let own = &spikes[before(segment)..before(segment + 1)];
    // Seconds as the page has them.
    let rate_hz = info.sampling_frequency_hz;
    let time_s = move |spike: &Spike| spike.sample_index as f64 / rate_hz;
    let first = own.partition_point(|spike| time_s(spike) < from_s);
    let end = own.partition_point(|spike| time_s(spike) <= to_s);
    let ids: Vec<String> = info.channel_ids.iter().map(|id| cell(id)).collect();
    let piece = move |spikes: &[Spike]| {
        let mut csv = String::new();
        for spike in spikes {
            if let Some(id) = ids.get(spike.channel_index as usize) {
                // Writing to a string does not fail.
                let _ = writeln!(csv, "{},{id},{}", time_s(spike), spike.amplitude_uv);
            }
        }
        csv
    };
    let titles = String::from("time_s,channel_id,amplitude_uv\n");
    std::iter::once(titles).chain(own[first..end.max(first)].chunks(PIECE).map(piece))
}

#[cfg(test)]
mod tests {
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    use super::*;

    fn info() -> StreamInfo {
        let spec = SimulationSpec { n_channels: 3, sampling_frequency_hz: 30_000.0, duration_s: 1.0, seed: 1 };
        let channel_ids = ["A1", "A,2", "A \"3\""].map(str::to_owned).to_vec();
        StreamInfo { channel_ids, ..Simulation::new(spec).info().clone() }
    }

    /// More spikes than two pieces hold, in two segments.
    fn spikes() -> Vec<Spike> {
        let spike = |at: u32| Spike {
            segment_index: u32::from(at >= 150_000),
            sample_index: i64::from(at % 150_000) * 7,
            channel_index: at % 3,
            amplitude_uv: -20.0 - 0.1 * f32::from(u16::try_from(at % 500).expect("small")),
        };
        (0..200_000).map(spike).collect()
    }

    fn text(segment: usize, times: (f64, f64)) -> String {
        pieces(&info(), &spikes(), segment, times).collect()
    }

    /// The same table made at once.
    fn at_once(segment: u32, (from_s, to_s): (f64, f64)) -> String {
        let info = info();
        let line = |spike: &Spike| {
            #[expect(clippy::cast_precision_loss, reason = "frames")]
            let time_s = spike.sample_index as f64 / info.sampling_frequency_hz;
            let id = cell(&info.channel_ids[spike.channel_index as usize]);
            let is_within = spike.segment_index == segment && from_s <= time_s && time_s <= to_s;
            is_within.then(|| format!("{time_s},{id},{}\n", spike.amplitude_uv))
        };
        let lines: String = spikes().iter().filter_map(line).collect();
        format!("time_s,channel_id,amplitude_uv\n{lines}")
    }

    #[test]
    fn pieces_make_the_table_that_is_made_at_once() {
        let last_s = 149_999.0 * 7.0 / 30_000.0;
        for times in [(0.0, 40.0), (0.0, last_s), (1.0 / 3.0, 2.5), (7.0 / 30_000.0, 7.0 / 30_000.0)] {
            assert!(text(0, times) == at_once(0, times), "{times:?}");
            assert!(text(1, times) == at_once(1, times), "{times:?}");
        }
        assert!(pieces(&info(), &spikes(), 0, (0.0, 40.0)).count() > 3, "it comes in pieces");
        assert!(text(0, (0.0, 0.001)).contains(",\"A,2\",-20.1\n"), "{}", text(0, (0.0, 0.001)));
    }

    #[test]
    fn where_there_are_no_spikes_there_are_titles() {
        let titles = "time_s,channel_id,amplitude_uv\n";
        assert_eq!(text(0, (50.0, 60.0)), titles);
        assert_eq!(text(9, (0.0, 40.0)), titles);
        assert_eq!(text(0, (2.0, 1.0)), titles);
        assert_eq!(pieces(&info(), &[], 0, (0.0, 1.0)).collect::<String>(), titles);
    }
}
