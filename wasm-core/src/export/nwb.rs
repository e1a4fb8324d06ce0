//! Spikes as a file of Neurodata Without Borders: a table of units, and the electrodes that saw them.
//!
//! Layout: NWB core schema 2.7 and hdmf-common 1.8; what it needs is in later versions too, and readers since
//! pynwb 2.8 take it. The schema itself is not copied into the file: readers have their own.

mod clock;
mod electrodes;
mod ids;
mod table;
mod units;
mod when;

pub use super::hdf5::WriteError;

use super::hdf5::{Array, Dataset, Group, write as write_hdf5};
use crate::formats::told::of_unix;
use crate::pipeline::methods;
use crate::recording::{Fact, StreamInfo, StreamKind};
use crate::run::{Summary, spikes_key};
use crate::spikes::Spike;
use ids::Ids;

/// The last version whose table of electrodes readers of all later versions know.
const VERSION: &str = "2.7.0";

/// The contents of a file beside the spikes.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Name of the recording.
    pub name: String,
    /// The recording in words, for people.
    pub description: String,
    /// How the spikes were found and what is to be known of them, for people; may be empty.
    pub analysis: String,
    /// When the recording began, as its files tell it.
    pub started: Option<String>,
    /// When the file is made, in seconds since 1970.
    pub written_s: f64,
    /// Whether the spikes were found in the signal, not taken as files held them.
    pub is_found: bool,
    /// Whether each channel was observed all the time: if so, the stretches of the recording are written.
    pub is_observed: bool,
}

impl Session {
    /// The session of a summary. `observed_s` are the seconds in which each channel was observed, where it was not
    /// all the time.
    #[must_use]
    pub fn of(summary: &Summary, written_s: f64, observed_s: Option<&[f64]>) -> Self {
        let recording = &summary.recording;
        let mut analysis =
            vec![methods(&summary.pipeline, summary.channels.len(), &summary.neurocyte_version).join(" ")];
        analysis.extend(recording.notes.iter().cloned());
        let (name, format, stream) = (&recording.name, &recording.format, &recording.stream);
        Self {
            name: name.clone(),
            description: format!("Spikes of {name} ({format}), stream {stream}."),
            analysis: analysis.join("\n"),
            started: recorded(&recording.facts).map(str::to_owned),
            written_s,
            is_found: summary.pipeline.has_signal(),
            is_observed: observed_s.is_none(),
        }
    }
}

/// When a recording began, as its files tell it.
fn recorded(facts: &[Fact]) -> Option<&str> {
    facts.iter().find(|fact| fact.name == "Recorded").map(|fact| fact.value.as_str())
}

/// The bytes of a file with these spikes, which are sorted. Times are in seconds from the first frame of the
/// recording, which is the start of the session; the session's description says how they compare with `spikes.csv`.
///
/// # Errors
/// When a name is longer than HDF5 takes.
pub fn write(info: &StreamInfo, spikes: &[Spike], session: &Session) -> Result<Vec<u8>, WriteError> {
    let start = when::start(session.started.as_deref());
    let written = of_unix(session.written_s, true).unwrap_or_else(|| when::UNKNOWN.to_owned());
    let ids = Ids::new(&[&session.name, &start.time, &written, &format!("{:016x}", spikes_key(spikes))]);
    let notes = [start.note.clone(), clock::note(info)];
    let description = notes.into_iter().flatten().fold(session.description.clone(), |all, note| all + " " + &note);
    let mut general = Group::new();
    if !session.analysis.is_empty() {
        general = general.dataset("data_collection", text(&session.analysis));
    }
    if info.kind != StreamKind::Units {
        let device = ids.group(electrodes::DEVICE, ("core", "Device"));
        let device = device.attribute("description", "The electrodes of the recording.");
        general = general.group("devices", Group::new().group("array", device));
        general = general.group("extracellular_ephys", electrodes::groups(&ids, info));
    }
    let stimulus = Group::new().group("presentation", Group::new()).group("templates", Group::new());
    let root = ids
        .group("/", ("core", "NWBFile"))
        .attribute("nwb_version", VERSION)
        .dataset("file_create_date", Dataset::new(Array::texts([written])))
        .dataset("identifier", text(&ids.of("identifier")))
        .dataset("session_description", text(&description))
        .dataset("session_start_time", text(&start.time))
        .dataset("timestamps_reference_time", text(&start.time))
        .group("acquisition", Group::new())
        .group("analysis", Group::new())
        .group("general", general)
        .group("processing", Group::new())
        .group("stimulus", stimulus)
        .group("units", units::table(&ids, info, spikes, session));
    write_hdf5(&root)
}

/// A single text.
fn text(text: &str) -> Dataset {
    Dataset::new(text)
}
