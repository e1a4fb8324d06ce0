//! Units: where they sit, what they look like, when they fire.

use super::random::Random;

/// Units per electrode.
const UNITS_PER_CHANNEL: f64 = 0.6;
/// Electrodes further away do not see a unit.
const SEEN_UM: f64 = 180.0;
/// Distance over which an amplitude falls to 1/e.
const DECAY_UM: f64 = 45.0;
/// Time that a template spans before and after its peak.
const BEFORE_MS: f64 = 0.8;
const AFTER_MS: f64 = 2.0;
/// A unit's shortest interval between spikes.
const REFRACTORY_S: f64 = 0.003;
/// Mean time between network bursts.
const NETWORK_INTERVAL_S: f64 = 6.0;
/// Share of units that join a network burst.
const NETWORK_SHARE: f64 = 0.8;
/// Rate inside a burst.
const BURST_RATE_HZ: f64 = 60.0;

/// A spike that was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TruthSpike {
    /// Frame of the negative peak.
    pub sample_index: i64,
    /// The unit.
    pub unit_index: u32,
    /// The electrode that sees it largest.
    pub channel_index: u32,
}

pub struct Unit {
    /// Channel and peak size in microvolts, largest first.
    pub footprint: Vec<(usize, f32)>,
    /// Shape with a minimum of -1 at `n_before`.
    pub template: Vec<f32>,
    pub n_before: i64,
    /// Background rate.
    rate_hz: f64,
}

/// Frames that a template reaches from its peak.
#[expect(clippy::cast_possible_truncation, reason = "a few dozen frames")]
pub fn reach_frames(sampling_frequency_hz: f64) -> i64 {
    (AFTER_MS * sampling_frequency_hz / 1000.0) as i64 + 1
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "numbers of units and frames"
)]
pub fn draw(positions_um: &[[f64; 2]], sampling_frequency_hz: f64, random: &mut Random) -> Vec<Unit> {
    let n_units = (positions_um.len() as f64 * UNITS_PER_CHANNEL).ceil() as usize;
    let extent = positions_um.iter().fold(0.0_f64, |extent, [x, y]| extent.max(*x).max(*y)) + 50.0;
    let per_ms = sampling_frequency_hz / 1000.0;
    let n_before = (BEFORE_MS * per_ms) as i64;
    let n_after = (AFTER_MS * per_ms) as i64;
    let draw_one = |_| {
        let (x, y) = (random.uniform() * extent - 25.0, random.uniform() * extent - 25.0);
        let size_uv = 70.0 + 130.0 * random.uniform();
        let seen = |(channel, [px, py]): (usize, &[f64; 2])| {
            let distance = libm::hypot(px - x, py - y);
            (distance < SEEN_UM).then(|| (channel, (size_uv * libm::exp(-distance / DECAY_UM)) as f32))
        };
        let mut footprint: Vec<(usize, f32)> = positions_um.iter().enumerate().filter_map(seen).collect();
        footprint.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let width_ms = 0.12 + 0.08 * random.uniform();
        let shape = |frame: i64| {
            let ms = frame as f64 / per_ms;
            let trough = -libm::exp(-(ms / width_ms) * (ms / width_ms));
            let hump = 0.35 * libm::exp(-libm::pow((ms - 0.55) / (2.0 * width_ms), 2.0));
            (trough + hump) as f32
        };
        Unit {
            footprint,
            template: (-n_before..n_after).map(shape).collect(),
            n_before,
            rate_hz: 0.3 + 1.2 * random.exponential(),
        }
    };
    (0..n_units).map(draw_one).collect()
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "times and frames")]
pub fn spikes(units: &[Unit], n_frames: u64, sampling_frequency_hz: f64, random: &mut Random) -> Vec<TruthSpike> {
    let duration_s = n_frames as f64 / sampling_frequency_hz;
    let mut volleys = Vec::new();
    let mut at = random.uniform() * 2.0;
    while at < duration_s {
        volleys.push((at, 0.2 + 0.4 * random.uniform()));
        at += 0.8 + NETWORK_INTERVAL_S * random.exponential();
    }
    let mut spikes = Vec::new();
    for (unit_index, unit) in units.iter().enumerate() {
        let Some((channel, _)) = unit.footprint.first() else { continue };
        let mut times = Vec::new();
        let mut fire = |from: f64, length: f64, rate_hz: f64, random: &mut Random| {
            let mut at = from + random.exponential() / rate_hz;
            while at < from + length {
                times.push(at);
                at += random.exponential() / rate_hz;
            }
        };
        fire(0.0, duration_s, unit.rate_hz, random);
        for (start, length) in &volleys {
            if random.uniform() < NETWORK_SHARE {
                fire(start + 0.03 * random.uniform(), *length, BURST_RATE_HZ, random);
            }
        }
        // Now and then a burst of its own.
        let mut own = 15.0 * random.exponential();
        while own < duration_s {
            fire(own, 0.25, BURST_RATE_HZ, random);
            own += 15.0 * random.exponential();
        }
        times.sort_by(f64::total_cmp);
        let mut last = f64::NEG_INFINITY;
        for time in times {
            if time - last >= REFRACTORY_S && time < duration_s {
                last = time;
                spikes.push(TruthSpike {
                    sample_index: (time * sampling_frequency_hz) as i64,
                    unit_index: u32::try_from(unit_index).unwrap_or(u32::MAX),
                    channel_index: u32::try_from(*channel).unwrap_or(u32::MAX),
                });
            }
        }
    }
    spikes.sort_unstable_by_key(|spike| (spike.sample_index, spike.unit_index));
    spikes
}
