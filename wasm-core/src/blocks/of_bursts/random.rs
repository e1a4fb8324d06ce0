//! Random firing beside the bursts that were found: columns, a sentence, and the words of a block.

use crate::analyses::{
    BesideRandom, Burst, BurstSums, DEVIATIONS, FAST_INTERVALS, MANY_FOUND, MANY_OUTSIDE, RANDOM_COPIES, RANDOM_SPIKES,
    REFRACTORY_S, SpikeTrains, TIMES_AS_FAST, Verdict, drawn_bursts,
};
use crate::table::Table;

/// The words of a block about chance.
pub fn chance_words() -> String {
    format!(
        "The number of bursts stands beside that in random firing at the same rate: spikes that are independent but for \
         a refractory time of {} ms (Poisson). For each electrode {RANDOM_COPIES} such trains of up to {RANDOM_SPIKES} \
         spikes are drawn, the same every time. Bursts are more than chance if there are more than twice as many as in \
         these trains on average, and at least {DEVIATIONS} standard deviations more. Fewer than {MANY_FOUND} bursts \
         must also have a probability of at most 1 % (Poisson). Whatever their number, bursts are also more than chance \
         for one of two reasons. Inside them, spikes follow each other {TIMES_AS_FAST} times as fast as inside bursts \
         of random firing (from {FAST_INTERVALS} intervals on). Or at most half as many spikes lie outside them as in \
         random firing (where that has {MANY_OUTSIDE} or more outside), and they fill at most half of the time. No \
         drawn train may be faster, or have fewer spikes outside. Bursts of several electrodes together are also more \
         than chance if those of at least two electrodes are, and of a quarter of the electrodes with bursts. A rate \
         that changes during the recording also counts as more than chance.",
        REFRACTORY_S * 1000.0
    )
}

/// The bursts of a channel, a list per segment, beside those that `find` finds in random firing at its rate.
pub fn beside_random(
    of: &SpikeTrains,
    channel: usize,
    bursts: &[Vec<Burst>],
    find: &dyn Fn(&[i64]) -> Vec<Burst>,
) -> BesideRandom {
    let n_frames = of.observed_s(channel) * of.rate_hz();
    let random = drawn_bursts(of.of(channel), n_frames, of.rate_hz(), find);
    BesideRandom::new(BurstSums::of(bursts.iter().flatten()), (of.n_spikes(channel), n_frames), random)
}

/// A table with random firing beside the bursts of each row.
pub fn with_random(table: Table, rows: &[BesideRandom]) -> Table {
    table
        .numbers(
            ("n_bursts_random", "In random firing at the same rate (mean)", ""),
            rows.iter().map(|row| Some(row.by_chance.mean)),
        )
        .numbers(
            ("times_as_fast_inside", "Times as fast inside as in random firing", ""),
            rows.iter().map(BesideRandom::times_as_fast),
        )
        .texts(("chance", "Against random firing"), rows.iter().map(|row| row.verdict().words().to_owned()))
}

/// Random firing beside bursts, as a sentence; nothing beside none.
pub fn told_random(of: &BesideRandom) -> String {
    let mean = of.by_chance.mean;
    let about = if mean < 10.0 { format!("{mean:.1}") } else { format!("{mean:.0}") };
    let of_electrodes = of.electrodes().map(|(n_more, n_bursting)| {
        format!("together no more, but on {n_more} of {n_bursting} electrodes with bursts they are more than chance")
    });
    let verdict = match (of.by_count(), of.faster(), of.few_outside()) {
        (Verdict::NoneFound, ..) => return String::new(),
        (Verdict::MoreThanChance, ..) => "these are more bursts than random firing brings".to_owned(),
        (_, Some(times), _) => {
            format!("inside these bursts spikes follow each other {times:.1} times as fast, which is more than chance")
        }
        (_, None, Some((outside, random))) => format!(
            "few spikes lie outside these bursts, {outside:.0} % where random firing has {random:.0} %, which is more \
             than chance"
        ),
        (_, None, None) if of_electrodes.is_some() => of_electrodes.unwrap_or_default(),
        (Verdict::TooFew, None, None) => "these are too few to tell from random firing".to_owned(),
        (Verdict::Chance, None, None) => "these are no more bursts than random firing brings".to_owned(),
    };
    format!(" Random firing at the same rates gives about {about}: {verdict}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::{ByChance, RandomBursts, Spread};

    #[test]
    fn the_sentence_follows_what_chance_brings() {
        let with = |n: u32, mean: f64, interval: f64, n_outside: f64| {
            let time = 100.0 * f64::from(n);
            let found = BurstSums { n: n.into(), n_intervals: 10 * u64::from(n), time };
            let count = ByChance { mean, ..ByChance::default() };
            let random = RandomBursts {
                count,
                mean_interval: Some(Spread::exact(interval)),
                n_outside: Spread::exact(n_outside),
            };
            told_random(&BesideRandom::new(found, (500, 10_000.0), random))
        };
        let told = |n, mean, interval| with(n, mean, interval, 0.0);
        assert_eq!(told(0, 3.0, 10.0), "");
        let brings = " Random firing at the same rates gives about";
        assert_eq!(told(40, 1.3, 10.0), format!("{brings} 1.3: these are more bursts than random firing brings."));
        assert_eq!(told(40, 35.4, 10.0), format!("{brings} 35: these are no more bursts than random firing brings."));
        assert_eq!(told(3, 1.0, 10.0), format!("{brings} 1.0: these are too few to tell from random firing."));
        let fast = "inside these bursts spikes follow each other 2.5 times as fast, which is more than chance";
        assert_eq!(told(40, 35.4, 25.0), format!("{brings} 35: {fast}."));
        assert_eq!(told(3, 1.0, 25.0), told(3, 1.0, 10.0));
        // 40 bursts have 440 of 500 spikes.
        let few = "few spikes lie outside these bursts, 12 % where random firing has 50 %, which is more than chance";
        assert_eq!(with(40, 35.4, 10.0, 250.0), format!("{brings} 35: {few}."));
    }
}
