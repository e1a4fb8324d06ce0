//! Work under way: progress, time left, a way to stop.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::Method;
use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{CreateRecording, CreatedRecording, RecordingState, StartRun, StartedRun, limits};
use wasm_core::events::shortened;
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use crate::app::go;
use crate::pages::result::Computed;
use crate::pages::running;
use crate::services::analysis::{self, now_ms};
use crate::services::cloud::{self, CloudError};
use crate::services::memory::{self, Remembered};
use crate::services::pool::WorkFailure;
use crate::services::runs::Run;
use crate::services::session::Session;
use crate::services::upload::{self, Wish};
use crate::ui::format;
use crate::ui::progress::{Shown, bar, left};

/// Properties of [`Here`].
#[derive(Properties, PartialEq)]
pub struct HereProps {
    /// What is analysed.
    pub task: TaskProps,
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

/// “Analyse here”.
#[component(Here)]
pub fn here(HereProps { task, on_done }: &HereProps) -> Html {
    let what = "Analysing in this browser";
    let state = use_state(|| State::Working(Shown { what: what.into(), share: Some(0.0), ..Shown::default() }));
    let stop = use_memo((), |()| Rc::new(Cell::new(false)));
    let stopping = use_state(|| false);
    {
        let (TaskProps { session, stream, pipeline, back }, on_done) = (task.clone(), on_done.clone());
        let (state, stop) = (state.setter(), Rc::clone(&stop));
        use_effect_with((), move |()| {
            let stopping = Rc::clone(&stop);
            spawn_local(async move {
                let start = now_ms();
                let shown = state.clone();
                #[expect(clippy::cast_precision_loss, reason = "shares")]
                let on_progress = move |progress: analysis::Progress| {
                    let share = progress.done as f64 / progress.total.max(1) as f64;
                    let detail = format!(
                        "{} peaks so far · {}",
                        format::count(progress.n_peaks as u64),
                        left((now_ms() - start) / 1000.0, share)
                    );
                    shown.set(State::Working(Shown {
                        what: what.into(),
                        share: Some(share),
                        detail,
                        can_pause: false,
                    }));
                };
                match analysis::run(&session, stream, &pipeline, Rc::clone(&stop), on_progress).await {
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
    let detail = shown.detail.rsplit_once(" · ").map_or("", |(detail, _)| detail).to_owned();
    Shown { what: "Upload paused; what was under way is still sent".into(), detail, ..shown.clone() }
}

/// Uploads what is missing and runs the pipeline; `None` when the person stopped it.
async fn upload_and_run(
    session: &Session,
    stream: usize,
    pipeline: &Pipeline,
    wish: &Rc<Cell<Wish>>,
    show: impl Fn(Shown) + Clone,
) -> Result<Option<(String, String)>, CloudError> {
    let recording = announce(session, stream).await?;
    let start = now_ms();
    let shown = show.clone();
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    let on_progress = move |progress: upload::Progress| {
        let share = progress.chunks_done as f64 / progress.chunks.max(1) as f64;
        // What was sent in an earlier session took no time in this one.
        let to_send = (progress.chunks - progress.chunks_before).max(1) as f64;
        let sent = (progress.chunks_done - progress.chunks_before) as f64 / to_send;
        let detail = format!(
            "{} sent ({} of recording) · {} of {} chunks · {}",
            format::bytes(progress.sent_bytes as f64),
            format::bytes(progress.raw_bytes as f64),
            progress.chunks_done,
            progress.chunks,
            left((now_ms() - start) / 1000.0, sent),
        );
        shown(Shown { what: "Uploading".into(), share: Some(share), detail, can_pause: true });
    };
    if !upload::run(session, stream, &recording, Rc::clone(wish), on_progress).await? {
        return Ok(None);
    }
    let path = format!("/recordings/{}/runs", recording.recording_id);
    // With an id of its own the request can be repeated where its answer is lost.
    let request = StartRun { pipeline: pipeline.clone(), run_id: random_id() };
    let key = Some(recording.owner_key.as_str());
    let started: StartedRun = upload::retried(|| cloud::call(Method::POST, &path, key, Some(&request))).await?;
    let run = Run { recording: recording.recording_id, id: started.run_id, owner_key: recording.owner_key };
    // From now on the run is found again, whatever happens to this page.
    memory::started(&run.recording, &run.id);
    if run.follow(|| !wish.get().is_end(), |look| show(running::shown(look))).await? {
        return Ok(Some((run.recording, run.id)));
    }
    if wish.get() == Wish::Stop {
        if !run.cancel().await? {
            return Ok(Some((run.recording, run.id)));
        }
        memory::stopped(&run.recording);
    }
    Ok(None)
}

/// 128 random bits in hexadecimal; none where the browser has no randomness to give.
fn random_id() -> Option<String> {
    let mut bytes = [0; 16];
    web_sys::window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// The recording in the cloud: the one that these files began before, or a new one.
async fn announce(session: &Session, stream: usize) -> Result<Remembered, CloudError> {
    let info = &session.streams[stream];
    let same = |known: &Remembered| known.fingerprint == session.fingerprint && known.stream == info.name;
    for known in memory::all().into_iter().filter(same) {
        let path = format!("/recordings/{}", known.recording_id);
        match cloud::get::<RecordingState>(&path, Some(&known.owner_key)).await {
            Ok(state) if state.recording.stream == *info => return Ok(known),
            // The same files, described otherwise: what was sent of them belongs to another recording.
            Ok(_) => {}
            Err(error) if error.is_gone() => memory::forget(&known.recording_id),
            Err(error) => return Err(error),
        }
    }
    let name: String = session.name.chars().take(limits::NAME_CHARS).collect();
    let mut notes = session.notes.clone();
    if session.events.len() > limits::EVENTS {
        notes.push(format!(
            "Of {} events the first {} were uploaded.",
            format::count(session.events.len() as u64),
            format::count(limits::EVENTS as u64)
        ));
    }
    let request = CreateRecording {
        name: name.clone(),
        format: session.format.clone(),
        stream: info.clone(),
        notes,
        events: shortened(&session.events, limits::EVENTS, limits::EVENT_CHARS),
    };
    let created: CreatedRecording = cloud::call(Method::POST, "/recordings", None, Some(&request)).await?;
    let remembered = Remembered {
        recording_id: created.recording_id,
        owner_key: created.owner_key,
        name,
        stream: info.name.clone(),
        fingerprint: session.fingerprint.clone(),
        duration_s: info.duration_s(),
        created_ms: js_sys::Date::now(),
        run_id: None,
        earlier_run_id: None,
        links: Vec::new(),
    };
    memory::put(remembered.clone());
    Ok(remembered)
}
