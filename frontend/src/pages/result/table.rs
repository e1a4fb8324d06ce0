//! The table of channels.

use std::cmp::Ordering;
use std::rc::Rc;

use wasm_core::run::{ChannelSummary, Summary, channels_csv};
use yew::prelude::*;

use super::panels::Panel;
use crate::pages::names::called_in_result;
use crate::ui::file_name::use_stem;
use crate::ui::long_table::LongTable;
use crate::ui::{format, save};

/// The panel of the result page.
pub const PANEL: Panel = Panel {
    shows: |_| true,
    view: |context| {
        html! { <Table summary={Rc::clone(&context.now.summary)} chosen={context.chosen} on_choose={context.on_choose.clone()} /> }
    },
};

/// Properties of [`Table`].
#[derive(Properties, PartialEq)]
struct TableProps {
    /// The numbers.
    pub summary: Rc<Summary>,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
}

/// A column: its title, its text, its order.
struct Column {
    title: &'static str,
    text: fn(&ChannelSummary) -> String,
    order: fn(&ChannelSummary, &ChannelSummary) -> Ordering,
}

const COLUMNS: &[Column] = &[
    Column {
        title: "Channel",
        text: called_in_result,
        order: |a, b| a.id.len().cmp(&b.id.len()).then(a.id.cmp(&b.id)),
    },
    Column { title: "Spikes", text: |c| format::count(c.n_spikes), order: |a, b| b.n_spikes.cmp(&a.n_spikes) },
    Column {
        title: "Rate (Hz)",
        text: |c| c.rate_hz.map_or("–".into(), |rate| format!("{rate:.2}")),
        order: |a, b| b.rate_hz.unwrap_or(-1.0).total_cmp(&a.rate_hz.unwrap_or(-1.0)),
    },
    Column { title: "Bursts", text: |c| format::count(c.n_bursts), order: |a, b| b.n_bursts.cmp(&a.n_bursts) },
    Column {
        title: "Mean peak (µV)",
        text: |c| {
            c.mean_amplitude_uv.filter(|uv| *uv != 0.0).map_or("–".into(), |uv| format::fixed(f64::from(uv), 1))
        },
        // The largest peaks first, whatever their sign.
        order: |a, b| b.mean_amplitude_uv.map_or(0.0, f32::abs).total_cmp(&a.mean_amplitude_uv.map_or(0.0, f32::abs)),
    },
    Column {
        title: "Noise (µV)",
        text: |c| match (c.left_out, c.dead) {
            (true, _) => "left out".into(),
            (false, true) => "dead".into(),
            (false, false) => known(c.noise_uv, 2),
        },
        order: |a, b| known_first(b.noise_uv).total_cmp(&known_first(a.noise_uv)),
    },
    Column {
        title: "Threshold (µV)",
        text: |c| known(c.threshold_uv, 1),
        order: |a, b| known_first(b.threshold_uv).total_cmp(&known_first(a.threshold_uv)),
    },
];

/// Why there are dashes, where there are some.
fn dashes(channels: &[ChannelSummary]) -> Vec<&'static str> {
    let is_sized = |channel: &ChannelSummary| channel.mean_amplitude_uv.is_some_and(|uv| uv != 0.0);
    let any = |is: &dyn Fn(&ChannelSummary) -> bool| channels.iter().any(is);
    let reasons = [
        (any(&|channel| channel.rate_hz.is_none()), "Rate: – where no time was observed."),
        (any(&|channel| channel.n_spikes == 0 && !is_sized(channel)), "Mean peak: – where there are no spikes."),
        (
            any(&|channel| channel.n_spikes > 0 && !is_sized(channel)),
            "Mean peak: – where the files hold spikes without their size.",
        ),
        (
            any(&|channel| channel.noise_uv.is_none() && !channel.left_out && !channel.dead),
            "Noise and threshold: – where the files hold spikes, which do not tell them.",
        ),
        (
            any(&|channel| channel.noise_uv.is_some() && channel.threshold_uv.is_none()),
            "Threshold: – where no spikes are looked for: the channel is left out, dead or without noise.",
        ),
    ];
    reasons.into_iter().filter(|(is_so, _)| *is_so).map(|(_, reason)| reason).collect()
}

