//! Titles of a table's columns: which holds a time, and which an electrode.

use crate::formats::text_table::{Row, Separator, Unit, doubled, has, title_parts, unit_of_time};

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
/// Units of an amplitude, and their microvolts.
const MICROVOLTS: [(&str, f64); 3] = [("mv", 1e3), ("uv µv", 1.0), ("v", 1e6)];

/// The columns of a table, by their meaning.
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

/// Microvolts of the unit in an amplitude's title, if it is one.
fn gain_of_amplitude(title: &str) -> Option<f64> {
    let (name, bracket) = title_parts(title);
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
        let names: Vec<String> = titles.iter().map(|title| title_parts(title).0).collect();
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
