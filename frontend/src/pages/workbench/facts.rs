//! What a recording is: its name, its streams, and what its files also hold.

use std::rc::Rc;

use wasm_core::recording::StreamInfo;
use yew::prelude::*;

use super::TRACES;
use super::offers::ANALYSE;
use super::unsearched::why_unsearched;
use crate::pages::about::about;
use crate::pages::traces::{EventsNotice, Window};
use crate::services::session::Session;
use crate::ui::format;
use crate::ui::heading::Heading;
use crate::ui::notes::notes;
use crate::ui::select::Select;
use crate::ui::skip::Skip;

/// Properties of [`Facts`].
#[derive(Properties, PartialEq)]
pub struct FactsProps {
    /// The recording.
    pub session: Rc<Session>,
    /// The stream that is shown.
    pub stream: usize,
    /// The window that is on screen.
    pub window: Window,
    /// Whether an analysis or an upload of the stream is under way.
    pub is_busy: bool,
    /// Takes another stream.
    pub on_stream: Callback<usize>,
    /// Takes another window.
    pub on_window: Callback<Window>,
    /// Shows the spikes that the files hold.
    pub on_stored: Callback<MouseEvent>,
}

/// Name, numbers and notices of a recording.
#[component(Facts)]
pub fn facts(props: &FactsProps) -> Html {
    let FactsProps { session, stream, .. } = props;
    let info = &session.streams[*stream];
    html! {
        <div class="facts">
            <Heading text={session.name.clone()} name="recording-name" />
            // The heading has the focus when the page opens: the tab key stops at these first.
            <Skip to={ANALYSE} is_of_button={true} label="Skip to Analyse" />
            <Skip to={TRACES} label="Skip to the traces" />
            if session.streams.len() > 1 { { streams(props) } }
            <span class="soft" data-testid="facts">{ numbers(info, &session.format) }</span>
            { notes(&session.notes, "notice small") }
            if let Some(reason) = why_unsearched(info) { <p class="notice small" data-testid="not-searched">{ reason }</p> }
            { about(&session.facts) }
            <EventsNotice session={Rc::clone(session)} stream={*stream} window={props.window.clone()} on_window={props.on_window.clone()} />
            if let Some((stored, n_spikes)) = &session.stored {
                <p class="notice small row" data-testid="stored-spikes">
                    { format!("The files also hold {} on {}, found by {}.", format::counted(*n_spikes as u64, "spike"), format::counted(stored.info.n_channels as u64, "channel"), stored.found_by) }
                    <button onclick={&props.on_stored} disabled={props.is_busy} data-testid="show-stored">{ "Show them" }</button>
                </p>
            }
        </div>
    }
}

/// A choice of stream.
fn streams(props: &FactsProps) -> Html {
    let text = |info: &StreamInfo| -> AttrValue {
        let n_channels = format::counted(info.n_channels as u64, "channel");
        format!("{} ({n_channels}, {})", info.name, format::hertz(info.sampling_frequency_hz)).into()
    };
    let options: Vec<AttrValue> = props.session.streams.iter().map(text).collect();
    html! { <Select {options} chosen={props.stream} on_choose={props.on_stream.clone()} disabled={props.is_busy} label="Stream" name="stream" /> }
}

fn numbers(info: &StreamInfo, format: &str) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    let size = format::bytes(info.size_bytes() as f64);
    let segments = match info.segments.len() {
        1 => String::new(),
        n => format!(" in {n} segments"),
    };
    format!(
        "{} · {} · {}{segments} · {size} · {} · {}",
        format::counted(info.n_channels as u64, "channel"),
        format::hertz(info.sampling_frequency_hz),
        format::duration(info.duration_s()),
        info.sample_type.name(),
        format.replace('_', " "),
    )
}
