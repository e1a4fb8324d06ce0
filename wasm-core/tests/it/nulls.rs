//! Network bursts where there is no network, and where there is one; synchrony and rates as an
//! independent program finds them.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use serde::Deserialize;
use wasm_core::analyses::{NetworkActivity, NetworkLimits, SegmentTrains, SpikeTrains, network_bursts};
use wasm_core::pipeline::Pipeline;
use wasm_core::run::{BlockResult, Cache, results};
use wasm_core::table::{Table, Values};

/// Frames per second.
pub(super) const RATE_HZ: f64 = 10_000.0;

pub(super) type Trains = Vec<Vec<i64>>;

/// Random numbers, the same on every platform.
pub(super) struct Draw(Xoshiro256PlusPlus);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * ((self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// Exponential, with this mean.
    fn wait(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.between(0.0, 1.0))
    }

    /// Evenly spread over orders of magnitude.
    fn of_any_order(&mut self, from: f64, to: f64) -> f64 {
        libm::exp(self.between(libm::log(from), libm::log(to)))
    }

    /// Times of independent events in seconds.
    fn poisson(&mut self, per_s: f64, from_s: f64, until_s: f64) -> Vec<f64> {
        let mut times = Vec::new();
        let mut at = from_s + self.wait(1.0 / per_s);
        while at < until_s {
            times.push(at);
            at += self.wait(1.0 / per_s);
        }
        times
    }
}

/// A sorted train of what lies before the end.
#[expect(clippy::cast_possible_truncation, reason = "frames of minutes")]
fn train(times_s: &[f64], seconds: f64) -> Vec<i64> {
    let mut train: Vec<i64> =
        times_s.iter().filter(|at| **at < seconds).map(|at| (at * RATE_HZ).floor() as i64).collect();
    train.sort_unstable();
    train.dedup();
    train
}

fn find(trains: &Trains, seconds: f64) -> NetworkActivity {
    network_bursts(&[segment(trains, seconds)], &[], &NetworkLimits::default(), RATE_HZ)
}

#[expect(clippy::cast_possible_truncation, reason = "frames of minutes")]
fn segment(trains: &Trains, seconds: f64) -> SegmentTrains<'_> {
    let trains = trains.iter().map(Vec::as_slice).collect();
    SegmentTrains { n_frames: (seconds * RATE_HZ) as i64, trains }
}

pub(super) fn independent(draw: &mut Draw, n: usize, per_s: f64, seconds: f64) -> Trains {
    (0..n).map(|_| train(&draw.poisson(per_s, 0.0, seconds), seconds)).collect()
}

/// Electrodes that burst, each for itself.
fn bursting(draw: &mut Draw, n: usize, per_min: f64, seconds: f64) -> Trains {
    let one = |_| {
        let mut times = draw.poisson(0.3, 0.0, seconds);
        for start in draw.poisson(per_min / 60.0, 0.0, seconds) {
            let length = draw.between(0.1, 0.5);
            times.extend(draw.poisson(30.0, start, start + length));
        }
        train(&times, seconds)
    };
    (0..n).map(one).collect()
}

/// What to simulate.
#[derive(Clone, Copy, Debug)]
struct Spec {
    n: usize,
    seconds: f64,
    per_min: f64,
    participation: f64,
}

/// A culture and its network bursts, `(start, end)` in seconds: 0.1 to 1 s long, 3 to 30 spikes from
/// each electrode that takes part, over a background of 0.1 to 3 Hz; every tenth electrode fires
/// at 5 to 10 Hz all the time.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of electrodes"
)]
fn culture(draw: &mut Draw, spec: Spec) -> (Trains, Vec<(f64, f64)>) {
    let Spec { n, seconds, per_min, participation } = spec;
    let mut times: Vec<Vec<f64>> = Vec::new();
    for electrode in 0..n {
        let per_s = if electrode % 10 == 9 { draw.between(5.0, 10.0) } else { draw.of_any_order(0.1, 3.0) };
        times.push(draw.poisson(per_s, 0.0, seconds));
    }
    let n_spikes: Vec<f64> = (0..n).map(|_| draw.of_any_order(3.0, 30.0)).collect();
    let n_join = (participation * n as f64).round() as usize;
    let mut order: Vec<usize> = (0..n).collect();
    let mut truth = Vec::new();
    let mut start = 1.0 + draw.wait(60.0 / per_min);
    while start < seconds - 1.5 {
        let length = draw.between(0.1, 1.0);
        for place in 0..n_join {
            let other = place + draw.between(0.0, (n - place) as f64) as usize;
            order.swap(place, other);
            let from = start + draw.between(0.0, 0.03);
            let own = draw.poisson(n_spikes[order[place]] / length, from, from + length);
            times[order[place]].extend(own);
        }
        truth.push((start, start + length + 0.03));
        start += length + 1.0 + draw.wait((60.0 / per_min - length - 1.0).max(0.1));
    }
    (times.iter().map(|times| train(times, seconds)).collect(), truth)
}

