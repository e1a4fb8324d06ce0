//! Electrodes of a table: those that it names, those that lie silent on the plate or in the
//! description beside, in the order of their names, with what is known of their places.

use std::collections::HashMap;

use super::beside::Beside;
use super::table::Table;
use crate::formats::plates::{LAYOUT_NOTE, Place, Plate, positions, well_place};
use crate::io::NamedFile;

/// Distance at which electrodes are drawn whose place the description leaves out.
const PITCH_UM: f64 = 200.0;

/// All electrodes.
pub struct Electrodes {
    pub ids: Vec<String>,
    pub names: Option<Vec<String>>,
    pub wells: Option<Vec<String>>,
    pub positions_um: Option<Vec<[f64; 2]>>,
    /// The place here of each place in the table.
    pub place_of_row: Vec<u32>,
}

/// One of them.
#[derive(Default)]
struct Electrode {
    id: String,
    name: String,
    well: String,
    position_um: Option<[f64; 2]>,
    /// Where its name says that it lies.
    place: Option<Place>,
}

impl Electrodes {
    /// Puts together what the table, the plate's type and the description tell.
    pub fn new(file: &NamedFile, table: &mut Table, beside: Option<&Beside>, notes: &mut Vec<String>) -> Self {
        let n_of_table = table.ids.len();
        let mut all: Vec<Electrode> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let own = std::mem::take(&mut table.ids)
            .into_iter()
            .zip(std::mem::take(&mut table.names))
            .zip(std::mem::take(&mut table.wells));
        for ((id, name), well) in own {
            known.insert(id.clone(), all.len());
            all.push(Electrode { place: Place::read(&id), id, name, well, position_um: None });
        }
        let is_axion = !all.is_empty() && all.iter().all(|electrode| electrode.place.is_some());
        if let Some(beside) = beside {
            let n_new = add_described(&mut all, &mut known, beside);
            let n_unknown = n_of_table.saturating_sub(beside.electrodes.len() - n_new);
            if n_unknown > 0 && !beside.electrodes.is_empty() {
                notes.push(format!(
                    "{} leaves out {n_unknown} electrodes that {} names; they are kept.",
                    beside.path, file.path
                ));
            }
        }
        let plate = plate_of(table, &all, is_axion || all.is_empty(), notes, file);
        if beside.is_none_or(|beside| beside.electrodes.is_empty()) {
            let n_silent = plate.map_or(0, |plate| add_silent(&mut all, &known, plate, &table.wells_off));
            if n_silent > 0 {
                notes.push(format!(
                    "{} names {n_of_table} electrodes; the {n_silent} others of the plate are taken to have been silent.",
                    file.path
                ));
            }
        }
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|at| all[*at].key());
        let mut place_of_row = vec![0; n_of_table];
        for (to, from) in (0..).zip(&order) {
            if let Some(place) = place_of_row.get_mut(*from) {
                *place = to;
            }
        }
        let sorted: Vec<&Electrode> = order.iter().map(|at| &all[*at]).collect();
        Self {
            positions_um: places(&sorted, plate, beside, notes),
            names: texts(&sorted, |electrode| &electrode.name),
            wells: wells(&sorted),
            ids: sorted.iter().map(|electrode| electrode.id.clone()).collect(),
            place_of_row,
        }
    }
}

impl Electrode {
    /// Where it stands among the others: by well and place where names tell them, else by name.
    fn key(&self) -> (u32, u32, u32, u32, usize, &str) {
        let (well_row, well_column) = well_place(&self.well).unwrap_or_default();
        let Place { well_row, well_column, column, row } =
            self.place.unwrap_or(Place { well_row, well_column, column: 0, row: 0 });
        (well_row, well_column, column, row, self.id.len(), &self.id)
    }
}

