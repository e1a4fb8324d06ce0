//! Where electrodes and wells are drawn.

use wasm_core::recording::StreamInfo;

/// A well on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Well {
    /// Name of the well, such as `B3`.
    pub name: String,
    /// Smallest x and y of its electrodes.
    pub from: [f64; 2],
    /// Largest x and y.
    pub to: [f64; 2],
}

/// Places of all electrodes, and the wells that they lie in.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Of each channel, in micrometres or, where they are made up, in steps of a grid.
    pub positions: Vec<[f64; 2]>,
    /// Wells of a plate; none where there are no wells.
    pub wells: Vec<Well>,
    /// Whether the files do not tell where the electrodes are.
    pub is_made_up: bool,
}

/// Wells whose electrodes have positions of their own are set apart by so many times the largest.
const WELL_PITCH: f64 = 1.3;

impl Layout {
    /// Real positions, or a square grid in the order of the channels, the wells of a plate beside each
    /// other: as on the plate where they have its names.
    #[must_use]
    pub fn new(info: &StreamInfo) -> Self {
        let groups: Vec<(String, Vec<usize>)> = info.groups().into_iter().map(|group| named(info, group)).collect();
        let (positions, is_made_up) = match &info.positions_um {
            Some(known) => (apart(&upright(known, &groups), &groups), false),
            None => (made_up(info.n_channels, &groups), true),
        };
        let well = |(name, group): &(String, Vec<usize>)| {
            let (from, to) = bounds(group.iter().map(|channel| positions[*channel]));
            Well { name: name.clone(), from, to }
        };
        let wells = if info.wells.is_some() { groups.iter().map(well).collect() } else { Vec::new() };
        Self { positions, wells, is_made_up }
    }
}

/// A group of channels with the name of its well.
fn named(info: &StreamInfo, group: Vec<usize>) -> (String, Vec<usize>) {
    let name = info.wells.as_ref().and_then(|wells| wells.get(*group.first()?));
    (name.cloned().unwrap_or_default(), group)
}

/// Smallest x and y, and largest.
type Extent = ([f64; 2], [f64; 2]);

/// The extent of some positions.
pub(super) fn bounds(positions: impl Iterator<Item = [f64; 2]>) -> Extent {
    let none = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    positions
        .fold(none, |(from, to), at| ([from[0].min(at[0]), from[1].min(at[1])], [to[0].max(at[0]), to[1].max(at[1])]))
}

/// Positions with row A of a plate at the top: y grows downwards here, and upwards in many files.
fn upright(known: &[[f64; 2]], groups: &[(String, Vec<usize>)]) -> Vec<[f64; 2]> {
    let row = |(name, group): &(String, Vec<usize>)| {
        let (from, to) = bounds(group.iter().map(|channel| known[*channel]));
        Some((place_of_well(name)?[1], from[1], to[1]))
    };
    let rows: Vec<(usize, f64, f64)> = groups.iter().filter_map(row).collect();
    let ends = rows.iter().min_by_key(|row| row.0).zip(rows.iter().max_by_key(|row| row.0));
    let is_turned = ends.is_some_and(|(first, last)| first.0 < last.0 && first.1 > last.2);
    known.iter().map(|[x, y]| [*x, if is_turned { -y } else { *y }]).collect()
}

/// Positions as they are known. Where wells lie over each other each has its own origin, and they are
/// moved to their places on the plate.
fn apart(known: &[[f64; 2]], groups: &[(String, Vec<usize>)]) -> Vec<[f64; 2]> {
    let boxes: Vec<_> = groups.iter().map(|(_, group)| bounds(group.iter().map(|channel| known[*channel]))).collect();
    let meet = |(a, b): (&Extent, &Extent)| (0..2).all(|axis| a.0[axis] <= b.1[axis] && b.0[axis] <= a.1[axis]);
    let is_apart = (0..boxes.len()).all(|at| boxes[..at].iter().all(|before| !meet((before, &boxes[at]))));
    let mut positions = known.to_vec();
    if is_apart {
        return positions;
    }
    let size = boxes.iter().fold(1.0_f64, |size, (from, to)| size.max(to[0] - from[0]).max(to[1] - from[1]));
    for (((_, group), place), (from, _)) in groups.iter().zip(places(groups)).zip(&boxes) {
        for channel in group {
            for axis in 0..2 {
                #[expect(clippy::cast_precision_loss, reason = "a few wells")]
                let start = place[axis] as f64 * size * WELL_PITCH;
                positions[*channel][axis] += start - from[axis];
            }
        }
    }
    positions
}

