//! Differences of two pipelines, in words.

use serde_json::Value;

use crate::blocks::{Control, ParamSpec, Values};
use crate::decimals::grouped;
use crate::pipeline::{Block, Pipeline, applying, in_words, title};

/// The differences of two pipelines, parameter by parameter: `Filter, band: 300 to 3,000 Hz becomes
/// 200 to 3,000 Hz`. Blocks are matched by their id, then by their kind; the analyses of a chain are those that it
/// has by default. Values that are not read beside others are left out.
#[must_use]
pub fn differences(a: &Pipeline, b: &Pipeline) -> Vec<String> {
    let (a, b) = (a.with_analyses(), b.with_analyses());
    let mut left: Vec<&Block> = a.blocks.iter().collect();
    let mut told = Vec::new();
    for block in &b.blocks {
        match partner(block, &left, &b) {
            Some(at) => told.extend(changes(left.remove(at), block)),
            None => told.push(added(block)),
        }
    }
    told.extend(left.into_iter().map(|block| format!("Left out: {}", title(block))));
    told
}

/// The block that was there before: the one of the same id, or another of its kind whose id is gone.
fn partner(of: &Block, left: &[&Block], b: &Pipeline) -> Option<usize> {
    let is_gone = |id: &str| b.blocks.iter().all(|block| block.id != id);
    let same = left.iter().position(|block| block.kind == of.kind && block.id == of.id);
    same.or_else(|| left.iter().position(|block| block.kind == of.kind && is_gone(&block.id)))
}

/// A block that was not there, with its values.
fn added(block: &Block) -> String {
    let Some(spec) = block.spec() else { return format!("Added: {}", block.id) };
    let values = block.values();
    let value = |param: &'static ParamSpec| format!("{} {}", lower(param.label), in_words(param, &values.json(param)));
    let values: Vec<String> = applying(spec, values).into_iter().map(value).collect();
    if values.is_empty() {
        format!("Added: {}", title(block))
    } else {
        format!("Added: {} ({})", title(block), values.join(", "))
    }
}

/// The values of a block that are others.
fn changes(before: &Block, after: &Block) -> Vec<String> {
    let Some(spec) = after.spec() else { return of_unknown(before, after) };
    let (old, new) = (before.values(), after.values());
    let known: Vec<&str> = applying(spec, old).iter().map(|param| param.name).collect();
    let title = title(after);
    let mut told = Vec::new();
    let mut params = applying(spec, new).into_iter().peekable();
    while let Some(param) = params.next() {
        let is_known = |param: &ParamSpec| known.contains(&param.name);
        if let Some(upper) = params.next_if(|&upper| is_known(param) && is_known(upper) && is_span(param, upper)) {
            let span = |values: Values<'_>| {
                format!("{} to {}", grouped(values.number(param)), in_words(upper, &values.json(upper)))
            };
            if !is_same(&old.json(param), &new.json(param)) || !is_same(&old.json(upper), &new.json(upper)) {
                told.push(format!("{title}, {}: {} becomes {}", span_name(param), span(old), span(new)));
            }
            continue;
        }
        let (was, is) = (old.json(param), new.json(param));
        let (label, is_in_words) = (lower(param.label), in_words(param, &is));
        if !is_known(param) {
            told.push(format!("{title}, {label}: now {is_in_words}"));
        } else if !is_same(&was, &is) {
            told.push(format!("{title}, {label}: {} becomes {is_in_words}", in_words(param, &was)));
        }
    }
    told
}

/// The values of a block of a later version, by their names in the file.
fn of_unknown(before: &Block, after: &Block) -> Vec<String> {
    let is_other = |&(name, value): &(&String, &Value)| before.params.get(name) != Some(value);
    let told = |(name, value): (&String, &Value)| match before.params.get(name) {
        Some(was) => format!("{}, {name}: {was} becomes {value}", after.id),
        None => format!("{}, {name}: now {value}", after.id),
    };
    after.params.iter().filter(is_other).map(told).collect()
}

