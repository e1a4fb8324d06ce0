//! Electrodes of a table: those that it names, those that lie silent on the plate or in the
//! description beside, in the order of their names, with what is known of their places.

use std::collections::{BTreeSet, HashMap};

use super::beside::Beside;
use super::table::Table;
use crate::formats::plates::{LAYOUT_NOTE, Place, Plate, positions, well_place};
use crate::io::NamedFile;

/// Distance at which electrodes are drawn whose place the description leaves out.
const PITCH_UM: f64 = 200.0;
/// Of a plate's electrodes, so many percent at least tell their wells; where fewer do, names that look like wells may
/// be none.
const MIN_PERCENT_TOLD: usize = 90;
/// Wells that are told at least where not all electrodes tell one.
const MIN_WELLS: usize = 2;
/// Electrodes that a note names at most.
const MAX_NAMED: usize = 10;

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
        let own_wells: Vec<_> = all.iter().map(|electrode| electrode.place.map(|place| place.well())).collect();
        let is_axion = !all.is_empty() && tell_wells(&own_wells);
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
            let n_silent = plate.map_or(0, |plate| add_silent(&mut all, plate, &table.wells_off));
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
            wells: wells(file, &sorted, notes),
            ids: sorted.iter().map(|electrode| electrode.id.clone()).collect(),
            place_of_row,
        }
    }
}

impl Electrode {
    /// Where it stands among the others: by well and place where names tell them, else by name.
    fn key(&self) -> (u32, u32, u32, u32, usize, &str) {
        // What tells no well stands behind the plate.
        let is_untold = self.well.is_empty() && self.place.is_none();
        let unknown = if is_untold { (u32::MAX, u32::MAX) } else { (0, 0) };
        let (well_row, well_column) = well_place(&self.well).unwrap_or(unknown);
        let Place { well_row, well_column, column, row } =
            self.place.unwrap_or(Place { well_row, well_column, column: 0, row: 0 });
        (well_row, well_column, column, row, self.id.len(), &self.id)
    }

    /// Its well: as it is told, else by its name.
    fn own_well(&self) -> Option<String> {
        let told = Some(&self.well).filter(|well| !well.is_empty()).cloned();
        told.or_else(|| self.place.map(|place| place.well()))
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
fn add_silent(all: &mut Vec<Electrode>, plate: Plate, off: &[String]) -> usize {
    let n_before = all.len();
    let known: BTreeSet<Place> = all.iter().filter_map(|electrode| electrode.place).collect();
    for place in plate.electrodes() {
        if !known.contains(&place) && !off.contains(&place.well()) {
            all.push(Electrode { id: place.id(), place: Some(place), ..Electrode::default() });
        }
    }
    all.len() - n_before
}

/// A text of each; none where all are empty.
fn texts(sorted: &[&Electrode], of: fn(&Electrode) -> &String) -> Option<Vec<String>> {
    let texts: Vec<String> = sorted.iter().map(|electrode| of(electrode).clone()).collect();
    texts.iter().any(|text| !text.is_empty()).then_some(texts)
}

/// Whether electrodes, each with the well that it tells, are those of a plate: all tell one, or all but a few.
fn tell_wells(wells: &[Option<String>]) -> bool {
    let n_told = wells.iter().flatten().count();
    let is_plate = || wells.iter().flatten().collect::<BTreeSet<_>>().len() >= MIN_WELLS;
    n_told == wells.len() || (100 * n_told >= MIN_PERCENT_TOLD * wells.len() && is_plate())
}

/// Wells: as they are told, else by names. The few that tell none, as a reference, are wells of their own; where many
/// tell none, there are no wells.
fn wells(file: &NamedFile, sorted: &[&Electrode], notes: &mut Vec<String>) -> Option<Vec<String>> {
    let told: Vec<Option<String>> = sorted.iter().map(|electrode| electrode.own_well()).collect();
    let n_told = told.iter().flatten().count();
    if n_told == 0 {
        return None;
    }
    let n = told.len();
    if !tell_wells(&told) {
        notes.push(format!(
            "{}: {n_told} of {n} electrodes tell a well, as A1_11 does; all are taken as one culture.",
            file.path
        ));
        return None;
    }
    if n_told < n {
        let lone =
            sorted.iter().zip(&told).filter(|(_, well)| well.is_none()).map(|(electrode, _)| electrode.id.as_str());
        let named = lone.take(MAX_NAMED).collect::<Vec<_>>().join(", ");
        let more = if n - n_told > MAX_NAMED { " and more" } else { "" };
        notes.push(format!(
            "{}: no well is told of {} of {n} electrodes ({named}{more}); each of them is taken as a well of its own.",
            file.path,
            n - n_told
        ));
    }
    Some(sorted.iter().zip(told).map(|(electrode, well)| well.unwrap_or_else(|| electrode.id.clone())).collect())
}

/// Positions: those of the description, or those that names tell. Electrodes that these leave out lie in a row below
/// the others.
fn places(
    sorted: &[&Electrode],
    plate: Option<Plate>,
    beside: Option<&Beside>,
    notes: &mut Vec<String>,
) -> Option<Vec<[f64; 2]>> {
    let described: Vec<Option<[f64; 2]>> = sorted.iter().map(|electrode| electrode.position_um).collect();
    let is_described = described.iter().any(Option::is_some);
    let known = if is_described { described } else { by_name(sorted, plate)? };
    notes.extend((!is_described).then(|| LAYOUT_NOTE.to_owned()));
    let told = || known.iter().flatten();
    let left = told().map(|place| place[0]).fold(f64::INFINITY, f64::min);
    let below = told().map(|place| place[1]).fold(f64::NEG_INFINITY, f64::max) + 2.0 * PITCH_UM;
    let mut n_made_up = 0_u32;
    let position = |known: &Option<[f64; 2]>| {
        known.unwrap_or_else(|| {
            n_made_up += 1;
            [left + f64::from(n_made_up - 1) * PITCH_UM, below]
        })
    };
    let positions = known.iter().map(position).collect();
    if n_made_up > 0 {
        let who = match beside {
            Some(beside) if is_described => format!("{} tells", beside.path),
            _ => "Names tell".to_owned(),
        };
        notes.push(format!("{who} no place of {n_made_up} electrodes; they are drawn in a row below the others."));
    }
    Some(positions)
}

/// Positions that names tell, where they are those of a plate.
fn by_name(sorted: &[&Electrode], plate: Option<Plate>) -> Option<Vec<Option<[f64; 2]>>> {
    let wells: Vec<_> = sorted.iter().map(|electrode| electrode.place.map(|place| place.well())).collect();
    let places: Vec<Place> = sorted.iter().filter_map(|electrode| electrode.place).collect();
    if places.is_empty() || !tell_wells(&wells) {
        return None;
    }
    let mut positions = positions(&places, plate).into_iter();
    Some(sorted.iter().map(|electrode| electrode.place.and_then(|_| positions.next())).collect())
}
