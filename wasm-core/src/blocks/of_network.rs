//! The output of every network burst method: a table of wells or of the one network, with the counts of shifted
//! copies beside, a list of bursts, and two figures.

mod figures;

pub use figures::drawn;
use figures::{beside, over_time};

use super::Outcome;
use super::of_bursts::variation;
use super::of_rows::{row_of_each, with_segments, with_wells};
use crate::analyses::{
    BesideChance, CommonBurst, CultureTrains, MANY_FOUND, NETWORK_MIN_ACTIVE, SHIFTED_COPIES, SYNCHRONY_MIN_ACTIVE,
    SpikeTrains, mean,
};
use crate::table::Table;

/// What is counted: its name in files, of which the words on screen are made.
#[derive(Clone, Copy)]
pub struct Counted(pub &'static str);

impl Counted {
    /// On screen, within a sentence.
    fn words(self) -> String {
        self.0.replace('_', " ")
    }

    /// On screen, at its start.
    fn title(self) -> String {
        self.words().replacen('n', "N", 1)
    }
}

/// Network bursts.
pub const BURSTS: Counted = Counted("network_bursts");

/// Network spikes.
pub const SPIKES: Counted = Counted("network_spikes");

/// Which electrodes a method looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Electrodes {
    /// Electrodes that are active.
    Active,
    /// All that fire.
    Firing,
}

/// What is found in one culture, and what else its block keeps of it.
pub struct Own<M> {
    /// Active channels of the culture that were observed all the time.
    active: Vec<usize>,
    /// One channel of the culture.
    first: usize,
    /// Spikes of the electrodes that were looked at.
    n_spikes: u64,
    /// The network bursts beside chance, or why nothing can be said.
    pub found: Result<BesideChance, String>,
    /// Further findings of the block.
    pub more: Option<M>,
}

impl<M> Own<M> {
    /// The well of the culture in a sentence; nothing where there are no wells.
    pub fn place(&self, of: &SpikeTrains) -> String {
        let well = of.well(self.first);
        if well.is_empty() { String::new() } else { format!(" of well {well}") }
    }

    fn known(&self) -> Option<&BesideChance> {
        self.found.as_ref().ok()
    }

    fn bursts(&self) -> &[CommonBurst] {
        self.known().map_or(&[][..], |found| found.bursts.as_slice())
    }

    /// Frames from the end of each to the start of the next, within a segment.
    fn gaps(&self) -> impl Iterator<Item = i64> {
        let pairs = self.bursts().windows(2).filter(|pair| pair[0].segment == pair[1].segment);
        pairs.map(|pair| pair[1].start - pair[0].end)
    }

    fn verdict(&self) -> String {
        self.found.as_ref().map_or_else(Clone::clone, |found| found.verdict().words().to_owned())
    }
}

/// Looks at each culture with at least two active electrodes that were observed all the time. `search` is shown their
/// trains and the number of all such electrodes. None found where fewer are active than make a network is no count of
/// zero: nothing could be found.
pub fn each<M>(
    of: &SpikeTrains,
    which: Electrodes,
    mut search: impl FnMut(&CultureTrains<'_>, usize) -> (Result<BesideChance, String>, Option<M>),
) -> Vec<Own<M>> {
    let own = |culture: &Vec<usize>| {
        let compared = of.throughout(culture);
        let active = of.active(&compared);
        let mut channels = active.clone();
        if which == Electrodes::Firing {
            channels.extend(compared.iter().copied().filter(|at| !of.is_active(*at) && of.n_spikes(*at) > 0));
        }
        let trains = CultureTrains { segments: of.segments_of(&channels), n_active: active.len() };
        let too_few = || Err(of.too_few_compared(culture, NETWORK_MIN_ACTIVE).unwrap_or_default());
        let (found, more) = if active.len() < SYNCHRONY_MIN_ACTIVE {
            (too_few(), None)
        } else {
            match search(&trains, compared.len()) {
                (Ok(none), _) if none.bursts.is_empty() && active.len() < NETWORK_MIN_ACTIVE => (too_few(), None),
                found => found,
            }
        };
        let n_spikes = channels.iter().map(|at| of.n_spikes(*at)).sum();
        Own { active, first: culture[0], n_spikes, found, more }
    };
    of.cultures().iter().filter(|culture| !culture.is_empty()).map(own).collect()
}

/// How chance is told, for the words of a block.
pub fn chance_words() -> String {
    format!(
        "The same search runs on {SHIFTED_COPIES} shifted copies, in which every electrode is moved along the recording \
         by a time of its own, so that only chance brings electrodes together. What is found is more than chance if a \
         copy holds less than half as many on average, and no copy as many. Fewer than {MANY_FOUND} must also have a \
         probability of at most 1 % (Poisson). If it is not more than chance, the numbers that follow from it say \
         nothing about a network."
    )
}

/// Whole frames within so many milliseconds; a time of exactly so many is within.
#[expect(clippy::cast_possible_truncation, reason = "the ranges of the parameters bound it")]
pub fn frames_within(of: &SpikeTrains, milliseconds: f64) -> i64 {
    libm::floor(milliseconds * of.rate_hz() / 1000.0 + 1e-6) as i64
}

/// Milliseconds in frames, which need not be whole.
pub fn frames_of(of: &SpikeTrains, milliseconds: f64) -> f64 {
    milliseconds * of.rate_hz() / 1000.0
}

/// The least whole number of electrodes that is so many percent of all.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of electrodes"
)]
pub fn share_of(n_electrodes: usize, percent: f64) -> usize {
    libm::ceil(n_electrodes as f64 * percent / 100.0 - 1e-9) as usize
}

