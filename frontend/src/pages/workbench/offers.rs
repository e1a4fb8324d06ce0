//! The two offers at the foot, with what each takes and costs.

mod tried;

use std::rc::Rc;

use futures_util::future::join;
use gloo_timers::future::TimeoutFuture;
use wasm_core::cost;
use wasm_core::engine::noise_sample;
use wasm_core::pipeline::{NoiseMethod, Pipeline};
use wasm_core::regions::known;
use yew::prelude::*;

use super::activity::Analysed;
use super::task::{Here, TaskProps, Uploading};
use super::unsearched::{why_not, why_unsearched};
use crate::pages::invitation::{Invitation, use_invited};
use crate::pages::result::Computed;
use crate::services::cloud;
use crate::services::memory;
use crate::services::region::{Here as Region, use_region};
use crate::services::session::Session;
use crate::services::store::Spawned;
use crate::services::upload::{self, Estimate};
use crate::ui::focus::use_passed_focus;
use crate::ui::format;
use tried::{Action, Cloud, Trial, Tried};

/// Id of the first offer, or of the work that was chosen.
pub const ANALYSE: &str = "analyse";

/// The first button there that can be pressed.
const FIRST_BUTTON: &str = "#analyse button:not([disabled])";

/// Milliseconds before the recording is tried out: the first traces come first.
const SETTLE_MS: u32 = 1000;

/// Milliseconds between looks for a cloud that does not answer: it gives no sign when it is back.
const LOOK_AGAIN_MS: u32 = 5000;

/// Bytes that the uplink is measured with: long enough to tell, short enough not to matter.
const PROBE_BYTES: u32 = 256 * 1024;

/// Milliseconds after which the uplink is slow enough to be told.
const PROBE_MS: u32 = 15_000;

/// Properties of [`Offers`].
#[derive(Properties, PartialEq)]
pub struct OffersProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Stream of the recording.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// The work that is under way.
    pub doing: Doing,
    /// Takes what is begun or ended.
    pub on_doing: Callback<Doing>,
    /// Takes what an analysis in this browser has searched.
    pub on_analysed: Callback<Analysed>,
    /// Takes the result of an analysis in this browser.
    pub on_done: Callback<Rc<Computed>>,
}

/// The work on a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It is looked at.
    Nothing,
    /// It is analysed in this browser.
    Here,
    /// It is uploaded, then analysed in the cloud.
    Upload,
    /// An analysis in this browser failed, and says why.
    FailedHere,
    /// An upload or its run failed, and says why.
    FailedUpload,
}

impl Doing {
    /// What is done after a click on an offer: work that has begun is not begun once more.
    const fn then(self, begun: Self) -> Self {
        match self {
            Self::Nothing => begun,
            Self::Here | Self::Upload | Self::FailedHere | Self::FailedUpload => self,
        }
    }

    /// The state after the work failed.
    const fn failed(self) -> Self {
        match self {
            Self::Here => Self::FailedHere,
            Self::Upload => Self::FailedUpload,
            Self::Nothing | Self::FailedHere | Self::FailedUpload => self,
        }
    }

    /// Whether work is under way, of which the values must stay as they are.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Here | Self::Upload)
    }
}

