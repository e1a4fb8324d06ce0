//! Titles of a table's columns: which holds a time, and which an electrode.

/// Titles of times, in lower case, without their unit, words parted by `_`.
const TIMES: &str = "time times t ts spike_time spike_times spiketime spiketimes timestamp timestamps time_stamp \
    time_stamps spike_timestamp spike_timestamps event_time peak_time";
/// Titles of electrodes, or of the units of a sorting; the first that is found counts. An id says
/// more than an index.
const ELECTRODES: &str = "electrode channel_id channel electrode_id unit unit_id cluster cluster_id channel_label \
    electrode_label channel_name electrode_name sorted_unit unit_name neuron neuron_id cell cell_id ch chan \
    channel_number electrode_number channel_index electrode_index unit_index spike_cluster spike_clusters site";
const NAMES: &str = "channel_name electrode_name channel_label electrode_label";
const WELLS: &str = "well well_id well_name";
const AMPLITUDES: &str = "amplitude amplitudes amp peak peak_amplitude";
const SEGMENTS: &str = "segment_index segment";
/// Where a table counts time in the recording system's clock, as ours does: when the spike's segment began.
const STARTS: &str = "segment_start_s";
/// What tables of bursts have and tables of spikes have not.
const OF_BURSTS: &str = "size duration duration_s number_of_spikes";
/// Units of times, and their seconds.
const SECONDS: [(&str, f64); 5] = [
    ("s sec secs second seconds", 1.0),
    ("ms msec msecs millisecond milliseconds", 1e-3),
    ("us µs usec µsec microsecond microseconds", 1e-6),
    ("ns nsec nanosecond nanoseconds", 1e-9),
    ("min minute minutes", 60.0),
];
/// Titles of sample numbers, and the same as units.
const FRAMES: &str = "sample samples sample_index sample_indices sample_number sample_numbers sample_idx frame frames \
    frame_index frame_number frame_idx frameno spike_sample spike_samples spike_frame spike_frames spike_index";
const FRAME_UNITS: &str = "sample samples frame frames ticks";
/// Units of an amplitude, and their microvolts.
const MICROVOLTS: [(&str, f64); 3] = [("mv", 1e3), ("uv µv", 1.0), ("v", 1e6)];

/// Whether a list of words parted by blanks has a word.
fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

/// What parts cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    Letter(char),
    /// Any number of blanks.
    Blanks,
}

/// What times are counted in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// So many seconds.
    Seconds(f64),
    /// Frames of a rate that is told elsewhere.
    Frames,
    /// The title does not tell.
    Unstated,
}

/// Which column holds what.
#[derive(Clone, Debug)]
pub struct Columns {
    pub separator: Separator,
    /// All titles as they stand there.
    pub titles: Vec<String>,
    /// One that several columns have, of those that are read.
    pub doubled: Option<String>,
    pub time: usize,
    /// The time's title as it stands there.
    pub time_title: String,
    /// Titles of other times, and of other electrodes, that are not read.
    other_times: Vec<String>,
    other_electrodes: Vec<String>,
    pub unit: Unit,
    pub electrode: usize,
    /// A name beside the electrode's id.
    pub name: Option<usize>,
    pub well: Option<usize>,
    pub amplitude: Option<usize>,
    /// Microvolts of the amplitude's unit.
    pub gain_to_uv: f64,
    pub segment: Option<usize>,
    pub start: Option<usize>,
}

/// A line's cells.
pub enum Row<'a> {
    Plain(&'a str, Separator),
    Quoted(Vec<String>),
}

impl<'a> Row<'a> {
    pub fn new(line: &'a str, separator: Separator) -> Self {
        match separator {
            Separator::Letter(letter) if line.contains('"') => Self::Quoted(quoted(line, letter)),
            _ => Self::Plain(line, separator),
        }
    }

