//! Tables of events that a person gives beside a recording: a time per line, and perhaps a label, a source, a
//! duration and a segment, as `neurocyte events` writes them. They are known by their name, which ends in
//! `events.csv`, because a table of times and channels may as well be one of spikes.

use std::collections::HashSet;

use super::OpenError;
use super::text_header::ending;
use super::text_table::{
    Commas, Lengths, Lines, PIECE_BYTES, Row, Separator, Unit, doubled, excerpt, expected_length, is_comment,
    lines_left_out, title_parts, title_twice, unit_of_time,
};
use crate::events::{Event, Events};
use crate::io::{FileSet, NamedFile};
use crate::numbers::counted;
use crate::recording::{Recording, SegmentInfo, StreamInfo};

/// How the name of a table of events ends, in lower case.
pub const NAME_ENDING: &str = "events.csv";

/// Titles of a time in seconds that tables of events use and tables of spikes do not.
const STARTS: [&str; 5] = ["onset", "onset_s", "start_time", "start_s", "start_time_s"];
/// Titles of the other columns; the first that is found counts.
const DURATIONS: [&str; 2] = ["duration_s", "duration"];
const LABELS: [&str; 6] = ["label", "event", "name", "type", "trial_type", "description"];
const SOURCES: [&str; 5] = ["source", "channel", "line", "electrode", "site"];
const SEGMENTS: [&str; 2] = ["segment_index", "segment"];

/// What the first line must hold.
const EXPECTED: &str = "titles, one of them time_s (seconds, on the clock of the recording), and perhaps label, channel, \
    duration_s, segment_index, parted by commas, semicolons or tabs";
/// A time without a unit is refused if the last one lies more than this many times as far as the recording reaches.
const MIN_TIMES_BEYOND: f64 = 2.0;
/// Digits behind a comma that are taken for decimals; labels may be numbers of three digits.
const MIN_DECIMALS: usize = 4;

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
    let Table { mut events, is_in_segments, unstated, last_s, notes } = read(table)?;
    if let Some(title) = unstated {
        check_unit(recording, table, &title, last_s)?;
    }
    let (n_read, n_met) = (events.len(), events.n_met());
    if !is_in_segments && let Some(info) = stream_of(recording) {
        events = events.in_segments_of(info);
    }
    let own = std::mem::take(&mut recording.events);
    // What the program wrote itself is not taken twice.
    let known: HashSet<_> = own.iter().map(place).collect();
    let others = events.sorted().0.into_iter().filter(|event| !known.contains(&place(event)));
    let mut all = Events::default();
    own.into_iter().chain(others).for_each(|event| all.push(event));
    recording.notes.push(if n_met > n_read {
        format!("{} has {n_met} events; the first {n_read} are kept.", table.path)
    } else {
        let come = if n_read == 1 { "comes" } else { "come" };
        format!("{} {come} from {}.", counted(n_read as u64, "event"), table.path)
    });
    recording.notes.extend(notes);
    recording.take_events(all);
    Ok(())
}

/// The stream in whose segments events lie.
fn stream_of(recording: &Recording) -> Option<&StreamInfo> {
    let stream = recording.streams.first().map(|stream| stream.info());
    stream.or_else(|| recording.spikes.as_ref().map(|stored| &stored.info))
}

/// Refuses times without a unit that lie behind the recording as seconds and within it as milliseconds.
fn check_unit(recording: &Recording, table: &NamedFile, title: &str, last_s: f64) -> Result<(), OpenError> {
    let Some(info) = stream_of(recording) else { return Ok(()) };
    #[expect(clippy::cast_precision_loss, reason = "frames of a recording")]
    let end_s = |segment: &SegmentInfo| segment.t_start_s + segment.n_frames as f64 / info.sampling_frequency_hz;
    let end_s = info.segments.iter().map(end_s).fold(f64::NEG_INFINITY, f64::max);
    if last_s <= MIN_TIMES_BEYOND * end_s || last_s / 1000.0 > end_s {
        return Ok(());
    }
    let found = format!("without a unit, and in seconds up to {last_s:?} s, where the recording ends at {end_s:.1} s");
    let expected = "a title that tells the unit: time_s for seconds, time_ms for milliseconds";
    Err(OpenError::field(&table.path, &format!("column “{title}”"), found, expected))
}

