//! The network of one culture as figures.

use ndarray::Array2;

use super::edges::{Beyond, Own};
use crate::analyses::{Measures, SpikeTrains};
use crate::blocks::of_pairs::labels;
use crate::decimals::fixed;
use crate::figure::{Axis, Figure, Histogram, Layer};

/// Edges that are drawn at most: the strongest.
const MAX_LINES: usize = 300;

/// Electrodes of the matrix: those with the strongest edges.
const MAX_CELLS: usize = 128;

/// ` of well NAME`, to be added to a sentence; empty without wells.
fn place(of: &SpikeTrains, own: &Own) -> String {
    let well = of.well(own.first);
    if well.is_empty() { String::new() } else { format!(" of well {well}") }
}

/// How many edges are more than common network bursts, as the first sentence; nothing where that was not asked.
fn beyond_in_words(own: &Own, beyond: Option<&Beyond>) -> String {
    let Some(Beyond { electrodes: n_electrodes, edges: n_edges, stay: n_stay }) = beyond else { return String::new() };
    let few = if *n_electrodes < own.channels.len() {
        format!(" among the {n_electrodes} electrodes with most spikes")
    } else {
        String::new()
    };
    let explained =
        if 2 * n_stay < *n_edges { " Network bursts that electrodes share can explain most edges below." } else { "" };
    format!(
        "{n_stay} of {n_edges} edges{few} pass as well when the copies keep the network bursts (Chance is: Spikes moved \
         a little).{explained} When they do not: "
    )
}

/// Edges between electrodes where they lie; on a circle, in their order, where nobody knows. `beyond` tells of
/// those that pass where the copies keep the network bursts, too.
pub fn network(of: &SpikeTrains, own: &Own, (measures, beyond): (&Measures, Option<&Beyond>)) -> Figure {
    let known =
        of.info().positions_um.as_ref().map(|all| own.channels.iter().map(|at| all[*at]).collect::<Vec<[f64; 2]>>());
    let (places, unit): (Vec<[f64; 2]>, &str) =
        known.map_or_else(|| (circle(own.channels.len()), ""), |known| (known, "µm"));
    let at = |electrode: usize| (places[electrode][0], places[electrode][1]);
    let mut strongest = own.strongest();
    strongest.truncate(MAX_LINES);
    let n_drawn = strongest.len();
    // The strongest lie on top.
    let largest = strongest.first().map_or(1.0, |edge| edge.sttc);
    let edges = strongest.iter().rev().map(|edge| (at(edge.a), at(edge.b), edge.sttc / largest)).collect();
    let points = (0..own.channels.len()).map(at).collect();
    let degrees: Vec<Option<f64>> = measures.nodes.iter().map(|node| Some(f64::from(node.degree))).collect();
    let most = degrees.iter().copied().flatten().fold(1.0, f64::max);
    let drawn = if n_drawn < own.edges.len() {
        format!(" Drawn are {n_drawn} of {} edges, the strongest.", own.edges.len())
    } else {
        String::new()
    };
    let kept = if own.edges.len() < own.n_pass() { format!("; {} stay", own.edges.len()) } else { String::new() };
    let sentence = format!(
        "{}{} of {} pairs of {} active electrodes{} pass as edges{kept}. Colours tell how many edges an electrode has.{drawn}",
        beyond_in_words(own, beyond),
        own.n_pass(),
        own.n_pairs,
        own.channels.len(),
        place(of, own),
    );
    let title = format!("Network of {} electrodes{}", own.channels.len(), place(of, own));
    let mut figure = Figure::map(("network", title, sentence), (points, unit), degrees, (0.0, most));
    figure.layers.insert(0, Layer::Edges { edges });
    figure
}

/// Places on a circle.
#[expect(clippy::cast_precision_loss, reason = "electrodes")]
fn circle(n: usize) -> Vec<[f64; 2]> {
    let angle = |at: usize| at as f64 / n as f64 * std::f64::consts::TAU;
    (0..n).map(angle).map(|angle| [libm::cos(angle), libm::sin(angle)]).collect()
}

/// Weights of the edges, electrodes by community.
#[expect(clippy::cast_precision_loss, reason = "electrodes")]
pub fn matrix(of: &SpikeTrains, own: &Own, measures: &Measures) -> Figure {
    let n_all = own.channels.len();
    let mut order: Vec<usize> = (0..n_all).collect();
    order.sort_by(|a, b| measures.nodes[*b].strength.total_cmp(&measures.nodes[*a].strength));
    order.truncate(MAX_CELLS);
    order.sort_unstable();
    order.sort_by_key(|at| measures.nodes[*at].community);
    let mut row_of = vec![None; n_all];
    for (row, electrode) in order.iter().enumerate() {
        row_of[*electrode] = Some(row);
    }
    let mut values = Array2::from_elem((order.len(), order.len()), f64::NAN);
    let mut largest = 0.0;
    for edge in &own.edges {
        largest = f64::max(largest, edge.sttc);
        if let (Some(a), Some(b)) = (row_of[edge.a], row_of[edge.b]) {
            values[(a, b)] = edge.sttc;
            values[(b, a)] = edge.sttc;
        }
    }
    let n = order.len() as f64;
    let channels: Vec<usize> = order.iter().map(|at| own.channels[*at]).collect();
    let shown =
        if order.len() < n_all { format!(" Shown are the {n} with the strongest edges.") } else { String::new() };
    let modularity = measures.modularity.map_or_else(String::new, |q| format!(" with modularity {}", fixed(q, 3)));
    Figure {
        id: "matrix".into(),
        title: format!("Edges between electrodes{}", place(of, own)),
        sentence: format!(
            "The STTC of {} edges between {n_all} electrodes{}, in the order of their {} communities{modularity}.{shown}",
            own.edges.len(),
            place(of, own),
            measures.n_communities,
        ),
        x: Axis::linear("Electrode, by community", "", (0.0, n)),
        y: Axis::linear("Electrode, by community", "", (0.0, n)),
        layers: vec![Layer::Matrix {
            values,
            range: (0.0, if largest > 0.0 { largest } else { 1.0 }),
            names: labels(of, &channels),
            value: "STTC".into(),
        }],
    }
}

/// The histogram of the edges of electrodes.
pub fn degrees(of: &SpikeTrains, own: &Own, measures: &Measures) -> Figure {
    /// Bins of the histogram at most; fewer where one is one edge.
    const N_BINS: u32 = 30;
    let degrees = || measures.nodes.iter().map(|node| node.degree);
    let most = degrees().max().unwrap_or(0);
    let n_bins = (most + 1).min(N_BINS);
    let x = Axis::linear("Edges of an electrode (degree)", "", (0.0, f64::from((most + 1).next_multiple_of(n_bins))));
    let histogram = Histogram::new(degrees().map(f64::from), &x, n_bins as usize);
    let alone = degrees().filter(|degree| *degree == 0).count();
    Figure {
        id: "degrees".into(),
        title: format!("Edges of electrodes{}", place(of, own)),
        sentence: format!(
            "The {} active electrodes{} have at most {most} edges; {alone} have none.",
            measures.nodes.len(),
            place(of, own)
        ),
        y: Axis::linear("Electrodes", "", (0.0, histogram.most().max(1.0))),
        x,
        layers: vec![histogram.bars()],
    }
}