/// Adds what the description tells; returns how many of its electrodes the table does not name.
fn add_described(all: &mut Vec<Electrode>, known: &mut HashMap<String, usize>, beside: &Beside) -> usize {
    let mut n_new = 0;
    for described in &beside.electrodes {
        let at = known.get(&described.id).copied().unwrap_or_else(|| {
            n_new += 1;
            known.insert(described.id.clone(), all.len());
            all.push(Electrode { id: described.id.clone(), place: Place::read(&described.id), ..Electrode::default() });
            all.len() - 1
        });
        let electrode = &mut all[at];
        electrode.position_um = described.position_um;
        if let Some(well) = &described.well {
            electrode.well.clone_from(well);
        }
    }
    n_new
}

/// The plate that the table names, where its electrodes are on it.
fn plate_of(
    table: &Table,
    all: &[Electrode],
    is_axion: bool,
    notes: &mut Vec<String>,
    file: &NamedFile,
) -> Option<Plate> {
    let plate = table.settings.plate.filter(|_| is_axion)?;
    let beyond = all.iter().find(|electrode| electrode.place.is_some_and(|place| !plate.has(&place)));
    if let Some(beyond) = beyond {
        notes.push(format!("{}: {} is no electrode of the plate that it names.", file.path, beyond.id));
        return None;
    }
    Some(plate)
}

/// Adds the electrodes of a plate that the table does not name, without wells that were switched off.
fn add_silent(all: &mut Vec<Electrode>, known: &HashMap<String, usize>, plate: Plate, off: &[String]) -> usize {
    let n_before = all.len();
    for place in plate.electrodes() {
        let id = place.id();
        if !known.contains_key(&id) && !off.contains(&place.well()) {
            all.push(Electrode { id, place: Some(place), ..Electrode::default() });
        }
    }
    all.len() - n_before
}

/// A text of each; none where all are empty.
fn texts(sorted: &[&Electrode], of: fn(&Electrode) -> &String) -> Option<Vec<String>> {
    let texts: Vec<String> = sorted.iter().map(|electrode| of(electrode).clone()).collect();
    texts.iter().any(|text| !text.is_empty()).then_some(texts)
}

/// Wells: as they are told, else by names; none where one lacks it.
fn wells(sorted: &[&Electrode]) -> Option<Vec<String>> {
    let well = |electrode: &&Electrode| match &electrode.place {
        _ if !electrode.well.is_empty() => Some(electrode.well.clone()),
        place => place.map(|place| place.well()),
    };
    sorted.iter().map(well).collect::<Option<Vec<_>>>().filter(|wells| !wells.is_empty())
}

/// Positions: those of the description, or those that names tell. Electrodes that the description
/// leaves out lie in a row below the others.
fn places(
    sorted: &[&Electrode],
    plate: Option<Plate>,
    beside: Option<&Beside>,
    notes: &mut Vec<String>,
) -> Option<Vec<[f64; 2]>> {
    let told: Vec<[f64; 2]> = sorted.iter().filter_map(|electrode| electrode.position_um).collect();
    if told.is_empty() {
        let places: Vec<Place> = sorted.iter().map(|electrode| electrode.place).collect::<Option<_>>()?;
        notes.extend((!places.is_empty()).then(|| LAYOUT_NOTE.to_owned()));
        return (!places.is_empty()).then(|| positions(&places, plate));
    }
    let left = told.iter().map(|place| place[0]).fold(f64::INFINITY, f64::min);
    let below = told.iter().map(|place| place[1]).fold(f64::NEG_INFINITY, f64::max) + 2.0 * PITCH_UM;
    let mut n_made_up = 0_u32;
    let position = |electrode: &&Electrode| {
        electrode.position_um.unwrap_or_else(|| {
            n_made_up += 1;
            [left + f64::from(n_made_up - 1) * PITCH_UM, below]
        })
    };
    let positions = sorted.iter().map(position).collect();
    if n_made_up > 0 {
        let path = beside.map_or("the description", |beside| beside.path.as_str());
        notes.push(format!(
            "{path} tells no place of {n_made_up} electrodes; they are drawn in a row below the others."
        ));
    }
    Some(positions)
}
