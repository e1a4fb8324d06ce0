//! The electrode map, and the chosen channel.

use std::rc::Rc;

use wasm_core::csv::cell;
use wasm_core::plate::{all_wells, titled};
use wasm_core::run::{ChannelSummary, Summary};
use yew::prelude::*;

use super::Computed;
use super::panels::Panel;
use crate::pages::names::{called, called_in_result};
use crate::plots::histogram;
use crate::plots::map::{self, Layout, MADE_UP};
use crate::plots::raster::Spikes;
use crate::ui::canvas::{Input, Plot, Size, Teller, Values};
use crate::ui::format::{count, counted, fixed, trimmed};

/// The panel of the map and the chosen channel.
pub const PANEL: Panel = Panel {
    shows: |_| true,
    view: |context| {
        html! {
            <Charts computed={Rc::clone(&context.computed)} summary={Rc::clone(&context.now.summary)} spikes={Rc::clone(&context.spikes)} threshold={context.now.threshold}
                chosen={context.chosen} on_choose={context.on_choose.clone()} />
        }
    },
};

/// Bins of a histogram.
const BINS: usize = 60;
/// Intervals from 0.01 ms, less than a frame, to 100 s, in powers of ten of milliseconds.
const ISI_DECADES: (f64, f64) = (-2.0, 5.0);

