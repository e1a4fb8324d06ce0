//! The trace viewer with its toolbar and the overview below it.

use std::rc::Rc;

use wasm_core::csv::cell;
use wasm_core::pipeline::{PeakSign, Pipeline, Settings};
use wasm_core::recording::StreamInfo;
use wasm_core::view::{Detail, ViewRequest};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Window;
use super::asking::{Ask, Seen};
use super::carrying::use_views;
use super::events::marks;
use super::overview::Overview;
use super::telling;
use crate::pages::names::called;
use crate::plots::axes::{BOTTOM, LEFT, TRACES_RIGHT};
use crate::plots::traces::{self, Shown, TraceData};
use crate::services::analysis::Searched;
use crate::services::session::Session;
use crate::ui::canvas::{Input, Plot, Size, use_draw};
use crate::ui::format;
use crate::ui::select::{Select, numbered};

/// Channels that can be shown together.
const ROWS: [usize; 6] = [1, 4, 8, 16, 32, 64];
/// Height of a row in multiples of the median noise, at scale 1.
const ROW_NOISE: f64 = 18.0;
/// Height of a row of raw traces before their noise is known.
const ROW_RAW_UV: f64 = 600.0;

/// Properties of [`TraceView`].
#[derive(Clone, Properties, PartialEq)]
pub struct TraceViewProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Stream of the recording.
    pub stream: usize,
    /// The pipeline.
    pub pipeline: Rc<Pipeline>,
    /// Noise of each channel, as far as known.
    pub noise_uv: Option<Rc<Vec<f32>>>,
    /// The window that is on screen.
    pub window: Window,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// What of the recording was searched.
    #[prop_or_default]
    pub activity: Rc<Vec<Searched>>,
    /// Whether spikes are looked for in the stream; else its traces are shown as they are stored.
    #[prop_or(true)]
    pub is_searched: bool,
    /// Takes another window.
    pub on_window: Callback<Window>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
    /// Takes the number of spikes in view and the milliseconds that the view took.
    #[prop_or_default]
    pub on_spikes: Callback<Option<(usize, f64)>>,
}

/// Traces.
#[component(TraceView)]
pub fn trace_view(props: &TraceViewProps) -> Html {
    let info = &props.session.streams[props.stream];
    let settings = Settings::new(&props.pipeline, info.sampling_frequency_hz).ok();
    let wants_filtered = props.window.filtered && props.is_searched;
    let thresholds = thresholds(props, settings.as_ref());
    let (start, n_frames) = props.window.frames();
    let width = use_state_eq(|| None);
    let ask = width.map(|width: usize| {
        let request = ViewRequest {
            segment: props.window.segment,
            start,
            n_frames,
            channels: props.window.channels(info.n_channels).collect(),
            n_columns: if width > 100 { width } else { 1000 },
            filtered: wants_filtered,
            thresholds_uv: thresholds.clone(),
            whole: false,
        };
        Ask { pipeline: Rc::clone(&props.pipeline), stream: props.stream, request, window: props.window.clone() }
    });
    let seen = use_views(Rc::clone(&props.session), ask, props.on_spikes.clone());
    let is_outline = matches!(&*seen, Seen::View { detail: Detail::Outline, .. });
    let is_filtered = wants_filtered && !is_outline;
    let shown = Shown {
        from_s: props.window.from_s,
        to_s: props.window.to_s(),
        row_uv: row_uv(props, &seen, is_filtered),
        centred: !is_filtered,
        chosen: props.chosen,
    };
    let data = match &*seen {
        Seen::View { data, detail, .. } => {
            let are_drawn = wants_filtered && *detail != Detail::Outline;
            Some((Rc::clone(data), thresholds.filter(|_| are_drawn)))
        }
        _ => None,
    };
    let data = use_data(data, signs(settings.as_ref()));
    let (marks, n_events) = marks(&props.session, props.stream, &props.window);
    let n_marks = marks.len();
    let drawn = use_draw((Rc::clone(&data), marks, shown), |(data, marks, shown)| {
        traces::draw(Rc::clone(data), marks.clone(), *shown)
    });
    let on_width = {
        let width = width.setter();
        Callback::from(move |pixels: i32| width.set(usize::try_from(pixels).ok()))
    };
    // Noise that stands for frames which were not read is no data.
    let is_read = matches!(&*seen, Seen::View { detail, .. } if *detail != Detail::Sampled);
    let (session, stream) = (Rc::clone(&props.session), props.stream);
    let tells = telling::tells(&data, shown, &session, stream);
    let values = telling::values(&data, props.chosen, &session, stream);
    let sentence = sentence(shown, props.window.channels(info.n_channels).len());
    let to_csv = move |data: &TraceData| to_csv(data, &session.streams[stream]);
    let csv = (data.is_some() && is_read)
        .then(|| Callback::from(move |()| Option::as_ref(&data).map(&to_csv).unwrap_or_default()));
    html! {
        <div class="panel">
            { toolbar(props) }
            <Plot title={if is_filtered { "Filtered traces" } else { "Raw traces" }} {sentence} {tells} {values} name="traces" height="h-traces" on_input={traces_input(props)} {on_width} {csv} draw={drawn}>
                if n_marks < n_events { <span class="small soft" data-testid="marks">{ format!("{n_marks} of {} marked", format::counted(n_events as u64, "event")) }</span> }
                { state_of(&seen) }
            </Plot>
            <Overview activity={Rc::clone(&props.activity)} window={props.window.clone()} n_segments={info.segments.len()} n_channels={info.n_channels} is_searched={props.is_searched} on_window={props.on_window.clone()} />
            { explained(&seen) }
        </div>
    }
}

