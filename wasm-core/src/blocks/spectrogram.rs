//! How the spectrum of chosen electrodes changes over time.

use ndarray::Array2;

use super::of_field::{WELCH, kept, pieces, samples, signal_table, time_s, window_s};
use super::of_rows::with_wells;
use super::{BlockSpec, Control, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{MeanList, Periodogram, SpikeTrains};
use crate::decimals::fixed;
use crate::field::FieldPotentials;
use crate::figure::{Axis, Figure, Layer};
use crate::table::Table;

const CHANNEL_IDS: ParamSpec = ParamSpec {
    name: "channel_ids",
    label: "Electrodes (none: the most active)",
    control: Control::Channels,
    source: "Up to four, by id or name. Where none are named, the one with the most spikes among those whose field potentials were kept.",
    only_if: None,
};
const WINDOW_S: ParamSpec = window_s(
    1.0,
    "1 s: bins of one hertz, and a picture every half second, or less often where there is no room for more.",
);
const MAX_HZ: ParamSpec = ParamSpec::number(
    "max_hz",
    ("Up to", "Hz"),
    (5.0, 500.0),
    (5.0, 100.0),
    "100 Hz: the usual bands and a little more.",
);

/// Electrodes that are shown, and columns and rows of a figure, at most.
const MAX_SHOWN: usize = 4;
const MAX_COLUMNS: usize = 120;
const MAX_ROWS: usize = 60;

/// Slower waves are drift of the electrode.
const DRIFT_HZ: f64 = 1.0;

/// Share of the cells whose colour is that of the end of the scale, at either end.
const CUT: f64 = 0.01;

/// Computes it.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "spectrogram",
    version: 1,
    title: "Spectrogram of field potentials",
    purpose: "Which frequencies does the field potential of an electrode have, and when?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[&CHANNEL_IDS, &WINDOW_S, &MAX_HZ],
    source: WELCH,
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    format!(
        "The field potential is cut into {}; colours are their power density in decibels of 1 µV²/Hz (as \
         scipy.signal.spectrogram), up to {} Hz. A column is the mean of the pieces that begin in it, a row the mean \
         of its frequencies: {MAX_COLUMNS} columns and {MAX_ROWS} rows at most. One cell in a hundred at either end \
         has the colour of the end of the scale. The power of a column and the frequency at which it is strongest are \
         counted from {DRIFT_HZ} Hz on. What is pale was not recorded, or holds one value.",
        pieces(&values.text(&WINDOW_S)),
        values.text(&MAX_HZ)
    )
}

/// The spectra of an electrode, column by column.
struct Own {
    channel: usize,
    columns: Vec<MeanList>,
}

/// Columns of equal length from the start of the recording to its end.
struct Grid {
    from_s: f64,
    step_s: f64,
    n: usize,
    frequencies_hz: Vec<f64>,
    max_hz: f64,
}

