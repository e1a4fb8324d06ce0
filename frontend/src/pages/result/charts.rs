//! Raster with population rate, electrode map, and the chosen channel.

use std::rc::Rc;

use wasm_core::run::Summary;
use yew::prelude::*;

use super::Computed;
use crate::plots::axes::LEFT;
use crate::plots::raster::{self, Spikes};
use crate::plots::{histogram, map};
use crate::ui::canvas::{Input, Plot, Size};

/// Bins of the population rate.
const RATE_BINS: usize = 400;
/// Bins of a histogram.
const BINS: usize = 60;
/// Intervals from 0.01 ms, less than a frame, to 100 s, in powers of ten of milliseconds.
const ISI_DECADES: (f64, f64) = (-2.0, 5.0);

/// Properties of [`Population`].
#[derive(Properties, PartialEq)]
pub struct PopulationProps {
    /// Spikes of the segment.
    pub spikes: Rc<Spikes>,
    /// Channels of the stream.
    pub n_channels: usize,
    /// Length of the segment.
    pub length_s: f64,
    /// Times shown; all where there is none.
    pub view: Option<(f64, f64)>,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Times that the traces show, where there are traces.
    pub traces: Option<(f64, f64)>,
    /// Takes other times to show.
    pub on_view: Callback<Option<(f64, f64)>>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
    /// Takes a time to show traces of.
    pub on_time: Callback<f64>,
}

/// Raster and population rate over the same times.
#[component(Population)]
pub fn population(props: &PopulationProps) -> Html {
    let (from, to) = props.view.unwrap_or((0.0, props.length_s));
    let rates = raster::population_rate(&props.spikes, from, to, RATE_BINS);
    let input = |choosing: bool| {
        let (on_view, on_choose, on_time) = (props.on_view.clone(), props.on_choose.clone(), props.on_time.clone());
        let (n_channels, length_s) = (props.n_channels, props.length_s);
        Callback::from(move |(input, (width, height)): (Input, Size)| {
            let inside = |x: f64| ((x * width - LEFT) / (width - LEFT - 8.0)).clamp(0.0, 1.0);
            let span = to - from;
            let kept = |from: f64, span: f64| {
                let span = span.clamp(0.01_f64.min(length_s), length_s);
                let from = from.clamp(0.0, length_s - span);
                Some((from, from + span))
            };
            match &input {
                Input::Click { x, y } => {
                    on_time.emit(from + inside(*x) * span);
                    let row = y * height / (height - crate::plots::axes::BOTTOM);
                    if choosing && row < 1.0 {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            clippy::cast_precision_loss,
                            reason = "rows"
                        )]
                        on_choose.emit((row * n_channels as f64) as usize);
                    }
                }
                Input::Zoom { factor, x } => {
                    on_view.emit(kept(from + (span - span / factor) * inside(*x), span / factor));
                }
                Input::Pan { dx, .. } => on_view.emit(kept(from - dx * span, span)),
                Input::Key(key) => match key.as_str() {
                    "ArrowLeft" => on_view.emit(kept(from - 0.2 * span, span)),
                    "ArrowRight" => on_view.emit(kept(from + 0.2 * span, span)),
                    "-" => on_view.emit(kept(from - span / 2.0, span * 2.0)),
                    "+" | "=" => on_view.emit(kept(from + span / 4.0, span / 2.0)),
                    "Home" | "End" => on_view.emit(None),
                    _ => {}
                },
            }
        })
    };
    let csv = {
        let rates = rates.clone();
        Callback::from(move |()| {
            let mut csv = String::from("time_s,population_rate_hz\n");
            for (bin, rate) in rates.iter().enumerate() {
                #[expect(clippy::cast_precision_loss, reason = "bins")]
                let time_s = from + (bin as f64 + 0.5) / RATE_BINS as f64 * (to - from);
                csv += &format!("{time_s:.4},{rate:.3}\n");
            }
            csv
        })
    };
    // What the traces show, where that is in sight.
    let shown = props.traces.filter(|traces| traces.1 > from && traces.0 < to);
    let shown = shown.map(|traces| (traces.0.clamp(from, to), traces.1.clamp(from, to)));
    let on_all = {
        let on_view = props.on_view.clone();
        Callback::from(move |_: MouseEvent| on_view.emit(None))
    };
    html! {
        <div class="panel">
            <Plot title="Spikes" name="raster" height="h-raster" on_input={input(true)} draw={raster::draw(Rc::clone(&props.spikes), props.n_channels, from, to, props.chosen)}>
                if props.view.is_some() { <button class="quiet" onclick={on_all} data-testid="raster-all">{ "Whole recording" }</button> }
            </Plot>
            <Plot title="Population rate" name="population-rate" height="h-rate" on_input={input(false)} {csv} draw={raster::rate(rates, from, to, shown)} />
        </div>
    }
}

/// Properties of [`Charts`].
#[derive(Properties, PartialEq)]
pub struct ChartsProps {
    /// The result.
    pub computed: Rc<Computed>,
    /// The numbers at the threshold that is set.
    pub summary: Rc<Summary>,
    /// Spikes of the segment at that threshold.
    pub spikes: Rc<Spikes>,
    /// The threshold in units of the noise.
    pub threshold: f64,
    /// The chosen channel.
    pub chosen: Option<usize>,
    /// Takes a chosen channel.
    pub on_choose: Callback<usize>,
}

