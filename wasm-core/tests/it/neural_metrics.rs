//! The columns of the Neural Metric Tool: equal to those that follow from an independent program, to published
//! rates, to closed forms, and to what chance gives.

use serde_json::{Value, json};
use wasm_core::analyses::SpikeTrains;
use wasm_core::blocks::Outcome;

use super::firing::{NAMES, column, cultures, mean, outcome, same, texts};
use super::insight::{Insight, equal, folder};
use super::nulls::{Draw, RATE_HZ, Trains, independent};
use super::numbers::{info, spikes};

/// A number of an electrode.
type OfElectrode<'a> = &'a dyn Fn(usize) -> Option<f64>;

const KIND: &str = "neural_metrics";

/// The standard deviation of a sample.
fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let n = f64::from(u32::try_from(values.len()).expect("few"));
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (n > 1.0).then(|| (squares / (n - 1.0)).sqrt())
}

/// What the independent program says of each electrode, in the words of the tool.
struct Expected<'a> {
    firing: &'a Value,
    bursts: &'a Value,
    duration_s: f64,
}

impl Expected<'_> {
    fn number(of: &Value, field: &str, at: usize) -> f64 {
        of[field][at].as_f64().expect("a number")
    }

    fn has_bursts(&self, at: usize) -> bool {
        Self::number(self.bursts, "n_bursts", at) > 0.0
    }

    fn burst_s(&self, at: usize) -> Option<f64> {
        self.has_bursts(at).then(|| Self::number(self.bursts, "mean_duration_s", at))
    }

    fn spikes(&self, at: usize) -> Option<f64> {
        let n_bursts = Self::number(self.bursts, "n_bursts", at);
        self.has_bursts(at).then(|| Self::number(self.bursts, "n_spikes_in_bursts", at) / n_bursts)
    }

    fn bursts_hz(&self, at: usize) -> Option<f64> {
        self.has_bursts(at).then(|| Self::number(self.bursts, "n_bursts", at) / self.duration_s)
    }

    fn percent(&self, at: usize) -> Option<f64> {
        let n_spikes = Self::number(self.firing, "n_spikes", at);
        (n_spikes > 0.0).then(|| Self::number(self.bursts, "n_spikes_in_bursts", at) * 100.0 / n_spikes)
    }

    /// There the deviation is 1/n.
    fn isi_cv(&self, at: usize) -> Option<f64> {
        let n = Self::number(self.firing, "n_spikes", at) - 1.0;
        let is_active = self.firing["active"][at].as_bool() == Some(true);
        self.firing["cv"][at].as_f64().filter(|_| is_active).map(|cv| cv * (n / (n - 1.0)).sqrt())
    }
}

