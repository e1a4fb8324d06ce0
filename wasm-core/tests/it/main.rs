//! Integration tests of the core: one crate, one module per subject.

mod as_found;
mod bursts;
mod connectivity;
mod costs;
mod criticality;
mod engine;
mod exercise;
mod exports;
mod field_potentials;
mod firing;
mod fixtures;
mod formats;
mod hostile;
mod insight;
mod large_plexon;
mod memory;
mod network_methods;
mod neural_metrics;
mod noise;
mod nulls;
mod numbers;
mod open_ephys;
mod optional_blocks;
mod packed;
mod pairs;
mod plates;
mod readme;
#[path = "../../../tests/shared.rs"]
mod shared;
mod stored_formats;
mod stored_spikes;
mod true_clocks;
mod true_files;
mod upload;
mod zarr;
