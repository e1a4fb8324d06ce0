//! Work under way: progress, time left, a way to stop.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use super::activity::Analysed;
use super::sending::upload_and_run;
use crate::pages::result::Computed;
use crate::routes::go;
use crate::services::analysis::{self, Searched, now_ms};
use crate::services::pool::WorkFailure;
use crate::services::session::Session;
use crate::services::upload::Wish;
use crate::ui::format;
use crate::ui::progress::{Shown, bar, left};

/// Properties of [`Here`].
#[derive(Properties, PartialEq)]
pub struct HereProps {
    /// What is analysed.
    pub task: TaskProps,
    /// Takes what was searched so far.
    pub on_analysed: Callback<Analysed>,
    /// Takes the result.
    pub on_done: Callback<Rc<Computed>>,
}

/// Properties of [`Uploading`], and what [`Here`] needs too.
#[derive(Clone, Properties, PartialEq)]
pub struct TaskProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Its stream.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// Goes back to the offers.
    pub back: Callback<()>,
}

fn problem(reason: &str, back: &Callback<()>) -> Html {
    let back = back.clone();
    html! {
        <div class="work">
            <p class="notice problem" role="alert" data-testid="task-problem">{ reason }</p>
            <div class="row"><button onclick={Callback::from(move |_: MouseEvent| back.emit(()))} data-testid="back">{ "Back" }</button></div>
        </div>
    }
}

/// What is under way is finished first.
const fn stop_label(stopping: bool) -> &'static str {
    if stopping { "Stopping…" } else { "Stop" }
}

#[derive(Clone, PartialEq)]
enum State {
    Working(Shown),
    Failed(String),
}

/// Milliseconds between two pictures of what was searched: each is drawn along the recording.
const PICTURE_MS: f64 = 300.0;

/// “Analyse here”.
#[component(Here)]
pub fn here(HereProps { task, on_analysed, on_done }: &HereProps) -> Html {
    let state = use_state(|| State::Working(analysing(None, 0.0)));
    let stop = use_memo((), |()| Rc::new(Cell::new(false)));
    let stopping = use_state(|| false);
    {
        let (task, on_analysed, on_done) = (task.clone(), on_analysed.clone(), on_done.clone());
        let (state, stop) = (state.setter(), Rc::clone(&stop));
        use_effect_with((), move |()| {
            let stopping = Rc::clone(&stop);
            spawn_local(async move {
                let TaskProps { session, stream, pipeline, back } = task;
                let start = now_ms();
                let picture = Picture::new(stream, Rc::clone(&pipeline), on_analysed);
                let shown = state.clone();
                let on_progress = |progress: analysis::Progress, searched: Option<Searched>| {
                    picture.take(searched);
                    shown.set(State::Working(analysing(Some(progress), (now_ms() - start) / 1000.0)));
                };
                let answer = analysis::run(&session, stream, &pipeline, Rc::clone(&stop), on_progress).await;
                picture.show(matches!(answer, Ok(Some(_))));
                match answer {
                    Ok(Some(((reply, attached), receipt))) => {
                        match Computed::new(&session, stream, reply, &attached, receipt) {
                            Some(computed) => on_done.emit(Rc::new(computed)),
                            None => state.set(State::Failed(WorkFailure::unexpected().reason)),
                        }
                    }
                    Ok(None) => back.emit(()),
                    Err(failure) => state.set(State::Failed(failure.reason)),
                }
            });
            move || stopping.set(true)
        });
    }
    let on_stop = {
        let (stop, stopping) = (Rc::clone(&stop), stopping.setter());
        Callback::from(move |_: MouseEvent| {
            stop.set(true);
            stopping.set(true);
        })
    };
    match &*state {
        State::Working(shown) => html! {
            <>
                { bar(shown) }
                <button onclick={on_stop} disabled={*stopping} data-testid="stop">{ stop_label(*stopping) }</button>
            </>
        },
        State::Failed(reason) => problem(reason, &task.back),
    }
}

