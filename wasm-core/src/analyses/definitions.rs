//! The meaning of every number, in words for a biologist, written from the values that are used.

use serde::Serialize;

use super::network::{
    BOUT_FIRST_SHARE, BOUT_INTERVALS_S, BOUT_MIN_SPIKES, CHANCE_MAX_PROBABILITY, CHANCE_MAX_SHARE, NEAR_COPIES,
    NETWORK_GAP_S, NETWORK_MIN_ELECTRODES, NETWORK_MIN_SHARE, SAME_NEURON_SHARE, SAME_NEURON_UM, SAME_SPIKE_S,
    SHIFTED_COPIES,
};
use super::{
    ACTIVE_MIN_SPIKES, ACTIVE_SPIKES_PER_MIN, BURST_MAX_ISI_S, BURST_MIN_SPIKES, FAST_INTERVALS, MANY_FOUND,
    MANY_OUTSIDE, MIN_DURATION_S, MIN_RESAMPLED, NETWORK_MIN_ACTIVE, REFRACTORY_S, RESAMPLES, STTC_DT_S, TIMES_AS_FAST,
};

const ACTIVE_SOURCE: &str = "Cotterill et al. 2016, doi:10.1177/1087057116640520";
const BURST_SOURCE: &str =
    "NeuroExplorer's MaxInterval method with one interval for start and end, and the values of well-plate systems";
const NETWORK_SOURCE: &str = "Electrode bursts first, then their overlap: Wagenaar, Pine & Potter 2006, \
    doi:10.1186/1471-2202-7-11; three spikes: Cotterill et al. 2016, doi:10.1152/jn.00093.2016; chance: Neurocyte";
const STTC_SOURCE: &str = "Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014";

/// The definition of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// The field of `summary.json` that holds the number.
    pub id: &'static str,
    /// Name on screen.
    pub name: &'static str,
    /// Unit of the number; empty for a count or a share.
    pub unit: &'static str,
    /// The computation, in whole sentences.
    pub text: String,
    /// The publication of the method, with a DOI where there is one; empty where it needs none.
    pub source: &'static str,
}

/// The definitions of all numbers of a recording, of its wells and of its channels.
#[must_use]
pub fn definitions() -> Vec<Definition> {
    let mut all = of_activity();
    all.extend(of_the_network());
    all.extend(of_channels());
    all.extend(of_intervals());
    all
}

/// The sentences with which the methods section of a paper tells the same, sources in brackets.
#[must_use]
pub fn sentences() -> String {
    let told =
        ["active_electrodes", "n_bursts", "n_network_bursts", "network_bursts_per_min_shifted", "synchrony_sttc"];
    let told = told.iter().chain(&INTERVALS);
    let all = definitions();
    let sentence = |definition: &Definition| match definition.source {
        "" => definition.text.clone(),
        source => format!("{} ({source}).", definition.text.trim_end_matches('.')),
    };
    let of = |id: &&str| all.iter().find(|definition| definition.id == *id).map(sentence);
    told.filter_map(of).collect::<Vec<_>>().join(" ")
}

fn new(
    id: &'static str,
    names: (&'static str, &'static str),
    text: impl Into<String>,
    source: &'static str,
) -> Definition {
    let (name, unit) = names;
    Definition { id, name, unit, text: text.into(), source }
}

fn of_activity() -> Vec<Definition> {
    let active = format!(
        "An electrode is active when it fires at least {ACTIVE_SPIKES_PER_MIN} spikes per minute of the time in which \
         it was observed, and at least {ACTIVE_MIN_SPIKES} spikes in all."
    );
    let burst = format!(
        "A burst of an electrode is a run of at least {BURST_MIN_SPIKES} spikes of which each follows the one before \
         within {} (exactly {0} counts). The bursts of all active electrodes are counted. Their number stands \
         beside that in random firing at the same rates (Poisson with a refractory time of {} ms, computed exactly). \
         Bursts are more than chance if there are more than twice as many as in random firing. Fewer than {MANY_FOUND} \
         must also have a probability of at most 1 %. Whatever their number, bursts are also more than chance if \
         spikes follow each other {TIMES_AS_FAST} times as fast inside as in random firing (from {FAST_INTERVALS} \
         intervals on), or if at most half as many spikes lie outside (where random firing has {MANY_OUTSIDE} or more \
         outside) and bursts fill at most half of the time. Bursts of several electrodes are also more than chance if \
         those of at least two electrodes are, and of a quarter of the electrodes with bursts.",
        ms(BURST_MAX_ISI_S),
        REFRACTORY_S * 1000.0,
    );
    let burst_rate = format!(
        "Bursts per minute of the time in which an electrode was observed, mean over the active electrodes. Not given \
         for less than {MIN_DURATION_S} s."
    );
    vec![
        new("n_spikes", ("Spikes", ""), "Peaks beyond the threshold, or the spikes that a file holds.", ""),
        new("duration_s", ("Recorded time", "s"), "All segments together, without the pauses between them.", ""),
        new("n_electrodes", ("Electrodes", ""), "All electrodes of the well, silent ones too.", ""),
        new("active_electrodes", ("Active electrodes", ""), active, ACTIVE_SOURCE),
        new(
            "mean_rate_hz",
            ("Firing rate", "Hz"),
            "Spikes per second of the time in which an electrode was observed, mean over the active electrodes.",
            "",
        ),
        new("n_bursts", ("Bursts", ""), burst, BURST_SOURCE),
        new("bursts_per_min", ("Burst rate", "per min"), burst_rate, ""),
    ]
}