/// Tables and figures. `of_wells` and `of_list` are further columns of the first table and of the list.
pub fn outcome<M>(of: &SpikeTrains, counted: Counted, all: &[Own<M>], of_wells: Table, of_list: Table) -> Outcome {
    if all.iter().all(|own| own.found.is_err()) {
        let mut reasons: Vec<&str> =
            all.iter().filter_map(|own| own.found.as_ref().err()).map(String::as_str).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let reason = if reasons.is_empty() { "no electrodes".to_owned() } else { reasons.join("; ") };
        return Outcome::absent(reason);
    }
    let mut wells = wells(of, counted, all);
    wells.columns.extend(of_wells.columns);
    let mut list = list(of, counted, all);
    list.columns.extend(of_list.columns);
    let figures = vec![over_time(of, counted, all), beside(of, counted, all)];
    Outcome { tables: vec![wells, list], figures, absent: None }
}

#[expect(clippy::cast_precision_loss, reason = "counts of bursts, spikes and electrodes")]
fn wells<M>(of: &SpikeTrains, counted: Counted, all: &[Own<M>]) -> Table {
    let minutes = of.info().duration_s() / 60.0;
    let (name, title) = (counted.0, counted.title());
    let numbers = |value: &dyn Fn(&Own<M>, &BesideChance) -> Option<f64>| {
        all.iter().map(|own| own.known().and_then(|found| value(own, found))).collect::<Vec<_>>()
    };
    let over = |value: &dyn Fn(&CommonBurst) -> f64| numbers(&|_, found| mean(found.bursts.iter().map(value)));
    let inside = |own: &Own<M>| {
        let n: u64 = own.bursts().iter().map(|burst| burst.n_spikes).sum();
        (own.n_spikes > 0).then(|| n as f64 * 100.0 / own.n_spikes as f64)
    };
    let share = |own: &Own<M>| {
        let shares = own.bursts().iter().map(|burst| burst.n_active as f64 * 100.0 / own.active.len() as f64);
        mean(shares)
    };
    let gaps_s = |own: &Own<M>| own.gaps().map(|gap| of.seconds(gap)).collect::<Vec<f64>>();
    row_of_each(of, ("network", "Network"), all.iter().map(|own| own.first))
        .counts(("active_electrodes", "Active electrodes"), all.iter().map(|own| own.active.len() as u64))
        .numbers((&format!("n_{name}"), &title, ""), numbers(&|_, found| Some(found.bursts.len() as f64)))
        .numbers(
            (&format!("n_{name}_shifted"), "In a shifted copy (mean)", ""),
            numbers(&|_, found| Some(found.n_shifted())),
        )
        .numbers((&format!("n_{name}_shifted_sd"), "And its deviation", ""), numbers(&|_, found| found.deviation()))
        .texts(("chance", "Against chance"), all.iter().map(Own::verdict))
        .numbers(
            (&format!("{name}_per_min"), "Rate", "per min"),
            numbers(&|_, found| Some(found.bursts.len() as f64 / minutes)),
        )
        .numbers(
            (&format!("{name}_per_min_shifted"), "Rate in shifted copies", "per min"),
            numbers(&|_, found| Some(found.n_shifted() / minutes)),
        )
        .numbers(("mean_duration_s", "Duration", "s"), over(&|burst| of.seconds(burst.end - burst.start)))
        .numbers(("mean_spikes", "Spikes", ""), over(&|burst| burst.n_spikes as f64))
        .numbers(("mean_electrodes", "Electrodes that join", ""), over(&|burst| burst.n_electrodes as f64))
        .numbers(
            ("mean_electrodes_shifted", "Electrodes in shifted copies", ""),
            numbers(&|_, found| found.n_electrodes_shifted()),
        )
        .numbers(("participation_percent", "Share of the active", "%"), numbers(&|own, _| share(own)))
        .numbers(("percent_spikes_inside", "Share of spikes inside", "%"), numbers(&|own, _| inside(own)))
        .numbers(("mean_interval_s", "Time between two", "s"), numbers(&|own, _| mean(gaps_s(own))))
        .numbers(("cv_interval", "Variation of that time", ""), numbers(&|own, _| variation(&gaps_s(own))))
}

#[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
fn list<M>(of: &SpikeTrains, counted: Counted, all: &[Own<M>]) -> Table {
    let bursts = || all.iter().flat_map(|own| own.bursts().iter().map(move |burst| (own, burst)));
    let table = Table::new(counted.0.trim_start_matches("network_"), &counted.title());
    let table = with_wells(table, of, bursts().map(|(own, _)| own.first));
    with_segments(table, of, bursts().map(|(_, burst)| burst.segment))
        .numbers(("start_s", "Start", "s"), bursts().map(|(_, burst)| Some(of.time_s(burst.segment, burst.start))))
        .numbers(("duration_s", "Duration", "s"), bursts().map(|(_, burst)| Some(of.seconds(burst.end - burst.start))))
        .counts(("n_spikes", "Spikes"), bursts().map(|(_, burst)| burst.n_spikes))
        .counts(("n_electrodes", "Electrodes"), bursts().map(|(_, burst)| burst.n_electrodes as u64))
        .numbers(
            ("participation_percent", "Share of the active", "%"),
            bursts().map(|(own, burst)| Some(burst.n_active as f64 * 100.0 / own.active.len() as f64)),
        )
}

#[cfg(test)]
mod tests;
