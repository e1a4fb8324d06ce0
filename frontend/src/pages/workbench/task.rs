//! Work under way: progress, time left, a way to stop.

mod saying;

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use super::activity::Analysed;
use super::sending::{Ended, upload_and_run};
use crate::pages::result::Computed;
use crate::routes::go;
use crate::services::analysis::{self, Searched, now_ms};
use crate::services::line::{Line, use_work};
use crate::services::pool::WorkFailure;
use crate::services::session::Session;
use crate::services::work::{Action, Wish, Work};
use crate::ui::progress::{Shown, bar};
use saying::{analysing, uploading};

/// Properties of [`Here`].
#[derive(Clone, Properties, PartialEq)]
pub struct HereProps {
    /// The analysis.
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
    /// Stream of the recording.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// Goes back to the offers.
    pub back: Callback<()>,
    /// Told when it failed.
    pub failed: Callback<()>,
}

/// How far work is and what a person can do about it, or why it failed.
fn view(line: &Rc<Line>, work: &Work, shown: &Shown, back: &Callback<()>) -> Html {
    if let Some(reason) = work.failure() {
        let on_back = back.reform(|_: MouseEvent| ());
        return html! {
            <div class="work">
                <p class="notice problem" role="alert" data-testid="task-problem">{ reason }</p>
                <div class="row">
                    if let Some(address) = work.goes_on() { <a class="button" href={address.to_owned()} data-testid="goes-on">{ "See the run" }</a> }
                    <button onclick={on_back} data-testid="back">{ "Back" }</button>
                </div>
            </div>
        };
    }
    let on = |action: Action| {
        let line = Rc::clone(line);
        Callback::from(move |_: MouseEvent| {
            line.happens(action.clone());
        })
    };
    let (on_pause, on_stop) = (on(Action::PauseOrGo), on(Action::Wish(Wish::Stop)));
    // What is under way is finished first.
    let is_stopping = work.wish().is_end();
    html! {
        <>
            { bar(shown) }
            // A run in the cloud can be stopped, not paused.
            if shown.can_pause { <button onclick={on_pause} disabled={is_stopping} data-testid="pause">{ if work.wish() == Wish::Pause { "Go on" } else { "Pause" } }</button> }
            <button onclick={on_stop} disabled={is_stopping} data-testid="stop">{ if is_stopping { "Stopping…" } else { "Stop" } }</button>
        </>
    }
}

/// Says why work failed; where the person ended it, goes back instead.
fn fail(line: &Line, reason: String, back: &Callback<()>, failed: &Callback<()>) {
    let has_failed = line.happens(Action::Failed(reason)).failure().is_some();
    if has_failed { failed.emit(()) } else { back.emit(()) }
}

/// “Analyse here”.
#[component(Here)]
pub fn here(props: &HereProps) -> Html {
    let line = use_memo((), |()| Line::begin());
    let work = use_work(&line);
    {
        let (props, line) = (props.clone(), Rc::clone(&line));
        use_effect_with((), move |()| {
            let left = Rc::clone(&line);
            spawn_local(async move { analyse(props, &line).await });
            move || {
                left.happens(Action::Wish(Wish::Leave));
            }
        });
    }
    view(&line, &work, &analysing(&work), &props.task.back)
}

async fn analyse(HereProps { task, on_analysed, on_done }: HereProps, line: &Line) {
    let TaskProps { session, stream, pipeline, back, failed } = task;
    let mut picture = Picture::new(stream, Rc::clone(&pipeline), on_analysed);
    let answer = analysis::run(&session, stream, &pipeline, line, |searched| picture.take(searched)).await;
    picture.show(matches!(answer, Ok(Some(_))));
    match answer {
        Ok(Some(((reply, attached), receipt))) => match Computed::new(&session, stream, reply, &attached, receipt) {
            Some(computed) => on_done.emit(Rc::new(computed)),
            None => fail(line, WorkFailure::unexpected().reason, &back, &failed),
        },
        Ok(None) => back.emit(()),
        Err(failure) => fail(line, failure.reason, &back, &failed),
    }
}

/// Milliseconds between two pictures of what was searched: each is drawn along the recording.
const PICTURE_MS: f64 = 300.0;

/// Stretches that were searched so far, shown now and then.
struct Picture {
    stream: usize,
    pipeline: Rc<Pipeline>,
    searched: Vec<Searched>,
    pictured_ms: f64,
    on_analysed: Callback<Analysed>,
}

impl Picture {
    fn new(stream: usize, pipeline: Rc<Pipeline>, on_analysed: Callback<Analysed>) -> Self {
        Self { stream, pipeline, searched: Vec::new(), pictured_ms: now_ms(), on_analysed }
    }

    fn take(&mut self, searched: Option<Searched>) {
        self.searched.extend(searched);
        if now_ms() - self.pictured_ms > PICTURE_MS && !self.searched.is_empty() {
            self.show(false);
        }
    }

    fn show(&mut self, is_complete: bool) {
        self.pictured_ms = now_ms();
        let (stream, pipeline, searched) = (self.stream, Rc::clone(&self.pipeline), Rc::new(self.searched.clone()));
        self.on_analysed.emit(Analysed { stream, pipeline, searched, is_complete });
    }
}

/// Upload, run, then the result's own address.
#[component(Uploading)]
pub fn uploading_work(props: &TaskProps) -> Html {
    let line = use_memo((), |()| Line::begin());
    let work = use_work(&line);
    {
        let (props, line) = (props.clone(), Rc::clone(&line));
        use_effect_with((), move |()| {
            let left = Rc::clone(&line);
            spawn_local(async move {
                let TaskProps { session, stream, pipeline, back, failed } = props;
                match upload_and_run(&session, stream, &pipeline, &line).await {
                    Ok(Ended::Done(run)) => go(&run.address()),
                    Ok(Ended::ByPerson) => back.emit(()),
                    Ok(Ended::MayGoOn(unstopped)) => {
                        line.happens(Action::MayGoOn(unstopped));
                        failed.emit(());
                    }
                    Err(error) => fail(&line, error.message, &back, &failed),
                }
            });
            // The run goes on without this page.
            move || {
                left.happens(Action::Wish(Wish::Leave));
            }
        });
    }
    let size_bytes = props.session.streams[props.stream].size_bytes();
    view(&line, &work, &uploading(&work, size_bytes), &props.back)
}
