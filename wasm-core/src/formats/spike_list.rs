//! Spike lists: tables of text with a time, an electrode and perhaps an amplitude per line, as
//! Axion's `spike_list.csv` and this program's `spikes.csv`; compressed by gzip as well.
//!
//! What a table cannot tell (how long was recorded, which electrodes were silent, where they lie)
//! is read from `NAME.json` beside it, or from what Axion writes around the spikes.

mod beside;
mod columns;
mod electrodes;
mod head;
mod table;

use super::format::{Claim, Confidence, Format, Reader};
use super::interleaved::uniform;
use super::text_header::ending;
use super::text_table::{Unit, excerpt, lines_left_out, title_twice};
use super::{MAX_FRAMES, OpenError, Recording, first_of, phy};
use crate::io::{FileSet, NamedFile};
use crate::recording::{SegmentInfo, StoredSpikes, StreamInfo, TIMES_HZ};
use crate::sample::SampleType;
use crate::spikes::Spike;
use beside::Beside;
use columns::Columns;
use electrodes::Electrodes;
use head::Head;
use table::Table;

/// Endings of tables.
const ENDINGS: [&str; 5] = ["csv", "tsv", "txt", "tab", "gz"];
/// Seconds by which spikes may lie behind a section, whose ends are whole seconds.
const SECTION_SLACK_S: f64 = 1.0;
/// Times without a unit may be sample numbers if they are whole, at least so many differ, and they reach this size.
const MIN_DIFFERENT: usize = 4;
const MIN_SUSPICIOUS: f64 = 1000.0;
/// Times without a unit are refused if the most active electrode has at least so many spikes, fires more rarely than
/// this, and the table is longer than this. In milliseconds it fires up to 50 times a second.
const MIN_SELDOM_SPIKES: u64 = 20;
const MAX_SELDOM_HZ: f64 = 0.05;
const MIN_SELDOM_S: f64 = 6.0 * 3600.0;
/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// What the first line of a table must hold.
const EXPECTED: &str = "titles of a time (time_s, time_ms, timestamp (s), sample_index) and of an electrode (electrode, \
    channel, unit), parted by commas, semicolons, tabs or blanks";

/// Tables of spikes, Axion's lists among them: they are of the kind of sorted spikes in words.
pub const FORMAT: Format = Format { names: &["spike_list"], support: &phy::SUPPORT, reader: Reader::Files(recognise) };

/// The first table whose titles have a time and an electrode.
fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let mut heads = files.iter().filter(|file| is_table(file)).filter_map(|file| match head::read(file).ok()? {
        Head::Titles(columns, n_head) => Some((file, columns, n_head)),
        Head::Other(_) | Head::Nothing => None,
    });
    let (first, columns, n_head) = heads.next()?;
    let tables: Vec<&NamedFile> = std::iter::once(first).chain(heads.map(|(file, ..)| file)).collect();
    let claim = first_of(&tables, move |file| read(files, file, &columns, n_head))?;
    Some(claim.only(Confidence::Named))
}

fn is_table(file: &NamedFile) -> bool {
    ENDINGS.contains(&ending(file).as_str())
}

/// Why tables that no reader knows are none of spikes: what their first line must hold. Nothing
/// where there are other files, which may be the recording.
pub fn reason(files: &FileSet) -> Option<OpenError> {
    let is_text = |file: &NamedFile| is_table(file) || ending(file) == "json";
    let table = files.iter().find(|file| is_table(file) && file.file.size_bytes() > 0)?;
    if !files.iter().all(is_text) {
        return None;
    }
    let found = match head::read(table) {
        Ok(Head::Titles(..)) => return None,
        // A text of words is no table.
        Ok(Head::Other(line)) if ending(table) == "txt" && !line.contains([',', ';', '\t']) => return None,
        Ok(Head::Other(line)) => excerpt(&line),
        Ok(Head::Nothing) => "nothing but comments".to_owned(),
        Err(error) => format!("unreadable ({error})"),
    };
    Some(OpenError::field(&table.path, "first line", found, EXPECTED))
}

