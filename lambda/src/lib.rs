//! The cloud: an HTTP API over S3, and the three steps of a run.
//!
//! * [`keys`] names every object, [`store`] alone speaks S3, [`executions`] alone speaks Step Functions.
//! * [`api`] is the router, [`invitations`] says who may upload.
//! * [`handlers`] are the steps that Step Functions calls; [`function`] and `bin/` serve them in Lambda.
//! * [`log`] writes the log; [`cli`] is the command line over the same core.
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
