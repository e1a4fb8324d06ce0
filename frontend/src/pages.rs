//! The screens.

pub mod result;
pub mod start;
pub mod workbench;
