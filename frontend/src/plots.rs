//! What is drawn: each module turns data into a [`Draw`](crate::ui::canvas::Draw).

pub mod axes;
pub mod figure;
pub mod histogram;
pub mod map;
pub mod overview;
pub mod raster;
pub mod spectrum;
pub mod traces;
