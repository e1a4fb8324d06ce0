//! Whether a graph is a small world.

use super::links::Links;
use super::rewire::{Towards, rewired};
use crate::analyses::mean;
use crate::analyses::random::Random;

/// How a graph compares with copies in which every node keeps its number of edges. All is absent where none were
/// made, and where nothing can be exchanged: without two edges that share no node, or where all pairs are linked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SmallWorld {
    /// Mean clustering of random copies.
    pub clustering_random: Option<f64>,
    /// Mean path length of random copies.
    pub path_length_random: Option<f64>,
    /// Mean clustering of copies that are like lattices.
    pub clustering_lattice: Option<f64>,
    /// (C / C of random copies) / (L / L of random copies): above 1 in a small world (Humphries & Gurney 2008,
    /// doi:10.1371/journal.pone.0002051).
    pub sigma: Option<f64>,
    /// L of random copies / L - C / C of lattices: near 0 in a small world, -1 in a lattice, 1 at random (Telesford et
    /// al. 2011, doi:10.1089/brain.2011.0038).
    pub omega: Option<f64>,
}

/// Copies of a graph.
pub struct Copies {
    pub random: Vec<Links>,
    lattices: Vec<Links>,
}

impl Copies {
    /// So many of each kind; none where nothing can be exchanged.
    pub fn new(links: &Links, n_copies: usize, random: &mut Random) -> Self {
        let n_copies = if can_change(links) { n_copies } else { 0 };
        let mut copies = |towards| (0..n_copies).map(|_| rewired(links, towards, random)).collect::<Vec<Links>>();
        Self { random: copies(Towards::Chance), lattices: copies(Towards::Lattice) }
    }

    /// Compares a graph of this clustering and path length with them.
    pub fn compared(&self, clustering: Option<f64>, path_length: Option<f64>) -> SmallWorld {
        let clustering_random = mean(self.random.iter().filter_map(mean_clustering));
        let path_length_random = mean(self.random.iter().filter_map(Links::path_length));
        let clustering_lattice = mean(self.lattices.iter().filter_map(mean_clustering));
        let over = |a: Option<f64>, b: Option<f64>| Some(a? / b.filter(|b| *b > 0.0)?);
        let sigma = || {
            let ways = over(path_length, path_length_random)?;
            Some(over(clustering, clustering_random)? / ways)
        };
        let omega = || Some(over(path_length_random, path_length)? - over(clustering, clustering_lattice)?);
        SmallWorld { clustering_random, path_length_random, clustering_lattice, sigma: sigma(), omega: omega() }
    }
}

fn mean_clustering(links: &Links) -> Option<f64> {
    mean((0..links.n_nodes()).map(|node| links.clustering(node)))
}

fn can_change(links: &Links) -> bool {
    let edges = links.edges();
    let n_nodes = links.n_nodes();
    let are_apart = |(a, b): (usize, usize), (c, d): (usize, usize)| a != c && a != d && b != c && b != d;
    let has_two = edges.iter().any(|one| edges.iter().any(|other| are_apart(*one, *other)));
    has_two && edges.len() < n_nodes * n_nodes.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes on a ring, each linked with the next two on both sides.
    fn lattice(n: usize) -> Links {
        let mut links = Links::new(n);
        for node in 0..n {
            links.set(node, (node + 1) % n, true);
            links.set(node, (node + 2) % n, true);
        }
        links
    }

    fn of(links: &Links, n_copies: usize) -> SmallWorld {
        Copies::new(links, n_copies, &mut Random::new(2)).compared(mean_clustering(links), links.path_length())
    }

    #[test]
    fn a_lattice_and_one_with_some_short_cuts_are_what_they_are() {
        let mut links = lattice(100);
        let found = of(&links, 5);
        assert!(found.omega.expect("copies") < -0.3, "{found:?}");
        for node in 0..10 {
            links.set(node * 10, (node * 37 + 50) % 100, true);
        }
        let small = of(&links, 5);
        assert!(small.sigma.expect("copies") > 3.0 && small.omega > found.omega, "{small:?}");
    }

    #[test]
    fn where_nothing_can_be_exchanged_nothing_is_said() {
        let none = SmallWorld::default();
        assert_eq!((of(&lattice(5), 5), of(&lattice(20), 0), of(&Links::new(0), 5)), (none, none, none));
        let mut triangle = Links::new(9);
        for (a, b) in [(0, 1), (1, 2), (0, 2)] {
            triangle.set(a, b, true);
        }
        assert_eq!(of(&triangle, 5), none);
    }
}
