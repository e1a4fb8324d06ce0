//! A pipeline as a paragraph for a paper.

use super::Pipeline;
use crate::analyses;

/// What was done to so many electrodes, in the words of a methods section; stored spikes come from
/// an empty pipeline. How spikes become numbers is told in the words of the definitions.
#[must_use]
pub fn methods(pipeline: &Pipeline, n_channels: usize, version: &str) -> String {
    let mut sentences = spikes(pipeline, n_channels);
    sentences.extend([analyses::sentences(), format!("Analysed with Neurocyte {version}.")]);
    sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Where the spikes come from; some of the sentences are empty.
fn spikes(pipeline: &Pipeline, n_channels: usize) -> Vec<String> {
    if pipeline.blocks.is_empty() {
        return vec!["Spikes were taken as stored in the file.".into()];
    }
    vec![
        left_out(pipeline),
        format!("Signals were {}{}{}.", filter(pipeline), notch(pipeline), reference(pipeline, n_channels)),
        format!("The noise of each electrode was estimated by {}.", noise(pipeline)),
        detection(pipeline),
        coincidence(pipeline),
    ]
}

/// A parameter's value as text.
fn text(pipeline: &Pipeline, kind: &str, param: &str) -> String {
    let value = pipeline.value(kind, param).unwrap_or_default();
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn left_out(pipeline: &Pipeline) -> String {
    match pipeline.left_out().as_slice() {
        [] => String::new(),
        [id] => format!("Electrode {id} was left out."),
        ids => format!("Electrodes {} were left out.", ids.join(", ")),
    }
}

fn filter(pipeline: &Pipeline) -> String {
    let of = |param: &str| text(pipeline, "filter", param);
    let design = if of("ftype") == "fir" {
        format!("linear phase under a Hamming window, edges {} Hz wide", of("transition_hz"))
    } else {
        let how = if of("direction") == "forward" { "forward only" } else { "forward and backward" };
        format!("Butterworth of order {}, {how}", of("filter_order"))
    };
    let (low, high) = (of("freq_min_hz"), of("freq_max_hz"));
    match of("btype").as_str() {
        "bandpass" => format!("band-pass filtered ({low}–{high} Hz, {design})"),
        "highpass" => format!("high-pass filtered ({low} Hz, {design})"),
        "lowpass" => format!("low-pass filtered ({high} Hz, {design})"),
        _ => "used unfiltered".into(),
    }
}

fn notch(pipeline: &Pipeline) -> String {
    if pipeline.block("notch_filter").is_none() {
        return String::new();
    }
    let of = |param: &str| text(pipeline, "notch_filter", param);
    let multiples = match of("n_harmonics").as_str() {
        "1" => String::new(),
        n => format!(" and its multiples up to {n} times that"),
    };
    format!(", freed of {} Hz{multiples} (notch of quality {})", of("freq_hz"), of("q"))
}

fn reference(pipeline: &Pipeline, n_channels: usize) -> String {
    if n_channels < 2 {
        // A signal minus itself is nothing.
        return String::new();
    }
    let of = |param: &str| text(pipeline, "common_reference", param);
    let whose = match of("reference").as_str() {
        "group" => "all electrodes of the well".to_owned(),
        "local" => format!("the electrodes {} to {} µm away", of("local_radius_min_um"), of("local_radius_max_um")),
        _ => "all electrodes".into(),
    };
    match of("operator").as_str() {
        "none" => String::new(),
        operator => format!(" and referenced to the {operator} of {whose}"),
    }
}

fn noise(pipeline: &Pipeline) -> &'static str {
    match text(pipeline, "noise_levels", "method").as_str() {
        "rms" => "the root mean square",
        "sd_start" => "the standard deviation of the first 500 ms",
        _ => "the median absolute deviation divided by 0.6745 (Quiroga et al. 2004)",
    }
}

fn detection(pipeline: &Pipeline) -> String {
    let of = |param: &str| text(pipeline, "detect_peaks", param);
    let sign = match of("peak_sign").as_str() {
        "pos" => "positive",
        "both" => "negative and positive",
        _ => "negative",
    };
    let nearby = if of("method") == "locally_exclusive" {
        format!(" and within {} µm", of("radius_um"))
    } else {
        String::new()
    };
    let each = if of("peak_sign") == "both" { ", each sign by itself" } else { "" };
    format!(
        "Spikes were {sign} peaks beyond {} times the noise, the largest within {} ms before and after{nearby}{each}.",
        of("detect_threshold"),
        of("exclude_sweep_ms"),
    )
}

fn coincidence(pipeline: &Pipeline) -> String {
    if pipeline.block("coincident_events").is_none() {
        return String::new();
    }
    let of = |param: &str| text(pipeline, "coincident_events", param);
    format!(
        "Events on at least {} electrodes of a well within {} µs were dropped as artefacts.",
        of("min_electrodes"),
        of("window_us")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_has_its_words() {
        let alone = methods(&Pipeline::default(), 1, "1.0");
        assert!(!alone.contains("referenced"), "{alone}");
        let plain = spikes(&Pipeline::default(), 60);
        let plain: Vec<String> = plain.into_iter().filter(|sentence| !sentence.is_empty()).collect();
        assert_eq!(
            plain.join(" "),
            "Signals were band-pass filtered (300–3000 Hz, Butterworth of order 5, forward and backward) and \
             referenced to the median of all electrodes. The noise of each electrode was estimated by the median \
             absolute deviation divided by 0.6745 (Quiroga et al. 2004). Spikes were negative peaks beyond 5 times \
             the noise, the largest within 1 ms before and after."
        );
        let mut pipeline = Pipeline::default();
        pipeline.set("bad_channels", "channel_ids", vec!["A1", "B2"].into());
        pipeline.set("notch_filter", "freq_hz", 60.into());
        pipeline.set("filter", "direction", "forward".into());
        pipeline.set("common_reference", "reference", "group".into());
        pipeline.set("noise_levels", "method", "sd_start".into());
        pipeline.set("detect_peaks", "method", "locally_exclusive".into());
        pipeline.add("coincident_events");
        let words = methods(&pipeline, 60, "1.0");
        for part in [
            "Electrodes A1, B2 were left out.",
            "forward only), freed of 60 Hz (notch of quality 30) and referenced to the median of all electrodes of the well.",
            "standard deviation of the first 500 ms",
            "before and after and within 50 µm.",
            "at least 4 electrodes of a well within 160 µs",
        ] {
            assert!(words.contains(part), "{part} is not in: {words}");
        }
        pipeline.set("filter", "ftype", "fir".into());
        assert!(
            methods(&pipeline, 60, "1.0")
                .contains("(300–3000 Hz, linear phase under a Hamming window, edges 100 Hz wide)")
        );
        let stored = methods(&Pipeline { version: 1, blocks: Vec::new() }, 60, "1.0");
        assert!(stored.starts_with("Spikes were taken as stored in the file. An electrode is active"), "{stored}");
        for part in
            ["within 100 ms", "A network burst is", "copies of the recording", "doi:10.1523/JNEUROSCI.2767-14.2014"]
        {
            assert!(stored.contains(part), "{part} is not in: {stored}");
        }
        assert!(stored.ends_with("). Analysed with Neurocyte 1.0."), "{stored}");
    }
}
