//! Noise of every electrode, on a map and in a list, from which one is chosen.

use std::ops::Range;
use std::rc::Rc;

use yew::prelude::*;

use super::channels::Channels;
use crate::plots::map;
use crate::services::session::Session;
use crate::ui::canvas::{Input, Plot, Size, use_draw};

/// Properties of [`Side`].
#[derive(Properties, PartialEq)]
pub struct SideProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Its stream.
    pub stream: usize,
    /// Noise of each channel, as far as known.
    pub noise_uv: Option<Rc<Vec<f32>>>,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Channels whose traces are shown.
    pub shown: Range<usize>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
}

/// The map and the list. Thousands of channels are drawn and listed, so each is made anew only when
/// something of its own changes: a control that moves must not wait for them.
#[component(Side)]
pub fn side(props: &SideProps) -> Html {
    let SideProps { session, stream, noise_uv, chosen, .. } = props;
    let info = &session.streams[*stream];
    let positions = use_memo(*stream, |stream| map::positions(&session.streams[*stream]));
    let values = use_memo((*stream, noise_uv.clone()), |(stream, noise)| match noise {
        Some(noise) => noise.iter().map(|noise| Some(f64::from(*noise))).collect(),
        None => vec![None; session.streams[*stream].n_channels],
    });
    let on_input = {
        let (positions, on_choose, chosen) = (Rc::clone(&positions), props.on_choose.clone(), *chosen);
        Callback::from(move |(input, size): (Input, Size)| {
            if let Some(channel) = map::chosen_by(&positions, size, chosen, &input) {
                on_choose.emit(channel);
            }
        })
    };
    let csv = {
        let (session, stream, values) = (Rc::clone(session), *stream, Rc::clone(&values));
        Callback::from(move |()| map::csv(&session.streams[stream], "noise_uv", values.iter().copied()))
    };
    let draw = use_draw((positions, values, *chosen, props.shown.clone()), |(positions, values, chosen, shown)| {
        map::draw(Rc::clone(positions), Rc::clone(values), "µV", *chosen, shown.clone().collect())
    });
    let title = if info.positions_um.is_some() { "Noise map" } else { "Noise by channel" };
    html! {
        <div class="side">
            <div class="panel"><Plot {title} name="electrode-map" height="h-map" zooms={false} {on_input} {csv} {draw} /></div>
            <Channels session={Rc::clone(session)} stream={*stream} noise_uv={noise_uv.clone()} chosen={*chosen} on_choose={props.on_choose.clone()} />
        </div>
    }
}
