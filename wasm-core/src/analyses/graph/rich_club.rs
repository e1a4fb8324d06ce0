//! Whether nodes with many edges are linked with each other.

use super::links::{Links, ones};
use crate::analyses::mean;

/// The nodes with more edges than some number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RichClub {
    /// The number.
    pub degree: u32,
    /// How many nodes have more edges; at least two.
    pub n_nodes: u32,
    /// The share of their pairs that is linked (Zhou & Mondragón 2004, doi:10.1109/LCOMM.2004.823426).
    pub linked: f64,
    /// The share of linked pairs in copies that keep the number of edges of each node (Colizza et al. 2006,
    /// doi:10.1038/nphys209).
    pub linked_in_copies: Option<f64>,
}

/// For each number of edges, from 0 on, while two nodes have more.
pub fn rich_club(links: &Links, copies: &[Links]) -> Vec<RichClub> {
    let degrees: Vec<u32> = (0..links.n_nodes()).map(|node| links.degree(node)).collect();
    let clubs = shares(links, &degrees);
    let of_copies: Vec<Vec<(u32, f64)>> = copies.iter().map(|copy| shares(copy, &degrees)).collect();
    let club = |(degree, (at, (n_nodes, linked))): (u32, (usize, &(u32, f64)))| RichClub {
        degree,
        n_nodes: *n_nodes,
        linked: *linked,
        linked_in_copies: mean(of_copies.iter().map(|copy| copy[at].1)),
    };
    (0..).zip(clubs.iter().enumerate()).map(club).collect()
}

/// For each number of edges how many nodes have more, and the share of their pairs that is linked.
fn shares(links: &Links, degrees: &[u32]) -> Vec<(u32, f64)> {
    let most = degrees.iter().copied().max().unwrap_or(0);
    // Nodes and links by the number of edges up to which they are in the club.
    let mut nodes = vec![0_u32; most as usize + 1];
    let mut edges = nodes.clone();
    for (node, degree) in degrees.iter().enumerate() {
        nodes[*degree as usize] += 1;
        for other in ones(links.row(node)).filter(|other| *other > node) {
            edges[degrees[other].min(*degree) as usize] += 1;
        }
    }
    let mut shares = Vec::new();
    let (mut n, mut n_edges) = (nodes.iter().sum::<u32>(), edges.iter().sum::<u32>());
    for (nodes, edges) in nodes.iter().zip(&edges) {
        n -= nodes;
        n_edges -= edges;
        if n < 2 {
            break;
        }
        shares.push((n, 2.0 * f64::from(n_edges) / (f64::from(n) * f64::from(n - 1))));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hubs_of_two_stars_are_a_club() {
        // Two hubs, linked, with two others each.
        let mut links = Links::new(7);
        for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 4), (1, 5)] {
            links.set(a, b, true);
        }
        let found = rich_club(&links, std::slice::from_ref(&links));
        let told: Vec<(u32, u32)> = found.iter().map(|club| (club.degree, club.n_nodes)).collect();
        assert_eq!(told, [(0, 6), (1, 2), (2, 2)]);
        assert_eq!(found.iter().map(|club| club.linked).collect::<Vec<_>>(), [10.0 / 30.0, 1.0, 1.0]);
        assert!(found.iter().all(|club| club.linked_in_copies == Some(club.linked)));
        assert!(rich_club(&Links::new(4), &[]).is_empty());
    }
}
