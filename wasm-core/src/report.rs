//! The report of a run: one HTML file that opens anywhere, offline, and prints on A4.
//!
//! It has no script and loads nothing; a policy in the file forbids both. Light or dark follows the screen, paper
//! is white. Whatever comes from files or from people is escaped. The same result gives the same bytes.

mod active;
mod headline;
mod markup;
mod methods;
mod plates;
mod recording;
mod references;
mod sections;

pub use headline::sentence;

use std::fmt::Write;
use std::sync::Arc;

use crate::figure::{Figure, escaped};
use crate::pipeline::{Pipeline, beside_headline};
use crate::plate::Plate;
use crate::recording::StreamKind;
use crate::run::{BlockResult, ResultSet, Summary};

/// The look.
const STYLE: &str = include_str!("report/style.css");

/// Forbids scripts, and whatever would be loaded.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A part of the report with its place in the list of contents.
struct Section {
    /// Name of its anchor.
    id: String,
    /// Heading of the section.
    title: String,
    /// HTML below the heading.
    body: String,
}

impl Section {
    fn new(id: impl Into<String>, title: impl Into<String>, body: String) -> Self {
        Self { id: id.into(), title: title.into(), body }
    }
}

/// The report as the text of a file. `pipeline` tells how the spikes were found; the analyses are those of the results.
#[must_use]
pub fn html(summary: &Summary, results: &ResultSet, pipeline: &Pipeline) -> String {
    illustrated(summary, results, pipeline, (&[], StreamKind::default()))
}

