//! Settings as AxIS writes them: lines of a name and a value, in the descriptions of `.raw` and
//! `.spk` files and left of the table in spike lists.

use crate::formats::plates::{self, Plate};
use crate::formats::text_header::date_time;
use crate::formats::told::Facts;

/// What AxIS calls the stretch of the recording that a file is of, such as `27m0s to 42m0s`.
const SECTION: &str = "actual file section run";
/// Names as the facts of other formats have them.
const NAMES: &[(&str, &str)] = &[
    ("investigator", "Operator"),
    ("experiment id", "Recording"),
    ("recording name", "Recording"),
    ("recordingname", "Recording"),
    ("plate type", "Plate type"),
    ("barcode", "Plate barcode"),
    ("analogmode", "Analog mode"),
    ("biocoreversion", "BioCore version"),
];

/// The settings in the lines.
#[derive(Default)]
pub struct Settings {
    pub facts: Facts,
    /// The plate, where its type is one that is known.
    pub plate: Option<Plate>,
    /// Start and end in seconds of the stretch that the file is of.
    pub section_s: Option<(f64, f64)>,
    /// The heading under which lines stand, as a prefix of their names.
    prefix: String,
}

impl Settings {
    /// Takes a line.
    pub fn take(&mut self, name: &str, value: &str) {
        let (name, value) = (name.trim(), value.trim());
        let lower = name.to_lowercase();
        if value.is_empty() {
            // A heading, or the empty line between two parts.
            let of_part =
                lower.strip_suffix(" settings").filter(|part| part.contains("filter") || part.contains("detector"));
            self.prefix = of_part.map_or_else(String::new, |part| format!("{}: ", capital(part)));
            return;
        }
        match lower.as_str() {
            "original file time" => self.facts.add_some("Recorded", recorded(value)),
            "plate type" => self.plate = plates::of_text(value).or(self.plate),
            SECTION => self.section_s = section_s(value).or(self.section_s),
            _ => {}
        }
        let known = NAMES.iter().find(|(known, _)| *known == lower).map(|(_, name)| *name);
        self.facts.add(&known.map_or_else(|| format!("{}{name}", self.prefix), str::to_owned), value);
    }

    /// Takes the lines of a description.
    pub fn take_text(&mut self, text: &str) {
        for line in text.lines() {
            let (name, value) = line.split_once(',').unwrap_or((line, ""));
            self.take(name, value);
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A date and time as AxIS writes it, `03/15/2024 13:20:45` or `8/17/15 16:12`: the month first,
/// unless it can be none.
fn recorded(text: &str) -> Option<String> {
    let numbers = text.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
    let numbers: Vec<u32> = numbers.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [first, second, year, hour, minute, rest @ ..] = numbers.as_slice() else { return None };
    let (month, day) = if *first > 12 { (*second, *first) } else { (*first, *second) };
    let year = if *year < 100 { 2000 + year } else { *year };
    let is_afternoon = text.to_lowercase().ends_with("pm") && *hour < 12;
    let hour = if is_afternoon { hour + 12 } else { *hour };
    date_time([year, month, day], [hour, *minute, rest.first().copied().unwrap_or(0)])
}

/// Start and end in seconds of a section such as `27m0s to 1h2m0s`.
pub fn section_s(text: &str) -> Option<(f64, f64)> {
    let seconds = |text: &str| {
        let mut sum = 0.0;
        for part in text.trim().split_inclusive(['h', 'm', 's']) {
            let (number, unit) = part.split_at_checked(part.len() - 1)?;
            let scale = match unit {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                _ => return None,
            };
            sum += number.trim().parse::<f64>().ok().filter(|number| *number >= 0.0)? * scale;
        }
        Some(sum)
    };
    let (from, to) = text.split_once(" to ")?;
    let (from_s, to_s) = (seconds(from)?, seconds(to)?);
    (from_s < to_s && to_s.is_finite()).then_some((from_s, to_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_facts_a_plate_and_a_section() {
        let mut settings = Settings::default();
        settings.take_text(
            "Investigator,Ada\r\nDescription,\r\n,\r\nMaestro Settings,\r\n   Original File Time,8/17/15 16:12\r\n   \
             Plate Type,CytoView MEA 24\r\nActual File Section Run,1m0s to 1h0m0s\r\nSpike Detector Settings,\r\n   Threshold,6\r\n",
        );
        assert_eq!(settings.section_s, Some((60.0, 3600.0)));
        assert_eq!(settings.plate.map(|plate| plate.n_wells()), Some(24));
        let told: Vec<_> =
            settings.facts.list().into_iter().map(|fact| format!("{}={}", fact.name, fact.value)).collect();
        for fact in [
            "Operator=Ada",
            "Recorded=2015-08-17T16:12:00",
            "Plate type=CytoView MEA 24",
            "Spike detector: Threshold=6",
        ] {
            assert!(told.iter().any(|known| known == fact), "{fact} of {told:?}");
        }
        assert!(!told.iter().any(|fact| fact.starts_with("Description")), "it says nothing");
    }

    #[test]
    fn dates_begin_with_the_month_where_they_can() {
        assert_eq!(recorded("15/03/2024 13:20:45").as_deref(), Some("2024-03-15T13:20:45"));
        assert_eq!(recorded("3/4/2024 1:20 PM").as_deref(), Some("2024-03-04T13:20:00"));
        assert_eq!((recorded("today"), section_s("all of it"), section_s("2m0s to 1m0s")), (None, None, None));
    }
}
