//! Integration tests of the core: one crate, one module per subject.

mod engine;
mod fixtures;
mod formats;
mod hostile;
mod readme;
mod zarr;
