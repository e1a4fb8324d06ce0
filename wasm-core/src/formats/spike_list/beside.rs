//! `NAME.json` beside a table of spikes: what the table cannot tell. How long was recorded, which
//! electrodes there are, where they lie, and which wells they belong to.

use serde_json::Value;

use crate::formats::text_header::ending;
use crate::formats::text_table::seconds;
use crate::formats::told::Facts;
use crate::formats::{OpenError, python_json};
use crate::io::{FileSet, NamedFile, read_text};

/// Electrodes that are believed.
const MAX_ELECTRODES: usize = 1 << 16;
/// Wells that are believed: those of four of the largest plates.
const MAX_WELLS: usize = 6144;
/// Letters of a value that are shown.
const SHOWN_LETTERS: usize = 80;
/// What is not shown among the facts: it is used, or long.
const USED: &[&str] = &[
    "duration_s",
    "t_start_s",
    "sampling_frequency_hz",
    "time_unit",
    "n_spikes",
    "electrodes",
    "channels",
    "wells",
    "name",
    "path",
    "resolution_s",
];

/// Whether a value is of the form that it is used in.
type Form = fn(&Value) -> bool;
/// What is used, in which form, and that form in words.
const FORMS: [(&str, Form, &str); 8] = [
    ("duration_s", Value::is_number, "a number of seconds"),
    ("t_start_s", Value::is_number, "a number of seconds"),
    ("sampling_frequency_hz", Value::is_number, "a number of Hz"),
    ("time_unit", Value::is_string, "s, ms, us or ns"),
    ("n_spikes", Value::is_u64, "a whole number"),
    ("electrodes", Value::is_array, "a list"),
    ("channels", Value::is_array, "a list"),
    ("wells", Value::is_array, "a list"),
];

/// The content of the file.
pub struct Beside {
    pub path: String,
    pub duration_s: Option<f64>,
    pub t_start_s: Option<f64>,
    pub sampling_frequency_hz: Option<f64>,
    /// Seconds of the unit of times.
    pub time_unit_s: Option<f64>,
    pub n_spikes: Option<u64>,
    pub electrodes: Vec<Electrode>,
    /// Notes on content that is not used.
    pub notes: Vec<String>,
    json: Value,
}

/// An electrode, silent or not.
pub struct Electrode {
    pub id: String,
    pub position_um: Option<[f64; 2]>,
    pub well: Option<String>,
}

/// An id as text: numbers are written with or without digits behind the point.
pub fn plain_id(id: &str) -> &str {
    let is_whole = id.strip_suffix(".0").is_some_and(|whole| whole.parse::<i64>().is_ok());
    if is_whole { &id[..id.len() - 2] } else { id }
}

/// What descriptions of a table are called; the first that is there counts.
fn names(table: &NamedFile) -> [String; 3] {
    let unpacked = table.path.strip_suffix(".gz").unwrap_or(&table.path);
    let stem = unpacked.rsplit_once('.').map_or(unpacked, |(stem, _)| stem);
    [format!("{stem}.json"), format!("{unpacked}.json"), format!("{}.json", table.path)]
}

/// Says which descriptions in the folder of a table are none of a table, by their names.
pub fn unused(files: &FileSet, table: &NamedFile) -> Option<String> {
    let known: Vec<String> = files.iter().filter(|file| super::is_table(file)).flat_map(names).collect();
    let is_unused =
        |file: &&NamedFile| ending(file) == "json" && file.folder() == table.folder() && !known.contains(&file.path);
    let unused: Vec<&str> = files.iter().filter(is_unused).map(NamedFile::name).collect();
    let (first, more) = unused.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" and {} others", more.len()) };
    let [own, ..] = names(table);
    Some(format!("{first}{more}: not read. What describes {} must be called {own}.", table.path))
}

impl Beside {
    /// The description beside a table, if there is one.
    ///
    /// # Errors
    /// When it is no JSON, or says what cannot be.
    pub fn find(files: &FileSet, table: &NamedFile) -> Result<Option<Self>, OpenError> {
        let Some(file) = names(table).iter().find_map(|name| files.get(name)) else { return Ok(None) };
        let text = read_text(file).map_err(OpenError::io(&file.path))?;
        let json = python_json::parse(&text).map_err(|error| OpenError::field(&file.path, "content", error, "JSON"))?;
        if !json.is_object() {
            let expected = "an object with duration_s, electrodes";
            return Err(OpenError::field(&file.path, "content", "no object", expected));
        }
        Self::read(&file.path, json).map(Some)
    }

