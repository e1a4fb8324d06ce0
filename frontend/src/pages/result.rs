//! Result: five numbers first, then everything linked.

mod again;
mod analyses;
mod calibrate;
mod charts;
mod choice;
mod details;
mod downloads;
mod followed;
mod forms;
mod go_on;
mod headline;
mod keep;
mod kept;
mod linked;
mod methods;
mod moments;
mod panels;
mod plate;
mod population;
mod runs;
mod sensitivity;
mod share;
mod shared;
mod stored;
mod table;
mod threshold;
mod traces;
mod view;
mod ways;
mod wells;

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Float32Array, Float64Array, Uint32Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use wasm_core::api::{ResultLinks, ShareAbout, detected_file, make_summary_plain};
use wasm_core::field::FIELD_FILE;
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::StreamInfo;
use wasm_core::run::{Receipt, Summary};
use wasm_core::secret::Secret;
use yew::prelude::*;

use crate::bridge::floats;
use crate::bridge::result::{Reply, Request};
use crate::pages::running;
use crate::plots::raster::Spikes;
use crate::services::analysis::now_ms;
use crate::services::pool::WorkFailure;
use crate::services::runs::{Look, Run};
use crate::services::session::Session;
use crate::services::store::Spawned;
use crate::services::{cloud, memory};
use crate::ui::progress::bar;
use again::Again;
use followed::{Action, Ask, Followed, Phase};
use go_on::go_on;
pub use kept::{KeptPage, KeptResult};
pub use runs::Runs;
use share::Share;
pub use stored::StoredResult;
pub use view::ResultView;

/// Whose result is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A run of this browser's recording.
    Own {
        /// The recording.
        recording: String,
        /// The run.
        run: String,
    },
    /// One that somebody shared.
    Shared {
        /// The share.
        token: Secret,
    },
}

/// A result, with the session whose first worker keeps its peaks. It does not change, and equals itself alone.
pub struct Computed {
    /// Reads traces and moves the threshold.
    pub session: Rc<Session>,
    /// Stream of the session that was analysed; none for spikes that the files held, and where the
    /// recording is not there.
    pub stream: Option<usize>,
    /// The stream, or what stored spikes belong to.
    pub info: StreamInfo,
    /// The numbers at the run's threshold.
    pub summary: Rc<Summary>,
    /// Spikes of each segment.
    pub spikes: Rc<Vec<Rc<Spikes>>>,
    /// Mean waveforms in microvolts, `[channels, frames]`.
    pub waveforms_uv: Rc<Vec<f32>>,
    /// Frames of a waveform before the peak, and in all.
    pub waveform: (usize, usize),
    /// Time and cost; none where nothing was computed.
    pub receipt: Option<Receipt>,
    /// The pipeline with the analyses that were chosen when it was kept; none for one that was not.
    pub chosen: Option<Rc<Pipeline>>,
    /// What the sender says of a result that was shared; none for one's own.
    pub shared: Option<Rc<ShareAbout>>,
    /// Whether it was on screen before, so that its threshold may have been moved.
    pub was_shown: Cell<bool>,
}

impl PartialEq for Computed {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Computed {
    /// From a worker's answer; `None` when it is another answer.
    pub fn new(
        session: &Rc<Session>,
        stream: usize,
        reply: Reply,
        attached: &[JsValue],
        receipt: Receipt,
    ) -> Option<Self> {
        let info = session.streams[stream].clone();
        let computed = Self::unpacked(session, info, reply, attached)?;
        Some(Self { stream: Some(stream), receipt: Some(receipt), ..computed })
    }

    /// From a worker's answer about the spikes that the files hold.
    pub fn stored(session: &Rc<Session>, reply: Reply, attached: &[JsValue]) -> Option<Self> {
        let info = session.stored.as_ref()?.0.info.clone();
        Self::unpacked(session, info, reply, attached)
    }

