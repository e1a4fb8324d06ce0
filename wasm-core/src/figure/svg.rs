//! A figure as SVG: text stays text, and nothing in it runs.

use std::fmt::Write;

use super::{Figure, Ink, Surface, draw, viridis};

/// The picture as text of a file, `width` by `height` pixels, on white. `pipeline` is the JSON of the
/// pipeline that it comes from, which the file then carries as its metadata.
#[must_use]
pub fn svg(figure: &Figure, (width, height): (f64, f64), pipeline: Option<&str>) -> String {
    let mut page = Page { text: String::new() };
    draw(figure, (width, height), &mut page);
    let (title, sentence) = (escaped(&figure.title), escaped(&figure.sentence));
    let told = pipeline.map_or_else(String::new, |json| format!("<metadata>{}</metadata>\n", escaped(json)));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"11\">\n\
         <title>{title}</title>\n<desc>{sentence}</desc>\n{told}\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
        page.text
    )
}

struct Page {
    text: String,
}

/// Colours of curves, which differ in lightness too: those of marks, of a second recording, of what matters, and of
/// two further curves.
const SERIES: [&str; 5] = ["#2a6fdb", "#b0538a", "#d9480f", "#0f7a5a", "#8a6a00"];

fn colour(ink: Ink) -> String {
    match ink {
        Ink::Text => "#1c2733".into(),
        Ink::Soft => "#566472".into(),
        Ink::Grid => "#e3e8ee".into(),
        Ink::Mark => "#2a6fdb".into(),
        Ink::Accent => "#d9480f".into(),
        Ink::Series(number) => SERIES[usize::from(number) % SERIES.len()].into(),
        Ink::Value(value) => {
            let [red, green, blue] = viridis(value).map(f64::round);
            format!("rgb({red},{green},{blue})")
        }
    }
}

/// What stands for itself between tags and in attributes.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // Neither control characters nor these two are XML.
            letter if letter.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&letter) => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

// Writing to a string does not fail.
impl Surface for Page {
    fn line(&mut self, points: &[(f64, f64)], ink: Ink, width: f64) {
        let places: Vec<String> = points.iter().map(|(x, y)| format!("{x:.2},{y:.2}")).collect();
        let (places, colour) = (places.join(" "), colour(ink));
        let _ = writeln!(
            self.text,
            "<polyline points=\"{places}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
        );
    }

    fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), ink: Ink, opacity: f64) {
        let colour = colour(ink);
        let _ = write!(
            self.text,
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{colour}\""
        );
        if opacity < 1.0 {
            let _ = write!(self.text, " opacity=\"{opacity}\"");
        }
        self.text.push_str("/>\n");
    }

    fn disc(&mut self, (x, y): (f64, f64), radius: f64, ink: Ink) {
        let colour = colour(ink);
        let _ = writeln!(self.text, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius}\" fill=\"{colour}\"/>");
    }

    fn text(&mut self, text: &str, (x, y): (f64, f64), anchor: &'static str, ink: Ink) {
        let (text, colour) = (escaped(text), colour(ink));
        let _ = writeln!(
            self.text,
            "<text x=\"{x:.2}\" y=\"{:.2}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>",
            // The middle line of lower-case text lies so far above its base.
            y + 3.8
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Layer};
    use super::*;

    #[test]
    fn every_kind_of_mark_is_xml() {
        let figure = Figure {
            id: "all".into(),
            title: "A <b> & \"c\"\u{ffff}".into(),
            sentence: "All of them.".into(),
            x: Axis::linear("Time", "s", (0.0, 10.0)),
            y: Axis::log("Interval", "ms", (1.0, 100.0)),
            layers: vec![
                Layer::Spans { spans: vec![(1.0, 2.0), (9.0, 99.0)] },
                Layer::Bars { edges: vec![0.0, 1.0, 2.0], heights: vec![5.0, 50.0] },
                Layer::Line { points: vec![(0.0, 1.0), (10.0, 100.0)] },
                Layer::Series { name: "a < b".into(), number: 1, points: vec![(0.0, 1.0), (10.0, 100.0)] },
                Layer::Points { points: vec![(5.0, f64::NAN), (f64::INFINITY, 2.0)] },
                Layer::Limit { at: 3.0 },
                Layer::Ticks { points: vec![(1.0, 5.0), (f64::NAN, 1.0)] },
                Layer::Map { points: vec![(1.0, 5.0), (2.0, 6.0)], values: vec![Some(1.0), None], range: (0.0, 2.0) },
                Layer::Edges { edges: vec![((1.0, 5.0), (2.0, 6.0), 0.5)] },
                Layer::Matrix {
                    values: ndarray::arr2(&[[0.0, 1.0], [f64::NAN, 0.5]]),
                    range: (0.0, 1.0),
                    names: Vec::new(),
                    value: String::new(),
                },
            ],
        };
        let pipeline = r#"{"version":2,"note":"a < b & c"}"#;
        let text = svg(&figure, (400.0, 200.0), Some(pipeline));
        let document = roxmltree::Document::parse(&text).expect("XML");
        let told = document.descendants().find(|node| node.has_tag_name("metadata")).expect("metadata");
        assert_eq!(told.text(), Some(pipeline));
        assert!(!svg(&figure, (400.0, 200.0), None).contains("metadata"));
        let named = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!(named("circle"), 2, "points without a place are not drawn");
        assert!(text.contains("<title>A &lt;b&gt; &amp; &quot;c&quot; </title>"), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        assert!(document.root_element().attribute("viewBox") == Some("0 0 400 200"));
    }
}
