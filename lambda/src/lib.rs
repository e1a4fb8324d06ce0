//! The cloud: an HTTP API over S3, and the three steps of a run.
//!
//! [`keys`] names every object, [`store`] is the only module that speaks S3, [`executions`] the
//! only one that speaks Step Functions, [`api`] the axum router, [`invitations`] who may upload, [`handlers`] the steps that Step Functions calls; [`function`] and `bin/` wrap
//! them for Lambda, [`log`] is what they write to the log, and [`cli`] is the command line over the same core.
//!
//! Invariants: S3 is the only state; a run is its request object, and an execution that carries it;
//! status is derived from which objects exist; every handler may be repeated.

pub mod api;
pub mod cli;
pub mod executions;
pub mod function;
pub mod handlers;
pub mod invitations;
pub mod keys;
pub mod log;
mod memory;
pub mod random;
pub mod region;
pub mod store;
mod threads;
pub mod time;
