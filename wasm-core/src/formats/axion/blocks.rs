//! Data of an Axion file, block after block: voltage of all electrodes, or a spike each.

use std::collections::HashMap;
use std::ops::Range;

use super::headers::{Electrode, VectorHeader};
use crate::formats::interleaved::{Interleaved, SegmentFile, uniform};
use crate::formats::limits::{MAX_STORED_SPIKES, too_many_spikes};
use crate::formats::plates::{Place, Plate, positions};
use crate::formats::text_header::{for_each_record, peak, u32_at, u64_at};
use crate::formats::{OpenError, Recording};
use crate::io::NamedFile;
use crate::recording::{SegmentInfo, StoredSpikes, StreamInfo};
use crate::sample::SampleType;
use crate::spikes::Spike;

/// What stands before a spike's waveform, at least.
const SPIKE_BYTES: usize = 30;
/// A waveform of a tenth of a second at most.
const MAX_SPIKE_SAMPLES: usize = 1250;
/// Seconds by which spikes may lie behind a section, whose ends are whole seconds.
const SECTION_SLACK_S: f64 = 1.0;

/// The content of a file.
pub struct Blocks<'a> {
    pub file: &'a NamedFile,
    pub header: VectorHeader,
    pub electrodes: Vec<Electrode>,
    pub plate: Option<Plate>,
    /// Where the blocks are in the file.
    pub bytes: Range<u64>,
    /// Start and end in seconds of the stretch of the recording that the file is of.
    pub section_s: Option<(f64, f64)>,
}

