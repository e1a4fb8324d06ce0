//! How regular an electrode fires.

use super::of_rows::with_wells;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{SpikeTrains, mean, median};
use crate::figure::{Axis, Figure, Histogram};
use crate::numbers::counted;
use crate::table::Table;

const REFRACTORY_MS: ParamSpec = ParamSpec::number(
    "refractory_ms",
    ("Too short", "ms"),
    (0.0, 20.0),
    (0.1, 1.5),
    "1.5 ms: no neuron fires twice within it; many such intervals mean several neurons on an electrode, or noise (Hill et al. 2011, doi:10.1523/JNEUROSCI.0971-11.2011).",
);
const REFRACTORINESS_MS: ParamSpec = ParamSpec::number(
    "refractoriness_ms",
    ("Refractoriness (R)", "ms"),
    (0.0, 20.0),
    (0.5, 5.0),
    "5 ms: Shinomoto et al. 2009, at which LvR tells kinds of neurons apart best; 0 ms makes it LV.",
);

/// Statistics of its intervals.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "intervals",
    version: 1,
    title: "Intervals",
    purpose: "How regular does an electrode fire? 0 is a clock, 1 is random firing. Bursts raise CV; CV2, LV and LvR compare neighbouring intervals only, and may stay near 1.",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: false,
    params: &[&REFRACTORY_MS, &REFRACTORINESS_MS],
    source: "CV2: Holt et al. 1996, doi:10.1152/jn.1996.75.5.1806; LV: Shinomoto et al. 2003, doi:10.1162/089976603322518759; LvR: Shinomoto et al. 2009, doi:10.1371/journal.pcbi.1000433",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "CV is the standard deviation of an electrode's intervals divided by their mean. CV2 and LV compare each interval \
         I with the next, J, so that a slow change of rate does not count: CV2 is the mean of 2 |I - J| / (I + J), LV \
         that of 3 ((I - J) / (I + J))². LvR multiplies each term of LV by 1 + 4 R / (I + J), with R = {} ms, so that \
         the pause that a neuron needs after a spike does not make fast firing look regular. All four need three \
         spikes. Intervals below {} ms are counted as too short.",
        values.text(&REFRACTORINESS_MS),
        values.text(&REFRACTORY_MS)
    )
}

/// The numbers of one electrode.
struct Own {
    n: u64,
    n_too_short: u64,
    mean_s: Option<f64>,
    median_s: Option<f64>,
    min_s: Option<f64>,
    cv: Option<f64>,
    cv2: Option<f64>,
    lv: Option<f64>,
    lvr: Option<f64>,
}

impl Own {
    #[expect(clippy::cast_precision_loss, reason = "counts of intervals")]
    fn new(of: &SpikeTrains, channel: usize, too_short: i64, refractoriness_s: f64) -> Self {
        let frames = of.of(channel).flat_map(|train| train.windows(2)).map(|pair| pair[1] - pair[0]);
        let n_too_short = frames.filter(|interval| *interval < too_short).count() as u64;
        let trains: Vec<Vec<f64>> =
            of.of(channel).map(|train| train.windows(2).map(|pair| of.seconds(pair[1] - pair[0])).collect()).collect();
        let all: Vec<f64> = trains.concat();
        let n = all.len();
        let mean_s = mean(all.iter().copied());
        let deviation = |all: &[f64], mean_s: f64| {
            let squares: f64 = all.iter().map(|interval| (interval - mean_s) * (interval - mean_s)).sum();
            libm::sqrt(squares / n as f64)
        };
        // How much each two intervals differ, and how long they are together.
        let pairs: Vec<(f64, f64)> = trains
            .iter()
            .flat_map(|own| own.windows(2))
            .filter(|pair| pair[0] + pair[1] > 0.0)
            .map(|pair| ((pair[1] - pair[0]) / (pair[1] + pair[0]), pair[0] + pair[1]))
            .collect();
        let rest = |both_s: f64| 1.0 + 4.0 * refractoriness_s / both_s;
        Self {
            n: n as u64,
            n_too_short,
            mean_s,
            min_s: all.iter().copied().reduce(f64::min),
            cv: mean_s.filter(|mean_s| n >= 2 && *mean_s > 0.0).map(|mean_s| deviation(&all, mean_s) / mean_s),
            median_s: median(all),
            cv2: mean(pairs.iter().map(|(ratio, _)| 2.0 * ratio.abs())),
            lv: mean(pairs.iter().map(|(ratio, _)| 3.0 * ratio * ratio)),
            lvr: mean(pairs.iter().map(|(ratio, both_s)| 3.0 * ratio * ratio * rest(*both_s))),
        }
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let info = of.info();
    // Whole frames: what is exactly at the limit is not below it.
    #[expect(clippy::cast_possible_truncation, reason = "the range bounds it")]
    let too_short = (values.number(&REFRACTORY_MS) * of.rate_hz() / 1000.0 - 1e-6).ceil() as i64;
    let refractoriness_s = values.number(&REFRACTORINESS_MS) / 1000.0;
    let own: Vec<Own> =
        (0..info.n_channels).map(|channel| Own::new(of, channel, too_short, refractoriness_s)).collect();
    let table = Table::new("electrodes", "Electrodes")
        .texts(("electrode", "Electrode"), (0..own.len()).map(|at| info.channel_label(at).to_owned()));
    let table = with_wells(table, of, 0..own.len())
        .counts(("n_intervals", "Intervals"), own.iter().map(|own| own.n))
        .counts(("n_too_short", "Too short"), own.iter().map(|own| own.n_too_short))
        .numbers(("isi_mean_s", "Mean", "s"), own.iter().map(|own| own.mean_s))
        .numbers(("isi_median_s", "Median", "s"), own.iter().map(|own| own.median_s))
        .numbers(("isi_min_s", "Shortest", "s"), own.iter().map(|own| own.min_s))
        .numbers(("cv", "Variation (CV)", ""), own.iter().map(|own| own.cv))
        .numbers(("cv2", "Local variation (CV2)", ""), own.iter().map(|own| own.cv2))
        .numbers(("lv", "Local variation (LV)", ""), own.iter().map(|own| own.lv))
        .numbers(("lvr", "Local variation (LvR)", ""), own.iter().map(|own| own.lvr));
    let active: Vec<usize> = of.cultures().iter().flat_map(|culture| of.active(culture)).collect();
    let variation: Vec<f64> = active.iter().filter_map(|at| own[*at].lv).collect();
    // 3 is the most that there is, where every other interval is 0.
    let x = Axis::linear("Local variation (LV) of an active electrode", "", (0.0, 3.05));
    let histogram = Histogram::new(variation.iter().copied(), &x, 30);
    let mean = mean(variation.iter().copied()).map_or_else(String::new, |mean| format!(", {mean:.2} on average"));
    let figure = Figure {
        id: "lv".into(),
        title: "How regular electrodes fire".into(),
        sentence: format!(
            "Local variation (LV) of {}{mean}: 0 is a clock, 1 is random firing. It compares neighbouring intervals only, \
             so bursts need not raise it.",
            counted(variation.len() as u64, "active electrode")
        ),
        y: Axis::linear("Electrodes", "", (0.0, histogram.most().max(1.0))),
        x,
        layers: vec![histogram.bars()],
    };
    Outcome { tables: vec![table], figures: vec![figure], absent: None }
}
