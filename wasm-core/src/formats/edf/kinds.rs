//! Which signals of an EDF come from electrodes, by their labels and units.
//!
//! EDF+ begins labels with the type of signal and lists the types with their units (Kemp & Olivan
//! 2003, "standard texts and polarity rules"): those of temperature, respiration, light and so on
//! are no voltages of electrodes. EEG, ECG, EOG and EMG are.

/// First words of labels, without digits, that name no electrode: types of EDF+, then what
/// recording systems call triggers and status words, then their auxiliary inputs.
const NO_ELECTRODES: [&str; 3] = [
    "temp temperature resp respiration sao spo light sound event",
    "status trigger triggers trig trg dtrig marker markers stim stimulus sti events sync synch ttl dig digital din",
    "aux auxiliary ain ainp adc analog analogue dc accel accelerometer gsr plet pleth ergo flow airflow mic microphone",
];

/// Microvolts of units that are voltages, in lower case.
const VOLTS: &[(&str, f64)] = &[
    ("v", 1e6),
    ("volt", 1e6),
    ("volts", 1e6),
    ("mv", 1e3),
    ("millivolt", 1e3),
    ("uv", 1.0),
    ("µv", 1.0),
    ("μv", 1.0),
    ("microv", 1.0),
    ("microvolt", 1.0),
    ("nv", 1e-3),
];

/// What is written where the unit is not known.
const NO_UNITS: &[&str] = &["", "-", "?", "n/a", "na", "none", "unknown", "units", "unit", "a.u.", "au", "adc", "adu"];

/// Microvolts of one unit, where it is a voltage.
pub fn unit_uv(unit: &str) -> Option<f64> {
    let unit = unit.to_lowercase();
    VOLTS.iter().find(|(name, _)| *name == unit).map(|(_, uv)| *uv)
}

/// Whether a signal of this label and unit comes from an electrode.
pub fn is_electrode(label: &str, unit: &str) -> bool {
    let is_voltage = unit_uv(unit).is_some() || NO_UNITS.contains(&unit.to_lowercase().as_str());
    let is_listed = |word: String| NO_ELECTRODES.iter().any(|list| list.split(' ').any(|known| known == word));
    is_voltage && !first_word(label).is_some_and(is_listed)
}

/// The first word of a label in lower case, without the digits behind it. Nihon Kohden writes
/// `POL` before labels of every kind.
fn first_word(label: &str) -> Option<String> {
    let lower = label.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric() && letter != '$');
    let first = words.find(|word| !word.is_empty() && *word != "pol")?;
    Some(first.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_units_tell_electrodes_from_the_rest() {
        for (label, unit) in [
            ("EEG Fpz-Cz", "uV"),
            ("Posição", "uV"),
            ("ECG", "mV"),
            ("EMG chin", "uV"),
            ("A1", ""),
            ("POL $A1", "uV"),
            ("Temporal 3", "uV"),
            ("pulse", "uV"),
            ("C4", "µV"),
        ] {
            assert!(is_electrode(label, unit), "{label} in {unit}");
        }
        for (label, unit) in [
            ("Status", "Boolean"),
            ("Status", "uV"),
            ("DIG DTRIG", "uV"),
            ("STI 014", ""),
            ("Temp rectal", "degC"),
            ("SaO2 X9", "%"),
            ("POL DC01", "mV"),
            ("AUX 1", "uV"),
            ("Ergo-Left", "uV"),
            ("ch3", "pA"),
            ("Trigger", ""),
        ] {
            assert!(!is_electrode(label, unit), "{label} in {unit}");
        }
        assert_eq!((unit_uv("mV"), unit_uv("UV"), unit_uv("degC")), (Some(1e3), Some(1.0), None));
    }
}
