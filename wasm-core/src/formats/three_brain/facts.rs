//! Facts that a file tells about how it was recorded.

use serde_json::Value;

use super::converter::settings;
use crate::formats::hdf5::H5;
use crate::formats::told::{Facts, number};
use crate::recording::Fact;

/// Facts of version 3: its notes, and who wrote it.
pub fn version_3(file: &H5) -> Vec<Fact> {
    let mut facts = Facts::default();
    let text = |path: &str| file.strings(path).ok().and_then(|texts| texts.into_iter().next());
    facts.add_some("Program", file.attribute_text("", "Description"));
    facts.add_some("Original file", text("3BRecInfo/3BSourceInfo/Path"));
    let notes = "3BUserInfo/ExpNotes";
    if file.has(notes) {
        let (titles, values) = (file.texts(notes, "Title"), file.texts(notes, "Value"));
        for (title, value) in titles.unwrap_or_default().iter().zip(&values.unwrap_or_default()) {
            facts.add(title, value);
        }
    }
    let detection = "3BResults/3BInfo/3BSpikes/Params";
    if file.has(detection) {
        let setting = |name: &str| file.column(detection, name).ok().and_then(|column| column.first().copied());
        facts.add_number("Threshold of stored spikes (x standard deviation)", setting("STDFactor"));
        facts.add_number("Refractory period of stored spikes (ms)", setting("RefractoryPeriod"));
    }
    facts.list()
}

/// Facts of version 4: its settings.
pub fn version_4(file: &H5) -> Vec<Fact> {
    let mut facts = Facts::default();
    let Ok((_, json)) = settings(file) else { return facts.list() };
    let text = |pointer: &str| match json.pointer(pointer) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(value)) => value.as_f64().map(number),
        _ => None,
    };
    for (name, pointer) in [
        ("Recorded", "/ExperimentDateTime"),
        ("Kind of experiment", "/ExperimentType"),
        ("Description", "/ExperimentSettings/Description"),
        ("Biological model", "/BiologicalModel"),
        ("Plate type", "/MeaPlate/Model"),
        ("Plate", "/MeaPlate/Serial"),
        ("High-pass of the hardware (Hz)", "/SourceFilterSettings/HighPassFilterCutOffFrequency"),
    ] {
        facts.add_some(name, text(pointer));
    }
    let groups = json.pointer("/MeaPlate/WellGroups").and_then(Value::as_array);
    for group in groups.into_iter().flatten() {
        let name = group["Name"].as_str().unwrap_or("Wells");
        facts.add_some(&format!("{name} note"), group["Note"].as_str());
        for treatment in group["Treatments"].as_array().into_iter().flatten() {
            let told = treatment.as_str().map_or_else(|| treatment.to_string(), str::to_owned);
            facts.add(&format!("{name} treatment"), told);
        }
    }
    let wells = json.pointer("/MeaPlate/Layers").and_then(Value::as_array);
    for well in wells.into_iter().flatten().filter(|layer| layer["$type"] == "MeaWell") {
        let name = well["Name"].as_str().unwrap_or_default();
        facts.add_some(&format!("Well {name}"), well["UserDefinedName"].as_str().filter(|own| *own != "MEA Values"));
    }
    facts.list()
}
