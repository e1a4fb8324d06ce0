//! The top of the report: what the culture does in a sentence, and five numbers.

use super::active::{are_few, peaks_of_noise};
use super::markup::paragraph;
use crate::analyses::Verdict;
use crate::figure::escaped;
use crate::numbers::{count, counted, duration, significant};
use crate::recording::StreamKind;
use crate::run::{BurstsBesideRandom, Culture, Headline, MIN_RATE_S, Summary};

/// Title, sentence and numbers; the name is escaped.
pub fn top(summary: &Summary, name: &str, kind: StreamKind) -> String {
    // Nothing in it is a name that a person gave.
    let cards = kind.worded(&cards(summary).iter().map(Card::html).collect::<String>());
    format!(
        "<header>\n<p class=\"brand\">Neurocyte report</p>\n<h1>{name}</h1>\n{}<div class=\"cards\">\n{cards}</div>\n</header>\n",
        paragraph("lead", &sentence(summary, kind))
    )
}

/// The culture, or the cultures of a plate, in one sentence: report and result page begin with it.
#[must_use]
pub fn sentence(summary: &Summary, kind: StreamKind) -> String {
    kind.worded(&told(summary))
}

/// The sentence in the words for electrodes.
fn told(summary: &Summary) -> String {
    let Summary { headline, wells, channels, .. } = summary;
    let (length, electrodes) = (duration(headline.duration_s), counted(channels.len() as u64, "electrode"));
    if headline.n_spikes == 0 {
        return format!("No spikes in {length} of recording on {electrodes}.");
    }
    if headline.active_electrodes == 0 {
        let spikes = counted(headline.n_spikes, "spike");
        if headline.duration_s < MIN_RATE_S {
            return format!("{spikes} in {length} on {electrodes}: too short to tell how active they are.");
        }
        let what = match wells.len() {
            0 => "culture",
            1 => "well",
            _ => "plate",
        };
        return format!("The {what} is quiet: {spikes} in {length} on {electrodes}, of which none is active.");
    }
    let is_few = wells.is_empty() && are_few(headline.active_electrodes, channels.len(), headline.mean_rate_hz);
    let beside = BurstsBesideRandom::new(channels.iter());
    let is_random = wells.is_empty() && !bursts_more(headline.n_bursts, &beside) && !fires_as_network(headline);
    let noise_peaks = Some(channels)
        .filter(|_| is_random && summary.pipeline.has_signal())
        .and_then(|channels| peaks_of_noise(channels, summary.pipeline.threshold()));
    let what = match wells.as_slice() {
        [] if is_few => "Almost nothing fires".to_owned(),
        [] if noise_peaks.is_some() => "Noise can explain these spikes".to_owned(),
        [] => culture(headline, &beside),
        _ => plate(summary),
    };
    let active = headline.active_electrodes as u64;
    let are = if active == 1 { "is" } else { "are" };
    let rate =
        headline.mean_rate_hz.map_or_else(String::new, |rate| format!(", at {} Hz on average,", significant(rate)));
    let bursts = match (headline.n_bursts, headline.bursts_per_min) {
        (0, _) => " without bursts".into(),
        (n, None) => format!(" with {} in all", counted(n, "burst")),
        (_, Some(rate)) => format!(" with {} bursts per minute each", significant(rate)),
    };
    // Of a plate each well is judged by itself.
    let random = if wells.is_empty() { against_random(headline, &beside) } else { String::new() };
    let bursts = format!("{bursts}{random}");
    let network = network(headline, wells);
    let noise = match noise_peaks {
        _ if is_few => noise_words(summary),
        Some(peak) => {
            format!(" Their peaks reach {} x the threshold on average, as those of noise do.", significant(peak))
        }
        None => String::new(),
    };
    let short = too_short(headline);
    let over = if wells.is_empty() { ":" } else { ". Over all wells," };
    format!("{what}{over} {} of {electrodes} {are} active{rate}{bursts}; {network}.{noise}{short}", count(active))
}

/// That many intervals are too short for one neuron, as a further sentence.
fn too_short(headline: &Headline) -> String {
    headline.too_short_intervals.map_or_else(String::new, |share| {
        format!(
            " {} % of the intervals between spikes of one electrode are below 0.5 ms: the same spikes may be there more \
             than once, and bursts be made of them.",
            significant(share * 100.0)
        )
    })
}

/// Whether so many bursts are more than those of random firing; what is known of that decides, and else that there
/// are any.
fn bursts_more(n_bursts: u64, beside: &BurstsBesideRandom) -> bool {
    n_bursts > 0 && beside.verdict().is_none_or(|verdict| verdict == Verdict::MoreThanChance)
}