    /// From a worker's answer about a result that was kept.
    pub fn kept(session: &Rc<Session>, reply: Reply, attached: &[JsValue]) -> Option<Self> {
        let kept = &session.kept.as_ref()?.head;
        let computed = Self::unpacked(session, kept.info.clone(), reply, attached)?;
        let chosen = Some(Rc::new(kept.about.pipeline.clone()));
        Some(Self { receipt: kept.about.receipt.clone(), chosen, ..computed })
    }

    /// Whether its spikes were searched for, so that they have a threshold.
    pub fn is_detected(&self) -> bool {
        self.summary.pipeline.has_signal()
    }

    /// Whether it was computed or opened here: nobody shared it, and no recording in the cloud has it.
    pub fn is_local(&self) -> bool {
        self.shared.is_none() && !self.session.is_uploaded()
    }

    fn unpacked(session: &Rc<Session>, info: StreamInfo, reply: Reply, attached: &[JsValue]) -> Option<Self> {
        let Unpacked { summary, spikes, waveforms_uv, waveform } = unpack(&info, reply, attached)?;
        let session = Rc::clone(session);
        Some(Self {
            session,
            stream: None,
            info,
            summary,
            spikes,
            waveforms_uv,
            waveform,
            receipt: None,
            chosen: None,
            shared: None,
            was_shown: Cell::new(false),
        })
    }
}

/// What a [`Reply::Result`] brings; see [`Computed`] for each.
struct Unpacked {
    summary: Rc<Summary>,
    spikes: Rc<Vec<Rc<Spikes>>>,
    waveforms_uv: Rc<Vec<f32>>,
    waveform: (usize, usize),
}

/// Takes a [`Reply::Result`] apart.
fn unpack(info: &StreamInfo, reply: Reply, attached: &[JsValue]) -> Option<Unpacked> {
    let Reply::Result { n_spikes, mut summary, waveform } = reply else { return None };
    make_summary_plain(&mut summary.recording);
    let [frames, channels, amplitudes, waveforms] = attached else { return None };
    let (frames, channels) = (Float64Array::new(frames), Uint32Array::new(channels));
    let amplitudes = Float32Array::new(amplitudes);
    let mut from = 0;
    let mut of_segment = |n: usize| {
        let own = from..from + u32::try_from(n).unwrap_or(u32::MAX);
        from = own.end;
        let mut times_s = frames.subarray(own.start, own.end).to_vec();
        for frame in &mut times_s {
            *frame /= info.sampling_frequency_hz;
        }
        Rc::new(Spikes {
            times_s,
            channels: channels.subarray(own.start, own.end).to_vec(),
            amplitudes_uv: amplitudes.subarray(own.start, own.end).to_vec(),
        })
    };
    let spikes = Rc::new(n_spikes.into_iter().map(&mut of_segment).collect());
    Some(Unpacked { summary: Rc::new(*summary), spikes, waveforms_uv: Rc::new(floats(waveforms)), waveform })
}

/// Properties of [`ResultPage`].
#[derive(Properties, PartialEq)]
pub struct ResultPageProps {
    /// Which result.
    pub shown: Shown,
    /// The recording of the result, where that is open on the workbench.
    #[prop_or_default]
    pub open: Option<Rc<Session>>,
    /// Takes its recording as it was uploaded.
    #[prop_or_default]
    pub on_open: Callback<Rc<Session>>,
}

/// Follows a run until its result is there: what is known of it, and what asks something of it.
#[hook]
fn use_followed(shown: &Shown) -> (UseReducerHandle<Followed<Rc<Computed>>>, Callback<Ask>) {
    let followed = use_reducer(Followed::<Rc<Computed>>::default);
    {
        let (shown, told) = (shown.clone(), followed.dispatcher());
        // Who leaves the page follows it no more.
        use_effect_with(followed.attempt(), move |attempt| {
            let following = attempt.map(|_| {
                Spawned::begin(async move {
                    let came = follow(&shown, |look| told.dispatch(Action::Looked(look, now_ms()))).await;
                    told.dispatch(Action::Came(came));
                })
            });
            move || drop(following)
        });
    }
    {
        let (shown, told) = (shown.clone(), followed.dispatcher());
        use_effect_with(followed.asked(), move |asked| {
            if let Some((ask, run)) = asked.zip(own_run(&shown)) {
                // What is asked is asked to its end, whatever is shown meanwhile.
                spawn_local(async move { told.dispatch(Action::Answered(done(ask, &run).await)) });
            }
        });
    }
    let on_ask = {
        let told = followed.dispatcher();
        Callback::from(move |ask: Ask| told.dispatch(Action::Ask(ask)))
    };
    (followed, on_ask)
}

/// Follows the run, if it is one of this browser, then fetches the result.
async fn follow(shown: &Shown, told: impl Fn(Look)) -> Phase<Rc<Computed>> {
    if let Some(run) = own_run(shown)
        && let Err(error) = run.follow(told).await
    {
        let has_ended = error.cause == cloud::Cause::Lasting;
        return if has_ended { Phase::Ended(error.message) } else { Problem::from(error).into() };
    }
    match load(shown).await {
        Ok(computed) => Phase::There(Rc::new(computed)),
        Err(problem) => problem.into(),
    }
}

/// Does what a person asks of a run; whether it was done.
async fn done(ask: Ask, run: &Run) -> Result<bool, String> {
    let done = match ask {
        Ask::Stop => run.cancel().await,
        Ask::GoOn => run.redrive().await.map(|()| true),
    };
    if done.as_ref().is_ok_and(|is_done| *is_done) {
        match ask {
            Ask::Stop => memory::stopped(&run.recording, &run.id),
            // The start page leads to it again, also after it was stopped.
            Ask::GoOn => memory::resumed(&run.recording, &run.id),
        }
    }
    done.map_err(|error| error.message)
}

/// A result that lies in the cloud.
#[component(ResultPage)]
pub fn result_page(props: &ResultPageProps) -> Html {
    let (followed, on_ask) = use_followed(&props.shown);
    let again = |computed: Option<Rc<Computed>>| match &props.shown {
        Shown::Own { recording, run } => {
            html! { <Again recording={recording.clone()} run={run.clone()} {computed} open={props.open.clone()} on_open={props.on_open.clone()} /> }
        }
        Shown::Shared { .. } => html! {},
    };
    let runs = match &props.shown {
        Shown::Own { recording, run } => html! { <Runs recording={recording.clone()} run={run.clone()} /> },
        Shown::Shared { .. } => html! {},
    };
    // A run whose recording this browser does not have the key of cannot be run again here.
    let is_owner = own_run(&props.shown).is_some();
    match followed.phase() {
        Phase::Loading => html! {
            <div class="result" role="status" data-testid="loading">
                <p class="soft">{ "Fetching the result…" }</p>
                <div class="headline">{ for (0..5).map(|_| html! { <div class="skeleton" /> }) }</div>
                <div class="skeleton" />
            </div>
        },
        Phase::Running(following) => html! {
            <div class="result" data-testid="running">
                { bar(&running::shown(following)) }
                <p class="soft">{ "This page may be closed: the analysis goes on, and the start page keeps its address." }</p>
                <div class="row"><button onclick={on_ask.reform(|_: MouseEvent| Ask::Stop)} data-testid="stop">{ "Stop" }</button>{ again(None) }</div>
                { runs }
            </div>
        },
        Phase::Gone(message) => html! {
            <div class="empty" data-testid="gone">
                <h1>{ "This result is not here" }</h1>
                <p class="soft">{ message }</p>
                if is_owner { <div class="row">{ again(None) }</div>{ runs } } else { <p class="soft">{ "If somebody sent you the link, ask them for a new one." }</p> }
                <a class="button" href="/#/">{ "Open a recording of your own" }</a>
            </div>
        },
        Phase::Failed(message) => html! {
            <div class="empty" data-testid="failed">
                <h1>{ "The result could not be fetched" }</h1>
                <p class="soft" role="alert">{ message }</p>
                if is_owner { <div class="row">{ again(None) }</div>{ runs } }
                <a class="button" href="/#/">{ "Back to the start" }</a>
            </div>
        },
        Phase::Ended(message) => html! {
            <div class="empty" data-testid="ended">
                <h1>{ "There is no result yet" }</h1>
                <p class="soft" role="alert">{ message }</p>
                if is_owner {
                    { go_on(followed.asked().is_some(), followed.problem(), on_ask.reform(|_: MouseEvent| Ask::GoOn)) }
                    <div class="row">{ again(None) }</div>
                    { runs }
                }
                <a class="button" href="/#/">{ "Back to the start" }</a>
            </div>
        },
        Phase::There(computed) => html! {
            <ResultView computed={Rc::clone(computed)} has_address={true}>
                if let Shown::Own { recording, run } = &props.shown {
                    { again(Some(Rc::clone(computed))) }
                    <Share recording={recording.clone()} run={run.clone()} />
                    { runs }
                }
            </ResultView>
        },
    }
}

/// The run of this browser's recording, if that is what is shown.
fn own_run(shown: &Shown) -> Option<Run> {
    let Shown::Own { recording, run } = shown else { return None };
    let owner_key = memory::get(recording)?.owner_key;
    Some(Run { recording: recording.clone(), id: run.clone(), owner_key })
}

enum Problem {
    Gone(String),
    Failed(String),
}

impl<T> From<Problem> for Phase<T> {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Gone(message) => Self::Gone(message),
            Problem::Failed(message) => Self::Failed(message),
        }
    }
}

