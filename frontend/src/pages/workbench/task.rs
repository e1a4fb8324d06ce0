//! Work under way: progress, time left, a way to stop.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{CreateRecording, CreatedRecording, RunStatus, StartRun, StartedRun};
use wasm_core::pipeline::Pipeline;
use yew::prelude::*;

use crate::app::go;
use crate::pages::result::{Computed, ResultView};
use crate::services::analysis::{self, now_ms};
use crate::services::cloud::{self, CloudError};
use crate::services::memory::{self, Remembered};
use crate::services::session::Session;
use crate::services::upload::{self, Wish};
use crate::ui::format;

/// Milliseconds between looks at a run.
const LOOK_MS: u32 = 700;

/// Properties of [`Uploading`].
#[derive(Properties, PartialEq)]
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

/// Properties of [`Here`].
#[derive(Properties, PartialEq)]
pub struct HereProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Its stream.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// Noise of each channel, where the workbench has measured it already.
    pub noise_uv: Option<Rc<Vec<f32>>>,
    /// Goes back to the offers.
    pub back: Callback<()>,
}

/// What is shown of work.
#[derive(Clone, PartialEq)]
struct Shown {
    what: String,
    share: Option<f64>,
    detail: String,
}

fn bar(shown: &Shown) -> Html {
    let value = shown.share.map(|share| share.to_string());
    html! {
        <div class="work" role="status" data-testid="progress">
            <div class="row spread"><b>{ &shown.what }</b><span class="soft small">{ &shown.detail }</span></div>
            <progress max="1" {value} aria-label={shown.what.clone()} />
        </div>
    }
}

