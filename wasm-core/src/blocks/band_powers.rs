//! Power of the field potentials in the usual bands, and its course.

mod figures;

use super::of_field::{WELCH, kept, pieces, samples, signal_table, time_s, window_s};
use super::of_rows::with_wells;
use super::{BlockSpec, Outcome, ParamSpec, Port, Values, Work};
use crate::analyses::{Bins, FREQUENCY_BANDS, MAINS_WIDTH_HZ, MeanList, Periodogram, PowerCourse, SpikeTrains};
use crate::field::FieldPotentials;
use crate::table::Table;

const WINDOW_S: ParamSpec = window_s(
    2.0,
    "2 s: two waves of the slowest band, and bins of half a hertz. Longer pieces tell close frequencies apart, shorter ones follow changes.",
);
const COURSE_S: ParamSpec = ParamSpec::number(
    "course_s",
    ("Course in windows of", "s"),
    (1.0, 3600.0),
    (1.0, 10.0),
    "10 s: nine half-overlapping pieces of 2 s, whose mean varies by about a third of the power of noise.",
);
const MAINS: ParamSpec = ParamSpec::choice(
    "mains",
    "Leave out hum",
    &[("none", "No"), ("50", "At 50 Hz"), ("60", "At 60 Hz")],
    "No: nothing is left out. Hum of the mains lies in the gamma band; where a power spectrum shows it, leave it out.",
);

/// Computes it.
pub const BLOCK: BlockSpec = BlockSpec {
    kind: "band_powers",
    version: 1,
    title: "Band powers of field potentials",
    purpose: "How strong are slow and fast waves of the field potential, and how do they change?",
    takes: Port::Spikes,
    gives: Port::Table,
    optional: true,
    params: &[&WINDOW_S, &COURSE_S, &MAINS],
    source: WELCH,
    words,
    work: Work::Spikes,
};

fn words(values: Values<'_>) -> String {
    let bands: Vec<String> =
        FREQUENCY_BANDS.iter().map(|band| format!("{} {} to {}", band.name, band.low_hz, band.high_hz)).collect();
    let hum = match values.name(&MAINS).as_str() {
        "none" => String::new(),
        hz => format!(" Frequencies within {MAINS_WIDTH_HZ} Hz of {hz} Hz are left out, as hum of the mains."),
    };
    format!(
        "The spectrum of an electrode is the mean over {}, in µV²/Hz (Welch's method, as scipy.signal.welch). The \
         power of a band is the sum of its bins times their width: {} Hz, the upper end left out. The share is the \
         power divided by that of all bands together.{hum} The course has the mean of the pieces that lie within each \
         window of {} s, averaged over the electrodes. A band that reaches beyond 0.4 of the rate at which the field \
         potentials were kept is absent. A high-pass in the hardware weakens slow bands, the reference of the \
         amplifier is part of every channel, and no filter or reference of the spikes' pipeline is applied.",
        pieces(&values.text(&WINDOW_S)),
        bands.join(", "),
        values.text(&COURSE_S)
    )
}

/// Powers of one electrode.
struct Own {
    channel: usize,
    density: Option<Vec<f64>>,
    powers: Vec<Option<f64>>,
    /// The frequency of the bands at which the density is greatest.
    strongest_hz: Option<f64>,
    windows: Vec<Vec<MeanList>>,
}

impl Own {
    /// The power in all bands that are there; none where there is none, as on a dead electrode.
    fn total(&self) -> Option<f64> {
        let total: f64 = self.powers.iter().flatten().sum();
        (total > 0.0).then_some(total)
    }

    /// The powers of the bands; none of an electrode without a signal.
    fn power(&self, band: usize) -> Option<f64> {
        self.total().and(self.powers[band])
    }

    /// The frequency at which it is strongest; none of an electrode without a signal.
    fn peak_hz(&self) -> Option<f64> {
        self.total().and(self.strongest_hz)
    }
}

