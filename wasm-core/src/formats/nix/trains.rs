//! Spike trains: times of the spikes of a unit, in each segment.

use super::{kind, paths, property, seconds};
use crate::formats::OpenError;
use crate::formats::hdf5::H5;
use crate::formats::interleaved::uniform;
use crate::recording::{Length, SegmentInfo, StoredSpikes, StreamInfo};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// What neo calls a spike train.
const TRAIN: &str = "neo.spiketrain";
/// Frames per second in which the times of spikes are kept.
const TRAIN_FRAMES_HZ: f64 = 1e6;

/// A spike train of a segment.
pub struct Train {
    pub segment: usize,
    name: String,
    pub times_s: Vec<f64>,
    /// From when to when it was looked for, in seconds.
    observed: Option<(f64, f64)>,
}

pub fn read(file: &H5, parts: &[String], notes: &mut Vec<String>) -> Result<Vec<Train>, OpenError> {
    let mut trains = Vec::new();
    let mut n_dropped = 0;
    for (segment, part) in parts.iter().enumerate() {
        let folder = format!("{part}/multi_tags");
        let tags = if file.has(&folder) { paths(file, &folder)? } else { Vec::new() };
        for path in tags.into_iter().filter(|path| kind(file, path).as_deref() == Some(TRAIN)) {
            let positions = format!("{path}/positions");
            let scale = seconds(file.attribute_text(&positions, "unit").as_deref());
            let numbers = match file.numbers(&format!("{positions}/data")) {
                Ok(numbers) => numbers,
                Err(error) => {
                    notes.push(format!("A spike train is left out. {error}."));
                    continue;
                }
            };
            let n_all = numbers.len();
            let times_s: Vec<f64> =
                numbers.into_iter().map(|time| time * scale).filter(|time| time.is_finite()).collect();
            n_dropped += n_all - times_s.len();
            let limit = |name: &str| {
                let path = format!("{path}/metadata/properties/{name}");
                let unit = file.attribute_text(&path, "unit");
                Some(file.number(&path).ok()? * seconds(unit.as_deref())).filter(|time| time.is_finite())
            };
            let observed = limit("t_start").zip(limit("t_stop")).filter(|(from, to)| from < to);
            let name = property(file, &path, "neo_name").unwrap_or_else(|| "spikes".into());
            trains.push(Train { segment, name, times_s, observed });
        }
    }
    if n_dropped > 0 {
        notes.push(format!("{}: {n_dropped} spike times are not numbers, and are left out.", file.path()));
    }
    Ok(trains)
}

/// Spike trains as channels; those of one name are one channel, whatever their segment.
pub fn spikes(trains: &[Train], n_segments: usize, beside: Option<&StreamInfo>) -> Option<StoredSpikes> {
    let mut ids: Vec<String> = trains.iter().map(|train| train.name.clone()).collect();
    ids.sort();
    ids.dedup();
    if trains.iter().all(|train| train.times_s.is_empty()) {
        return None;
    }
    let mut info = uniform("spike trains", TRAIN_FRAMES_HZ, SampleType::Float64, ids, 1.0);
    let beside = beside.filter(|stream| stream.segments.len() == n_segments);
    let stretches: Vec<Stretch> = (0..n_segments).map(|at| Stretch::of(trains, at, beside)).collect();
    info.segments = stretches.iter().map(Stretch::segment).collect();
    let mut spikes = Vec::new();
    for Train { segment, name, times_s, .. } in trains {
        let channel = info.channel_ids.binary_search(name).unwrap_or(0);
        let t_start_s = info.segments[*segment].t_start_s;
        #[expect(clippy::cast_possible_truncation, reason = "saturating; microseconds, and a number of trains")]
        spikes.extend(times_s.iter().map(|time_s| Spike {
            segment_index: u32::try_from(*segment).unwrap_or(u32::MAX),
            sample_index: ((time_s - t_start_s) * TRAIN_FRAMES_HZ).round() as i64,
            channel_index: channel as u32,
            amplitude_uv: 0.0,
        }));
    }
    let mut stored = StoredSpikes::new(info, spikes, "whoever wrote the spike trains of the file".into());
    stored.length = if stretches.iter().all(|stretch| stretch.is_stated) {
        Length::Stated
    } else if stretches.iter().all(|stretch| stretch.is_stated || stretch.from_s == 0.0) {
        Length::ToLastSpike
    } else {
        Length::FirstToLastSpike
    };
    Some(stored)
}

/// From when to when a segment lasts, in seconds.
struct Stretch {
    from_s: f64,
    to_s: f64,
    /// Whether the file tells it.
    is_stated: bool,
}

impl Stretch {
    /// As long as its trains were observed, or as the signal beside; where neither tells, up to the
    /// last spike: from 0, or from the first spike where that is far from 0.
    #[expect(clippy::cast_precision_loss, reason = "numbers of frames stay far below 2^53")]
    fn of(trains: &[Train], segment: usize, beside: Option<&StreamInfo>) -> Self {
        let own = || trains.iter().filter(|train| train.segment == segment);
        let span = |times: &mut dyn Iterator<Item = f64>| {
            times.fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), time| (from.min(time), to.max(time)))
        };
        let (first_s, last_s) = span(&mut own().flat_map(|train| train.times_s.iter().copied()));
        let observed = own().map(|train| train.observed).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty());
        let signal = beside.and_then(|stream| {
            let segment = stream.segments.get(segment)?;
            Some((segment.t_start_s, segment.t_start_s + segment.n_frames as f64 / stream.sampling_frequency_hz))
        });
        let holds_all = |(from_s, to_s): &(f64, f64)| first_s >= *from_s && last_s <= *to_s || first_s > last_s;
        let told = observed.map(|all| span(&mut all.into_iter().flat_map(|(from_s, to_s)| [from_s, to_s])));
        if let Some((from_s, to_s)) = told.or_else(|| signal.filter(holds_all)) {
            // Spikes outside of what was observed are kept.
            return Self { from_s: from_s.min(first_s), to_s: to_s.max(last_s), is_stated: true };
        }
        if first_s > last_s {
            return Self { from_s: 0.0, to_s: 0.0, is_stated: false };
        }
        let is_near = first_s >= 0.0 && first_s <= last_s - first_s;
        Self { from_s: if is_near { 0.0 } else { first_s }, to_s: last_s, is_stated: false }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; microseconds")]
    fn segment(&self) -> SegmentInfo {
        let n_frames = ((self.to_s - self.from_s) * TRAIN_FRAMES_HZ).round() as u64;
        SegmentInfo { n_frames, t_start_s: self.from_s }
    }
}
