//! `neurocyte analyze`: the run of the cloud, on this machine's threads.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use wasm_core::analyses::BadChannelMethod;
use wasm_core::cost::Work;
use wasm_core::engine::{BlockId, Engine, RawWindow, Scan, combine_noise, noise_sample};
use wasm_core::export::prism::prism_wide;
use wasm_core::figure::svg;
use wasm_core::formats::add_events;
use wasm_core::pipeline::{Pipeline, check_searchable};
use wasm_core::quality::{bad_channels, bad_ids};
use wasm_core::recording::{FrameSource, ReadError, Recording, StoredSpikes};
use wasm_core::report;
use wasm_core::run::{self, AboveFloor, Receipt, RecordingSummary, ResultSet, RunResult, SliceResult, Stage};
use wasm_core::spikes::write_parquet_of;
use wasm_core::table::Values;

use super::{Also, Analyze, Outcome, exports, files, open_path, output, sensitivity, snippets};
use crate::memory::peak_memory_bytes;
use crate::threads::{Thread, parallel, threads_or_all};

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
    let given = read_pipeline(options.pipeline.as_deref())?;
    let mut pipeline = given.unwrap_or_else(|| Pipeline::for_stream(source.info()));
    if options.leave_out_bad {
        let labels = bad_channels(source, BadChannelMethod::Mad)?;
        // Beside those that the pipeline leaves out by itself.
        let mut left_out = pipeline.left_out();
        left_out.extend(bad_ids(source.info(), &labels));
        left_out.sort_unstable();
        left_out.dedup();
        pipeline.set("bad_channels", "channel_ids", left_out.into());
    }
    let engine = Engine::new(source.info(), &pipeline)?;
    let n_threads = threads_or_all(options.threads);

    let bar = ProgressBar::new(run::slices(source.info(), 1).len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{msg:8} {wide_bar} {percent:>3} %, {eta} left") {
        bar.set_style(style);
    }
    bar.set_message("noise");
    let Surveyed { noise, result: surveyed, done, time: noise_time } = survey(&engine, source, n_threads, &bar)?;
    bar.set_message("analyse");
    let slices = run::slices_without(source.info(), BLOCKS_PER_SLICE, &done);
    let whole = Mutex::new(surveyed);
    let one = |at: usize, thread: &mut Thread| -> Result<(), ReadError> {
        let observe = |_: &mut RawWindow| {
            bar.inc(1);
            Ok(true)
        };
        if let Some(result) = run::analyse(&engine, source, slices[at], &noise, &mut thread.workspace, observe)? {
            whole.lock().unwrap_or_else(PoisonError::into_inner).add(result);
        }
        Ok(())
    };
    let (_, analyse_time) = parallel(n_threads, slices.len(), one)?;
    let whole = whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    bar.finish_and_clear();

    let reduce_start = Instant::now();
    let name = options.path.file_name().unwrap_or_default().to_string_lossy();
    let described = RecordingSummary::new(&name, recording.format, source.info(), &recording.facts, &recording.notes);
    let result = run::reduce(&engine, &pipeline, described, &noise, whole).with_events(&recording.events);
    write_result(options, &result, &result.results(&pipeline))?;
    exports::write(options, &result, None)?;
    let above = AboveFloor { engine: &engine, peaks: &result.peaks, noise_uv: &noise };
    sensitivity::write(&options.out, &above, &result.summary.headline, n_threads)?;
    let reduce_time = reduce_start.elapsed();
    if options.snippets {
        snippets::write(&engine, source, &result.spikes, n_threads, &options.out.join("snippets.npy"))?;
    }

    let stage = |name: &str, time: Duration| Stage { name: name.into(), worker_s: time.as_secs_f64() };
    let worker_s = (noise_time + analyse_time + reduce_time).as_secs_f64();
    let receipt = Receipt {
        place: "local".into(),
        n_workers: n_threads,
        wall_s: start.elapsed().as_secs_f64(),
        stages: vec![stage("noise", noise_time), stage("analyse", analyse_time), stage("reduce", reduce_time)],
        n_samples: source.info().n_frames() * source.info().n_channels as u64,
        peak_memory_bytes: peak_memory_bytes(),
        cost_usd: Work { worker_s, reduce_s: 0.0, n_reads: 0, n_writes: 0, n_slices: slices.len() as u64 }.usd(),
    };
    output::write(&options.out.join("receipt.json"), serde_json::to_string_pretty(&receipt)?.as_bytes())?;
    tell(&options.out, &result.summary.headline);
    Ok(())
}

/// The pipeline of a file, where one is given.
fn read_pipeline(path: Option<&Path>) -> Result<Option<Pipeline>, String> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let pipeline = Pipeline::from_json(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    for kind in pipeline.unknown_kinds() {
        eprintln!("{}: the block “{kind}” is not known to this version; nothing is computed for it.", path.display());
    }
    Ok(Some(pipeline))
}

/// What the noise sample tells, and the blocks decoded with it.
struct Surveyed {
    noise: Vec<f32>,
    result: SliceResult,
    /// Blocks that need not be analysed any more.
    done: Vec<BlockId>,
    time: Duration,
}

