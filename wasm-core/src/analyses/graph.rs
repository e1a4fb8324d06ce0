//! Measures of a graph, as the Brain Connectivity Toolbox defines them.
//!
//! Rubinov & Sporns 2010, doi:10.1016/j.neuroimage.2009.10.003. Edges have no direction and a weight above 0; the
//! length of an edge is 1 / weight; nodes without an edge stay in.

mod clustering;
mod components;
mod efficiency;
mod links;
mod louvain;
mod modules;
mod rewire;
mod rich_club;
mod roles;
mod small_world;
mod ways;

use ndarray::Array2;

use super::mean;
use super::random::Random;
use components::components;
use links::Links;
use modules::{best_modules, modularity, participation, within_module_z};
use rich_club::rich_club;
use ways::{Ways, ways};

pub use louvain::LOUVAIN_RUNS;
pub use rich_club::RichClub;
pub use roles::{HUB_Z, Role};
pub use small_world::SmallWorld;

/// A graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// `[node, node]`; 0 where there is no edge.
    weights: Array2<f64>,
}

/// The measures of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Of each node.
    pub nodes: Vec<Node>,
    /// Number of edges.
    pub n_edges: usize,
    /// Edges as a share of all pairs; none of fewer than two nodes.
    pub density: Option<f64>,
    /// Parts that no edge joins; a node without an edge is one.
    pub n_components: usize,
    /// Nodes of the largest part.
    pub n_largest: usize,
    /// Mean of the nodes, those with fewer than two neighbours as 0.
    pub clustering: Option<f64>,
    /// Clustering by the weights of the edges.
    pub clustering_weighted: Option<f64>,
    /// Mean number of edges from node to node, where there is a way.
    pub path_length: Option<f64>,
    /// Mean length of the way, where there is one.
    pub path_length_weighted: Option<f64>,
    /// Mean of 1 / edges from node to node, 0 where there is no way.
    pub global_efficiency: Option<f64>,
    /// Mean of 1 / length of the way.
    pub global_efficiency_weighted: Option<f64>,
    /// Mean over the nodes of the efficiency among their neighbours.
    pub local_efficiency: Option<f64>,
    /// Modularity Q of the communities; none without an edge.
    pub modularity: Option<f64>,
    /// Number of communities, those of one node too.
    pub n_communities: usize,
    /// Compared with rewired copies.
    pub small_world: SmallWorld,
    /// How densely the nodes with more than so many edges are linked.
    pub rich_club: Vec<RichClub>,
}

/// The measures of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// Edges of the node.
    pub degree: u32,
    /// Sum of their weights.
    pub strength: f64,
    /// Share of pairs of its neighbours that are linked; none with fewer than two.
    pub clustering: Option<f64>,
    /// Clustering by the weights of the edges.
    pub clustering_weighted: Option<f64>,
    /// Share of the shortest ways between others that lead over it; none of fewer than three nodes.
    pub betweenness: Option<f64>,
    /// Share of the shortest ways that lead over it, ways being as long as their edges.
    pub betweenness_weighted: Option<f64>,
    /// Community of the node, from 0.
    pub community: usize,
    /// How evenly its edges reach into all communities; none without an edge.
    pub participation: Option<f64>,
    /// Strength within its community, in deviations from the mean there; none without an edge.
    pub within_module_z: Option<f64>,
    /// Role of the node.
    pub role: Role,
}

impl Graph {
    /// A graph of `n_nodes` with edges `(node, other, weight)`.
    #[must_use]
    pub fn new(n_nodes: usize, edges: impl IntoIterator<Item = (usize, usize, f64)>) -> Self {
        let mut weights = Array2::zeros((n_nodes, n_nodes));
        for (a, b, weight) in edges {
            weights[(a, b)] = weight;
            weights[(b, a)] = weight;
        }
        Self { weights }
    }

    /// Weights, `[node, node]`; 0 where there is no edge.
    #[must_use]
    pub const fn weights(&self) -> &Array2<f64> {
        &self.weights
    }

    fn n_nodes(&self) -> usize {
        self.weights.nrows()
    }

    /// The linked nodes.
    fn links(&self) -> Links {
        let mut links = Links::new(self.n_nodes());
        for ((a, b), weight) in self.weights.indexed_iter() {
            if *weight > 0.0 {
                links.set(a, b, true);
            }
        }
        links
    }

    /// All measures. Communities and rewired copies, `n_copies` of each kind, are random and the same for the same
    /// seed.
    #[must_use]
    pub fn measures(&self, n_copies: usize, seed: u64) -> Measures {
        let mut random = Random::new(seed);
        let links = self.links();
        let modules = best_modules(&self.weights, &mut random);
        let copies = small_world::Copies::new(&links, n_copies, &mut random);
        let hops = ways(&self.weights.mapv(|weight| if weight > 0.0 { 1.0 } else { f64::INFINITY }));
        let long = ways(&self.weights.mapv(|weight| if weight > 0.0 { 1.0 / weight } else { f64::INFINITY }));
        let of_sides: Vec<f64> = (0..links.n_nodes()).map(|node| links.clustering(node)).collect();
        let of_weights = clustering::weighted(&self.weights);
        let parts = components(&links);
        let n_edges = links.edges().len();
        Measures {
            nodes: self.nodes(&links, &modules, [&hops, &long], [&of_sides, &of_weights]),
            n_edges,
            density: density(self.n_nodes(), n_edges),
            n_components: parts.len(),
            n_largest: parts.iter().copied().max().unwrap_or(0),
            small_world: copies.compared(mean(of_sides.iter().copied()), hops.path_length),
            rich_club: rich_club(&links, &copies.random),
            clustering: mean(of_sides),
            clustering_weighted: mean(of_weights),
            path_length: hops.path_length,
            path_length_weighted: long.path_length,
            global_efficiency: hops.efficiency,
            global_efficiency_weighted: long.efficiency,
            local_efficiency: efficiency::local(&links),
            modularity: modularity(&self.weights, &modules),
            n_communities: modules.iter().max().map_or(0, |last| last + 1),
        }
    }

    fn nodes(&self, links: &Links, modules: &[usize], [hops, long]: [&Ways; 2], sides: [&[f64]; 2]) -> Vec<Node> {
        let participation = participation(&self.weights, modules);
        let within = within_module_z(&self.weights, modules);
        let node = |at: usize| {
            let degree = links.degree(at);
            let clustering = sides.map(|of| (degree > 1).then(|| of[at]));
            let linked = degree > 0;
            Node {
                degree,
                strength: self.weights.row(at).sum(),
                clustering: clustering[0],
                clustering_weighted: clustering[1],
                betweenness: hops.betweenness[at],
                betweenness_weighted: long.betweenness[at],
                community: modules[at],
                participation: linked.then(|| participation[at]),
                within_module_z: linked.then(|| within[at]),
                role: if linked { Role::new(within[at], participation[at]) } else { Role::Alone },
            }
        };
        (0..self.n_nodes()).map(node).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of edges")]
fn density(n_nodes: usize, n_edges: usize) -> Option<f64> {
    let n_pairs = n_nodes * n_nodes.saturating_sub(1) / 2;
    (n_pairs > 0).then(|| n_edges as f64 / n_pairs as f64)
}