/// Whether two parameters are the ends of one span.
fn is_span(lower: &ParamSpec, upper: &ParamSpec) -> bool {
    lower.label == "From" && upper.label == "To"
}

/// The name of a span.
fn span_name(lower: &ParamSpec) -> &'static str {
    match &lower.control {
        Control::Number { unit: "Hz", .. } => "band",
        _ => "distance",
    }
}

/// Whether two values are one: 5 and 5.0 are.
fn is_same(was: &Value, is: &Value) -> bool {
    match (was.as_f64(), is.as_f64()) {
        (Some(was), Some(is)) => was == is,
        _ => was == is,
    }
}

/// A label within a sentence; a name in capitals keeps them.
fn lower(label: &str) -> String {
    let mut letters = label.chars();
    let Some(first) = letters.next() else { return String::new() };
    let is_word = letters.clone().next().is_none_or(char::is_lowercase);
    if is_word { first.to_lowercase().chain(letters).collect() } else { label.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::{PRESETS, apply, preset};

    #[test]
    fn equal_pipelines_have_none() {
        let chain = Pipeline::default();
        assert!(differences(&chain, &chain).is_empty());
        assert!(differences(&chain, &chain.with_analyses()).is_empty(), "a chain has its analyses by default");
        for preset in PRESETS {
            let set = apply(preset, chain.clone());
            assert!(differences(&set, &set).is_empty(), "{}", preset.id);
        }
        let mut same = chain.clone();
        same.set("detect_peaks", "detect_threshold", Value::from(5.0));
        // Means nothing beside a Butterworth filter.
        same.set("filter", "transition_hz", 200.into());
        assert!(differences(&chain, &same).is_empty());
    }

    #[test]
    fn what_a_preset_changes_is_told_with_labels_and_units() {
        let axion = apply(preset("axion").expect("known"), Pipeline::default());
        let told = differences(&Pipeline::default(), &axion);
        for line in [
            "Filter, band: 300 to 3,000 Hz becomes 200 to 3,000 Hz",
            "Reference, of: All electrodes becomes Each well",
            "Noise, measure: Median absolute deviation becomes Root mean square",
            "Detection, threshold: 5 x noise becomes 6 x noise",
            "Added: Coincident events (at least 4 electrodes, within 160 µs)",
            "Network bursts, and at least: 25 % of active becomes 35 % of active",
        ] {
            assert!(told.iter().any(|known| known == line), "{line} is not in {told:#?}");
        }
        let back = differences(&axion, &Pipeline::default());
        assert_eq!(back.len(), told.len(), "{back:#?}");
        assert!(back.contains(&"Left out: Coincident events".to_owned()), "{back:#?}");
    }

    #[test]
    fn blocks_that_come_go_and_are_renamed() {
        let before = Pipeline::default().with_analyses();
        let mut after = before.clone();
        after.add_analysis("sttc");
        after.set_analysis("sttc_2", "dt_ms", 10.into());
        after.remove_analysis("intervals");
        let told = differences(&before, &after);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[0].starts_with("Added: ") && told[0].contains("(sttc_2) (within 10 ms"), "{told:#?}");
        assert_eq!(told[1], "Left out: Intervals");
        // Another id is no change, nor is a value that comes to count told as a change.
        let mut renamed = before.clone();
        for block in renamed.blocks.iter_mut().filter(|block| block.id == "sttc") {
            block.id = "pairs".into();
        }
        assert!(differences(&before, &renamed).is_empty());
        let mut nearby = before.clone();
        nearby.set("detect_peaks", "method", "locally_exclusive".into());
        let expected = ["Detection, peaks on: Each electrode becomes Largest nearby", "Detection, within: now 50 µm"];
        assert_eq!(differences(&before, &nearby), expected);
    }
}
