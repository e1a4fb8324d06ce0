//! Noise of each channel: per block, then the mean over the sampled blocks.

use super::block::{Engine, FilteredBlock};
use crate::pipeline::NoiseMethod;

/// The 75 % quantile of the standard normal distribution: what turns a median absolute
/// deviation into a standard deviation (Quiroga et al. 2004, doi:10.1162/089976604774201631).
const MAD_TO_SD: f32 = 0.674_489_75;

impl Engine {
    /// Noise of each channel over the block's own frames, in microvolts.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "computed in f32 by design")]
    pub fn noise(&self, block: &FilteredBlock) -> Vec<f32> {
        let mut values = Vec::with_capacity(block.own.len());
        let mut of_channel = |channel: usize| {
            values.clear();
            values.extend(block.channel(channel).skip(block.own.start).take(block.own.len()));
            match self.settings.noise {
                NoiseMethod::Mad => {
                    let centre = median(&mut values);
                    for value in &mut values {
                        *value = (*value - centre).abs();
                    }
                    median(&mut values) / MAD_TO_SD
                }
                NoiseMethod::Rms => {
                    let sum: f64 = values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
                    (sum / values.len().max(1) as f64).sqrt() as f32
                }
            }
        };
        (0..self.info.n_channels).map(&mut of_channel).collect()
    }
}

/// Noise of each channel over several blocks: the mean, as `SpikeInterface`'s
/// `get_noise_levels` takes it over its chunks, so that thresholds compare one to one.
/// Blocks come in a fixed order.
#[must_use]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "two dozen blocks")]
pub fn combine_noise(blocks: &[Vec<f32>]) -> Vec<f32> {
    let n_channels = blocks.first().map_or(0, Vec::len);
    let mean = |channel: usize| {
        let sum: f64 = blocks.iter().map(|block| f64::from(block[channel])).sum();
        (sum / blocks.len() as f64) as f32
    };
    (0..n_channels).map(mean).collect()
}

fn median(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let high = values.len() / 2;
    let (below, middle, _) = values.select_nth_unstable_by(high, f32::total_cmp);
    let middle = *middle;
    if !below.is_empty() && values.len().is_multiple_of(2) {
        let below = values[..high].iter().copied().fold(f32::NEG_INFINITY, f32::max);
        return (below + middle) * 0.5;
    }
    middle
}
