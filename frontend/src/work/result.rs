//! The result on screen: peaks above the floor, and the spikes above the threshold.

use std::sync::Arc;

use wasm_bindgen::JsValue;
use wasm_core::analyses::SpikeTrains;
use wasm_core::engine::{Engine, Waveforms};
use wasm_core::events::Event;
use wasm_core::export::{nwb, phy, zip};
use wasm_core::field::{FieldBuilder, FieldPlan, FieldPotentials};
use wasm_core::kept::{self, About, Kept, Parts};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{StoredSpikes, StreamInfo};
use wasm_core::report;
use wasm_core::run::{
    self, AboveFloor, BlockResult, Cache, CalibrationError, Detected, Measured, RecordingSummary, ResultSet, RunResult,
    Slice, SliceResult, Summary,
};
use wasm_core::spikes::{Spike, read_parquet, write_parquet_of};
use wasm_core::table::Table;

use super::listening::problem;
use super::{columns, raster, slices};
use crate::bridge::result::{Analysed, ExportFormat, Reply, sent_rows};
use crate::bridge::stored::StoredOf;
use crate::bridge::{Failure, buffer, bytes, floats, floats_buffer};

pub struct KeptResult {
    info: StreamInfo,
    /// What found the spikes; none for stored ones, whose threshold cannot be moved.
    engine: Option<Engine>,
    summary: Summary,
    peaks: Vec<Spike>,
    spikes: Vec<Spike>,
    waveforms: Waveforms,
    /// Seconds in which each channel was observed, where it was not all the time.
    observed_s: Option<Vec<f64>>,
    /// What happened besides, such as stimuli.
    events: Vec<Event>,
    /// The spikes of each detection behind the first.
    further: Vec<Detected>,
    /// The slow part of the signal, where it was kept.
    field: Option<Arc<FieldPotentials>>,
    analyses: Analyses,
}

/// The analyses of the spikes, as far as they are known.
#[derive(Default)]
struct Analyses {
    /// The spikes as trains, with what tells them from others; those of a result that was loaded are made
    /// when they are needed.
    trains: Option<(SpikeTrains, u64)>,
    cache: Cache,
    last: Option<ResultSet>,
    /// Well of a plate that figures show; the most active one without.
    well: Option<String>,
}

impl Analyses {
    fn of(trains: SpikeTrains, key: u64) -> Self {
        Self { trains: Some((trains, key)), ..Self::default() }
    }
}

fn with_key(trains: SpikeTrains, spikes: &[Spike]) -> (SpikeTrains, u64) {
    (trains, run::spikes_key(spikes))
}

/// The field potentials of all slices; none where they are not kept.
fn joined(
    (info, pipeline): (&StreamInfo, &Pipeline),
    recording: &RecordingSummary,
    slices: &[Slice],
    attached: &[JsValue],
) -> Result<Option<Arc<FieldPotentials>>, Failure> {
    let Some(plan) = FieldPlan::new(info, pipeline) else { return Ok(None) };
    let mut builder = FieldBuilder::new(plan.told(&recording.facts), info);
    for (slice, samples) in slices.iter().zip(attached) {
        if !builder.add(*slice, &floats(samples)) {
            return Err(problem("a part of the field potentials did not arrive whole"));
        }
    }
    Ok(builder.finish().map(Arc::new))
}

impl KeptResult {
    /// Puts slices together, as Reduce does in the cloud.
    pub fn reduce(
        (info, pipeline): (StreamInfo, &Pipeline),
        recording: RecordingSummary,
        noise_uv: &[f32],
        of_field: &[Slice],
        attached: &[JsValue],
    ) -> Result<Self, Failure> {
        let engine = Engine::new(&info, pipeline)?;
        let (attached, of_slices) = attached.split_at(attached.len().saturating_sub(of_field.len()));
        let field = joined((&info, pipeline), &recording, of_field, of_slices)?;
        let mut whole = SliceResult::empty(&engine);
        whole.peaks.reserve_exact(attached.iter().map(slices::most_peaks).sum());
        for part in attached {
            let part = slices::from_bytes(&bytes(part)).ok_or_else(|| problem("a part did not arrive whole"))?;
            whole.add(part);
        }
        let result = run::reduce(&engine, pipeline, recording, noise_uv, whole);
        let kept = Self {
            info,
            engine: Some(engine),
            summary: result.summary,
            analyses: Analyses::of(result.detections.first, result.detections.key),
            peaks: result.peaks,
            spikes: result.spikes,
            waveforms: result.waveforms,
            observed_s: None,
            events: Vec::new(),
            further: result.detections.further,
            field: None,
        };
        Ok(kept.with_field(field))
    }

