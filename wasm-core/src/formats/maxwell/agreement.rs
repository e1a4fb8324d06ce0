//! Whether samples that were decoded by an inferred layout are what the system saw: its own table
//! of spikes has the amplitudes of their troughs.

use super::place::{Opened, Place};
use super::spikes::ByNumber;
use crate::formats::hdf5::H5;
use crate::spikes::Spike;

/// Frames around a spike of the file's table in which its trough is looked for.
const TROUGH_FRAMES: u64 = 10;
/// Spikes that are compared at most, and samples that may be decoded for it.
pub const MAX_COMPARED: usize = 200;
const COMPARED_SAMPLES: u64 = 8 << 20;
/// Frames of a chunk, as the vendor writes them.
const CHUNK_FRAMES: u64 = 200;
/// Fewer pairs tell nothing.
const MIN_PAIRS: usize = 8;
/// Rows of a table that is read for the comparison alone.
const MAX_ROWS: u64 = 1 << 22;

/// Some spikes of a recording whose table is not kept.
pub fn some_spikes(file: &H5, place: &Place, opened: &Opened) -> Vec<Spike> {
    let n_rows = file.length(&place.spikes).filter(|n| *n <= MAX_ROWS).unwrap_or(0);
    let (Some(first), true) = (opened.first_number(), opened.is_inferred && n_rows > 0) else { return Vec::new() };
    let by_number = ByNumber::new(opened.info());
    let step = usize::try_from(n_rows / MAX_COMPARED as u64).unwrap_or(1).max(1);
    let mut spikes = Vec::new();
    let mut row = 0_usize;
    let read = file.rows(&place.spikes, &["frameno", "channel", "amplitude"], |columns| {
        let [frames, channels, amplitudes] = columns else { return Ok(()) };
        for ((frame, channel), amplitude) in frames.iter().zip(channels).zip(amplitudes) {
            row += 1;
            let wanted = (row - 1).is_multiple_of(step) && frame.is_finite();
            let Some(channel_index) = by_number.place(*channel).filter(|_| wanted) else { continue };
            #[expect(clippy::cast_possible_truncation, reason = "frames of this recording; amplitudes in f32")]
            let (sample_index, amplitude_uv) = ((frame - first) as i64, *amplitude as f32);
            spikes.push(Spike { segment_index: 0, sample_index, channel_index, amplitude_uv });
        }
        Ok(())
    });
    if read.is_ok() { spikes } else { Vec::new() }
}

/// How well decoded troughs agree with the amplitudes of spikes of the file's own table.
pub fn note(place: &Place, opened: &Opened, spikes: &[Spike]) -> String {
    let how = format!(
        "{}: the samples are compressed by a closed method of the vendor and were decoded by a layout inferred from public files",
        place.name
    );
    match compare(opened, spikes) {
        Some((n, correlation)) => format!(
            "{how}; the troughs of {n} spikes agree with the amplitudes in the file's own spike table (correlation {correlation:.2})"
        ),
        None => format!("{how}; they could not be compared with the file's own spike table"),
    }
}

fn compare(opened: &Opened, spikes: &[Spike]) -> Option<(usize, f64)> {
    opened.numbers.as_ref()?;
    let info = opened.info();
    let n_frames = info.segments.first()?.n_frames;
    // Each window decodes one or two chunks of all channels.
    let n_wanted = (COMPARED_SAMPLES / (info.n_channels as u64 * CHUNK_FRAMES).max(1)).clamp(8, MAX_COMPARED as u64);
    let step = (spikes.len() / usize::try_from(n_wanted).ok()?).max(1);
    let mut pairs = Vec::new();
    for spike in spikes.iter().step_by(step) {
        // Those of the first segment, whose frames count from the start.
        let Ok(at) = u64::try_from(spike.sample_index) else { continue };
        if at < TROUGH_FRAMES || at + TROUGH_FRAMES >= n_frames {
            continue;
        }
        let around = opened.source.read(0, at - TROUGH_FRAMES, usize::try_from(2 * TROUGH_FRAMES).ok()?).ok()?;
        let mut sorted = around.channel(spike.channel_index as usize);
        sorted.sort_by(f32::total_cmp);
        pairs.push((f64::from(sorted[0] - sorted[sorted.len() / 2]), f64::from(spike.amplitude_uv)));
    }
    (pairs.len() >= MIN_PAIRS).then(|| (pairs.len(), correlation(&pairs)))
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred")]
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (a, b) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0 / n, sum.1 + pair.1 / n));
    let mut sums = [0.0; 3];
    for (x, y) in pairs {
        sums[0] += (x - a) * (y - b);
        sums[1] += (x - a) * (x - a);
        sums[2] += (y - b) * (y - b);
    }
    let size = (sums[1] * sums[2]).sqrt();
    if size > 0.0 { sums[0] / size } else { 0.0 }
}
