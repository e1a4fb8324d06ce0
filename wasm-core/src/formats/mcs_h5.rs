//! Multi Channel Systems HDF5, as the DataManager exports it: `Data/Recording_n/AnalogStream/Stream_n`.
//!
//! Recordings of a file are segments of its streams.

use super::hdf5::{Axes, H5, H5Source};
use super::interleaved::uniform;
use super::{OpenError, Recording};
use crate::events::{Event, Events};
use crate::recording::{FrameSource, SegmentInfo};

/// Whether the file has this structure.
pub fn is_mcs(file: &H5) -> bool {
    file.has("Data/Recording_0")
}

/// Opens all analogue streams, electrodes before the rest and raw before filtered.
pub fn open(file: &H5) -> Result<Recording, OpenError> {
    let (mut recordings, _) = file.members("Data")?;
    // The file lists them by name, and Recording_10 would come before Recording_2.
    recordings.sort_by_key(|name| name.rsplit('_').next().and_then(|number| number.parse::<u64>().ok()));
    let base = "Data/Recording_0/AnalogStream";
    let (names, _) = file.members(base)?;
    let mut streams: Vec<(usize, Box<dyn FrameSource>)> = Vec::new();
    for name in names {
        let label = file.attribute_text(&format!("{base}/{name}"), "Label").unwrap_or_default();
        let rank = usize::from(!label.contains("Electrode")) * 2 + usize::from(!label.contains("Raw"));
        streams.push((rank, stream(file, &recordings, &name)?));
    }
    streams.sort_by_key(|(rank, _)| *rank);
    let streams = streams.into_iter().map(|(_, stream)| stream).collect();
    let mut events = Events::default();
    for (segment, recording) in recordings.iter().enumerate() {
        read_events(file, segment, recording, &mut events);
    }
    Ok(Recording::of_streams("mcs_h5", streams).with_events(events))
}

/// Events of a recording: rows of times and durations in microseconds.
fn read_events(file: &H5, segment: usize, recording: &str, events: &mut Events) {
    let base = format!("Data/{recording}/EventStream");
    for stream in file.members(&base).map(|(groups, _)| groups).unwrap_or_default() {
        let place = format!("{base}/{stream}");
        // Streams that the system adds by itself have no label, but say what they are.
        let text = |name: &str| file.attribute_text(&place, name).map(|text| text.trim().to_owned());
        let source = text("Label").filter(|label| !label.is_empty()).or_else(|| text("DataSubType"));
        let source = source.unwrap_or_else(|| stream.clone());
        let (_, datasets) = file.members(&place).unwrap_or_default();
        for entity in datasets.iter().filter_map(|name| name.strip_prefix("EventEntity_")) {
            let numbers = file.numbers(&format!("{place}/EventEntity_{entity}")).unwrap_or_default();
            let (times_us, durations_us) = numbers.split_at(numbers.len() / 2);
            for (time_us, duration_us) in times_us.iter().zip(durations_us) {
                events.push(Event {
                    segment,
                    time_s: time_us * 1e-6,
                    duration_s: duration_us * 1e-6,
                    source: source.clone(),
                    label: format!("event {entity}"),
                });
            }
        }
    }
}

fn stream(file: &H5, recordings: &[String], name: &str) -> Result<Box<dyn FrameSource>, OpenError> {
    let table = format!("Data/Recording_0/AnalogStream/{name}/InfoChannel");
    let column = |field: &str| file.column(&table, field);
    let (ids, ticks_us, exponents) = (column("ChannelID")?, column("Tick")?, column("Exponent")?);
    let (factors, zeros) = (column("ConversionFactor")?, column("ADZero")?);
    let tick_us = ticks_us.first().copied().unwrap_or(0.0);
    let mut segments = Vec::new();
    let mut datasets = Vec::new();
    for recording in recordings {
        let path = format!("Data/{recording}/AnalogStream/{name}/ChannelData");
        if !file.has(&path) {
            continue;
        }
        let (dataset, sample_type) = file.signal(&path)?;
        let [n_channels, n_frames] = *dataset.shape() else {
            return Err(file.problem(&path, &format!("of shape {:?}", dataset.shape())));
        };
        if n_channels != ids.len() as u64 {
            return Err(file.problem(&path, &format!("{n_channels} rows for {} channels", ids.len())));
        }
        let stamps = format!("Data/{recording}/AnalogStream/{name}/ChannelDataTimeStamps");
        let start_us = file.first_number(&stamps).unwrap_or(0.0);
        segments.push(SegmentInfo { n_frames, t_start_s: start_us * 1e-6 });
        datasets.push((dataset, sample_type));
    }
    let sample_type = datasets.first().map(|(_, kind)| *kind).ok_or_else(|| file.problem(name, &"without data"))?;
    let ids = ids.iter().map(|id| format!("{id:.0}")).collect();
    let mut info = uniform(name, 1e6 / tick_us, sample_type, ids, 1.0);
    for (at, gain) in info.gain_to_uv.iter_mut().enumerate() {
        // Conversion factors are whole numbers of 10^exponent volts.
        *gain = factors[at] * 10_f64.powf(exponents[at] + 6.0);
        info.offset_to_uv[at] = -zeros[at] * *gain;
    }
    info.segments = segments;
    let datasets = datasets.into_iter().map(|(dataset, _)| dataset).collect();
    Ok(Box::new(H5Source::new(info, file.path(), datasets, Axes::ChannelsFrames)))
}