fn known(value: Option<f32>, digits: usize) -> String {
    value.map_or("–".into(), |value| format!("{value:.digits$}"))
}

/// What is not known comes behind what is.
fn known_first(value: Option<f32>) -> f32 {
    value.unwrap_or(f32::NEG_INFINITY)
}

/// All channels, sorted by a column; a second click on its title turns the order round.
#[component(Table)]
fn table(props: &TableProps) -> Html {
    let by = use_state(|| (1_usize, false));
    let order = use_memo((Rc::clone(&props.summary), *by), |(summary, (by, is_turned))| {
        let channels = &summary.channels;
        let mut order: Vec<usize> = (0..channels.len()).collect();
        order.sort_by(|a, b| (COLUMNS[*by].order)(&channels[*a], &channels[*b]).then(a.cmp(b)));
        if *is_turned {
            order.reverse();
        }
        order
    });
    let head = |(at, column): (usize, &Column)| {
        let (now, is_turned) = *by;
        // Names go up, numbers down.
        let sorted = (now == at).then_some(if (at == 0) == is_turned { "descending" } else { "ascending" });
        let by = by.setter();
        let sort = Callback::from(move |_: MouseEvent| by.set((at, now == at && !is_turned)));
        html! { <th aria-sort={sorted}><button class="quiet" onclick={sort}>{ column.title }</button></th> }
    };
    let shown = (Rc::clone(&props.summary), Rc::clone(&order), props.chosen);
    let row = use_callback((shown, props.on_choose.clone()), |row: usize, ((summary, order, chosen), on_choose)| {
        let (at, on_choose) = (order[row], on_choose.clone());
        let channel = &summary.channels[at];
        let selected = (*chosen == Some(at)).to_string();
        html! { <tr key={at} aria-selected={selected} onclick={Callback::from(move |_: MouseEvent| on_choose.emit(at))}><td><button class="quiet" tabindex="-1">{ (COLUMNS[0].text)(channel) }</button></td>{ for COLUMNS[1..].iter().map(|column| html! { <td>{ (column.text)(channel) }</td> }) }</tr> }
    });
    let chosen = props.chosen.and_then(|chosen| Some((chosen, order.iter().position(|at| *at == chosen)?)));
    let stem = use_stem();
    let on_csv = {
        let summary = Rc::clone(&props.summary);
        Callback::from(move |_: MouseEvent| {
            save::bytes(&format!("{stem}-channels.csv"), "text/csv", channels_csv(&summary).as_bytes());
        })
    };
    html! {
        <section class="panel">
            <div class="row spread"><h3>{ "Channels" }</h3><button class="quiet" aria-label="CSV: save the table of channels" onclick={on_csv} data-testid="channels-csv">{ "CSV" }</button></div>
            <LongTable name="channel-table" label="Channels" head={html! { <tr>{ for COLUMNS.iter().enumerate().map(head) }</tr> }} n_rows={order.len()} {row} {chosen} />
            { for dashes(&props.summary.channels).into_iter().map(|reason| html! { <p class="small soft" data-testid="channel-dashes">{ reason }</p> }) }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(n_spikes: u64, mean_amplitude_uv: Option<f32>) -> ChannelSummary {
        ChannelSummary {
            noise_uv: Some(4.0),
            threshold_uv: Some(20.0),
            n_spikes,
            rate_hz: Some(0.0),
            mean_amplitude_uv,
            ..ChannelSummary::default()
        }
    }

    #[test]
    fn dashes_have_their_reasons() {
        assert!(dashes(&[channel(3, Some(-40.0))]).is_empty());
        assert_eq!(dashes(&[channel(3, Some(-40.0)), channel(0, None)]), ["Mean peak: – where there are no spikes."]);
        let stored = ChannelSummary { noise_uv: None, threshold_uv: None, rate_hz: None, ..channel(3, None) };
        let told = dashes(&[stored]);
        assert!(
            told.len() == 3 && told[0].starts_with("Rate: –") && told[1].contains("without their size"),
            "{told:?}"
        );
        assert!(told[2].starts_with("Noise and threshold: –"), "{told:?}");
        let dead = ChannelSummary { dead: true, noise_uv: Some(0.0), threshold_uv: None, ..channel(0, None) };
        assert!(dashes(&[dead])[1].starts_with("Threshold: –"));
    }
}
