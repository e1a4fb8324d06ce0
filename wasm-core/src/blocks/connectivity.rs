//! Which electrodes are connected, and what network they make.

mod edges;
mod figures;
mod tables;

use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{HUB_Z, LOUVAIN_RUNS, SpikeTrains};
use edges::{BEYOND_WINDOW_S, MAX_BEYOND, MIN_ELECTRODES, Own, Settings};

const DT_MS: ParamSpec = ParamSpec::number(
    "dt_ms",
    ("Within", "ms"),
    (1.0, 1000.0),
    (1.0, 25.0),
    "25 ms: MEA-NAP takes 10, 25 and 50 ms; wider windows see bursts, narrower ones single connections.",
);
const EDGES: ParamSpec = ParamSpec::choice(
    "edges",
    "Edge if",
    &[
        ("fdr", "Above chance, corrected"),
        ("fdr_z", "z above chance, corrected"),
        ("rank", "Above chance, each pair by itself"),
        ("threshold", "STTC at least"),
    ],
    "Corrected, with a tail that is fitted with its skewness (Winkler et al. 2016, doi:10.1016/j.neuroimage.2016.05.068): z finds edges between independent electrodes that fire rarely; each pair by itself is MEA-NAP's rule.",
);
const SURROGATE_RULES: &[&str] = &["fdr", "fdr_z", "rank"];
const NULL: ParamSpec = ParamSpec::choice(
    "null",
    "Chance is",
    &[
        ("shift", "Electrodes moved in time"),
        ("near", "Electrodes moved a little"),
        ("jitter", "Spikes moved a little"),
    ],
    "Moved in time: MEA-NAP; every network burst then makes edges, and so does a drift that electrodes share. Electrodes moved a little: take it where firing rates rise and fall slowly together, as after a change of medium or temperature; the drift stays (Louis et al. 2010, doi:10.3389/fncom.2010.00127). Spikes moved a little: network bursts stay as well (Amarasingham et al. 2012, doi:10.1152/jn.00633.2011).",
)
.only_if(&EDGES, SURROGATE_RULES);
const MIN_SHIFT_S: ParamSpec = ParamSpec::number(
    "min_shift_s",
    ("By at least", "s"),
    (0.0, 60.0),
    (0.5, 5.0),
    "5 s: longer than a network burst, so that a copy does not repeat what the recording has.",
)
.only_if(&NULL, &["shift"]);
const MAX_SHIFT_S: ParamSpec = ParamSpec::number(
    "max_shift_s",
    ("By at most", "s"),
    (0.2, 60.0),
    (0.1, 20.0),
    "20 s: what changes over ten times as long stays common to within a tenth, and copies differ enough to tell chance: with 1 s, six of ten wells of independent electrodes that fire in bursts had an edge.",
)
.only_if(&NULL, &["near"]);
const WINDOW_MS: ParamSpec = ParamSpec::number(
    "window_ms",
    ("Within windows of", "ms"),
    (10.0, 10_000.0),
    (10.0, 100.0),
    "100 ms: what is slower stays as it is. Four times the window of coincidence, and shorter than the bursts of an electrode: in a longer window bursts that meet by chance look common.",
)
.only_if(&NULL, &["jitter"]);
const N_SURROGATES: ParamSpec = ParamSpec::number(
    "n_surrogates",
    ("Copies", ""),
    (20.0, 2000.0),
    (1.0, 200.0),
    "200: MEA-NAP; more make the tail surer and take as much longer.",
)
.only_if(&EDGES, SURROGATE_RULES);
const ALPHA_PERCENT: ParamSpec = ParamSpec::number(
    "alpha_percent",
    ("By chance", "%"),
    (0.1, 20.0),
    (0.1, 5.0),
    "5 %: of the edges found where it is corrected, of all pairs where it is not.",
)
.only_if(&EDGES, SURROGATE_RULES);
const MIN_STTC: ParamSpec = ParamSpec::number(
    "min_sttc",
    ("At least", ""),
    (0.01, 1.0),
    (0.01, 0.2),
    "0.2: a usual cut; no measure of chance.",
)
.only_if(&EDGES, &["threshold"]);
const MAX_PERCENT: ParamSpec = ParamSpec::number(
    "max_percent",
    ("Strongest", "% of pairs"),
    (1.0, 100.0),
    (1.0, 100.0),
    "100 %: all that pass. Less makes networks with different numbers of edges comparable.",
);
const MAX_ELECTRODES: ParamSpec = ParamSpec::number(
    "max_electrodes",
    ("At most", "electrodes"),
    (3.0, 4096.0),
    (1.0, 1024.0),
    "1,024 electrodes of a well: those with most spikes; time grows with their number squared.",
);
const N_RANDOM: ParamSpec = ParamSpec::number(
    "n_random",
    ("Rewired networks", ""),
    (0.0, 100.0),
    (1.0, 10.0),
    "10 of each kind: their clustering and path length vary little. 0 leaves small-world numbers out.",
);
const SEED: ParamSpec = ParamSpec::number(
    "seed",
    ("Seed", ""),
    (0.0, 1_000_000.0),
    (1.0, 1.0),
    "1: any number; the same one gives the same numbers.",
);

