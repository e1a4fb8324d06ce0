//! Field potentials: the signal of some electrodes before the spike filter, at a lower rate.
//!
//! A [`FieldPlan`] says which electrodes are kept and how often, from the recording and its pipeline alone, so that
//! all who carry a run agree. [`decimated`] gives the samples of a slice, [`FieldBuilder`] puts slices together, and
//! [`FieldPotentials`] go with the spikes to the analyses, and into a file of their own.

mod builder;
mod decimated;
mod file;
mod plan;
mod potentials;

pub use builder::FieldBuilder;
pub use decimated::{decimated, from_le_bytes, to_le_bytes};
pub use file::{FIELD_FILE, FieldError};
pub use plan::{FieldChoice, FieldPlan, MAX_ELECTRODES, MAX_SAMPLES};
pub use potentials::FieldPotentials;