fn left(start_ms: f64, share: f64) -> String {
    let seconds = (now_ms() - start_ms) / 1000.0;
    if share < 0.02 || seconds < 0.5 {
        "estimating…".into()
    } else {
        format!("{} left", format::duration(seconds * (1.0 - share) / share))
    }
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

enum HereState {
    Working(Shown),
    Failed(String),
    Done(Rc<Computed>),
}

/// “Analyse here”, then its result.
#[component(Here)]
pub fn here(props: &HereProps) -> Html {
    let state = use_state(|| {
        Rc::new(HereState::Working(Shown {
            what: "Analysing in this browser".into(),
            share: Some(0.0),
            detail: String::new(),
        }))
    });
    let stop = use_memo((), |()| Rc::new(Cell::new(false)));
    {
        let (session, stream, pipeline, back) =
            (Rc::clone(&props.session), props.stream, Rc::clone(&props.pipeline), props.back.clone());
        let (state, stop, noise_uv) = (state.setter(), Rc::clone(&stop), props.noise_uv.clone());
        use_effect_with((), move |()| {
            let stopping = Rc::clone(&stop);
            spawn_local(async move {
                let start = now_ms();
                let shown = state.clone();
                #[expect(clippy::cast_precision_loss, reason = "shares")]
                let on_progress = move |progress: analysis::Progress| {
                    let share = progress.done as f64 / progress.total.max(1) as f64;
                    let detail =
                        format!("{} peaks so far · {}", format::count(progress.n_peaks as u64), left(start, share));
                    shown.set(Rc::new(HereState::Working(Shown {
                        what: "Analysing in this browser".into(),
                        share: Some(share),
                        detail,
                    })));
                };
                match analysis::run(&session, stream, &pipeline, noise_uv, Rc::clone(&stop), on_progress).await {
                    Ok(Some(((reply, attached), receipt))) => {
                        match Computed::new(&session, stream, reply, &attached, receipt) {
                            Some(computed) => state.set(Rc::new(HereState::Done(Rc::new(computed)))),
                            None => state.set(Rc::new(HereState::Failed("The worker answered something else.".into()))),
                        }
                    }
                    Ok(None) => back.emit(()),
                    Err(failure) => state.set(Rc::new(HereState::Failed(failure.reason))),
                }
            });
            move || stopping.set(true)
        });
    }
    match &**state {
        HereState::Working(shown) => html! {
            <>
                { bar(shown) }
                <button onclick={ let stop = Rc::clone(&stop); Callback::from(move |_: MouseEvent| stop.set(true)) } data-testid="stop">{ "Stop" }</button>
            </>
        },
        HereState::Failed(reason) => problem(reason, &props.back),
        HereState::Done(computed) => {
            let back = props.back.clone();
            html! {
                <div class="overlay">
                    <ResultView computed={Rc::clone(computed)}>
                        <button onclick={Callback::from(move |_: MouseEvent| back.emit(()))} data-testid="back">{ "Back to the traces" }</button>
                    </ResultView>
                </div>
            }
        }
    }
}

#[derive(Clone, PartialEq)]
enum UploadState {
    Working(Shown),
    Failed(String),
}

/// Upload, run, then the result's own address.
#[component(Uploading)]
pub fn uploading(props: &TaskProps) -> Html {
    let state = use_state(|| {
        UploadState::Working(Shown { what: "Preparing the upload".into(), share: None, detail: String::new() })
    });
    let wish = use_memo((), |()| Rc::new(Cell::new(Wish::Go)));
    let paused = use_state(|| false);
    {
        let (session, stream, pipeline, back) =
            (Rc::clone(&props.session), props.stream, Rc::clone(&props.pipeline), props.back.clone());
        let (state, wish) = (state.setter(), Rc::clone(&wish));
        use_effect_with((), move |()| {
            let stopping = Rc::clone(&wish);
            spawn_local(async move {
                let show = {
                    let state = state.clone();
                    move |shown| state.set(UploadState::Working(shown))
                };
                match all(&session, stream, &pipeline, &wish, show).await {
                    Ok(Some((recording, run))) => go(&format!("#/recordings/{recording}/runs/{run}")),
                    Ok(None) => back.emit(()),
                    Err(error) => state.set(UploadState::Failed(error.message)),
                }
            });
            move || stopping.set(Wish::Stop)
        });
    }
    match &*state {
        UploadState::Failed(reason) => problem(reason, &props.back),
        UploadState::Working(shown) => {
            let on_pause = {
                let (wish, paused) = (Rc::clone(&wish), paused.clone());
                Callback::from(move |_: MouseEvent| {
                    wish.set(if *paused { Wish::Go } else { Wish::Pause });
                    paused.set(!*paused);
                })
            };
            let on_stop = {
                let wish = Rc::clone(&wish);
                Callback::from(move |_: MouseEvent| wish.set(Wish::Stop))
            };
            html! {
                <>
                    { bar(shown) }
                    <button onclick={on_pause} data-testid="pause">{ if *paused { "Go on" } else { "Pause" } }</button>
                    <button onclick={on_stop} data-testid="stop">{ "Stop" }</button>
                </>
            }
        }
    }
}

/// Uploads what is missing and runs the pipeline; `None` when the person stopped it.
async fn all(
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
        let detail = format!(
            "{} sent ({} of recording) · {} of {} chunks · {}",
            format::bytes(progress.sent_bytes as f64),
            format::bytes(progress.raw_bytes as f64),
            progress.chunks_done,
            progress.chunks,
            left(start, share),
        );
        shown(Shown { what: "Uploading".into(), share: Some(share), detail });
    };
    if !upload::run(session, stream, &recording, Rc::clone(wish), on_progress).await? {
        return Ok(None);
    }
    let path = format!("/recordings/{}", recording.recording_id);
    let key = Some(recording.owner_key.as_str());
    let started: StartedRun =
        cloud::call(Method::POST, &format!("{path}/runs"), key, Some(&StartRun { pipeline: pipeline.clone() })).await?;
    let run_path = format!("{path}/runs/{}", started.run_id);
    let start = now_ms();
    loop {
        if wish.get() == Wish::Stop {
            cloud::call::<()>(Method::DELETE, &run_path, key, None::<&()>).await?;
            return Ok(None);
        }
        match cloud::get::<RunStatus>(&run_path, key).await {
            Ok(RunStatus::Done) => break,
            Ok(RunStatus::Failed { reason }) => {
                return Err(CloudError { status: 0, message: format!("The analysis did not finish: {reason}") });
            }
            Ok(RunStatus::Planning) => {
                show(Shown { what: "Measuring the noise in the cloud".into(), share: None, detail: String::new() });
            }
            #[expect(clippy::cast_precision_loss, reason = "shares")]
            Ok(RunStatus::Analysing { done, total }) => {
                let share = done as f64 / total.max(1) as f64;
                let what = if done < total { "Analysing in the cloud" } else { "Putting the result together" };
                show(Shown {
                    what: what.into(),
                    share: Some(share),
                    detail: format!("{done} of {total} slices · {}", left(start, share)),
                });
            }
            // A lost connection does not stop the run; look again.
            Err(error) if error.status == 0 || error.status >= 500 => {
                show(Shown {
                    what: "Waiting for the connection; the analysis goes on".into(),
                    share: None,
                    detail: error.message,
                });
            }
            Err(error) => return Err(error),
        }
        TimeoutFuture::new(LOOK_MS).await;
    }
    memory::update(&recording.recording_id, |known| known.run_id = Some(started.run_id.clone()));
    Ok(Some((recording.recording_id, started.run_id)))
}

/// The recording in the cloud: the one that these files began before, or a new one.
async fn announce(session: &Session, stream: usize) -> Result<Remembered, CloudError> {
    let info = &session.streams[stream];
    let same = |known: &Remembered| known.fingerprint == session.fingerprint && known.stream == info.name;
    if let Some(known) = memory::all().into_iter().find(same) {
        let path = format!("/recordings/{}", known.recording_id);
        match cloud::get::<serde_json::Value>(&path, Some(&known.owner_key)).await {
            Ok(_) => return Ok(known),
            Err(error) if error.status == 404 || error.status == 403 => memory::forget(&known.recording_id),
            Err(error) => return Err(error),
        }
    }
    let name: String = session.name.chars().take(wasm_core::api::limits::NAME_CHARS).collect();
    let request = CreateRecording {
        name: name.clone(),
        format: session.format.clone(),
        stream: info.clone(),
        notes: session.notes.clone(),
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
        shares: Vec::new(),
    };
    memory::put(remembered.clone());
    Ok(remembered)
}