/// What tells an event from others: times are the same to a microsecond.
#[expect(clippy::cast_possible_truncation, reason = "saturating; microseconds of a recording")]
fn place(event: &Event) -> (usize, i64, String, String) {
    (event.segment, (event.time_s * 1e6).round() as i64, event.source.clone(), event.label.clone())
}

/// The content of a table.
#[derive(Default)]
struct Table {
    events: Events,
    /// Whether it tells the segments of its events.
    is_in_segments: bool,
    /// The title of times that tells no unit.
    unstated: Option<String>,
    /// The last of the times.
    last_s: f64,
    notes: Vec<String>,
}

/// The columns of a table, by their meaning.
struct Columns {
    separator: char,
    /// All titles as they stand there.
    titles: Vec<String>,
    time: usize,
    /// Seconds of the unit of times.
    scale_s: f64,
    /// Whether the title of times tells no unit.
    is_unstated: bool,
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
            is_unstated: unit_of_time(&titles[time]) == Some(Unit::Unstated),
            duration: find(&DURATIONS),
            label: find(&LABELS),
            source: find(&SOURCES),
            segment: find(&SEGMENTS),
            titles,
        })
    }

    /// A title that several columns have, of those that are read.
    fn doubled(&self) -> Option<String> {
        let others = [self.duration, self.label, self.source, self.segment].into_iter().flatten();
        doubled(&self.titles, std::iter::once(self.time).chain(others))
    }

    /// The event of a line; none where it has no time.
    fn event(&self, row: &Row, own_name: &str) -> Result<Option<Event>, (&'static str, String)> {
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

/// Reads a table.
fn read(table: &NamedFile) -> Result<Table, OpenError> {
    let mut lines = Lines::open(table, PIECE_BYTES).map_err(OpenError::io(&table.path))?;
    let mut columns: Option<Columns> = None;
    let (mut lengths, mut commas) = (Lengths::default(), Commas::default());
    let mut found = Table::default();
    let mut n_left_out = 0_u64;
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.next_line().map_err(OpenError::io(&table.path))? else { break };
        if line.trim().is_empty() || is_comment(&line) {
            continue;
        }
        let Some(known) = &columns else {
            let known = titles(table, &line)?;
            lengths = Lengths::new(&known.titles);
            found.is_in_segments = known.segment.is_some();
            found.unstated = known.is_unstated.then(|| known.titles[known.time].clone());
            columns = Some(known);
            continue;
        };
        let separator = Separator::Letter(known.separator);
        let row = Row::new(&line, separator);
        // Spreadsheets end in lines of empty cells.
        if row.n_filled() == 0 {
            continue;
        }
        let wrong = |field: &str, found: String, expected: &str| {
            OpenError::field(&table.path, &format!("line {number}, {field}"), found, expected)
        };
        lengths.take(&row, number).map_err(|found| wrong("length", found, expected_length(separator)))?;
        commas.take(row.cell(known.time), row.cell(known.time + 1), number);
        let event = known.event(&row, table.name()).map_err(|(field, found)| {
            let expected = match field {
                "segment" => "a whole number from 0",
                _ if found.contains(',') => "a number, its decimals behind a point",
                _ => "a number",
            };
            wrong(field, format!("“{found}”"), expected)
        })?;
        match event {
            Some(event) => {
                found.last_s = found.last_s.max(event.time_s);
                found.events.push(event);
            }
            None => n_left_out += 1,
        }
    }
    let is_comma = columns.is_some_and(|columns| columns.separator == ',');
    if let Some((line, found)) = commas.found(MIN_DECIMALS).filter(|_| is_comma) {
        let expected = expected_length(Separator::Letter(','));
        return Err(OpenError::field(&table.path, &format!("line {line}, time"), found, expected));
    }
    if found.events.is_empty() {
        return Err(OpenError::field(&table.path, "table", "without an event", "a line for each event"));
    }
    if n_left_out > 0 {
        found.notes.push(format!("{}: {}.", table.path, lines_left_out(n_left_out, "no time")));
    }
    found.notes.extend(lengths.note(&table.path));
    Ok(found)
}

