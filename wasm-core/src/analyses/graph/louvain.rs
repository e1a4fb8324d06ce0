//! Communities by the method of Louvain (Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008).

use std::collections::BTreeMap;

use ndarray::Array2;

use super::super::random::Random;

/// The method starts from so many random orders; the best partition counts.
pub const LOUVAIN_RUNS: usize = 20;

/// A gain of less than this share of all weight is none.
const LEAST_GAIN: f64 = 1e-12;

/// A graph whose nodes are the communities of the one before.
struct Level {
    /// Neighbours of each node, with weights.
    near: Vec<Vec<(usize, f64)>>,
    /// Weight within each node, counted from both sides.
    within: Vec<f64>,
}

/// The community of each node, numbered by their first nodes. A node moves to the neighbouring community that gains
/// most modularity until none moves; then communities are nodes, and so on.
pub fn louvain(weights: &Array2<f64>, random: &mut Random) -> Vec<usize> {
    let mut level = Level::new(weights);
    let mut module_of: Vec<usize> = (0..weights.nrows()).collect();
    loop {
        let modules = numbered(&level.settled(random));
        for module in &mut module_of {
            *module = modules[*module];
        }
        let n_modules = modules.iter().max().map_or(0, |last| last + 1);
        if n_modules == level.near.len() {
            return numbered(&module_of);
        }
        level = level.merged(&modules, n_modules);
    }
}

impl Level {
    fn new(weights: &Array2<f64>) -> Self {
        let linked = |row: ndarray::ArrayView1<'_, f64>| {
            let each = row.iter().copied().enumerate();
            each.filter(|(_, weight)| *weight > 0.0).collect::<Vec<(usize, f64)>>()
        };
        Self { near: weights.rows().into_iter().map(linked).collect(), within: vec![0.0; weights.nrows()] }
    }

    fn settled(&self, random: &mut Random) -> Vec<usize> {
        let of =
            |(near, within): (&Vec<(usize, f64)>, &f64)| near.iter().map(|(_, weight)| weight).sum::<f64>() + within;
        let strengths: Vec<f64> = self.near.iter().zip(&self.within).map(of).collect();
        let total: f64 = strengths.iter().sum();
        let mut module_of: Vec<usize> = (0..self.near.len()).collect();
        let mut order = module_of.clone();
        random.shuffle(&mut order);
        // Strength of each module, and the weight of the edges that lead to it from one node.
        let mut strength_of = strengths.clone();
        let mut towards = vec![0.0; self.near.len()];
        let mut moves = true;
        while moves {
            moves = false;
            for node in order.iter().copied() {
                let near = &self.near[node];
                for (other, weight) in near {
                    towards[module_of[*other]] += weight;
                }
                let (home, share) = (module_of[node], strengths[node] / total);
                strength_of[home] -= strengths[node];
                let gain = |module: usize| towards[module] - strength_of[module] * share;
                let (mut best, mut most) = (home, gain(home));
                for module in near.iter().map(|(other, _)| module_of[*other]) {
                    if gain(module) > most + LEAST_GAIN * total {
                        (best, most) = (module, gain(module));
                    }
                }
                for (other, _) in near {
                    towards[module_of[*other]] = 0.0;
                }
                strength_of[best] += strengths[node];
                module_of[node] = best;
                moves |= best != home;
            }
        }
        module_of
    }

    fn merged(&self, modules: &[usize], n_modules: usize) -> Self {
        let mut near = vec![BTreeMap::<usize, f64>::new(); n_modules];
        let mut within = vec![0.0; n_modules];
        for ((own, node_within), module) in self.near.iter().zip(&self.within).zip(modules) {
            within[*module] += node_within;
            for (other, weight) in own {
                if modules[*other] == *module {
                    within[*module] += weight;
                } else {
                    *near[*module].entry(modules[*other]).or_default() += weight;
                }
            }
        }
        Self { near: near.into_iter().map(|of| of.into_iter().collect()).collect(), within }
    }
}

/// Communities, numbered by their first nodes.
fn numbered(modules: &[usize]) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    let number = |module: &usize| {
        let next = numbers.len();
        *numbers.entry(*module).or_insert(next)
    };
    modules.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Graph;
    use super::*;

    #[test]
    fn two_groups_with_one_edge_between_are_two_communities() {
        let group = |first: usize| (0..5).flat_map(move |a| (a + 1..5).map(move |b| (first + a, first + b, 0.5)));
        let graph = Graph::new(11, group(0).chain(group(5)).chain([(4, 5, 0.3)]));
        for seed in 0..20 {
            let found = louvain(graph.weights(), &mut Random::new(seed));
            assert_eq!(found, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2]);
        }
        assert_eq!(louvain(&Array2::zeros((3, 3)), &mut Random::new(1)), [0, 1, 2]);
        assert!(louvain(&Array2::zeros((0, 0)), &mut Random::new(1)).is_empty());
    }

    #[test]
    fn communities_are_numbered_by_their_first_nodes() {
        assert_eq!(numbered(&[7, 2, 7, 0, 2]), [0, 1, 0, 2, 1]);
    }
}
