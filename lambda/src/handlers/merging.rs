//! Slices on their way from S3 into the files of a run, a few at a time.

use futures_util::stream::{self, StreamExt};
use wasm_core::Bytes;
use wasm_core::engine::{Engine, WaveformSums};
use wasm_core::pipeline::Pipeline;
use wasm_core::run::{Merge, Merged, Outputs, RecordingSummary, SliceResult};
use wasm_core::spikes::read_parquet;

use super::{SliceSums, StepError, damaged, required};
use crate::keys::{ObjectKey, RunKey};
use crate::store::{Sink, Store, Upload};

/// Slices that are fetched while one is put to the others.
const SLICES_AHEAD: usize = 6;

/// The files of a slice, as they lie in S3.
struct Fetched {
    sums: SliceSums,
    /// The peaks of the slice, then those of each further detection.
    tables: Vec<Bytes>,
}

impl Fetched {
    /// Fetches what a slice wrote, with the peaks of so many detections behind the first.
    async fn get(store: &Store, run: &RunKey, at: usize, n_further: usize) -> Result<Self, StepError> {
        let sums = required(store, &ObjectKey::SliceSums(run.clone(), at)).await?;
        let mut tables = Vec::with_capacity(1 + n_further);
        for key in table_keys(run, at).take(1 + n_further) {
            let bytes = store.get(&key).await?;
            tables.push(bytes.ok_or_else(|| StepError::Missing { key: key.path() })?);
        }
        Ok(Self { sums, tables })
    }
}

/// Keys of a slice's peaks, those of the first detection and those behind it.
fn table_keys(run: &RunKey, at: usize) -> impl Iterator<Item = ObjectKey> {
    let further = (0..).map(move |detection| ObjectKey::SliceDetected(run.clone(), at, detection));
    std::iter::once(ObjectKey::SlicePeaks(run.clone(), at)).chain(further)
}

/// The result of a slice, from its files.
fn slice_of(run: &RunKey, at: usize, engine: &Engine, fetched: Fetched) -> Result<SliceResult, StepError> {
    let Fetched { sums, tables } = fetched;
    let mut lists = Vec::with_capacity(tables.len());
    for (key, table) in table_keys(run, at).zip(tables) {
        lists.push(read_parquet(table).map_err(damaged(&key))?);
    }
    let mut lists = lists.into_iter();
    let n_frames = engine.waveform_sums().n_frames;
    let waveforms = WaveformSums { n_frames, counts: sums.counts, sums: sums.sums };
    Ok(SliceResult { peaks: lists.next().unwrap_or_default(), waveforms, further: lists.collect() })
}

/// The tables of a run while they are written.
pub struct Files {
    merge: Merge<Sink>,
    /// Peaks, spikes, and the spikes of each detection behind the first.
    uploads: Vec<Upload>,
}

impl Files {
    /// Empty ones.
    pub fn new(store: &Store, run: &RunKey, engine: &Engine, noise_uv: &[f32]) -> Result<Self, StepError> {
        let result = |name| Upload::new(store, ObjectKey::Result(run.clone(), name));
        let (peaks, spikes) = (result("peaks.parquet"), result("spikes.parquet"));
        let further = engine.settings().further.iter();
        let further: Vec<Upload> =
            further.map(|of| Upload::new(store, ObjectKey::Detected(run.clone(), of.id.clone()))).collect();
        let to =
            Outputs { peaks: peaks.sink(), spikes: spikes.sink(), further: further.iter().map(Upload::sink).collect() };
        let merge = Merge::new(engine, noise_uv, to).map_err(damaged(&ObjectKey::Plan(run.clone())))?;
        let uploads = [peaks, spikes].into_iter().chain(further).collect();
        Ok(Self { merge, uploads })
    }

    /// Puts all slices to the others, in their order, and sends what fills a part.
    pub async fn read(
        &mut self,
        store: &Store,
        run: &RunKey,
        engine: &Engine,
        n_slices: usize,
    ) -> Result<ReadSlices, StepError> {
        let n_further = engine.settings().further.len();
        let fetched = (0..n_slices).map(|at| Fetched::get(store, run, at, n_further));
        let mut fetched = std::pin::pin!(stream::iter(fetched).buffered(SLICES_AHEAD).enumerate());
        let mut read = ReadSlices::default();
        while let Some((at, slice)) = fetched.next().await {
            let slice = slice?;
            read.add(&slice);
            let slice = slice_of(run, at, engine, slice)?;
            self.merge.push(&slice).map_err(damaged(&ObjectKey::SlicePeaks(run.clone(), at)))?;
            drop(slice);
            for upload in &mut self.uploads {
                upload.send().await?;
            }
        }
        Ok(read)
    }

    /// The result, and the files, which nobody sees yet.
    pub fn finish(
        self,
        engine: &Engine,
        pipeline: &Pipeline,
        recording: RecordingSummary,
        noise_uv: &[f32],
    ) -> Result<(Merged, Finished), StepError> {
        let merged = self.merge.finish(engine, pipeline, recording, noise_uv);
        // Writing to memory does not fail.
        let merged = merged.map_err(|error| StepError::Panicked(error.to_string()))?;
        Ok((merged, Finished { uploads: self.uploads }))
    }
}

/// Totals of the slices that were read.
#[derive(Debug, Default)]
pub struct ReadSlices {
    /// Seconds of all workers together.
    pub worker_s: f64,
    /// Objects that they read, and that were read of them.
    pub n_reads: u64,
    /// Objects that they wrote.
    pub n_writes: u64,
    /// The most memory that one of them took.
    pub peak_memory_bytes: Option<u64>,
}

impl ReadSlices {
    fn add(&mut self, slice: &Fetched) {
        let SliceSums { n_objects, n_writes, worker_s, peak_memory_bytes, .. } = slice.sums;
        self.worker_s += worker_s;
        self.n_reads += n_objects + 1 + slice.tables.len() as u64;
        self.n_writes += n_writes;
        self.peak_memory_bytes = self.peak_memory_bytes.max(peak_memory_bytes);
    }
}

/// Files that are whole but for their last parts.
pub struct Finished {
    uploads: Vec<Upload>,
}

impl Finished {
    /// Writes them, and gives the requests that this took.
    pub async fn write(self) -> Result<u64, StepError> {
        let mut n_requests = 0;
        for upload in self.uploads {
            n_requests += upload.finish().await?;
        }
        Ok(n_requests)
    }

    /// Leaves nothing of them.
    pub async fn give_up(self) {
        for upload in self.uploads {
            upload.give_up().await;
        }
    }
}