/// Every train moved along the recording by a time of its own.
#[expect(clippy::cast_possible_truncation, reason = "frames of minutes")]
fn shifted(draw: &mut Draw, trains: &Trains, seconds: f64) -> Trains {
    let n_frames = (seconds * RATE_HZ) as i64;
    let one = |train: &Vec<i64>| {
        let shift = draw.between(0.0, seconds * RATE_HZ) as i64;
        let mut moved: Vec<i64> = train.iter().map(|frame| (frame + shift) % n_frames).collect();
        moved.sort_unstable();
        moved
    };
    trains.iter().map(one).collect()
}

#[test]
fn independent_electrodes_have_no_network_bursts() {
    let seconds = 600.0;
    for (number, n) in (0..).zip([4, 5, 8, 16, 32, 64]) {
        for (kind, per_s) in (0..).zip([0.1, 0.5, 1.0, 2.0, 5.0]) {
            let trains = independent(&mut Draw::new(100 * number + kind), n, per_s, seconds);
            let found = find(&trains, seconds);
            assert!(found.bursts.is_empty(), "{n} at {per_s} Hz: {:?}", found.bursts);
        }
        for (kind, per_min) in (50..).zip([2.0, 12.0]) {
            let trains = bursting(&mut Draw::new(100 * number + kind), n, per_min, seconds);
            let found = find(&trains, seconds);
            assert!(found.bursts.is_empty(), "{n} with {per_min} bursts per min: {:?}", found.bursts);
        }
    }
    // So many that fire so much that they always do so together.
    let always = independent(&mut Draw::new(7), 64, 10.0, 60.0);
    assert!(find(&always, 60.0).bursts.is_empty());
}

#[test]
fn shifted_cultures_lose_their_network_bursts() {
    for (seed, n) in (1..).zip([6, 16, 60]) {
        let mut draw = Draw::new(seed);
        let spec = Spec { n, seconds: 600.0, per_min: 8.0, participation: 0.8 };
        let (trains, truth) = culture(&mut draw, spec);
        let own = find(&trains, spec.seconds);
        assert!(own.bursts.len() * 10 >= truth.len() * 9, "{} of {}", own.bursts.len(), truth.len());
        let found = find(&shifted(&mut draw, &trains, spec.seconds), spec.seconds).bursts.len();
        assert!(found * 10 <= own.bursts.len(), "{n}: {found} in a shifted copy of {}", own.bursts.len());
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let tenth = own.bursts.len() as f64 / 10.0;
        assert!(own.n_shifted <= tenth, "{n}: {} in shifted copies", own.n_shifted);
    }
}

