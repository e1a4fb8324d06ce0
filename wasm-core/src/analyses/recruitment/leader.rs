//! The leader among electrodes that join alike: by chance the best of many always leads more often than the mean, and
//! one that fires much at rest leads where its resting spikes run into the network burst.

use crate::analyses::random::Random;

/// Draws of all first places.
pub const LEADER_DRAWS: u64 = 1000;

/// The share of draws in which no electrode leads more often than is told, in percent.
pub const LEADER_PERCENT: u64 = 95;

/// The most first places of the best electrode in 95 % of draws, in which chance gives the first place of
/// each network burst to one of its `orders[burst]`, the trains with a place in its order. `resting[train]` are the
/// spikes that it fires at rest within the longest lead-up, on average. None without such a network burst.
#[must_use]
pub fn most_led_by_chance(orders: &[Vec<usize>], resting: &[f64]) -> Option<u32> {
    let n_trains = orders.iter().flatten().max()? + 1;
    let steps: Vec<Vec<f64>> = orders.iter().map(|order| steps(order, resting)).collect();
    let best = |draw| best_of((orders, &steps), n_trains, Random::new(draw));
    let mut most: Vec<u32> = (0..LEADER_DRAWS).map(best).collect();
    most.sort_unstable();
    let n_inside = usize::try_from((LEADER_DRAWS * LEADER_PERCENT).div_ceil(100)).unwrap_or_default();
    most.get(n_inside.checked_sub(1)?).copied()
}

/// The probability that one of the trains up to each leads, where all join alike.
///
/// A train that rests with `a` spikes in a lead-up on average (Poisson) has none there with probability `exp(-a)`, and
/// a lead-up of resting spikes, behind a gap as long, with `a exp(-a)`: of those with a place in the order 1 / (1 + a)
/// join without resting spikes. Where all do, each leads alike; where not, each leads in proportion to its `a`.
#[expect(clippy::cast_precision_loss, reason = "a count of electrodes")]
fn steps(order: &[usize], resting: &[f64]) -> Vec<f64> {
    let of = |train: &usize| resting.get(*train).copied().unwrap_or_default();
    let all: f64 = order.iter().map(of).sum();
    let none: f64 = order.iter().map(|train| 1.0 / (1.0 + of(train))).product();
    let mut sum = 0.0;
    let step = |train: &usize| {
        let rests = if all > 0.0 { (1.0 - none) * of(train) / all } else { 0.0 };
        sum += none / order.len() as f64 + rests;
        sum
    };
    order.iter().map(step).collect()
}

/// The first places of the best train in one draw.
fn best_of((orders, steps): (&[Vec<usize>], &[Vec<f64>]), n_trains: usize, mut random: Random) -> u32 {
    let mut n_led = vec![0_u32; n_trains];
    for (order, steps) in orders.iter().zip(steps) {
        let drawn = random.uniform();
        let place = steps.partition_point(|step| *step <= drawn).min(order.len().saturating_sub(1));
        if let Some(first) = order.get(place) {
            n_led[*first] += 1;
        }
    }
    n_led.into_iter().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_many_is_above_the_mean_by_chance() {
        // Of two electrodes the best has more than 8 of 10 in 22 of 1,024 cases, more than 7 in 112.
        assert_eq!(most_led_by_chance(&vec![vec![0, 1]; 10], &[]), Some(8));
        // Of 16 electrodes each would lead 1.25 of 20; the best has more than 4 in 10.5 %, more than 5 in 1.7 % of
        // cases.
        let sixteen: Vec<usize> = (0..16).collect();
        assert_eq!(most_led_by_chance(&vec![sixteen; 20], &[0.0; 16]), Some(5));
    }

    #[test]
    fn each_network_burst_has_electrodes_of_its_own() {
        let of = |orders: &[Vec<usize>]| most_led_by_chance(orders, &[]);
        // One that is alone in the order always leads.
        assert_eq!(of(&vec![vec![3]; 7]), Some(7));
        assert_eq!(of(&[vec![0], vec![1], vec![]]), Some(1));
        assert_eq!((of(&[]), of(&[vec![], vec![]])), (None, None));
        assert_eq!(of(&vec![vec![0, 1]; 10]), of(&vec![vec![0, 1]; 10]));
    }

    #[test]
    fn who_fires_much_at_rest_leads_more_often_by_chance() {
        // 3 Hz and 0.1 Hz for 200 ms: 1 - 1 / 1.6 / 1.02^15 = 0.536 of the network bursts begin with resting spikes.
        let mut resting = [0.02; 16];
        resting[0] = 0.6;
        let sixteen: Vec<usize> = (0..16).collect();
        let steps = steps(&sixteen, &resting);
        let none = 1.0 / 1.6 / libm::pow(1.02, 15.0);
        assert!((steps[0] - (none / 16.0 + (1.0 - none) * 0.6 / 0.9)).abs() < 1e-12, "{steps:?}");
        assert!((steps[15] - 1.0).abs() < 1e-12, "{steps:?}");
        // Of 60 it leads 23.2 +- 3.8, and at most 29 in 95 % of cases; alike, the best of all leads some 10.
        let most = |resting: &[f64]| most_led_by_chance(&vec![sixteen.clone(); 60], resting);
        assert!(most(&resting).is_some_and(|most| (28..=31).contains(&most)), "{:?}", most(&resting));
        assert!(most(&[]).is_some_and(|most| (8..=11).contains(&most)), "{:?}", most(&[]));
    }
}
