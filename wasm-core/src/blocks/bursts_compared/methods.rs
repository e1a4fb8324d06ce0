//! The five methods, each with its defaults.

use crate::analyses::{
    BURST_MAX_ISI_S, BURST_MIN_SPIKES, Burst, Limit, MaxInterval, PoissonSurprise, RANK_MAX_PROBABILITY,
    RANK_SHORT_PERCENT, RankSurprise, SpikeTrains, drawn_bursts, limit, log_isi_bursts, mean_interval, runs,
};

/// Name in columns and title of each, in the order of all lists here.
pub const METHODS: [(&str, &str); 5] = [
    ("max_interval", "MaxInterval"),
    ("fixed_interval", "Fixed interval"),
    ("log_isi", "logISI"),
    ("poisson_surprise", "Poisson surprise"),
    ("rank_surprise", "Rank surprise"),
];

/// Milliseconds below which intervals are short for logISI; the default of its block.
pub const LOG_ISI_SHORT_MS: f64 = 100.0;
/// Depth of a valley for logISI; the default of its block.
pub const LOG_ISI_VOID: f64 = 0.7;

/// Values of MaxInterval that somebody uses.
pub struct MaxIntervalValues {
    /// Their name in pipeline files.
    pub name: &'static str,
    /// Largest interval at the start, largest inside, smallest gap, shortest duration.
    pub ms: [f64; 4],
    /// Fewest spikes.
    pub min_spikes: usize,
}

/// The values that there are, the default first.
pub static MAX_INTERVAL_VALUES: [MaxIntervalValues; 3] = [
    MaxIntervalValues { name: "neuroexplorer", ms: [170.0, 300.0, 200.0, 10.0], min_spikes: 3 },
    MaxIntervalValues { name: "meartools", ms: [100.0, 250.0, 300.0, 50.0], min_spikes: 5 },
    MaxIntervalValues { name: "one_interval", ms: [100.0, 100.0, 0.0, 0.0], min_spikes: 5 },
];

/// What the methods find on one electrode.
pub struct Search {
    /// `[method][segment]`.
    pub bursts: [Vec<Vec<Burst>>; 5],
    /// Intervals in milliseconds that each method takes for limits; none where it has none.
    pub limits_ms: [Vec<f64>; 5],
    /// Where the limit of logISI comes from.
    pub log_isi: Limit,
}

impl Search {
    /// Searches the trains of a channel by every method.
    pub fn new(of: &SpikeTrains, channel: usize, values: &MaxIntervalValues) -> Self {
        let rate_hz = of.rate_hz();
        let to_ms = 1000.0 / rate_hz;
        let each = |find: &dyn Fn(&[i64]) -> Vec<Burst>| -> Vec<Vec<Burst>> { of.of(channel).map(find).collect() };
        let max_interval = max_interval(values, rate_hz);
        let fixed = frames(BURST_MAX_ISI_S * 1000.0, rate_hz);
        let log_isi = log_isi_limit(of.of(channel), rate_hz);
        let poisson = PoissonSurprise::default();
        let mean = mean_interval(of.of(channel));
        let rank = RankSurprise::new(of.of(channel), RANK_SHORT_PERCENT, RANK_MAX_PROBABILITY);
        let mut max_interval_ms = values.ms[..2].to_vec();
        max_interval_ms.dedup();
        Self {
            bursts: [
                each(&|train| max_interval.bursts(train)),
                each(&|train| runs(train, BURST_MIN_SPIKES, |interval| interval <= fixed)),
                each(&|train| log_isi_bursts(train, log_isi, LOG_ISI_SHORT_MS, rate_hz)),
                each(&|train| mean.map_or_else(Vec::new, |mean| poisson.bursts(train, mean))),
                each(&|train| rank.bursts(train)),
            ],
            limits_ms: [
                max_interval_ms,
                vec![BURST_MAX_ISI_S * 1000.0],
                log_isi.used_ms(LOG_ISI_SHORT_MS).into_iter().collect(),
                mean.map(|mean| mean / 2.0 * to_ms).into_iter().collect(),
                rank.limit().map(|limit| limit * to_ms).into_iter().collect(),
            ],
            log_isi,
        }
    }
}

/// How many bursts each method finds on average in random firing at the rate of a channel, in which it has limits of
/// their own.
pub fn in_random(of: &SpikeTrains, channel: usize, values: &MaxIntervalValues) -> [f64; 5] {
    let rate_hz = of.rate_hz();
    let max_interval = max_interval(values, rate_hz);
    let fixed = frames(BURST_MAX_ISI_S * 1000.0, rate_hz);
    let poisson = PoissonSurprise::default();
    let rank = |train: &[i64]| RankSurprise::new([train], RANK_SHORT_PERCENT, RANK_MAX_PROBABILITY);
    let log_isi = |train: &[i64]| {
        log_isi_bursts(train, log_isi_limit(std::iter::once(train), rate_hz), LOG_ISI_SHORT_MS, rate_hz)
    };
    let n_frames = of.observed_s(channel) * rate_hz;
    let n = |find: &dyn Fn(&[i64]) -> Vec<Burst>| drawn_bursts(of.of(channel), n_frames, rate_hz, find).count.mean;
    [
        n(&|train| max_interval.bursts(train)),
        n(&|train| runs(train, BURST_MIN_SPIKES, |interval| interval <= fixed)),
        n(&log_isi),
        n(&|train| mean_interval([train]).map_or_else(Vec::new, |mean| poisson.bursts(train, mean))),
        n(&|train| rank(train).bursts(train)),
    ]
}

/// The limit of logISI for the trains of an electrode.
#[expect(clippy::cast_precision_loss, reason = "frames of an interval")]
fn log_isi_limit<'a>(trains: impl Iterator<Item = &'a [i64]>, rate_hz: f64) -> Limit {
    let to_ms = 1000.0 / rate_hz;
    let pairs = trains.flat_map(|train| train.windows(2));
    let intervals_ms: Vec<f64> = pairs.map(|pair| (pair[1] - pair[0]) as f64 * to_ms).collect();
    limit(&intervals_ms, LOG_ISI_SHORT_MS, LOG_ISI_VOID)
}

fn max_interval(values: &MaxIntervalValues, rate_hz: f64) -> MaxInterval {
    let [start, inside, gap, duration] = values.ms.map(|ms| frames(ms, rate_hz));
    MaxInterval {
        max_start_interval: start,
        max_end_interval: inside,
        min_gap: gap,
        min_duration: duration,
        min_spikes: values.min_spikes,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "times below a second")]
fn frames(ms: f64, rate_hz: f64) -> i64 {
    (ms / 1000.0 * rate_hz).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::spec;

    #[test]
    fn log_isi_has_the_defaults_of_its_block() {
        let default = |param: &str| {
            let param = spec("bursts_log_isi").and_then(|block| block.param(param));
            param.and_then(|param| param.default_value().as_f64())
        };
        assert_eq!(default("short_ms"), Some(LOG_ISI_SHORT_MS));
        assert_eq!(default("void"), Some(LOG_ISI_VOID));
    }
}
