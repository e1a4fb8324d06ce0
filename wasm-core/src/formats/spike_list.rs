//! Spike lists: tables of text with a time, an electrode and perhaps an amplitude per line, as
//! Axion's `spike_list.csv` and this program's `spikes.csv`; compressed by gzip as well.

use std::collections::HashMap;

use super::compression::{gzip, gzip_start};
use super::interleaved::uniform;
use super::text_header::ending;
use super::{Attempt, OpenError, Recording, first_of};
use crate::io::{FileSet, NamedFile};
use crate::recording::{SegmentInfo, StoredSpikes};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// Times are seconds with five or six digits behind the point: frames of a microsecond keep them.
const FRAMES_HZ: f64 = 1e6;
/// The longest table, unpacked: some ten million spikes.
const MAX_BYTES: usize = 512 << 20;
/// Electrodes that a table may name before it is taken for something else.
const MAX_ELECTRODES: usize = 1 << 16;

/// Titles of the columns, in lower case without what is in brackets.
const TIMES: &[&str] = &["time", "time_s", "times", "times_s", "spike_time", "spike_times", "timestamp", "timestamps"];
const ELECTRODES: &[&str] = &["electrode", "channel_id", "channel", "unit", "unit_id", "cluster"];
const AMPLITUDES: &[&str] = &["amplitude", "amplitude_uv", "amplitude_mv"];
const SEGMENTS: &[&str] = &["segment_index", "segment"];
/// What tables of bursts have and tables of spikes have not.
const OF_BURSTS: &[&str] = &["size", "duration", "duration_s"];
/// What Axion writes of the wells behind the spikes begins with this.
const FOOTER: &str = "well information";
/// Units in the brackets of a time's title, and their seconds.
const SECONDS: &[(&str, f64)] = &[("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("s", 1.0)];
/// Units of an amplitude, and their microvolts.
const MICROVOLTS: &[(&str, f64)] = &[("mv", 1e3), ("uv", 1.0), ("µv", 1.0), ("v", 1e6)];
/// Where a table counts time in the recording system's clock, as ours does: when the spike's segment began.
const STARTS: &[&str] = &["segment_start_s"];

/// What AxIS calls the stretch of the recording that a table is of, such as `27m0s to 42m0s`.
const SECTION: &str = "actual file section run";
/// Seconds by which spikes may lie behind a section, whose ends are whole seconds.
const SECTION_SLACK_S: f64 = 1.0;

/// Bytes that are looked at to tell whether a file is such a table.
const MAX_HEAD_BYTES: usize = 4096;

/// Opens the first table whose first line has a time and an electrode.
pub fn open(files: &FileSet) -> Attempt {
    let is_table = |file: &&NamedFile| ["csv", "tsv", "gz"].contains(&ending(file).as_str());
    let told = |file: &&NamedFile| head(file).is_some_and(|head| Columns::read(&head).is_some());
    first_of(&files.iter().filter(is_table).filter(told).collect::<Vec<_>>(), |file| {
        let text = text(file)?;
        let (head, lines) = text.split_once('\n').unwrap_or_default();
        let columns = Columns::read(head)
            .ok_or_else(|| OpenError::field(&file.path, "first line", head, "titles of a time and an electrode"))?;
        read(file, &columns, lines)
    })
}

/// The first line, if it is a short one.
fn head(file: &NamedFile) -> Option<String> {
    let size = usize::try_from(file.file.size_bytes()).unwrap_or(usize::MAX);
    let mut bytes = vec![0; size.min(MAX_HEAD_BYTES)];
    file.file.read_exact_at(0, &mut bytes).ok()?;
    if bytes.starts_with(&[0x1F, 0x8B]) {
        bytes = gzip_start(&bytes, MAX_HEAD_BYTES);
    }
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

fn text(file: &NamedFile) -> Result<String, OpenError> {
    let size = usize::try_from(file.file.size_bytes()).unwrap_or(usize::MAX);
    if size > MAX_BYTES {
        return Err(OpenError::field(&file.path, "table", format!("{size} bytes"), format!("at most {MAX_BYTES}")));
    }
    let mut bytes = vec![0; size];
    file.file.read_exact_at(0, &mut bytes).map_err(OpenError::io(&file.path))?;
    if bytes.starts_with(&[0x1F, 0x8B]) {
        bytes = gzip(&bytes, MAX_BYTES).map_err(|error| OpenError::field(&file.path, "gzip", error, "a whole file"))?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Which column holds what.
struct Columns {
    separator: char,
    time: usize,
    electrode: usize,
    amplitude: Option<usize>,
    segment: Option<usize>,
    start: Option<usize>,
    /// Seconds of the time's unit.
    time_scale_s: f64,
    /// Microvolts of the amplitude's unit.
    gain_to_uv: f64,
}

/// The cells of a line, without their quotes.
fn cells(line: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for c in line.trim_end_matches('\r').chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => cells.push(String::new()),
            c => cells.last_mut().into_iter().for_each(|cell| cell.push(c)),
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The unit that a title has in brackets.
fn unit<'a>(title: &'a str, units: &[(&str, f64)]) -> Option<(&'a str, f64)> {
    let inside = title.split(['(', '[']).nth(1)?.trim_end_matches([')', ']']).trim();
    units.iter().find(|(name, _)| *name == inside).map(|(_, scale)| (inside, *scale))
}

impl Columns {
    fn read(head: &str) -> Option<Self> {
        let head = head.trim_start_matches('\u{feff}');
        let separator = ['\t', ';', ','].into_iter().find(|separator| head.contains(*separator))?;
        let titles: Vec<String> = cells(&head.to_lowercase(), separator);
        let plain = |title: &String| title.split(['(', '[']).next().unwrap_or_default().trim().replace(' ', "_");
        let find = |names: &[&str]| titles.iter().position(|title| names.contains(&plain(title).as_str()));
        if find(OF_BURSTS).is_some() {
            return None;
        }
        // An id says more than an index.
        let electrode = ELECTRODES.iter().find_map(|name| find(&[name]))?;
        let (time, amplitude) = (find(TIMES)?, find(AMPLITUDES));
        // Times in samples would need a rate.
        let has_unit = titles[time].contains(['(', '[']);
        let time_unit = unit(&titles[time], SECONDS);
        if has_unit && time_unit.is_none() {
            return None;
        }
        let of_amplitude = |at: usize| {
            let by_name = if plain(&titles[at]).ends_with("_mv") { 1000.0 } else { 1.0 };
            unit(&titles[at], MICROVOLTS).map_or(by_name, |(_, scale)| scale)
        };
        Some(Self {
            separator,
            time,
            electrode,
            amplitude,
            segment: find(SEGMENTS),
            start: find(STARTS),
            time_scale_s: time_unit.map_or(1.0, |(_, scale)| scale),
            gain_to_uv: amplitude.map_or(1.0, of_amplitude),
        })
    }
}

fn read(file: &NamedFile, columns: &Columns, lines: &str) -> Result<Recording, OpenError> {
    let mut place_of: HashMap<String, u32> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    let mut spikes = Vec::new();
    let mut n_segments = 1;
    let mut section = None;
    for (number, line) in (2..).zip(lines.lines()) {
        let cells = cells(line, columns.separator);
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let first = cell(0).to_lowercase();
        if first.starts_with(FOOTER) {
            break;
        }
        if first == SECTION {
            section = section_s(cell(1));
        }
        // Axion's notes go on to the left of the table beyond its last line.
        if cell(columns.time).is_empty() || cell(columns.electrode).is_empty() {
            continue;
        }
        let wrong = |field: &str, found: &str, expected: &str| {
            OpenError::field(&file.path, &format!("line {number}, {field}"), format!("“{found}”"), expected)
        };
        let parse = |field: &str, text: &str| {
            // Where columns are parted by semicolons, decimals are by commas.
            let text = if columns.separator == ';' { text.replace(',', ".") } else { text.to_owned() };
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| wrong(field, &text, "a number"))
        };
        let start_s = columns.start.map_or(Ok(0.0), |at| parse("segment_start_s", cell(at)))?;
        let time_s = parse("time", cell(columns.time))? * columns.time_scale_s - start_s;
        // A spike without an amplitude is one all the same.
        let is_known = |at: &usize| !["", "na", "nan"].contains(&cell(*at).to_lowercase().as_str());
        let amplitude = columns.amplitude.filter(is_known).map_or(Ok(0.0), |at| parse("amplitude", cell(at)))?;
        let segment = columns.segment.map_or(Ok(0.0), |at| parse("segment", cell(at)))?;
        let electrode = cell(columns.electrode);
        let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let channel_index = if let Some(place) = place_of.get(electrode) {
            *place
        } else {
            names.push(electrode.to_owned());
            place_of.insert(electrode.to_owned(), next);
            next
        };
        if names.len() > MAX_ELECTRODES {
            return Err(wrong("electrode", electrode, "one of at most 65,536"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating")]
        let (segment_index, sample_index, amplitude_uv) =
            ((segment as u16).min(999), frames(time_s), (amplitude * columns.gain_to_uv) as f32);
        n_segments = n_segments.max(usize::from(segment_index) + 1);
        spikes.push(Spike { segment_index, sample_index, channel_index, amplitude_uv });
    }
    // Electrodes in the order of their names: they come in that of their first spikes.
    let mut order: Vec<u32> = (0..).take(names.len()).collect();
    order.sort_by_key(|at| (names[*at as usize].len(), &names[*at as usize]));
    let mut place = vec![0; names.len()];
    for (to, from) in (0..).zip(&order) {
        place[*from as usize] = to;
    }
    for spike in &mut spikes {
        spike.channel_index = place[spike.channel_index as usize];
    }
    let ids: Vec<String> = order.iter().map(|at| names[*at as usize].clone()).collect();
    let mut info = uniform("spikes", FRAMES_HZ, SampleType::Float32, ids, 1.0);
    info.wells = wells(&info.channel_ids);
    info.segments = (0..n_segments).map(|_| SegmentInfo { n_frames: 0, t_start_s: 0.0 }).collect();
    if let Some((from_s, to_s)) = section
        && let [segment] = info.segments.as_mut_slice()
    {
        let (from, until) = (frames(from_s), frames(to_s + SECTION_SLACK_S));
        if spikes.iter().all(|spike| (from..=until).contains(&spike.sample_index)) {
            for spike in &mut spikes {
                spike.sample_index -= from;
            }
            *segment = SegmentInfo { n_frames: (frames(to_s) - from).cast_unsigned(), t_start_s: from_s };
        }
    }
    let stored = StoredSpikes::new(info, spikes, format!("whoever wrote {}", file.name()));
    Ok(Recording { spikes: Some(stored), ..Recording::of_streams("spike_list", Vec::new()) })
}

#[expect(clippy::cast_possible_truncation, reason = "saturating")]
fn frames(time_s: f64) -> i64 {
    (time_s * FRAMES_HZ).round() as i64
}

/// Start and end in seconds of a section such as `27m0s to 1h2m0s`.
fn section_s(text: &str) -> Option<(f64, f64)> {
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

/// Axion names electrodes by their well: `D3_31` lies in `D3`.
fn wells(ids: &[String]) -> Option<Vec<String>> {
    let well = |id: &String| {
        let (well, electrode) = id.split_once('_')?;
        let mut letters = well.chars();
        let is_well = letters.next()?.is_ascii_uppercase() && letters.as_str().parse::<u8>().is_ok();
        (is_well && electrode.parse::<u16>().is_ok()).then(|| well.to_owned())
    };
    ids.iter().map(well).collect::<Option<Vec<_>>>().filter(|wells| !wells.is_empty())
}