/// The threshold of each channel in microvolts, once its noise is known.
fn thresholds(props: &TraceViewProps, settings: Option<&Settings>) -> Option<Vec<f32>> {
    let (noise_uv, settings) = props.noise_uv.as_ref().zip(settings)?;
    // JSON has no infinity; a silent channel has no spike above the largest number either.
    let of = |(noise, id): (&f32, &String)| {
        let counts = *noise > 0.0 && !settings.left_out.contains(id);
        if counts { noise * settings.detection.detect_threshold } else { f32::MAX }
    };
    Some(noise_uv.iter().zip(&props.session.streams[props.stream].channel_ids).map(of).collect())
}

/// The sides of zero on which a threshold lies.
fn signs(settings: Option<&Settings>) -> &'static [f32] {
    match settings.map(|settings| settings.detection.peak_sign) {
        Some(PeakSign::Pos) => &[1.0],
        Some(PeakSign::Both) => &[-1.0, 1.0],
        _ => &[-1.0],
    }
}

/// The traces with their thresholds, which follow their control at once, ahead of the next view.
#[hook]
fn use_data(seen: Option<(Rc<TraceData>, Option<Vec<f32>>)>, signs: &'static [f32]) -> Rc<Option<TraceData>> {
    use_memo((seen, signs), |(seen, signs)| {
        let (data, thresholds) = seen.as_ref()?;
        let of = |channel: &usize| thresholds.as_ref()?.get(*channel).copied().filter(|t| *t < f32::MAX);
        let thresholds_uv = data.channels.iter().map(of).collect();
        Some(TraceData { thresholds_uv, threshold_signs: signs, ..(**data).clone() })
    })
}

/// What the traces show, for who does not see them.
fn sentence(shown: Shown, n_channels: usize) -> String {
    format!(
        "Voltage in µV over time from {} to {} s, a row for each of {}.",
        format::trimmed(shown.from_s, 3),
        format::trimmed(shown.to_s, 3),
        format::counted(n_channels as u64, "channel")
    )
}

fn row_uv(props: &TraceViewProps, seen: &Seen, is_filtered: bool) -> f64 {
    if is_filtered && let Some(noise) = &props.noise_uv {
        let mut sorted: Vec<f32> = noise.iter().copied().filter(|noise| *noise > 0.0).collect();
        sorted.sort_by(f32::total_cmp);
        return sorted.get(sorted.len() / 2).map_or(ROW_RAW_UV, |noise| f64::from(*noise) * ROW_NOISE)
            / props.window.gain;
    }
    let spread = match seen {
        Seen::View { data, .. } => f64::from(data.reach_uv()) * 2.0,
        _ => 0.0,
    };
    (if spread > 0.0 { spread } else { ROW_RAW_UV }) / props.window.gain
}

/// How much of a window its traces show, in short and in a sentence.
fn shown_of(detail: Detail, share: f64) -> (String, &'static str) {
    match detail {
        Detail::Every if share < 1.0 => ("Reading…".to_owned(), "Some of this window is still what was shown before."),
        Detail::Every => ("Every frame".to_owned(), "Each column of pixels spans all of its frames."),
        Detail::Sampled => (
            format!("From samples, {:.0} % read", share * 100.0),
            "Some frames are traces; between them stands how wide the noise is there. The others are read while nothing else is to be done.",
        ),
        Detail::Outline => (
            "Outline of the unfiltered signal".to_owned(),
            "Computed from every frame when the recording was analysed; windows below about 3 s show the traces themselves.",
        ),
    }
}

/// The sentence, below the traces.
fn explained(seen: &Seen) -> Html {
    match seen {
        Seen::View { detail, share, .. } => {
            html! { <p class="small soft" id="traces-told" data-testid="traces-explained">{ shown_of(*detail, *share).1 }</p> }
        }
        Seen::Nothing | Seen::Problem(_) => html! {},
    }
}

fn state_of(seen: &Seen) -> Html {
    match seen {
        Seen::Nothing => html! { <span class="small soft" role="status">{ "Reading…" }</span> },
        Seen::View { detail, share, .. } => {
            html! { <span class="small soft" data-testid="traces-ready" aria-describedby="traces-told">{ shown_of(*detail, *share).0 }</span> }
        }
        Seen::Problem(reason) => {
            html! { <span class="small" role="alert" data-testid="traces-problem">{ reason }</span> }
        }
    }
}

