//! The screens.

mod about;
pub mod invitation;
mod kept_list;
mod names;
pub mod regions;
pub mod result;
mod running;
pub mod start;
pub mod traces;
pub mod workbench;
