//! `neurocyte lfp`: field potentials at a lower rate, as a folder that `SpikeInterface` loads.

use std::io::Write;

use indicatif::ProgressBar;
use wasm_core::filter::Decimator;
use wasm_core::recording::{FrameSource, SegmentInfo, StreamInfo};
use wasm_core::sample::{Conversion, SampleType};

use super::files::keep_apart;
use super::{Lfp, Outcome, open_path, output, si_folder};

/// Frames that are read at a time, besides those in reach of the first and last: some 50 MB
/// for a thousand channels.
const AT_A_TIME: u64 = 8192;

pub fn run(options: &Lfp) -> Outcome {
    let recording = open_path(&options.path)?;
    let source = recording.stream(options.stream.as_deref())?;
    let info = source.info();
    let factor = (info.sampling_frequency_hz / options.rate).round();
    if !(options.rate > 0.0 && (2.0..=1000.0).contains(&factor)) {
        return Err(format!(
            "--rate must be {:.3} to {} Hz for a recording of {} Hz",
            info.sampling_frequency_hz / 1000.0,
            info.sampling_frequency_hz / 2.0,
            info.sampling_frequency_hz
        )
        .into());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 1,000")]
    let decimator = Decimator::new(factor as usize);
    let segments = info
        .segments
        .iter()
        .map(|segment| SegmentInfo { n_frames: decimator.n_outputs(segment.n_frames), t_start_s: segment.t_start_s });
    let written = StreamInfo {
        sampling_frequency_hz: info.sampling_frequency_hz / factor,
        sample_type: SampleType::Float32,
        gain_to_uv: vec![1.0; info.n_channels],
        offset_to_uv: vec![0.0; info.n_channels],
        segments: segments.collect(),
        ..info.clone()
    };
    keep_apart(&options.out, &options.path)?;
    output::folder_of_recording(&options.out, "si_folder.json")?;
    let bar = ProgressBar::new(written.n_frames());
    for (segment, name) in si_folder::traces(&written).iter().enumerate() {
        let path = options.out.join(name);
        output::write_pieces(&path, |file| write_segment(source, &decimator, segment, file, &bar))?;
    }
    bar.finish_and_clear();
    si_folder::describe(&written, &options.out)
}

fn write_segment(
    source: &dyn FrameSource,
    decimator: &Decimator,
    segment: usize,
    file: &mut impl Write,
    bar: &ProgressBar,
) -> Outcome {
    let info = source.info();
    let n_frames = info.segments[segment].n_frames;
    let n_outputs = decimator.n_outputs(n_frames);
    let reach = decimator.reach() as u64;
    let conversion = microvolts(info);
    let mut rows = Vec::new();
    let mut sums = vec![0.0_f32; info.n_channels];
    let step = (AT_A_TIME / decimator.middle(1)).max(1);
    for from in (0..n_outputs).step_by(usize::try_from(step)?) {
        let to = (from + step).min(n_outputs);
        let first = decimator.middle(from).saturating_sub(reach);
        let end = (decimator.middle(to - 1) + reach + 1).min(n_frames);
        let block = source.read(segment, first, usize::try_from(end - first)?)?.into_interleaved();
        rows.resize(block.n_frames * info.n_channels, 0.0);
        block.rows(0..block.n_frames, &conversion, &mut rows, info.n_channels);
        // A missing sample counts as none.
        rows.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = 0.0);
        for output in from..to {
            sums.fill(0.0);
            decimator.add(output, &rows, first, &mut sums);
            for value in &sums {
                file.write_all(&value.to_le_bytes())?;
            }
            bar.inc(1);
        }
    }
    Ok(())
}

/// From stored steps to microvolts.
#[expect(clippy::cast_possible_truncation, reason = "written as f32")]
fn microvolts(info: &StreamInfo) -> Conversion {
    let narrow = |values: &[f64]| values.iter().map(|value| *value as f32).collect();
    Conversion {
        gain: narrow(&info.gain_to_uv),
        offset: narrow(&info.offset_to_uv),
        ..Conversion::identity(info.n_channels)
    }
}
