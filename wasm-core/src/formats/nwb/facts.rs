//! Facts that an NWB file tells about the session, the subject and the devices.

use crate::formats::hdf5::H5;
use crate::recording::Fact;

/// Datasets of text, and what they are called on screen.
const TEXTS: [(&str, &str); 19] = [
    ("session_start_time", "Recorded"),
    ("session_description", "Session"),
    ("identifier", "Identifier"),
    ("general/experimenter", "Operator"),
    ("general/experiment_description", "Experiment"),
    ("general/institution", "Institution"),
    ("general/lab", "Laboratory"),
    ("general/session_id", "Session id"),
    ("general/protocol", "Protocol"),
    ("general/pharmacology", "Treatment"),
    ("general/notes", "Notes"),
    ("general/subject/subject_id", "Subject"),
    ("general/subject/species", "Species"),
    ("general/subject/strain", "Strain"),
    ("general/subject/genotype", "Genotype"),
    ("general/subject/age", "Age"),
    ("general/subject/sex", "Sex"),
    ("general/subject/date_of_birth", "Date of birth"),
    ("general/subject/description", "Subject description"),
];
/// Characters of a value that are kept.
const MAX_CHARS: usize = 500;
/// Devices that are named.
const MAX_DEVICES: usize = 8;

/// Facts in the order of the list above.
pub fn read(file: &H5) -> Vec<Fact> {
    let text = |(path, name): &(&str, &str)| {
        if !file.has(path) {
            return None;
        }
        let value = file.strings(path).ok()?.join(", ");
        let value: String = value.trim().chars().take(MAX_CHARS).collect();
        (!value.is_empty()).then(|| Fact { name: (*name).to_owned(), value })
    };
    let mut facts: Vec<Fact> = TEXTS.iter().filter_map(text).collect();
    let devices = file.members("general/devices").map(|(groups, _)| groups).unwrap_or_default();
    if !devices.is_empty() {
        let value = devices.into_iter().take(MAX_DEVICES).collect::<Vec<_>>().join(", ");
        facts.push(Fact { name: "Device".into(), value });
    }
    facts
}
