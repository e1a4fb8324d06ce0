//! The page and its workers.
//!
//! Three programs share this crate: `bin/app.rs` draws and talks to the cloud, `bin/worker.rs`
//! reads files and finds spikes, `bin/analyst.rs` holds a result and computes from its spikes.
//! [`bridge`] is all that they know of each other; [`work`] is the workers' side. On the page's side [`app`] is the
//! frame, [`routes`] where the address bar points, [`pages`] the screens, [`plots`] what is drawn, [`ui`] widgets that
//! know no domain, [`services`] the cloud, the worker pool and this browser's memory.

pub mod app;
pub mod bridge;
mod pages;
mod plots;
mod routes;
mod services;
mod ui;
pub mod work;
