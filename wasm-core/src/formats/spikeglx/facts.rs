//! Facts that metas tell about how a recording was made.

use super::meta::Meta;
use crate::formats::told::Facts;
use crate::recording::Fact;

/// Facts of the first part of each stream.
pub fn read<'a>(metas: impl Iterator<Item = (&'a str, &'a Meta)>) -> Vec<Fact> {
    let mut facts = Facts::default();
    for (name, meta) in metas {
        facts.add_some("Recorded", meta.get("fileCreateTime"));
        facts.add_some("Program", meta.get("appVersion").map(|version| format!("SpikeGLX {version}")));
        // Line ends are written as two letters.
        facts.add_some("Notes", meta.get("userNotes").map(|notes| notes.replace("\\n", "\n")));
        let device = name.split('.').next().unwrap_or(name);
        let probe = ["imDatPrb_pn", "imDatPrb_sn"].map(|key| meta.get(key).unwrap_or_default());
        let told = probe.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(", serial number ");
        facts.add(&format!("Probe {device}"), told);
        facts.add_some(&format!("Device {device}"), meta.get("niDev1ProductName"));
    }
    facts.list()
}
