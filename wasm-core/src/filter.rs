//! Filters: designed in `f64` as `SciPy` does, run in `f32` over blocks of channels.

mod butterworth;
mod cascade;
mod decimate;
mod double;
mod fir;
mod lanes;
mod notch;
mod sections;
mod zero_phase;

pub use butterworth::{Band, design};
pub use cascade::{Cascade, Cell, Direction, LANES, States};
pub use decimate::Decimator;
pub use fir::{Fir, FirMemory, fir_taps, firwin};
pub use notch::notch;
pub use sections::{Section, impulse_response_frames};
pub use zero_phase::filtered_both_ways;
