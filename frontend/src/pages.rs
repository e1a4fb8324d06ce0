//! The screens.

mod about;
mod names;
pub mod result;
mod running;
pub mod start;
pub mod traces;
pub mod workbench;
