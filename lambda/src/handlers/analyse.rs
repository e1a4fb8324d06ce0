//! Analyse: the peaks of one slice.

use std::sync::atomic::Ordering;
use std::time::Instant;

use wasm_core::engine::{Engine, Workspace};
use wasm_core::envelope::{EnvelopeBuilder, EnvelopeId, frames_of};
use wasm_core::field::{FieldPlan, decimated, to_le_bytes};
use wasm_core::run;
use wasm_core::spikes::write_parquet;
use wasm_core::zarr::chunks_in;

use super::wanted::Wanted;
use super::{Plan, SliceRef, SliceSums, StepError, context, damaged, has_ended, required, run_key, source, to_json};
use crate::keys::ObjectKey;
use crate::memory::peak_memory_bytes;
use crate::store::Store;

/// Analyses a slice and writes its peaks. A slice of a run that was stopped does nothing, or no more.
///
/// # Errors
/// When the recording cannot be read.
pub async fn analyse(store: &Store, input: SliceRef) -> Result<(), StepError> {
    let run = run_key(&input.request_key)?;
    if has_ended(store, &run).await? {
        return Ok(());
    }
    let start = Instant::now();
    let (recording, request) = context(store, &run).await?;
    let plan_key = ObjectKey::Plan(run.clone());
    let plan: Plan = required(store, &plan_key).await?;
    let missing = || StepError::Damaged { key: plan_key.path(), reason: format!("it has no slice {}", input.slice) };
    let slice = plan.slices.get(input.slice).copied().ok_or_else(missing)?;
    let engine = Engine::new(&recording.stream, &request.pipeline)?;
    let field = FieldPlan::new(&recording.stream, &request.pipeline);
    let n_frames = recording.stream.segments.get(slice.segment).map_or(0, |segment| segment.n_frames);
    let frames = engine.frames_read(slice.segment, frames_of(slice, n_frames));
    let order = chunks_in(&recording.stream, slice.segment, frames).collect();
    let (source, n_fetched) = source::open(store, &run.recording, recording.stream, (order, 1));
    let mut wanted = Wanted::new(store, &run);
    let analysed = source::blocking(move || {
        let mut envelope = EnvelopeBuilder::new(engine.info().n_channels);
        let result = run::analyse(&engine, &source, slice, &plan.noise_uv, &mut Workspace::default(), |window| {
            envelope.add(window)?;
            Ok(wanted.is_wanted())
        })?;
        let field = field.map(|plan| decimated(&source, &plan, slice)).transpose()?;
        Ok(result.zip(Some((envelope.encode()?, field))))
    })
    .await?;
    let Some((result, (envelopes, field))) = analysed else { return Ok(()) };
    // Nothing is written for a recording that was deleted meanwhile.
    if has_ended(store, &run).await? {
        return Ok(());
    }
    let n_writes = (envelopes.len() + result.further.len() + usize::from(field.is_some())) as u64 + 2;
    for (group, bytes) in envelopes.into_iter().enumerate() {
        let id = EnvelopeId { slice: input.slice, group };
        store.put(&ObjectKey::Envelope(run.clone(), id), bytes).await?;
    }
    if let Some(samples) = field {
        store.put(&ObjectKey::SliceField(run.clone(), input.slice), to_le_bytes(&samples)).await?;
    }
    let sums = SliceSums {
        counts: result.waveforms.counts,
        sums: result.waveforms.sums,
        n_objects: n_fetched.load(Ordering::Relaxed),
        n_writes,
        worker_s: start.elapsed().as_secs_f64(),
        peak_memory_bytes: peak_memory_bytes(),
    };
    store.put(&ObjectKey::SliceSums(run.clone(), input.slice), to_json(&sums)).await?;
    for (at, peaks) in result.further.iter().enumerate() {
        let key = ObjectKey::SliceDetected(run.clone(), input.slice, at);
        store.put(&key, write_parquet(peaks).map_err(damaged(&key))?).await?;
    }
    // The peaks come last: their appearance says that the slice is done.
    let key = ObjectKey::SlicePeaks(run, input.slice);
    store.put(&key, write_parquet(&result.peaks).map_err(damaged(&key))?).await?;
    Ok(())
}
