//! Widgets that know no domain.

pub mod canvas;
pub mod certain;
pub mod file_name;
pub mod focus;
pub mod format;
pub mod heading;
pub mod ids_field;
pub mod in_view;
pub mod long_table;
pub mod notes;
pub mod number_field;
pub mod painter;
pub mod param;
pub mod picture;
pub mod progress;
pub mod save;
pub mod second_click;
pub mod select;
pub mod skip;
pub mod theme;
pub mod undo;
pub mod unfolding;