/// The network of each culture.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "connectivity",
    version: 2,
    title: "Functional connectivity",
    purpose: "Which electrodes fire together more than by chance, and what network do they make?",
    takes: Port::Spikes,
    gives: Port::Pairs,
    // It takes from a second to a minute.
    optional: true,
    params: &[
        &DT_MS,
        &EDGES,
        &NULL,
        &MIN_SHIFT_S,
        &MAX_SHIFT_S,
        &WINDOW_MS,
        &N_SURROGATES,
        &ALPHA_PERCENT,
        &MIN_STTC,
        &MAX_PERCENT,
        &MAX_ELECTRODES,
        &N_RANDOM,
        &SEED,
    ],
    source: "STTC: Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014; network measures: Rubinov & Sporns 2010, doi:10.1016/j.neuroimage.2009.10.003; roles: Guimerà & Amaral 2005, doi:10.1038/nature03288",
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "Pairs of active electrodes of a well, of at most the {} with most spikes, are compared by the spike time tiling \
         coefficient (STTC) with a window of {} ms to each side. {}{} An edge has no direction; its weight is the STTC, \
         its length 1 / weight. All electrodes stay in, with edges or without. Clustering is the share of pairs of \
         neighbours that are linked, by weights that of Onnela with weights divided by the largest; an electrode with fewer \
         than two neighbours counts as 0 in the mean. Path length is a mean over pairs that a way joins, efficiency one \
         of 1 / length over all pairs. Betweenness is the share of shortest ways between others. Communities are \
         the best of {LOUVAIN_RUNS} runs of Louvain's method. A hub has a strength within its community of \
         at least {HUB_Z} deviations above the mean, which no community of fewer than eight electrodes can have. {}\
         Random numbers start from seed {}.",
        values.text(&MAX_ELECTRODES),
        values.text(&DT_MS),
        rule_words(values),
        share_words(values),
        small_world_words(values),
        values.text(&SEED),
    )
}

