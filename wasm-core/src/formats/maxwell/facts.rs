//! Facts that a file tells about how it was recorded.

use super::place::Opened;
use crate::formats::hdf5::H5;
use crate::formats::told::{Facts, of_unix};
use crate::recording::Fact;

/// Facts of the file and of the recordings of its wells.
pub fn read(file: &H5, wells: &[Opened]) -> Vec<Fact> {
    let text = |path: &str| file.strings(path).ok().and_then(|texts| texts.into_iter().next());
    let number = |path: &str| file.number(path).ok();
    let mut facts = Facts::default();
    let first = wells.first().map(|well| well.base.clone()).unwrap_or_default();
    let time = |name: &str| number(&format!("{first}/{name}")).and_then(|ms| of_unix(ms / 1000.0, true));
    facts.add_some("Recorded", time("start_time"));
    facts.add_some("Recorded until", time("stop_time"));
    facts.add_some("Program", text("mxw_version").map(|version| format!("MaxLab {version}")));
    facts.add_some("Assay", text("assay/script_id"));
    facts.add_some("Run", text("assay/run_id"));
    facts.add_some("Plate", text("wellplate/id"));
    facts.add_some("Plate type", text("wellplate/version"));
    for well in wells {
        let name = &well.info().name;
        let group = text(&format!("wellplate/{name}/group_name")).filter(|group| group != "Default Group");
        facts.add_some(&format!("Well {name} group"), group);
    }
    for (name, setting) in [
        ("Amplification", "gain"),
        ("High-pass of the hardware (Hz)", "hpf"),
        ("Threshold of stored spikes (x noise)", "spike_threshold"),
    ] {
        facts.add_number(name, number(&format!("{first}/settings/{setting}")));
    }
    facts.add_some("Notes", text("notes/text"));
    facts.list()
}
