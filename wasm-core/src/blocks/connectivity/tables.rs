//! Networks, electrodes, edges, and how dense the best linked are, as tables.

use super::edges::{Edge, Own};
use crate::analyses::{Measures, Node, RichClub, SpikeTrains, mean};
use crate::blocks::of_rows::{row_of_each, with_wells};
use crate::table::Table;

/// The table of edges has no more rows: those of the strongest.
const MAX_EDGES: usize = 20_000;

/// All tables.
pub fn all(of: &SpikeTrains, all: &[Own]) -> Vec<Table> {
    vec![networks(of, all), nodes(of, all), edges(of, all), rich_clubs(of, all)]
}

/// A column of numbers of networks.
type Column = (&'static str, &'static str, fn(&Measures) -> Option<f64>);

const COLUMNS: &[Column] = &[
    ("density", "Density", |of| of.density),
    ("mean_degree", "Edges of an electrode", |of| mean(of.nodes.iter().map(|node| f64::from(node.degree)))),
    ("mean_strength", "Strength of an electrode", |of| mean(of.nodes.iter().map(|node| node.strength))),
    ("n_components", "Separate parts (components)", |of| Some(count(of.n_components))),
    ("largest_component", "Electrodes of the largest part", |of| Some(count(of.n_largest))),
    ("clustering", "Clustering (C)", |of| of.clustering),
    ("clustering_weighted", "Clustering by weights", |of| of.clustering_weighted),
    ("path_length", "Path length (L)", |of| of.path_length),
    ("path_length_weighted", "Path length by weights", |of| of.path_length_weighted),
    ("global_efficiency", "Global efficiency", |of| of.global_efficiency),
    ("global_efficiency_weighted", "Global efficiency by weights", |of| of.global_efficiency_weighted),
    ("local_efficiency", "Local efficiency", |of| of.local_efficiency),
    ("n_communities", "Communities", |of| Some(count(of.n_communities))),
    ("modularity_q", "Modularity (Q)", |of| of.modularity),
    ("n_hubs", "Hubs", |of| Some(count(of.nodes.iter().filter(|node| node.role.is_hub()).count()))),
    ("clustering_random", "Clustering at random", |of| of.small_world.clustering_random),
    ("path_length_random", "Path length at random", |of| of.small_world.path_length_random),
    ("clustering_lattice", "Clustering of a lattice", |of| of.small_world.clustering_lattice),
    ("small_world_sigma", "Small world (sigma)", |of| of.small_world.sigma),
    ("small_world_omega", "Small world (omega)", |of| of.small_world.omega),
];

#[expect(clippy::cast_precision_loss, reason = "counts of electrodes")]
fn count(n: usize) -> f64 {
    n as f64
}

/// A row for each culture.
fn networks(of: &SpikeTrains, all: &[Own]) -> Table {
    let mut table = row_of_each(of, ("network", "Network"), all.iter().map(|own| own.first))
        .counts(("n_electrodes", "Active electrodes"), all.iter().map(|own| own.channels.len() as u64))
        .counts(("n_pairs", "Pairs compared"), all.iter().map(|own| own.n_pairs as u64))
        .counts(("n_pairs_pass", "Pairs that pass"), all.iter().map(|own| own.n_pass() as u64))
        .counts(("n_edges", "Edges"), all.iter().map(|own| own.edges.len() as u64));
    for (name, title, value) in COLUMNS.iter().copied() {
        table = table.numbers((name, title, ""), all.iter().map(|own| own.measures.as_ref().and_then(value)));
    }
    table
}

