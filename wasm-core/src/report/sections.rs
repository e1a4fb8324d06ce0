//! A section for each analysis, and those of wells and electrodes: figures, words, and the first rows of tables.

use std::borrow::Cow;

use super::Section;
use super::markup::{linked, paragraph};
use crate::blocks::spec;
use crate::figure::{Figure, Layer, escaped, svg};
use crate::numbers::count;
use crate::plate::wells_table;
use crate::recording::StreamKind;
use crate::run::{BlockResult, ChannelSummary, Summary};
use crate::table::{Table, Values};

/// Rows of a table that are shown, and of that of the wells, which are those of the largest plates.
const SHOWN_ROWS: usize = 20;
const SHOWN_WELLS: usize = 96;

/// Size of a figure in pixels, of one over time, and of a raster.
pub(super) const FIGURE: (f64, f64) = (480.0, 260.0);
const WIDE_FIGURE: (f64, f64) = (980.0, 260.0);
const RASTER: (f64, f64) = (980.0, 280.0);

/// Points from which on a line needs the whole width.
const WIDE_POINTS: usize = 200;

/// Spikes of a raster that are drawn: more make the file large and the picture no clearer.
const MAX_TICKS: usize = 10_000;

/// Columns above which a table is set smaller on paper, and up to which it is not drawn out over the page.
const MANY_COLUMNS: usize = 8;
const FEW_COLUMNS: usize = 5;

/// An analysis: its question, its figures with its words, its tables.
pub fn analysis(block: &BlockResult, kind: StreamKind) -> Section {
    let mut body = spec(&block.kind).map_or_else(String::new, |spec| paragraph("question", &kind.worded(spec.purpose)));
    if let Some(reason) = &block.absent {
        let what = if block.tables.is_empty() { "No numbers" } else { "Not given" };
        body.push_str(&paragraph("absent", &format!("{what}: {reason}.")));
    }
    body.push_str(&figures(&block.figures, &words(block)));
    let tables = block.tables.iter();
    body.extend(tables.map(|table| rows(table, &format!("{}/{}.csv", block.id, table.id), SHOWN_ROWS)));
    Section::new(format!("analysis-{}", block.id), block.title.clone(), body)
}

/// How the numbers are made, and whose method it is.
fn words(block: &BlockResult) -> String {
    if block.definition.is_empty() {
        return String::new();
    }
    let source = match block.source.as_str() {
        "" => String::new(),
        source => paragraph("source", source),
    };
    format!("<div class=\"words\">\n<h3>How it is counted</h3>\n<p>{}</p>\n{source}</div>\n", linked(&block.definition))
}

/// Pictures of the whole recording; none where there are none.
pub fn pictures(all: &[Figure]) -> Option<Section> {
    (!all.is_empty()).then(|| Section::new("activity", "Activity", figures(all, "")))
}

/// Figures: those that need the width one below the other, the others beside each other, and the words about them.
fn figures(all: &[Figure], words: &str) -> String {
    let mut shown = String::new();
    let mut beside = String::new();
    for figure in all {
        match wide_size(figure) {
            Some(size) => shown.push_str(&drawn(&thinned(figure), "wide", size)),
            None => beside.push_str(&drawn(figure, "picture", FIGURE)),
        }
    }
    if !words.is_empty() || !beside.is_empty() {
        shown.push_str(&format!("<div class=\"evidence\">\n{beside}{words}</div>\n"));
    }
    shown
}

/// The size of a figure that needs the whole width.
fn wide_size(figure: &Figure) -> Option<(f64, f64)> {
    figure.layers.iter().find_map(|layer| match layer {
        Layer::Ticks { .. } => Some(RASTER),
        Layer::Line { points } if points.len() > WIDE_POINTS => Some(WIDE_FIGURE),
        _ => None,
    })
}

/// A raster with fewer spikes, which it says.
fn thinned(figure: &Figure) -> Cow<'_, Figure> {
    let n = |layer: &Layer| if let Layer::Ticks { points } = layer { points.len() } else { 0 };
    let step = figure.layers.iter().map(n).max().unwrap_or(0).div_ceil(MAX_TICKS);
    if step < 2 {
        return Cow::Borrowed(figure);
    }
    let mut fewer = figure.clone();
    for layer in &mut fewer.layers {
        if let Layer::Ticks { points } = layer {
            *points = points.iter().copied().step_by(step).collect();
        }
    }
    fewer.sentence.push_str(&format!(" One mark of {step} is drawn here."));
    Cow::Owned(fewer)
}