#[test]
fn simulated_network_bursts_are_found() {
    for (seed, (n, seconds)) in (10..).zip([(16, 900.0), (64, 300.0), (256, 120.0), (1024, 120.0)]) {
        for participation in [0.5, 0.7, 1.0] {
            let spec = Spec { n, seconds, per_min: 6.0, participation };
            let (trains, truth) = culture(&mut Draw::new(seed), spec);
            let found = find(&trains, seconds).bursts;
            let times = found.iter().map(|burst| [burst.start, burst.end].map(seconds_of));
            let mut left = truth.clone();
            let mut n_hits = 0;
            for [start, end] in times {
                if let Some(at) = left.iter().position(|(from, until)| start <= until + 0.05 && from - 0.05 <= end) {
                    left.remove(at);
                    n_hits += 1;
                }
            }
            let is_most = |n_all: usize| n_hits * 100 >= n_all * 95;
            assert!(
                is_most(truth.len()) && is_most(found.len()),
                "{spec:?}: {n_hits} of {}, {}",
                truth.len(),
                found.len()
            );
            let widest = found.iter().map(|burst| burst.participation).fold(0.0, f64::max);
            assert!(found.iter().all(|burst| burst.participation >= 0.25) && widest <= 1.0, "{spec:?}");
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "frames of minutes")]
fn seconds_of(frame: i64) -> f64 {
    frame as f64 / RATE_HZ
}

/// A made culture of `golden/network_bursts.py`, and what the rule finds as it is written there.
#[derive(Deserialize)]
struct Golden {
    n_spikes: usize,
    /// Lengths of its segments in frames.
    lengths: Vec<i64>,
    /// Segment, first frame, frame behind the last, electrodes.
    bursts: Vec<(usize, i64, i64, usize)>,
}

/// How a made culture is made; the same as in `golden/network_bursts.py`.
struct Made {
    seed: u32,
    n_electrodes: usize,
    n_frames: i64,
    interval: u32,
    every: u32,
    share: u32,
    n_spikes: usize,
    length: u32,
    own: bool,
}

impl Made {
    fn trains(&self) -> Trains {
        let mut state = self.seed;
        let mut random = |n: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            i64::from((state >> 8) % n)
        };
        let mut made = Vec::new();
        for electrode in 0..self.n_electrodes {
            let mean = if electrode % 8 == 7 { 120 } else { self.interval };
            let mut train = Vec::new();
            let mut at = 1 + random(2 * mean);
            while at < self.n_frames {
                train.push(at);
                at += 1 + random(2 * mean);
            }
            let every = i64::from(self.every);
            for volley in 0..self.n_frames / every {
                let start = volley * every + if self.own { random(self.every - self.length) } else { 1000 };
                if random(1000) < i64::from(self.share) {
                    train.extend((0..self.n_spikes).map(|_| start + random(self.length)));
                }
            }
            train.retain(|frame| *frame < self.n_frames);
            train.sort_unstable();
            train.dedup();
            made.push(train);
        }
        made
    }
}

#[test]
fn network_bursts_are_those_of_a_second_program() {
    let golden: Vec<Golden> =
        serde_json::from_str(include_str!("../../golden/network_bursts.json")).expect("golden file");
    let made = [
        (1, 16, 120_000, 1000, 6000, 600, 8, 400, false),
        (2, 12, 120_000, 700, 4000, 1000, 15, 500, true),
        (3, 24, 150_000, 170, 5000, 800, 10, 200, false),
        (4, 32, 120_000, 500, 8000, 700, 6, 300, false),
    ];
    for ((seed, n_electrodes, n_frames, interval, every, share, n_spikes, length, own), golden) in
        made.into_iter().zip(&golden)
    {
        let made = Made { seed, n_electrodes, n_frames, interval, every, share, n_spikes, length, own };
        let trains = made.trains();
        assert_eq!(trains.iter().map(Vec::len).sum::<usize>(), golden.n_spikes, "seed {seed}");
        let mut first = 0;
        let mut segments: Vec<(i64, Trains)> = Vec::new();
        for length in &golden.lengths {
            let inside = |frame: &&i64| (first..first + length).contains(*frame);
            let cut = |train: &Vec<i64>| train.iter().filter(inside).map(|frame| frame - first).collect();
            segments.push((*length, trains.iter().map(cut).collect()));
            first += length;
        }
        let segments: Vec<SegmentTrains<'_>> = segments
            .iter()
            .map(|(n_frames, trains)| SegmentTrains {
                n_frames: *n_frames,
                trains: trains.iter().map(Vec::as_slice).collect(),
            })
            .collect();
        let found = network_bursts(&segments, &[], &NetworkLimits::default(), 1000.0).bursts;
        let told: Vec<_> =
            found.iter().map(|burst| (burst.segment, burst.start, burst.end, burst.n_participants)).collect();
        assert_eq!(told, golden.bursts, "seed {seed}");
    }
}

