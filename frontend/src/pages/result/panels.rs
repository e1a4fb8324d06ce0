//! The panels of the result page, in their order. A panel says when it shows and how; it knows nothing of
//! how what it shows was computed.

use std::rc::Rc;

use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use super::Computed;
use super::arranged::{self, Arranged};
use super::linked::{Action, Linked};
use super::moments::{Moment, Names};
use super::view::Now;
use super::{analyses, calibrate, charts, details, headline, plate, population, table, threshold, traces, wells};
use crate::pages::traces::Window;
use crate::plots::raster::Spikes;

/// A part of the result page.
pub struct Panel {
    /// Whether it has something to show.
    pub shows: fn(&Context) -> bool,
    /// Shows it.
    pub view: fn(&Context) -> Html,
}

/// All panels, in the order of the page. `CONTRIBUTING.md` (recipe 3) tells how to add one.
pub const PANELS: &[&Panel] = &[
    &headline::PANEL,
    &threshold::PANEL,
    &calibrate::PANEL,
    &population::PANEL,
    &charts::PANEL,
    &plate::PANEL,
    &analyses::PANEL,
    &traces::PANEL,
    &wells::PANEL,
    &table::PANEL,
    &details::PANEL,
];

/// What panels show, and what they may change.
pub struct Context {
    /// The result as it was computed.
    pub computed: Rc<Computed>,
    /// Spikes and numbers at the threshold that is set.
    pub now: Now,
    /// Lowest and highest threshold.
    pub thresholds: (f64, f64),
    /// Takes another threshold.
    pub on_threshold: Callback<f64>,
    /// Spikes of the segment that is shown.
    pub spikes: Rc<Spikes>,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
    /// Times that the raster shows; all where there is none.
    pub view: Option<(f64, f64)>,
    /// Takes other times.
    pub on_view: Callback<Option<(f64, f64)>>,
    /// The window of the traces.
    pub window: Window,
    /// Takes another window.
    pub on_window: Callback<Window>,
    /// Takes a time to show traces of, and a channel to choose.
    pub on_place: Callback<(f64, Option<usize>)>,
    /// Order of the raster's rows, what the analyses found, the moment that somebody looks at.
    pub linked: Linked,
    /// Takes a change of that.
    pub on_linked: Callback<Action>,
    /// Takes a moment to go to: raster, traces and the chosen channel follow.
    pub on_go: Callback<Moment>,
    /// Channels by what tables call them.
    pub names: Rc<Names>,
    /// Takes another segment.
    pub on_segment: Callback<usize>,
    /// The pipeline at the threshold that is set, its analyses spelt out.
    pub pipeline: Rc<Pipeline>,
    /// The analyses as somebody arranged them, and the way back.
    pub arranged: UseReducerHandle<Arranged>,
    /// Takes another set, order or value of the analyses.
    pub on_arrange: Callback<arranged::Action>,
}
