//! Tables of events that a person gives beside a recording: a time per line, and perhaps a label, a source, a
//! duration and a segment, as `neurocyte events` writes them. They are known by their name, which ends in
//! `events.csv`, because a table of times and channels may as well be one of spikes.

use std::collections::HashSet;

use super::OpenError;
use super::spike_list::{Lines, PIECE_BYTES, Row, Separator, Unit, is_comment, title_parts, unit_of_time};
use super::text_header::ending;
use crate::events::{Event, Events};
use crate::io::{FileSet, NamedFile};
use crate::recording::{Recording, StreamInfo};

/// How the name of a table of events ends, in lower case.
pub const NAME_ENDING: &str = "events.csv";

/// Titles of times that are no times of spikes, in seconds.
const STARTS: [&str; 5] = ["onset", "onset_s", "start_time", "start_s", "start_time_s"];
/// Titles of the other columns; the first that is found counts.
const DURATIONS: [&str; 2] = ["duration_s", "duration"];
const LABELS: [&str; 6] = ["label", "event", "name", "type", "trial_type", "description"];
const SOURCES: [&str; 5] = ["source", "channel", "line", "electrode", "site"];
const SEGMENTS: [&str; 2] = ["segment_index", "segment"];

/// What the first line must hold.
const EXPECTED: &str = "titles, one of them time_s (seconds, on the clock of the recording), and perhaps label, channel, \
    duration_s, segment_index, parted by commas, semicolons or tabs";
/// Letters of a line that are shown.
const SHOWN_LETTERS: usize = 80;

/// Whether a file is a table of events by its name.
fn is_events(file: &NamedFile) -> bool {
    file.name().to_lowercase().ends_with(NAME_ENDING)
}

/// The files without tables of events, and these tables; none where nothing else is a recording.
pub fn apart(files: &FileSet) -> Option<(FileSet, Vec<NamedFile>)> {
    if !files.iter().any(is_events) {
        return None;
    }
    let (tables, others): (Vec<NamedFile>, Vec<NamedFile>) = files.iter().cloned().partition(is_events);
    // A description alone may be that of a table of spikes.
    let is_recording = others.iter().any(|file| ending(file) != "json");
    is_recording.then(|| (FileSet::new(others), tables))
}

/// Adds the events of a table to those that a recording has, and says so.
///
/// # Errors
/// When the table cannot be read, or says something else; the message names the line.
pub fn add(recording: &mut Recording, table: &NamedFile) -> Result<(), OpenError> {
    let (mut events, is_in_segments) = read(table)?;
    let n_read = events.len();
    if !is_in_segments && let Some(info) = stream_of(recording) {
        events = events.in_segments_of(info);
    }
    let own = std::mem::take(&mut recording.events);
    // What the program wrote itself is not taken twice.
    let known: HashSet<_> = own.iter().map(place).collect();
    let others = events.sorted().0.into_iter().filter(|event| !known.contains(&place(event)));
    let mut all = Events::default();
    own.into_iter().chain(others).for_each(|event| all.push(event));
    recording.notes.push(format!("{n_read} events are those of {}.", table.path));
    recording.take_events(all);
    Ok(())
}

/// The stream in whose segments events lie.
fn stream_of(recording: &Recording) -> Option<&StreamInfo> {
    let stream = recording.streams.first().map(|stream| stream.info());
    stream.or_else(|| recording.spikes.as_ref().map(|stored| &stored.info))
}

/// What tells an event from others: times are the same to a microsecond.
#[expect(clippy::cast_possible_truncation, reason = "saturating; microseconds of a recording")]
fn place(event: &Event) -> (usize, i64, String, String) {
    (event.segment, (event.time_s * 1e6).round() as i64, event.source.clone(), event.label.clone())
}

/// Which column holds what.
struct Columns {
    separator: char,
    time: usize,
    /// Seconds of the unit of times.
    scale_s: f64,
    duration: Option<usize>,
    label: Option<usize>,
    source: Option<usize>,
    segment: Option<usize>,
}

impl Columns {
    fn read(line: &str) -> Option<Self> {
        let separator = ['\t', ';', ','].into_iter().find(|letter| line.contains(*letter)).unwrap_or(',');
        let titles = Row::new(line, Separator::Letter(separator)).cells();
        let names: Vec<String> = titles.iter().map(|title| title_parts(title).0).collect();
        let find = |wanted: &[&str]| wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
        let scale_s = |(title, name): (&String, &String)| match unit_of_time(title) {
            Some(Unit::Seconds(scale_s)) => Some(scale_s),
            Some(Unit::Unstated) => Some(1.0),
            Some(Unit::Frames) => None,
            None => STARTS.contains(&name.as_str()).then_some(1.0),
        };
        let scales: Vec<Option<f64>> = titles.iter().zip(&names).map(scale_s).collect();
        let time = scales.iter().position(Option::is_some)?;
        Some(Self {
            separator,
            time,
            scale_s: scales[time]?,
            duration: find(&DURATIONS),
            label: find(&LABELS),
            source: find(&SOURCES),
            segment: find(&SEGMENTS),
        })
    }