/// Computes it.
pub fn run(of: &SpikeTrains, values: Values<'_>) -> Outcome {
    let field = match kept(of) {
        Ok(field) => field,
        Err(absent) => return absent,
    };
    let (n_piece, n_window) = (samples(field, values.number(&WINDOW_S)), samples(field, values.number(&COURSE_S)));
    if field.lengths().iter().all(|length| *length < n_piece) {
        let reason = format!("no stretch of the recording is as long as a piece of {} s", values.text(&WINDOW_S));
        return Outcome::absent(reason);
    }
    let mains_hz = match values.name(&MAINS).as_str() {
        "50" => Some(50.0),
        "60" => Some(60.0),
        _ => None,
    };
    let mut periodogram = Periodogram::new(n_piece, field.rate_hz());
    let frequencies_hz = periodogram.frequencies_hz();
    let bins = Bins::new(&frequencies_hz, field.highest_hz(), mains_hz);
    let mut own = Vec::with_capacity(field.channels().len());
    for (place, channel) in field.channels().iter().enumerate() {
        let course = PowerCourse::new(field.of(place), (&mut periodogram, &bins), (n_piece, n_window));
        let density = course.whole.mean();
        let powers = density.as_ref().map_or_else(|| vec![None; FREQUENCY_BANDS.len()], |density| bins.powers(density));
        let strongest = density.as_ref().and_then(|density| bins.strongest(density));
        let strongest_hz = strongest.and_then(|at| frequencies_hz.get(at).copied());
        own.push(Own { channel: *channel, density, powers, strongest_hz, windows: course.windows });
    }
    let course = courses(of, field, &own, n_window.max(n_piece));
    let hum = figures::hum(&frequencies_hz, (field.highest_hz(), mains_hz), &own);
    let course_s = values.text(&COURSE_S);
    let figures = figures::figures((&frequencies_hz, field.highest_hz()), &own, (&course, &course_s), &hum);
    Outcome {
        tables: vec![electrodes(of, &own), course_table(of, &course), signal_table(of, field)],
        figures,
        absent: None,
    }
}

/// A row for each electrode that was kept.
fn electrodes(of: &SpikeTrains, own: &[Own]) -> Table {
    let table = Table::new("electrodes", "Electrodes")
        .texts(("electrode", "Electrode"), own.iter().map(|own| of.info().channel_label(own.channel).to_owned()));
    let mut table = with_wells(table, of, own.iter().map(|own| own.channel));
    for (at, band) in FREQUENCY_BANDS.iter().enumerate() {
        let (name, title) = (format!("{}_uv2", band.name), named(band.name));
        table = table.numbers((name.as_str(), title.as_str(), "µV²"), own.iter().map(|own| own.power(at)));
    }
    for (at, band) in FREQUENCY_BANDS.iter().enumerate() {
        let (name, title) = (format!("{}_share", band.name), format!("{}, share", named(band.name)));
        let share = |own: &Own| Some(own.power(at)? / own.total()?);
        table = table.numbers((name.as_str(), title.as_str(), ""), own.iter().map(share));
    }
    table.numbers(("peak_hz", "Strongest at", "Hz"), own.iter().map(Own::peak_hz))
}

/// A name as a title.
fn named(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A window of a culture.
struct Window {
    /// First electrode of the culture.
    channel: usize,
    start_s: f64,
    duration_s: f64,
    /// The powers of the bands, NaN where absent.
    powers: Vec<f64>,
}

/// The windows of each culture in which there is a piece.
#[expect(clippy::cast_precision_loss, reason = "samples")]
fn courses(of: &SpikeTrains, field: &FieldPotentials, own: &[Own], n_window: usize) -> Vec<Window> {
    let mut windows = Vec::new();
    for culture in of.cultures() {
        let members: Vec<&Own> =
            own.iter().filter(|own| culture.contains(&own.channel) && own.total().is_some()).collect();
        let Some(first) = members.first() else { continue };
        for (segment, of_segment) in first.windows.iter().enumerate() {
            for at in 0..of_segment.len() {
                let mut mean = MeanList::default();
                for powers in members.iter().filter_map(|own| own.windows[segment][at].mean()) {
                    mean.add(&powers);
                }
                let Some(powers) = mean.mean() else { continue };
                let (from, to) = (at * n_window, ((at + 1) * n_window).min(field.lengths()[segment]));
                windows.push(Window {
                    channel: first.channel,
                    start_s: time_s(of, field, (segment, from)),
                    duration_s: (to - from) as f64 / field.rate_hz(),
                    powers,
                });
            }
        }
    }
    windows
}

fn course_table(of: &SpikeTrains, course: &[Window]) -> Table {
    let table = Table::new("course", "Course, mean of the electrodes");
    let mut table = with_wells(table, of, course.iter().map(|window| window.channel))
        .numbers(("start_s", "Start", "s"), course.iter().map(|window| Some(window.start_s)))
        .numbers(("duration_s", "Duration", "s"), course.iter().map(|window| Some(window.duration_s)));
    for (at, band) in FREQUENCY_BANDS.iter().enumerate() {
        let (name, title) = (format!("{}_uv2", band.name), named(band.name));
        table = table.numbers(
            (name.as_str(), title.as_str(), "µV²"),
            course.iter().map(|window| window.powers.get(at).copied()),
        );
    }
    table
}