fn of_the_network() -> Vec<Definition> {
    let per_min = format!(
        "{} Electrodes up to {SAME_NEURON_UM} µm apart of which one shares {} of its spikes with the other within {}, \
         more than with what fires a little earlier or later, see the same neuron: such a spike counts on one of them. \
         The number is that per minute of recorded time; of a plate, the mean over the wells with enough active \
         electrodes.",
        network_burst(),
        percent(SAME_NEURON_SHARE),
        ms(SAME_SPIKE_S)
    );
    let shifted = format!(
        "As a control the same search goes over {SHIFTED_COPIES} copies of the recording in which the bursts of every \
         electrode are moved along the recording by a random time of its own, what leaves at the end coming in at the \
         start; the mean number is given. Each electrode does what it did, but nothing is common any more, so what is \
         still found is chance. Such copies test whether electrodes burst at the same moments, not whether they are \
         connected."
    );
    let near = format!(
        "The same in {NEAR_COPIES} copies in which electrodes are moved by so little that a rate which changes slowly \
         stays. Where they hold half as many, such a change explains the network bursts. It also does where these last \
         for two fifths of the recording, and then all of them are counted here."
    );
    let sttc = format!(
        "The spike time tiling coefficient tells how much more often than by chance two electrodes fire within {} of \
         each other, whatever their rates: 1 is always, 0 as often as by chance. The number is the mean over all pairs \
         of active electrodes of a well, without those that fire so densely that no time is away from their spikes; of \
         a plate, the mean over its wells.",
        ms(STTC_DT_S)
    );
    vec![
        new("n_network_bursts", ("Network bursts", ""), network_burst(), NETWORK_SOURCE),
        new("network_bursts_per_min", ("Network bursts", "per min"), per_min, NETWORK_SOURCE),
        new("network_bursts_per_min_shifted", ("Network bursts in shifted copies", "per min"), shifted, ""),
        new("network_bursts_per_min_near", ("Network bursts in slightly shifted copies", "per min"), near, ""),
        new(
            "network_burst_participants",
            ("Electrodes in a network burst", ""),
            "Active electrodes that join a network burst, mean over the network bursts.",
            "",
        ),
        new(
            "network_burst_participation",
            ("Share of electrodes in a network burst", ""),
            "The same as a share of the active electrodes of the well.",
            "",
        ),
        new(
            "network_burst_duration_s",
            ("Duration of a network burst", "s"),
            "From its beginning to its end, mean over the network bursts.",
            "",
        ),
        new("synchrony_sttc", ("Synchrony (STTC)", ""), sttc, STTC_SOURCE),
    ]
}

fn network_burst() -> String {
    let [interval, shorter] = BOUT_INTERVALS_S.map(ms);
    let chance = percent(CHANCE_MAX_SHARE);
    let seldom = (1.0 / CHANCE_MAX_PROBABILITY).round();
    format!(
        "An electrode joins while it fires at least {BOUT_MIN_SPIKES} spikes of which each follows the one before \
         within {interval}. A network burst is where at least N active electrodes of a well join at once; it lasts \
         while their number stays above halfway between the usual number and N, and those less than {} apart are one. \
         N is at least {NETWORK_MIN_ELECTRODES} and at least {} of the active electrodes, and so large that \
         electrodes which know nothing of each other would bring at most {chance} of the network bursts that are \
         found, and would bring as many as were found in at most one of {seldom} recordings. This is computed exactly from how \
         often and how long each electrode joins, first over the whole recording and then outside the network bursts; \
         the few that are then added must be more than chance by themselves. \
         Where N exceeds {} of the electrodes, {shorter} are tried in place of {interval}. Not given for less than \
         {NETWORK_MIN_ACTIVE} active electrodes or {MIN_DURATION_S} s.",
        ms(NETWORK_GAP_S),
        percent(NETWORK_MIN_SHARE),
        percent(BOUT_FIRST_SHARE),
    )
}