/// The columns of a first line.
fn titles(table: &NamedFile, line: &str) -> Result<Columns, OpenError> {
    let found =
        Columns::read(line).ok_or_else(|| OpenError::field(&table.path, "first line", excerpt(line), EXPECTED))?;
    match found.doubled() {
        Some(title) => Err(title_twice(table, &title)),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::events::MAX_EVENTS;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    fn file(path: &str, text: &str) -> NamedFile {
        NamedFile { path: path.into(), file: Arc::new(text.as_bytes().to_vec()) }
    }

    fn events(text: &str) -> Result<Vec<Event>, String> {
        read(&file("culture events.csv", text)).map(|table| table.events.sorted().0).map_err(|error| error.to_string())
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
    fn lines_that_do_not_fit_the_titles_are_told() {
        // A decimal comma parts a number into two values.
        let told = events("time_s,label\n0,5,on\n").expect_err("refused");
        let start = "culture events.csv: line 2, length is 3 values for 2 titles, expected one value for each title";
        assert!(told.starts_with(start) && told.contains("semicolons"), "{told}");
        let on = event(0, 0.5, 0.0, "culture events.csv", "on");
        for text in ["time_s;label\n0,5;on\n", "time_s\tlabel\n0,5\ton\n", "time_s,label\n0.5,on,\n,,\n"] {
            assert_eq!(events(text), Ok(vec![on.clone()]), "{text}");
        }
        let told = events("time_s,label\n\"0,5\",on\n").expect_err("refused");
        assert!(told.ends_with("line 2, time is “0,5”, expected a number, its decimals behind a point"), "{told}");
        let told = events("time_s,time_s\n0.5,1\n").expect_err("refused");
        assert!(told.starts_with("culture events.csv: title “time_s” is there more than once"), "{told}");
        let short = read(&file("culture events.csv", "time_s,label\n0.5,on\n1\n,late\n")).expect("a table");
        assert_eq!((short.events.len(), short.notes.len()), (2, 2), "{:?}", short.notes);
        assert!(short.notes[0].contains("1 line has no time and is left out"), "{:?}", short.notes);
        assert!(
            short.notes[1].contains("1 line has fewer values than the 2 titles, first line 3"),
            "{:?}",
            short.notes
        );
    }

    #[test]
    fn decimals_with_a_comma_are_told_where_titles_are_enough_for_them() {
        let rows = |of: fn(u32) -> String| (0..20).map(of).collect::<String>();
        let parted = rows(|at| format!("{at},{:06},on\n", at * 7919));
        let told = events(&format!("time_s,label,channel\n{parted}")).expect_err("refused");
        let start =
            "culture events.csv: line 2, time is “0” with “000000” in the next column, and alike in all 20 lines";
        assert!(told.starts_with(start) && told.contains("semicolons"), "{told}");
        // Trials are counted so.
        let trials = rows(|at| format!("{},{at:03},on\n", at * 10));
        assert_eq!(events(&format!("time_s,label,channel\n{trials}")).map(|events| events.len()), Ok(20));
    }

    #[test]
    fn a_table_with_more_events_than_are_kept_says_so() {
        let lines = (0..MAX_EVENTS + 2).fold(String::new(), |lines, at| lines + &format!("{at}\n"));
        let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 1000.0, duration_s: 4.0, seed: 1 };
        let streams: Vec<Box<dyn FrameSource>> = vec![Box::new(Simulation::new(spec))];
        let mut recording = Recording::of_streams("simulated", streams);
        add(&mut recording, &file("long events.csv", &format!("time_s\n{lines}"))).expect("a table");
        assert_eq!(recording.events.len(), MAX_EVENTS);
        let told = "long events.csv has 100002 events; the first 100000 are kept.";
        assert_eq!(recording.notes, [told]);
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
        assert_eq!(recording.notes, ["3 events come from culture events.csv."]);
    }

    #[test]
    fn times_without_a_unit_are_asked_about_where_they_are_milliseconds() {
        let spec = SimulationSpec { n_channels: 2, sampling_frequency_hz: 1000.0, duration_s: 4.0, seed: 1 };
        let added = |text: &str| {
            let streams: Vec<Box<dyn FrameSource>> = vec![Box::new(Simulation::new(spec))];
            let mut recording = Recording::of_streams("simulated", streams);
            add(&mut recording, &file("events.csv", text)).map_err(|error| error.to_string())
        };
        let told = added("time,label\n500,on\n3500,off\n").expect_err("refused");
        assert!(told.starts_with("events.csv: column “time” is without a unit") && told.contains("time_ms"), "{told}");
        for text in ["time,label\n0.5,on\n3.5,off\n", "time_ms\n500\n3500\n", "time_s\n3500\n", "time\n9000\n"] {
            assert_eq!(added(text), Ok(()), "{text}");
        }
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