/// A row for each active electrode.
fn nodes(of: &SpikeTrains, all: &[Own]) -> Table {
    let rows: Vec<(usize, &Node)> = all
        .iter()
        .flat_map(|own| {
            let nodes = own.measures.iter().flat_map(|measures| &measures.nodes);
            own.channels.iter().copied().zip(nodes)
        })
        .collect();
    let table = Table::new("nodes", "Electrodes").texts(
        ("electrode", "Electrode"),
        rows.iter().map(|(channel, _)| of.info().channel_label(*channel).to_owned()),
    );
    let table = with_wells(table, of, rows.iter().map(|(channel, _)| *channel));
    let of_node = |value: fn(&Node) -> Option<f64>| rows.iter().map(move |(_, node)| value(node)).collect::<Vec<_>>();
    table
        .counts(("degree", "Edges (degree)"), rows.iter().map(|(_, node)| u64::from(node.degree)))
        .numbers(("strength", "Strength", ""), of_node(|node| Some(node.strength)))
        .numbers(("clustering", "Clustering", ""), of_node(|node| node.clustering))
        .numbers(("clustering_weighted", "Clustering by weights", ""), of_node(|node| node.clustering_weighted))
        .numbers(("betweenness", "Betweenness", ""), of_node(|node| node.betweenness))
        .numbers(("betweenness_weighted", "Betweenness by weights", ""), of_node(|node| node.betweenness_weighted))
        .counts(("community", "Community"), rows.iter().map(|(_, node)| node.community as u64 + 1))
        .numbers(
            ("participation", "Reach into other communities (participation)", ""),
            of_node(|node| node.participation),
        )
        .numbers(("within_module_z", "Strength in its community (z)", ""), of_node(|node| node.within_module_z))
        .texts(("role", "Role"), rows.iter().map(|(_, node)| node.role.name().to_owned()))
}

/// A row for each edge.
fn edges(of: &SpikeTrains, all: &[Own]) -> Table {
    let mut rows: Vec<(&Own, &Edge)> =
        all.iter().flat_map(|own| own.edges.iter().map(move |edge| (own, edge))).collect();
    let n_all = rows.len();
    let mut title = "Edges".to_owned();
    if n_all > MAX_EDGES {
        rows.sort_by(|(_, one), (_, other)| other.sttc.total_cmp(&one.sttc));
        rows.truncate(MAX_EDGES);
        title = format!("Edges, the {MAX_EDGES} strongest of {n_all}");
    }
    let label = |channel: usize| of.info().channel_label(channel).to_owned();
    let verdict = |value: fn(&crate::analyses::PairVerdict) -> Option<f64>| {
        rows.iter().map(move |(_, edge)| edge.verdict.as_ref().and_then(value)).collect::<Vec<_>>()
    };
    let table = Table::new("edges", &title)
        .texts(("electrode_a", "Electrode"), rows.iter().map(|(own, edge)| label(own.channels[edge.a])))
        .texts(("electrode_b", "And electrode"), rows.iter().map(|(own, edge)| label(own.channels[edge.b])));
    with_wells(table, of, rows.iter().map(|(own, _)| own.first))
        .numbers(("sttc", "STTC", ""), rows.iter().map(|(_, edge)| Some(edge.sttc)))
        .numbers(("z", "Above chance (z)", ""), verdict(|verdict| Some(verdict.z)))
        .numbers(("p", "p", ""), verdict(|verdict| Some(verdict.p)))
        .numbers(("p_adjusted", "p of all pairs together", ""), verdict(|verdict| verdict.adjusted))
        .numbers(
            ("distance_um", "Distance", "µm"),
            rows.iter().map(|(own, edge)| distance_um(of, own.channels[edge.a], own.channels[edge.b])),
        )
}

fn distance_um(of: &SpikeTrains, a: usize, b: usize) -> Option<f64> {
    let positions = of.info().positions_um.as_ref()?;
    let ([ax, ay], [bx, by]) = (positions.get(a)?, positions.get(b)?);
    Some(libm::hypot(ax - bx, ay - by))
}

/// A row for each number of edges.
fn rich_clubs(of: &SpikeTrains, all: &[Own]) -> Table {
    let rows: Vec<(&Own, &RichClub)> = all
        .iter()
        .flat_map(|own| {
            let clubs = own.measures.iter().flat_map(|measures| &measures.rich_club);
            clubs.map(move |club| (own, club))
        })
        .collect();
    with_wells(Table::new("rich_club", "Rich club"), of, rows.iter().map(|(own, _)| own.first))
        .counts(("more_edges_than", "More edges than"), rows.iter().map(|(_, club)| u64::from(club.degree)))
        .counts(("n_electrodes", "Electrodes"), rows.iter().map(|(_, club)| u64::from(club.n_nodes)))
        .numbers(("linked", "Share of pairs linked", ""), rows.iter().map(|(_, club)| Some(club.linked)))
        .numbers(("linked_random", "At random", ""), rows.iter().map(|(_, club)| club.linked_in_copies))
}
