//! The phases of the spikes of each electrode, and of copies that were moved.

use crate::analyses::random::Random;
use crate::analyses::{Directions, SAME_NEURON_UM, SpikeTrains, between, degrees, phases, unsettled};
use crate::field::FieldPotentials;

/// Copies in which the spikes are moved along the recording.
pub const N_COPIES: u64 = 20;

/// Bins of the histogram of phases.
pub const N_BINS: usize = 24;

/// Whose field potential it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// That of the electrode of the spikes.
    Own,
    /// That of the nearest electrode which does not see the neuron.
    Nearest,
}

/// The phases of the spikes of an electrode.
#[derive(Clone, Debug)]
pub struct Locking {
    /// The electrode of the spikes.
    pub channel: usize,
    /// That of the field potential.
    pub field_of: usize,
    /// Directions of the spikes.
    pub directions: Directions,
    /// The mean length of the mean vector of the copies.
    pub by_chance: Option<f64>,
    /// Spikes in each of [`N_BINS`] equal spans of phase from -180° on.
    pub bins: [u64; N_BINS],
}

impl Locking {
    /// The locking of all electrodes that have spikes and a field potential, in order; or why there are none.
    pub fn all(
        of: &SpikeTrains,
        field: &FieldPotentials,
        band_hz: (f64, f64),
        source: Source,
    ) -> Result<Vec<Self>, String> {
        let pairs = pairs(of, field, source)?;
        let mut found = Vec::new();
        // The phases of one electrode at a time: those of all would take as much memory again as the signal.
        for (place, field_of) in field.channels().iter().enumerate() {
            let mut own = pairs.iter().filter(|(_, with)| with == field_of).map(|(channel, _)| *channel).peekable();
            if own.peek().is_none() {
                continue;
            }
            let segments: Vec<Option<Vec<f32>>> =
                field.of(place).map(|values| phases(values, band_hz, field.rate_hz())).collect();
            let waves = Waves::new(&segments, field, band_hz.0);
            found.extend(own.map(|channel| waves.locking(of, channel, *field_of)));
        }
        found.retain(|own| own.directions.n > 0);
        found.sort_by_key(|own| own.channel);
        Ok(found)
    }
}

/// Channels with spikes, each with that of its field potential.
fn pairs(of: &SpikeTrains, field: &FieldPotentials, source: Source) -> Result<Vec<(usize, usize)>, String> {
    let firing = (0..of.info().n_channels).filter(|channel| of.n_spikes(*channel) > 0);
    if source == Source::Own {
        return Ok(firing.filter(|channel| field.place(*channel).is_some()).map(|own| (own, own)).collect());
    }
    let Some(positions_um) = of.info().positions_um.as_deref() else {
        return Err("nobody knows where the electrodes are, so that no other one is known to be near enough and far \
                    enough; take the field potential of the electrode of the spikes, which its own spikes reach"
            .into());
    };
    let distance_um = |a: usize, b: usize| match (positions_um.get(a), positions_um.get(b)) {
        (Some(a), Some(b)) => libm::hypot(a[0] - b[0], a[1] - b[1]),
        _ => f64::INFINITY,
    };
    let nearest = |channel: usize| {
        let others = field.channels().iter().copied().filter(|other| of.well(*other) == of.well(channel));
        let distances = others.map(|other| (other, distance_um(channel, other)));
        let far_enough = distances.filter(|(_, um)| *um > SAME_NEURON_UM && um.is_finite());
        far_enough.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(other, _)| (channel, other))
    };
    let pairs: Vec<(usize, usize)> = firing.filter_map(nearest).collect();
    if pairs.is_empty() && of.frames().iter().flatten().any(|train| !train.is_empty()) {
        return Err(format!(
            "no field potential was kept more than {SAME_NEURON_UM} µm from an electrode with spikes; keep those of \
             more electrodes"
        ));
    }
    Ok(pairs)
}

/// The phases of an electrode's field potential.
struct Waves<'a> {
    segments: &'a [Option<Vec<f32>>],
    /// Frames of the recording from one sample to the next.
    factor: f64,
    /// Samples at either end of a segment in which the filter is not settled.
    unsettled: usize,
}

impl<'a> Waves<'a> {
    #[expect(clippy::cast_precision_loss, reason = "a thousand frames at most")]
    fn new(segments: &'a [Option<Vec<f32>>], field: &FieldPotentials, low_hz: f64) -> Self {
        Self { segments, factor: field.factor() as f64, unsettled: unsettled(low_hz, field.rate_hz()) }
    }

    /// Each segment's phases between its unsettled ends, with the places in them of an electrode's spikes.
    #[expect(clippy::cast_precision_loss, reason = "frames stay far below 2^53")]
    fn spikes(&self, of: &SpikeTrains, channel: usize) -> Vec<(&'a [f32], Vec<f64>)> {
        let of_segment = |(phases, train): (&'a Option<Vec<f32>>, &[i64])| {
            let phases = phases.as_deref()?;
            let settled = phases.get(self.unsettled..phases.len().checked_sub(self.unsettled)?)?;
            let last = settled.len().checked_sub(2)? as f64;
            let places = train.iter().map(|frame| *frame as f64 / self.factor - self.unsettled as f64);
            Some((settled, places.filter(|place| (0.0..=last).contains(place)).collect::<Vec<f64>>()))
        };
        self.segments.iter().zip(of.of(channel)).filter_map(of_segment).collect()
    }

    fn locking(&self, of: &SpikeTrains, channel: usize, field_of: usize) -> Locking {
        let spikes = self.spikes(of, channel);
        let (mut directions, mut bins) = (Directions::default(), [0; N_BINS]);
        for (phases, places) in &spikes {
            for place in places {
                let angle_rad = phase_at(phases, *place);
                directions.add(angle_rad);
                bins[bin_of(angle_rad)] += 1;
            }
        }
        let mut lengths = 0.0;
        for copy in 0..N_COPIES {
            lengths += moved(&spikes, Random::new((channel as u64) << 8 | copy)).length().unwrap_or_default();
        }
        #[expect(clippy::cast_precision_loss, reason = "a few copies")]
        let by_chance = (directions.n > 0).then(|| lengths / N_COPIES as f64);
        Locking { channel, field_of, directions, by_chance, bins }
    }
}

/// The directions of spikes that are moved along each segment by a random time; what leaves at the end comes in at
/// the start.
#[expect(clippy::cast_precision_loss, reason = "samples stay far below 2^53")]
fn moved(spikes: &[(&[f32], Vec<f64>)], mut random: Random) -> Directions {
    let mut directions = Directions::default();
    for (phases, places) in spikes {
        let n = phases.len() - 1;
        let by = random.place(n) as f64;
        for place in places {
            let there = place + by;
            let there = if there >= n as f64 { there - n as f64 } else { there };
            directions.add(phase_at(phases, there));
        }
    }
    directions
}

/// The phase at a place between samples, of which there are two or more; the last one is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a list"
)]
fn phase_at(phases: &[f32], place: f64) -> f64 {
    let before = (place as usize).min(phases.len() - 2);
    between(f64::from(phases[before]), f64::from(phases[before + 1]), place - before as f64)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a few bins")]
fn bin_of(angle_rad: f64) -> usize {
    (((degrees(angle_rad) + 180.0) / 360.0 * N_BINS as f64) as usize).min(N_BINS - 1)
}
