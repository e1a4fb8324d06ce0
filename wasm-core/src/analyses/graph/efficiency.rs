//! Local efficiency.

use super::super::mean;
use super::links::{Links, ones};

/// The mean over the nodes of the efficiency among their neighbours: of 1 / links on the way from one to another, that
/// lead over neighbours alone; 0 where there is no way, and for nodes with fewer than two neighbours (Latora &
/// Marchiori 2001, doi:10.1103/PhysRevLett.87.198701).
pub fn local(links: &Links) -> Option<f64> {
    let of = |node: usize| {
        let (own, degree) = (links.row(node), links.degree(node));
        if degree < 2 {
            return 0.0;
        }
        let sum: f64 = ones(own).map(|other| links.reach(other, own).inverse).sum();
        sum / (f64::from(degree) * f64::from(degree - 1))
    };
    mean((0..links.n_nodes()).map(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_a_row_reach_each_other_the_long_way() {
        // A hub with three others in a row: 1 - 2 - 3.
        let mut links = Links::new(4);
        for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2), (2, 3)] {
            links.set(a, b, true);
        }
        // The hub and the middle: (1 + 1 + 1/2) / 3; both ends have two neighbours that are linked.
        let wanted = f64::midpoint(2.5 / 3.0, 1.0);
        assert!((local(&links).expect("nodes") - wanted).abs() < 1e-15);
        assert_eq!((local(&Links::new(2)), local(&Links::new(0))), (Some(0.0), None));
    }
}
