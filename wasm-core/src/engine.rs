//! From raw frames to peaks, block by block.
//!
//! Results are defined on a fixed grid: a segment is cut into blocks of
//! [`BLOCK_FRAMES`], each filtered by itself with settled margins. Which worker takes
//! which blocks, and in which order, cannot change a single bit, and a block on screen
//! is the block that the cloud computes.

mod block;
mod excerpts;
mod median;
mod neighbours;
mod noise;
mod passes;
mod peaks;
mod reference;
mod scale;
mod scan;
mod sieve;
mod waveforms;
mod window;

pub use crate::grid::{BLOCK_FRAMES, BlockId, blocks_of};
pub use block::{Engine, FilteredBlock, check};
pub use excerpts::{NoiseExcerpt, combine_noise, noise_sample};
pub use passes::{Span, Workspace};
pub use peaks::FLOOR;
pub use scan::Scan;
pub use waveforms::{WaveformSums, Waveforms, npy_header};
pub use window::RawWindow;
