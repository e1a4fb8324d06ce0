//! Power of a signal in bands of frequencies, of the whole and in windows of time.

use super::spectrum::Periodogram;

/// A band: its name, and the frequencies in hertz from which on and up to which it goes, the upper one left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrequencyBand {
    /// Name in files.
    pub name: &'static str,
    /// From this frequency on.
    pub low_hz: f64,
    /// Up to this one.
    pub high_hz: f64,
}

/// The usual bands.
pub const FREQUENCY_BANDS: [FrequencyBand; 5] = [
    FrequencyBand { name: "delta", low_hz: 1.0, high_hz: 4.0 },
    FrequencyBand { name: "theta", low_hz: 4.0, high_hz: 8.0 },
    FrequencyBand { name: "alpha", low_hz: 8.0, high_hz: 13.0 },
    FrequencyBand { name: "beta", low_hz: 13.0, high_hz: 30.0 },
    FrequencyBand { name: "gamma", low_hz: 30.0, high_hz: 80.0 },
];

/// Hertz on each side of the mains' frequency that are left out with it.
pub const MAINS_WIDTH_HZ: f64 = 2.0;

/// Which bins of a spectrum make which band.
#[derive(Clone, Debug)]
pub struct Bins {
    /// Places of the bins of each band; none where the spectrum does not reach its upper end.
    bands: Vec<Vec<usize>>,
    /// Hertz from bin to bin.
    step_hz: f64,
}

impl Bins {
    /// The bins of [`FREQUENCY_BANDS`] in a spectrum that is right up to `highest_hz`, without those around
    /// `mains_hz`.
    #[must_use]
    pub fn new(frequencies_hz: &[f64], highest_hz: f64, mains_hz: Option<f64>) -> Self {
        let is_mains = |hz: f64| mains_hz.is_some_and(|mains_hz| (hz - mains_hz).abs() < MAINS_WIDTH_HZ);
        let of = |band: &FrequencyBand| -> Vec<usize> {
            if band.high_hz > highest_hz {
                return Vec::new();
            }
            let own = |hz: f64| band.low_hz <= hz && hz < band.high_hz && !is_mains(hz);
            frequencies_hz.iter().enumerate().filter(|(_, hz)| own(**hz)).map(|(at, _)| at).collect()
        };
        let step_hz = frequencies_hz.get(1).copied().unwrap_or_default();
        Self { bands: FREQUENCY_BANDS.iter().map(of).collect(), step_hz }
    }

    /// The power of each band in a spectrum: the sum of its densities times the width of a bin; none of a band that the
    /// spectrum does not hold.
    #[must_use]
    pub fn powers(&self, density: &[f64]) -> Vec<Option<f64>> {
        let power = |bins: &Vec<usize>| {
            let sum: f64 = bins.iter().filter_map(|at| density.get(*at)).sum();
            (!bins.is_empty()).then_some(sum * self.step_hz)
        };
        self.bands.iter().map(power).collect()
    }

    /// The place of the greatest density in the bands; none where the spectrum holds none of them.
    #[must_use]
    pub fn strongest(&self, density: &[f64]) -> Option<usize> {
        let own = self.bands.iter().flatten().filter_map(|at| Some((*at, *density.get(*at)?)));
        own.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
    }
}

/// Hertz of the mains of the world.
pub const MAINS_HZ: [f64; 2] = [50.0, 60.0];

/// How many times the density around it a peak of the mains is at least.
pub const HUM_RATIO: f64 = 10.0;

/// Hum of the mains that stands out of a spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Hum {
    /// Frequency of the mains.
    pub mains_hz: f64,
    /// How many times the density around it the peak is.
    pub ratio: f64,
    /// Multiples of it that stand out as well.
    pub harmonics_hz: Vec<f64>,
}

