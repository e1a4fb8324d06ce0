//! Facts that a file tells about how it was recorded.

use super::stream::Stream;
use super::text;
use crate::formats::hdf5::H5;
use crate::formats::told::{Facts, of_ticks};
use crate::recording::Fact;

/// Facts of the file, of its recordings and of the first stream.
pub fn read(file: &H5, recordings: &[String], stream: Option<&Stream>) -> Vec<Fact> {
    let mut facts = Facts::default();
    let date = file.attribute_number("Data", "DateInTicks").and_then(of_ticks);
    facts.add_some("Recorded", date.or_else(|| text(file, "Data", "Date")));
    let program = text(file, "Data", "ProgramName").map(|program| {
        let version = text(file, "Data", "ProgramVersion").unwrap_or_default();
        format!("{program} {version}")
    });
    facts.add_some("Program", program);
    for (name, attribute) in [
        ("Array", "MeaName"),
        ("Array layout", "MeaLayout"),
        ("Array serial number", "MeaSN"),
        ("Operator", "Operator"),
        ("Comment", "Comment"),
    ] {
        facts.add_some(name, text(file, "Data", attribute));
    }
    for recording in recordings {
        let place = format!("Data/{recording}");
        for (name, attribute) in [("label", "Label"), ("type", "RecordingType"), ("comment", "Comment")] {
            facts.add_some(&format!("{} {name}", recording.replace('_', " ")), text(file, &place, attribute));
        }
    }
    let channel = stream.and_then(|stream| stream.channels.first());
    for (at, name) in ["High-pass filter", "Low-pass filter"].into_iter().enumerate() {
        facts.add_some(name, channel.and_then(|channel| channel.filters.get(at)));
    }
    facts.list()
}
