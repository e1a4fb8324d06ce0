//! The figures of every result: raster, map of the electrodes, mean waveforms. They need no
//! block, because they show the spikes themselves.

use crate::analyses::{NetworkLimits, SpikeTrains};
use crate::decimals::fixed;
use crate::engine::Waveforms;
use crate::figure::{Axis, Figure, Layer};
use crate::recording::{all_wells, titled, told_length, wells_of};

/// Spikes that a raster draws: more make a file that no program opens, and ink that nobody can tell apart.
const MAX_TICKS: usize = 40_000;

/// Electrodes whose waveforms are drawn together.
const MAX_WAVEFORMS: usize = 9;

/// The figures of a result.
#[must_use]
pub fn pictures(trains: &SpikeTrains, waveforms: &Waveforms) -> Vec<Figure> {
    let all = [Some(raster(trains)), map(trains), mean_waveforms(trains, waveforms)];
    all.into_iter().flatten().collect()
}

/// Spikes over time, an electrode a row, with the network bursts behind them.
#[expect(clippy::cast_precision_loss, reason = "channels and frames")]
fn raster(of: &SpikeTrains) -> Figure {
    let info = of.info();
    let n_all: usize = of.frames().iter().flatten().map(Vec::len).sum();
    let step = n_all.div_ceil(MAX_TICKS).max(1);
    let rows = of.frames().iter().enumerate().flat_map(|(segment, trains)| {
        trains.iter().enumerate().flat_map(move |(channel, train)| train.iter().map(move |at| (segment, channel, *at)))
    });
    let place = |(segment, channel, frame): (usize, usize, i64)| (of.time_s(segment, frame), channel as f64 + 0.5);
    let points: Vec<(f64, f64)> = rows.step_by(step).map(place).collect();
    let (first_s, last_s) = of.span_s();
    // Of a plate the wells burst each by itself.
    let found = (of.cultures().len() == 1).then(|| of.network_bursts(&of.cultures()[0], &NetworkLimits::default()));
    let span = |burst: &crate::analyses::NetworkBurst| {
        (of.time_s(burst.segment, burst.start), of.time_s(burst.segment, burst.end))
    };
    let spans: Vec<(f64, f64)> = found.iter().flat_map(|found| found.bursts.iter().map(span)).collect();
    let drawn =
        if step == 1 { String::new() } else { format!(" One spike of {step} is drawn, {} in all.", points.len()) };
    let length_s = last_s - first_s;
    let length = if length_s < 1.0 { told_length(length_s) } else { format!("{length_s:.0} s") };
    let marked = match spans.len() {
        0 => String::new(),
        1 => " 1 network burst is marked.".into(),
        n => format!(" {n} network bursts are marked."),
    };
    Figure {
        id: "raster".into(),
        title: titled("Spikes of each electrode", all_wells(info)),
        sentence: format!("{n_all} spikes of {} electrodes in {length}.{marked}{drawn}", info.n_channels),
        x: Axis::linear("Time", "s", (first_s, last_s)),
        // As on the page, the first electrode is on top.
        y: Axis::linear("Electrode, in the order of the table", "", (info.n_channels as f64, 0.0)),
        layers: vec![Layer::Spans { spans }, Layer::Ticks { points }],
    }
}

/// The rate of each electrode where it lies; none where nobody knows that.
#[expect(clippy::cast_precision_loss, reason = "counts of spikes")]
fn map(of: &SpikeTrains) -> Option<Figure> {
    let positions = of.info().positions_um.as_ref()?;
    let rate = |channel: usize| {
        let observed_s = of.observed_s(channel);
        (observed_s > 0.0 && of.n_spikes(channel) > 0).then(|| of.n_spikes(channel) as f64 / observed_s)
    };
    let values: Vec<Option<f64>> = (0..positions.len()).map(rate).collect();
    let most = values.iter().copied().flatten().fold(0.0, f64::max);
    let points: Vec<(f64, f64)> = positions.iter().map(|[x, y]| (*x, *y)).collect();
    let silent = values.iter().filter(|value| value.is_none()).count();
    let sentence = format!(
        "Rates of {} electrodes where they lie, at most {most:.2} Hz (colours, in Hz). {silent} of them, pale, have no spike.",
        points.len()
    );
    let range = (0.0, if most > 0.0 { most } else { 1.0 });
    let title = titled("Firing rate by electrode", all_wells(of.info()));
    Some(Figure::map(("map", title, sentence), (points, "µm"), values, range))
}

/// The mean waveforms of the electrodes with most spikes.
#[expect(clippy::cast_precision_loss, reason = "frames of a waveform")]
fn mean_waveforms(of: &SpikeTrains, waveforms: &Waveforms) -> Option<Figure> {
    let n = waveforms.n_frames;
    let mut channels: Vec<usize> = (0..of.info().n_channels).filter(|at| of.n_spikes(*at) > 0).collect();
    channels.sort_by_key(|at| std::cmp::Reverse(of.n_spikes(*at)));
    channels.truncate(MAX_WAVEFORMS);
    if n == 0 || channels.is_empty() {
        return None;
    }
    let ms = |frame: usize| (frame as f64 - waveforms.n_before as f64) / of.rate_hz() * 1000.0;
    let line = |channel: &usize| {
        let mean = waveforms.mean_uv.get(channel * n..(channel + 1) * n).unwrap_or_default();
        Layer::Line { points: mean.iter().enumerate().map(|(at, uv)| (ms(at), f64::from(*uv))).collect() }
    };
    let layers: Vec<Layer> = channels.iter().map(line).collect();
    let values = channels.iter().flat_map(|at| waveforms.mean_uv.get(at * n..(at + 1) * n).unwrap_or_default());
    let (low, high) =
        values.fold((0.0_f64, 0.0_f64), |(low, high), uv| (low.min(f64::from(*uv)), high.max(f64::from(*uv))));
    Some(Figure {
        id: "waveforms".into(),
        title: titled("Mean waveforms", wells_of(of.info(), &channels)),
        sentence: format!(
            "Mean waveforms of the {} electrodes with most spikes, from {} to {high:.1} µV.",
            channels.len(),
            fixed(low, 1)
        ),
        x: Axis::linear("Time from the peak", "ms", (ms(0), ms(n.saturating_sub(1)))),
        y: Axis::linear("Mean", "µV", (low * 1.05 - 1.0, high * 1.05 + 1.0)),
        layers: [vec![Layer::Limit { at: 0.0 }], layers].concat(),
    })
}