    /// A cell without blanks around it; empty where the line ends before.
    pub fn cell(&self, at: usize) -> &str {
        match self {
            Self::Plain(line, Separator::Letter(letter)) => line.split(*letter).nth(at).unwrap_or_default().trim(),
            Self::Plain(line, Separator::Blanks) => line.split_whitespace().nth(at).unwrap_or_default(),
            Self::Quoted(cells) => cells.get(at).map_or("", String::as_str),
        }
    }

    /// How many cells there are, empty ones among them.
    pub fn n_cells(&self) -> usize {
        match self {
            Self::Plain(line, Separator::Letter(letter)) => line.matches(*letter).count() + 1,
            Self::Plain(line, Separator::Blanks) => line.split_whitespace().count(),
            Self::Quoted(cells) => cells.len(),
        }
    }

    /// How many there are up to the last that is not empty.
    pub fn n_filled(&self) -> usize {
        self.cells().iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1)
    }

    /// All cells.
    pub fn cells(&self) -> Vec<String> {
        let owned = |cell: &str| cell.trim().to_owned();
        match self {
            Self::Plain(line, Separator::Letter(letter)) => line.split(*letter).map(owned).collect(),
            Self::Plain(line, Separator::Blanks) => line.split_whitespace().map(owned).collect(),
            Self::Quoted(cells) => cells.clone(),
        }
    }
}

