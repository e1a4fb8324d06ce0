//! How a channel is best written: guessed from a little of it.
//!
//! pco finds this by packing a sample in five ways, which takes a good part of its time. The spread of
//! some values, and of their differences, tells nearly the same.

/// Number of runs that are looked at, spread over the channel.
const RUNS: usize = 16;
/// Values of a run.
const RUN: usize = 128;

/// Differences of differences of differences are the last that are tried.
const MAX_ORDER: usize = 3;

/// Differences must be narrower than this share of what they are taken of: 2 % is 0.03 bits of a value, less than a
/// sample of this size can show.
const WORTH: f64 = 0.98;

/// Two whole numbers have a common divisor in 39 of 100 cases (1 - 6/pi²). Where more than this share of
/// pairs have one, the values lie on a grid, such as those of a 12-bit converter that is stored in 16.
const ON_GRID: f64 = 0.75;
/// Pairs that are looked at, and that there must be.
const PAIRS: usize = 64;
const MIN_PAIRS: usize = 8;

/// How a channel is best written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    /// How often differences are taken.
    pub order: usize,
    /// Whether its values may be multiples of a number.
    pub is_on_grid: bool,
}

/// Looks at some runs of a channel.
pub(super) fn guess<T: Copy>(signal: &[T], as_whole: fn(T) -> i64) -> Guess {
    let is_short = signal.len() <= RUNS * RUN;
    let (n_runs, length) = if is_short { (1, signal.len()) } else { (RUNS, RUN) };
    let stride = signal.len() / n_runs;
    let run =
        |at: usize| -> Vec<i64> { signal[at * stride..][..length].iter().map(|value| as_whole(*value)).collect() };
    let mut values: Vec<Vec<i64>> = (0..n_runs).map(run).collect();
    let mut narrowest = spread(&values);
    values = differences(&values);
    let is_on_grid = is_on_grid(&values);
    let mut order = 0;
    for next in 1..=MAX_ORDER {
        let now = spread(&values);
        // What does not gain from differences gains nothing from theirs.
        if now >= narrowest * WORTH {
            break;
        }
        (order, narrowest) = (next, now);
        values = differences(&values);
    }
    Guess { order, is_on_grid }
}

fn differences(runs: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let of_run = |run: &Vec<i64>| run.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect::<Vec<_>>();
    runs.iter().map(of_run).collect()
}

/// Mean distance from the mean: bits of a value are its logarithm and a number that is the same for
/// distributions of the same shape.
#[expect(clippy::cast_precision_loss, reason = "a guess")]
fn spread(runs: &[Vec<i64>]) -> f64 {
    let n = runs.iter().map(Vec::len).sum::<usize>().max(1) as f64;
    let values = || runs.iter().flatten().map(|value| *value as f64);
    let mean = values().sum::<f64>() / n;
    values().map(|value| (value - mean).abs()).sum::<f64>() / n
}

/// Whether neighbouring differences mostly have a common divisor.
#[expect(clippy::cast_precision_loss, reason = "some hundred pairs")]
fn is_on_grid(differences: &[Vec<i64>]) -> bool {
    let (mut n_pairs, mut n_common) = (0_usize, 0_usize);
    for run in differences {
        let steps: Vec<u64> = run.iter().map(|step| step.unsigned_abs()).filter(|step| *step > 0).collect();
        for pair in steps.as_chunks::<2>().0.iter().take(PAIRS / differences.len()) {
            n_pairs += 1;
            n_common += usize::from(common_divisor(pair[0], pair[1]) > 1);
        }
    }
    n_pairs >= MIN_PAIRS && n_common as f64 > ON_GRID * n_pairs as f64
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from -500 to 500 that nothing foretells.
    fn noise(n: usize) -> Vec<i16> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i16::try_from((state >> 33) % 1001).expect("small") - 500
        };
        (0..n).map(|_| next()).collect()
    }

    fn guessed(signal: &[i16]) -> (usize, bool) {
        let Guess { order, is_on_grid } = guess(signal, i64::from);
        (order, is_on_grid)
    }

    #[test]
    fn noise_is_written_as_it_is() {
        assert_eq!(guessed(&noise(65_536)), (0, false));
        assert_eq!(guessed(&noise(300)), (0, false));
    }

    #[test]
    fn what_drifts_is_written_by_differences_and_what_bends_by_theirs() {
        let walk = |steps: &[i16]| -> Vec<i16> {
            let sum = |sum: &mut i16, step: &i16| {
                *sum = sum.wrapping_add(*step);
                Some(*sum)
            };
            steps.iter().scan(0_i16, sum).collect()
        };
        let steps: Vec<i16> = noise(65_536).iter().map(|step| step / 50).collect();
        assert_eq!(guessed(&walk(&steps)).0, 1);
        let small: Vec<i16> = noise(300).iter().map(|step| step / 250).collect();
        assert_eq!(guessed(&walk(&walk(&small))).0, 2);
    }

    #[test]
    fn multiples_are_seen_even_where_some_values_are_none() {
        let mut coarse: Vec<i16> = noise(65_536).iter().map(|value| value / 10 * 16).collect();
        assert!(guessed(&coarse).1);
        for value in coarse.iter_mut().step_by(40) {
            *value = 32_767;
        }
        assert!(guessed(&coarse).1);
        assert!(!guessed(&vec![0; 65_536]).1, "silence has no grid");
    }

    #[test]
    fn any_length_is_guessed() {
        for n in [0, 1, 2, 3, 2048, 2049] {
            assert!(guessed(&noise(n)).0 <= MAX_ORDER);
        }
    }
}
