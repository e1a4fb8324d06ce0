//! What the workbench shows, and what is set on it.

use std::rc::Rc;

use wasm_core::engine::check;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamInfo;
use yew::prelude::*;

use super::activity::Analysed;
use super::begin::Begin;
use super::noise::Noise;
use super::offers::Doing;
use crate::pages::traces::Window;

/// All of it.
#[derive(Clone)]
pub struct State {
    /// Index of the stream.
    pub stream: usize,
    /// The values that are set.
    pub pipeline: Rc<Pipeline>,
    /// Whether they are those of an earlier run.
    pub is_earlier: bool,
    /// What the traces show of the stream.
    pub window: Window,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Noise, as far as it is measured.
    pub noise: Noise,
    /// Spikes in view, and the milliseconds that the view took.
    pub in_view: Option<(usize, f64)>,
    /// What an analysis in this browser has searched.
    pub analysed: Option<Analysed>,
    /// What is done with the recording.
    pub doing: Doing,
}

/// A change of some values.
pub type Edit = Box<dyn FnOnce(&mut Pipeline)>;

/// What changes the state.
pub struct Action(Change);

enum Change {
    Stream(usize, Box<StreamInfo>),
    Edit(usize, Edit),
    Window(Window),
    Choose { channel: usize, n_channels: usize },
    Point(usize),
    Noise(Noise),
    InView(Option<(usize, f64)>),
    Analysed(Analysed),
    Work(Doing),
}

impl Action {
    /// Shows another stream. What was set by hand stays where it still works.
    pub fn stream(index: usize, info: &StreamInfo) -> Self {
        Self(Change::Stream(index, Box::new(info.clone())))
    }

    /// Changes values for a stream, unless another one is shown by now.
    pub fn edit(stream: usize, edit: Edit) -> Self {
        Self(Change::Edit(stream, edit))
    }

    /// Moves the traces.
    pub fn window(window: Window) -> Self {
        Self(Change::Window(window))
    }

    /// Chooses one of so many channels and brings its trace into view; chosen again, it is chosen no more.
    pub fn choose(channel: usize, n_channels: usize) -> Self {
        Self(Change::Choose { channel, n_channels })
    }

    /// Chooses a channel whose trace is in view.
    pub fn point(channel: usize) -> Self {
        Self(Change::Point(channel))
    }

    /// Takes noise as far as it is measured.
    pub fn noise(noise: Noise) -> Self {
        Self(Change::Noise(noise))
    }

    /// Takes the number of spikes in view and the milliseconds that the view took.
    pub fn in_view(spikes: Option<(usize, f64)>) -> Self {
        Self(Change::InView(spikes))
    }

    /// Takes what an analysis has searched.
    pub fn analysed(analysed: Analysed) -> Self {
        Self(Change::Analysed(analysed))
    }

    /// Begins or ends work.
    pub fn work(doing: Doing) -> Self {
        Self(Change::Work(doing))
    }
}

impl State {
    /// As it is at first, with the traces in this window.
    pub fn new(begin: Begin, window: Window) -> Self {
        let Begin { stream, pipeline, is_earlier } = begin;
        let (chosen, noise, in_view, analysed) = (None, Noise::default(), None, None);
        Self { stream, pipeline, is_earlier, window, chosen, noise, in_view, analysed, doing: Doing::Nothing }
    }

    fn set(&mut self, pipeline: Pipeline) {
        self.pipeline = Rc::new(pipeline);
        self.is_earlier = false;
    }

