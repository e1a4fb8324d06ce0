//! The edges of one culture.

use super::{
    ALPHA_PERCENT, DT_MS, EDGES, MAX_ELECTRODES, MAX_PERCENT, MIN_SHIFT_S, MIN_STTC, N_RANDOM, N_SURROGATES, NULL,
    SEED, Values, WINDOW_MS, near_s,
};
use crate::analyses::{
    EdgeRule, Graph, Measures, Null, PairVerdict, SpikeTrains, compare_pairs, judge_pairs, sttc_matrix,
};

/// Fewer make no network.
pub const MIN_ELECTRODES: usize = 3;

/// What is asked for; times are frames.
pub struct Settings {
    dt: i64,
    test: Test,
    max_percent: usize,
    max_electrodes: usize,
    n_random: usize,
    seed: u64,
}

/// When a pair is an edge.
enum Test {
    Threshold(f64),
    Surrogates { null: Null, n: u32, rule: EdgeRule, alpha: f64 },
}

impl Settings {
    pub fn new(of: &SpikeTrains, values: Values<'_>) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the ranges bound them")]
        let frames = |seconds: f64| (seconds * of.rate_hz()).round() as i64;
        let rule = match values.name(&EDGES).as_str() {
            "threshold" => None,
            "fdr_z" => Some(EdgeRule::Normal),
            "rank" => Some(EdgeRule::Rank),
            _ => Some(EdgeRule::Tail),
        };
        let null = match values.name(&NULL).as_str() {
            "jitter" => Null::Jitter { window: frames(values.number(&WINDOW_MS) / 1000.0) },
            "near" => {
                let (least_s, most_s) = near_s(values);
                Null::Near { least: frames(least_s), most: frames(most_s) }
            }
            _ => Null::Shift { least: frames(values.number(&MIN_SHIFT_S)) },
        };
        let surrogates = |rule| Test::Surrogates {
            null,
            n: u32::try_from(values.count(&N_SURROGATES)).unwrap_or(u32::MAX),
            rule,
            alpha: values.number(&ALPHA_PERCENT) / 100.0,
        };
        Self {
            dt: frames(values.number(&DT_MS) / 1000.0),
            test: rule.map_or_else(|| Test::Threshold(values.number(&MIN_STTC)), surrogates),
            max_percent: values.count(&MAX_PERCENT),
            max_electrodes: values.count(&MAX_ELECTRODES),
            n_random: values.count(&N_RANDOM),
            seed: values.count(&SEED) as u64,
        }
    }
}

/// A pair that is linked: places among the culture's electrodes, the first below the second.
pub struct Edge {
    pub a: usize,
    pub b: usize,
    pub sttc: f64,
    /// None where it was not compared with copies.
    pub verdict: Option<PairVerdict>,
}

/// The network of one culture.
pub struct Own {
    /// One channel of the culture.
    pub first: usize,
    /// Electrodes of the culture, channels in order.
    pub channels: Vec<usize>,
    /// Pairs that could be compared: not where an electrode fires so densely that its tiles cover all time.
    pub n_pairs: usize,
    /// Pairs that pass.
    pub n_pass: usize,
    /// Pairs that pass and stay.
    pub edges: Vec<Edge>,
    /// None of a culture with too few active electrodes.
    pub measures: Option<Measures>,
}

impl Own {
    pub fn new(of: &SpikeTrains, culture: &[usize], settings: &Settings) -> Self {
        let mut channels = of.active(culture);
        if channels.len() > settings.max_electrodes {
            channels.sort_by_key(|at| std::cmp::Reverse(of.n_spikes(*at)));
            channels.truncate(settings.max_electrodes);
            channels.sort_unstable();
        }
        let mut own = Self { first: culture[0], channels, n_pairs: 0, n_pass: 0, edges: Vec::new(), measures: None };
        if own.channels.len() < MIN_ELECTRODES {
            return own;
        }
        own.find(of, settings);
        own.keep_strongest(settings.max_percent);
        let edges = own.edges.iter().map(|edge| (edge.a, edge.b, edge.sttc));
        let graph = Graph::new(own.channels.len(), edges);
        own.measures = Some(graph.measures(settings.n_random, settings.seed));
        own
    }

    /// Finds the pairs that pass.
    fn find(&mut self, of: &SpikeTrains, settings: &Settings) {
        let segments = of.segments_of(&self.channels);
        let matrix = sttc_matrix(&segments, settings.dt);
        let n = self.channels.len();
        let all = (0..n).flat_map(move |a| (a + 1..n).map(move |b| (a, b)));
        // Where a coefficient is not defined, there is nothing to compare.
        let is_known = |pair: &(usize, usize)| matrix[*pair].is_finite();
        let known: Vec<(usize, usize)> = all.clone().filter(is_known).collect();
        self.n_pairs = known.len();
        let verdicts: Vec<Option<PairVerdict>> = match settings.test {
            Test::Threshold(_) => vec![None; known.len()],
            Test::Surrogates { null, n, rule, alpha } => {
                let compared = compare_pairs(&segments, settings.dt, null, n, settings.seed);
                let compared = compared.into_iter().zip(all).filter(|(_, pair)| is_known(pair));
                let compared: Vec<_> = compared.map(|(compared, _)| compared).collect();
                judge_pairs(&compared, n, rule, alpha).into_iter().map(Some).collect()
            }
        };
        for ((a, b), verdict) in known.into_iter().zip(verdicts) {
            let sttc = matrix[(a, b)];
            let passes = match settings.test {
                Test::Threshold(least) => sttc >= least,
                Test::Surrogates { .. } => verdict.is_some_and(|verdict| verdict.passes && sttc > 0.0),
            };
            if passes {
                self.edges.push(Edge { a, b, sttc, verdict });
            }
        }
        self.n_pass = self.edges.len();
    }

    /// Keeps the strongest edges, up to a share of all pairs.
    fn keep_strongest(&mut self, percent: usize) {
        let n = self.channels.len();
        let most = n * (n - 1) / 2 * percent / 100;
        if self.edges.len() > most {
            self.edges.sort_by(|one, other| other.sttc.total_cmp(&one.sttc));
            self.edges.truncate(most);
            self.edges.sort_by_key(|edge| (edge.a, edge.b));
        }
    }

    /// The edges from the strongest on.
    pub fn strongest(&self) -> Vec<&Edge> {
        let mut edges: Vec<&Edge> = self.edges.iter().collect();
        edges.sort_by(|one, other| other.sttc.total_cmp(&one.sttc));
        edges
    }
}