fn read(files: &FileSet, file: &NamedFile, columns: &Columns, n_head: u64) -> Result<Recording, OpenError> {
    if let Some(title) = &columns.doubled {
        return Err(title_twice(file, title));
    }
    let mut beside = Beside::find(files, file)?;
    let mut table = Table::read(file, columns, n_head)?;
    let mut notes = std::mem::take(&mut table.notes);
    if let Some(beside) = &mut beside {
        notes.append(&mut beside.notes);
    }
    notes.extend(beside::unused(files, file));
    if table.n_left_out > 0 {
        let lack = "no time, no electrode or no segment";
        notes.push(format!("{}: {}.", file.path, lines_left_out(table.n_left_out, lack)));
    }
    notes.extend(columns.not_read(&file.path));
    let scale_s = seconds_of_unit(file, columns, beside.as_ref(), &table, &mut notes)?;
    for (_, time, _) in &mut table.rows {
        *time *= scale_s;
    }
    let has_length =
        beside.as_ref().is_some_and(|beside| beside.duration_s.is_some()) || table.settings.section_s.is_some();
    if table.rows.is_empty() && !has_length {
        return Err(OpenError::field(&file.path, "table", "titles and no spike", "a line for each spike"));
    }
    if let Some(n_told) = beside.as_ref().and_then(|beside| beside.n_spikes).filter(|n| *n != table.rows.len() as u64) {
        notes.push(format!(
            "{} holds {} spikes where the description beside it counts {n_told}.",
            file.path,
            table.rows.len()
        ));
    }
    let electrodes = Electrodes::new(file, &mut table, beside.as_ref(), &mut notes);
    for (place, ..) in &mut table.rows {
        *place = electrodes.place_of_row.get(*place as usize).copied().unwrap_or(u32::MAX);
    }
    // Whole sample numbers keep their rate.
    let stated_hz =
        beside.as_ref().and_then(|beside| beside.sampling_frequency_hz).filter(|_| columns.unit == Unit::Frames);
    let rate_hz = stated_hz.unwrap_or(TIMES_HZ);
    check_span(file, columns, &table, rate_hz)?;
    let mut info = uniform("spikes", rate_hz, SampleType::Float32, electrodes.ids, 1.0);
    (info.channel_names, info.positions_um, info.wells) = (electrodes.names, electrodes.positions_um, electrodes.wells);
    info.empty_wells = beside.as_ref().map_or_else(Vec::new, |beside| beside.empty_wells(info.wells.as_deref()));
    let mut facts = std::mem::take(&mut table.settings.facts);
    if let Some(beside) = &beside {
        beside.tell(&mut facts);
    }
    let found_by = format!("whoever wrote {}", file.name());
    let stored = if table.segments.is_empty() {
        one_stretch(file, table, info, beside.as_ref(), found_by, &mut notes)
    } else {
        in_segments(file, &table, info, beside.as_ref(), found_by, &mut notes)
    };
    let recording = Recording::of_streams("spike_list", Vec::new());
    Ok(Recording { spikes: Some(stored), notes, facts: facts.list(), ..recording })
}

/// Refuses times that lie further apart than a recording can be long: their unit is another one.
#[expect(clippy::cast_precision_loss, reason = "a power of two")]
fn check_span(file: &NamedFile, columns: &Columns, table: &Table, rate_hz: f64) -> Result<(), OpenError> {
    let (first_s, last_s) = span_s(table);
    let longest_days = MAX_FRAMES as f64 / rate_hz / DAY_S;
    // Segments may be of different days.
    if (last_s - first_s) / DAY_S <= longest_days || !table.segments.is_empty() {
        return Ok(());
    }
    let found = format!("a list of times from {first_s:?} s to {last_s:?} s");
    let expected = format!("times at most {longest_days:.0} days apart; does its title tell the right unit?");
    Err(OpenError::field(&file.path, &format!("column “{}”", columns.time_title), found, expected))
}

/// The first and the last time.
fn span_s(table: &Table) -> (f64, f64) {
    table.rows.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(first, last), (_, time_s, _)| {
        (first.min(*time_s), last.max(*time_s))
    })
}