    /// The event of a line; none where it has no time.
    fn event(&self, line: &str, own_name: &str) -> Result<Option<Event>, (&'static str, String)> {
        let row = Row::new(line, Separator::Letter(self.separator));
        let number = |field: &'static str, at: usize| {
            let cell = row.cell(at);
            // Where columns are not parted by commas, decimals may be.
            let plain = if self.separator == ',' { cell.to_owned() } else { cell.replace(',', ".") };
            if plain.is_empty() {
                return Ok(None);
            }
            let known = plain.parse::<f64>().ok().filter(|number| number.is_finite());
            known.map(Some).ok_or_else(|| (field, cell.to_owned()))
        };
        let text = |at: Option<usize>| at.map_or("", |at| row.cell(at)).to_owned();
        let Some(time) = number("time", self.time)? else { return Ok(None) };
        let duration_s = self.duration.map_or(Ok(None), |at| number("duration", at))?.unwrap_or(0.0);
        let segment = self.segment.map_or(Ok(None), |at| number("segment", at))?.unwrap_or(0.0);
        if !(segment >= 0.0 && segment.fract() == 0.0 && segment < f64::from(u32::MAX)) {
            return Err(("segment", segment.to_string()));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
        let segment = segment as usize;
        let source = text(self.source);
        let source = if source.is_empty() { own_name.to_owned() } else { source };
        let time_s = time * self.scale_s;
        Ok(Some(Event { segment, time_s, duration_s: duration_s.max(0.0), source, label: text(self.label) }))
    }
}

/// The events of a table, and whether it tells their segments.
fn read(table: &NamedFile) -> Result<(Events, bool), OpenError> {
    let mut lines = Lines::open(table, PIECE_BYTES).map_err(OpenError::io(&table.path))?;
    let mut columns: Option<Columns> = None;
    let mut events = Events::default();
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.next_line().map_err(OpenError::io(&table.path))? else { break };
        if line.trim().is_empty() || is_comment(&line) {
            continue;
        }
        let Some(known) = &columns else {
            let shown = || format!("“{}”", line.chars().take(SHOWN_LETTERS).collect::<String>());
            let found = Columns::read(&line);
            columns = Some(found.ok_or_else(|| OpenError::field(&table.path, "first line", shown(), EXPECTED))?);
            continue;
        };
        let wrong = |(field, found): (&str, String)| {
            let expected = if field == "segment" { "a whole number from 0" } else { "a number" };
            OpenError::field(&table.path, &format!("line {number}, {field}"), format!("“{found}”"), expected)
        };
        if let Some(event) = known.event(&line, table.name()).map_err(wrong)? {
            events.push(event);
        }
    }
    match columns {
        Some(columns) if !events.is_empty() => Ok((events, columns.segment.is_some())),
        _ => Err(OpenError::field(&table.path, "table", "without an event", "a line for each event")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    fn file(path: &str, text: &str) -> NamedFile {
        NamedFile { path: path.into(), file: Arc::new(text.as_bytes().to_vec()) }
    }

    fn events(text: &str) -> Result<Vec<Event>, String> {
        read(&file("culture events.csv", text)).map(|(events, _)| events.sorted().0).map_err(|error| error.to_string())
    }

    fn event(segment: usize, time_s: f64, duration_s: f64, source: &str, label: &str) -> Event {
        Event { segment, time_s, duration_s, source: source.into(), label: label.into() }
    }

    #[test]
    fn tables_are_read_as_people_write_them() {
        let name = "culture events.csv";
        assert_eq!(
            events("time_s,label,channel\n0.5,on,A1\n\n1.5,\"on, again\",\n"),
            Ok(vec![event(0, 0.5, 0.0, "A1", "on"), event(0, 1.5, 0.0, name, "on, again")])
        );
        assert_eq!(events("time_s\n1\n0.25\n"), Ok(vec![event(0, 0.25, 0.0, name, ""), event(0, 1.0, 0.0, name, "")]));
        assert_eq!(events("# stimuli\nTime (ms);Label\n62,5;go\n"), Ok(vec![event(0, 0.0625, 0.0, name, "go")]));
        assert_eq!(events("onset\tduration\ttrial_type\n2\t0.1\tlight\n"), Ok(vec![event(0, 2.0, 0.1, name, "light")]));
        // What this program writes.
        let own = [event(1, 2.5, 0.25, "port, 2", "say \"go\"")];
        assert_eq!(events(&crate::events::to_csv(&own)), Ok(own.to_vec()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert_eq!(
            events("time_s,label\n0.5,on\nsoon,on\n"),
            Err("culture events.csv: line 3, time is “soon”, expected a number".into())
        );
        assert!(
            events("sample_index,label\n1,on\n")
                .is_err_and(|error| error.contains("first line is “sample_index,label”"))
        );
        assert!(events("time_s,segment_index\n1,0.5\n").is_err_and(|error| error.contains("a whole number from 0")));
        assert!(events("time_s\n").is_err_and(|error| error.contains("a line for each event")));
    }

    #[test]
    fn a_recording_keeps_its_own_events_and_takes_none_twice() {
        let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 1000.0, duration_s: 4.0, seed: 1 };
        let streams: Vec<Box<dyn FrameSource>> = vec![Box::new(Simulation::new(spec))];
        let own = event(0, 1.0, 0.5, "port", "on");
        let mut recording = Recording { events: vec![own.clone()], ..Recording::of_streams("simulated", streams) };
        let table = file("culture events.csv", "time_s,label,source\n3,off,port\n1.0000000001,on,port\n0.5,on,port\n");
        add(&mut recording, &table).expect("a table");
        assert_eq!(recording.events, [event(0, 0.5, 0.0, "port", "on"), own, event(0, 3.0, 0.0, "port", "off")]);
        assert_eq!(recording.notes, ["3 events are those of culture events.csv."]);
    }

    #[test]
    fn a_table_alone_is_no_table_of_events() {
        let set = |names: &[&str]| FileSet::new(names.iter().map(|name| file(name, "time_s\n1\n")).collect());
        assert!(
            apart(&set(&["Stimulus_Events.CSV", "culture.raw"]))
                .is_some_and(|(others, tables)| { others.len() == 1 && tables.len() == 1 })
        );
        for names in [&["events.csv"][..], &["culture.raw", "list.csv"], &["spike_events.csv", "spike_events.json"]] {
            assert!(apart(&set(names)).is_none(), "{names:?}");
        }
    }
}
