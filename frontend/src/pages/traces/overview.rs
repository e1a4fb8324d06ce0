//! The overview below the traces: where their window is in the recording, and how active that is as far
//! as it was searched.

use std::rc::Rc;

use yew::prelude::*;

use super::Window;
use crate::plots::axes::{LEFT, TRACES_RIGHT};
use crate::plots::overview::{self, Stretch};
use crate::services::analysis::Searched;
use crate::ui::canvas::{Input, Plot, Size, Values, use_draw};
use crate::ui::format;

/// Lines of the table that is saved.
const LINES: usize = 500;

/// Properties of [`Overview`].
#[derive(Properties, PartialEq)]
pub struct OverviewProps {
    /// Stretches that were searched.
    pub activity: Rc<Vec<Searched>>,
    /// The window of the traces.
    pub window: Window,
    /// Segments of the stream.
    pub n_segments: usize,
    /// Channels of the stream.
    pub n_channels: usize,
    /// Whether spikes are looked for at all.
    pub is_searched: bool,
    /// Takes another window.
    pub on_window: Callback<Window>,
}

/// The overview.
#[component(Overview)]
pub fn overview_view(props: &OverviewProps) -> Html {
    let OverviewProps { activity, window, .. } = props;
    let (segment, length_s) = (window.segment, window.length_s);
    let stretches = use_memo((Rc::clone(activity), segment), |(activity, segment)| of_segment(activity, *segment));
    let draw = {
        let shown = (Rc::clone(&stretches), length_s.to_bits(), (window.from_s, window.to_s()));
        use_draw(shown, |(stretches, length_bits, window)| {
            overview::draw((**stretches).clone(), f64::from_bits(*length_bits), *window)
        })
    };
    let csv = {
        let stretches = Rc::clone(&stretches);
        Callback::from(move |()| overview::csv(&stretches, length_s, LINES))
    };
    let title = match props.n_segments {
        0 | 1 => "Whole recording".to_owned(),
        n => format!("Segment {} of {n}", segment + 1),
    };
    let bins = overview::bins(&stretches, length_s, LINES);
    let share = overview::read_share(&bins);
    let sentence = format!(
        "Spikes per second of all channels along {}, and a frame where the traces above are; {}.",
        format::duration(length_s),
        how_much(share, props.is_searched)
    );
    let values = props
        .is_searched
        .then(|| Values::new(bins.len(), move |at| overview::in_words(&bins, length_s, at).unwrap_or_default()));
    html! {
        <Plot {title} {sentence} {values} name="navigator" height="h-strip" on_input={input(props)} csv={props.is_searched.then_some(csv)} {draw}>
            <span class="small soft" data-testid="strip-read">{ how_much(share, props.is_searched) }</span>
        </Plot>
    }
}

fn of_segment(activity: &[Searched], segment: usize) -> Vec<Stretch> {
    let own = activity.iter().filter(|searched| searched.segment == segment);
    own.map(|Searched { from_s, to_s, rate_hz, .. }| Stretch { from_s: *from_s, to_s: *to_s, rate_hz: *rate_hz })
        .collect()
}

fn how_much(share: f64, is_searched: bool) -> String {
    let percent = share * 100.0;
    match percent {
        _ if !is_searched => "spikes are not searched here".into(),
        0.0 => "nothing searched yet".into(),
        99.95.. => "searched completely".into(),
        ..10.0 => format!("{} % searched, grey was not", format::trimmed(percent, 1)),
        _ => format!("{percent:.0} % searched, grey was not"),
    }
}

fn input(props: &OverviewProps) -> Callback<(Input, Size)> {
    let (window, on_window, n_channels) = (props.window.clone(), props.on_window.clone(), props.n_channels);
    Callback::from(move |(input, (width, _)): (Input, Size)| {
        let room = (width - LEFT - TRACES_RIGHT).max(1.0);
        on_window.emit(match &input {
            Input::Click { x, .. } => window.at((x * width - LEFT) / room * window.length_s),
            Input::Pan { dx, .. } => {
                let from_s = window.from_s + dx * width / room * window.length_s;
                Window { from_s, ..window.clone() }.fitted()
            }
            Input::Zoom { factor, .. } => window.zoomed(*factor, 0.5),
            Input::Rows { .. } => window.clone(),
            other @ Input::Key(_) => window.after(other, n_channels),
        });
    })
}

#[cfg(test)]
mod tests {
    use super::how_much;

    #[test]
    fn it_says_how_much_was_searched() {
        let said = [0.0, 0.004, 0.21, 0.9999].map(|share| how_much(share, true));
        assert_eq!(said[0], "nothing searched yet");
        assert!(said[1].starts_with("0.4 %") && said[2].starts_with("21 %"), "{said:?}");
        assert_eq!(said[3], "searched completely");
    }
}