    fn read(path: &str, json: Value) -> Result<Self, OpenError> {
        let number = |name: &str, is_sane: fn(f64) -> bool, expected: &str| match &json[name] {
            Value::Null => Ok(None),
            value => match value.as_f64().filter(|number| is_sane(*number)) {
                Some(number) => Ok(Some(number)),
                None => Err(OpenError::field(path, name, value, expected)),
            },
        };
        let time_unit_s = match &json["time_unit"] {
            Value::Null => None,
            unit => match unit.as_str().and_then(|unit| seconds(&unit.to_lowercase())) {
                Some(scale) => Some(scale),
                None => return Err(OpenError::field(path, "time_unit", unit, "s, ms, us or ns")),
            },
        };
        let list =
            ["electrodes", "channels"].iter().find_map(|name| json[*name].as_array()).map_or(&[][..], Vec::as_slice);
        if list.len() > MAX_ELECTRODES {
            return Err(OpenError::field(path, "electrodes", list.len(), format!("at most {MAX_ELECTRODES}")));
        }
        let mut electrodes: Vec<Electrode> = Vec::with_capacity(list.len());
        for (at, entry) in list.iter().enumerate() {
            let wrong = || {
                OpenError::field(
                    path,
                    &format!("electrode {at}"),
                    entry,
                    "an id, or an object with id, x_um, y_um, well",
                )
            };
            electrodes.push(Electrode::read(entry).ok_or_else(wrong)?);
        }
        Ok(Self {
            path: path.to_owned(),
            duration_s: number("duration_s", |s| s > 0.0 && s < 1e9, "a number of seconds above 0 and below 1e9")?,
            t_start_s: number("t_start_s", f64::is_finite, "a number of seconds")?,
            sampling_frequency_hz: number(
                "sampling_frequency_hz",
                |hz| (0.1..=1e6).contains(&hz),
                "from 0.1 to 1,000,000 Hz",
            )?,
            time_unit_s,
            n_spikes: json["n_spikes"].as_u64(),
            electrodes,
            notes: not_used(path, &json),
            json,
        })
    }

    /// Wells that the description lists and in which no electrode lies.
    pub fn empty_wells(&self, wells: Option<&[String]>) -> Vec<String> {
        let listed = self.json["wells"].as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str);
        let is_empty = |well: &&str| wells.is_some_and(|wells| !wells.iter().any(|known| known == well));
        listed.filter(is_empty).take(MAX_WELLS).map(str::to_owned).collect()
    }

    /// What is told besides: every text and number that is not used.
    pub fn tell(&self, facts: &mut Facts) {
        let maps = [Some(&self.json), self.json.get("meta")].into_iter().flatten().filter_map(Value::as_object);
        for (name, value) in maps.flatten().filter(|(name, _)| !USED.contains(&name.as_str())) {
            let mut letters = name.chars();
            let name = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
            match value {
                Value::String(text) => facts.add(&name, text),
                Value::Number(number) => facts.add(&name, number.to_string()),
                _ => {}
            }
        }
    }
}

/// Says what a description holds in another form than it is used in.
fn not_used(path: &str, json: &Value) -> Vec<String> {
    let wrong = |(name, is_usable, expected): (&str, Form, &str)| {
        let value = json.get(name).filter(|value| !is_usable(value))?;
        let found: String = match value {
            // What is not a number in Python is null here.
            Value::Null => "null or NaN".to_owned(),
            value => value.to_string().chars().take(SHOWN_LETTERS).collect(),
        };
        Some(format!("{path}: {name} is {found}, expected {expected}; it is not used."))
    };
    FORMS.into_iter().filter_map(wrong).collect()
}

impl Electrode {
    fn read(entry: &Value) -> Option<Self> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(plain_id(&number.to_string()).to_owned()),
            _ => None,
        };
        if let Some(id) = text(entry) {
            return Some(Self { id, position_um: None, well: None });
        }
        let first = |names: &[&str]| names.iter().map(|name| &entry[*name]).find(|value| !value.is_null());
        let coordinate = |names: &[&str]| first(names)?.as_f64().filter(|number| number.is_finite());
        Some(Self {
            id: text(first(&["id", "electrode", "channel", "channel_id", "name"])?)?,
            position_um: coordinate(&["x_um", "x"]).zip(coordinate(&["y_um", "y"])).map(|(x, y)| [x, y]),
            well: first(&["well"]).and_then(text),
        })
    }
}
