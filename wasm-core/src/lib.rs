//! Neurocyte's core: recordings, how they are read, and how they are analysed.
//!
//! In reading order:
//!
//! * [`io`] reads bytes and [`sample`] knows their types; a [`recording`] has streams of samples and [`events`].
//! * [`formats`] opens files as recordings; [`simulation`] makes one.
//! * A [`pipeline`] consists of [`blocks`]; [`presets`] are pipelines in the manner of named programs.
//! * [`grid`] cuts a recording into work. [`engine`] takes the signal through [`filter`], reference, noise and
//!   detection.
//! * [`spikes`] come out, with [`field`] potentials where they are kept; [`analyses`] compute from both; [`quality`]
//!   judges electrodes.
//! * [`run`] puts the steps together. Results are [`table`]s, [`figure`]s and a [`report`], on a [`plate`] by well;
//!   [`export`] writes them for other programs, [`kept`] for this one.
//! * [`zarr`] is the uploaded form, [`envelope`] its outline, [`upload`] sends it, [`view`] is a window of traces.
//! * [`api`] has the messages between page and cloud, [`cost`] prices work, [`regions`] compares places for it,
//!   [`size`] words bytes, [`numbers`] what people count and measure.
//!
//! Invariants: no I/O and no platform here; results do not depend on how work is cut into
//! slices, nor on the processor; no file content can cause a panic.

pub mod analyses;
pub mod api;
pub mod blocks;
mod chunk;
pub mod cost;
pub mod csv;
pub mod decimals;
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
pub mod numbers;
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