impl Grid {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "up to a hundred columns"
    )]
    fn new(of: &SpikeTrains, piece_s: f64, frequencies_hz: Vec<f64>, max_hz: f64) -> Self {
        let (from_s, to_s) = of.span_s();
        let fitting = libm::floor((to_s - from_s) / (piece_s / 2.0));
        let n = (fitting.min(MAX_COLUMNS as f64) as usize).max(1);
        Self { from_s, step_s: (to_s - from_s) / n as f64, n, frequencies_hz, max_hz }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a column within the recording")]
    fn column(&self, time_s: f64) -> usize {
        (((time_s - self.from_s) / self.step_s) as usize).min(self.n - 1)
    }

    #[expect(clippy::cast_precision_loss, reason = "up to a hundred columns")]
    fn start_s(&self, column: usize) -> f64 {
        self.from_s + column as f64 * self.step_s
    }

    /// How many bins are shown, from the lowest on.
    fn shown(&self) -> usize {
        self.frequencies_hz.iter().filter(|hz| **hz <= self.max_hz).count()
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let field = match kept(of) {
        Ok(field) => field,
        Err(absent) => return absent,
    };
    let channels = match chosen(of, field, &values.ids(&CHANNEL_IDS)) {
        Ok(channels) => channels,
        Err(reason) => return Outcome::absent(reason),
    };
    let n_piece = samples(field, values.number(&WINDOW_S));
    if field.lengths().iter().all(|length| *length < n_piece) {
        let reason = format!("no stretch of the recording is as long as a piece of {} s", values.text(&WINDOW_S));
        return Outcome::absent(reason);
    }
    let mut periodogram = Periodogram::new(n_piece, field.rate_hz());
    let max_hz = values.number(&MAX_HZ).min(field.highest_hz());
    let grid = Grid::new(of, values.number(&WINDOW_S), periodogram.frequencies_hz(), max_hz);
    let mut own = Vec::new();
    for channel in channels {
        let Some(place) = field.place(channel) else { continue };
        let mut columns = vec![MeanList::default(); grid.n];
        for (segment, samples) in field.of(place).enumerate() {
            periodogram.of_pieces(samples, |from, density| {
                columns[grid.column(time_s(of, field, (segment, from)))].add(density);
            });
        }
        own.push(Own { channel, columns });
    }
    let figures = own.iter().filter_map(|own| figure(of, own, &grid)).collect();
    Outcome { tables: vec![table(of, &own, &grid), signal_table(of, field)], figures, absent: None }
}

/// The channels that are shown; or why there are none.
fn chosen(of: &SpikeTrains, field: &FieldPotentials, asked: &[String]) -> Result<Vec<usize>, String> {
    let info = of.info();
    if asked.is_empty() {
        // Of equals the first.
        let most = field.channels().iter().copied().rev().max_by_key(|channel| of.n_spikes(*channel));
        return Ok(most.into_iter().collect());
    }
    let is_called =
        |channel: &usize, id: &String| info.channel_ids.get(*channel) == Some(id) || info.channel_label(*channel) == id;
    // The figures of a plate are made of one well alone, which need not hold all that were named.
    let is_one_well = info.wells.is_some() && of.cultures().len() == 1;
    let is_elsewhere = |id: &String| is_one_well && !(0..info.n_channels).any(|channel| is_called(&channel, id));
    let mut channels = Vec::new();
    for id in asked.iter().take(MAX_SHOWN).filter(|id| !is_elsewhere(id)) {
        let Some(channel) = field.channels().iter().copied().find(|channel| is_called(channel, id)) else {
            let known: Vec<&str> = field.channels().iter().map(|channel| info.channel_label(*channel)).collect();
            return Err(format!("the field potential of electrode {id} was not kept; there are {}", known.join(", ")));
        };
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    if channels.is_empty() {
        return Err("none of the chosen electrodes lies in this well".to_owned());
    }
    Ok(channels)
}

/// Decibels of 1 µV²/Hz; NaN of nothing.
fn decibels(density: f64) -> f64 {
    if density > 0.0 { 10.0 * libm::log10(density) } else { f64::NAN }
}

#[expect(clippy::cast_precision_loss, reason = "some rows")]
fn figure(of: &SpikeTrains, own: &Own, grid: &Grid) -> Option<Figure> {
    let n_bins = grid.shown();
    let n_rows = n_bins.clamp(1, MAX_ROWS);
    let mut cells = Array2::from_elem((n_rows, grid.n), f64::NAN);
    for (at, column) in own.columns.iter().enumerate() {
        let Some(density) = column.mean() else { continue };
        for row in 0..n_rows {
            // The highest frequencies lie on top.
            let bins = row * n_bins / n_rows..(row + 1) * n_bins / n_rows;
            let sum: f64 = density[bins.clone()].iter().sum();
            cells[[n_rows - 1 - row, at]] = decibels(sum / bins.len().max(1) as f64);
        }
    }
    let mut known: Vec<f64> = cells.iter().copied().filter(|value| value.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    let range = (quantile(&known, CUT)?, quantile(&known, 1.0 - CUT)?);
    let range = if range.0 < range.1 { range } else { (range.0, range.0 + 1.0) };
    let label = of.info().channel_label(own.channel);
    let end_s = grid.start_s(grid.n);
    Some(Figure {
        id: format!("spectrogram_{}", own.channel),
        title: format!("Spectrogram of electrode {label}"),
        sentence: format!(
            "Power density of electrode {label} from {:.1} to {end_s:.1} s and 0 to {:.0} Hz; colours from {} to {} \
             dB of 1 µV²/Hz.",
            grid.from_s,
            grid.max_hz,
            fixed(range.0, 1),
            fixed(range.1, 1)
        ),
        x: Axis::linear(&format!("Time, {:.1} to {end_s:.1}", grid.from_s), "s", (grid.from_s, end_s)),
        y: Axis::linear(&format!("Frequency, 0 to {:.0}", grid.max_hz), "Hz", (0.0, grid.max_hz)),
        layers: vec![Layer::Matrix { values: cells, range, names: Vec::new(), value: "dB".into() }],
    })
}

/// The value below which this share of sorted ones lies.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a list"
)]
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(place).copied()
}

/// A row for each column and electrode.
fn table(of: &SpikeTrains, own: &[Own], grid: &Grid) -> Table {
    let columns = move || own.iter().flat_map(move |own| (0..grid.n).map(move |at| (own, at)));
    let bins =
        move || grid.frequencies_hz.iter().copied().enumerate().take(grid.shown()).filter(|(_, hz)| *hz >= DRIFT_HZ);
    let step_hz = grid.frequencies_hz.get(1).copied().unwrap_or_default();
    let density =
        |own: &Own, at: usize| own.columns[at].mean().filter(|density| density.iter().any(|value| *value > 0.0));
    let power = |own: &Own, at: usize| -> Option<f64> {
        let density = density(own, at)?;
        Some(bins().map(|(bin, _)| density[bin]).sum::<f64>() * step_hz)
    };
    let peak_hz = |own: &Own, at: usize| -> Option<f64> {
        let density = density(own, at)?;
        bins().max_by(|a, b| density[a.0].total_cmp(&density[b.0])).map(|(_, hz)| hz)
    };
    let table = Table::new("columns", "Power over time")
        .texts(("electrode", "Electrode"), columns().map(|(own, _)| of.info().channel_label(own.channel).to_owned()));
    with_wells(table, of, columns().map(|(own, _)| own.channel))
        .numbers(("start_s", "Start", "s"), columns().map(|(_, at)| Some(grid.start_s(at))))
        .numbers(("duration_s", "Duration", "s"), columns().map(|_| Some(grid.step_s)))
        .numbers(("power_uv2", "Power", "µV²"), columns().map(|(own, at)| power(own, at)))
        .numbers(("peak_hz", "Strongest at", "Hz"), columns().map(|(own, at)| peak_hz(own, at)))
}