fn survey(
    engine: &Engine,
    source: &dyn FrameSource,
    n_threads: usize,
    bar: &ProgressBar,
) -> Result<Surveyed, ReadError> {
    let sample = noise_sample(source.info(), engine.settings().noise);
    let blocks: Vec<BlockId> = sample.iter().filter_map(|excerpt| excerpt.block(source.info())).collect();
    if blocks.len() < sample.len() {
        // Excerpts that overlap, of a short recording: all blocks are analysed later.
        let (noise, time) = parallel(n_threads, sample.len(), |at, Thread { workspace, .. }| {
            engine.noise_of_excerpt(source, &sample[at], workspace)
        })?;
        let noise = combine_noise(&sample, &noise);
        return Ok(Surveyed { noise, result: SliceResult::empty(engine), done: Vec::new(), time });
    }
    let early = run::with_neighbours(source, &blocks);
    let (surveys, time) = parallel(n_threads, early.len(), |at, Thread { expected_uv, workspace }| {
        let found = if let Ok(at) = blocks.binary_search(&early[at]) {
            let (noise, scan) = run::survey(engine, source, &sample[at], expected_uv, workspace)?;
            (Some(noise), scan)
        } else {
            (None, run::search(engine, source, early[at], expected_uv, workspace)?)
        };
        bar.inc(1);
        Ok::<_, ReadError>(found)
    })?;
    let (noise, scans): (Vec<_>, Vec<_>) = surveys.into_iter().unzip();
    let noise = combine_noise(&sample, &noise.into_iter().flatten().collect::<Vec<_>>());
    let found: Vec<(BlockId, Scan)> = early.into_iter().zip(scans).collect();
    let shares: Vec<_> = found.chunks(found.len().div_ceil(n_threads).max(1)).collect();
    let (settled, _) = parallel(n_threads, shares.len(), |at, _| {
        let mut result = SliceResult::empty(engine);
        let mut done = Vec::new();
        for (id, scan) in shares[at] {
            // A block where the noise was far above the mean is analysed again with the others.
            if let Some(peaks) = scan.settle(engine, &noise, &mut result.waveforms) {
                result.peaks.extend(peaks);
                done.push(*id);
            }
        }
        Ok::<_, ReadError>((result, done))
    })?;
    let mut result = SliceResult::empty(engine);
    let mut done = Vec::new();
    for (share, settled) in settled {
        result.add(share);
        done.extend(settled);
    }
    Ok(Surveyed { noise, result, done, time })
}

/// Size of figures in pixels.
pub(super) const FIGURE: (f64, f64) = (720.0, 360.0);

/// Writes the spikes, the numbers, and each table and figure of the analyses into a file of its own.
fn write_result(options: &Analyze, result: &RunResult, results: &ResultSet) -> Outcome {
    let Analyze { out: folder, also, .. } = options;
    output::write(&folder.join("spikes.parquet"), &write_parquet_of(result.trains.info().kind, &result.spikes)?)?;
    output::write(&folder.join("channels.csv"), run::channels_csv(&result.summary).as_bytes())?;
    if !result.summary.wells.is_empty() {
        output::write(&folder.join("wells.csv"), run::wells_csv(&result.summary).as_bytes())?;
    }
    let pictures = run::pictures(&result.trains, &result.waveforms);
    // Each drawing carries how it came about.
    let pipeline = serde_json::to_string(&results.pipeline)?;
    for figure in &pictures {
        let file = folder.join("figures").join(format!("{}.svg", figure.id));
        output::write(&file, svg(figure, FIGURE, Some(&pipeline)).as_bytes())?;
    }
    let shown = (pictures.as_slice(), result.trains.info().kind);
    let page = report::illustrated(&result.summary, results, &result.summary.pipeline, shown);
    output::write(&folder.join("report.html"), page.as_bytes())?;
    let analyses = folder.join("analyses");
    // Those of an earlier run, which may have had other analyses.
    if analyses.is_dir() && folder.join("results.json").is_file() {
        std::fs::remove_dir_all(&analyses).map_err(|error| format!("{}: {error}", analyses.display()))?;
    }
    for block in &results.blocks {
        let own = analyses.join(&block.id);
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
        for figure in &block.figures {
            output::write(&own.join(format!("{}.svg", figure.id)), svg(figure, FIGURE, Some(&pipeline)).as_bytes())?;
        }
    }
    output::write(&folder.join("results.json"), &serde_json::to_vec(results)?)?;
    Ok(output::write(&folder.join("summary.json"), serde_json::to_string_pretty(&result.summary)?.as_bytes())?)
}

/// The numbers of spikes that the files hold; nothing is detected, so there is no receipt.
fn write_stored(options: &Analyze, recording: &Recording, stored: &StoredSpikes) -> Outcome {
    let name = options.path.file_name().unwrap_or_default().to_string_lossy();
    let result = run::of_stored(stored, &name, recording.format, &recording.facts, &recording.notes);
    let result = result.with_events(&recording.events);
    let pipeline = read_pipeline(options.pipeline.as_deref())?.unwrap_or_else(Pipeline::empty);
    write_result(options, &result, &result.results(&pipeline.from_spikes()))?;
    exports::write(options, &result, stored.observed_s.as_deref())?;
    tell(&options.out, &result.summary.headline);
    Ok(())
}

fn tell(out: &Path, headline: &run::Headline) {
    eprintln!(
        "{} spikes on {} active electrodes in {:.1} s of recording, written to {}",
        headline.n_spikes,
        headline.active_electrodes,
        headline.duration_s,
        out.display()
    );
}
