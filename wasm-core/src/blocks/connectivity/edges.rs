//! The edges of one culture.

use std::collections::HashSet;

use super::{
    ALPHA_PERCENT, DT_MS, EDGES, MAX_ELECTRODES, MAX_PERCENT, MIN_SHIFT_S, MIN_STTC, N_RANDOM, N_SURROGATES, NULL,
    SEED, Values, WINDOW_MS, near_s,
};
use crate::analyses::{
    EdgeRule, Graph, Measures, Null, PairVerdict, SpikeTrains, compare_pairs, judge_pairs, sttc_matrix,
};

/// Fewer make no network.
pub const MIN_ELECTRODES: usize = 3;

/// Electrodes at most that are compared once more with copies that keep the network bursts: those with most spikes.
pub const MAX_BEYOND: usize = 64;

/// These copies keep what is slower, as the default of the parameter of that name does: its value is of copies of that
/// kind alone.
pub const BEYOND_WINDOW_S: f64 = 0.1;

/// Settings of the search for edges; times are frames.
#[derive(Clone, Copy)]
pub struct Settings {
    dt: i64,
    test: Test,
    /// Within windows of this length spikes are moved in copies that keep the network bursts.
    beyond_window: i64,
    max_percent: usize,
    max_electrodes: usize,
    n_random: usize,
    seed: u64,
}

/// When a pair is an edge.
#[derive(Clone, Copy)]
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
            beyond_window: frames(BEYOND_WINDOW_S),
            max_percent: values.count(&MAX_PERCENT),
            max_electrodes: values.count(&MAX_ELECTRODES),
            n_random: values.count(&N_RANDOM),
            seed: values.count(&SEED) as u64,
        }
    }

    /// The same with copies that keep the network bursts. `None` where the copies keep them already, or there are no
    /// copies.
    fn keeping_bursts(&self) -> Option<Self> {
        match self.test {
            Test::Threshold(_) | Test::Surrogates { null: Null::Jitter { .. }, .. } => None,
            Test::Surrogates { n, rule, alpha, .. } => {
                let null = Null::Jitter { window: self.beyond_window };
                Some(Self { test: Test::Surrogates { null, n, rule, alpha }, ..*self })
            }
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

/// Edges that are compared once more with copies that keep the network bursts.
pub struct Beyond {
    /// Electrodes among which they are.
    pub electrodes: usize,
    /// Edges among these.
    pub edges: usize,
    /// Those of them that pass here, too.
    pub stay: usize,
}

/// The network of one culture.
pub struct Own {
    /// One channel of the culture.
    pub first: usize,
    /// Electrodes of the culture, channels in order.
    pub channels: Vec<usize>,
    /// Pairs that could be compared: not where an electrode fires so densely that its tiles cover all time.
    pub n_pairs: usize,
    /// Pairs that pass: places among the electrodes.
    passing: Vec<(usize, usize)>,
    /// Pairs that pass and stay.
    pub edges: Vec<Edge>,
    /// None of a culture with too few active electrodes.
    pub measures: Option<Measures>,
}

impl Own {
    pub fn new(of: &SpikeTrains, culture: &[usize], settings: &Settings) -> Self {
        let channels = with_most_spikes(of, of.active(&of.throughout(culture)), settings.max_electrodes);
        let mut own = Self::without_edges(culture[0], channels);
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

    fn without_edges(first: usize, channels: Vec<usize>) -> Self {
        Self { first, channels, n_pairs: 0, passing: Vec::new(), edges: Vec::new(), measures: None }
    }

    /// Number of pairs that pass.
    pub fn n_pass(&self) -> usize {
        self.passing.len()
    }

    /// The pairs that pass, as channels.
    fn passing(&self) -> impl Iterator<Item = (usize, usize)> {
        self.passing.iter().map(|(a, b)| (self.channels[*a], self.channels[*b]))
    }

    /// Which of the edges pass where the copies keep the network bursts, too: asked where half of all pairs or more
    /// pass, as network bursts make every pair pass that joins in them.
    pub fn beyond_bursts(&self, of: &SpikeTrains, settings: &Settings) -> Option<Beyond> {
        let settings = settings.keeping_bursts().filter(|_| self.n_pass() > 0 && 2 * self.n_pass() >= self.n_pairs)?;
        let mut own = Self::without_edges(self.first, with_most_spikes(of, self.channels.clone(), MAX_BEYOND));
        own.find(of, &settings);
        let among: HashSet<usize> = own.channels.iter().copied().collect();
        let pairs: HashSet<(usize, usize)> =
            self.passing().filter(|(a, b)| among.contains(a) && among.contains(b)).collect();
        let n_stay = own.passing().filter(|pair| pairs.contains(pair)).count();
        (!pairs.is_empty()).then_some(Beyond { electrodes: among.len(), edges: pairs.len(), stay: n_stay })
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
        self.passing = self.edges.iter().map(|edge| (edge.a, edge.b)).collect();
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

/// So many channels at most, those with most spikes, in their order.
fn with_most_spikes(of: &SpikeTrains, mut channels: Vec<usize>, n_most: usize) -> Vec<usize> {
    if channels.len() > n_most {
        channels.sort_by_key(|at| std::cmp::Reverse(of.n_spikes(*at)));
        channels.truncate(n_most);
        channels.sort_unstable();
    }
    channels
}