/// A square grid for each group, in the order of the channels.
fn made_up(n_channels: usize, groups: &[(String, Vec<usize>)]) -> Vec<[f64; 2]> {
    let inner = side(groups.iter().map(|(_, group)| group.len()).max().unwrap_or(0));
    let mut positions = vec![[0.0; 2]; n_channels];
    for ((_, group), [column, row]) in groups.iter().zip(places(groups)) {
        for (at, channel) in group.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a grid")]
            let place = |well: usize, own: usize| (well * (inner + 1) + own) as f64;
            positions[*channel] = [place(column, at % inner), place(row, at / inner)];
        }
    }
    positions
}

/// Column and row of each group: those of the plate where all have its names, else in rows.
fn places(groups: &[(String, Vec<usize>)]) -> Vec<[usize; 2]> {
    let outer = side(groups.len());
    let of_names: Option<Vec<[usize; 2]>> = groups.iter().map(|(name, _)| place_of_well(name)).collect();
    of_names.unwrap_or_else(|| (0..groups.len()).map(|number| [number % outer, number / outer]).collect())
}

/// Side of the square that holds so many.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a grid")]
fn side(n: usize) -> usize {
    (n as f64).sqrt().ceil().max(1.0) as usize
}

/// Column and row of a well such as `B3`, counted from 0.
#[must_use]
pub fn place_of_well(name: &str) -> Option<[usize; 2]> {
    let (letter, number) = name.split_at_checked(1)?;
    let row = letter.bytes().next().filter(u8::is_ascii_uppercase)? - b'A';
    let column = number.parse::<usize>().ok().filter(|column| (1..=48).contains(column))? - 1;
    Some([column, usize::from(row)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    fn plate(wells: [&str; 4], positions_um: Option<Vec<[f64; 2]>>) -> StreamInfo {
        let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 1000.0, duration_s: 1.0, seed: 1 };
        let wells = Some(wells.map(str::to_owned).to_vec());
        StreamInfo { wells, positions_um, ..Simulation::new(spec).info().clone() }
    }

    #[test]
    fn wells_lie_as_on_the_plate() {
        let layout = Layout::new(&plate(["B2", "A1", "B2", "A1"], None));
        assert!(layout.is_made_up);
        let [b2, a1] = [0, 1].map(|channel| layout.positions[channel]);
        assert!(a1[0] < b2[0] && a1[1] < b2[1], "{layout:?}");
        let names: Vec<&str> = layout.wells.iter().map(|well| well.name.as_str()).collect();
        assert_eq!(names, ["A1", "B2"]);
    }

    #[test]
    fn row_a_is_at_the_top() {
        let upwards = vec![[0.0, 900.0], [50.0, 850.0], [0.0, 100.0], [50.0, 50.0]];
        let layout = Layout::new(&plate(["A1", "A1", "B1", "B1"], Some(upwards)));
        assert_eq!(layout.positions, [[0.0, -900.0], [50.0, -850.0], [0.0, -100.0], [50.0, -50.0]]);
    }

    #[test]
    fn wells_that_lie_over_each_other_are_set_apart() {
        let own = vec![[0.0, 0.0], [50.0, 0.0], [0.0, 0.0], [50.0, 0.0]];
        let layout = Layout::new(&plate(["A1", "A1", "A2", "A2"], Some(own.clone())));
        assert!(!layout.is_made_up);
        assert_eq!(layout.positions, [[0.0, 0.0], [50.0, 0.0], [65.0, 0.0], [115.0, 0.0]]);
        let known = vec![[0.0, 0.0], [50.0, 0.0], [500.0, 0.0], [550.0, 0.0]];
        assert_eq!(Layout::new(&plate(["A1", "A1", "A2", "A2"], Some(known.clone()))).positions, known);
    }
}
