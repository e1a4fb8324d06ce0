//! `neurocyte analyze`: the run of the cloud, on this machine's threads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use wasm_core::analyses::BadChannelMethod;
use wasm_core::cost::Work;
use wasm_core::engine::{BlockId, Engine, Scan, Workspace};
use wasm_core::export::prism::prism_wide;
use wasm_core::field::{FIELD_FILE, FieldBuilder, FieldPlan, FieldPotentials, decimated};
use wasm_core::figure::{Figure, svg};
use wasm_core::formats::add_events;
use wasm_core::pipeline::{Pipeline, check_searchable};
use wasm_core::plate::{Plate, check_well, wells_table};
use wasm_core::quality::{bad_channels, bad_ids, missing_note};
use wasm_core::recording::{FrameSource, ReadError, Recording, StoredSpikes, StreamInfo, told_length};
use wasm_core::regions::priced;
use wasm_core::report;
use wasm_core::run::{
    self, AboveFloor, Cut, Job, Progress, REDUCE, Receipt, RecordingSummary, ResultSet, RunResult, Slice, SliceResult,
    Stage, Task, stages_of,
};
use wasm_core::spikes::{write_parquet, write_parquet_of};
use wasm_core::table::Values;

use super::{
    Also, Analyze, Outcome, earlier, exports, files, only_of_signals, open_path, output, sensitivity, snippets,
};
use crate::memory::peak_memory_bytes;
use crate::region;
use crate::threads::{Thread, carry, lock, threads_or_all};

/// Blocks of a slice: small, so that threads end together.
const BLOCKS_PER_SLICE: u64 = 4;

pub fn run(options: &Analyze) -> Outcome {
    let start = Instant::now();
    let mut recording = open_path(&options.path)?;
    if let Some(table) = &options.events {
        add_events(&mut recording, &files::named(table)?)?;
    }
    if let Some(stored) = recording.spikes.as_ref().filter(|_| recording.streams.is_empty() || options.stored_spikes) {
        return write_stored(options, &recording, stored);
    }
    if options.stored_spikes {
        let notes = recording.notes.join(" ");
        return Err(format!("{}: no spikes were read from the files. {notes}", options.path.display()).into());
    }
    let source = recording.stream(options.stream.as_deref())?;
    check_searchable(source.info())?;
    check_shown(options, source.info())?;
    let given = read_pipeline(options.pipeline.as_deref())?;
    let mut pipeline = given.unwrap_or_else(|| Pipeline::for_stream(source.info()));
    if options.leave_out_bad {
        leave_out_bad(source, &mut pipeline)?;
    }
    let engine = Engine::new(source.info(), &pipeline)?;
    let n_threads = threads_or_all(options.threads);
    let field = FieldPlan::new(source.info(), &pipeline);
    let field = field.map(|plan| FieldBuilder::new(plan.told(&recording.facts), source.info()));
    let Searched { mut job, whole, noise_uv, field } =
        search(&engine, source, (stages_of(&pipeline), field), n_threads)?;

    let reduce_start = Instant::now();
    let name = options.path.file_name().unwrap_or_default().to_string_lossy();
    let notes: Vec<String> = recording.notes.iter().cloned().chain(missing_note(source)?).collect();
    let described = RecordingSummary::new(&name, recording.format, source.info(), &recording.facts, &notes);
    let result = run::reduce(&engine, &pipeline, described, &noise_uv, whole);
    remove_earlier(options)?;
    if let Some(field) = &field {
        output::write(&options.out.join(FIELD_FILE), &field.to_bytes())?;
    }
    let detections = result.detections.with_events(&recording.events).with_field(field);
    let result = RunResult { detections: detections.showing(options.well.as_deref()), ..result };
    write_result(options, &result, &result.detections.results(&pipeline))?;
    exports::write(options, &result, None)?;
    if options.also.contains(&Also::Sensitivity) {
        let above = AboveFloor { engine: &engine, peaks: &result.peaks, noise_uv: &noise_uv };
        sensitivity::write(&options.out, &above, &result.summary.headline, n_threads)?;
    }
    job.took(&REDUCE, reduce_start.elapsed().as_secs_f64());
    if options.snippets {
        snippets::write(&engine, source, &result.spikes, n_threads, &options.out.join("snippets.npy"))?;
    }

    let receipt = receipt(&job, n_threads, start.elapsed().as_secs_f64());
    output::write(&options.out.join("receipt.json"), serde_json::to_string_pretty(&receipt)?.as_bytes())?;
    tell(&options.out, &result.summary.headline);
    Ok(())
}

