//! Electrodes whose amplifier was at its limit.

/// Samples one after the other at the same limit: what noise alone rarely does.
const MIN_RUN: usize = 3;
/// Share of a channel's samples at its limits from which it is saturated.
const MIN_SHARE: f64 = 0.01;
/// Steps between the limits of samples that are whole numbers, at least: a quiet channel dwells
/// at its few values too.
const MIN_STEPS: f32 = 32.0;

/// How long a channel stays at the largest and at the smallest value that it takes.
#[derive(Clone, Default)]
pub struct Limits {
    top: Option<Limit>,
    bottom: Option<Limit>,
    n_samples: usize,
}

#[derive(Clone, Copy)]
struct Limit {
    value: f32,
    /// Samples in runs of at least [`MIN_RUN`].
    n_samples: usize,
}

impl Limits {
    /// Takes a piece of a channel's samples, in stored steps.
    pub fn take(&mut self, samples: &[f32]) {
        self.n_samples += samples.len();
        let largest = samples.iter().copied().reduce(f32::max);
        let smallest = samples.iter().copied().reduce(f32::min);
        self.top = beyond(self.top, largest.map(|value| limit(samples, value)), |new, old| new > old);
        self.bottom = beyond(self.bottom, smallest.map(|value| limit(samples, value)), |new, old| new < old);
    }

    /// Whether the channel stays at its limits for 1 % of the time. One that never moves is dead,
    /// not saturated; nor is one of whole steps that takes but a few of them.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
    pub fn is_saturated(&self, has_steps: bool) -> bool {
        let (Some(top), Some(bottom)) = (self.top, self.bottom) else { return false };
        let share = (top.n_samples + bottom.n_samples) as f64 / self.n_samples.max(1) as f64;
        let range = top.value - bottom.value;
        range > 0.0 && (range >= MIN_STEPS || !has_steps) && share >= MIN_SHARE
    }
}

fn limit(samples: &[f32], value: f32) -> Limit {
    let runs = samples.chunk_by(|a, b| a.to_bits() == b.to_bits());
    let at_limit = runs.filter(|run| run.len() >= MIN_RUN && run[0].to_bits() == value.to_bits());
    Limit { value, n_samples: at_limit.map(<[f32]>::len).sum() }
}

/// The limit that lies further out; two equal ones are put together.
fn beyond(known: Option<Limit>, new: Option<Limit>, is_beyond: impl Fn(f32, f32) -> bool) -> Option<Limit> {
    match (known, new) {
        (Some(old), Some(new)) if is_beyond(new.value, old.value) => Some(new),
        (Some(old), Some(new)) if is_beyond(old.value, new.value) => Some(old),
        (Some(old), Some(new)) => Some(Limit { n_samples: old.n_samples + new.n_samples, ..new }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wave of this height in steps, as an amplifier with a limit at ±500 gives it.
    fn wave(height: f32, n: usize) -> Vec<f32> {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred samples")]
        let sample = |at: usize| ((at as f32 * 0.05).sin() * height).clamp(-500.0, 500.0).round();
        (0..n).map(sample).collect()
    }

    fn is_saturated(pieces: &[Vec<f32>]) -> bool {
        let mut limits = Limits::default();
        for piece in pieces {
            limits.take(piece);
        }
        limits.is_saturated(true)
    }

    #[test]
    fn a_cut_wave_is_saturated_and_a_whole_one_is_not() {
        assert!(is_saturated(&[wave(600.0, 1000), wave(10.0, 1000)]), "in one excerpt of two");
        assert!(!is_saturated(&[wave(400.0, 1000), wave(450.0, 1000)]), "the round top of a slow wave is no limit");
        assert!(!is_saturated(&[vec![0.0, 0.0, 0.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0]]), "a quiet channel");
        assert!(!is_saturated(&[vec![32_767.0; 100]]), "a dead channel");
        assert!(!is_saturated(&[]));
    }
}
