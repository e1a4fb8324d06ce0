//! Noise of every electrode, on a map and in a list, from which one is chosen.

use std::ops::Range;
use std::rc::Rc;

use yew::prelude::*;

use super::channels::Channels;
use crate::pages::names::called;
use crate::plots::map::{self, Layout, MADE_UP};
use crate::services::session::Session;
use crate::ui::canvas::{Input, Plot, Size, Teller, use_draw};

/// Properties of [`Side`].
#[derive(Properties, PartialEq)]
pub struct SideProps {
    /// The recording.
    pub session: Rc<Session>,
    /// Stream of the recording.
    pub stream: usize,
    /// Noise of each channel, as far as known.
    pub noise_uv: Option<Rc<Vec<f32>>>,
    /// Why the noise cannot be measured.
    pub problem: Option<String>,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Channels whose traces are shown.
    pub shown: Range<usize>,
    /// Whether spikes are looked for in the stream, and so its noise is measured.
    pub is_searched: bool,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
}

/// The map and the list. Thousands of channels are drawn and listed, so each is made again only when
/// something of its own changes: a control that moves must not wait for them.
#[component(Side)]
pub fn side(props: &SideProps) -> Html {
    let SideProps { session, stream, noise_uv, chosen, .. } = props;
    let info = &session.streams[*stream];
    let layout = use_memo(*stream, |stream| Layout::new(&session.streams[*stream]));
    let values = use_memo((*stream, noise_uv.clone()), |(stream, noise)| match noise {
        Some(noise) => noise.iter().map(|noise| Some(f64::from(*noise))).collect(),
        None => vec![None; session.streams[*stream].n_channels],
    });
    let on_input = {
        let (layout, on_choose, chosen) = (Rc::clone(&layout), props.on_choose.clone(), *chosen);
        Callback::from(move |(input, size): (Input, Size)| {
            if let Some(channel) = map::chosen_by(&layout.positions, size, chosen, &input) {
                on_choose.emit(channel);
            }
        })
    };
    let csv = {
        let (session, stream, values) = (Rc::clone(session), *stream, Rc::clone(&values));
        Callback::from(move |()| map::csv(&session.streams[stream], "noise_uv", values.iter().copied()))
    };
    let tells = {
        let (session, stream, layout, noise_uv) = (Rc::clone(session), *stream, Rc::clone(&layout), noise_uv.clone());
        Teller::from(move |(place, size): ((f64, f64), Size)| {
            let channel = map::electrode_at(&layout.positions, size, place)?;
            Some(told(&session, stream, noise_uv.as_ref(), channel))
        })
    };
    let said = chosen.map(|channel| AttrValue::from(told(session, *stream, noise_uv.as_ref(), channel)));
    let sentence =
        info.kind.worded("Each electrode at its place, coloured by its noise in µV, as far as it is measured.");
    let is_made_up = layout.is_made_up;
    let height = if layout.wells.len() > 1 { "h-plate" } else { "h-map" };
    let draw = use_draw((layout, values, *chosen, props.shown.clone()), |(layout, values, chosen, shown)| {
        // From the least noise, not from 0: the electrodes of a healthy array are much alike.
        let scale = ("Noise", "µV", map::lowest(values));
        map::draw(Rc::clone(layout), Rc::clone(values), scale, *chosen, shown.clone().collect())
    });
    let title = if info.positions_um.is_some() { "Noise map" } else { "Noise by channel" };
    html! {
        <div class="side">
            if props.is_searched {
                <div class="panel">
                    <Plot {title} {sentence} {said} name="electrode-map" {height} zooms={false} {on_input} {tells} {csv} {draw} />
                    if noise_uv.is_none() { <p class="small soft" role="status" data-testid="map-empty">{ empty(props.problem.as_deref()) }</p> }
                    if is_made_up { <p class="small soft" data-testid="map-made-up">{ MADE_UP }</p> }
                </div>
            }
            <Channels session={Rc::clone(session)} stream={*stream} noise_uv={noise_uv.clone()} is_searched={props.is_searched} chosen={*chosen} on_choose={props.on_choose.clone()} />
        </div>
    }
}

/// Why no electrode has a colour.
fn empty(problem: Option<&str>) -> String {
    match problem {
        None => "The electrodes get their colours when their noise is measured.".to_owned(),
        Some(problem) => format!("The electrodes have no colours, because the noise is not measured: {problem}"),
    }
}

/// An electrode and its noise.
fn told(session: &Session, stream: usize, noise_uv: Option<&Rc<Vec<f32>>>, channel: usize) -> String {
    let noise = noise_uv.and_then(|noise| noise.get(channel).copied());
    format!("{}{}", called(&session.streams[stream], channel), noise_in_words(noise))
}

/// The noise of an electrode; of one that holds one value, that.
fn noise_in_words(noise_uv: Option<f32>) -> String {
    match noise_uv {
        None => String::new(),
        Some(noise_uv) if noise_uv > 0.0 => format!(": {noise_uv:.1} µV"),
        Some(_) => ": silent, it holds one value".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{empty, noise_in_words};

    #[test]
    fn a_map_without_colours_says_why() {
        assert!(empty(None).ends_with("when their noise is measured."));
        assert!(empty(Some("cut")).ends_with("the noise is not measured: cut"));
    }

    #[test]
    fn an_electrode_without_noise_is_silent() {
        assert_eq!(noise_in_words(Some(4.3)), ": 4.3 µV");
        assert_eq!(noise_in_words(Some(0.0)), ": silent, it holds one value");
        assert_eq!(noise_in_words(None), "");
    }
}