impl From<cloud::CloudError> for Problem {
    fn from(error: cloud::CloudError) -> Self {
        if error.is_gone() { Self::Gone(error.message) } else { Self::Failed(error.message) }
    }
}

async fn load(shown: &Shown) -> Result<Computed, Problem> {
    match shown {
        Shown::Shared { token } => shared::load(token).await,
        Shown::Own { recording, run } => {
            let gone = || {
                Problem::Gone("Only the browser that uploaded a recording can open this address. Its owner can share the result with a link.".into())
            };
            let key = memory::get(recording).ok_or_else(gone)?.owner_key;
            let links = cloud::get(&format!("/recordings/{recording}/runs/{run}/result"), Some(key.reveal())).await?;
            of_run(links, format!("/api/recordings/{recording}/runs/{run}/reads"), Some(key)).await
        }
    }
}

/// A result that lies beside its uploaded recording.
async fn of_run(links: ResultLinks, reads: String, key: Option<Secret>) -> Result<Computed, Problem> {
    let file = |name: &str| {
        links.files.iter().find(|(known, _)| known == name).map(|(_, url)| url.reveal().to_owned()).unwrap_or_default()
    };
    let peaks = cloud::download(&file("peaks.parquet")).await?;
    let waveforms = cloud::download(&file("waveforms.npy")).await?;
    // Only runs that kept field potentials have their file.
    let field = match file(FIELD_FILE) {
        url if url.is_empty() => None,
        url => Some(cloud::download(&url).await?),
    };
    let failed = |reason: String| Problem::Failed(reason);
    let session = Session::remote(links.stream.clone(), links.events, reads, links.slices, key)
        .await
        .map_err(|failure| failed(failure.reason))?;
    let request = Request::Load {
        info: links.stream.clone(),
        summary: Box::new(links.summary.clone()),
        events: session.events.to_vec(),
    };
    let mut attached = vec![crate::bridge::buffer(&peaks), crate::bridge::buffer(&waveforms)];
    for of in links.summary.pipeline.detectors().iter().skip(1) {
        let spikes = cloud::download(&file(&detected_file(&of.block.id))).await?;
        attached.push(crate::bridge::buffer(&spikes));
    }
    attached.extend(field.map(|field| crate::bridge::buffer(&field)));
    let (reply, attached) = session.pool.ask(request, attached).await.map_err(|failure| failed(failure.reason))?;
    let computed = Computed::new(&session, 0, reply, &attached, links.receipt);
    computed.ok_or_else(|| failed(WorkFailure::unexpected().reason))
}
