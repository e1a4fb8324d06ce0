//! Names of the files that the page saves: they begin with the name of the recording.

use yew::prelude::*;

/// What names begin with where nothing is known of a recording.
const OWN: &str = "neurocyte";
/// Letters of a recording's name that a file's name takes.
const MAX_LETTERS: usize = 60;
/// The longest ending of a file that is left away.
const MAX_ENDING: usize = 5;

/// What names begin with below a part of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Stem(AttrValue);

impl Stem {
    /// From the name of a recording, which may be that of its file.
    #[must_use]
    pub fn new(recording: &str) -> Self {
        Self(of_recording(recording).into())
    }
}

/// The start of the names of saved files.
#[hook]
pub fn use_stem() -> AttrValue {
    use_context::<Stem>().map_or_else(|| AttrValue::from(OWN), |stem| stem.0)
}

/// A recording's name without the ending of its file.
fn of_recording(name: &str) -> String {
    let is_ending = |ending: &str| {
        let begins = ending.starts_with(|letter: char| letter.is_ascii_alphabetic());
        begins && ending.len() <= MAX_ENDING && ending.chars().all(|letter| letter.is_ascii_alphanumeric())
    };
    let short = name.rsplit_once('.').filter(|(_, ending)| is_ending(ending)).map_or(name, |(short, _)| short);
    let safe = safe(short);
    if safe.is_empty() { OWN.to_owned() } else { safe }
}

/// What a plot shows as a part of a file's name: `amplitudes`, or `amplitudes-E7-4` where it is of an electrode.
pub fn of_plot(name: &str, electrode: Option<&str>) -> String {
    match electrode.map(safe).filter(|electrode| !electrode.is_empty()) {
        Some(electrode) => format!("{name}-{electrode}"),
        None => name.to_owned(),
    }
}

/// A name without what some system does not have in names.
fn safe(name: &str) -> String {
    let safe = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    let safe: String = name.chars().map(safe).take(MAX_LETTERS).collect();
    // A name that begins with a full stop is hidden.
    safe.trim_matches(|letter: char| "._-".contains(letter)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{of_plot, of_recording};

    #[test]
    fn files_of_an_electrode_have_its_name() {
        assert_eq!(of_plot("waveform", Some("E7-4")), "waveform-E7-4");
        assert_eq!(of_plot("intervals", Some("dish B/4 (17)")), "intervals-dish_B_4__17");
        assert_eq!((of_plot("raster", None), of_plot("raster", Some(""))), ("raster".into(), "raster".into()));
    }

    #[test]
    fn names_of_recordings_become_names_of_files() {
        for (name, expected) in [
            ("culture.raw", "culture"),
            ("data.raw.h5", "data.raw"),
            ("DIV 21, plate/B3.mwd", "DIV_21__plate_B3"),
            ("2026.03.12", "2026.03.12"),
            ("../../etc", "etc"),
            ("Kultur ü: <1>", "Kultur_ü___1"),
            (".h5", "neurocyte"),
            ("", "neurocyte"),
        ] {
            assert_eq!(of_recording(name), expected, "{name}");
        }
        assert_eq!(of_recording(&"x".repeat(500)).len(), 60);
    }
}