#[test]
fn wells_have_the_numbers_of_an_independent_program() {
    let Some(folder) = folder(NAMES.len()) else { return };
    let (mut n, mut n_published) = (0, 0);
    for name in NAMES {
        let of = Insight::read(&folder, name);
        let trains = SpikeTrains::new(&of.info, &of.spikes, None);
        let found = outcome(&trains, KIND, &[]);
        let (names, channels) = (cultures(&found).1, trains.cultures());
        let culture = |name: &str| &channels[names.iter().position(|known| known == name).expect("a culture")];
        let expected = Expected {
            firing: &of.expected["firing"]["per_electrode"],
            bursts: &of.expected["bursts"]["per_electrode"]["max_interval_fixed_100ms"],
            duration_s: of.info.duration_s(),
        };
        let firing = &of.expected["firing"]["cultures"];
        n += same(&found, "mean_firing_rate_hz", |name| firing[name]["mean_rate_all_hz"].as_f64());
        n += same(&found, "active_electrodes", |name| firing[name]["n_active"].as_f64());
        n += same(&found, "weighted_mean_firing_rate_hz", |name| firing[name]["mean_rate_active_hz"].as_f64());
        let values = |name: &str, value: &dyn Fn(usize) -> Option<f64>| -> Vec<f64> {
            culture(name).iter().filter_map(|at| value(*at)).collect()
        };
        let columns: [(&str, &str, OfElectrode<'_>); 4] = [
            ("burst_duration", "_s", &|at| expected.burst_s(at)),
            ("spikes_per_burst", "", &|at| expected.spikes(at)),
            ("burst_frequency", "_hz", &|at| expected.bursts_hz(at)),
            ("percent_spikes_in_bursts", "", &|at| expected.percent(at)),
        ];
        for (column, unit, value) in columns {
            n += same(&found, &format!("{column}_avg{unit}"), |name| mean(&values(name, value)));
            n += same(&found, &format!("{column}_std{unit}"), |name| deviation(&values(name, value)));
        }
        n += same(&found, "isi_cv_avg", |name| mean(&values(name, &|at| expected.isi_cv(at))));
        n += same(&found, "n_bursts", |name| {
            Some(culture(name).iter().map(|at| Expected::number(expected.bursts, "n_bursts", *at)).sum::<f64>())
        });
        // Published of the plates alone.
        let Ok(text) = std::fs::read(folder.join(format!("{name}.published.json"))) else { continue };
        let published: Value = serde_json::from_slice(&text).expect("JSON");
        n_published += same(&found, "mean_firing_rate_hz", |name| published["wells"][name]["fir.rate"].as_f64());
    }
    assert!(n > 1000, "{n} numbers were compared");
    assert_eq!(n_published, 89, "rates were compared with those that were published");
}

/// Network bursts are those of the block that counts them by the same rule.
#[test]
fn network_bursts_are_those_of_the_well_plate_rule() {
    let Some(folder) = folder(2) else { return };
    for (name, n_all) in [("hipsc_d41", 36.0), ("rat_plate_div09", 181.0)] {
        let of = Insight::read(&folder, name);
        let trains = SpikeTrains::new(&of.info, &of.spikes, None);
        let found = outcome(&trains, KIND, &[]);
        let rule = outcome(&trains, "network_bursts_well_plate", &[]);
        let table = cultures(&found).0;
        let other = if table == "wells" { "wells" } else { "network" };
        let counts = column(&found, table, "n_network_bursts");
        assert_eq!(counts.iter().flatten().sum::<f64>(), n_all, "{name}");
        for (own, theirs) in [
            ("n_network_bursts", "n_network_bursts"),
            ("network_burst_duration_avg_s", "mean_duration_s"),
            ("spikes_per_network_burst_avg", "mean_spikes"),
            ("electrodes_per_network_burst_avg", "mean_electrodes"),
            ("n_network_bursts_shifted", "n_network_bursts_shifted"),
        ] {
            // With fewer than two active electrodes the other block says nothing.
            let pairs: Vec<(Option<f64>, Option<f64>)> = column(&found, table, own)
                .into_iter()
                .zip(column(&rule, other, theirs))
                .filter(|(_, theirs)| theirs.is_some())
                .collect();
            assert!(!pairs.is_empty(), "{name} {own}");
            assert!(pairs.iter().all(|(own, theirs)| own == theirs), "{name} {own}: {pairs:?}");
        }
    }
    let of = Insight::read(&folder, "hipsc_d41");
    let found = outcome(&SpikeTrains::new(&of.info, &of.spikes, None), KIND, &[]);
    // From sorted lists of all spikes, in Python.
    for (name, expected) in [
        ("isi_cv_avg", 3.288_974_302_955_887),
        ("mean_isi_within_burst_avg_s", 0.044_989_481_021_041_26),
        ("median_isi_within_burst_avg_s", 0.043_986_501_527_226_32),
        ("median_to_mean_isi_within_burst_avg", 0.942_448_500_111_404_5),
        ("median_to_mean_isi_within_burst_std", 0.111_892_789_471_535_44),
        ("inter_burst_interval_avg_s", 20.185_832_660_969_89),
        ("inter_burst_interval_std_s", 22.816_292_846_019_27),
        ("ibi_cv_avg", 1.004_285_511_308_767_9),
        ("ibi_cv_std", 0.263_399_220_679_118_8),
        ("mean_isi_within_network_burst_avg_s", 0.005_746_386_626_502_776),
        ("median_isi_within_network_burst_avg_s", 0.002_520_555_555_555_555_4),
        ("median_to_mean_isi_within_network_burst_avg", 0.439_437_032_029_703_5),
        ("percent_spikes_in_network_bursts", 85.602_809_207_959_42),
        ("network_ibi_cv", 1.009_917_563_847_589),
    ] {
        equal(&column(&found, "culture", name), &json!([expected]), name);
    }
    assert_eq!(texts(&found, "culture", "chance"), ["not more than chance"]);
}

/// The spikes of a burst with intervals of 10, 10, 10 and 80 ms at 1 kHz.
fn burst(start: i64) -> impl Iterator<Item = i64> {
    [0, 10, 20, 30, 110].into_iter().map(move |at| start + at)
}

#[test]
fn four_electrodes_have_closed_forms() {
    // Three bursts; one burst and a lone spike; a spike in each of the three, which is too few to be active; silence.
    let one: Vec<i64> = [0, 10_000, 30_000].into_iter().flat_map(burst).collect();
    let other = vec![5000, 5100, 5200, 5300, 5400, 50_000];
    let trains: Trains = vec![one, other, vec![20, 10_020, 30_020], Vec::new()];
    let mut plate = info(4, 1000.0, &[60_000]);
    plate.wells = Some(vec!["A1".to_owned(); 4]);
    // Two of four electrodes are 35 %, rounded up.
    let found = outcome(&SpikeTrains::new(&plate, &spikes(&trains), None), KIND, &[("network_min_spikes", 6.0)]);
    assert_eq!(texts(&found, "wells", "well"), ["A1"]);
    let half_of = |difference: f64| difference / 2.0_f64.sqrt();
    let percent = [100.0, 250.0 / 3.0, 0.0];
    for (name, expected) in [
        ("n_spikes", Some(24.0)),
        ("mean_firing_rate_hz", Some(0.1)),
        ("active_electrodes", Some(2.0)),
        ("weighted_mean_firing_rate_hz", Some(0.175)),
        ("n_bursts", Some(4.0)),
        ("bursting_electrodes", Some(2.0)),
        ("burst_duration_avg_s", Some(0.255)),
        ("burst_duration_std_s", Some(half_of(0.29))),
        ("spikes_per_burst_avg", Some(5.0)),
        ("spikes_per_burst_std", Some(0.0)),
        ("mean_isi_within_burst_avg_s", Some(f64::midpoint(0.0275, 0.1))),
        ("median_isi_within_burst_avg_s", Some(0.055)),
        ("median_to_mean_isi_within_burst_avg", Some(f64::midpoint(10.0 / 27.5, 1.0))),
        // From start to start; one electrode has them.
        ("inter_burst_interval_avg_s", Some(15.0)),
        ("inter_burst_interval_std_s", None),
        ("ibi_cv_avg", Some(half_of(10.0) / 15.0)),
        ("ibi_cv_std", None),
        ("burst_frequency_avg_hz", Some(2.0 / 60.0)),
        ("burst_frequency_std_hz", Some(half_of(2.0 / 60.0))),
        ("percent_spikes_in_bursts_avg", mean(&percent)),
        ("percent_spikes_in_bursts_std", deviation(&percent)),
        ("n_network_bursts", Some(3.0)),
        ("network_burst_frequency_hz", Some(0.05)),
        ("network_burst_duration_avg_s", Some(0.11)),
        ("network_burst_duration_std_s", Some(0.0)),
        ("spikes_per_network_burst_avg", Some(6.0)),
        // Two spikes share a moment: intervals of 10, 10, 0, 10 and 80 ms.
        ("mean_isi_within_network_burst_avg_s", Some(0.022)),
        ("median_isi_within_network_burst_avg_s", Some(0.01)),
        ("median_to_mean_isi_within_network_burst_avg", Some(10.0 / 22.0)),
        ("electrodes_per_network_burst_avg", Some(2.0)),
        ("spikes_per_network_burst_per_channel_avg", Some(3.0)),
        ("percent_spikes_in_network_bursts", Some(75.0)),
        // Intervals of 10 and 20 s, with the deviation of all there are.
        ("network_ibi_cv", Some(5.0 / 15.0)),
    ] {
        equal(&column(&found, "wells", name), &json!([expected]), name);
    }
    // Three of four are asked for.
    let values = [("network_min_spikes", 6.0), ("network_min_percent", 51.0)];
    let none = outcome(&SpikeTrains::new(&plate, &spikes(&trains), None), KIND, &values);
    assert_eq!(column(&none, "wells", "n_network_bursts"), [Some(0.0)]);
    for name in ["network_burst_frequency_hz", "percent_spikes_in_network_bursts", "network_ibi_cv"] {
        assert_eq!(column(&none, "wells", name), [None], "{name}");
    }
    assert_eq!(texts(&none, "wells", "chance"), ["none found"]);
}

/// Electrodes that know nothing of each other and fire at random.
#[test]
fn chance_is_said_to_be_chance() {
    let number = |of: &Outcome, name: &str| column(of, "culture", name)[0].expect("a number");
    let of = |seed: u64, per_s: f64, seconds: f64, n_frames: u64| {
        let trains = independent(&mut Draw::new(seed), 16, per_s, seconds);
        outcome(&SpikeTrains::new(&info(16, RATE_HZ, &[n_frames]), &spikes(&trains), None), KIND, &[])
    };
    let slow = of(3, 1.0, 600.0, 6_000_000);
    assert!((number(&slow, "isi_cv_avg") - 1.0).abs() < 0.04, "{}", number(&slow, "isi_cv_avg"));
    assert_eq!((number(&slow, "n_bursts"), number(&slow, "percent_spikes_in_bursts_avg")), (0.0, 0.0));
    assert_eq!(column(&slow, "culture", "burst_duration_avg_s"), [None]);
    assert_ne!(texts(&slow, "culture", "chance"), ["more than chance"]);
    // Together they always fire within 100 ms: all is one network burst, in the copies, too.
    let fast = of(4, 20.0, 60.0, 600_000);
    assert_eq!((number(&fast, "n_network_bursts"), number(&fast, "n_network_bursts_shifted")), (1.0, 1.0));
    assert_eq!(texts(&fast, "culture", "chance"), ["not more than chance"]);
}

#[test]
fn of_nothing_nothing_is_said() {
    let plain = info(4, 1000.0, &[60_000]);
    let mut one: Trains = vec![Vec::new(); 4];
    one[2] = vec![1234];
    for (trains, n_spikes, percent) in [(one, 1.0, Some(0.0)), (vec![Vec::new(); 4], 0.0, None)] {
        let found = outcome(&SpikeTrains::new(&plain, &spikes(&trains), None), KIND, &[]);
        assert_eq!(column(&found, "culture", "n_spikes"), [Some(n_spikes)]);
        assert_eq!(column(&found, "culture", "mean_firing_rate_hz"), [Some(n_spikes / 60.0 / 4.0)]);
        assert_eq!(column(&found, "culture", "percent_spikes_in_bursts_avg"), [percent]);
        for name in ["active_electrodes", "n_bursts", "bursting_electrodes", "n_network_bursts"] {
            assert_eq!(column(&found, "culture", name), [Some(0.0)], "{name}");
        }
        for name in ["weighted_mean_firing_rate_hz", "isi_cv_avg", "inter_burst_interval_avg_s", "network_ibi_cv"] {
            assert_eq!(column(&found, "culture", name), [None], "{name}");
        }
    }
    let is_absent = |n_channels: usize, n_frames: u64| {
        outcome(&SpikeTrains::new(&info(n_channels, 1000.0, &[n_frames]), &[], None), KIND, &[]).absent.is_some()
    };
    assert!(is_absent(4, 29_000) && is_absent(0, 60_000) && !is_absent(4, 30_000));
}
