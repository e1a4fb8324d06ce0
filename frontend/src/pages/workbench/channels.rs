//! The list of channels with their noise.

use std::rc::Rc;

use yew::prelude::*;

use crate::services::session::Session;

/// Properties of [`Channels`].
#[derive(Properties, PartialEq)]
pub struct ChannelsProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Its stream.
    pub stream: usize,
    /// Noise of each channel, as far as known.
    pub noise_uv: Option<Rc<Vec<f32>>>,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
}

/// `imec0.ap#AP12` is shown as `AP12`.
pub fn short_id(id: &str) -> &str {
    id.rsplit('#').next().unwrap_or(id)
}

/// A table that a person chooses from.
#[component(Channels)]
pub fn channels(props: &ChannelsProps) -> Html {
    let info = &props.session.streams[props.stream];
    let row = |(at, id): (usize, &String)| {
        let onclick = {
            let on_choose = props.on_choose.clone();
            Callback::from(move |_: MouseEvent| on_choose.emit(at))
        };
        let noise = props.noise_uv.as_ref().and_then(|noise| noise.get(at));
        let text = match noise {
            Some(noise) if *noise > 0.0 => format!("{noise:.1}"),
            Some(_) => "silent".into(),
            None => "…".into(),
        };
        html! { <tr key={at} {onclick} aria-selected={(props.chosen == Some(at)).to_string()}><td><button class="quiet">{ short_id(id) }</button></td><td>{ text }</td></tr> }
    };
    html! {
        <div class="channels" data-testid="channels">
            <table><thead><tr><th>{ "Channel" }</th><th>{ "Noise (µV)" }</th></tr></thead><tbody>{ for info.channel_ids.iter().enumerate().map(row) }</tbody></table>
        </div>
    }
}
