//! A run: plan it in slices, analyse each, put the slices together.
//!
//! The same three steps run in Lambda, in the local cloud, on the command line and in the
//! browser's workers: a [`Job`] hands them out.
//!
//! ```
//! use wasm_core::engine::{Engine, Workspace};
//! use wasm_core::pipeline::Pipeline;
//! use wasm_core::recording::FrameSource;
//! use wasm_core::run::{self, RecordingSummary, SliceResult};
//! use wasm_core::simulation::{Simulation, SimulationSpec};
//!
//! let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 20_000.0, duration_s: 2.0, seed: 1 };
//! let culture = Simulation::new(spec);
//! let pipeline = Pipeline::for_stream(culture.info());
//! let engine = Engine::new(culture.info(), &pipeline)?;
//!
//! let noise_uv = run::measure_noise(&engine, &culture)?;
//! let mut whole = SliceResult::empty(&engine);
//! for slice in run::slices(culture.info(), 4) {
//!     let part = run::analyse(&engine, &culture, slice, &noise_uv, &mut Workspace::default(), |_| Ok(true))?;
//!     part.into_iter().for_each(|part| whole.add(part));
//! }
//! let about = RecordingSummary::new("culture", "simulated", culture.info(), &[], &[]);
//! let result = run::reduce(&engine, &pipeline, about, &noise_uv, whole);
//!
//! assert_eq!(result.summary.headline.n_spikes, result.spikes.len() as u64);
//! // Two seconds are too short for rates: the number is absent, and its reason is there.
//! assert!(result.summary.headline.bursts_per_min.is_none());
//! assert!(result.summary.headline.absent.contains_key("bursts_per_min"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod absent;
mod analyse;
mod bursting;
mod by_method;
mod calibration;
mod culture;
mod detected;
mod detections;
mod fingerprint;
mod intervals;
mod job;
mod merge;
mod noise;
mod of_well;
mod pictures;
mod portions;
mod receipt;
mod reduce;
mod results;
mod sensitivity;
mod sizes;
mod slices;
mod stored_notes;
mod summary;
mod survey;
mod tables;

pub use crate::analyses::{Definition, definitions};
pub use crate::grid::Slice;
pub(crate) use absent::MIN_RATE_S;
pub use analyse::{SliceResult, analyse};
pub use bursting::BurstsBesideRandom;
pub use by_method::{ByMethod, Method, MethodsOf, by_method, methods_table};
pub use calibration::{
    Calibration, CalibrationCounts, CalibrationError, CountedAt, FALSE_RATE_PER_MIN, calibration, same_search,
};
pub use culture::Culture;
pub use detected::Detected;
pub use detections::Detections;
pub use fingerprint::fingerprint;
pub use intervals::Intervals;
pub use job::{ANALYSE, Cut, FIELD, Job, NOISE, Next, Progress, REDUCE, STAGES, Stage, Task, stages_of};
pub use merge::{BYTES_PER_SPIKE, Merge, MergeError, Merged, Outputs};
pub use noise::measure_noise;
pub use of_well::ShownWell;
pub use pictures::pictures;
pub use receipt::{Receipt, StageTime};
pub use reduce::{RunResult, of_stored, reduce};
pub use results::{BlockResult, Cache, RESULTS_VERSION, ResultSet, results, some_results, spikes_key};
pub use sensitivity::{
    AboveFloor, AtThreshold, Change, HeadlineNumber, Sensitivity, headline_numbers, sensitivity, thresholds_from,
};
pub use slices::{cloud_blocks_per_slice, cloud_slices, slices, slices_without};
pub use summary::{ChannelSummary, Headline, Measured, RecordingSummary, SUMMARY_VERSION, Summary};
pub use survey::{early_blocks, search, survey};
pub use tables::{channels_csv, spikes_csv, wells_csv};