/// The electrode map, and what the chosen channel looks like.
#[component(Charts)]
pub fn charts(props: &ChartsProps) -> Html {
    let info = &props.computed.info;
    let positions = Rc::new(map::positions(info));
    let rates: Vec<Option<f64>> =
        props.summary.channels.iter().map(|channel| (channel.n_spikes > 0).then_some(channel.rate_hz)).collect();
    let on_map = {
        let (positions, on_choose, chosen) = (Rc::clone(&positions), props.on_choose.clone(), props.chosen);
        Callback::from(move |(input, size): (Input, Size)| {
            if let Some(channel) = map::chosen_by(&positions, size, chosen, &input) {
                on_choose.emit(channel);
            }
        })
    };
    let map_csv = {
        let (computed, summary) = (Rc::clone(&props.computed), Rc::clone(&props.summary));
        let rates = move || summary.channels.iter().map(|channel| Some(channel.rate_hz)).collect::<Vec<_>>();
        Callback::from(move |()| map::csv(&computed.info, "rate_hz", rates()))
    };
    // Stored spikes may come without amplitudes.
    let has_amplitudes = props.summary.channels.iter().any(|channel| channel.mean_amplitude_uv.unwrap_or(0.0) != 0.0);
    let name =
        props.chosen.and_then(|at| props.summary.channels.get(at)).map_or(String::new(), |channel| channel.id.clone());
    html! {
        <>
            <div class="two">
                <div class="panel">{ if has_amplitudes { amplitudes(props, &name) } else { intervals(props, &name) } }</div>
                <div class="panel"><Plot title="Firing rate by electrode" name="rate-map" height="h-map" zooms={false} on_input={on_map} csv={map_csv} draw={map::draw(positions, Rc::new(rates), "Hz", props.chosen, Vec::new())} /></div>
            </div>
            if props.computed.waveform.1 > 0 {
                <div class="two">
                    <div class="panel">{ intervals(props, &name) }</div>
                    <div class="panel">{ waveform(props, &name) }</div>
                </div>
            } else if has_amplitudes {
                <div class="panel">{ intervals(props, &name) }</div>
            }
        </>
    }
}

fn counts_csv(counts: Vec<u32>, from: f64, to: f64, column: &'static str) -> Callback<(), String> {
    Callback::from(move |()| {
        let mut csv = format!("{column},count\n");
        for (bin, count) in counts.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "bins")]
            let start = from + bin as f64 / counts.len() as f64 * (to - from);
            csv += &format!("{start:.4},{count}\n");
        }
        csv
    })
}

fn amplitudes(props: &ChartsProps, name: &str) -> Html {
    let chosen = props.chosen.unwrap_or(0);
    let noise = props.summary.channels.get(chosen).map_or(0.0, |channel| f64::from(channel.noise_uv));
    let values: Vec<f64> = props.spikes.of(chosen).map(|(_, amplitude)| f64::from(amplitude)).collect();
    let largest = values.iter().fold(noise * 10.0, |max, value| max.max(value.abs())).max(1.0);
    // Negative peaks alone fill the axis; where there are positive ones it spans both sides.
    let (from, to) = if values.iter().any(|value| *value > 0.0) { (-largest, largest) } else { (-largest, 0.0) };
    let counts = histogram::counts(values.iter().copied(), from, to, BINS);
    // Where nothing was detected there is no threshold to mark.
    let signs: &[f64] = if props.computed.stream.is_some() { &[-1.0, 1.0] } else { &[] };
    let marks =
        signs.iter().map(|sign| sign * props.threshold * noise).filter(|mark| *mark >= from && *mark <= to).collect();
    html! {
        <Plot title={format!("Peak amplitudes of {name}")} name="amplitudes" height="h-small" csv={counts_csv(counts.clone(), from, to, "amplitude_uv")} draw={histogram::draw(counts, from, to, "µV", false, marks)} />
    }
}

fn intervals(props: &ChartsProps, name: &str) -> Html {
    let times: Vec<f64> = props.spikes.of(props.chosen.unwrap_or(0)).map(|(time, _)| time).collect();
    let (from, to) = ISI_DECADES;
    let counts = histogram::counts(times.windows(2).map(|pair| ((pair[1] - pair[0]) * 1000.0).log10()), from, to, BINS);
    html! {
        <Plot title={format!("Intervals between spikes of {name}")} name="intervals" height="h-small" csv={counts_csv(counts.clone(), from, to, "log10_interval_ms")} draw={histogram::draw(counts, from, to, "ms", true, Vec::new())} />
    }
}

fn waveform(props: &ChartsProps, name: &str) -> Html {
    let (before, n) = props.computed.waveform;
    let chosen = props.chosen.unwrap_or(0);
    let mean = props.computed.waveforms_uv.get(chosen * n..(chosen + 1) * n).unwrap_or_default().to_vec();
    let rate = props.computed.info.sampling_frequency_hz;
    let csv = {
        let mean = mean.clone();
        Callback::from(move |()| {
            let mut csv = String::from("time_ms,mean_uv\n");
            for (frame, uv) in mean.iter().enumerate() {
                #[expect(clippy::cast_precision_loss, reason = "frames")]
                let ms = (frame as f64 - before as f64) / rate * 1000.0;
                csv += &format!("{ms:.4},{uv:.4}\n");
            }
            csv
        })
    };
    html! {
        <Plot title={format!("Mean waveform of {name}")} name="waveform" height="h-small" {csv} draw={histogram::waveform(mean, before, rate)}>
            <span class="small soft">{ "at the run's threshold" }</span>
        </Plot>
    }
}