/// The words about bursts that are no more than those of random firing; none about others.
fn against_random(headline: &Headline, beside: &BurstsBesideRandom) -> String {
    if headline.n_bursts == 0 || bursts_more(headline.n_bursts, beside) {
        return String::new();
    }
    let more = match beside.verdict() {
        Some(Verdict::TooFew) => "too few to tell from random firing",
        _ => "no more bursts than random firing",
    };
    let per_min = beside.by_chance_per_min().filter(|_| headline.bursts_per_min.is_some());
    let about = match (per_min, beside.by_chance()) {
        (Some(per_min), _) => format!(" (about {} per minute each)", significant(per_min)),
        (None, Some(in_all)) => format!(" (about {} in all)", significant(in_all)),
        (None, None) => String::new(),
    };
    format!(", {more} at the same rates{about}")
}

/// Whether network bursts are more than chance.
fn fires_as_network(headline: &Headline) -> bool {
    headline.network_verdict() == Some(Verdict::MoreThanChance)
}

/// The activity of one culture, in words.
fn culture(headline: &Headline, beside: &BurstsBesideRandom) -> String {
    let what = match (bursts_more(headline.n_bursts, beside), fires_as_network(headline)) {
        (true, true) => "active, bursting and firing as a network",
        (true, false) => "active and bursting",
        (false, true) => "active and firing as a network",
        (false, false) => "active",
    };
    format!("The culture is {what}")
}

/// What the threshold lets through, as a further sentence; nothing where no threshold was set.
fn noise_words(summary: &Summary) -> String {
    if !summary.pipeline.has_signal() {
        return String::new();
    }
    let threshold = significant(summary.pipeline.threshold());
    format!(" Noise without any spike crosses {threshold} x noise now and then, and can explain so few.")
}

/// How many wells of a plate do so.
fn plate(summary: &Summary) -> String {
    let Summary { headline, channels, .. } = summary;
    let wells: Vec<&Culture> = summary.wells.iter().filter(|well| well.n_electrodes > 0).collect();
    let bursts = |well: &Culture| {
        let own = channels.iter().filter(|channel| channel.well == well.well);
        bursts_more(well.n_bursts, &BurstsBesideRandom::new(own))
    };
    let n = |does: &dyn Fn(&Culture) -> bool, one: &str, many: &str| {
        let n = wells.iter().filter(|well| does(well)).count() as u64;
        format!("{} {}", count(n), if n == 1 { one } else { many })
    };
    let verdict = |well: &Culture| well.network_verdict(headline.duration_s);
    let n_judged = wells.iter().filter(|well| verdict(well).is_some()).count();
    let is_network = |well: &Culture| verdict(well) == Some(Verdict::MoreThanChance);
    let (active, bursts) = (n(&is_active, "is active", "are active"), n(&bursts, "bursts", "burst"));
    let does = match (n_judged, n(&is_network, "fires as a network", "fire as a network")) {
        (0, _) => format!("{active} and {bursts}"),
        (judged, fire) if judged == wells.len() => format!("{active}, {bursts} and {fire}"),
        (judged, fire) => format!("{active} and {bursts}; of {} that can be judged, {fire}", count(judged as u64)),
    };
    format!("Of {}, {does}", counted(wells.len() as u64, "well"))
}

/// Whether enough electrodes of a well are active for the well to be.
fn is_active(well: &Culture) -> bool {
    well.active_electrodes > 0 && !are_few(well.active_electrodes, well.n_electrodes, well.mean_rate_hz)
}

/// The network bursts beside those of shifted copies.
fn network(headline: &Headline, wells: &[Culture]) -> String {
    let is_judged = |well: &&Culture| well.network_bursts_per_min.is_some();
    match (headline.network_bursts_per_min, headline.network_bursts_per_min_shifted) {
        (Some(0.0), _) => match wells.iter().filter(is_judged).count() {
            n if n == wells.len() => "there are no network bursts".into(),
            n => format!("there are no network bursts in {} that can be judged", counted(n as u64, "well")),
        },
        (Some(rate), shifted) => {
            let of_wells =
                over(wells, &|well| well.network_bursts_per_min).map_or_else(String::new, |of| format!(" ({of})"));
            let shifted = shifted.map_or_else(String::new, |shifted| {
                format!(", {} in copies in which electrodes are shifted against each other", significant(shifted))
            });
            // Of a plate each well has a verdict of its own.
            let verdict = headline.network_verdict().filter(|_| wells.is_empty());
            let verdict = match verdict {
                Some(Verdict::Chance) if headline.is_of_slow_rate() => {
                    ", and a slow change of the rate that electrodes share explains them"
                }
                Some(Verdict::Chance) => ": no more than chance",
                Some(Verdict::TooFew) => ": too few to tell from chance",
                _ => "",
            };
            let (rate, burst) = (significant(rate), if rate == 1.0 { "burst" } else { "bursts" });
            format!("{rate} network {burst} per minute{of_wells}{shifted}{verdict}")
        }
        (None, _) => {
            let reason = headline.absent.get("network_bursts_per_min").map_or("", String::as_str);
            format!("nothing is said of network bursts ({reason})")
        }
    }
}

