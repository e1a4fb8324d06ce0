//! Chance: how often electrodes that know nothing of each other are in a bout at once.
//!
//! Shift every electrode along the recording by a time of its own, and the number of electrodes
//! in a bout rises to N as often, on average, as an electrode begins a bout while exactly N - 1 of
//! the others are in one. Each of the others is in a bout with the share of the time that its
//! bouts fill, so that probability is a sum of independent terms and the mean over all shifts is
//! exact: nothing is drawn at random, and nothing is supposed about how electrodes fire. Where N
//! are in a bout from the start of a segment on, nothing needs to rise, so that counts as well.

use super::bouts::Span;
use super::{CHANCE_MAX_PROBABILITY, CHANCE_MAX_SHARE};

/// Probabilities and counts below this change nothing.
const NOTHING: f64 = 1e-30;

/// From so many network bursts on, the share of chance says enough.
pub const MANY: usize = 10;

/// The counts that chance brings.
pub struct Chance {
    /// How often the number of electrodes in a bout rises to each number, from 0 to all, or is at
    /// least that from the start.
    pub expected: Vec<f64>,
    /// How many electrodes are in a bout at once, on average.
    pub usual: f64,
}

/// Equal pieces of a timeline.
struct Pieces {
    n_frames: i64,
}

impl Pieces {
    fn at(&self, frame: i64) -> usize {
        usize::try_from(frame / self.n_frames).unwrap_or_default()
    }

    /// Shows the pieces that a span lies in, with its frames there.
    fn each(&self, span: Span, mut show: impl FnMut(usize, i64)) {
        let mut at = span.start;
        while at < span.end {
            let piece_end = (at / self.n_frames + 1).saturating_mul(self.n_frames);
            let until = span.end.min(piece_end);
            show(self.at(at), until - at);
            at = until;
        }
    }
}

/// The bouts of one electrode in one piece.
#[derive(Clone, Copy, Default)]
struct Joins {
    /// Frames in a bout.
    n_frames: i64,
    /// Bouts that begin.
    n_begun: u32,
}

impl Chance {
    /// Computes chance from bouts, `[electrode]`, on a timeline of segments that begin at `starts`
    /// and reach to `end`, outside the spans `busy`, which are sorted and do not overlap. Each of
    /// `n_pieces` equal pieces of the timeline is taken for itself.
    #[expect(clippy::cast_precision_loss, reason = "counts of frames")]
    pub fn new(bouts: &[Vec<Span>], busy: &[Span], (starts, end): (&[i64], i64), n_pieces: usize) -> Self {
        let pieces = Pieces { n_frames: end / i64::try_from(n_pieces).unwrap_or(1).max(1) + 1 };
        let mut free = vec![0_i64; n_pieces];
        pieces.each(Span { start: 0, end }, |piece, n_frames| free[piece] += n_frames);
        for span in busy {
            pieces.each(*span, |piece, n_frames| free[piece] -= n_frames);
        }
        let mut levels: Vec<Levels> = free.iter().map(|_| Levels::new(bouts.len())).collect();
        let mut n_frames_in_bouts = 0_i64;
        for own in bouts {
            for ((joins, levels), free) in joins_of(own, busy, &pieces, n_pieces).iter().zip(&mut levels).zip(&free) {
                n_frames_in_bouts = n_frames_in_bouts.saturating_add(joins.n_frames);
                let share = if *free > 0 { (joins.n_frames as f64 / *free as f64).min(1.0) } else { 0.0 };
                levels.add(share, f64::from(joins.n_begun));
            }
        }
        let mut expected = vec![0.0; bouts.len() + 1];
        for (piece, levels) in levels.iter().enumerate() {
            let n_starts = starts.iter().filter(|start| **start < end && pieces.at(**start) == piece).count() as f64;
            let mut at_least = 0.0;
            for (level, expected) in expected.iter_mut().enumerate().rev() {
                at_least += levels.probability[level];
                *expected += levels.rises[level] + n_starts * at_least;
            }
        }
        let n_frames_free = free.iter().fold(0_i64, |sum, free| sum.saturating_add((*free).max(0)));
        Self { expected, usual: n_frames_in_bouts as f64 / n_frames_free.max(1) as f64 }
    }
}

/// What an electrode does outside the spans `busy`, `[piece]`.
fn joins_of(own: &[Span], busy: &[Span], pieces: &Pieces, n_pieces: usize) -> Vec<Joins> {
    let mut joins = vec![Joins::default(); n_pieces];
    for bout in own {
        let first = busy.partition_point(|span| span.end <= bout.start);
        if busy.get(first).is_none_or(|span| span.start > bout.start) {
            joins[pieces.at(bout.start)].n_begun += 1;
        }
        let mut from = bout.start;
        for span in busy[first..].iter().take_while(|span| span.start < bout.end) {
            pieces.each(Span { start: from, end: span.start }, |piece, n_frames| joins[piece].n_frames += n_frames);
            from = span.end;
        }
        pieces.each(Span { start: from, end: bout.end }, |piece, n_frames| joins[piece].n_frames += n_frames);
    }
    joins
}

/// How many of the electrodes so far are in a bout at once.
struct Levels {
    /// Probability of each number.
    probability: Vec<f64>,
    /// How often the number rises to each.
    rises: Vec<f64>,
    /// Numbers with a probability to speak of.
    low: usize,
    high: usize,
}

impl Levels {
    fn new(n_electrodes: usize) -> Self {
        let mut probability = vec![0.0; n_electrodes + 1];
        probability[0] = 1.0;
        Self { probability, rises: vec![0.0; n_electrodes + 1], low: 0, high: 0 }
    }