/// Seconds of what times are counted in. Many whole numbers without a unit are not taken for
/// seconds: they may be sample numbers.
fn seconds_of_unit(
    file: &NamedFile,
    columns: &Columns,
    beside: Option<&Beside>,
    table: &Table,
    notes: &mut Vec<String>,
) -> Result<f64, OpenError> {
    let rate_hz = beside.and_then(|beside| beside.sampling_frequency_hz);
    let stem = file.name().split('.').next().unwrap_or_default();
    let title = &columns.time_title;
    let wrong =
        |found: String, expected: String| OpenError::field(&file.path, &format!("column “{title}”"), found, expected);
    let (unit, own) = match (columns.unit, beside.and_then(|beside| beside.time_unit_s)) {
        (Unit::Unstated, Some(scale_s)) => (Unit::Seconds(scale_s), false),
        (unit, _) => (unit, true),
    };
    let whole = Whole::of(table);
    let n = table.rows.len();
    match (unit, rate_hz) {
        (Unit::Frames, Some(rate_hz)) => Ok(1.0 / rate_hz),
        (Unit::Frames, None) => Err(wrong(
            "a list of sample numbers without a rate".to_owned(),
            format!("sampling_frequency_hz in {stem}.json beside the table, or a column time_s in seconds"),
        )),
        (Unit::Unstated, Some(rate_hz)) if whole.is_suspicious() => {
            notes.push(format!(
                "{}: all {n} times are whole numbers and {stem}.json gives a rate: they are taken as sample numbers.",
                file.path
            ));
            Ok(1.0 / rate_hz)
        }
        (Unit::Unstated, None) if whole.is_suspicious() => Err(wrong(
            format!("{n} whole numbers up to {}, which in seconds were {}", whole.last, in_words(whole.last)),
            format!(
                "a title that tells the unit: time_s for seconds, time_ms for milliseconds, or sample_index for sample numbers with sampling_frequency_hz in {stem}.json beside it"
            ),
        )),
        (Unit::Seconds(scale_s), _) => {
            if whole.is_suspicious() && scale_s == 1.0 && own {
                notes.push(format!(
                    "{}: all {n} times in “{title}” are whole numbers up to {}, {} in seconds. If they are sample numbers, call the column sample_index and give sampling_frequency_hz in {stem}.json.",
                    file.path, whole.last, in_words(whole.last)
                ));
            }
            Ok(scale_s)
        }
        (Unit::Unstated, _) => {
            if let Some(found) = seldom(table, beside) {
                let expected = "a title that tells the unit: time_s for seconds, time_ms for milliseconds";
                return Err(wrong(found, expected.to_owned()));
            }
            if whole.all && n >= MIN_DIFFERENT {
                notes.push(format!("{}: all {n} times are whole numbers; they are taken as seconds.", file.path));
            }
            Ok(1.0)
        }
    }
}

/// Says how rarely electrodes fire where times without a unit, taken as seconds, have the most active of them fire as
/// no culture does for hours: they are rather milliseconds. Nothing where they lie in a length that is stated.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn seldom(table: &Table, beside: Option<&Beside>) -> Option<String> {
    let (first_s, last_s) = span_s(table);
    let length_s = last_s - first_s;
    let stated_s = beside.and_then(|beside| beside.duration_s);
    if !(length_s > MIN_SELDOM_S) || !table.segments.is_empty() || stated_s.is_some_and(|stated_s| stated_s >= length_s)
    {
        return None;
    }
    let mut n_spikes = vec![0_u64; table.ids.len()];
    for (place, ..) in &table.rows {
        if let Some(n) = n_spikes.get_mut(*place as usize) {
            *n += 1;
        }
    }
    let most = n_spikes.into_iter().max().unwrap_or(0);
    let rate_hz = most as f64 / length_s;
    (most >= MIN_SELDOM_SPIKES && rate_hz < MAX_SELDOM_HZ).then(|| {
        format!(
            "without a unit, and in seconds {}, in which no electrode fires more than {rate_hz:.4} times a second",
            in_words(length_s)
        )
    })
}

/// Whether times are whole numbers.
struct Whole {
    all: bool,
    /// Different ones, as far as it matters.
    n_different: usize,
    last: f64,
}

impl Whole {
    fn of(table: &Table) -> Self {
        let mut different: Vec<f64> = Vec::new();
        let (mut all, mut last) = (!table.rows.is_empty(), f64::NEG_INFINITY);
        for (_, time, _) in &table.rows {
            all &= time.fract() == 0.0;
            last = last.max(*time);
            if different.len() < MIN_DIFFERENT && !different.contains(time) {
                different.push(*time);
            }
        }
        Self { all, n_different: different.len(), last }
    }

    fn is_suspicious(&self) -> bool {
        self.all && self.n_different >= MIN_DIFFERENT && self.last >= MIN_SUSPICIOUS
    }
}

/// A length of time for people.
fn in_words(seconds: f64) -> String {
    if seconds >= 7200.0 { format!("{:.1} hours", seconds / 3600.0) } else { format!("{:.1} minutes", seconds / 60.0) }
}

