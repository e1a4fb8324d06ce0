//! Neurodata Without Borders (HDF5): every `ElectricalSeries` with the electrodes table, the
//! units tables as spikes, and annotations.
//!
//! Layout: NWB core schema 2.x, `nwb.ecephys` and `nwb.misc`.

mod electrodes;
mod events;
mod facts;
mod series;
mod units;

use super::format::{Format, Reader};
use super::hdf5::H5;
use super::{OpenError, Recording, Support};

/// Where series and units may lie: acquired, processed, and what people keep besides.
const TOPS: [&str; 5] = ["acquisition", "processing", "analysis", "scratch", "stimulus"];
/// Depth at which objects are looked for: `processing/module/interface/series`.
const MAX_DEPTH: usize = 5;
/// Objects that are looked at.
const MAX_OBJECTS: usize = 10_000;

/// What the page and `docs/formats.md` say of it.
pub const SUPPORT: Support = Support {
    name: "NWB .nwb",
    give: "the file",
    tested: "2.0 to 2.11; gzip, lzf, blosc, zstd, bitshuffle; units table",
    positions: "electrodes table",
    neo: "yes",
    spikeinterface: "yes",
};

/// The format.
pub const FORMAT: Format = Format { names: &["nwb"], support: &SUPPORT, reader: Reader::Hdf5(is_nwb, open) };

/// Whether the file says that it is NWB.
pub fn is_nwb(file: &H5) -> bool {
    file.attribute_text("", "nwb_version").is_some() || file.has("nwb_version")
}

/// What there is in a file, by path.
#[derive(Default)]
struct Found {
    series: Vec<String>,
    units: Vec<String>,
    /// Objects that could not be looked into, and why.
    closed: Vec<String>,
    /// Types of other data, in the order in which they were met.
    others: Vec<String>,
    n_objects: usize,
}

/// Opens every series, acquisition before processed ones.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let mut found = Found::default();
    if file.has("units") {
        found.units.push("units".into());
    }
    for top in TOPS {
        if file.has(top) {
            found.look(file, top, 1);
        }
    }
    // What cannot be read takes nothing from the others.
    let mut streams = Vec::new();
    let mut notes = Vec::new();
    let mut problem = None;
    for path in &found.series {
        match series::open(file, path, &mut notes) {
            Ok(stream) => streams.push(stream),
            Err(error) => {
                notes.push(format!("One series could not be read: {error}."));
                problem = problem.or(Some(error));
            }
        }
    }
    let mut spikes = None;
    for path in &found.units {
        match units::read(file, path) {
            Ok((_, own)) if spikes.is_some() => {
                drop(own);
                notes.push(format!("{}: the units of {path} are left out; the file has another table.", file.path()));
            }
            Ok((stored, own)) => {
                spikes = Some(stored);
                notes.extend(own);
            }
            Err(error) => {
                notes.push(format!("The units of {path} could not be read: {error}."));
                problem = problem.or(Some(error));
            }
        }
    }
    notes.extend(found.closed.iter().cloned());
    if streams.is_empty() && spikes.is_none() {
        return Err(problem.unwrap_or_else(|| found.nothing(file)));
    }
    let recording = Recording { format: "nwb", streams, spikes, events: Vec::new(), facts: facts::read(file), notes };
    Ok(recording.with_events(events::read(file)))
}

impl Found {
    /// Looks through a group and what lies in it.
    fn look(&mut self, file: &H5, path: &str, depth: usize) {
        self.n_objects += 1;
        if self.n_objects > MAX_OBJECTS {
            return;
        }
        let kind = file.attribute_text(path, "neurodata_type").unwrap_or_default();
        if kind == "ElectricalSeries" {
            self.series.push(path.to_owned());
            return;
        }
        if kind == "Units" || file.has(&format!("{path}/spike_times")) {
            self.units.push(path.to_owned());
            return;
        }
        if !kind.is_empty() && file.has(&format!("{path}/data")) && !self.others.contains(&kind) {
            self.others.push(kind);
        }
        if depth >= MAX_DEPTH {
            return;
        }
        match file.members(path) {
            Ok((groups, _)) => {
                for group in groups {
                    self.look(file, &format!("{path}/{group}"), depth + 1);
                }
            }
            Err(error) => {
                let missing = file.missing_files();
                let why = if missing.is_empty() {
                    error.to_string()
                } else {
                    format!("it links to {}, which was not given: drop it too", missing.join(", "))
                };
                self.closed.push(format!("{}: {path} could not be looked into: {why}.", file.path()));
            }
        }
    }

    /// Says what there is instead of signals and spikes.
    fn nothing(&self, file: &H5) -> OpenError {
        if let Some(closed) = self.closed.first() {
            return file.problem("series and units", &closed.trim_end_matches('.'));
        }
        let missing = file.missing_files();
        if !missing.is_empty() {
            let found = format!("links into {}, which was not given", missing.join(", "));
            return OpenError::field(file.path(), "series and units", found, "that file in the same drop");
        }
        let others = match self.others.as_slice() {
            [] => String::new(),
            kinds => format!("; there are {}", kinds.join(", ")),
        };
        let searched = TOPS.join(", ");
        file.problem(
            &format!("{searched} and units"),
            &format!("without an ElectricalSeries and without units{others}"),
        )
    }
}