    fn show_stream(&mut self, index: usize, info: &StreamInfo) {
        if check(info, &self.pipeline).is_err() {
            self.set(Pipeline::for_stream(info));
        }
        (self.stream, self.window) = (index, Window::first(info));
        // What was measured and chosen is of the stream before.
        (self.chosen, self.noise, self.in_view) = (None, Noise::default(), None);
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, Action(change): Action) -> Rc<Self> {
        let mut next = (*self).clone();
        match change {
            Change::Stream(index, info) => next.show_stream(index, &info),
            Change::Edit(stream, edit) if stream == self.stream => {
                let mut pipeline = (*self.pipeline).clone();
                edit(&mut pipeline);
                next.set(pipeline);
            }
            Change::Edit(..) => {}
            Change::Window(window) => next.window = window,
            Change::Choose { channel, n_channels } => {
                next.chosen = (self.chosen != Some(channel)).then_some(channel);
                next.window = self.window.showing(channel, n_channels);
            }
            Change::Point(channel) => next.chosen = Some(channel),
            Change::Noise(noise) => next.noise = noise,
            Change::InView(spikes) => next.in_view = spikes,
            Change::Analysed(analysed) => next.analysed = Some(analysed),
            Change::Work(doing) => next.doing = doing,
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};

    fn info() -> StreamInfo {
        let spec = SimulationSpec { n_channels: 100, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 1 };
        Simulation::new(spec).info().clone()
    }

    fn begun() -> Rc<State> {
        let begin = Begin { stream: 0, pipeline: Rc::new(Pipeline::default()), is_earlier: true };
        Rc::new(State::new(begin, Window::first(&info())))
    }

    fn set(stream: usize, threshold: f64) -> Action {
        let edit = move |pipeline: &mut Pipeline| pipeline.set("detect_peaks", "detect_threshold", json!(threshold));
        Action::edit(stream, Box::new(edit))
    }

    fn threshold(state: &State) -> Option<f64> {
        state.pipeline.value("detect_peaks", "detect_threshold").as_ref().and_then(Value::as_f64)
    }

    #[test]
    fn edits_add_up_and_end_what_was_set_earlier() {
        let add = |pipeline: &mut Pipeline| pipeline.add("bad_channels");
        let mut now = begun();
        assert!(now.is_earlier);
        for action in [set(0, 6.5), Action::edit(0, Box::new(add)), Action::window(now.window.at(0.7))] {
            now = now.reduce(action);
        }
        assert_eq!((threshold(&now), now.is_earlier), (Some(6.5), false));
        // Electrodes that were looked for meanwhile leave the other values as they are.
        let leave_out = |pipeline: &mut Pipeline| pipeline.set("bad_channels", "channel_ids", json!(["7"]));
        now = now.reduce(set(0, 7.0)).reduce(Action::edit(0, Box::new(leave_out)));
        assert_eq!((threshold(&now), now.pipeline.left_out()), (Some(7.0), vec!["7".to_owned()]));
    }

    #[test]
    fn another_stream_keeps_the_values_that_work_and_nothing_that_was_measured() {
        let noise = Noise { levels_uv: Some(Rc::new(vec![5.0; 100])), done: 3, total: 20, ..Noise::default() };
        let tuned = begun().reduce(set(0, 7.0)).reduce(Action::noise(noise)).reduce(Action::in_view(Some((9, 4.0))));
        let like = Rc::clone(&tuned).reduce(Action::choose(60, 100)).reduce(Action::stream(1, &info()));
        assert_eq!((like.stream, threshold(&like), like.chosen), (1, Some(7.0), None));
        assert_eq!((&like.noise, like.in_view, &like.window), (&Noise::default(), None, &Window::first(&info())));
        // What comes late for the stream before is not set for this one.
        assert_eq!(threshold(&like.reduce(set(0, 9.0))), Some(7.0));
        let narrow = StreamInfo { sampling_frequency_hz: 5000.0, ..info() };
        let unlike = tuned.reduce(Action::stream(1, &narrow));
        assert_eq!(*unlike.pipeline, Pipeline::for_stream(&narrow));
    }

    #[test]
    fn a_channel_is_chosen_brought_into_view_and_left() {
        let chosen = begun().reduce(Action::choose(60, 100));
        assert!(chosen.chosen == Some(60) && chosen.window.channels(100).contains(&60));
        let left = Rc::clone(&chosen).reduce(Action::choose(60, 100));
        assert_eq!((left.chosen, &left.window), (None, &chosen.window));
        // A click on a trace never leaves it without a choice.
        let pointed = chosen.reduce(Action::point(60)).reduce(Action::work(Doing::Here));
        assert!(pointed.chosen == Some(60) && pointed.doing == Doing::Here);
    }
}