/// Has the pipeline leave out bad electrodes too, beside those that it leaves out by itself.
fn leave_out_bad(source: &dyn FrameSource, pipeline: &mut Pipeline) -> Outcome {
    let labels = bad_channels(source, BadChannelMethod::Mad)?;
    let mut left_out = pipeline.left_out();
    left_out.extend(bad_ids(source.info(), &labels));
    left_out.sort_unstable();
    left_out.dedup();
    pipeline.set("bad_channels", "channel_ids", left_out.into());
    Ok(())
}

/// Time of the whole run, and what that would cost in the cloud.
fn receipt(job: &Job, n_threads: usize, wall_s: f64) -> Receipt {
    let receipt = job.receipt("local", n_threads, wall_s);
    let analyse_s = receipt.stages.iter().map(|stage| stage.worker_s).sum();
    let n_slices = job.slices().len() as u64;
    let (price_region, prices) = priced(region::here().as_deref());
    Receipt {
        peak_memory_bytes: peak_memory_bytes(),
        cost_usd: Work { analyse_s, n_slices, ..Work::default() }.usd(&prices),
        price_region: Some(price_region.into()),
        ..receipt
    }
}

/// What a search of a recording gives.
pub(super) struct Searched {
    /// The job that was done.
    pub job: Job,
    /// What was found.
    pub whole: SliceResult,
    /// Noise of each channel in microvolts.
    pub noise_uv: Vec<f32>,
    /// Field potentials, where they are kept.
    pub field: Option<Arc<FieldPotentials>>,
}

/// Searches a recording for peaks on some threads, and shows how far it is; with a builder it keeps field
/// potentials.
pub(super) fn search(
    engine: &Engine,
    source: &dyn FrameSource,
    (stages, field): (&'static [Stage], Option<FieldBuilder>),
    n_threads: usize,
) -> Result<Searched, ReadError> {
    let method = engine.settings().noise;
    // Threads share what they decode, so they go through the recording together.
    let cut = Cut { blocks_per_slice: BLOCKS_PER_SLICE, n_stretches: 1, early: run::early_blocks(source, method) };
    let job = Job::new(stages, source.info(), method, cut);
    let bar = ProgressBar::new(job.progress().total as u64);
    if let Ok(style) = ProgressStyle::with_template("{msg:8} {wide_bar} {percent:>3} %, {eta} left") {
        bar.set_style(style);
    }
    let show = |job: &mut Job| {
        let Progress { stage, done, .. } = job.progress();
        bar.set_message(stage);
        bar.set_position(done as u64);
    };
    let found =
        Found { engine, source, early: Mutex::default(), parts: Mutex::default(), field: field.map(Mutex::new) };
    let job = carry(n_threads, job, |task, thread| found.work(task, thread), show)?;
    let (whole, field) = found.whole();
    let noise_uv = job.noise_uv().map_or_else(Vec::new, |noise_uv| noise_uv.to_vec());
    bar.finish_and_clear();
    Ok(Searched { job, whole, noise_uv, field })
}

/// Refuses a well that the recording does not have, before anything is computed.
fn check_shown(options: &Analyze, info: &StreamInfo) -> Result<(), String> {
    let Some(well) = &options.well else { return Ok(()) };
    check_well(info, well).map_err(|reason| format!("{}: {reason}", options.path.display()))
}

/// The pipeline of a file, where one is given.
pub(super) fn read_pipeline(path: Option<&Path>) -> Result<Option<Pipeline>, String> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let pipeline = Pipeline::from_json(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    for kind in pipeline.unknown_kinds() {
        eprintln!("{}: the block “{kind}” is not known to this version; nothing is computed for it.", path.display());
    }
    Ok(Some(pipeline))
}

/// What the threads have found so far.
struct Found<'a> {
    engine: &'a Engine,
    source: &'a dyn FrameSource,
    /// Blocks that were searched before the noise was known.
    early: Mutex<BTreeMap<BlockId, Scan>>,
    /// Parts of the result, one for each thread: it takes one, adds to it and puts it back.
    parts: Mutex<Vec<SliceResult>>,
    /// Field potentials, where they are kept.
    field: Option<Mutex<FieldBuilder>>,
}