/// Neurons on a square grid of electrodes, each seen by those up to 150 µm away, that fire at random
/// and burst each for itself.
#[test]
fn neurons_that_many_electrodes_see_are_no_network() {
    let (side, seconds) = (12, 120.0);
    let mut draw = Draw::new(11);
    let place = |at: usize| [at % side, at / side].map(|at| f64::from(u32::try_from(at).expect("small")) * 60.0);
    let distance = |one: [f64; 2], other: [f64; 2]| (one[0] - other[0]).hypot(one[1] - other[1]);
    let mut trains: Trains = vec![Vec::new(); side * side];
    for neuron in bursting(&mut draw, 40, 8.0, seconds) {
        let at = [draw.between(0.0, 660.0), draw.between(0.0, 660.0)];
        for (electrode, train) in trains.iter_mut().enumerate() {
            if distance(place(electrode), at) < 100.0 {
                train.extend(&neuron);
            }
        }
    }
    for train in &mut trains {
        train.sort_unstable();
    }
    let near: Vec<Vec<usize>> = (0..trains.len())
        .map(|one| {
            (0..trains.len()).filter(|other| *other != one && distance(place(one), place(*other)) <= 150.0).collect()
        })
        .collect();
    let segments = [segment(&trains, seconds)];
    let alone = network_bursts(&segments, &[], &NetworkLimits::default(), RATE_HZ);
    let found = network_bursts(&segments, &near, &NetworkLimits::default(), RATE_HZ);
    assert!(found.bursts.is_empty(), "{:?}", found.bursts);
    assert!((10..60).contains(&found.n_sources), "{}", found.n_sources);
    assert!(!alone.bursts.is_empty(), "the test is too easy");
}

/// What the analyses say of electrodes that know nothing of each other and fire at random, of one spike
/// and of none.
#[test]
fn chance_has_no_bursts_no_synchrony_and_a_variation_of_one() {
    let seconds = 600.0;
    let of = |trains: &Trains, kind: &str| {
        let (info, spikes) = (super::numbers::info(16, RATE_HZ, &[6_000_000]), super::numbers::spikes(trains));
        let trains = SpikeTrains::new(&info, &spikes, None);
        let set = results(&trains, 0, &Pipeline::default(), &mut Cache::default());
        let block = set.blocks.iter().find(|block| block.kind == kind).expect("the analysis");
        BlockResult::clone(block)
    };
    let numbers =
        |block: &BlockResult, table: &str, column: &str| match block.table(table).and_then(|of| of.column(column)) {
            Some(Values::Number(values)) => values.iter().copied().flatten().collect::<Vec<f64>>(),
            _ => Vec::new(),
        };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).expect("few"));
    let chance = independent(&mut Draw::new(3), 16, 1.0, seconds);
    assert_eq!(of(&chance, "bursts_max_interval").table("bursts").map(Table::n_rows), Some(0));
    let inside = numbers(&of(&chance, "bursts_log_isi"), "electrodes", "percent_spikes_in_bursts");
    assert!(mean(&inside) < 5.0, "logISI: {inside:?}");
    assert_eq!(numbers(&of(&chance, "network_bursts"), "cultures", "n_network_bursts"), [0.0]);
    let pairs = numbers(&of(&chance, "sttc"), "pairs", "sttc");
    assert!(pairs.len() == 120 && mean(&pairs).abs() < 0.01, "{}", mean(&pairs));
    for column in ["cv", "cv2", "lv"] {
        let values = numbers(&of(&chance, "intervals"), "electrodes", column);
        assert!((mean(&values) - 1.0).abs() < 0.03, "{column}: {}", mean(&values));
    }
    let mut one: Trains = vec![Vec::new(); 16];
    let nothing = one.clone();
    one[3] = vec![1234];
    for trains in [&one, &nothing] {
        for kind in ["bursts_max_interval", "bursts_log_isi"] {
            assert_eq!(of(trains, kind).table("bursts").map(Table::n_rows), Some(0), "{kind}");
        }
        for kind in ["network_bursts", "sttc"] {
            assert!(of(trains, kind).absent.is_some(), "{kind} says why it says nothing");
        }
        assert!(numbers(&of(trains, "intervals"), "electrodes", "cv").is_empty());
    }
}