fn toolbar(props: &TraceViewProps) -> Html {
    let window = props.window.clone();
    let change = |change: fn(&Window) -> Window| {
        let (window, on_window) = (window.clone(), props.on_window.clone());
        Callback::from(move |_: MouseEvent| on_window.emit(change(&window).fitted()))
    };
    let on_count = {
        let (window, on_window) = (window.clone(), props.on_window.clone());
        Callback::from(move |at: usize| on_window.emit(Window { n_channels: ROWS[at.min(5)], ..window.clone() }))
    };
    let on_scale = {
        let (window, on_window) = (window.clone(), props.on_window.clone());
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            on_window.emit(Window { gain: 2_f64.powf(input.value_as_number()), ..window.clone() });
        })
    };
    let info = &props.session.streams[props.stream];
    let on_segment = {
        let (window, on_window, info) = (window.clone(), props.on_window.clone(), info.clone());
        Callback::from(move |segment: usize| on_window.emit(window.of_segment(&info, segment)))
    };
    html! {
        <div class="toolbar" role="toolbar" aria-label="Traces">
            if props.is_searched { <div class="segmented">
                <button aria-pressed={(!window.filtered).to_string()} onclick={change(|w| Window { filtered: false, ..w.clone() })} data-testid="show-raw">{ "Raw" }</button>
                <button aria-pressed={window.filtered.to_string()} onclick={change(|w| Window { filtered: true, ..w.clone() })} data-testid="show-filtered">{ "Filtered" }</button>
            </div> }
            <div class="segmented">
                <button title="Zoom out" aria-label="Zoom out" onclick={change(|w| w.zoomed(0.5, 0.5))} data-testid="zoom-out">{ "−" }</button>
                <button title="Zoom in" aria-label="Zoom in" onclick={change(|w| w.zoomed(2.0, 0.5))} data-testid="zoom-in">{ "+" }</button>
                <button onclick={change(|w| Window { from_s: 0.0, span_s: f64::MAX, ..w.clone() })} data-testid="zoom-all">{ "All" }</button>
            </div>
            <span class="small soft" data-testid="window">{ format!("{} at {} s", format::duration(window.span_s), format::trimmed(window.from_s, 3)) }</span>
            <label>{ "Channels" }
                <Select options={ROWS.map(|n| AttrValue::from(n.to_string())).to_vec()} chosen={ROWS.iter().position(|n| *n == window.n_channels).unwrap_or(3)} on_choose={on_count} name="n-channels" />
            </label>
            <label>{ "Scale" }<input type="range" min="-3" max="4" step="0.25" value={window.gain.log2().to_string()} oninput={on_scale} class="scale" data-testid="scale" /></label>
            if info.segments.len() > 1 {
                <label>{ "Segment" }
                    <Select options={numbered(info.segments.len())} chosen={window.segment} on_choose={on_segment} name="segment" />
                </label>
            }
        </div>
    }
}

/// A click chooses the channel of its row; all else moves the window.
fn traces_input(props: &TraceViewProps) -> Callback<(Input, Size)> {
    let n = props.session.streams[props.stream].n_channels;
    let (window, on_window, on_choose) = (props.window.clone(), props.on_window.clone(), props.on_choose.clone());
    Callback::from(move |(input, (width, height)): (Input, Size)| {
        let room = (width - LEFT - TRACES_RIGHT).max(1.0);
        match &input {
            Input::Click { y, .. } => {
                let channels = window.channels(n);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "rows"
                )]
                let row = (y * height / (height - BOTTOM).max(1.0) * channels.len() as f64) as usize;
                on_choose.emit((channels.start + row).min(channels.end.max(1) - 1));
            }
            // The place in the window, and shares of it, not of the canvas with its labels.
            Input::Zoom { factor, x } => {
                on_window.emit(window.zoomed(*factor, ((x * width - LEFT) / room).clamp(0.0, 1.0)));
            }
            Input::Pan { dx, dy } => on_window.emit(window.after(&Input::Pan { dx: dx * width / room, dy: *dy }, n)),
            Input::Rows { .. } | Input::Key(_) => on_window.emit(window.after(&input, n)),
        }
    })
}

/// Columns of the view as numbers, under the names of the channels with their ids.
#[expect(clippy::cast_precision_loss, reason = "columns")]
fn to_csv(data: &TraceData, info: &StreamInfo) -> String {
    let mut csv = String::from("time_s");
    for channel in &data.channels {
        for end in ["min", "max"] {
            csv.push_str(&format!(",{}", cell(&format!("{}_{end}_uv", called(info, *channel)))));
        }
    }
    csv.push('\n');
    for column in 0..data.n_columns {
        let time_s = data.from_s + (column as f64 + 0.5) / data.n_columns as f64 * (data.to_s - data.from_s);
        csv.push_str(&time_s.to_string());
        for row in 0..data.channels.len() {
            let at = row * data.n_columns + column;
            csv.push_str(&format!(",{},{}", data.min_uv[at], data.max_uv[at]));
        }
        csv.push('\n');
    }
    csv
}