impl Found<'_> {
    /// Does a task; gives the noise that it measured.
    fn work(&self, task: &Task, Thread { workspace, expected_uv }: &mut Thread) -> Result<Vec<f32>, ReadError> {
        let Self { engine, source, .. } = *self;
        match task {
            Task::Measure { excerpt, block: None, .. } => return engine.noise_of_excerpt(source, excerpt, workspace),
            Task::Measure { excerpt, block: Some(block), .. } => {
                let (noise_uv, scan) = run::survey(engine, source, excerpt, expected_uv, workspace)?;
                lock(&self.early).insert(*block, scan);
                return Ok(noise_uv);
            }
            Task::Search(block) => {
                let scan = run::search(engine, source, *block, expected_uv, workspace)?;
                lock(&self.early).insert(*block, scan);
            }
            Task::Settle { block, noise_uv } => {
                let scan = lock(&self.early).remove(block);
                let mut part = self.part();
                if !scan.is_some_and(|scan| part.settle(engine, &scan, noise_uv)) {
                    // The noise there was far above the mean: the block is searched again, deeper.
                    let again = Slice { segment: block.segment, first_block: block.index, n_blocks: 1 };
                    self.analyse(again, noise_uv, workspace, &mut part)?;
                }
                lock(&self.parts).push(part);
            }
            Task::Analyse { slice, noise_uv } => {
                let mut part = self.part();
                self.analyse(*slice, noise_uv, workspace, &mut part)?;
                lock(&self.parts).push(part);
            }
            Task::Field(slice) => {
                if let Some(field) = &self.field {
                    let plan = lock(field).plan().clone();
                    let samples = decimated(source, &plan, *slice)?;
                    // They are as many as the slice has: the same plan cut both.
                    lock(field).add(*slice, &samples);
                }
            }
        }
        Ok(Vec::new())
    }

    fn part(&self) -> SliceResult {
        lock(&self.parts).pop().unwrap_or_else(|| SliceResult::empty(self.engine))
    }

    fn analyse(
        &self,
        slice: Slice,
        noise_uv: &[f32],
        workspace: &mut Workspace,
        part: &mut SliceResult,
    ) -> Result<(), ReadError> {
        if let Some(found) = run::analyse(self.engine, self.source, slice, noise_uv, workspace, |_| Ok(true))? {
            part.add(found);
        }
        Ok(())
    }

    /// All that was found, and the field potentials.
    fn whole(self) -> (SliceResult, Option<Arc<FieldPotentials>>) {
        let field = self.field.and_then(|field| field.into_inner().unwrap_or_else(PoisonError::into_inner).finish());
        let mut parts = self.parts.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter();
        let mut whole = parts.next().unwrap_or_else(|| SliceResult::empty(self.engine));
        for part in parts {
            whole.add(part);
        }
        (whole, field.map(Arc::new))
    }
}

/// Size of figures in pixels.
pub(super) const FIGURE: (f64, f64) = (720.0, 360.0);

/// Removes what an earlier run wrote into the folder of the result: this one may write fewer files.
fn remove_earlier(options: &Analyze) -> Result<(), String> {
    let given = [Some(&options.path), options.pipeline.as_ref(), options.events.as_ref()];
    let given: Vec<&Path> = given.into_iter().flatten().map(PathBuf::as_path).collect();
    earlier::remove(&options.out, &given)
}