impl Hum {
    /// The stronger of both frequencies of the mains that stands out by [`HUM_RATIO`], in a spectrum that is right up
    /// to `highest_hz`.
    #[must_use]
    pub fn of(frequencies_hz: &[f64], density: &[f64], highest_hz: f64) -> Option<Self> {
        let ratio = |hz: f64| prominence(frequencies_hz, density, hz).filter(|ratio| *ratio >= HUM_RATIO);
        let known = MAINS_HZ.into_iter().filter(|hz| *hz <= highest_hz).filter_map(|hz| Some((hz, ratio(hz)?)));
        let (mains_hz, ratio_of_first) = known.max_by(|one, other| one.1.total_cmp(&other.1))?;
        let multiples = (2..).map(|n| f64::from(n) * mains_hz).take_while(|hz| *hz <= highest_hz);
        let harmonics_hz = multiples.filter(|hz| ratio(*hz).is_some()).collect();
        Some(Self { mains_hz, ratio: ratio_of_first, harmonics_hz })
    }
}

/// How many times the middle of the densities around it the greatest density at a frequency is; none where the
/// spectrum does not tell.
fn prominence(frequencies_hz: &[f64], density: &[f64], hz: f64) -> Option<f64> {
    let step_hz = *frequencies_hz.get(1)?;
    // A Hann window spreads a sine over two bins to each side.
    let (own_hz, from_hz, to_hz) = (step_hz.max(1.0), (3.0 * step_hz).max(2.0), (8.0 * step_hz).max(9.0));
    let away = |at: &usize| frequencies_hz.get(*at).map_or(f64::INFINITY, |known| (known - hz).abs());
    let within = |(from, to): (f64, f64)| {
        let own = (0..density.len()).filter(move |at| (from..=to).contains(&away(at)));
        own.filter_map(|at| density.get(at).copied()).collect::<Vec<f64>>()
    };
    let peak = within((0.0, own_hz)).into_iter().max_by(f64::total_cmp)?;
    let mut around = within((from_hz, to_hz));
    around.sort_unstable_by(f64::total_cmp);
    let middle = *around.get(around.len() / 2)?;
    (middle > 0.0).then(|| peak / middle)
}

/// The mean of lists of numbers, place by place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeanList {
    sum: Vec<f64>,
    n: f64,
}

impl MeanList {
    /// Takes a list; all are of one length.
    pub fn add(&mut self, values: &[f64]) {
        self.sum.resize(values.len(), 0.0);
        self.sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        self.n += 1.0;
    }

    /// The mean; none of none.
    #[must_use]
    pub fn mean(&self) -> Option<Vec<f64>> {
        (self.n > 0.0).then(|| self.sum.iter().map(|sum| sum / self.n).collect())
    }
}

/// The spectrum of an electrode, and its course.
#[derive(Clone, Debug)]
pub struct PowerCourse {
    /// The density of all pieces.
    pub whole: MeanList,
    /// The powers of the bands, NaN where absent, of the pieces that lie within each window, `[segment][window]`.
    pub windows: Vec<Vec<MeanList>>,
}

