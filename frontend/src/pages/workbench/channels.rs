//! The list of channels with their noise.

use std::rc::Rc;

use yew::prelude::*;

use crate::pages::names::called;
use crate::services::session::Session;
use crate::ui::long_table::LongTable;

/// Properties of [`Channels`].
#[derive(Properties, PartialEq)]
pub struct ChannelsProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Stream of the recording.
    pub stream: usize,
    /// Noise of each channel, as far as known.
    pub noise_uv: Option<Rc<Vec<f32>>>,
    /// Whether noise is measured at all.
    pub is_searched: bool,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
}

/// A table that a person chooses from.
#[component(Channels)]
pub fn channels(props: &ChannelsProps) -> Html {
    let n_rows = props.session.streams[props.stream].n_channels;
    let shown = (Rc::clone(&props.session), props.stream, props.noise_uv.clone(), props.chosen, props.is_searched);
    let row = use_callback((shown, props.on_choose.clone()), |at: usize, (shown, on_choose)| {
        let (session, stream, noise_uv, chosen, is_searched) = shown;
        let onclick = {
            let on_choose = on_choose.clone();
            Callback::from(move |_: MouseEvent| on_choose.emit(at))
        };
        let text = match noise_uv.as_ref().and_then(|noise| noise.get(at)) {
            Some(noise) if *noise > 0.0 => format!("{noise:.1}"),
            Some(_) => "silent".into(),
            None if *is_searched => "…".into(),
            None => String::new(),
        };
        let name = called(&session.streams[*stream], at);
        html! { <tr key={at} {onclick} aria-selected={(*chosen == Some(at)).to_string()}><td><button class="quiet" tabindex="-1">{ name }</button></td><td>{ text }</td></tr> }
    });
    let head = html! { <tr><th>{ "Channel" }</th><th>{ if props.is_searched { "Noise (µV)" } else { "" } }</th></tr> };
    let chosen = props.chosen.map(|chosen| (chosen, chosen));
    html! { <div class="channels"><LongTable name="channels" label="Channels" {head} {n_rows} {row} {chosen} /></div> }
}
