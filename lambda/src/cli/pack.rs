//! `neurocyte pack`: the form in which the page uploads a recording, as a folder.

use std::path::Path;

use indicatif::ProgressBar;
use wasm_core::recording::FrameSource;
use wasm_core::zarr::{ChunkId, Level, chunk_frames, chunks_of, encode_chunk_at, metadata_objects, read_chunk};

use super::files::keep_apart;
use super::{Outcome, Pack, PackLevel, open_path, output};
use crate::threads::{parallel, threads_or_all};

/// A failure that may come from another thread.
type Failure = Box<dyn std::error::Error + Send + Sync>;

pub fn run(options: &Pack) -> Outcome {
    let recording = open_path(&options.path)?;
    let source = recording.stream(options.stream.as_deref())?;
    keep_apart(&options.out, &options.path)?;
    output::folder_of_recording(&options.out, ".zgroup")?;
    for (name, bytes) in metadata_objects(source.info()) {
        output::write(&options.out.join(name), &bytes)?;
    }
    let rows: Vec<(usize, u64)> =
        chunks_of(source.info()).filter(|chunk| chunk.group == 0).map(|chunk| (chunk.segment, chunk.row)).collect();
    let level = match options.level {
        PackLevel::Fast => Level::Fast,
        PackLevel::Even => Level::Even,
        PackLevel::Small => Level::Small,
    };
    let bar = ProgressBar::new(rows.len() as u64);
    let packed = parallel(threads_or_all(options.threads), rows.len(), |at| {
        pack_row(source, rows[at], level, &options.out)?;
        bar.inc(1);
        Ok::<_, Failure>(())
    });
    bar.finish_and_clear();
    packed.map_err(|error| error.to_string())?;
    Ok(())
}

/// Compresses one row of chunks.
fn pack_row(source: &dyn FrameSource, (segment, row): (usize, u64), level: Level, out: &Path) -> Result<(), Failure> {
    let info = source.info();
    let n_frames = usize::try_from(chunk_frames(info, segment))?;
    for (group, raw) in read_chunk(source, segment, row)?.iter().enumerate() {
        let encoded = encode_chunk_at(level, info.sample_type, raw, n_frames)?;
        output::write(&out.join(ChunkId { segment, row, group }.name()), &encoded)?;
    }
    Ok(())
}