    /// Takes the files of a finished run: `peaks.parquet`, `waveforms.npy`, the spikes of each detection behind the
    /// first and, where field potentials were kept, `field.bin`.
    pub fn load(info: StreamInfo, summary: Summary, attached: &[JsValue]) -> Result<Self, Failure> {
        let missing = || problem("the result's files are missing");
        let [peaks, waveforms, others @ ..] = attached else { return Err(missing()) };
        let n_further = summary.pipeline.detectors().len().saturating_sub(1);
        let (further, field) = others.split_at_checked(n_further).ok_or_else(missing)?;
        let peaks = read_parquet(bytes(peaks).into())?;
        let further = further.iter().map(|list| read_parquet(bytes(list).into())).collect::<Result<Vec<_>, _>>()?;
        let field = field.first().map(|field| FieldPotentials::from_bytes(&bytes(field), &info)).transpose()?;
        let result = Self::finished(info, summary, None, (peaks, further), &bytes(waveforms))?;
        Ok(result.with_field(field.map(Arc::new)))
    }

    /// Takes a file that [`Self::file`] made.
    pub fn restore(attached: &[JsValue]) -> Result<Self, Failure> {
        let [file] = attached else { return Err(problem("the file is missing")) };
        let (kept, parts) = kept::read(&bytes(file).into())?;
        let peaks = kept.peaks(parts.peaks)?;
        let further = parts.further.into_iter().map(|list| kept.peaks(list)).collect::<Result<Vec<_>, _>>()?;
        let field = parts.field.map(|field| FieldPotentials::from_bytes(&field, &kept.info)).transpose()?;
        // There is no recording: its events came with the file.
        let events = kept.about.events;
        let restored = Self::finished(kept.info, kept.summary, kept.observed_s, (peaks, further), &parts.waveforms)?;
        Ok(restored.with_events(&events).with_field(field.map(Arc::new)))
    }

    /// A result that was finished before, with the spikes of its threshold.
    fn finished(
        info: StreamInfo,
        summary: Summary,
        observed_s: Option<Vec<f64>>,
        (peaks, further): (Vec<Spike>, Vec<Vec<Spike>>),
        waveforms: &[u8],
    ) -> Result<Self, Failure> {
        let further = Detected::all(&summary.pipeline, &info, further);
        let mut kept = Self {
            info,
            engine: None,
            summary,
            peaks,
            spikes: Vec::new(),
            waveforms: Waveforms { n_frames: 0, n_before: 0, mean_uv: Vec::new() },
            observed_s,
            events: Vec::new(),
            further: further.ok_or_else(|| problem("the spikes of a detection are missing"))?,
            field: None,
            analyses: Analyses::default(),
        };
        // Spikes that files held were not searched for: all count, and they have no waveforms.
        let mut threshold = 0.0;
        if kept.summary.pipeline.has_signal() {
            let engine = Engine::new(&kept.info, &kept.summary.pipeline)?;
            let found = Waveforms::from_npy(waveforms, engine.waveform_before(), kept.info.n_channels);
            kept.waveforms = found.ok_or_else(|| problem("waveforms.npy is damaged"))?;
            threshold = engine.settings().detection.detect_threshold;
            kept.engine = Some(engine);
        }
        kept.spikes = kept.spikes_at(threshold);
        Ok(kept)
    }

    /// The result as a file that opens again.
    pub fn file(&self, about: About) -> Result<Vec<u8>, Failure> {
        let (info, summary, observed_s) = (self.info.clone(), self.summary.clone(), self.observed_s.clone());
        let peaks = write_parquet_of(info.kind, &self.peaks)?;
        let further = self.further.iter().map(|of| write_parquet_of(info.kind, &of.spikes));
        let further = further.collect::<Result<Vec<_>, _>>()?;
        let (waveforms, field) = (self.waveforms.to_npy(), self.field.as_ref().map(|field| field.to_bytes()));
        let parts = Parts {
            peaks: peaks.as_slice(),
            waveforms: &waveforms,
            field: field.as_deref(),
            further: further.iter().map(Vec::as_slice).collect(),
        };
        Ok(Kept { about, info, summary, observed_s }.write(&parts)?)
    }

    /// Takes spikes that files hold.
    pub fn stored(name: &str, of: StoredOf, attached: &[JsValue]) -> Result<Self, Failure> {
        let spikes = columns::to_spikes(&of.n_spikes, attached);
        let spikes = spikes.ok_or_else(|| problem("the stored spikes did not arrive whole"))?;
        let stored = StoredSpikes { spikes, ..of.stored };
        let RunResult { summary, spikes, peaks, waveforms, detections } =
            run::of_stored(&stored, name, &of.format, &of.facts, &of.notes);
        let kept = Self {
            info: stored.info,
            engine: None,
            summary,
            peaks,
            analyses: Analyses::of(detections.first, detections.key),
            spikes,
            waveforms,
            observed_s: stored.observed_s,
            events: Vec::new(),
            further: detections.further,
            field: None,
        };
        Ok(kept.with_events(&of.events))
    }

