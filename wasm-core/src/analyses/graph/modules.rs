//! The quality of communities, and the place of nodes in them.

use ndarray::Array2;

use super::super::random::Random;
use super::louvain::{LOUVAIN_RUNS, louvain};

/// Deviations of less than this share of the mean come from the last digits of equal strengths.
const LEAST_DEVIATION: f64 = 1e-12;

/// The best of several partitions.
pub fn best_modules(weights: &Array2<f64>, random: &mut Random) -> Vec<usize> {
    let mut best = louvain(weights, random);
    let mut most = modularity(weights, &best);
    for _ in 1..LOUVAIN_RUNS {
        let own = louvain(weights, random);
        let value = modularity(weights, &own);
        if value > most {
            (best, most) = (own, value);
        }
    }
    best
}

/// Modularity Q of communities: the share of weight inside them beyond what strengths alone would bring there (Newman
/// 2004, doi:10.1103/PhysRevE.70.056131); none without an edge.
#[must_use]
pub fn modularity(weights: &Array2<f64>, modules: &[usize]) -> Option<f64> {
    let total = weights.sum();
    let within = strengths_within(weights, modules);
    let n_modules = within.first().map_or(0, Vec::len);
    let mut inside = vec![0.0; n_modules];
    let mut all = inside.clone();
    for (own, module) in within.iter().zip(modules) {
        inside[*module] += own[*module];
        all[*module] += own.iter().sum::<f64>();
    }
    let share = |(inside, all): (&f64, &f64)| inside / total - (all / total) * (all / total);
    (total > 0.0).then(|| inside.iter().zip(&all).map(share).sum())
}

/// The participation coefficient of each node: 1 less the sum of squares of the shares of its strength that lead to
/// each community (Guimerà & Amaral 2005, doi:10.1038/nature03288); 0 without an edge.
pub fn participation(weights: &Array2<f64>, modules: &[usize]) -> Vec<f64> {
    let of = |own: Vec<f64>| {
        let all: f64 = own.iter().sum();
        if all > 0.0 { 1.0 - own.iter().map(|part| (part / all) * (part / all)).sum::<f64>() } else { 0.0 }
    };
    strengths_within(weights, modules).into_iter().map(of).collect()
}

/// Strength of each node within its community, in deviations (of n, not of n - 1) from the mean of the community;
/// 0 where all are equal.
#[expect(clippy::cast_precision_loss, reason = "counts of nodes")]
pub fn within_module_z(weights: &Array2<f64>, modules: &[usize]) -> Vec<f64> {
    let within = strengths_within(weights, modules);
    let own: Vec<f64> = within.iter().zip(modules).map(|(own, module)| own[*module]).collect();
    let n_modules = within.first().map_or(0, Vec::len);
    let mut z = vec![0.0; modules.len()];
    for module in 0..n_modules {
        let members: Vec<usize> = (0..modules.len()).filter(|node| modules[*node] == module).collect();
        let n = members.len() as f64;
        let mean = members.iter().map(|node| own[*node]).sum::<f64>() / n;
        let squares: f64 = members.iter().map(|node| (own[*node] - mean) * (own[*node] - mean)).sum();
        let deviation = libm::sqrt(squares / n);
        if deviation > LEAST_DEVIATION * mean {
            for node in members {
                z[node] = (own[node] - mean) / deviation;
            }
        }
    }
    z
}

/// For each node its strength towards each community.
fn strengths_within(weights: &Array2<f64>, modules: &[usize]) -> Vec<Vec<f64>> {
    let n_modules = modules.iter().max().map_or(0, |last| last + 1);
    let of = |row: ndarray::ArrayView1<'_, f64>| {
        let mut towards = vec![0.0; n_modules];
        for (weight, module) in row.iter().zip(modules) {
            towards[*module] += weight;
        }
        towards
    };
    weights.rows().into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Graph;
    use super::*;

    #[test]
    fn two_pairs_have_their_closed_forms() {
        // Two edges of weight 1 in pairs, one of weight 2 between.
        let graph = Graph::new(4, [(0, 1, 1.0), (2, 3, 1.0), (1, 2, 2.0)]);
        let modules = [0, 0, 1, 1];
        // Half of the weight is inside, and each has half of all strength.
        assert_eq!(modularity(graph.weights(), &modules), Some(0.0));
        assert_eq!(modularity(graph.weights(), &[0, 1, 1, 2]), Some(0.5 - 0.5625 - 2.0 * 0.015_625));
        let found = participation(graph.weights(), &modules);
        assert!(found.iter().zip([0.0, 4.0 / 9.0, 4.0 / 9.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-15), "{found:?}");
        assert_eq!(within_module_z(graph.weights(), &modules), [0.0; 4]);
        // Strengths 1, 3, 3, 1 in one community.
        assert_eq!(within_module_z(graph.weights(), &[0; 4]), [-1.0, 1.0, 1.0, -1.0]);
        assert_eq!(modularity(&Array2::zeros((2, 2)), &[0, 1]), None);
        assert_eq!(modularity(&Array2::zeros((0, 0)), &[]), None);
    }
}
