//! The trace viewer, which workbench and result share: one window of time, answered part by part.

mod arriving;
mod asking;
mod carrying;
mod completing;
mod events;
mod overview;
mod parts;
mod telling;
mod viewer;
mod views;
mod window;

pub use events::EventsNotice;
pub use viewer::TraceView;
pub use window::Window;