    /// With the events of the recording.
    pub fn with_events(mut self, events: &[Event]) -> Self {
        events.clone_into(&mut self.events);
        let trains = self.analyses.trains.take();
        self.analyses.trains = trains.map(|(trains, key)| (trains.with_events(events), key));
        self.further = self.further.into_iter().map(|of| of.with_events(events)).collect();
        self
    }

    /// With the field potentials of the recording, where they were kept.
    fn with_field(mut self, field: Option<Arc<FieldPotentials>>) -> Self {
        let trains = self.analyses.trains.take();
        self.analyses.trains = trains.map(|(trains, key)| (trains.with_field(field.clone()), key));
        self.further = self.further.into_iter().map(|of| of.with_field(field.clone())).collect();
        self.field = field;
        self
    }

    fn noise_uv(&self) -> Vec<f32> {
        self.summary.channels.iter().map(|channel| channel.noise_uv.unwrap_or_default()).collect()
    }

    fn spikes_at(&self, threshold: f32) -> Vec<Spike> {
        let Some(engine) = &self.engine else { return self.peaks.clone() };
        engine.spikes(&self.peaks, &engine.thresholds_at(threshold, &self.noise_uv()))
    }

    /// Applies another threshold to the peaks and counts again.
    #[expect(clippy::cast_possible_truncation, reason = "as the engine takes it from a pipeline")]
    pub fn set_threshold(&mut self, threshold: f64) {
        self.spikes = self.spikes_at(threshold as f32);
        let trains = SpikeTrains::new(&self.info, &self.spikes, self.observed_s.as_deref())
            .with_events(&self.events)
            .with_field(self.field.clone());
        // Methods, parameters and summary.json tell the threshold of the spikes that go with them.
        let mut pipeline = self.summary.pipeline.clone();
        pipeline.set("detect_peaks", "detect_threshold", threshold.into());
        let (recording, noise_uv) = (self.summary.recording.clone(), self.noise_uv());
        let channels = self.summary.channels.iter().enumerate();
        let dead: Vec<usize> = channels.filter(|(_, channel)| channel.dead).map(|(at, _)| at).collect();
        let measured = Measured {
            trains: &trains,
            pipeline: &pipeline,
            noise_uv: &noise_uv,
            threshold: threshold as f32,
            dead: &dead,
            spikes: &self.spikes,
        };
        self.summary = Summary::new(recording, &measured);
        self.analyses.trains = Some(with_key(trains, &self.spikes));
    }

    /// The headline's numbers at another threshold, which is not set.
    pub fn sensitivity(&self, threshold: f64) -> Result<Reply, Failure> {
        let engine =
            self.engine.as_ref().ok_or_else(|| problem("stored spikes have no threshold that can be moved"))?;
        let above = AboveFloor { engine, peaks: &self.peaks, noise_uv: &self.noise_uv() };
        Ok(Reply::Sensitivity { at: Box::new(above.at(threshold)) })
    }

    /// What a silent recording, a file that [`Self::file`] made, has above each threshold beside this result.
    pub fn calibrate(&self, attached: &[JsValue]) -> Result<Reply, Failure> {
        let silent = Self::restore(attached)?;
        run::same_search(&silent.summary.pipeline, &self.summary.pipeline)?;
        let (Some(of_silent), Some(engine)) = (&silent.engine, &self.engine) else {
            return Err(CalibrationError::NoThreshold.into());
        };
        let silent = AboveFloor { engine: of_silent, peaks: &silent.peaks, noise_uv: &silent.noise_uv() };
        let active = AboveFloor { engine, peaks: &self.peaks, noise_uv: &self.noise_uv() };
        Ok(Reply::Calibrated { counts: Box::new(run::calibration(&silent, &active)?) })
    }

    /// What a method tells of the bursts or network bursts.
    pub fn by_method(&mut self, kind: &str) -> Result<Reply, Failure> {
        let found = run::by_method(self.trains(), kind).ok_or_else(|| problem("this version has no such method"))?;
        Ok(Reply::ByMethod { found: Box::new(found) })
    }

