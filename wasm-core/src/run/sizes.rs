//! How many spikes each channel has and how large they are: what a summary needs of spikes beyond their trains.

use crate::spikes::Spike;

/// Sums over the spikes of each channel, in their order.
#[derive(Clone, Debug)]
pub struct Sizes {
    channels: Vec<Sum>,
}

/// Sums over the spikes of a channel.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    n_spikes: u64,
    /// Spikes whose size is known.
    n_measured: u64,
    /// Their sizes, and how many more are positive than negative: peaks of both signs must not average away.
    size_uv: f64,
    sign: i64,
}

impl Sizes {
    /// The sums of no spikes.
    #[must_use]
    pub fn new(n_channels: usize) -> Self {
        Self { channels: vec![Sum::default(); n_channels] }
    }

    /// The sums of some spikes.
    #[must_use]
    pub fn of(n_channels: usize, spikes: &[Spike]) -> Self {
        let mut sizes = Self::new(n_channels);
        for spike in spikes {
            sizes.add(spike);
        }
        sizes
    }

    /// Adds the spike that follows.
    pub fn add(&mut self, spike: &Spike) {
        let sum = &mut self.channels[spike.channel_index as usize];
        sum.n_spikes += 1;
        if let Some(amplitude_uv) = spike.known_uv() {
            sum.size_uv += f64::from(amplitude_uv.abs());
            sum.sign += if amplitude_uv > 0.0 { 1 } else { -1 };
            sum.n_measured += 1;
        }
    }

    /// Spikes of all channels.
    #[must_use]
    pub fn n_spikes(&self) -> u64 {
        self.channels.iter().map(|sum| sum.n_spikes).sum()
    }

    /// Spikes of a channel.
    #[must_use]
    pub fn count(&self, channel: usize) -> u64 {
        self.channels[channel].n_spikes
    }

    /// Mean size of a channel's spikes in microvolts, with the sign that most of them have; none where none is known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a mean for people")]
    pub fn mean_uv(&self, channel: usize) -> Option<f32> {
        let Sum { n_measured, size_uv, sign, .. } = self.channels[channel];
        (n_measured > 0).then(|| {
            let size = (size_uv / n_measured as f64) as f32;
            if sign > 0 { size } else { -size }
        })
    }
}
