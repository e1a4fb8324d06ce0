//! Bursts by a limit that each electrode's own intervals suggest.

use super::of_bursts::{chance_words, outcome};
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{LOG_ISI_MIN_SPIKES, Limit, SpikeTrains, limit, log_isi_bursts};
use crate::table::Table;

const SHORT_MS: ParamSpec = ParamSpec::number(
    "short_ms",
    ("Short intervals up to", "ms"),
    (10.0, 1000.0),
    (5.0, 100.0),
    "100 ms: Pasquale et al. 2010; intervals inside bursts are shorter.",
);
const VOID: ParamSpec = ParamSpec::number(
    "void",
    ("Depth of the valley (void)", ""),
    (0.1, 0.99),
    (0.05, 0.7),
    "0.7: Pasquale et al. 2010; how deep the valley is that separates the intervals in bursts from those between them.",
);

/// Finds them.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "bursts_log_isi",
    version: 3,
    title: "Bursts (logISI)",
    purpose: "Does an electrode fire in bursts, by a limit of its own? Its intervals show where bursts end.",
    takes: Port::Spikes,
    gives: Port::Bursts,
    optional: false,
    params: &[&SHORT_MS, &VOID],
    source: "Pasquale, Martinoia & Chiappalone 2010, doi:10.1007/s10827-009-0175-1",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let short = values.text(&SHORT_MS);
    format!(
        "The intervals between an electrode's spikes are counted by their logarithm, ten bins a decade from 1 ms on. The \
         largest peak below {short} ms is that of bursts; the limit is the lowest bin before the first later peak from \
         which it is separated (1 - valley / square root of the product of the peaks is at least {}). A burst is at \
         least {LOG_ISI_MIN_SPIKES} spikes with no interval above the limit; where the limit exceeds {short} ms it \
         must hold such a run at {short} ms, and where none is found, or it is 1 s or more, {short} ms is the limit. \
         Without a peak below {short} ms there are no bursts; a peak is higher than the two bins on each side, so that \
         two equal ones beside each other are none. {}",
        values.text(&VOID),
        chance_words(),
    )
}

/// The intervals of trains in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "frames of an interval")]
fn intervals_ms(trains: &[&[i64]], rate_hz: f64) -> Vec<f64> {
    let pairs = trains.iter().flat_map(|train| train.windows(2));
    let to_ms = 1000.0 / rate_hz;
    pairs.map(|pair| (pair[1] - pair[0]) as f64 * to_ms).collect()
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let (short_ms, void) = (values.number(&SHORT_MS), values.number(&VOID));
    let limit_of = |trains: &[&[i64]]| limit(&intervals_ms(trains, of.rate_hz()), short_ms, void);
    let limits: Vec<Limit> =
        (0..of.info().n_channels).map(|channel| limit_of(&of.of(channel).collect::<Vec<_>>())).collect();
    let bursts: Vec<Vec<_>> = limits
        .iter()
        .enumerate()
        .map(|(channel, limit)| {
            of.of(channel).map(|train| log_isi_bursts(train, *limit, short_ms, of.rate_hz())).collect()
        })
        .collect();
    let more = Table::default()
        .numbers(("limit_ms", "Limit", "ms"), limits.iter().map(|limit| limit.used_ms(short_ms)))
        .texts(("limit_from", "Limit from"), limits.iter().map(|limit| limit.told().to_owned()));
    // Random firing has limits of its own.
    let find = |train: &[i64]| log_isi_bursts(train, limit_of(&[train]), short_ms, of.rate_hz());
    let mut outcome = outcome(of, &bursts, &find, more, &[]);
    let valley = |limit: &Limit| limit.used_ms(short_ms).filter(|used| *limit == Limit::Valley(*used));
    // The figure is of the active electrodes.
    let active = || limits.iter().enumerate().filter(|(channel, _)| of.is_active(*channel));
    let valleys = || active().filter_map(|(_, limit)| valley(limit));
    let (low, high) = (valleys().fold(f64::INFINITY, f64::min), valleys().fold(0.0, f64::max));
    let told = match valleys().count() {
        0 => format!(
            " No electrode has a valley of its own: the limit is {short_ms} ms where there are short intervals."
        ),
        n if n == active().count() => {
            format!(" Each electrode has a valley of its own, from {low:.1} to {high:.1} ms.")
        }
        n => format!(
            " Electrodes with a valley of their own: {n}, from {low:.1} to {high:.1} ms; the limit of the others is {short_ms} ms where they have short intervals."
        ),
    };
    for figure in outcome.figures.iter_mut().take(1) {
        figure.sentence.push_str(&told);
    }
    outcome
}