/// Writes the spikes, the numbers, and each table and figure of the analyses into a file of its own.
fn write_result(options: &Analyze, result: &RunResult, results: &ResultSet) -> Outcome {
    let Analyze { out: folder, also, .. } = options;
    output::write(
        &folder.join("spikes.parquet"),
        &write_parquet_of(result.detections.first.info().kind, &result.spikes)?,
    )?;
    output::write(&folder.join("channels.csv"), run::channels_csv(&result.summary).as_bytes())?;
    if !result.summary.wells.is_empty() {
        output::write(&folder.join("wells.csv"), run::wells_csv(&result.summary).as_bytes())?;
    }
    let pictures = run::pictures(&result.detections.first, &result.waveforms);
    // Each drawing carries how it came about.
    let pipeline = serde_json::to_string(&results.pipeline)?;
    write_figures(&folder.join("figures"), &pictures, &pipeline)?;
    let plate = Plate::new(&result.summary);
    if let Some(plate) = &plate {
        let table = wells_table(&result.summary, result.detections.first.info().kind);
        write_figures(&folder.join("figures/plate"), &plate.figures(&table), &pipeline)?;
    }
    let shown = (pictures.as_slice(), result.detections.first.info().kind);
    let page = report::illustrated(&result.summary, results, &result.summary.pipeline, shown);
    output::write(&folder.join("report.html"), page.as_bytes())?;
    let analyses = folder.join("analyses");
    for of in &result.detections.further {
        output::write(&analyses.join(&of.id).join("spikes.parquet"), &write_parquet(&of.spikes)?)?;
    }
    for block in &results.blocks {
        let own = analyses.join(&block.id);
        if let Some((plate, table)) = plate.as_ref().zip(block.table("wells")) {
            write_figures(&own.join("plate"), &plate.figures(table), &pipeline)?;
        }
        for table in &block.tables {
            output::write(&own.join(format!("{}.csv", table.id)), table.to_csv().as_bytes())?;
            if also.contains(&Also::Parquet) {
                output::write(&own.join(format!("{}.parquet", table.id)), &table.to_parquet()?)?;
            }
            if also.contains(&Also::Prism) && table.n_rows() > 0 {
                let numbers = table.columns.iter().filter(|column| !matches!(column.values, Values::Text(_)));
                for wide in numbers.filter_map(|column| prism_wide(table, "well", &column.name)) {
                    output::write(&own.join("prism").join(format!("{}.csv", wide.id)), wide.to_csv().as_bytes())?;
                }
            }
        }
        write_figures(&own, &block.figures, &pipeline)?;
    }
    output::write(&folder.join("results.json"), &serde_json::to_vec(results)?)?;
    Ok(output::write(&folder.join("summary.json"), serde_json::to_string_pretty(&result.summary)?.as_bytes())?)
}

/// Writes figures into a folder, each with the pipeline that it comes from.
fn write_figures(folder: &Path, figures: &[Figure], pipeline: &str) -> Result<(), String> {
    figures.iter().try_for_each(|figure| {
        output::write(&folder.join(format!("{}.svg", figure.id)), svg(figure, FIGURE, Some(pipeline)).as_bytes())
    })
}

/// The numbers of spikes that the files hold; nothing is detected, so there is no receipt.
fn write_stored(options: &Analyze, recording: &Recording, stored: &StoredSpikes) -> Outcome {
    only_of_signals::refuse(options)?;
    check_shown(options, &stored.info)?;
    let name = options.path.file_name().unwrap_or_default().to_string_lossy();
    let result = run::of_stored(stored, &name, recording.format, &recording.facts, &recording.notes);
    let detections = result.detections.with_events(&recording.events).showing(options.well.as_deref());
    let result = RunResult { detections, ..result };
    let pipeline = read_pipeline(options.pipeline.as_deref())?.unwrap_or_else(Pipeline::empty);
    remove_earlier(options)?;
    write_result(options, &result, &result.detections.results(&pipeline.from_spikes()))?;
    exports::write(options, &result, stored.observed_s.as_deref())?;
    tell(&options.out, &result.summary.headline);
    Ok(())
}

fn tell(out: &Path, headline: &run::Headline) {
    eprintln!(
        "{} spikes on {} active electrodes in {} of recording, written to {}",
        headline.n_spikes,
        headline.active_electrodes,
        told_length(headline.duration_s),
        out.display()
    );
}
