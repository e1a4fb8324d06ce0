//! Filters: designed in `f64` as `SciPy` does, run in `f32` over blocks of channels.

mod butterworth;
mod sections;
mod zero_phase;

pub use butterworth::{Band, design};
pub use sections::{Section, impulse_response_frames};
pub use zero_phase::{LANES, ZeroPhase};
