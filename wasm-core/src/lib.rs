//! Neurocyte's core: what a recording is, how it is read and analysed.
//!
//! Reading order: [`io`] (bytes) and [`sample`] (their types) carry [`recording`];
//! [`formats`] opens files as recordings and [`simulation`] makes one; [`pipeline`] says
//! what to do, with the [`blocks`] there are, and [`engine`] does it to the signal with [`filter`]; [`spikes`] and
//! [`analyses`] are what comes out, [`field`] the slow part of the signal beside them; [`quality`] says which electrodes are worth it; [`run`] puts the steps together, and results are [`table`]s, [`figure`]s and a [`report`], on a [`plate`] by well; [`export`] writes them for other programs, [`kept`] for this one. [`presets`] are pipelines in the manner of named programs. [`grid`] is how a recording is cut into work, [`zarr`] the
//! uploaded form, [`upload`] sends it, [`envelope`] is its outline, [`view`] a window of traces to draw, [`api`] the wire between page and cloud,
//! [`cost`] what work costs, [`regions`] where, [`size`] bytes in words.
//!
//! Invariants: no I/O and no platform here; results do not depend on how work is cut into
//! slices, nor on the processor; no file content can cause a panic.

pub mod analyses;
pub mod api;
pub mod blocks;
mod chunk;
pub mod cost;
pub mod csv;
pub mod engine;
pub mod envelope;
pub mod events;
pub mod export;
pub mod field;
pub mod figure;
pub mod filter;
pub mod formats;
pub mod grid;
pub mod io;
pub mod kept;
mod kind;
mod numbers;
pub mod pipeline;
pub mod plate;
pub mod presets;
pub mod quality;
pub mod recording;
pub mod regions;
pub mod report;
pub mod run;
pub mod sample;
pub mod secret;
mod simd;
pub mod simulation;
pub mod size;
pub mod spikes;
pub mod table;
mod transpose;
pub mod upload;
pub mod view;
pub mod zarr;

pub use bytes::Bytes;
pub use crc32c::crc32c;
