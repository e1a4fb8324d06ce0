//! The screens.

mod about;
pub mod invitation;
mod names;
pub mod regions;
pub mod result;
mod running;
pub mod start;
pub mod traces;
pub mod workbench;
