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
use super::source::{Origin, Source};
use crate::pages::traces::Window;

/// All of it.
#[derive(Clone)]
pub struct State {
    /// Index of the stream.
    pub stream: usize,
    /// The values that are set.
    pub pipeline: Rc<Pipeline>,
    /// Where they come from, and the way back.
    pub source: Rc<Source>,
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

/// A change of the state.
pub struct Action(Change);

enum Change {
    Stream(usize, Box<StreamInfo>),
    Edit(usize, Edit),
    Take(usize, Origin, Pipeline),
    Undo(usize),
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

    /// Takes all values of something for a stream, unless another one is shown by now.
    pub fn take(stream: usize, origin: Origin, pipeline: Pipeline) -> Self {
        Self(Change::Take(stream, origin, pipeline))
    }

    /// Goes back to what was set for a stream before all values were taken.
    pub fn undo(stream: usize) -> Self {
        Self(Change::Undo(stream))
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
        let Begin { stream, pipeline, source } = begin;
        let (chosen, noise, in_view, analysed) = (None, Noise::default(), None, None);
        let (source, doing) = (Rc::new(source), Doing::Nothing);
        Self { stream, pipeline, source, window, chosen, noise, in_view, analysed, doing }
    }

    /// Takes all values of something; what was set until now stays to go back to.
    fn take(&mut self, origin: Origin, pipeline: Pipeline) {
        let taken = Rc::new(pipeline);
        let before = (Rc::clone(&self.pipeline), Rc::clone(&self.source));
        self.source = Rc::new(Source::after(origin, Rc::clone(&taken), before));
        self.pipeline = taken;
    }

    /// Goes back to what was set before all values were taken.
    fn undo(&mut self) {
        if let Some((pipeline, source)) = self.source.before().cloned() {
            (self.pipeline, self.source) = (pipeline, source);
        }
    }

    fn show_stream(&mut self, index: usize, info: &StreamInfo) {
        // What was set before may not fit this stream.
        self.source = Rc::new(self.source.without_way_back());
        if check(info, &self.pipeline).is_err() {
            self.pipeline = Rc::new(Pipeline::for_stream(info));
            self.source = Rc::new(Source::first(Origin::Defaults, Rc::clone(&self.pipeline)));
        }
        (self.stream, self.window) = (index, Window::first(info));
        // What was measured, chosen and said is of the stream before.
        self.doing = Doing::Nothing;
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
                next.pipeline = Rc::new(pipeline);
            }
            Change::Take(stream, origin, pipeline) if stream == self.stream => next.take(origin, pipeline),
            Change::Undo(stream) if stream == self.stream => next.undo(),
            Change::Edit(..) | Change::Take(..) | Change::Undo(_) => {}
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
        let pipeline = Rc::new(Pipeline::default());
        let source = Source::first(Origin::Earlier, Rc::clone(&pipeline));
        let begin = Begin { stream: 0, pipeline, source };
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
    fn edits_add_up_and_are_counted() {
        let add = |pipeline: &mut Pipeline| pipeline.add("bad_channels");
        let mut now = begun();
        assert_eq!(now.source.words(&now.pipeline), "Values of your last run in the cloud (changed: 0)");
        for action in [set(0, 6.5), Action::edit(0, Box::new(add)), Action::window(now.window.at(0.7))] {
            now = now.reduce(action);
        }
        assert_eq!(threshold(&now), Some(6.5));
        assert_eq!(now.source.words(&now.pipeline), "Values of your last run in the cloud (changed: 2)");
        // Electrodes that were looked for meanwhile leave the other values as they are.
        let leave_out = |pipeline: &mut Pipeline| pipeline.set("bad_channels", "channel_ids", json!(["7"]));
        now = now.reduce(set(0, 7.0)).reduce(Action::edit(0, Box::new(leave_out)));
        assert_eq!((threshold(&now), now.pipeline.left_out()), (Some(7.0), vec!["7".to_owned()]));
    }

    #[test]
    fn values_that_were_taken_are_named_and_taken_back_one_after_another() {
        let with = |threshold: f64| {
            let mut pipeline = Pipeline::default();
            pipeline.set("detect_peaks", "detect_threshold", json!(threshold));
            pipeline
        };
        let own = begun().reduce(set(0, 6.5));
        let first = Rc::clone(&own).reduce(Action::take(0, Origin::Preset("As one"), with(4.0)));
        assert_eq!((threshold(&first), &first.source.origin), (Some(4.0), &Origin::Preset("As one")));
        // What is changed by hand goes with the values that it changed.
        let second = first.reduce(set(0, 4.5)).reduce(Action::take(0, Origin::Defaults, with(5.0)));
        assert_eq!((threshold(&second), &second.source.origin), (Some(5.0), &Origin::Defaults));
        let back = second.reduce(Action::undo(0));
        assert_eq!((threshold(&back), &back.source.origin), (Some(4.5), &Origin::Preset("As one")));
        assert_eq!(back.source.words(&back.pipeline), "Values of one (changed: 1)");
        let back = back.reduce(Action::undo(0));
        assert_eq!((threshold(&back), &back.source), (Some(6.5), &own.source));
        // At the beginning there is nothing to go back to.
        let still = back.reduce(Action::undo(0));
        assert_eq!((threshold(&still), &still.source), (Some(6.5), &own.source));
    }

    #[test]
    fn another_stream_keeps_the_values_that_work_and_nothing_that_was_measured() {
        let noise = Noise { levels_uv: Some(Rc::new(vec![5.0; 100])), done: 3, total: 20, ..Noise::default() };
        let tuned = begun().reduce(set(0, 7.0)).reduce(Action::noise(noise)).reduce(Action::in_view(Some((9, 4.0))));
        let like = Rc::clone(&tuned).reduce(Action::choose(60, 100)).reduce(Action::stream(1, &info()));
        assert_eq!((like.stream, threshold(&like), like.chosen), (1, Some(7.0), None));
        assert_eq!((&like.noise, like.in_view, &like.window), (&Noise::default(), None, &Window::first(&info())));
        // What comes late for the stream before is not set for this one.
        assert_eq!(threshold(&Rc::clone(&like).reduce(set(0, 9.0))), Some(7.0));
        // Nor is work that failed.
        let failed = Rc::clone(&like).reduce(Action::work(Doing::FailedHere)).reduce(Action::stream(0, &info()));
        assert_eq!(failed.doing, Doing::Nothing);
        let late = like.reduce(Action::take(0, Origin::Defaults, Pipeline::default())).reduce(Action::undo(0));
        assert_eq!((threshold(&late), &late.source.origin), (Some(7.0), &Origin::Earlier));
        let narrow = StreamInfo { sampling_frequency_hz: 5000.0, ..info() };
        let unlike = tuned.reduce(Action::take(0, Origin::Preset("As one"), Pipeline::default()));
        let unlike = unlike.reduce(Action::stream(1, &narrow));
        assert_eq!(*unlike.pipeline, Pipeline::for_stream(&narrow));
        assert_eq!((&unlike.source.origin, unlike.source.before()), (&Origin::Defaults, None));
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
