//! The page and its workers.
//!
//! Two programs share this crate: `bin/app.rs` draws and talks to the cloud, `bin/worker.rs`
//! reads files and computes. [`bridge`] is all that they know of each other; [`work`] is the
//! worker's side. On the page's side [`app`] is the frame with its routes, [`pages`] the
//! screens, [`plots`] what is drawn, [`ui`] widgets that know no domain, [`services`] the
//! cloud, the worker pool and this browser's memory.

pub mod app;
pub mod bridge;
mod pages;
mod plots;
mod services;
mod ui;
pub mod work;