impl PowerCourse {
    /// Goes over the segments of an electrode; a window has so many samples, and counts from the segment's start.
    #[must_use]
    pub fn new<'a>(
        segments: impl Iterator<Item = &'a [f32]>,
        (periodogram, bins): (&mut Periodogram, &Bins),
        (n_piece, n_window): (usize, usize),
    ) -> Self {
        let n_window = n_window.max(n_piece).max(1);
        let mut whole = MeanList::default();
        let mut windows = Vec::new();
        for values in segments {
            let mut own = vec![MeanList::default(); values.len().div_ceil(n_window)];
            periodogram.of_pieces(values, |from, density| {
                whole.add(density);
                let window = from / n_window;
                if from + n_piece <= (window + 1) * n_window {
                    let powers = bins.powers(density).into_iter().map(|power| power.unwrap_or(f64::NAN));
                    own[window].add(&powers.collect::<Vec<f64>>());
                }
            });
            windows.push(own);
        }
        Self { whole, windows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::field_golden::{Golden, golden};

    #[test]
    fn band_powers_and_pieces_are_those_of_scipy() {
        let Golden { rate_hz, input, band_powers, spectrogram, .. } = golden();
        let mut periodogram = Periodogram::new(1000, rate_hz);
        let bins = Bins::new(&periodogram.frequencies_hz(), 0.4 * rate_hz, None);
        let course = PowerCourse::new(std::iter::once(&input[..]), (&mut periodogram, &bins), (1000, 1500));
        let found = bins.powers(&course.whole.mean().expect("pieces"));
        for (got, expected) in found.iter().zip(&band_powers) {
            let got = got.expect("in range");
            assert!((got / expected - 1.0).abs() < 1e-6, "{got} is not {expected}");
        }
        // Windows begin at 0 and 1500: pieces at 0 and 500 lie within the first, that at 1500 within the second.
        let n: Vec<f64> = course.windows[0].iter().map(|window| window.n).collect();
        assert_eq!(n, [2.0, 1.0]);
        let mut at = 0;
        Periodogram::new(500, rate_hz).of_pieces(&input, |from, density| {
            #[expect(clippy::cast_precision_loss, reason = "samples")]
            let start_s = from as f64 / rate_hz;
            assert!((start_s - spectrogram.starts_s[at]).abs() < 1e-9);
            for (got, expected) in density.iter().zip(&spectrogram.density[at]) {
                assert!((got - expected).abs() < 1e-6 * expected.max(1e-3), "{got} is not {expected}");
            }
            at += 1;
        });
        assert_eq!(at, spectrogram.density.len());
    }

    #[test]
    fn hum_stands_out_by_the_densities_around_it() {
        let frequencies_hz: Vec<f64> = (0..400).map(|at| f64::from(at) / 2.0).collect();
        let mut density = vec![2.0; 400];
        assert_eq!(Hum::of(&frequencies_hz, &density, 160.0), None, "noise");
        // 60 Hz by 30 times what lies around it, 120 Hz by 15 times; 180 Hz lies beyond what is right.
        (density[120], density[240], density[360]) = (60.0, 30.0, 90.0);
        let found = Hum::of(&frequencies_hz, &density, 160.0).expect("hum");
        assert_eq!(found, Hum { mains_hz: 60.0, ratio: 30.0, harmonics_hz: vec![120.0] });
        density[100] = 80.0;
        assert_eq!(Hum::of(&frequencies_hz, &density, 160.0).map(|hum| hum.mains_hz), Some(50.0), "the stronger one");
        assert_eq!(Hum::of(&frequencies_hz, &density, 40.0), None, "beyond what was kept");
        // A wide rise of the spectrum is no hum.
        let wide: Vec<f64> = frequencies_hz.iter().map(|hz| 1.0 + 100.0 / (1.0 + (hz - 50.0).abs() / 10.0)).collect();
        assert_eq!(Hum::of(&frequencies_hz, &wide, 160.0), None);
        assert_eq!(Hum::of(&[], &[], 160.0), None);
    }

    #[test]
    fn what_is_not_in_the_spectrum_is_absent_and_hum_is_left_out() {
        let frequencies_hz: Vec<f64> = (0..60).map(f64::from).collect();
        let powers = Bins::new(&frequencies_hz, 59.0, None).powers(&[1.0; 60]);
        assert_eq!(powers, [Some(3.0), Some(4.0), Some(5.0), Some(17.0), None]);
        let frequencies_hz: Vec<f64> = (0..200).map(f64::from).collect();
        let powers = Bins::new(&frequencies_hz, 150.0, Some(50.0)).powers(&[1.0; 200]);
        assert_eq!(powers[4], Some(47.0), "49, 50 and 51 Hz are left out");
        let mut density = vec![1.0; 200];
        (density[0], density[12], density[50], density[90]) = (9.0, 2.0, 9.0, 9.0);
        let strongest = |mains_hz| Bins::new(&frequencies_hz, 150.0, mains_hz).strongest(&density);
        assert_eq!((strongest(None), strongest(Some(50.0))), (Some(50), Some(12)));
        assert_eq!(Bins::new(&frequencies_hz, 3.0, None).strongest(&density), None);
    }
}