/// Both offers, or the work that was chosen.
#[component(Offers)]
pub fn offers(props: &OffersProps) -> Html {
    let tried = use_reducer(Tried::default);
    let region = use_region();
    let (invited, on_invited) = use_invited();
    let info = &props.session.streams[props.stream];
    let before = use_memo((Rc::clone(&props.session), props.stream, props.doing), |(session, stream, _)| {
        memory::run_of(&session.fingerprint, &session.streams[*stream].name)
    });
    {
        let (session, stream, tried) = (Rc::clone(&props.session), props.stream, tried.dispatcher());
        use_effect_with((), move |()| {
            let trying = Spawned::begin(async move {
                join(look_for_cloud(&tried), try_recording(&session, stream, &tried)).await;
            });
            move || drop(trying)
        });
    }
    use_passed_focus(props.doing, FIRST_BUTTON);
    let Tried { cloud, estimate, speed } = *tried;
    let begin = |what: Doing| {
        let now = props.doing;
        props.on_doing.reform(move |_: MouseEvent| now.then(what))
    };
    let back = props.on_doing.reform(|()| Doing::Nothing);
    let now = props.doing;
    let failed = props.on_doing.reform(move |()| now.failed());
    let (session, stream, pipeline) = (Rc::clone(&props.session), props.stream, Rc::clone(&props.pipeline));
    match props.doing {
        Doing::Here | Doing::FailedHere => {
            let task = TaskProps { session, stream, pipeline, back, failed };
            let (on_analysed, on_done) = (props.on_analysed.clone(), props.on_done.clone());
            return html! { <div class="foot" id={ANALYSE} tabindex="-1"><Here {task} {on_analysed} {on_done} /></div> };
        }
        Doing::Upload | Doing::FailedUpload => {
            return html! { <div class="foot" id={ANALYSE} tabindex="-1"><Uploading {session} {stream} {pipeline} {back} {failed} /></div> };
        }
        Doing::Nothing => {}
    }
    let why_not = why_not(info, &props.pipeline);
    if session.uploaded.is_some() {
        return again(info, why_not, cloud, &region, begin(Doing::Upload));
    }
    let is_possible = why_not.is_none();
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let n_samples = (info.n_frames() * info.n_channels as u64) as f64;
    let is_cloud = cloud.is_there();
    let may_upload = is_possible && is_cloud && invited.may_upload();
    let here = speed.words(|per_s| format!("about {}", format::estimated(n_samples / per_s)));
    html! {
        <div class="foot offers" data-testid="offers">
            if let Some(reason) = why_not { <p class="small reason" role="status" data-testid="why-not">{ reason }</p> }
            if is_cloud { <Invitation {invited} on_changed={on_invited} /> } else { <div class="invitation small"></div> }
            <div class="offer" id={ANALYSE} tabindex="-1">
                <button class="main" disabled={!is_possible} onclick={begin(Doing::Here)} aria-describedby="here-price" data-testid="analyse-here">{ "Analyse here" }</button>
                <p class="price" id="here-price" data-testid="here-price">if is_possible { { here }<span class="more"><br />{ "0 bytes sent" }</span>{ " · free" } }</p>
            </div>
            <div class="offer">
                <button disabled={!may_upload} onclick={begin(Doing::Upload)} aria-describedby="upload-price" data-testid="upload">{ if before.is_some() { "Run in the cloud" } else { "Upload and analyse" } }</button>
                <p class="price" id="upload-price" data-testid="upload-price">if is_possible { { upload_price(cloud, estimate, info, &region, (*before).as_ref()) } }</p>
            </div>
        </div>
    }
}

/// The one offer for a recording that is uploaded: another run.
fn again(
    info: &wasm_core::recording::StreamInfo,
    why_not: Option<String>,
    there: Cloud,
    region: &Region,
    on_run: Callback<MouseEvent>,
) -> Html {
    let is_possible = why_not.is_none();
    let price = if there.is_there() { run_price(info, region) } else { there.reason().to_owned() };
    html! {
        <div class="foot offers" data-testid="offers">
            if let Some(reason) = why_not { <p class="small reason" role="status" data-testid="why-not">{ reason }</p> }
            <div class="offer" id={ANALYSE} tabindex="-1">
                <button class="main" disabled={!is_possible || !there.is_there()} onclick={on_run} data-testid="run-in-cloud">{ "Run in the cloud" }</button>
                <p class="price" data-testid="run-price">{ price }</p>
            </div>
        </div>
    }
}

/// What a run of a recording costs that is uploaded.
fn run_price(info: &wasm_core::recording::StreamInfo, region: &Region) -> String {
    format!("nothing to upload · AWS list price: {}", format::dollars(cost::Work::expected(info).usd(&region.prices)))
}