fn rule_words(values: Values<'_>) -> String {
    let edges = values.name(&EDGES);
    if edges == "threshold" {
        return format!("An edge is where it is at least {}; nothing is said of chance.", values.text(&MIN_STTC));
    }
    let n = values.text(&N_SURROGATES);
    let null = values.name(&NULL);
    let copies = if null == "near" {
        format!(
            "{n} copies in which two electrodes are moved against each other along the recording, as a circle, by {:.0} ms \
             to {} s; rates that rise and fall more slowly together stay common, so that an edge tells of more than a \
             common drift; network bursts still make edges",
            near_s(values).0 * 1000.0,
            values.text(&MAX_SHIFT_S)
        )
    } else if null == "jitter" {
        format!(
            "{n} copies in which every spike is at a random place of its window of {} ms; what is slower, as network \
             bursts are, stays common, so that an edge tells of more than common bursts",
            values.text(&WINDOW_MS)
        )
    } else {
        format!(
            "{n} copies in which two electrodes are moved against each other along the recording, as a circle, by at least {} s \
             (a quarter of a segment that is short); this asks whether anything is common: every pair that joins in \
             network bursts passes, connected or not",
            values.text(&MIN_SHIFT_S)
        )
    };
    let alpha = values.text(&ALPHA_PERCENT);
    let rule = match edges.as_str() {
        "fdr_z" => format!(
            "z, the deviations above the mean of the copies, has by a normal distribution a p that passes Benjamini and \
             Hochberg's correction for all pairs of a well at {alpha} %; where electrodes fire rarely, too many pass"
        ),
        "rank" => format!(
            "it is at least as large as in {} % of the copies; pairs are not corrected for their number, so that about \
             {alpha} % of all pairs pass by chance",
            100.0 - values.number(&ALPHA_PERCENT)
        ),
        _ => format!(
            "its p passes Benjamini and Hochberg's correction for all pairs of a well at {alpha} %; p is the tail of a \
             gamma distribution with mean, deviation and skewness of the copies, as no count of copies could be small enough"
        ),
    };
    let more = if null == "jitter" {
        FALSE_BY_JITTER.to_owned()
    } else {
        format!(
            "Where half of the pairs or more pass, the {MAX_BEYOND} electrodes with most spikes are compared once more \
             with copies that keep what is slower than {} ms.",
            BEYOND_WINDOW_S * 1000.0
        )
    };
    format!("It is compared with {copies}. An edge is where the STTC is above 0 and {rule}. {more}")
}

/// Measured on 96 wells of 16 independent electrodes over 300 s, with the default values: bursts of seven spikes on
/// average, 20 ms from one to the next.
const FALSE_BY_JITTER: &str = "Between independent electrodes that fire in bursts of some 150 ms, this comparison finds \
    an edge in about one of five wells of 16 electrodes, and with more copies in more of them.";

/// Windows of coincidence that electrodes are moved by at least where they are moved a little: spikes that are
/// coincident in the recording are not in a copy.
const MIN_WINDOWS: f64 = 4.0;

/// Seconds by which electrodes are moved a little, at least and at most.
fn near_s(values: Values<'_>) -> (f64, f64) {
    let most_s = values.number(&MAX_SHIFT_S);
    ((values.number(&DT_MS) / 1000.0 * MIN_WINDOWS).min(most_s / 2.0), most_s)
}

fn share_words(values: Values<'_>) -> String {
    let percent = values.text(&MAX_PERCENT);
    if percent == "100" {
        String::new()
    } else {
        format!(" Of these, the strongest stay, up to {percent} % of all pairs.")
    }
}

fn small_world_words(values: Values<'_>) -> String {
    let n = values.count(&N_RANDOM);
    if n == 0 {
        return String::new();
    }
    format!(
        "Sigma, (C / C random) / (L / L random), and omega, L random / L - C / C lattice, compare clustering C and path \
         length L without weights with the means of {n} random networks and {n} lattices in which every electrode keeps its \
         number of edges. "
    )
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    if let Some(reason) = of.too_short() {
        return Outcome::absent(reason);
    }
    let settings = Settings::new(of, values);
    let cultures = of.cultures().iter().filter(|culture| !culture.is_empty());
    let all: Vec<Own> = cultures.map(|culture| Own::new(of, culture, &settings)).collect();
    if all.iter().all(|own| own.measures.is_none()) {
        let which = of.which_are_compared();
        return Outcome::absent(format!("no culture has {MIN_ELECTRODES} active electrodes{which}"));
    }
    let with = all.iter().rev().filter_map(|own| own.measures.as_ref().map(|measures| (own, measures)));
    // Of a plate the network with most edges is drawn.
    let drawn = with.max_by_key(|(own, _)| own.edges.len());
    let figures = drawn.map(|(own, measures)| {
        vec![
            figures::network(of, own, (measures, own.beyond_bursts(of, &settings).as_ref())),
            figures::matrix(of, own, measures),
            figures::degrees(of, own, measures),
        ]
    });
    let mut figures = figures.unwrap_or_default();
    let is_jitter = values.name(&EDGES) != "threshold" && values.name(&NULL) == "jitter";
    if let Some(network) = figures.first_mut().filter(|_| is_jitter) {
        network.sentence = format!("{} {FALSE_BY_JITTER}", network.sentence);
    }
    Outcome { tables: tables::all(of, &all), figures, absent: None }
}

#[cfg(test)]
mod tests;
