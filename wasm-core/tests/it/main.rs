//! Integration tests of the core: one crate, one module per subject.

mod as_found;
mod engine;
mod exercise;
mod fixtures;
mod formats;
mod hostile;
mod insight;
mod large_plexon;
mod memory;
mod noise;
mod nulls;
mod numbers;
mod open_ephys;
mod optional_blocks;
mod packed;
mod readme;
mod stored_spikes;
mod true_clocks;
mod true_files;
mod zarr;