/// Spikes on one clock: over the stated length, else from the first spike to the last.
fn one_stretch(
    file: &NamedFile,
    table: Table,
    info: StreamInfo,
    beside: Option<&Beside>,
    found_by: String,
    notes: &mut Vec<String>,
) -> StoredSpikes {
    let (first_s, last_s) = span_s(&table);
    let is_empty = table.rows.is_empty();
    let mut observed = Vec::new();
    if let Some((beside, duration_s)) = beside.and_then(|beside| Some((beside, beside.duration_s?))) {
        let is_within = |from_s: f64| is_empty || (first_s >= from_s && last_s <= from_s + duration_s);
        let mut from_s = beside.t_start_s.unwrap_or(0.0);
        if !is_within(from_s) && beside.t_start_s.is_none() && last_s - first_s <= duration_s {
            from_s = first_s;
            notes.push(format!(
                "{}: times begin at {first_s} s; the {duration_s} s of {} are counted from there.",
                file.path, beside.path
            ));
        } else if !is_within(from_s) {
            notes.push(format!(
                "{}: spikes lie from {first_s} s to {last_s} s, some of them outside the {duration_s} s from {from_s} s that {} states.",
                file.path, beside.path
            ));
            notes.extend(begun_earlier(file, &table, from_s, &beside.path));
        }
        observed.push((from_s.min(first_s), from_s + duration_s));
    } else if let Some((from_s, to_s)) = table.settings.section_s {
        // A section that its spikes do not lie in is not believed.
        if is_empty || (first_s >= from_s && last_s <= to_s + SECTION_SLACK_S) {
            observed.push((from_s, to_s));
        } else {
            notes.push(format!(
                "{}: spikes lie from {first_s} s to {last_s} s, outside the section of {from_s} s to {to_s} s that it states; the section is not believed.",
                file.path
            ));
        }
    }
    StoredSpikes::of_times(info, table.rows, &observed, found_by).0
}

/// Says that the recording is taken to begin with a spike before its stated start, so that each keeps its time.
fn begun_earlier(file: &NamedFile, table: &Table, from_s: f64, beside: &str) -> Option<String> {
    let n_before = table.rows.iter().filter(|(_, time_s, _)| *time_s < from_s).count();
    let (n, first_s) = (table.rows.len(), span_s(table).0);
    (n_before > 0).then(|| {
        format!(
            "{}: {n_before} of {n} spikes lie before {from_s} s. The recording is taken to begin with the first of \
             them, at {first_s} s, and rates are counted from there. If it began at another time, give t_start_s in \
             {beside}.",
            file.path
        )
    })
}

/// Spikes in segments that the table numbers: frames count from the start of each.
#[expect(clippy::cast_possible_truncation, reason = "saturating; frames of a recording")]
fn in_segments(
    file: &NamedFile,
    table: &Table,
    mut info: StreamInfo,
    beside: Option<&Beside>,
    found_by: String,
    notes: &mut Vec<String>,
) -> StoredSpikes {
    let mut order: Vec<usize> = (0..table.segment_numbers.len()).collect();
    order.sort_by_key(|at| table.segment_numbers[*at].0);
    let mut index_of = vec![0; order.len()];
    for (index, at) in (0_u32..).zip(&order) {
        index_of[*at] = index;
    }
    let numbers: Vec<i64> = order.iter().map(|at| table.segment_numbers[*at].0).collect();
    if !numbers.iter().copied().eq(0..i64::try_from(numbers.len()).unwrap_or(i64::MAX)) {
        let shown = numbers.iter().take(8).map(i64::to_string).collect::<Vec<_>>().join(", ");
        let more = if numbers.len() > 8 { " and more" } else { "" };
        notes.push(format!(
            "{}: its segments are called {shown}{more}; they are counted from 0 in this order.",
            file.path
        ));
    }
    let rate_hz = info.sampling_frequency_hz;
    info.segments =
        order.iter().map(|at| SegmentInfo { n_frames: 0, t_start_s: table.segment_numbers[*at].1 }).collect();
    if let ([segment], Some(duration_s)) = (info.segments.as_mut_slice(), beside.and_then(|beside| beside.duration_s)) {
        segment.n_frames = ((duration_s * rate_hz).round() as i64).max(0).cast_unsigned();
    }
    let spike = |((channel_index, time_s, amplitude_uv), at): (&(u32, f64, f32), &u32)| {
        let start_s = table.segment_numbers[*at as usize].1;
        Spike {
            segment_index: index_of[*at as usize],
            sample_index: ((time_s - start_s) * rate_hz).round() as i64,
            channel_index: *channel_index,
            amplitude_uv: *amplitude_uv,
        }
    };
    let spikes: Vec<Spike> = table.rows.iter().zip(&table.segments).map(spike).collect();
    let n_before = spikes.iter().filter(|spike| spike.sample_index < 0).count();
    if n_before > 0 {
        notes.push(format!("{}: {n_before} spikes lie before the start of their segment and are left out.", file.path));
    }
    StoredSpikes::new(info, spikes, found_by)
}