fn of_channels() -> Vec<Definition> {
    let rate = "Spikes per second of the time in which the electrode was observed.";
    let amplitude = "Mean size of the peaks of the spikes, with the sign that most of them have.";
    let noise = "Deviation of the filtered and referenced signal, by the estimate that the methods name.";
    let threshold = "Size that a peak must exceed: the noise times the chosen factor.";
    vec![
        new("rate_hz", ("Rate", "Hz"), rate, ""),
        new("n_spikes_in_bursts", ("Spikes in bursts", ""), "Spikes of the electrode that lie inside its bursts.", ""),
        new(
            "time_in_bursts_s",
            ("Time in bursts", "s"),
            "From the first to the last spike of each burst, all together.",
            "",
        ),
        new("mean_amplitude_uv", ("Amplitude", "µV"), amplitude, ""),
        new("noise_uv", ("Noise", "µV"), noise, ""),
        new("threshold_uv", ("Threshold", "µV"), threshold, ""),
    ]
}

/// Ids of the definitions of intervals.
const INTERVALS: [&str; 4] = [
    "intervals.active_electrodes",
    "intervals.mean_rate_hz",
    "intervals.network_bursts_per_min",
    "intervals.synchrony_sttc",
];

/// What the intervals of the five numbers mean. Those of firing and burst rate are one.
fn of_intervals() -> [Definition; 4] {
    let active = "The 95 % interval of the number of active electrodes is that of the score of a share, of all electrodes \
        that work: what other electrodes in their places might have shown.";
    let means = format!(
        "The 95 % interval of firing rate and burst rate is the middle 95 % of the means of {RESAMPLES} draws of as many \
         active electrodes, with replacement, the same draws every time. Not given for less than {MIN_RESAMPLED} active \
         electrodes."
    );
    let network = format!(
        "The 95 % interval of network bursts per minute is the exact one of their count, if they come at random \
         (Poisson); those that come regularly are known better than that. Of a plate it is that of the mean over the \
         wells, from draws of wells, and not given for less than {MIN_RESAMPLED}."
    );
    let synchrony = format!(
        "The 95 % interval of synchrony comes from leaving out each active electrode in turn (jackknife), because pairs \
         share electrodes. Of a plate it is that of the mean over the wells, from draws of wells. Not given for less than \
         {MIN_RESAMPLED} active electrodes or wells."
    );
    let [of_active, of_means, of_network, of_synchrony] = INTERVALS;
    let wilson = "Wilson 1927, doi:10.1080/01621459.1927.10502953";
    let bootstrap = "Efron & Tibshirani 1986, doi:10.1214/ss/1177013815";
    let garwood = "Garwood 1936, doi:10.1093/biomet/28.3-4.437";
    let jackknife = "Arvesen 1969, doi:10.1214/aoms/1177697287";
    [
        new(of_active, ("Interval of active electrodes", ""), active, wilson),
        new(of_means, ("Interval of rates", ""), means, bootstrap),
        new(of_network, ("Interval of network bursts", "per min"), network, garwood),
        new(of_synchrony, ("Interval of synchrony", ""), synchrony, jackknife),
    ]
}

/// A time in milliseconds.
fn ms(seconds: f64) -> String {
    format!("{} ms", (seconds * 1000.0).round())
}

/// A share in percent.
fn percent(share: f64) -> String {
    format!("{} %", (share * 100.0).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_the_values_that_are_used() {
        let all = definitions();
        let text = |id: &str| all.iter().find(|definition| definition.id == id).map(|known| known.text.as_str());
        for (id, part) in [
            ("active_electrodes", "at least 5 spikes per minute"),
            (
                "n_bursts",
                "at least 5 spikes of which each follows the one before within 100 ms (exactly 100 ms counts)",
            ),
            ("n_network_bursts", "at least 3 spikes of which each follows the one before within 200 ms."),
            ("n_network_bursts", "less than 300 ms apart are one. N is at least 3 and at least 25 % of the active"),
            ("n_network_bursts", "at most 5 % of the network bursts that are found"),
            ("n_network_bursts", "one of 10000 recordings. This"),
            ("n_network_bursts", "exceeds 40 % of the electrodes, 100 ms are tried"),
            ("n_network_bursts", "less than 4 active electrodes or 30 s."),
            ("network_bursts_per_min_shifted", "over 20 copies"),
            ("synchrony_sttc", "within 50 ms"),
            ("intervals.mean_rate_hz", "1000 draws of as many active electrodes"),
            ("intervals.mean_rate_hz", "less than 6 active electrodes."),
        ] {
            assert!(text(id).is_some_and(|text| text.contains(part)), "{id}: {part} is not in {:?}", text(id));
        }
        let words = sentences();
        assert!(
            words.contains("their spikes; of a plate, the mean over its wells (Cutts & Eglen 2014, doi:"),
            "{words}"
        );
        let mut ids: Vec<&str> = all.iter().map(|definition| definition.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len(), "one definition for each number");
    }
}