/// What uploading takes and costs; narrow screens leave out all but size and price. Of a recording that was uploaded
/// `before`, with the way to its latest run.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn upload_price(
    there: Cloud,
    estimate: Trial<Estimate>,
    info: &wasm_core::recording::StreamInfo,
    region: &Region,
    before: Option<&(String, String)>,
) -> Html {
    let Cloud::There { bytes_per_s } = there else { return html! { { there.reason() } } };
    if let Some((recording, run)) = before {
        let address = format!("#/recordings/{recording}/runs/{run}");
        return html! {
            <>
                <span class="more">{ "This browser has uploaded the recording. " }</span><a href={address} data-testid="uploaded-before">{ "See its latest run" }</a>
                <span class="more"><br /></span><span class="less">{ " · " }</span>{ run_price(info, region) }
            </>
        };
    }
    let Trial::Done(Estimate { compressed_bytes, compress_s }) = estimate else {
        return html! { { estimate.words(|_| String::new()) } };
    };
    let seconds = (compressed_bytes / bytes_per_s).max(compress_s);
    let upload_and_run = cost::upload_and_run_usd(info, &region.prices);
    let keep = cost::month_usd(compressed_bytes, &region.prices);
    let share = compressed_bytes / info.size_bytes().max(1) as f64 * 100.0;
    html! {
        <>
            { format!("{} sent", format::bytes(compressed_bytes)) }
            <span class="more">{ format!(" ({share:.0} % of {}) · about {}", format::bytes(info.size_bytes() as f64), format::estimated(seconds)) }<br />{ "AWS list price: " }</span>
            <span class="less">{ " · " }</span>
            { format!("{} + {} a month", format::dollars(upload_and_run), format::dollars(keep)) }
            <span class="more">{ " to keep" }<br />{ format!("{}, prices of {}, everything included", region.code, known().checked) }</span>
        </>
    }
}

/// Samples per second of all workers together, tried on one excerpt of the noise sample.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
async fn measure_speed(session: &Session, stream: usize) -> Option<f64> {
    let info = &session.streams[stream];
    let pipeline = Pipeline::for_stream(info);
    // The second try: the first also warms up the code.
    let mut seconds = 0.0;
    for _ in 0..2 {
        seconds = session.measure_noise(session.pool.len() - 1, stream, &pipeline, 0).await.ok()?.took_ms / 1000.0;
    }
    let frames = noise_sample(info, NoiseMethod::Mad).first()?.frames.clone();
    let n_samples = (frames.end - frames.start) as f64 * info.n_channels as f64;
    Some(n_samples / seconds * session.pool.len() as f64)
}

/// Tries the recording out.
async fn try_recording(session: &Session, stream: usize, tried: &UseReducerDispatcher<Tried>) {
    // What is uploaded is not uploaded again.
    if session.uploaded.is_some() || why_unsearched(&session.streams[stream]).is_some() {
        return;
    }
    TimeoutFuture::new(SETTLE_MS).await;
    let estimate = upload::estimate(session, stream).await;
    let speed = measure_speed(session, stream).await;
    tried.dispatch(Action::Tried(estimate, speed));
}

/// Looks until it is known whether there is a cloud: one that does not answer may be back soon.
async fn look_for_cloud(tried: &UseReducerDispatcher<Tried>) {
    loop {
        let found = cloud::is_there().await;
        tried.dispatch(Action::Looked(match found {
            Some(true) => Cloud::There { bytes_per_s: measure_uplink().await },
            Some(false) => Cloud::Absent,
            None => Cloud::Silent,
        }));
        if found.is_some() {
            return;
        }
        TimeoutFuture::new(LOOK_AGAIN_MS).await;
    }
}

/// Bytes per second to the cloud, tried with a body that the API throws away.
async fn measure_uplink() -> f64 {
    let body = js_sys::Uint8Array::new_with_length(PROBE_BYTES);
    let start = crate::services::analysis::now_ms();
    let limit = cloud::Limit::new(PROBE_MS);
    let request = gloo_net::http::RequestBuilder::new("/api/probe").method(gloo_net::http::Method::POST);
    let request = request.abort_signal(limit.signal().as_ref()).body(body);
    if let Ok(request) = request {
        // The answer does not matter, only how long it took.
        drop(request.send().await);
    }
    f64::from(PROBE_BYTES) / ((crate::services::analysis::now_ms() - start) / 1000.0).max(1e-3)
}

#[cfg(test)]
mod tests {
    use super::Doing::{FailedHere, FailedUpload, Here, Nothing, Upload};

    #[test]
    fn a_second_click_begins_nothing() {
        assert_eq!((Nothing.then(Here), Nothing.then(Upload)), (Here, Upload));
        assert_eq!((Here.then(Here), Here.then(Upload), Upload.then(Here)), (Here, Here, Upload));
    }

    #[test]
    fn the_values_are_free_again_once_work_has_failed() {
        assert_eq!((Here.failed(), Upload.failed(), Nothing.failed()), (FailedHere, FailedUpload, Nothing));
        assert!(Here.is_under_way() && Upload.is_under_way());
        assert!(!Here.failed().is_under_way() && !Upload.failed().is_under_way() && !Nothing.is_under_way());
    }
}