/// A figure with its title and its sentence.
pub(super) fn drawn(figure: &Figure, class: &str, size: (f64, f64)) -> String {
    let picture = svg(figure, size, None).replacen("<svg ", "<svg role=\"img\" ", 1);
    format!(
        "<figure class=\"{class}\">\n<figcaption><b>{}</b> {}</figcaption>\n<div class=\"scroll\">{picture}</div>\n</figure>\n",
        escaped(&figure.title),
        escaped(&figure.sentence)
    )
}

/// The first rows of a table, and where all are.
fn rows(table: &Table, file: &str, most: usize) -> String {
    let n_rows = table.n_rows();
    let shown = n_rows.min(most);
    let of_all = match n_rows {
        0 => "no rows".to_owned(),
        1 => format!("1 row; also in {file}"),
        n if n > shown => format!("{} of {} rows; all are in the file {file}", count(shown as u64), count(n as u64)),
        n => format!("{} rows; also in {file}", count(n as u64)),
    };
    let caption = format!("<figcaption><b>{}</b> {}</figcaption>\n", escaped(&table.title), escaped(&of_all));
    if n_rows == 0 {
        return format!("<figure class=\"table\">\n{caption}</figure>\n");
    }
    let classes: Vec<&str> = table.columns.iter().map(|column| class_of(&column.values)).collect();
    let head = table.columns.iter().zip(&classes).map(|(column, class)| {
        let unit =
            if column.unit.is_empty() { String::new() } else { format!(" <small>{}</small>", escaped(&column.unit)) };
        format!("<th scope=\"col\" class=\"{class}\">{}{unit}</th>", escaped(&column.title))
    });
    let head: String = head.collect();
    let row = |at: usize| {
        let cells = table.columns.iter().zip(&classes);
        let cells: Vec<String> = cells
            .map(|(column, class)| format!("<td class=\"{class}\">{}</td>", escaped(&column.values.shown(at))))
            .collect();
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let body: String = (0..shown).map(row).collect();
    let size = match table.columns.len() {
        ..=FEW_COLUMNS => " few",
        n if n > MANY_COLUMNS => " many",
        _ => "",
    };
    let title = escaped(&table.title);
    format!(
        "<figure class=\"table{size}\">\n{caption}<div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"{title}\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n</figure>\n"
    )
}

/// Names stand left, numbers right.
const fn class_of(values: &Values) -> &'static str {
    match values {
        Values::Text(_) => "name",
        _ => "n",
    }
}

/// The wells of a plate; none where there is no plate.
pub fn wells(summary: &Summary, kind: StreamKind) -> Option<Section> {
    if summary.wells.is_empty() {
        return None;
    }
    let table = wells_table(summary, kind);
    let mut body =
        paragraph("question", "What does each culture do? A dash is a number that is not known; wells.csv tells why.");
    body.push_str(&rows(&table, "wells.csv", SHOWN_WELLS));
    Some(Section::new("wells", "Wells", body))
}

/// The electrodes.
pub fn electrodes(summary: &Summary, kind: StreamKind) -> Section {
    let title = kind.worded("Electrodes");
    let channels = &summary.channels;
    let number = |value: &dyn Fn(&ChannelSummary) -> Option<f32>| {
        channels.iter().map(|channel| value(channel).map(f64::from)).collect::<Vec<_>>()
    };
    let mut table = Table::new("channels", &title).texts(
        ("electrode", &kind.worded("Electrode")),
        channels.iter().map(|channel| channel.name.clone().unwrap_or_else(|| channel.id.clone())),
    );
    if channels.iter().any(|channel| channel.well.is_some()) {
        table = table.texts(("well", "Well"), channels.iter().map(|channel| channel.well.clone().unwrap_or_default()));
    }
    table = table
        .counts(("n_spikes", "Spikes"), channels.iter().map(|channel| channel.n_spikes))
        .numbers(("rate_hz", "Rate", "Hz"), channels.iter().map(|channel| channel.rate_hz))
        .counts(("n_bursts", "Bursts"), channels.iter().map(|channel| channel.n_bursts))
        .numbers(("mean_amplitude_uv", "Amplitude", "µV"), number(&|channel| channel.mean_amplitude_uv))
        .numbers(("noise_uv", "Noise", "µV"), number(&|channel| channel.noise_uv))
        .numbers(("threshold_uv", "Threshold", "µV"), number(&|channel| channel.threshold_uv));
    let remark = |channel: &ChannelSummary| match (channel.left_out, channel.dead) {
        (true, _) => "left out",
        (false, true) => "dead",
        (false, false) => "",
    };
    if channels.iter().any(|channel| !remark(channel).is_empty()) {
        table = table.texts(("remark", "Remark"), channels.iter().map(|channel| remark(channel).to_owned()));
    }
    Section::new("electrodes", title, rows(&table, "channels.csv", SHOWN_ROWS))
}
