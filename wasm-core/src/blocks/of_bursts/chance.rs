//! Random firing beside the bursts that were found: columns, a sentence, and the words of a block.

use crate::analyses::{ByChance, RANDOM_COPIES, REFRACTORY_S, SpikeTrains, Verdict, by_chance};
use crate::table::Table;

/// The words of a block about chance.
pub fn chance_words() -> String {
    format!(
        "Beside the count stands that in random firing at the same rate: spikes that know nothing of each other but a \
         refractory time of {} ms (Poisson), in up to {RANDOM_COPIES} trains that are drawn for each electrode, the \
         same every time. Where these hold half as many bursts or more on average, the electrode has no more bursts \
         than random firing; fewer than ten must be seldom by chance as well (Poisson, 1 %). A rate that changes over \
         the recording is more than random firing, too.",
        REFRACTORY_S * 1000.0
    )
}

/// The bursts of random firing at the rate of a channel, by a method that counts them.
pub fn chance_of(of: &SpikeTrains, channel: usize, count: &dyn Fn(&[i64]) -> usize) -> ByChance {
    by_chance(of.of(channel), of.observed_s(channel) * of.rate_hz(), of.rate_hz(), count)
}

/// A table with what random firing brings beside the bursts of each row.
pub fn beside_chance(table: Table, rows: &[(u64, ByChance)]) -> Table {
    table
        .numbers(
            ("n_bursts_random", "In random firing at the same rate (mean)", ""),
            rows.iter().map(|(_, chance)| Some(chance.mean)),
        )
        .texts(
            ("chance", "Against random firing"),
            rows.iter().map(|(n, chance)| Verdict::beside(*n, *chance).words().to_owned()),
        )
}

/// Random firing beside so many bursts, as a sentence; nothing beside none.
pub fn told_chance(n: u64, chance: ByChance) -> String {
    let about = if chance.mean < 10.0 { format!("{:.1}", chance.mean) } else { format!("{:.0}", chance.mean) };
    let verdict = match Verdict::beside(n, chance) {
        Verdict::NoneFound => return String::new(),
        Verdict::MoreThanChance => "these are more bursts than random firing brings",
        Verdict::TooFew => "these are too few to tell from random firing",
        Verdict::Chance => "these are no more bursts than random firing brings",
    };
    format!(" Random firing at the same rates gives about {about}: {verdict}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_follows_what_chance_brings() {
        let told = |n: u64, mean: f64| told_chance(n, ByChance { mean, least: 0.0 });
        assert_eq!(told(0, 3.0), "");
        let brings = " Random firing at the same rates gives about";
        assert_eq!(told(40, 1.3), format!("{brings} 1.3: these are more bursts than random firing brings."));
        assert_eq!(told(40, 35.4), format!("{brings} 35: these are no more bursts than random firing brings."));
        assert_eq!(told(3, 1.0), format!("{brings} 1.0: these are too few to tell from random firing."));
    }
}
