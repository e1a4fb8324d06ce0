//! The trace viewer, which workbench and result share: one window of time, answered part by part.

mod arriving;
mod asking;
mod completing;
mod events;
mod parts;
mod viewer;
mod window;

pub use events::EventsNotice;
pub use viewer::{STRIP_BINS, TraceView};
pub use window::Window;

/// `imec0.ap#AP12` is shown as `AP12`.
pub fn short_id(id: &str) -> &str {
    id.rsplit('#').next().unwrap_or(id)
}