impl Blocks<'_> {
    /// The plate's electrodes as channels.
    fn describe(&self) -> StreamInfo {
        let ids = self.electrodes.iter().map(Electrode::id).collect();
        let gain_to_uv = self.header.volts_per_step * 1e6;
        let mut info = uniform("Signals", self.header.sampling_frequency_hz, SampleType::Int16, ids, gain_to_uv);
        info.wells = Some(self.electrodes.iter().map(Electrode::well).collect());
        let place = |electrode: &Electrode| {
            let Electrode { well_row, well_column, column, row, .. } = *electrode;
            let [well_row, well_column, column, row] =
                [well_row, well_column, column, row].map(|n| u32::from(n.max(1)));
            Place { well_row, well_column, column, row }
        };
        let places: Vec<Place> = self.electrodes.iter().map(place).collect();
        let plate = self.plate.filter(|plate| places.iter().all(|place| plate.has(place)));
        info.positions_um = Some(positions(&places, plate));
        info
    }

    /// Blocks that do not hold what files of this kind do.
    fn unlike(&self, expected: &str) -> OpenError {
        let VectorHeader { n_channels, n_samples, header_bytes, .. } = self.header;
        let found = format!("{n_channels} channels of {n_samples} samples behind {header_bytes} bytes");
        OpenError::field(&self.file.path, "block", found, expected)
    }

    /// The blocks of a `.raw`: samples of all channels, frame after frame.
    pub fn voltage(&self) -> Result<Recording, OpenError> {
        let Self { file, header, electrodes, bytes, .. } = self;
        let n_channels = header.n_channels;
        if electrodes.len() != n_channels || n_channels == 0 {
            let found = format!("{} electrodes for {n_channels} channels", electrodes.len());
            return Err(OpenError::field(&file.path, "channel array", found, "one electrode per channel"));
        }
        if header.header_bytes != 0 || header.n_samples != 1 {
            return Err(self.unlike("one sample of each channel"));
        }
        let mut info = self.describe();
        let n_frames = (bytes.end - bytes.start) / (2 * n_channels as u64);
        info.segments = vec![SegmentInfo { n_frames, t_start_s: 0.0 }];
        let segment = SegmentFile { path: file.path.clone(), file: file.file.clone(), offset_bytes: bytes.start };
        Ok(Recording::of_streams("axion", vec![Box::new(Interleaved::whole(info, vec![segment]))]))
    }

    /// The blocks of a `.spk`: a spike each.
    pub fn spikes(&self) -> Result<Recording, OpenError> {
        let Self { file, header, electrodes, bytes, .. } = self;
        let (header_bytes, n_samples) = (header.header_bytes as usize, header.n_samples as usize);
        if header.n_channels != 1 || header_bytes < SPIKE_BYTES || n_samples == 0 || n_samples > MAX_SPIKE_SAMPLES {
            return Err(self.unlike("the waveform of one channel behind 30 bytes"));
        }
        let record_bytes = header_bytes + 2 * n_samples;
        if (bytes.end - bytes.start) / record_bytes as u64 > MAX_STORED_SPIKES as u64 {
            return Err(too_many_spikes(&file.path));
        }
        let place_of: HashMap<[u8; 2], u32> =
            (0..).zip(electrodes).map(|(at, electrode)| (electrode.channel_and_chip, at)).collect();
        let mut found = Vec::new();
        let mut noise_uv = vec![(0.0, 0_u32); electrodes.len()];
        let mut threshold = 0.0;
        for_each_record(file, bytes.clone(), record_bytes, |record| {
            // Start, channel, chip, trigger, deviation in volts, multiple of it; then the waveform.
            let trigger = i64::from(u32_at(record, 10).cast_signed());
            let sample_index = u64_at(record, 0).cast_signed().saturating_add(trigger);
            let Some(channel_index) = place_of.get(&[record[8], record[9]]).copied() else { return };
            let peak = peak(&record[header_bytes..]);
            #[expect(clippy::cast_possible_truncation, reason = "spikes are kept in f32")]
            let amplitude_uv = (f64::from(peak) * header.volts_per_step * 1e6) as f32;
            found.push(Spike { segment_index: 0, sample_index, channel_index, amplitude_uv });
            let (sum, n) = &mut noise_uv[channel_index as usize];
            *sum += f64::from_bits(u64_at(record, 14)) * 1e6;
            *n += 1;
            threshold = f64::from_bits(u64_at(record, 22));
        })?;
        let mut info = StreamInfo { name: "spikes".into(), ..self.describe() };
        info.segments = vec![self.segment(&mut found)];
        let found_by = format!("AxIS, peaks beyond {threshold} x the noise that it measured");
        let mut stored = StoredSpikes::new(info, found, found_by);
        #[expect(clippy::cast_possible_truncation, reason = "noise is kept in f32")]
        let mean = |(sum, n): &(f64, u32)| if *n > 0 { (sum / f64::from(*n)) as f32 } else { 0.0 };
        stored.noise_uv = noise_uv.iter().map(mean).collect();
        let mut recording = Recording::of_streams("axion", Vec::new());
        recording.spikes = Some(stored);
        Ok(recording)
    }

    /// The stretch that spikes are of: the section where they lie in it, else as long as the header
    /// says; of no stated length where neither is so. Frames are made to count from its start.
    #[expect(clippy::cast_possible_truncation, reason = "saturating; frames of a recording")]
    fn segment(&self, spikes: &mut [Spike]) -> SegmentInfo {
        let frame = |seconds: f64| (seconds * self.header.sampling_frequency_hz).round() as i64;
        let is_within = |from_s: f64, to_s: f64| {
            let frames = frame(from_s)..=frame(to_s + SECTION_SLACK_S);
            spikes.iter().all(|spike| frames.contains(&spike.sample_index))
        };
        let n_frames = |seconds: f64| frame(seconds).max(0).cast_unsigned();
        if let Some((from_s, to_s)) = self.section_s {
            let n_frames = n_frames(to_s - from_s);
            if is_within(from_s, to_s) {
                let from = frame(from_s);
                for spike in spikes {
                    spike.sample_index -= from;
                }
                return SegmentInfo { n_frames, t_start_s: from_s };
            }
            if is_within(0.0, to_s - from_s) {
                return SegmentInfo { n_frames, t_start_s: from_s };
            }
        }
        let stated = self.header.duration_s.filter(|duration_s| is_within(0.0, *duration_s));
        SegmentInfo { n_frames: stated.map_or(0, n_frames), t_start_s: 0.0 }
    }
}