/// The report with pictures of the whole recording, such as raster and map, and in the word for what its channels are.
#[must_use]
pub fn illustrated(
    summary: &Summary,
    results: &ResultSet,
    pipeline: &Pipeline,
    (pictures, kind): (&[Figure], StreamKind),
) -> String {
    let pipeline = pipeline.with_analyses_of(&results.pipeline);
    let mut all = vec![recording::section(summary, kind)];
    all.extend(sections::pictures(pictures));
    let plate = Plate::new(summary);
    all.extend(plates::wells(sections::wells(summary, kind), plate.as_ref(), (summary, results, kind)));
    let analysis = |block: &Arc<BlockResult>| plates::analysis(sections::analysis(block, kind), plate.as_ref(), block);
    all.extend(results.blocks.iter().map(analysis));
    all.push(sections::electrodes(summary, kind));
    all.extend(methods::sections(summary, results, &pipeline, kind));
    let name = escaped(&summary.recording.name);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"generator\" content=\"Neurocyte {}\"/>\n\
         <title>{name} – Neurocyte</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escaped(&summary.neurocyte_version)
    );
    page.push_str(&headline::top(summary, &name, kind));
    if let Some(beside) = beside_headline(&results.pipeline) {
        page.push_str(&markup::paragraph("soft", &beside));
    }
    page.push_str(&contents(&all));
    for Section { id, title, body } in &all {
        let (id, title) = (escaped(id), escaped(title));
        // Writing to a string does not fail.
        let _ = write!(page, "<section id=\"{id}\">\n<h2>{title}</h2>\n{body}</section>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Links to the sections.
fn contents(sections: &[Section]) -> String {
    let link = |of: &Section| format!("<li><a href=\"#{}\">{}</a></li>", escaped(&of.id), escaped(&of.title));
    let links: String = sections.iter().map(link).collect();
    format!("<nav aria-label=\"Contents\"><ol>{links}</ol></nav>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::SpikeTrains;
    use crate::figure::{Axis, Layer, svg};
    use crate::recording::{Fact, FrameSource, StreamInfo};
    use crate::run::{Cache, Measured, RecordingSummary, results};
    use crate::simulation::{Simulation, SimulationSpec};

    /// A result of a simulated culture; on a plate of two wells, where that is wished.
    fn result(name: &str, duration_s: f64, is_plate: bool, n_spikes: usize) -> (Summary, ResultSet) {
        let spec = SimulationSpec { n_channels: 16, sampling_frequency_hz: 20_000.0, duration_s, seed: 5 };
        let simulation = Simulation::new(spec);
        let mut info: StreamInfo = simulation.info().clone();
        if is_plate {
            info.wells = Some((0..16).map(|at| if at < 8 { "A1".to_owned() } else { "A2 <i>".to_owned() }).collect());
        }
        let mut spikes = simulation.true_spikes();
        spikes.truncate(n_spikes);
        let trains = SpikeTrains::new(&info, &spikes, None);
        let facts = [Fact { name: "Operator & co".into(), value: "\"A\" <b>".into() }];
        let recording = RecordingSummary::new(name, "simulation", &info, &facts, &["A <note> & more.".into()]);
        let noise_uv = vec![4.0; info.n_channels];
        let pipeline = Pipeline::default();
        let measured = Measured {
            trains: &trains,
            pipeline: &pipeline,
            noise_uv: &noise_uv,
            threshold: 5.0,
            dead: &[],
            spikes: &spikes,
        };
        let summary = Summary::new(recording, &measured);
        let results = results(&trains, 1, &pipeline, &mut Cache::default());
        (summary, results)
    }

    /// The report, which must be well-formed; strictly, as XML is.
    fn report((summary, results): &(Summary, ResultSet)) -> String {
        let text = html(summary, results, &summary.pipeline);
        let (doctype, rest) = text.split_once('\n').expect("lines");
        assert_eq!(doctype, "<!DOCTYPE html>");
        let document = roxmltree::Document::parse(rest).expect("well-formed");
        let named = |name: &str| document.descendants().filter(|node| node.tag_name().name() == name).count();
        assert_eq!((named("h1"), named("main"), named("script"), named("link"), named("img")), (1, 1, 0, 0, 0));
        for node in document.descendants() {
            let href = node.attribute("href").unwrap_or("#");
            assert!(href.starts_with('#') || href.starts_with("https://doi.org/10."), "{href}");
            assert!(node.attributes().all(|attribute| !attribute.name().starts_with("on")), "{node:?}");
            if let Some(anchor) = href.strip_prefix('#').filter(|anchor| !anchor.is_empty()) {
                assert!(document.descendants().any(|other| other.attribute("id") == Some(anchor)), "{anchor}");
            }
        }
        assert!(!text.contains("NaN") && !text.contains("url("), "absent numbers are absent, nothing is loaded");
        text
    }

    #[test]
    fn a_report_tells_the_culture_the_numbers_and_how_they_came_about() {
        let whole = result("culture.h5", 40.0, false, usize::MAX);
        let text = report(&whole);
        for part in [
            "<h1>culture.h5</h1>",
            "The culture is active",
            "of 16 electrodes",
            "Does an electrode fire in bursts?",
            "<svg role=\"img\"",
            "20 of ",
            "rows; all are in ",
            "https://doi.org/10.1523/JNEUROSCI.2767-14.2014",
            "Quiroga et al. 2004, <a href=\"https://doi.org/10.1162/089976604774201631\">",
            "Fingerprint",
            "Filter: To",
            "A &lt;note&gt; &amp; more.",
        ] {
            assert!(text.contains(part), "{part} is not in the report");
        }
        assert_eq!(text, report(&whole), "the same result, the same bytes");
        for block in &whole.1.blocks {
            assert!(text.contains(&format!("<section id=\"analysis-{}\">", block.id)), "{}", block.id);
        }
    }

    #[test]
    fn a_plate_a_short_recording_and_silence_have_reports() {
        let plate = report(&result("plate.spk", 40.0, true, usize::MAX));
        assert!(plate.contains("Of 2 wells, ") && plate.contains("wells.csv") && plate.contains("A2 &lt;i&gt;"));
        let short = report(&result("short", 10.0, false, usize::MAX));
        assert!(short.contains("too short: 10.0 s, at least 30 s are needed"));
        let silent = report(&result("silent", 40.0, false, 0));
        assert!(silent.contains("No spikes in 40 s of recording on 16 electrodes."));
        let quiet = report(&result("quiet", 40.0, false, 1));
        assert!(quiet.contains("The culture is quiet: 1 spike in 40 s"));
        let (mut noise, _) = result("noise", 40.0, false, usize::MAX);
        (noise.headline.active_electrodes, noise.headline.mean_rate_hz, noise.headline.n_bursts) = (1, Some(0.1), 0);
        let told = sentence(&noise, StreamKind::Electrodes);
        assert!(told.starts_with("Almost nothing fires: 1 of 16 electrodes is active, at 0.1 Hz"), "{told}");
        assert!(told.ends_with("crosses 5 x noise now and then, and can explain so few."), "{told}");
        let (plate, _) = result("quiet plate", 40.0, true, 1);
        assert!(sentence(&plate, StreamKind::Electrodes).starts_with("The plate is quiet: 1 spike in 40 s on 16 elec"));
        assert!(sentence(&plate, StreamKind::Units).contains("on 16 units, of which none is active."));
    }

    #[test]
    fn names_cannot_run() {
        let name = "<script>alert(1)</script>\" onload=\"x & 'y'";
        let (summary, mut results) = result(name, 40.0, false, 2000);
        for block in &mut results.blocks {
            let block = std::sync::Arc::make_mut(block);
            block.title = "<script>title</script>".into();
            block.definition = "<img src=x onerror=y> doi:10.1/<script>".into();
            block.absent = Some("</p><script>".into());
            for table in &mut block.tables {
                table.title = "<script>".into();
            }
        }
        let text = report(&(summary, results));
        assert!(!text.contains("<script") && !text.contains("<img"), "escaped everywhere");
        assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x &amp; 'y'"));
    }

    #[test]
    fn without_analyses_a_report_is_whole() {
        let (summary, mut results) = result("none", 40.0, false, usize::MAX);
        results.blocks.clear();
        results.pipeline.blocks.retain(|block| !block.is_analysis());
        let text = report(&(summary, results));
        for part in ["Methods", "Definitions", "Electrodes", "Fingerprint", "A network burst is where"] {
            assert!(text.contains(part), "{part} is not in the report");
        }
    }

    #[test]
    fn every_colour_of_a_figure_has_its_place_in_the_dark() {
        let figure = Figure {
            id: "all".into(),
            title: "All".into(),
            sentence: "All inks.".into(),
            x: Axis::linear("Time", "s", (0.0, 10.0)),
            y: Axis::linear("Rate", "Hz", (0.0, 10.0)),
            layers: vec![
                Layer::Spans { spans: vec![(1.0, 2.0)] },
                Layer::Bars { edges: vec![0.0, 1.0], heights: vec![5.0] },
                Layer::Line { points: vec![(0.0, 1.0), (10.0, 10.0)] },
                Layer::Series { name: "One".into(), number: 1, points: vec![(0.0, 2.0), (9.0, 3.0)] },
                Layer::Series { name: "Two".into(), number: 3, points: vec![(0.0, 4.0), (9.0, 5.0)] },
                Layer::Series { name: "Three".into(), number: 4, points: vec![(0.0, 6.0), (9.0, 7.0)] },
                Layer::Points { points: vec![(2.0, 2.0)] },
                Layer::Ticks { points: vec![(2.0, 2.5)] },
                Layer::Map { points: vec![(1.0, 1.0)], values: vec![None], range: (0.0, 1.0) },
                Layer::Edges { edges: vec![((1.0, 1.0), (2.0, 2.0), 0.5)] },
                Layer::Limit { at: 3.0 },
            ],
        };
        let picture = svg(&figure, (400.0, 200.0), None);
        for attribute in ["fill", "stroke"] {
            let mark = format!(" {attribute}=\"");
            let values = picture.split(mark.as_str()).skip(1).filter_map(|rest| rest.split('"').next());
            let colours: Vec<&str> = values.filter(|value| value.starts_with('#')).collect();
            assert!(colours.len() > 3, "{attribute}: {colours:?}");
            for colour in colours {
                assert!(
                    STYLE.contains(&format!("[{attribute}=\"{colour}\"]")),
                    "{attribute} {colour} is not in the style"
                );
            }
        }
    }

    #[test]
    fn pictures_are_shown_and_units_are_called_units() {
        let (summary, results) = result("sorted", 40.0, false, usize::MAX);
        let raster = Figure {
            id: "raster".into(),
            title: "Spikes <b>".into(),
            sentence: "Many spikes.".into(),
            x: Axis::linear("Time", "s", (0.0, 40.0)),
            y: Axis::linear("Unit", "", (0.0, 16.0)),
            layers: vec![Layer::Ticks { points: (0..30_000).map(|at| (f64::from(at) / 1000.0, 0.5)).collect() }],
        };
        let (pictures, pipeline) = ([raster], &summary.pipeline);
        let text = illustrated(&summary, &results, pipeline, (&pictures, StreamKind::Units));
        assert!(text.contains("Spikes &lt;b&gt;") && text.contains("One mark of 3 is drawn here."));
        assert!(text.contains("of 16 units") && text.contains("<h2>Units</h2>"));
        assert!(html(&summary, &results, pipeline).contains("<h2>Electrodes</h2>"));
    }
}
