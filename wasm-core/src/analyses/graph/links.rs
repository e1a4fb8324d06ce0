//! Which nodes are linked.

/// A bit for each pair of nodes, so that common neighbours are counted 64 at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    n_nodes: usize,
    n_words: usize,
    bits: Vec<u64>,
}

/// Nodes at each distance from a node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    /// Number of nodes that are reached.
    pub n: u32,
    /// Sum of the distances.
    pub steps: f64,
    /// Sum of 1 / distance.
    pub inverse: f64,
}

impl Links {
    /// No link yet.
    pub fn new(n_nodes: usize) -> Self {
        let n_words = n_nodes.div_ceil(64);
        Self { n_nodes, n_words, bits: vec![0; n_nodes * n_words] }
    }

    pub const fn n_nodes(&self) -> usize {
        self.n_nodes
    }

    /// Neighbours of a node, a bit each.
    pub fn row(&self, node: usize) -> &[u64] {
        &self.bits[node * self.n_words..(node + 1) * self.n_words]
    }

    pub fn has(&self, a: usize, b: usize) -> bool {
        (self.row(a)[b / 64] >> (b % 64)) & 1 == 1
    }

    pub fn set(&mut self, a: usize, b: usize, is_linked: bool) {
        for (a, b) in [(a, b), (b, a)] {
            let word = &mut self.bits[a * self.n_words + b / 64];
            let bit = 1_u64 << (b % 64);
            *word = if is_linked { *word | bit } else { *word & !bit };
        }
    }

    pub fn degree(&self, node: usize) -> u32 {
        self.row(node).iter().map(|word| word.count_ones()).sum()
    }

    /// Each link once, the lower node first.
    pub fn edges(&self) -> Vec<(usize, usize)> {
        let of = |a: usize| ones(self.row(a)).filter(move |b| *b > a).map(move |b| (a, b));
        (0..self.n_nodes).flat_map(of).collect()
    }

    /// The share of pairs of a node's neighbours that are linked; 0 with fewer than two.
    pub fn clustering(&self, node: usize) -> f64 {
        let (own, degree) = (self.row(node), self.degree(node));
        if degree < 2 {
            return 0.0;
        }
        let shared = |other: usize| own.iter().zip(self.row(other)).map(|(a, b)| (a & b).count_ones()).sum::<u32>();
        f64::from(ones(own).map(shared).sum::<u32>()) / (f64::from(degree) * f64::from(degree - 1))
    }

    /// What can be reached from a node over nodes of `within` alone, a bit each.
    pub fn reach(&self, from: usize, within: &[u64]) -> Reach {
        let mut left = within.to_vec();
        left[from / 64] &= !(1 << (from % 64));
        let mut ring = vec![0; self.n_words];
        ring[from / 64] |= 1 << (from % 64);
        let mut reach = Reach::default();
        let mut distance = 0.0;
        loop {
            let mut next = vec![0; self.n_words];
            for node in ones(&ring) {
                for (next, (row, left)) in next.iter_mut().zip(self.row(node).iter().zip(&left)) {
                    *next |= row & left;
                }
                if next == left {
                    break;
                }
            }
            let n: u32 = next.iter().map(|word| word.count_ones()).sum();
            if n == 0 {
                return reach;
            }
            distance += 1.0;
            reach.n += n;
            reach.steps += distance * f64::from(n);
            reach.inverse += f64::from(n) / distance;
            for (left, next) in left.iter_mut().zip(&next) {
                *left &= !next;
            }
            ring = next;
        }
    }

    /// All nodes, a bit each.
    fn all(&self) -> Vec<u64> {
        let mut all = vec![0; self.n_words];
        for node in 0..self.n_nodes {
            all[node / 64] |= 1 << (node % 64);
        }
        all
    }

    /// Mean number of links from node to node, where there is a way.
    pub fn path_length(&self) -> Option<f64> {
        let all = self.all();
        let (mut n, mut steps) = (0.0, 0.0);
        for reach in (0..self.n_nodes).map(|node| self.reach(node, &all)) {
            n += f64::from(reach.n);
            steps += reach.steps;
        }
        (n > 0.0).then(|| steps / n)
    }
}

/// The places of bits that are set.
pub fn ones(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(at, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let place = 64 * at + left.trailing_zeros() as usize;
            if left == 0 {
                return None;
            }
            left &= left - 1;
            Some(place)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of nodes, each linked with the next.
    fn ring(n: usize) -> Links {
        let mut links = Links::new(n);
        for node in 0..n {
            links.set(node, (node + 1) % n, true);
        }
        links
    }

    #[test]
    fn a_ring_has_its_closed_forms() {
        let links = ring(70);
        assert!((0..70).all(|node| links.degree(node) == 2 && links.clustering(node) == 0.0));
        assert_eq!((links.edges().len(), links.has(69, 0), links.has(0, 2)), (70, true, false));
        // 1 to 34 on both sides, and 35.
        let mean = (2.0 * 34.0 * 35.0 / 2.0 + 35.0) / 69.0;
        assert!((links.path_length().expect("ways") - mean).abs() < 1e-12);
        assert_eq!(ring(3).clustering(1), 1.0);
    }

    #[test]
    fn ways_stay_within_and_bits_come_and_go() {
        let mut links = ring(6);
        let reach = links.reach(0, &[15]);
        assert_eq!((reach.n, reach.steps), (3, 6.0), "not the other way round");
        links.set(3, 2, false);
        assert_eq!(links.reach(0, &[15]).n, 2);
        assert_eq!(ones(&[5, 0, 1]).collect::<Vec<_>>(), [0, 2, 128]);
        assert_eq!((Links::new(0).path_length(), Links::new(5).path_length()), (None, None));
    }
}