    /// The spikes as trains, made where they are not there yet.
    fn trains(&mut self) -> &SpikeTrains {
        let Analyses { trains, well, .. } = &mut self.analyses;
        let (info, spikes, observed_s, events) = (&self.info, &self.spikes, self.observed_s.as_deref(), &self.events);
        let field = &self.field;
        let of = || SpikeTrains::new(info, spikes, observed_s).with_events(events).with_field(field.clone());
        let (trains, _) = trains.get_or_insert_with(|| with_key(of(), spikes));
        trains.show(well.as_deref());
        trains
    }

    /// Has figures show this well of a plate; without, the most active one.
    pub fn show_well(&mut self, well: Option<String>) {
        self.analyses.well = well;
    }

    /// Computes at most `n_new` of what is not known yet of the analyses of a pipeline; tells what the page
    /// does not have.
    pub fn analyses(&mut self, pipeline: &Pipeline, known: &[String], n_new: usize) -> Reply {
        self.trains();
        let Self { analyses: Analyses { trains, cache, last, well }, further, .. } = self;
        for of in further.iter_mut() {
            of.trains.show(well.as_deref());
        }
        let Some((trains, key)) = trains else { return Reply::Analyses { blocks: Vec::new(), n_pending: 0 } };
        let (results, n_pending) = run::some_results((&*trains, *key), further, pipeline, cache, n_new);
        let analysed = |block: &Arc<BlockResult>| {
            // A kind that is not known has no key.
            let is_known = !block.key.is_empty() && known.contains(&block.key);
            let result = (!is_known).then(|| {
                let tables = block.tables.iter().map(|table| table.head(sent_rows(&block.kind, table))).collect();
                let n_rows = block.tables.iter().map(Table::n_rows).collect();
                (Box::new(BlockResult { tables, ..block.without_tables() }), n_rows)
            });
            Analysed { id: block.id.clone(), key: block.key.clone(), result }
        };
        let blocks = results.blocks.iter().map(analysed).collect();
        *last = Some(results);
        Reply::Analyses { blocks, n_pending }
    }

    /// A whole table of the analyses as text.
    pub fn table(&self, block: &str, table: &str) -> Option<String> {
        let block = self.analyses.last.as_ref()?.blocks.iter().find(|known| known.id == block)?;
        Some(block.table(table)?.to_csv())
    }

    /// The spikes of a stretch of a segment as a table, in parts.
    pub fn raster(&self, segment: usize, times: (f64, f64)) -> Vec<JsValue> {
        raster::pieces(&self.info, &self.spikes, segment, times).map(|piece| buffer(piece.as_bytes())).collect()
    }

    /// What the page draws.
    pub fn reply(&self) -> (Reply, Vec<JsValue>) {
        let mut attached = columns::of_spikes(&self.spikes);
        attached.push(floats_buffer(&self.waveforms.mean_uv));
        let waveform = (self.waveforms.n_before, self.waveforms.n_frames);
        let n_spikes = columns::n_of_segments(&self.info, &self.spikes);
        (Reply::Result { n_spikes, summary: Box::new(self.summary.clone()), waveform }, attached)
    }

    /// The result as a file.
    pub fn export(&mut self, format: ExportFormat) -> Result<Vec<u8>, Failure> {
        match format {
            ExportFormat::Parquet => Ok(write_parquet_of(self.info.kind, &self.spikes)?),
            ExportFormat::Csv => Ok(run::spikes_csv(&self.info, &self.spikes).into_bytes()),
            ExportFormat::Report => self.report(),
            ExportFormat::Nwb => {
                let now_s = js_sys::Date::now() / 1000.0;
                let session = nwb::Session::of(&self.summary, now_s, self.observed_s.as_deref());
                Ok(nwb::write(&self.info, &self.spikes, &session)?)
            }
            ExportFormat::Phy => {
                let files = phy::files(&self.info, &self.spikes, self.engine.is_some());
                zip::archive("phy", &files).ok_or_else(|| problem("the folder is larger than 4 GB"))
            }
        }
    }

    /// The report, with the analyses that were chosen last.
    fn report(&mut self) -> Result<Vec<u8>, Failure> {
        let own = &self.summary.pipeline;
        let last = self.analyses.last.as_ref();
        let pipeline = last.map_or_else(|| own.with_analyses(), |last| own.with_analyses_of(&last.pipeline));
        // The threshold may have moved since.
        self.analyses(&pipeline, &[], usize::MAX);
        let (Some(results), Some((trains, _))) = (&self.analyses.last, &self.analyses.trains) else {
            return Err(problem("nothing was analysed"));
        };
        let pictures = run::pictures(trains, &self.waveforms);
        let shown = (pictures.as_slice(), self.info.kind);
        Ok(report::illustrated(&self.summary, results, &pipeline, shown).into_bytes())
    }
}
