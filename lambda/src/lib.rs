//! The cloud side.

pub mod cli;
mod memory;
