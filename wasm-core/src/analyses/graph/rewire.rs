//! Copies of a graph in which every node keeps its number of edges.

use super::super::random::Random;
use super::links::Links;

/// Each edge is exchanged about so many times.
const SWAPS_PER_EDGE: usize = 10;

/// At most so many tries for each edge, and in all: where nearly all pairs are linked, few tries succeed.
const TRIES_PER_EDGE: usize = 200;
const MAX_TRIES: usize = 20_000_000;

/// The kind of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// Random (Maslov & Sneppen 2002, doi:10.1126/science.1065103).
    Chance,
    /// A lattice: nodes lie on a ring in random order, and no exchange makes edges longer (Sporns & Zwi 2004,
    /// doi:10.1385/NI:2:2:145).
    Lattice,
}

/// A copy: the ends of two edges are exchanged, `a - b` and `c - d` for `a - d` and `c - b`, again and again.
pub fn rewired(links: &Links, towards: Towards, random: &mut Random) -> Links {
    let n_nodes = links.n_nodes();
    let mut places: Vec<usize> = (0..n_nodes).collect();
    random.shuffle(&mut places);
    let apart = |a: usize, b: usize| {
        let way = places[a].abs_diff(places[b]);
        way.min(n_nodes - way)
    };
    let mut edges = links.edges();
    let mut copy = links.clone();
    let n_edges = edges.len();
    // As the toolbox has it: more tries in denser graphs.
    let tries_per_swap = 2 * n_edges / n_nodes.saturating_sub(1).max(1) + 1;
    let mut tries = (TRIES_PER_EDGE * n_edges).min(MAX_TRIES);
    for _ in 0..SWAPS_PER_EDGE * n_edges {
        for _ in 0..tries_per_swap {
            if tries == 0 {
                return copy;
            }
            tries -= 1;
            let (one, other) = (random.place(n_edges), random.place(n_edges));
            let ((a, b), (mut c, mut d)) = (edges[one], edges[other]);
            if random.place(2) == 1 {
                (c, d) = (d, c);
            }
            let share_a_node = a == c || a == d || b == c || b == d;
            if share_a_node || copy.has(a, d) || copy.has(c, b) {
                continue;
            }
            if towards == Towards::Lattice && apart(a, b) + apart(c, d) < apart(a, d) + apart(c, b) {
                continue;
            }
            copy.set(a, b, false);
            copy.set(c, d, false);
            copy.set(a, d, true);
            copy.set(c, b, true);
            (edges[one], edges[other]) = ((a, d), (c, b));
            break;
        }
    }
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_keep_their_number_of_edges() {
        let mut random = Random::new(4);
        let mut links = Links::new(40);
        for _ in 0..120 {
            let (a, b) = (random.place(40), random.place(40));
            if a != b {
                links.set(a, b, true);
            }
        }
        let degrees = |links: &Links| (0..40).map(|node| links.degree(node)).collect::<Vec<u32>>();
        let clustering = |links: &Links| (0..40).map(|node| links.clustering(node)).sum::<f64>();
        let [chance, lattice] =
            [Towards::Chance, Towards::Lattice].map(|towards| rewired(&links, towards, &mut random));
        assert!(degrees(&chance) == degrees(&links) && degrees(&lattice) == degrees(&links));
        assert!(chance != links && (0..40).all(|node| !chance.has(node, node)));
        assert!(clustering(&lattice) > 1.5 * clustering(&chance), "neighbours on a ring share neighbours");
    }

    #[test]
    fn where_nothing_can_be_exchanged_it_ends() {
        let mut star = Links::new(30);
        let mut all = Links::new(30);
        for node in 1..30 {
            star.set(0, node, true);
            for other in 0..node {
                all.set(other, node, true);
            }
        }
        for links in [star, all, Links::new(3), Links::new(0)] {
            assert_eq!(rewired(&links, Towards::Chance, &mut Random::new(1)), links);
        }
    }
}
