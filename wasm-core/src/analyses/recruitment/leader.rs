//! The leader among electrodes that are alike: by chance the best of many always leads more often than the mean.

use crate::analyses::random::Random;

/// Draws of all first places.
pub const LEADER_DRAWS: u64 = 1000;

/// The share of draws in which no electrode leads more often than is told, in percent.
pub const LEADER_PERCENT: u64 = 95;

/// The most first places of the best electrode in 95 % of draws, in which chance gives the first place of
/// each network burst to one of its `orders[burst]`, the trains with a place in its order. None without such a network
/// burst.
#[must_use]
pub fn most_led_by_chance(orders: &[Vec<usize>]) -> Option<u32> {
    let n_trains = orders.iter().flatten().max()? + 1;
    let mut most: Vec<u32> = (0..LEADER_DRAWS).map(|draw| best_of(orders, n_trains, Random::new(draw))).collect();
    most.sort_unstable();
    let n_inside = usize::try_from((LEADER_DRAWS * LEADER_PERCENT).div_ceil(100)).unwrap_or_default();
    most.get(n_inside.checked_sub(1)?).copied()
}

/// The first places of the best train in one draw.
fn best_of(orders: &[Vec<usize>], n_trains: usize, mut random: Random) -> u32 {
    let mut n_led = vec![0_u32; n_trains];
    for order in orders {
        if let Some(first) = order.get(random.place(order.len())) {
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
        assert_eq!(most_led_by_chance(&vec![vec![0, 1]; 10]), Some(8));
        // Of 16 electrodes each would lead 1.25 of 20; the best has more than 4 in 10.5 %, more than 5 in 1.7 % of cases.
        let sixteen: Vec<usize> = (0..16).collect();
        assert_eq!(most_led_by_chance(&vec![sixteen; 20]), Some(5));
    }

    #[test]
    fn each_network_burst_has_electrodes_of_its_own() {
        // One that is alone in the order always leads.
        assert_eq!(most_led_by_chance(&vec![vec![3]; 7]), Some(7));
        assert_eq!(most_led_by_chance(&[vec![0], vec![1], vec![]]), Some(1));
        assert_eq!((most_led_by_chance(&[]), most_led_by_chance(&[vec![], vec![]])), (None, None));
        assert_eq!(most_led_by_chance(&vec![vec![0, 1]; 10]), most_led_by_chance(&vec![vec![0, 1]; 10]));
    }
}
