//! Which electrodes of a recording are worth analysing.

mod missing;

use crate::analyses::{
    BadChannelMethod, ChannelLabel, EXCERPT_MS, Excerpt, HIGH_PASS_HZ, Limits, N_EXCERPTS, by_coherence_and_spectrum,
    by_deviation, most_frequent,
};
use crate::engine::{Engine, Workspace};
use crate::pipeline::{Pipeline, PipelineError};
use crate::recording::{FrameSource, ReadError, StreamInfo};

pub use missing::missing_note;

/// Why electrodes could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum QualityError {
    /// The recording's rate does not allow the high-pass.
    #[error(
        "bad electrodes are told above {HIGH_PASS_HZ} Hz, and a recording at {sampling_frequency_hz} Hz has nothing there; leave them out by hand"
    )]
    TooSlow {
        /// Rate of the recording.
        sampling_frequency_hz: f64,
    },
    /// Positions are missing.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The recording could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A label for each channel of a stream, from excerpts spread evenly over it: by the method, and
/// where the stored signal stays at its limits, as saturated.
///
/// # Errors
/// When the recording cannot be read, is too slow for a high-pass at 300 Hz, or holds no
/// electrode positions where the method goes by depth.
pub fn bad_channels(source: &dyn FrameSource, method: BadChannelMethod) -> Result<Vec<ChannelLabel>, QualityError> {
    let info = source.info();
    if info.sampling_frequency_hz <= 2.0 * HIGH_PASS_HZ {
        return Err(QualityError::TooSlow { sampling_frequency_hz: info.sampling_frequency_hz });
    }
    let mut pipeline = Pipeline::default();
    pipeline.set("filter", "btype", "highpass".into());
    pipeline.set("filter", "freq_min_hz", HIGH_PASS_HZ.into());
    pipeline.set("common_reference", "operator", "none".into());
    let engine = Engine::new(info, &pipeline)?;
    let mut labels = Vec::new();
    let mut deviations = Vec::new();
    let by_depth = by_depth(info, method)?;
    let mut workspace = Workspace::default();
    let mut limits = vec![Limits::default(); info.n_channels];
    for (segment, first, n_frames) in places(info) {
        let raw = source.read(segment, first, usize::try_from(n_frames).unwrap_or(usize::MAX))?.into_planar();
        for (channel, limits) in limits.iter_mut().enumerate() {
            limits.take(&raw.channel(channel));
        }
        let block = engine.range(source, segment, first..first + n_frames, &mut workspace)?;
        match method {
            BadChannelMethod::Mad => deviations.push(engine.noise(&block)),
            BadChannelMethod::CoherencePsd => {
                let own = |channel: &usize| block.channel(*channel, block.span.own.clone()).collect();
                let excerpt: Excerpt = by_depth.iter().map(own).collect();
                let mut of_channels = vec![ChannelLabel::Good; info.n_channels];
                let found = by_coherence_and_spectrum(&excerpt, info.sampling_frequency_hz);
                for (channel, label) in by_depth.iter().zip(found) {
                    of_channels[*channel] = label;
                }
                labels.push(of_channels);
            }
        }
    }
    let mut labels = match method {
        BadChannelMethod::Mad => by_deviation(&deviations),
        BadChannelMethod::CoherencePsd => most_frequent(&labels),
    };
    let has_steps = !info.sample_type.is_float();
    for (label, _) in labels.iter_mut().zip(&limits).filter(|(_, limits)| limits.is_saturated(has_steps)) {
        *label = ChannelLabel::Saturated;
    }
    Ok(labels)
}

/// Ids of the channels that are not good.
#[must_use]
pub fn bad_ids(info: &StreamInfo, labels: &[ChannelLabel]) -> Vec<String> {
    let labelled = info.channel_ids.iter().zip(labels);
    labelled.filter(|(_, label)| **label != ChannelLabel::Good).map(|(id, _)| id.clone()).collect()
}

/// Channels from the tip of the probe upwards, as `SpikeInterface`'s `order_channels_by_depth`.
fn by_depth(info: &StreamInfo, method: BadChannelMethod) -> Result<Vec<usize>, PipelineError> {
    let mut order: Vec<usize> = (0..info.n_channels).collect();
    if method == BadChannelMethod::CoherencePsd {
        let step = "the comparison along a probe";
        let positions = info.positions_um.as_ref().ok_or(PipelineError::NoPositions { step })?;
        order.sort_by(|a, b| {
            let ([ax, ay], [bx, by]) = (positions[*a], positions[*b]);
            ay.total_cmp(&by).then(ax.total_cmp(&bx))
        });
    }
    Ok(order)
}

/// Segment, first frame and length of each excerpt; segments shorter than one are passed over
/// unless there is no other.
fn places(info: &StreamInfo) -> Vec<(usize, u64, u64)> {
    let wanted = (info.frames_from_ms(EXCERPT_MS) as u64).max(1);
    let lengths = || info.segments.iter().enumerate().map(|(segment, found)| (segment, found.n_frames));
    let long: Vec<(usize, u64)> = lengths().filter(|(_, n)| *n >= wanted).collect();
    let segments = if long.is_empty() { lengths().max_by_key(|(_, n)| *n).into_iter().collect() } else { long };
    let total: u64 = segments.iter().map(|(_, n)| (n / wanted).max(1)).sum();
    let n = total.min(N_EXCERPTS);
    let mut places = Vec::new();
    // The middle one of each of `n` equal parts of all that there are.
    for number in (0..n).map(|part| (2 * part + 1) * total / (2 * n)) {
        let mut left = number;
        for (segment, n_frames) in &segments {
            let own = (n_frames / wanted).max(1);
            if left < own {
                places.push((*segment, left * wanted, wanted.min(*n_frames)));
                break;
            }
            left -= own;
        }
    }
    places
}
