//! Titles of columns in words: what their times are counted in, and which title stands there twice.

/// Titles of times, in lower case, without their unit, words parted by `_`.
const TIMES: &str = "time times t ts spike_time spike_times spiketime spiketimes timestamp timestamps time_stamp \
    time_stamps spike_timestamp spike_timestamps event_time peak_time";
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

/// Whether a list of words parted by blanks has a word.
pub fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

/// The unit of times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// So many seconds.
    Seconds(f64),
    /// Frames of a rate that is told elsewhere.
    Frames,
    /// The title does not tell.
    Unstated,
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