/// What is shown of an analysis after so many seconds.
#[expect(clippy::cast_precision_loss, reason = "shares")]
fn analysing(progress: Option<analysis::Progress>, seconds: f64) -> Shown {
    let what = "Analysing in this browser".to_owned();
    let Some(progress) = progress else { return Shown { what, share: Some(0.0), ..Shown::default() } };
    let share = progress.done as f64 / progress.total.max(1) as f64;
    let found = format::counted(progress.n_spikes as u64, "spike");
    let detail = format!("{found} so far · {}", left(seconds, share));
    Shown { what, share: Some(share), detail, can_pause: false }
}

/// What was searched so far, shown now and then.
struct Picture {
    stream: usize,
    pipeline: Rc<Pipeline>,
    searched: RefCell<Vec<Searched>>,
    pictured_ms: Cell<f64>,
    on_analysed: Callback<Analysed>,
}

impl Picture {
    fn new(stream: usize, pipeline: Rc<Pipeline>, on_analysed: Callback<Analysed>) -> Self {
        Self { stream, pipeline, searched: RefCell::default(), pictured_ms: Cell::new(now_ms()), on_analysed }
    }

    fn take(&self, searched: Option<Searched>) {
        self.searched.borrow_mut().extend(searched);
        if now_ms() - self.pictured_ms.get() > PICTURE_MS && !self.searched.borrow().is_empty() {
            self.show(false);
        }
    }

    fn show(&self, is_complete: bool) {
        self.pictured_ms.set(now_ms());
        let searched = Rc::new(self.searched.borrow().clone());
        let (stream, pipeline) = (self.stream, Rc::clone(&self.pipeline));
        self.on_analysed.emit(Analysed { stream, pipeline, searched, is_complete });
    }
}

/// Upload, run, then the result's own address.
#[component(Uploading)]
pub fn uploading(props: &TaskProps) -> Html {
    let state = use_state(|| State::Working(Shown { what: "Preparing the upload".into(), ..Shown::default() }));
    let wish = use_memo((), |()| Rc::new(Cell::new(Wish::Go)));
    let paused = use_state(|| false);
    let stopping = use_state(|| false);
    {
        let (session, stream, pipeline, back) =
            (Rc::clone(&props.session), props.stream, Rc::clone(&props.pipeline), props.back.clone());
        let (state, wish) = (state.setter(), Rc::clone(&wish));
        use_effect_with((), move |()| {
            let stopping = Rc::clone(&wish);
            spawn_local(async move {
                let show = {
                    let state = state.clone();
                    move |shown| state.set(State::Working(shown))
                };
                match upload_and_run(&session, stream, &pipeline, &wish, show).await {
                    Ok(Some((recording, run))) => go(&format!("#/recordings/{recording}/runs/{run}")),
                    Ok(None) => back.emit(()),
                    Err(_) if wish.get() == Wish::Stop => back.emit(()),
                    Err(error) => state.set(State::Failed(error.message)),
                }
            });
            // The run goes on without this page.
            move || stopping.set(Wish::Leave)
        });
    }
    match &*state {
        State::Failed(reason) => problem(reason, &props.back),
        State::Working(shown) => {
            let on_pause = {
                let (wish, paused) = (Rc::clone(&wish), paused.clone());
                Callback::from(move |_: MouseEvent| {
                    wish.set(if *paused { Wish::Go } else { Wish::Pause });
                    paused.set(!*paused);
                })
            };
            let on_stop = {
                let (wish, stopping) = (Rc::clone(&wish), stopping.setter());
                Callback::from(move |_: MouseEvent| {
                    wish.set(Wish::Stop);
                    stopping.set(true);
                })
            };
            let shown = if *paused && shown.can_pause { paused_now(shown) } else { shown.clone() };
            html! {
                <>
                    { bar(&shown) }
                    // A run in the cloud can be stopped, not paused.
                    if shown.can_pause { <button onclick={on_pause} disabled={*stopping} data-testid="pause">{ if *paused { "Go on" } else { "Pause" } }</button> }
                    <button onclick={on_stop} disabled={*stopping} data-testid="stop">{ stop_label(*stopping) }</button>
                </>
            }
        }
    }
}

/// What is shown of an upload that waits: no time is left to tell.
fn paused_now(shown: &Shown) -> Shown {
    let detail = shown.detail.rsplit_once(" · ").map_or(shown.detail.as_str(), |(detail, _)| detail).to_owned();
    Shown { what: "Upload paused; what was under way is still sent".into(), detail, ..shown.clone() }
}
