//! The shortest ways, and how many of them lead over each node.

use ndarray::Array2;

/// The shortest ways of a graph, as numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Ways {
    /// Mean length, where there is a way.
    pub path_length: Option<f64>,
    /// Mean of 1 / length, 0 where there is no way; none of fewer than two nodes.
    pub efficiency: Option<f64>,
    /// For each node the share of ways between two others that lead over it; none of fewer than three nodes.
    pub betweenness: Vec<Option<f64>>,
}

/// The shortest ways between all nodes, Dijkstra's from each of them; `lengths` of edges, `[node, node]`, are infinite
/// where there is none. Betweenness is counted as Brandes 2001 does, doi:10.1080/0022250X.2001.9990249.
#[expect(clippy::cast_precision_loss, reason = "counts of nodes")]
pub fn ways(lengths: &Array2<f64>) -> Ways {
    let n_nodes = lengths.nrows();
    let neighbours = |row: ndarray::ArrayView1<'_, f64>| {
        let each = row.iter().copied().enumerate();
        each.filter(|(_, length)| length.is_finite()).collect::<Vec<(usize, f64)>>()
    };
    let edges: Vec<Vec<(usize, f64)>> = lengths.rows().into_iter().map(neighbours).collect();
    let (mut n, mut sum, mut inverse) = (0_usize, 0.0, 0.0);
    let mut over = vec![0.0; n_nodes];
    for source in 0..n_nodes {
        let from = Source::new(&edges, source);
        for distance in from.order.iter().skip(1).map(|node| from.distances[*node]) {
            n += 1;
            sum += distance;
            inverse += 1.0 / distance;
        }
        from.add_over(&edges, &mut over);
    }
    let n_pairs = (n_nodes * n_nodes.saturating_sub(1)) as f64;
    let n_others = (n_nodes.saturating_sub(1) * n_nodes.saturating_sub(2)) as f64;
    Ways {
        path_length: (n > 0).then(|| sum / n as f64),
        efficiency: (n_pairs > 0.0).then(|| inverse / n_pairs),
        betweenness: over.into_iter().map(|over| (n_others > 0.0).then(|| over / n_others)).collect(),
    }
}

/// The shortest ways from one node.
struct Source {
    /// Infinite where there is no way.
    distances: Vec<f64>,
    /// How many shortest ways there are.
    n_ways: Vec<f64>,
    /// The nodes that are reached, from the nearest on; the source is the first.
    order: Vec<usize>,
}

impl Source {
    fn new(edges: &[Vec<(usize, f64)>], source: usize) -> Self {
        let n_nodes = edges.len();
        let mut distances = vec![f64::INFINITY; n_nodes];
        // The distances of nodes that may still be reached by a shorter way.
        let mut open = distances.clone();
        let mut n_ways = vec![0.0; n_nodes];
        let mut order = Vec::with_capacity(n_nodes);
        (distances[source], open[source], n_ways[source]) = (0.0, 0.0, 1.0);
        while let Some(node) = nearest(&open) {
            open[node] = f64::INFINITY;
            order.push(node);
            for (other, length) in &edges[node] {
                let way = distances[node] + length;
                if way < distances[*other] {
                    distances[*other] = way;
                    open[*other] = way;
                    n_ways[*other] = n_ways[node];
                } else if way == distances[*other] {
                    n_ways[*other] += n_ways[node];
                }
            }
        }
        Self { distances, n_ways, order }
    }

    /// Adds to each node the shares of the ways from here that lead over it.
    fn add_over(&self, edges: &[Vec<(usize, f64)>], over: &mut [f64]) {
        let mut beyond = vec![0.0; self.distances.len()];
        for node in self.order.iter().skip(1).rev() {
            for (before, length) in &edges[*node] {
                if self.distances[*before] + length == self.distances[*node] {
                    beyond[*before] += (1.0 + beyond[*node]) * self.n_ways[*before] / self.n_ways[*node];
                }
            }
            over[*node] += beyond[*node];
        }
    }
}

/// The place of the least that is finite.
fn nearest(open: &[f64]) -> Option<usize> {
    let mut least = f64::INFINITY;
    let mut place = None;
    for (at, distance) in open.iter().enumerate() {
        if *distance < least {
            least = *distance;
            place = Some(at);
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(n_nodes: usize, edges: &[(usize, usize, f64)]) -> Ways {
        let mut lengths = Array2::from_elem((n_nodes, n_nodes), f64::INFINITY);
        for (a, b, length) in edges {
            lengths[(*a, *b)] = *length;
            lengths[(*b, *a)] = *length;
        }
        ways(&lengths)
    }

    #[test]
    fn a_row_of_nodes_has_its_closed_forms() {
        let row = of(4, &[(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0)]);
        assert!((row.path_length.expect("ways") - 10.0 / 6.0).abs() < 1e-15);
        assert!((row.efficiency.expect("pairs") - (3.0 + 1.0 + 1.0 / 3.0) / 6.0).abs() < 1e-15);
        // Of three pairs of others, two lead over each node in the middle.
        let wanted = [0.0, 2.0 / 3.0, 2.0 / 3.0, 0.0];
        let found: Vec<f64> = row.betweenness.into_iter().flatten().collect();
        assert!(found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-15), "{found:?}");
    }

    #[test]
    fn two_equal_ways_count_half_each_and_a_detour_may_be_shorter() {
        let square = of(4, &[(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 0, 1.0)]);
        assert!(square.betweenness.iter().all(|over| *over == Some(1.0 / 6.0)), "{:?}", square.betweenness);
        let detour = of(3, &[(0, 1, 1.0), (1, 2, 1.0), (0, 2, 5.0)]);
        assert_eq!(detour.betweenness, [Some(0.0), Some(1.0), Some(0.0)]);
        assert_eq!(detour.path_length, Some(4.0 / 3.0));
    }

    #[test]
    fn what_is_not_defined_is_absent() {
        assert_eq!(of(2, &[(0, 1, 2.0)]).betweenness, [None, None]);
        let apart = of(3, &[]);
        assert_eq!((apart.path_length, apart.efficiency), (None, Some(0.0)));
        assert_eq!(of(0, &[]).efficiency, None);
    }
}
