//! The methods of a result: parameters, definitions, publications to cite, and the receipt.

use super::Section;
use super::markup::{facts, linked, list, paragraph};
use super::references::references;
use crate::figure::escaped;
use crate::pipeline::{Pipeline, methods, parameters};
use crate::recording::StreamKind;
use crate::run::{Definition, ResultSet, Summary, definitions, fingerprint};

/// Numbers that only wells have.
const OF_WELLS: [&str; 3] = ["n_electrodes", "network_burst_participation", "network_burst_duration_s"];

/// Methods, definitions and receipt.
pub fn sections(summary: &Summary, results: &ResultSet, pipeline: &Pipeline, kind: StreamKind) -> [Section; 3] {
    let told: Vec<Definition> = definitions()
        .into_iter()
        .filter(|definition| !summary.wells.is_empty() || !OF_WELLS.contains(&definition.id))
        .collect();
    let words = methods(pipeline, summary.channels.len(), &summary.neurocyte_version);
    let words: Vec<String> = words.iter().map(|words| paragraph("methods", &kind.worded(words))).collect();
    let mut body = words.concat();
    let values = parameters(pipeline);
    if !values.is_empty() {
        body.push_str("<h3>Parameters</h3>\n");
        body.push_str(&facts("facts small", &values));
    }
    body.push_str("<h3>References</h3>\n");
    body.push_str(&list("references", &references(pipeline, &told)));
    [
        Section::new("methods", "Methods", body),
        Section::new("definitions", "Definitions", kind.worded(&glossary(&told))),
        Section::new("receipt", "Citation and receipt", receipt(summary, results, pipeline)),
    ]
}

/// The meaning of each number.
fn glossary(told: &[Definition]) -> String {
    let network_burst =
        told.iter().find(|known| known.id == "n_network_bursts").map_or("", |known| known.text.as_str());
    let entry = |definition: &Definition| {
        // What a network burst is need not be told twice.
        let text = match definition.id {
            "n_network_bursts" => definition.text.as_str(),
            _ => definition.text.strip_prefix(network_burst).unwrap_or(&definition.text).trim_start(),
        };
        let unit = if definition.unit.is_empty() {
            String::new()
        } else {
            format!(" <small>{}</small>", escaped(definition.unit))
        };
        let source =
            if definition.source.is_empty() { String::new() } else { format!(" ({})", linked(definition.source)) };
        format!("<div><dt>{}{unit}</dt><dd>{}{source}</dd></div>\n", escaped(definition.name), linked(text))
    };
    format!("<dl class=\"glossary\">\n{}</dl>\n", told.iter().map(entry).collect::<String>())
}

/// The program, its version and its sources, for citation.
fn receipt(summary: &Summary, results: &ResultSet, pipeline: &Pipeline) -> String {
    let version = &summary.neurocyte_version;
    let print = fingerprint(summary, results);
    let mut body = paragraph(
        "cite",
        &format!(
            "Neurocyte {version}: analysis of recordings with microelectrode arrays (MIT licence). Result {}. Please cite \
             the works under References too: the methods are theirs.",
            &print[..8.min(print.len())]
        ),
    );
    let mut rows = vec![
        ("Program".to_owned(), format!("Neurocyte {version}")),
        ("Fingerprint".into(), print),
        ("summary.json".into(), format!("version {}", summary.version)),
        ("results.json".into(), format!("version {}", results.version)),
        ("Pipeline".into(), format!("version {}, {} blocks", pipeline.version, pipeline.blocks.len())),
    ];
    if results.neurocyte_version != *version {
        rows.push(("Analyses by".into(), format!("Neurocyte {}", results.neurocyte_version)));
    }
    let known = results.blocks.iter().filter(|block| !block.key.is_empty());
    rows.extend(known.map(|block| (block.id.clone(), format!("{} {}, {}", block.kind, block.version, block.key))));
    body.push_str(&facts("facts small receipt", &rows));
    body.push_str(&paragraph(
        "soft",
        "The same recording, pipeline and versions give the same fingerprint on every machine. It finds a mix-up; it is \
         no seal.",
    ));
    let json = serde_json::to_string_pretty(pipeline).unwrap_or_default();
    let lines: Vec<String> = json.lines().map(escaped).collect();
    body.push_str(&format!(
        "<details><summary>The pipeline as a file, to be used again</summary>\n<pre>{}</pre></details>\n",
        lines.join("\n")
    ));
    body
}