/// Over how many wells of a plate a mean is taken.
fn over(wells: &[Culture], value: &dyn Fn(&Culture) -> Option<f64>) -> Option<String> {
    let n = wells.iter().filter(|well| value(well).is_some()).count() as u64;
    (n > 0).then(|| format!("mean of {} of {} wells", count(n), count(wells.len() as u64)))
}

/// A number with its unit, and of how many of all it is.
struct Card<'a> {
    title: &'static str,
    /// None where it is absent.
    value: Option<String>,
    unit: String,
    beside: Vec<String>,
    /// Why it is absent.
    reason: Option<&'a String>,
}

impl Card<'_> {
    fn html(&self) -> String {
        let unit = escaped(&self.unit);
        let value = match &self.value {
            Some(value) => format!("<span class=\"number\">{} <small>{unit}</small></span>", escaped(value)),
            None => "<span class=\"number\">–</span>".into(),
        };
        let reason = self.reason.filter(|_| self.value.is_none());
        let beside: Vec<String> = reason
            .into_iter()
            .chain(self.beside.iter().filter(|_| self.value.is_some()))
            .map(|text| format!("<span>{}</span>", escaped(text)))
            .collect();
        let beside = beside.concat();
        format!("<div class=\"card\"><h3>{}</h3>{value}{beside}</div>\n", self.title)
    }
}

/// The five numbers.
fn cards(summary: &Summary) -> Vec<Card<'_>> {
    let Summary { headline, wells, channels, .. } = summary;
    let (active, n) = (headline.active_electrodes as u64, channels.len() as u64);
    let of_active = format!("mean of {} of {}", count(active), counted(n, "electrode"));
    let card = |title: &'static str, field: &str, value: Option<f64>, unit: &str, beside: Vec<String>| Card {
        title,
        value: value.map(significant),
        unit: unit.into(),
        beside: headline.intervals.words(field, significant).into_iter().chain(beside).collect(),
        reason: headline.absent.get(field),
    };
    let n_left_out = channels.iter().filter(|channel| channel.left_out).count() as u64;
    let n_dead = channels.iter().filter(|channel| channel.dead).count() as u64;
    let set_aside = [(n_left_out, "left out"), (n_dead, "dead")].into_iter().filter(|(n, _)| *n > 0);
    let share = headline.intervals.words("active_electrodes", |value| format!("{value:.0}"));
    let active = Card {
        title: "Active electrodes",
        value: Some(count(active)),
        unit: format!("of {}", count(n)),
        beside: share.into_iter().chain(set_aside.map(|(n, what)| format!("{} {what}", count(n)))).collect(),
        reason: None,
    };
    let random = BurstsBesideRandom::new(channels.iter());
    let bursts = match headline.bursts_per_min {
        // Too short for numbers per minute.
        None if headline.n_bursts > 0 => Card {
            title: "Bursts",
            value: Some(count(headline.n_bursts)),
            unit: format!("in {}", duration(headline.duration_s)),
            beside: [format!("of {} of {}", count(headline.active_electrodes as u64), counted(n, "electrode"))]
                .into_iter()
                .chain(random.words(false))
                .collect(),
            reason: None,
        },
        value => {
            let beside = [of_active.clone()].into_iter().chain(random.words(true)).collect();
            card("Burst rate", "bursts_per_min", value, "per min", beside)
        }
    };
    let pairs = format!("all pairs of {} of {}", count(headline.active_electrodes as u64), counted(n, "electrode"));
    vec![
        active,
        card("Firing rate", "mean_rate_hz", headline.mean_rate_hz, "Hz", vec![of_active]),
        bursts,
        card(
            "Network bursts",
            "network_bursts_per_min",
            headline.network_bursts_per_min,
            "per min",
            of_network(headline, wells),
        ),
        card(
            "Synchrony",
            "synchrony_sttc",
            headline.synchrony_sttc,
            "STTC",
            vec![over(wells, &|well| well.synchrony_sttc).unwrap_or(pairs)],
        ),
    ]
}

/// The lines below the rate of network bursts.
fn of_network(headline: &Headline, wells: &[Culture]) -> Vec<String> {
    let in_all = headline.n_network_bursts.map(|n| format!("{} in {}", count(n), duration(headline.duration_s)));
    let shifted = headline.network_bursts_per_min_shifted;
    let shifted = shifted.map(|shifted| format!("{} in shifted copies", significant(shifted)));
    let joining = headline.network_burst_participants.map(|n| match wells {
        [] => format!("{} of {} electrodes take part", significant(n), count(headline.active_electrodes as u64)),
        _ => format!("{} electrodes take part", significant(n)),
    });
    let wells = over(wells, &|well| well.network_bursts_per_min);
    wells.into_iter().chain(in_all).chain(shifted).chain(joining).collect()
}
