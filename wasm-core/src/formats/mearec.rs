//! MEArec `.h5`: simulated recordings with known spikes.

use super::format::{Format, Reader};
use super::hdf5::{Axes, H5, H5Source, Part};
use super::interleaved::uniform;
use super::told::Facts;
use super::{OpenError, Recording, Support};
use crate::recording::SegmentInfo;

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "MEArec .h5",
    give: "the file",
    tested: "1.11",
    positions: "probe",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["mearec"], support: &SUPPORT, reader: Reader::Hdf5(is_mearec, open) };

/// Whether the file has MEArec's structure.
pub fn is_mearec(file: &H5) -> bool {
    file.has("recordings") && file.has("channel_positions")
}

/// Opens the recording; values are microvolts, or steps of a converter whose gain is there.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let signal = file.signal("recordings")?;
    let positions = file.numbers("channel_positions")?;
    let n_channels = positions.len() as u64 / 3;
    let (n_frames, axes) = match *signal.shape() {
        [n_frames, n] if n == n_channels => (n_frames, Axes::FramesChannels),
        [n, n_frames] if n == n_channels => (n_frames, Axes::ChannelsFrames),
        _ => {
            return Err(file.problem("recordings", &format!("of shape {:?} for {n_channels} channels", signal.shape())));
        }
    };
    let ids = (1..=n_channels).map(|at| at.to_string()).collect();
    let mut info = uniform("Signals", file.number("info/recordings/fs")?, signal.sample_type, ids, 1.0);
    if let Some(gain_to_uv) = file.attribute_number("recordings", "gain_to_uV") {
        info.gain_to_uv.fill(gain_to_uv);
    }
    // Most probes lie in the plane of the second and third coordinate.
    let [a, b] = match file.strings("info/electrodes/plane").unwrap_or_default().first().map(String::as_str) {
        Some("xy") => [0, 1],
        Some("xz") => [0, 2],
        _ => [1, 2],
    };
    info.positions_um = Some(positions.chunks_exact(3).map(|xyz| [xyz[a], xyz[b]]).collect());
    info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
    let source = H5Source::new(info, vec![Part::whole(signal)], axes)?;
    let mut facts = Facts::default();
    let text = |path: &str| file.strings(path).ok().and_then(|texts| texts.into_iter().next());
    facts.add("Program", "MEArec, a simulation");
    facts.add_some("Probe", text("info/electrodes/electrode_name"));
    facts.add_number("Noise level (µV)", file.number("info/recordings/noise_level").ok());
    Ok(Recording { facts: facts.list(), ..Recording::of_streams("mearec", vec![Box::new(source)]) })
}
