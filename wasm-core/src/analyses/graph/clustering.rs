//! Clustering by weights.

use ndarray::Array2;

/// For each node the mean, over pairs of its neighbours, of the geometric mean of the three weights of the triangle,
/// each divided by the largest weight of the graph (Onnela et al. 2005, doi:10.1103/PhysRevE.71.065103); 0 with fewer
/// than two neighbours.
pub fn weighted(weights: &Array2<f64>) -> Vec<f64> {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if !(largest > 0.0) {
        return vec![0.0; weights.nrows()];
    }
    let roots = weights.mapv(|weight| libm::cbrt(weight / largest));
    let of = |node: usize| {
        let own = roots.row(node);
        let (mut degree, mut sum) = (0.0, 0.0);
        for (other, root) in own.iter().enumerate().filter(|(_, root)| **root > 0.0) {
            degree += 1.0;
            sum += root * own.dot(&roots.row(other));
        }
        if degree > 1.0 { sum / (degree * (degree - 1.0)) } else { 0.0 }
    };
    (0..weights.nrows()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Graph;
    use super::*;

    #[test]
    fn a_triangle_counts_by_its_geometric_mean() {
        let graph = Graph::new(5, [(0, 1, 0.8), (1, 2, 0.1), (0, 2, 0.4), (2, 3, 0.2)]);
        let mean = libm::cbrt(1.0 * 0.125 * 0.5);
        let found = weighted(graph.weights());
        // The third node has three neighbours, of which one pair of three is linked.
        let wanted = [mean, mean, mean / 3.0, 0.0, 0.0];
        assert!(found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-15), "{found:?}");
        assert_eq!(weighted(&Array2::zeros((2, 2))), [0.0, 0.0]);
    }
}