/// Properties of [`Charts`].
#[derive(Properties, PartialEq)]
struct ChartsProps {
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
fn charts(props: &ChartsProps) -> Html {
    let info = &props.computed.info;
    let layout = use_memo(Rc::as_ptr(&props.computed), |_| Layout::new(&props.computed.info));
    let rates: Rc<Vec<Option<f64>>> = Rc::new(props.summary.channels.iter().map(|channel| channel.rate_hz).collect());
    let on_map = {
        let (layout, on_choose, chosen) = (Rc::clone(&layout), props.on_choose.clone(), props.chosen);
        Callback::from(move |(input, size): (Input, Size)| {
            if let Some(channel) = map::chosen_by(&layout.positions, size, chosen, &input) {
                on_choose.emit(channel);
            }
        })
    };
    let tells = {
        let (computed, layout, rates) = (Rc::clone(&props.computed), Rc::clone(&layout), Rc::clone(&rates));
        Teller::from(move |(place, size): ((f64, f64), Size)| {
            let channel = map::electrode_at(&layout.positions, size, place)?;
            Some(told(&computed, &rates, channel))
        })
    };
    let map_csv = {
        let (computed, rates) = (Rc::clone(&props.computed), Rc::clone(&rates));
        Callback::from(move |()| map::csv(&computed.info, "rate_hz", rates.iter().copied()))
    };
    let said = props.chosen.map(|channel| AttrValue::from(told(&props.computed, &rates, channel)));
    let most_hz = rates.iter().flatten().copied().fold(0.0, f64::max);
    let sentence = info.kind.worded(&format!(
        "Each electrode at its place, coloured by its firing rate over the recording, from 0 to {} Hz.",
        trimmed(most_hz, 2)
    ));
    let n_silent = props.summary.channels.iter().filter(|channel| channel.n_spikes == 0).count();
    let height = if layout.wells.len() > 1 { "h-plate" } else { "h-map" };
    let is_made_up = layout.is_made_up;
    let has_amplitudes = has_amplitudes(props);
    let is_unmeasured = !has_amplitudes && !props.spikes.times_s.is_empty();
    let name = props.chosen.and_then(|at| props.summary.channels.get(at)).map_or_else(String::new, called_in_result);
    html! {
        <>
            <div class="two">
                <div class="panel">
                    { if has_amplitudes { amplitudes(props, &name, height) } else { intervals(props, &name, height) } }
                    if is_unmeasured { <p class="small soft" data-testid="no-amplitudes">{ "The files hold the times of the spikes and not their sizes: there are no amplitudes to show." }</p> }
                </div>
                <div class="panel">
                    <Plot title={titled(&info.kind.worded("Firing rate by electrode"), all_wells(info))} {sentence} {said} name="rate-map" {height} zooms={false} on_input={on_map} {tells} csv={map_csv} draw={map::draw(layout, rates, ("Firing rate", "Hz", 0.0), props.chosen, Vec::new())} />
                    if n_silent > 0 { <p class="small soft" data-testid="map-silent">{ info.kind.worded(&format!("Empty rings: {n_silent} of {} electrodes without a spike.", info.n_channels)) }</p> }
                    if is_made_up { <p class="small soft" data-testid="map-made-up">{ MADE_UP }</p> }
                </div>
            </div>
            if props.computed.waveform.1 > 0 {
                <div class="two">
                    <div class="panel">{ intervals(props, &name, "h-small") }</div>
                    <div class="panel">{ waveform(props, &name) }</div>
                </div>
            } else if has_amplitudes {
                <div class="panel">{ intervals(props, &name, "h-small") }</div>
            }
        </>
    }
}

/// Whether spikes have sizes. Stored ones may come without; those that were searched for have some, and where none
/// was found the histogram says so.
fn has_amplitudes(props: &ChartsProps) -> bool {
    let is_measured = |channel: &ChannelSummary| channel.mean_amplitude_uv.unwrap_or(0.0) != 0.0;
    props.computed.waveform.1 > 0 || props.summary.channels.iter().any(is_measured)
}

/// An electrode and its rate.
fn told(computed: &Computed, rates: &[Option<f64>], channel: usize) -> String {
    let rate = rates.get(channel).copied().flatten();
    let rate =
        rate.map_or_else(|| ": no rate, as no time was observed".into(), |rate| format!(": {} Hz", trimmed(rate, 3)));
    format!("{}{rate}", called(&computed.info, channel))
}

/// The bins for going through them by keys.
fn bins(counts: &[u32], ends: (f64, f64), units: (&'static str, &'static str), value: fn(f64) -> f64) -> Values {
    let counts = counts.to_vec();
    Values::new(counts.len(), move |bin| histogram::in_words(&counts, ends, units, value, bin).unwrap_or_default())
}

/// Counts of an electrode between the edges of their bins; `value` takes a place on the axis to what it stands for.
fn counts_csv(
    electrode: &str,
    counts: Vec<u32>,
    (from, to): (f64, f64),
    unit: &'static str,
    value: fn(f64) -> f64,
) -> Callback<(), String> {
    let electrode = cell(electrode);
    Callback::from(move |()| {
        let mut csv = format!("electrode,from_{unit},to_{unit},count\n");
        #[expect(clippy::cast_precision_loss, reason = "bins")]
        let edge = |at: usize| value(from + at as f64 / counts.len() as f64 * (to - from));
        for (bin, count) in counts.iter().enumerate() {
            csv += &format!("{electrode},{},{},{count}\n", edge(bin), edge(bin + 1));
        }
        csv
    })
}

/// The axis of peak amplitudes: each side on which there are some, as wide as the largest and as ten times the noise.
fn amplitude_ends(values: &[f64], noise_uv: f64) -> (f64, f64) {
    let largest = values.iter().fold(noise_uv * 10.0, |max, value| max.max(value.abs())).max(1.0);
    let any = |is: fn(f64) -> bool| values.iter().copied().any(is);
    match (any(|value| value < 0.0), any(|value| value > 0.0)) {
        (true, true) => (-largest, largest),
        (false, true) => (0.0, largest),
        (_, false) => (-largest, 0.0),
    }
}

fn amplitudes(props: &ChartsProps, name: &str, height: &'static str) -> Html {
    let chosen = props.chosen.unwrap_or(0);
    let noise = props.summary.channels.get(chosen).and_then(|channel| channel.noise_uv).map_or(0.0, f64::from);
    // A size of 0 is one that nobody recorded.
    let sizes = props.spikes.of(chosen).map(|(_, amplitude)| f64::from(amplitude));
    let values: Vec<f64> = sizes.filter(|size| *size != 0.0).collect();
    let (from, to) = amplitude_ends(&values, noise);
    let counts = histogram::counts(values.iter().copied(), from, to, BINS);
    // Where nothing was detected there is no threshold to mark.
    let signs: &[f64] = if props.computed.is_detected() { &[-1.0, 1.0] } else { &[] };
    let marks =
        signs.iter().map(|sign| sign * props.threshold * noise).filter(|mark| *mark >= from && *mark <= to).collect();
    let n_spikes = counted(values.len() as u64, "spike");
    let sentence = if values.is_empty() {
        "No spike here has a known size, so none is counted.".to_owned()
    } else {
        let (from, to) = (fixed(from, 0), fixed(to, 0));
        format!("How many of {n_spikes} have which peak amplitude, from {from} to {to} µV.")
    };
    let (ends, units) = ((from, to), ("µV", "spike"));
    let (bins, csv) = (bins(&counts, ends, units, |uv| uv), counts_csv(name, counts.clone(), ends, "uv", |uv| uv));
    html! {
        <Plot title={format!("Peak amplitudes of {name}")} {sentence} values={bins} name="amplitudes" electrode={name.to_owned()} {height} {csv} draw={histogram::draw(counts, ends, units, ("Amplitude", false), marks)} />
    }
}

fn intervals(props: &ChartsProps, name: &str, height: &'static str) -> Html {
    let times: Vec<f64> = props.spikes.of(props.chosen.unwrap_or(0)).map(|(time, _)| time).collect();
    let (from, to) = ISI_DECADES;
    let counts = histogram::counts(times.windows(2).map(|pair| ((pair[1] - pair[0]) * 1000.0).log10()), from, to, BINS);
    let n_shown: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let n_all = times.len().saturating_sub(1) as u64;
    let all = intervals_in_words(times.len() as u64);
    let shown = if n_shown == n_all { all } else { format!("{} of {all}; the others lie outside", count(n_shown)) };
    let milliseconds = |decade: f64| 10_f64.powf(decade);
    let csv = counts_csv(name, counts.clone(), (from, to), "ms", milliseconds);
    let sentence =
        format!("How long the intervals between spikes are, on a logarithmic axis from 0.01 ms to 100 s; {shown}.");
    let units = ("ms", "interval");
    let bins = bins(&counts, (from, to), units, milliseconds);
    html! {
        <Plot title={format!("Intervals between spikes of {name}")} {sentence} values={bins} name="intervals" electrode={name.to_owned()} {height} {csv} draw={histogram::draw(counts, (from, to), units, ("Interval", true), Vec::new())}>
            <span class="small soft">{ shown }</span>
        </Plot>
    }
}

fn waveform(props: &ChartsProps, name: &str) -> Html {
    let (before, n) = props.computed.waveform;
    let chosen = props.chosen.unwrap_or(0);
    let mean = props.computed.waveforms_uv.get(chosen * n..(chosen + 1) * n).unwrap_or_default();
    let mean = of_spikes(mean).unwrap_or_default().to_vec();
    let rate = props.computed.info.sampling_frequency_hz;
    let csv = {
        let (mean, electrode) = (mean.clone(), cell(name));
        Callback::from(move |()| {
            let mut csv = String::from("electrode,time_ms,mean_uv\n");
            for (frame, uv) in mean.iter().enumerate() {
                #[expect(clippy::cast_precision_loss, reason = "frames")]
                let ms = (frame as f64 - before as f64) / rate * 1000.0;
                csv += &format!("{electrode},{ms},{uv}\n");
            }
            csv
        })
    };
    let values = {
        let mean = mean.clone();
        Values::new(mean.len(), move |frame| {
            #[expect(clippy::cast_precision_loss, reason = "frames")]
            let ms = (frame as f64 - before as f64) / rate * 1000.0;
            let uv = mean.get(frame).copied().unwrap_or_default();
            format!("{} ms: {} µV", trimmed(ms, 2), fixed(f64::from(uv), 1))
        })
    };
    let lowest = mean.iter().copied().fold(0.0_f32, f32::min);
    let sentence = if mean.is_empty() {
        "The run found no spikes here, so they have no mean.".to_owned()
    } else {
        let lowest = fixed(f64::from(lowest), 1);
        format!("The mean of the spikes in µV around their peaks, in ms; its lowest value is {lowest} µV.")
    };
    let told = if mean.is_empty() { "none: no spikes at the run's threshold" } else { "at the run's threshold" };
    html! {
        <Plot title={format!("Mean waveform of {name}")} {sentence} {values} name="waveform" electrode={name.to_owned()} height="h-small" {csv} draw={histogram::waveform(mean, before, rate)}>
            <span class="small soft" data-testid="waveform-told">{ told }</span>
        </Plot>
    }
}

/// How many intervals so many spikes have, and why there are none.
fn intervals_in_words(n_spikes: u64) -> String {
    match n_spikes {
        0 => "no intervals: there are no spikes".into(),
        1 => "no intervals: there is one spike".into(),
        n => counted(n - 1, "interval"),
    }
}

/// A mean waveform; none where it is the zero that stands for no spikes.
fn of_spikes(mean_uv: &[f32]) -> Option<&[f32]> {
    mean_uv.iter().any(|uv| *uv != 0.0).then_some(mean_uv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_of_amplitudes_has_the_sides_of_the_peaks() {
        assert_eq!(amplitude_ends(&[-80.0, -20.0], 4.0), (-80.0, 0.0));
        assert_eq!(amplitude_ends(&[20.0, 250.0], 4.0), (0.0, 250.0));
        assert_eq!(amplitude_ends(&[-20.0, 30.0], 4.0), (-40.0, 40.0), "ten times the noise");
        assert_eq!(amplitude_ends(&[], 0.0), (-1.0, 0.0));
    }

    #[test]
    fn without_spikes_there_are_no_numbers() {
        assert_eq!(intervals_in_words(0), "no intervals: there are no spikes");
        assert_eq!(intervals_in_words(1), "no intervals: there is one spike");
        assert_eq!((intervals_in_words(2), intervals_in_words(3)), ("1 interval".into(), "2 intervals".into()));
        assert_eq!((of_spikes(&[0.0, 0.0]), of_spikes(&[])), (None, None));
        assert_eq!(of_spikes(&[0.0, -3.5]), Some(&[0.0, -3.5][..]));
    }
}