    /// Adds an electrode that is in a bout for a share of the time, and begins so many.
    fn add(&mut self, share: f64, n_begun: f64) {
        let Self { probability, rises, low, high } = self;
        *high = (*high + 1).min(probability.len() - 1);
        for level in (*low..=*high).rev() {
            let (below, rises_below) =
                if level > *low { (probability[level - 1], rises[level - 1]) } else { (0.0, 0.0) };
            rises[level] = rises[level] * (1.0 - share) + rises_below * share + below * n_begun;
            probability[level] = probability[level] * (1.0 - share) + below * share;
        }
        let mut is_nothing = |level: usize| {
            let is_nothing = probability[level] < NOTHING && rises[level] < NOTHING;
            if is_nothing {
                (probability[level], rises[level]) = (0.0, 0.0);
            }
            is_nothing
        };
        while *low < *high && is_nothing(*low) {
            *low += 1;
        }
        while *low < *high && is_nothing(*high) {
            *high -= 1;
        }
    }
}

/// Whether so many network bursts are more than what chance brings on average: by far, and
/// reached rarely enough by chance where there are few (Poisson).
#[expect(clippy::cast_precision_loss, reason = "small counts")]
pub fn is_more_than_chance(n_found: usize, by_chance: f64) -> bool {
    if by_chance > CHANCE_MAX_SHARE * n_found as f64 {
        return false;
    }
    if n_found >= MANY {
        return true;
    }
    let (mut term, mut fewer) = (libm::exp(-by_chance), 0.0);
    for count in 1..=n_found {
        fewer += term;
        term *= by_chance / count as f64;
    }
    1.0 - fewer <= CHANCE_MAX_PROBABILITY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span { start, end }
    }

    #[test]
    fn equal_electrodes_follow_the_binomial() {
        // Five electrodes in a bout for a tenth of the time, begun four times each.
        let bouts: Vec<Vec<Span>> = (0..5).map(|_| (0..4).map(|at| span(at * 250, at * 250 + 25)).collect()).collect();
        let chance = Chance::new(&bouts, &[], (&[], 1000), 1);
        assert!((chance.usual - 0.5).abs() < 1e-12);
        let binomial = [0.6561, 0.2916, 0.0486, 0.0036, 0.0001];
        for (level, probability) in binomial.iter().enumerate() {
            let wanted = 5.0 * 4.0 * probability;
            assert!((chance.expected[level + 1] - wanted).abs() < 1e-12, "{level}: {:?}", chance.expected);
        }
    }

    #[test]
    fn equals_the_mean_over_every_shift() {
        let bouts = [vec![span(3, 10), span(30, 31)], vec![span(0, 5), span(20, 40)], vec![span(7, 9)]];
        let n = 50;
        let mut rises = [0_u32; 4];
        for (second, third) in (0..n).flat_map(|second| (0..n).map(move |third| (second, third))) {
            let shifts = [0, second, third];
            let is_in = |electrode: usize, frame: i64| {
                let at = (frame - shifts[electrode]).rem_euclid(n);
                bouts[electrode].iter().any(|bout| (bout.start..bout.end).contains(&at))
            };
            for (electrode, own) in bouts.iter().enumerate() {
                for bout in own {
                    let others = (0..3).filter(|other| *other != electrode);
                    rises[1 + others.filter(|other| is_in(*other, bout.start + shifts[electrode])).count()] += 1;
                }
            }
        }
        let chance = Chance::new(&bouts, &[], (&[], n), 1);
        for (expected, rises) in chance.expected.iter().zip(rises) {
            assert!((expected - f64::from(rises) / 2500.0).abs() < 1e-9, "{:?} {rises}", chance.expected);
        }
    }

    #[test]
    fn what_is_busy_counts_neither_as_bout_nor_as_time() {
        let bouts = [vec![span(0, 10), span(40, 60)], vec![span(70, 80)]];
        let chance = Chance::new(&bouts, &[span(40, 50)], (&[], 100), 1);
        assert!((chance.usual - 30.0 / 90.0).abs() < 1e-12, "{}", chance.usual);
        // The bout that begins in the busy span is none.
        assert!((chance.expected[1] - 150.0 / 90.0).abs() < 1e-12, "{:?}", chance.expected);
        assert!((chance.expected[2] - 30.0 / 90.0).abs() < 1e-12, "{:?}", chance.expected);
        // Of two pieces the first ends at 51: the second electrode is never in a bout there.
        let pieces = Chance::new(&bouts, &[span(40, 50)], (&[], 100), 2);
        assert!((pieces.expected[2] - 9.0 / 49.0).abs() < 1e-12, "{:?}", pieces.expected);
    }

    #[test]
    fn what_is_common_all_the_time_is_no_moment() {
        // Nothing rises to three here, and still three are in a bout by chance.
        let bouts: Vec<Vec<Span>> = (0..5).map(|at| vec![span(0, 990 + at)]).collect();
        assert!(Chance::new(&bouts, &[], (&[], 1000), 1).expected[3] < 0.01);
        assert!(Chance::new(&bouts, &[], (&[0], 1000), 1).expected[3] > 0.99);
    }

    #[test]
    fn few_must_be_seldom() {
        assert!(!is_more_than_chance(0, 0.0));
        assert!(!is_more_than_chance(1, 0.001) && is_more_than_chance(1, 0.000_09));
        assert!(!is_more_than_chance(3, 0.1) && is_more_than_chance(3, 0.08));
        assert!(!is_more_than_chance(100, 5.1) && is_more_than_chance(100, 4.9));
    }
}