/// The cells of a line, without their quotes.
fn quoted(line: &str, separator: char) -> Vec<String> {
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            // A quote inside quotes is written twice (RFC 4180).
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// A title in lower case: its name, words parted by `_`, and the unit in its brackets.
pub fn parts(title: &str) -> (String, Option<String>) {
    // Two signs for micro, and what is left of one in Latin-1.
    let title = title.to_lowercase().replace(['μ', '\u{fffd}'], "µ");
    let (name, unit) = title.split_once(['(', '[']).map_or((title.as_str(), None), |(name, unit)| (name, Some(unit)));
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let unit = unit.map(|unit| unit.trim().trim_end_matches([')', ']']).trim().to_owned());
    (words.collect::<Vec<_>>().join("_"), unit)
}

/// Seconds of a unit of time, by its name in lower case.
pub fn seconds(unit: &str) -> Option<f64> {
    SECONDS.iter().find(|(known, _)| has(known, unit)).map(|(_, scale)| *scale)
}

/// What a title's times are counted in, if it is a time's.
pub fn unit_of_time(title: &str) -> Option<Unit> {
    let (name, bracket) = parts(title);
    let seconds = |unit: &str| seconds(unit).map(Unit::Seconds);
    let in_words = |unit: &str| if has(FRAME_UNITS, unit) { Some(Unit::Frames) } else { seconds(unit) };
    let is_time = |name: &str| has(TIMES, name.trim_end_matches("_in"));
    if let Some(unit) = bracket {
        return if is_time(&name) { in_words(&unit) } else { None };
    }
    if is_time(&name) {
        return Some(Unit::Unstated);
    }
    if has(FRAMES, &name) {
        return Some(Unit::Frames);
    }
    let with_unit = name.rsplit_once('_').filter(|(name, _)| is_time(name)).and_then(|(_, unit)| in_words(unit));
    // A title may be the unit alone, but for what means something else as well.
    with_unit.or_else(|| seconds(&name).filter(|_| name.len() > 1 && name != "min"))
}

/// The first of some columns whose title another column has as well: which of them is meant cannot be told.
pub fn doubled(titles: &[String], used: impl IntoIterator<Item = usize>) -> Option<String> {
    let mut used = used.into_iter().filter_map(|at| titles.get(at));
    let is_doubled = |title: &&String| titles.iter().filter(|other| parts(other) == parts(title)).count() > 1;
    used.find(is_doubled).cloned()
}

/// Microvolts of the unit in an amplitude's title, if it is one.
fn gain_of_amplitude(title: &str) -> Option<f64> {
    let (name, bracket) = parts(title);
    let uv = |unit: &str| MICROVOLTS.iter().find(|(known, _)| has(known, unit)).map(|(_, uv)| *uv);
    if has(AMPLITUDES, &name) {
        return Some(bracket.and_then(|unit| uv(&unit)).unwrap_or(1.0));
    }
    name.rsplit_once('_').filter(|(name, _)| has(AMPLITUDES, name)).and_then(|(_, unit)| uv(unit))
}

/// What a title names, without what of it: `channel` of `channel_index`.
fn root(name: &str) -> &str {
    name.split('_').next().unwrap_or(name)
}

impl Columns {
    /// The columns of a line of titles, if it is one of a table of spikes. `separator` is what the
    /// file says.
    pub fn read(line: &str, separator: Option<char>) -> Option<Self> {
        let known = separator.map_or_else(|| vec!['\t', ';', '|', ','], |separator| vec![separator]);
        let letters = known.into_iter().filter(|letter| line.contains(*letter)).map(Separator::Letter);
        letters.chain([Separator::Blanks]).find_map(|separator| Self::parted(line, separator))
    }

    fn parted(line: &str, separator: Separator) -> Option<Self> {
        let titles = Row::new(line, separator).cells();
        let names: Vec<String> = titles.iter().map(|title| parts(title).0).collect();
        let find =
            |wanted: &str| wanted.split_whitespace().find_map(|wanted| names.iter().position(|name| name == wanted));
        if titles.len() < 2 || find(OF_BURSTS).is_some() {
            return None;
        }
        let electrode = find(ELECTRODES)?;
        let units: Vec<Option<Unit>> = titles.iter().map(|title| unit_of_time(title)).collect();
        // A time says more than a sample number.
        let place = |of: fn(&Unit) -> bool| units.iter().position(|unit| unit.as_ref().is_some_and(of));
        let time = place(|unit| *unit != Unit::Frames).or_else(|| place(|_| true))?;
        let amplitude = titles.iter().position(|title| gain_of_amplitude(title).is_some());
        let name = find(NAMES).filter(|name| *name != electrode);
        let (well, segment, start) = (find(WELLS), find(SEGMENTS), find(STARTS));
        let others = [name, well, amplitude, segment, start];
        let titled = |is_other: &dyn Fn(usize) -> bool| {
            (0..titles.len()).filter(|at| is_other(*at)).map(|at| titles[at].clone()).collect::<Vec<String>>()
        };
        // Sample numbers beside a time are the same times; an index beside an id is the same electrode.
        let is_time = |at: usize| at != time && units[at].is_some_and(|unit| unit != Unit::Frames);
        let is_electrode =
            |at: usize| has(ELECTRODES, &names[at]) && Some(at) != name && root(&names[at]) != root(&names[electrode]);
        Some(Self {
            separator,
            doubled: doubled(&titles, [time, electrode].into_iter().chain(others.into_iter().flatten())),
            time,
            time_title: titles[time].clone(),
            other_times: if units[time] == Some(Unit::Frames) { Vec::new() } else { titled(&is_time) },
            other_electrodes: titled(&is_electrode),
            unit: units[time]?,
            electrode,
            name,
            well,
            amplitude,
            gain_to_uv: amplitude.and_then(|at| gain_of_amplitude(&titles[at])).unwrap_or(1.0),
            segment,
            start,
            titles,
        })
    }

    /// Says which columns are not read where several tell a time, or an electrode.
    pub fn not_read(&self, path: &str) -> Vec<String> {
        let electrode = self.titles.get(self.electrode).map_or("", String::as_str);
        let said = |what: &str, own: &str, others: &[String]| {
            let others = others.iter().map(|title| format!("“{title}”")).collect::<Vec<_>>().join(", ");
            (!others.is_empty()).then(|| format!("{path}: {what} is read from “{own}”; {others} is not read."))
        };
        let of_time = said("the time", &self.time_title, &self.other_times);
        of_time.into_iter().chain(said("the electrode", electrode, &self.other_electrodes)).collect()
    }

    /// A number in a cell; none for what stands for no number.
    ///
    /// # Errors
    /// For anything else, which is given back.
    pub fn number<'a>(&self, cell: &'a str) -> Result<Option<f64>, &'a str> {
        // Where columns are not parted by commas, decimals may be.
        let parsed = cell.parse::<f64>().or_else(|error| match self.separator {
            Separator::Letter(',') => Err(error),
            _ => cell.replace(',', ".").parse::<f64>(),
        });
        match parsed {
            Ok(number) => Ok(Some(number).filter(|number| number.is_finite())),
            Err(_) if ["", "na", "n/a", "null", "none", "-"].contains(&cell.to_lowercase().as_str()) => Ok(None),
            Err(_) => Err(cell),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_read_as_people_write_them() {
        for (line, unit) in [
            ("time_s,electrode", Unit::Seconds(1.0)),
            ("Time (s);Electrode;Amplitude(mV)", Unit::Seconds(1.0)),
            ("Time (msec),channel", Unit::Seconds(1e-3)),
            ("time_ms\tchannel", Unit::Seconds(1e-3)),
            ("Timestamp [µs],Channel Label", Unit::Seconds(1e-6)),
            ("Spike Time (s),Sorted Unit", Unit::Seconds(1.0)),
            ("time_s electrode", Unit::Seconds(1.0)),
            ("time_in_ms|ch", Unit::Seconds(1e-3)),
            ("\"\",\"time\",\"electrode\"", Unit::Unstated),
            ("t,unit", Unit::Unstated),
            ("ms,channel", Unit::Seconds(1e-3)),
            ("sample_index,channel", Unit::Frames),
            ("time (samples),channel", Unit::Frames),
            ("segment_index,segment_start_s,sample_index,time_s,channel_index,channel_id", Unit::Seconds(1.0)),
        ] {
            assert_eq!(Columns::read(line, None).map(|columns| columns.unit), Some(unit), "{line}");
        }
        for line in [
            "Time (s),Electrode,Size (spikes),Duration (s)",
            "0.5,1",
            "time,ch1,ch2",
            "Well,Mean Firing Rate (Hz)",
            "time_s",
            "time (furlongs),channel",
        ] {
            assert!(Columns::read(line, None).is_none(), "{line}");
        }
        let own = Columns::read("sample_index,time_s,channel_index,channel_id,channel_name,amplitude_mv", None)
            .expect("ours");
        assert_eq!(
            (own.time, own.electrode, own.name, own.amplitude, own.gain_to_uv),
            (1, 3, Some(4), Some(5), 1000.0)
        );
    }

    #[test]
    fn columns_that_are_not_read_are_told() {
        let told = |line: &str| Columns::read(line, None).expect("titles").not_read("t.csv");
        assert_eq!(
            told("time_s,time_ms,channel,electrode"),
            [
                "t.csv: the time is read from “time_s”; “time_ms” is not read.",
                "t.csv: the electrode is read from “electrode”; “channel” is not read."
            ]
        );
        assert!(
            told("segment_index,segment_start_s,sample_index,time_s,channel_index,channel_id,channel_name").is_empty()
        );
        assert!(told("time_s,electrode,electrode_name,well,amplitude_uv").is_empty());
    }

    #[test]
    fn decimals_are_by_commas_where_columns_are_not() {
        let columns = |line: &str| Columns::read(line, None).expect("titles");
        let (european, plain) = (columns("time_s;electrode"), columns("time_s,electrode"));
        assert_eq!((european.number("0,5"), plain.number("0.5")), (Ok(Some(0.5)), Ok(Some(0.5))));
        assert_eq!((plain.number("nan"), plain.number(""), plain.number("soon")), (Ok(None), Ok(None), Err("soon")));
    }
}
